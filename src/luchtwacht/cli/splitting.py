"""How a recorded file is cut into payloads, and when each was received; one splitter a format.

What a file is, is told by its first octets and not by its name. A recording that says when each payload came is
believed. One that does not is dated by what it carries, and where that fails by what stands beside it, so that damaged
payloads keep their place and reach the pipeline, which says what is wrong with them.

A file may be larger than the memory: payloads are cut out of it as they are asked for, and what must be known of the
whole before the first (where its times begin, in which zone a recorder's clock was) is found by passes of their own.
Only a JSON document over several lines, or a list of them, is held, up to `LARGEST_DOCUMENT`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, time
from itertools import islice
from typing import Any, TypeVar

import msgspec
import numpy as np

from luchtwacht.codecs.adsb import BeastFrame, decode_sbs
from luchtwacht.codecs.adsb.beast import cut_beast, of_the_day, seconds_of
from luchtwacht.codecs.asterix import decode
from luchtwacht.codecs.asterix.framing import Framing, Packet, detect_framing, packets
from luchtwacht.codecs.mavlink import (
    Cut,
    GlobalPosition,
    Logged,
    SystemTime,
    cut_log,
    cut_mavlink,
    decode_mavlink,
    packet_at,
)
from luchtwacht.codecs.mavlink.log import LOG_STAMP
from luchtwacht.codecs.observation import decode_observation
from luchtwacht.codecs.ogn import decode_ogn
from luchtwacht.codecs.remote_id import LinkType, read_capture
from luchtwacht.codecs.remote_id.dronescout import decode_dronescout
from luchtwacht.codecs.remote_id.network import NetworkFlight, decode_network
from luchtwacht.codecs.sapient import LENGTH_SIZE, octets_of_json, sent_ns
from luchtwacht.codecs.table import line_stamper, parse_mapping
from luchtwacht.errors import BadMessage, BadRecording
from luchtwacht.ingest.asterix import editions_of
from luchtwacht.inspection.opening import LARGEST_DOCUMENT
from luchtwacht.model import Format, Frames, Ints, Radio, Source
from luchtwacht.sources.frames import decode_frame, holds_frames
from luchtwacht.sources.framing import LengthFramer
from luchtwacht.sources.mapped import Buffer, chunks_of, lines_of
from luchtwacht.sources.recording import Splitter
from luchtwacht.units import DAY_NS, SECOND_NS, datetime_to_ns

Received = Iterator[tuple[int, bytes]]
"""(ns UTC of receipt, payload), in the order of the file"""
Stamped = Iterator[tuple[int | None, bytes]]
"""the same, where a payload may say no time"""

_PACKETS_AT_ONCE = 4_096
LONGEST_LOST = 1 << 20
"""octets between two frames of a stream that stay with the later one; more of them are a payload of their own"""
_TIMES_OF_DAY = (
    "I002/030", "I010/140", "I015/145", "I016/140", "I021/073", "I021/077", "I034/030", "I048/140", "I062/070",
    "I063/030", "I065/030", "I129/070", "I205/030",
)  # fmt: skip
"""items that say when a record was measured or sent, in the categories that have one"""
When = Callable[[bytes], int | None]
"""ns UTC that a payload says, none where it says none"""
_ZONE_NS = 900 * SECOND_NS
"""clocks of the world differ from UTC by whole quarters of an hour"""
_EMPTY_RADIOTAP = b"\x00\x00\x08\x00\x00\x00\x00\x00"
"""the header of a radiotap frame of which nothing is known"""


def splitter_of(source: Source, mappings: dict[str, str]) -> Splitter:
    """The splitter for the recorded files of a source.

    Raises:
        BadConfiguration: the mapping of a table is wrong.
    """
    if source.format == Format.TABLE:
        return table_splitter(source, mappings)
    raw = {
        Format.ASTERIX: split_asterix,
        Format.REMOTE_ID: split_remote_id,
        Format.READSB: split_readsb,
        Format.SAPIENT: split_sapient,
        Format.DRONESCOUT: split_dronescout,
        Format.SBS: split_sbs,
        Format.OGN: split_ogn,
        Format.BEAST: split_beast_stream,
        Format.MAVLINK: split_telemetry,
        Format.NETWORK_REMOTE_ID: split_network,
        Format.OBSERVATION: split_observations,
    }
    return lambda data, declared: (split_frames if _is_frames(data) else raw[declared.format])(data, declared)


# ---------------------------------------------------------------------- lines that say when they came


def _is_frames(data: Buffer) -> bool:
    """Whether this is a `.frames` file, or nothing."""
    return not len(data) or holds_frames(data[:2])


def split_frames(data: Buffer, source: Source) -> Received:
    """Frames as `luchtwacht simulate` writes them."""
    for number, line in enumerate(lines_of(data), start=1):
        try:
            yield decode_frame(line)
        except ValueError as error:
            raise BadRecording(
                f"line {number} is no frame: {error}", hint="a line is [nanoseconds, base64]; was this file cut off?"
            ) from error


def table_splitter(source: Source, mappings: dict[str, str]) -> Splitter:
    """Lines of a table, dated by the column that its mapping names."""
    mapping = parse_mapping(mappings[source.mapping], source.mapping)

    def stamped(data: Buffer) -> Stamped:
        stamp = line_stamper(mapping)
        return ((stamp(line), line) for line in lines_of(data))

    return lambda data, declared: _dated(lambda: stamped(data))


# ---------------------------------------------------------------------- ASTERIX


def split_asterix(data: Buffer, source: Source) -> Received:
    """A recording of ASTERIX in any framing that `codecs.asterix.framing` knows.

    Captures carry times. Bare blocks are received, for what can be known, at the latest time of day in them. "Final"
    and GPS recorders write their own time of day, which may be local: whole quarters of an hour between it and the time
    in the data are its zone. The day is `recorded_on`, and the next when the time of day falls back by half a day.

    Raises:
        BadRecording: no framing that is known, no day declared where one is needed, or no time in anything.
    """
    framing = detect_framing(data)
    if framing in (Framing.PCAP, Framing.PCAPNG):
        yield from _dated(lambda: ((packet.received_ns, packet.payload) for packet in packets(data, framing)))
        return
    if source.recorded_on is None:
        raise BadRecording(
            "the file does not say on which day it was recorded",
            hint=f"declare recorded_on of source {source.id} in the site file: recorded_on = 2026-05-02",
        )
    midnight_ns = datetime_to_ns(datetime.combine(source.recorded_on, time(), UTC))
    editions = editions_of(source)
    zone_ns = 0 if framing == Framing.BARE else _zone_ns(data, framing, editions)

    def of_day() -> Iterator[tuple[int, bytes]]:
        for packet, measured_ns in _measured(data, framing, editions):
            written_ns = packet.time_of_day_ns
            yield (measured_ns if written_ns is None else (written_ns - zone_ns) % DAY_NS), packet.payload

    refusal = BadRecording(
        "no record that can be read carries a time of day",
        hint="a capture (pcap) says itself when it was recorded",
    )
    yield from _dated(lambda: _over_midnights(of_day(), midnight_ns), refusal)


def _measured(data: Buffer, framing: Framing, editions: dict[int, str]) -> Iterator[tuple[Packet, int]]:
    """Each packet and the latest time of day (ns) in it, -1 without any."""
    cut = packets(data, framing)
    while batch := list(islice(cut, _PACKETS_AT_ONCE)):
        yield from zip(batch, _latest_in([packet.payload for packet in batch], editions).tolist(), strict=True)


def _zone_ns(data: Buffer, framing: Framing, editions: dict[int, str]) -> int:
    """How far the recorder's clock is ahead of the times in the data: the median, in whole quarters of an hour."""
    apart: Counter[int] = Counter()
    for packet, measured_ns in _measured(data, framing, editions):
        if packet.time_of_day_ns is not None and measured_ns >= 0:
            ahead = (packet.time_of_day_ns - measured_ns + DAY_NS // 2) % DAY_NS - DAY_NS // 2
            apart[round(ahead / _ZONE_NS)] += 1
    passed = 0
    for quarters in sorted(apart):
        passed += apart[quarters]
        if 2 * passed >= apart.total():
            return quarters * _ZONE_NS
    return 0


def _latest_in(payloads: list[bytes], editions: dict[int, str]) -> Ints:
    """(n,) the latest time of day (ns) among the records of each payload; -1 without any."""
    count = len(payloads)
    frames = Frames.of(
        payloads,
        sequence=np.arange(1, count + 1),
        source=np.zeros(count, np.int64),
        received_ns=np.zeros(count, np.int64),
    )
    latest = np.full(count, -1.0)
    for records in decode(frames, editions=editions).categories.values():
        for item in _TIMES_OF_DAY:
            if item in records:
                seconds = np.where(np.isfinite(records[item]), records[item], -1.0)
                np.maximum.at(latest, records.frame, seconds)
    return np.where(latest >= 0.0, np.rint(latest * SECOND_NS), -1).astype(np.int64)


def _over_midnights(timed: Iterable[tuple[int, bytes]], midnight_ns: int) -> Stamped:
    """Payloads with a time of day (-1 for none), with ns UTC from the day that begins at `midnight_ns` on."""
    before: int | None = None
    for of_day_ns, payload in timed:
        if of_day_ns < 0:
            yield None, payload
            continue
        if before is not None and before - of_day_ns > DAY_NS // 2:
            midnight_ns += DAY_NS
        elif before is not None and of_day_ns - before > DAY_NS // 2:  # a straggler from before midnight
            yield midnight_ns - DAY_NS + of_day_ns, payload
            continue
        before = of_day_ns
        yield midnight_ns + of_day_ns, payload


# ---------------------------------------------------------------------- claims


def split_remote_id(data: Buffer, source: Source) -> Received:
    """A capture of a radio. Bare 802.11 frames are given an empty radiotap header where the source has one.

    Raises:
        BadRecording: no capture, or one of another radio than the source declares.
    """
    capture = read_capture(data)
    if capture.link.name == source.radio.name:
        header = b""
    elif capture.link is LinkType.IEEE802_11 and source.radio == Radio.RADIOTAP:
        header = _EMPTY_RADIOTAP
    else:
        raise BadRecording(
            f"its frames are {capture.link.name.lower()}, those of source {source.id} are {source.radio}",
            hint=f"declare radio = '{capture.link.name.lower()}' for that source",
        )
    return _dated(lambda: ((time_ns, header + payload) for time_ns, payload in capture))


def split_readsb(data: Buffer, source: Source) -> Received:
    """`aircraft.json` documents, one a line or one over many lines, received when they were written.

    Raises:
        BadRecording: nothing in it is such a document.
    """
    refusal = BadRecording("no line of it is an aircraft.json document", hint="a document has now and aircraft")
    whole = _whole(data, _written_ns)
    documents = [whole] if whole and _written_ns(whole) is not None else None
    return _dated(lambda: _stamped(documents or lines_of(data), _written_ns), refusal)


def split_dronescout(data: Buffer, source: Source) -> Received:
    """Messages of a DroneScout receiver, one a line or in a JSON list, received when it stamped them.

    Raises:
        BadRecording: nothing in it is such a message.
    """
    return _documents(data, _stamped_ns, "a message of DroneScout", "a message has data with a timestamp")


def split_network(data: Buffer, source: Source) -> Received:
    """Answers of a provider of Network Remote ID, one a line, in a JSON list or one alone, received at the `timestamp`
    of the answer; without one when the latest state in it was measured. Details follow the flights before them.

    Raises:
        BadRecording: nothing in it is an answer that says when.
    """
    hint = "an answer has flights, with a timestamp or with current states; details alone say no time"
    return _documents(data, _answered_ns, "an answer of Network Remote ID with a time", hint)


def split_observations(data: Buffer, source: Source) -> Received:
    """Observations, one a line, in a JSON list or one alone, received at the time they tell of.

    Raises:
        BadRecording: nothing in it is an observation.
    """
    return _documents(data, _observed_ns, "an observation", "docs/guide/sensors.md shows one")


def _documents(data: Buffer, when: When, what: str, hint: str) -> Received:
    """JSON documents one a line, one alone, or in a list."""
    documents: list[bytes] | None = None
    whole = _whole(data, when)
    if whole:
        try:
            documents = [bytes(each) for each in msgspec.json.decode(whole, type=list[msgspec.Raw])]
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            documents = [whole] if when(whole) is not None else None
    return _dated(
        lambda: _stamped((line for line in lines_of(data) if line.strip()) if documents is None else documents, when),
        BadRecording(f"nothing in it is {what}", hint=hint),
    )


def _whole(data: Buffer, when: When) -> bytes:
    """All of a file whose first line is no document, so that it may be one as a whole; else nothing."""
    first = next((line for line in lines_of(data) if line.strip()), b"")
    return b"" if len(data) > LARGEST_DOCUMENT or when(first) is not None else bytes(data)


def _stamped(payloads: Iterable[bytes], when: When) -> Stamped:
    return ((when(payload), payload) for payload in payloads)


class _Answer(msgspec.Struct):
    timestamp: Any = None


_answer = msgspec.json.Decoder(_Answer)


def _answered_ns(document: bytes) -> int | None:
    try:
        said = _answer.decode(document).timestamp
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    text = said.get("value") if isinstance(said, dict) else said
    try:
        moment = datetime.fromisoformat(str(text))
        return datetime_to_ns(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        pass
    flights = decode_network(document)
    if not isinstance(flights, list):
        return None
    return max((each.state.time_ns for each in flights if isinstance(each, NetworkFlight) and each.state), default=None)


def _observed_ns(document: bytes) -> int | None:
    try:
        return decode_observation(document).time_ns
    except BadMessage:
        return None


def _stamped_ns(document: bytes) -> int | None:
    try:
        return decode_dronescout(document).timestamp_ms * 1_000_000
    except BadMessage:
        return None


def split_sbs(data: Buffer, source: Source) -> Received:
    """BaseStation lines, received when the receiver says that it made them; its time zone is taken for UTC.

    Raises:
        BadRecording: no line says when.
    """

    def stamp(line: bytes) -> int | None:
        try:
            message = decode_sbs(line)
        except BadMessage:
            return None
        return None if message is None else message.generated_ns

    refusal = BadRecording("no line of it is a message of BaseStation with a time", hint="lines begin with MSG,")
    return _dated(lambda: _stamped(lines_of(data), stamp), refusal)


def split_ogn(data: Buffer, source: Source) -> Received:
    """Lines of the Open Glider Network, received at the time of day in them, on `recorded_on` and the days after.

    Raises:
        BadRecording: no day is declared, or no line says when.
    """
    if source.recorded_on is None:
        raise BadRecording(
            "the lines do not say on which day they came",
            hint=f"declare recorded_on of source {source.id} in the site file: recorded_on = 2026-05-02",
        )
    midnight_ns = datetime_to_ns(datetime.combine(source.recorded_on, time(), UTC))

    def of_day(line: bytes) -> int:
        try:
            beacon = decode_ogn(line)
        except BadMessage:
            return -1
        return -1 if beacon is None else beacon.time_of_day_s * SECOND_NS

    return _dated(
        lambda: _over_midnights(((of_day(line), line) for line in lines_of(data)), midnight_ns),
        BadRecording("no line of it is an aircraft's position with a time"),
    )


def split_beast_stream(data: Buffer, source: Source) -> Received:
    """A stream of Beast, a payload a frame, with what stood before it and belongs to none.

    A receiver with GPS writes the time of day in UTC: `recorded_on` says the day. Others count at 12 MHz from any time:
    then `recorded_at` says when on that day the first frame came.

    Raises:
        BadRecording: no frame in it says a time, or the site file does not say what the file does not.
    """

    def ticks() -> Iterator[int]:
        return (frame.ticks for frame, *_ in _cuts(data, _cut_beast) if frame is not None)

    gps, began = of_the_day(ticks()), source.recorded_at
    first = next((each for each in map(seconds_of, ticks()) if each is not None), None)
    if first is None:
        raise BadRecording(
            "no frame of Beast in it says a time", hint="record it as it comes with luchtwacht run, and export that"
        )
    if source.recorded_on is None or (began is None and not gps):
        missing = "the day" if gps else "when it began: its receiver only counts"
        also = "" if gps else " and recorded_at = 14:03:20, in UTC"
        raise BadRecording(
            f"the file does not say {missing}",
            hint=f"declare recorded_on = 2026-05-02{also}, of source {source.id} in the site file",
        )
    begins_ns = datetime_to_ns(datetime.combine(source.recorded_on, time() if gps or began is None else began, UTC))

    def stamped() -> Stamped:
        for frame, held, before, end in _cuts(data, _cut_beast):
            seconds = None if frame is None else seconds_of(frame.ticks)
            yield None if seconds is None else begins_ns + round((seconds - first) * SECOND_NS), held[before:end]

    def of_day() -> Iterator[tuple[int, bytes]]:
        for frame, held, before, end in _cuts(data, _cut_beast):
            seconds = None if frame is None else seconds_of(frame.ticks, gps=True)
            yield -1 if seconds is None else round(seconds * SECOND_NS), held[before:end]

    yield from _dated(lambda: _over_midnights(of_day(), begins_ns) if gps else stamped())


def _cut_beast(held: bytes) -> tuple[list[tuple[BeastFrame, int]], int]:
    frames, rest, _ = cut_beast(held)
    return frames, rest


def split_telemetry(data: Buffer, source: Source) -> Received:
    """MAVLink, a payload a packet. A ground station's log (`.tlog`) says when each came; a plain stream is dated by its
    SYSTEM_TIME, and by the positions that count from the same start.

    Raises:
        BadRecording: nothing in it says when.
    """
    refusal = BadRecording(
        "nothing in it says when it came",
        hint="the log of a ground station (.tlog) does, and a stream in which SYSTEM_TIME is sent",
    )
    logged = sum(each is not None and each.cut.checked for each, *_ in _cuts(data, _cut_log))
    sent = sum(each is not None and each.checked for each, *_ in _cuts(data, _cut_stream))
    return _dated(lambda: _logged(data) if logged > sent // 2 else _own_times(data), refusal)


def _cut_log(held: bytes) -> tuple[list[tuple[Logged, int]], int]:
    logged, rest, _ = cut_log(held)
    return [(each, each.cut.end) for each in logged], rest


def _cut_stream(held: bytes) -> tuple[list[tuple[Cut, int]], int]:
    cuts, rest, _, _ = cut_mavlink(held)
    return [(cut, cut.end) for cut in cuts], rest


def _logged(data: Buffer) -> Stamped:
    """Packets at the time that stands before each, and what stands between them."""
    for each, held, before, end in _cuts(data, _cut_log):
        if each is None:
            yield None, held[before:end]
            continue
        first = each.cut.first - LOG_STAMP
        if first > before:
            yield None, held[before:first]
        yield each.time_ns, held[each.cut.first : end]


def _own_times(data: Buffer) -> Stamped:
    """Packets at the time of who sent each, by its own clock, with what stands before it."""
    booted_ns: dict[int, int] = {}
    for cut, held, before, end in _cuts(data, _cut_stream):
        said = None
        if cut is not None and cut.checked:
            try:
                said = decode_mavlink(packet_at(held, cut))
            except BadMessage:
                said = None
        stamp = None
        if cut is not None and isinstance(said, SystemTime) and said.unix_us:
            booted_ns[cut.system] = said.unix_us * 1_000 - said.boot_ms * 1_000_000
        if cut is not None and isinstance(said, SystemTime | GlobalPosition) and cut.system in booted_ns:
            stamp = booted_ns[cut.system] + said.boot_ms * 1_000_000
        yield stamp, held[before:end]


_Unit = TypeVar("_Unit")


def _cuts(
    data: Buffer, cut: Callable[[bytes], tuple[list[tuple[_Unit, int]], int]]
) -> Iterator[tuple[_Unit | None, bytes, int, int]]:
    """The units of a stream, piece by piece of the file.

    Args:
        cut: octets to the units in them, each with where it ends; and where the first that is not whole begins.

    Yields:
        A unit, octets in which it stands, where it and what is lost before it begin, where it ends; no unit with octets
        that belong to none.
    """
    held = b""
    for chunk in chunks_of(data):
        held += chunk
        units, rest = cut(held)
        before = 0
        for unit, end in units:
            yield unit, held, before, end
            before = end
        if rest - before > LONGEST_LOST:
            yield None, held, before, rest
            before = rest
        held = held[before:]
    if held:
        yield None, held, 0, len(held)


class _Written(msgspec.Struct):
    now: float


_written = msgspec.json.Decoder(_Written)


def _written_ns(document: bytes) -> int | None:
    try:
        return round(_written.decode(document).now * SECOND_NS)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError, ValueError):
        return None


# ---------------------------------------------------------------------- SAPIENT


def split_sapient(data: Buffer, source: Source) -> Received:
    """Messages as a TCP connection carried them, or in JSON, one a line or one over many lines; received when sent.

    Raises:
        BadRecording: nothing in it is a message.
    """
    first = next((line for line in lines_of(data) if line.strip()), b"").strip()
    refusal = BadRecording(
        "nothing in it is a SAPIENT message", hint="a stream of messages with their lengths, or JSON"
    )
    if not first.startswith(b"{"):
        return _dated(
            lambda: ((_sent_ns(payload[LENGTH_SIZE:], json=False), payload) for payload in _messages(data)), refusal
        )
    if not first.endswith(b"}") and len(data) > LARGEST_DOCUMENT:
        raise BadRecording("is one JSON document, and too large for one", hint="write one message a line")
    whole = None if first.endswith(b"}") else [bytes(data)]
    return _dated(
        lambda: ((_sent_ns(document, json=True), document) for document in whole or lines_of(data) if document.strip()),
        refusal,
    )


def _messages(data: Buffer) -> Iterator[bytes]:
    """Messages with their lengths, and what is left at the end."""
    framer = LengthFramer()
    for chunk in chunks_of(data):
        if framer.lost:
            yield chunk
        else:
            yield from framer.take(chunk)
    if rest := framer.rest():
        yield rest


def _sent_ns(message: bytes, *, json: bool) -> int | None:
    try:
        return sent_ns(octets_of_json(message) if json else message)
    except BadMessage:
        return None


# ---------------------------------------------------------------------- in order


def _dated(stamped: Callable[[], Stamped], refusal: BadRecording | None = None) -> Received:
    """Payloads with times that never run back.

    Where a time is missing, or cannot be, it is that of the payload before, and before the first that of the first.

    Args:
        stamped: begins a pass through the file.
        refusal: raised when not one payload says a time.
    """
    latest, silent = 0, True
    for stamp, _ in stamped():
        silent = silent and stamp is None
        if stamp is not None and _possible(stamp):
            latest = stamp
            break
    if refusal is not None and silent:
        raise refusal
    for stamp, payload in stamped():
        if stamp is not None and _possible(stamp):
            latest = max(stamp, latest)
        yield latest, payload


def _possible(stamp: int) -> bool:
    return 0 <= stamp < 1 << 63
