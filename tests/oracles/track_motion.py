"""Slow twins of `kernels.motion` and of the merging in `kernels.mixture`: dense matrices, the book's formulas."""

from __future__ import annotations

import numpy as np

from luchtwacht.model import Floats


def unpack(row: Floats) -> tuple[Floats, Floats]:
    """Mean (6,) and covariance (6, 6) of a packed row of 27 numbers."""
    P = np.zeros((6, 6))
    upper = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]
    for k, (a, b) in enumerate(upper):
        P[a, b] = P[b, a] = row[6 + k]
        P[3 + a, 3 + b] = P[3 + b, 3 + a] = row[21 + k]
    for a in range(3):
        for b in range(3):
            P[a, 3 + b] = P[3 + b, a] = row[12 + 3 * a + b]
    return row[:6].copy(), P


def pack(x: Floats, P: Floats) -> Floats:
    """The row of 27 numbers for a mean and a covariance."""
    upper = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]
    return np.concatenate([x, [P[a, b] for a, b in upper], P[:3, 3:].ravel(), [P[3 + a, 3 + b] for a, b in upper]])


def mix(means: Floats, covariances: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Mean and covariance of a mixture of Gaussians."""
    x = np.einsum("k,ki->i", weights, means)
    P = np.zeros((6, 6))
    for mean, covariance, weight in zip(means, covariances, weights, strict=True):
        P += weight * (covariance + np.outer(mean - x, mean - x))
    return x, P


def transition(noise: Floats) -> tuple[Floats, Floats]:
    """F and Q of a row of the `noise` that `kernels.motion.predict` takes."""
    gain, keep = noise[0], noise[1]
    F = np.eye(6)
    F[:3, 3:] = gain * np.eye(3)
    F[3:, 3:] = keep * np.eye(3)
    pp, pv, vv = (np.diag([noise[2 + k], noise[2 + k], noise[5 + k]]) for k in range(3))
    return F, np.block([[pp, pv], [pv, vv]])


def predict(
    means: Floats, covariances: Floats, modes: Floats, change: Floats, noise: Floats
) -> tuple[Floats, Floats, Floats]:
    """One IMM prediction of one object: (modes, 6), (modes, 6, 6) and (modes,) in and out."""
    after = change.T @ modes
    out = [mix(means, covariances, modes * change[:, m] / after[m]) for m in range(len(modes))]
    moved = []
    for (x, P), row in zip(out, noise, strict=True):
        F, Q = transition(row)
        moved.append((F @ x, F @ P @ F.T + Q))
    return np.array([x for x, _ in moved]), np.array([P for _, P in moved]), after
