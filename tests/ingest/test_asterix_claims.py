"""CAT021 and CAT129: what aircraft say, as claims and never as detections."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.ingest.asterix_sites import EARLY, PASSER, RADAR, STATION, asterix_site, message, receive
from tests.ingest.sites import NOON_NS

from luchtwacht.geodesy import LocalFrame
from luchtwacht.ingest import check_site
from luchtwacht.ingest.claimed import INTERVAL_95, RADIUS_95
from luchtwacht.model import Category, ClaimKind, Reason
from luchtwacht.units import DEGREE, FOOT

PLACE = {"I131_LAT": 52.01, "I131_LON": 5.01}


def adsb(**columns: object) -> bytes:
    return message(21, STATION, **(PLACE | {"I080": 0x484C61, "I040_ATP": 0} | columns))


def unmanned(**columns: object) -> bytes:
    known = {"I040": "1588E0420001", "I050": "NL", "I080_LAT": 52.01, "I080_LON": 5.01}
    return message(129, PASSER, **(known | columns))


def test_a_receiver_may_be_declared_at_an_asterix_source() -> None:
    check_site(asterix_site(), "site.toml")


def test_an_adsb_report_is_a_claim_with_heights_kept_apart() -> None:
    report = adsb(I140=1000.0, I145=9.0, I170="KLM123", I160_GS=100.0 / 3600, I160_TA=90.0, I157_GVR=-600.0, I200_PS=0)
    taken = receive(report)
    claims = taken.claims
    assert len(taken.detections) == 0
    assert claims.aircraft_id.tolist() == ["icao:484C61"]
    assert claims.kind.tolist() == [ClaimKind.ADS_B]
    assert claims.sensor.tolist() == [STATION]
    assert claims.callsign.tolist() == ["KLM123"]
    frame = LocalFrame(*asterix_site().origin.geodetic)
    assert claims.position[0] == pytest.approx(frame.to_enu([52.01 * DEGREE, 5.01 * DEGREE, 1000.0 * FOOT]), abs=0.1)
    assert claims.pressure_altitude.tolist() == pytest.approx([900.0 * FOOT])
    assert claims.velocity[0] == pytest.approx([51.44, 0.0, -3.05], abs=0.1)
    assert claims.time_ns.tolist() == [NOON_NS]
    assert claims.emergency.tolist() == [0]


@pytest.mark.parametrize("edition", EARLY)
def test_a_station_that_sends_an_early_edition_says_the_same(edition: str) -> None:
    said = {"I080": 0x484C61, "I130_LAT": 52.01, "I130_LON": 5.01, "I140": 1000.0, "I170": "KLM123", "I020": 13}
    said |= {"I160_GS": 100.0 / 3600, "I160_TA": 90.0, "I155": -600.0, "I200": 5, "I040_ATP": 1}
    source = replace(asterix_site().sources[0], editions={"021": edition})
    taken = receive(message(21, STATION, edition=edition, **said), sources=(source,))
    claims, declared = taken.claims, asterix_site().sensors[STATION]
    assert (claims.aircraft_id.tolist(), claims.callsign.tolist()) == (["icao:484C61"], ["KLM123"])
    frame = LocalFrame(*asterix_site().origin.geodetic)
    assert claims.position[0] == pytest.approx(frame.to_enu([52.01 * DEGREE, 5.01 * DEGREE, 1000.0 * FOOT]), abs=1.0)
    assert np.sqrt(claims.position_covariance[0, 0, 0]) == pytest.approx(declared.position_sigma_m, rel=1e-3)
    assert claims.velocity[0] == pytest.approx([51.44, 0.0, -3.05], abs=0.1)
    assert (claims.time_ns.tolist(), claims.emergency.tolist()) == ([NOON_NS], [1])
    assert claims.category.tolist() == [Category.FIXED_WING_DRONE]
    not_unique = message(21, STATION, edition=edition, **(said | {"I040_ATP": 0}))
    assert receive(not_unique, sources=(source,)).claims.aircraft_id.tolist() == ["non-icao:484C61"]
    test = message(21, STATION, edition=edition, **(said | {"I040_TST": 1}))
    assert [each.reason for each in receive(test, sources=(source,)).rejections] == [Reason.SIMULATED]


def test_a_pressure_altitude_alone_leaves_the_height_unknown() -> None:
    claims = receive(adsb(I145=100.0)).claims
    assert np.isnan(claims.position[0, 2])
    assert np.isnan(claims.position_covariance[0, 2, 2])
    assert claims.pressure_altitude[0] == pytest.approx(10_000.0 * FOOT)


def test_accuracy_comes_from_the_quality_indicators_where_the_version_has_them() -> None:
    quality = {"I140": 1000.0, "I090_NACP": 9, "I090_GVA": 2, "I090_SIL": 3}
    covariance = receive(adsb(**quality, I210_VN=2)).claims.position_covariance[0]
    assert np.sqrt(np.diag(covariance)) == pytest.approx(
        [30.0 / RADIUS_95, 30.0 / RADIUS_95, 45.0 / INTERVAL_95], rel=1e-3
    )
    old = receive(adsb(**quality, I210_VN=0)).claims.position_covariance[0]
    assert np.sqrt(old[0, 0]) == pytest.approx(asterix_site().sensors[STATION].position_sigma_m, rel=1e-3)


@pytest.mark.parametrize(
    ("emitter", "category"),
    [(3, Category.CREWED_AIRCRAFT), (10, Category.CREWED_AIRCRAFT), (13, Category.FIXED_WING_DRONE), (21, 4), (0, -1)],
)
def test_emitter_categories_are_translated(emitter: int, category: int) -> None:
    assert receive(adsb(I020=emitter)).claims.category.tolist() == [category]


@pytest.mark.parametrize(
    ("said", "emergency"),
    [({"I200_PS": 1}, 1), ({"I200_PS": 2}, 0), ({"I070_MODE3A": 0o7700}, 1), ({"I070_MODE3A": 0o1000}, -1), ({}, -1)],
)
def test_distress_is_read_from_status_or_code(said: dict[str, int], emergency: int) -> None:
    assert receive(adsb(**said)).claims.emergency.tolist() == [emergency]


def test_an_anonymous_address_is_nobody_s() -> None:
    assert receive(adsb(I040_ATP=3)).claims.aircraft_id.tolist() == ["non-icao:484C61"]


def test_speeds_beyond_the_range_of_the_item_are_unknown() -> None:
    velocity = receive(adsb(I160_RE=1, I160_GS=0.1, I160_TA=0.0, I155_BVR=600.0)).claims.velocity[0]
    assert np.isnan(velocity[:2]).all()
    assert velocity[2] == pytest.approx(3.05, abs=0.1)


@pytest.mark.parametrize("mark", ["I040_SIM", "I040_TST", "I040_RAB"])
def test_simulated_aircraft_are_kept_out(mark: str) -> None:
    taken = receive(adsb(**{mark: 1}))
    assert len(taken.claims) == 0
    assert [each.reason for each in taken.rejections] == [Reason.SIMULATED]


def test_a_report_without_a_place_or_an_address_is_counted() -> None:
    nowhere = {"I131_LAT": np.nan, "I131_LON": np.nan}
    taken = receive(adsb(**nowhere), adsb(I080=-1), adsb(**nowhere, I130_LAT=52.0, I130_LON=5.0))
    assert taken.claims.id.tolist() == [3 * 65_536]
    assert [(each.frame, each.reason) for each in taken.rejections] == [
        (1, Reason.UNSUPPORTED),
        (2, Reason.UNSUPPORTED),
    ]


def test_a_claim_with_a_wrong_clock_is_refused() -> None:
    taken = receive(adsb(I073=40_000.0))
    assert len(taken.claims) == 0
    assert [each.reason for each in taken.rejections] == [Reason.CLOCK]


def test_claims_from_a_radar_are_refused_by_its_name() -> None:
    taken = receive(message(21, RADAR, **PLACE, I080=0x484C61))
    assert len(taken.claims) == 0
    ((refused,)) = taken.rejections
    assert refused.reason == Reason.UNDECLARED_SENSOR
    assert "radar_2d" in refused.detail
    assert "ads_b_receiver" in refused.detail


def test_an_unmanned_aircraft_is_known_by_its_serial_number() -> None:
    report = unmanned(I090=120.0, I100=70.0, I110=4.0, I185_VX=3.0, I185_VY=-4.0, I220=1.5)
    claims = receive(report).claims
    assert claims.aircraft_id.tolist() == ["uas:1588E0420001"]
    assert claims.kind.tolist() == [ClaimKind.TELEMETRY]
    frame = LocalFrame(*asterix_site().origin.geodetic)
    above_ellipsoid = 120.0 + asterix_site().geoid_undulation_m
    assert claims.position[0] == pytest.approx(frame.to_enu([52.01 * DEGREE, 5.01 * DEGREE, above_ellipsoid]), abs=0.1)
    assert claims.velocity[0] == pytest.approx([3.0, -4.0, 1.5], abs=0.01)
    assert np.sqrt(claims.position_covariance[0, 0, 0]) == pytest.approx(4.0, rel=1e-3)
    assert np.isnan(claims.pressure_altitude[0])


def test_a_height_above_the_ground_stands_on_the_site_s_ground() -> None:
    above_ground = receive(unmanned(I100=70.0)).claims.position[0, 2]
    above_sea = receive(unmanned(I090=71.0)).claims.position[0, 2]
    assert above_ground == pytest.approx(above_sea, abs=0.01)
    assert np.isnan(receive(unmanned()).claims.position[0, 2])


def test_a_report_without_a_serial_number_is_counted() -> None:
    taken = receive(unmanned(I040="", I020="ABC"))
    assert len(taken.claims) == 0
    assert [(each.reason, each.item) for each in taken.rejections] == [(Reason.UNSUPPORTED, "I129/040")]


def test_a_source_without_a_clock_takes_the_receipt_for_claims_too() -> None:
    site = asterix_site()
    taken = receive(adsb(I073=1.0), sources=(replace(site.sources[0], use_receive_time=True),))
    assert taken.claims.time_ns.tolist() == [NOON_NS]
