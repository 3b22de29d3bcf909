"""How recordings of ASTERIX are cut: a file's bytes to payloads and, where the framing has them, times.

| framing | a file is | times |
|---|---|---|
| bare | block after block | none |
| final | 2 octets length of all, 1 error, 1 board, 4 time in 10 ms, blocks, 4 octets trailer | of the recorder's day |
| gps | 2,200 octets of header; then a block, 6 octets, 3 octets time in 1/128 s, 1 octet | of the recorder's day |
| pcap, pcapng | UDP over IPv4 or IPv6 in Ethernet (with or without VLAN tags), Linux cooked, loopback or raw IP | UTC |

"Final" and GPS are the recorders' formats met in practice; their layout was read from recordings. pcap: IETF
draft-ietf-opsawg-pcap; pcapng: draft-ietf-opsawg-pcapng. A payload is cut by the length in the UDP header, so that the
padding of short Ethernet frames is no part of it.

What is cut off at the end of a file is given as it is: the decoder says what is wrong with it. Packets that are not
UDP, and fragments of IP packets, are passed over.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import StrEnum
from mmap import mmap
from typing import NamedTuple

from luchtwacht.errors import BadRecording
from luchtwacht.units import DAY_NS, SECOND_NS

Buffer = bytes | mmap
"""a file in memory, or mapped into it"""


class Framing(StrEnum):
    """How a file is cut."""

    BARE = "bare"
    FINAL = "final"
    GPS = "gps"
    PCAP = "pcap"
    PCAPNG = "pcapng"


class Packet(NamedTuple):
    """One payload."""

    received_ns: int | None
    """ns UTC; none where the framing does not say the day"""
    payload: bytes
    time_of_day_ns: int | None = None
    """ns since midnight of the recorder's own clock, which may be local time"""


_PCAP_UNITS = {0xA1B2C3D4: 1_000, 0xA1B23C4D: 1}
"""ns a unit of the fraction, by magic number"""
_SECTION = b"\x0a\x0d\x0d\x0a"
_GPS_HEADER, _GPS_TRAILER = 2_200, 10
_FINAL_HEADER, _FINAL_TRAILER = 8, 4
_LOOKED_AT = 8
"""units that must fit before a framing is believed"""


def detect_framing(data: Buffer) -> Framing:
    """How the file is cut, by its content.

    Raises:
        BadRecording: in none of the ways known here.
    """
    if data[:4] == _SECTION:
        return Framing.PCAPNG
    if _pcap_order(data):
        return Framing.PCAP
    for cut_off in (False, True):
        if _blocks_fit(data, 0, 0, cut_off):
            return Framing.BARE
        if _blocks_fit(data, _GPS_HEADER, _GPS_TRAILER, cut_off):
            return Framing.GPS
        if _final_fits(data, cut_off):
            return Framing.FINAL
    raise BadRecording(
        f"{data[:4].hex() or 'nothing'} starts no ASTERIX recording",
        hint="bare blocks, pcap, pcapng, Final (.ff) and GPS (.gps) files are read",
    )


def packets(data: Buffer, framing: Framing | None = None) -> Iterator[Packet]:
    """The payloads of a file, in order.

    Args:
        data: the whole file.
        framing: as `detect_framing` says, unless it is known better.

    Raises:
        BadRecording: the framing cannot be found out, or a capture's header cannot be read.
    """
    match framing or detect_framing(data):
        case Framing.BARE:
            return _spaced_blocks(data, 0, 0)
        case Framing.GPS:
            return _spaced_blocks(data, _GPS_HEADER, _GPS_TRAILER)
        case Framing.FINAL:
            return _final(data)
        case Framing.PCAP:
            return _udp(_pcap(data))
        case Framing.PCAPNG:
            return _udp(_pcapng(data))


# -- bare, GPS, Final ---------------------------------------------------------------------------------------------


def _length(data: Buffer, at: int) -> int:
    """Length a block says it has; 0 where its header is not whole or the length is less than that."""
    header = data[at : at + 3]
    length = int.from_bytes(header[1:3], "big") if len(header) == 3 else 0
    return length if length >= 3 else 0


def _blocks_fit(data: Buffer, at: int, trailer: int, cut_off: bool) -> bool:
    """Whether the first blocks follow one another. The file must end with a block, or may be `cut_off` in one."""
    for seen in range(_LOOKED_AT):
        length = _length(data, at)
        if length == 0 or data[at] == 0:
            return False
        at += length + trailer
        if at >= len(data):
            return at == len(data) or (cut_off and seen > 0)
    return True


def _spaced_blocks(data: Buffer, at: int, trailer: int) -> Iterator[Packet]:
    """Blocks with `trailer` octets after each, the last four of which are a time and a spare octet."""
    while at < len(data):
        length = _length(data, at) or len(data) - at
        end = at + length
        time = data[end + trailer - 4 : end + trailer - 1] if trailer else b""
        of_day = int.from_bytes(time, "big") * SECOND_NS // 128 if len(time) == 3 else None
        yield Packet(None, bytes(data[at:end]), of_day if of_day is None or of_day < DAY_NS else None)
        at = end + trailer


def _final_fits(data: Buffer, cut_off: bool) -> bool:
    """As `_blocks_fit`."""
    at = 0
    for seen in range(_LOOKED_AT):
        size = int.from_bytes(data[at : at + 2], "big")
        if not 0 < _length(data, at + _FINAL_HEADER) <= size - _FINAL_HEADER - _FINAL_TRAILER:
            return False
        at += size
        if at >= len(data):
            return at == len(data) or (cut_off and seen > 0)
    return True


