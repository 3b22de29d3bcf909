import numpy as np
import pytest
from tests.identity.plain import RECEIVER, Said, Sky, Track, a_radar, a_site, flight

from luchtwacht.model import Basis, ClaimVerdict, SensorKind, TrackStatus

REAL = ((100.0, 500.0, 80.0), (10.0, 0.0, 0.0))
GHOST = ((1500.0, 1500.0, 400.0), (8.0, 0.0, 0.0))
UP = np.array([True, True])


def verdicts(
    sky: Sky, seconds: int, path=GHOST, *, tracks=(REAL,), sensors_up=None, every: int = 1, **said
) -> list[int]:
    """The verdict on a claimed flight, second by second; -1 while it has no identity."""
    found = []
    for _ in range(seconds):
        now = sky.seconds
        claims = [Said("uas:GHOST", flight(now, *path), **said)] if now % every == 0 else []
        sky.step([Track(n + 1, flight(now, *each)) for n, each in enumerate(tracks)], claims, sensors_up)
        own = np.flatnonzero(sky.identities.track < 0)
        found.append(int(sky.identities.claim_verdict[own[0]]) if len(own) else -1)
    return found


def test_a_ghost_where_a_radar_looks_is_contradicted_within_seconds_and_stays_so():
    found = verdicts(Sky(), 40)
    assert found[0] == -1  # one claim makes no track
    assert found[1] == ClaimVerdict.UNCHECKED
    assert ClaimVerdict.CONTRADICTED in found[:12]
    assert set(found[12:]) == {ClaimVerdict.CONTRADICTED}


def test_a_real_drone_is_never_contradicted():
    rng = np.random.default_rng(2)
    sky = Sky()
    for second in range(60):
        x = flight(second, *REAL)
        said = tuple(np.array(x) + np.concatenate([rng.normal(0, 8, 3), rng.normal(0, 1, 3)]))
        sky.step([Track(1, x)], [Said("uas:REAL", said)])
        assert sky.row(1)["claim_verdict"] == ClaimVerdict.CONSISTENT
    assert len(sky.claimed) == 0


@pytest.mark.parametrize(
    ("sensor", "path"),
    [
        ({"range_max_m": 2000.0}, GHOST),  # too far
        ({"range_min_m": 3000.0}, GHOST),  # too near
        ({"elevation_min_deg": 15.0}, GHOST),  # too low
        ({"elevation_max_deg": 5.0}, GHOST),  # too high
        ({"azimuth_from_deg": 90.0, "azimuth_to_deg": 300.0}, GHOST),  # behind its back
        ({"blind_speed_m_s": 12.0}, GHOST),  # too slow for its Doppler filter
        ({"range_max_m": np.inf}, GHOST),  # declares nothing
        ({"kind": SensorKind.RF_LOCATOR}, GHOST),  # hears the liar himself
        ({"kind": SensorKind.RF_DIRECTION_FINDER}, GHOST),
        ({}, ((1500.0, 1500.0, np.nan), (8.0, 0.0, np.nan))),  # no height is claimed
        ({"elevation_min_deg": -90.0}, ((1500.0, 1500.0, 5.0), (8.0, 0.0, 0.0))),  # on or near the ground
    ],
)
def test_without_a_radar_that_must_see_it_a_claim_is_unchecked(sensor, path):
    sky = Sky(a_site(a_radar(**sensor), RECEIVER))
    assert set(verdicts(sky, 40, path)[1:]) == {ClaimVerdict.UNCHECKED}


@pytest.mark.parametrize(
    "sensor",
    [
        {"azimuth_from_deg": 300.0, "azimuth_to_deg": 450.0},  # the sector runs through north
        {"azimuth_from_deg": 30.0, "azimuth_to_deg": 60.0},
        {"blind_speed_m_s": 2.0},
        {"kind": SensorKind.RADAR_2D, "elevation_min_deg": -90.0, "elevation_max_deg": 90.0},
    ],
)
def test_with_one_that_must_it_is_contradicted(sensor):
    assert verdicts(Sky(a_site(a_radar(**sensor), RECEIVER)), 40)[-1] == ClaimVerdict.CONTRADICTED


def test_a_radar_that_is_down_contradicts_nobody():
    assert set(verdicts(Sky(), 40, sensors_up=np.array([False, True]))[1:]) == {ClaimVerdict.UNCHECKED}


def test_a_radar_that_sees_nothing_at_all_is_not_known_to_be_up():
    assert set(verdicts(Sky(), 40, tracks=())[1:]) == {ClaimVerdict.UNCHECKED}


def test_and_contradicts_when_it_is_said_to_be_up():
    assert verdicts(Sky(), 40, tracks=(), sensors_up=UP)[-1] == ClaimVerdict.CONTRADICTED


