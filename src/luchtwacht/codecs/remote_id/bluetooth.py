"""Bluetooth low energy advertising. ASTM F3411-22a 5.4.6.1 and 5.4.6.2; Bluetooth Core 5.4 vol. 6 part B 2.3, 3.1.

    link layer   access address 8E89BED6 (4), on the coded PHY a coding indicator (1, as sniffers write it), PDU, CRC-24
    PDU          type (low nibble of octet 0), length (octet 1), then for legacy types the advertiser's address (6) and
                 data, for type 7 an extended header: length (low 6 bits), flags, and as these say address (6),
                 target address (6), CTE (1), ADI (2), aux pointer (3), sync info (18), transmit power (1); then data
    data         structures of length, type, content; type 0x16: UUID 0xFFFA, application code 0x0D, message counter,
                 and one message (legacy) or a pack (extended)
    Nordic       octets 0-6 board, length, version 3, counter, packet id; 7 length of what follows up to the access
                 address (10); 8 flags (bit 0: CRC holds; bits 4-6: PHY, 2 is coded); 9 channel; 10 minus dBm;
                 11-12 event counter; 13-16 time
    with PHDR    channel, signal (dBm), noise, offences, reference address (4), flags (2): bit 1 signal valid, bit 10
                 CRC checked, bit 11 CRC holds, bits 14-15 PHY, 2 is coded

The CRC is always computed as well, from octets that the radio handed over: all advertising uses the same start value.
"""

from __future__ import annotations

import struct
from math import nan
from typing import NamedTuple

from luchtwacht.codecs.remote_id.damage import Damaged
from luchtwacht.codecs.remote_id.link import Advert, Carrier, LinkType
from luchtwacht.model import Reason

MARK = b"\x16\xfa\xff\x0d"
"""service data, UUID 0xFFFA (ASTM International), application code of Remote ID"""
ACCESS_ADDRESS = b"\xd6\xbe\x89\x8e"
CRC_SIZE = 3
_LEGACY = (0, 2, 4, 6)
"""ADV_IND, ADV_NONCONN_IND, SCAN_RSP, ADV_SCAN_IND: address, then data"""
_EXTENDED = 7
_ADVERTISER = 0x01
_CODED_PHY = 2
_NORDIC_HEADER_SIZE = 17


class _Envelope(NamedTuple):
    """Where the PDU stands, and what the radio said of it."""

    start: int
    rssi_dbm: float
    intact: bool


def _crc_table() -> tuple[int, ...]:
    """Per octet, for the reflected polynomial x24+x10+x9+x6+x4+x3+x+1 (Bluetooth Core vol. 6 part B 3.1.1)."""
    table = []
    for octet in range(256):
        state = octet
        for _ in range(8):
            state = state >> 1 ^ (0xDA6000 if state & 1 else 0)
        table.append(state)
    return tuple(table)


_CRC_TABLE = _crc_table()
_CRC_START = 0xAAAAAA
"""0x555555, reflected"""


def crc24(pdu: bytes) -> bytes:
    """The three octets that follow an advertising PDU on the air."""
    state = _CRC_START
    for octet in pdu:
        state = state >> 8 ^ _CRC_TABLE[(state ^ octet) & 0xFF]
    return state.to_bytes(CRC_SIZE, "little")


def locate_in_bluetooth(frame: bytes, link: LinkType) -> list[Advert]:
    """Every Remote ID service data of one advertising PDU; none in other frames.

    Raises:
        Damaged: the radio or the CRC says so, or the structures do not add up.
    """
    if MARK not in frame:
        return []
    start, rssi_dbm, intact = _open_envelope(frame, link)
    if start + 2 > len(frame):
        raise Damaged(Reason.TRUNCATED, "PDU", "the frame ends before its PDU")
    if not intact:
        raise Damaged(Reason.MALFORMED, "CRC", "the radio says that the frame is damaged")
    stop = start + 2 + frame[start + 1]
    if stop > len(frame):
        raise Damaged(Reason.TRUNCATED, "PDU", f"{len(frame) - start} octets of a PDU of {stop - start}")
    received_crc = frame[stop : stop + CRC_SIZE]
    if received_crc != crc24(frame[start:stop]):
        raise Damaged(
            Reason.MALFORMED if len(received_crc) == CRC_SIZE else Reason.TRUNCATED, "CRC", "the check does not hold"
        )
    kind = frame[start] & 0x0F
    if kind in _LEGACY:
        carrier, address, at = Carrier.BLUETOOTH_LEGACY, start + 2, start + 8
    elif kind == _EXTENDED:
        carrier, (address, at) = Carrier.BLUETOOTH_EXTENDED, _extended_header(frame, start + 2, stop)
    else:
        return []
    transmitter = int.from_bytes(frame[address : address + 6], "little")
    return [
        Advert(carrier, transmitter, rssi_dbm, frame[first], first + 1, last)
        for first, last in _service_data(frame, at, stop)
    ]


