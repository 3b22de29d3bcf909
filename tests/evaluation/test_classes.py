"""Probabilities of the five categories held beside the truth; every expected number is worked out by hand."""

from __future__ import annotations

from math import isnan
from pathlib import Path

import numpy as np
import pytest
from tests.evaluation.made_up import SITE, on_course, straight_truth, track_events

from luchtwacht.evaluation import match
from luchtwacht.evaluation.classes import ClassFigures, class_figures, judge_classes
from luchtwacht.evaluation.page import page
from luchtwacht.evaluation.reliability import reliability
from luchtwacht.evaluation.reliability_plot import save_classes
from luchtwacht.evaluation.report import summarise
from luchtwacht.model import Category, TrackStatus, Truth

BIRD, MULTIROTOR = Category.BIRD, Category.MULTIROTOR
BOTH_WAYS = [(step, 1, TrackStatus.CONFIRMED, on_course(step)) for step in range(41)]


def four() -> ClassFigures:
    """Two birds and two multirotors, of which one bird was called a multirotor."""
    said = np.array([
        [0.1, 0.0, 0.9, 0.0, 0.0],
        [0.7, 0.0, 0.3, 0.0, 0.0],
        [0.7, 0.1, 0.1, 0.1, 0.0],
        [0.9, 0.1, 0.0, 0.0, 0.0],
    ])  # fmt: skip
    return class_figures(said, np.array([BIRD, BIRD, MULTIROTOR, MULTIROTOR]), np.array([0, 0, 1, 2]))


def test_the_brier_score_is_the_sum_of_its_parts_as_worked_out_by_hand() -> None:
    said = np.array([0.1, 0.1, 0.1, 0.1, 0.7, 0.7])
    found = reliability("x", said, np.array([False, False, False, True, True, False]))
    # shares 4/6 and 2/6, so 1/4 and 1/2 of them, of all 1/3
    assert found.calibration_error == pytest.approx((4 * 0.15 + 2 * 0.2) / 6)
    assert found.miscalibration == pytest.approx((4 * 0.15**2 + 2 * 0.2**2) / 6)
    assert found.resolution == pytest.approx((4 * (1 / 12) ** 2 + 2 * (1 / 6) ** 2) / 6)
    assert found.uncertainty == pytest.approx(2 / 9)
    assert found.brier == pytest.approx((3 * 0.01 + 0.81 + 0.09 + 0.49) / 6)
    assert found.within == pytest.approx(0.0, abs=1e-12), "all in a bin were given the same"


def test_what_bins_leave_over_is_said() -> None:
    found = reliability("x", np.array([0.65, 0.75]), np.array([False, True]))
    assert found.brier == pytest.approx((0.65**2 + 0.25**2) / 2)
    # one bin, said 0.7, was 0.5: 0.04 - 0 + 0.25
    assert found.within == pytest.approx(found.brier - 0.29)


def test_each_category_is_judged_against_the_rest() -> None:
    found = four()
    bird = found.each[BIRD]
    assert bird.rows == 4
    assert [each.count for each in bird.bins] == [1, 1, 1, 0, 0, 1, 0]
    # said 0, 0.1, 0.3, 0.9, of which 0, 0, 1, 1 were
    assert bird.calibration_error == pytest.approx((0.0 + 0.1 + 0.7 + 0.1) / 4)
    assert bird.brier == pytest.approx((0.0 + 0.01 + 0.49 + 0.01) / 4)
    assert found.each[Category.OTHER].brier == 0.0
    assert found.each[Category.CREWED_AIRCRAFT].brier == pytest.approx(0.01 / 4)


def test_the_likeliest_is_judged_by_whether_that_was_it() -> None:
    found = four()
    assert found.right == 0.75
    # 0.9 and 0.9, both right; 0.7 and 0.7, one right
    assert found.top.calibration_error == pytest.approx((2 * 0.1 + 2 * 0.2) / 4)
    assert found.called[BIRD] == (1, 0, 1, 0, 0)
    assert found.called[MULTIROTOR] == (2, 0, 0, 0, 0)
    assert found.objects == (2, 0, 1, 0, 0)


def test_five_probabilities_have_one_brier_score() -> None:
    # 0.01 + 0.01; 0.49 + 0.49; 0.09 + 3 * 0.01; 0.01 + 0.01
    assert four().brier == pytest.approx((0.02 + 0.98 + 0.12 + 0.02) / 4)


def test_a_bird_beside_a_drone_is_judged_as_a_bird() -> None:
    aside = [(step, 2, TrackStatus.CONFIRMED, on_course(step, off=60.0)) for step in range(41)]
    bird = straight_truth(20.0, name="gull", start=(-1000.0, 60.0, 50.0), category=BIRD)
    picture = match(track_events([*BOTH_WAYS, *aside]), [], [], Truth.concatenate([straight_truth(20.0), bird]), SITE)
    found = judge_classes(picture)
    assert found.rows == 82
    assert found.called[BIRD] == (41, 0, 0, 0, 0)
    assert found.called[MULTIROTOR] == (41, 0, 0, 0, 0)
    assert found.objects == (1, 0, 1, 0, 0)


def test_what_is_nothing_true_and_what_has_no_category_is_not_judged() -> None:
    far = [(step, 2, TrackStatus.CONFIRMED, (5000.0, 0.0, 50.0)) for step in range(41)]
    found = judge_classes(match(track_events(far), [], [], straight_truth(20.0), SITE))
    assert found.rows == 0
    assert isnan(found.right)
    assert isnan(found.top.brier)
    assert sum(map(sum, found.called)) == 0


def test_the_sheet_and_the_page_show_every_category(tmp_path: Path) -> None:
    picture = match(track_events(BOTH_WAYS), [], [], straight_truth(20.0), SITE)
    report = summarise(picture, ())
    save_classes(report.classes, tmp_path / "classes.png", title="made up")
    assert (tmp_path / "classes.png").stat().st_size > 30_000
    written = page(picture, {"all": report}, title="made up")
    assert "Probability of: crewed aircraft" in written
    assert "called fixed-wing drone" in written
    assert '"called":' in report.to_json().decode()
