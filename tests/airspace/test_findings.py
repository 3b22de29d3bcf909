from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.airspace.plain import a_site, a_zone, nobody, some_tracks

from luchtwacht.airspace import Airspace
from luchtwacht.airspace.forecast import ACCELERATION_DENSITY
from luchtwacht.errors import BadCommand, BadConfiguration
from luchtwacht.model import (
    Applicability,
    Authorisation,
    AuthorisationState,
    Circle,
    DailyPeriod,
    Findings,
    HeightReference,
    Identities,
    Place,
    Restriction,
    TrackStatus,
    Volume,
)
from luchtwacht.model.region import region_of
from luchtwacht.units import datetime_to_ns

CIRCLE = Circle(latitude=52.0, longitude=5.0, radius=500.0)


def found(zone, x, P=None, **changes) -> Findings:
    return Airspace(a_site(zone)).check(0, some_tracks(x, P, **changes), nobody())


def covariance(seed: int, sigmas) -> np.ndarray:
    """Random orientation, given standard deviations."""
    rotation = np.linalg.qr(np.random.default_rng(seed).normal(size=(6, 6)))[0]
    scale = np.diag(sigmas)
    mixed = scale @ (np.eye(6) + 0.4 * (rotation + rotation.T) / 2.0) @ scale
    return (mixed + mixed.T) / 2.0


@pytest.mark.parametrize("seed", range(12))
def test_probability_inside_agrees_with_monte_carlo(seed):
    rng = np.random.default_rng(seed)
    ring = tuple(
        (5.0 + 0.006 * np.cos(a) * r, 52.0 + 0.004 * np.sin(a) * r)
        for a, r in zip(np.linspace(0.0, 6.0, 8), rng.uniform(0.4, 1.0, 8), strict=True)
    )
    zone = a_zone(Volume(polygon=(ring,), lower=30.0, upper=120.0), Volume(circle=CIRCLE, lower=100.0, upper=200.0))
    x = np.concatenate([rng.uniform(-500, 500, 2), rng.uniform(0, 220, 1), rng.normal(0, 5, 3)])
    P = covariance(seed, [60.0, 40.0, 30.0, 1.0, 1.0, 1.0])
    samples = rng.multivariate_normal(x, P, 200_000)
    site = a_site(zone)
    inside = np.zeros(len(samples), dtype=bool)
    for volume in zone.volumes:
        region = region_of(volume, site)
        up = samples[:, 2] + site.origin.height
        inside |= (up >= region.lower) & (up < region.upper) & shapely.contains_xy(region.footprint, samples[:, :2])
    findings = found(zone, x, P)
    assert findings.probability_inside[0] == pytest.approx(inside.mean(), abs=0.01)


@pytest.mark.parametrize("seed", range(12))
def test_probability_of_entry_agrees_with_monte_carlo(seed):
    rng = np.random.default_rng(100 + seed)
    bearing, away = rng.uniform(0, 2 * np.pi), rng.uniform(520, 900)
    heading = bearing + np.pi + rng.normal(0, 0.5)
    speed = rng.uniform(5, 25)
    x = np.array(
        [
            away * np.sin(bearing),
            away * np.cos(bearing),
            rng.uniform(40, 160),
            speed * np.sin(heading),
            speed * np.cos(heading),
            rng.normal(0, 2),
        ]
    )
    P = np.diag([20.0, 20.0, 15.0, 2.0, 2.0, 1.0]) ** 2
    widened = P + np.diag([0, 0, 0, *(density * 30.0 / 3.0 for density in ACCELERATION_DENSITY)])
    samples = rng.multivariate_normal(x, widened, 20_000)
    hit = np.zeros(len(samples), dtype=bool)
    for elapsed in np.linspace(0.0, 30.0, 121):
        place = samples[:, :3] + elapsed * samples[:, 3:]
        hit |= (np.hypot(place[:, 0], place[:, 1]) < 500.0) & (place[:, 2] < 120.0)
    assert found(a_zone(), x, P).probability_entry[0] == pytest.approx(hit.mean(), abs=0.06)


