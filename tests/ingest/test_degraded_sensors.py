"""From bytes to notices: a sensor that gets worse in the midst of a recording is named within a minute, rightly."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest
from tests.ingest.degraded import START_NS, Heard, arrivals, busy_field, busy_world, field, go_on, play, world

from luchtwacht.model import Fault, RegistrationMode
from luchtwacht.pipeline import Pipeline
from luchtwacht.simulation import SensorBehaviour, embedded_scenario, read_scenario, simulate
from luchtwacht.units import DEGREE, seconds_to_ns

CHANGE_S = 60.0
WALL = ((29.0, -90.0), (30.0, 90.0), (75.0, 90.0), (76.0, -90.0))


@cache
def healthy(seed: int) -> tuple[bytes, int, Heard]:
    """A watch over sensors that did as declared until the change: its state, and the number of the next input."""
    border_ns = START_NS + seconds_to_ns(CHANGE_S)
    before = [each for each in arrivals(world(CHANGE_S + 2.0, seed=seed)) if each[0] < border_ns]
    heard = play(field(), before, settle=False)
    return heard.pipeline.snapshot(), heard.sequence, heard


@cache
def run(worse: SensorBehaviour, seed: int = 1) -> Heard:
    """What is said when a sensor gets worse from then on."""
    snapshot, sequence, before = healthy(seed)
    assert before.notices() == []
    pipeline = Pipeline(field())
    pipeline.restore(snapshot)
    return go_on(pipeline, sequence, arrivals(world(CHANGE_S + 62.0, worse, seed=seed), CHANGE_S))


@pytest.mark.parametrize(
    ("worse", "kind", "figure"),
    [
        (SensorBehaviour(id="west", outages=((CHANGE_S, 1e4),)), "sensor_silent", "nothing heard for 10 s"),
        (SensorBehaviour(id="west", probability_of_detection=0.45), "sensor_weak", "declared 0.90"),
        (SensorBehaviour(id="west", horizon_deg=WALL), "sensor_blind", "not one hit"),
        (SensorBehaviour(id="west", azimuth_bias_deg=1.0), "sensor_misaligned", "otherwise than it did"),
        (SensorBehaviour(id="west", clock_error_s=1.0), "sensor_misaligned", "otherwise than it did"),
        (SensorBehaviour(id="west", clock_error_s=-1.0), "sensor_misaligned", "otherwise than it did"),
        (
            SensorBehaviour(id="west", range_sigma_m=24.0, azimuth_sigma_deg=1.5, elevation_sigma_deg=2.4),
            "sensor_noisy",
            "scatters more than declared",
        ),
        (SensorBehaviour(id="west", false_reports=30.0), "sensor_cluttered", "declared 3"),
        (SensorBehaviour(id="west", latency_s=3.0), "sensor_slow", "declared 1 s"),
    ],
    ids=["silent", "half Pd", "blind sector", "a degree", "clock ahead", "clock behind", "noise", "clutter", "late"],
)  # fmt: skip
def test_a_sensor_that_gets_worse_is_named_within_a_minute(worse: SensorBehaviour, kind: str, figure: str) -> None:
    heard = run(worse)
    assert heard.notices("east") == []
    told = heard.notices("west")
    assert all(at_s > CHANGE_S for at_s, _, _ in told)
    at_s, _, detail = next(each for each in told if each[1] == kind)
    assert at_s <= CHANGE_S + 60.0
    assert figure in detail


@pytest.mark.parametrize(
    ("knocked", "figure", "seed"),
    [
        (SensorBehaviour(id="west", range_bias_m=40.0), "range +", 1),
        (SensorBehaviour(id="west", range_bias_m=40.0), "range +", 3),
        (SensorBehaviour(id="west", elevation_bias_deg=1.0), "elevation +", 1),
    ],
    ids=["40 m too far", "each drone becomes two tracks", "tilted"],
)
def test_a_sensor_that_is_knocked_is_named_and_corrected_and_neither_its_neighbour_nor_an_aircraft_is_doubted(
    knocked: SensorBehaviour, figure: str, seed: int
) -> None:
    heard = run(knocked, seed)
    told = heard.notices("west")
    assert told[0][0] <= CHANGE_S + 45.0
    assert {kind for _, kind, _ in told} == {"sensor_misaligned"}
    assert any(figure in detail for _, _, detail in told)
    assert heard.measured("west").corrected
    east = heard.measured("east")
    assert heard.notices("east") == []
    assert not east.corrected
    assert east.aircraft == 4
    assert abs(east.bias[0]) < 5.0


@pytest.mark.parametrize("off_deg", [8.0, -12.0])
def test_a_direction_finder_that_is_turned_is_misaligned_and_learnt_and_not_called_cluttered(off_deg: float) -> None:
    turned = SensorBehaviour(id="rf", azimuth_bias_deg=off_deg)
    heard = play(busy_field(), arrivals(busy_world(100.0, turned, seed=3)))
    told = heard.notices()
    assert {kind for _, kind, _ in told} == {"sensor_misaligned"}
    assert told == heard.notices("rf")
    at_s, _, detail = told[0]
    assert at_s <= 60.0
    assert "belong to nothing" in detail
    found = heard.measured("rf")
    assert found.bias[1] / DEGREE == pytest.approx(off_deg, abs=1.0)
    assert found.corrected


def test_nothing_is_said_of_five_sensors_that_do_as_declared() -> None:
    """A minute and a half of the half hour that bench/health.py plays: drones, crewed aircraft and birds."""
    assert play(busy_field(), arrivals(busy_world(90.0))).notices() == []


def test_a_sensor_that_works_as_declared_is_not_named() -> None:
    heard = play(field(), arrivals(world(120.0)))
    assert heard.notices() == []
    for sensor in ("west", "east"):
        measured = heard.measured(sensor)
        assert measured.faults == ()
        assert measured.probability_of_detection == pytest.approx(0.9, abs=0.06)
        assert measured.false_reports == pytest.approx(3.0, abs=1.2)
        assert measured.period_s == pytest.approx(1.0, abs=0.05)
        assert 0.0 < measured.latency_s < 0.2
        np.testing.assert_allclose(measured.noise, 1.0, atol=0.35)
        assert measured.aircraft >= 3


def test_gulls_about_a_filming_drone_misalign_no_radar() -> None:
    """A track that is a bird's is taken for the drone that says where it is, until it flies off."""
    scenario = read_scenario(embedded_scenario("capital_at_night"))
    border_ns = START_NS + seconds_to_ns(90.0)
    heard = play(scenario.site, [each for each in simulate(scenario, START_NS) if each[0] < border_ns], settle=False)
    assert heard.notices("radar-west") == []
    measured = heard.measured("radar-west")
    assert measured.claim_pairs >= 20
    off, sigma = np.array(measured.bias), np.array(measured.bias_sigma)
    assert np.all(np.abs(off) < 2.5 * sigma)


