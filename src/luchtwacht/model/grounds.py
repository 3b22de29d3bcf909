"""Why a track is held for what it is held for."""

from __future__ import annotations

from dataclasses import dataclass

Shares = tuple[float, ...]
"""(5,) over `Category`"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What the tracker's judgement of one track's category is made of, as it stood at its last conclusion.

    Each ground is a natural logarithm for every category, but for a number that all share: added up, and brought to a
    sum of 1 (no odds longer than `kernels.classes.MOST_ODDS`), they are `probability`. What is not known says 0.
    """

    track: int
    time_ns: int
    """ns UTC of the conclusion"""
    probability: Shares
    """`Tracks.category_probability` as it was said"""
    prior: Shares
    """what is thought of anything in the air"""
    opinions: Shares
    """all that sensors said of it, as far as it is still believed"""
    motion: Shares
    """how it moves"""
    still: Shares
    """that it stood still"""
    height: Shares
    size: Shares
    """its radar cross-section"""
    speed: float | None
    """m/s over ground, mean of some seconds; none before any motion is known, as are the next two"""
    waver: float | None
    """share (0 to 1) of the speed that does not lie along one straight"""
    climb: float | None
    """m/s"""
    span_s: float
    """how much motion is remembered"""
    still_s: float
    """longest spell of standing still"""
    above_ground: float | None
    """m; none when no sensor measured it"""
    rcs_db: float | None
    """mean of the logarithms, dB over one square metre; none when never given"""
    rcs_reports: float
    """of how many reports; older ones count less"""
