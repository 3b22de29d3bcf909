"""What comes as JSON, a document at a time: of DroneScout receivers, providers of Network Remote ID, and observers.

A file holds one document, one a line, or a list of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import msgspec
import numpy as np

from luchtwacht.codecs.observation import Observation, decode_observation
from luchtwacht.codecs.remote_id import LinkType
from luchtwacht.codecs.remote_id.dronescout import decode_dronescout
from luchtwacht.codecs.remote_id.network import Fault, NetworkDetails, NetworkFlight, decode_network
from luchtwacht.errors import BadMessage
from luchtwacht.inspection.remote_id import Looking
from luchtwacht.inspection.report import Inspection, Sensor
from luchtwacht.inspection.tally import Heard, Places, Refusals, Stamp, add_counts
from luchtwacht.units import SECOND_NS

_AT_ONCE = 10_000
Holds = Callable[[bytes], bool]
Progress = Callable[[int], None]


class _ScoutData(msgspec.Struct):
    sensor: str = msgspec.field(name="sensor ID")
    timestamp: int


class _Scout(msgspec.Struct):
    data: _ScoutData


class _Flight(msgspec.Struct):
    id: str
    aircraft_type: str


class _Flights(msgspec.Struct):
    flights: list[_Flight]
    timestamp: Any = None


class _Details(msgspec.Struct):
    id: str
    operator_id: Any = None
    uas_id: Any = None
    serial_number: Any = None
    registration_number: Any = None


class _FlightDetails(msgspec.Struct):
    details: _Details


class _Observed(msgspec.Struct):
    sensor: str
    by: str
    time_ns: int
    what: str


_Form = TypeVar("_Form")


def _fits(decoder: msgspec.json.Decoder[_Form], document: bytes) -> _Form | None:
    try:
        return decoder.decode(document)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


_scout = msgspec.json.Decoder(_Scout)
_flights = msgspec.json.Decoder(_Flights)
_details = msgspec.json.Decoder(_FlightDetails)
_observed = msgspec.json.Decoder(_Observed)
_list = msgspec.json.Decoder(list[msgspec.Raw])


def holds_dronescout(document: bytes) -> bool:
    """Whether this is a message of a DroneScout receiver."""
    return _fits(_scout, document) is not None


def holds_network(document: bytes) -> bool:
    """Whether this is an answer of a provider of Network Remote ID: flights, or the details of one."""
    flights = _fits(_flights, document)
    if flights is not None:
        return bool(flights.flights) or flights.timestamp is not None
    details = _fits(_details, document)
    if details is None:
        return False
    said = details.details
    return any(
        each is not None for each in (said.operator_id, said.uas_id, said.serial_number, said.registration_number)
    )


def holds_observation(document: bytes) -> bool:
    """Whether this is what a person saw or heard."""
    return _fits(_observed, document) is not None


def listed(document: bytes) -> list[bytes]:
    """The documents of a JSON list; none when it is no list."""
    found = _fits(_list, document)
    return [bytes(each) for each in found or ()]


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


# ---------------------------------------------------------------------- DroneScout


def inspect_dronescout(
    documents: Iterable[bytes], framing: str, made: Inspection, progress: Progress = lambda octets: None
) -> Places:
    """Write into `made` what the receivers heard and said, and return where things were."""
    looking, refusals = Looking("message"), Refusals()
    receivers: dict[str, int] = {}
    statuses: dict[str, int] = {}
    held: list[tuple[int, bytes]] = []
    taken = octets = before = 0
    for number, document in enumerate(documents, start=1):
        taken, octets = number, octets + len(document)
        try:
            said = decode_dronescout(document)
        except BadMessage as error:
            refusals.add("malformed", error.where, 1, error.what, f"document {number}")
            continue
        receivers[said.sensor] = receivers.get(said.sensor, 0) + 1
        if said.status is not None:
            statuses[said.status] = statuses.get(said.status, 0) + 1
        elif said.frame:
            held.append((said.timestamp_ms * 1_000_000, said.frame))
        if len(held) == _AT_ONCE:
            looking.take(held, before, LinkType.ASSEMBLED)
            before, held = before + len(held), []
            progress(octets)
    if held:
        looking.take(held, before, LinkType.ASSEMBLED)
    progress(octets)
    looking.describe(made, silent=bool(statuses))
    made.format, made.framing, made.payloads = "dronescout", framing, taken
    made.rejected = [*refusals.listed(), *made.rejected]
    if statuses:
        made.counts["status"] = sum(statuses.values())
        made.items["status"] = statuses
    if receivers:
        made.items["receiver"] = dict(sorted(receivers.items()))
        made.targets["receivers"] = len(receivers)
    if not receivers:
        made.plausible = False
        made.doubts.append("Nothing in it can be read; the reasons are below.")
    senders, stations = _many(len(made.sensors), "transmitter"), _many(len(receivers), "receiver")
    made.summary = f"DroneScout: {_many(taken, 'message')} of {stations} that heard {senders}"
    return looking.places


# ---------------------------------------------------------------------- Network Remote ID


def inspect_network(
    documents: Iterable[bytes], framing: str, made: Inspection, progress: Progress = lambda octets: None
) -> Places:
    """Write into `made` what a provider answered, and return where things were."""
    places, refusals, whole = Places(), Refusals(), Heard()
    counts: dict[str, int] = {}
    by: dict[str, tuple[Heard, dict[str, int], dict[str, str]]] = {}
    taken = octets = 0
    for number, document in enumerate(documents, start=1):
        taken, octets = number, octets + len(document)
        answer = decode_network(document)
        for record, each in enumerate(answer if isinstance(answer, list) else [answer], start=1):
            if isinstance(each, Fault):
                reason = "implausible" if each.possible else "malformed"
                place = f"document {number}" + (f", flight {record}" if each.record >= 0 else "")
                refusals.add(reason, each.item, 1, f"{each.item} {each.detail}", place)
                continue
            heard, said, names = by.setdefault(each.id, (Heard(), {}, {}))
            kind = "details" if isinstance(each, NetworkDetails) else "state" if each.state else "flight_without_state"
            add_counts(said, {kind: 1})
            add_counts(counts, {kind: 1})
            if isinstance(each, NetworkDetails):
                told = {
                    "uas_id": each.serial_number or each.registration or each.session,
                    "operator_id": each.operator_id,
                }
                names.update({what: name for what, name in told.items() if name})
            else:
                _take_state(each, heard, whole, places)
        progress(octets)
    _describe(made, "network_remote_id", framing, taken, counts, whole, places, refusals)
    for id, (heard, said, names) in sorted(by.items(), key=lambda each: -sum(each[1][1].values())):
        flight = Sensor(id=id, counts=dict(sorted(said.items())), names=names)
        heard.describe(flight, Stamp("utc"))
        made.sensors.append(flight)
    made.targets = {"flights": len(by)} if by else {}
    for what in ("uas_id", "operator_id"):
        found = {names[what] for _, _, names in by.values() if what in names}
        made.targets |= {f"{what}s": len(found)} if found else {}
    made.summary = (
        f"Network Remote ID: {_many(taken, 'answer')} of a provider, {_many(counts.get('state', 0), 'state')}"
    )
    return places


def _take_state(flight: NetworkFlight, heard: Heard, whole: Heard, places: Places) -> None:
    if flight.state is None:
        return
    when = np.array([flight.state.time_ns / SECOND_NS])
    heard.add(when)
    whole.add(when)
    places.add_geographic(flight.id, np.array([flight.state.latitude_deg]), np.array([flight.state.longitude_deg]))


# ---------------------------------------------------------------------- observations


def inspect_observations(
    documents: Iterable[bytes], framing: str, made: Inspection, progress: Progress = lambda octets: None
) -> Places:
    """Write into `made` what people saw, and return where they said it was."""
    places, refusals, whole = Places(), Refusals(), Heard()
    counts: dict[str, int] = {}
    by: dict[str, tuple[Heard, dict[str, int]]] = {}
    taken = octets = 0
    for said in _observations(documents, refusals):
        taken, octets = taken + 1, octets + said[1]
        progress(octets)
        if said[0] is None:
            continue
        seen = said[0]
        heard, of_post = by.setdefault(seen.sensor, (Heard(), {}))
        when = np.array([seen.time_ns / SECOND_NS])
        heard.add(when)
        whole.add(when)
        add_counts(of_post, {seen.what.value: 1})
        add_counts(counts, {seen.what.value: 1})
        if seen.latitude is not None and seen.longitude is not None:
            places.add_geographic(seen.sensor, np.array([seen.latitude]), np.array([seen.longitude]))
    _describe(made, "observation", framing, taken, counts, whole, places, refusals)
    for id, (heard, of_post) in sorted(by.items(), key=lambda each: -sum(each[1][1].values())):
        post = Sensor(id=id, counts=dict(sorted(of_post.items())))
        heard.describe(post, Stamp("utc"))
        made.sensors.append(post)
    made.targets = {"posts": len(by)} if by else {}
    made.summary = f"Observations of people: {sum(counts.values()):,} of {_many(len(by), 'post')}"
    return places


def _observations(documents: Iterable[bytes], refusals: Refusals) -> Iterator[tuple[Observation | None, int]]:
    for number, document in enumerate(documents, start=1):
        try:
            yield decode_observation(document), len(document)
        except BadMessage as error:
            refusals.add("malformed", error.where, 1, error.what, f"document {number}")
            yield None, len(document)


def _describe(
    made: Inspection,
    format: str,
    framing: str,
    taken: int,
    counts: dict[str, int],
    whole: Heard,
    places: Places,
    refusals: Refusals,
) -> None:
    stamp = Stamp("utc")
    made.format, made.framing, made.payloads = format, framing, taken
    made.counts, made.area, made.rejected = dict(sorted(counts.items())), places.area, refusals.listed()
    if whole.count:
        made.time_reference, made.span_s = "utc", round(whole.span_s, 3)
        made.first_time, made.last_time = stamp.write(whole.first_s), stamp.write(whole.last_s)
    if made.rejected and not counts:
        made.plausible = False
        made.doubts.append("Nothing in it can be read; the reasons are below.")
