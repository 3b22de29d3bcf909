"""Slow twins of `kernels.classes`: one object's whole history in lists, summed anew with SciPy's distributions."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.special import logsumexp, softmax
from scipy.stats import t as student

from luchtwacht.kernels import classes as k
from luchtwacht.model import Floats


@dataclass(frozen=True)
class Look:
    """What the tracker thought of the velocity after a report."""

    time_s: float
    v: Floats
    """(3,)"""
    variance: Floats
    """(3,)"""


def running(values: list[Floats], times: list[float], memory_s: float) -> Floats:
    """Exponential mean that begins at the first value, as at the last time."""
    weights = [np.exp(-(times[-1] - times[0]) / memory_s)]
    for before, now in pairwise(times):
        weights.append((1.0 - np.exp(-(now - before) / memory_s)) * np.exp(-(times[-1] - now) / memory_s))
    return np.asarray(np.average(np.array(values), axis=0, weights=weights))


def log_density(x: float, mean: float, variance: float) -> float:
    """Student's t, less the constant that all categories share."""
    shared = student.logpdf(0.0, k.FREEDOM)
    return float(student.logpdf(x, k.FREEDOM, mean, np.sqrt(variance)) - shared)


def motion(looks: list[Look], span: float, table: Floats) -> tuple[Floats, bool]:
    """(categories,) log-likelihoods of the motion as at the last look, and whether it stands still there.

    Args:
        span: seconds of evidence held before this look.
    """
    times = [look.time_s for look in looks]
    mean = running([look.v for look in looks], times, k.WINDOW_S)
    noises = [look.variance[:2].mean() for look in looks]
    noise = float(running(noises, times, k.WINDOW_S))
    squares = [(look.v[:2] ** 2).sum() - 2.0 * n for look, n in zip(looks, noises, strict=True)]
    square = max(float(running(squares, times, k.WINDOW_S)), 0.0)
    along = float((mean[:2] ** 2).sum())
    speed = np.sqrt(square)
    waver = np.sqrt(max(square + noise - along, 0.0)) / (speed + 1.0)
    doubt = 1.5 * noise / (square + 1.0) + np.exp(-span / k.WINDOW_S)
    out = []
    for row in table:
        stands = log_density(speed, row[k.SPEED0], row[k.SPEED0_SD] ** 2 + noise)
        flies = log_density(speed, row[k.SPEED], row[k.SPEED_SD] ** 2 + noise)
        told = float(logsumexp([stands, flies], b=[row[k.STANDS], 1.0 - row[k.STANDS]]))
        told += log_density(mean[2], row[k.CLIMB], row[k.CLIMB_SD] ** 2 + looks[-1].variance[2])
        out.append(told + log_density(waver, row[k.WAVER], row[k.WAVER_SD] ** 2 + doubt))
    return np.array(out), max(square, along) < k.STILL_M_S**2 and noise < k.STILL_NOISE_M_S**2


def follow(looks: list[Look], table: Floats) -> tuple[Floats, float]:
    """(categories,) sums of log-likelihoods and their weight in seconds, of an object that never jumped."""
    told, times, weights = [], [], []
    for count in range(1, len(looks) + 1):
        now = looks[count - 1].time_s
        span = sum(w * np.exp(-(times[-1] - at) / k.MEMORY_S) for w, at in zip(weights, times, strict=True))
        weights.append(float(np.clip(now - times[-1] if times else 0.0, 0.1, k.LONGEST_STEP_S)))
        times.append(now)
        told.append(motion(looks[:count], span, table)[0])
    left = np.array(weights) * np.exp(-(times[-1] - np.array(times)) / k.MEMORY_S)
    return np.asarray(left @ np.array(told)), float(left.sum())


def classify(
    opinion: Floats, told: Floats, span: float, stillest: float, height: tuple[float, float] | None,
    echoes: Floats, table: Floats,
) -> Floats:  # fmt: skip
    """(categories,) probabilities.

    Args:
        opinion: (categories,) logarithms of the prior with the opinions.  told, span: as `follow` gives them.
        height: m above ground and its variance, if measured.  echoes: (n,) dBsm.
    """
    logs = opinion - stillest / table[:, k.STILL_S]
    if span > 0.0:
        logs = logs + told / span * (min(span / k.SETTLED_S, 1.0) + span / k.CORRELATION_S)
    for q, row in enumerate(table):
        if height is not None:
            logs[q] += log_density(height[0], row[k.HEIGHT], row[k.HEIGHT_SD] ** 2 + height[1])
        if len(echoes):
            scatter = (k.SCATTER_COUNT * k.SCATTER_DB2 + echoes.var() * len(echoes)) / (k.SCATTER_COUNT + len(echoes))
            doubt = scatter / max(k.RCS_PER_LOOK * len(echoes), 1.0)
            logs[q] += log_density(echoes.mean(), row[k.RCS], row[k.RCS_SD] ** 2 + doubt)
    return np.asarray(softmax(np.maximum(logs - logs.max(), -k.MOST_ODDS)))
