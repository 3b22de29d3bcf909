"""What the classes that a node names mean for the watch's own categories.

A class is a likelihood over `Category`: how likely a node says so of each category, the largest 1. Names are those of
the standard's taxonomy and words that makers use for the same; they are compared without case, without the namespace
before a colon, and of a path with dots the last part that is known counts. A table of a site's own
(`Source.mapping`) is looked at first:

    [classes]
    "UAV Rotary Wing" = { multirotor = 1.0, fixed_wing_drone = 0.3, bird = 0.1, crewed_aircraft = 0.05, other = 0.1 }

A category that is not named there is 1, as in mappings of tables. What nobody knows says nothing.

Where the sensor declares how it confuses categories (`ingest.confusion`), a name counts for the categories that it is a
word for, by that. Words of one's own stand under `[names]`: `"Blip 7" = ["multirotor", "fixed_wing_drone"]`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from luchtwacht.codecs.sapient import ReportClasses
from luchtwacht.config import loads
from luchtwacht.errors import BadConfiguration
from luchtwacht.ingest.confusion import said
from luchtwacht.model import Category, Floats

Likelihoods = tuple[float, float, float, float, float]
"""by `Category`: multirotor, fixed-wing drone, bird, crewed aircraft, other"""
_ROTARY: Likelihoods = (1.0, 0.3, 0.1, 0.1, 0.1)
_FIXED: Likelihoods = (0.3, 1.0, 0.15, 0.3, 0.1)
_DRONE: Likelihoods = (1.0, 1.0, 0.1, 0.1, 0.1)
_CREWED: Likelihoods = (0.05, 0.15, 0.05, 1.0, 0.1)
_BIRD: Likelihoods = (0.1, 0.15, 1.0, 0.05, 0.1)
_AIR: Likelihoods = (1.0, 1.0, 0.3, 1.0, 0.2)
_GROUND: Likelihoods = (0.1, 0.1, 0.1, 0.1, 1.0)
_NAMES: dict[Likelihoods, tuple[str, ...]] = {
    _ROTARY: ("uav rotary wing", "rotary wing uav", "multirotor", "quadcopter", "multicopter"),
    _FIXED: ("uav fixed wing", "fixed wing uav", "fixed wing drone"),
    _DRONE: ("uav", "uas", "drone", "unmanned aerial vehicle", "unmanned aircraft", "unmanned aerial system"),
    _CREWED: (
        "manned fixed wing", "manned rotary wing", "manned aircraft", "crewed aircraft", "aircraft", "helicopter",
        "aeroplane", "airplane", "glider",
    ),
    _BIRD: ("bird", "birds", "flock"),
    _AIR: ("air vehicle",),
    _GROUND: ("human", "person", "land vehicle", "vehicle", "sea vehicle", "vessel", "equipment"),
}  # fmt: skip
"""read as a rough confusion of a sensor that is good, not perfect: declare what yours was measured to be"""
KNOWN: dict[str, Likelihoods] = {name: row for row, names in _NAMES.items() for name in names}
_CATEGORIES = tuple(category.name.lower() for category in Category)


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """A taxonomy as it is written."""

    classes: dict[str, dict[str, float]] = field(default_factory=dict)
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    modulation: str = ""


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """What a site says of the classes that its nodes name; by plain name."""

    classes: Mapping[str, Likelihoods] = field(default_factory=dict)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    modulation: str = ""
    """type of the object or track info that holds the rate of modulation (Hz), in lower case; "" for none"""


def read_taxonomy(text: str, where: str) -> Taxonomy:
    """A site's own table.

    Raises:
        BadConfiguration: no TOML, an unknown category, or a likelihood that is none; names the line where it can.
    """
    made = {}
    file = loads(text, _File, where=where)
    for name, named in file.names.items():
        unknown = [each for each in named if each not in _CATEGORIES]
        if unknown or not named:
            raise BadConfiguration(
                f"category {unknown[0]!r} of class {name!r} is not known" if unknown else f"{name!r} names no category",
                where=where,
                hint=f"one or more of {', '.join(_CATEGORIES)}",
            )
    for name, given in file.classes.items():
        for category, likelihood in given.items():
            if category not in _CATEGORIES:
                raise BadConfiguration(
                    f"category {category!r} of class {name!r} is not known",
                    where=where,
                    hint=f"one of {', '.join(_CATEGORIES)}",
                )
            if not 0.0 < likelihood <= 1.0:
                raise BadConfiguration(
                    f"likelihood {likelihood:g} of class {name!r} for {category} is not above 0 and at most 1",
                    where=where,
                    hint="a likelihood of 0 can never be outweighed; write 0.001",
                )
        made[plain(name)] = _row([given.get(category, 1.0) for category in _CATEGORIES])
    return Taxonomy(made, {plain(name): named for name, named in file.names.items()}, file.modulation.lower())


def _row(values: list[float]) -> Likelihoods:
    first, second, third, fourth, fifth = values
    return first, second, third, fourth, fifth


def plain(name: str) -> str:
    """A name as names are compared."""
    return re.sub(r"[\s_-]+", " ", name.rpartition(":")[2]).strip().lower()


def likelihoods(classes: ReportClasses, reports: int, own: Taxonomy, confusion: Floats | None = None) -> Floats:
    """(reports, 5) over `Category` of what each report names as classes; NaN where it names none that is known.

    The share of a class goes to its sub-classes as far as they claim it. What is not claimed says nothing; classes
    without a confidence share evenly what is left. Ratios, the largest 1; with the sensor's `confusion` (5, 5) how
    likely it says so.
    """
    made = np.full((reports, len(Category)), np.nan)
    meant = {name: _meaning(name, own, confusion) for name in np.unique(classes.type).tolist()}
    rows = [
        (level, meant[name], confidence)
        for level, name, confidence in zip(
            classes.level.tolist(), classes.type.tolist(), classes.confidence.tolist(), strict=True
        )
    ]
    starts = np.searchsorted(classes.report, np.arange(reports + 1)).tolist()
    for report in np.unique(classes.report).tolist():
        opinion = _opinion(rows[starts[report] : starts[report + 1]])
        if opinion is not None:
            made[report] = opinion
    return made


_Row = tuple[int, Likelihoods | None, float]
"""level, what the class means where that is known, its confidence"""
_ELSE = 0.1
"""likelihood of a word of the site's own for other categories, of a sensor without a declared confusion"""


