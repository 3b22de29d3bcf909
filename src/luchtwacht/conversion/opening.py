"""From what inspection found a file to be, to its tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec

from luchtwacht.codecs.asterix.framing import Framing, packets
from luchtwacht.codecs.remote_id import LinkType, read_capture
from luchtwacht.conversion import messages, stated
from luchtwacht.conversion.messages import Payloads, Tally
from luchtwacht.conversion.table import NotConvertible, Table
from luchtwacht.errors import BadRecording
from luchtwacht.sources.mapped import Buffer, chunks_of, lines_of


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What must be known of a file to convert it; the words are those of `luchtwacht inspect --json`."""

    format: str
    framing: str
    editions: Mapping[str, str]
    items: Mapping[str, Mapping[str, int]]
    columns: tuple[str, ...]
    delimiter: str
    header: bool


Decode = Callable[[bytes], tuple[int, bytes] | None]
"""a line of a `.frames` file to ns UTC and payload"""


def tables(
    data: Buffer, found: Found, tally: Tally, decode_frame: Decode, taken: Callable[[int], None]
) -> Iterator[Table]:
    """The tables of a file.

    Args:
        taken: called with the octets that were read so far.

    Raises:
        NotConvertible: nothing is known of this format that could be a table.
    """

    def lines() -> Iterator[bytes]:
        return _lines(data, taken)

    def payloads() -> Payloads:
        if found.framing == "frames":
            return (frame for line in lines() if (frame := decode_frame(line)) is not None)
        return ((-1, line) for line in lines() if line.strip())

    def documents() -> Payloads:
        match found.framing:
            case "document":
                return [(-1, bytes(data))]
            case "list":
                return [(-1, bytes(each)) for each in msgspec.json.decode(bytes(data), type=list[msgspec.Raw])]
            case _:
                return payloads()

    match found.format:
        case "asterix":
            cut = payloads() if found.framing == "frames" else _packets(data, found.framing, tally, taken)
            return messages.asterix(cut, tally, found.editions, found.items)
        case "remote_id":
            if found.framing == "frames":
                return messages.remote_id(payloads(), tally, LinkType.RADIOTAP)
            capture = read_capture(data)
            return messages.remote_id(capture, tally, capture.link)
        case "readsb":
            return messages.readsb([(-1, bytes(data))] if found.framing == "document" else payloads(), tally)
        case "sbs":
            return messages.sbs(payloads(), tally)
        case "beast":
            octets = (payload for _, payload in payloads()) if found.framing == "frames" else _chunks(data, taken)
            return messages.beast(octets, tally)
        case "ogn":
            return stated.ogn(payloads(), tally)
        case "mavlink":
            if found.framing == "frames":
                return stated.mavlink_frames(payloads(), tally)
            return stated.mavlink(_chunks(data, taken), tally, log=found.framing == "tlog")
        case "dronescout":
            return stated.dronescout(documents(), tally)
        case "network_remote_id":
            return stated.network(documents(), tally)
        case "observation":
            return stated.observations(documents(), tally)
        case "sapient":
            if found.framing == "stream":
                return messages.sapient_stream(_chunks(data, taken), tally)
            whole = [bytes(data)] if found.framing == "document" else (line for line in lines() if line.strip())
            return messages.sapient_json(whole, tally)
        case "table":
            return messages.delimited(payloads(), tally, found.delimiter, list(found.columns), header=found.header)
    raise NotConvertible(
        f"{found.format} is not converted", hint="luchtwacht inspect says what the file is and what is known of it"
    )


def _packets(data: Buffer, framing: str, tally: Tally, taken: Callable[[int], None]) -> Payloads:
    octets = 0
    try:
        for packet in packets(data, Framing(framing)):
            octets += len(packet.payload)
            taken(octets)
            yield -1 if packet.received_ns is None else packet.received_ns, packet.payload
    except BadRecording:
        tally.add("malformed", f"the rest of the {framing}")


def _lines(data: Buffer, taken: Callable[[int], None]) -> Iterator[bytes]:
    at = 0
    for line in lines_of(data):
        yield line
        at += len(line) + 1
        taken(at)


def _chunks(data: Buffer, taken: Callable[[int], None]) -> Iterator[bytes]:
    at = 0
    for chunk in chunks_of(data):
        yield chunk
        at += len(chunk)
        taken(at)
