"""What is learnt of sensors that are a little off: from claims, from each other, and not from lies."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ingest.aligned import START_NS, Course, beside, circle, mountings, radar, says, sight, site_of, theta

from luchtwacht.ingest.adjustment import Adjustment
from luchtwacht.ingest.linear import inverse_of, times
from luchtwacht.ingest.mounting import AZIMUTH, COUNT, ELEVATION, RANGE, TIME, Mounting, corrected
from luchtwacht.ingest.pairing import observe_parties, observe_sensors
from luchtwacht.model import Detections, Floats, Geometry, Sensor, SensorKind
from luchtwacht.units import DEGREE, SECOND_NS

COURSES = (
    circle(1500.0, 800.0, 1000.0, 15.0),
    circle(-1200.0, 1800.0, 500.0, 12.0),
    circle(-2000.0, -800.0, 500.0, 18.0),
    circle(2500.0, -1800.0, 500.0, 12.0),
)
NOWHERE = np.zeros(4)


def honest(seed: int) -> Floats:
    """The offset of an ordinary satellite fix."""
    return np.array([*np.random.default_rng(seed).normal(size=3) * 2.0, 0.02])


def learn(
    sensors: tuple[Sensor, ...],
    biases: tuple[Floats, ...],
    courses: tuple[Course, ...] = COURSES,
    shifts: tuple[Floats | None, ...] | None = None,
    seconds: int = 100,
    ties: bool = False,
    adjustment: Adjustment | None = None,
    start: int = 0,
    seed: int = 1,
) -> Adjustment:
    """An adjustment of what these sensors see of aircraft, some of which say where they are."""
    rng = np.random.default_rng(seed)
    mounted = mountings(*sensors)
    adjustment = adjustment or Adjustment(mounted)
    shifts = shifts or tuple(honest(k) for k in range(len(courses)))
    for second in range(start, start + seconds):
        claims, pairs = [], []
        for k, (course, shift) in enumerate(zip(courses, shifts, strict=True)):
            seen = [
                sight(mounted[i], sensors[i], course, second + 0.1 * i, biases[i], rng, k) for i in range(len(sensors))
            ]
            if shift is not None:
                claims += [says(each, course, f"aircraft-{k}", shift) for each in seen]
            if ties:
                pairs += [beside(seen[i], seen[j]) for i in range(len(seen)) for j in range(i)]
        observe_parties(adjustment, claims)
        observe_sensors(adjustment, pairs)
        if second % 5 == 4:
            adjustment.solve(START_NS + (second + 1) * SECOND_NS)
    return adjustment


def off(adjustment: Adjustment, bias: Floats, sensor: int = 0) -> Floats:
    return adjustment.bias(sensor) - bias


def sigma(adjustment: Adjustment, sensor: int = 0) -> Floats:
    return np.sqrt(np.diag(adjustment.covariance(sensor)))


def test_the_azimuth_is_known_to_a_twentieth_of_a_degree_after_200_pairs() -> None:
    bias = theta(range_m=12.0, azimuth_deg=1.0, elevation_deg=-0.5)
    errors = [off(learn((radar("r"),), (bias,), seconds=50, seed=seed), bias)[AZIMUTH] / DEGREE for seed in range(12)]
    assert np.sqrt(np.mean(np.square(errors))) < 0.05


def test_a_lone_aircraft_teaches_no_more_than_its_own_error_allows_and_says_so() -> None:
    """3 m at some 1,800 m are a tenth of a degree, however often they are measured."""
    bias = theta(range_m=12.0, azimuth_deg=1.0)
    errors, said = [], []
    for seed in range(8):
        shift = np.array([*np.random.default_rng(seed).normal(size=3) * 3.0, 0.0])
        found = learn((radar("r"),), (bias,), COURSES[:1], (shift,), seconds=200, seed=seed)
        errors.append(off(found, bias)[AZIMUTH] / DEGREE)
        said.append(sigma(found)[AZIMUTH] / DEGREE)
    assert np.sqrt(np.mean(np.square(errors))) < 0.15
    assert np.all(np.abs(errors) < said)


@pytest.mark.parametrize("seed", range(3))
def test_every_bias_is_within_three_of_its_own_standard_deviations(seed: int) -> None:
    bias = theta(range_m=12.0, azimuth_deg=1.0, elevation_deg=-0.5, time_s=0.2, east_m=2.0, north_m=-1.0)
    found = learn((radar("r"),), (bias,), seed=seed)
    assert np.all(np.abs(off(found, bias)) < 3.0 * sigma(found))
    assert sigma(found)[RANGE] < 5.0
    assert sigma(found)[ELEVATION] < 0.25 * DEGREE


def test_a_sensor_without_bias_is_left_alone() -> None:
    found = learn((radar("r"), radar("s", (2000.0, 0.0))), (theta(), theta()), ties=True)
    for sensor in (0, 1):
        assert abs(off(found, theta(), sensor)[AZIMUTH]) < 0.15 * DEGREE
        assert np.all(np.abs(off(found, theta(), sensor)) < 3.5 * sigma(found, sensor))


def test_two_biased_sensors_are_told_apart_by_claims() -> None:
    biases = (theta(azimuth_deg=1.5, range_m=-15.0), theta(azimuth_deg=-1.0, elevation_deg=0.5))
    found = learn((radar("r"), radar("s", (2000.0, 0.0))), biases, ties=True)
    for sensor in (0, 1):
        assert abs(off(found, biases[sensor], sensor)[AZIMUTH]) < 0.15 * DEGREE
        assert abs(off(found, biases[sensor], sensor)[RANGE]) < 6.0


def test_without_claims_two_sensors_are_laid_on_each_other() -> None:
    biases = (theta(range_m=20.0, azimuth_deg=1.5), theta())
    found = learn((radar("r"), radar("s", (2000.0, 0.0))), biases, shifts=(None,) * 4, ties=True, seconds=200)
    assert abs((found.bias(0) - found.bias(1) - biases[0])[AZIMUTH]) < 0.3 * DEGREE
    assert not found.parties


def test_sensors_that_stand_together_know_only_their_difference() -> None:
    biases = (theta(azimuth_deg=1.0), theta())
    found = learn((radar("r"), radar("s")), biases, shifts=(None,) * 4, ties=True)
    difference = found.bias(0) - found.bias(1)
    assert abs(difference[AZIMUTH] - 1.0 * DEGREE) < 0.1 * DEGREE
    assert sigma(found)[AZIMUTH] > 1.0 * DEGREE
    assert abs(found.bias(0)[AZIMUTH] - 0.5 * DEGREE) < 0.1 * DEGREE


def test_a_wrong_clock_is_found_where_things_fly_in_several_directions() -> None:
    bias = theta(time_s=0.8)
    found = learn((radar("r", azimuth_sigma_deg=0.2),), (bias,))
    assert abs(off(found, bias)[TIME]) < 0.15


def test_one_shifted_aircraft_among_three_pulls_nothing() -> None:
    for shift in ([40.0, -25.0, 0.0, 0.0], [-15.0, 60.0, 30.0, 0.0]):
        bias = theta(azimuth_deg=0.8)
        found = learn((radar("r"),), (bias,), COURSES[:3], (honest(1), honest(2), np.array(shift)))
        assert abs(off(found, bias)[AZIMUTH]) < 0.15 * DEGREE
        assert abs(off(found, bias)[RANGE]) < 6.0
        assert np.linalg.norm(found.parties["aircraft-2"].offset[:2] - shift[:2]) < 15.0


def test_a_lone_shifted_aircraft_teaches_nothing_that_is_not_doubted() -> None:
    here = (circle(1500.0, 800.0, 300.0, 15.0),)
    found = learn((radar("r"),), (theta(),), here, (np.array([40.0, -20.0, 0.0, 0.0]),))
    assert found.agreeing < 2
    assert abs(found.bias(0)[AZIMUTH]) < 2.5 * sigma(found)[AZIMUTH]
    assert abs(found.bias(0)[AZIMUTH]) < 0.5 * DEGREE


def test_two_that_contradict_each_other_teach_no_more() -> None:
    here = (circle(1500.0, 800.0, 300.0, 15.0), circle(-1200.0, 1800.0, 300.0, 12.0))
    found = learn((radar("r"),), (theta(),), here, (honest(1), np.array([60.0, -40.0, 0.0, 0.0])))
    assert np.all(np.abs(found.bias(0)) < 3.0 * sigma(found))


def test_what_is_no_bias_teaches_next_to_nothing() -> None:
    """Now one bird, now another is taken for the aircraft: no bias of a sensor is both."""
    here = (circle(1500.0, 800.0, 300.0, 6.0),)
    right = learn((radar("r"),), (theta(),), here, seconds=30)

    def birds(t: float) -> Floats:
        away = np.array([60.0, 60.0, 40.0, 0.0, 0.0, 0.0])
        return np.asarray(here[0](t) + (away if int(t) % 3 else -away))

    declared = radar("r")
    (mounted,) = mountings(declared)
    mixed, rng = Adjustment((mounted,)), np.random.default_rng(3)
    for second in range(30):
        seen = sight(mounted, declared, birds if second < 16 else here[0], float(second), theta(), rng)
        observe_parties(mixed, [says(seen, here[0], "aircraft-0", honest(0))])
        if second % 5 == 4:
            mixed.solve(START_NS + (second + 1) * SECOND_NS)
    block = mixed.parties["aircraft-0"].blocks[0]
    assert block.misfit > 3.0
    assert right.parties["aircraft-0"].blocks[0].misfit < 1.5
    assert np.all(np.abs(mixed.bias(0)) < 2.5 * sigma(mixed))


def test_an_error_that_swings_is_no_change_and_no_bias() -> None:
    """Satellite navigation is off by something that comes and goes within minutes."""
    declared, course, rng = radar("r", range_sigma_m=5.0), circle(1500.0, 800.0, 600.0, 15.0), np.random.default_rng(5)
    (mounted,) = mountings(declared)
    adjustment = Adjustment((mounted,))
    for second in range(300):
        for name, phase in (("a", 0.0), ("b", 2.0)):
            seen = sight(mounted, declared, course, float(second), theta(), rng)
            swing = 10.0 * np.sin(2.0 * np.pi * second / 120.0 + phase)
            shift = np.array([swing, -swing, 0.0, 0.0])
            observe_parties(adjustment, [says(seen, course, name, shift, accuracy=(10.0, 15.0))])
        if second % 5 == 4:
            assert adjustment.changes(START_NS) == ([], [])
            adjustment.solve(START_NS + (second + 1) * SECOND_NS)
            assert np.all(np.abs(adjustment.bias(0)) < 3.0 * sigma(adjustment))


def test_pairs_of_minutes_given_at_once_teach_what_they_do_step_by_step() -> None:
    """What swings is new every 20 s in a whole recording too: or a swing would pass for what stays, and is believed."""
    declared, course = radar("r", range_sigma_m=5.0), circle(1500.0, 800.0, 600.0, 15.0)
    (mounted,) = mountings(declared)
    rng, pairs = np.random.default_rng(5), []
    for second in range(200):
        shift = np.array([2.0 * np.sin(second / 15.0), 0.0, 0.0, 0.0])
        pairs.append(says(sight(mounted, declared, course, float(second), theta(), rng), course, "a", shift))
    at_once, one_by_one = (Adjustment((mounted,), memory_s=np.inf) for _ in range(2))
    observe_parties(at_once, pairs)
    for pair in pairs:
        observe_parties(one_by_one, [pair])
    for each in (at_once, one_by_one):
        each.solve(0)
    np.testing.assert_allclose(sigma(at_once), sigma(one_by_one), rtol=1e-6)
    np.testing.assert_allclose(at_once.bias(0), one_by_one.bias(0), rtol=1e-3, atol=1e-4)


def test_slow_drift_is_followed() -> None:
    adjustment = None
    sensors = (radar("r"),)
    for minute in range(30):
        bias = theta(azimuth_deg=minute / 60.0)
        adjustment = learn(sensors, (bias,), seconds=60, adjustment=adjustment, start=60 * minute, seed=minute)
    assert adjustment is not None
    assert abs(off(adjustment, bias)[AZIMUTH]) < 0.25 * DEGREE


def test_what_is_not_seen_again_is_slowly_forgotten() -> None:
    found = learn((radar("r"),), (theta(azimuth_deg=1.0),))
    known = sigma(found)[AZIMUTH]
    found.solve(START_NS + 12 * 3600 * SECOND_NS)
    assert sigma(found)[AZIMUTH] > 10.0 * known
    assert abs(found.bias(0)[AZIMUTH]) < 0.1 * DEGREE


def test_many_aircraft_are_settled_and_count_on() -> None:
    courses = tuple(circle(800.0 * (k % 5 - 2), 700.0 * (k % 7 - 3), 300.0, 10.0 + k % 6) for k in range(24))
    bias = theta(azimuth_deg=1.0)
    found = learn((radar("r"),), (bias,), courses, seconds=20)
    assert len(found.parties) == 16
    assert found.pairs(0)[0] > 24 * 15
    assert abs(off(found, bias)[AZIMUTH]) < 0.15 * DEGREE


def test_going_on_from_a_state_gives_the_same() -> None:
    sensors = (radar("r"), radar("s", (2000.0, 0.0)))
    first = learn(sensors, (theta(azimuth_deg=1.0), theta()), ties=True, seconds=30)
    second = Adjustment(mountings(*sensors))
    second.restore(first.state())
    for each in (first, second):
        learn(sensors, (theta(azimuth_deg=1.0), theta()), ties=True, adjustment=each, start=30, seconds=20)
    assert first.theta.tobytes() == second.theta.tobytes()
    assert first.P.tobytes() == second.P.tobytes()


# ---------------------------------------------------------------------------------------------- equations

SENSORS = st.sampled_from([SensorKind.RADAR_3D, SensorKind.RADAR_2D, SensorKind.RF_LOCATOR])
FAR = st.tuples(st.floats(300.0, 5000.0), st.floats(300.0, 5000.0), st.floats(20.0, 400.0))


@given(kind=SENSORS, point=FAR)
@settings(deadline=None, max_examples=40)
def test_the_slopes_are_those_of_the_coordinates(kind: SensorKind, point: tuple[float, float, float]) -> None:
    (mounting,) = mountings(radar("r", (10.0, -20.0), kind=kind))
    place, step = np.array([point]), 1e-2
    slope = mounting.slopes(place)[0]
    for axis in range(3):
        moved = place + step * np.eye(3)[axis]
        by_hand = (mounting.coordinates(moved) - mounting.coordinates(place))[0] / step
        np.testing.assert_allclose(slope[:, axis], by_hand, rtol=1e-3, atol=1e-7)


def test_the_effects_are_those_of_the_biases() -> None:
    rng = np.random.default_rng(0)
    declared = radar("r", range_sigma_m=1e-9, azimuth_sigma_deg=1e-9, elevation_sigma_deg=1e-9)
    (mounting,) = mountings(declared)
    course = COURSES[0]
    clean = sight(mounting, declared, course, 7.0, theta(), rng).z
    state = course(7.0)
    G = mounting.effects(mounting.slopes(state[None, :3]), state[None, 3:])[0]
    for which, small in enumerate((1.0, 0.01, 0.01, 1.0, 1.0, 1.0, 0.05)):
        bias = np.zeros(COUNT)
        bias[which] = small
        np.testing.assert_allclose(
            sight(mounting, declared, course, 7.0, bias, rng).z - clean, G[:, which] * small, rtol=0.02, atol=2e-4
        )


def detection_of(mounting: Mounting, declared: Sensor, z: Floats, geometry: Geometry, R: Floats) -> Detections:
    full, noise = np.full(4, np.nan), np.full((4, 4), np.nan)
    full[:3], noise[:3, :3] = z, R
    return Detections.unknown(
        1, id=1, time_ns=START_NS, received_ns=START_NS, sensor=0, geometry=int(geometry), z=full, R=noise,
        filtered=False,
    )  # fmt: skip


@pytest.mark.parametrize("kind", [SensorKind.RADAR_3D, SensorKind.RADAR_2D])
@pytest.mark.parametrize("geometry", [Geometry.POLAR, Geometry.POSITION])
def test_a_corrected_detection_lies_where_the_object_is(kind: SensorKind, geometry: Geometry) -> None:
    declared = radar("r", range_sigma_m=1e-6, azimuth_sigma_deg=1e-6, elevation_sigma_deg=1e-6, kind=kind)
    (mounting,) = mountings(declared)
    bias = theta(range_m=20.0, azimuth_deg=1.5, elevation_deg=0.0, east_m=5.0, north_m=-7.0)
    seen = sight(mounting, declared, COURSES[0], 3.0, bias, np.random.default_rng(1))
    truth = COURSES[0](3.0)[:3]
    z, R = seen.z, np.diag([1.0, 1e-4, 1e-4])
    if geometry is Geometry.POSITION:
        z, R = mounting.points(np.nan_to_num(seen.z, nan=0.03)[None])[0], np.eye(3)
    if kind is SensorKind.RADAR_2D:
        z[2] = R[2, :] = R[:, 2] = np.nan
    made = corrected(mounting, detection_of(mounting, declared, z, geometry, R), bias, np.zeros((COUNT, COUNT)))
    expected = truth if geometry is Geometry.POSITION else mounting.coordinates(truth[None])[0]
    known = np.isfinite(z)
    scale = np.array([2.0, 1e-3, 1e-3]) if geometry is Geometry.POLAR else np.array([2.0, 2.0, 3.0])
    assert np.all(np.abs(made.z[0, :3] - expected)[known] < scale[known])
    assert np.array_equal(np.isnan(made.z), np.isnan(detection_of(mounting, declared, z, geometry, R).z))
    np.testing.assert_allclose(made.R[0, :3, :3][np.ix_(known, known)], R[np.ix_(known, known)])


def test_doubt_adds_noise_but_never_more_than_there_was() -> None:
    (mounting,) = mountings(radar("r"))
    R = np.diag([64.0, 1e-4, 1e-4])
    plot = detection_of(mounting, radar("r"), np.array([2000.0, 1.0, 0.1]), Geometry.POLAR, R)
    little, much = np.diag([1.0, 1e-6, 0, 0, 0, 0, 0]), np.diag([1e6, 1.0, 1.0, 1e4, 1e4, 1e4, 100.0])
    one = corrected(mounting, plot, np.zeros(COUNT), little).R[0]
    np.testing.assert_allclose(np.diag(one)[:3], [65.0, 1.01e-4, 1e-4], rtol=1e-6)
    other = corrected(mounting, plot, np.zeros(COUNT), much).R[0, :3, :3]
    np.testing.assert_allclose(np.diag(other), 2.0 * np.diag(R), rtol=1e-9)
    assert np.all(np.linalg.eigvalsh(other / np.sqrt(np.outer(np.diag(R), np.diag(R)))) > 0.0)


def test_a_bearing_keeps_having_only_a_bearing() -> None:
    declared = radar("f", kind=SensorKind.RF_DIRECTION_FINDER)
    (mounting,) = mountings(declared)
    bearing = detection_of(
        mounting, declared, np.array([np.nan, 0.01, np.nan]), Geometry.POLAR, np.diag([np.nan, 1e-3, np.nan])
    )
    made = corrected(mounting, bearing, theta(azimuth_deg=2.0), np.zeros((COUNT, COUNT)))
    assert made.z[0, AZIMUTH] == pytest.approx(0.01 - 2.0 * DEGREE + 2.0 * np.pi)
    assert np.isnan(made.z[0, [0, 2, 3]]).all()


def test_the_site_says_which_biases_a_sensor_can_have() -> None:
    site = site_of(radar("r", kind=SensorKind.RF_DIRECTION_FINDER), radar("s", kind=SensorKind.RF_LOCATOR))
    finder, locator = (Mounting.of(site, index).sigma for index in (0, 1))
    assert finder[RANGE] == 0.0
    assert finder[AZIMUTH] > 0.0
    assert np.all(locator[:3] == 0.0)
    assert np.all(locator[3:] > 0.0)


@given(seed=st.integers(0, 1000), n=st.integers(1, 30))
@settings(deadline=None, max_examples=30)
def test_the_inverse_is_the_inverse(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(n, n))
    A = root @ root.T + np.eye(n)
    np.testing.assert_allclose(times(A, inverse_of(A)), np.eye(n), atol=1e-8)
