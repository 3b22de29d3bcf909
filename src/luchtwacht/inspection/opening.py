"""What a file is, found in its content: by what it begins with, in an order in which nothing is taken for another.

| begins with | is |
|---|---|
| 1f 8b | gzip of any of these |
| pcap or pcapng | by its link type: Remote ID of 802.11 and Bluetooth, otherwise ASTERIX over UDP |
| `[` and a digit | `.frames` of a Luchtwacht recording, whose payloads are looked at likewise |
| `{` | `aircraft.json`, SAPIENT, DroneScout, Network Remote ID, observations, by keys: whole or one a line |
| `[` and `{` | a list of the last three |
| `MSG,` and the other words of BaseStation | SBS |
| `SENDER>TO,PATH:`, line after line | APRS of the Open Glider Network |
| 1a and `1`, `2` or `3`, again and again | Beast |
| packets of MAVLink whose check holds, or such packets each after a time | MAVLink, `.tlog` |
| blocks that follow one another, in what is no text | ASTERIX |
| a length and a SAPIENT message of it | SAPIENT |
| lines with the same number of cells | delimited text |

The name of the file is never asked.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from mmap import mmap
from pathlib import Path

from luchtwacht.codecs.adsb import split_beast
from luchtwacht.codecs.asterix.framing import Framing, Packet, detect_framing, packets
from luchtwacht.codecs.remote_id import LinkType, read_capture
from luchtwacht.codecs.sapient import MESSAGE_LIMIT
from luchtwacht.errors import BadRecording
from luchtwacht.inspection.adsb import holds_aircraft, inspect_beast, inspect_readsb, inspect_sbs
from luchtwacht.inspection.asterix import holds_asterix, inspect_asterix
from luchtwacht.inspection.documents import (
    holds_dronescout,
    holds_network,
    holds_observation,
    inspect_dronescout,
    inspect_network,
    inspect_observations,
    listed,
)
from luchtwacht.inspection.frames import inspect_frames, read_frame
from luchtwacht.inspection.journal import holds_journal, inspect_journal
from luchtwacht.inspection.mavlink import inspect_mavlink, mavlink_framing
from luchtwacht.inspection.ogn import holds_ogn, inspect_ogn
from luchtwacht.inspection.remote_id import inspect_remote_id
from luchtwacht.inspection.report import Inspection
from luchtwacht.inspection.sapient import holds_message, holds_stream, inspect_json, inspect_stream
from luchtwacht.inspection.table import find_delimiter, inspect_table
from luchtwacht.inspection.tally import Places
from luchtwacht.inspection.unknown import describe_unknown, is_marked_up, is_text
from luchtwacht.sources.frames import holds_frames
from luchtwacht.sources.mapped import GZIP, Buffer, chunks_of, lines_of, map_file

Progress = Callable[[int, int], None]
"""octets taken so far, and octets in all"""

_HEAD = 1 << 16
LARGEST_DOCUMENT = 1 << 28
"""octets of one JSON document"""
_PROBED = 64
"""blocks that must make sense before a file is taken for ASTERIX"""
_BASE_STATION = (b"MSG,", b"SEL,", b"ID,", b"AIR,", b"STA,", b"CLK,")
_SECTION = b"\x0a\x0d\x0d\x0a"
_PCAP = {0xA1B2C3D4, 0xA1B23C4D}


def inspect_path(path: Path, progress: Progress = lambda octets, total: None) -> tuple[Inspection, Places]:
    """What a file, or the folder of a journal, is.

    Returns:
        What is to be said of it, and where things were. A file of an unknown kind is described as that.

    Raises:
        BadRecording: it cannot be read at all: it is absent, empty, damaged as a gzip, or a folder that is no journal.
        RecordError: the journal cannot be read.
    """
    if path.is_dir():
        return _inspect_folder(path, progress)
    with open_octets(path) as (data, made):
        return made, inspect_octets(data, made, progress)


@contextmanager
def open_octets(path: Path) -> Iterator[tuple[Buffer, Inspection]]:
    """What a file holds, unpacked where it is a gzip, and an inspection that knows no more than its name and size.

    Raises:
        BadRecording: it cannot be read: it is absent, empty, or a gzip in which nothing can be read. One that is raised
            inside is given the file's name.
    """
    if not path.is_file():
        raise BadRecording("is no file", where=str(path))
    size = path.stat().st_size
    if size == 0:
        raise BadRecording("is empty: there is nothing in it", where=str(path))
    data, doubt = map_file(path)
    with path.open("rb") as file:
        made = Inspection(file=path.name, octets=size, compressed=file.read(len(GZIP)) == GZIP)
    made.doubts += [f"The gzip is {doubt} are looked at."] if doubt else []
    try:
        yield data, made
    except BadRecording as error:
        raise BadRecording(error.what, where=error.where or str(path), hint=error.hint) from error
    finally:
        if isinstance(data, mmap):
            data.close()


def _inspect_folder(folder: Path, progress: Progress) -> tuple[Inspection, Places]:
    if not holds_journal(folder):
        raise BadRecording(
            "is a folder, and not that of a journal (it has no segments)",
            where=str(folder),
            hint="give the files of a recording one by one",
        )
    size = sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())
    made = Inspection(file=folder.name, octets=size)
    inspect_journal(folder, made, lambda octets: progress(octets, size))
    return made, Places()


def inspect_octets(data: Buffer, made: Inspection, progress: Progress = lambda octets, total: None) -> Places:
    """Write into `made` what octets are, and return where things were."""
    total = len(data)

    def taken(octets: int) -> None:
        progress(min(octets, total), total)

    head = bytes(data[:_HEAD])
    links = _links(data)
    if links is not None:
        framing = "pcapng" if head[:4] == _SECTION else "pcap"
        if any(link in LinkType.__members__.values() for link in links):
            capture = read_capture(data)
            if not capture.whole:
                made.doubts.append("The capture is cut off: it ends in the middle of a packet.")
            return inspect_remote_id(capture, capture.link, framing, made, taken)
        return _inspect_packets(packets(data, Framing(framing)), framing, links, made, taken, head)
    for inspect in (
        _as_frames,
        _as_aircraft,
        _as_sapient,
        _as_documents,
        _as_base_station,
        _as_glider_network,
        _as_beast,
        _as_mavlink,
        _as_blocks,
        _as_stream,
        _as_table,
    ):
        places = inspect(data, head, made, taken)
        if places is not None:
            return places
    describe_unknown(data, made)
    return Places()


def _links(data: Buffer) -> list[int] | None:
    """Link types of a capture's interfaces up to its first packet; none when it is no capture."""
    if data[:4] == _SECTION:
        found, at = [], 0
        order = "<" if bytes(data[8:12]) == b"\x4d\x3c\x2b\x1a" else ">"
        while at + 12 <= len(data):
            kind, size = struct.unpack_from(f"{order}II", data, at)
            if size < 12 or kind in (2, 3, 6):
                break
            if kind == 1 and at + 10 <= len(data):
                found.append(struct.unpack_from(f"{order}H", data, at + 8)[0])
            at += size
        return found
    for order in "<>":
        if len(data) >= 24 and struct.unpack_from(f"{order}I", data)[0] in _PCAP:
            return [struct.unpack_from(f"{order}I", data, 20)[0] & 0x0FFF_FFFF]
    return None


