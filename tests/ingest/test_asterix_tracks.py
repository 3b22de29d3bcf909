"""CAT062: another system's tracks are filtered positions, and nothing that nobody measured."""

from __future__ import annotations

import numpy as np
import pytest
from tests.ingest.asterix_sites import SYSTEM, asterix_site, message, receive
from tests.ingest.sites import NOON_NS

from luchtwacht.geodesy import LocalFrame
from luchtwacht.model import Geometry, Reason
from luchtwacht.units import DEGREE, FOOT

PLACE = {"I105_LAT": 52.01, "I105_LON": 5.01}


def track(**columns: object) -> bytes:
    return message(62, SYSTEM, **(PLACE | {"I040": 321} | columns))


def test_a_track_is_a_filtered_position_with_the_stated_accuracies() -> None:
    taken = receive(track(I130=1000.0, I500_APC_X=30.0, I500_APC_Y=40.0, I500_COV=-20.0, I500_AGA=100.0))
    (z,), (R,) = taken.detections.z, taken.detections.R
    frame = LocalFrame(*asterix_site().origin.geodetic)
    ellipsoidal = 1000.0 * FOOT
    assert z[:3] == pytest.approx(frame.to_enu([52.01 * DEGREE, 5.01 * DEGREE, ellipsoidal]), abs=0.5)
    assert R[:3, :3] == pytest.approx(
        np.array([[900.0, -400.0, 0.0], [-400.0, 1600.0, 0.0], [0.0, 0.0, (100.0 * FOOT) ** 2]]), rel=0.01, abs=2.0
    )
    assert taken.detections.filtered.tolist() == [True]
    assert taken.detections.sensor_track.tolist() == [321]
    assert taken.detections.geometry.tolist() == [Geometry.POSITION]
    assert taken.detections.time_ns.tolist() == [NOON_NS]


def test_accuracies_in_degrees_are_turned_into_metres() -> None:
    R = receive(track(I500_APW_LAT=0.001, I500_APW_LON=0.001)).detections.R[0]
    assert np.sqrt([R[0, 0], R[1, 1]]) == pytest.approx([111.2 * np.cos(52.01 * DEGREE), 111.2], rel=0.01)


def test_without_accuracies_the_declaration_counts() -> None:
    R = receive(track(I130=1000.0)).detections.R[0]
    sensor = asterix_site().sensors[SYSTEM]
    assert np.sqrt(np.diag(R)[:3]) == pytest.approx(
        [sensor.position_sigma_m, sensor.position_sigma_m, sensor.height_sigma_m], rel=1e-3
    )


def test_a_pressure_altitude_is_no_height_but_helps_to_find_a_place_far_away() -> None:
    """10 km high and 440 km away, east and north shift by 700 m with the height."""
    far = {"I105_LAT": 56.0, "I105_LON": 5.0}
    with_pressure = receive(track(**far, I136=330.0)).detections.z[0]
    without = receive(track(**far)).detections.z[0]
    true = LocalFrame(*asterix_site().origin.geodetic).to_enu([56.0 * DEGREE, 5.0 * DEGREE, 33_000.0 * FOOT])
    assert np.isnan(with_pressure[2])
    assert with_pressure[:2] == pytest.approx(true[:2], abs=5.0)
    assert abs(without[1] - true[1]) > 500.0


@pytest.mark.parametrize("source", [1, 4, 5, 6])
def test_heights_that_are_told_or_assumed_are_left_out(source: int) -> None:
    assert np.isnan(receive(track(I130=1000.0, I080_SRC=source)).detections.z[0, 2])


@pytest.mark.parametrize("source", [0, 2, 3, 7])
def test_heights_that_were_measured_are_kept(source: int) -> None:
    assert np.isfinite(receive(track(I130=1000.0, I080_SRC=source)).detections.z[0, 2])


@pytest.mark.parametrize(
    ("marks", "reason", "item"),
    [
        ({"I080_SIM": 1}, Reason.SIMULATED, "I062/080"),
        ({"I080_CST": 1}, Reason.UNSUPPORTED, "I062/080"),
        ({"I080_FPLT": 1}, Reason.UNSUPPORTED, "I062/080"),
        ({"I290_ES": 0.5}, Reason.UNSUPPORTED, "I062/290"),
        ({"I080_PSR": 1, "I080_SSR": 1, "I080_MDS": 1, "I080_ADS": 0}, Reason.UNSUPPORTED, "I062/290"),
        ({"I105_LAT": np.nan, "I105_LON": np.nan}, Reason.UNSUPPORTED, "I062/105"),
    ],
)
def test_tracks_that_nobody_measured_are_counted(marks: dict[str, float], reason: Reason, item: str) -> None:
    taken = receive(track(**marks), track())
    assert taken.detections.id.tolist() == [2 * 65_536]
    assert [(each.reason, each.item) for each in taken.rejections] == [(reason, item)]


@pytest.mark.parametrize("marks", [{"I290_ES": 0.5, "I290_PSR": 2.0}, {"I080_PSR": 1, "I080_SSR": 1, "I290_MLT": 1.0}])
def test_a_track_that_one_sensor_supports_counts(marks: dict[str, float]) -> None:
    assert len(receive(track(**marks)).detections) == 1


def test_the_last_message_of_a_track_is_a_sign_of_life() -> None:
    taken = receive(track(I080_TSE=1))
    assert len(taken.detections) == 0
    assert taken.rejections == ()
    assert [each.sensor for each in taken.reports] == [SYSTEM]
