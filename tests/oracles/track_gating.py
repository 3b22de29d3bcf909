"""Slow twin of `kernels.gating.gate`: every Bernoulli with every plot, no grid, no boxes."""

from __future__ import annotations

import numpy as np
from tests.oracles.track_measurement import update
from tests.oracles.track_motion import unpack

from luchtwacht.kernels import layout as c
from luchtwacht.model import Floats, Ints


def pairs(
    state: Floats, modes: Floats, existence: Floats, seen: Floats, kinds: Ints, plots: Floats, gate: float, hit: float
) -> dict[tuple[int, int], float]:
    """Weight of every pair of Bernoulli and FIX plot inside the gate of its nearest mode.

    Args:
        state: (n * modes, 27).  modes: (n, modes) probabilities.  seen: (n,) probability of a report at all.
        hit: detection probability in the weight of a pair.
    """
    found = {}
    for i in range(len(existence)):
        for j in range(len(kinds)):
            R = np.zeros((3, 3))
            R[np.triu_indices(3)] = plots[j, c.R0 : c.R0 + 6]
            R = R + np.triu(R, 1).T
            H = np.hstack([np.eye(3), plots[j, c.DT] * np.eye(3)])
            nearest, likelihood = np.inf, 0.0
            for m in range(modes.shape[1]):
                x, P = unpack(state[i * modes.shape[1] + m])
                _, _, d2, loglik = update(x, P, plots[j, :3] - H @ x, H, R)
                nearest = min(nearest, d2)
                likelihood += modes[i, m] * np.exp(loglik)
            if nearest < gate:
                none = (1.0 - existence[i] * seen[i]) * (plots[j, c.CLUTTER] + plots[j, c.UNDETECTED])
                found[i, j] = existence[i] * hit * likelihood / none
    return found
