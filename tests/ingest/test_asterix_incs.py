"""CAT015: what a drone radar measured, with the errors it states, and never twice."""

from __future__ import annotations

from math import radians, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ingest.asterix_sites import AWAY, DRONE_RADAR, asterix_site, message, receive
from tests.ingest.sites import NOON_NS

from luchtwacht.codecs.asterix import Ragged, encode
from luchtwacht.geodesy import LocalFrame, enu_to_polar
from luchtwacht.model import Geometry, Reason
from luchtwacht.units import DEGREE

POLAR = {"I625_R": 2500.0, "I627_AZ": 200.0, "I628_EL": 4.0, "I626_DV": -8.0}
ERRORS = {"I625_SDR": 3.0, "I627_SDASZ": 0.4, "I628_SDEL": 0.6, "I626_SDDV": 0.25}
PLACE = {"I600_P84_LATITUDE": 52.01, "I600_P84_LONGITUDE": 5.01}


def report(**columns: object) -> bytes:
    return message(15, DRONE_RADAR, **({"I000_MT": 3, "I020_MOMU": 0} | columns))


def test_range_azimuth_elevation_and_doppler_come_with_their_stated_errors() -> None:
    taken = receive(report(**POLAR, **ERRORS, I161=12, I630_RPS=18))
    (z,), (R,) = taken.detections.z, taken.detections.R
    assert z == pytest.approx([2500.0, radians(200.0), radians(4.0), -8.0], abs=1e-4)
    assert np.sqrt(np.diag(R)) == pytest.approx([3.0, radians(0.4), radians(0.6), 0.25], rel=2e-3)
    assert pytest.approx(np.diag(np.diag(R))) == R
    assert taken.detections.geometry.tolist() == [Geometry.POLAR]
    assert taken.detections.snr_db.tolist() == [18.0]
    assert taken.detections.sensor_track.tolist() == [12]
    assert taken.detections.time_ns.tolist() == [NOON_NS]
    assert taken.detections.filtered.tolist() == [False]


def test_what_it_says_nothing_of_has_the_declared_error() -> None:
    sensor = asterix_site().sensors[DRONE_RADAR]
    R = receive(report(**POLAR, I627_SDASZ=0.4)).detections.R[0]
    assert np.sqrt(np.diag(R)) == pytest.approx(
        [sensor.range_sigma_m, radians(0.4), sensor.elevation_sigma, sensor.doppler_sigma_m_s], rel=2e-3
    )


def test_range_and_doppler_are_correlated_as_stated() -> None:
    R = receive(report(**POLAR, **ERRORS, I626_CODVR=0.5)).detections.R[0]
    assert R[0, 3] == R[3, 0] == pytest.approx(0.5 * 3.0 * 0.25, rel=1e-2)


def test_the_range_s_own_rate_stands_in_for_a_doppler() -> None:
    report_ = report(I625_R=2500.0, I625_RR=7.0, I625_SDRR_SDRR=1.5, I625_SDRR_CORRR=-0.25, I627_AZ=200.0)
    taken = receive(report_)
    assert taken.detections.z[0, 3] == pytest.approx(7.0, abs=0.05)
    assert sqrt(taken.detections.R[0, 3, 3]) == pytest.approx(1.5)
    assert taken.detections.R[0, 0, 3] < 0.0


def test_a_position_has_its_height_above_the_ellipsoid_and_its_correlation() -> None:
    stated = {"I600_HPP_SDHPX": 5.0, "I600_HPP_SDHPY": 8.0, "I600_HPP_COSDHPXY": 0.5}
    taken = receive(report(**PLACE, **stated, I601_GH=150.0, I601_SDGH=12.0))
    (z,), (R,) = taken.detections.z, taken.detections.R
    frame = LocalFrame(*asterix_site().origin.geodetic)
    assert z[:3] == pytest.approx(frame.to_enu([52.01 * DEGREE, 5.01 * DEGREE, 150.0]), abs=0.05)
    assert taken.detections.geometry.tolist() == [Geometry.POSITION]
    assert R[:3, :3] == pytest.approx(np.array([[25.0, 20.0, 0.0], [20.0, 64.0, 0.0], [0.0, 0.0, 144.0]]), abs=0.2)
    assert np.isnan(R[3]).all()