def test_time_to_entry_is_that_of_the_expected_path():
    findings = found(a_zone(), [[-800.0, 0.0, 60.0, 15.0, 0.0, 0.0]])
    assert findings.time_to_entry[0] == pytest.approx(20.0, abs=0.05)
    assert findings.distance[0] == pytest.approx(300.0, abs=0.3)


def test_a_descent_into_a_zone_is_an_entry():
    findings = found(a_zone(), [[0.0, 0.0, 220.0, 0.0, 0.0, -5.0]])
    assert findings.time_to_entry[0] == pytest.approx(20.0, abs=0.05)
    assert findings.probability_inside[0] < 1e-6
    assert findings.probability_entry[0] > 0.9
    assert findings.distance[0] == pytest.approx(-500.0, abs=0.3)


def test_inside_there_is_no_time_to_wait():
    findings = found(a_zone(), [[100.0, 0.0, 60.0, 5.0, 0.0, 0.0]])
    assert findings.time_to_entry[0] == 0.0
    assert findings.probability_inside[0] > 0.99
    assert findings.probability_entry[0] >= findings.probability_inside[0]


def test_flying_away_is_no_entry():
    findings = found(a_zone(), [[600.0, 0.0, 60.0, 15.0, 0.0, 0.0]])
    assert np.isnan(findings.time_to_entry[0])
    assert findings.probability_entry[0] < 0.05


def test_passing_through_a_corner_within_the_horizon_counts():
    small = a_zone(Volume(circle=Circle(latitude=52.0, longitude=5.0, radius=60.0), upper=120.0))
    P = np.diag([25.0, 25.0, 25.0, 0.25, 0.25, 0.25])
    findings = found(small, [[-300.0, 10.0, 60.0, 20.0, 0.0, 0.0]], P)
    assert findings.probability_entry[0] > 0.9  # although after 30 s it is far beyond
    assert findings.time_to_entry[0] == pytest.approx(12.0, abs=0.2)


def test_a_hole_is_outside():
    ring = ((4.99, 51.99), (5.01, 51.99), (5.01, 52.01), (4.99, 52.01))
    hole = ((4.996, 51.996), (5.004, 51.996), (5.004, 52.004), (4.996, 52.004))
    findings = found(a_zone(Volume(polygon=(ring, hole), upper=120.0)), [[0.0, 0.0, 60.0, 0.0, 0.0, 0.0]])
    assert findings.probability_inside[0] < 1e-9
    assert findings.distance[0] > 200.0


def test_overlapping_volumes_are_not_counted_twice():
    twice = a_zone(Volume(circle=CIRCLE, upper=120.0), Volume(circle=CIRCLE, upper=120.0))
    x = [[480.0, 0.0, 100.0, 0.0, 0.0, 0.0]]
    assert found(twice, x).probability_inside[0] == pytest.approx(found(a_zone(), x).probability_inside[0], abs=1e-9)


def test_unlimited_means_any_height():
    findings = found(a_zone(Volume(circle=CIRCLE, upper=None)), [[0.0, 0.0, 9_000.0, 0.0, 0.0, 0.0]])
    assert findings.probability_inside[0] > 0.999


@pytest.mark.parametrize(
    ("reference", "limit"),
    [(HeightReference.AGL, 100.0), (HeightReference.AMSL, 112.0), (HeightReference.WGS84, 155.0)],
)
def test_the_three_height_references_meet_at_one_height(reference, limit):
    """Ground 12 m above the sea, the sea 43 m above the ellipsoid: each of these is 155 m above the ellipsoid."""
    zone = a_zone(Volume(circle=CIRCLE, upper=limit, upper_reference=reference))
    site = a_site(zone, ground_height_m=12.0)
    at_the_limit = some_tracks([[0.0, 0.0, 155.0 - 43.0, 0.0, 0.0, 0.0]])
    assert Airspace(site).check(0, at_the_limit, nobody()).probability_inside[0] == pytest.approx(0.5, abs=1e-3)


