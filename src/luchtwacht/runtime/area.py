"""What of a record is about an area: tracks that were there, what was said of them, and the frames that made them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from luchtwacht.airspace import decode_zones
from luchtwacht.errors import BadInput
from luchtwacht.journal import AREA, Answer, Entry, EntryKind
from luchtwacht.journal.entry import decode_note
from luchtwacht.model import (
    AlertChanged,
    Circle,
    Claimed,
    Detected,
    Found,
    Identified,
    Rejected,
    Site,
    TakeOffFound,
    Tracked,
    Volume,
)
from luchtwacht.model.command import FindTakeOff
from luchtwacht.model.encoding import decode_command, decode_event
from luchtwacht.model.frame import frame_of
from luchtwacht.model.region import footprint_of

HINT = "bbox:WEST,SOUTH,EAST,NORTH or circle:LATITUDE,LONGITUDE,METRES in degrees, the id of a zone, or a GeoJSON file"
_PERSONAL_NOTES = ("hold", "release", "export")


@dataclass(frozen=True, slots=True)
class Area:
    """Somewhere on the ground."""

    name: str
    """as it was asked for"""
    footprint: Polygon | MultiPolygon
    """east, north (m), site's frame"""

    def holds(self, positions: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which of the positions (n, 2 or more; east and north first) are in it."""
        inside: NDArray[np.bool_] = shapely.contains_xy(self.footprint, positions[:, 0], positions[:, 1])
        return inside


def area_of(text: str, site: Site) -> Area:
    """The area that somebody asked for.

    Raises:
        BadInput: it is none.
    """
    kind, _, rest = text.partition(":")
    try:
        if kind == "bbox":
            west, south, east, north = map(float, rest.split(","))
            ring = ((west, south), (east, south), (east, north), (west, north), (west, south))
            return Area(text, footprint_of(Volume(polygon=(ring,)), site, text))
        if kind == "circle":
            latitude, longitude, radius = map(float, rest.split(","))
            circle = Circle(latitude=latitude, longitude=longitude, radius=radius)
            return Area(text, footprint_of(Volume(circle=circle), site, text))
    except ValueError as error:
        raise BadInput(f"{text!r} is no area", hint=HINT) from error
    zones = [each for each in site.zones if each.id == text]
    name = text
    if not zones and Path(text).is_file():
        zones, name = list(decode_zones(Path(text).read_bytes(), source=text)[0]), Path(text).name
    if not zones:
        raise BadInput(f"{text!r} is no area", hint=HINT)
    shapes = [footprint_of(volume, site, text) for zone in zones for volume in zone.volumes]
    joined = shapely.union_all(shapes)
    assert isinstance(joined, Polygon | MultiPolygon)
    return Area(name, joined)


@dataclass(slots=True)
class About:
    """What is about an area; made by reading the events of the time asked for once."""

    area: Area
    tracks: set[int] = field(default_factory=set)
    alerts: set[int] = field(default_factory=set)
    frames: set[int] = field(default_factory=set)
    """sequence numbers of the frames that provenance names"""

    def read(self, events: Iterable[Entry]) -> None:
        """Take note of events. What is said of a track before it came into the area counts too, so: twice."""
        kept = list(events)
        for event in map(_event, kept):
            if isinstance(event, Tracked) and len(event.tracks):
                self.tracks.update(event.tracks.track[self.area.holds(event.tracks.x)].tolist())
            elif isinstance(event, Claimed) and len(event.claims):
                there = self.area.holds(event.claims.position)
                self.frames.update(frame_of(event.claims.id[there]).tolist())
            elif isinstance(event, AlertChanged) and bool(self.area.holds(np.array([event.alert.cause.position]))[0]):
                self.tracks.update(event.alert.tracks)
        for event in map(_event, kept):
            self._name(event)

    def _name(self, event: Any) -> None:
        """The frames behind what is said of the tracks."""
        mine = list(self.tracks)
        if isinstance(event, Tracked):
            used = event.associations
            self.frames.update(frame_of(used.detection[np.isin(used.track, mine)]).tolist())
        elif isinstance(event, Identified):
            claims = event.identities.claim[np.isin(event.identities.track, mine)]
            self.frames.update(frame_of(claims[claims >= 0]).tolist())
        elif isinstance(event, AlertChanged) and self.tracks & set(event.alert.tracks):
            self.alerts.add(event.alert.id)
            self.frames.update(frame_of(np.array(event.alert.cause.detections, dtype=np.int64)).tolist())
        elif isinstance(event, TakeOffFound) and event.takeoff.track in self.tracks:
            self.frames.update(frame_of(np.array(event.takeoff.detections, dtype=np.int64)).tolist())

    def answer(self, entry: Entry) -> Answer:
        """Whether an entry is to be shown, as `write_bundle` asks."""
        return None if self._shown(entry) else AREA

    def _shown(self, entry: Entry) -> bool:
        match entry.kind:
            case EntryKind.SITE | EntryKind.MAPPING:
                return True
            case EntryKind.NOTE:
                return decode_note(entry.data).get("subject") not in _PERSONAL_NOTES
            case EntryKind.FRAME:
                return entry.sequence in self.frames
            case EntryKind.COMMAND:
                return self._ordered(entry)
            case EntryKind.EVENT:
                return self._said(_event(entry))
        return False

    def _ordered(self, entry: Entry) -> bool:
        try:
            order = decode_command(entry.data).order
        except msgspec.ValidationError:
            return False
        if isinstance(order, FindTakeOff):
            return order.track in self.tracks
        alert = getattr(order, "alert", None)
        return alert in self.alerts if alert is not None else hasattr(order, "zone") or hasattr(order, "authorisation")

    def _said(self, event: Any) -> bool:
        mine = list(self.tracks)
        match event:
            case Tracked():
                return bool(np.isin(event.tracks.track, mine).any())
            case Identified():
                return bool(np.isin(event.identities.track, mine).any())
            case Found():
                return bool(np.isin(event.findings.track, mine).any())
            case Detected():
                return bool(np.isin(frame_of(event.detections.id), list(self.frames)).any())
            case Claimed():
                return bool(np.isin(frame_of(event.claims.id), list(self.frames)).any())
            case AlertChanged():
                return event.alert.id in self.alerts
            case TakeOffFound():
                return event.takeoff.track in self.tracks
            case Rejected():
                return any(each.frame in self.frames for each in event.rejections)
        return type(event).__name__ in ("ZoneChanged", "AuthorisationChanged", "Notice", "SensorMeasured")


def _event(entry: Entry) -> Any:
    """The event; none when pieces of it are gone, so that it cannot be read whole."""
    try:
        return decode_event(entry.data)
    except (msgspec.ValidationError, TypeError):
        return None
