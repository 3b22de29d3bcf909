"""The one place that names numba."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
from numpy import dtype, ndarray

Array = ndarray[Any, dtype[Any]]
"""a numpy array; shape and type stand in the docstring"""
F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile in nopython mode, keeping the signature for the type checker.

    Kernels take plain arrays and scalars and give arrays; they never raise: NaN, -1 or a status array says what is
    wrong.
    Results are the same on every run: no fast-math, no parallel reductions.
    """
    return cast(F, numba.njit(cache=True, fastmath=False, error_model="numpy")(function))
