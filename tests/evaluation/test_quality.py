"""Delays, reliability, OSPA(2), take-offs, figures in the order of CWA 18150, and the page that shows them."""

from __future__ import annotations

from dataclasses import fields, replace
from math import isnan
from pathlib import Path

import numpy as np
import pytest
from tests.evaluation.made_up import SITE, START_NS, STEP_NS, on_course, straight_truth, track_events

from luchtwacht.evaluation import match, summarise
from luchtwacht.evaluation.dti import DEFINITIONS, DtiFigures, written
from luchtwacht.evaluation.page import page
from luchtwacht.evaluation.reliability import EDGES, reliability
from luchtwacht.evaluation.report import Report, gospa_parts
from luchtwacht.model import Category, Detected, Detections, Geometry, Tracked, TrackStatus
from luchtwacht.units import SECOND_NS

CONFIRMED, TENTATIVE = TrackStatus.CONFIRMED, TrackStatus.TENTATIVE


def _reports(steps: range, *, measured_before_s: float = 0.3, received_before_s: float = 0.1) -> list[Detected]:
    """One report of the drone at every step."""
    events = []
    for step in steps:
        now = START_NS + step * STEP_NS
        rows = Detections.unknown(
            1, id=step + 1, time_ns=now - round(measured_before_s * 1e9),
            received_ns=now - round(received_before_s * 1e9),
            sensor=0, geometry=int(Geometry.POSITION), z=[[*on_course(step), np.nan]], R=np.diag([25.0] * 4),
            filtered=False,
        )  # fmt: skip
        events.append(Detected(time_ns=now, detections=rows))
    return events


def _judged(tracked: list[Tracked], detected: list[Detected] | None = None, **truth: object) -> Report:
    known = straight_truth(20.0, **truth)  # type: ignore[arg-type]
    return summarise(match(tracked, detected or [], [], known, SITE), ())


ALWAYS = [(step, 1, CONFIRMED, on_course(step)) for step in range(41)]


def test_delays_are_told_by_both_clocks() -> None:
    found = _judged(track_events(ALWAYS), _reports(range(5, 30))).latency
    assert found.reports == 25
    assert found.event.median_s == pytest.approx(0.3)
    assert found.receive.p95_s == pytest.approx(0.1 + SITE.reorder_s)
    assert found.sensor.worst_s == pytest.approx(0.2)


def test_without_reports_delays_are_unknown() -> None:
    found = _judged(track_events(ALWAYS)).latency
    assert found.reports == 0
    assert isnan(found.event.median_s)


def test_probabilities_that_hold_what_they_promise_have_no_calibration_error() -> None:
    rng = np.random.default_rng(2)
    said = rng.random(40_000)
    honest = reliability("x", said, rng.random(40_000) < said)
    proud = reliability("x", said, rng.random(40_000) < said**3)
    assert honest.calibration_error < 0.01 < 0.15 < proud.calibration_error
    assert honest.brier < proud.brier
    assert all(each.was_low <= each.was <= each.was_high for each in honest.bins)
    assert all(each.was_low <= each.said <= each.was_high for each in honest.bins)


def test_every_probability_falls_into_one_bin() -> None:
    said = np.array([*EDGES, 0.5])
    found = reliability("x", said, np.ones(len(said), np.bool_))
    assert sum(each.count for each in found.bins) == len(said)
    assert found.bins[-1].count == 2, "certainty belongs to the last"
    empty = reliability("x", np.empty(0), np.empty(0, np.bool_))
    assert isnan(empty.brier)
    assert all(isnan(each.was) for each in empty.bins)


def test_existence_is_judged_of_tentative_tracks_too() -> None:
    rows = [*ALWAYS, *((step, 2, TENTATIVE, (5000.0, 5000.0, 50.0)) for step in range(41))]
    found = _judged(track_events(rows)).existence
    assert found.rows == 82
    last = found.bins[-1]
    assert last.count == 82
    assert last.was == pytest.approx(0.5), "one of the two is nothing"


def test_class_is_judged_of_what_is_near_something_true() -> None:
    tracked = track_events([*ALWAYS, *((step, 2, CONFIRMED, (5000.0, 5000.0, 50.0)) for step in range(41))])
    found = _judged(tracked).category
    assert found.rows == 41
    assert found.bins[-2].count == 41, "0.94 was said of each"
    assert found.bins[-2].was == 1.0
    of_a_bird = _judged(tracked, category=Category.BIRD).category
    assert of_a_bird.rows == 0, "without a drone nothing is judged"


