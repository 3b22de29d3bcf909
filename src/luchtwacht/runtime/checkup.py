"""A checkup of a site's sensors: listen to every source for a while, and say of each what came and what is wrong.

Nothing is recorded and nothing concluded: what comes goes through the same ingest as in a watch, and is counted.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from math import nan

import numpy as np

from luchtwacht.clock import Clock
from luchtwacht.geodesy import polar_to_enu
from luchtwacht.ingest import Ingest, Ingested
from luchtwacht.model import (
    CLAIM_RECEIVERS,
    ApiLink,
    Detections,
    Floats,
    Frames,
    Geometry,
    Ints,
    LinkState,
    Reason,
    ReportLink,
    Sensor,
    SensorState,
    Site,
    parse_link,
)
from luchtwacht.sources.live import listen
from luchtwacht.units import DEGREE, SECOND_NS

MOST_OCTETS = 256 * 1024 * 1024
"""kept of all sources together; then sources wait"""
SLOW = 3.0
"""a sensor whose reports are this many declared periods apart is slow"""
CLOCK_S = 1.0
"""reports that are this far behind, and any that come from the future by half as much, are worth a word"""
PLAUSIBLE = 0.95
"""part of the reports that must lie in the declared coverage"""
SIGMAS = 3.0
"""a report may stand this far outside the coverage by its own error"""


@dataclass(slots=True, kw_only=True)
class SourceCheck:
    """What came from one source."""

    source: str
    connect: str
    connected: bool = False
    detail: str = ""
    """the last thing said of the way to it"""
    payloads: int = 0
    octets: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    """by reason and item, how many records"""
    why: dict[str, str] = field(default_factory=dict)
    """by the same, the first sentence said of it"""


@dataclass(slots=True, kw_only=True)
class SensorCheck:
    """What came from one sensor; NaN where too little came to say."""

    sensor: str
    kind: str
    source: str
    measurements: int = 0
    claims: int = 0
    statuses: int = 0
    state: str = ""
    """what it says of itself"""
    interval_s: float = nan
    """median time between two looks"""
    period_s: float
    """as declared"""
    behind_s: float = nan
    """median time between a report's own time and its receipt"""
    plausible: float = nan
    """part of the reports that lie in the declared coverage"""
    problems: list[str] = field(default_factory=list)
    """what is wrong, each with what to do about it; empty when all is well"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkup:
    """What was found."""

    seconds: float
    sources: tuple[SourceCheck, ...]
    sensors: tuple[SensorCheck, ...]

    @property
    def well(self) -> bool:
        """Whether nothing is wrong with any sensor."""
        return not any(sensor.problems for sensor in self.sensors) and all(each.connected for each in self.sources)


class _Listening:
    """A sink that keeps what comes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.arrivals: list[tuple[int, int, bytes]] = []
        self.reports: list[ReportLink] = []
        self._octets = 0

    @property
    def full(self) -> bool:
        return self._octets > MOST_OCTETS

    def receive(self, source: int, payload: bytes) -> None:
        self._octets += len(payload)
        self.arrivals.append((self._clock.now_ns(), source, payload))

    def report(self, order: ReportLink) -> None:
        self.reports.append(order)

    async def room(self) -> None:
        while self.full:  # noqa: ASYNC110 - until the checkup ends
            await asyncio.sleep(0.1)

    async def kept(self) -> None:
        """Nothing is kept."""


