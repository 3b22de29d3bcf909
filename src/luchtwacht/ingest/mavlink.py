"""MAVLink telemetry of the own fleet to claims: each GLOBAL_POSITION_INT, with the ids and the accuracy sent beside it.

A position's time is counted from when the autopilot started; SYSTEM_TIME says when that was. Until it came, a position
holds for the time it was received. Who only sends OPEN_DRONE_ID messages gives claims by its LOCATION. A simulator or
a test, as HEARTBEAT says, is kept out of the live picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, nan, radians, sin

from luchtwacht.codecs.mavlink import (
    BasicId,
    GlobalPosition,
    GpsRaw,
    Heartbeat,
    Location,
    OperatorId,
    SystemInfo,
    SystemTime,
    decode_mavlink,
    split_mavlink,
)
from luchtwacht.codecs.mavlink.messages import NOBODY, Message
from luchtwacht.codecs.remote_id import HORIZONTAL_ACCURACY_M, VERTICAL_ACCURACY_M
from luchtwacht.errors import BadMessage
from luchtwacht.ingest.claimed import INTERVAL_95, RADIUS_95, receiver_of
from luchtwacht.ingest.remote_id import aircraft_id_of, category_of
from luchtwacht.ingest.stated import Refusals, Stated, clock_fault, to_claims, undeclared
from luchtwacht.model import Category, ClaimKind, Claims, Frames, Reason, Rejection, Sensor, Site
from luchtwacht.model.state import copied
from luchtwacht.units import SECOND_NS, seconds_to_ns

FORGET_AFTER_S = 300.0
KNOWN_FOR_S = 10.0
"""an accuracy holds for this long; positions of its own silence an aircraft's LOCATION for this long"""
_FIXED_WING, _QUADROTOR, _HELICOPTER, _HEXAROTOR, _OCTOROTOR, _TRICOPTER = 1, 2, 4, 13, 14, 15
_KINDS = dict.fromkeys(
    (_QUADROTOR, _HELICOPTER, _HEXAROTOR, _OCTOROTOR, _TRICOPTER), Category.MULTIROTOR
) | dict.fromkeys((_FIXED_WING, *range(19, 26)), Category.FIXED_WING_DRONE)
"""MAV_TYPE; 19 to 25 take off vertically and have wings"""
_EMERGENCY = 6
_FIX_3D = 3
_SERIAL, _REGISTRATION, _UTM, _SESSION = 1, 2, 3, 4


@dataclass(slots=True)
class _Aircraft:
    """What one system said lately."""

    heard_ns: int = 0
    kind: int = -1
    simulated: bool = False
    emergency: int = -1
    booted_ns: int | None = None
    """ns UTC at which its clock was zero"""
    accuracy: tuple[int, float, float] | None = None
    """when, horizontal and vertical (m); NaN unknown"""
    position_ns: int = -1
    """when it last sent a position of its own"""
    aircraft_id: str = ""
    category: int = -1
    operator_id: str = ""
    pilot: tuple[float, float, float] = (nan, nan, nan)


