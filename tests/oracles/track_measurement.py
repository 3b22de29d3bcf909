"""Slow twins of `kernels.measurement`: the Kalman update with dense matrices and numerical gradients."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from luchtwacht.model import Floats


def update(x: Floats, P: Floats, y: Floats, H: Floats, R: Floats) -> tuple[Floats, Floats, float, float]:
    """Posterior mean and covariance, squared distance and log-likelihood for innovation `y`."""
    S = H @ P @ H.T + R
    K = P @ H.T @ np.linalg.inv(S)
    d2 = float(y @ np.linalg.solve(S, y))
    loglik = -0.5 * (d2 + float(np.linalg.slogdet(2.0 * np.pi * S)[1]))
    A = np.eye(6) - K @ H
    return x + K @ y, A @ P @ A.T + K @ R @ K.T, d2, loglik


def gradient(h: Callable[[Floats], float], x: Floats) -> Floats:
    """(1, 6) central differences."""
    out = np.zeros((1, 6))
    for k in range(6):
        step = np.zeros(6)
        step[k] = 1e-3
        out[0, k] = (h(x + step) - h(x - step)) / 2e-3
    return out
