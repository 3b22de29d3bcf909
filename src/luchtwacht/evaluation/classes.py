"""Do the probabilities of all five categories hold what they promise, wherever the truth says what a thing is?

Each category is judged against the rest, and the likeliest one as *top label*: of all that was called something with
0.8, eight in ten should be that. The first shows which category is over- or underrated, the second is what a person
reads from the screen (Guo et al., "On calibration of modern neural networks", ICML 2017, for the top label; Kull et
al., NeurIPS 2019, for class by class). What is no object has no category: it is judged as a false track.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from luchtwacht.evaluation.assignment import Floats, Ints
from luchtwacht.evaluation.matching import NOBODY, Picture
from luchtwacht.evaluation.reliability import Reliability, reliability
from luchtwacht.model import Category

NAMES = {
    Category.MULTIROTOR: "multirotor",
    Category.FIXED_WING_DRONE: "fixed-wing drone",
    Category.BIRD: "bird",
    Category.CREWED_AIRCRAFT: "crewed aircraft",
    Category.OTHER: "other",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFigures:
    """How good the five probabilities are. NaN where nothing can be said."""

    rows: int
    """judgements: confirmed or coasted tracks near something true, at every conclusion"""
    objects: tuple[int, ...]
    """(5,) things of each category that these were of: rows of one thing are much alike"""
    right: float
    """share of rows whose likeliest category is the true one"""
    brier: float
    """mean over rows of the squared distances of all five probabilities from 0 and 1, added up: 0 is best, 2 worst"""
    top: Reliability
    """probability of the likeliest category, against whether that was it"""
    each: tuple[Reliability, ...]
    """(5,) probability of one category against the rest, in order of `Category`"""
    called: tuple[tuple[int, ...], ...]
    """(5, 5) rows that truly were (first index) and were called (second)"""


def judge_classes(picture: Picture) -> ClassFigures:
    """The figures of a picture: of each confirmed or coasted track the object that it is, else the nearest."""
    estimates = picture.estimates
    kept = (estimates.nearest != NOBODY) & np.isfinite(estimates.probability).all(axis=1)
    objects = estimates.nearest[kept]
    return class_figures(estimates.probability[kept], picture.courses.category[objects].astype(np.int64), objects)


def class_figures(said: Floats, truth: Ints, objects: Ints) -> ClassFigures:
    """The figures of probabilities `said` (n, 5), the true `Category` (n,), and which thing each row is of (n,)."""
    count = len(Category)
    is_so = truth[:, None] == np.arange(count)
    likeliest = np.argmax(said, axis=1) if len(said) else np.empty(0, np.int64)
    hit = likeliest == truth
    called = np.bincount(truth * count + likeliest, minlength=count * count).reshape(count, count)
    return ClassFigures(
        rows=len(said),
        objects=tuple(len(np.unique(objects[truth == category])) for category in range(count)),
        right=float(hit.mean()) if len(said) else float("nan"),
        brier=float(((said - is_so) ** 2).sum(axis=1).mean()) if len(said) else float("nan"),
        top=reliability("the likeliest category", said.max(axis=1, initial=0.0), hit),
        each=tuple(reliability(NAMES[each], said[:, each], is_so[:, each]) for each in Category),
        called=tuple(tuple(row) for row in called.tolist()),
    )