def test_a_slow_radar_needs_more_time():
    slow = verdicts(Sky(a_site(a_radar(period_s=4.0), RECEIVER)), 60)
    quick = verdicts(Sky(), 60)
    assert slow.index(ClaimVerdict.CONTRADICTED) > 3 * quick.index(ClaimVerdict.CONTRADICTED)


def test_a_young_track_at_the_place_holds_the_verdict_back():
    sky = Sky()
    for second in range(40):
        x = flight(second, *GHOST)
        sky.step([Track(1, flight(second, *REAL)), Track(2, x, status=TrackStatus.TENTATIVE)], [Said("uas:G", x)])
        assert ClaimVerdict.CONTRADICTED not in sky.identities.claim_verdict


def test_a_contradicted_claim_is_consistent_again_when_a_track_appears():
    sky = Sky()
    verdicts(sky, 20)
    for _ in range(3):
        x = flight(sky.seconds, *GHOST)
        sky.step([Track(5, x)], [Said("uas:GHOST", x)])
    assert sky.row(5)["claim_verdict"] == ClaimVerdict.CONSISTENT
    assert (sky.claimed.status == TrackStatus.TERMINATED).all()


def test_claims_that_leap_about_are_contradicted_without_any_radar():
    sky = Sky(a_site(RECEIVER))
    rng = np.random.default_rng(5)
    for _ in range(10):
        place = (*rng.uniform(-4000, 4000, 2), 80.0, 5.0, 0.0, 0.0)
        sky.step([], [Said("uas:LEAP", place, transmitter="mac:1")])
    assert sky.identities.claim_verdict.tolist() == [ClaimVerdict.CONTRADICTED]
    assert sky.identities.aircraft_id.tolist() == ["uas:LEAP"]


def test_one_leap_is_forgiven():
    sky = Sky(a_site(RECEIVER))
    for second in range(10):
        start = GHOST[0] if second else (0.0, 0.0, 0.0)  # a first fix far off
        sky.step([], [Said("uas:A", flight(second, start, GHOST[1]), transmitter="mac:1")])
    assert sky.identities.claim_verdict.tolist() == [ClaimVerdict.UNCHECKED]


def test_a_frozen_place_with_a_claimed_speed_is_contradicted():
    sky = Sky(a_site(RECEIVER))
    for _ in range(10):
        sky.step([], [Said("uas:ICE", (1500.0, 1500.0, 90.0, 12.0, 0.0, 0.0))])
    assert sky.identities.claim_verdict.tolist() == [ClaimVerdict.CONTRADICTED]


def test_getting_further_than_one_claims_to_fly_is_contradicted():
    sky = Sky(a_site(RECEIVER))
    for second in range(16):
        said = Said("uas:STRIDE", (70.0 * second, 0.0, 90.0, 1.0, 0.0, 0.0))
        sky.step([], [said] if second % 3 == 0 else [])
    assert sky.identities.claim_verdict.tolist() == [ClaimVerdict.CONTRADICTED]


@pytest.mark.parametrize("speed", [3.0, 15.0, 40.0])
def test_hard_manoeuvres_are_no_lie(speed):
    """A square flown with turns on the spot, once a second."""
    sky = Sky(a_site(RECEIVER))
    place = np.array([500.0, 500.0, 90.0])
    for second in range(40):
        turn = second // 5 * np.pi / 2.0
        velocity = speed * np.array([np.cos(turn), np.sin(turn), 0.0])
        place = place + velocity
        sky.step([], [Said("uas:SQUARE", (*place, *velocity))])
        assert ClaimVerdict.CONTRADICTED not in sky.identities.claim_verdict


def test_hovering_is_no_lie():
    sky = Sky(a_site(RECEIVER))
    for _ in range(30):
        sky.step([], [Said("uas:HOVER", (1500.0, 1500.0, 90.0, 0.0, 0.0, 0.0))])
    assert sky.identities.claim_verdict.tolist() == [ClaimVerdict.UNCHECKED]


def test_of_two_places_with_one_id_the_one_without_a_track_is_contradicted():
    """A copied serial number: the real drone keeps its name, the copy is named a lie, without any coverage."""
    sky = Sky(a_site(a_radar(range_max_m=np.inf), RECEIVER))
    for second in range(8):
        sky.step(
            [Track(1, flight(second, *REAL))],
            [
                Said("uas:SAME", flight(second, *REAL), transmitter="mac:1"),
                Said("uas:SAME", flight(second, *GHOST), transmitter="mac:2"),
            ],
        )
    assert sky.row(1)["claim_verdict"] == ClaimVerdict.CONSISTENT
    assert sky.row(-1)["claim_verdict"] == ClaimVerdict.CONTRADICTED
    assert sky.row(-1)["aircraft_id"] == "uas:SAME"


