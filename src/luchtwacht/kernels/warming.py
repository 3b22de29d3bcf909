"""Compiling every kernel that `tracking` calls once, so that nobody waits for it later.

Those that only other kernels call are copied into these. Each is called with the smallest arrays of the types it meets
in service; frozen columns are read-only, and for the compiler that is a type of its own.
`tests/kernels/test_warming.py` holds that nothing is left to compile.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from luchtwacht.kernels import layout as c
from luchtwacht.kernels._jit import Array
from luchtwacht.kernels.association import marginals
from luchtwacht.kernels.births import bear, start
from luchtwacht.kernels.classes import FACTS, GROUNDS, TRAITS, grounds
from luchtwacht.kernels.conversion import convert
from luchtwacht.kernels.looks import split
from luchtwacht.kernels.measurement import condition, condition_on_rate
from luchtwacht.kernels.motion import predict
from luchtwacht.kernels.opinions import columns
from luchtwacht.kernels.taking import conclude, take


def frozen(array: Array) -> Array:
    """The same, read-only."""
    view = array.view()
    view.flags.writeable = False
    return view


def warm(modes: int = 2, sensors: int = 1) -> Iterator[str]:
    """Compile, or load from the cache, one kernel after another.

    Yields:
        what comes next, for a progress line.
    """
    n, m = 1, 2
    time = frozen(np.zeros(m, np.int64))
    z = frozen(np.tile([1000.0, 0.5, 0.1, 3.0], (m, 1)))
    R = frozen(np.tile(np.diag([100.0, 1e-4, 1e-4, 1.0]), (m, 1, 1)))
    nothing, names = frozen(np.full(m, np.nan)), frozen(np.full(m, -1, np.int64))
    geometry, filtered = frozen(np.zeros(m, np.int8)), frozen(np.zeros(m, np.bool_))
    place, sensor = np.concatenate([np.zeros(3), np.eye(3).ravel()]), np.full(c.SENSOR_COLUMNS, 1e4)
    raw, kinds, plots = np.empty((m, c.PLOT_COLUMNS)), np.empty(m, np.int8), np.empty((m, c.PLOT_COLUMNS))
    state, real = np.zeros((8 * modes, c.ROW), np.float32), np.zeros((8, c.REALS), np.float32)
    state[:, c.A0] = state[:, c.A0 + 3] = state[:, c.A0 + 5] = 1.0
    real[:, c.MODE0 : c.MODE0 + modes] = 1.0 / modes
    whole, looks = np.zeros((8, c.WHOLES), np.int64), np.zeros((8, columns(sensors)), np.int64)
    heights, learnt, rules = np.array([[1.0, 100.0, 100.0]]), np.ones(c.LEARNT), np.ones(c.RULES)
    change, noise = frozen(np.eye(modes)), frozen(np.zeros((modes, 8)))
    around, above, rates, sight = np.ones((2, 2)), np.ones(2), np.ones(2), np.ones((2, 2, 3))
    mode_prior, class_prior, traits = np.full(modes, 1.0 / modes), np.zeros(5), np.full((5, TRAITS), 0.5)
    free, born, when = np.ones(m), np.empty(m, np.int64), np.zeros(m, np.int64)
    yield "looks"
    split(time, time, frozen(np.zeros(m, np.int64)), names, np.ones(sensors, np.int64))
    yield "gating, association, update and births"
    take(
        z, R, geometry, time, time, names, nothing, nothing, filtered, frozen(np.full((m, 5), np.nan)), 0, m, state,
        real, whole, looks, n, state, real, whole, looks, 0, state, real, whole, looks, modes, 0, sensors, place,
        sensor, heights, around, above, rates, learnt, sight, change, noise, 1.0, 0, True, 0, -1.0, 10**9, rules,
        mode_prior, class_prior, traits, raw, kinds, plots, 1,
    )  # fmt: skip
    yield "crossing bearings"
    bear(
        state, real, whole, looks, n, modes, 0, sensors, kinds, plots, when, when, when, place, free, heights, 17.0,
        3.0, 1e-6, 0.5, mode_prior, class_prior, born, 0.0, state, real, whole, looks, born, free, born,
        np.full(m, -1), np.zeros(m), born, state, real, whole, looks, free.copy(),
    )  # fmt: skip
    yield "tracks"
    conclude(
        state, real, whole, looks, n, modes, sensors, np.zeros((4, 4), np.int64), 0, 0, 0, 0, 0.98, 0.01, 0.1, False, 0,
        noise, 1.0, 1e6, np.zeros((1, 1)), np.ones(3), traits,
    )  # fmt: skip
    yield "categories"
    grounds(
        real, whole, 0, frozen(np.zeros(6)), frozen(np.eye(6)), np.zeros((1, 1)), np.ones(3), traits, class_prior,
        np.empty((GROUNDS, 5)), np.empty(FACTS),
    )  # fmt: skip
    yield "stitching"
    marginals(np.array([0, 1]), np.zeros(1, np.int64), np.ones(1), 1, 1, np.empty(1), np.empty(1), np.empty(1))
    yield "smoothing"
    h, state, real = np.empty(6), state.astype(np.float64), real.astype(np.float64)
    convert(z, R, geometry, time, 0, 0, nothing, nothing, filtered, 1.0, place, 0.0, kinds, plots)
    predict(state, real, whole, 0, n, modes, change, noise, 1.0)
    condition(state, 0, state, 1, kinds[0], plots, 0, place, h)
    condition_on_rate(state, 0, plots, 0, place, h)
    start(np.empty((3, c.ROW)), kinds[0], plots, 0, place, heights, 17.0, 3.0, state, 0, h)
