import numpy as np
import pytest
from tests.identity.plain import RECEIVER, Said, Sky, Track, a_site, flight

from luchtwacht.identity.classification import LIKELIHOOD
from luchtwacht.model import Category, ClaimKind

PATH = ((100.0, 500.0, 80.0), (10.0, 0.0, 0.0))
UNSURE = (0.3, 0.1, 0.4, 0.15, 0.05)


def categories(category=UNSURE, **said) -> np.ndarray:
    sky = Sky()
    for second in range(4):
        x = flight(second, *PATH)
        sky.step([Track(1, x, category=category)], [Said("icao:484C61" if said.get("kind") else "uas:A", x, **said)])
    return sky.row(1)["category_probability"]


def test_remote_id_makes_a_drone():
    found = categories()
    assert found[Category.MULTIROTOR] + found[Category.FIXED_WING_DRONE] > 0.99


def test_ads_b_of_a_crewed_category_makes_a_crewed_aircraft():
    assert categories(kind=1, category=UNSURE)[Category.CREWED_AIRCRAFT] > 0.9
    sky = Sky()
    for second in range(4):
        x = flight(second, *PATH)
        said = Said("icao:484C61", x, kind=1, category=int(Category.CREWED_AIRCRAFT))
        sky.step([Track(1, x, category=UNSURE)], [said])
    assert sky.row(1)["category_probability"][Category.CREWED_AIRCRAFT] > 0.99


def test_a_sensor_that_is_sure_is_not_talked_out_of_it():
    """Rotor blades seen by micro-Doppler weigh more than an ADS-B transmitter's word."""
    found = categories((0.9985, 0.0005, 0.0005, 0.0004, 0.0001), kind=1)
    assert found[Category.CREWED_AIRCRAFT] < 0.6


def test_without_a_claim_nothing_changes():
    sky = Sky()
    sky.step([Track(1, flight(0, *PATH), category=UNSURE)], [])
    assert sky.row(1)["category_probability"] == pytest.approx(UNSURE)


def test_a_contradicted_claim_says_nothing():
    sky = Sky(a_site(RECEIVER))
    for _ in range(10):
        sky.step([], [Said("icao:484C61", (1500.0, 1500.0, 90.0, 60.0, 0.0, 0.0), kind=1, category=3)])
    assert sky.row(-1)["category_probability"] == pytest.approx([0.2] * 5)


def test_an_unknown_prior_is_no_opinion():
    found = categories((np.nan,) * 5)
    assert np.isfinite(found).all()
    assert found[Category.MULTIROTOR] + found[Category.FIXED_WING_DRONE] > 0.99


@pytest.mark.parametrize("kind", [ClaimKind.REMOTE_ID, ClaimKind.ADS_B])
def test_every_kind_has_a_likelihood_without_a_category(kind):
    assert (kind, -1) in LIKELIHOOD


def test_every_identity_is_a_distribution():
    for said in ({}, {"kind": 1}, {"kind": 2}):
        assert categories(**said).sum() == pytest.approx(1.0)
