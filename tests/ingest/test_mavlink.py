"""Telemetry of the own fleet becomes claims; a simulator's does not."""

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

from luchtwacht.codecs.mavlink import (
    BasicId,
    GlobalPosition,
    GpsRaw,
    Heartbeat,
    Location,
    Message,
    OperatorId,
    SystemTime,
    encode_mavlink,
    encode_packet,
)
from luchtwacht.ingest.claimed import RADIUS_95
from luchtwacht.model import Category, ClaimKind, Format, Reason, SensorKind
from luchtwacht.units import SECOND_NS

FLEET = site(Format.MAVLINK, kind=SensorKind.TELEMETRY)
NOBODY = bytes(20)
ALIVE = Heartbeat(kind=2, base_mode=0x81, status=4)
HERE = GlobalPosition(
    boot_ms=60_000,
    latitude_deg=52.01,
    longitude_deg=5.01,
    height_amsl_m=60.0,
    north_m_s=3.0,
    east_m_s=4.0,
    down_m_s=-1.0,
)
SERIAL = BasicId(about=NOBODY, id_type=1, ua_type=2, uas_id=b"1588E04FAKE000000001")
LOCATION = Location(
    about=NOBODY,
    latitude_deg=52.02,
    longitude_deg=5.02,
    pressure_altitude_m=None,
    height_m=110.0,
    after_hour_s=NOON_NS % (3_600 * SECOND_NS) / SECOND_NS,
    direction_deg=90.0,
    speed_m_s=5.0,
    climb_m_s=0.0,
    status=2,
    horizontal_accuracy=10,
    vertical_accuracy=5,
)


def packets(*messages: Message, system: int = 7) -> bytes:
    return b"".join(encode_packet(encode_mavlink(message, system=system)) for message in messages)


def test_a_position_is_claimed_under_its_serial_number_at_the_time_it_says() -> None:
    booted_us = (NOON_NS - 60 * SECOND_NS) // 1_000
    gps = GpsRaw(fix=3, horizontal_accuracy_m=1.5, vertical_accuracy_m=2.5)
    known = packets(
        ALIVE, SystemTime(unix_us=booted_us, boot_ms=0), gps, SERIAL, OperatorId(about=NOBODY, operator_id="NLDx")
    )
    found = heard(FLEET, frames(known, packets(HERE)))
    assert found.rejections == ()
    claims = found.claims
    assert claims.kind.tolist() == [ClaimKind.TELEMETRY]
    assert claims.aircraft_id.tolist() == ["uas:1588E04FAKE000000001"]
    assert claims.operator_id.tolist() == ["NLDx"]
    assert claims.time_ns.tolist() == [NOON_NS]
    assert claims.received_ns.tolist() == [NOON_NS + SECOND_NS]
    assert geodetic(FLEET, claims)[0] == pytest.approx([52.01, 5.01, 60.0 + UNDULATION_M], abs=1e-3)
    assert claims.velocity[0] == pytest.approx([4.0, 3.0, 1.0], abs=0.01)
    assert claims.position_covariance[0, 0, 0] ** 0.5 == pytest.approx(1.5, rel=0.01)
    assert claims.category.tolist() == [Category.MULTIROTOR]


def test_without_a_serial_number_the_system_is_the_name() -> None:
    assert heard(FLEET, frames(packets(HERE))).claims.aircraft_id.tolist() == ["mavlink:7"]


@pytest.mark.parametrize("mode", [0x20, 0x02])
def test_a_simulator_and_a_test_are_kept_out_and_counted(mode: int) -> None:
    simulated = packets(replace(ALIVE, base_mode=0x81 | mode))
    found = heard(FLEET, frames(simulated, packets(HERE), packets(HERE, system=8)))
    assert found.claims.aircraft_id.tolist() == ["mavlink:8"]
    assert reasons(found) == [(2, Reason.SIMULATED, "HEARTBEAT.base_mode")]


def test_who_only_sends_remote_id_is_claimed_by_it_and_nobody_twice() -> None:
    found = heard(FLEET, frames(packets(LOCATION)))
    assert geodetic(FLEET, found.claims)[0] == pytest.approx([52.02, 5.02, 110.0], abs=1e-3)
    assert found.claims.position_covariance[0, 0, 0] ** 0.5 == pytest.approx(10.0 / RADIUS_95, rel=0.01)
    both = heard(FLEET, frames(packets(HERE, LOCATION)))
    assert len(both.claims) == 1


def test_a_wrong_clock_an_unknown_place_and_noise_are_refused() -> None:
    wrong = SystemTime(unix_us=1, boot_ms=0)
    nowhere = replace(HERE, latitude_deg=0.0, longitude_deg=0.0)
    found = heard(FLEET, frames(packets(nowhere), packets(wrong, HERE), b"noise", packets(HERE)[:9]))
    assert len(found.claims) == 0
    assert [reason for _, reason, _ in reasons(found)] == [
        Reason.UNSUPPORTED,
        Reason.CLOCK,
        Reason.UNKNOWN_FORMAT,
        Reason.TRUNCATED,
    ]


def test_cuts_and_snapshots_change_nothing() -> None:
    check_cuts_and_snapshots(
        FLEET, frames(packets(ALIVE, SERIAL), packets(HERE), packets(LOCATION), packets(HERE), b"x")
    )
