"""`aircraft.json` to claims: each position once.

A document repeats every aircraft until it has not been heard for a minute, so most of it is old news. A state becomes
a claim when its position was not given yet for that address: another place, or the same place heard at another time.
Times in the document are rounded to a tenth of a second, so the same position seems to move by as much. Documents that
come out of order tell what they would have told in order, as long as they are no more than `LATE_S` late.

Positions from multilateration and TIS-B are kept: they are what the receiver knows of crewed traffic, though the
aircraft did not state them itself. Their accuracy is not in the message, so the receiver's declaration counts.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from luchtwacht.codecs.adsb import AircraftStates, decode_readsb
from luchtwacht.ingest.claimed import (
    INTERVAL_95,
    RADIUS_95,
    position_covariance,
    receiver_of,
    to_site,
    velocity_in_site,
)
from luchtwacht.model import (
    Category,
    ClaimKind,
    Claims,
    Floats,
    Frames,
    Ints,
    Reason,
    Rejection,
    Sensor,
    Site,
    report_ids,
)
from luchtwacht.units import DEGREE, FOOT, FOOT_PER_MINUTE, KNOT, NAUTICAL_MILE, SECOND_NS, seconds_to_ns

ROUNDING_S = 0.25
"""a position is no other than one of the same place less than this apart: two roundings to a tenth, and some"""
LATE_S = 15.0
"""what was given is remembered for so long; an older position is news no more"""
FORGET_AFTER_S = 300.0
"""an address not heard for this long is forgotten; a document holds a position for a minute at most"""

_ROUNDING_NS = seconds_to_ns(ROUNDING_S)
_LATE_NS = seconds_to_ns(LATE_S)
_FORGET_AFTER_NS = seconds_to_ns(FORGET_AFTER_S)

Given = tuple[int, float, float]
"""time (ns UTC) and latitude and longitude of a position"""

NAC_P_BOUND_M = np.array(
    [np.nan, *(miles * NAUTICAL_MILE for miles in (10.0, 4.0, 2.0, 1.0, 0.5, 0.3, 0.1, 0.05)), 30.0, 10.0, 3.0]
)
"""95 % horizontal bound (EPU) by NACp, 0 to 11: DO-260B table 2-71"""
GVA_BOUND_M = np.array([np.nan, 150.0, 45.0])
"""95 % vertical bound by GVA, 0 to 2: DO-260B table 2-72"""

_CREWED = ("A1", "A2", "A3", "A4", "A5", "A6", "A7", "B1", "B2", "B4")
"""light to heavy aeroplanes, high performance, rotorcraft, gliders, lighter than air, ultralights"""
_OTHER = ("B3", "B7", "C1", "C2", "C3", "C4", "C5")
"""parachutists, space vehicles, surface vehicles, obstacles"""
CATEGORIES = (
    dict.fromkeys(_CREWED, Category.CREWED_AIRCRAFT)
    | dict.fromkeys(_OTHER, Category.OTHER)
    | {"B6": Category.FIXED_WING_DRONE}
)
"""by emitter category (DO-260B 2.2.3.2.5.2); B6 says only "unmanned", and those with a transponder are large"""

_DISTRESS = ("general", "minfuel", "nordo", "unlawful", "downed")
_NO_DISTRESS = ("none", "lifeguard")
DISTRESS_SQUAWKS = ("7500", "7600", "7700")


class ReadsbIngest:
    """One source of `aircraft.json` documents."""

    def __init__(self, site: Site, source: int) -> None:
        """Args:
        source: index into `Site.sources`.
        """
        self._source, self._frame = site.sources[source], site.frame
        self._receiver = receiver_of(site, source)
        self._tolerance_ns = seconds_to_ns(self._source.clock_tolerance_s)
        self._given: dict[str, list[Given]] = {}
        """by address, the one given longest ago first: positions given of late, in order of time"""

    def state(self) -> dict[str, list[Given]]:
        """By address, the positions given of late."""
        return {key: list(given) for key, given in self._given.items()}

    def restore(self, state: dict[str, list[Given]]) -> None:
        """Go on from what `state` gave."""
        self._given = {key: list(given) for key, given in state.items()}

    def receive(self, frames: Frames) -> tuple[Claims, tuple[Rejection, ...]]:
        """Claims and refusals, both in order of frame and record, from `frames`, which all come from this source."""
        decoded = decode_readsb(frames)
        states, rejections = decoded.states, list(decoded.rejections)
        if self._receiver is None:
            detail = f"declare one sensor with source = {self._source.id!r}; aircraft.json does not name its receiver"
            rejections += _whole_frames(frames, states, Reason.UNDECLARED_SENSOR, "sensor", lambda _: detail)
            claims = Claims.empty()
        else:
            states, refused = self._check_clock(frames, states)
            rejections += refused
            position_ns = self._position_times(frames, states)
            rows = np.array(self._newer(states, position_ns), dtype=np.int64)
            claims = self._claims(
                frames, states.take(rows), position_ns[rows], self._receiver.index, self._receiver.sensor
            )
        rejections.sort(key=lambda each: (each.frame, each.record))
        return claims, tuple(rejections)

    def _check_clock(self, frames: Frames, states: AircraftStates) -> tuple[AircraftStates, list[Rejection]]:
        """Refuse whole documents that were written too far from the time at which they came."""
        if self._source.use_receive_time:
            return states, []
        off_ns = states.now_ns - frames.received_ns[states.frame]
        wrong = np.abs(off_ns) > self._tolerance_ns
        if not wrong.any():
            return states, []
        refused = states.take(wrong)
        off_by_frame = dict(zip(refused.frame.tolist(), off_ns[wrong].tolist(), strict=True))

        def say(frame: int) -> str:
            return (
                f"its clock is {off_by_frame[frame] / SECOND_NS:+.1f} s from the time of receipt, more than the "
                f"{self._source.clock_tolerance_s:g} s that source {self._source.id} allows"
            )

        return states.take(~wrong), _whole_frames(frames, refused, Reason.CLOCK, "now", say)

    def _position_times(self, frames: Frames, states: AircraftStates) -> Ints:
        """(n,) ns UTC for which each position holds."""
        written_ns = frames.received_ns[states.frame] if self._source.use_receive_time else states.now_ns
        return np.asarray(written_ns - np.rint(states.position_age_s * SECOND_NS).astype(np.int64))

    def _newer(self, states: AircraftStates, position_ns: Ints) -> list[int]:
        """Rows whose position has not been given yet; rows without a position are never news."""
        news = []
        for row, (address, icao, time_ns, latitude, longitude) in enumerate(
            zip(
                states.address.tolist(),
                states.icao.tolist(),
                position_ns.tolist(),
                states.latitude_deg.tolist(),
                states.longitude_deg.tolist(),
                strict=True,
            )
        ):
            if latitude != latitude or longitude != longitude:
                continue
            key = address if icao else f"~{address}"
            given = self._given.get(key, [])
            if given and time_ns <= given[-1][0] - _LATE_NS:
                continue
            here = [each[0] for each in given if each[1:] == (latitude, longitude)]
            if any(abs(time_ns - given_ns) < _ROUNDING_NS for given_ns in here):
                continue
            kept = sorted([*given, (time_ns, latitude, longitude)])
            self._given.pop(key, None)
            self._given[key] = [each for each in kept if each[0] > kept[-1][0] - _LATE_NS]
            news.append(row)
            oldest = next(iter(self._given))
            while time_ns - self._given[oldest][-1][0] > _FORGET_AFTER_NS:
                del self._given[oldest]
                oldest = next(iter(self._given))
        return news

    def _claims(self, frames: Frames, states: AircraftStates, position_ns: Ints, index: int, sensor: Sensor) -> Claims:
        if not len(states):
            return Claims.empty()
        height = states.geometric_altitude_ft * FOOT
        pressure_altitude = states.pressure_altitude_ft * FOOT
        position, axes = to_site(self._frame, states.latitude_deg, states.longitude_deg, height, pressure_altitude)
        track = states.track_deg * DEGREE
        speed = states.ground_speed_kt * KNOT
        rate = np.where(
            np.isnan(states.geometric_rate_ft_min), states.pressure_rate_ft_min, states.geometric_rate_ft_min
        )
        prefix = np.where(states.icao, "icao:", "non-icao:")
        return Claims.unknown(
            len(states),
            id=report_ids(frames.sequence[states.frame], states.record),
            time_ns=position_ns,
            received_ns=frames.received_ns[states.frame],
            sensor=index,
            kind=ClaimKind.ADS_B,
            aircraft_id=np.char.add(prefix, states.address),
            callsign=states.flight,
            position=position,
            position_covariance=position_covariance(
                axes, _horizontal_sigma(states, sensor), _vertical_sigma(states, sensor), position[:, 2]
            ),
            velocity=velocity_in_site(axes, speed * np.sin(track), speed * np.cos(track), rate * FOOT_PER_MINUTE),
            pressure_altitude=pressure_altitude,
            category=[CATEGORIES.get(each, -1) for each in states.category.tolist()],
            emergency=_emergency(states),
        )


def _horizontal_sigma(states: AircraftStates, sensor: Sensor) -> Floats:
    """(n,) m, of each axis: from NACp where the aircraft itself stated the position, else as declared."""
    stated = (states.nac_p > 0) & (states.nac_p < len(NAC_P_BOUND_M)) & ~states.multilaterated & ~states.relayed
    bound = NAC_P_BOUND_M[np.where(stated, states.nac_p, 0)]
    return np.where(stated, bound / RADIUS_95, sensor.position_sigma_m)


def _vertical_sigma(states: AircraftStates, sensor: Sensor) -> Floats:
    """(n,) m: from GVA, else as declared."""
    stated = (states.gva > 0) & (states.gva < len(GVA_BOUND_M)) & ~states.multilaterated & ~states.relayed
    bound = GVA_BOUND_M[np.where(stated, states.gva, 0)]
    return np.where(stated, bound / INTERVAL_95, sensor.height_sigma_m)


def _emergency(states: AircraftStates) -> Ints:
    """(n,) 1 in distress by status or squawk, 0 when it says that it is not, -1 when it does not say."""
    calm = np.isin(states.emergency, _NO_DISTRESS)
    distress = np.isin(states.emergency, _DISTRESS) | np.isin(states.squawk, DISTRESS_SQUAWKS)
    return np.where(distress, 1, np.where(calm, 0, -1))


def _whole_frames(
    frames: Frames, states: AircraftStates, reason: Reason, item: str, say: Callable[[int], str]
) -> list[Rejection]:
    """One refusal for each frame that holds any of `states`."""
    rows, counts = np.unique(states.frame, return_counts=True)
    return [
        Rejection(
            frame=int(frames.sequence[row]),
            record=-1,
            source=int(frames.source[row]),
            reason=reason,
            item=item,
            detail=say(row),
            count=count,
        )
        for row, count in zip(rows.tolist(), counts.tolist(), strict=True)
    ]
