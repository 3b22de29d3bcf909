"""Why a track is held for what it is held for, as it goes over the wire."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from luchtwacht import model
from luchtwacht.server import wire
from luchtwacht.server.declarations import number, to_ms
from luchtwacht.server.estimates import CATEGORIES
from luchtwacht.tracking.classification import USED

_KINDS: tuple[wire.GroundKind, ...] = ("prior", "opinions", "motion", "still", "height", "size")
EVEN = 1e-4
"""natural logarithm of odds that say nothing: what the tracker keeps has seven figures"""


def encode_grounds(
    grounds: model.Grounds,
    reports: Iterable[wire.Report],
    sensors: Sequence[model.Sensor],
    claim: wire.ClaimKind | None,
    claimed: model.Floats,
) -> wire.CategoryGrounds:
    """Args:
    reports: that were used for the track, oldest first.
    claim: by what it says of itself what it is; none when it says nothing.
    claimed: (5,) factor by which that changed the probabilities; ones when it says nothing.
    """
    logs = (getattr(grounds, kind) for kind in _KINDS)
    found = [_ground(kind, np.array(each)) for kind, each in zip(_KINDS, logs, strict=True)]
    measured = np.array(grounds.probability)
    told = measured * claimed / float(measured @ claimed)
    if claim is not None:
        found.append(_ground("claim", np.log(claimed)))
    return wire.CategoryGrounds(
        track=grounds.track,
        time_ms=to_ms(grounds.time_ns),
        measured=_digits(measured),
        probability=_digits(told),
        grounds=found,
        claim_kind=claim,
        speed_m_s=number(grounds.speed, 1) if grounds.speed is not None else None,
        waver=number(grounds.waver, 2) if grounds.waver is not None else None,
        climb_m_s=number(grounds.climb, 1) if grounds.climb is not None else None,
        motion_s=round(grounds.span_s, 1),
        still_s=round(grounds.still_s, 1),
        height_agl_m=number(grounds.above_ground, 0) if grounds.above_ground is not None else None,
        rcs_dbsm=number(grounds.rcs_db, 1) if grounds.rcs_db is not None else None,
        rcs_reports=round(grounds.rcs_reports),
        sensors=_by_sensor(reports, sensors),
    )


def _ground(kind: wire.GroundKind, logs: model.Floats) -> wire.Ground:
    return wire.Ground(kind=kind, known=bool(np.ptp(logs) > EVEN), weights=_digits(np.exp(logs - logs.max())))


def _digits(values: model.Floats) -> list[float]:
    """Four digits that count: what is a thousandth and what a millionth must not look the same."""
    return [float(f"{value:.4g}") for value in values.tolist()]


def _by_sensor(reports: Iterable[wire.Report], sensors: Sequence[model.Sensor]) -> list[wire.SensorOpinion]:
    """In the order of the site; of the reports whose opinion the tracker let count."""
    counted = [each for each in reports if each.opinion is not None and each.probability > USED]
    found = []
    for sensor in sensors:
        mine = [each for each in counted if each.sensor == sensor.id]
        if not mine:
            continue
        weights = np.array([each.opinion for each in mine], np.float64)
        likeliest = weights.argmax(axis=1)
        found.append(
            wire.SensorOpinion(
                sensor=sensor.id,
                reports=len(mine),
                called=np.bincount(likeliest, minlength=len(CATEGORIES)).tolist(),
                last=CATEGORIES[int(likeliest[-1])],
                last_ms=mine[-1].time_ms,
                last_weights=_digits(weights[-1]),
                confusion_declared=bool(sensor.classification.confusion),
                memory_s=sensor.classification.memory_s,
            )
        )
    return found


def factor(before: model.Floats, after: model.Floats) -> model.Floats:
    """(5,) by which probabilities of one conclusion changed, the largest 1; ones when nothing is known of either."""
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.where(before > 0.0, after / before, 0.0)
    change = np.nan_to_num(change)
    return np.asarray(np.maximum(change / change.max(), 1e-9) if change.max() > 0.0 else np.ones(len(change)))
