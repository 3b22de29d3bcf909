"""What the tracker costs and how well it follows, beside Stone Soup and beside knowing which plot is whose.

    python bench/tracking.py                       10 and 100 drones with both peers, up to 100,000 without
    python bench/tracking.py --full                every size, and peers until their time is spent
    python bench/tracking.py --sizes 1000:1000 5000:1000 200000d --no-peer
    python bench/tracking.py --rate --seeds 3      with range rate; three runs of each
    python bench/tracking.py --consistency         normalised errors and existence probabilities held against truth
    python bench/tracking.py --identities --seeds 3        who keeps whose number where drones are close

One radar in the middle of 20 x 20 km turns once a second (10 m, 0.5 and 1 degree, detection probability 0.9); drones
fly at 5 to 35 m/s, turn, and climb; false plots fall evenly in range, azimuth and elevation. A size is drones:false
plots in that one tile, so that density rises with the number; "1000d" is of constant density: a tile and a radar for
every 100 drones, and as many false plots as drones, handed over as positions by one network. All see the same plots.

CPU is the median of the second half of the scans; GOSPA (c = 100 m, p = 2, three dimensions) is per true drone over
all scans, and its ratio is to "known", which is told which plot is whose and when drones come and go, over the same
scans. Switches are changes of track number in a thousand true drones and scans, and those of "known", which has none:
where two drones are first shown within their errors of one another, whose number is whose may be told wrongly and be
seen when they part. False are tracks that are near no drone
for most of their life, an hour; delay is the median time from a drone's first scan to its first confirmed track. Where
a covariance is given, positions with a variance above 7,500 m² stay out: showing them costs more GOSPA than it gains.
GNN and JPDA are Stone Soup's global nearest neighbour and its joint probabilistic data association (EHM2), fed with
Cartesian plots and with a spatial index of ours in front, without which they would be many times slower; each is ended
when its `--budget` of CPU seconds is spent, and its row is of the scans it did, when these are five or more.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from math import ceil
from multiprocessing import get_context
from multiprocessing.connection import Connection

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial import cKDTree

from luchtwacht.evaluation.gospa import gospa
from luchtwacht.geodesy import enu_to_polar
from luchtwacht.kernels import layout as c
from luchtwacht.kernels import warm
from luchtwacht.kernels.conversion import convert
from luchtwacht.kernels.measurement import condition
from luchtwacht.kernels.motion import predict, report
from luchtwacht.model import (
    Detections,
    Floats,
    Format,
    Geometry,
    Ints,
    Place,
    Sensor,
    SensorKind,
    Site,
    Source,
    Tracks,
    TrackStatus,
)  # fmt: skip
from luchtwacht.tracking import Tracker
from luchtwacht.tracking.delayed import Delayed
from luchtwacht.tracking.motion import MODES, steps

START_NS = 1_800_000_000_000_000_000
SECOND = 1_000_000_000
HALF = 10_000.0
SIGMA = np.array([10.0, np.radians(0.5), np.radians(1.0), 0.5])
RADAR = Sensor(
    id="radar", kind=SensorKind.RADAR_3D, source="s", place=Place(latitude=52.0, longitude=5.0, height=10.0),
    range_max_m=15_000.0, elevation_min_deg=-1.0, elevation_max_deg=9.0, probability_of_detection=0.9,
)  # fmt: skip
SITE = Site(
    id="bench", name="bench", origin=Place(latitude=52.0, longitude=5.0),
    sources=(Source(id="s", format=Format.TABLE),), sensors=(RADAR,),
)  # fmt: skip
NETWORK = Sensor(
    id="network", kind=SensorKind.RADAR_3D, source="s", place=Place(latitude=52.0, longitude=5.0, height=10.0),
    probability_of_detection=0.9,
)  # fmt: skip
WIDE = Site(
    id="wide", name="wide", origin=Place(latitude=52.0, longitude=5.0),
    sources=(Source(id="s", format=Format.TABLE),), sensors=(NETWORK,),
)  # fmt: skip
TURNING = 4.0
"""m/s^2, sharpest turns of a drone, at the edge as well"""
TILE = 100
"""drones for which there is a tile and a radar, where density is constant"""
KEPT_M = 300.0
"""a drone keeps its track as long as this is no farther from it"""
PLACE = np.concatenate([[0.0, 0.0, 10.0], np.eye(3).ravel()])


@dataclass(frozen=True, slots=True)
class Scene:
    """Truth and plots of one run."""

    truth: list[Floats]
    """a scan: (n, 6)"""
    alive: list[Ints]
    """a scan: numbers of the drones in `truth`"""
    plots: list[Detections]
    owners: list[Ints]
    """a scan: number of the drone of each plot, -1 for false ones"""
    site: Site


def fly(rng: np.random.Generator, drones: int, scans: int) -> Floats:
    """(scans, drones, 6): legs of about ten seconds, each straight, turning, or at a new speed or climb."""
    place = np.column_stack([rng.uniform(-0.95, 0.95, (drones, 2)) * HALF, rng.uniform(30.0, 350.0, drones)])
    speed, course = rng.uniform(5.0, 35.0, drones), rng.uniform(0.0, 2.0 * np.pi, drones)
    turn, climb, wanted = np.zeros(drones), np.zeros(drones), speed.copy()
    out = np.empty((scans, drones, 6))
    for scan in range(scans):
        velocity = np.column_stack([speed * np.cos(course), speed * np.sin(course), climb])
        out[scan, :, :3], out[scan, :, 3:] = place, velocity
        new = rng.random(drones) < 0.1
        kind = rng.integers(0, 4, drones)
        sharpest = TURNING / np.maximum(speed, 8.0)
        turn = np.where(new, np.where(kind == 0, rng.uniform(-1.0, 1.0, drones) * sharpest, 0.0), turn)
        wanted = np.where(new & (kind == 1), rng.uniform(5.0, 35.0, drones), wanted)
        climb = np.where(new, np.where(kind == 2, rng.uniform(-3.0, 3.0, drones), 0.0), climb)
        climb = np.where(
            (place[:, 2] < 30.0) & (climb < 0), 2.0, np.where((place[:, 2] > 400.0) & (climb > 0), -2.0, climb)
        )
        homeward = np.arctan2(-place[:, 1], -place[:, 0]) - course
        homeward -= 2.0 * np.pi * np.round(homeward / (2.0 * np.pi))
        home = (np.abs(place[:, :2]) > 0.97 * HALF).any(1)
        course = course + np.where(home, np.clip(homeward, -sharpest, sharpest), turn)
        speed = speed + np.clip(wanted - speed, -2.0, 2.0)
        place = place + np.column_stack([speed * np.cos(course), speed * np.sin(course), climb])
    return out


def make(seed: int, drones: int, false: float, scans: int, rate: bool, spacing: float = 0.0) -> Scene:
    """A run; with `spacing` (m) the drones fly as one square formation 4 km away."""
    rng = np.random.default_rng(seed)
    paths = fly(rng, drones, scans)
    begin = np.where(rng.random(drones) < 0.7, 0, rng.integers(0, max(2 * scans // 3, 1), drones))
    end = np.where(rng.random(drones) < 0.85, scans, begin + scans // 2)
    if spacing:
        side = int(np.ceil(drones**0.5))
        lead = paths[:, :1] + np.array([3000.0, 2500.0, 150.0, 0, 0, 0]) - paths[:1, :1] * [1, 1, 1, 0, 0, 0]
        offset = np.array([[k % side, k // side, 0, 0, 0, 0] for k in range(drones)]) * spacing
        paths, begin, end = lead + offset, np.zeros(drones, int), np.full(drones, scans)
    return watch(rng, paths, begin, end, false, rate)


def cross(seed: int, pairs: int, false: float, scans: int, rate: bool) -> Scene:
    """Pairs all round the radar, 2 to 6 km away, whose straight ways cross at 60 degrees and who pass 20 m apart."""
    rng = np.random.default_rng(seed)
    at = 2.0 * np.pi * np.arange(pairs) / pairs
    away, course, up = (
        rng.uniform(2000.0, 6000.0, pairs),
        rng.uniform(0.0, 2.0 * np.pi, pairs),
        rng.uniform(80, 250, pairs),
    )
    middle = np.column_stack([away * np.cos(at), away * np.sin(at), up])
    paths = np.zeros((scans, 2 * pairs, 6))
    t = (np.arange(scans) - 0.5 * (scans - 1))[:, None, None]
    for side in (0, 1):
        way = course + (2 * side - 1) * np.radians(30.0)
        ahead = (1 - 2 * side) * 10.0 * np.column_stack([np.cos(course), np.sin(course), np.zeros(pairs)])
        velocity = 15.0 * np.column_stack([np.cos(way), np.sin(way), np.zeros(pairs)])
        paths[:, side::2, :3], paths[:, side::2, 3:] = middle + ahead + t * velocity, velocity
    return watch(rng, paths, np.zeros(2 * pairs, int), np.full(2 * pairs, scans), false, rate)


def watch(rng: np.random.Generator, paths: Floats, begin: Ints, end: Ints, false: float, rate: bool) -> Scene:
    """What the radar reports of drones on `paths` (scans, drones, 6) from scan `begin` to before `end`."""
    scene = Scene([], [], [], [], SITE)
    number = 0
    for scan in range(len(paths)):
        alive = np.flatnonzero((begin <= scan) & (scan < end))
        seen = alive[rng.random(len(alive)) < 0.9]
        away = paths[scan, seen, :3] - PLACE[:3]
        z = np.column_stack([enu_to_polar(away), np.zeros(len(seen))])
        z[:, 3] = (away * paths[scan, seen, 3:]).sum(1) / z[:, 0]
        z += rng.normal(size=z.shape) * SIGMA
        count = rng.poisson(false)
        noise = rng.uniform([200.0, 0.0, np.radians(-1.0), -30.0], [15e3, 2 * np.pi, np.radians(9.0), 30.0], (count, 4))
        z, owners = np.concatenate([z, noise]), np.concatenate([seen, np.full(count, -1)])
        mixed = rng.permutation(len(z))
        z, owners = z[mixed], owners[mixed]
        R = np.tile(np.diag(SIGMA**2), (len(z), 1, 1))
        if not rate:
            z[:, 3] = np.nan
            R[:, 3, :] = R[:, :, 3] = np.nan
        time_ns = START_NS + scan * SECOND
        scene.truth.append(paths[scan, alive])
        scene.alive.append(alive)
        scene.owners.append(owners)
        scene.plots.append(
            Detections.unknown(
                len(z),
                id=number + np.arange(len(z)),
                time_ns=time_ns,
                received_ns=time_ns,
                sensor=0,
                geometry=0,
                z=z,
                R=R,
                filtered=False,
            )
        )
        number += len(z)
    return scene


def make_wide(seed: int, drones: int, scans: int) -> Scene:
    """A run of constant density: tiles side by side, each with its radar, reported as positions by one network."""
    rng = np.random.default_rng(seed)
    tiles = -(-drones // TILE)
    side = int(np.ceil(tiles**0.5))
    middles = 2.0 * HALF * (np.column_stack([np.arange(tiles) % side, np.arange(tiles) // side]) - 0.5 * (side - 1))
    paths = fly(rng, drones, scans)
    home = np.arange(drones) % tiles
    paths[:, :, :2] += middles[home]
    begin = np.where(rng.random(drones) < 0.7, 0, rng.integers(0, max(2 * scans // 3, 1), drones))
    scene, number = Scene([], [], [], [], WIDE), 0
    for scan in range(scans):
        alive = np.flatnonzero(begin <= scan)
        seen = alive[rng.random(len(alive)) < 0.9]
        radars = np.column_stack([middles, np.full(tiles, PLACE[2])])
        z = enu_to_polar(paths[scan, seen, :3] - radars[home[seen]]) + rng.normal(size=(len(seen), 3)) * SIGMA[:3]
        count = rng.poisson(drones)
        noise = rng.uniform([200.0, 0.0, np.radians(-1.0)], [15e3, 2 * np.pi, np.radians(9.0)], (count, 3))
        z, owners = np.concatenate([z, noise]), np.concatenate([seen, np.full(count, -1)])
        tile = np.concatenate([home[seen], rng.integers(0, tiles, count)])
        mixed = rng.permutation(len(z))
        z, owners, tile = z[mixed], owners[mixed], tile[mixed]
        _, plots = convert_polar(z)
        R = np.full((len(z), 4, 4), np.nan)
        R[:, [0, 0, 0, 1, 1, 2], [0, 1, 2, 1, 2, 2]] = plots[:, c.R0 : c.R0 + 6]
        R[:, [1, 2, 2], [0, 0, 1]] = plots[:, [c.R0 + 1, c.R0 + 2, c.R0 + 4]]
        places = np.column_stack([plots[:, :2] + middles[tile], plots[:, 2], np.full(len(z), np.nan)])
        time_ns = START_NS + scan * SECOND
        scene.truth.append(paths[scan, alive])
        scene.alive.append(alive)
        scene.owners.append(owners)
        scene.plots.append(
            Detections.unknown(
                len(z), id=number + np.arange(len(z)), time_ns=time_ns, received_ns=time_ns, sensor=0,
                geometry=Geometry.POSITION, z=places, R=R, filtered=False,
            )
        )  # fmt: skip
        number += len(z)
    return scene


def convert_polar(z: Floats) -> tuple[Ints, Floats]:
    """Kinds and plots of polar measurements (m, 3) of a radar in the middle of a tile."""
    m = len(z)
    R = np.full((m, 4, 4), np.nan)
    R[:, :3, :3] = np.diag(SIGMA[:3] ** 2)
    measured = Detections.unknown(
        m, id=np.arange(m), time_ns=START_NS, received_ns=START_NS, sensor=0, geometry=0,
        z=np.column_stack([z, np.full(m, np.nan)]), R=R, filtered=False,
    )  # fmt: skip
    return plots_of(measured)


def plots_of(detections: Detections) -> tuple[Ints, Floats]:
    """Kinds and plots, as the tracker's kernels take them."""
    m = len(detections)
    kinds, plots = np.empty(m, np.int8), np.empty((m, c.PLOT_COLUMNS))
    convert(
        detections.z, detections.R, detections.geometry, detections.time_ns, 0, int(detections.time_ns[0]) if m else 0,
        detections.snr_db, detections.rcs_dbsm, detections.filtered, 1.0, PLACE, 100.0, kinds, plots,
    )  # fmt: skip
    return kinds, plots


