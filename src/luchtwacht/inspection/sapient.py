"""SAPIENT messages: as JSON, one a file or one a line, and as the stream that a TCP connection carried."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import degrees

import msgspec
import numpy as np

from luchtwacht.codecs.sapient import Deframer, MessageKind, SapientMessage, decode_message, read_json
from luchtwacht.errors import BadMessage, Refused
from luchtwacht.inspection.report import Inspection, Sensor
from luchtwacht.inspection.tally import Heard, Places, Refusals, Stamp
from luchtwacht.units import SECOND_NS

Told = SapientMessage | BadMessage | Refused
"""a message, or why it is none that can be taken"""

_LATITUDE_AND_LONGITUDE = {1: 1.0, 2: degrees(1.0)}
"""LocationCoordinateSystem in degrees and in radians, to degrees"""
_KINDS = frozenset(MessageKind)
_keys = msgspec.json.Decoder(dict[str, msgspec.Raw])


def holds_message(document: bytes) -> bool:
    """Whether this JSON is a SAPIENT message: a sender, a time and one of the kinds of message."""
    try:
        keys = {_snake(key) for key in _keys.decode(document.removeprefix(b"\xef\xbb\xbf"))}
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return "node_id" in keys and "timestamp" in keys and bool(keys & _KINDS)


def _snake(key: str) -> str:
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in key)


def holds_stream(head: bytes) -> bool:
    """Whether octets begin with a length and a message of it."""
    first = next(iter(Deframer().receive(head).messages), b"")
    return bool(first) and isinstance(_told(first), (SapientMessage, Refused))


def _told(octets: bytes) -> Told:
    try:
        return decode_message(octets)
    except (BadMessage, Refused) as error:
        return error


def _told_json(document: bytes) -> Told:
    try:
        return read_json(document.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return BadMessage(f"no UTF-8: {error}")
    except (BadMessage, Refused) as error:
        return error


def inspect_json(documents: Iterable[bytes], framing: str, made: Inspection, progress: Callable[[int], None]) -> Places:
    """Write into `made` what SAPIENT messages in JSON hold, and return where things were."""
    return _inspect(((len(each), _told_json(each)) for each in documents), framing, made, progress)


def inspect_stream(chunks: Iterable[bytes], made: Inspection, progress: Callable[[int], None]) -> Places:
    """Write into `made` what a stream of SAPIENT messages holds, and return where things were."""
    refusals = Refusals()

    def messages() -> Iterator[tuple[int, Told]]:
        deframer, taken = Deframer(), 0
        for chunk in chunks:
            received = deframer.receive(chunk, frame=taken)
            for octets in received.messages:
                taken += 1
                yield len(octets) + 4, _told(octets)
            for each in received.rejections:
                refusals.add(str(each.reason), each.item, 1, each.detail, f"after message {taken}")
            if deframer.broken:
                return
        for each in deframer.close(frame=taken):
            refusals.add(str(each.reason), each.item, 1, each.detail, f"after message {taken}")

    places = _inspect(messages(), "stream", made, progress)
    made.rejected = [*refusals.listed(), *made.rejected]
    return places


def _inspect(
    messages: Iterable[tuple[int, Told]], framing: str, made: Inspection, progress: Callable[[int], None]
) -> Places:
    places, whole, refusals = Places(), Heard(), Refusals()
    nodes: dict[str, tuple[Heard, dict[str, int]]] = {}
    editions: dict[str, int] = {}
    octets, taken = 0, 0
    for taken, (size, told) in enumerate(messages, start=1):
        octets += size
        if isinstance(told, SapientMessage):
            heard, counts = nodes.setdefault(told.node_id, (Heard(), {}))
            for into in (counts, made.counts):
                into[str(told.kind)] = into.get(str(told.kind), 0) + 1
            editions[str(told.edition)] = editions.get(str(told.edition), 0) + 1
            time_s = np.array([told.time_ns / SECOND_NS])
            heard.add(time_s)
            whole.add(time_s)
            _take_place(places, told)
        elif isinstance(told, Refused):
            refusals.add("unsupported", "", 1, str(told), f"message {taken}")
        else:
            refusals.add("malformed", told.where, 1, told.what, f"message {taken}")
        if taken % 1_000 == 0:
            progress(octets)
    stamp = Stamp("utc")
    made.format, made.framing, made.payloads = "sapient", framing, taken
    made.counts = dict(sorted(made.counts.items()))
    made.items = {"edition": editions} if editions else {}
    made.targets = {"nodes": len(nodes)} if nodes else {}
    made.area, made.rejected = places.area, refusals.listed()
    for node, (heard, counts) in sorted(nodes.items()):
        sensor = Sensor(id=node, counts=dict(sorted(counts.items())))
        heard.describe(sensor, stamp)
        made.sensors.append(sensor)
    if whole.count:
        made.time_reference, made.span_s = "utc", round(whole.span_s, 3)
        made.first_time, made.last_time = stamp.write(whole.first_s), stamp.write(whole.last_s)
    else:
        made.plausible = False
        made.doubts.append("None of its messages is as the standard asks; the reasons are below.")
    count = sum(made.counts.values())
    made.summary = f"SAPIENT (BSI Flex 335), {framing}: {count:,} of {taken:,} messages can be taken"
    return places


def _take_place(places: Places, message: SapientMessage) -> None:
    """The place of a detection that gives latitude and longitude."""
    if message.kind is not MessageKind.DETECTION_REPORT or not message.content.HasField("location"):
        return
    place = message.content.location
    scale = _LATITUDE_AND_LONGITUDE.get(place.coordinate_system)
    if scale is not None:
        places.add_geographic(message.node_id, np.array([place.y * scale]), np.array([place.x * scale]))
