"""Radio frames to Remote ID messages: find the adverts, gather their messages, decode each type as columns.

    Frames ─ carriers ─► Advert (where in the frame) ─ pack ─► 25-octet rows ─ by type ─► columns

Most frames of a radio are not Remote ID at all: these are counted (`Decoded.other`) and are no fault. What holds Remote
ID and cannot be used becomes a `Rejection`. Nothing here depends on how frames were cut into calls.
"""

# ruff: noqa: RUF009 - column() declares a field

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from math import isnan
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from luchtwacht.codecs.remote_id.auth import AuthPage, AuthPages, decode_auth_pages
from luchtwacht.codecs.remote_id.basic_id import BasicId, BasicIds, decode_basic_ids
from luchtwacht.codecs.remote_id.bluetooth import locate_in_bluetooth
from luchtwacht.codecs.remote_id.damage import Damaged
from luchtwacht.codecs.remote_id.dji import DjiFlight, DjiFlights, decode_dji
from luchtwacht.codecs.remote_id.dronescout import locate_in_assembled
from luchtwacht.codecs.remote_id.link import Advert, Carrier, LinkType
from luchtwacht.codecs.remote_id.location import Location, Locations, decode_locations
from luchtwacht.codecs.remote_id.message_pack import locate_messages
from luchtwacht.codecs.remote_id.operator_id import OperatorId, OperatorIds, decode_operator_ids
from luchtwacht.codecs.remote_id.self_id import SelfId, SelfIds, decode_self_ids
from luchtwacht.codecs.remote_id.system import System, Systems, decode_systems
from luchtwacht.codecs.remote_id.wifi import check_envelope, open_envelope
from luchtwacht.codecs.remote_id.wifi_beacon import DJI_MARK, MARK, locate_in_beacon
from luchtwacht.codecs.remote_id.wifi_nan import SERVICE_ID, locate_in_nan
from luchtwacht.codecs.remote_id.wire import MESSAGE_SIZE, NEWEST_VERSION, MessageType, Octets
from luchtwacht.model import Batch, Bools, Bytes, Floats, Frames, Ints, Reason, Rejection, column

Message = BasicId | Location | AuthPage | SelfId | System | OperatorId
"""What F3411 lets an aircraft say."""
_TypedBatch = TypeVar("_TypedBatch", BasicIds, Locations, AuthPages, SelfIds, Systems, OperatorIds, DjiFlights)


@dataclass(frozen=True, kw_only=True, eq=False)
class Heard(Batch):
    """Every sound message, in order of frame and record: how and from whom it came."""

    frame: Ints = column("i8")
    """(n,) row in the `Frames` that were decoded"""
    record: Ints = column("i8")
    """(n,) place in its frame, from 0"""
    kind: Bytes = column("i1")
    """(n,) `MessageType`; -1 for a DJI record"""
    version: Bytes = column("i1")
    """(n,) protocol version of the message"""
    carrier: Bytes = column("i1")
    """(n,) `Carrier`"""
    counter: Ints = column("i8")
    """(n,) message counter of the advert; -1 where there is none"""
    transmitter: Ints = column("i8")
    """(n,) 48-bit address as a number; `format_mac` writes it"""
    rssi_dbm: Floats = column("f8")
    """(n,) NaN where the radio did not say"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardMessage:
    """One message as an object, for those who read few."""

    frame: int
    """row in the `Frames` that were decoded"""
    record: int
    """place in its frame, from 0"""
    carrier: Carrier
    mac: bytes
    """address of the transmitter"""
    rssi_dbm: float | None
    message: Message | DjiFlight


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What frames held."""

    heard: Heard
    basic_ids: BasicIds
    locations: Locations
    auth_pages: AuthPages
    self_ids: SelfIds
    systems: Systems
    operator_ids: OperatorIds
    dji_flights: DjiFlights
    octets: Octets
    """(n, 25) as sent, a row of `heard` each; zero for DJI records"""
    rejections: tuple[Rejection, ...]
    """in order of frame and record"""
    other: int
    """frames that were sound as far as looked at and hold no Remote ID"""

    @property
    def messages(self) -> list[HeardMessage]:
        """Every message as an object, in order of frame and record. Columns are much faster."""
        found: list[Message | DjiFlight | None] = [None] * len(self.heard)
        versions = self.heard.version.tolist()
        for batch in (
            self.basic_ids,
            self.locations,
            self.auth_pages,
            self.self_ids,
            self.systems,
            self.operator_ids,
            self.dji_flights,
        ):
            for row, heard in enumerate(batch.heard.tolist()):
                found[heard] = batch.message(row, versions[heard])
        heard = self.heard
        return [
            HeardMessage(
                frame=int(heard.frame[row]),
                record=int(heard.record[row]),
                carrier=Carrier(int(heard.carrier[row])),
                mac=int(heard.transmitter[row]).to_bytes(6, "big"),
                rssi_dbm=None if isnan(heard.rssi_dbm[row]) else float(heard.rssi_dbm[row]),
                message=message,
            )
            for row, message in enumerate(found)
            if message is not None
        ]