Step = tuple[Floats, Ints, float]
"""positions (k, 3), their tracks, CPU seconds"""


def ours(scene: Scene) -> Iterator[Step]:
    """Luchtwacht as it is behind its seam."""
    tracker = Tracker(scene.site)
    for scan, detections in enumerate(scene.plots):
        before = time.process_time()
        tracks, _ = tracker.step(START_NS + scan * SECOND, detections)
        spent = time.process_time() - before
        sure = np.trace(tracks.P[:, :3, :3], axis1=1, axis2=2) < 7500.0
        shown = (tracks.status == TrackStatus.CONFIRMED) & sure
        yield tracks.x[shown, :3], tracks.track[shown], spent


def known(scene: Scene) -> Iterator[Step]:
    """The same filter, told which plot is whose and who is there."""
    modes = len(MODES)
    change, noise, _ = steps(SECOND)
    still = steps(0)[1]
    drones = 1 + max(int(alive.max(initial=0)) for alive in scene.alive)
    state, real = np.zeros((drones * modes, c.ROW)), np.zeros((drones, c.REALS))
    whole = np.zeros((drones, c.WHOLES), np.int64)
    whole[:, c.HEIGHT] = 1
    on, post, h = np.zeros(drones, bool), np.empty((1, c.ROW)), np.empty(6)
    for detections, owners, alive in zip(scene.plots, scene.owners, scene.alive, strict=True):
        before = time.process_time()
        kinds, plots = plots_of(detections)
        predict(state, real, whole, 0, drones, modes, change, noise, 1.0)
        on &= np.isin(np.arange(drones), alive)
        for j in np.flatnonzero(owners >= 0):
            i = int(owners[j])
            if not on[i]:
                on[i] = True
                real[i, c.MODE0 : c.MODE0 + modes] = 1.0 / modes
                rows = slice(i * modes, (i + 1) * modes)
                state[rows] = 0.0
                state[rows, :2] = plots[j, :2]
                state[rows, 2], state[rows, c.A0], state[rows, c.A0 + 3], state[rows, c.A0 + 5] = (
                    200.0,
                    1e6,
                    1e6,
                    150.0**2,
                )
                state[rows, c.C0] = state[rows, c.C0 + 3] = 300.0
                state[rows, c.C0 + 5] = 9.0
            logs = np.empty(modes)
            for m in range(modes):
                _, logs[m] = condition(state, i * modes + m, post, 0, kinds[j], plots, j, PLACE, h)
                state[i * modes + m] = post[0]
            weights = real[i, c.MODE0 : c.MODE0 + modes] * np.exp(logs - logs.max())
            real[i, c.MODE0 : c.MODE0 + modes] = weights / weights.sum()
        rows = np.flatnonzero(on)
        x, P = np.empty((len(rows), 6)), np.empty((len(rows), 6, 6))
        report(state, real, whole, rows, modes, still, 1e6, x, P)
        spent = time.process_time() - before
        shown = np.trace(P[:, :3, :3], axis1=1, axis2=2) < 7500.0
        yield x[shown, :3], rows[shown], spent


