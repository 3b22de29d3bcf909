"""The bytes that simulated sensors send say, through the codecs, what was true, within the declared errors."""

from dataclasses import replace

import numpy as np
import pytest
from tests.simulation.worlds import ADS_B, RADAR, RECEIVER, START_NS, drone, world

from luchtwacht.codecs import adsb, remote_id
from luchtwacht.errors import BadConfiguration
from luchtwacht.model import Frames, SensorKind
from luchtwacht.simulation import AdsBOutput, ObjectKind, RemoteIdOutput, Scenario, SensorBehaviour, simulate
from luchtwacht.simulation.scenario import Fly
from luchtwacht.simulation.trajectory import lay_paths
from luchtwacht.units import DEGREE, FOOT

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