async def check_sensors(site: Site, mappings: dict[str, str], clock: Clock, seconds: float) -> Checkup:
    """Listen for some seconds, and say what came.

    Raises:
        BadConfiguration: the site or a mapping contradicts itself, or a port of this machine cannot be used.
    """
    ingest = Ingest(site, mappings)
    heard = _Listening(clock)
    listening = asyncio.create_task(listen(site, heard))
    try:
        done, _ = await asyncio.wait((listening,), timeout=seconds)
        if done:
            listening.result()
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    arrivals = heard.arrivals
    frames = Frames.of(
        [payload for _, _, payload in arrivals],
        sequence=np.arange(1, len(arrivals) + 1),
        source=[source for _, source, _ in arrivals],
        received_ns=[received_ns for received_ns, _, _ in arrivals],
    )
    taken = ingest.receive(frames) if len(frames) else Ingested()
    sources = _sources(site, heard, taken)
    by_source = {each.source: each for each in sources}
    sensors = tuple(
        _sensor(site, index, by_source[sensor.source], taken, seconds) for index, sensor in enumerate(site.sensors)
    )
    return Checkup(seconds=seconds, sources=sources, sensors=sensors)


# ---------------------------------------------------------------------- sources


def _sources(site: Site, heard: _Listening, taken: Ingested) -> tuple[SourceCheck, ...]:
    made = [SourceCheck(source=source.id, connect=source.connect) for source in site.sources]
    by_id = {each.source: each for each in made}
    for each, source in zip(made, site.sources, strict=True):
        if isinstance(parse_link(source.connect), ApiLink):
            each.connected, each.detail = True, "people and programs hand in through the API of a running watch"
    for report in heard.reports:
        by_id[report.source].connected = report.state != LinkState.LOST
        by_id[report.source].detail = report.detail
    for _, number, payload in heard.arrivals:
        made[number].payloads += 1
        made[number].octets += len(payload)
    for rejection in taken.rejections:
        key = f"{rejection.reason.value} {rejection.item}".strip()
        counts = made[rejection.source].refused
        counts[key] = counts.get(key, 0) + rejection.count
        made[rejection.source].why.setdefault(key, rejection.detail)
    return tuple(made)


# ---------------------------------------------------------------------- sensors


def _sensor(site: Site, index: int, source: SourceCheck, taken: Ingested, seconds: float) -> SensorCheck:
    sensor = site.sensors[index]
    detections = taken.detections.take(taken.detections.sensor == index)
    claims = taken.claims.take(taken.claims.sensor == index)
    statuses = [report for report in taken.reports if report.sensor == index]
    made = SensorCheck(
        sensor=sensor.id,
        kind=sensor.kind.value,
        source=sensor.source,
        measurements=len(detections),
        claims=len(claims),
        statuses=len(statuses),
        period_s=sensor.period_s,
    )
    time_ns = np.concatenate([detections.time_ns, claims.time_ns])
    received_ns = np.concatenate([detections.received_ns, claims.received_ns])
    if len(time_ns):
        made.behind_s = float(np.median((received_ns - time_ns) / SECOND_NS))
        made.interval_s = _interval_s(np.concatenate([time_ns, np.array([r.time_ns for r in statuses], np.int64)]))
        made.plausible = float(
            np.mean(np.concatenate([_in_coverage(detections, sensor, site), _near(claims.position, sensor, site)]))
        )
    if statuses:
        made.state = statuses[-1].state.value + (f": {statuses[-1].detail}" if statuses[-1].detail else "")
    made.problems += _problems(made, sensor, source, taken, site, seconds)
    if statuses and statuses[-1].state != SensorState.OPERATIONAL:
        made.problems.append(f"it says that it is {made.state}")
    return made


