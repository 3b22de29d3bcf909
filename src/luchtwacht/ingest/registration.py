"""Registration: the bias of every sensor, learnt while the watch runs, and taken off what it measures.

    receive:   detections ─► on_time (the clock's error off) ─► ReorderBuffer
    conclude:  released ─► correct ─► Tracker ─► Correlator ─► learn (pairs ─► adjustment)

What is learnt comes from measurements as they were made; what was taken off is put back first. So an estimate can
never confirm itself; it only helps to choose which measurements belong together. A new estimate is drawn on a grid of
event time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from luchtwacht.ingest.adjustment import Adjustment, AdjustmentState
from luchtwacht.ingest.mounting import COUNT, TIME, Mounting, corrected
from luchtwacht.ingest.pairing import Pairing, PairingState, observe_parties, observe_sensors
from luchtwacht.model import (
    BIASES,
    Associations,
    Claims,
    Detections,
    Floats,
    Identities,
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
SETTLED_NS = seconds_to_ns(20.0)
"""an aircraft must have been known for this long before a change of it means something"""
SEEN = 0.5
"""share of the prior standard deviation below which a bias is seen in the data"""
CHANCE = 2.0
"""standard deviations of a bias that chance may have made"""
CONFOUNDED = 0.9
"""correlation from which two biases cannot be told apart"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationState:
    """What was learnt, and what waits to be."""

    adjustment: AdjustmentState
    pairing: PairingState
    shifts: list[list[tuple[int, int]]]
    received_ns: int
    solve_ns: int | None
    banned: dict[str, int]
    observed: bool


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
        """by sensor: from which time of receipt on, and by how much its clock was taken to be ahead (ns)"""
        self._received_ns = -(2**62)
        self._solve_ns: int | None = None
        self._banned: dict[str, int] = {}
        self._observed = False
        self.moved: list[int] = []
        """sensors found in the latest step to measure otherwise than they did"""

    def applied(self, sensor: int) -> bool:
        """Whether the estimate is taken off the sensor's measurements."""
        return self._modes[sensor] is RegistrationMode.APPLY and bool(self.mountings[sensor].sigma.any())

    def on_time(self, detections: Detections) -> Detections:
        """Detections by true time, as far as it is known; call it before they are put in order."""
        shift = self._shift(detections)
        return detections if shift is None else _shifted(detections, -shift)

    def by_own_clock(self, detections: Detections) -> Detections:
        """What `on_time` was given."""
        shift = self._shift(detections)
        return detections if shift is None else _shifted(detections, shift)

    def _shift(self, detections: Detections) -> Ints | None:
        """(n,) ns that each sensor's clock was taken to be ahead when each report was received; none: nothing."""
        if not len(detections) or not any(len(shifts) > 1 or shifts[0][1] for shifts in self._shifts):
            return None
        shift = np.zeros(len(detections), np.int64)
        for sensor in np.unique(detections.sensor).tolist():
            mine = detections.sensor == sensor
            since = np.array([since for since, _ in self._shifts[sensor]], np.int64)
            by = np.array([by for _, by in self._shifts[sensor]], np.int64)
            shift[mine] = by[np.maximum(np.searchsorted(since, detections.received_ns[mine], side="right") - 1, 0)]
        return shift

    def correct(self, detections: Detections) -> Detections:
        """Detections without their sensors' biases, in the same order, noisier by what is not known of these."""
        parts: list[Detections] = []
        places: list[Ints] = []
        changed = False
        for sensor in np.unique(detections.sensor).tolist():
            rows = np.flatnonzero(detections.sensor == sensor)
            mine = detections.take(rows)
            bias, P = self._taken_off(sensor)
            if bias.any() or P.any():
                mine, changed = corrected(self.mountings[sensor], mine, bias, P), True
            parts.append(mine)
            places.append(rows)
        if not changed:
            return detections
        return Detections.concatenate(parts).take(np.argsort(np.concatenate(places), kind="stable"))

    def _taken_off(self, sensor: int) -> tuple[Floats, Floats]:
        """(7,) what is taken off a sensor's measurements, and (7, 7) the doubt about it.

        A bias that the data do not speak of stays as declared, and its doubt is no news either: the declared noise was
        declared by somebody who did not know it.
        """
        if not self.applied(sensor):
            return self._declared[sensor], np.zeros((COUNT, COUNT))
        seen = np.array(self.seen(sensor))
        return self._sure(sensor), np.where(seen[:, None] & seen, self.adjustment.covariance(sensor), 0.0)

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
        identities: Identities,
        claims: Claims,
    ) -> bool:
        """Take in one step of the watch; true when the estimates were drawn anew.

        Args:
            detections: those of this step by their sensors' own clocks, not corrected.
        """
        self.moved = []
        parties, sensors = self.pairing.step(time_ns, detections, tracks, associations, identities, claims)
        wanted = [mode is not RegistrationMode.OFF for mode in self._modes]
        parties = [pair for pair in parties if wanted[pair.sighting.sensor] and pair.party not in self._banned]
        sensors = [pair for pair in sensors if wanted[pair.sighting.sensor] and wanted[pair.beside.sensor]]
        self._observed |= bool(parties or sensors)
        observe_parties(self.adjustment, parties)
        observe_sensors(self.adjustment, sensors)
        if self._solve_ns is None:
            self._solve_ns = time_ns // SOLVE_NS * SOLVE_NS
        if time_ns - self._solve_ns < SOLVE_NS or not self._observed:
            return False
        self._solve_ns = time_ns // SOLVE_NS * SOLVE_NS
        self._look_for_changes(time_ns)
        self.adjustment.solve(time_ns)
        self._retime(time_ns)
        return True

    def _look_for_changes(self, time_ns: int) -> None:
        """Forget what no longer holds."""
        sensors, parties = self.adjustment.changes(time_ns, time_ns - SETTLED_NS)
        for sensor in sensors:
            self.adjustment.forget_sensor(sensor)
            self.moved.append(sensor)
        for name in parties:
            del self.adjustment.parties[name]
            self._banned[name] = time_ns
        self._banned = {name: since for name, since in self._banned.items() if time_ns - since < 600 * SECOND_NS}

    def _retime(self, time_ns: int) -> None:
        """From now on take the clocks' estimated errors off, where they are known better than before any data."""
        for sensor in range(len(self.mountings)):
            if not self.applied(sensor):
                continue
            by = round(float(self._sure(sensor)[TIME]) * SECOND_NS)
            shifts = self._shifts[sensor]
            if abs(by - shifts[-1][1]) >= RETIMED_NS:
                # what was received before is still held back under the shift it was given
                self._shifts[sensor] = [*shifts, (self._received_ns + 1, by)][-64:]

    def hear(self, received_ns: int) -> None:
        """The latest time of receipt so far: a change of a clock's correction holds for what comes after it."""
        self._received_ns = max(self._received_ns, received_ns)

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
            received_ns=self._received_ns,
            solve_ns=self._solve_ns,
            banned=dict(self._banned),
            observed=self._observed,
        )

    def restore(self, state: RegistrationState) -> None:
        """Go on from what `state` gave."""
        self.adjustment.restore(state.adjustment)
        self.pairing.restore(state.pairing)
        self._shifts, self._received_ns, self._solve_ns = copied(state.shifts), state.received_ns, state.solve_ns
        self._banned, self._observed = dict(state.banned), state.observed


def _shifted(detections: Detections, shift: Ints) -> Detections:
    return Detections(**detections.columns() | {"time_ns": detections.time_ns + shift})