class MavlinkIngest:
    """One source of MAVLink packets."""

    def __init__(self, site: Site, source: int) -> None:
        """Args:
        source: index into `Site.sources`.
        """
        self._source, self._index, self._site = site.sources[source], source, site
        self._receiver = receiver_of(site, source)
        self._aircraft: dict[str, _Aircraft] = {}
        """by system, or by whom a Remote ID message is about; the one heard longest ago first"""

    def state(self) -> dict[str, _Aircraft]:
        """What each system said lately."""
        return copied(self._aircraft)

    def restore(self, state: dict[str, _Aircraft]) -> None:
        """Go on from what `state` gave."""
        self._aircraft = copied(state)

    def receive(self, frames: Frames) -> tuple[Claims, tuple[Rejection, ...]]:
        """Claims and refusals, both in order of frame and record, from `frames`, which all come from this source."""
        refusals = Refusals(frames, self._index)
        stated: list[Stated] = []
        for row, payload in enumerate(frames.payloads()):
            packets, rest, lost, damaged = split_mavlink(payload)
            for record, packet in enumerate(packets):
                if self._receiver is None:
                    refusals.add(row, -1, Reason.UNDECLARED_SENSOR, "sensor", undeclared(self._source))
                    break
                try:
                    message = decode_mavlink(packet)
                except BadMessage as error:
                    refusals.add(row, record, Reason.IMPLAUSIBLE, error.where, error.what)
                    continue
                if message is not None:
                    received_ns = int(frames.received_ns[row])
                    sensor = self._receiver.sensor
                    made = self._take(message, packet.system, row, record, received_ns, sensor, refusals)
                    stated += [made] if made else []
            if rest:
                refusals.add(
                    row, len(packets), Reason.TRUNCATED, "packet", f"ends after {len(rest)} octets of a packet"
                )
            if damaged:
                refusals.add(row, len(packets), Reason.MALFORMED, "CRC", f"{damaged} packets whose check does not hold")
            elif lost:
                refusals.add(row, len(packets), Reason.UNKNOWN_FORMAT, "packet", f"{lost} octets belong to no packet")
        if self._receiver is None:
            return Claims.empty(), refusals.all()
        return to_claims(stated, frames, self._site.frame, self._receiver.index, ClaimKind.TELEMETRY), refusals.all()

    def _take(
        self, said: Message, system: int, row: int, record: int, now_ns: int, sensor: Sensor, refusals: Refusals
    ) -> Stated | None:
        about = getattr(said, "about", NOBODY)
        name = f"mavlink:{system}" if about == NOBODY else f"mavlink:{system}/{about.rstrip(bytes(1)).hex()}"[:40]
        aircraft = self._hear(name, now_ns)
        match said:
            case Heartbeat():
                aircraft.simulated = said.simulated
                aircraft.emergency = int(said.status == _EMERGENCY)
                aircraft.kind = said.kind
            case SystemTime():
                if said.unix_us:
                    aircraft.booted_ns = said.unix_us * 1_000 - said.boot_ms * 1_000_000
            case GpsRaw():
                aircraft.accuracy = now_ns, said.horizontal_accuracy_m or nan, said.vertical_accuracy_m or nan
            case BasicId():
                aircraft.category = category_of(min(said.ua_type, 15))
                aircraft.aircraft_id = _uas_id(said) or aircraft.aircraft_id
            case OperatorId():
                aircraft.operator_id = said.operator_id
            case SystemInfo():
                if said.operator_latitude_deg is not None and said.operator_longitude_deg is not None:
                    height = nan if said.operator_height_m is None else said.operator_height_m
                    aircraft.pilot = said.operator_latitude_deg, said.operator_longitude_deg, height
            case GlobalPosition() | Location():
                if aircraft.simulated:
                    detail = f"{name} says that it is simulated or under test"
                    refusals.add(row, record, Reason.SIMULATED, "HEARTBEAT.base_mode", detail)
                    return None
                if isinstance(said, GlobalPosition):
                    aircraft.position_ns = now_ns
                    return self._position(said, aircraft, name, row, record, now_ns, sensor, refusals)
                return self._location(said, aircraft, name, row, record, now_ns, sensor, refusals)
        return None

    def _position(
        self,
        said: GlobalPosition,
        aircraft: _Aircraft,
        name: str,
        row: int,
        record: int,
        now_ns: int,
        sensor: Sensor,
        refusals: Refusals,
    ) -> Stated | None:
        if said.latitude_deg == 0.0 and said.longitude_deg == 0.0:
            refusals.add(row, record, Reason.UNSUPPORTED, "lat", f"{name} does not know where it is")
            return None
        time_ns = now_ns
        if aircraft.booted_ns is not None and not self._source.use_receive_time:
            time_ns = aircraft.booted_ns + said.boot_ms * 1_000_000
        sea = float(self._site.sea_level(said.latitude_deg, said.longitude_deg))
        horizontal = vertical = nan
        if aircraft.accuracy is not None and now_ns - aircraft.accuracy[0] <= seconds_to_ns(KNOWN_FOR_S):
            horizontal, vertical = aircraft.accuracy[1:]
        return self._stated(
            aircraft, name, row, record, time_ns, now_ns, sensor, refusals,
            place=(said.latitude_deg, said.longitude_deg, said.height_amsl_m + sea, nan),
            velocity=(said.east_m_s, said.north_m_s, -said.down_m_s),
            sigmas=(horizontal, vertical),
        )  # fmt: skip

    def _location(
        self,
        said: Location,
        aircraft: _Aircraft,
        name: str,
        row: int,
        record: int,
        now_ns: int,
        sensor: Sensor,
        refusals: Refusals,
    ) -> Stated | None:
        if aircraft.position_ns >= 0 and now_ns - aircraft.position_ns <= seconds_to_ns(KNOWN_FOR_S):
            return None  # it says the same in its own words
        if said.latitude_deg is None or said.longitude_deg is None:
            refusals.add(row, record, Reason.UNSUPPORTED, "latitude", f"{name} does not know where it is")
            return None
        time_ns = now_ns
        if said.after_hour_s is not None and not self._source.use_receive_time:
            hour_ns = 3_600 * SECOND_NS
            off_ns = (round(said.after_hour_s * SECOND_NS) - now_ns + hour_ns // 2) % hour_ns - hour_ns // 2
            time_ns = now_ns + off_ns
        moving = said.speed_m_s is not None and (said.direction_deg is not None or said.speed_m_s == 0.0)
        course, speed = radians(said.direction_deg or 0.0), said.speed_m_s or 0.0
        aircraft.emergency = {1: 0, 2: 0, 3: 1}.get(said.status, aircraft.emergency)
        return self._stated(
            aircraft, name, row, record, time_ns, now_ns, sensor, refusals,
            place=(
                said.latitude_deg,
                said.longitude_deg,
                nan if said.height_m is None else said.height_m,
                nan if said.pressure_altitude_m is None else said.pressure_altitude_m,
            ),
            velocity=(
                speed * sin(course) if moving else nan,
                speed * cos(course) if moving else nan,
                nan if said.climb_m_s is None else said.climb_m_s,
            ),
            sigmas=(
                _class(HORIZONTAL_ACCURACY_M, said.horizontal_accuracy) / RADIUS_95,
                _class(VERTICAL_ACCURACY_M, said.vertical_accuracy) / INTERVAL_95,
            ),
        )  # fmt: skip

    def _stated(
        self,
        aircraft: _Aircraft,
        name: str,
        row: int,
        record: int,
        time_ns: int,
        now_ns: int,
        sensor: Sensor,
        refusals: Refusals,
        *,
        place: tuple[float, float, float, float],
        velocity: tuple[float, float, float],
        sigmas: tuple[float, float],
    ) -> Stated | None:
        if abs(time_ns - now_ns) > seconds_to_ns(self._source.clock_tolerance_s):
            refusals.add(row, record, Reason.CLOCK, "time", clock_fault(time_ns - now_ns, self._source))
            return None
        category = aircraft.category if aircraft.category >= 0 else _KINDS.get(aircraft.kind, -1)
        return Stated(
            row=row,
            record=record,
            time_ns=time_ns,
            aircraft_id=aircraft.aircraft_id or name,
            transmitter=name,
            latitude_deg=place[0],
            longitude_deg=place[1],
            height_m=place[2],
            pressure_altitude_m=place[3],
            horizontal_sigma_m=sensor.position_sigma_m if sigmas[0] != sigmas[0] else sigmas[0],
            vertical_sigma_m=sensor.height_sigma_m if sigmas[1] != sigmas[1] else sigmas[1],
            east_m_s=velocity[0],
            north_m_s=velocity[1],
            up_m_s=velocity[2],
            operator_id=aircraft.operator_id[:24],
            pilot=aircraft.pilot,
            category=category,
            emergency=aircraft.emergency,
        )

    def _hear(self, name: str, now_ns: int) -> _Aircraft:
        aircraft = self._aircraft.pop(name, None) or _Aircraft()
        aircraft.heard_ns = now_ns
        self._aircraft[name] = aircraft
        oldest = next(iter(self._aircraft))
        while now_ns - self._aircraft[oldest].heard_ns > seconds_to_ns(FORGET_AFTER_S):
            del self._aircraft[oldest]
            oldest = next(iter(self._aircraft))
        return aircraft


def _uas_id(said: BasicId) -> str:
    if said.id_type in (_SERIAL, _REGISTRATION):
        return aircraft_id_of(said.id_type, said.uas_id.partition(b"\0")[0].decode("ascii", "replace"))
    if said.id_type in (_UTM, _SESSION):
        return aircraft_id_of(said.id_type, said.uas_id.hex())
    return ""


def _class(bounds: tuple[float, ...], number: int) -> float:
    return bounds[number] if number < len(bounds) else nan
