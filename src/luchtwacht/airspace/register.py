"""The zones a watch knows, which of them are in force, and which are near a place."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from luchtwacht.airspace.schedule import ALWAYS, Calendar
from luchtwacht.airspace.slab import Outlines
from luchtwacht.errors import BadCommand, BadConfiguration
from luchtwacht.model import Site, Zone
from luchtwacht.model.state import changes

LONGEST_ID = 40
"""characters; `Findings.zone` and `Findings.authorisation` hold no more"""


@dataclass(slots=True)
class HeldZone:
    """A zone and what was worked out of it once."""

    zone: Zone
    outlines: Outlines
    footprint: shapely.Geometry
    """everything the zone lies over; east, north (m), site's frame"""
    border: shapely.Geometry
    calendar: Calendar
    held: bool = False
    known: tuple[int, int] = field(default=(0, 0))
    """(from, until) ns UTC in which `held` is true to the calendar"""

    def in_force(self, time_ns: int) -> bool:
        """Whether the zone holds at `time_ns`; asks the calendar only when the answer may have changed."""
        if not self.known[0] <= time_ns < self.known[1]:
            self.held, first, last = self.calendar.state(time_ns)
            self.known = (first, last)
        return self.held


@dataclass(slots=True)
class _Picture:
    """The zones in force in a span of time, ready for look-ups."""

    span: tuple[int, int]
    zones: tuple[HeldZone, ...]
    tree: shapely.STRtree


class Register:
    """Every zone by id, and an index over those in force."""

    def __init__(self, site: Site) -> None:
        """Raises:
        BadConfiguration: a zone of the site cannot be, or two have the same id.
        """
        self._site = site
        self._zones: dict[str, HeldZone] = {}
        self._picture: _Picture | None = None
        for zone in site.zones:
            if zone.id in self._zones:
                raise BadConfiguration(f"two zones have the id {zone.id!r}", where=f"zone {zone.id}")
            self.put(zone)

    def state(self) -> dict[str, Zone | None]:
        """In what the zones differ from the site's, by id; none: withdrawn."""
        declared = {zone.id: zone for zone in self._site.zones}
        return changes(declared, {name: each.zone for name, each in self._zones.items()})

    def restore(self, state: dict[str, Zone | None]) -> None:
        """Go on from what `state` gave."""
        for name, zone in state.items():
            if zone is None:
                self.withdraw(name)
            else:
                self.put(zone)

    def put(self, zone: Zone) -> None:
        """Add a zone, or replace the one of the same id.

        Raises:
            BadConfiguration: the zone contradicts itself; nothing was changed.
        """
        if not zone.id or len(zone.id) > LONGEST_ID:
            raise BadConfiguration(f"zone id {zone.id!r} must have 1 to {LONGEST_ID} characters")
        if not zone.volumes:
            raise BadConfiguration("a zone without volumes is nowhere", where=f"zone {zone.id}")
        outlines = Outlines(zone, self._site)
        footprint = outlines.footprint
        shapely.prepare(footprint)
        self._zones[zone.id] = HeldZone(zone, outlines, footprint, shapely.boundary(footprint), Calendar.of(zone))
        self._picture = None

    def withdraw(self, zone_id: str) -> None:
        """Forget a zone.

        Raises:
            BadCommand: there is none of that id.
        """
        if zone_id not in self._zones:
            raise BadCommand(f"there is no zone {zone_id!r}")
        del self._zones[zone_id]
        self._picture = None

    def in_force(self, time_ns: int) -> tuple[HeldZone, ...]:
        """The zones that hold at `time_ns`, in order of id."""
        return self._at(time_ns).zones

    def near(self, time_ns: int, places: NDArray[np.float64], reach: NDArray[np.float64]) -> NDArray[np.intp]:
        """Pairs of place and zone in force within its reach, in order of place, then of zone id.

        Args:
            places: (n, 2) east, north (m), site's frame.
            reach: (n,) m.

        Returns:
            (2, m): index into `places`, index into `in_force(time_ns)`.
        """
        picture = self._at(time_ns)
        if not len(places) or not picture.zones:
            return np.empty((2, 0), dtype=np.intp)
        found = picture.tree.query(shapely.points(places), predicate="dwithin", distance=reach)
        return np.asarray(found[:, np.lexsort((found[1], found[0]))], dtype=np.intp)

    def _at(self, time_ns: int) -> _Picture:
        picture = self._picture
        if picture is None or not picture.span[0] <= time_ns < picture.span[1]:
            held = tuple(each for _, each in sorted(self._zones.items()) if each.in_force(time_ns))
            first = max((each.known[0] for each in self._zones.values()), default=ALWAYS[0])
            last = min((each.known[1] for each in self._zones.values()), default=ALWAYS[1])
            if picture is None or [id(each) for each in held] != [id(each) for each in picture.zones]:
                tree = shapely.STRtree([each.footprint for each in held])
            else:
                tree = picture.tree
            picture = self._picture = _Picture((first, last), held, tree)
        return picture
