"""What aircraft, networks and people say, message by message: one table a kind of message, in the message's units.

Lines of the Open Glider Network whose aircraft asks not to be tracked are counted and are in no table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any

import numpy as np

from luchtwacht.codecs.mavlink import (
    Cut,
    GlobalPosition,
    Location,
    cut_log,
    cut_mavlink,
    decode_mavlink,
    packet_at,
)
from luchtwacht.codecs.mavlink.frame import NAMES
from luchtwacht.codecs.observation import decode_observation
from luchtwacht.codecs.ogn import AircraftBeacon, decode_ogn, receiver_of
from luchtwacht.codecs.remote_id import LinkType
from luchtwacht.codecs.remote_id.dronescout import decode_dronescout
from luchtwacht.codecs.remote_id.network import (
    AIRCRAFT_TYPES,
    STATUSES,
    Fault,
    NetworkDetails,
    NetworkFlight,
    decode_network,
)
from luchtwacht.conversion.messages import Payloads, Tally, batches, remote_id
from luchtwacht.conversion.table import Table, Values, Whereabouts, moments
from luchtwacht.errors import BadMessage


def ogn(payloads: Payloads, tally: Tally) -> Iterator[Table]:
    """`aircraft`: a row a position. `altitude_ft` is above mean sea level; the day is not in the lines."""
    for _, received_ns, batch in batches(payloads):
        beacons: list[AircraftBeacon] = []
        stations: list[str] = []
        times: list[int] = []
        for payload, time_ns in zip(batch, received_ns.tolist(), strict=True):
            for line in payload.splitlines():
                try:
                    beacon = decode_ogn(line)
                except BadMessage as error:
                    tally.add("malformed", error.where)
                    continue
                if beacon is not None and (beacon.stealth or beacon.no_track):
                    tally.add("private", "position")
                elif beacon is not None:
                    beacons.append(beacon)
                    stations.append(receiver_of(line))
                    times.append(time_ns)
        if beacons:
            columns: dict[str, Values] = {
                "received": moments(np.array(times, np.int64)),
                "station": np.array(stations, np.str_),
                **columns_of(beacons, without=("stealth", "no_track")),
            }
            where = Whereabouts("latitude_deg", "longitude_deg", time="received", series="sender")
            yield Table("aircraft", columns, {}, where)


def mavlink(chunks: Iterable[bytes], tally: Tally, *, log: bool) -> Iterator[Table]:
    """A table a message that is read: `global_position_int`, `heartbeat` and so on; others are counted.

    Args:
        log: a time stands before every packet.
    """
    rest = b""
    for chunk in chunks:
        buffer = rest + chunk
        timed: list[tuple[int, Cut]]
        if log:
            logged, end, lost = cut_log(buffer)
            timed = [(each.time_ns, each.cut) for each in logged]
        else:
            cuts, end, lost, damaged = cut_mavlink(buffer)
            timed = [(-1, cut) for cut in cuts]
            if damaged:
                tally.add("malformed", "CRC", damaged)
        if lost:
            tally.add("malformed", "octets that belong to no packet", lost)
        rest = buffer[end:]
        yield from _packets(buffer, timed, tally)
    if rest:
        tally.add("truncated", "packet")


def mavlink_frames(payloads: Payloads, tally: Tally) -> Iterator[Table]:
    """The same of frames, each with the time at which it came."""
    for _, received_ns, batch in batches(payloads):
        whole = b"".join(batch)
        ends = np.cumsum([len(each) for each in batch])
        cuts, _, lost, damaged = cut_mavlink(whole)
        if lost + damaged:
            tally.add("malformed", "packet", lost + damaged)
        of = np.searchsorted(ends, [cut.first for cut in cuts], side="right")
        yield from _packets(whole, [(int(received_ns[row]), cut) for row, cut in zip(of, cuts, strict=True)], tally)


def _packets(buffer: bytes, timed: list[tuple[int, Cut]], tally: Tally) -> Iterator[Table]:
    kinds: dict[str, list[tuple[int, int, Any]]] = {}
    for time_ns, cut in timed:
        if not cut.checked:
            tally.add("unsupported", f"message {cut.message}")
            continue
        try:
            message = decode_mavlink(packet_at(buffer, cut))
        except BadMessage as error:
            tally.add("implausible", error.where)
            continue
        if message is not None:
            kinds.setdefault(NAMES[cut.message], []).append((time_ns, cut.system, message))
    for name, rows in kinds.items():
        messages = [message for _, _, message in rows]
        columns: dict[str, Values] = {
            "received": moments(np.array([time_ns for time_ns, _, _ in rows], np.int64)),
            "system": np.array([system for _, system, _ in rows], np.int64),
            **columns_of(messages),
        }
        where = None
        if isinstance(messages[0], GlobalPosition | Location):
            height = "height_m" if "height_m" in columns else ""
            where = Whereabouts("latitude_deg", "longitude_deg", height, time="received", series="system")
        yield Table(name, columns, {}, where)


def dronescout(payloads: Payloads, tally: Tally) -> Iterator[Table]:
    """The tables of Remote ID, received by the receivers' clocks, and `status` of the receivers."""

    def heard() -> Payloads:
        for _, document in payloads:
            try:
                said = decode_dronescout(document)
            except BadMessage as error:
                tally.add("malformed", error.where)
                continue
            time_ns = said.timestamp_ms * 1_000_000
            if said.status is not None:
                statuses.append((time_ns, said.sensor, said.status))
            elif said.frame:
                yield time_ns, said.frame

    statuses: list[tuple[int, str, str]] = []
    yield from remote_id(heard(), tally, LinkType.ASSEMBLED)
    if statuses:
        columns: dict[str, Values] = {
            "time": moments(np.array([time_ns for time_ns, _, _ in statuses], np.int64)),
            "receiver": np.array([sensor for _, sensor, _ in statuses], np.str_),
            "status": np.array([status for _, _, status in statuses], np.str_),
        }
        yield Table("status", columns, {})


