"""Network Remote ID becomes claims; the details of a flight name it from when they came."""

from __future__ import annotations

import pytest
from tests.codecs.remote_id.test_network import DETAILS, FLIGHT, STATE, details, flights
from tests.ingest.receivers import NOON_NS, check_cuts_and_snapshots, frames, geodetic, heard, reasons, site

from luchtwacht.ingest.claimed import RADIUS_95
from luchtwacht.model import Category, ClaimKind, Format, Reason, SensorKind
from luchtwacht.units import SECOND_NS

PROVIDER = site(Format.NETWORK_REMOTE_ID, kind=SensorKind.REMOTE_ID_RECEIVER)


def flown(second: int, **changed: object) -> bytes:
    state = STATE | {"timestamp": {"value": f"2026-05-03T10:00:{second:02}Z", "format": "RFC3339"}}
    return flights(FLIGHT | {"current_state": state} | changed)


def test_a_flight_is_claimed_and_named_once_its_details_came() -> None:
    found = heard(PROVIDER, frames(flown(0), details(DETAILS), flown(2)))
    assert found.rejections == ()
    claims = found.claims
    assert claims.aircraft_id.tolist() == ["session:flight1", "uas:1AKGAAN8G70R7JS"]
    assert claims.kind.tolist() == [ClaimKind.REMOTE_ID] * 2
    assert claims.operator_id.tolist() == ["", "NLDexample"]
    assert claims.time_ns.tolist() == [NOON_NS, NOON_NS + 2 * SECOND_NS]
    assert geodetic(PROVIDER, claims)[1] == pytest.approx([52.0, 5.0, 110.0], abs=1e-3)
    assert claims.velocity[1] == pytest.approx([12.5, 0.0, -1.5], abs=0.01)
    assert claims.pressure_altitude.tolist() == [65.0, 65.0]
    assert claims.position_covariance[1, 0, 0] ** 0.5 == pytest.approx(10.0 / RADIUS_95, rel=0.01)
    assert claims.category.tolist() == [Category.MULTIROTOR] * 2
    assert claims.pilot_position[1, 1] == pytest.approx(1_112, rel=0.01)


def test_a_state_that_was_given_is_not_given_again() -> None:
    found = heard(PROVIDER, frames(flown(0), flown(0)))
    assert len(found.claims) == 1
    assert reasons(found) == [(2, Reason.DUPLICATE, "current_state")]


def test_simulated_flights_are_kept_out_and_counted() -> None:
    found = heard(PROVIDER, frames(flown(0, simulated=True)))
    assert len(found.claims) == 0
    assert reasons(found) == [(1, Reason.SIMULATED, "simulated")]


def test_what_cannot_be_is_refused_with_the_field_and_the_value() -> None:
    late = flights(FLIGHT | {"current_state": STATE | {"timestamp": "2026-05-03T09:00:00Z"}})
    found = heard(PROVIDER, frames(flown(0, current_state=STATE | {"speed": -5.0}), b"503", late))
    assert reasons(found) == [
        (1, Reason.IMPLAUSIBLE, "current_state.speed"),
        (2, Reason.MALFORMED, "json"),
        (3, Reason.CLOCK, "current_state.timestamp"),
    ]
    assert "-5" in found.rejections[0].detail


def test_cuts_and_snapshots_change_nothing() -> None:
    check_cuts_and_snapshots(PROVIDER, frames(flown(0), details(DETAILS), flown(0), flown(2), flown(3)))