class _Found:
    """What was found so far, as plain tuples."""

    def __init__(self) -> None:
        self.adverts: list[tuple[int, int, int, int, int, int, int]] = []
        """row of the frame, first record, number of messages, first octet in `Frames.buffer`, carrier, counter,
        transmitter"""
        self.rssi_dbm: list[float] = []
        """an entry an advert"""
        self.flights: list[DjiFlight] = []
        """of the adverts that are DJI's, which have one message each"""
        self.rejections: list[Rejection] = []
        self.other = 0

    def add(self, row: int, record: int, count: int, at: int, advert: Advert) -> None:
        self.adverts.append((row, record, count, at, advert.carrier, advert.counter, advert.transmitter))
        self.rssi_dbm.append(advert.rssi_dbm)


def decode(frames: Frames, link: LinkType = LinkType.RADIOTAP) -> Decoded:
    """Every Remote ID message in `frames`, each frame one radio frame as `link` says; what they hold never raises."""
    locate = _locator(link)
    found = _Found()
    buffer = frames.buffer
    for row, (start, stop) in enumerate(zip(frames.start.tolist(), frames.stop.tolist(), strict=True)):
        frame = buffer[start:stop]
        try:
            adverts = locate(frame)
            if adverts:
                _take(found, frames, row, frame, adverts)
            else:
                found.other += 1
        except Damaged as damage:
            found.rejections.append(_rejection(frames, row, -1, damage.reason, damage.item, damage.detail))
    return _by_type(frames, found)


def _locator(link: LinkType) -> Callable[[bytes], list[Advert]]:
    if link in (LinkType.RADIOTAP, LinkType.IEEE802_11):
        return lambda frame: _locate_in_wifi(frame, link)
    if link is LinkType.ASSEMBLED:
        return locate_in_assembled
    return lambda frame: locate_in_bluetooth(frame, link)


def _locate_in_wifi(frame: bytes, link: LinkType) -> list[Advert]:
    if MARK not in frame and SERVICE_ID not in frame and DJI_MARK not in frame:
        check_envelope(frame, link)
        return []
    envelope = open_envelope(frame, link)
    if envelope.stop == envelope.start:
        return []
    if not envelope.intact:
        raise Damaged(Reason.MALFORMED, "FCS", "the check sequence says that the frame is damaged or cut short")
    return locate_in_beacon(frame, envelope) or locate_in_nan(frame, envelope)


def _take(found: _Found, frames: Frames, row: int, frame: bytes, adverts: Iterable[Advert]) -> None:
    """The messages of one frame's adverts; raises `Damaged` before anything of the damaged advert was taken."""
    record, start = 0, int(frames.start[row])
    for advert in adverts:
        if advert.carrier is Carrier.DJI_BEACON:
            flight = decode_dji(frame[advert.start : advert.stop])
            if flight is not None:
                found.flights.append(flight)
                found.add(row, record, 1, -1, advert)
                record += 1
            continue
        offsets, missing = locate_messages(frame, advert.start, advert.stop)
        if offsets:
            found.add(row, record, len(offsets), start + offsets.start, advert)
            record += len(offsets)
        if missing:
            detail = f"the pack is cut short; {missing} of its {missing + len(offsets)} messages are missing"
            cut = _rejection(frames, row, record, Reason.TRUNCATED, "message_pack", detail)
            found.rejections.append(replace(cut, count=missing))
            record += missing


def _rejection(frames: Frames, row: int, record: int, reason: Reason, item: str, detail: str) -> Rejection:
    return Rejection(
        frame=int(frames.sequence[row]),
        record=record,
        source=int(frames.source[row]),
        reason=reason,
        item=item,
        detail=detail,
    )


def _gather(buffer: bytes, at: NDArray[np.int64]) -> Octets:
    """(n, 25) the octets from each offset on; zero where the offset is negative."""
    octets = np.zeros((len(at), MESSAGE_SIZE), dtype=np.uint8)
    present = at >= 0
    if present.any():
        flat = np.frombuffer(buffer, dtype=np.uint8)
        octets[present] = np.lib.stride_tricks.sliding_window_view(flat, MESSAGE_SIZE)[at[present]]
    return octets


