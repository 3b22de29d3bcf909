"""Compiling every kernel of the tracker once, so that nobody waits for it later.

Each is called with the smallest arrays of the types it meets in service; frozen columns are read-only, and for the
compiler that is a type of its own. `tests/kernels/test_warming.py` holds that nothing is left to compile.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from luchtwacht.kernels import layout as c
from luchtwacht.kernels._jit import Array
from luchtwacht.kernels.association import marginals
from luchtwacht.kernels.births import bear, intensities
from luchtwacht.kernels.classes import TRAITS, classify, observe
from luchtwacht.kernels.conversion import convert
from luchtwacht.kernels.gating import gate
from luchtwacht.kernels.judging import describe, judge, learn, record
from luchtwacht.kernels.looks import split
from luchtwacht.kernels.mixture import absorb, concentrate, squeeze
from luchtwacht.kernels.motion import predict, report


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
    z = np.tile([1000.0, 0.5, 0.1, 3.0], (m, 1))
    R = np.tile(np.diag([100.0, 1e-4, 1e-4, 1.0]), (m, 1, 1))
    nothing, names = frozen(np.full(m, np.nan)), frozen(np.full(m, -1, np.int64))
    place, sensor = np.concatenate([np.zeros(3), np.eye(3).ravel()]), np.zeros(c.SENSOR_COLUMNS)
    kinds, plots = np.empty(m, np.int8), np.empty((m, c.PLOT_COLUMNS))
    state, real = np.zeros((8 * modes, c.ROW)), np.zeros((8, c.REALS))
    state[:, c.A0] = state[:, c.A0 + 3] = state[:, c.A0 + 5] = 1.0
    real[:, c.MODE0 : c.MODE0 + modes] = 1.0 / modes
    whole, looks = np.zeros((8, c.WHOLES), np.int64), np.zeros((8, 3 * sensors), np.int64)
    heights, learnt = np.array([[1.0, 100.0, 100.0]]), np.ones(c.LEARNT)
    starts, edges = np.zeros(n + 1, np.int64), np.empty(8, np.int64)
    weights, paired, shares, posts = np.empty(8), np.empty(8), np.empty((8, modes)), np.empty((8 * modes, c.ROW))
    seen, missed, free, silent = np.empty(n), np.ones(n), np.ones(m), np.empty((n, modes))
    change, noise = frozen(np.eye(modes)), frozen(np.zeros((modes, 8)))
    around, above, rates = np.ones((2, 2)), np.ones(2), np.ones(2)
    yield "looks"
    split(time, time, frozen(np.zeros(m, np.int64)), names, np.ones(sensors, np.int64))
    yield "conversion"
    geometry, filtered = frozen(np.zeros(m, np.int8)), frozen(np.zeros(m, np.bool_))
    convert(frozen(z), frozen(R), geometry, time, 0, nothing, nothing, filtered, 1.0, place, 0.0, kinds, plots)
    yield "prediction"
    predict(state, real, whole, n, modes, change, noise, 1.0)
    yield "false and new plots"
    intensities(kinds, plots, place, 0.9, 1e-9, heights, 17.0, 1e4, around, above, -1.0, 1.0, rates, learnt)
    yield "gating"
    gate(
        state, real, whole, looks, n, modes, 0, sensors, kinds, plots, names, place, sensor, 0, 10**9, starts, edges,
        weights, shares, posts, seen, silent,
    )  # fmt: skip
    yield "association"
    marginals(starts, edges, weights, 1.0, n, m, paired, missed, free)
    yield "update"
    absorb(
        state, real, whole, looks, n, modes, 0, sensors, plots, time, names, 0, 10**9, starts, edges, shares, posts,
        seen, silent, paired, missed,
    )  # fmt: skip
    concentrate(state, real, whole, n, modes, starts, edges, paired, np.empty(m, np.int64))
    yield "births"
    learn(kinds, plots, free, 1e4, 0.9, 60.0, 0.0, -1.0, 1.0, around, above, rates, learnt)
    bear(
        state, real, whole, looks, n, modes, 0, sensors, kinds, plots, time, time, names, place, free, heights, 17.0,
        3.0, 1e-6, 0.5, np.full(modes, 1.0 / modes), np.zeros(5),
    )  # fmt: skip
    yield "reports"
    keep, rows = np.ones(n, np.bool_), np.zeros(n, np.int64)
    judge(real, whole, n, np.zeros((4, 4), np.int64), 0, 0, 0, 0.98, 0.01, 0.1, keep, rows, rows.copy())
    out, probability = np.empty((8, 3), np.int64), np.empty(8)
    record(real, whole, n, n, starts, edges, paired, time, time, 0.1, 0.05, 1, out, probability)
    describe(real, whole, looks, rows, sensors, 0, 1.0, np.empty((7, n), np.int64), np.empty((2, n)))
    report(state, real, whole, rows, modes, noise, 1e6, np.empty((n, 6)), np.empty((n, 6, 6)))
    squeeze(state, real, whole, looks, modes, np.zeros(n, np.bool_))
    yield "classes"
    traits = np.full((5, TRAITS), 0.5)
    observe(state, real, whole, n, modes, 0, missed, traits, np.zeros(5))
    classify(real, whole, rows, np.empty((n, 6)), np.empty((n, 6, 6)), 0.0, traits, np.empty((n, 5)))
