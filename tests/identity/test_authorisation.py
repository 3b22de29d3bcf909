from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.identity.plain import RECEIVER, START_NS, Said, Sky, Track, a_radar, a_site, flight

from luchtwacht.errors import BadCommand, BadConfiguration
from luchtwacht.identity.authorisation import BY_MOTION, BY_MOTION_NAMED, UNCHECKED
from luchtwacht.model import (
    Authorisation,
    AuthorisationState,
    Circle,
    ClaimVerdict,
    Restriction,
    Volume,
    Zone,
)
from luchtwacht.units import ns_to_datetime

PATH = ((100.0, 200.0, 80.0), (5.0, 0.0, 0.0))
NOW = ns_to_datetime(START_NS)
HERE = Volume(circle=Circle(latitude=52.0, longitude=5.0, radius=800.0), upper=150.0)
AWAY = Volume(circle=Circle(latitude=52.05, longitude=5.0, radius=500.0), upper=150.0)
ZONE = Zone(id="zone", name="", restriction=Restriction.PROHIBITED, volumes=(HERE,))
PERMIT = Authorisation(
    id="permit",
    state=AuthorisationState.GRANTED,
    zones=("zone",),
    start=NOW - timedelta(hours=1),
    end=NOW + timedelta(hours=1),
    aircraft=("uas:A",),
)


def flown(
    *permits: Authorisation, seconds: int = 4, says: str | None = "uas:A", tracks: int = 1, path=PATH, **said
) -> Sky:
    sky = Sky(a_site(authorisations=permits, zones=(ZONE,)))
    for second in range(seconds):
        x = flight(second, *path)
        others = [flight(second, (-300.0, -100.0 * n, 60.0), (3.0, 0.0, 0.0)) for n in range(1, tracks)]
        claims = [Said(says, x, **said)] if says else []
        sky.step([Track(n + 1, each) for n, each in enumerate([x, *others])], claims)
    return sky


def match(sky: Sky, track: int = 1) -> tuple[str, float]:
    row = sky.row(track)
    return str(row["authorisation"]), float(row["authorisation_probability"])


def test_the_named_aircraft_flies_under_it():
    name, probability = match(flown(PERMIT))
    assert name == "permit"
    assert probability > 0.9


@pytest.mark.parametrize("state", [AuthorisationState.GRANTED, AuthorisationState.ACTIVATED])
def test_granted_and_activated_count(state):
    assert match(flown(replace(PERMIT, state=state)))[1] > 0.9


@pytest.mark.parametrize(
    "change",
    [
        {"state": AuthorisationState.REQUESTED},
        {"state": AuthorisationState.ENDED},
        {"state": AuthorisationState.WITHDRAWN},
        {"start": NOW + timedelta(minutes=1)},
        {"end": NOW - timedelta(minutes=1)},
        {"volumes": (AWAY,)},
        {"aircraft": ("uas:B",), "volumes": (AWAY,)},
        {"aircraft": (), "operator_id": "NLDother", "volumes": (AWAY,)},
    ],
)
def test_another_state_time_place_or_name_does_not(change):
    assert match(flown(replace(PERMIT, **change), operator_id="NLDabc")) == ("", 0.0)


@pytest.mark.parametrize(
    ("granted", "said"),
    [("NLDabc", "NLDabc"), ("NLD87astrdge12k8-xyz", "NLD87astrdge12k8"), ("nldabc", "NLDABC-123")],
)
def test_an_operator_is_known_without_the_secret_part(granted, said):
    permit = replace(PERMIT, aircraft=(), operator_id=granted)
    assert match(flown(permit, says="uas:OTHER", operator_id=said))[1] > 0.9


def test_naming_an_aircraft_the_operator_alone_is_not_enough():
    permit = replace(PERMIT, operator_id="NLDabc")
    assert match(flown(permit, says="uas:OTHER", operator_id="NLDabc")) == ("", 0.0)


def test_a_contradicted_claim_is_never_matched():
    sky = Sky(a_site(a_radar(), RECEIVER, authorisations=(PERMIT,), zones=(ZONE,)))
    probabilities = []
    for second in range(30):
        tracks = [Track(1, flight(second, (3000.0, 0.0, 90.0), (5.0, 0.0, 0.0)))]
        sky.step(tracks, [Said("uas:A", flight(second, (200.0, 400.0, 120.0), (5.0, 0.0, 0.0)))])
        if -1 in sky.identities.track and sky.row(-1)["claim_verdict"] == ClaimVerdict.CONTRADICTED:
            probabilities.append(match(sky, -1))
    assert len(probabilities) > 10
    assert set(probabilities) == {("", 0.0)}


