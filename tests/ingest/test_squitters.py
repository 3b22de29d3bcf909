"""Mode S frames and BaseStation lines become claims, with honest errors, and only where they can be."""

from __future__ import annotations

import numpy as np
import pytest
from tests.ingest.receivers import NOON_NS, check_cuts_and_snapshots, frames, geodetic, heard, reasons, site, undeclared

from luchtwacht.codecs.adsb import BeastFrame, SbsMessage, encode_beast, encode_sbs
from luchtwacht.codecs.adsb.cpr import position_bits
from luchtwacht.codecs.adsb.mode_s import (
    AirbornePosition,
    Content,
    EmergencyStatus,
    Identification,
    OperationalStatus,
    SurfacePosition,
    Velocity,
    encode_squitter,
)
from luchtwacht.ingest.claimed import INTERVAL_95, RADIUS_95
from luchtwacht.model import Category, ClaimKind, Format, Reason
from luchtwacht.units import FOOT, KNOT

BEAST, SBS = site(Format.BEAST), site(Format.SBS)


def beast(*contents: Content, address: str = "484C61", control: int | None = None) -> bytes:
    return b"".join(
        encode_beast(BeastFrame(0, 100, encode_squitter(address, content, control=control))) for content in contents
    )


def at(latitude: float, longitude: float, *, odd: bool, altitude_ft: int = 1_000, code: int = 11) -> AirbornePosition:
    bits = position_bits(latitude, longitude, odd=odd)
    return AirbornePosition(type_code=code, altitude_ft=altitude_ft, geometric=code >= 20, odd=odd, bits=bits)


def flight(count: int = 6) -> list[bytes]:
    """Flying east at 100 kt, a position a second; who it is and how well it knows come first."""
    first = beast(
        Identification(callsign="PHTST", category="A1"),
        OperationalStatus(version=2, nac_p=9, gva=2),
        Velocity(east_kt=100.0, north_kt=0.0, rate_ft_min=640, above_pressure_ft=150),
    )
    return [first] + [beast(at(52.1, 5.1 + number * 0.00075, odd=bool(number % 2))) for number in range(count)]


def test_an_even_and_an_odd_message_give_a_position_and_then_each_alone() -> None:
    found = heard(BEAST, frames(*flight()))
    assert found.rejections == ()
    claims = found.claims
    assert len(claims) == 5  # the first position waits for its other half
    place = geodetic(BEAST, claims)
    assert place[:, 0] == pytest.approx(52.1, abs=1e-4)
    assert place[:, 1] == pytest.approx([5.1 + number * 0.00075 for number in range(1, 6)], abs=2e-4)
    assert set(claims.kind.tolist()) == {ClaimKind.ADS_B}
    assert set(claims.aircraft_id.tolist()) == {"icao:484C61"}
    assert set(claims.callsign.tolist()) == {"PHTST"}
    assert set(claims.category.tolist()) == {Category.CREWED_AIRCRAFT}
    assert claims.velocity[0, :2] == pytest.approx([100.0 * KNOT, 0.0], abs=0.3)
    assert claims.pressure_altitude[0] == pytest.approx(1_000 * FOOT)
    assert place[0, 2] == pytest.approx(1_150 * FOOT, abs=2.0)  # the difference it sent makes it geometric
    assert claims.position_covariance[0, 0, 0] ** 0.5 == pytest.approx(30.0 / RADIUS_95, rel=0.01)
    assert claims.position_covariance[0, 2, 2] ** 0.5 == pytest.approx(45.0 / INTERVAL_95, rel=0.01)
    assert claims.time_ns.tolist() == claims.received_ns.tolist()


def test_without_its_own_accuracy_the_type_code_and_then_the_declaration_count() -> None:
    for code, sigma in ((11, 92.6 / RADIUS_95), (18, 50.0)):
        payloads = [beast(at(52.1, 5.1, odd=odd, code=code)) for odd in (False, True)]
        claims = heard(BEAST, frames(*payloads)).claims
        assert claims.position_covariance[0, 0, 0] ** 0.5 == pytest.approx(sigma, rel=0.01)


def test_pressure_is_never_taken_for_height() -> None:
    payloads = [beast(at(52.1, 5.1, odd=odd)) for odd in (False, True)]
    claims = heard(BEAST, frames(*payloads)).claims
    assert np.isnan(claims.position[0, 2])
    assert claims.pressure_altitude[0] == pytest.approx(1_000 * FOOT)
    geometric = [beast(at(52.1, 5.1, odd=odd, code=20)) for odd in (False, True)]
    claims = heard(BEAST, frames(*geometric)).claims
    assert geodetic(BEAST, claims)[0, 2] == pytest.approx(1_000 * FOOT, abs=1.0)
    assert np.isnan(claims.pressure_altitude[0])


