"""The bytes that simulated sensors send say, through the codecs, what was true, within the declared errors."""

from dataclasses import replace

import numpy as np
import pytest
from tests.simulation.worlds import ADS_B, FINDER, RADAR, RECEIVER, START_NS, drone, world

from luchtwacht.codecs import adsb, asterix, remote_id
from luchtwacht.errors import BadConfiguration
from luchtwacht.model import Detections, Frames, SensorKind
from luchtwacht.simulation import (
    AdsBOutput,
    Emission,
    ObjectKind,
    RemoteIdOutput,
    Scenario,
    SensorBehaviour,
    measure,
    simulate,
)
from luchtwacht.simulation.scenario import Fly
from luchtwacht.simulation.trajectory import lay_paths
from luchtwacht.units import DAY_NS, DEGREE, FOOT, NAUTICAL_MILE, SECOND_NS

SAID = RemoteIdOutput(
    serial="ZZZZA0000000777", operator_id="NLDzzzz00000000777", mac="02:00:00:00:07:77", pilot=(1900.0, -50.0, 1.5)
)
IN_THE_AIR = AdsBOutput(icao="f0c0de", callsign="TEST1")


def frames_of(scenario: Scenario, start_ns: int = START_NS) -> Frames:
    received = list(simulate(scenario, start_ns))
    return Frames.of(
        [payload for _, _, payload in received],
        sequence=list(range(1, len(received) + 1)),
        source=[source for _, source, _ in received],
        received_ns=[received_ns for received_ns, _, _ in received],
    )


def test_radar_plots_say_what_was_measured_as_finely_as_the_format_can() -> None:
    radar = replace(RADAR, false_reports=1.0)
    scenario = world(drone(), drone("other", at=(-900.0, 400.0, 90.0)), sensors=(radar,), duration_s=40)
    decoded = asterix.decode(frames_of(scenario))
    assert decoded.rejections == ()
    plots = decoded.categories[48]
    measured = Detections.concatenate([batch for batch, _ in measure(scenario, START_NS)])
    z = measured.z[np.argsort(measured.time_ns, kind="stable")]
    time_s = np.sort(measured.time_ns) % DAY_NS / SECOND_NS
    assert len(plots["I048/140"]) == len(measured) > 60
    order = np.argsort(plots["I048/140"], kind="stable")
    assert plots["I048/140"][order] == pytest.approx(time_s, abs=0.5 / 128 + 1e-6)
    rho, theta = plots["I048/040/RHO"] * NAUTICAL_MILE, np.radians(plots["I048/040/THETA"])
    apart = np.hypot((rho[:, None] - z[:, 0]) / 5.0, np.sin((theta[:, None] - z[:, 1]) / 2.0) * 1e4)
    rows = apart.argmin(axis=1).tolist()
    assert sorted(rows) == list(range(len(z)))
    assert rho == pytest.approx(z[rows, 0], abs=NAUTICAL_MILE / 512 + 0.01)
    turn = np.mod(plots["I048/040/THETA"] - np.degrees(z[rows, 1]) + 180.0, 360.0) - 180.0
    assert np.abs(turn).max() < 360.0 / 65536
    assert plots["I048/120/CAL/CAL"] == pytest.approx(z[rows, 3], abs=0.51)
    height = radar.place.height + z[rows, 0] * np.sin(z[rows, 2]) + z[rows, 0] ** 2 / (2 * 6_371_000.0)
    assert plots["I048/110/3DH"] * FOOT == pytest.approx(height - 43.0, abs=12.5 * FOOT + 0.1 + 2.0)
    rcs = plots["I048/130/PAM"] + 40 * np.log10(z[rows, 0]) + radar.rcs_offset_db
    assert rcs == pytest.approx(measured.rcs_dbsm[np.argsort(measured.time_ns, kind="stable")][rows], abs=0.51)
    assert set(plots["I048/020/SIM"].tolist()) <= {0, -1}
    assert set(plots["I048/010/SIC"].tolist()) == {2}


def test_the_radar_tells_each_turn_and_sector() -> None:
    frames = frames_of(world(sensors=(RADAR,), duration_s=10))
    service = asterix.decode(frames).categories[34]
    kinds = service["I034/000"]
    assert (kinds == 1).sum() == 10
    assert (kinds == 2).sum() == 10 * 31
    markers = service["I034/030"][kinds == 1]
    assert np.diff(markers) == pytest.approx(1.0)
    assert set(service["I034/041"].tolist()) == {1.0}


