"""CAT001 and CAT010: plots of radars that say little of their errors."""

from __future__ import annotations

from math import degrees, hypot, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.asterix_sites import AWAY, NOON_S, RADAR, STATION, SURFACE, SYSTEM, asterix_site, message, receive
from tests.ingest.sites import MIDNIGHT_NS, NOON_NS

from luchtwacht.geodesy import LocalFrame
from luchtwacht.ingest.asterix.reading import unwrap_truncated
from luchtwacht.model import Geometry, Reason, SensorState
from luchtwacht.units import DAY_NS, DEGREE, NAUTICAL_MILE, SECOND_NS


def plot(**columns: object) -> bytes:
    known = {"I020_TYP": 0, "I020_SSRPSR": 1, "I040_RHO": 3.0, "I040_THETA": 45.0}
    return message(1, RADAR, **(known | columns))


def surface(**columns: object) -> bytes:
    return message(10, SURFACE, **({"I000": 1, "I020_TYP": 3, "I161_TRK": 77} | columns))


def test_a_cat001_plot_is_range_and_azimuth_with_rounding_added_to_the_declared_errors() -> None:
    taken = receive(plot(I120=5 / 256, I131=-70))
    (z,), (R,) = taken.detections.z, taken.detections.R
    assert z[0] == pytest.approx(3.0 * NAUTICAL_MILE)
    assert degrees(z[1]) == pytest.approx(45.0, abs=0.01)
    assert np.isnan(z[2])
    assert z[3] == pytest.approx(5 / 256 * NAUTICAL_MILE)
    sensor = asterix_site().sensors[RADAR]
    assert R[0, 0] == pytest.approx(sensor.range_sigma_m**2 + (NAUTICAL_MILE / 128) ** 2 / 12)
    assert R[1, 1] == pytest.approx(sensor.azimuth_sigma**2)
    assert R[3, 3] == pytest.approx(sensor.doppler_sigma_m_s**2 + (NAUTICAL_MILE / 256) ** 2 / 12)
    assert taken.detections.snr_db.tolist() == [-70.0]
    assert taken.detections.filtered.tolist() == [False]
    assert taken.detections.sensor.tolist() == [RADAR]


def test_a_cat001_track_counts_by_its_plot_and_not_by_its_estimate() -> None:
    track = {"I020_TYP": 1, "I020_SSRPSR": 1, "I161": 9}
    with_plot = message(1, RADAR, **track, I040_RHO=3.0, I040_THETA=45.0, I042_X=1.0, I042_Y=1.0)
    without = message(1, RADAR, **track, I042_X=1.0, I042_Y=1.0)
    taken = receive(with_plot, without)
    assert taken.detections.sensor_track.tolist() == [9]
    assert taken.detections.z[0, 0] == pytest.approx(3.0 * NAUTICAL_MILE)
    assert [(each.frame, each.reason) for each in taken.rejections] == [(2, Reason.UNSUPPORTED)]


@pytest.mark.parametrize(
    ("marks", "reason"),
    [
        ({"I020_SIM": 1}, Reason.SIMULATED),
        ({"I020_TST": 1}, Reason.SIMULATED),
        ({"I020_RAB": 1}, Reason.SIMULATED),
        ({"I020_SSRPSR": 0}, Reason.UNSUPPORTED),
    ],
)
def test_cat001_targets_that_are_none_are_counted(marks: dict[str, int], reason: Reason) -> None:
    taken = receive(plot(**marks), plot())
    assert taken.detections.id.tolist() == [2 * 65_536]
    assert [(each.frame, each.reason) for each in taken.rejections] == [(1, reason)]


@pytest.mark.parametrize("second", [NOON_S - 3.0, NOON_S + 2.0])
def test_a_truncated_time_is_the_one_nearest_to_the_receipt(second: float) -> None:
    taken = receive(plot(I141=second % 512.0))
    assert taken.detections.time_ns.tolist() == [MIDNIGHT_NS + round(second * SECOND_NS)]


