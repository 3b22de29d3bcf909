"""Marginals against the sum over every joint hypothesis."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles import track_association as twin

from luchtwacht.kernels.association import components, marginals, settle
from luchtwacht.model import Floats, Ints


def sparse(weights: Floats) -> tuple[Ints, Ints, Floats]:
    """Starts, plots and weights of the pairs that can be."""
    starts = np.concatenate([[0], np.cumsum((weights > 0.0).sum(1))]).astype(np.int64)
    rows, columns = np.nonzero(weights)
    return starts, columns.astype(np.int64), weights[rows, columns].copy()


def solve(weights: Floats) -> tuple[Floats, Floats, Floats]:
    n, m = weights.shape
    starts, plots, values = sparse(weights)
    paired, missed, free = np.empty(len(plots)), np.empty(n), np.empty(m)
    marginals(starts, plots, values, n, m, paired, missed, free)
    dense = np.zeros((n, m))
    dense[np.nonzero(weights)] = paired
    return dense, missed, free


def test_without_loops_the_marginals_are_exact() -> None:
    weights = np.zeros((5, 5))
    for i, j, weight in ((0, 0, 3.0), (0, 1, 0.4), (1, 1, 8.0), (1, 2, 0.1), (2, 2, 2.0), (3, 4, 1e9)):
        weights[i, j] = weight
    for got, wanted in zip(solve(weights), twin.marginals(weights), strict=True):
        np.testing.assert_allclose(got, wanted, atol=1e-6)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1))
def test_with_loops_the_marginals_are_near_and_add_up(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = rng.integers(1, 5, 2)
    weights = np.exp(rng.normal(size=(n, m)) * 1.5) * (rng.random((n, m)) < 0.7)
    paired, missed, free = solve(weights)
    wanted = twin.marginals(weights)
    assert np.abs(paired - wanted[0]).max(initial=0.0) < 0.12
    np.testing.assert_allclose(paired.sum(1) + missed, 1.0)
    assert (paired.sum(0) <= 1.0 + 1e-4).all()
    np.testing.assert_allclose(paired.sum(0) + free, 1.0, atol=1e-3)


def test_two_alike_share_two_alike_evenly() -> None:
    paired, _, _ = solve(np.full((2, 2), 100.0))
    assert paired == pytest.approx(np.full((2, 2), paired[0, 0]))


def test_what_nothing_else_wants_is_settled_at_once_and_the_rest_told_apart() -> None:
    weights = np.zeros((9, 8))
    for i, j in ((0, 0), (2, 0), (1, 3), (5, 4), (4, 3), (4, 2), (6, 5), (6, 6), (8, 7), (7, 7), (7, 1)):
        weights[i, j] = 1.0 + i
    starts, plots, flat = sparse(weights)
    paired, missed, free = np.empty(len(flat)), np.empty(9), np.empty(8)
    done, claims = settle(starts, plots, flat, 9, 8, paired, missed, free)
    assert np.flatnonzero(done).tolist() == [0, 2, 3, 5, 6]  # round plot 0, without any, with its own, with two own
    assert claims.tolist() == [2, 1, 1, 2, 1, 1, 1, 2]
    wanted = twin.marginals(weights)
    owner = np.repeat(np.arange(9), np.diff(starts))
    ours = done[owner]
    np.testing.assert_allclose(paired[ours], wanted[0][owner[ours], plots[ours]], atol=1e-9)
    np.testing.assert_allclose(missed[done], 1.0 - wanted[0][done].sum(1), atol=1e-9)
    np.testing.assert_allclose(free[[0, 4, 5, 6]], 1.0 - wanted[0].sum(0)[[0, 4, 5, 6]], atol=1e-9)
    members, borders = components(starts, plots, 9, 8, done, claims)
    assert [set(members[a:b].tolist()) for a, b in itertools.pairwise(borders)] == [{1, 4}, {7, 8}]


def test_an_overwhelming_weight_does_not_drown_the_others() -> None:
    weights = np.array([[1e12, 1.0], [1.0, 1.0]])
    np.testing.assert_allclose(solve(weights)[0], twin.marginals(weights)[0], atol=1e-6)


def test_more_bernoullis_than_plots_still_share_what_there_is() -> None:
    """With weights of a million, messages are tiny long before they have settled."""
    rng = np.random.default_rng(14)
    paired, _, _ = solve(10.0 ** (6.0 + 0.4 * rng.normal(size=(12, 8))))
    np.testing.assert_allclose(paired.sum(0), 1.0, atol=5e-3)
