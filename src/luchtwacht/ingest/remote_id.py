"""Broadcast Remote ID to claims: what each transmitter said of itself lately, put together.

An aircraft sends its place, its id, its operator and the pilot's place in separate messages, often in separate frames
(F3411-22a 5.4.4: places every second, the others every three). A place becomes a claim with whatever its transmitter
had said within `KNOWN_FOR_S`, counting the messages of its own frame whatever their order in the pack.

What is refused, in this order: the same place said again (`DUPLICATE`: a beacon repeats it ten times a second); no
place at all (`UNSUPPORTED`); a time too far from the time of receipt (`CLOCK`). What else the frame says is learnt all
the same.

Frames must come in order; how they are cut into calls changes nothing.
"""

from __future__ import annotations

from base64 import b32encode
from dataclasses import dataclass, field
from math import nan
from typing import NamedTuple

import numpy as np

from luchtwacht.codecs.remote_id import (
    HORIZONTAL_ACCURACY_M,
    VERTICAL_ACCURACY_M,
    Decoded,
    IdType,
    LinkType,
    MessageType,
    Status,
    UaType,
    decode,
    format_mac,
)
from luchtwacht.ingest.claimed import (
    INTERVAL_95,
    RADIUS_95,
    Receiver,
    position_covariance,
    receiver_of,
    to_site,
    velocity_in_site,
)
from luchtwacht.model import (
    Bools,
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
from luchtwacht.model.state import copied
from luchtwacht.units import DEGREE, SECOND_NS, seconds_to_ns

KNOWN_FOR_S = 30.0
"""an id, operator or pilot's place holds for this long after it was heard: ten times the interval of sending it"""
REPEATED_WITHIN_S = 60.0
"""the same Location is a repetition for this long; after that its time would be refused anyway"""
UNTIMED_REPEATED_WITHIN_S = 0.5
"""without a usable time in it, only the same at about the same moment is a repetition: an aircraft may well hover"""

_KNOWN_FOR_NS = seconds_to_ns(KNOWN_FOR_S)
_REPEATED_WITHIN_NS = seconds_to_ns(REPEATED_WITHIN_S)
_UNTIMED_REPEATED_WITHIN_NS = seconds_to_ns(UNTIMED_REPEATED_WITHIN_S)
_HOUR_NS = 3_600 * SECOND_NS

_PREFERRED_IDS = (IdType.SERIAL_NUMBER, IdType.REGISTRATION, IdType.UTM_UUID, IdType.SESSION)
"""a transmitter may send two ids; the one that names the aircraft for longest is taken"""
_DRIP_ENTITY_TAG = "01"
"""first octet of a session id that is an RFC 9374 entity tag of sixteen octets"""
_UUID_DIGITS = 32

_CATEGORIES = {
    UaType.AEROPLANE: Category.FIXED_WING_DRONE,
    UaType.HELICOPTER_OR_MULTIROTOR: Category.MULTIROTOR,
    UaType.GYROPLANE: Category.MULTIROTOR,
    UaType.HYBRID_LIFT: Category.FIXED_WING_DRONE,
    UaType.ORNITHOPTER: Category.OTHER,
    UaType.GLIDER: Category.FIXED_WING_DRONE,
    UaType.KITE: Category.OTHER,
    UaType.FREE_BALLOON: Category.OTHER,
    UaType.CAPTIVE_BALLOON: Category.OTHER,
    UaType.AIRSHIP: Category.OTHER,
    UaType.PARACHUTE: Category.OTHER,
    UaType.ROCKET: Category.OTHER,
    UaType.TETHERED: Category.MULTIROTOR,
    UaType.GROUND_OBSTACLE: Category.OTHER,
    UaType.OTHER: Category.OTHER,
}
_EMERGENCY_BY_STATUS = np.full(16, -1, dtype=np.int64)
_EMERGENCY_BY_STATUS[[Status.GROUND, Status.AIRBORNE]] = 0
_EMERGENCY_BY_STATUS[Status.EMERGENCY] = 1
_HORIZONTAL_SIGMA_M = np.array(HORIZONTAL_ACCURACY_M) / RADIUS_95
_VERTICAL_SIGMA_M = np.array(VERTICAL_ACCURACY_M) / INTERVAL_95


class _Named(NamedTuple):
    """Who it is."""

    id_type: int
    aircraft_id: str
    category: int


class _Operated(NamedTuple):
    """Whose it is."""

    operator_id: str


class _Piloted(NamedTuple):
    """From where it is flown."""

    latitude_deg: float
    longitude_deg: float
    height_m: float


class _Dji(NamedTuple):
    """A DJI record, which says all at once."""

    named: _Named | None
    piloted: _Piloted | None
    content: bytes
    """what makes two records the same"""


_Statement = _Named | _Operated | _Piloted | _Dji


@dataclass(slots=True)
class _Transmitter:
    """What one address said of itself."""

    names: dict[int, tuple[_Named, int]] = field(default_factory=dict)
    """by id type, with the time it was heard, ns UTC"""
    operator: tuple[_Operated, int] | None = None
    pilot: tuple[_Piloted, int] | None = None
    recent: dict[bytes, int] = field(default_factory=dict)
    """what it said of its place, oldest first, and when that was first heard"""
    heard_ns: int = 0

    def learn(self, statement: _Statement, now_ns: int) -> None:
        """Remember what it says beside its place."""
        match statement:
            case _Named():
                self.names[statement.id_type] = statement, now_ns
            case _Operated():
                self.operator = statement, now_ns
            case _Piloted():
                self.pilot = statement, now_ns
            case _Dji():
                for each in (statement.named, statement.piloted):
                    if each is not None:
                        self.learn(each, now_ns)

    def name(self, now_ns: int) -> _Named | None:
        """Who it is, as far as known now."""
        for id_type in _PREFERRED_IDS:
            known = self.names.get(id_type)
            if known is not None and now_ns - known[1] <= _KNOWN_FOR_NS:
                return known[0]
        return None

    def repeats(self, content: bytes, now_ns: int, within_ns: int) -> bool:
        """Whether it said exactly this lately; it is remembered when not."""
        while self.recent:
            oldest = next(iter(self.recent))
            if now_ns - self.recent[oldest] <= _REPEATED_WITHIN_NS:
                break
            del self.recent[oldest]
        first_ns = self.recent.get(content)
        if first_ns is not None and now_ns - first_ns <= within_ns:
            return True
        self.recent.pop(content, None)
        self.recent[content] = now_ns
        return False


TransmittersState = dict[int, _Transmitter]
"""What each address said of itself, the one heard longest ago first."""


@dataclass(frozen=True, slots=True)
class _Reports:
    """What messages with a place say, as columns with a row for each message heard; NaN and -1 in all other rows."""

    time_ns: Ints
    """when it holds"""
    timed: Bools
    """whether that is its own statement"""
    latitude_deg: Floats
    longitude_deg: Floats
    height_m: Floats
    """above the WGS 84 ellipsoid"""
    pressure_altitude_m: Floats
    velocity: Floats
    """(n, 3) east, north, up (m/s), in the local axes of the place"""
    horizontal_sigma_m: Floats
    """of each axis"""
    vertical_sigma_m: Floats
    emergency: Ints


@dataclass(slots=True)
class _Chosen:
    """Claims in the making: which message, and what its transmitter had said; one entry a claim."""

    heard: list[int] = field(default_factory=list)
    """row in `Decoded.heard`"""
    aircraft_id: list[str] = field(default_factory=list)
    category: list[int] = field(default_factory=list)
    operator_id: list[str] = field(default_factory=list)
    pilot: list[tuple[float, float, float]] = field(default_factory=list)
    """latitude, longitude (degrees), m above the ellipsoid"""

    def add(self, row: int, transmitter: _Transmitter, now_ns: int) -> None:
        """A claim of message `row`, with what is known of its transmitter now."""
        named, operator, pilot = transmitter.name(now_ns), transmitter.operator, transmitter.pilot
        self.heard.append(row)
        self.aircraft_id.append("" if named is None else named.aircraft_id)
        self.category.append(-1 if named is None else named.category)
        fresh = operator is not None and now_ns - operator[1] <= _KNOWN_FOR_NS
        self.operator_id.append(operator[0].operator_id if operator is not None and fresh else "")
        fresh = pilot is not None and now_ns - pilot[1] <= _KNOWN_FOR_NS
        self.pilot.append(pilot[0] if pilot is not None and fresh else (nan, nan, nan))


class RemoteIdIngest:
    """One source of radio frames with Remote ID."""

    def __init__(
        self, site: Site, source: int, link: LinkType = LinkType.RADIOTAP, *, receiver: Receiver | None = None
    ) -> None:
        """Args:
        source: index into `Site.sources`.
        link: what its frames start with.
        receiver: which sensor heard them; none: the only one of this source.
        """
        self._source, self._link, self._frame = site.sources[source], link, site.frame
        self._receiver = receiver or receiver_of(site, source)
        self._tolerance_ns = seconds_to_ns(self._source.clock_tolerance_s)
        self._transmitters: dict[int, _Transmitter] = {}
        """by address, the one heard longest ago first"""

    def state(self) -> TransmittersState:
        """What each address said of itself."""
        return copied(self._transmitters)

    def restore(self, state: TransmittersState) -> None:
        """Go on from what `state` gave."""
        self._transmitters = copied(state)

    def receive(self, frames: Frames) -> tuple[Claims, tuple[Rejection, ...]]:
        """Claims and refusals, both in order of frame and record, from `frames`, which all come from this source."""
        decoded = decode(frames, self._link)
        rejections = list(decoded.rejections)
        if self._receiver is None:
            rejections += self._undeclared(frames, decoded)
            claims = Claims.empty()
        else:
            reports = self._reports(frames, decoded, self._receiver.sensor)
            chosen = self._assemble(frames, decoded, reports, rejections)
            claims = self._claims(frames, decoded, reports, chosen, self._receiver.index)
        rejections.sort(key=lambda each: (each.frame, each.record))
        return claims, tuple(rejections)

    def _reports(self, frames: Frames, decoded: Decoded, sensor: Sensor) -> _Reports:
        """Locations and DJI records as columns."""
        received_ns = frames.received_ns[decoded.heard.frame]
        places, flights = decoded.locations, decoded.dji_flights

        def spread(of_places: Floats, of_flights: Floats | float = nan) -> Floats:
            values = np.full((len(received_ns), *of_places.shape[1:]), nan)
            values[places.heard] = of_places
            values[flights.heard] = of_flights
            return values

        time_ns = received_ns.copy()
        timed = np.zeros(len(received_ns), dtype=np.bool_)
        if not self._source.use_receive_time:
            timed[places.heard] = ~np.isnan(places.timestamp_s)
            time_ns[places.heard] = unwrap_times(places.timestamp_s, received_ns[places.heard])
        emergency = np.full(len(received_ns), -1, dtype=np.int64)
        emergency[places.heard] = _EMERGENCY_BY_STATUS[places.status]
        track = places.direction_deg * DEGREE
        velocity = (places.speed_m_s * np.sin(track), places.speed_m_s * np.cos(track), places.vertical_speed_m_s)
        dji_velocity = (flights.velocity_east_m_s, flights.velocity_north_m_s, flights.velocity_up_m_s)
        horizontal = _or_declared(_HORIZONTAL_SIGMA_M[places.horizontal_accuracy], sensor.position_sigma_m)
        vertical = _or_declared(_VERTICAL_SIGMA_M[places.vertical_accuracy], sensor.height_sigma_m)
        return _Reports(
            time_ns=time_ns,
            timed=timed,
            latitude_deg=spread(places.latitude_deg, flights.latitude_deg),
            longitude_deg=spread(places.longitude_deg, flights.longitude_deg),
            height_m=spread(places.geodetic_altitude_m),
            pressure_altitude_m=spread(places.pressure_altitude_m),
            velocity=spread(np.stack(velocity, axis=-1), np.stack(dji_velocity, axis=-1)),
            horizontal_sigma_m=spread(horizontal, sensor.position_sigma_m),
            vertical_sigma_m=spread(vertical, sensor.height_sigma_m),
            emergency=emergency,
        )

    def _assemble(self, frames: Frames, decoded: Decoded, reports: _Reports, rejections: list[Rejection]) -> _Chosen:
        """Walk over the messages, in each frame first what says who and then what says where."""
        heard = decoded.heard
        positional = (heard.kind == MessageType.LOCATION) | (heard.kind < 0)
        kinds, addresses = heard.kind.tolist(), heard.transmitter.tolist()
        received_ns = frames.received_ns[heard.frame]
        now = received_ns.tolist()
        off_ns = (reports.time_ns - received_ns).tolist()
        nowhere = np.isnan(reports.latitude_deg).tolist()
        timed = reports.timed.tolist()
        statements = _statements(decoded)
        chosen = _Chosen()
        for row in np.lexsort((heard.record, positional, heard.frame)).tolist():
            now_ns = now[row]
            transmitter = self._transmitter(addresses[row], now_ns)
            statement = statements.get(row)
            if statement is not None:
                transmitter.learn(statement, now_ns)
            if isinstance(statement, _Dji):
                content = statement.content
            elif kinds[row] == MessageType.LOCATION:
                content = decoded.octets[row].tobytes()
            else:
                continue
            within_ns = _REPEATED_WITHIN_NS if timed[row] else _UNTIMED_REPEATED_WITHIN_NS
            if transmitter.repeats(content, now_ns, within_ns):
                refused = Reason.DUPLICATE, "location", "this transmitter said exactly the same before"
            elif nowhere[row]:
                refused = Reason.UNSUPPORTED, "latitude", "the aircraft says that it does not know its position"
            elif abs(off_ns[row]) > self._tolerance_ns:
                refused = Reason.CLOCK, "timestamp", self._clock_detail(off_ns[row])
            else:
                chosen.add(row, transmitter, now_ns)
                continue
            rejections.append(_rejection(frames, decoded, row, *refused))
        return chosen

    def _transmitter(self, address: int, now_ns: int) -> _Transmitter:
        """What is known of an address; those not heard for long are forgotten."""
        transmitter = self._transmitters.pop(address, None) or _Transmitter()
        transmitter.heard_ns = now_ns
        self._transmitters[address] = transmitter
        oldest = next(iter(self._transmitters))
        while now_ns - self._transmitters[oldest].heard_ns > _REPEATED_WITHIN_NS:
            del self._transmitters[oldest]
            oldest = next(iter(self._transmitters))
        return transmitter

    def _clock_detail(self, off_ns: int) -> str:
        return (
            f"its time is {off_ns / SECOND_NS:+.1f} s from the time of receipt, more than the "
            f"{self._source.clock_tolerance_s:g} s that source {self._source.id} allows"
        )

    def _undeclared(self, frames: Frames, decoded: Decoded) -> list[Rejection]:
        """One refusal for each frame with Remote ID."""
        first, counts = np.unique(decoded.heard.frame, return_index=True, return_counts=True)[1:]
        detail = f"declare one sensor with source = {self._source.id!r}; frames do not say which of several heard them"
        return [
            _rejection(frames, decoded, row, Reason.UNDECLARED_SENSOR, "sensor", detail, record=-1, count=count)
            for row, count in zip(first.tolist(), counts.tolist(), strict=True)
        ]

    def _claims(self, frames: Frames, decoded: Decoded, reports: _Reports, chosen: _Chosen, sensor: int) -> Claims:
        rows = np.array(chosen.heard, dtype=np.int64)
        if not len(rows):
            return Claims.empty()
        heard = decoded.heard.take(rows)
        position, axes = to_site(
            self._frame,
            reports.latitude_deg[rows],
            reports.longitude_deg[rows],
            reports.height_m[rows],
            reports.pressure_altitude_m[rows],
        )
        pilot = np.array(chosen.pilot, dtype=np.float64)
        transmitter = np.array([f"mac:{format_mac(each)}" for each in heard.transmitter.tolist()], dtype="U40")
        aircraft_id = np.array(chosen.aircraft_id, dtype="U40")
        velocity = reports.velocity[rows]
        return Claims(
            id=report_ids(frames.sequence[heard.frame], heard.record),
            time_ns=reports.time_ns[rows],
            received_ns=frames.received_ns[heard.frame],
            sensor=np.full(len(rows), sensor, dtype=np.int64),
            kind=np.full(len(rows), ClaimKind.REMOTE_ID, dtype=np.int8),
            aircraft_id=np.where(aircraft_id == "", transmitter, aircraft_id),
            transmitter=transmitter,
            callsign=np.full(len(rows), "", dtype="U16"),
            operator_id=np.array(chosen.operator_id, dtype="U24"),
            position=position,
            position_covariance=position_covariance(
                axes, reports.horizontal_sigma_m[rows], reports.vertical_sigma_m[rows], position[:, 2]
            ),
            velocity=velocity_in_site(axes, velocity[:, 0], velocity[:, 1], velocity[:, 2]),
            pressure_altitude=reports.pressure_altitude_m[rows],
            pilot_position=to_site(self._frame, pilot[:, 0], pilot[:, 1], pilot[:, 2])[0],
            category=np.array(chosen.category, dtype=np.int8),
            emergency=reports.emergency[rows].astype(np.int8),
        )


def unwrap_times(timestamp_s: Floats, received_ns: Ints) -> Ints:
    """(n,) seconds after a full hour to ns UTC, in the hour that comes nearest to the time of receipt; the time of
    receipt itself where the timestamp is NaN.
    """
    after_hour_ns = np.rint(np.nan_to_num(timestamp_s) * 10.0).astype(np.int64) * (SECOND_NS // 10)
    in_hour_ns = np.mod(received_ns, _HOUR_NS)
    off_ns = np.mod(after_hour_ns - in_hour_ns + _HOUR_NS // 2, _HOUR_NS) - _HOUR_NS // 2
    return np.where(np.isnan(timestamp_s), received_ns, received_ns + off_ns)


def aircraft_id_of(id_type: int, uas_id: str) -> str:
    """What a Basic ID makes of `Claims.aircraft_id`; "" when it names nobody.

    Serial numbers and registrations stand as sent. UUIDs and RFC 9374 entity tags are 32 hexadecimal digits; any other
    session id is the base 32 of its twenty octets, which just fits.
    """
    if id_type in (IdType.SERIAL_NUMBER, IdType.REGISTRATION):
        return f"uas:{uas_id.strip()}" if uas_id.strip() else ""
    if id_type not in (IdType.UTM_UUID, IdType.SESSION) or not uas_id.strip("0"):
        return ""
    if id_type == IdType.UTM_UUID:
        return f"session:{uas_id[:_UUID_DIGITS]}"
    if uas_id.startswith(_DRIP_ENTITY_TAG):
        return f"session:{uas_id[2 : 2 + _UUID_DIGITS]}"
    return f"session:{b32encode(bytes.fromhex(uas_id)).decode('ascii')}"


def _statements(decoded: Decoded) -> dict[int, _Statement]:
    """What messages say beside a place, by row in `Decoded.heard`."""
    found: dict[int, _Statement] = {}
    names = decoded.basic_ids
    for row, id_type, ua_type, uas_id in zip(
        names.heard.tolist(), names.id_type.tolist(), names.ua_type.tolist(), names.uas_id.tolist(), strict=True
    ):
        aircraft_id = aircraft_id_of(id_type, uas_id)
        if aircraft_id:
            found[row] = _Named(id_type, aircraft_id, category_of(ua_type))
    for row, operator_id in zip(
        decoded.operator_ids.heard.tolist(), decoded.operator_ids.operator_id.tolist(), strict=True
    ):
        if operator_id.strip():
            found[row] = _Operated(operator_id.strip())
    systems = decoded.systems
    for row, *place in zip(
        systems.heard.tolist(),
        systems.operator_latitude_deg.tolist(),
        systems.operator_longitude_deg.tolist(),
        systems.operator_altitude_m.tolist(),
        strict=True,
    ):
        if place[0] == place[0]:
            found[row] = _Piloted(*place)
    for at, row in enumerate(decoded.dji_flights.heard.tolist()):
        found[row] = _dji_statement(decoded, at)
    return found


def _dji_statement(decoded: Decoded, at: int) -> _Dji:
    """The pilot is where the application is; without that, where the aircraft took off. DJI makes multirotors only."""
    flights = decoded.dji_flights
    serial = str(flights.serial[at]).strip()
    places = (
        (float(flights.pilot_latitude_deg[at]), float(flights.pilot_longitude_deg[at])),
        (float(flights.home_latitude_deg[at]), float(flights.home_longitude_deg[at])),
    )
    known = [_Piloted(*place, nan) for place in places if place[0] == place[0]]
    record = flights.take(slice(at, at + 1)).columns()
    return _Dji(
        named=_Named(IdType.SERIAL_NUMBER, f"uas:{serial}", Category.MULTIROTOR) if serial else None,
        piloted=known[0] if known else None,
        content=b"".join(values.tobytes() for name, values in record.items() if name != "heard"),
    )


def category_of(ua_type: int) -> int:
    """`Category` of a UA type; -1 where it says none."""
    return int(_CATEGORIES.get(UaType(ua_type), -1))


def _or_declared(sigma: Floats, declared: float) -> Floats:
    """The declared sigma where the claimed accuracy is unknown."""
    return np.where(np.isnan(sigma), declared, sigma)


def _rejection(
    frames: Frames,
    decoded: Decoded,
    row: int,
    reason: Reason,
    item: str,
    detail: str,
    *,
    record: int | None = None,
    count: int = 1,
) -> Rejection:
    frame = int(decoded.heard.frame[row])
    return Rejection(
        frame=int(frames.sequence[frame]),
        record=int(decoded.heard.record[row]) if record is None else record,
        source=int(frames.source[frame]),
        reason=reason,
        item=item,
        detail=detail,
        count=count,
    )
