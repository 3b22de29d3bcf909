"""Sensors' health: which are silent, degraded, or wrong about the time. Each change is told once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from luchtwacht.ingest.ingested import Ingested
from luchtwacht.model import CLAIM_RECEIVERS, Frames, Notice, NoticeKind, Reason, Sensor, SensorKind, SensorState, Site
from luchtwacht.model.notices import notice
from luchtwacht.model.state import copied
from luchtwacht.units import SECOND_NS, seconds_to_ns

MISSED_HEARTBEATS = 2.5
"""a status may be late by half its interval, and one may be lost"""
LISTENERS = (
    SensorKind.RF_DIRECTION_FINDER,
    SensorKind.RF_LOCATOR,
    SensorKind.ACOUSTIC,
    SensorKind.CAMERA,
    SensorKind.SPOTTER,
)
"""kinds that report what they notice and nothing else: from a quiet sky, nothing"""
CLOCK_QUIET_NS = 60 * SECOND_NS
"""a source whose clock is wrong is named again after this long without a fault"""


@dataclass(slots=True)
class _Sensor:
    """What is known of one sensor."""

    heard_ns: int | None = None
    silent: bool = False
    state: SensorState = SensorState.OPERATIONAL
    told: SensorState = SensorState.OPERATIONAL
    detail: str = ""
    heartbeat_s: float | None = None
    """as it promised"""


@dataclass(slots=True)
class _Clock:
    """What is known of one source's clock."""

    refused: int = 0
    detail: str = ""
    told_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthState:
    """What is known of every sensor and clock, in the order of the site's sensors and sources."""

    sensors: list[_Sensor]
    clocks: list[_Clock]
    begun_ns: int | None


def _silent_after_ns(known: _Sensor, declared: Sensor) -> int:
    """A sensor that promises a sign of life is silent when it left out so many, but no sooner than declared."""
    promised_s = MISSED_HEARTBEATS * (known.heartbeat_s or 0.0)
    return seconds_to_ns(max(declared.silent_after_s, promised_s))