def test_heights_follow_the_curve_of_the_earth():
    """20 km east of the origin, 60 m above the ellipsoid's ground is 29 m higher than up says."""
    place = Place(latitude=52.0, longitude=5.2914)
    zone = a_zone(Volume(circle=Circle(latitude=place.latitude, longitude=place.longitude, radius=500.0), upper=100.0))
    site = a_site(zone)
    there = site.frame.to_enu([*place.geodetic[:2], 43.0 + 100.0])
    assert there[2] == pytest.approx(100.0 - 31.0, abs=1.5)
    findings = Airspace(site).check(0, some_tracks([[*there, 0.0, 0.0, 0.0]]), nobody())
    assert findings.probability_inside[0] == pytest.approx(0.5, abs=0.01)


def test_an_estimate_below_ground_is_on_the_ground():
    findings = found(a_zone(), [[0.0, 0.0, -40.0, 0.0, 0.0, 0.0]])
    assert findings.probability_inside[0] > 0.999


def test_a_drone_whose_height_nobody_measured_is_taken_for_a_low_one():
    P = np.diag([100.0, 100.0, 3_000.0**2, 1.0, 1.0, 100.0])
    assert found(a_zone(), [[0.0, 0.0, 2_500.0, 0.0, 0.0, 0.0]], P).probability_inside[0] == pytest.approx(
        0.977, abs=0.01
    )


def test_slanting_errors_are_not_taken_for_upright_ones():
    """Height and range of a radar far away err together: who is surely below the ceiling is also nearer."""
    P = np.diag([2500.0, 100.0, 2500.0, 1.0, 1.0, 1.0])
    P[0, 2] = P[2, 0] = 0.95 * 2500.0
    x = np.array([480.0, 0.0, 120.0, 0.0, 0.0, 0.0])
    samples = np.random.default_rng(3).multivariate_normal(x, P, 400_000)
    truth = np.mean((np.hypot(samples[:, 0], samples[:, 1]) < 500.0) & (samples[:, 2] < 120.0))
    upright = found(a_zone(), x, np.diag(np.diag(P))).probability_inside[0]
    slanting = found(a_zone(), x, P).probability_inside[0]
    assert abs(slanting - truth) < 0.02 < abs(upright - truth)


def test_only_confirmed_and_coasted_tracks_are_checked_in_order():
    tracks = some_tracks(
        np.zeros((4, 6)),
        track=[4, 3, 2, 1],
        status=[
            int(s) for s in (TrackStatus.CONFIRMED, TrackStatus.TENTATIVE, TrackStatus.TERMINATED, TrackStatus.COASTED)
        ],
    )
    assert Airspace(a_site(a_zone())).check(0, tracks, nobody()).track.tolist() == [1, 4]


def test_findings_come_in_order_of_track_then_zone():
    site = a_site(a_zone(id="b"), a_zone(id="a"), a_zone(id="c"))
    findings = Airspace(site).check(0, some_tracks(np.zeros((2, 6))), nobody())
    assert [*zip(findings.track.tolist(), findings.zone.tolist(), strict=True)] == [
        (1, "a"),
        (1, "b"),
        (1, "c"),
        (2, "a"),
        (2, "b"),
        (2, "c"),
    ]


def test_a_zone_counts_only_while_it_is_in_force():
    night = a_zone(applicability=(Applicability(schedule=(DailyPeriod(start="22:00", end="06:00"),)),))
    airspace = Airspace(a_site(night))
    tracks = some_tracks(np.zeros((1, 6)))
    for hour, held in ((21, False), (22, True), (23, True), (12, False), (3, True)):
        time_ns = datetime_to_ns(datetime(2026, 5, 3, hour, tzinfo=UTC))
        assert len(airspace.check(time_ns, tracks, nobody())) == held
        assert len(airspace.in_force(time_ns)) == held


