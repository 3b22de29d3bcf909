"""What the tracker costs and how well it follows, beside Stone Soup and beside knowing which plot is whose.

    python bench/tracking.py                 10 and 100 drones, with Stone Soup
    python bench/tracking.py --sizes 1000:1000 5000:1000 --no-peer
    python bench/tracking.py --rate --swarm
    python bench/tracking.py --no-peer --lag 3 5

One radar in the middle of 20 x 20 km turns once a second (10 m, 0.5 and 1 degree, detection probability 0.9); drones
fly at 5 to 35 m/s, turn, and climb; false plots fall evenly in range, azimuth and elevation. All see the same plots.
CPU time is the median of the second half of the scans; GOSPA (c = 100 m, p = 2, three dimensions) is per true drone
over all scans; switches are changes of track number in a thousand true drones and scans. "known" is told which plot is
whose and when drones come and go. Where a covariance is given, positions with a variance above 7,500 m² stay out:
showing them costs more GOSPA than it gains. Stone Soup is its global nearest neighbour, fed with Cartesian
plots and with a spatial index of ours in front, without which it would be many times slower.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from luchtwacht.evaluation.gospa import gospa
from luchtwacht.geodesy import enu_to_polar
from luchtwacht.kernels import layout as c
from luchtwacht.kernels import warm
from luchtwacht.kernels.conversion import convert
from luchtwacht.kernels.measurement import condition
from luchtwacht.kernels.motion import predict, report
from luchtwacht.model import Detections, Floats, Format, Ints, Place, Sensor, SensorKind, Site, Source, TrackStatus
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
        turn = np.where(new, np.where(kind == 0, rng.uniform(-4.0, 4.0, drones) / np.maximum(speed, 8.0), 0.0), turn)
        wanted = np.where(new & (kind == 1), rng.uniform(5.0, 35.0, drones), wanted)
        climb = np.where(new, np.where(kind == 2, rng.uniform(-3.0, 3.0, drones), 0.0), climb)
        climb = np.where(
            (place[:, 2] < 30.0) & (climb < 0), 2.0, np.where((place[:, 2] > 400.0) & (climb > 0), -2.0, climb)
        )
        home = (np.abs(place[:, :2]) > 0.97 * HALF).any(1)
        course = np.where(home, np.arctan2(-place[:, 1], -place[:, 0]), course + turn)
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
    scene = Scene([], [], [], [])
    number = 0
    for scan in range(scans):
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


def plots_of(detections: Detections) -> tuple[Floats, Floats]:
    """Kinds and plots, as the tracker's kernels take them."""
    m = len(detections)
    kinds, plots = np.empty(m, np.int8), np.empty((m, c.PLOT_COLUMNS))
    convert(
        detections.z, detections.R, detections.geometry, detections.time_ns, int(detections.time_ns[0]) if m else 0,
        detections.snr_db, detections.rcs_dbsm, detections.filtered, 1.0, PLACE, 100.0, kinds, plots,
    )  # fmt: skip
    return kinds, plots


Step = tuple[Floats, Ints, float]
"""positions (k, 3), their tracks, CPU seconds"""


def ours(scene: Scene) -> Iterator[Step]:
    """Luchtwacht as it is behind its seam."""
    tracker = Tracker(SITE)
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
        predict(state, real, whole, drones, modes, change, noise, 1.0)
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


def stone_soup(scene: Scene) -> Iterator[Step]:
    """Stone Soup's global nearest neighbour, three plots to confirm, five misses to end."""
    import datetime as dt

    from stonesoup.dataassociator.neighbour import GNNWith2DAssignment
    from stonesoup.deleter.time import UpdateTimeStepsDeleter
    from stonesoup.hypothesiser.distance import DistanceHypothesiser
    from stonesoup.initiator.simple import MultiMeasurementInitiator
    from stonesoup.measures import Mahalanobis
    from stonesoup.models.measurement.linear import LinearGaussian
    from stonesoup.models.transition.linear import CombinedLinearGaussianTransitionModel, ConstantVelocity
    from stonesoup.predictor.kalman import KalmanPredictor
    from stonesoup.tracker.simple import MultiTargetTracker
    from stonesoup.types.detection import Detection
    from stonesoup.types.state import GaussianState
    from stonesoup.updater.kalman import KalmanUpdater

    class Near(DistanceHypothesiser):  # type: ignore[misc]
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
    near = Near(predictor, updater, Mahalanobis(), missed_distance=4)
    prior = GaussianState(np.zeros((6, 1)), np.diag([1e8, 400.0, 1e8, 400.0, 1e8, 9.0]))
    start = MultiMeasurementInitiator(
        prior, UpdateTimeStepsDeleter(2), GNNWith2DAssignment(near), updater, min_points=3
    )
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
    """What one tracker did on one scene."""

    cpu_ms: float
    gospa: float
    switches: float
    """a thousand true drones and scans"""


