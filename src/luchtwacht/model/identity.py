"""Identities: which claim, category and authorisation fit a track, each with a probability and the runner-up."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from luchtwacht.model.batch import Batch, Bytes, Floats, Ints, Words, column


class ClaimVerdict(IntEnum):
    """How what the aircraft says stands beside what the sensors saw."""

    NONE = 0
    """it says nothing"""
    CONSISTENT = 1
    """a sensor track is where the claim says"""
    CONTRADICTED = 2
    """sensors that would have seen an aircraft there see none, or the claimed motion cannot be"""
    UNCHECKED = 3
    """no sensor that measures covers the place"""


@dataclass(frozen=True, kw_only=True, eq=False)
class Identities(Batch):
    """One row a track, in order of `track`."""

    track: Ints = column("i8")
    """(n,) `Tracks.track`"""
    time_ns: Ints = column("i8")
    """(n,) ns UTC for which it holds"""
    aircraft_id: Words = column("U40")
    """(n,) `Claims.aircraft_id` of the best fitting claim; "" when none fits better than chance"""
    probability: Floats = column("f8")
    """(n,) that this track is that aircraft; NaN without a candidate"""
    runner_up: Words = column("U40")
    """(n,) the second best `aircraft_id`, or ""  """
    runner_up_probability: Floats = column("f8")
    """(n,) that this track is the runner-up; NaN without one"""
    claim: Ints = column("i8")
    """(n,) `Claims.id` of the latest claim of `aircraft_id`; -1 without"""
    claim_kind: Bytes = column("i1")
    """(n,) `ClaimKind`; -1 without"""
    claim_verdict: Bytes = column("i1")
    """(n,) `ClaimVerdict`"""
    callsign: Words = column("U16")
    """(n,) as claimed"""
    operator_id: Words = column("U24")
    """(n,) as claimed"""
    pilot_position: Floats = column("f8", 3)
    """(n, 3) east, north, up (m), site's frame, as claimed; NaN when not"""
    category_probability: Floats = column("f8", 5)
    """(n, 5) over `Category`, now with the claim weighed in"""
    authorisation: Words = column("U40")
    """(n,) `Authorisation.id` that fits best; "" when none does"""
    authorisation_probability: Floats = column("f8")
    """(n,) that this track flies under it; 0 without one"""
    authorisation_runner_up: Words = column("U40")
    """(n,) the second best, or ""  """
    authorisation_runner_up_probability: Floats = column("f8")
    """(n,) 0 without one"""
