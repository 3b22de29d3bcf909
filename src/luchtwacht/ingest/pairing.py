"""What can be held against what: measurements of one object by a sensor and by the aircraft itself, or by two sensors.

A measurement is an object's when the tracker says so with little doubt, and claims are a track's when identification
is sure that they are, and still is some time later. Everything is taken as it came, uncorrected: what is learnt of a
bias can thus never feed on itself, only choose which measurements belong together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from luchtwacht.ingest.adjustment import EPOCH_NS, OFFSETS, Adjustment, Party
from luchtwacht.ingest.heard import GONE_NS, Heard, HeardState, Said, worst
from luchtwacht.ingest.mounting import AZIMUTH, EAST, ELEVATION, RANGE, TIME, UP, Mounting, congruent
from luchtwacht.ingest.strays import Stray, Strays, Turned, free, seen_from
from luchtwacht.ingest.twins import Twins, TwinsState
from luchtwacht.model import (
    Associations,
    Bools,
    Claims,
    Detections,
    Floats,
    Ints,
    Site,
    Tracks,
    TrackStatus,
)
from luchtwacht.model.sight import ground_up
from luchtwacht.model.state import copied
from luchtwacht.units import SECOND_NS, seconds_to_ns

SURE = 0.9
"""probability from which a measurement is a track's"""
FRESH_NS = seconds_to_ns(2.5)
"""a claim says something about the place of an aircraft for this long; longer gaps are not bridged"""
WAIT_NS = seconds_to_ns(4.0)
"""how long a measurement waits for the claim after it"""
PROVEN_NS = seconds_to_ns(10.0)
"""identification must stand by its word after this long: of two things close together it may change its mind; and so
long what two sensors measured of one object waits for what the claims say"""
RESTED_NS = 2 * PROVEN_NS
"""after this long it counts when nothing else was said"""
BESIDE_NS = seconds_to_ns(0.75)
"""measurements of two sensors are held against each other when no further apart in time"""
BETWEEN_SIGMA_M, BENDING_M_S2 = 0.3, 0.2
"""noise of a place between two claims: this, and this times the time between them squared"""
SPEED_SIGMA_M_S, TURN_M_S2 = 2.0, 2.0
"""noise of a track's velocity, and what it may change by"""
REPEATED = 4.1
"""factor on the covariance of what a sensor's own tracker made: its errors stay (as in the tracker)"""
MOST = 32
"""pairs of either kind taken from one step: more would add little but work"""
KNOWN_HEIGHT_SIGMA_M = 200.0
USUAL_HEIGHT_M = (120.0, 100.0)
"""above ground, and its doubt, of what nobody measured the height of"""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One measurement that is surely a track's."""

    sensor: int
    track: int
    id: int
    time_ns: int
    """by the sensor's own clock"""
    z: Floats
    """(3,) in the mounting's coordinates"""
    R: Floats
    """(3, 3)"""
    velocity: Floats
    """(3,) m/s, of the track"""
    up: float
    """m, of the track, or what is usual"""
    up_sigma: float

    @property
    def placed(self) -> bool:
        """Whether it says where on the map."""
        return bool(np.isfinite(self.z[[RANGE, AZIMUTH]]).all())


@dataclass(frozen=True, slots=True)
class PartyPair:
    """A measurement beside what a party said of the same moment."""

    sighting: Sighting
    party: str
    transmitter: str
    accuracy: tuple[float, float]
    """m, on each horizontal axis and of height"""
    point: Floats
    """(3,) m, site's frame"""
    noise: Floats
    """(3, 3) m2, of what does not stay from one moment to the next"""
    velocity: Floats
    """(3,) m/s"""


@dataclass(frozen=True, slots=True)
class SensorPair:
    """A measurement beside another sensor's of the same track; `beside` says where on the map."""

    sighting: Sighting
    beside: Sighting


@dataclass(frozen=True, slots=True, kw_only=True)
class PairingState:
    """What was said and seen of late."""

    heard: HeardState
    waiting: list[tuple[str, Sighting]]
    proving: list[PartyPair]
    resting: list[SensorPair]
    latest: dict[int, dict[int, Sighting]]
    named: dict[int, str]
    strays: list[Stray]
    twins: TwinsState
    one: dict[int, int]


