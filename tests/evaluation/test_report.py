"""Every figure of a report, on runs whose figures are known beforehand."""

import json
from dataclasses import replace

import numpy as np
import pytest
from tests.evaluation.made_up import SITE, START_NS, STEP_NS, on_course, polar_reports, straight_truth, track_events
from tests.oracles import siap as oracle

from luchtwacht.evaluation import evaluate, match
from luchtwacht.evaluation.consistency import nees
from luchtwacht.evaluation.plot import save_plot
from luchtwacht.evaluation.report import summarise
from luchtwacht.model import Alert, AlertKind, AlertStatus, Basis, Category, Cause, Severity, TrackStatus, Truth

CONFIRMED, COASTED, TENTATIVE = TrackStatus.CONFIRMED, TrackStatus.COASTED, TrackStatus.TENTATIVE


def alert(
    kind: AlertKind, raised_s: float, *, track: int = 1, number: int = 1, changed_s: float | None = None
) -> Alert:
    raised_ns = START_NS + round(raised_s * 1e9)
    return Alert(
        id=number,
        kind=kind,
        status=AlertStatus.RAISED,
        severity=Severity.CRITICAL,
        track=track,
        tracks=(track,),
        zone="disc",
        aircraft_id="",
        started_ns=START_NS,
        confirmed_ns=START_NS,
        raised_ns=raised_ns,
        changed_ns=raised_ns if changed_s is None else START_NS + round(changed_s * 1e9),
        active=True,
        cause=Cause(
            finding_time_ns=raised_ns,
            probability_inside=1.0,
            probability_entry=1.0,
            probability_uas=1.0,
            probability_permitted=0.0,
            distance=0.0,
            time_to_entry=0.0,
            position=(0.0, 0.0, 0.0),
            height_sigma=1.0,
            detections=(),
        ),
        steps=(),
    )


@pytest.mark.parametrize("same", [True, False])
def test_a_track_that_goes_on_after_a_loss_is_counted_and_rightly_or_wrongly(same: bool) -> None:
    steps = [step for step in range(201) if not 60 <= step < 110]
    events = track_events([(step, 1, CONFIRMED, on_course(step)) for step in steps])
    truth, other = straight_truth(), straight_truth(name="other")
    late = truth.time_ns >= START_NS + 80 * STEP_NS
    truth = truth if same else Truth.concatenate([truth.take(~late), other.take(late)])
    events = [
        replace(
            event,
            tracks=replace(
                event.tracks,
                reidentified_ns=np.full(1, START_NS + 110 * STEP_NS if step >= 110 else -1, np.int64),
            ),
        )
        for step, event in zip(steps, events, strict=True)
    ]
    report = evaluate(events, [], [], truth, SITE)
    assert (report.recognised, report.recognised_wrongly) == (1, 0 if same else 1)
    assert report.switches == 0


def test_a_track_that_is_always_there_covers_everything() -> None:
    events = track_events([(step, 1, CONFIRMED, on_course(step, off=12.0)) for step in range(201)])
    report = evaluate(events, [], [], straight_truth(), SITE)
    assert report.flight_s == pytest.approx(100.5)
    assert report.covered == report.covered_confirmed == report.covered_as_drone == 1.0
    assert report.error_median_m == pytest.approx(12.0)
    assert report.error_95_m == pytest.approx(12.0)
    assert report.speed_error_median_m_s == pytest.approx(0.0, abs=1e-6)
    assert report.false_tracks == 0
    assert report.switches == 0
    assert report.tracks_per_drone == 1.0
    assert report.gospa_2d.mean_m == pytest.approx(12.0)
    assert report.gospa_2d.localisation_share == pytest.approx(1.0)


def test_what_was_reported_is_what_could_be_followed() -> None:
    there = np.array([on_course(40), on_course(40, off=400.0)])
    ranges, azimuths = np.linalg.norm(there, axis=1), np.mod(np.arctan2(there[:, 0], there[:, 1]), 2 * np.pi)
    lifts = np.arcsin(there[:, 2] / ranges)
    rows = [(20.0, (ranges[0], azimuths[0], lifts[0])), (20.0, (ranges[1], azimuths[1], lifts[1]))]
    bearing = [(60.0, (np.nan, np.mod(np.arctan2(-400.0, 0.0), 2 * np.pi), np.nan))]
    events = track_events([(step, 1, CONFIRMED, on_course(step)) for step in range(45, 201)])
    report = evaluate(events, [polar_reports(0, rows), polar_reports(1, bearing)], [], straight_truth(), SITE)
    assert report.reported == pytest.approx(11 / 201)  # from 20 to 25 s
    assert report.reported_covered == pytest.approx(6 / 11)
    assert evaluate(events, [], [], straight_truth(), SITE).reported == 0.0