def test_a_scenario_may_pass_midnight() -> None:
    before = START_NS // DAY_NS * DAY_NS + DAY_NS - 5 * SECOND_NS
    times = asterix.decode(frames_of(world(sensors=(RADAR,), duration_s=10), before)).categories[34]["I034/030"]
    assert times.min() < 5.0
    assert times.max() > 86_394.0


def test_a_two_dimensional_radar_sends_no_height() -> None:
    flat = replace(RADAR, kind=SensorKind.RADAR_2D, rcs_offset_db=None)
    plots = asterix.decode(frames_of(world(drone(), sensors=(flat,), duration_s=10))).categories[48]
    assert np.isnan(plots["I048/110/3DH"]).all()
    assert np.isnan(plots["I048/130/PAM"]).all()


def test_bearings_say_where_from_and_when() -> None:
    scenario = world(drone(emission=Emission(channel="5.8 GHz")), sensors=(FINDER,), duration_s=60)
    decoded = asterix.decode(frames_of(scenario))
    assert decoded.rejections == ()
    reports = decoded.categories[205]
    measured = Detections.concatenate([batch for batch, _ in measure(scenario, START_NS)])
    assert len(reports["I205/070"]) == len(measured) > 30
    turn = np.mod(reports["I205/070"] - np.degrees(measured.z[:, 1]) + 180.0, 360.0) - 180.0
    assert np.abs(turn).max() < 0.0051
    assert reports["I205/030"] == pytest.approx(measured.time_ns % DAY_NS / SECOND_NS, abs=0.5 / 128 + 1e-6)
    assert "5.8 GHz" in {channel.strip() for channel in reports["I205/090"].tolist()}


def test_a_radar_with_a_wrong_clock_stamps_the_wrong_time() -> None:
    right, wrong = (
        asterix.decode(frames_of(world(sensors=(RADAR,), behaviours=(behaviour,), duration_s=8))).categories[34]
        for behaviour in (
            SensorBehaviour(id="radar"),
            SensorBehaviour(id="radar", clock_error_s=3.0, clock_drift=0.01),
        )
    )
    ahead = wrong["I034/030"] - right["I034/030"]
    assert ahead[0] == pytest.approx(3.0, abs=0.01)
    assert ahead[-1] == pytest.approx(3.08, abs=0.02)


