"""How well lost objects are recognised: drones that vanish behind something, return, or do not, among new ones.

    python bench/stitching.py

Drones under one radar fly, turn and hover; each is hidden again and again for a while; three in ten never return, and
as many new ones begin elsewhere at the same time. A gap counts as kept when the object has the number that it had
before; false counts the objects that went by a number which was another's. `none` is the same without stitching.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from luchtwacht.geodesy import enu_to_polar
from luchtwacht.model import Detections, Floats, Format, Geometry, Place, Sensor, SensorKind, Site, Source, TrackStatus
from luchtwacht.tracking import RollbackTracker
from luchtwacht.units import DEGREE, SECOND_NS, seconds_to_ns

START_NS = 1_800_000_000 * SECOND_NS
RADAR = Sensor(
    id="radar", kind=SensorKind.RADAR_3D, source="s", place=Place(latitude=52.0, longitude=5.0), false_reports=10.0,
    range_max_m=6000.0,
)  # fmt: skip
SITE = Site(
    id="s", name="s", origin=RADAR.place, sources=(Source(id="s", format=Format.TABLE),), sensors=(RADAR,), step_s=1.0
)
R = np.full((4, 4), np.nan)
R[:3, :3] = np.diag([10.0**2, (0.5 * DEGREE) ** 2, (1.0 * DEGREE) ** 2])
SEEN_S = 25


@dataclass
class Drone:
    """One object: it flies straight, turns now and then, and hovers."""

    number: int
    x: Floats
    speed: float
    course: float
    turn: float = 0.0
    until: float = 0.0

    def fly(self, t: float, rng: np.random.Generator) -> None:
        """One second."""
        if t >= self.until:
            what = rng.random()
            self.until = t + rng.exponential(12.0)
            self.turn = rng.normal() * 0.2 if what < 0.35 else 0.0
            if what > 0.85:
                self.speed = rng.uniform(0.0, 25.0)
        self.course += self.turn
        self.x += np.array([np.sin(self.course), np.cos(self.course), 0.0]) * self.speed


def born(number: int, rng: np.random.Generator) -> Drone:
    place = np.array([*rng.uniform(-3000, 3000, 2), rng.uniform(50, 150)])
    return Drone(number, place, rng.uniform(3.0, 25.0), rng.uniform(0.0, 2.0 * np.pi))


def report(points: Floats, ids: list[int], t: int, rng: np.random.Generator) -> Detections:
    z = np.column_stack([enu_to_polar(points), np.full(len(points), np.nan)])
    z[:, :3] += rng.normal(size=(len(points), 3)) * [10.0, 0.5 * DEGREE, 1.0 * DEGREE]
    when = START_NS + t * SECOND_NS + seconds_to_ns(0.1)
    return Detections.unknown(
        len(points), id=ids, time_ns=when, received_ns=when, sensor=0, geometry=Geometry.POLAR, z=z,
        R=np.tile(R, (len(points), 1, 1)), filtered=False,
    )  # fmt: skip


def run(count: int, gap_s: int, stitch_s: float, seed: int, seconds: int = 240) -> tuple[int, int, int]:
    """Gaps after which the object was seen for long enough, those over which it kept its number, and false joins."""
    rng = np.random.default_rng(seed)
    drones = [born(k, rng) for k in range(count)]
    hidden = dict.fromkeys(range(count), 0.0)
    due = {k: rng.uniform(SEEN_S, 2 * SEEN_S) for k in range(count)}
    back: dict[int, float] = {}
    owner: dict[int, dict[int, int]] = {}
    named: dict[int, list[tuple[int, int]]] = {}
    gaps: list[tuple[int, float, float]] = []
    tracker = RollbackTracker(replace(SITE, tracking=replace(SITE.tracking, stitch_s=stitch_s)))
    next_number = count
    for t in range(seconds):
        points, ids = [], []
        for drone in list(drones):
            drone.fly(t, rng)
            k = drone.number
            if k in back and t >= back[k]:
                gaps.append((k, hidden[k], t))
                del back[k]
                due[k] = t + rng.uniform(SEEN_S, 2 * SEEN_S)
            elif k not in back and t >= due[k]:
                hidden[k], back[k] = float(t), t + gap_s
                if rng.random() < 0.3:
                    drones.remove(drone)
                    del back[k]
                    drones.append(born(next_number, rng))
                    due[next_number] = t + rng.uniform(SEEN_S, 2 * SEEN_S)
                    next_number += 1
                continue
            if k not in back and rng.random() < 0.9:
                points.append(drone.x.copy())
                ids.append(t * 100_000 + k)
        false = int(rng.poisson(10.0))
        points += [np.array([*rng.uniform(-4000, 4000, 2), rng.uniform(20, 300)]) for _ in range(false)]
        ids += [t * 100_000 + 90_000 + k for k in range(false)]
        plots = report(np.array(points), ids, t, rng) if points else Detections.empty()
        tracks, used, _ = tracker.step(START_NS + (t + 1) * SECOND_NS, plots)
        confirmed = set(tracks.track[tracks.status == TrackStatus.CONFIRMED].tolist())
        for track, detection, probability in zip(used.track, used.detection, used.probability, strict=True):
            which = int(detection) % 100_000
            if probability > 0.5 and which < 90_000 and int(track) in confirmed:
                named.setdefault(which, []).append((t, int(track)))
                owners = owner.setdefault(int(track), {})
                owners[which] = owners.get(which, 0) + 1
    kept = judged = false = 0
    for k, from_s, to_s in gaps:
        before = [track for t, track in named.get(k, []) if from_s - 6 <= t < from_s]
        after = [track for t, track in named.get(k, []) if to_s + 6 <= t < to_s + 15]
        if not before or not after:
            continue
        judged += 1
        kept += before[-1] == after[-1]
    for owners in owner.values():
        false += sum(times >= 5 for times in owners.values()) - 1 if any(n >= 5 for n in owners.values()) else 0
    return judged, kept, false


def main() -> None:
    print(f"{'drones':>7} {'gap s':>6} {'gaps':>6} {'kept, none':>11} {'kept':>7} {'false, none':>12} {'false':>6}")
    for count in (20, 100):
        for gap_s in (6, 10, 20, 30):
            totals = np.zeros((2, 3), np.int64)
            for k, stitch_s in enumerate((0.0, 45.0)):
                for seed in range(2 if count < 50 else 1):
                    totals[k] += run(count, gap_s, stitch_s, seed)
            none, with_it = totals
            print(
                f"{count:>7} {gap_s:>6} {with_it[0]:>6} {none[1] / max(none[0], 1):>11.0%} "
                f"{with_it[1] / max(with_it[0], 1):>7.0%} {none[2]:>12} {with_it[2]:>6}",
                flush=True,
            )


if __name__ == "__main__":
    main()