def test_tentative_and_claimed_tracks_do_not_count() -> None:
    tentative = track_events([(step, 1, TENTATIVE, on_course(step)) for step in range(201)])
    claimed = track_events([(step, -1, CONFIRMED, on_course(step)) for step in range(201)])
    claimed = [
        replace(each, tracks=replace(each.tracks, basis=np.full(len(each.tracks), int(Basis.CLAIMED), np.int8)))
        for each in claimed
    ]
    for events in (tentative, claimed):
        report = evaluate(events, [], [], straight_truth(), SITE)
        assert report.covered == 0.0
        assert np.isnan(report.error_median_m)
        assert report.gospa_2d.mean_m == pytest.approx(5000.0**0.5)
        assert report.gospa_2d.missed_share == 1.0


def test_coasting_covers_but_is_not_confirmed_at_that_moment() -> None:
    rows = [(step, 1, CONFIRMED if step < 100 else COASTED, on_course(step)) for step in range(200)]
    report = evaluate(track_events(rows), [], [], straight_truth(), SITE)
    assert report.covered == pytest.approx(200 / 201)
    assert report.covered_confirmed == pytest.approx(100 / 201)


def test_a_track_outside_the_gate_covers_nothing_and_is_false() -> None:
    rows = [(step, 1, CONFIRMED, on_course(step, off=120.0)) for step in range(201)]
    report = evaluate(track_events(rows), [], [], straight_truth(), SITE)
    assert report.covered == 0.0
    assert report.false_tracks == report.false_drone_tracks == 1
    assert report.false_tracks_per_hour == pytest.approx(3600 / 100.5)
    wider = evaluate(track_events(rows), [], [], straight_truth(), SITE, gate_m=150.0)
    assert wider.covered == 1.0
    assert wider.false_tracks == 0


def test_a_false_track_that_looks_like_a_bird_is_no_false_drone() -> None:
    rows = [(step, 9, CONFIRMED, (3000.0, 3000.0, 50.0)) for step in range(50)]
    report = evaluate(track_events(rows, category=Category.BIRD), [], [], straight_truth(), SITE)
    assert (report.false_tracks, report.false_drone_tracks) == (1, 0)


def test_a_track_of_a_true_bird_is_neither_false_nor_coverage() -> None:
    bird = straight_truth(name="gull", start=(3000.0, 3000.0, 50.0), velocity=(0.0, 0.0, 0.0), category=Category.BIRD)
    rows = [(step, 9, CONFIRMED, (3005.0, 3000.0, 50.0)) for step in range(201)]
    report = evaluate(track_events(rows), [], [], Truth.concatenate([straight_truth(), bird]), SITE)
    assert report.drones == 1
    assert report.covered == 0.0
    assert report.false_tracks == 0
    assert report.gospa_2d.false_share == 0.0


def test_tracks_while_no_drone_flies_are_not_judged() -> None:
    late = track_events([(step, 7, CONFIRMED, (2000.0, 0.0, 50.0)) for step in range(300, 400)])
    assert evaluate(late, [], [], straight_truth(), SITE).false_tracks == 0


def test_a_change_of_number_is_a_switch_and_a_gap_alone_is_not() -> None:
    broken = [(step, 1, CONFIRMED, on_course(step)) for step in range(201) if not 80 <= step < 120]
    report = evaluate(track_events(broken), [], [], straight_truth(), SITE)
    assert (report.switches, report.tracks_per_drone) == (0, 1.0)
    assert report.covered == pytest.approx(161 / 201)
    renumbered = [(step, 1 if step < 100 else 2, CONFIRMED, on_course(step)) for step in range(201)]
    report = evaluate(track_events(renumbered), [], [], straight_truth(), SITE)
    assert (report.switches, report.tracks_per_drone) == (1, 2.0)
    assert report.siap.longest_share == pytest.approx(101 / 201)
    assert report.switches_per_1000 == pytest.approx(1000 / 201)


@pytest.mark.parametrize(("seconds", "switches"), [(2, 0), (25, 2)])
def test_a_pair_holds_while_another_track_is_nearer_for_a_moment_and_not_for_long(seconds: int, switches: int) -> None:
    rows = [(step, 1, CONFIRMED, on_course(step, off=30.0)) for step in range(201)]
    rows += [(step, 2, CONFIRMED, on_course(step, off=5.0)) for step in range(100, 100 + 2 * seconds)]
    report = evaluate(track_events(rows), [], [], straight_truth(), SITE)
    assert report.switches == switches
    assert report.false_tracks == 0
    assert report.siap.ambiguity == pytest.approx((201 + 2 * seconds) / 201)
    assert report.siap.completeness == 1.0