def _extended_header(frame: bytes, at: int, stop: int) -> tuple[int, int]:
    """Offset of the advertiser's address and of the data."""
    data = at + 1 + (frame[at] & 0x3F) if at < stop else stop
    if data > stop or data < at + 8 or not frame[at + 1] & _ADVERTISER:
        raise Damaged(Reason.UNSUPPORTED, "PDU", "an extended advertisement without the advertiser's address")
    return at + 2, data


def _service_data(frame: bytes, at: int, stop: int) -> list[tuple[int, int]]:
    """First octet after the application code and one past the last, for each Remote ID structure."""
    found = []
    while at < stop and frame[at]:
        end = at + 1 + frame[at]
        if end > stop:
            raise Damaged(Reason.TRUNCATED, "advertising data", "a structure goes on past the end of its PDU")
        if frame[at + 1 : at + 5] == MARK:
            if end < at + 6:
                raise Damaged(Reason.TRUNCATED, "message_counter", "the structure ends before its message counter")
            found.append((at + 5, end))
        at = end
    return found


def _open_envelope(frame: bytes, link: LinkType) -> _Envelope:
    """Take off what the radio put before the PDU.

    Raises:
        Damaged: this is no such frame.
    """
    coded, rssi_dbm, intact, at = False, nan, True, 0
    if link is LinkType.NORDIC_BLE:
        if len(frame) < _NORDIC_HEADER_SIZE or frame[7] != 10:
            raise Damaged(Reason.UNKNOWN_FORMAT, "nRF sniffer", "not the header of a packet that was heard")
        intact, coded = bool(frame[8] & 1), frame[8] >> 4 & 7 == _CODED_PHY
        rssi_dbm, at = -float(frame[10]), _NORDIC_HEADER_SIZE
    elif link is LinkType.BLUETOOTH_LE_WITH_PHDR:
        if len(frame) < 10:
            raise Damaged(Reason.TRUNCATED, "PHDR", "the frame ends in its header")
        flags = int.from_bytes(frame[8:10], "little")
        intact, coded = flags & 0x0C00 != 0x0400, flags >> 14 == _CODED_PHY
        if flags & 0x0002:
            rssi_dbm = float(frame[1] - 256 if frame[1] > 127 else frame[1])
        at = 10
    if frame[at : at + 4] != ACCESS_ADDRESS:
        raise Damaged(Reason.UNKNOWN_FORMAT, "access address", f"{frame[at : at + 4].hex()} is not that of advertising")
    return _Envelope(at + (5 if coded else 4), rssi_dbm, intact)


def encode_bluetooth_frame(mac: bytes, content: bytes, *, rssi_dbm: int, counter: int, extended: bool) -> bytes:
    """As Nordic's sniffer hands it over: an advertisement whose Remote ID service data is `content`."""
    data = bytes([len(MARK) + len(content)]) + MARK + content
    address = mac[::-1]
    if extended:
        payload = bytes([9, _ADVERTISER | 0x08]) + address + b"\0\0" + data
        pdu = bytes([_EXTENDED, len(payload)]) + payload
    else:
        pdu = bytes([2, len(address + data)]) + address + data
    air = ACCESS_ADDRESS + (b"\0" if extended else b"") + pdu + crc24(pdu)
    flags = 1 | (_CODED_PHY << 4 if extended else 0)
    head = bytes([10, flags, 37, max(0, min(255, -rssi_dbm))]) + struct.pack("<HI", counter & 0xFFFF, 0)
    return struct.pack("<BHBHB", 3, len(head) + len(air), 3, counter & 0xFFFF, 2) + head + air