def test_a_report_with_both_makes_one_detection_of_what_says_more() -> None:
    both = receive(report(**POLAR, **PLACE, I601_GH=150.0))
    assert both.detections.geometry.tolist() == [Geometry.POLAR]
    flat = {name: value for name, value in POLAR.items() if name != "I628_EL"}
    assert receive(report(**flat, **PLACE)).detections.geometry.tolist() == [Geometry.POLAR]
    assert receive(report(**flat, **PLACE, I601_GH=150.0)).detections.geometry.tolist() == [Geometry.POSITION]
    assert receive(report(I627_AZ=3.0, **PLACE)).detections.geometry.tolist() == [Geometry.POSITION]


def test_a_camera_s_angles_are_a_bearing() -> None:
    taken = receive(report(I627_AZ=10.0, I628_EL=5.0))
    assert np.isnan(taken.detections.z[0]).tolist() == [True, False, False, True]


@pytest.mark.parametrize("kind", [1, 2, 3])
def test_the_range_of_two_legs_is_no_range(kind: int) -> None:
    taken = receive(report(**POLAR | {"I020_MOMU": kind}))
    assert np.isnan(taken.detections.z[0]).tolist() == [True, False, False, True]
    alone = receive(report(I020_MOMU=kind, I625_R=2500.0, I626_DV=3.0))
    assert len(alone.detections) == 0
    assert [each.reason for each in alone.rejections] == [Reason.UNSUPPORTED]


@pytest.mark.parametrize("kind", [1, 2, 3])
def test_reference_synthetic_and_simulated_targets_are_kept_out(kind: int) -> None:
    taken = receive(report(**POLAR, I020_TTAX=kind))
    assert len(taken.detections) == 0
    assert [(each.reason, each.item) for each in taken.rejections] == [(Reason.SIMULATED, "I015/020")]


@pytest.mark.parametrize(("kind", "filtered"), [(1, False), (2, True), (3, False), (4, True)])
def test_tracks_are_filtered_and_plots_are_not(kind: int, filtered: bool) -> None:
    assert receive(report(**POLAR | {"I000_MT": kind})).detections.filtered.tolist() == [filtered]


def test_the_end_of_a_track_is_a_sign_of_life() -> None:
    taken = receive(report(**POLAR | {"I000_MT": 5}))
    assert len(taken.detections) == 0
    assert [each.sensor for each in taken.reports] == [DRONE_RADAR]
    assert taken.rejections == ()


def test_extrapolated_places_and_heights_are_not_measured() -> None:
    flat = receive(report(**PLACE, I601_GH=150.0, I170_CSTH=1))
    assert np.isnan(flat.detections.z[0, 2])
    none = receive(report(**PLACE, I170_CSTP=1))
    assert len(none.detections) == 0
    assert [each.reason for each in none.rejections] == [Reason.UNSUPPORTED]


def test_a_range_below_zero_is_refused() -> None:
    taken = receive(report(**POLAR), report(**POLAR | {"I625_R": -3.0}))
    assert taken.detections.id.tolist() == [65_536]
    assert [each.reason for each in taken.rejections] == [Reason.IMPLAUSIBLE]


def test_no_opinion_is_read_from_classes_that_only_an_agreement_explains() -> None:
    columns = {"010/SAC": [1], "010/SIC": [5], "000/MT": [3], "145": [43_200.0], "625/R": [900.0], "627/AZ": [1.0]}
    named = {f"I015/{name}": value for name, value in columns.items()}
    named |= {"I015/300/CLS": Ragged.of([[2, 3]]), "I015/300/PRB": Ragged.of([[80, 20]])}  # type: ignore[dict-item]
    (block,) = encode(15, named)
    assert np.isnan(receive(block).detections.category_probability).all()


@given(st.floats(100.0, 3000.0), st.floats(-3000.0, 3000.0), st.floats(5.0, 500.0))
@settings(max_examples=30)
def test_position_and_polar_of_one_target_are_one_place(east: float, north: float, up: float) -> None:
    """The same target through both halves of the category, to the rounding of its items."""
    sensor, site = LocalFrame(*AWAY.geodetic), LocalFrame(*asterix_site().origin.geodetic)
    polar = enu_to_polar([east, north, up])
    latitude, longitude, height = sensor.from_enu([east, north, up])
    by_angle = receive(report(I625_R=polar[0], I627_AZ=polar[1] / DEGREE, I628_EL=polar[2] / DEGREE)).detections.z[0]
    by_place = receive(
        report(I600_P84_LATITUDE=latitude / DEGREE, I600_P84_LONGITUDE=longitude / DEGREE, I601_GH=height)
    ).detections.z[0]
    distance = float(np.hypot(np.hypot(east, north), up))
    assert by_angle[0] == pytest.approx(distance, abs=0.06)
    assert by_place[:3] == pytest.approx(site.to_enu([latitude, longitude, height]), abs=0.05)