def test_tracks_that_exchange_close_drones_are_counted_with_the_usual_gate() -> None:
    rows = [(step, 1, CONFIRMED, on_course(step, off=0.0 if step < 100 else 30.0)) for step in range(201)]
    rows += [(step, 2, CONFIRMED, on_course(step, off=30.0 if step < 100 else 0.0)) for step in range(201)]
    truth = Truth.concatenate([straight_truth(), straight_truth(name="other", start=(-1000.0, 30.0, 50.0))])
    report = evaluate(track_events(rows), [], [], truth, SITE)
    assert report.switches == 2
    assert report.error_median_m == pytest.approx(0.0, abs=1e-6)
    assert report.siap.longest_share == pytest.approx(101 / 201)
    assert report.siap.track_changes_per_hour == pytest.approx(2 / (402 * 0.5 / 3600))


def test_siap_is_what_its_report_says() -> None:
    rng = np.random.default_rng(6)
    truth = Truth.concatenate([straight_truth(30.0, name=f"d{k}", start=(-1000.0, 150.0 * k, 50.0)) for k in range(3)])
    rows = []
    for track in range(9):
        first, length, lane = (int(rng.integers(*each)) for each in ((0, 40), (5, 25), (0, 4)))
        rows += [
            (step, track, CONFIRMED, on_course(step, off=150.0 * lane + 8.0)) for step in range(first, first + length)
        ]
    picture = match([each for each in track_events(rows) if len(each.tracks)], [], [], truth, SITE, gate_m=60.0)
    found = summarise(picture, ()).siap
    times = {int(time): place for place, time in enumerate(picture.times)}
    assigned: oracle.Assigned = [{} for _ in times]
    for time, track, one in zip(
        picture.estimates.time_ns, picture.estimates.track, picture.estimates.nearest, strict=True
    ):
        assigned[times[int(time)]][int(track)] = int(one)
    wanted = oracle.siap([{0, 1, 2}] * len(times), assigned)
    assert found.completeness == pytest.approx(wanted["completeness"])
    assert found.ambiguity == pytest.approx(wanted["ambiguity"])
    assert found.spuriousness == pytest.approx(wanted["spuriousness"])
    assert found.track_changes_per_hour == pytest.approx(wanted["changes"] * 7200.0)
    assert found.longest_share == pytest.approx(wanted["longest"])
    assert found.position_accuracy_m == pytest.approx(8.0)
    assert found.velocity_accuracy_m_s == pytest.approx(0.0, abs=1e-6)


def test_confirmation_is_counted_from_take_off_and_from_the_first_report() -> None:
    rows = [(step, 1, CONFIRMED, on_course(step)) for step in range(30, 201)]
    report = evaluate(track_events(rows), [], [], straight_truth(), SITE)
    assert report.confirmed_after_median_s == pytest.approx(15.0)
    assert report.report_to_confirmed_median_s == pytest.approx(2.0)


def test_an_alert_is_timed_from_the_true_crossing() -> None:
    rows = [(step, 1, CONFIRMED, on_course(step)) for step in range(201)]
    versions = [alert(AlertKind.ZONE_APPROACH, 30.0), alert(AlertKind.ZONE_INTRUSION, 30.0, changed_s=52.0)]
    figures = evaluate(track_events(rows), [], versions, straight_truth(), SITE).alerts
    (crossing,) = figures.crossings
    assert crossing.entered_ns == pytest.approx(START_NS + 50e9, abs=2e8)
    assert crossing.alerted_s == pytest.approx(2.0, abs=0.2)
    assert crossing.warned_s == pytest.approx(-20.0, abs=0.2)
    assert (figures.missed, figures.false, figures.false_approaches) == (0, 0, 0)


def test_no_alert_is_a_miss_and_an_alert_without_cause_is_false() -> None:
    rows = [(step, 1, CONFIRMED, on_course(step)) for step in range(201)]
    rows += [(step, 2, CONFIRMED, (0.0, 900.0, 50.0)) for step in range(201)]
    figures = evaluate(track_events(rows), [], [alert(AlertKind.ZONE_INTRUSION, 9.0, track=2)], straight_truth(), SITE)
    assert (figures.alerts.missed, figures.alerts.false) == (1, 1)
    assert np.isnan(figures.alerts.delay_median_s)


def test_a_permitted_drone_needs_no_alert_and_one_raised_is_false() -> None:
    rows = [(step, 1, CONFIRMED, on_course(step)) for step in range(201)]
    said = [alert(AlertKind.ZONE_INTRUSION, 55.0)]
    figures = evaluate(track_events(rows), [], said, straight_truth(permitted=1), SITE).alerts
    assert figures.crossings == ()
    assert figures.false == 1


