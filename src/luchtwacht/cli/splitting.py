"""How a recorded file is cut into payloads, and when each was received; one splitter a format.

What a file is, is told by its first octets and not by its name. A recording that says when each payload came is
believed. One that does not is dated by what it carries, and where that fails by what stands beside it, so that damaged
payloads keep their place and reach the pipeline, which says what is wrong with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time
from typing import Any

import msgspec
import numpy as np

from luchtwacht.codecs.adsb import decode_sbs
from luchtwacht.codecs.adsb.beast import cut_beast, of_the_day, seconds_of
from luchtwacht.codecs.asterix import decode
from luchtwacht.codecs.asterix.framing import Packet, packets
from luchtwacht.codecs.mavlink import (
    Cut,
    GlobalPosition,
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
from luchtwacht.model import Format, Frames, Ints, Radio, Source
from luchtwacht.sources.frames import decode_frame, holds_frames
from luchtwacht.sources.framing import LengthFramer
from luchtwacht.sources.recording import Splitter
from luchtwacht.units import DAY_NS, SECOND_NS, datetime_to_ns

Received = list[tuple[int, bytes]]
"""(ns UTC of receipt, payload), in the order of the file"""

_TIMES_OF_DAY = (
    "I002/030", "I010/140", "I015/145", "I016/140", "I021/073", "I021/077", "I034/030", "I048/140", "I062/070",
    "I063/030", "I065/030", "I129/070", "I205/030",
)  # fmt: skip
"""items that say when a record was measured or sent, in the categories that have one"""
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


def _is_frames(data: bytes) -> bool:
    """Whether this is a `.frames` file, or nothing."""
    return not data or holds_frames(data)


def split_frames(data: bytes, source: Source) -> Received:
    """Frames as `luchtwacht simulate` writes them."""
    made = []
    for number, line in enumerate(data.splitlines(), start=1):
        try:
            made.append(decode_frame(line))
        except ValueError as error:
            raise BadRecording(
                f"line {number} is no frame: {error}", hint="a line is [nanoseconds, base64]; was this file cut off?"
            ) from error
    return made


def table_splitter(source: Source, mappings: dict[str, str]) -> Splitter:
    """Lines of a table, dated by the column that its mapping names."""
    mapping = parse_mapping(mappings[source.mapping], source.mapping)

    def split(data: bytes, declared: Source) -> Received:
        stamp = line_stamper(mapping)
        lines = data.splitlines()
        return _dated((stamp(line) for line in lines), lines)

    return split


# ---------------------------------------------------------------------- ASTERIX


def split_asterix(data: bytes, source: Source) -> Received:
    """A recording of ASTERIX in any framing that `codecs.asterix.framing` knows.

    Captures carry times. Bare blocks are received, for what can be known, at the latest time of day in them. "Final"
    and GPS recorders write their own time of day, which may be local: whole quarters of an hour between it and the time
    in the data are its zone. The day is `recorded_on`, and the next when the time of day falls back by half a day.

    Raises:
        BadRecording: no framing that is known, no day declared where one is needed, or no time in anything.
    """
    cut = list(packets(data))
    if all(packet.received_ns is not None for packet in cut):
        return _dated((packet.received_ns for packet in cut), [packet.payload for packet in cut])
    if source.recorded_on is None:
        raise BadRecording(
            "the file does not say on which day it was recorded",
            hint=f"declare recorded_on of source {source.id} in the site file: recorded_on = 2026-05-02",
        )
    of_day = _times_of_day(cut, editions_of(source))
    if (of_day < 0).all():
        raise BadRecording(
            "no record that can be read carries a time of day",
            hint="a capture (pcap) says itself when it was recorded",
        )
    midnight = datetime(source.recorded_on.year, source.recorded_on.month, source.recorded_on.day, tzinfo=UTC)
    stamps = _over_midnights(of_day, datetime_to_ns(midnight))
    return _dated(stamps, [packet.payload for packet in cut])


def _times_of_day(cut: list[Packet], editions: dict[int, str]) -> Ints:
    """(n,) ns since midnight UTC at which each packet can have come; -1 where nothing says it."""
    measured = _latest_in([packet.payload for packet in cut], editions)
    written = np.array(
        [-1 if packet.time_of_day_ns is None else packet.time_of_day_ns for packet in cut], dtype=np.int64
    )
    both = (measured >= 0) & (written >= 0)
    if not both.any():
        return np.where(written >= 0, written, measured)
    apart = (written - measured)[both]
    apart = np.mod(apart + DAY_NS // 2, DAY_NS) - DAY_NS // 2
    zone = round(float(np.median(apart)) / _ZONE_NS) * _ZONE_NS
    return np.where(written >= 0, np.mod(written - zone, DAY_NS), measured)


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


def _over_midnights(of_day: Ints, midnight_ns: int) -> list[int | None]:
    """Times of day as ns UTC, from the day that begins at `midnight_ns` on."""
    stamps: list[int | None] = []
    before: int | None = None
    for of_day_ns in of_day.tolist():
        if of_day_ns < 0:
            stamps.append(None)
            continue
        if before is not None and before - of_day_ns > DAY_NS // 2:
            midnight_ns += DAY_NS
        elif before is not None and of_day_ns - before > DAY_NS // 2:  # a straggler from before midnight
            stamps.append(midnight_ns - DAY_NS + of_day_ns)
            continue
        before = of_day_ns
        stamps.append(midnight_ns + of_day_ns)
    return stamps


# ---------------------------------------------------------------------- claims


def split_remote_id(data: bytes, source: Source) -> Received:
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
    stamps, payloads = zip(*capture.packets, strict=True) if capture.packets else ((), ())
    return _dated(stamps, [header + payload for payload in payloads])


def split_readsb(data: bytes, source: Source) -> Received:
    """`aircraft.json` documents, one a line or one over many lines, received when they were written.

    Raises:
        BadRecording: nothing in it is such a document.
    """
    documents = [data] if _written_ns(data) is not None else data.splitlines()
    stamps = [_written_ns(document) for document in documents]
    if all(stamp is None for stamp in stamps):
        raise BadRecording("no line of it is an aircraft.json document", hint="a document has now and aircraft")
    return _dated(stamps, documents)


def split_dronescout(data: bytes, source: Source) -> Received:
    """Messages of a DroneScout receiver, one a line or in a JSON list, received when it stamped them.

    Raises:
        BadRecording: nothing in it is such a message.
    """
    return _documents(data, _stamped_ns, "a message of DroneScout", "a message has data with a timestamp")


def split_network(data: bytes, source: Source) -> Received:
    """Answers of a provider of Network Remote ID, one a line, in a JSON list or one alone, received at the `timestamp`
    of the answer; without one when the latest state in it was measured. Details follow the flights before them.

    Raises:
        BadRecording: nothing in it is an answer that says when.
    """
    hint = "an answer has flights, with a timestamp or with current states; details alone say no time"
    return _documents(data, _answered_ns, "an answer of Network Remote ID with a time", hint)


def split_observations(data: bytes, source: Source) -> Received:
    """Observations, one a line, in a JSON list or one alone, received at the time they tell of.

    Raises:
        BadRecording: nothing in it is an observation.
    """
    return _documents(data, _observed_ns, "an observation", "docs/guide/sensors.md shows one")


def _documents(data: bytes, when: Callable[[bytes], int | None], what: str, hint: str) -> Received:
    """JSON documents in a list, one alone, or one a line."""
    try:
        documents = [bytes(each) for each in msgspec.json.decode(data, type=list[msgspec.Raw])]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        documents = [data] if when(data) is not None else [line for line in data.splitlines() if line.strip()]
    stamps = [when(document) for document in documents]
    if all(stamp is None for stamp in stamps):
        raise BadRecording(f"nothing in it is {what}", hint=hint)
    return _dated(stamps, documents)


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


def split_sbs(data: bytes, source: Source) -> Received:
    """BaseStation lines, received when the receiver says that it made them; its time zone is taken for UTC.

    Raises:
        BadRecording: no line says when.
    """
    lines = data.splitlines()

    def stamp(line: bytes) -> int | None:
        try:
            message = decode_sbs(line)
        except BadMessage:
            return None
        return None if message is None else message.generated_ns

    stamps = [stamp(line) for line in lines]
    if all(each is None for each in stamps):
        raise BadRecording("no line of it is a message of BaseStation with a time", hint="lines begin with MSG,")
    return _dated(stamps, lines)


def split_ogn(data: bytes, source: Source) -> Received:
    """Lines of the Open Glider Network, received at the time of day in them, on `recorded_on` and the days after.

    Raises:
        BadRecording: no day is declared, or no line says when.
    """
    if source.recorded_on is None:
        raise BadRecording(
            "the lines do not say on which day they came",
            hint=f"declare recorded_on of source {source.id} in the site file: recorded_on = 2026-05-02",
        )
    lines = data.splitlines()

    def of_day(line: bytes) -> int:
        try:
            beacon = decode_ogn(line)
        except BadMessage:
            return -1
        return -1 if beacon is None else beacon.time_of_day_s * SECOND_NS

    times = np.array([of_day(line) for line in lines], dtype=np.int64)
    if (times < 0).all():
        raise BadRecording("no line of it is an aircraft's position with a time")
    midnight = datetime(source.recorded_on.year, source.recorded_on.month, source.recorded_on.day, tzinfo=UTC)
    return _dated(_over_midnights(times, datetime_to_ns(midnight)), lines)


def split_beast_stream(data: bytes, source: Source) -> Received:
    """A stream of Beast, a payload a frame, with what stood before it and belongs to none.

    A receiver with GPS writes the time of day in UTC: `recorded_on` says the day. Others count at 12 MHz from any time:
    then `recorded_at` says when on that day the first frame came.

    Raises:
        BadRecording: no frame in it says a time, or the site file does not say what the file does not.
    """
    cut, _, _ = cut_beast(data)
    ticks = [frame.ticks for frame, _ in cut]
    gps = of_the_day(ticks)
    seconds = [seconds_of(each, gps=gps) for each in ticks]
    known = [each for each in seconds if each is not None]
    if not known:
        raise BadRecording(
            "no frame of Beast in it says a time", hint="record it as it comes with luchtwacht run, and export that"
        )
    began = source.recorded_at
    if source.recorded_on is None or (began is None and not gps):
        missing = "the day" if gps else "when it began: its receiver only counts"
        also = "" if gps else " and recorded_at = 14:03:20, in UTC"
        raise BadRecording(
            f"the file does not say {missing}",
            hint=f"declare recorded_on = 2026-05-02{also}, of source {source.id} in the site file",
        )
    midnight = datetime.combine(source.recorded_on, time(), UTC)
    if gps:
        of_day = np.array([-1 if each is None else round(each * SECOND_NS) for each in seconds], dtype=np.int64)
        stamps = _over_midnights(of_day, datetime_to_ns(midnight))
    else:
        assert began is not None
        begins_ns = datetime_to_ns(datetime.combine(source.recorded_on, began, UTC))
        stamps = [None if each is None else begins_ns + round((each - known[0]) * SECOND_NS) for each in seconds]
    pieces = _pieces(data, [end for _, end in cut])
    return _dated([*stamps, None][: len(pieces)], pieces)


def split_telemetry(data: bytes, source: Source) -> Received:
    """MAVLink, a payload a packet. A ground station's log (`.tlog`) says when each came; a plain stream is dated by its
    SYSTEM_TIME, and by the positions that count from the same start.

    Raises:
        BadRecording: nothing in it says when.
    """
    logged, _, _ = cut_log(data)
    cuts, _, _, _ = cut_mavlink(data)
    made: list[tuple[int | None, bytes]] = []
    if sum(each.cut.checked for each in logged) > sum(cut.checked for cut in cuts) // 2:
        before = 0
        for each in logged:
            first = each.cut.first - LOG_STAMP
            made += [(None, data[before:first])] if first > before else []
            made.append((each.time_ns, data[each.cut.first : each.cut.end]))
            before = each.cut.end
        made += [(None, data[before:])] if before < len(data) else []
    else:
        pieces = _pieces(data, [cut.end for cut in cuts])
        made = list(zip([*_own_times(data, cuts), None], pieces, strict=False))
    if all(stamp is None for stamp, _ in made):
        raise BadRecording(
            "nothing in it says when it came",
            hint="the log of a ground station (.tlog) does, and a stream in which SYSTEM_TIME is sent",
        )
    return _dated([stamp for stamp, _ in made], [payload for _, payload in made])


def _own_times(data: bytes, cuts: list[Cut]) -> list[int | None]:
    """ns UTC of each packet by the clock of who sent it."""
    booted_ns: dict[int, int] = {}
    stamps: list[int | None] = []
    for cut in cuts:
        said = None
        if cut.checked:
            try:
                said = decode_mavlink(packet_at(data, cut))
            except BadMessage:
                said = None
        if isinstance(said, SystemTime) and said.unix_us:
            booted_ns[cut.system] = said.unix_us * 1_000 - said.boot_ms * 1_000_000
        if isinstance(said, SystemTime | GlobalPosition) and cut.system in booted_ns:
            stamps.append(booted_ns[cut.system] + said.boot_ms * 1_000_000)
        else:
            stamps.append(None)
    return stamps


def _pieces(data: bytes, ends: list[int]) -> list[bytes]:
    """Octets up to each end, and what is left after the last."""
    made, before = [], 0
    for end in ends:
        made.append(data[before:end])
        before = end
    return [*made, data[before:]] if before < len(data) else made


class _Written(msgspec.Struct):
    now: float


_written = msgspec.json.Decoder(_Written)


def _written_ns(document: bytes) -> int | None:
    try:
        return round(_written.decode(document).now * SECOND_NS)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError, ValueError):
        return None


# ---------------------------------------------------------------------- SAPIENT


def split_sapient(data: bytes, source: Source) -> Received:
    """Messages as a TCP connection carried them, or in JSON, one a line or one over many lines; received when sent.

    Raises:
        BadRecording: nothing in it is a message.
    """
    if data.lstrip()[:1] == b"{":
        documents = data.splitlines() if data.lstrip().partition(b"\n")[0].rstrip().endswith(b"}") else [data]
        payloads = [document for document in documents if document.strip()]
        stamps = [_sent_ns(document, json=True) for document in payloads]
    else:
        framer = LengthFramer()
        payloads = framer.take(data)
        payloads += [rest] if (rest := framer.rest()) else []
        stamps = [_sent_ns(payload[LENGTH_SIZE:], json=False) for payload in payloads]
    if all(stamp is None for stamp in stamps):
        raise BadRecording(
            "nothing in it is a SAPIENT message", hint="a stream of messages with their lengths, or JSON"
        )
    return _dated(stamps, payloads)


def _sent_ns(message: bytes, *, json: bool) -> int | None:
    try:
        return sent_ns(octets_of_json(message) if json else message)
    except BadMessage:
        return None


# ---------------------------------------------------------------------- in order


def _dated(stamps: Iterable[int | None], payloads: list[bytes]) -> Received:
    """Payloads with times that never run back.

    Where a time is missing, or cannot be, it is that of the payload before, and before the first that of the first.
    """
    known = [None if stamp is None or not 0 <= stamp < 1 << 63 else stamp for stamp in stamps]
    latest = next((stamp for stamp in known if stamp is not None), 0)
    made = []
    for stamp, payload in zip(known, payloads, strict=True):
        latest = latest if stamp is None else max(stamp, latest)
        made.append((latest, payload))
    return made
