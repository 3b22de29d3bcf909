"""Zones, schedules, and what they mean for each track.

`Airspace` is the stage. Zones are cut into slabs of height (`slab.py`), looked up by an index over those in force
(`register.py`, `schedule.py`), and a track's uncertainty is laid over them (`gaussian.py`, `forecast.py`). Published
data sets are read by `ed269.py`, `ed318.py` and `geojson.py`.
"""

from luchtwacht.airspace.ed269 import decode_ed269
from luchtwacht.airspace.ed318 import decode_ed318
from luchtwacht.airspace.findings import Airspace, AirspaceState
from luchtwacht.airspace.geojson import decode_geojson, decode_zones
from luchtwacht.airspace.published import Problem

__all__ = ["Airspace", "AirspaceState", "Problem", "decode_ed269", "decode_ed318", "decode_geojson", "decode_zones"]
