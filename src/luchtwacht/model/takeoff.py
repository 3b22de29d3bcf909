"""Take-offs: from which area, and when, a track left the ground. An area with a probability, never an actor."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from luchtwacht.model.batch import Batch, Floats, Ints, column

Ring = tuple[tuple[float, float], ...]
"""closed; east, north (m), site's frame"""


class Extent(StrEnum):
    """How far the evidence closes the area."""

    IN_VIEW = "in_view"
    """the take-off itself was most likely where a radar is declared to look: the area is closed by what was measured"""
    HIDDEN = "hidden"
    """it left out of sight, yet not long before: the area is closed by how drones fly"""
    OPEN = "open"
    """first seen at the edge of what the sensors cover: it may have flown for long, from farther away than the area"""
    BEYOND = "beyond"
    """no departure that is thought possible leads to what was seen: it came from beyond"""
    UNPLACED = "unplaced"
    """what was measured does not tell where it was"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """The smallest area that holds the take-off with a given probability."""

    probability: float
    size: float
    """m^2"""
    polygons: tuple[tuple[Ring, ...], ...]
    """each an outer ring, then its holes"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOff:
    """Where and when one track took off, as far as its first seconds tell."""

    track: int
    revision: int
    """from 1; a later one replaces it, because more was seen or was seen otherwise"""
    extent: Extent
    half: Area | None
    """50 %; none when BEYOND or UNPLACED, as are the next three"""
    most: Area | None
    """90 %"""
    point: tuple[float, float] | None
    """east, north (m): of all points the one nearest to the take-off on average"""
    expected_error: float | None
    """m, mean distance between `point` and the take-off"""
    launch_ns: int
    """ns UTC of take-off, median; -1 when BEYOND or UNPLACED, as are the next two"""
    launch_from_ns: int
    launch_until_ns: int
    """90 % between the two; when OPEN it may have been earlier still"""
    bearing: float | None
    """rad, clockwise from north, from where it was first seen towards where it came from; none when UNPLACED"""
    bearing_sigma: float | None
    """rad"""
    in_view: float | None
    """probability that the take-off itself was where a radar is declared to look; none without an area"""
    first_ns: int
    """ns UTC of its first detection"""
    first_seen: tuple[float, float, float] | None
    """east, north, up (m) where it was then, smoothed; none when UNPLACED"""
    used_until_ns: int
    """ns UTC of the last detection that was used"""
    detections: tuple[int, ...]
    """`Detections.id` of all that were used"""
    sensors: tuple[int, ...]
    """indexes into `Site.sensors` of those that made them"""
    searching: tuple[int, ...]
    """indexes of the radars whose silence before was believed, by their declared coverage"""
    wind: tuple[float, float]
    """east, north (m/s) towards which the air was taken to move"""
    detail: str = ""
    """why there is no area"""


@dataclass(frozen=True, kw_only=True, eq=False)
class Chances(Batch):
    """The map of a take-off: the likeliest cells that together hold 99 %, in order of row and column."""

    east: Floats = column("f8")
    """(n,) m, site's frame, middle of the cell"""
    north: Floats = column("f8")
    """(n,) m"""
    size: Floats = column("f8")
    """(n,) m, width and height of the cell, the same in every row"""
    probability: Floats = column("f8")
    """(n,) that the take-off was in the cell, to six digits"""
    row: Ints = column("i8")
    column: Ints = column("i8")
    """(n,) place in the grid, from 0"""
