"""Each change of a sensor's health is told once, with figures."""

from __future__ import annotations

import numpy as np
from tests.ingest.sites import PLACE, frames, site

from luchtwacht.ingest import Ingested, SensorHealth
from luchtwacht.model import (
    Bools,
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


def expected(health: SensorHealth, *, any_of_them: bool = True) -> Bools:
    return np.full(len(health.state().sensors), any_of_them)


def told(health: SensorHealth, second: float) -> list[tuple[NoticeKind, str]]:
    return [(each.kind, each.subject) for each in health.step(at(second), expected(health))]


def test_silence_is_told_once_and_so_is_its_end() -> None:
    health = radar_only()
    assert told(health, 100.0) == []
    assert told(health, 110.0) == []
    assert told(health, 110.5) == [(NoticeKind.SENSOR_SILENT, "radar")]
    assert told(health, 120.0) == []
    hear(health, 120.4, radar_alive(120.4))
    assert told(health, 120.5) == [(NoticeKind.SENSOR_HEARD, "radar")]
    assert told(health, 121.0) == []


def test_a_direction_finder_under_a_quiet_sky_is_not_silent() -> None:
    finder = Sensor(id="rf", kind=SensorKind.RF_DIRECTION_FINDER, source="net", place=PLACE)
    health = SensorHealth(site(sources=(Source(id="net", format=Format.ASTERIX),), sensors=(finder,)))
    hear(health, 100.0, Ingested(detections=Detections.unknown(1, sensor=0, received_ns=at(100.0))))
    quiet, heard = expected(health, any_of_them=False), expected(health)
    assert health.step(at(200.0), quiet) == []
    (notice,) = health.step(at(201.0), heard)
    assert notice.kind is NoticeKind.SENSOR_SILENT, "what it heard goes on, and it does not hear it"
    assert health.step(at(202.0), quiet) == []
    hear(health, 203.0, Ingested(detections=Detections.unknown(1, sensor=0, received_ns=at(203.0))))
    (notice,) = health.step(at(203.5), quiet)
    assert notice.kind is NoticeKind.SENSOR_HEARD


def test_a_direction_finder_that_promised_signs_of_life_is_silent_without_them() -> None:
    finder = Sensor(id="rf", kind=SensorKind.RF_DIRECTION_FINDER, source="net", place=PLACE)
    health = SensorHealth(site(sources=(Source(id="net", format=Format.ASTERIX),), sensors=(finder,)))
    report = SensorReport(
        sensor=0, time_ns=at(100.0), received_ns=at(100.0), state=SensorState.OPERATIONAL, detail="", heartbeat_s=5.0
    )
    hear(health, 100.0, Ingested(reports=(report,)))
    (notice,) = health.step(at(120.0), expected(health, any_of_them=False))
    assert notice.kind is NoticeKind.SENSOR_SILENT


def test_a_notice_names_its_figures() -> None:
    health = radar_only()
    hear(health, 100.0, radar_alive(100.0))
    (notice,) = health.step(at(115.0), expected(health))
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
    (notice,) = health.step(at(100.0), expected(health))
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
    (notice,) = health.step(at(100.0), expected(health))
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
        assert one.step(at(second), expected(one)) == many.step(at(second), expected(many))
