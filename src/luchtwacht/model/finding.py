"""Findings: a track against a zone at a time."""

from __future__ import annotations

from dataclasses import dataclass

from luchtwacht.model.batch import Batch, Floats, Ints, Words, column


@dataclass(frozen=True, kw_only=True, eq=False)
class Findings(Batch):
    """One row a track and zone in force near it, in order of `track`, then of zone id."""

    track: Ints = column("i8")
    """(n,) `Tracks.track`"""
    zone: Words = column("U40")
    """(n,) `Zone.id`"""
    time_ns: Ints = column("i8")
    """(n,) ns UTC for which it holds"""
    probability_inside: Floats = column("f8")
    """(n,) that the aircraft is inside the zone's volume now, over the track's uncertainty"""
    probability_entry: Floats = column("f8")
    """(n,) that it is inside, or will be within `airspace.horizon_s`, if it flies on as it does"""
    time_to_entry: Floats = column("f8")
    """(n,) s until the expected path enters; 0 inside, NaN when it does not within the horizon"""
    distance: Floats = column("f8")
    """(n,) m, horizontal, from the estimate to the zone's border; negative inside"""
    probability_uas: Floats = column("f8")
    """(n,) that it is an unmanned aircraft, to which the zone applies"""
    probability_permitted: Floats = column("f8")
    """(n,) that its presence is permitted: by an authorisation in force for this zone, or because the zone forbids
    nothing"""
    authorisation: Words = column("U40")
    """(n,) `Authorisation.id` it was weighed under, or ""  """
