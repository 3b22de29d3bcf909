import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.identity.plain import Said, Sky, Track, flight

from luchtwacht.identity.correlation import marginals
from luchtwacht.model import ClaimVerdict, TrackStatus

A = ((100.0, 500.0, 80.0), (10.0, 0.0, 0.0))
B = ((-800.0, 300.0, 60.0), (0.0, 6.0, 0.0))


def by_enumeration(odds: np.ndarray) -> np.ndarray:
    """The slow twin: every one-to-one matching, weighed."""
    rows, columns = odds.shape
    total, seen = 0.0, np.zeros_like(odds)
    for choice in itertools.product(range(-1, columns), repeat=rows):
        used = [column for column in choice if column >= 0]
        if len(used) != len(set(used)):
            continue
        weight = float(np.prod([odds[row, column] for row, column in enumerate(choice) if column >= 0]))
        total += weight
        for row, column in enumerate(choice):
            if column >= 0:
                seen[row, column] += weight
    return seen / total


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3), st.integers(1, 4), st.integers(0, 10_000))
def test_marginals_of_small_groups_are_exact(rows, columns, seed):
    odds = np.exp(np.random.default_rng(seed).normal(0.0, 3.0, (rows, columns)))
    left, right = (side.ravel() for side in np.indices(odds.shape))
    found = marginals(odds.ravel(), left, right).reshape(odds.shape)
    assert found == pytest.approx(by_enumeration(odds), abs=1e-9)
    assert np.all(found.sum(axis=0) <= 1.0 + 1e-6)
    assert np.all(found.sum(axis=1) <= 1.0 + 1e-6)


def test_marginals_of_a_large_group_stay_probabilities_and_near_the_truth():
    odds = np.exp(np.random.default_rng(3).normal(0.0, 1.5, (5, 5)))
    left, right = (side.ravel() for side in np.indices(odds.shape))
    found = marginals(odds.ravel(), left, right).reshape(odds.shape)
    assert found == pytest.approx(by_enumeration(odds), abs=0.05)  # loopy, so not exact
    assert np.all(found.sum(axis=0) <= 1.0 + 1e-6)
    assert np.all(found.sum(axis=1) <= 1.0 + 1e-6)


def test_groups_that_share_nothing_do_not_touch():
    odds = np.array([5.0, 2.0, 7.0])
    found = marginals(odds, np.array([0, 1, 2]), np.array([2, 0, 1]))
    assert found == pytest.approx(odds / (1.0 + odds))


def test_marginals_of_a_tree_are_exact():
    odds = np.array([[5.0, 0.5, 3.0]])
    assert marginals(odds.ravel(), np.zeros(3, dtype=int), np.arange(3)) == pytest.approx(by_enumeration(odds)[0])


def test_a_claim_where_a_track_is_names_the_track():
    sky = Sky()
    for second in range(5):
        sky.step(
            [Track(1, flight(second, *A)), Track(2, flight(second, *B))],
            [Said("uas:A", flight(second, *A), operator_id="NLDabc")],
        )
        row = sky.row(1)
        assert (row["aircraft_id"], row["claim_verdict"]) == ("uas:A", ClaimVerdict.CONSISTENT)
        assert row["probability"] > 0.9
        assert row["claim"] == sky.claims
        assert (sky.row(2)["aircraft_id"], sky.row(2)["claim_verdict"]) == ("", ClaimVerdict.NONE)
        assert np.isnan(sky.row(2)["probability"])
        assert sky.row(2)["claim"] == -1
    assert len(sky.claimed) == 0
    assert len(sky.used) == 0


def test_a_claim_that_comes_late_is_compared_with_the_past():
    sky = Sky()
    fast = ((0.0, 500.0, 80.0), (40.0, 0.0, 0.0))
    for second in range(4):
        sky.step([Track(1, flight(second, *fast))], [Said("uas:A", flight(second - 2.5, *fast), late_s=2.5)])
    assert sky.row(1)["probability"] > 0.99


def test_a_claim_that_comes_late_says_who_it_is_unless_a_later_one_did():
    sky = Sky()
    place = ((0.0, 500.0, 80.0), (10.0, 0.0, 0.0))
    for second in range(3):
        sky.step([Track(1, flight(second, *place))], [Said("uas:A", flight(second, *place))])
    old = Said("uas:A", flight(0.5, *place), operator_id="NLD-late", late_s=2.5)
    sky.step([Track(1, flight(3, *place))], [old])
    assert sky.row(1)["operator_id"] == "NLD-late"
    sky.step([Track(1, flight(4, *place))], [Said("uas:A", flight(4, *place), operator_id="NLD-now")])
    sky.step([Track(1, flight(5, *place))], [old])
    assert sky.row(1)["operator_id"] == "NLD-now"
    assert sky.row(1)["probability"] > 0.9


def test_two_close_drones_keep_their_own_names():
    rng = np.random.default_rng(4)
    sky = Sky()
    near = ((100.0, 540.0, 80.0), (10.0, 0.0, 0.0))
    names = []
    for second in range(30):
        noise = rng.normal(0.0, 5.0, (4, 3))
        states = [flight(second, *A), flight(second, *near), flight(second, *A), flight(second, *near)]
        one, two, said_one, said_two = (
            (*(np.array(state[:3]) + error), *state[3:]) for state, error in zip(states, noise, strict=True)
        )
        sky.step([Track(1, one), Track(2, two)], [Said("uas:A", said_one), Said("uas:B", said_two)])
        names.append((sky.row(1)["aircraft_id"], sky.row(2)["aircraft_id"]))
    assert set(names[3:]) == {("uas:A", "uas:B")}
    assert sky.row(1)["probability"] > 0.9