def delayed(lag_s: float) -> Callable[[Scene], Iterator[Step]]:
    """Luchtwacht some seconds late (`tracking.delayed`); the last scans with what is known at the end."""

    def run(scene: Scene) -> Iterator[Step]:
        late = Delayed(SITE, lag_s)
        for scan in range(len(scene.plots) + 1):
            before = time.process_time()
            last = scan == len(scene.plots)
            told = late.finish() if last else late.step(START_NS + scan * SECOND, scene.plots[scan])
            spent = time.process_time() - before
            for tracks in told:
                sure = np.trace(tracks.P[:, :3, :3], axis1=1, axis2=2) < 7500.0
                yield tracks.x[sure, :3], tracks.track[sure], spent / len(told)

    return run


def nearest_neighbours(scene: Scene) -> Iterator[Step]:
    """Stone Soup's global nearest neighbour."""
    return stone_soup(scene, jpda=False)


def joint(scene: Scene) -> Iterator[Step]:
    """Stone Soup's joint probabilistic data association."""
    return stone_soup(scene, jpda=True)


def stone_soup(scene: Scene, jpda: bool) -> Iterator[Step]:
    """Stone Soup with three plots to confirm and five misses to end."""
    import datetime as dt

    from stonesoup.dataassociator.neighbour import GNNWith2DAssignment
    from stonesoup.dataassociator.probability import JPDAwithEHM2
    from stonesoup.deleter.time import UpdateTimeStepsDeleter
    from stonesoup.hypothesiser.distance import DistanceHypothesiser
    from stonesoup.hypothesiser.probability import PDAHypothesiser
    from stonesoup.initiator.simple import MultiMeasurementInitiator
    from stonesoup.measures import Mahalanobis
    from stonesoup.models.measurement.linear import LinearGaussian
    from stonesoup.models.transition.linear import CombinedLinearGaussianTransitionModel, ConstantVelocity
    from stonesoup.predictor.kalman import KalmanPredictor
    from stonesoup.tracker.simple import MultiTargetMixtureTracker, MultiTargetTracker
    from stonesoup.types.detection import Detection
    from stonesoup.types.state import GaussianState
    from stonesoup.updater.kalman import KalmanUpdater

    class Near:  # in front of one of their hypothesisers
        """Looks only at plots within reach; the index is made once a scan."""

        def hypothesise(self, track, detections, timestamp, **more):  # type: ignore[no-untyped-def]
            held = getattr(self, "_held", None)
            if held is None or held[0] is not detections:
                listed = list(detections)
                places = np.array([np.asarray(each.state_vector, float)[:, 0] for each in listed]).reshape(-1, 3)
                self._held = held = (detections, listed, cKDTree(places) if listed else None)
            _, listed, tree = held
            if tree is None:
                return super().hypothesise(track, set(), timestamp, **more)
            ahead = self.predictor.predict(track, timestamp=timestamp)
            mean, P = np.asarray(ahead.mean, float)[[0, 2, 4], 0], ahead.covar
            wide = 4.0 * float(np.sqrt(max(P[0, 0], P[2, 2], P[4, 4]) + (175.0 * np.linalg.norm(mean) / 1e4) ** 2))
            return super().hypothesise(track, {listed[k] for k in tree.query_ball_point(mean, wide)}, timestamp, **more)

    clock = dt.datetime(2026, 1, 1)  # noqa: DTZ001
    frames = []
    for scan, detections in enumerate(scene.plots):
        _, plots = plots_of(detections)
        when = clock + dt.timedelta(seconds=scan)
        made = set()
        for row in plots:
            R = np.zeros((3, 3))
            R[np.triu_indices(3)] = row[c.R0 : c.R0 + 6]
            R = R + np.triu(R, 1).T
            model = LinearGaussian(6, (0, 2, 4), R)
            made.add(Detection(row[:3, None].copy(), timestamp=when, measurement_model=model))
        frames.append((when, made))
    motion = CombinedLinearGaussianTransitionModel(
        [ConstantVelocity(8.0), ConstantVelocity(8.0), ConstantVelocity(0.03)]
    )
    predictor, updater = KalmanPredictor(motion), KalmanUpdater(None)
    nearest = type("Nearest", (Near, DistanceHypothesiser), {})
    likely = type("Likely", (Near, PDAHypothesiser), {})
    near = nearest(predictor, updater, Mahalanobis(), missed_distance=4)
    prior = GaussianState(np.zeros((6, 1)), np.diag([1e8, 400.0, 1e8, 400.0, 1e8, 9.0]))
    start = MultiMeasurementInitiator(
        prior, UpdateTimeStepsDeleter(2), GNNWith2DAssignment(near), updater, min_points=3
    )
    if jpda:
        at = np.concatenate([np.linalg.norm(plots_of(each)[1][:, :3], axis=1) for each in scene.plots])
        false = np.concatenate(scene.owners) < 0
        volume = 14800.0 * 2.0 * np.pi * np.radians(10.0) * float(np.median(at)) ** 2
        density = max(false.sum(), 1) / len(frames) / volume
        weigh = likely(predictor, updater, clutter_spatial_density=density, prob_detect=0.9, prob_gate=0.999)
        tracker = MultiTargetMixtureTracker(
            start, UpdateTimeStepsDeleter(5), iter(frames), JPDAwithEHM2(weigh), updater
        )
    else:
        tracker = MultiTargetTracker(start, UpdateTimeStepsDeleter(5), iter(frames), GNNWith2DAssignment(near), updater)
    numbers: dict[str, int] = {}
    feed = iter(tracker)
    for _ in frames:
        before = time.process_time()
        _, tracks = next(feed)
        spent = time.process_time() - before
        listed = list(tracks)
        x = np.array([np.asarray(each.mean, float)[[0, 2, 4], 0] for each in listed]).reshape(-1, 3)
        yield x, np.array([numbers.setdefault(each.id, len(numbers)) for each in listed], int), spent