def test_zones_come_go_and_are_replaced():
    airspace = Airspace(a_site())
    tracks = some_tracks(np.zeros((1, 6)))
    assert len(airspace.check(0, tracks, nobody())) == 0
    airspace.put_zone(a_zone())
    assert airspace.check(0, tracks, nobody()).probability_inside[0] > 0.99
    airspace.put_zone(a_zone(Volume(circle=Circle(latitude=52.002, longitude=5.0, radius=50.0), upper=120.0)))
    assert airspace.check(0, tracks, nobody()).probability_inside[0] < 0.01
    airspace.withdraw_zone("centre")
    assert len(airspace.check(0, tracks, nobody())) == 0
    with pytest.raises(BadCommand, match="no zone 'centre'"):
        airspace.withdraw_zone("centre")


@pytest.mark.parametrize(
    ("volume", "words"),
    [
        (Volume(), "just one of circle and polygon"),
        (Volume(circle=CIRCLE, polygon=(((5, 52), (6, 52), (6, 53)),)), "just one of circle and polygon"),
        (Volume(circle=Circle(latitude=52.0, longitude=5.0, radius=0.0)), "radius"),
        (Volume(circle=Circle(latitude=95.0, longitude=5.0, radius=10.0)), "no place on earth"),
        (Volume(polygon=(((5.0, 52.0), (5.1, 52.0), (5.0, 52.0)),)), "three different corners"),
        (Volume(polygon=(((5.0, 52.0), (5.1, 52.0), (5.2, 52.0)),)), "encloses nothing"),
        (Volume(circle=CIRCLE, lower=50.0, upper=40.0), "not above"),
        (Volume(circle=CIRCLE, lower=50.0, upper=60.0, upper_reference=HeightReference.WGS84), "not above"),
        (Volume(circle=CIRCLE, upper=float("nan")), "no number"),
    ],
)
def test_a_zone_that_cannot_be_is_refused_and_changes_nothing(volume, words):
    airspace = Airspace(a_site(a_zone()))
    with pytest.raises(BadConfiguration, match=words):
        airspace.put_zone(a_zone(volume))
    assert airspace.check(0, some_tracks(np.zeros((1, 6))), nobody()).probability_inside[0] > 0.99


def test_two_zones_of_one_id_and_overlong_ids_are_refused():
    with pytest.raises(BadConfiguration, match="two zones"):
        Airspace(a_site(a_zone(), a_zone()))
    with pytest.raises(BadConfiguration, match="1 to 40"):
        Airspace(a_site(a_zone(id="x" * 41)))


def permit(zones=("centre",)) -> Authorisation:
    return Authorisation(
        id="permit",
        state=AuthorisationState.GRANTED,
        zones=zones,
        start=datetime(2026, 1, 1, tzinfo=UTC),
        end=datetime(2027, 1, 1, tzinfo=UTC),
    )


def known_as(authorisation="permit", probability=0.97, **changes) -> Identities:
    return Identities.unknown(
        1,
        track=1,
        authorisation=authorisation,
        authorisation_probability=probability,
        authorisation_runner_up_probability=0.0,
        category_probability=[0.1, 0.2, 0.3, 0.4, 0.0],
        **changes,
    )


@pytest.mark.parametrize(
    ("restriction", "zones", "permitted"),
    [
        (Restriction.PROHIBITED, ("centre",), 0.97),
        (Restriction.REQ_AUTHORISATION, ("centre",), 0.97),
        (Restriction.PROHIBITED, ("elsewhere",), 0.0),
        (Restriction.CONDITIONAL, (), 1.0),
        (Restriction.NO_RESTRICTION, (), 1.0),
    ],
)
def test_permission_is_for_the_zones_it_names(restriction, zones, permitted):
    airspace = Airspace(a_site(a_zone(restriction=restriction), authorisations=(permit(zones),)))
    findings = airspace.check(0, some_tracks(np.zeros((1, 6))), known_as())
    assert findings.probability_permitted[0] == pytest.approx(permitted)
    assert findings.authorisation[0] == ("permit" if permitted == 0.97 else "")
    assert findings.probability_uas[0] == pytest.approx(0.3)


