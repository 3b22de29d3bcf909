"""Calibration: the biases and the noise of sensors from a whole recording.

The same equations as on line (`ingest.adjustment`), but nothing fades, every pair is weighed with the final estimate,
and the recording is run again with what was found until little is left: a sensor that is far off makes tracks of its
own at first, and only once it is nearly right can it be held against the others. With the truth at hand sensors are
held against that; claims and other sensors count all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from luchtwacht.evaluation.truth import Courses
from luchtwacht.ingest.adjustment import Adjustment
from luchtwacht.ingest.heard import believed
from luchtwacht.ingest.mounting import AZIMUTH, COUNT, ELEVATION, RANGE, Mounting, congruent
from luchtwacht.ingest.pairing import (
    REPEATED,
    Pairing,
    PartyPair,
    SensorPair,
    Sighting,
    observe_parties,
    observe_sensors,
    party_equations,
)
from luchtwacht.model import (
    BIAS_UNITS,
    BIASES,
    CLAIM_RECEIVERS,
    Associations,
    Bias,
    Bools,
    Claimed,
    Claims,
    Detected,
    Detections,
    Event,
    Floats,
    Geometry,
    Identified,
    Identities,
    RegistrationMode,
    SensorMeasured,
    Site,
    Tracked,
    Tracks,
)

TRUTH_ACCURACY_M = (1.5, 4.0)
"""of a GPS log, across and of height: its error stays for minutes"""
TRUTH_NOISE_M = 0.5
ROUNDS = 5
"""weighings of the pairs with the estimate they give"""
NARROWER = 0.4
"""share of the gate that is used once a first estimate was taken off"""
SEEN = 0.5
"""share of its prior standard deviation below which a bias is seen"""
LEAST_SIGMA = (0.5, 0.02, 0.02, 0.2, 0.2, 0.2, 0.01)
"""m, degrees, s: nothing is declared more sharply than this, as sensors are moved by sun and wind"""
ENOUGH = 30
"""pairs from which noise is measured"""
NAMES = ("range_m", "azimuth_deg", "elevation_deg", "east_m", "north_m", "up_m", "time_s")


@dataclass(frozen=True)
class Pass:
    """A recording as run once, with the biases that were then declared."""

    site: Site
    parties: list[PartyPair]
    truths: list[PartyPair]
    ties: list[SensorPair]
    measured: list[SensorMeasured]
    places: frozenset[int]
    """sensors that report places on the map"""
    smoothed: frozenset[int]
    """sensors whose own trackers make their reports"""


@dataclass(frozen=True)
class Residuals:
    """What a sensor measured less where the aircraft was, for drawing: one row a pair."""

    time_ns: Floats
    before: Floats
    """(n, 3) m, rad, rad (or m, m, m), with the biases declared at first"""
    after: Floats
    """(n, 3) the same with those found"""
    before_s: Floats
    """(n,) s, what the misfit along the way would be as an error of time; NaN where it hovers"""
    after_s: Floats
    coordinates: Floats
    """(n, 3) what was measured"""


@dataclass(frozen=True)
class Calibrated:
    """What was found of one sensor."""

    sensor: str
    bias: Bias
    """mean and standard deviation of everything that was seen; the rest as it was declared"""
    seen: tuple[bool, ...]
    confounded: tuple[tuple[str, str], ...]
    pairs_with_truth: int
    pairs_with_claims: int
    pairs_with_sensors: int
    noise: tuple[float, ...]
    """(3,) SI, standard deviation of range, azimuth, elevation (or east, north, up); NaN where not measured"""
    before: tuple[float, ...]
    """(3,) SI, root mean square residual with the biases declared at first"""
    after: tuple[float, ...]
    probability_of_detection: float
    false_reports: float
    latency_s: float
    period_s: float
    residuals: Residuals = field(repr=False)
    polar: bool = True
    """whether its coordinates are range, azimuth and elevation"""
    reports_places: bool = False
    """whether it reports places on the map, whatever it measures"""
    smooths: bool = False
    """whether its own tracker made its reports: their scatter says little of how far off they stay"""


def without_learning(site: Site, biases: Iterable[Bias] | None = None) -> Site:
    """The site with these biases declared, and nothing learnt on the way."""
    given = [sensor.bias for sensor in site.sensors] if biases is None else list(biases)
    return replace(
        site,
        sensors=tuple(
            replace(sensor, bias=bias, registration=RegistrationMode.OFF)
            for sensor, bias in zip(site.sensors, given, strict=True)
        ),
    )


class Collector:
    """Takes in what a pipeline says of a recording, and keeps what can be held against something.

    Args:
        site: as `without_learning` gave it.
        truth: where objects really were; none: not known.
        gate_m: how far a report of an object may be from it.
    """

    def __init__(self, site: Site, truth: Courses | None, gate_m: float) -> None:
        self._site, self._truth, self._gate_m = site, truth, gate_m
        self._mountings = tuple(Mounting.of(site, index) for index in range(len(site.sensors)))
        self._pairing = Pairing(site, self._mountings)
        self._parties: list[PartyPair] = []
        self._truths: list[PartyPair] = []
        self._ties: list[SensorPair] = []
        self._measured: list[SensorMeasured] = []
        self._places: set[int] = set()
        self._smoothed: set[int] = set()

    def take(self, time_ns: int, events: Iterable[Event]) -> None:
        """What was said for the moment `time_ns`."""
        detections, tracks, associations = Detections.empty(), Tracks.empty(), Associations.empty()
        identities, claims = Identities.empty(), Claims.empty()
        for event in events:
            match event:
                case Detected():
                    detections = event.detections
                case Tracked():
                    tracks = event.tracks.take(event.tracks.track > 0)
                    associations = event.associations.take(event.associations.track > 0)
                case Identified():
                    identities = event.identities
                case Claimed():
                    claims = event.claims
                case SensorMeasured():
                    self._measured.append(event)
        placed = detections.sensor[detections.geometry == Geometry.POSITION]
        self._places.update(np.unique(placed).tolist())
        self._smoothed.update(np.unique(detections.sensor[detections.filtered]).tolist())
        parties, ties = self._pairing.step(time_ns, detections, tracks, associations, believed(identities), claims)
        self._parties += parties
        self._ties += ties
        if self._truth is not None and len(detections):
            self._truths += self._beside_truth(detections, self._truth)

    def finished(self) -> Pass:
        """Everything that was taken in."""
        return Pass(
            self._site,
            self._parties,
            self._truths,
            self._ties,
            self._measured,
            frozenset(self._places),
            frozenset(self._smoothed),
        )

    def _beside_truth(self, detections: Detections, truth: Courses) -> list[PartyPair]:
        """Reports beside the nearest object, where one is near."""
        pairs: list[PartyPair] = []
        for sensor in np.unique(detections.sensor).tolist():
            mine = detections.take(detections.sensor == sensor)
            mounting = self._mountings[sensor]
            z, R = mounting.measured(mine)
            R = np.where(mine.filtered[:, None, None], REPEATED * R, R)
            best = np.full(len(mine), np.inf)
            chosen: list[tuple[int, Floats, Floats] | None] = [None] * len(mine)
            for row in range(len(truth.names)):
                position, velocity, there = truth.at(row, mine.time_ns)
                off, near = self._misfit(mounting, sensor, z, position)
                for k in np.flatnonzero(there & near & (off < best)).tolist():
                    best[k], chosen[k] = off[k], (row, position[k], np.nan_to_num(velocity[k]))
            for k, which in enumerate(chosen):
                if which is None:
                    continue
                row, position, velocity = which
                name = f"truth of {truth.names[row]}"
                sighting = Sighting(
                    sensor, -row - 1, int(mine.id[k]), int(mine.time_ns[k]), z[k], R[k], velocity, position[2], 5.0
                )
                noise = np.eye(3) * TRUTH_NOISE_M**2
                pairs.append(PartyPair(sighting, name, name, TRUTH_ACCURACY_M, position, noise, velocity))
        return pairs

    def _misfit(self, mounting: Mounting, sensor: int, z: Floats, points: Floats) -> tuple[Floats, Bools]:
        """(n,) metres between reports and an object, as far as measured, and whether they may belong together."""
        own = mounting.coordinates(points)
        off = z - own
        declared = self._site.sensors[sensor]
        if not mounting.polar:
            apart = np.hypot(off[:, 0], off[:, 1])
            return apart, apart <= max(self._gate_m, 3.0 * declared.position_sigma_m)
        off[:, AZIMUTH] = np.mod(off[:, AZIMUTH] + np.pi, 2.0 * np.pi) - np.pi
        ground = own[:, RANGE] * np.cos(own[:, ELEVATION])
        across = np.abs(np.nan_to_num(off[:, AZIMUTH])) * ground
        along = np.abs(np.nan_to_num(off[:, RANGE]))
        above = np.abs(np.nan_to_num(off[:, ELEVATION])) * own[:, RANGE]
        near = across <= np.maximum(self._gate_m, 2.5 * declared.azimuth_sigma * ground)
        near &= along <= max(self._gate_m, 3.0 * declared.range_sigma_m)
        near &= above <= np.maximum(self._gate_m, 3.0 * declared.elevation_sigma * own[:, RANGE])
        return np.sqrt(across**2 + along**2 + above**2), near


def adjust(taken: Pass, declared: Site) -> Adjustment:
    """The biases that remain in a pass, every pair weighed with the estimate itself.

    Args:
        declared: the site as it was declared at first; its biases are the prior.
    """
    mountings = []
    for index in range(len(declared.sensors)):
        mounting, prior = Mounting.of(taken.site, index), Mounting.of(declared, index)
        mountings.append(replace(mounting, mean=prior.mean - mounting.mean, sigma=prior.sigma))
    before: Adjustment | None = None
    for _ in range(ROUNDS):
        now = Adjustment(mountings, memory_s=np.inf, most_parties=1_000_000)
        if before is not None:
            now.start_from(before)
        observe_parties(now, taken.truths, trusted=True)
        observe_parties(now, taken.parties)
        observe_sensors(now, taken.ties)
        for _ in range(3):
            now.solve(0)
        before = now
    assert before is not None
    return before


def biases_of(taken: Pass, found: Adjustment, declared: Site) -> list[Bias]:
    """What to declare: where a bias was seen what was found of it, else what was declared."""
    said = []
    for index, sensor in enumerate(declared.sensors):
        total = np.array(taken.site.sensors[index].bias.mean) + found.bias(index)
        sigma = np.sqrt(np.maximum(np.diagonal(found.covariance(index)), 0.0))
        prior = Mounting.of(declared, index).sigma
        values: dict[str, float | None] = {}
        for k, name in enumerate(NAMES):
            if prior[k] > 0.0 and sigma[k] < SEEN * prior[k]:
                quantity, _, unit = name.rpartition("_")
                values[name] = round(float(total[k] / BIAS_UNITS[k]), 4)
                spread = max(float(sigma[k] / BIAS_UNITS[k]), LEAST_SIGMA[k])
                values[f"{quantity}_sigma_{unit}"] = round(spread, 4)
        said.append(replace(sensor.bias, **values))  # type: ignore[arg-type]
    return said


def summarise_calibration(taken: Pass, found: Adjustment, declared: Site) -> list[Calibrated]:
    """Everything that was found, sensor by sensor, without receivers of claims."""
    biases = biases_of(taken, found, declared)
    return [
        _summary(taken, found, declared, index, biases[index])
        for index, sensor in enumerate(declared.sensors)
        if sensor.kind not in CLAIM_RECEIVERS
    ]


def _summary(taken: Pass, found: Adjustment, declared: Site, index: int, bias: Bias) -> Calibrated:
    sensor = declared.sensors[index]
    pairs = [pair for pair in [*taken.truths, *taken.parties] if pair.sighting.sensor == index]
    residuals, noise = _residuals(taken, found, declared, index, pairs)
    prior = Mounting.of(declared, index).sigma
    P = found.covariance(index)
    sigma = np.sqrt(np.maximum(np.diagonal(P), 1e-30))
    own = [each for each in taken.measured if each.sensor == sensor.id]
    return Calibrated(
        sensor=sensor.id,
        bias=bias,
        seen=tuple(bool(p > 0.0 and s < SEEN * p) for p, s in zip(prior, sigma, strict=True)),
        confounded=tuple(
            (BIASES[i], BIASES[j])
            for i in range(COUNT)
            for j in range(i + 1, COUNT)
            if prior[i] > 0.0 and prior[j] > 0.0 and abs(P[i, j]) > 0.9 * sigma[i] * sigma[j]
        ),
        pairs_with_truth=sum(pair.sighting.sensor == index for pair in taken.truths),
        pairs_with_claims=sum(pair.sighting.sensor == index for pair in taken.parties),
        pairs_with_sensors=sum(index in (pair.sighting.sensor, pair.beside.sensor) for pair in taken.ties),
        noise=tuple(noise.tolist()),
        before=tuple(_rms(residuals.before).tolist()),
        after=tuple(_rms(residuals.after).tolist()),
        probability_of_detection=_mean(
            [each.probability_of_detection for each in own], [each.opportunities for each in own]
        ),
        false_reports=_mean([each.false_reports for each in own]),
        latency_s=_mean([each.latency_s for each in own]),
        period_s=_mean([each.period_s for each in own]),
        residuals=residuals,
        polar=found.mountings[index].polar,
        reports_places=index in taken.places,
        smooths=index in taken.smoothed,
    )


def _residuals(
    taken: Pass, found: Adjustment, declared: Site, index: int, pairs: list[PartyPair]
) -> tuple[Residuals, Floats]:
    """Residuals of a sensor against truth and claims, and its noise without the claims' own."""
    mounting = found.mountings[index]
    if not pairs:
        none = np.zeros((0, 3))
        return Residuals(np.zeros(0), none, none, np.zeros(0), np.zeros(0), none), np.full(3, np.nan)
    y, _, G, F = party_equations(mounting, pairs)
    offsets = np.array([found.parties[pair.party].offset for pair in pairs])
    told = (F * offsets[:, None, :]).sum(axis=2)
    taken_off = np.array(taken.site.sensors[index].bias.mean) - np.array(declared.sensors[index].bias.mean)
    before = y + (G * taken_off).sum(axis=2)
    after = y - (G * found.bias(index)).sum(axis=2) - told
    points, velocities = np.array([pair.point for pair in pairs]), np.array([pair.velocity for pair in pairs])
    H = mounting.slopes(points)
    other = np.diagonal(congruent(H, np.array([pair.noise for pair in pairs])), axis1=1, axis2=2)
    noise = np.full(3, np.nan)
    for k in range(3):
        known = np.isfinite(after[:, k])
        if known.sum() >= ENOUGH:
            spread = 1.4826 * np.median(np.abs(after[known, k] - np.median(after[known, k])))
            noise[k] = np.sqrt(max(spread**2 - np.median(other[known, k]), (0.1 * spread) ** 2))
    times = np.array([pair.sighting.time_ns for pair in pairs], dtype=np.float64)
    return Residuals(
        times,
        before,
        after,
        _along(H, velocities, before),
        _along(H, velocities, after),
        np.array([pair.sighting.z for pair in pairs]),
    ), noise