def _inspect_packets(
    cut: Iterator[Packet],
    framing: str,
    links: list[int],
    made: Inspection,
    taken: Callable[[int], None],
    head: bytes,
) -> Places:
    """UDP payloads as ASTERIX; where nothing in them is, the capture is of something else."""
    places = inspect_asterix(_until_damage(cut, made), framing, made, taken)
    if holds_asterix(made):
        return places
    made.format, made.plausible, made.first_octets = "unknown", False, head[:32].hex(" ")
    what = "no UDP payload" if not made.payloads else f"{made.payloads:,} UDP payloads, none of which is ASTERIX"
    numbers = ", ".join(map(str, links)) or "none"
    made.summary = f"A {framing} capture (link type {numbers}) with {what}, and no Remote ID"
    return places


def _until_damage(cut: Iterator[Packet], made: Inspection) -> Iterator[Packet]:
    """The packets before the place where a capture stops making sense."""
    try:
        yield from cut
    except BadRecording as error:
        made.doubts.append(f"The capture is damaged, and not read further: {error.what}.")


def _head_lines(head: bytes, data: Buffer) -> list[bytes]:
    """The first lines; one that the head cuts through is left out."""
    lines = head.splitlines()
    return lines[:-1] if len(data) > len(head) and len(lines) > 1 else lines


def _as_frames(data: Buffer, head: bytes, made: Inspection, taken: Callable[[int], None]) -> Places | None:
    if not (holds_frames(head) and read_frame(next(lines_of(data))) is not None):
        return None
    return inspect_frames(lines_of(data), made, taken)


def _as_aircraft(data: Buffer, head: bytes, made: Inspection, taken: Callable[[int], None]) -> Places | None:
    if not head.lstrip().startswith(b"{"):
        return None
    first = next((line for line in lines_of(data) if line.strip()), b"")
    if holds_aircraft(first):
        lines = (line for line in lines_of(data) if line.strip())
        return inspect_readsb(lines, "lines", made, taken)
    if (
        b'"aircraft"' in head
        and b'"now"' in head
        and len(data) <= LARGEST_DOCUMENT
        and holds_aircraft(whole := bytes(data))
    ):
        return inspect_readsb([whole], "document", made, taken)
    return None