def _interval_s(time_ns: Ints) -> float:
    """Median time between looks; reports of one look are a tenth of a second apart at most."""
    looks = np.unique(time_ns // (SECOND_NS // 10))
    return float(np.median(np.diff(looks))) / 10.0 if len(looks) > 1 else nan


def _problems(
    made: SensorCheck, sensor: Sensor, source: SourceCheck, taken: Ingested, site: Site, seconds: float
) -> list[str]:
    if not source.connected:
        return [f"not connected: {source.detail or 'no answer yet'}; is it switched on, is the address right?"]
    receiver = sensor.kind in CLAIM_RECEIVERS
    found = made.measurements + made.claims + made.statuses
    problems = []
    if not source.payloads:
        if seconds >= SLOW * sensor.period_s:
            problems.append("connected, and nothing came: does it send here, is a firewall between?")
    elif not found and not (receiver and not source.refused):
        reasons = Counter(source.refused).most_common(2)
        refused = "; ".join(f"{count} times {key} ({source.why[key]})" for key, count in reasons)
        what = f"all of it refused: {refused}" if refused else "none of it from this sensor"
        problems.append(f"{source.payloads} payloads came, {what}; do format and identity fit the declaration?")
    if any(key.startswith(Reason.CLOCK.value) for key in source.refused):
        key = next(key for key in source.refused if key.startswith(Reason.CLOCK.value))
        problems.append(f"its clock: {source.why[key]}")
    elif made.behind_s > CLOCK_S or made.behind_s < -CLOCK_S / 2.0:
        where = "behind" if made.behind_s > 0 else "ahead"
        problems.append(
            f"its reports are {abs(made.behind_s):.1f} s {where}: set its clock (NTP), or declare a larger reorder_s "
            f"than {site.reorder_s:g} if this is how long it takes"
        )
    if made.interval_s > SLOW * sensor.period_s:
        problems.append(
            f"{made.interval_s:.1f} s between looks, where period_s {sensor.period_s:g} is declared: few objects, or a "
            "slower sensor than declared"
        )
    if made.plausible < PLAUSIBLE:
        problems.append(
            f"{1.0 - made.plausible:.0%} of its reports lie outside the declared coverage: check place, ranges and "
            "angles, and its north"
        )
    return problems


def _in_coverage(detections: Detections, sensor: Sensor, site: Site) -> np.ndarray:
    """(n,) whether each measurement lies in the declared coverage; what was not measured is taken for fitting."""
    if not len(detections):
        return np.empty(0, dtype=np.bool_)
    polar = detections.geometry == Geometry.POLAR
    z = detections.z
    sigma = np.sqrt(np.nan_to_num(np.diagonal(detections.R, axis1=1, axis2=2)))
    spread_m = SIGMAS * np.where(polar, sigma[:, 0], np.hypot(sigma[:, 0], sigma[:, 1]))
    place = site.frame.to_enu(np.array([sensor.place.geodetic]))[0]
    away = np.where(polar[:, None], polar_to_enu(np.nan_to_num(z[:, :3])), z[:, :3] - place)
    range_m = np.where(polar, z[:, 0], np.hypot(away[:, 0], away[:, 1]))
    azimuth = np.where(polar, z[:, 1], np.arctan2(away[:, 0], away[:, 1]))
    elevation = np.where(polar, z[:, 2], np.arctan2(away[:, 2], np.hypot(away[:, 0], away[:, 1])))
    fits = ~(range_m < sensor.range_min_m - spread_m) & ~(range_m > sensor.range_max_m + spread_m)
    tilt = SIGMAS * np.where(polar, sigma[:, 2], sensor.elevation_sigma)
    fits &= ~(elevation < sensor.elevation_min_deg * DEGREE - tilt)
    fits &= ~(elevation > sensor.elevation_max_deg * DEGREE + tilt)
    width = sensor.azimuth_to_deg - sensor.azimuth_from_deg
    if width % 360.0 > 0.0 or width == 0.0:
        turn = SIGMAS * np.where(polar, sigma[:, 1], sensor.azimuth_sigma) / DEGREE
        from_start = np.mod(azimuth / DEGREE - sensor.azimuth_from_deg, 360.0)
        inside = (from_start <= width % 360.0 + turn) | (from_start >= 360.0 - turn)
        fits &= inside | np.isnan(azimuth)
    return np.asarray(fits)


def _near(position: Floats, sensor: Sensor, site: Site) -> np.ndarray:
    """(n,) whether each claim lies within the receiver's declared range."""
    place = site.frame.to_enu(np.array([sensor.place.geodetic]))[0]
    return np.asarray(np.hypot(position[:, 0] - place[0], position[:, 1] - place[1]) <= sensor.range_max_m)
