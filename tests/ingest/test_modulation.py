"""What the rate of blades and wings says of a kind."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from luchtwacht.ingest.modulation import LEAST_HZ, MOST_HZ, joined, of_rate
from luchtwacht.model import Category


@pytest.mark.parametrize(
    ("hertz", "likeliest"),
    [
        (3.0, Category.BIRD),
        (12.0, Category.BIRD),
        (22.0, Category.CREWED_AIRCRAFT),
        (190.0, Category.MULTIROTOR),
        (420.0, Category.FIXED_WING_DRONE),
        (3_000.0, Category.OTHER),
    ],
)
def test_a_rate_is_likeliest_for_what_turns_or_beats_so_fast(hertz: float, likeliest: Category) -> None:
    (found,) = of_rate(np.array([hertz]))
    assert found.argmax() == likeliest
    assert found.max() == 1.0
    assert found.min() > 0.005


def test_no_rate_says_nothing() -> None:
    assert np.isnan(of_rate(np.array([np.nan, 0.0, -3.0, 1e5]))).all()


def test_every_kind_is_as_likely_as_any_other_over_all_rates() -> None:
    def density(log: float, category: Category) -> float:
        row = of_rate(np.array([np.exp(log)]))[0]
        return float(row[category] / row[Category.OTHER] / np.log(MOST_HZ / LEAST_HZ))

    for category in Category:
        total, _ = quad(density, np.log(LEAST_HZ) + 1e-9, np.log(MOST_HZ) - 1e-9, args=(category,), limit=200)
        assert total == pytest.approx(1.0, abs=0.02)


def test_a_word_and_a_rate_count_together_and_each_alone_as_it_is() -> None:
    word, rate, none = np.array([0.2, 0.2, 0.8, 0.1, 0.1]), of_rate(np.array([190.0]))[0], np.full(5, np.nan)
    both, first, second, neither = joined(np.array([word, word, none, none]), np.array([rate, none, rate, none]))
    np.testing.assert_allclose(both / both.sum(), word * rate / (word * rate).sum())
    assert both.max() == pytest.approx(0.8)
    np.testing.assert_array_equal(first, word)
    np.testing.assert_array_equal(second, rate)
    assert np.isnan(neither).all()