@dataclass(frozen=True, slots=True)
class Result:
    """What one tracker did on one scene, as far as it came."""

    cpu_ms: float
    squares: Floats
    """(scans,) square of GOSPA"""
    drones: Ints
    """(scans,) true drones"""
    switches: float
    """a thousand true drones and scans"""
    false_an_hour: float
    delay_s: float
    """median; NaN when no drone was found"""

    def gospa(self, scans: int | None = None) -> float:
        """m, per true drone, over the first `scans`, or all."""
        return float((self.squares[:scans].sum() / max(self.drones[:scans].sum(), 1)) ** 0.5)


def pair_up(
    owner: dict[int, int], alive: Ints, truth: Floats, x: Floats, numbers: Ints
) -> tuple[dict[int, int], list[tuple[int, int, int]]]:
    """Which track each drone has in one scan (CLEAR MOT): its own while that is within KEPT_M, or else the nearest.

    Args:
        owner: by drone the track that it had last; out: that it has now.

    Returns:
        by row of `truth` the number of its track; and changes: drone, track before, track now.
    """
    held = {int(number): row for row, number in enumerate(numbers)}
    kept: dict[int, int] = {}
    taken: set[int] = set()
    for row, drone in enumerate(alive.tolist()):
        number = owner.get(drone, -1)
        if number in held and number not in taken and np.linalg.norm(x[held[number]] - truth[row, :3]) <= KEPT_M:
            kept[row] = number
            taken.add(number)
    lost = [row for row in range(len(alive)) if row not in kept]
    free = np.array([row for number, row in held.items() if number not in taken], int)
    pairs = gospa(truth[lost, :3], x[free], c=KEPT_M)
    changed = []
    for row, column in zip(pairs.truth, pairs.estimate, strict=True):
        drone, number = int(alive[lost[row]]), int(numbers[free[column]])
        if owner.get(drone, number) != number:
            changed.append((drone, owner[drone], number))
        owner[drone] = kept[lost[row]] = number
    return kept, changed


