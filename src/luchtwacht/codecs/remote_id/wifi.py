"""Wi-Fi: what stands around a management frame. Radiotap (radiotap.org), IEEE 802.11-2020 9.2.3 and 9.3.3.

radiotap     u8 version 0, u8 padding, u16 length, u32 fields present (bit 31: another such word follows), then the
             fields in order of their bit, each aligned to its size
802.11       frame control (2), duration (2), receiver (6), transmitter (6), BSSID (6), sequence (2), body,
             and a CRC-32 when the radiotap flags say so
"""

from __future__ import annotations

import struct
from functools import lru_cache
from math import nan
from typing import NamedTuple
from zlib import crc32

from luchtwacht.codecs.remote_id.damage import Damaged
from luchtwacht.codecs.remote_id.link import LinkType
from luchtwacht.model import Reason

MANAGEMENT_HEADER_SIZE = 24
FCS_SIZE = 4
BEACON = 0x80
PROBE_RESPONSE = 0x50
ACTION = 0xD0
"""first octet of frame control"""
_HT_CONTROL = 0x80
"""second octet of frame control: four more octets of header"""
_FLAG_FCS_AT_END = 0x10
_FLAG_BAD_FCS = 0x40
_RADIOTAP_FIELDS = ((8, 8), (1, 1), (1, 1), (4, 2), (2, 1), (1, 1))
"""size and alignment of TSFT, flags, rate, channel, FHSS, antenna signal: bits 0 to 5"""
_FLAGS, _SIGNAL = 1, 5
_u16 = struct.Struct("<H").unpack_from


class Envelope(NamedTuple):
    """Where the 802.11 frame stands in what the radio handed over, and what the radio said of it."""

    start: int
    stop: int
    """without the check sequence"""
    rssi_dbm: float
    intact: bool
    """false when the radio, or the check sequence, says that it is damaged"""


def check_envelope(frame: bytes, link: LinkType) -> None:
    """A quick look at a frame that holds nothing of interest.

    Raises:
        Damaged: this is no radiotap header.
    """
    if link is LinkType.RADIOTAP and (len(frame) < 8 or frame[0] != 0):
        raise Damaged(Reason.UNKNOWN_FORMAT, "radiotap", f"{frame[:4].hex()} does not start a radiotap header")


def open_envelope(frame: bytes, link: LinkType) -> Envelope:
    """Take off the radiotap header.

    Raises:
        Damaged: this is no radiotap header.
    """
    if link is LinkType.IEEE802_11:
        return Envelope(0, len(frame), nan, True)
    check_envelope(frame, link)
    size = _u16(frame, 2)[0]
    if not 8 <= size <= len(frame):
        raise Damaged(Reason.TRUNCATED, "radiotap", f"a header of {size} octets in a frame of {len(frame)}")
    words = 4
    while frame[words + 3] & 0x80:
        words += 4
        if words + 4 > size:
            raise Damaged(Reason.MALFORMED, "radiotap", "the words of present fields go on past the header")
    flags_at, signal_at = _field_offsets(frame[4] & 0x3F, words + 4)
    flags = frame[flags_at] if 0 <= flags_at < size else 0
    rssi_dbm = nan
    if 0 <= signal_at < size:
        rssi_dbm = float(frame[signal_at] - 256 if frame[signal_at] > 127 else frame[signal_at])
    stop, intact = len(frame), not flags & _FLAG_BAD_FCS
    if flags & _FLAG_FCS_AT_END:
        stop -= FCS_SIZE
        intact = intact and stop >= size and crc32(frame[size:stop]) == int.from_bytes(frame[stop:], "little")
    return Envelope(size, max(stop, size), rssi_dbm, intact)


@lru_cache(maxsize=64)
def _field_offsets(present: int, first: int) -> tuple[int, int]:
    """Offsets of the flags and of the antenna signal; -1 where there is none."""
    found, at = {_FLAGS: -1, _SIGNAL: -1}, first
    for bit, (size, alignment) in enumerate(_RADIOTAP_FIELDS):
        if present >> bit & 1:
            at += -at % alignment
            if bit in found:
                found[bit] = at
            at += size
    return found[_FLAGS], found[_SIGNAL]


def body_offset(frame: bytes, envelope: Envelope) -> int:
    """Where the body of a management frame starts.

    Raises:
        Damaged: the frame ends in its header.
    """
    at = envelope.start + MANAGEMENT_HEADER_SIZE
    if at > envelope.stop:
        raise Damaged(Reason.TRUNCATED, "802.11", "the frame ends in its header")
    return at + 4 if frame[envelope.start + 1] & _HT_CONTROL else at


def transmitter(frame: bytes, envelope: Envelope) -> int:
    """The address of the transmitter, as a number."""
    return int.from_bytes(frame[envelope.start + 10 : envelope.start + 16], "big")


def encode_radiotap(rssi_dbm: int) -> bytes:
    """A header that says: a check sequence stands at the end, and how strong it was."""
    return struct.pack("<BBHIBb", 0, 0, 10, 1 << _FLAGS | 1 << _SIGNAL, _FLAG_FCS_AT_END, rssi_dbm)


def encode_management(kind: int, receiver: bytes, mac: bytes, bssid: bytes, counter: int, body: bytes) -> bytes:
    """A management frame with its check sequence; `counter` becomes the sequence number."""
    head = struct.pack("<BBH6s6s6sH", kind, 0, 0, receiver, mac, bssid, (counter & 0x0FFF) << 4)
    return head + body + crc32(head + body).to_bytes(FCS_SIZE, "little")
