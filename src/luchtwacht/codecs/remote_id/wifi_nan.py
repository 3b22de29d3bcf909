"""Wi-Fi neighbour awareness (NAN). ASTM F3411-22a 5.4.6.3; Wi-Fi Alliance NAN specification 3.2, 9.5.

action body  category 4, action 9, OUI 50:6F:9A, type 0x13, then attributes: id, u16 length, content
attribute 3  service id (6), instance (1), requestor (1), control (1), then as the control octet says: binding bitmap
             (2), matching filter, service response filter and service info (each after its length octet);
             the service info is the message counter and a pack
"""

from __future__ import annotations

import struct

from luchtwacht.codecs.remote_id.damage import Damaged
from luchtwacht.codecs.remote_id.link import Advert, Carrier
from luchtwacht.codecs.remote_id.wifi import (
    ACTION,
    Envelope,
    body_offset,
    encode_management,
    encode_radiotap,
    transmitter,
)
from luchtwacht.model import Reason

SERVICE_ID = b"\x88\x69\x19\x9d\x92\x09"
"""first six octets of the SHA-256 of `org.opendroneid.remoteid`"""
_DISCOVERY = b"\x04\x09\x50\x6f\x9a\x13"
_SERVICE_DESCRIPTOR = 0x03
_EXTENSION = 0x0E
_MATCHING_FILTER, _RESPONSE_FILTER, _SERVICE_INFO, _BINDING_BITMAP = 0x04, 0x08, 0x10, 0x40
_CLUSTER = b"\x50\x6f\x9a\x01\x00\xff"
_RECEIVER = b"\x51\x6f\x9a\x01\x00\x00"


def locate_in_nan(frame: bytes, envelope: Envelope) -> list[Advert]:
    """Every Remote ID service descriptor of one service discovery frame; none in other frames.

    Raises:
        Damaged: its attributes do not add up.
    """
    if frame[envelope.start] != ACTION:
        return []
    at = body_offset(frame, envelope)
    if frame[at : at + len(_DISCOVERY)] != _DISCOVERY:
        return []
    found = []
    at += len(_DISCOVERY)
    while at + 3 <= envelope.stop:
        end = at + 3 + int.from_bytes(frame[at + 1 : at + 3], "little")
        if end > envelope.stop:
            raise Damaged(Reason.TRUNCATED, "NAN", f"attribute {frame[at]} goes on past the end of its frame")
        if frame[at] == _SERVICE_DESCRIPTOR and frame[at + 3 : min(at + 9, end)] == SERVICE_ID:
            start, stop = _service_info(frame, at + 9, end)
            if start < stop:
                found.append(
                    Advert(
                        Carrier.WIFI_NAN,
                        transmitter(frame, envelope),
                        envelope.rssi_dbm,
                        frame[start],
                        start + 1,
                        stop,
                    )
                )
        at = end
    return found


def _service_info(frame: bytes, at: int, end: int) -> tuple[int, int]:
    """First and one past the last octet of the service info; equal when there is none."""
    if at + 3 > end:
        raise Damaged(Reason.TRUNCATED, "NAN", "the service descriptor ends before its control octet")
    control = frame[at + 2]
    at += 3
    if control & _BINDING_BITMAP:
        at += 2
    for present in (_MATCHING_FILTER, _RESPONSE_FILTER):
        if control & present:
            at += 1 + _octet(frame, at, end)
    if not control & _SERVICE_INFO:
        return at, at
    stop = at + 1 + _octet(frame, at, end)
    if stop > end:
        raise Damaged(Reason.TRUNCATED, "NAN", "the service info goes on past its descriptor")
    return at + 1, stop


def _octet(frame: bytes, at: int, end: int) -> int:
    if at >= end:
        raise Damaged(Reason.TRUNCATED, "NAN", "the service descriptor ends before a length octet")
    return frame[at]


def encode_nan_frame(mac: bytes, content: bytes, *, rssi_dbm: int, counter: int) -> bytes:
    """A radiotap header and a service discovery frame whose Remote ID service info is `content`."""
    descriptor = SERVICE_ID + bytes([1, 0, _SERVICE_INFO, len(content)]) + content
    extension = struct.pack("<BHB", 1, 0x0200, counter & 0xFF)
    body = _DISCOVERY
    for kind, value in ((_SERVICE_DESCRIPTOR, descriptor), (_EXTENSION, extension)):
        body += struct.pack("<BH", kind, len(value)) + value
    return encode_radiotap(rssi_dbm) + encode_management(ACTION, _RECEIVER, mac, _CLUSTER, counter, body)
