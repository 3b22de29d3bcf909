"""Wi-Fi beacons with a vendor element. ASTM F3411-22a 5.4.6.4; DJI's element of the same kind is found here too.

beacon body  timestamp (8), interval (2), capability (2), then elements: id, length, content
element 221  OUI FA:0B:BC, type 0x0D, message counter, pack
element 221  OUI 26:37:12, DJI's record: see `dji`
"""

from __future__ import annotations

import struct

from luchtwacht.codecs.remote_id.damage import Damaged
from luchtwacht.codecs.remote_id.link import Advert, Carrier
from luchtwacht.codecs.remote_id.wifi import (
    BEACON,
    PROBE_RESPONSE,
    Envelope,
    body_offset,
    encode_management,
    encode_radiotap,
    transmitter,
)
from luchtwacht.model import Reason

MARK = b"\xfa\x0b\xbc\x0d"
"""OUI of ASD-STAN and the type of Remote ID"""
DJI_MARK = b"\x26\x37\x12"
_VENDOR = 221
_FIXED_SIZE = 12
_BROADCAST = b"\xff" * 6
_INTERVAL_TU = 100
_ESS_OPEN = 0x0001


def locate_in_beacon(frame: bytes, envelope: Envelope) -> list[Advert]:
    """Every Remote ID and DJI element of one beacon or probe response; none in other frames.

    Raises:
        Damaged: it is a beacon, and its elements do not add up.
    """
    if frame[envelope.start] not in (BEACON, PROBE_RESPONSE):
        return []
    found = []
    at = body_offset(frame, envelope) + _FIXED_SIZE
    while at + 2 <= envelope.stop:
        end = at + 2 + frame[at + 1]
        if end > envelope.stop:
            raise Damaged(Reason.TRUNCATED, "802.11", f"element {frame[at]} goes on past the end of its frame")
        if frame[at] == _VENDOR:
            content = frame[at + 2 : at + 6]
            if content == MARK:
                if end < at + 7:
                    raise Damaged(Reason.TRUNCATED, "message_counter", "the element ends before its message counter")
                found.append(_advert(frame, envelope, Carrier.WIFI_BEACON, frame[at + 6], at + 7, end))
            elif content[:3] == DJI_MARK:
                found.append(_advert(frame, envelope, Carrier.DJI_BEACON, -1, at + 5, end))
        at = end
    return found


def _advert(frame: bytes, envelope: Envelope, carrier: Carrier, counter: int, start: int, stop: int) -> Advert:
    return Advert(carrier, transmitter(frame, envelope), envelope.rssi_dbm, counter, start, stop)


def encode_beacon_frame(mac: bytes, content: bytes, *, rssi_dbm: int, counter: int) -> bytes:
    """A radiotap header and a beacon of an unnamed network with one vendor element that holds `content`."""
    body = struct.pack("<QHH", 0, _INTERVAL_TU, _ESS_OPEN) + b"\0\0" + bytes([_VENDOR, len(content)]) + content
    return encode_radiotap(rssi_dbm) + encode_management(BEACON, _BROADCAST, mac, mac, counter, body)