def test_between_two_alike_neither_is_believed_and_the_runner_up_is_named():
    sky = Sky()
    for second in range(3):
        x = flight(second, *A)
        sky.step([Track(1, x)], [Said("uas:A", x), Said("uas:B", x)])
    row = sky.row(1)
    assert {row["aircraft_id"], row["runner_up"]} == {"uas:A", "uas:B"}
    assert row["probability"] == pytest.approx(0.5, abs=0.05)
    assert row["runner_up_probability"] == pytest.approx(0.5, abs=0.05)


def test_a_claim_goes_to_at_most_one_track():
    sky = Sky()
    for second in range(3):
        x = flight(second, *A)
        sky.step([Track(1, x), Track(2, x)], [Said("uas:A", x)])
    assert sky.row(1)["probability"] + sky.row(2)["probability"] <= 1.0 + 1e-9
    assert sky.row(1)["probability"] == pytest.approx(0.5, abs=0.05)


def test_names_stay_while_the_claims_pause():
    sky = Sky()
    for second in range(25):
        sky.step([Track(1, flight(second, *A))], [Said("uas:A", flight(second, *A))] if second < 10 else [])
        assert sky.row(1)["aircraft_id"] == "uas:A"


def test_pressure_altitude_is_never_held_against_a_height():
    """A claim with no geometric height fits whatever its pressure altitude says."""
    sky = Sky()
    for second in range(3):
        x = flight(second, *A)
        said = (*x[:2], np.nan, *x[3:])
        sky.step([Track(1, x)], [Said("icao:484C61", said, kind=1, pressure_altitude=3_000.0)])
    assert sky.row(1)["probability"] > 0.9


def test_a_height_that_both_know_tells_them_apart():
    sky = Sky()
    above = ((100.0, 500.0, 480.0), (10.0, 0.0, 0.0))
    for second in range(3):
        sky.step(
            [Track(1, flight(second, *A)), Track(2, flight(second, *above))], [Said("uas:A", flight(second, *above))]
        )
    assert sky.row(2)["aircraft_id"] == "uas:A"
    assert sky.row(1)["aircraft_id"] == ""


def test_a_track_without_height_is_compared_in_the_plane():
    sky = Sky()
    low = (*flight(0, *A)[:2], 2_000.0, 10.0, 0.0, 0.0)
    sky.step([Track(1, low, up_sigma=3_000.0)], [Said("uas:A", flight(0, *A))])
    assert sky.row(1)["probability"] > 0.9


def test_a_track_that_ended_is_no_longer_named():
    sky = Sky()
    sky.step([Track(1, flight(0, *A))], [Said("uas:A", flight(0, *A))])
    sky.step([Track(1, flight(1, *A), status=TrackStatus.TERMINATED)], [Said("uas:A", flight(1, *A))])
    assert 1 not in sky.identities.track
    assert sky.claimed.track.tolist() == [-1]


def test_rows_come_in_order_of_track():
    sky = Sky()
    for second in range(3):
        sky.step(
            [Track(9, flight(second, *A)), Track(2, flight(second, *B))],
            [Said(f"uas:{n}", flight(second, (3000.0, 800.0 * n, 90.0), (5.0, 0.0, 0.0))) for n in range(3)],
        )
    assert sky.identities.track.tolist() == [-3, -2, -1, 2, 9]
    assert sky.claimed.track.tolist() == [-3, -2, -1]


def test_the_same_sky_twice_says_the_same():
    def once():
        rng = np.random.default_rng(11)
        sky, said = Sky(), []
        for second in range(12):
            tracks = [Track(n + 1, flight(second, (60.0 * n, 0.0, 50.0), (8.0, n, 0.0))) for n in range(6)]
            claims = [
                Said(f"uas:{n}", tuple(np.array(each.x) + rng.normal(0, 8, 6)), transmitter=f"mac:{n % 3}")
                for n, each in enumerate(tracks)
            ]
            sky.step(tracks, claims)
            said.append((sky.identities, sky.claimed, sky.used))
        return said

    assert once() == once()


def test_claims_without_a_place_or_an_accuracy_do_no_harm():
    sky = Sky()
    nowhere = (np.nan, np.nan, np.nan, np.nan, np.nan, np.nan)
    for second in range(4):
        x = flight(second, *A)
        claims = [Said("uas:NOWHERE", nowhere), Said("uas:A", x, sigma=np.nan)]
        sky.step([Track(1, x)], claims)
    assert sky.row(1)["aircraft_id"] == "uas:A"
    assert len(sky.claimed) == 0


@pytest.mark.parametrize("sigma", [0.0, np.nan])
def test_a_track_without_a_covariance_stops_the_watch_and_is_named(sigma):
    with pytest.raises(AssertionError, match=r"track 7 at \d+ ns"):
        Sky().step([Track(1, flight(0, *A)), Track(7, flight(0, *B), up_sigma=sigma)], [])
