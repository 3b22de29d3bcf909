"""Slow twin of `kernels.mixture.absorb`: every hypothesis of one Bernoulli, written down and merged."""

from __future__ import annotations

import numpy as np
from tests.oracles.track_motion import mix

from luchtwacht.model import Floats


def absorb(
    existence: float, seen: float, prior: tuple[Floats, Floats], silent: Floats,
    posteriors: list[tuple[Floats, Floats]], shares: Floats, paired: Floats,
) -> tuple[float, Floats, Floats, Floats]:  # fmt: skip
    """Existence, mode probabilities, means (modes, 6) and covariances after one look.

    Args:
        prior: means (modes, 6) and covariances (modes, 6, 6); each of `posteriors` likewise.
        silent: (modes,) mode probabilities should there have been no report.
        shares: (pairs, modes) mode probabilities given each pair; paired: (pairs,) their probabilities.
    """
    missed = 1.0 - paired.sum()
    there = missed * existence * (1.0 - seen) / (1.0 - existence * seen)
    after = paired.sum() + there
    weights = np.concatenate([[there], paired])[:, None] * np.vstack([silent, shares]) / after
    modes = weights.sum(0)
    out = [
        mix(
            np.array([prior[0][m], *[post[0][m] for post in posteriors]]),
            np.array([prior[1][m], *[post[1][m] for post in posteriors]]),
            weights[:, m] / modes[m],
        )
        for m in range(len(modes))
    ]
    return after, modes, np.array([x for x, _ in out]), np.array([P for _, P in out])
