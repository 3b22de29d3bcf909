"""Why a track is held for what it is held for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from luchtwacht.server.wire.words import Category, ClaimKind

GroundKind = Literal["prior", "opinions", "motion", "still", "height", "size", "claim"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """One thing that speaks for or against categories."""

    kind: GroundKind
    known: bool
    """false: nothing is known of it, and it changes nothing"""
    weights: list[float]
    """by category, in the order of `category_probability`: how well it fits, against 1 for the category it fits best"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorOpinion:
    """What one sensor called the track, among the reports that are remembered and were used for it."""

    sensor: str
    reports: int
    """with an opinion that counted"""
    called: list[int]
    """of these, by the category each was most for"""
    last: Category
    last_ms: int
    last_weights: list[float]
    """how likely the last one is, given each category: by the sensor's declared confusion, else as it came"""
    confusion_declared: bool
    memory_s: float | None
    """for how long it says the same of one object, as declared; null: learnt"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryGrounds:
    """How the probabilities of a track's category came about, at the last conclusion.

    The weights of all grounds but the claim, multiplied down and brought to a sum of 1, are `measured` (no probability
    is below 1 to 160,000 of the largest); with the claim's as well they are `probability`.
    """

    track: int
    time_ms: int
    measured: list[float]
    """from sensors alone, as zones and alerts weigh it before any claim"""
    probability: list[float]
    """with the claim"""
    grounds: list[Ground]
    claim_kind: ClaimKind | None
    speed_m_s: float | None
    waver: float | None
    """share of the speed, 0 to 1, that does not lie along one straight"""
    climb_m_s: float | None
    motion_s: float
    """how much motion is remembered"""
    still_s: float
    """longest spell of standing still"""
    height_agl_m: float | None
    rcs_dbsm: float | None
    rcs_reports: int
    sensors: list[SensorOpinion]