def test_a_bias_is_learnt_taken_off_and_told() -> None:
    off = SensorBehaviour(id="west", azimuth_bias_deg=1.2, range_bias_m=25.0, clock_error_s=0.4)
    heard = play(field(), arrivals(world(90.0, off)))
    west = heard.measured("west")
    assert west.applied
    assert Fault.MISALIGNED in west.faults
    assert west.bias[1] / DEGREE == pytest.approx(1.2, abs=0.25)
    assert west.bias[0] == pytest.approx(25.0, abs=6.0)
    assert west.bias_seen[:3] == (True, True, True)
    assert heard.measured("east").faults == ()
    told = [detail for _, kind, detail in heard.notices("west") if kind == "sensor_misaligned"]
    assert len(told) == 1
    azimuth = re.search(r"azimuth \+([\d.]+) ± ([\d.]+) degrees beside what is declared", told[0])
    assert azimuth is not None
    assert float(azimuth[1]) == pytest.approx(1.2, abs=2.5 * float(azimuth[2]))
    assert west.corrected


def test_a_sensor_may_be_left_as_it_is() -> None:
    off = SensorBehaviour(id="west", azimuth_bias_deg=1.2)
    shown = play(field(registration=RegistrationMode.SHOW), arrivals(world(40.0, off))).measured("west")
    assert not shown.applied
    assert shown.bias[1] / DEGREE == pytest.approx(1.2, abs=0.4)
    silent = play(field(registration=RegistrationMode.OFF), arrivals(world(40.0, off))).measured("west")
    assert silent.bias == (0.0,) * 7
    assert silent.claim_pairs == 0


def test_shifted_claims_among_honest_ones_move_no_sensor() -> None:
    lying = world(90.0, claiming=5, shifted={2: (45.0, -30.0, 0.0)})
    heard = play(field(), arrivals(lying))
    assert [kind for _, kind, _ in heard.notices() if kind == "sensor_misaligned"] == []
    for sensor in ("west", "east"):
        measured = heard.measured(sensor)
        assert abs(measured.bias[1]) / DEGREE < 0.2
        assert abs(measured.bias[0]) < 6.0
