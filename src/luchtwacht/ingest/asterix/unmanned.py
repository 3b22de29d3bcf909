"""What unmanned aircraft say through a service that passes it on (CAT129), as claims by telemetry.

An aircraft is known by its serial number (I129/040). Its height is the one above mean sea level (I129/090), else the
one above the ground (I129/100) over the ground that the site declares. The accuracy (I129/110) has no stated
confidence; it is taken for the standard deviation of each horizontal axis, the most careful reading.
"""

from __future__ import annotations

import numpy as np

from luchtwacht.ingest.asterix.covariances import or_declared
from luchtwacht.ingest.asterix.reading import Reading
from luchtwacht.ingest.claimed import position_covariance, to_site, velocity_in_site
from luchtwacht.model import ClaimKind, Reason


def read_cat129(reading: Reading) -> None:
    """Reports with a serial number and a position."""
    sensors, times = reading.receiving(), reading.times(reading["070"])
    ours = sensors >= 0
    serial = np.char.strip(reading["040"])
    reading.refuse(
        ours & (serial == ""), Reason.UNSUPPORTED, "040", "a report without a serial number says nobody's place"
    )
    placed = np.isfinite(reading["080/LAT"]) & np.isfinite(reading["080/LON"])
    reading.refuse(ours & (serial != "") & ~placed, Reason.UNSUPPORTED, "080", "a report without a position")
    rows = np.flatnonzero(ours & (serial != "") & placed)
    if not len(rows):
        return
    site = reading.site
    latitude, longitude = reading["080/LAT"][rows], reading["080/LON"][rows]
    above_sea = reading["090"][rows] + site.sea_level(latitude, longitude)
    above_ground = reading["100"][rows] + site.ground_level(latitude, longitude)
    height = np.where(np.isfinite(above_sea), above_sea, above_ground)
    place, axes = to_site(site.frame, latitude, longitude, height)
    horizontal = or_declared(reading["110"][rows], reading.declared(sensors[rows], lambda each: each.position_sigma_m))
    vertical = reading.declared(sensors[rows], lambda each: each.height_sigma_m)
    reading.claim(
        rows,
        sensors,
        times,
        kind=ClaimKind.TELEMETRY,
        aircraft_id=np.char.add("uas:", serial[rows]),
        position=place,
        position_covariance=position_covariance(axes, horizontal, vertical, place[:, 2]),
        velocity=velocity_in_site(axes, reading["185/VX"][rows], reading["185/VY"][rows], reading["220"][rows]),
    )
