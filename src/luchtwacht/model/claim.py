"""Claims: what aircraft say of themselves. Claims can lie."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from luchtwacht.model.batch import Batch, Bytes, Floats, Ints, Words, column


class ClaimKind(IntEnum):
    """The way a claim came."""

    REMOTE_ID = 0
    """broadcast or network Remote ID (ASTM F3411-22a)"""
    ADS_B = 1
    """ADS-B or a receiver's state of it (ED-102A / DO-260B)"""
    TELEMETRY = 2
    """own fleet, U-space, MAVLink"""


@dataclass(frozen=True, kw_only=True, eq=False)
class Claims(Batch):
    """One claimed state a row."""

    id: Ints = column("i8")
    """(n,) `report_ids(frame, record)`: names the byte it came from"""
    time_ns: Ints = column("i8")
    """(n,) ns UTC for which it holds, by its own statement or, without one, when it was received"""
    received_ns: Ints = column("i8")
    """(n,) ns UTC at which its frame was received"""
    sensor: Ints = column("i8")
    """(n,) index into `Site.sensors`: the receiver"""
    kind: Bytes = column("i1")
    """(n,) `ClaimKind`"""
    aircraft_id: Words = column("U40")
    """(n,) scheme and value of what it says it is: `icao:484C61`, `uas:1588E040445AC004418` (ANSI/CTA-2063-A serial or
    registration as sent), `session:...`, or `mac:...` where a transmitter gave no id yet"""
    transmitter: Words = column("U40")
    """(n,) address of the transmitter, `mac:...`; "" where the way has none"""
    callsign: Words = column("U16")
    """(n,) flight identification"""
    operator_id: Words = column("U24")
    """(n,) operator registration as claimed"""
    position: Floats = column("f8", 3)
    """(n, 3) east, north, up (m), site's frame; up is NaN where no usable height was claimed"""
    position_covariance: Floats = column("f8", 3, 3)
    """(n, 3, 3) m2, from the claimed accuracy class or the receiver's declaration"""
    velocity: Floats = column("f8", 3)
    """(n, 3) east, north, up (m/s), site's frame; NaN where not claimed"""
    pressure_altitude: Floats = column("f8")
    """(n,) m in the standard atmosphere (1013.25 hPa): never mixed with geometric heights; NaN where not claimed"""
    pilot_position: Floats = column("f8", 3)
    """(n, 3) east, north, up (m), site's frame, of the pilot or take-off place as claimed; NaN where not claimed"""
    category: Bytes = column("i1")
    """(n,) `Category` as claimed; -1 where not claimed"""
    emergency: Bytes = column("i1")
    """(n,) 1 declares an emergency, 0 none, -1 not said"""