class SensorHealth:
    """Hears everything that ingest made, and says what changed."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._sensors = [_Sensor() for _ in site.sensors]
        self._clocks = [_Clock() for _ in site.sources]
        self._begun_ns: int | None = None
        self._receivers = [
            [
                index
                for index, sensor in enumerate(site.sensors)
                if sensor.source == source.id and sensor.kind in CLAIM_RECEIVERS
            ]
            for source in site.sources
        ]

    def state(self) -> HealthState:
        """What is known."""
        return HealthState(sensors=copied(self._sensors), clocks=copied(self._clocks), begun_ns=self._begun_ns)

    def restore(self, state: HealthState) -> None:
        """Go on from what `state` gave."""
        self._sensors, self._clocks, self._begun_ns = copied(state.sensors), copied(state.clocks), state.begun_ns

    def standing(self, time_ns: int) -> list[Notice]:
        """What is wrong with sensors, in the order of the site: as it was told when it began."""
        notices: list[Notice] = []
        for known, declared in zip(self._sensors, self._site.sensors, strict=True):
            if known.silent:
                since_ns = known.heard_ns if known.heard_ns is not None else self._begun_ns or time_ns
                quiet_s = (time_ns - since_ns) / SECOND_NS
                notices.append(notice(time_ns, NoticeKind.SENSOR_SILENT, declared.id, "silent", quiet_s=quiet_s))
            if known.told != SensorState.OPERATIONAL:
                notices.append(_said(time_ns, declared.id, known))
        return notices

    def hear(self, frames: Frames, taken: Ingested) -> None:
        """Take note of signs of life, reported states, and refused clocks.

        A receiver of claims lives when it sends anything at all: it has nothing to report from an empty sky.
        """
        for source in np.unique(frames.source).tolist():
            for sensor in self._receivers[source]:
                self._live(sensor, int(frames.received_ns[frames.source == source].max()))
        for batch in (taken.detections, taken.claims):
            for sensor in np.unique(batch.sensor).tolist():
                self._live(sensor, int(batch.received_ns[batch.sensor == sensor].max()))
        for report in taken.reports:
            self._live(report.sensor, report.received_ns)
            sensor = self._sensors[report.sensor]
            sensor.state, sensor.detail, sensor.heartbeat_s = report.state, report.detail, report.heartbeat_s
        for rejection in taken.rejections:
            if rejection.reason == Reason.CLOCK:
                clock = self._clocks[rejection.source]
                clock.refused += rejection.count
                clock.detail = rejection.detail

    def up(self, time_ns: int) -> NDArray[np.bool_]:
        """(sensors,) which are known to be at work at `time_ns`: heard of late, and not down by their own word."""
        return np.array(
            [
                known.heard_ns is not None
                and time_ns - known.heard_ns <= _silent_after_ns(known, declared)
                and known.state != SensorState.DOWN
                for known, declared in zip(self._sensors, self._site.sensors, strict=True)
            ],
            dtype=np.bool_,
        )

    def step(self, time_ns: int, expected: NDArray[np.bool_]) -> list[Notice]:
        """What changed until `time_ns`, in the order of the site's sensors and sources.

        Args:
            expected: (sensors,) which should hear something. Those that only hear what emits have nothing to say of a
                quiet sky, and are silent only then, unless they promised a sign of life.
        """
        if self._begun_ns is None:
            self._begun_ns = time_ns
        notices: list[Notice] = []
        for index in range(len(self._sensors)):
            notices += self._silence(index, time_ns, bool(expected[index]))
            notices += self._state(index, time_ns)
        for index in range(len(self._clocks)):
            notices += self._clock(index, time_ns)
        return notices

    def _live(self, sensor: int, received_ns: int) -> None:
        known = self._sensors[sensor]
        known.heard_ns = max(known.heard_ns or 0, received_ns)

    def _silence(self, index: int, time_ns: int, expected: bool) -> list[Notice]:
        known, declared = self._sensors[index], self._site.sensors[index]
        since_ns = known.heard_ns if known.heard_ns is not None else self._begun_ns or time_ns
        quiet_ns = time_ns - since_ns
        silent = quiet_ns > _silent_after_ns(known, declared)
        if silent == known.silent:
            return []
        if silent and not expected and known.heartbeat_s is None and declared.kind in LISTENERS:
            return []
        known.silent = silent
        if silent:
            return [notice(time_ns, NoticeKind.SENSOR_SILENT, declared.id, "silent", quiet_s=quiet_ns / SECOND_NS)]
        return [notice(time_ns, NoticeKind.SENSOR_HEARD, declared.id, "heard")]

    def _state(self, index: int, time_ns: int) -> list[Notice]:
        known, declared = self._sensors[index], self._site.sensors[index]
        if known.state == known.told:
            return []
        known.told = known.state
        return [_said(time_ns, declared.id, known)]

    def _clock(self, index: int, time_ns: int) -> list[Notice]:
        known = self._clocks[index]
        if not known.refused:
            return []
        refused, known.refused = known.refused, 0
        quiet = known.told_ns is None or time_ns - known.told_ns > CLOCK_QUIET_NS
        known.told_ns = time_ns
        if not quiet:
            return []
        source = self._site.sources[index].id
        return [notice(time_ns, NoticeKind.SENSOR_CLOCK, source, "clock", reports=refused, why=known.detail)]


def _said(time_ns: int, sensor: str, known: _Sensor) -> Notice:
    """What a sensor says of itself, as it was last told."""
    restored = known.told == SensorState.OPERATIONAL
    kind = NoticeKind.SENSOR_RESTORED if restored else NoticeKind.SENSOR_DEGRADED
    return notice(time_ns, kind, sensor, "state", state=known.told.value, words=known.detail)
