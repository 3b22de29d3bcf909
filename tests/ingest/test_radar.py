"""ASTERIX to detections: what was measured, by whom, when, and how well."""

from __future__ import annotations

from dataclasses import replace
from math import degrees, isnan, log10, radians

import numpy as np
import pytest
from tests.ingest.sites import MIDNIGHT_NS, NOON_NS, block, frames, mappings, plots, site

from luchtwacht.ingest import Ingest, Ingested
from luchtwacht.model import Geometry, Reason, SensorState, frame_of, record_of
from luchtwacht.units import DAY_NS, FOOT, NAUTICAL_MILE, SECOND_NS


def receive(*payloads: bytes, received_ns: int = NOON_NS, **source: object) -> Ingested:
    declared = site()
    first = replace(declared.sources[0], **source)  # type: ignore[arg-type]
    declared = replace(declared, sources=(first, *declared.sources[1:]))
    return Ingest(declared, mappings()).receive(frames(*payloads, received_ns=received_ns))


def test_a_plot_is_range_azimuth_and_elevation_with_the_declared_covariance() -> None:
    height_amsl = 304.8  # 1,000 ft; the radar stands 1 m above mean sea level
    taken = receive(plots(I110_3DH=height_amsl / FOOT, I120_CAL_CAL=12.0, I130_PAM=-60, I161_TRN=77))
    (z,), (R,) = taken.detections.z, taken.detections.R
    slant = 2.0 * NAUTICAL_MILE
    assert z[0] == pytest.approx(slant)
    assert degrees(z[1]) == pytest.approx(90.0, abs=0.01)
    flat = np.arcsin(303.8 / slant)
    assert z[2] == pytest.approx(flat - slant / (2 * 6_371_000.0), abs=2e-4)
    assert z[3] == pytest.approx(12.0)
    sensor = site().sensors[0]
    assert np.sqrt(np.diag(R)) == pytest.approx(
        [sensor.range_sigma_m, sensor.azimuth_sigma, sensor.elevation_sigma, sensor.doppler_sigma_m_s]
    )
    assert taken.detections.geometry.tolist() == [Geometry.POLAR]
    assert taken.detections.sensor_track.tolist() == [77]
    assert taken.detections.rcs_dbsm[0] == pytest.approx(-60.0 + 40.0 * log10(slant) - 200.0)
    assert not taken.detections.filtered[0]


def test_what_was_not_measured_is_nan_in_z_and_in_r() -> None:
    (z,), (R,) = receive(plots()).detections.z, receive(plots()).detections.R
    assert np.isnan(z).tolist() == [False, False, True, True]
    assert np.isnan(R[2]).all()
    assert np.isnan(R[:, 3]).all()
    assert receive(plots()).detections.sensor_track.tolist() == [-1]


def test_a_doubtful_doppler_is_left_out() -> None:
    assert isnan(receive(plots(I120_CAL_CAL=12.0, I120_CAL_D=1)).detections.z[0, 3])


def test_plots_name_their_frame_and_their_place_in_it() -> None:
    taken = receive(plots(2) + plots(1), plots(3))
    assert frame_of(taken.detections.id).tolist() == [1, 1, 1, 2, 2, 2]
    assert record_of(taken.detections.id).tolist() == [0, 1, 2, 0, 1, 2]


@pytest.mark.parametrize(
    ("marks", "reason"),
    [
        ({"I020_SIM": 1}, Reason.SIMULATED),
        ({"I020_TST": 1}, Reason.SIMULATED),
        ({"I020_RAB": 1}, Reason.SIMULATED),
        ({"I020_TYP": 0}, Reason.UNSUPPORTED),
    ],
)
def test_targets_that_are_none_are_dropped_and_counted(marks: dict[str, int], reason: Reason) -> None:
    taken = receive(plots(3, **marks) + plots(1))
    assert len(taken.detections) == 1
    ((rejection,)) = taken.rejections
    assert (rejection.reason, rejection.count, rejection.item) == (reason, 3, "I048/020")


def test_an_undeclared_sender_is_counted_once_a_frame_with_its_code_and_the_known_ones() -> None:
    taken = receive(plots(4, I010_SIC=9) + plots(1), plots(2, I010_SIC=9))
    assert len(taken.detections) == 1
    assert [(each.frame, each.count) for each in taken.rejections] == [(1, 4), (2, 2)]
    assert {each.reason for each in taken.rejections} == {Reason.UNDECLARED_SENSOR}
    assert "1/9" in taken.rejections[0].detail
    assert "1/2, 1/3" in taken.rejections[0].detail