def test_an_aircraft_that_jumps_is_refused_and_starts_anew() -> None:
    payloads = [*flight(4), beast(at(53.1, 5.1, odd=False)), *(beast(at(53.1, 5.1, odd=odd)) for odd in (True, False))]
    found = heard(BEAST, frames(*payloads))
    assert [reason for _, reason, _ in reasons(found)] == [Reason.IMPLAUSIBLE]
    assert len(found.claims) == 4
    assert geodetic(BEAST, found.claims)[-1, 0] == pytest.approx(53.1, abs=1e-3)


def test_a_pair_from_the_other_side_of_the_world_is_refused() -> None:
    found = heard(BEAST, frames(*(beast(at(-33.9, 151.2, odd=odd)) for odd in (False, True))))
    assert len(found.claims) == 0
    assert reasons(found) == [(2, Reason.IMPLAUSIBLE, "position")]


def test_halves_that_are_too_far_apart_in_time_make_no_position() -> None:
    payloads = [beast(at(52.1, 5.1, odd=odd)) for odd in (False, True)]
    assert len(heard(BEAST, frames(*payloads, apart_ns=11 * 10**9)).claims) == 0


def test_a_vehicle_on_the_ground_is_found_near_the_receiver() -> None:
    bits = position_bits(52.01, 5.01, odd=False, surface=True)
    payload = beast(SurfacePosition(type_code=6, ground_speed_kt=10.0, track_deg=90.0, odd=False, bits=bits))
    claims = heard(BEAST, frames(payload)).claims
    assert geodetic(BEAST, claims)[0, :2] == pytest.approx([52.01, 5.01], abs=1e-4)


def test_distress_is_claimed_by_status_and_by_squawk() -> None:
    for status, expected in (
        (EmergencyStatus(emergency=1, squawk="1234"), 1),
        (EmergencyStatus(emergency=0, squawk="7700"), 1),
        (EmergencyStatus(emergency=0, squawk="1234"), 0),
    ):
        payloads = [beast(status), *(beast(at(52.1, 5.1, odd=odd)) for odd in (False, True))]
        assert heard(BEAST, frames(*payloads)).claims.emergency.tolist() == [expected]


def test_an_address_that_is_none_of_icaos_is_kept_apart() -> None:
    payloads = [beast(at(52.1, 5.1, odd=odd), control=1) for odd in (False, True)]
    assert heard(BEAST, frames(*payloads)).claims.aircraft_id.tolist() == ["non-icao:484C61"]


def test_damaged_frames_and_noise_are_counted_and_cost_nothing_else() -> None:
    damaged = bytearray(encode_squitter("484C61", at(52.1, 5.1, odd=False)))
    damaged[6] ^= 1
    payloads = [
        encode_beast(BeastFrame(0, 0, bytes(damaged))) * 3,
        b"\x00noise" + flight()[1],
        flight()[2],
        flight()[1][:9],
    ]
    found = heard(BEAST, frames(*payloads))
    assert len(found.claims) == 1
    assert [(each.reason, each.count) for each in found.rejections] == [
        (Reason.MALFORMED, 3),
        (Reason.UNKNOWN_FORMAT, 1),
        (Reason.TRUNCATED, 1),
    ]


def test_base_station_lines_give_the_same_aircraft() -> None:
    def line(kind: int, **said: object) -> bytes:
        made = SbsMessage(transmission_type=kind, address="484C61", generated_ns=NOON_NS, **said)  # type: ignore[arg-type]
        return encode_sbs(made)

    payloads = [
        line(1, callsign="PHTST") + line(4, ground_speed_kt=100.0, track_deg=90.0, vertical_rate_ft_min=640.0),
        line(3, latitude_deg=52.1, longitude_deg=5.1, altitude_ft=1_000.0),
        b"MSG,3,broken\r\n",
        line(3, latitude_deg=55.1, longitude_deg=5.1, altitude_ft=1_000.0),
    ]
    found = heard(SBS, frames(*payloads))
    assert found.claims.callsign.tolist() == ["PHTST"]
    assert found.claims.velocity[0, :2] == pytest.approx([100.0 * KNOT, 0.0], abs=0.3)
    assert geodetic(SBS, found.claims)[0, :2] == pytest.approx([52.1, 5.1], abs=1e-5)
    assert [reason for _, reason, _ in reasons(found)] == [Reason.MALFORMED, Reason.IMPLAUSIBLE]
    assert found.claims.pressure_altitude[0] == pytest.approx(1_000 * FOOT)
    assert np.isnan(found.claims.position[:, 2]).all()


def test_cuts_and_snapshots_change_nothing() -> None:
    check_cuts_and_snapshots(BEAST, frames(*flight(), beast(at(54.0, 5.1, odd=False)), b"\x1a"))


def test_without_a_receiver_everything_is_refused() -> None:
    found = heard(undeclared(BEAST), frames(*flight(1)))
    assert [reason for _, reason, _ in reasons(found)] == [Reason.UNDECLARED_SENSOR] * 2
