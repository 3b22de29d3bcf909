"""Mode S frames (Beast) and BaseStation lines (SBS) to claims: each position, with what else the aircraft said lately.

A receiver's clock is not used: Beast counts ticks from nowhere, SBS does not say its zone; a message holds for the
time it was received. Positions of Mode S need a second message: one even and one odd within `PAIR_S` give a first
position, after which each message alone gives one near the last. What would have moved faster than any aircraft is
refused, and the aircraft starts anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import cos, hypot, nan, radians, sin

from luchtwacht.codecs.adsb import decode_sbs, split_beast
from luchtwacht.codecs.adsb.cpr import global_position, local_position
from luchtwacht.codecs.adsb.mode_s import (
    AirbornePosition,
    EmergencyStatus,
    Identification,
    OperationalStatus,
    Squitter,
    SurfacePosition,
    Velocity,
    decode_squitter,
)
from luchtwacht.codecs.adsb.sbs import SbsMessage
from luchtwacht.errors import BadMessage
from luchtwacht.ingest.adsb import CATEGORIES, DISTRESS_SQUAWKS, GVA_BOUND_M, NAC_P_BOUND_M
from luchtwacht.ingest.claimed import INTERVAL_95, RADIUS_95, receiver_of
from luchtwacht.ingest.stated import Refusals, Stated, to_claims, undeclared
from luchtwacht.model import ClaimKind, Claims, Format, Frames, Reason, Rejection, Sensor, Site
from luchtwacht.model.state import copied
from luchtwacht.units import FOOT, FOOT_PER_MINUTE, KNOT, NAUTICAL_MILE, SECOND_NS, seconds_to_ns

PAIR_S = 10.0
"""an even and an odd message belong together (DO-260B 2.2.10.3.1)"""
NEAR_S = 60.0
"""a position this old still says where the next is near; an aircraft not heard for longer is forgotten"""
KNOWN_FOR_S = 10.0
"""a velocity holds for this long: it is sent twice a second"""
FASTEST_M_S = 700.0
"""no aircraft is faster"""
SLACK_M = 2_000.0
"""that two positions may be apart at once: their accuracy, and the time a message waited"""
FARTHEST_M = 800_000.0
"""no receiver on the ground hears an aircraft from farther away; its declared range counts where that is less"""
_METRES_PER_DEGREE = 111_195.0
_NUC_BOUND_M = {
    5: 3.0, 6: 10.0, 7: 0.05 * NAUTICAL_MILE,
    9: 3.0, 10: 10.0, 11: 0.05 * NAUTICAL_MILE, 12: 0.1 * NAUTICAL_MILE, 13: 0.25 * NAUTICAL_MILE,
    14: 0.5 * NAUTICAL_MILE, 15: NAUTICAL_MILE, 16: 5.0 * NAUTICAL_MILE, 17: 10.0 * NAUTICAL_MILE,
    20: 3.0, 21: 10.0,
}  # fmt: skip
"""95 % bound (m) by type code, for those who do not send their NACp: DO-260 table 2-11"""


@dataclass(slots=True)
class _Aircraft:
    """What one address said lately."""

    heard_ns: int = 0
    callsign: str = ""
    category: str = ""
    emergency: int = -1
    velocity: tuple[int, float, float, float] | None = None
    """when, east, north, up (m/s)"""
    above_pressure_m: tuple[int, float] | None = None
    """when, and geometric height less pressure altitude"""
    nac_p: int = -1
    gva: int = -1
    halves: dict[bool, tuple[int, tuple[int, int]]] = field(default_factory=dict)
    """by odd: when, and the bits"""
    place: tuple[int, float, float] | None = None
    """when, latitude, longitude (degrees)"""


class SquitterIngest:
    """One source of Beast frames or BaseStation lines."""

    def __init__(self, site: Site, source: int) -> None:
        """Args:
        source: index into `Site.sources`.
        """
        self._source, self._index, self._frame = site.sources[source], source, site.frame
        self._receiver = receiver_of(site, source)
        self._aircraft: dict[str, _Aircraft] = {}
        """by address, `~` before one that is none of ICAO's; the one heard longest ago first"""

    def state(self) -> dict[str, _Aircraft]:
        """What each aircraft said lately."""
        return copied(self._aircraft)

    def restore(self, state: dict[str, _Aircraft]) -> None:
        """Go on from what `state` gave."""
        self._aircraft = copied(state)

    def receive(self, frames: Frames) -> tuple[Claims, tuple[Rejection, ...]]:
        """Claims and refusals, both in order of frame and record, from `frames`, which all come from this source."""
        refusals = Refusals(frames, self._index)
        stated: list[Stated] = []
        take = self._take_beast if self._source.format == Format.BEAST else self._take_sbs
        receiver = self._receiver
        for row, payload in enumerate(frames.payloads()):
            if receiver is None:
                refusals.add(row, -1, Reason.UNDECLARED_SENSOR, "sensor", undeclared(self._source))
                continue
            stated += take(payload, row, int(frames.received_ns[row]), receiver.sensor, refusals)
        if receiver is None:
            return Claims.empty(), refusals.all()
        return to_claims(stated, frames, self._frame, receiver.index, ClaimKind.ADS_B), refusals.all()

    # ------------------------------------------------------------------ Beast

    def _take_beast(self, payload: bytes, row: int, now_ns: int, sensor: Sensor, refusals: Refusals) -> list[Stated]:
        found, rest, lost = split_beast(payload)
        made = []
        for record, frame in enumerate(found):
            try:
                squitter = decode_squitter(frame.octets)
            except BadMessage as error:
                refusals.add(row, record, Reason.MALFORMED, error.where, error.what)
                continue
            if squitter is not None:
                stated = self._take_squitter(squitter, row, record, now_ns, sensor, refusals)
                made += [stated] if stated else []
        if rest:
            refusals.add(row, len(found), Reason.TRUNCATED, "frame", f"ends after {len(rest)} octets of a frame")
        if lost:
            refusals.add(row, len(found), Reason.UNKNOWN_FORMAT, "frame", f"{lost} octets belong to no frame of Beast")
        return made

    def _take_squitter(
        self, squitter: Squitter, row: int, record: int, now_ns: int, sensor: Sensor, refusals: Refusals
    ) -> Stated | None:
        aircraft = self._hear(squitter.address, squitter.icao, now_ns)
        match squitter.content:
            case Identification() as said:
                aircraft.callsign, aircraft.category = said.callsign, said.category
            case Velocity() as said:
                if said.east_kt is not None and said.north_kt is not None:
                    up = nan if said.rate_ft_min is None else said.rate_ft_min * FOOT_PER_MINUTE
                    aircraft.velocity = now_ns, said.east_kt * KNOT, said.north_kt * KNOT, up
                if said.above_pressure_ft is not None:
                    aircraft.above_pressure_m = now_ns, said.above_pressure_ft * FOOT
            case EmergencyStatus() as said:
                aircraft.emergency = int(said.emergency not in (0, 2) or said.squawk in DISTRESS_SQUAWKS)
            case OperationalStatus() as said:
                aircraft.nac_p = -1 if said.nac_p is None else said.nac_p
                aircraft.gva = -1 if said.gva is None else said.gva
            case AirbornePosition() | SurfacePosition() as said:
                place = self._place(aircraft, said, now_ns, sensor)
                if place is None:
                    return None
                if not self._plausible(aircraft, place, now_ns, sensor):
                    aircraft.halves, aircraft.place = {}, None
                    refusals.add(
                        row,
                        record,
                        Reason.IMPLAUSIBLE,
                        "position",
                        f"{squitter.address} at {place[0]:.4f}, {place[1]:.4f}: too far from where it was, or from the "
                        "receiver",
                    )
                    return None
                aircraft.place = now_ns, *place
                return self._state(squitter, aircraft, said, row, record, now_ns, sensor)
        return None

    def _place(
        self, aircraft: _Aircraft, said: AirbornePosition | SurfacePosition, now_ns: int, sensor: Sensor
    ) -> tuple[float, float] | None:
        """Where it is; none as long as that needs another message."""
        if isinstance(said, SurfacePosition):  # always near the receiver: a transponder on the ground is not heard far
            near = (sensor.place.latitude, sensor.place.longitude)
            return local_position(said.bits, odd=said.odd, near=near, surface=True)
        aircraft.halves[said.odd] = now_ns, said.bits
        if aircraft.place is not None and now_ns - aircraft.place[0] <= seconds_to_ns(NEAR_S):
            return local_position(said.bits, odd=said.odd, near=aircraft.place[1:], surface=False)
        other = aircraft.halves.get(not said.odd)
        if other is None or now_ns - other[0] > seconds_to_ns(PAIR_S):
            return None
        even, odd = (other[1], said.bits) if said.odd else (said.bits, other[1])
        return global_position(even, odd, newest_odd=said.odd)

    def _plausible(self, aircraft: _Aircraft, place: tuple[float, float], now_ns: int, sensor: Sensor) -> bool:
        home = (sensor.place.latitude, sensor.place.longitude)
        if _apart_m(place, home) > min(sensor.range_max_m, FARTHEST_M):
            return False
        before = aircraft.place
        if before is None:
            return True
        since_s = (now_ns - before[0]) / SECOND_NS
        return since_s > NEAR_S or _apart_m(place, before[1:]) <= SLACK_M + FASTEST_M_S * since_s

    def _state(
        self,
        squitter: Squitter,
        aircraft: _Aircraft,
        said: AirbornePosition | SurfacePosition,
        row: int,
        record: int,
        now_ns: int,
        sensor: Sensor,
    ) -> Stated:
        height = pressure = nan
        if isinstance(said, AirbornePosition) and said.altitude_ft is not None:
            if said.geometric:
                height = said.altitude_ft * FOOT
            else:
                pressure = said.altitude_ft * FOOT
                above = aircraft.above_pressure_m
                if above is not None and now_ns - above[0] <= seconds_to_ns(KNOWN_FOR_S):
                    height = pressure + above[1]
        emergency = aircraft.emergency
        if isinstance(said, AirbornePosition) and said.urgent:
            emergency = 1
        velocity = aircraft.velocity
        moving = velocity is not None and now_ns - velocity[0] <= seconds_to_ns(KNOWN_FOR_S)
        east, north, up = velocity[1:] if velocity is not None and moving else (nan, nan, nan)
        assert aircraft.place is not None
        return Stated(
            row=row,
            record=record,
            time_ns=now_ns,
            aircraft_id=f"{'icao' if squitter.icao else 'non-icao'}:{squitter.address}",
            latitude_deg=aircraft.place[1],
            longitude_deg=aircraft.place[2],
            height_m=height,
            pressure_altitude_m=pressure,
            horizontal_sigma_m=_horizontal_sigma(aircraft.nac_p, said.type_code, squitter.relayed, sensor),
            vertical_sigma_m=_vertical_sigma(aircraft.gva, squitter.relayed, sensor),
            east_m_s=east,
            north_m_s=north,
            up_m_s=up,
            callsign=aircraft.callsign,
            category=CATEGORIES.get(aircraft.category, -1),
            emergency=emergency,
        )

    def _hear(self, address: str, icao: bool, now_ns: int) -> _Aircraft:
        """What is known of an address; those not heard for long are forgotten."""
        key = address if icao else f"~{address}"
        aircraft = self._aircraft.pop(key, None)
        if aircraft is None or now_ns - aircraft.heard_ns > seconds_to_ns(NEAR_S):
            aircraft = _Aircraft()
        aircraft.heard_ns = now_ns
        self._aircraft[key] = aircraft
        oldest = next(iter(self._aircraft))
        while now_ns - self._aircraft[oldest].heard_ns > seconds_to_ns(NEAR_S):
            del self._aircraft[oldest]
            oldest = next(iter(self._aircraft))
        return aircraft

    # ------------------------------------------------------------------ BaseStation

    def _take_sbs(self, payload: bytes, row: int, now_ns: int, sensor: Sensor, refusals: Refusals) -> list[Stated]:
        made = []
        for record, line in enumerate(payload.splitlines()):
            try:
                message = decode_sbs(line)
            except BadMessage as error:
                refusals.add(row, record, Reason.MALFORMED, error.where, error.what)
                continue
            if message is None:
                continue
            stated = self._take_line(message, row, record, now_ns, sensor, refusals)
            made += [stated] if stated else []
        return made

    def _take_line(
        self, said: SbsMessage, row: int, record: int, now_ns: int, sensor: Sensor, refusals: Refusals
    ) -> Stated | None:
        aircraft = self._hear(said.address, True, now_ns)
        aircraft.callsign = said.callsign or aircraft.callsign
        if said.emergency is not None or said.squawk:
            aircraft.emergency = int(bool(said.emergency) or said.squawk in DISTRESS_SQUAWKS)
        if said.ground_speed_kt is not None and said.track_deg is not None:
            track, speed = radians(said.track_deg), said.ground_speed_kt * KNOT
            up = nan if said.vertical_rate_ft_min is None else said.vertical_rate_ft_min * FOOT_PER_MINUTE
            aircraft.velocity = now_ns, speed * sin(track), speed * cos(track), up
        if said.latitude_deg is None or said.longitude_deg is None:
            return None
        place = said.latitude_deg, said.longitude_deg
        if not self._plausible(aircraft, place, now_ns, sensor):
            aircraft.place = None
            refusals.add(
                row,
                record,
                Reason.IMPLAUSIBLE,
                "position",
                f"{said.address} at {place[0]:.4f}, {place[1]:.4f}: too far from where it was, or from the receiver",
            )
            return None
        aircraft.place = now_ns, *place
        velocity = aircraft.velocity
        moving = velocity is not None and now_ns - velocity[0] <= seconds_to_ns(KNOWN_FOR_S)
        east, north, up = velocity[1:] if velocity is not None and moving else (nan, nan, nan)
        return Stated(
            row=row,
            record=record,
            time_ns=now_ns,
            aircraft_id=f"icao:{said.address}",
            latitude_deg=place[0],
            longitude_deg=place[1],
            pressure_altitude_m=nan if said.altitude_ft is None or said.on_ground else said.altitude_ft * FOOT,
            horizontal_sigma_m=sensor.position_sigma_m,
            vertical_sigma_m=sensor.height_sigma_m,
            east_m_s=east,
            north_m_s=north,
            up_m_s=up,
            callsign=aircraft.callsign,
            emergency=aircraft.emergency,
        )


def _apart_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """About how far two places are apart; good enough to tell the impossible."""
    east = ((one[1] - other[1] + 180.0) % 360.0 - 180.0) * cos(radians((one[0] + other[0]) / 2.0))
    return hypot(one[0] - other[0], east) * _METRES_PER_DEGREE


def _horizontal_sigma(nac_p: int, type_code: int, relayed: bool, sensor: Sensor) -> float:
    """m, of each axis: from NACp, else from the type code, else as declared; a ground station's word for it is not
    taken.
    """
    if relayed:
        return sensor.position_sigma_m
    if 0 < nac_p < len(NAC_P_BOUND_M):
        return float(NAC_P_BOUND_M[nac_p]) / RADIUS_95
    return _NUC_BOUND_M[type_code] / RADIUS_95 if type_code in _NUC_BOUND_M and nac_p < 0 else sensor.position_sigma_m


def _vertical_sigma(gva: int, relayed: bool, sensor: Sensor) -> float:
    if not relayed and 0 < gva < len(GVA_BOUND_M):
        return float(GVA_BOUND_M[gva]) / INTERVAL_95
    return sensor.height_sigma_m