def _final(data: Buffer) -> Iterator[Packet]:
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 2], "big")
        if size < _FINAL_HEADER + _FINAL_TRAILER:
            yield Packet(None, bytes(data[at:]))
            return
        of_day = int.from_bytes(data[at + 4 : at + _FINAL_HEADER], "big") * (SECOND_NS // 100)
        end = at + size
        payload = bytes(data[at + _FINAL_HEADER : min(end - _FINAL_TRAILER, len(data))])
        yield Packet(None, payload, of_day if of_day < DAY_NS else None)
        at = end


# -- captures -----------------------------------------------------------------------------------------------------

Captured = tuple[int, int, bytes]
"""ns UTC, link type, octets of a packet"""


def _pcap_order(data: Buffer) -> str:
    """Order of octets of a pcap file, "" when it is none."""
    head = bytes(data[:4])
    if len(data) < 24:
        return ""
    return next((order for order in "<>" if struct.unpack(f"{order}I", head)[0] in _PCAP_UNITS), "")


def _pcap(data: Buffer) -> Iterator[Captured]:
    order = _pcap_order(data)
    if not order:
        raise BadRecording(f"{data[:4].hex() or 'nothing'} starts no pcap file")
    unit_ns = _PCAP_UNITS[struct.unpack_from(f"{order}I", data)[0]]
    link = struct.unpack_from(f"{order}I", data, 20)[0] & 0x0FFF_FFFF
    record = struct.Struct(f"{order}IIII")
    at = 24
    while at + record.size <= len(data):
        seconds, fraction, captured, _ = record.unpack_from(data, at)
        at += record.size
        yield seconds * SECOND_NS + fraction * unit_ns, link, bytes(data[at : at + captured])
        at += captured


def _pcapng(data: Buffer) -> Iterator[Captured]:
    order, at = "<", 0
    interfaces: list[tuple[int, int, int]] = []
    latest = 0
    while at + 12 <= len(data):
        if data[at : at + 4] == _SECTION:
            order = "<" if bytes(data[at + 8 : at + 12]) == b"\x4d\x3c\x2b\x1a" else ">"
            interfaces = []
        kind, size = struct.unpack_from(f"{order}II", data, at)
        if size < 12 or size % 4:
            raise BadRecording(f"a pcapng block at octet {at} says it is {size} octets long")
        body = bytes(data[at + 8 : at + size - 4])
        at += size
        if kind == 1 and len(body) >= 8:
            interfaces.append(_interface(body, order))
        elif kind == 3 and len(body) >= 4 and interfaces:
            yield latest, interfaces[0][0], body[4 : 4 + struct.unpack_from(f"{order}I", body)[0]]
        elif kind in (2, 6) and len(body) >= 20:
            index = struct.unpack_from(f"{order}I" if kind == 6 else f"{order}H", body)[0]
            if index < len(interfaces):
                link, ticks, offset_s = interfaces[index]
                high, low, captured = struct.unpack_from(f"{order}III", body, 4)
                latest = (high << 32 | low) * SECOND_NS // ticks + offset_s * SECOND_NS
                yield latest, link, body[20 : 20 + captured]


def _interface(body: bytes, order: str) -> tuple[int, int, int]:
    """Link type, ticks a second and offset in s (options 9 and 14)."""
    ticks, offset_s, at = 1_000_000, 0, 8
    while at + 4 <= len(body):
        code, size = struct.unpack_from(f"{order}HH", body, at)
        value = body[at + 4 : at + 4 + size]
        if code == 9 and len(value) == 1:
            ticks = 2 ** (value[0] & 0x7F) if value[0] & 0x80 else 10 ** value[0]
        elif code == 14 and len(value) == 8:
            offset_s = struct.unpack(f"{order}q", value)[0]
        at += 4 + size + -size % 4
    return struct.unpack_from(f"{order}H", body)[0], ticks, offset_s


_IPV4, _IPV6, _VLAN = 0x0800, 0x86DD, (0x8100, 0x88A8, 0x9100)
_ETHERNET, _COOKED, _COOKED_2 = 1, 113, 276
_RAW_IP, _LOOPBACK = (12, 14, 101, 228, 229), (0, 108)


def _udp(captured: Iterator[Captured]) -> Iterator[Packet]:
    """Payloads of the packets that are UDP."""
    for time_ns, link, octets in captured:
        payload = _udp_payload(_ip(link, octets))
        if payload is not None:
            yield Packet(time_ns, payload)


def _ip(link: int, octets: bytes) -> bytes:
    """The IP packet in a captured one; empty when it holds none."""
    if link in _RAW_IP:
        return octets
    if link in _LOOPBACK:
        return octets[4:]
    if link == _COOKED_2:
        kind, at = int.from_bytes(octets[0:2], "big"), 20
    elif link == _COOKED:
        kind, at = int.from_bytes(octets[14:16], "big"), 16
    elif link == _ETHERNET:
        kind, at = int.from_bytes(octets[12:14], "big"), 14
    else:
        return b""
    while kind in _VLAN:
        kind, at = int.from_bytes(octets[at + 2 : at + 4], "big"), at + 4
    return octets[at:] if kind in (_IPV4, _IPV6) else b""


def _udp_payload(packet: bytes) -> bytes | None:
    """What a UDP header says is its payload; none for other protocols and for fragments."""
    version = packet[0] >> 4 if packet else 0
    if version == 4 and len(packet) >= 20:
        at, protocol = 4 * (packet[0] & 15), packet[9]
        if int.from_bytes(packet[6:8], "big") & 0x3FFF:
            return None
    elif version == 6 and len(packet) >= 40:
        at, protocol = 40, packet[6]
    else:
        return None
    if protocol != 17 or len(packet) < at + 8:
        return None
    length = int.from_bytes(packet[at + 4 : at + 6], "big")
    return packet[at + 8 : at + length] if length >= 8 else None
