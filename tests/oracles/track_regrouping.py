"""Slow twin of `kernels.regrouping`: one group of Bernoullis, its hypotheses as objects, matrices as matrices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from tests.oracles.track_motion import mix

from luchtwacht.model import Floats

ROUNDS, SCALINGS, BALANCED, BLUR, DEALT = 3, 60, 1e-3, 0.5, 1e-3


@dataclass
class Hypothesis:
    """That a Bernoulli had one plot, or none."""

    of: int
    probability: float
    existence: float
    modes: Floats
    """(modes,)"""
    x: Floats
    """(modes, 6)"""
    P: Floats
    """(modes, 6, 6)"""


def cost(one: Hypothesis, existence: float, x: Floats, P: Floats) -> float:
    """Cross entropy of a hypothesis and a Bernoulli that is one Gaussian, without what is the same for every one."""
    mean, covariance = mix(one.x, one.P, one.modes)
    off = mean - x
    square = float(np.trace(np.linalg.solve(P, covariance + np.outer(off, off))))
    there = 0.5 * (square + float(np.linalg.slogdet(P)[1])) - np.log(existence)
    return float(one.existence * there - (1.0 - one.existence) * np.log(1.0 - existence))


def plan_of(costs: Floats, allowed: Floats, probability: Floats, held: Floats) -> Floats:
    """Rows scaled to `probability`, columns to `held`, by turns, rows last (Sinkhorn)."""
    plan = np.where(allowed, np.exp(-(costs - np.where(allowed, costs, np.inf).min(1, keepdims=True)) / BLUR), 0.0)
    column = np.ones(len(held))
    for _ in range(SCALINGS):
        row = probability / (plan @ column)
        new = held / (row @ plan)
        worst, column = np.abs(new / column - 1.0).max(), new
        if worst < BALANCED:
            break
    plan = plan * column
    return np.asarray(plan * (probability / plan.sum(1))[:, None])


def regroup(hypotheses: list[Hypothesis], near: Floats) -> Floats:
    """(hypotheses, Bernoullis) how much of each hypothesis each Bernoulli holds in the end.

    Args:
        near: (n, n) whether two may exchange hypotheses.
    """
    n = len(near)
    probability = np.array([each.probability for each in hypotheses])
    of = np.array([each.of for each in hypotheses])
    plan = np.where(of[:, None] == np.arange(n), probability[:, None], 0.0)
    held = plan.sum(0)
    allowed = near[of] & ((probability >= DEALT)[:, None] | (of[:, None] == np.arange(n)))
    for _ in range(ROUNDS):
        costs = np.full((len(hypotheses), n), 1e9)
        for k in range(n):
            weights = plan[:, k] * [each.existence for each in hypotheses]
            parts = [mix(each.x, each.P, each.modes) for each in hypotheses]
            x, P = mix(np.array([x for x, _ in parts]), np.array([P for _, P in parts]), weights / weights.sum())
            existence = min(weights.sum() / plan[:, k].sum(), 1.0 - 1e-9)
            costs[:, k] = [cost(each, existence, x, P) for each in hypotheses]
        plan = plan_of(costs, allowed, probability, held)
    return plan


def merged(hypotheses: list[Hypothesis], plan: Floats, k: int) -> tuple[float, Floats, Floats, Floats]:
    """Existence, mode probabilities, means and covariances of Bernoulli `k` under a plan."""
    weights = np.array([plan[h, k] * each.existence * each.modes for h, each in enumerate(hypotheses)])
    modes = weights.sum(0)
    out = [
        mix(
            np.array([each.x[m] for each in hypotheses]),
            np.array([each.P[m] for each in hypotheses]),
            weights[:, m] / modes[m],
        )
        for m in range(len(modes))
    ]
    return float(modes.sum()), modes / modes.sum(), np.array([x for x, _ in out]), np.array([P for _, P in out])