def test_one_drone_on_two_radios_is_one_aircraft():
    sky = Sky(a_site(RECEIVER))
    for second in range(6):
        x = flight(second, *GHOST)
        sky.step([], [Said("uas:SAME", x, transmitter="mac:wifi"), Said("uas:SAME", x, transmitter="mac:bluetooth")])
    assert sky.claimed.track.tolist() == [-1]
    assert sky.identities.claim_verdict.tolist() == [ClaimVerdict.UNCHECKED]


def test_serial_and_session_id_of_one_transmitter_are_one_aircraft():
    sky = Sky()
    for second in range(6):
        x = flight(second, *REAL)
        ids = ["mac:1", "session:77", "uas:SERIAL"]
        sky.step([Track(1, x)], [Said(name, x, transmitter="mac:1") for name in ids])
    row = sky.row(1)
    assert (row["aircraft_id"], row["runner_up"]) == ("uas:SERIAL", "")
    assert row["probability"] > 0.9
    assert len(sky.claimed) == 0


def test_a_swarm_from_one_transmitter_is_as_many_ghosts():
    sky = Sky()
    for second in range(30):
        claims = [
            Said(
                f"uas:{n:02}", flight(second, (1500.0 + 40.0 * n, 1500.0, 400.0), (8.0, 0.0, 0.0)), transmitter="mac:1"
            )
            for n in range(20)
        ]
        sky.step([Track(1, flight(second, *REAL))], claims)
    assert len(sky.claimed) == 20
    assert sky.identities.claim_verdict.tolist() == [ClaimVerdict.CONTRADICTED] * 20 + [ClaimVerdict.NONE]


def test_a_claimed_track_lives_by_its_claims():
    sky = Sky(a_site(RECEIVER))
    statuses = []
    for second in range(25):
        sky.step([], [Said("uas:A", flight(second, *GHOST))] if second < 4 else [])
        statuses.append([TrackStatus(each).name for each in sky.claimed.status])
    confirmed, coasted = [["CONFIRMED"]] * 8, [["COASTED"]] * 10
    assert statuses == [["TENTATIVE"], *confirmed, *coasted, ["TERMINATED"], *([[]] * 5)]


def test_a_claimed_track_is_what_was_claimed():
    sky = Sky(a_site(RECEIVER))
    for second in range(3):
        sky.step([], [Said("uas:A", flight(second, *GHOST), sigma=7.0)])
    (track,) = sky.claimed.track.tolist()
    assert (track, sky.claimed.basis[0], sky.claimed.sensors[0]) == (-1, Basis.CLAIMED, 0b10)
    assert sky.claimed.x[0] == pytest.approx(flight(2, *GHOST))
    assert sky.claimed.P[0, 0, 0] == pytest.approx(49.0)
    assert (sky.used.track.tolist(), sky.used.detection.tolist(), sky.used.probability.tolist()) == ([-1], [3], [1.0])
    assert sky.row(-1)["probability"] == 1.0
    sky.step([], [])
    assert sky.claimed.x[0] == pytest.approx(flight(3, *GHOST))
    assert sky.claimed.P[0, 0, 0] > 49.0
    np.linalg.cholesky(sky.claimed.P[0])


def test_a_height_that_was_not_claimed_shows_as_unknown():
    sky = Sky(a_site(RECEIVER))
    sky.step([], [Said("uas:A", (0.0, 0.0, np.nan, 5.0, 0.0, np.nan), pressure_altitude=700.0)])
    assert sky.claimed.x[0, 2] == 0.0  # the ground, not the pressure altitude
    assert sky.claimed.P[0, 2, 2] >= 1e6
    assert np.isfinite(sky.claimed.P).all()


def test_numbers_of_claimed_tracks_are_never_used_again():
    sky, seen = Sky(a_site(RECEIVER)), []
    for second in range(80):
        sky.step([], [Said("uas:A", flight(second, *GHOST))] if second % 40 < 3 else [])
        seen += [
            (track, status == TrackStatus.TERMINATED)
            for track, status in zip(sky.claimed.track.tolist(), sky.claimed.status.tolist(), strict=True)
        ]
    assert sorted({track for track, _ in seen}) == [-2, -1]
    assert seen.count((-1, True)) == 1


def test_memory_is_bounded_by_what_goes_on():
    sky = Sky(a_site(RECEIVER))
    for second in range(200):
        sky.step([], [Said(f"uas:{second}", (float(second), 0.0, 50.0, 0.0, 0.0, 0.0), transmitter=f"mac:{second}")])
    stories = list(sky.correlator._stories)
    assert len(stories) <= 61
    assert len(sky.correlator._stories._by_id) == len(sky.correlator._stories._by_transmitter) == len(stories)