def test_a_truncated_time_crosses_midnight_where_the_last_turn_is_cut_short() -> None:
    before = receive(plot(I141=86_399.0 % 512.0), received_ns=MIDNIGHT_NS + SECOND_NS)
    assert before.detections.time_ns.tolist() == [MIDNIGHT_NS - SECOND_NS]
    after = receive(plot(I141=0.5), received_ns=MIDNIGHT_NS - SECOND_NS)
    assert after.detections.time_ns.tolist() == [MIDNIGHT_NS + SECOND_NS // 2]


@given(st.integers(0, DAY_NS - 1), st.integers(-191 * SECOND_NS, 191 * SECOND_NS))
def test_truncated_times_come_back_whatever_the_time_of_day(of_day: int, late: int) -> None:
    """Up to half of 384 s, the day's last turn: beyond that, one truncated time stands for two moments."""
    period, true = 512 * SECOND_NS, MIDNIGHT_NS + of_day
    assert unwrap_truncated(np.array([of_day % period]), np.array([true + late]), period).tolist() == [true]


def test_a_truncated_clock_that_is_wrong_by_a_minute_is_refused() -> None:
    taken = receive(plot(I141=(NOON_S - 60.0) % 512.0))
    assert len(taken.detections) == 0
    assert [each.reason for each in taken.rejections] == [Reason.CLOCK]


def test_a_surface_plot_in_polar_is_called_filtered_when_it_has_a_track_number() -> None:
    taken = receive(surface(I040_RHO=800.0, I040_TH=30.0, I042_X=400.0, I042_Y=693.0))
    (z,) = taken.detections.z
    assert z[0] == 800.0
    assert degrees(z[1]) == pytest.approx(30.0, abs=0.01)
    assert np.isnan(z[2:]).all()
    assert taken.detections.geometry.tolist() == [Geometry.POLAR]
    assert taken.detections.filtered.tolist() == [True]
    assert taken.detections.sensor_track.tolist() == [77]


def test_a_surface_plot_on_the_plane_is_a_position_about_the_sensor_with_its_own_errors() -> None:
    taken = receive(
        message(
            10, SURFACE, I000=1, I020_TYP=3, I042_X=500, I042_Y=-300, I500_DEVX=4.0, I500_DEVY=6.0, I500_COVXY=-12.0
        )
    )
    (z,), (R,) = taken.detections.z, taken.detections.R
    east, north, _ = LocalFrame(*asterix_site().origin.geodetic).to_enu(AWAY.geodetic)
    assert z[:2] == pytest.approx([east + 500.0, north - 300.0], abs=0.5)
    assert np.isnan(z[2:]).all()
    assert R[:2, :2] == pytest.approx(np.array([[16.0, -12.0], [-12.0, 36.0]]), abs=0.05)
    assert np.isnan(R[2]).all()
    assert taken.detections.filtered.tolist() == [False]


def test_a_correlation_that_cannot_be_leaves_a_covariance_with_an_inverse() -> None:
    taken = receive(surface(I042_X=500, I042_Y=-300, I500_DEVX=4.0, I500_DEVY=6.0, I500_COVXY=4000.0))
    R = taken.detections.R[0, :2, :2]
    assert np.linalg.eigvalsh(R).min() > 0.0
    assert np.sqrt(np.diag(R)) == pytest.approx([4.0, 6.0], abs=0.01)


def test_a_surface_position_in_latitude_and_longitude_stands_without_the_others() -> None:
    taken = receive(surface(I041_LAT=52.01, I041_LON=5.0))
    assert taken.detections.z[0, :2] == pytest.approx([0.0, 1112.6], abs=1.0)
    assert taken.detections.R[0, 0, 0] == pytest.approx(asterix_site().sensors[SURFACE].position_sigma_m ** 2)


@pytest.mark.parametrize(
    ("marks", "reason", "item"),
    [
        ({"I020_SIM": 1}, Reason.SIMULATED, "I010/020"),
        ({"I020_TYP": 2}, Reason.UNSUPPORTED, "I010/020"),
        ({"I170_CST": 3}, Reason.UNSUPPORTED, "I010/170"),
        ({"I040_RHO": np.nan, "I040_TH": np.nan}, Reason.UNSUPPORTED, "I010/040"),
        ({"I000": 9}, Reason.UNSUPPORTED, "I010/000"),
    ],
)
def test_surface_targets_that_nobody_measured_are_counted(marks: dict[str, float], reason: Reason, item: str) -> None:
    taken = receive(surface(**({"I040_RHO": 800.0, "I040_TH": 30.0} | marks)))
    assert len(taken.detections) == 0
    assert [(each.reason, each.item) for each in taken.rejections] == [(reason, item)]


def test_the_state_of_a_surface_sensor_stands_until_it_says_another() -> None:
    states = [
        message(10, SURFACE, I000=3, I550_NOGO=2),
        message(10, SURFACE, I000=2),
        message(10, SURFACE, I000=3, I550_NOGO=0, I550_TSV=1),
        surface(I170_TRE=1),
        message(10, SURFACE, I000=3, I550_NOGO=0),
    ]
    reports = receive(*states).reports
    assert [each.state for each in reports] == [
        SensorState.DOWN,
        SensorState.DOWN,
        SensorState.DEGRADED,
        SensorState.DEGRADED,
        SensorState.OPERATIONAL,
    ]
    assert {each.time_ns for each in reports} == {NOON_NS}


def test_a_measuring_category_from_a_receiver_of_claims_is_refused_by_the_sensor_s_name() -> None:
    taken = receive(message(1, STATION, I020_TYP=0, I020_SSRPSR=1, I040_RHO=3.0, I040_THETA=45.0))
    assert len(taken.detections) == 0
    ((refused,)) = taken.rejections
    assert refused.reason == Reason.UNDECLARED_SENSOR
    assert "ads_b_receiver" in refused.detail
    assert "CAT001" in refused.detail


@given(st.floats(-400e3, 400e3), st.floats(-400e3, 400e3), st.floats(1.0, 900.0), st.floats(1.0, 900.0))
def test_a_covariance_far_away_keeps_its_size_in_the_site_s_frame(
    x: float, y: float, east: float, north: float
) -> None:
    where = LocalFrame(*asterix_site().origin.geodetic).from_enu([x, y, 0.0]) / DEGREE
    taken = receive(message(62, SYSTEM, I105_LAT=where[0], I105_LON=where[1], I500_APC_X=east, I500_APC_Y=north))
    stated = np.round([east / 0.5, north / 0.5]) * 0.5
    R = taken.detections.R[0, :2, :2]
    tilt = hypot(x, y) / 6_371_000.0
    assert np.sqrt(np.linalg.eigvalsh(R)) == pytest.approx(sorted(stated), rel=0.01 + tilt)
    assert sqrt(np.trace(R)) == pytest.approx(hypot(*stated), rel=0.01 + tilt)
