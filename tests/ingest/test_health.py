"""Each change of a sensor's health is told once, with figures."""

from __future__ import annotations

import numpy as np
from tests.ingest.sites import PLACE, frames, site

from luchtwacht.ingest import Ingested, SensorHealth
from luchtwacht.model import (
    Detections,
    Format,
    Frames,
    NoticeKind,
    Reason,
    Rejection,
    Sensor,
    SensorKind,
    SensorReport,
    SensorState,
    Source,
)
from luchtwacht.units import SECOND_NS

NOTHING = Ingested()


def at(second: float) -> int:
    return round(second * SECOND_NS)


def radar_alive(second: float, state: SensorState = SensorState.OPERATIONAL, detail: str = "") -> Ingested:
    report = SensorReport(sensor=0, time_ns=at(second), received_ns=at(second), state=state, detail=detail)
    return Ingested(reports=(report,))


def hear(health: SensorHealth, second: float, taken: Ingested) -> None:
    health.hear(frames(b"", received_ns=at(second)), taken)


def radar_only() -> SensorHealth:
    declared = site()
    return SensorHealth(site(sensors=declared.sensors[:1]))


def told(health: SensorHealth, second: float) -> list[tuple[NoticeKind, str]]:
    return [(each.kind, each.subject) for each in health.step(at(second))]


def test_silence_is_told_once_and_so_is_its_end() -> None:
    health = radar_only()
    assert told(health, 100.0) == []
    assert told(health, 110.0) == []
    assert told(health, 110.5) == [(NoticeKind.SENSOR_SILENT, "radar")]
    assert told(health, 120.0) == []
    hear(health, 120.4, radar_alive(120.4))
    assert told(health, 120.5) == [(NoticeKind.SENSOR_HEARD, "radar")]
    assert told(health, 121.0) == []


def test_a_notice_names_its_figures() -> None:
    health = radar_only()
    hear(health, 100.0, radar_alive(100.0))
    (notice,) = health.step(at(115.0))
    assert notice.time_ns == at(115.0)
    assert "15 s" in notice.detail


def test_detections_are_signs_of_life_and_undecodable_bytes_are_not() -> None:
    health = radar_only()
    told(health, 100.0)
    hear(health, 109.0, Ingested(detections=Detections.unknown(1, sensor=0, received_ns=at(109.0))))
    assert told(health, 118.0) == []
    hear(health, 118.5, NOTHING)
    assert told(health, 119.5) == [(NoticeKind.SENSOR_SILENT, "radar")]


def test_a_receiver_that_sends_an_empty_sky_is_not_silent() -> None:
    receiver = Sensor(id="adsb", kind=SensorKind.ADS_B_RECEIVER, source="net", place=PLACE)
    health = SensorHealth(site(sources=(Source(id="net", format=Format.READSB),), sensors=(receiver,)))
    told(health, 100.0)
    hear(health, 109.0, NOTHING)
    assert told(health, 115.0) == []


def test_states_are_told_when_they_change() -> None:
    health = radar_only()
    hear(health, 100.0, radar_alive(100.0, SensorState.DOWN, "NOGO"))
    (notice,) = health.step(at(100.0))
    assert notice.kind == NoticeKind.SENSOR_DEGRADED
    assert "down" in notice.detail
    assert "NOGO" in notice.detail
    hear(health, 101.0, radar_alive(101.0, SensorState.DOWN, "NOGO"))
    assert told(health, 101.0) == []
    hear(health, 102.0, radar_alive(102.0))
    assert told(health, 102.0) == [(NoticeKind.SENSOR_RESTORED, "radar")]


def test_refused_clocks_are_told_once_with_how_many() -> None:
    health = radar_only()
    wrong = Rejection(frame=1, record=0, source=0, reason=Reason.CLOCK, item="time", detail="3600 s behind", count=4)
    alive = radar_alive(100.0)
    hear(health, 100.0, Ingested(reports=alive.reports, rejections=(wrong, wrong)))
    (notice,) = health.step(at(100.0))
    assert (notice.kind, notice.subject) == (NoticeKind.SENSOR_CLOCK, "radars")
    assert "8 reports" in notice.detail
    assert "3600 s behind" in notice.detail
    hear(health, 101.0, Ingested(rejections=(wrong,)))
    assert told(health, 101.0) == []


def test_many_frames_at_once_say_the_same_as_one_by_one() -> None:
    one, many = radar_only(), radar_only()
    seconds = np.arange(100, 108)
    reports = [radar_alive(float(each)) for each in seconds]
    for second, report in zip(seconds, reports, strict=True):
        hear(one, float(second), report)
    whole = Frames.of(
        [b""] * len(seconds),
        sequence=np.arange(1, len(seconds) + 1),
        source=np.zeros(len(seconds), dtype=np.int64),
        received_ns=seconds * SECOND_NS,
    )
    many.hear(whole, Ingested.join(reports))
    for second in (108.0, 117.0, 117.5):
        assert one.step(at(second)) == many.step(at(second))