def test_the_runner_up_counts_where_the_best_names_another_zone():
    other = known_as("other", 0.98, authorisation_runner_up="permit")
    identities = Identities(**other.columns() | {"authorisation_runner_up_probability": np.array([0.6])})
    findings = Airspace(a_site(a_zone(), authorisations=(permit(),))).check(
        0, some_tracks(np.zeros((1, 6))), identities
    )
    assert (findings.authorisation[0], findings.probability_permitted[0]) == ("permit", pytest.approx(0.6))


def test_a_permission_can_be_given_and_taken_while_flying():
    airspace = Airspace(a_site(a_zone()))
    tracks = some_tracks(np.zeros((1, 6)))
    assert airspace.check(0, tracks, known_as()).probability_permitted[0] == 0.0
    airspace.put_authorisation(permit())
    assert airspace.check(0, tracks, known_as()).probability_permitted[0] == pytest.approx(0.97)
    airspace.withdraw_authorisation("permit")
    assert airspace.check(0, tracks, known_as()).probability_permitted[0] == 0.0


@settings(max_examples=60, deadline=None)
@given(
    x=st.lists(st.floats(-3000, 3000), min_size=2, max_size=2),
    up=st.floats(-50, 400),
    velocity=st.lists(st.floats(-40, 40), min_size=3, max_size=3),
    sigma=st.floats(0.5, 500.0),
)
def test_verdicts_never_contradict_themselves(x, up, velocity, sigma):
    P = np.diag([sigma**2, sigma**2, sigma**2, 4.0, 4.0, 4.0])
    findings = found(a_zone(), [[*x, up, *velocity]], P)
    for row in range(len(findings)):
        assert 0.0 <= findings.probability_inside[row] <= findings.probability_entry[row] <= 1.0
        when = findings.time_to_entry[row]
        assert np.isnan(when) or 0.0 <= when <= 30.0
        assert (findings.distance[row] < 0) == (np.hypot(*x) < 500.0) or abs(findings.distance[row]) < 0.5
    assert len(findings) or np.hypot(*x) > 500.0 + 300.0


def test_every_zone_is_found_that_a_plain_search_finds():
    rng = np.random.default_rng(8)
    zones = [
        a_zone(Volume(circle=Circle(latitude=lat, longitude=lon, radius=radius), upper=None), id=f"z{number:02}")
        for number, (lat, lon, radius) in enumerate(
            zip(rng.uniform(51.9, 52.1, 40), rng.uniform(4.9, 5.1, 40), rng.uniform(100, 900, 40), strict=True)
        )
    ]
    site = a_site(*zones)
    states = np.concatenate(
        [
            rng.uniform(-8000, 8000, (60, 2)),
            rng.uniform(0, 100, (60, 1)),
            rng.normal(0, 10, (60, 2)),
            np.zeros((60, 1)),
        ],
        axis=1,
    )
    findings = Airspace(site).check(0, some_tracks(states), nobody())
    pairs = {
        (int(t), str(z))
        for t, z, p in zip(findings.track, findings.zone, findings.probability_entry, strict=True)
        if p > 1e-3
    }
    alone = set()
    for zone in zones:
        single = Airspace(a_site(zone)).check(0, some_tracks(states), nobody())
        alone |= {(int(t), zone.id) for t, p in zip(single.track, single.probability_entry, strict=True) if p > 1e-3}
        region = region_of(zone.volumes[0], site)
        inside = np.flatnonzero(shapely.contains_xy(region.footprint, states[:, :2])) + 1
        assert {(int(track), zone.id) for track in inside} <= pairs
    assert pairs == alone
