"""Measurements and their errors as `z` and `R` of detections, from what the message says and the sensor declares."""

from __future__ import annotations

import numpy as np

from luchtwacht.model import Floats

LEAST_CORRELATED = 0.99
"""correlations are kept below this: a message may round one to 1, and such a covariance has no inverse"""


def or_declared(values: Floats, declared: Floats) -> Floats:
    """What the message says, or the declaration where it says nothing (or 0, which no error is)."""
    return np.where(np.isfinite(values) & (values > 0.0), values, declared)


def bounded(correlation: Floats) -> Floats:
    """Correlations that leave the covariance positive; none where none is given."""
    return np.clip(np.nan_to_num(correlation), -LEAST_CORRELATED, LEAST_CORRELATED)


def correlate(R: Floats, first: int, second: int, correlation: Floats) -> None:
    """Write the covariance of two of the four numbers into `R` (n, 4, 4), whose diagonal stands."""
    both = bounded(correlation) * np.sqrt(R[:, first, first]) * np.sqrt(R[:, second, second])
    R[:, first, second] = R[:, second, first] = both


def position_errors(axes: Floats, east: Floats, north: Floats, correlation: Floats, up: Floats) -> Floats:
    """(n, 4, 4) `R` of POSITIONs in the site's frame.

    Args:
        axes: (n, 3, 3) rotations from the local axes at each place to the site's.
        east, north: (n,) m, standard deviations in the local axes.
        correlation: (n,) of east and north; NaN for none.
        up: (n,) m; NaN where no height was measured.

    Sums are written out, as a matrix product rounds differently for one row than for many.
    """
    measured = np.isfinite(up)
    bound, nothing = bounded(correlation), np.zeros(len(east))
    root = np.stack(  # a Cholesky root of the local covariance, by rows
        [
            np.stack([east, nothing, nothing], axis=-1),
            np.stack([north * bound, north * np.sqrt(1.0 - bound**2), nothing], axis=-1),
            np.stack([nothing, nothing, np.where(measured, up, 0.0)], axis=-1),
        ],
        axis=1,
    )
    turned = (
        axes[:, :, 0, None] * root[:, None, 0, :]
        + axes[:, :, 1, None] * root[:, None, 1, :]
        + axes[:, :, 2, None] * root[:, None, 2, :]
    )
    R = np.full((len(east), 4, 4), np.nan)
    R[:, :3, :3] = (
        turned[:, :, None, 0] * turned[:, None, :, 0]
        + turned[:, :, None, 1] * turned[:, None, :, 1]
        + turned[:, :, None, 2] * turned[:, None, :, 2]
    )
    R[~measured, 2, :] = R[~measured, :, 2] = np.nan
    return R


def position(place: Floats) -> Floats:
    """(n, 4) `z` of POSITIONs from (n, 3) east, north, up (m)."""
    z = np.full((len(place), 4), np.nan)
    z[:, :3] = place
    return z