def _meaning(name: str, own: Taxonomy, confusion: Floats | None) -> Likelihoods | None:
    for part in reversed([each.strip() for each in plain(name).split(".")]):
        if part in own.classes:
            return own.classes[part]
        known = KNOWN.get(part)
        named = own.names.get(part) or (_likeliest(known) if known else ())
        if named and confusion is not None:
            return _row(said(confusion, named).tolist())
        if named:
            return known or _row([1.0 if category in named else _ELSE for category in _CATEGORIES])
    return None


def _likeliest(row: Likelihoods) -> tuple[str, ...]:
    """The categories that a known name is a word for."""
    return tuple(category for category, likelihood in zip(_CATEGORIES, row, strict=True) if likelihood == 1.0)


def _opinion(rows: list[_Row]) -> Floats | None:
    """One report's classes as likelihoods."""
    shares = _shares(rows, 0, 1.0, None)
    if all(meaning is None for _, meaning in shares):
        return None
    claimed = sum(share for share, _ in shares)
    known = [(share, max(meaning)) for share, meaning in shares if meaning is not None]
    level = sum(share * most for share, most in known) / max(sum(share for share, _ in known), 1e-9)
    mixed = np.full(len(Category), level * max(1.0 - claimed, 0.0))
    for share, meaning in shares:
        mixed += share * (np.full(len(Category), level) if meaning is None else np.array(meaning))
    return np.asarray(mixed * (level / mixed.max())) if mixed.max() > 0.0 else None


def _shares(
    rows: list[_Row], level: int, whole: float, above: Likelihoods | None
) -> list[tuple[float, Likelihoods | None]]:
    """How much of `whole` each deepest class has, and what it means; a class that nobody knows means what is above."""
    starts = [place for place, row in enumerate(rows) if row[0] == level]
    said = [rows[start][2] for start in starts]
    sure = sum(each for each in said if each == each)
    unsaid = max(whole - sure, 0.0) / max(sum(each != each for each in said), 1)
    scale = whole / sure if sure > whole else 1.0
    made = []
    for start, stop, confidence in zip(starts, [*starts, len(rows)][1:], said, strict=True):
        share = confidence * scale if confidence == confidence else unsaid
        meaning = rows[start][1] or above
        below = _shares(rows[start + 1 : stop], level + 1, share, meaning)
        made += [(share - sum(each for each, _ in below), meaning), *below]
    return made
