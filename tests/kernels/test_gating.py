"""Pairs against the dense table of all of them; coverage and blindness."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from tests.oracles import track_gating as twin
from tests.oracles.track_motion import pack

from luchtwacht.kernels import layout as c
from luchtwacht.kernels.gating import (
    FAINTEST,
    GATE,
    MOST,
    ascending,
    blindness,
    bounds_of,
    coverage,
    gate,
    map_plots,
    sight_cell,
    sort_lines,
    spots_of,
)  # fmt: skip
from luchtwacht.model import Floats, Ints

PLACE = np.concatenate([[0.0, 0.0, 0.0], np.eye(3).ravel()])


def radar(**known: float) -> Floats:
    """Figures of a sensor that sees everything with probability 0.9, but for what is `known`."""
    figures = np.array([0.9, 0.0, 1e6, 0.0, 2.0 * np.pi, -1.0, 1.0, 0.0, 1e6, 1.0, -0.3, 0.1, np.nan])
    for name, value in known.items():
        figures[getattr(c, f"SENSOR_{name}")] = value
    return figures


SIGHT = np.tile([10.0, 9.0], (4, 4, 1))
"""reported nine times in ten, everywhere"""


def pair_up(
    state: Floats, real: Floats, modes: int, kinds: Ints, plots: Floats, **known: float
) -> tuple[Ints, Ints, Floats, Floats, Floats]:
    """Starts, plots, weights, shares and `seen` as `gate` gives them, for Bernoullis never looked at before."""
    n = len(real)
    frame, nx, ny, cells, order = map_plots(kinds, plots, 100.0)
    room = n * (MOST + 1) + 1
    starts, edges, weights, shares = (
        np.zeros(n + 1, np.int64),
        np.empty(room, np.int64),
        np.empty(room),
        np.empty((room, modes)),
    )
    seen, silent, kinds, plots = np.empty(n), np.empty((n, modes)), kinds[order], plots[order]
    count = gate(
        state, real, np.zeros((n, c.WHOLES), np.int64), np.zeros((n, 3), np.int64), 0, n, modes, 0, 1, kinds, plots,
        spots_of(kinds, plots), np.full(len(kinds), -1), frame, nx, ny, cells, bounds_of(kinds, plots),
        *sort_lines(kinds, plots, False), *sort_lines(kinds, plots, True), PLACE, radar(**known), SIGHT, 10**9, 10**9,
        0, starts, edges, weights, shares, seen, silent,
    )  # fmt: skip
    assert count == starts[n]
    np.testing.assert_allclose(silent, real[:, c.MODE0 : c.MODE0 + modes])
    return starts, order[edges[:count]], weights[:count], shares[:count], seen


@pytest.mark.parametrize("dt", [0.0, 0.2])
def test_the_grid_finds_every_pair_and_no_other(dt: float) -> None:
    rng, n, m, modes = np.random.default_rng(1), 60, 80, 2
    state = np.empty((n * modes, c.ROW))
    for i in range(n):
        mean = np.concatenate([rng.uniform(-3000, 3000, 2), rng.uniform(50, 300, 1), rng.normal(size=3) * 10])
        for mode in range(modes):
            A = rng.normal(size=(6, 6)) * [20, 20, 15, 3, 3, 1] * (1 + mode)
            state[i * modes + mode] = pack(mean + rng.normal(size=6), A.T @ A + np.eye(6))
    real = np.zeros((n, c.REALS))
    real[:, c.EXISTENCE] = rng.uniform(0.1, 0.99, n)
    real[:, c.MODE0 : c.MODE0 + modes] = rng.dirichlet([1, 1], n)
    plots = np.full((m, c.PLOT_COLUMNS), np.nan)
    plots[:, :3] = state[rng.integers(0, n * modes, m), :3] + rng.normal(size=(m, 3)) * 60
    for j in range(m):
        B = rng.normal(size=(3, 3)) * 25
        plots[j, c.R0 : c.R0 + 6] = (B.T @ B + np.eye(3))[np.triu_indices(3)]
    plots[:, c.DT], plots[:, c.UP_MEASURED] = dt, 1.0
    plots[:, c.CLUTTER], plots[:, c.UNDETECTED] = 1e-9, 1e-10
    kinds = np.full(m, c.FIX, np.int8)
    starts, edges, weights, shares, seen = pair_up(state, real, modes, kinds, plots)
    owners = np.repeat(np.arange(n), np.diff(starts))
    got = {(int(i), int(j)): w for i, j, w in zip(owners, edges, weights, strict=True)}
    np.testing.assert_allclose(shares.sum(1), 1.0)
    wanted = twin.pairs(state, real[:, c.MODE0 : c.MODE0 + modes], real[:, c.EXISTENCE], seen, kinds, plots, GATE, 0.9)
    assert len(wanted) > n // 2
    assert (seen == 0.9).all()
    missing = set(wanted) - set(got)
    assert all(wanted[pair] < 1e-3 for pair in missing)  # only what lies at the very rim of the boxes
    assert len(missing) <= len(wanted) // 50
    assert set(got) <= set(wanted)
    for pair, weight in got.items():
        assert weight == pytest.approx(min(wanted[pair], 1e12), rel=1e-6)


def test_the_map_holds_every_placed_plot_once() -> None:
    rng = np.random.default_rng(2)
    plots = np.full((50, c.PLOT_COLUMNS), np.nan)
    plots[:, :2] = rng.uniform(-1e4, 1e4, (50, 2))
    plots[:, c.AZIMUTH] = rng.uniform(0, 6, 50)
    kinds = rng.choice([c.FIX, c.PLANE, c.BEARING, c.NOTHING], 50).astype(np.int8)
    frame, nx, ny, cells, order = map_plots(kinds, plots, 100.0)
    azimuths, others = sort_lines(kinds, plots, False)
    assert len(cells) == nx * ny + 1
    placed = np.flatnonzero((kinds == c.FIX) | (kinds == c.PLANE))
    assert cells[0] == 0
    assert cells[-1] == len(placed)
    assert sorted(order[: len(placed)].tolist()) == placed.tolist()
    assert order[len(placed) :].tolist() == np.flatnonzero((kinds != c.FIX) & (kinds != c.PLANE)).tolist()
    for k in range(nx * ny):
        column, row = k % nx, k // nx
        inside = (plots[order[cells[k] : cells[k + 1]], :2] - frame[:2]) / frame[2]
        assert (inside.astype(int) == [column, row]).all()
        assert (np.diff(order[cells[k] : cells[k + 1]]) > 0).all()
    assert sorted(others.tolist()) == np.flatnonzero(kinds == c.BEARING).tolist()
    assert (azimuths == plots[others, c.AZIMUTH]).all()
    assert (np.diff(azimuths) >= 0.0).all()


def test_coverage_ends_where_it_is_declared_to() -> None:
    east, north = (1000.0, 0.0, 100.0), (0.0, 1000.0, 100.0)
    assert coverage(*east, PLACE, radar(), SIGHT) == 0.9
    assert coverage(*east, PLACE, radar(RANGE_MAX=900.0), SIGHT) == 0.0
    assert coverage(*east, PLACE, radar(RANGE_MIN=1200.0), SIGHT) == 0.0
    assert coverage(*east, PLACE, radar(HIGHEST=0.05), SIGHT) == 0.0
    assert coverage(*east, PLACE, radar(LOWEST=0.05), SIGHT) == 0.9
    sector = radar(AZIMUTH=6.0, SPAN=1.0)  # from 344 over north to 41 degrees
    assert coverage(*north, PLACE, sector, SIGHT) == 0.9
    assert coverage(*east, PLACE, sector, SIGHT) == 0.0


def test_a_doppler_radar_is_blind_to_what_crosses_the_line_of_sight() -> None:
    P = np.diag([100.0, 100.0, 100.0, 1.0, 1.0, 0.1])
    across = pack(np.array([2000.0, 0, 100, 0, 15, 0]), P)[None]
    along = pack(np.array([2000.0, 0, 100, 15, 0, 0]), P)[None]
    assert blindness(across, 0, PLACE, 3.0) > 0.9
    assert blindness(along, 0, PLACE, 3.0) < 0.01
    assert blindness(along, 0, PLACE, inf) == 1.0


def test_bearings_are_found_on_both_sides_of_north_and_ranges_within_reach() -> None:
    place = np.array([[0.0, 2000.0, 50.0, 0, 0, 0], [1500.0, 0.0, 50.0, 0, 0, 0]])
    state = np.array([pack(x, np.diag([400.0, 400, 400, 9, 9, 1])) for x in place])
    real = np.zeros((2, c.REALS))
    real[:, c.EXISTENCE], real[:, c.MODE0] = 0.9, 1.0
    plots = np.full((6, c.PLOT_COLUMNS), np.nan)
    plots[:, c.DT], plots[:, c.CLUTTER], plots[:, c.UNDETECTED] = 0.0, 0.1, 0.0
    plots[:4, c.AZIMUTH], plots[:4, c.AZIMUTH_VAR] = [0.02, 2 * np.pi - 0.02, np.pi / 2, 3.0], 1e-4
    plots[4:, c.RANGE], plots[4:, c.RANGE_VAR] = [1510.0, 1800.0], 100.0
    kinds = np.array([c.BEARING] * 4 + [c.DISTANCE] * 2, np.int8)
    starts, edges, _, _, _ = pair_up(state, real, 1, kinds, plots)
    assert set(edges[: starts[1]].tolist()) == {0, 1}
    assert set(edges[starts[1] : starts[2]].tolist()) == {2, 4}


@pytest.mark.parametrize("far", [False, True])
@pytest.mark.parametrize("broad", [False, True])
def test_a_bearing_goes_to_nothing_of_unknown_direction_or_beyond_reach(far: bool, broad: bool) -> None:
    along = np.array([5000.0 if far else 1000.0, 0.0, 50.0, 0.0, 0.0, 0.0])
    spread = 3.0 * along[0] if broad else 0.1 * along[0]
    state = pack(along, np.diag([1e6, spread**2, 400.0, 9.0, 9.0, 1.0]))[None]
    real = np.zeros((1, c.REALS))
    real[:, c.EXISTENCE], real[:, c.MODE0] = 0.9, 1.0
    plots = np.full((1, c.PLOT_COLUMNS), np.nan)
    plots[:, c.DT], plots[:, c.CLUTTER], plots[:, c.UNDETECTED] = 0.0, 0.1, 0.0
    plots[:, c.AZIMUTH], plots[:, c.AZIMUTH_VAR] = np.pi / 2, 1e-2
    starts, *_ = pair_up(state, real, 1, np.full(1, c.BEARING, np.int8), plots, RANGE_MAX=3000.0)
    assert starts[1] == (0 if far or broad else 1)


def test_of_too_many_plots_the_likeliest_are_kept() -> None:
    state, real = pack(np.zeros(6), np.eye(6))[None], np.zeros((1, c.REALS))
    real[0, c.EXISTENCE] = real[0, c.MODE0] = 0.9
    m = MOST + 20
    plots = np.full((m, c.PLOT_COLUMNS), np.nan)
    plots[:, :3], plots[:, c.DT], plots[:, c.UP_MEASURED] = 0.0, 0.0, 1.0
    plots[:, 0] = np.random.default_rng(3).permutation(np.linspace(0.0, 3.0, m))
    plots[:, c.R0 : c.R0 + 6] = [1.0, 0.0, 0.0, 1.0, 0.0, 1.0]
    plots[:, c.CLUTTER], plots[:, c.UNDETECTED] = 1.0, 0.0
    starts, edges, _, _, _ = pair_up(state, real, 1, np.zeros(m, np.int8), plots)
    assert starts[1] == MOST
    assert set(edges.tolist()) == set(np.argsort(plots[:, 0])[:MOST].tolist())


def test_detection_is_what_was_learnt_where_it_was_learnt() -> None:
    sight, figures = SIGHT.copy(), radar(REACH=2000.0)
    sight[sight_cell(1000.0, 0.0, 2000.0, 4)] = [40.0, 10.0]
    sight[sight_cell(0.0, 1000.0, 2000.0, 4)] = [40.0, 0.0]
    assert coverage(1000.0, 0.0, 100.0, PLACE, figures, sight) == 0.25
    assert coverage(0.0, 1000.0, 100.0, PLACE, figures, sight) == FAINTEST
    assert coverage(-1000.0, 0.0, 100.0, PLACE, figures, sight) == 0.9
    assert sight_cell(1e9, -1e9, 2000.0, 4) == (0, 3)


@pytest.mark.parametrize("count", [0, 1, 2, 7, 64, 100])
def test_ascending_is_a_stable_order(count: int) -> None:
    keys = np.random.default_rng(count).integers(0, 9, count + 3).astype(float)
    assert ascending(keys, count).tolist() == np.argsort(keys[:count], kind="stable").tolist()
