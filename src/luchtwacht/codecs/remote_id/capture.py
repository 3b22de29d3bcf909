"""Captures of a radio as bytes: pcap and pcapng, to the link type and the packets with their times.

pcap: IETF draft-ietf-opsawg-pcap (2024): both octet orders, micro- and nanoseconds. pcapng: IETF
draft-ietf-opsawg-pcapng (2024): section header, interface description, enhanced, simple and obsolete packet blocks,
`if_tsresol`, `if_tsoffset`, several sections; other blocks are passed over. A capture that ends in the middle of a
packet (a recorder that was cut off) gives the packets before it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from mmap import mmap

from luchtwacht.codecs.remote_id.link import LinkType
from luchtwacht.errors import BadRecording
from luchtwacht.units import SECOND_NS

_PCAP_MICROSECONDS, _PCAP_NANOSECONDS = 0xA1B2C3D4, 0xA1B23C4D
_PCAP_HEADER_SIZE, _PCAP_RECORD_SIZE = 24, 16
_SECTION, _INTERFACE, _OLD_PACKET, _SIMPLE_PACKET, _ENHANCED_PACKET = 0x0A0D0D0A, 1, 2, 3, 6
_SECTION_MARK = b"\x0a\x0d\x0d\x0a"
_BYTE_ORDER_MAGIC = 0x1A2B3C4D
_IF_TSRESOL, _IF_TSOFFSET = 9, 14
_SHORTEST_BLOCK = 12

_Packet = tuple[int, int, bytes]
"""link type, ns UTC, octets"""


@dataclass(frozen=True, slots=True, eq=False)
class Capture:
    """The packets of one link type: iterated, each is (ns UTC, octets as captured), in the order of the file. They are
    cut out of the file as they are asked for, so that a mapped file of any size takes no memory.
    """

    link: LinkType
    count: int
    """packets of it"""
    whole: bool
    """false when the file ends in the middle of a packet or its blocks stop making sense; what came before is given"""
    data: bytes | mmap
    """the file"""

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        for kind, time_ns, octets in _Reading(self.data):
            if kind == self.link:
                yield time_ns, octets


@dataclass(frozen=True, slots=True)
class _Interface:
    link: int
    ticks_per_second: int
    offset_s: int


def read_capture(data: bytes | mmap) -> Capture:
    """A pcap or pcapng file, walked through once; what is given reads it again.

    Raises:
        BadRecording: neither of the two, without packets' link type, or of a link type that carries no Remote ID.
    """
    reading = _Reading(data)
    counts: dict[int, int] = {}
    for kind, _, _ in reading:
        counts[kind] = counts.get(kind, 0) + 1
    links = sorted(counts or reading.links)
    if not links:
        raise BadRecording("no interface is described in the pcapng file")
    readable = [each for each in links if each in LinkType.__members__.values()]
    if len(readable) > 1:
        raise BadRecording(f"packets of several link types ({readable}) in one file", hint="save them one by one")
    link = _link(readable[0] if readable else links[0])
    return Capture(link, counts.get(link, 0), reading.at == len(data), data)


class _Reading:
    """One pass through a file: its packets of all link types, and how far it came."""

    def __init__(self, data: bytes | mmap) -> None:
        self._data = data
        self.at = 0
        """octets that made sense"""
        self.links: set[int] = set()
        """link types that were described, with packets or without"""

    def __iter__(self) -> Iterator[_Packet]:
        data = self._data
        if data[:4] == _SECTION_MARK:
            return self._pcapng()
        for order in "<>":
            if len(data) >= _PCAP_HEADER_SIZE:
                magic = struct.unpack_from(f"{order}I", data)[0]
                if magic in (_PCAP_MICROSECONDS, _PCAP_NANOSECONDS):
                    return self._pcap(order, 1 if magic == _PCAP_NANOSECONDS else 1_000)
        raise BadRecording(f"{data[:4].hex() or 'nothing'} starts neither a pcap nor a pcapng file")

    def _pcap(self, order: str, unit_ns: int) -> Iterator[_Packet]:
        data, self.at = self._data, _PCAP_HEADER_SIZE
        link = struct.unpack_from(f"{order}I", data, 20)[0] & 0x0FFF_FFFF
        self.links.add(link)
        record = struct.Struct(f"{order}IIII")
        while self.at + _PCAP_RECORD_SIZE <= len(data):
            seconds, fraction, captured, _ = record.unpack_from(data, self.at)
            first = self.at + _PCAP_RECORD_SIZE
            if first + captured > len(data):
                break
            self.at = first + captured
            yield link, seconds * SECOND_NS + fraction * unit_ns, data[first : self.at]

    def _pcapng(self) -> Iterator[_Packet]:
        data, order, last_ns = self._data, "<", 0
        interfaces: list[_Interface] = []
        while self.at + _SHORTEST_BLOCK <= len(data):
            if data[self.at : self.at + 4] == _SECTION_MARK:
                order = "<" if struct.unpack_from("<I", data, self.at + 8)[0] == _BYTE_ORDER_MAGIC else ">"
                interfaces, self.links = [], set()
            kind, size = struct.unpack_from(f"{order}II", data, self.at)
            if size < _SHORTEST_BLOCK or size % 4 or self.at + size > len(data):
                break
            body = data[self.at + 8 : self.at + size - 4]
            self.at += size
            if kind == _INTERFACE and len(body) >= 8:
                interfaces.append(_read_interface(body, order))
                self.links.add(interfaces[-1].link)
                continue
            packet = _read_packet(kind, body, order, interfaces, last_ns)
            if packet is not None:
                last_ns = packet[1]
                yield packet


def _read_interface(body: bytes, order: str) -> _Interface:
    ticks, offset_s, at = 1_000_000, 0, 8
    while at + 4 <= len(body):
        code, size = struct.unpack_from(f"{order}HH", body, at)
        value = body[at + 4 : at + 4 + size]
        if code == _IF_TSRESOL and len(value) == 1:
            ticks = 2 ** (value[0] & 0x7F) if value[0] & 0x80 else 10 ** value[0]
        elif code == _IF_TSOFFSET and len(value) == 8:
            offset_s = struct.unpack(f"{order}q", value)[0]
        at += 4 + size + -size % 4
    return _Interface(struct.unpack_from(f"{order}H", body)[0], ticks, offset_s)


def _read_packet(
    kind: int, body: bytes, order: str, interfaces: list[_Interface], last_ns: int
) -> tuple[int, int, bytes] | None:
    """Link type, time and octets of a packet block; none for other blocks and for blocks that do not add up."""
    if kind == _ENHANCED_PACKET and len(body) >= 20:
        index, high, low, captured, _ = struct.unpack_from(f"{order}IIIII", body)
        start = 20
    elif kind == _OLD_PACKET and len(body) >= 20:
        index, _, high, low, captured, _ = struct.unpack_from(f"{order}HHIIII", body)
        start = 20
    elif kind == _SIMPLE_PACKET and len(body) >= 4 and interfaces:
        captured = min(struct.unpack_from(f"{order}I", body)[0], len(body) - 4)
        return interfaces[0].link, last_ns, body[4 : 4 + captured]
    else:
        return None
    if index >= len(interfaces) or start + captured > len(body):
        return None
    interface = interfaces[index]
    time_ns = (high << 32 | low) * SECOND_NS // interface.ticks_per_second + interface.offset_s * SECOND_NS
    return interface.link, time_ns, body[start : start + captured]


def _link(number: int) -> LinkType:
    try:
        return LinkType(number)
    except ValueError:
        raise BadRecording(
            f"link type {number} carries no Remote ID",
            hint="802.11 with or without radiotap (127, 105) and Bluetooth low energy (251, 256, 272) do",
        ) from None