def test_an_intrusion_said_long_before_the_crossing_is_false_and_the_crossing_missed() -> None:
    rows = [(step, 1, CONFIRMED, on_course(step)) for step in range(201)]
    figures = evaluate(track_events(rows), [], [alert(AlertKind.ZONE_INTRUSION, 25.0)], straight_truth(), SITE).alerts
    assert (figures.missed, figures.false) == (1, 1)


def test_an_alert_that_is_still_active_serves_the_next_stay_as_well() -> None:
    back = straight_truth(160.0)  # enters after 50 s, leaves after 150 s, turns after 152 s, is back after 154 s
    wiggle = np.where(
        np.arange(len(back)) < 1520, back.position[:, 0], 2 * back.position[1520, 0] - back.position[:, 0]
    )
    truth = replace(back, position=np.column_stack([wiggle, back.position[:, 1:]]))
    rows = [(step, 1, CONFIRMED, tuple(truth.position[min(step * 5, 1600)].tolist())) for step in range(321)]
    said = [alert(AlertKind.ZONE_INTRUSION, 51.0)]
    (first, second) = evaluate(track_events(rows), [], said, truth, SITE).alerts.crossings
    assert first.alerted_s == pytest.approx(1.0, abs=0.2)
    assert first.left_ns - first.entered_ns == pytest.approx(100e9, abs=3e8)
    assert (second.alert, second.alerted_s) == (1, 0.0)
    closed = [*said, replace(said[0], active=False, changed_ns=START_NS + 152_000_000_000)]
    figures = evaluate(track_events(rows), [], closed, truth, SITE).alerts
    assert [each.alert for each in figures.crossings] == [1, 0]
    assert (figures.missed, figures.false) == (1, 0)


def test_a_drone_above_the_zone_does_not_cross_it() -> None:
    report = evaluate([], [], [], straight_truth(start=(-1000.0, 0.0, 260.0)), SITE)
    assert report.alerts.crossings == ()


def test_each_sensor_is_held_beside_the_truth() -> None:
    seconds = np.arange(0.5, 90.0, 1.0)
    rows = []
    for second in seconds.tolist():
        east = -1000.0 + 10.0 * second
        rows.append((second, (np.hypot(east, 50.0) + 7.0, (np.arctan2(east, 0.0) + 0.002) % (2 * np.pi), np.nan)))
    rows.append((30.5, (4000.0, 1.0, np.nan)))
    bearings = [(second, (np.nan, float(np.arctan2(-1000.0 + 10 * second, 0.0)), np.nan)) for second in (10.2, 20.2)]
    report = evaluate([], [polar_reports(0, rows), polar_reports(1, bearings)], [], straight_truth(), SITE)
    radar, finder = report.sensors
    assert (radar.reports, radar.near) == (91, 90)
    assert radar.range_bias_m == pytest.approx(7.0, abs=1e-3)
    assert radar.azimuth_bias_deg == pytest.approx(np.degrees(0.002), abs=1e-6)
    assert radar.seen_share == pytest.approx(90 / 101)
    assert radar.latency_median_s == pytest.approx(0.2)
    assert (finder.reports, finder.near) == (2, 2)
    assert np.isnan(finder.range_bias_m)
    assert np.isnan(finder.position_median_m)


def test_nees_of_honest_errors_is_one_and_within_its_bounds() -> None:
    rng = np.random.default_rng(3)
    covariance = np.array([[9.0, 2.0], [2.0, 4.0]])
    error = rng.multivariate_normal([0.0, 0.0], covariance, 4000)
    honest = nees(error, np.broadcast_to(covariance, (4000, 2, 2)))
    assert honest.low < honest.average < honest.high
    overconfident = nees(error, np.broadcast_to(covariance / 4.0, (4000, 2, 2)))
    assert overconfident.average == pytest.approx(4 * honest.average)
    assert overconfident.average > overconfident.high


def test_json_has_every_figure_and_no_nan() -> None:
    report = evaluate([], [], [], straight_truth(), SITE)
    written = json.loads(report.to_json())
    assert written["covered"] == 0.0
    assert written["error_median_m"] is None
    assert set(written["gospa_3d"]) == {
        "dimensions", "mean_m", "per_object_m", "localisation_share", "missed_share", "false_share",
    }  # fmt: skip


def test_without_any_truth_nothing_is_claimed() -> None:
    report = evaluate([], [], [], Truth.empty(), SITE)
    assert report.drones == 0
    assert np.isnan(report.covered)


def test_a_plot_is_written(tmp_path) -> None:
    rows = [(step, 1, CONFIRMED if step < 150 else COASTED, on_course(step, off=10.0)) for step in range(20, 190)]
    picture = match(track_events(rows), [], [alert(AlertKind.ZONE_INTRUSION, 52.0)], straight_truth(), SITE)
    path = tmp_path / "sheet.png"
    save_plot(picture, summarise(picture), path, title="Made up")
    assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert path.stat().st_size > 20_000
