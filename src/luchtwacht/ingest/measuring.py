"""The stage that watches the sensors: registration and measured performance, and what people should know of them.

What a sensor was declared to do stands in the site file; what it does is measured. Where the two part, a notice says so
once, with both figures, and again when they meet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from luchtwacht.ingest.mounting import AZIMUTH, ELEVATION, RANGE, TIME
from luchtwacht.ingest.performance import (
    SECTORS,
    Finding,
    Measured,
    Performance,
    PerformanceState,
    blind_sectors,
    judge,
)
from luchtwacht.ingest.registration import Registration, RegistrationState
from luchtwacht.ingest.settling import Moment, Settling, SettlingState
from luchtwacht.model import (
    BIAS_UNITS,
    BIASES,
    CLAIM_RECEIVERS,
    Associations,
    Claims,
    Detections,
    Fault,
    Floats,
    Identities,
    Notice,
    NoticeKind,
    Sensor,
    SensorMeasured,
    Settled,
    Site,
    Tracks,
)
from luchtwacht.model.notices import notice
from luchtwacht.model.state import copied
from luchtwacht.units import SECOND_NS, seconds_to_ns

TELL_NS = seconds_to_ns(60.0)
"""a sensor's figures are told this often, and when they change meaningfully"""
JUDGE_NS = SECOND_NS
SURE = 4.0
"""standard deviations by which a bias must differ from the declared one to be named"""
LEAST_BIAS = (5.0, 0.1, 0.2, 0.25)
"""m, degrees, degrees, s of range, azimuth, elevation and time, and at least half the declared noise: a smaller bias is
taken off and shown, but is nothing to call anybody for"""
UNITS = ("m", "degrees", "degrees", "m", "m", "m", "s")
LASTING_NS = seconds_to_ns(15.0)
"""a bias is named when it was there for so long: the first few pairs of something may be of something else"""
MOVED_NS = seconds_to_ns(90.0)
"""for this long a sensor that measures otherwise than it did is named, until its new bias is known"""


_NOTICES = {
    Fault.BLIND: NoticeKind.SENSOR_BLIND,
    Fault.WEAK: NoticeKind.SENSOR_WEAK,
    Fault.CLUTTERED: NoticeKind.SENSOR_CLUTTERED,
    Fault.NOISY: NoticeKind.SENSOR_NOISY,
    Fault.MISALIGNED: NoticeKind.SENSOR_MISALIGNED,
    Fault.SLOW: NoticeKind.SENSOR_SLOW,
}


def _tell(finding: Finding, sensor: str, time_ns: int) -> Notice:
    """What is not as declared, as a notice."""
    return notice(time_ns, _NOTICES[finding.fault], sensor, finding.code, **finding.data)


