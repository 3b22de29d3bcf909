"""Zones, schedules, and what they mean for each track.

`Airspace` is the stage. Zones are cut into slabs of height (`slab.py`), looked up by an index over those in force
(`register.py`, `schedule.py`), and a track's uncertainty is laid over them (`gaussian.py`, `forecast.py`). Published
data sets are read by `ed269.py`, `ed318.py` and `geojson.py`.
"""

from luchtwacht.airspace.findings import Airspace

__all__ = ["Airspace"]
