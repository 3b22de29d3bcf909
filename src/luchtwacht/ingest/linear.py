"""Sums of products and inverses of small matrices, in one order on every machine (a BLAS sums as it likes)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from luchtwacht.model import Floats


def information_of(V: Floats, known: NDArray[np.bool_]) -> Floats:
    """(n, 3, 3) inverse of V over what is known, 0 elsewhere."""
    both = known[:, :, None] & known[:, None, :]
    filled = np.where(both, V, np.eye(3) * 1.0)
    scale = np.sqrt(np.diagonal(filled, axis1=1, axis2=2))
    a = filled / scale[:, :, None] / scale[:, None, :]
    first, second, third = a[:, 0], a[:, 1], a[:, 2]
    adjugate = np.stack([np.cross(second, third), np.cross(third, first), np.cross(first, second)], axis=-1)
    inverse = adjugate / (first * adjugate[:, :, 0]).sum(axis=1)[:, None, None]
    return np.where(both, inverse / scale[:, :, None] / scale[:, None, :], 0.0)


def times(A: Floats, B: Floats) -> Floats:
    """A B, summed in one order on every machine (a BLAS sums as it likes)."""
    out = np.zeros((A.shape[0], B.shape[1]))
    for k in range(A.shape[1]):
        out += A[:, k, None] * B[k]
    return out


def inverse_of(A: Floats) -> Floats:
    """Inverse of a positive definite matrix by Gauss and Jordan, in one order on every machine."""
    A = A.copy()
    for k in range(len(A)):
        pivot = A[k, k]
        if not pivot > 0.0:
            raise AssertionError(f"the adjustment's normal matrix is not positive definite: pivot {k} is {pivot:g}")
        row = A[k] / pivot
        column = A[:, k].copy()
        column[k] = 0.0
        A -= column[:, None] * row
        A[:, k] = -column / pivot
        A[k] = row
        A[k, k] = 1.0 / pivot
    return np.asarray((A + A.T) / 2.0)
