"""Elementary functions for many rows at once, against those of the C library."""

from __future__ import annotations

import math

import numpy as np
import pytest

from luchtwacht.kernels import lanes
from luchtwacht.kernels._jit import Array, kernel


@kernel
def exps(x: Array, out: Array) -> None:
    """Of all."""
    for k in range(x.shape[0]):
        out[k] = lanes.exp(x[k])


@kernel
def logs(x: Array, out: Array) -> None:
    """Of all."""
    for k in range(x.shape[0]):
        out[k] = lanes.log(x[k])


def test_exponentials_and_logarithms_are_those_of_the_library_to_a_part_in_a_trillion() -> None:
    rng = np.random.default_rng(1)
    x = np.concatenate([rng.uniform(-700.0, 700.0, 500), rng.normal(size=500), [0.0, -0.0, 1.0, lanes.FEWEST]])
    out = np.empty_like(x)
    exps(x, out)
    np.testing.assert_allclose(out, np.exp(x), rtol=1e-12)
    numbers = np.concatenate([np.exp(x), 1.0 + 1e-9 * rng.normal(size=100), [1e-300, 1e300, math.sqrt(0.5)]])
    out = np.empty_like(numbers)
    logs(numbers, out)
    np.testing.assert_allclose(out, np.log(numbers), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(("x", "wanted"), [(-1e6, 0.0), (-math.inf, 0.0)])
def test_the_exponential_of_what_is_far_below_nothing_is_nothing(x: float, wanted: float) -> None:
    out = np.empty(1)
    exps(np.array([x]), out)
    assert out[0] == pytest.approx(wanted, abs=1e-300)
