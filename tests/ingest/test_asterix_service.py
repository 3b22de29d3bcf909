"""CAT002, 016, 063, 065: signs of life and states, in the order in which they came."""

from __future__ import annotations

import pytest
from tests.ingest.asterix_sites import DRONE_RADAR, RADAR, SYSTEM, message, receive
from tests.ingest.sites import NOON_NS

from luchtwacht.model import Reason, SensorState


@pytest.mark.parametrize(
    ("block", "sensor", "period_s"),
    [
        (message(2, RADAR, I000=1, I041=4.0), RADAR, 4.0),
        (message(2, RADAR, I000=2, I020=90.0), RADAR, None),
        (message(16, DRONE_RADAR, I000=1, I200=2.0), DRONE_RADAR, 2.0),
        (message(65, SYSTEM, I000=2, I020=7), SYSTEM, None),
    ],
)
def test_a_service_message_is_a_sign_of_life(block: bytes, sensor: int, period_s: float | None) -> None:
    taken = receive(block)
    ((report,)) = taken.reports
    assert (report.sensor, report.time_ns, report.period_s) == (sensor, NOON_NS, period_s)
    assert report.state == SensorState.OPERATIONAL
    assert taken.rejections == ()


@pytest.mark.parametrize(
    ("said", "state", "word"),
    [
        ({"I060_CON": 0}, SensorState.OPERATIONAL, ""),
        ({"I060_CON": 1}, SensorState.DEGRADED, "degraded"),
        ({"I060_CON": 2}, SensorState.DOWN, "initialising"),
        ({"I060_CON": 3}, SensorState.DOWN, "not connected"),
        ({"I060_CON": 0, "I060_ODP": 1}, SensorState.DEGRADED, "overload"),
        ({"I060_CON": 0, "I060_OPS": 1}, SensorState.DOWN, "inhibited"),
    ],
)
def test_a_tracking_system_tells_of_the_sensors_it_hears(said: dict[str, int], state: SensorState, word: str) -> None:
    ((report,)) = receive(message(63, RADAR, I010_SAC=99, I010_SIC=99, **said)).reports
    assert (report.sensor, report.state) == (RADAR, state)
    assert word in report.detail


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({"I040_NOGO": 0}, SensorState.OPERATIONAL),
        ({"I040_NOGO": 1}, SensorState.DEGRADED),
        ({"I040_NOGO": 2}, SensorState.DOWN),
        ({"I040_NOGO": 3}, SensorState.DEGRADED),
        ({"I040_NOGO": 0, "I040_OVL": 1}, SensorState.DEGRADED),
    ],
)
def test_a_tracking_system_tells_its_own_state(said: dict[str, int], state: SensorState) -> None:
    ((report,)) = receive(message(65, SYSTEM, I000=1, **said)).reports
    assert (report.sensor, report.state) == (SYSTEM, state)


def test_a_sign_of_life_keeps_the_state_that_came_before_it_whatever_its_category() -> None:
    down = message(65, SYSTEM, I000=1, I040_NOGO=2)
    well = message(65, SYSTEM, I000=1, I040_NOGO=0)
    last = message(62, SYSTEM, I040=1, I080_TSE=1)
    assert [each.state for each in receive(last, down, last, well, last).reports] == [
        SensorState.OPERATIONAL,
        SensorState.DOWN,
        SensorState.DOWN,
        SensorState.OPERATIONAL,
        SensorState.OPERATIONAL,
    ]


@pytest.mark.parametrize(("category", "item"), [(2, "I002/010"), (16, "I016/010"), (63, "I063/050"), (65, "I065/010")])
def test_a_state_that_no_declared_sensor_answers_to_is_counted(category: int, item: str) -> None:
    identity = "I050_SIC" if category == 63 else "I010_SIC"
    taken = receive(message(category, RADAR, **{identity: 250}))
    assert taken.reports == ()
    assert [(each.reason, each.item) for each in taken.rejections] == [(Reason.UNDECLARED_SENSOR, item)]