def test_times_of_day_are_unwrapped_over_midnight_both_ways() -> None:
    before = receive(plots(I140=86_399.0), received_ns=MIDNIGHT_NS + SECOND_NS)
    assert before.detections.time_ns.tolist() == [MIDNIGHT_NS - SECOND_NS]
    after = receive(plots(I140=0.5), received_ns=MIDNIGHT_NS - SECOND_NS // 2)
    assert after.detections.time_ns.tolist() == [MIDNIGHT_NS + SECOND_NS // 2]
    same = receive(plots(I140=0.5), received_ns=MIDNIGHT_NS + DAY_NS + SECOND_NS)
    assert same.detections.time_ns.tolist() == [MIDNIGHT_NS + DAY_NS + SECOND_NS // 2]


def test_a_wrong_clock_is_refused_with_how_wrong_and_what_to_do() -> None:
    taken = receive(plots(2, I140=43_200.0 - 3_600.0) + plots(1))
    assert len(taken.detections) == 1
    ((rejection,)) = taken.rejections
    assert (rejection.reason, rejection.count) == (Reason.CLOCK, 2)
    assert "3600.0 s behind" in rejection.detail
    assert "use_receive_time" in rejection.detail


def test_a_source_without_a_usable_clock_takes_the_time_of_receipt() -> None:
    taken = receive(plots(I140=1.0), use_receive_time=True)
    assert taken.detections.time_ns.tolist() == [NOON_NS]
    assert taken.rejections == ()


def test_truncated_blocks_and_unknown_categories_are_counted_and_the_rest_is_read() -> None:
    taken = receive(plots(1)[:-4], bytes([255, 0, 4, 0]), b"", b"\x30", plots(1))
    assert frame_of(taken.detections.id).tolist() == [5]
    told = {(each.frame, each.reason) for each in taken.rejections}
    assert (1, Reason.TRUNCATED) in told
    assert (2, Reason.UNSUPPORTED) in told
    assert (4, Reason.TRUNCATED) in told
    assert any("255" in each.item + each.detail for each in taken.rejections if each.frame == 2)


def test_a_service_message_is_a_sign_of_life_with_period_and_state() -> None:
    north = block(34, **{"010_SAC": 1, "010_SIC": 2, "000": 1, "030": 43_200.0, "041": 4.0})
    down = block(34, **{"010_SAC": 1, "010_SIC": 2, "000": 1, "030": 43_204.0, "050_COM_NOGO": 1})
    well = block(34, **{"010_SAC": 1, "010_SIC": 2, "000": 1, "030": 43_208.0, "050_COM_NOGO": 0})
    late = block(34, **{"010_SAC": 1, "010_SIC": 2, "000": 1, "030": 43_208.0, "050_COM_TSV": 1})
    reports = receive(north, down, north, well, late).reports
    assert reports[0].period_s == 4.0
    assert reports[0].time_ns == NOON_NS
    assert [each.state for each in reports] == [
        SensorState.OPERATIONAL,
        SensorState.DOWN,
        SensorState.DOWN,  # a message that says nothing of the state changes nothing
        SensorState.OPERATIONAL,
        SensorState.DEGRADED,
    ]
    assert "NOGO" in reports[1].detail
    assert "time source" in reports[4].detail


def test_a_bearing_holds_nothing_but_the_azimuth() -> None:
    report = block(205, **{"010_SAC": 1, "010_SIC": 3, "000": 2, "030": 43_200.0, "070": 271.5, "160": 9})
    detections = receive(report).detections
    assert np.isnan(detections.z[0]).tolist() == [True, False, True, True]
    assert detections.z[0, 1] == pytest.approx(radians(271.5))
    assert detections.R[0, 1, 1] == pytest.approx(site().sensors[1].azimuth_sigma ** 2)
    assert detections.sensor.tolist() == [1]
    assert detections.sensor_track.tolist() == [9]


def test_a_located_transmitter_is_a_position_with_its_own_uncertainty() -> None:
    report = block(
        205,
        **{"010_SAC": 1, "010_SIC": 3, "000": 1, "030": 43_200.0, "050_LAT": 52.01, "050_LON": 5.0, "110": 200.0},
    )
    detections = receive(report).detections
    assert detections.geometry.tolist() == [Geometry.POSITION]
    assert detections.z[0, :2] == pytest.approx([0.0, 1112.6], abs=1.0)
    assert isnan(detections.z[0, 2])
    assert detections.R[0, 0, 0] == pytest.approx(200.0**2)


def test_the_end_of_an_emission_is_a_sign_of_life_and_an_empty_report_is_counted() -> None:
    ended = block(205, **{"010_SAC": 1, "010_SIC": 3, "000": 4, "030": 43_200.0, "070": 10.0})
    empty = block(205, **{"010_SAC": 1, "010_SIC": 3, "000": 2, "030": 43_200.0})
    taken = receive(ended, empty)
    assert len(taken.detections) == 0
    assert [each.sensor for each in taken.reports] == [1]
    assert [(each.frame, each.reason) for each in taken.rejections] == [(2, Reason.UNSUPPORTED)]


def test_a_source_may_be_handed_its_blocks_one_at_a_time() -> None:
    payloads = [plots(2), plots(1, I010_SIC=9), plots(1)[:-1], plots(1, I020_SIM=1) + plots(1)]
    whole = receive(*payloads)
    ingest = Ingest(site(), mappings())
    parts = [ingest.receive(frames(each, first=number)) for number, each in enumerate(payloads, start=1)]
    joined = Ingested.join(parts)
    assert joined.detections == whole.detections
    assert joined.rejections == whole.rejections
