"""Registration: the bias of every sensor, learnt while the watch runs, and taken off what it measures.

    receive:   detections ─► on_time (the clock's error off) ─► ReorderBuffer
    conclude:  released ─► correct ─► Tracker ─► what nothing late can change ─► learn (pairs ─► adjustment)

What is learnt comes from measurements as they were made; what was taken off is put back first. So an estimate can
never confirm itself; it only helps to choose which measurements belong together.

Nor does it depend on the order in which reports came. It is learnt from what the tracker will not take back any more,
in order of event time, and each report is corrected by what was learnt up to a moment so long before it was measured
that this is known whenever the report may come. So a report is corrected alike however late it is, and tracks of
shuffled reports stay those of sorted ones.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from luchtwacht.ingest.adjustment import Adjustment, AdjustmentState
from luchtwacht.ingest.mounting import AZIMUTH, COUNT, TIME, Mounting, corrected
from luchtwacht.ingest.pairing import Pairing, PairingState, SensorPair, observe_parties, observe_sensors
from luchtwacht.model import (
    BIASES,
    Associations,
    Claims,
    Detections,
    Floats,
    Ints,
    RegistrationMode,
    Site,
    Tracks,
)
from luchtwacht.model.state import copied
from luchtwacht.units import SECOND_NS, seconds_to_ns

SOLVE_NS = seconds_to_ns(5.0)
"""a new estimate is drawn this often"""
RETIMED_NS = 2_000_000
"""a clock's correction is changed by no less than this"""
AHEAD_NS = seconds_to_ns(2.0)
"""a report may say that it was measured so much later than it was received, and find its correction known"""
MOST_SHIFTS = 64
"""clocks' corrections remembered, for reports by clocks that are behind"""
SETTLED_NS = seconds_to_ns(20.0)
"""an aircraft must have been known for this long before a change of it means something"""
SEEN = 0.5
"""share of the prior standard deviation below which a bias is seen in the data"""
CHANCE = 2.0
"""standard deviations of a bias that chance may have made"""
CONFOUNDED = 0.9
"""correlation from which two biases cannot be told apart"""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is taken off one sensor's measurements, from some moment on."""

    bias: Floats
    """(7,) θ"""
    P: Floats
    """(7, 7) the doubt about it"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationState:
    """What was learnt, and what waits to be."""

    adjustment: AdjustmentState
    pairing: PairingState
    shifts: list[list[tuple[int, int]]]
    estimates: list[tuple[int, list[Estimate]]]
    solve_ns: int | None
    banned: dict[str, int]
    observed: bool
    turned: list[int]


class Registration:
    """Biases of all sensors of a site."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.mountings = tuple(Mounting.of(site, index) for index in range(len(site.sensors)))
        self._modes = [sensor.registration for sensor in site.sensors]
        self.adjustment = Adjustment(self.mountings)
        self.pairing = Pairing(site, self.mountings)
        self._declared = [mounting.mean.copy() for mounting in self.mountings]
        self._shifts: list[list[tuple[int, int]]] = [
            [(-(2**62), round(mounting.mean[TIME] * SECOND_NS))] for mounting in self.mountings
        ]
        """by sensor: from which time by its clock on, and by how much that was taken to be ahead (ns)"""
        self._lead_ns = seconds_to_ns(site.step_s) + seconds_to_ns(site.tracking.rollback_s)
        """what was learnt up to so long before a moment is known whenever something measured then may be released"""
        self._clock_lead_ns = self._lead_ns + seconds_to_ns(site.reorder_s) + AHEAD_NS
        """the same for what is received"""
        self._estimates: list[tuple[int, list[Estimate]]] = [(-(2**62), self._drawn())]
        """from which time of measurement on, and by sensor"""
        self._solve_ns: int | None = None
        self._banned: dict[str, int] = {}
        self._observed = False
        self._turned: list[int] = []
        """sensors that are being learnt anew from bearings that belonged to nothing"""
        self.moved: list[int] = []
        """sensors found to measure otherwise than they did, until somebody empties it"""

    def applied(self, sensor: int) -> bool:
        """Whether the estimate is taken off the sensor's measurements."""
        return self._modes[sensor] is RegistrationMode.APPLY and bool(self.mountings[sensor].sigma.any())

    def on_time(self, detections: Detections) -> Detections:
        """Detections by true time, as far as it is known; call it before they are put in order."""
        if not len(detections) or not self._retimed:
            return detections
        shift = np.zeros(len(detections), np.int64)
        for sensor in np.unique(detections.sensor).tolist():
            mine = detections.sensor == sensor
            since, by = np.array(self._shifts[sensor], np.int64).T
            shift[mine] = by[np.maximum(np.searchsorted(since, detections.time_ns[mine], side="right") - 1, 0)]
        return _shifted(detections, -shift)

    def by_own_clock(self, detections: Detections) -> Detections:
        """What `on_time` was given; where two of its times would now be one, the earlier."""
        if not len(detections) or not self._retimed:
            return detections
        shift = np.zeros(len(detections), np.int64)
        for sensor in np.unique(detections.sensor).tolist():
            mine = np.flatnonzero(detections.sensor == sensor)
            since, by = np.array(self._shifts[sensor], np.int64).T
            until = np.append(since[1:], 2**62)
            own = detections.time_ns[mine, None] + by
            shift[mine] = by[np.argmax((own >= since) & (own < until), axis=1)]
        return _shifted(detections, shift)

    @property
    def _retimed(self) -> bool:
        """Whether anything is ever taken off a clock."""
        return any(len(shifts) > 1 or shifts[0][1] for shifts in self._shifts)

    def correct(self, detections: Detections) -> Detections:
        """Detections without their sensors' biases, in the same order, noisier by what is not known of these.

        Each by what is known for the moment at which it was measured: the same whenever it comes.
        """
        if not len(detections):
            return detections
        since = np.array([since_ns for since_ns, _ in self._estimates], np.int64)
        which = np.maximum(np.searchsorted(since, detections.time_ns, side="right") - 1, 0)
        parts: list[Detections] = []
        places: list[Ints] = []
        changed = False
        key = detections.sensor * len(since) + which
        for each in np.unique(key).tolist():
            sensor, drawn = divmod(each, len(since))
            rows = np.flatnonzero(key == each)
            mine, estimate = detections.take(rows), self._estimates[drawn][1][sensor]
            if estimate.bias.any() or estimate.P.any():
                mine, changed = corrected(self.mountings[sensor], mine, estimate.bias, estimate.P), True
            parts.append(mine)
            places.append(rows)
        if not changed:
            return detections
        return Detections.concatenate(parts).take(np.argsort(np.concatenate(places), kind="stable"))

    def _drawn(self) -> list[Estimate]:
        """By sensor, what is taken off from now on."""
        return [self._taken_off(sensor) for sensor in range(len(self.mountings))]

    def _taken_off(self, sensor: int) -> Estimate:
        """What is taken off a sensor's measurements, and the doubt about it.

        A bias that the data do not speak of stays as declared, and its doubt is no news either: the declared noise was
        declared by somebody who did not know it. Of the others the doubt is how far what is taken off may be from the
        truth: the covariance of the estimate, and the square of what is left of the estimate.
        """
        if not self.applied(sensor):
            return Estimate(self._declared[sensor], np.zeros((COUNT, COUNT)))
        seen, sure = np.array(self.seen(sensor)), self._sure(sensor)
        left = self.adjustment.bias(sensor) - sure
        doubt = self.adjustment.covariance(sensor) + left[:, None] * left
        return Estimate(sure, np.where(seen[:, None] & seen, doubt, 0.0))

    def _sure(self, sensor: int) -> Floats:
        """(7,) the estimate, drawn towards what is declared by as much as chance alone may have moved it.

        Most sensors stand right; so each difference counts 1 - (`CHANCE` standard deviations over it)², and nothing
        when it is less than these (the positive-part estimator of James and Stein 1961, with a larger constant).
        """
        off = self.adjustment.bias(sensor) - self._declared[sensor]
        variance = np.diagonal(self.adjustment.covariance(sensor))
        share = 1.0 - CHANCE**2 * variance / np.maximum(off**2, 1e-30)
        return np.asarray(self._declared[sensor] + np.where(self.seen(sensor), np.maximum(share, 0.0) * off, 0.0))

    def learn(
        self,
        time_ns: int,
        detections: Detections,
        tracks: Tracks,
        associations: Associations,
        believed: Mapping[int, int],
        claims: Claims,
    ) -> bool:
        """Take in one step that nothing late can change any more; true when the estimates were drawn anew.

        Args:
            time_ns: ns UTC, later than that of the step before.
            detections: measured in this step, as `on_time` gave them, not corrected, in any order.
            believed: as `Pairing.step` has it.
        """
        own = self.by_own_clock(detections)
        parties, sensors = self.pairing.step(time_ns, own, tracks, associations, believed, claims)
        wanted = [mode is not RegistrationMode.OFF for mode in self._modes]
        parties = [pair for pair in parties if wanted[pair.sighting.sensor] and pair.party not in self._banned]
        sensors = [pair for pair in sensors if wanted[pair.sighting.sensor] and wanted[pair.beside.sensor]]
        strays = self.pairing.stray(time_ns, own, tracks, associations)
        strays = [pair for pair in strays if wanted[pair.sighting.sensor] and wanted[pair.beside.sensor]]
        self._observed |= bool(parties or sensors or strays)
        observe_parties(self.adjustment, parties)
        observe_sensors(self.adjustment, sensors)
        self._begin_anew(strays)
        observe_sensors(self.adjustment, strays, usual=False)
        if self._solve_ns is None:
            self._solve_ns = time_ns // SOLVE_NS * SOLVE_NS
        if time_ns - self._solve_ns < SOLVE_NS or not self._observed:
            return False
        self._solve_ns = time_ns // SOLVE_NS * SOLVE_NS
        self._look_for_changes(time_ns)
        self.adjustment.solve(time_ns)
        self._retime(time_ns)
        self._estimates.append((time_ns + self._lead_ns, self._drawn()))
        # what was measured before this step is not released any more
        begun = bisect_right([since_ns for since_ns, _ in self._estimates], time_ns) - 1
        self._estimates = self._estimates[max(begun, 0) :]
        return True

    def _begin_anew(self, strays: list[SensorPair]) -> None:
        """Forget what was known of sensors that are found to be turned by something else."""
        for sensor in sorted({pair.sighting.sensor for pair in strays}):
            turned = self.pairing.turned(sensor)
            known = sensor in self._turned
            if (
                turned is not None
                and not known
                and abs(turned.azimuth - self.adjustment.bias(sensor)[AZIMUTH]) > turned.half_width
            ):
                self.adjustment.forget_sensor(sensor, turned.azimuth)
                self.pairing.drop(sensor)
                self.moved.append(sensor)
                self._turned.append(sensor)
        self._turned = [sensor for sensor in self._turned if self.pairing.turned(sensor) is not None]

    def _look_for_changes(self, time_ns: int) -> None:
        """Forget what no longer holds."""
        sensors, parties = self.adjustment.changes(time_ns - SETTLED_NS)
        for sensor in sensors:
            self.adjustment.forget_sensor(sensor)
            self.moved.append(sensor)
        for name in parties:
            del self.adjustment.parties[name]
            self._banned[name] = time_ns
        self._banned = {name: since for name, since in self._banned.items() if time_ns - since < 600 * SECOND_NS}

    def _retime(self, time_ns: int) -> None:
        """Take the clocks' estimated errors off, where they are known better than before any data."""
        for sensor in range(len(self.mountings)):
            if not self.applied(sensor):
                continue
            by = round(float(self._sure(sensor)[TIME]) * SECOND_NS)
            shifts = self._shifts[sensor]
            if abs(by - shifts[-1][1]) >= RETIMED_NS:
                since_ns = max(time_ns + self._clock_lead_ns + shifts[-1][1], shifts[-1][0] + 1)
                self._shifts[sensor] = [*shifts, (since_ns, by)][-MOST_SHIFTS:]

    # ------------------------------------------------------------------ what is known

    def seen(self, sensor: int) -> tuple[bool, ...]:
        """(7,) which biases the data speak of."""
        prior, sigma = self.mountings[sensor].sigma, self.sigma(sensor)
        return tuple(bool(p > 0.0 and s < SEEN * p) for p, s in zip(prior, sigma, strict=True))

    def sigma(self, sensor: int) -> Floats:
        """(7,) standard deviations; NaN for what the sensor does not have."""
        spread = np.sqrt(np.maximum(np.diagonal(self.adjustment.covariance(sensor)), 0.0))
        return np.where(self.mountings[sensor].sigma > 0.0, spread, np.nan)

    def confounded(self, sensor: int) -> tuple[tuple[str, str], ...]:
        """Pairs of biases that the data cannot tell apart: a change of one looks like a change of the other."""
        P = self.adjustment.covariance(sensor)
        sigma = np.sqrt(np.maximum(np.diagonal(P), 1e-30))
        correlation = P / sigma[:, None] / sigma
        return tuple(
            (BIASES[i], BIASES[j])
            for i in range(COUNT)
            for j in range(i + 1, COUNT)
            if self.mountings[sensor].sigma[i] > 0.0
            and self.mountings[sensor].sigma[j] > 0.0
            and abs(correlation[i, j]) > CONFOUNDED
        )

    def declared(self, sensor: int) -> Floats:
        """(7,) bias as declared."""
        return self._declared[sensor]

    # ------------------------------------------------------------------ state

    def state(self) -> RegistrationState:
        """Everything learnt so far."""
        return RegistrationState(
            adjustment=self.adjustment.state(),
            pairing=self.pairing.state(),
            shifts=copied(self._shifts),
            estimates=list(self._estimates),
            solve_ns=self._solve_ns,
            banned=dict(self._banned),
            observed=self._observed,
            turned=list(self._turned),
        )

    def restore(self, state: RegistrationState) -> None:
        """Go on from what `state` gave."""
        self.adjustment.restore(state.adjustment)
        self.pairing.restore(state.pairing)
        self._shifts, self._estimates, self._solve_ns = copied(state.shifts), list(state.estimates), state.solve_ns
        self._banned, self._observed, self._turned = dict(state.banned), state.observed, list(state.turned)


def _shifted(detections: Detections, shift: Ints) -> Detections:
    return Detections(**detections.columns() | {"time_ns": detections.time_ns + shift})
