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


def split_mavlink(buffer: bytes) -> tuple[list[Packet], bytes, int, int]:
    """Packets of the messages that are read, what is left for next time, octets of no packet, and packets with a wrong
    CRC.

    Packets of other messages cannot be checked and are passed over by their length.
    """
    packets: list[Packet] = []
    at = lost = damaged = 0
    while at < len(buffer):
        if buffer[at] not in _HEADS:
            at, lost = at + 1, lost + 1
            continue
        size = packet_size(buffer, at)
        if size is None or len(buffer) - at < size:
            return packets, buffer[at:], lost, damaged
        head, length = _HEADS[buffer[at]], buffer[at + 1]
        first = buffer[at] == V1
        message = buffer[at + 5] if first else int.from_bytes(buffer[at + 7 : at + 10], "little")
        extra = EXTRA.get(message)
        if extra is not None:
            sent = int.from_bytes(buffer[at + head + length : at + head + length + 2], "little")
            if crc_x25(buffer[at + 1 : at + head + length] + bytes([extra])) != sent:
                at, damaged = at + 1, damaged + 1  # a packet may begin inside it
                continue
            system, component = (buffer[at + 3], buffer[at + 4]) if first else (buffer[at + 5], buffer[at + 6])
            packets.append(Packet(system, component, message, buffer[at + head : at + head + length]))
        at += size
    return packets, b"", lost, damaged


def encode_packet(packet: Packet, *, sequence: int = 0) -> bytes:
    """A packet of MAVLink 2, unsigned."""
    payload = packet.payload.rstrip(b"\0") or packet.payload[:1]
    head = bytes([len(payload), 0, 0, sequence & 0xFF, packet.system, packet.component])
    body = head + packet.message.to_bytes(3, "little") + payload
    return bytes([V2]) + body + crc_x25(body + bytes([EXTRA[packet.message]])).to_bytes(2, "little")
