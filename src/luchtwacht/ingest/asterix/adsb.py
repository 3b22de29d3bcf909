"""What aircraft say through an ADS-B ground station (CAT021), as claims.

Geometric heights (I021/140, above the ellipsoid) and pressure altitudes (I021/145) stay apart. Accuracies come from
the quality indicators NACp and GVA, which reports of version 1 and 2 carry (I021/090, I021/210); others have the
receiver's declaration, and so have all of editions before 1.0, whose items are other ones under the same numbers.
"""

from __future__ import annotations

import numpy as np

from luchtwacht.ingest.adsb import GVA_BOUND_M, NAC_P_BOUND_M
from luchtwacht.ingest.asterix.covariances import or_declared
from luchtwacht.ingest.asterix.reading import Reading
from luchtwacht.ingest.claimed import INTERVAL_95, RADIUS_95, position_covariance, to_site, velocity_in_site
from luchtwacht.model import Category, ClaimKind, Floats, Ints, Reason
from luchtwacht.units import DEGREE, FLIGHT_LEVEL, FOOT, FOOT_PER_MINUTE, NAUTICAL_MILE

_ANONYMOUS, _EARLY_ANONYMOUS = (3, 4, 5, 6, 7), (0, 3, 4, 5, 6, 7)
"""I021/040 ATP: an address that is no 24-bit ICAO address; before edition 1.0, 0 is one that is not unique"""
_CATEGORIES = (
    dict.fromkeys((1, 2, 3, 4, 5, 6, 10, 11, 12, 15), Category.CREWED_AIRCRAFT)
    | dict.fromkeys((14, 16, 20, 21, 22, 23, 24), Category.OTHER)
    | {13: Category.FIXED_WING_DRONE}
)
"""I021/020; 13 says only "unmanned", and those with a transponder are large"""
_DISTRESS = (1, 3, 4, 5, 6)
_NO_DISTRESS = (0, 2)
"""I021/200 PS; 2 is a medical flight"""
_DISTRESS_CODES = (0o7500, 0o7600, 0o7700)
_HIGHEST = 32_767 * 6.25 * FOOT
"""I021/140: this or more"""


def read_cat021(reading: Reading) -> None:
    """Reports with an address and a position."""
    sensors, times = reading.receiving(), reading.times(reading.records.time_of_day)
    ours = sensors >= 0
    ours &= ~reading.refuse_unreal(ours, "040", "SIM", "TST", "RAB")
    latitude, longitude = _finest(reading, "LAT"), _finest(reading, "LON")
    whole = (reading["080"] >= 0) & np.isfinite(latitude) & np.isfinite(longitude)
    reading.refuse(ours & ~whole, Reason.UNSUPPORTED, "130", "a report without an address or a position")
    rows = np.flatnonzero(ours & whole)
    if not len(rows):
        return
    height = reading["140"][rows] * FOOT
    height[height >= _HIGHEST] = np.nan
    pressure_altitude = reading["145"][rows] * FLIGHT_LEVEL
    place, axes = to_site(reading.site.frame, latitude[rows], longitude[rows], height, pressure_altitude)
    speed = _in_range(reading, "160", "GS")[rows] * NAUTICAL_MILE
    track = reading["160/TA"][rows] * DEGREE
    horizontal, vertical = _sigmas(reading, rows, sensors)
    reading.claim(
        rows,
        sensors,
        times,
        kind=ClaimKind.ADS_B,
        aircraft_id=_addresses(reading, rows),
        callsign=reading["170"][rows],
        position=place,
        position_covariance=position_covariance(axes, horizontal, vertical, place[:, 2]),
        velocity=velocity_in_site(axes, speed * np.sin(track), speed * np.cos(track), _climb(reading)[rows]),
        pressure_altitude=pressure_altitude,
        category=[_CATEGORIES.get(each, -1) for each in reading["020"][rows].tolist()],
        emergency=_emergency(reading)[rows],
    )


def _is_early(reading: Reading) -> bool:
    """Whether the records are of an edition before 1.0."""
    return "I021/030" in reading.records


def _finest(reading: Reading, name: str) -> Floats:
    """(n,) degrees: the fine position where there is one."""
    if _is_early(reading):
        return np.asarray(reading[f"130/{name}"])
    fine = np.isfinite(reading["131/LAT"]) & np.isfinite(reading["131/LON"])
    return np.asarray(np.where(fine, reading[f"131/{name}"], reading[f"130/{name}"]))


def _addresses(reading: Reading, rows: Ints) -> list[str]:
    """`icao:484C61`; an address that the sender calls anonymous is nobody's."""
    anonymous = _EARLY_ANONYMOUS if _is_early(reading) else _ANONYMOUS
    kinds, addresses = reading["040/ATP"][rows].tolist(), reading["080"][rows].tolist()
    return [
        f"{'non-icao' if kind in anonymous else 'icao'}:{address:06X}"
        for kind, address in zip(kinds, addresses, strict=True)
    ]


def _climb(reading: Reading) -> Floats:
    """(n,) m/s up: by geometry, else by pressure; NaN where the true value is beyond what can be written."""
    geometric, pressure = _in_range(reading, "157", "GVR"), _in_range(reading, "155", "BVR")
    return np.where(np.isfinite(geometric), geometric, pressure) * FOOT_PER_MINUTE


def _in_range(reading: Reading, item: str, name: str) -> Floats:
    """(n,) a value, NaN where the true one is beyond what can be written; early editions have no mark for that."""
    if _is_early(reading):
        alone = f"I021/{item}" in reading.records
        return np.asarray(reading[item if alone else f"{item}/{name}"])
    return np.where(reading[f"{item}/RE"] == 1, np.nan, reading[f"{item}/{name}"])


def _sigmas(reading: Reading, rows: Ints, sensors: Ints) -> tuple[Floats, Floats]:
    """(m,) m, of each horizontal axis and of height: from NACp and GVA, which bound 95 %, else as declared."""
    nac_p = gva = np.zeros(len(rows), dtype=np.int64)
    if not _is_early(reading):
        versed = reading["210/VN"][rows] >= 1
        nac_p, gva = (np.where(versed, reading[name][rows], 0) for name in ("090/NACP", "090/GVA"))
    horizontal = NAC_P_BOUND_M[np.where((nac_p > 0) & (nac_p < len(NAC_P_BOUND_M)), nac_p, 0)] / RADIUS_95
    vertical = GVA_BOUND_M[np.where((gva > 0) & (gva < len(GVA_BOUND_M)), gva, 0)] / INTERVAL_95
    return (
        or_declared(horizontal, reading.declared(sensors[rows], lambda each: each.position_sigma_m)),
        or_declared(vertical, reading.declared(sensors[rows], lambda each: each.height_sigma_m)),
    )


def _emergency(reading: Reading) -> Ints:
    """(n,) 1 in distress by status or Mode A code, 0 when it says that it is not, -1 when it does not say."""
    status = reading["200" if _is_early(reading) else "200/PS"]
    distress = np.isin(status, _DISTRESS)
    if "I021/070/MODE3A" in reading.records:
        distress |= np.isin(reading["070/MODE3A"], _DISTRESS_CODES)
    return np.where(distress, 1, np.where(np.isin(status, _NO_DISTRESS), 0, -1))