def _along(H: Floats, velocities: Floats, off: Floats) -> Floats:
    """(n,) s by which measurements are late, as far as misfits in range and azimuth along the way tell."""
    rate = (H * velocities[:, None, :]).sum(axis=2)[:, :2]
    scale = np.array([1.0 / 10.0, 1.0 / 0.01])  # a usual noise of each, so that both may be weighed together
    w = np.where(np.isfinite(off[:, :2]), scale, 0.0) ** 2
    power = (w * rate**2).sum(axis=1)
    return np.where(
        power > 0.02, -(w * rate * np.nan_to_num(off[:, :2])).sum(axis=1) / np.maximum(power, 1e-12), np.nan
    )


def _rms(values: Floats) -> Floats:
    """(3,) root of the median square times 2.198: what a normal distribution's root mean square would be."""
    known = np.isfinite(values)
    return np.array(
        [1.4826 * np.median(np.abs(values[known[:, k], k])) if known[:, k].any() else np.nan for k in range(3)]
    )


def _mean(values: list[float], weights: list[float] | None = None) -> float:
    v = np.array(values, dtype=np.float64)
    w = np.ones(len(v)) if weights is None else np.array(weights, dtype=np.float64)
    known = np.isfinite(v) & (w > 0.0)
    return float((v[known] * w[known]).sum() / w[known].sum()) if known.any() else float("nan")


def horizontal_noise(of: Calibrated) -> float:
    """m on each horizontal axis, of a radar that reports positions, at the median distance of its pairs."""
    distance = float(np.nanmedian(of.residuals.coordinates[:, RANGE])) if len(of.residuals.time_ns) else float("nan")
    along, across = of.noise[RANGE], of.noise[AZIMUTH] * distance
    return float(np.sqrt((along**2 + across**2) / 2.0)) if of.polar else float(np.sqrt(of.noise[0] * of.noise[1]))


def vertical_noise(of: Calibrated) -> float:
    """m, of the heights of a radar that reports positions."""
    distance = float(np.nanmedian(of.residuals.coordinates[:, RANGE])) if len(of.residuals.time_ns) else float("nan")
    return float(of.noise[2] * distance) if of.polar else float(of.noise[2])