def _by_type(frames: Frames, found: _Found) -> Decoded:
    """Decode each type's rows together, leave out what is unsound, and number the rest anew."""
    adverts = np.array(found.adverts, dtype=np.int64).reshape(len(found.adverts), 7)
    count = adverts[:, 2]
    frame_row, first, _, at_octet, carrier, counter, transmitter = np.repeat(adverts, count, axis=0).T
    within = np.arange(len(frame_row)) - np.repeat(np.cumsum(count) - count, count)
    octets = _gather(frames.buffer, np.where(at_octet < 0, -1, at_octet + within * MESSAGE_SIZE))
    kind = np.where(at_octet < 0, -1, octets[:, 0] >> 4).astype(np.int8)
    version = octets[:, 0] & 0x0F
    heard = Heard(
        frame=frame_row,
        record=first + within,
        kind=kind,
        version=version,
        carrier=carrier.astype(np.int8),
        counter=counter,
        transmitter=transmitter,
        rssi_dbm=np.repeat(np.array(found.rssi_dbm, dtype=np.float64), count),
    )
    sound = np.ones(len(heard), dtype=np.bool_)

    def reject(bad: Bools, reason: Reason, item: str, say: Callable[[int], str]) -> None:
        for row in np.flatnonzero(bad & sound).tolist():
            frame, record = int(heard.frame[row]), int(heard.record[row])
            found.rejections.append(_rejection(frames, frame, record, reason, item, say(row)))
        sound[bad] = False

    def spread(at: NDArray[np.intp], bad: Bools) -> Bools:
        wide = np.zeros(len(heard), dtype=np.bool_)
        wide[at[bad]] = True
        return wide

    standard = kind >= 0
    reject(
        standard & (version > NEWEST_VERSION),
        Reason.UNSUPPORTED,
        "version",
        lambda row: f"protocol version {version[row]} is not read; 0 to {NEWEST_VERSION} are",
    )
    reject(
        standard & (kind > MessageType.OPERATOR_ID),
        Reason.UNSUPPORTED,
        "message_type",
        lambda row: f"message type {kind[row]} is not read",
    )

    def rows_of(wanted: MessageType) -> NDArray[np.intp]:
        return np.flatnonzero(sound & (kind == wanted))

    at = rows_of(MessageType.BASIC_ID)
    basic_ids, fine = decode_basic_ids(octets[at], at)
    reject(spread(at, ~fine), Reason.MALFORMED, "uas_id", lambda row: f"{octets[row, 2:22].tobytes()!r} is not text")
    at = rows_of(MessageType.LOCATION)
    locations, impossible = decode_locations(octets[at], at)
    for item, bad in impossible.items():
        reject(
            spread(at, bad),
            Reason.IMPLAUSIBLE,
            item,
            lambda row: f"{octets[row].tobytes().hex()} is no location that an aircraft can have",
        )
    at = rows_of(MessageType.AUTH)
    auth_pages, fine = decode_auth_pages(octets[at], at)
    reject(spread(at, ~fine), Reason.MALFORMED, "length", lambda row: f"{octets[row, 3]} octets do not fit the pages")
    at = rows_of(MessageType.SELF_ID)
    self_ids, fine = decode_self_ids(octets[at], at)
    reject(spread(at, ~fine), Reason.MALFORMED, "description", lambda row: f"{octets[row, 2:].tobytes()!r} is not text")
    at = rows_of(MessageType.SYSTEM)
    systems, impossible = decode_systems(octets[at], at)
    for item, bad in impossible.items():
        reject(
            spread(at, bad),
            Reason.IMPLAUSIBLE,
            item,
            lambda row: f"{octets[row].tobytes().hex()} puts the operator off the globe",
        )
    at = rows_of(MessageType.OPERATOR_ID)
    operator_ids, fine = decode_operator_ids(octets[at], at)
    reject(
        spread(at, ~fine), Reason.MALFORMED, "operator_id", lambda row: f"{octets[row, 2:22].tobytes()!r} is not text"
    )
    dji_flights = DjiFlights.of(np.flatnonzero(~standard), found.flights)

    new_row = np.cumsum(sound) - 1
    found.rejections.sort(key=lambda each: (each.frame, each.record))
    return Decoded(
        heard=heard if sound.all() else heard.take(sound),
        basic_ids=_keep(basic_ids, sound, new_row),
        locations=_keep(locations, sound, new_row),
        auth_pages=_keep(auth_pages, sound, new_row),
        self_ids=_keep(self_ids, sound, new_row),
        systems=_keep(systems, sound, new_row),
        operator_ids=_keep(operator_ids, sound, new_row),
        dji_flights=_keep(dji_flights, sound, new_row),
        octets=octets[sound],
        rejections=tuple(found.rejections),
        other=found.other,
    )


def _keep(batch: _TypedBatch, sound: Bools, new_row: Ints) -> _TypedBatch:
    """The rows that are sound, pointing at the rows of `heard` that are left."""
    kept = batch.take(sound[batch.heard])
    return replace(kept, heard=new_row[kept.heard])
