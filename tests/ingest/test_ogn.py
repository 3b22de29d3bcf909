"""Lines of the Open Glider Network become claims, and who asks not to be tracked is not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.ingest.receivers import (
    NOON_NS,
    UNDULATION_M,
    check_cuts_and_snapshots,
    frames,
    geodetic,
    heard,
    reasons,
    site,
)

from luchtwacht.codecs.ogn import AircraftBeacon, encode_ogn
from luchtwacht.model import Category, Format, Reason
from luchtwacht.units import DAY_NS, FOOT, KNOT, SECOND_NS

OGN = site(Format.OGN)
GLIDER = AircraftBeacon(
    sender="FLRDDA5BA",
    time_of_day_s=NOON_NS % DAY_NS // SECOND_NS,
    latitude_deg=52.1,
    longitude_deg=5.1,
    track_deg=90,
    ground_speed_kt=50,
    altitude_ft=1_000,
    climb_ft_min=-200,
    address="DDA5BA",
    address_type=2,
    aircraft_type=1,
    horizontal_accuracy_m=20,
    vertical_accuracy_m=30,
)


def lines(*beacons: AircraftBeacon) -> bytes:
    return b"".join(map(encode_ogn, beacons))


def test_an_aircraft_is_claimed_with_its_accuracy_and_height_above_the_ellipsoid() -> None:
    found = heard(OGN, frames(lines(GLIDER)))
    assert found.rejections == ()
    claims = found.claims
    assert claims.aircraft_id.tolist() == ["flarm:DDA5BA"]
    assert claims.category.tolist() == [Category.CREWED_AIRCRAFT]
    assert geodetic(OGN, claims)[0] == pytest.approx([52.1, 5.1, 1_000 * FOOT + UNDULATION_M], abs=0.1)
    assert claims.velocity[0, 0] == pytest.approx(50 * KNOT, rel=0.01)
    assert claims.position_covariance[0, 0, 0] ** 0.5 == pytest.approx(20.0, rel=0.01)


@pytest.mark.parametrize("wish", [{"stealth": True}, {"no_track": True}])
def test_who_asks_not_to_be_tracked_is_counted_and_not_shown(wish: dict[str, bool]) -> None:
    found = heard(OGN, frames(lines(replace(GLIDER, **wish), GLIDER)))
    assert len(found.claims) == 1
    assert reasons(found) == [(1, Reason.PRIVATE, "id")]


def test_the_same_position_over_a_second_receiver_is_a_repetition() -> None:
    found = heard(OGN, frames(lines(GLIDER), lines(GLIDER)))
    assert len(found.claims) == 1
    assert reasons(found) == [(2, Reason.DUPLICATE, "position")]


def test_obstacles_old_positions_and_noise_are_refused() -> None:
    late = replace(GLIDER, address="111111", time_of_day_s=GLIDER.time_of_day_s - 60)
    tower = replace(GLIDER, address="222222", aircraft_type=15)
    found = heard(OGN, frames(lines(late), lines(tower), b"noise", b"# the server's remark"))
    assert len(found.claims) == 0
    assert [reason for _, reason, _ in reasons(found)] == [Reason.CLOCK, Reason.UNSUPPORTED, Reason.MALFORMED]


def test_a_time_before_midnight_heard_after_it_is_of_the_day_before() -> None:
    last = replace(GLIDER, time_of_day_s=86_399)
    midnight_ns = NOON_NS // DAY_NS * DAY_NS
    claims = heard(OGN, frames(lines(last), start_ns=midnight_ns + SECOND_NS)).claims
    assert claims.time_ns.tolist() == [midnight_ns - SECOND_NS]


def test_cuts_and_snapshots_change_nothing() -> None:
    moving = [replace(GLIDER, time_of_day_s=GLIDER.time_of_day_s + second) for second in (0, 0, 1, 2)]
    check_cuts_and_snapshots(OGN, frames(*map(encode_ogn, moving)))