def test_remote_id_says_where_the_drone_is_and_who_flies_it() -> None:
    scenario = world(drone(remote_id=SAID), sensors=(RECEIVER,), duration_s=120)
    frames = frames_of(scenario)
    decoded = remote_id.decode(frames)
    assert decoded.rejections == ()
    assert decoded.other == 0
    assert set(decoded.basic_ids.uas_id.tolist()) == {"ZZZZA0000000777"}
    assert set(decoded.operator_ids.operator_id.tolist()) == {"NLDzzzz00000000777"}
    where = decoded.locations
    assert len(where) / 120 == pytest.approx(0.9, abs=0.1)
    time_s = (frames.received_ns - START_NS) / 1e9 - scenario.behaviours[0].latency_s
    position, velocity = lay_paths(scenario).at(np.zeros(len(where), dtype=np.int64), time_s)
    geodetic = np.column_stack([where.latitude_deg * DEGREE, where.longitude_deg * DEGREE, where.geodetic_altitude_m])
    error = scenario.site.frame.to_enu(geodetic) - position
    assert np.abs(error).max() < 5 * SAID.position_sigma_m
    assert np.hypot(*velocity[:, :2].T) == pytest.approx(where.speed_m_s, abs=0.2)
    assert where.timestamp_s == pytest.approx((time_s + START_NS // 10**9) % 3600, abs=0.06)
    pilot = np.column_stack([decoded.systems.operator_latitude_deg, decoded.systems.operator_longitude_deg]) * DEGREE
    pilot = scenario.site.frame.to_enu(np.column_stack([pilot, decoded.systems.operator_altitude_m]))
    assert pilot[0] == pytest.approx([1900.0, -50.0, 1.5], abs=0.5)


def test_a_lying_remote_id_is_off_by_its_lie() -> None:
    liar = replace(SAID, offset=(500.0, 0.0, 0.0), position_sigma_m=0.1)
    scenario = world(drone(remote_id=liar), sensors=(RECEIVER,), duration_s=20)
    frames = frames_of(scenario)
    where = remote_id.decode(frames).locations
    time_s = (frames.received_ns - START_NS) / 1e9 - scenario.behaviours[0].latency_s
    position, _ = lay_paths(scenario).at(np.zeros(len(where), dtype=np.int64), time_s)
    claimed = scenario.site.frame.to_enu(
        np.column_stack([where.latitude_deg * DEGREE, where.longitude_deg * DEGREE, where.geodetic_altitude_m])
    )
    assert (claimed - position)[:, 0] == pytest.approx(500.0, abs=1.0)


def test_remote_id_is_not_heard_beyond_radio_range() -> None:
    near = drone("near", at=(2000.0, 0.0, 60.0), remote_id=SAID)
    far = drone(
        "far",
        Fly(to=(9000.0, 0.0, 60.0), speed_m_s=1.0),
        at=(8000.0, 0.0, 60.0),
        remote_id=replace(SAID, serial="ZZZZ1X"),
    )
    decoded = remote_id.decode(frames_of(world(near, far, sensors=(RECEIVER,), duration_s=30)))
    assert set(decoded.basic_ids.uas_id.tolist()) == {"ZZZZA0000000777"}


def test_ads_b_documents_say_where_the_helicopter_is() -> None:
    legs = (Fly(to=(-6000.0, 5000.0, 250.0), speed_m_s=55.0),)
    helicopter = drone("h", *legs, at=(6000.0, -5000.0, 250.0), kind=ObjectKind.HELICOPTER, ads_b=IN_THE_AIR)
    scenario = world(helicopter, sensors=(ADS_B,), duration_s=100)
    frames = frames_of(scenario)
    decoded = adsb.decode_readsb(frames)
    assert decoded.rejections == ()
    states = decoded.states
    assert len(frames) == 100
    assert len(states) > 95
    assert set(states.address.tolist()) == {"F0C0DE"}
    assert {flight.strip() for flight in states.flight.tolist()} == {"TEST1"}
    held_s = (states.now_ns - START_NS) / 1e9 - states.position_age_s
    position, velocity = lay_paths(scenario).at(np.zeros(len(states), dtype=np.int64), held_s)
    geodetic = np.column_stack(
        [states.latitude_deg * DEGREE, states.longitude_deg * DEGREE, states.geometric_altitude_ft * FOOT]
    )
    error = scenario.site.frame.to_enu(geodetic) - position
    assert np.abs(error[:, :2]).max() < 5 * IN_THE_AIR.position_sigma_m + 0.05 * 55.0
    assert np.abs(error[:, 2]).max() < 7 * IN_THE_AIR.position_sigma_m + 12.5 * FOOT
    course = np.degrees(np.arctan2(velocity[:, 0], velocity[:, 1])) % 360
    assert states.track_deg == pytest.approx(course, abs=0.1)


def test_an_empty_sky_still_gives_documents() -> None:
    frames = frames_of(world(sensors=(ADS_B,), duration_s=10))
    assert len(frames) == 10
    assert len(adsb.decode_readsb(frames).states) == 0


def test_a_receiver_with_a_wrong_clock_writes_the_wrong_time() -> None:
    wrong = SensorBehaviour(id="ads-b", clock_error_s=7.0)
    helicopter = drone(kind=ObjectKind.HELICOPTER, ads_b=IN_THE_AIR)
    frames = frames_of(world(helicopter, sensors=(ADS_B,), behaviours=(wrong,), duration_s=5))
    ahead = adsb.decode_readsb(frames).states.now_ns - frames.received_ns
    assert ahead == pytest.approx(7e9 - 0.05e9, abs=1e7)


def test_a_sensor_that_cannot_be_simulated_is_refused_by_name() -> None:
    camera = replace(RADAR, kind=SensorKind.CAMERA)
    with pytest.raises(BadConfiguration, match="'radar' is a camera"):
        list(simulate(world(drone(), sensors=(camera,)), START_NS))