def network(payloads: Payloads, tally: Tally) -> Iterator[Table]:
    """`states`: a row a flight's current state; `details`: a row an answer about a flight."""
    for _, _, batch in batches(payloads):
        flights: list[NetworkFlight] = []
        details: list[NetworkDetails] = []
        for document in batch:
            answer = decode_network(document)
            for each in answer if isinstance(answer, list) else [answer]:
                if isinstance(each, Fault):
                    tally.add("implausible" if each.possible else "malformed", each.item)
                elif isinstance(each, NetworkDetails):
                    details.append(each)
                elif each.state is not None:
                    flights.append(each)
        if flights:
            states = [each.state for each in flights if each.state is not None]
            columns: dict[str, Values] = {
                "time": moments(np.array([each.time_ns for each in states], np.int64)),
                "flight": np.array([each.id for each in flights], np.str_),
                "aircraft_type": np.array([AIRCRAFT_TYPES[each.aircraft_type] for each in flights], np.str_),
                "simulated": np.array([each.simulated for each in flights], np.bool_),
                **columns_of(states, without=("time_ns", "status")),
                "operational_status": np.array([STATUSES[each.status] for each in states], np.str_),
            }
            yield Table(
                "states", columns, {}, Whereabouts("latitude_deg", "longitude_deg", "height_m", series="flight")
            )
        if details:
            yield Table("details", columns_of(details), {})


def observations(payloads: Payloads, tally: Tally) -> Iterator[Table]:
    """`observations`: a row each; `height_m` is above the ground."""
    for _, _, batch in batches(payloads):
        made = []
        for document in batch:
            try:
                made.append(decode_observation(document))
            except BadMessage as error:
                tally.add("malformed", error.where)
        if made:
            columns: dict[str, Values] = {
                "time": moments(np.array([each.time_ns for each in made], np.int64)),
                **columns_of(made, without=("time_ns",)),
            }
            yield Table("observations", columns, {}, Whereabouts("latitude", "longitude"))


def columns_of(messages: Sequence[Any], *, without: tuple[str, ...] = ()) -> dict[str, Values]:
    """Fields as columns, by what they are declared to hold: a number that may be unknown has NaN, octets are
    hexadecimal.
    """
    made: dict[str, Values] = {}
    for name, declared in type(messages[0]).__annotations__.items():
        if name in without:
            continue
        values = [getattr(each, name) for each in messages]
        if declared == "bytes":
            made[name] = np.array([each.hex() for each in values], np.str_)
        elif declared == "bool":
            made[name] = np.array(values, np.bool_)
        elif declared == "int":
            made[name] = np.array(values, np.int64)
        elif declared.startswith(("int", "float")):
            made[name] = np.array([np.nan if each is None else each for each in values], np.float64)
        else:
            made[name] = np.array([each.value if isinstance(each, StrEnum) else each for each in values], np.str_)
    return made
