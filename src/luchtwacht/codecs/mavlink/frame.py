"""Packets of MAVLink 1 and 2 (mavlink.io/en/guide/serialization.html).

    v1   FE, length, sequence, system, component, message (1), payload, CRC (2)
    v2   FD, length, incompatible flags, compatible flags, sequence, system, component, message (3), payload, CRC (2),
         signature (13) when flag 1 is set

The CRC is that of X.25 over everything after the first octet, and one octet more that stands for the message's fields,
so that it can only be checked of messages that are known. Zeros at the end of a v2 payload are not sent.
"""

from __future__ import annotations

from dataclasses import dataclass

V1, V2 = 0xFE, 0xFD
_HEADS = {V1: 6, V2: 10}
_SIGNED = 1
_SIGNATURE = 13

EXTRA = {
    0: 50, 2: 137, 24: 24, 33: 104, 12900: 114, 12901: 254, 12904: 77, 12905: 49,
}  # fmt: skip
"""the octet more, of each message that is read (mavlink.io common.xml)"""

NAMES = {
    0: "heartbeat", 2: "system_time", 24: "gps_raw_int", 33: "global_position_int",
    12900: "open_drone_id_basic_id", 12901: "open_drone_id_location", 12904: "open_drone_id_system",
    12905: "open_drone_id_operator_id",
}  # fmt: skip
"""of each message that is read, in the standard's words"""


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet whose CRC holds."""

    system: int
    component: int
    message: int
    payload: bytes


def crc_x25(octets: bytes) -> int:
    """CRC-16/MCRF4XX."""
    value = 0xFFFF
    for octet in octets:
        mixed = octet ^ value & 0xFF
        mixed = (mixed ^ mixed << 4) & 0xFF
        value = value >> 8 ^ mixed << 8 ^ mixed << 3 ^ mixed >> 4
    return value & 0xFFFF


def packet_size(buffer: bytes, at: int) -> int | None:
    """Octets of the packet that starts at `at`; none when the buffer ends before that can be told."""
    head = _HEADS[buffer[at]]
    if len(buffer) - at < head:
        return None
    signed = buffer[at] == V2 and buffer[at + 2] & _SIGNED
    return head + buffer[at + 1] + 2 + (_SIGNATURE if signed else 0)


@dataclass(frozen=True, slots=True)
class Cut:
    """Where one packet stands, of a message that is read or not."""

    first: int
    end: int
    system: int
    component: int
    message: int
    checked: bool
    """it is of a message that is read, and its CRC holds"""


def cut_mavlink(buffer: bytes) -> tuple[list[Cut], int, int, int]:
    """Packets, where the first that is not whole begins, octets of no packet, and packets with a wrong CRC.

    Packets of messages that are not read cannot be checked, and go by their length.
    """
    cuts: list[Cut] = []
    at = lost = damaged = 0
    while at < len(buffer):
        if buffer[at] not in _HEADS:
            at, lost = at + 1, lost + 1
            continue
        size = packet_size(buffer, at)
        if size is None or len(buffer) - at < size:
            return cuts, at, lost, damaged
        cut = check(buffer, at, size)
        if cut is None:
            at, damaged = at + 1, damaged + 1  # a packet may begin inside it
            continue
        cuts.append(cut)
        at += size
    return cuts, at, lost, damaged


def check(buffer: bytes, at: int, size: int) -> Cut | None:
    """The packet of `size` octets at `at`; none when its CRC does not hold."""
    head, length = _HEADS[buffer[at]], buffer[at + 1]
    first = buffer[at] == V1
    message = buffer[at + 5] if first else int.from_bytes(buffer[at + 7 : at + 10], "little")
    system, component = (buffer[at + 3], buffer[at + 4]) if first else (buffer[at + 5], buffer[at + 6])
    extra = EXTRA.get(message)
    if extra is not None:
        end = at + head + length
        if crc_x25(buffer[at + 1 : end] + bytes([extra])) != int.from_bytes(buffer[end : end + 2], "little"):
            return None
    return Cut(at, at + size, system, component, message, extra is not None)


def packet_at(buffer: bytes, cut: Cut) -> Packet:
    """The packet of a cut that is `checked`."""
    head = cut.first + _HEADS[buffer[cut.first]]
    return Packet(cut.system, cut.component, cut.message, buffer[head : head + buffer[cut.first + 1]])


def split_mavlink(buffer: bytes) -> tuple[list[Packet], bytes, int, int]:
    """Packets of the messages that are read, what is left for next time, octets of no packet, and packets with a wrong
    CRC.
    """
    cuts, rest, lost, damaged = cut_mavlink(buffer)
    return [packet_at(buffer, cut) for cut in cuts if cut.checked], buffer[rest:], lost, damaged


def encode_packet(packet: Packet, *, sequence: int = 0) -> bytes:
    """A packet of MAVLink 2, unsigned."""
    payload = packet.payload.rstrip(b"\0") or packet.payload[:1]
    head = bytes([len(payload), 0, 0, sequence & 0xFF, packet.system, packet.component])
    body = head + packet.message.to_bytes(3, "little") + payload
    return bytes([V2]) + body + crc_x25(body + bytes([EXTRA[packet.message]])).to_bytes(2, "little")
