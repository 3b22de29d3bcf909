"""Slow twin of `tracking.smoothing` for one mode and positions: all states at once, as one Gaussian.

No recursion: the prior, the motion and the measurements are rows of one least-squares problem over the whole
trajectory, whose solution is the smoothed mean and whose inverse normal matrix is the covariance.
"""

from __future__ import annotations

import numpy as np

from luchtwacht.model import Floats


def smoothed(seconds: Floats, z: Floats, R: Floats, density: Floats, velocity_sigma: Floats) -> tuple[Floats, Floats]:
    """Means (n, 6) and covariances (n, 6, 6) of positions `z` (n, 3) with covariance `R` (n, 3, 3) at `seconds` (n,).

    Args:
        density: (3,) m^2/s^3, white acceleration by axis (Bar-Shalom, Li and Kirubarajan 2001, 6.2.2).
        velocity_sigma: (3,) m/s, of the first velocity about zero.
    """
    n = len(z)
    information, right = np.zeros((6 * n, 6 * n)), np.zeros(6 * n)
    information[3:6, 3:6] += np.diag(velocity_sigma**-2.0)
    for k in range(n):
        at, inverse = 6 * k, np.linalg.inv(R[k])
        information[at : at + 3, at : at + 3] += inverse
        right[at : at + 3] += inverse @ z[k]
        if k:
            t = seconds[k] - seconds[k - 1]
            F, Q = np.eye(6), np.zeros((6, 6))
            F[:3, 3:] = t * np.eye(3)
            Q[:3, :3], Q[3:, 3:] = np.diag(density) * t**3 / 3.0, np.diag(density) * t
            Q[:3, 3:] = Q[3:, :3] = np.diag(density) * t**2 / 2.0
            row = np.hstack([-F, np.eye(6)])
            information[at - 6 : at + 6, at - 6 : at + 6] += row.T @ np.linalg.inv(Q) @ row
    covariance = np.linalg.inv(information)
    mean = covariance @ right
    return mean.reshape(n, 6), np.stack([covariance[k : k + 6, k : k + 6] for k in range(0, 6 * n, 6)])
