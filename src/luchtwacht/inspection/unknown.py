"""What a file is not, and what it may be instead: formats that are met beside recordings and are not read here."""

from __future__ import annotations

import re

import msgspec

from luchtwacht.codecs.asterix.framing import Buffer
from luchtwacht.inspection.ogn import APRS
from luchtwacht.inspection.report import Inspection

READ = (
    "ASTERIX, Remote ID (broadcast, DroneScout, network), aircraft.json, BaseStation, Beast, Open Glider Network, "
    "MAVLink, SAPIENT, observations, delimited text or a journal"
)
_SHOWN = 32
_HEAD = 1 << 16
_MAGIC = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"%PDF", "a PDF document"),
    (b"BZh", "bzip2: unpack it first"),
    (b"\xfd7zXZ\x00", "xz: unpack it first"),
    (b"\x28\xb5\x2f\xfd", "Zstandard: unpack it first"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x89MCAP0\r\n", "an MCAP file: if it is a segment of a journal, give the journal's folder"),
    (b"PAR1", "a Parquet table"),
    (b"\x89HDF", "an HDF5 file"),
)
_JSON = (
    ((b'"UASZoneList"', b'"uasZoneList"', b'"zoneAuthority"'), "geographical zones (ED-269 or ED-318)"),
    ((b'"UASdata"',), "a piece of a DroneScout message"),
    ((b'"reference_time"', b'"details_responses"'), "flights to inject into a test of Network Remote ID"),
    ((b'"detectionReport"', b'"registration"', b'"statusReport"'), "a piece of a SAPIENT message as JSON"),
    ((b'"FeatureCollection"', b'"Feature"'), "GeoJSON"),
    ((b'"icao24"', b'"groundspeed"'), "flights as JSON"),
)
_XML = (
    (b"urn:oasis:names:tc:emergency:cap", "a CAP alert"),
    (b"<event", "a Cursor on Target event"),
    (b"<kml", "KML"),
    (b"<SAPIENTMessage", "a SAPIENT message as XML"),
)
_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)[\s/>]")


def describe_unknown(data: Buffer, made: Inspection) -> None:
    """Say what a file of an unknown kind is not, and with what it begins."""
    head = bytes(data[:_HEAD])
    made.format, made.plausible, made.first_octets = "unknown", False, head[:_SHOWN].hex(" ")
    likely = _likely(head, data)
    made.summary = f"Not {READ}." + (f" It looks like {likely}, which inspect does not read." if likely else "")


def _likely(head: bytes, data: Buffer) -> str:
    for magic, what in _MAGIC:
        if head.startswith(magic):
            return what
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] in (b"{", b"["):
        return next((what for keys, what in _JSON if any(key in head for key in keys)), _json(data))
    if text[:1] == b"<":
        known = next((what for mark, what in _XML if mark in head), "")
        root = _ROOT.search(text)
        return known or (f"XML with the root element {root[1].decode()}" if root else "XML")
    return "text without columns" if is_text(head) else ""


def is_marked_up(head: bytes) -> bool:
    """Whether a text is JSON, XML or APRS, in which commas are no columns."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return text[:1] in (b"{", b"[", b"<") or any(map(APRS.match, head.splitlines()[:20]))


def is_text(head: bytes) -> bool:
    """Whether octets are UTF-8 without control characters; the last few may be cut through."""
    head = head[:4096]
    if not head or any(octet < 0x20 and octet not in b"\t\r\n\f" for octet in head):
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4 and len(head) == 4096
    return True


def _json(data: Buffer) -> str:
    try:
        keys = msgspec.json.decode(bytes(data).removeprefix(b"\xef\xbb\xbf"), type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return "JSON, or a piece of it"
    return "JSON with the keys " + ", ".join(list(keys)[:8])