@dataclass(slots=True)
class _Told:
    """What was last said of a sensor."""

    time_ns: int | None = None
    bias: Floats | None = None
    moved_ns: int | None = None
    off_ns: int | None = None
    """since when it is off by what is not named yet"""
    figures: bool = False
    """whether the notice of its being misaligned gave figures"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuringState:
    """Everything learnt of the sensors, and what was said of it."""

    registration: RegistrationState
    settling: SettlingState
    performance: PerformanceState
    told: list[_Told]
    judged_ns: int | None


class Measuring:
    """How the sensors of a site really measure."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.registration = Registration(site)
        self._settling = Settling(site)
        self.performance = Performance(site, self.registration.mountings)
        self._told = [_Told() for _ in site.sensors]
        self._judged_ns: int | None = None
        self._measuring = [k for k, sensor in enumerate(site.sensors) if sensor.kind not in CLAIM_RECEIVERS]

    def receive(self, detections: Detections) -> Detections:
        """Detections by true time, as far as the sensors' clocks are known; call it before they are put in order."""
        if len(detections):
            self.performance.hear(detections)
        return self.registration.on_time(detections)

    def correct(self, detections: Detections) -> Detections:
        """Detections as they should have been measured; see `Registration.correct`."""
        return self.registration.correct(detections)

    def settle(
        self, time_ns: int, detections: Detections, claims: Claims, steps: Sequence[Settled]
    ) -> Sequence[Moment]:
        """What is to be learnt from, once `time_ns` was concluded on.

        Args:
            detections: released for `time_ns`, as `receive` gave them; `claims` likewise.
            steps: of the tracker, settled with this conclusion.
        """
        if not self._site.learns_biases:
            return ()
        self._settling.put(detections, claims)
        return self._settling.settle(time_ns, steps)

    def learn(self, moment: Moment, believed: Mapping[int, int]) -> None:
        """Learn from a step that stands for good.

        Args:
            believed: the `Claims.id` of the latest claim that is surely a track's, by number of the track.
        """
        self.registration.learn(
            moment.time_ns, moment.detections, moment.tracks, moment.associations, believed, moment.claims
        )

    def step(
        self,
        time_ns: int,
        detections: Detections,
        tracks: Tracks,
        associations: Associations,
        identities: Identities,
        claims: Claims,
        up: NDArray[np.bool_],
    ) -> list[Notice | SensorMeasured]:
        """Measure how the sensors do in one step of the watch, after everything that was settled was learnt from; say
        what changed.

        Args:
            detections: of this step, as the tracker got them.
            tracks, associations: of the tracker, without those that rest on claims alone.
            up: (sensors,) which are at work.
        """
        self.performance.step(time_ns, detections, tracks, associations, identities, claims, up)
        for sensor in self.registration.moved:
            self._told[sensor].moved_ns = time_ns
        self.registration.moved.clear()
        if self._judged_ns is not None and time_ns - self._judged_ns < JUDGE_NS:
            return []
        self._judged_ns = time_ns
        said: list[Notice | SensorMeasured] = []
        for sensor in self._measuring:
            notices = self._judge(sensor, time_ns) if up[sensor] else []
            if notices or (up[sensor] and self._due(sensor, time_ns)):
                self._told[sensor].time_ns = time_ns
                self._told[sensor].bias = self.registration.adjustment.bias(sensor).copy()
                said.append(self.measured(sensor, time_ns))
            said += notices
        return said

    def expects(self, time_ns: int) -> NDArray[np.bool_]:
        """(sensors,) which should hear something now; see `Performance.expects`."""
        return self.performance.expects(time_ns)

    def standing(self, time_ns: int) -> list[Notice | SensorMeasured]:
        """The figures of every sensor that has any, and what is wrong now, said again."""
        said: list[Notice | SensorMeasured] = []
        for sensor in self._measuring:
            if self._told[sensor].time_ns is None:
                continue
            said.append(self.measured(sensor, time_ns))
            declared, of = self._site.sensors[sensor], self.performance.measured[sensor]
            misaligned = self._misaligned(sensor, declared, of, time_ns)
            said += [
                _tell(finding, declared.id, time_ns)
                for finding in [
                    *judge(declared, of, self.performance.turned(sensor)),
                    *([misaligned] if misaligned else []),
                ]
                if finding.fault in of.faults
            ]
        return said

    def _judge(self, sensor: int, time_ns: int) -> list[Notice]:
        declared, of = self._site.sensors[sensor], self.performance.measured[sensor]
        findings = judge(declared, of, self.performance.turned(sensor))
        misaligned = self._lasting(sensor, self._misaligned(sensor, declared, of, time_ns), of, time_ns)
        findings += [misaligned] if misaligned else []
        told, known = self._told[sensor], misaligned is not None and misaligned.code != "moved"
        anew = Fault.MISALIGNED if known != told.figures else None
        told.figures = known
        now = tuple(finding.fault for finding in findings)
        notices = [
            _tell(finding, declared.id, time_ns)
            for finding in findings
            if finding.fault not in of.faults or finding.fault is anew  # it moved, or it is known by how much
        ]
        ended = [fault for fault in of.faults if fault not in now]
        if ended:
            faults = [fault.value for fault in ended]
            notices.append(notice(time_ns, NoticeKind.SENSOR_AS_DECLARED, declared.id, "as_declared", faults=faults))
        of.faults = now
        return notices

    def _lasting(self, sensor: int, found: Finding | None, of: Measured, time_ns: int) -> Finding | None:
        """The same, if it is named already, or is no chance of the first pairs."""
        told = self._told[sensor]
        if found is None or found.code != "misaligned" or Fault.MISALIGNED in of.faults:
            told.off_ns = None
            return found
        told.off_ns = time_ns if told.off_ns is None else told.off_ns
        return found if time_ns - told.off_ns >= LASTING_NS else None

    def _misaligned(self, sensor: int, declared: Sensor, of: Measured, time_ns: int) -> Finding | None:
        """Biases that are not the declared ones, or are no longer what they were."""
        before = Fault.MISALIGNED in of.faults
        off = self.registration.adjustment.bias(sensor) - self.registration.declared(sensor)
        sigma, seen = self.registration.sigma(sensor), self.registration.seen(sensor)
        said = []
        for which, least in zip((RANGE, AZIMUTH, ELEVATION, TIME), _least(declared), strict=True):
            share = 0.6 if before else 1.0
            if seen[which] and abs(off[which]) > share * max(SURE * sigma[which], least):
                unit = BIAS_UNITS[which]
                said.append(
                    {
                        "of": BIASES[which],
                        "value": float(off[which] / unit),
                        "sigma": float(sigma[which] / unit),
                        "unit": UNITS[which],
                    }
                )
        if said:
            corrected = self.registration.applied(sensor)
            return Finding(Fault.MISALIGNED, "misaligned", {"biases": said, "corrected": corrected})
        turned = self.performance.turned(sensor)
        if turned is not None:
            degrees = BIAS_UNITS[AZIMUTH]
            data = {"azimuth_deg": float(turned.azimuth / degrees), "sigma_deg": float(turned.sigma / degrees)}
            return Finding(Fault.MISALIGNED, "turned", data)
        moved_ns = self._told[sensor].moved_ns
        if moved_ns is not None and time_ns - moved_ns < MOVED_NS:
            return Finding(Fault.MISALIGNED, "moved", {})
        return None

    def _due(self, sensor: int, time_ns: int) -> bool:
        told = self._told[sensor]
        if told.time_ns is None or told.bias is None or time_ns - told.time_ns >= TELL_NS:
            return True
        if time_ns - told.time_ns < TELL_NS // 6:
            return False
        change = np.abs(self.registration.adjustment.bias(sensor) - told.bias)
        sigma = np.nan_to_num(self.registration.sigma(sensor))
        least = np.array([*_least(self._site.sensors[sensor])[:3], np.inf, np.inf, np.inf, LEAST_BIAS[3]])
        return bool(np.any(change > np.maximum(2.0 * sigma, least / 2.0)))

    def measured(self, sensor: int, time_ns: int) -> SensorMeasured:
        """How a sensor stands."""
        declared, of, registration = self._site.sensors[sensor], self.performance.measured[sensor], self.registration
        claims, sensors = registration.adjustment.pairs(sensor)
        parties = registration.adjustment.parties.values()
        width = 2.0 * np.pi / SECTORS
        return SensorMeasured(
            time_ns=time_ns,
            sensor=declared.id,
            applied=registration.applied(sensor),
            bias=tuple(registration.adjustment.bias(sensor).tolist()),
            bias_sigma=tuple(registration.sigma(sensor).tolist()),
            bias_seen=registration.seen(sensor),
            confounded=registration.confounded(sensor),
            claim_pairs=claims,
            sensor_pairs=sensors,
            aircraft=sum(sensor in party.blocks for party in parties),
            probability_of_detection=of.probability_of_detection,
            opportunities=of.looks,
            blind_sectors=tuple((each * width, (each + 1) * width) for each in blind_sectors(declared, of)),
            false_reports=of.false_reports,
            noise=tuple(of.noise().tolist()),
            latency_s=of.latency,
            period_s=of.period(declared.period_s),
            faults=of.faults,
            corrected=Fault.MISALIGNED in of.faults and self._told[sensor].figures and registration.applied(sensor),
        )

    def state(self) -> MeasuringState:
        """Everything learnt so far, and what was said of it."""
        return MeasuringState(
            registration=self.registration.state(),
            settling=self._settling.state(),
            performance=self.performance.state(),
            told=copied(self._told),
            judged_ns=self._judged_ns,
        )

    def restore(self, state: MeasuringState) -> None:
        """Go on from what `state` gave."""
        self.registration.restore(state.registration)
        self._settling.restore(state.settling)
        self.performance.restore(state.performance)
        self._told, self._judged_ns = copied(state.told), state.judged_ns


def _least(sensor: Sensor) -> tuple[float, float, float, float]:
    """The least bias worth a notice: of range, azimuth, elevation (m, rad, rad) and time (s)."""
    metres, azimuth, elevation, seconds = LEAST_BIAS
    return (
        max(metres, sensor.range_sigma_m / 2.0),
        max(azimuth * BIAS_UNITS[AZIMUTH], sensor.azimuth_sigma / 2.0),
        max(elevation * BIAS_UNITS[ELEVATION], sensor.elevation_sigma / 2.0),
        seconds,
    )
