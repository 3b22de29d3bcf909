"""Bearings and positions of what transmits, from radio direction finders (CAT205)."""

from __future__ import annotations

import numpy as np

from luchtwacht.ingest.asterix.covariances import or_declared
from luchtwacht.ingest.asterix.plots import polar_sigmas
from luchtwacht.ingest.asterix.reading import Reading
from luchtwacht.ingest.tables import diagonal_covariance
from luchtwacht.model import Geometry, Reason
from luchtwacht.units import DEGREE

_POSITION_REPORTS = (1, 3)
_EMISSION_ENDED = 4
"""I205/000"""


def read_cat205(reading: Reading) -> None:
    """Bearings, and positions at the height of the ground; the end of an emission is a sign of life."""
    sensors, times = reading.measuring(), reading.times(reading["030"])
    ours, kind, bearing = sensors >= 0, reading["000"], reading["070"] * DEGREE
    place = np.column_stack([reading["050/LAT"], reading["050/LON"]]) * DEGREE
    located = np.isin(kind, _POSITION_REPORTS) & np.isfinite(place).all(axis=1)
    ended = kind == _EMISSION_ENDED
    directed = ~located & ~ended & np.isfinite(bearing)
    reading.refuse(
        ours & ~(located | directed | ended),
        Reason.UNSUPPORTED,
        "000",
        "a report without a bearing (I205/070) or a position (I205/050)",
    )
    reading.alive(ours & ended, sensors, times)

    rows = np.flatnonzero(ours & directed)
    z = np.full((len(rows), 4), np.nan)
    z[:, 1] = np.mod(bearing[rows], 2.0 * np.pi)
    R = diagonal_covariance(z, polar_sigmas(reading, sensors[rows]))
    named = {"geometry": int(Geometry.POLAR), "sensor_track": reading["160"][rows], "filtered": False}
    reading.detect(rows, sensors, times, z=z, R=R, **named)

    rows = np.flatnonzero(ours & located)
    height = reading.site.ground_level(*(place[rows] / DEGREE).T)
    z = np.full((len(rows), 4), np.nan)
    z[:, :2] = reading.site.frame.to_enu(np.column_stack([place[rows], height]))[:, :2]
    sigma = or_declared(reading["110"][rows], reading.declared(sensors[rows], lambda each: each.position_sigma_m))
    R = diagonal_covariance(z, np.repeat(sigma[:, None], 4, axis=1))
    named = {"geometry": int(Geometry.POSITION), "sensor_track": reading["160"][rows], "filtered": False}
    reading.detect(rows, sensors, times, z=z, R=R, **named)