def test_a_claim_that_nothing_can_check_is_believed_in_part():
    sky = Sky(a_site(RECEIVER, authorisations=(PERMIT,), zones=(ZONE,)))
    for second in range(3):
        sky.step([], [Said("uas:A", flight(second, *PATH))])
    assert match(sky, -1) == ("permit", pytest.approx(UNCHECKED))


def test_one_id_on_two_tracks_shares_the_permission():
    sky = Sky(a_site(authorisations=(PERMIT,), zones=(ZONE,)))
    other = ((-2500.0, 0.0, 80.0), (5.0, 0.0, 0.0))
    for second in range(6):
        one, two = flight(second, *PATH), flight(second, *other)
        said = [Said("uas:A", one, transmitter="mac:1"), Said("uas:A", two, transmitter="mac:2")]
        sky.step([Track(1, one), Track(2, two)], said)
    assert max(match(sky, 1)[1], match(sky, 2)[1]) <= 0.5


def test_by_motion_alone_a_nameless_permission_is_believed_in_part():
    permit = replace(PERMIT, aircraft=())
    assert match(flown(permit, says=None)) == ("permit", pytest.approx(BY_MOTION))


def test_and_shared_among_all_who_may_be_meant():
    permit = replace(PERMIT, aircraft=())
    sky = flown(permit, says=None, tracks=3)
    assert [match(sky, track)[1] for track in (1, 2, 3)] == pytest.approx([BY_MOTION / 3] * 3)


def test_a_permission_that_names_somebody_is_hardly_matched_by_motion():
    assert BY_MOTION_NAMED <= 0.3
    for permit in (PERMIT, replace(PERMIT, volumes=(HERE,)), replace(PERMIT, aircraft=(), operator_id="NLDabc")):
        assert match(flown(permit, says=None)) == ("permit", pytest.approx(BY_MOTION_NAMED))


def test_nor_left_over_when_the_named_one_is_there():
    sky = flown(PERMIT, tracks=2)
    assert match(sky, 1)[1] > 0.9
    assert match(sky, 2)[1] < 0.03


def test_who_says_another_name_is_not_matched_by_motion():
    assert match(flown(PERMIT, says="uas:OTHER")) == ("", 0.0)


def test_motion_means_there_all_the_time():
    permit = replace(PERMIT, aircraft=(), volumes=(HERE,))
    incoming = ((-1200.0, 0.0, 80.0), (30.0, 0.0, 0.0))
    assert match(flown(permit, says=None, path=incoming, seconds=25)) == ("", 0.0)  # by then it is inside


def test_a_zone_put_while_running_gives_a_permission_its_place():
    permit = replace(PERMIT, aircraft=(), zones=("event",))
    sky = Sky(a_site(authorisations=(permit,)))
    sky.step([Track(1, flight(0, *PATH))], [])
    assert match(sky) == ("", 0.0)
    sky.correlator.put_zone(replace(ZONE, id="event"))
    sky.step([Track(2, flight(1, *PATH))], [])
    assert match(sky, 2)[0] == "permit"
    sky.correlator.withdraw_zone("event")
    sky.step([Track(3, flight(2, *PATH))], [])
    assert match(sky, 3) == ("", 0.0)


def test_the_runner_up_is_named():
    second = replace(PERMIT, id="second", aircraft=(), zones=("zone",))
    row = flown(PERMIT, second).row(1)
    assert (row["authorisation"], row["authorisation_runner_up"]) == ("permit", "second")
    assert 0.0 < row["authorisation_runner_up_probability"] <= BY_MOTION


def test_permissions_come_and_go_while_running():
    sky = flown()
    assert match(sky) == ("", 0.0)
    sky.correlator.put_authorisation(PERMIT)
    sky.step([Track(1, flight(4, *PATH))], [Said("uas:A", flight(4, *PATH))])
    assert match(sky)[0] == "permit"
    sky.correlator.withdraw_authorisation("permit")
    sky.step([Track(1, flight(5, *PATH))], [Said("uas:A", flight(5, *PATH))])
    assert match(sky) == ("", 0.0)
    with pytest.raises(BadCommand, match="no authorisation 'permit'"):
        sky.correlator.withdraw_authorisation("permit")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id": ""}, "1 to 40"),
        ({"id": "x" * 41}, "1 to 40"),
        ({"start": datetime(2026, 1, 1)}, "no time zone"),
        ({"end": datetime(2020, 1, 1, tzinfo=UTC)}, "before it starts"),
        ({"volumes": (Volume(),)}, "just one of circle and polygon"),
    ],
)
def test_a_permission_that_cannot_be_is_refused(change, words):
    with pytest.raises(BadConfiguration, match=words):
        Sky().correlator.put_authorisation(replace(PERMIT, **change))


def test_two_permissions_of_one_id_are_refused():
    with pytest.raises(BadConfiguration, match="two authorisations"):
        Sky(a_site(authorisations=(PERMIT, PERMIT)))