def within(run: Callable[[Scene], Iterator[Step]], budget_s: float) -> Callable[[Scene], Iterator[Step]]:
    """The same in a process of its own, which the system ends when its CPU seconds or memory are spent.

    Weighing one scan of a dense sky can take a peer hours, inside a library that asks nobody whether it may.
    """

    def limited(scene: Scene) -> Iterator[Step]:
        ours_, theirs = PROCESSES.Pipe(duplex=False)
        worker = PROCESSES.Process(target=_hand_over, args=(run, scene, budget_s, theirs), daemon=True)
        worker.start()
        theirs.close()
        try:
            while True:
                yield ours_.recv()
        except EOFError:
            return
        finally:
            worker.kill()
            worker.join()

    return limited


def _hand_over(run: Callable[[Scene], Iterator[Step]], scene: Scene, budget_s: float, to: Connection) -> None:
    """What the process does: one scan after another, until it is ended."""
    seconds = ceil(budget_s + time.process_time())
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (PEER_MEMORY, PEER_MEMORY))
    for step in run(scene):
        to.send(step)


def judge(scene: Scene, run: Callable[[Scene], Iterator[Step]]) -> Result:
    """Follow one tracker through a scene, as far as it comes."""
    cost: list[float] = []
    squares, drones, switches = [], [], 0
    owner: dict[int, int] = {}
    born: dict[int, int] = {}
    found: dict[int, int] = {}
    lived: dict[int, int] = {}
    near: dict[int, int] = {}
    for scan, ((x, numbers, spent), truth, alive) in enumerate(zip(run(scene), scene.truth, scene.alive, strict=False)):
        cost.append(spent)
        squares.append(gospa(truth[:, :3], x).distance ** 2)
        drones.append(len(truth))
        kept, changed = pair_up(owner, alive, truth, x, numbers)
        switches += len(changed)
        for row, number in kept.items():
            found.setdefault(int(alive[row]), scan)
            near[number] = near.get(number, 0) + 1
        for number in numbers.tolist():
            lived[number] = lived.get(number, 0) + 1
        for drone in alive.tolist():
            born.setdefault(drone, scan)
    false = sum(2 * near.get(number, 0) < scans for number, scans in lived.items())
    delays = [found[drone] - born[drone] for drone in found]
    later = cost[len(cost) // 2 :] if len(cost) > 3 else cost
    return Result(
        1e3 * float(np.median(later)) if later else np.nan, np.array(squares), np.array(drones),
        1e3 * switches / max(sum(drones), 1), 3600.0 * false / max(len(cost), 1),
        float(np.median(delays)) if delays else np.nan,
    )  # fmt: skip


PROCESSES = get_context("fork")
PEER_MEMORY = 4 << 30
PEER_LEAST = 5
"""scans of which a peer's row is made: in the first three it has no track, and costs little"""
PEERS = {"GNN": nearest_neighbours, "JPDA": joint}
QUICK = ("10:10", "10:100", "100:10", "100:100", "1000:1000", "5000:1000", "1000d", "20000d", "100000d")
PEER_QUICK = 100
"""drones, and false plots, up to which peers run when not everything is asked for: beyond they take minutes"""
FULL = (
    "10:10", "10:100", "10:1000", "100:10", "100:100", "100:1000", "1000:10", "1000:100", "1000:1000", "5000:10",
    "5000:100", "5000:1000", "1000d", "5000d", "20000d", "100000d",
)  # fmt: skip
JUDGED = 20_000
"""drones up to which accuracy is worked out: beyond only the cost"""
HEAD = (
    f"{'drones, false plots':<22}{'CPU ms':>9}{'us/drone':>9}{'times':>7}{'GOSPA':>7}{'known':>7}{'ratio':>7}"
    f"{'switches':>9}{'known':>7}{'false/h':>8}{'delay s':>8}"
)


def show(name: str, result: Result, best: Result, count: int, times: str = "") -> None:
    """One row of the table."""
    scans = len(result.squares)
    mine, known_ = result.gospa(scans), best.gospa(scans)
    each = 1e3 * result.cpu_ms / count
    print(f"{name:<22}{result.cpu_ms:>9.2f}{each:>9.{0 if each >= 1e3 else 2}f}{times:>7}{mine:>7.1f}{known_:>7.1f}"
          f"{mine / known_:>7.3f}{result.switches:>9.2f}{best.switches:>7.2f}{result.false_an_hour:>8.0f}"
          f"{result.delay_s:>8.1f}", flush=True)  # fmt: skip


def cost_only(name: str, scene: Scene, count: int) -> None:
    """A row for a scene that is too large to be judged."""
    spent = [cpu for _, _, cpu in ours(scene)]
    later = 1e3 * float(np.median(spent[len(spent) // 2 :]))
    print(f"{name:<22}{later:>9.2f}{1e3 * later / count:>9.2f}", flush=True)


def compare(size: str, scans: int, seed: int, asked: argparse.Namespace) -> None:
    """The rows of one size and seed."""
    if size.endswith("d"):
        drones = int(size[:-1])
        scene, name = make_wide(seed, drones, min(scans, 8 if drones > JUDGED else 20)), f"{drones} at even density"
        if drones > JUDGED:
            return cost_only(name, scene, drones)
        false = drones
    elif size == "swarm":
        drones, false, name = 25, 100, "25 at 50 m, 100"
        scene = make(seed, drones, false, scans, asked.rate, 50.0)
    else:
        drones, false = (int(part) for part in size.split(":"))
        scene, name = make(seed, drones, false, scans, asked.rate), f"{drones}, {false}"
    mine, best = judge(scene, ours), judge(scene, known)
    show(name, mine, best, drones)
    for lag_s in asked.lag if scene.site is SITE else ():
        show(f"  {lag_s:g} s late", judge(scene, delayed(lag_s)), best, drones)
    small = drones <= PEER_QUICK and false <= PEER_QUICK
    for peer, run in PEERS.items() if not asked.no_peer and (small or asked.full) and scene.site is SITE else ():
        other = judge(scene, within(run, asked.budget))
        done = len(other.squares)
        if done >= PEER_LEAST:
            show(f"  {peer}", other, best, drones, f"{other.cpu_ms / mine.cpu_ms:.0f}")
        if done < scans:
            came = f"{done} of {scans} scans" if done else "no scan"
            print(f"  {peer} did not finish within {asked.budget:g} s of CPU and {PEER_MEMORY >> 30} GiB: {came}",
                  flush=True)  # fmt: skip
    return None


def kept(scene: Scene, steps: list[Step]) -> float:
    """Share of true drones and scans under one number for life, each being one drone's: the best such pairing."""
    shared: dict[tuple[int, int], int] = {}
    for (x, numbers, _), truth, alive in zip(steps, scene.truth, scene.alive, strict=True):
        pairs = gospa(truth[:, :3], x)
        for row, column in zip(pairs.truth, pairs.estimate, strict=True):
            both = int(alive[row]), int(numbers[column])
            shared[both] = shared.get(both, 0) + 1
    drones, tracks = (sorted({both[k] for both in shared}) for k in (0, 1))
    counts = np.zeros((len(drones), len(tracks)))
    for (drone, number), count in shared.items():
        counts[drones.index(drone), tracks.index(number)] = count
    return float(counts[linear_sum_assignment(-counts)].sum() / sum(map(len, scene.alive)))


def identities(seeds: int, rate: bool) -> None:
    """How well close drones keep their numbers, beside peers on the same plots.

    JPDA is left out of the formation: of 50 drones that share their plots it did not weigh one scan within 40 s.
    """
    scenes: dict[str, tuple[Callable[[int], Scene], tuple[str, ...]]] = {
        "pairs that cross at 20 m": (lambda seed: cross(seed, 20, 10.0, 31, rate), ("GNN", "JPDA")),
        "50 in formation at 50 m": (lambda seed: make(seed, 50, 10.0, 40, rate, 50.0), ("GNN",)),
    }
    print(f"{'':<28}{'':<12}{'GOSPA':>7}{'switches':>9}{'kept':>7}")
    for name, (made, peers) in scenes.items():
        for tracker, run in {"Luchtwacht": ours, "known": known, **{peer: PEERS[peer] for peer in peers}}.items():
            figures = []
            for seed in range(1, seeds + 1):
                scene = made(seed)
                steps = list(run(scene))
                result = judge(scene, partial(again, steps))
                figures.append((result.gospa(), result.switches, kept(scene, steps)))
            distance, switches, whole = np.mean(figures, axis=0)
            print(f"{name:<28}{tracker:<12}{distance:>7.1f}{switches:>9.1f}{whole:>7.1%}", flush=True)


def again(steps: list[Step], _scene: Scene) -> Iterator[Step]:
    """What a tracker said before."""
    return iter(steps)


def consistency(seeds: int) -> None:
    """Whether errors are as large as the covariances say, and existence as frequent as its probability says."""
    told: list[Floats] = []
    squares: list[float] = []
    for seed in range(1, seeds + 1):
        scene = make(seed, 50, 100, 40, False)
        tracker = Tracker(SITE)
        for scan, detections in enumerate(scene.plots):
            tracks: Tracks = tracker.step(START_NS + scan * SECOND, detections)[0]
            live = tracks.take(tracks.status != TrackStatus.TERMINATED)
            pairs = gospa(scene.truth[scan][:, :3], live.x[:, :3], c=KEPT_M)
            real = np.zeros(len(live), bool)
            real[pairs.estimate] = True
            if scan >= 3:
                told.append(np.column_stack([live.existence, real]))
            if scan < 10:
                continue
            for i, j in zip(pairs.truth, pairs.estimate, strict=True):
                if live.status[j] == TrackStatus.CONFIRMED:
                    error = live.x[j, :3] - scene.truth[scan][i, :3]
                    squares.append(float(error @ np.linalg.solve(live.P[j, :3, :3], error)) / 3.0)
    rows = np.concatenate(told)
    print(f"{'existence said':<18}{'tracks':>9}{'were there':>12}")
    for low, high in ((0.1, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 0.98), (0.98, 0.999), (0.999, 1.01)):
        chosen = (rows[:, 0] >= low) & (rows[:, 0] < high)
        there = f"{rows[chosen, 1].mean():.2f}" if chosen.any() else ""
        print(f"{rows[chosen, 0].mean() if chosen.any() else low:<18.3f}{chosen.sum():>9}{there:>12}")
    middle = np.array(squares)
    print(f"normalised squared error of position, of confirmed tracks: mean {middle.mean():.2f}, median "
          f"{np.median(middle):.2f} (1 and 0.79 when matched), {len(middle)} of them; the drones' motion is no mode of "
          f"the tracker's: `tests/tracking` holds the bounds on matched motion")  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sizes", nargs="+", help="drones:false plots, or drones followed by d for even density")
    options.add_argument("--full", action="store_true", help="every size, and peers at every size")
    options.add_argument("--scans", type=int, default=40)
    options.add_argument("--seeds", type=int, default=1, help="runs of each size")
    options.add_argument("--rate", action="store_true", help="with range rate")
    options.add_argument("--swarm", action="store_true", help="only 25 drones in formation, 50 m apart")
    options.add_argument("--lag", nargs="+", type=float, default=[], help="also so many seconds late")
    options.add_argument("--no-peer", action="store_true", help="without Stone Soup")
    options.add_argument("--budget", type=float, default=60.0, help="CPU seconds a peer gets for a run")
    options.add_argument("--consistency", action="store_true", help="only hold what is said of errors against truth")
    options.add_argument("--identities", action="store_true", help="only pairs that cross, and a formation, with peers")
    asked = options.parse_args()
    for _ in warm():
        pass
    if asked.consistency:
        return consistency(max(asked.seeds, 2))
    if asked.identities:
        return identities(asked.seeds, asked.rate)
    print(HEAD)
    sizes = asked.sizes or (("swarm",) if asked.swarm else (*(FULL if asked.full else QUICK), "swarm"))
    for size in sizes:
        for seed in range(1, asked.seeds + 1):
            compare(size, asked.scans, seed, asked)
    return None


if __name__ == "__main__":
    main()