def test_a_broken_track_costs_ospa2_what_gospa_does_not_see() -> None:
    whole = _judged(track_events(ALWAYS))
    broken = _judged(track_events([(step, 1 + step // 10, CONFIRMED, on_course(step)) for step in range(41)]))
    assert whole.gospa_2d.mean_m == pytest.approx(broken.gospa_2d.mean_m, abs=1e-6)
    assert whole.ospa2.mean_m < 1.0
    assert broken.ospa2.mean_m > 50.0
    assert whole.ospa2.windows == 1


def test_the_parts_of_gospa_add_up_at_every_moment() -> None:
    rows = [*ALWAYS[:30], *((step, 2, CONFIRMED, (5000.0, 0.0, 50.0)) for step in range(10))]
    picture = match(track_events(rows), [], [], straight_truth(20.0), SITE)
    parts, drones = gospa_parts(picture, 2)
    assert parts.shape == (len(picture.times), 3)
    assert (drones == 1).all()
    half = 100.0**2 / 2
    assert (parts[:10, 2] == half).all()
    assert (parts[:, 1] == np.where(np.arange(len(parts)) < 30, 0.0, half)).all()


def test_figures_of_a_trial_follow_their_definitions() -> None:
    rows = [each for each in ALWAYS if each[0] >= 6 and not 20 <= each[0] < 26]
    found = _judged(track_events(rows), _reports(range(2, 42, 2))).dti
    assert found.detected == 1.0
    assert found.probability_of_detection == pytest.approx(29 / 41)
    assert found.time_to_detect_median_s == pytest.approx(3.0)
    assert found.drops_per_hour == pytest.approx(3600.0 / (41 * 0.5))
    assert found.longest_gap_s == pytest.approx(3.0)
    assert found.continuity == pytest.approx(29 / 41)
    assert found.circular_error_probable_m == pytest.approx(0.0, abs=1e-6)
    assert found.classified_as_drone == 1.0
    assert found.classified_right == 1.0
    assert found.detection_range_first_m == pytest.approx(np.hypot(970.0, 50.0), abs=1.0)
    assert found.update_interval_s == pytest.approx(41 * 0.5 / 20)
    assert isnan(found.others_called_drones)


def test_a_trial_without_any_track_detects_nothing_and_says_no_more() -> None:
    found = _judged([]).dti
    assert found.detected == 0.0
    assert found.probability_of_detection == 0.0
    assert found.continuity == 0.0
    assert isnan(found.position_error_mean_m)
    assert isnan(found.time_to_detect_median_s)


def test_every_figure_of_a_trial_has_a_definition() -> None:
    assert set(DEFINITIONS) == {each.name for each in fields(DtiFigures)}


def test_figures_are_written_with_their_unit() -> None:
    assert written("position_error_95_m", 12.345) == "12.3 m"
    assert written("detection_range_longest_m", 4321.0) == "4,321 m"
    assert written("latency_95_s", 0.512) == "0.5 s"
    assert written("false_alarms_per_hour", 3.21) == "3.2 /h"
    assert written("detected", 1.0) == "100 %"
    assert written("continuity", 0.4567) == "45.7 %"
    assert written("continuity", float("nan")) == "-"


def test_a_true_take_off_is_held_beside_its_area() -> None:
    from bench.departures import CONDITIONS, among_false_plots, scans, world

    from luchtwacht.simulation import true_course
    from luchtwacht.simulation.trajectory import lay_paths
    from luchtwacht.tracking import Tracker

    made = among_false_plots(world(CONDITIONS["in view"], 22)[0], 10.0)
    tracker, tracked, detected = Tracker(made.site), [], []
    start_ns = 1_800_000_000_000_000_000
    for second, (rows, _) in enumerate(scans(made)):
        if second > 60:
            break
        now = start_ns + (second + 2) * SECOND_NS
        tracks, associations = tracker.step(now, rows)
        detected.append(Detected(time_ns=now, detections=rows))
        tracked.append(Tracked(time_ns=now, tracks=tracks, associations=associations))
    truth = true_course(made, start_ns)
    site = replace(made.site, step_s=1.0)
    picture = match(tracked, detected, [], truth.take(truth.time_ns <= start_ns + 60 * SECOND_NS), site)
    found = summarise(picture).launches
    assert found.take_offs == 1
    assert found.placed == 1
    (launch,) = found.launches
    assert launch.error_m < 60.0
    assert launch.true_point == pytest.approx(tuple(lay_paths(made).position[0, :2]), abs=1.0)
    assert found.in_most in (0.0, 1.0)
    assert launch.first_seen_after_s < 8.0


def test_the_page_stands_alone_and_shows_everything(tmp_path: Path) -> None:
    from luchtwacht.evaluation.page import save_page

    picture = match(track_events(ALWAYS), _reports(range(5, 30)), [], straight_truth(20.0), SITE)
    report = summarise(picture, ())
    save_page(picture, {"all": report, "radar alone": report}, tmp_path / "x.html", title="A <made-up> trial")
    text = (tmp_path / "x.html").read_text()
    assert text.startswith("<!doctype html>")
    assert "A &lt;made-up&gt; trial" in text
    for part in ("<script", "http://", "https://", "<link"):
        assert part not in text
    for part in ("CWA 18150:2024", "no claim of conformity", "OSPA(2)", "calibration error",
                 "radar alone", *DEFINITIONS.values()):  # fmt: skip
        assert part in text
    assert text.count("data:image/png;base64,") == 3


def test_a_page_of_nothing_is_still_a_page() -> None:
    picture = match([], [], [], straight_truth(0.0).take([]), SITE)
    assert "no drone of the truth flew" in page(picture, {"all": summarise(picture, ())}, title="empty")