class Pairing:
    """Finds pairs, step by step."""

    def __init__(self, site: Site, mountings: tuple[Mounting, ...]) -> None:
        self._mountings = mountings
        self._site = site
        self._heard = Heard()
        self._waiting: list[tuple[str, Sighting]] = []
        self._proving: list[PartyPair] = []
        self._resting: list[SensorPair] = []
        self._latest: dict[int, dict[int, Sighting]] = {}
        self._named: dict[int, str] = {}
        self._strays = Strays(site.sensors)
        self._twins = Twins(site.sensors, mountings)
        self._one: dict[int, int] = {}
        """tracks that are another one's twin, with that"""

    def state(self) -> PairingState:
        """What waits for its other half."""
        return PairingState(
            heard=self._heard.state(),
            waiting=list(self._waiting),
            proving=list(self._proving),
            resting=list(self._resting),
            latest=copied(self._latest),
            named=dict(self._named),
            strays=self._strays.state(),
            twins=self._twins.state(),
            one=dict(self._one),
        )

    def restore(self, state: PairingState) -> None:
        """Go on from what `state` gave."""
        self._heard.restore(state.heard)
        self._waiting = list(state.waiting)
        self._proving, self._resting = list(state.proving), list(state.resting)
        self._latest, self._named = copied(state.latest), dict(state.named)
        self._strays.restore(state.strays)
        self._twins.restore(state.twins)
        self._one = dict(state.one)

    def turned(self, sensor: int) -> Turned | None:
        """By how much a sensor seems to be turned that says bearings only, and none that belong to anything."""
        return self._strays.turned(sensor)

    def step(
        self,
        time_ns: int,
        detections: Detections,
        tracks: Tracks,
        associations: Associations,
        believed: Mapping[int, int],
        claims: Claims,
    ) -> tuple[list[PartyPair], list[SensorPair]]:
        """Pairs that became complete with this step.

        Args:
            detections: as measured, by the sensors' own clocks, in any order.
            believed: the `Claims.id` of the latest claim that is surely a track's, by number of the track.
            claims: of this step.
        """
        self._heard.hear(time_ns, claims)
        seen = self._see(detections, tracks, associations)
        reported = np.array([(each.track, each.sensor, each.time_ns) for each in seen], np.int64).reshape(-1, 3)
        self._one = self._twins.step(time_ns, tracks, *reported.T)
        self._named = self._of_one(self._heard.names(believed))
        sightings = [
            replace(each, track=self._one.get(each.track, each.track))
            for each in seen
            # of a sensor that is turned only those are taken for a track's that chance threw the other way
            if self._strays.turned(each.sensor) is None
        ]
        self._waiting += [(self._named[each.track], each) for each in sightings if each.track in self._named]
        self._proving += _some(self._resolve(time_ns))
        self._resting += _some(self._beside(time_ns, sightings))
        return self._proven(time_ns), self._rested(time_ns)

    def _of_one(self, named: dict[int, str]) -> dict[int, str]:
        """The same with twins as one; those that bear two names have none."""
        of: dict[int, set[str]] = {}
        for track, name in named.items():
            of.setdefault(self._one.get(track, track), set()).add(name)
        return {track: next(iter(names)) for track, names in of.items() if len(names) == 1}

    def _see(self, detections: Detections, tracks: Tracks, associations: Associations) -> list[Sighting]:
        """Measurements that are surely a confirmed track's."""
        if not len(detections) or not len(associations):
            return []
        found: list[Sighting] = []
        order = np.argsort(detections.id, kind="stable")
        place = np.searchsorted(detections.id[order], associations.detection)
        place = np.minimum(place, len(order) - 1)
        row = order[place]
        track = np.minimum(np.searchsorted(tracks.track, associations.track), len(tracks) - 1)
        good = (detections.id[row] == associations.detection) & (tracks.track[track] == associations.track)
        good &= (associations.probability >= SURE) & (tracks.status[track] == TrackStatus.CONFIRMED)
        chosen = np.flatnonzero(good)
        for sensor in np.unique(detections.sensor[row[chosen]]).tolist():
            mine = chosen[detections.sensor[row[chosen]] == sensor]
            mine = mine[:: -(-len(mine) // MOST)] if len(mine) > MOST else mine
            found += self._sightings(sensor, detections.take(row[mine]), tracks, track[mine])
        return found

    def drop(self, sensor: int) -> None:
        """Forget every pair of a sensor that still waits: it is known by now not to have measured what was thought."""
        self._waiting = [(key, each) for key, each in self._waiting if each.sensor != sensor]
        self._proving = [pair for pair in self._proving if pair.sighting.sensor != sensor]
        self._resting = [pair for pair in self._resting if sensor not in (pair.sighting.sensor, pair.beside.sensor)]

    def _sightings(self, sensor: int, taken: Detections, tracks: Tracks, rows: Ints) -> list[Sighting]:
        """Each of these detections of one sensor as one of the track at the row beside it."""
        z, R = self._mountings[sensor].measured(taken)
        R = np.where(taken.filtered[:, None, None], REPEATED * R, R)
        level, usual = self._heights(tracks, rows)
        return [
            Sighting(
                sensor=sensor,
                track=int(tracks.track[t]),
                id=int(taken.id[k]),
                time_ns=int(taken.time_ns[k]),
                z=z[k],
                R=R[k],
                velocity=tracks.x[t, 3:] if level[k] else tracks.x[t, 3:] * [1.0, 1.0, 0.0],
                up=float(tracks.x[t, 2]) if level[k] else float(usual[k]),
                up_sigma=float(np.sqrt(tracks.P[t, 2, 2])) if level[k] else USUAL_HEIGHT_M[1],
            )
            for k, t in enumerate(rows.tolist())
            if not np.isnan(z[k]).all()
        ]

    def stray(
        self, time_ns: int, detections: Detections, tracks: Tracks, associations: Associations
    ) -> list[SensorPair]:
        """Bearings that belong to nothing, beside what they would belong to were their sensor turned; after `step`.

        One aircraft alone is not enough: it may have company that only this sensor hears.
        """
        pairs: list[SensorPair] = []
        bearers = [each for each in np.unique(detections.sensor).tolist() if self._strays.watches(each)]
        if not bearers:
            return pairs
        stray, confirmed = free(detections, associations), np.flatnonzero(tracks.status == TrackStatus.CONFIRMED)
        for sensor in bearers:
            mine = detections.take(stray & (detections.sensor == sensor) & np.isfinite(detections.z[:, AZIMUTH]))
            when_ns = int(mine.time_ns.mean()) if len(mine) else time_ns
            numbers = tracks.track[confirmed].tolist()
            beside = [self._placed_beside(self._one.get(t, t), sensor, when_ns) for t in numbers]
            azimuths, near = seen_from(
                self._mountings[sensor], self._site.sensors[sensor], tracks.take(confirmed), when_ns
            )
            rows = [k for k, other in enumerate(beside) if other is not None and near[k]]
            off = self._strays.add(
                sensor, time_ns, mine.z[:, AZIMUTH], azimuths[rows], tracks.track[confirmed[rows]].tolist()
            )
            turned = self._strays.turned(sensor)
            if turned is None or turned.tracks < 2 or not off.size:
                continue
            apart = np.where(np.isnan(off), np.inf, np.abs(off - turned.azimuth))
            best = np.argmin(apart, axis=1)
            for k in np.flatnonzero(apart.min(axis=1) <= turned.half_width).tolist():
                other = beside[rows[best[k]]]
                row = confirmed[[rows[best[k]]]]
                pairs += [
                    SensorPair(each, other) for each in self._sightings(sensor, mine.take([k]), tracks, row) if other
                ]
        return pairs

    def _placed_beside(self, track: int, sensor: int, time_ns: int) -> Sighting | None:
        """The latest sighting of a track by another sensor that says where on the map."""
        others = [
            each
            for each in self._latest.get(track, {}).values()
            if each.sensor != sensor and each.placed and abs(time_ns - each.time_ns) <= BESIDE_NS
        ]
        return max(others, key=lambda each: (each.time_ns, each.id), default=None)

    def _heights(self, tracks: Tracks, rows: Ints) -> tuple[Bools, Floats]:
        """(n,) whether the height of the tracks at `rows` is known, and the usual one over the ground under each."""
        known = tracks.P[rows, 2, 2] < KNOWN_HEIGHT_SIGMA_M**2
        if known.all():
            return known, np.zeros(len(rows))
        # a height that nobody measured says nothing of which ground is meant
        return known, ground_up(self._site, tracks.x[rows, :3] * [1.0, 1.0, 0.0]) + USUAL_HEIGHT_M[0]

    def _resolve(self, time_ns: int) -> list[PartyPair]:
        """Pairs of what waited for the claim after it."""
        pairs: list[PartyPair] = []
        waiting: list[tuple[str, Sighting]] = []
        for key, sighting in self._waiting:
            said = self._heard.get(key)
            if said is None or time_ns - sighting.time_ns > WAIT_NS:
                continue
            if said.times[-1] < sighting.time_ns:
                waiting.append((key, sighting))
                continue
            pair = _between(said, sighting)
            if pair is not None:
                pairs.append(pair)
        self._waiting = waiting
        return pairs

    def _proven(self, time_ns: int) -> list[PartyPair]:
        """Pairs that identification stands by, or at least says nothing else of for twice as long.

        A sensor that is knocked makes tracks that nobody's claims fit: what was measured just then tells of it.
        """
        track_of = {party: track for track, party in self._named.items()}
        proven: list[PartyPair] = []
        waiting: list[PartyPair] = []
        for pair in self._proving:
            age_ns = time_ns - pair.sighting.time_ns
            seen = pair.sighting.track
            party, track = self._named.get(self._one.get(seen, seen)), track_of.get(pair.party)
            if age_ns < PROVEN_NS:
                waiting.append(pair)
            elif party == pair.party:
                proven.append(pair)
            elif party is None and track is None:
                (proven if age_ns >= RESTED_NS else waiting).append(pair)
        self._proving = waiting
        return proven

    def _rested(self, time_ns: int) -> list[SensorPair]:
        """Pairs of sensors, as late as those with parties: else a sensor that was knocked would be off against the
        other sensors alone for a while, and nobody could say which of them it was."""
        due = [pair for pair in self._resting if time_ns - pair.sighting.time_ns >= PROVEN_NS]
        self._resting = [pair for pair in self._resting if time_ns - pair.sighting.time_ns < PROVEN_NS]
        return due

    def _beside(self, time_ns: int, sightings: list[Sighting]) -> list[SensorPair]:
        """Pairs of two sensors; no measurement is used twice with the same other sensor's."""
        pairs: list[SensorPair] = []
        for each in sorted(sightings, key=lambda sighting: (sighting.time_ns, sighting.id)):
            others = self._latest.setdefault(each.track, {})
            for sensor, other in list(others.items()):
                if sensor == each.sensor or abs(each.time_ns - other.time_ns) > BESIDE_NS:
                    continue
                if other.placed:
                    pairs.append(SensorPair(each, other))
                elif each.placed:
                    pairs.append(SensorPair(other, each))
            others[each.sensor] = each
        self._latest = {
            track: others
            for track, others in self._latest.items()
            if time_ns - max(each.time_ns for each in others.values()) <= GONE_NS
        }
        return pairs


def _some(pairs: list) -> list:  # type: ignore[type-arg]
    """At most `MOST`, evenly taken."""
    return pairs[:: -(-len(pairs) // MOST)] if len(pairs) > MOST else pairs


def _between(said: Said, sighting: Sighting) -> PartyPair | None:
    """Where an aircraft says it was at the moment of a measurement: a cubic between two claims, where it says how fast
    it flew, and otherwise a straight line."""
    after = int(np.searchsorted(said.times, sighting.time_ns))
    if after == 0 or said.times[after] - said.times[after - 1] > FRESH_NS:
        return None
    gap = (said.times[after] - said.times[after - 1]) / SECOND_NS
    share = (sighting.time_ns - said.times[after - 1]) / SECOND_NS / gap
    point, velocity = hermite(
        said.points[after - 1], said.points[after], said.velocities[after - 1], said.velocities[after], gap, share
    )
    sigma = BETWEEN_SIGMA_M + BENDING_M_S2 * gap**2
    noise = np.eye(3) * sigma**2
    if np.isnan(point[2]):
        point[2], noise[2, 2] = sighting.up, sighting.up_sigma**2
        velocity[2] = 0.0
    return PartyPair(sighting, said.key, said.transmitter, said.accuracy, point, noise, velocity)


def hermite(
    first: Floats, last: Floats, first_rate: Floats, last_rate: Floats, gap: float, share: float
) -> tuple[Floats, Floats]:
    """Place and velocity at `share` of the `gap` (s) between two places, by their rates where these are known."""
    straight = (last - first) / gap
    u = np.where(np.isnan(first_rate), straight, first_rate)
    w = np.where(np.isnan(last_rate), straight, last_rate)
    s = share
    point = (
        (2 * s**3 - 3 * s**2 + 1) * first
        + (s**3 - 2 * s**2 + s) * gap * u
        + (-2 * s**3 + 3 * s**2) * last
        + (s**3 - s**2) * gap * w
    )
    velocity = (6 * s**2 - 6 * s) * (first - last) / gap + (3 * s**2 - 4 * s + 1) * u + (3 * s**2 - 2 * s) * w
    return np.asarray(point), np.asarray(velocity)


# ---------------------------------------------------------------------------------------------- pairs as observations


def observe_parties(adjustment: Adjustment, pairs: Iterable[PartyPair], *, trusted: bool = False) -> None:
    """Give pairs with parties to an adjustment."""
    grouped: dict[tuple[int, str, int], list[PartyPair]] = {}
    for pair in pairs:
        epoch = pair.sighting.time_ns // EPOCH_NS
        grouped.setdefault((epoch, pair.party, pair.sighting.sensor), []).append(pair)
    for (epoch, name, sensor), group in sorted(grouped.items(), key=lambda each: each[0][0]):
        latest = max(pair.sighting.time_ns for pair in group)
        party = adjustment.parties.get(name)
        if party is None:
            first = min(pair.sighting.time_ns for pair in group)
            party = Party(name, group[0].transmitter, group[0].accuracy, latest, first, trusted=trusted)
            adjustment.parties[name] = party
        party.time_ns = max(party.time_ns, latest)
        party.accuracy = worst(party.accuracy, group[0].accuracy)
        y, V, G, F = party_equations(adjustment.mountings[sensor], group)
        adjustment.observe_party(party, sensor, y, V, G, F, epoch)


def party_equations(mounting: Mounting, group: list[PartyPair]) -> tuple[Floats, Floats, Floats, Floats]:
    """y, V, G and F of `Adjustment.observe_party` for pairs of one sensor with one party."""
    points = np.array([pair.point for pair in group])
    velocities = np.array([pair.velocity for pair in group])
    H = mounting.slopes(points)
    z, R = np.array([pair.sighting.z for pair in group]), np.array([pair.sighting.R for pair in group])
    y = residuals(mounting, z, points)
    V = np.nan_to_num(R) + congruent(H, np.array([pair.noise for pair in group]))
    F = np.zeros((len(group), 3, OFFSETS))
    F[:, :, :3] = -H
    F[:, :, 3] = (H * velocities[:, None, :]).sum(axis=2)
    return y, V, mounting.effects(H, velocities), F


def residuals(mounting: Mounting, z: Floats, points: Floats) -> Floats:
    """(n, 3) measured coordinates less those of `points`, angles the short way round."""
    y = z - mounting.coordinates(points)
    if mounting.polar:
        y[:, AZIMUTH] = np.mod(y[:, AZIMUTH] + np.pi, 2.0 * np.pi) - np.pi
    return np.asarray(y)


def observe_sensors(adjustment: Adjustment, pairs: Iterable[SensorPair], *, usual: bool = True) -> None:
    """Give pairs of sensors to an adjustment; the bias of the one beside is taken where it is believed to be.

    Args:
        usual: whether they are to be held against what was usual: see `Adjustment.observe_tie`.
    """
    grouped: dict[tuple[int, int], list[SensorPair]] = {}
    for pair in pairs:
        grouped.setdefault((pair.sighting.sensor, pair.beside.sensor), []).append(pair)
    for (i, j), group in grouped.items():
        y, V, G_i, G_j = sensor_equations(adjustment, group)
        adjustment.observe_tie(i, j, y, V, G_i, G_j, usual=usual)


def sensor_equations(adjustment: Adjustment, group: list[SensorPair]) -> tuple[Floats, Floats, Floats, Floats]:
    """y, V, G_i and G_j of `Adjustment.observe_tie` for pairs of two sensors."""
    i, j = group[0].sighting.sensor, group[0].beside.sensor
    one, other, bias = adjustment.mountings[i], adjustment.mountings[j], adjustment.bias(j)
    velocities = np.array([pair.beside.velocity for pair in group])
    elapsed = np.array([(pair.sighting.time_ns - pair.beside.time_ns) / SECOND_NS for pair in group])
    points, noise, shift = _placed(other, [pair.beside for pair in group], bias)
    effect = np.zeros((len(group), 3, len(bias)))
    if other.polar:
        effect[:, :, :3] = shift
    effect[:, :, EAST : UP + 1] = -np.eye(3)
    effect[:, :, TIME] = -velocities
    points = points + velocities * (elapsed + bias[TIME])[:, None]
    doubt = (SPEED_SIGMA_M_S * elapsed) ** 2 + (TURN_M_S2 * elapsed**2 / 2.0) ** 2
    noise = noise + np.eye(3) * doubt[:, None, None]
    H = one.slopes(points)
    z, R = np.array([pair.sighting.z for pair in group]), np.array([pair.sighting.R for pair in group])
    G_j = -np.asarray((H[:, :, :, None] * effect[:, None, :, :]).sum(axis=2))
    y = residuals(one, z, points) + (G_j * bias).sum(axis=2)
    V = np.nan_to_num(R) + congruent(H, noise)
    return y, V, one.effects(H, velocities), G_j


def _placed(mounting: Mounting, group: list[Sighting], bias: Floats) -> tuple[Floats, Floats, Floats]:
    """Where measurements are on the map without their sensor's bias (but its clock's), their covariance there, and
    the derivatives of place by coordinates."""
    z, R = np.array([each.z for each in group]), np.array([each.R for each in group])
    up = np.array([each.up for each in group])
    up_sigma = np.array([each.up_sigma for each in group])
    if mounting.polar:
        z = z - bias[:3]
        low = np.isnan(z[:, ELEVATION])
        height = np.clip((up - mounting.place[2]) / np.maximum(z[:, RANGE], 1.0), -0.9, 0.9)
        z[:, ELEVATION] = np.where(low, np.arcsin(height), z[:, ELEVATION])
        R = np.nan_to_num(R)
        R[:, ELEVATION, ELEVATION] = np.where(
            low, (up_sigma / np.maximum(z[:, RANGE], 1.0)) ** 2, R[:, ELEVATION, ELEVATION]
        )
        points = mounting.points(z)
        shift = np.array([inverse3(H) for H in mounting.slopes(points)])
    else:
        low = np.isnan(z[:, 2])
        z = z.copy()
        z[:, 2] = np.where(low, up, z[:, 2])
        R = np.nan_to_num(R)
        R[:, 2, 2] = np.where(low, up_sigma**2, R[:, 2, 2])
        points, shift = z, np.tile(np.eye(3), (len(z), 1, 1))
    return points + bias[EAST : UP + 1], congruent(shift, R), shift


def inverse3(A: Floats) -> Floats:
    """(3, 3) inverse by cofactors."""
    adjugate = np.stack([np.cross(A[1], A[2]), np.cross(A[2], A[0]), np.cross(A[0], A[1])], axis=-1)
    return np.asarray(adjugate / (A[0] * adjugate[:, 0]).sum())