def _as_sapient(data: Buffer, head: bytes, made: Inspection, taken: Callable[[int], None]) -> Places | None:
    if not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{") or b"timestamp" not in head:
        return None
    if holds_message(next((line for line in lines_of(data) if line.strip()), b"")):
        return inspect_json((line for line in lines_of(data) if line.strip()), "lines", made, taken)
    if len(data) <= LARGEST_DOCUMENT and holds_message(whole := bytes(data)):
        return inspect_json([whole], "document", made, taken)
    return None


_DOCUMENTS = (
    (holds_dronescout, inspect_dronescout),
    (holds_network, inspect_network),
    (holds_observation, inspect_observations),
)


def _as_documents(data: Buffer, head: bytes, made: Inspection, taken: Callable[[int], None]) -> Places | None:
    """Any of the formats that come as JSON documents: one a line, one, or a list of them."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] not in (b"{", b"["):
        return None
    first = next((line for line in lines_of(data) if line.strip()), b"")
    for holds, inspect in _DOCUMENTS:
        if holds(first.removeprefix(b"\xef\xbb\xbf")):
            lines = (line for line in lines_of(data) if line.strip())
            return inspect(lines, "lines", made, taken)
    if len(data) > LARGEST_DOCUMENT:
        return None
    whole = bytes(data).removeprefix(b"\xef\xbb\xbf")
    found = listed(whole) if text[:1] == b"[" else []
    for holds, inspect in _DOCUMENTS:
        if found and holds(found[0]):
            return inspect(found, "list", made, taken)
        if holds(whole):
            return inspect([whole], "document", made, taken)
    return None


def _as_stream(data: Buffer, head: bytes, made: Inspection, taken: Callable[[int], None]) -> Places | None:
    if is_text(head) or not holds_stream(bytes(data[: MESSAGE_LIMIT + 4])):
        return None
    return inspect_stream(chunks_of(data), made, taken)


def _as_base_station(data: Buffer, head: bytes, made: Inspection, taken: Callable[[int], None]) -> Places | None:
    lines = [line for line in _head_lines(head, data) if line.strip()]
    fitting = sum(line.startswith(_BASE_STATION) for line in lines)
    if not lines or fitting < 0.8 * len(lines):
        return None
    return inspect_sbs(lines_of(data), "lines", made, taken)


def _as_glider_network(data: Buffer, head: bytes, made: Inspection, taken: Callable[[int], None]) -> Places | None:
    return inspect_ogn(lines_of(data), "lines", made, taken) if holds_ogn(_head_lines(head, data)[:200]) else None


def _as_mavlink(data: Buffer, head: bytes, made: Inspection, taken: Callable[[int], None]) -> Places | None:
    if is_text(head):
        return None
    framing = mavlink_framing(head, whole=len(data) == len(head))
    return inspect_mavlink(chunks_of(data), framing, made, taken) if framing else None


def _as_beast(data: Buffer, head: bytes, made: Inspection, taken: Callable[[int], None]) -> Places | None:
    frames, _, lost = split_beast(head)
    if not frames or lost > len(head) // 10:
        return None
    return inspect_beast(chunks_of(data), made, taken)


def _as_blocks(data: Buffer, head: bytes, made: Inspection, taken: Callable[[int], None]) -> Places | None:
    if is_text(head):  # letters make lengths that may fit by chance
        return None
    try:
        framing = detect_framing(data)
    except BadRecording:
        return None
    first = list(islice(packets(data, framing), _PROBED))
    lengths = [int.from_bytes(each.payload[1:3], "big") for each in first]
    if not all(0 < length <= len(each.payload) for length, each in zip(lengths[:-1], first, strict=False)):
        return None
    probe = Inspection(file=made.file, octets=made.octets)
    inspect_asterix(first, framing, probe, lambda octets: None)
    alone_and_whole = lengths == [len(data)]
    if not (probe.counts or alone_and_whole or (len(first) > 1 and lengths[-1] <= len(first[-1].payload))):
        return None
    return inspect_asterix(packets(data, framing), framing, made, taken)


def _as_table(data: Buffer, head: bytes, made: Inspection, taken: Callable[[int], None]) -> Places | None:
    if is_marked_up(head) or not is_text(head):
        return None
    delimiter = find_delimiter(_head_lines(head, data)[:200])
    return inspect_table(lines_of(data), delimiter, made, taken) if delimiter else None
