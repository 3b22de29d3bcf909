"""A recording of sensors that are off: what calibration finds, and that a site that declares it measures right."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.ingest.degraded import START_NS, arrivals, field, world

from luchtwacht.evaluation.calibration import (
    Calibrated,
    Collector,
    adjust,
    biases_of,
    summarise_calibration,
    without_learning,
)
from luchtwacht.evaluation.calibration_plot import save_calibration_plot
from luchtwacht.evaluation.truth import courses
from luchtwacht.model import Bias, Site
from luchtwacht.pipeline import Pipeline
from luchtwacht.runtime.feed import Arrival, PlayedFeed, to_inputs
from luchtwacht.simulation import SensorBehaviour, true_course
from luchtwacht.units import DEGREE, seconds_to_ns

OFF = SensorBehaviour(id="west", azimuth_bias_deg=2.0, range_bias_m=30.0, elevation_bias_deg=-0.6, clock_error_s=0.5)
SECONDS = 60.0


def one_pass(site: Site, taken: list[Arrival], *, with_truth: bool, claiming: int = 4) -> Collector:
    truth = courses(true_course(world(SECONDS, claiming=claiming), START_NS)) if with_truth else None
    collector = Collector(site, truth, 150.0)
    feed = PlayedFeed(lambda: taken, step_ns=seconds_to_ns(site.step_s), settle_ns=seconds_to_ns(1.5))
    pipeline, sequence = Pipeline(site), 1
    for moment in feed.moments():
        events = pipeline.step(to_inputs(moment, sequence))
        sequence += len(moment.arrivals) + moment.tick
        for time_ns in dict.fromkeys(each.time_ns for each in events):
            collector.take(time_ns, [each for each in events if each.time_ns == time_ns])
    return collector


def calibrated(*, with_truth: bool, claiming: int = 4) -> tuple[list[Calibrated], list[Bias]]:
    """Two passes over a recording of a radar that is far off."""
    site = field()
    taken = arrivals(world(SECONDS, OFF, claiming=claiming))
    biases = [sensor.bias for sensor in site.sensors]
    for _ in range(2):
        found = one_pass(without_learning(site, biases), taken, with_truth=with_truth, claiming=claiming).finished()
        adjustment = adjust(found, site)
        biases = biases_of(found, adjustment, site)
    return summarise_calibration(found, adjustment, site), biases


@pytest.mark.parametrize("with_truth", [True, False], ids=["truth", "claims"])
def test_a_radar_that_is_far_off_is_found_to_be(with_truth: bool, tmp_path: Path) -> None:
    found, biases = calibrated(with_truth=with_truth, claiming=0 if with_truth else 4)
    west, east = found
    assert biases[0].azimuth_deg == pytest.approx(2.0, abs=0.1)
    assert biases[0].range_m == pytest.approx(30.0, abs=4.0)
    assert biases[0].elevation_deg == pytest.approx(-0.6, abs=0.25)
    assert biases[0].time_s == pytest.approx(0.5, abs=0.25)
    assert abs(biases[1].azimuth_deg) < 0.1
    assert west.before[1] > 1.8 * DEGREE
    assert west.after[1] < 0.7 * DEGREE
    assert west.after[0] < 0.5 * west.before[0]
    np.testing.assert_allclose(east.noise, [8.0, 0.5 * DEGREE, 0.8 * DEGREE], rtol=0.35)
    assert east.pairs_with_truth > 200 if with_truth else east.pairs_with_claims > 100
    save_calibration_plot(found, tmp_path / "sheet.png", title="a field")
    assert (tmp_path / "sheet.png").stat().st_size > 10_000


def test_a_declared_bias_is_taken_off() -> None:
    site = field()
    right = replace(site.sensors[0], bias=Bias(azimuth_deg=2.0, range_m=30.0, elevation_deg=-0.6, time_s=0.5))
    declared = without_learning(replace(site, sensors=(right, *site.sensors[1:])))
    found = one_pass(declared, arrivals(world(SECONDS, OFF, claiming=0)), with_truth=True).finished()
    remains = adjust(found, declared).bias(0)
    assert abs(remains[1]) < 0.1 * DEGREE
    assert abs(remains[0]) < 4.0
    assert abs(remains[6]) < 0.25