def judge(scene: Scene, run: Callable[[Scene], Iterator[Step]]) -> Result:
    """Cost, GOSPA per true drone, and changes of track number."""
    cost, total, count, switches = [], 0.0, 0, 0
    owner: dict[int, int] = {}
    for (x, numbers, spent), truth, alive in zip(run(scene), scene.truth, scene.alive, strict=True):
        cost.append(spent)
        total += gospa(truth[:, :3], x).distance ** 2
        count += len(truth)
        held = {int(number): row for row, number in enumerate(numbers)}
        lost = []
        for row, drone in enumerate(alive.tolist()):
            at = held.get(owner.get(drone, -1))
            if at is None or np.linalg.norm(x[at] - truth[row, :3]) > KEPT_M:
                lost.append(row)
        taken = {owner[int(alive[row])] for row in range(len(alive)) if row not in set(lost)}
        free = np.array([row for number, row in held.items() if number not in taken], int)
        pairs = gospa(truth[lost, :3], x[free], c=KEPT_M)
        for row, column in zip(pairs.truth, pairs.estimate, strict=True):
            drone, number = int(alive[lost[row]]), int(numbers[free[column]])
            switches += drone in owner
            owner[drone] = number
    later = cost[len(cost) // 2 :]
    return Result(1e3 * float(np.median(later)), (total / max(count, 1)) ** 0.5, 1e3 * switches / max(count, 1))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sizes", nargs="+", default=["10:10", "100:100"], help="drones:false plots")
    options.add_argument("--scans", type=int, default=40)
    options.add_argument("--seeds", type=int, default=1, help="runs of each size")
    options.add_argument("--rate", action="store_true", help="with range rate")
    options.add_argument("--swarm", action="store_true", help="also 25 drones in formation, 50 m apart")
    options.add_argument("--lag", nargs="+", type=float, default=[], help="also so many seconds late")
    options.add_argument("--no-peer", action="store_true", help="without Stone Soup")
    asked = options.parse_args()
    for _ in warm():
        pass
    print(f"{'drones, false plots':<22}{'CPU ms':>9}{'peer ms':>10}{'times':>8}{'GOSPA':>8}{'known':>8}{'ratio':>7}"
          f"{'peer':>8}{'switches':>10}{'peer':>7}")  # fmt: skip
    cases = [(f"{size.replace(':', ', ')}", *(int(part) for part in size.split(":")), 0.0) for size in asked.sizes]
    if asked.swarm:
        cases.append(("25 at 50 m, 100", 25, 100, 50.0))
    for name, drones, false, spacing in cases:
        for seed in range(1, asked.seeds + 1):
            scene = make(seed, drones, false, asked.scans, asked.rate, spacing)
            mine, best = judge(scene, ours), judge(scene, known)
            line = f"{name:<22}{mine.cpu_ms:>9.2f}"
            if asked.no_peer:
                peer = "", "", "", ""
            else:
                other = judge(scene, stone_soup)
                peer = (f"{other.cpu_ms:.0f}", f"{other.cpu_ms / mine.cpu_ms:.0f}", f"{other.gospa:.1f}",
                        f"{other.switches:.1f}")  # fmt: skip
            print(f"{line}{peer[0]:>10}{peer[1]:>8}{mine.gospa:>8.1f}{best.gospa:>8.1f}{mine.gospa / best.gospa:>7.3f}"
                  f"{peer[2]:>8}{mine.switches:>10.1f}{peer[3]:>7}", flush=True)  # fmt: skip
            for lag_s in asked.lag:
                late = judge(scene, delayed(lag_s))
                print(f"{f'  {lag_s:g} s late':<22}{late.cpu_ms:>9.2f}{'':>18}{late.gospa:>8.1f}{best.gospa:>8.1f}"
                      f"{late.gospa / best.gospa:>7.3f}{'':>8}{late.switches:>10.1f}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
