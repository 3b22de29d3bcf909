"""200 birds among 100 drones over 20 by 20 km, one 3-D radar: which tracks are called drones, and which are birds.

    python bench/mixed.py                    seeds 1 to 3, 90 s
    python bench/mixed.py --seeds 7 8 --right 0.7

Straight from the simulator's columns into the tracker. The radar (1 Hz, 10 m, 0.5 and 1 degree, detection 0.9, 100
false plots a turn) gives a class label that is right 80 % of the time and else says the look-alike: a bird's for a
drone, a drone's for a bird. Every report errs for itself, or ("10 s") a mistake lasts so long. `rcs` is the radar
cross-section; without it and without labels there is only motion.

"called" is confirmed or coasted and more probably unmanned than not, at every turn after the first 10, their mean
number in a turn; a track is what most of its last ten reports came from. birds: of the tracks called drones, those that
are birds; none: those that are nothing. kept: of the turns in which a drone had a confirmed track, those in which it
was called one. lost: drones that had such tracks for 30 turns or more and were called drones in under a tenth of them.
after: seconds from confirmation to being called, median and 90th percentile. "nobody's better" is what somebody can do
who is told at which moments the label was drawn anew, how often it is right and how many birds there are, by labels
alone. The last tables hold how often what was said to be a drone was one.
"""

from __future__ import annotations

import argparse
from collections import Counter, deque
from dataclasses import dataclass, replace
from math import comb

import numpy as np

from luchtwacht.evaluation.reliability import reliability
from luchtwacht.model import (
    UAS_CATEGORIES,
    Associations,
    Category,
    Detections,
    Floats,
    Format,
    Ints,
    Place,
    Sensor,
    SensorKind,
    Site,
    Source,
    TrackStatus,
)
from luchtwacht.simulation import ObjectKind, Scenario, SensorBehaviour, SimulatedObject, measure
from luchtwacht.simulation.scenario import Fly, Hover, Leg, Loiter, Wander
from luchtwacht.simulation.trajectory import lay_paths
from luchtwacht.tracking import Tracker
from luchtwacht.units import SECOND_NS

START_NS = 1_777_772_400_000_000_000
DRONES, BIRDS, HALF_M = 100, 200, 9_500.0
RADAR = Sensor(
    id="radar", kind=SensorKind.RADAR_3D, source="radar", place=Place(latitude=52.0, longitude=5.0, height=10.0),
    range_sigma_m=10.0, azimuth_sigma_deg=0.5, elevation_sigma_deg=1.0, doppler_sigma_m_s=0.5,
    probability_of_detection=0.9, false_reports=100.0, range_max_m=14_200.0, elevation_min_deg=-1.0,
    elevation_max_deg=60.0,
)  # fmt: skip
SITE = Site(
    id="mixed", name="Mixed", origin=Place(latitude=52.0, longitude=5.0),
    sources=(Source(id="radar", format=Format.ASTERIX),), sensors=(RADAR,),
)  # fmt: skip
FIRST_TURN = 10
BEST = "  nobody's better, by labels alone"


def drone(rng: np.random.Generator, number: int) -> SimulatedObject:
    """One that flies a few legs, most of them multirotors, some of which hover or circle."""
    fixed = rng.random() < 0.2
    speed = rng.uniform(12.0, 40.0) if fixed else rng.uniform(5.0, 22.0)
    here = np.array([*rng.uniform(-HALF_M, HALF_M, 2), rng.uniform(30.0, 400.0)])
    legs: list[Leg] = []
    at = here
    for _ in range(8):
        course, length = rng.uniform(0.0, 2 * np.pi), rng.uniform(150.0, 900.0)
        at = at + np.array([length * np.sin(course), length * np.cos(course), rng.uniform(-20.0, 20.0)])
        at[:2], at[2] = np.clip(at[:2], -HALF_M, HALF_M), np.clip(at[2], 25.0, 450.0)
        legs.append(Fly(to=(at[0], at[1], at[2]), speed_m_s=speed))
        if rng.random() < 0.3:
            stay = rng.uniform(5.0, 40.0)
            legs.append(Loiter(radius_m=4.0 * speed, speed_m_s=speed, seconds=stay) if fixed else Hover(seconds=stay))
    return SimulatedObject(
        id=f"drone-{number}", kind=ObjectKind.FIXED_WING_DRONE if fixed else ObjectKind.MULTIROTOR,
        at=(here[0], here[1], here[2]), legs=tuple(legs), rcs_dbsm=rng.uniform(-22.0, -12.0),
    )  # fmt: skip


def flock(rng: np.random.Generator, number: int, count: int) -> SimulatedObject:
    """Some birds that wander, or cross the country."""
    at = (*rng.uniform(-HALF_M, HALF_M, 2).tolist(), rng.uniform(30.0, 400.0))
    speed = rng.uniform(6.0, 18.0)
    course = rng.uniform(0.0, 2 * np.pi)
    leg: Leg = Wander(radius_m=rng.uniform(200.0, 900.0), speed_m_s=speed, seconds=999.0, thermals=rng.random() < 0.5)
    if rng.random() < 0.3:
        away = (at[0] + 9000.0 * np.sin(course), at[1] + 9000.0 * np.cos(course), at[2])
        leg = Fly(to=away, speed_m_s=speed)
    return SimulatedObject(
        id=f"birds-{number}", kind=ObjectKind.BIRD, at=at, legs=(leg,), count=count, spacing_m=60.0,
        rcs_dbsm=rng.uniform(-38.0, -22.0),
    )  # fmt: skip


def world(seed: int, duration_s: float) -> Scenario:
    """100 drones and 200 birds, every one of them within the radar's power to see."""
    rng = np.random.default_rng(seed)
    things = [drone(rng, number) for number in range(DRONES)]
    left = BIRDS
    while left:
        count = min(int(rng.integers(1, 9)), left)
        left -= count
        things.append(flock(rng, left, count))
    eye = SensorBehaviour(id="radar", reference_rcs_dbsm=-40.0)
    return Scenario(name="mixed", site=SITE, duration_s=duration_s, seed=seed, objects=tuple(things), behaviours=(eye,))


@dataclass(frozen=True, slots=True)
class Said:
    """Every confirmed track at every turn."""

    drone: Floats
    """(n,) probability of an unmanned aircraft"""
    object: Ints
    """(n,) index of what it is; -1 nothing"""
    track: Ints
    turn: Ints
    is_drone: np.ndarray
    """(objects,)"""


class Followed:
    """Which object each track follows: the one that most of its latest ten detections came from."""

    def __init__(self) -> None:
        self._recent: dict[int, deque[int]] = {}

    def take(self, detections: Detections, objects: Ints, pairs: Associations) -> None:
        """Take in a turn: whose each detection is, and the tracks that they were used for."""
        truly = dict(zip(detections.id.tolist(), objects.tolist(), strict=True))
        for track, detection, probability in zip(pairs.track, pairs.detection, pairs.probability, strict=True):
            if probability > 0.5 and int(detection) in truly:
                self._recent.setdefault(int(track), deque(maxlen=10)).append(truly[int(detection)])

    def by(self, tracks: Ints) -> Ints:
        """(n,) numbers of the objects that `tracks` follow; -1 for false plots, and for none."""
        return np.array([Counter(self._recent.get(n, [-1])).most_common(1)[0][0] for n in tracks.tolist()], np.int64)


def watch(scenario: Scenario) -> Said:
    """What the tracker says of the scenario, turn by turn."""
    tracker, paths = Tracker(scenario.site), lay_paths(scenario)
    rows: list[tuple[Floats, Ints, Ints, Ints]] = []
    followed = Followed()
    for turn, (detections, objects) in enumerate(measure(scenario, START_NS)):
        tracks, pairs = tracker.step(START_NS + (turn + 1) * SECOND_NS, detections)
        followed.take(detections, objects, pairs)
        if turn < FIRST_TURN:
            continue
        tracks = tracks.take(np.isin(tracks.status, (TrackStatus.CONFIRMED, TrackStatus.COASTED)))
        who = followed.by(tracks.track)
        uas = tracks.category_probability[:, list(UAS_CATEGORIES)].sum(axis=1)
        rows.append((uas, who, tracks.track, np.full(len(tracks), turn)))
    uas, who, track, when = (np.concatenate(column) for column in zip(*rows, strict=True))
    is_drone = np.array([each.habit.category is not Category.BIRD for each in paths.objects])
    return Said(uas, who, track, when, is_drone)


def line(name: str, runs: list[Said], called_from: float) -> str:
    """One row of the table."""
    birds = none = called = kept = had = lost = 0
    after: list[int] = []
    for said in runs:
        yes = said.drone > called_from
        called += int(yes.sum())
        none += int((yes & (said.object < 0)).sum())
        birds += int((yes & (said.object >= 0) & ~said.is_drone[said.object]).sum())
        drone = (said.object >= 0) & said.is_drone[said.object]
        had, kept = had + int(drone.sum()), kept + int((drone & yes).sum())
        turns = np.bincount(said.object[drone], minlength=len(said.is_drone))
        right = np.bincount(said.object[drone & yes], minlength=len(said.is_drone))
        lost += int(((turns >= 30) & (right < 0.1 * turns)).sum())
        for track in np.unique(said.track[drone]):
            mine = said.turn[drone & (said.track == track)]
            first = said.turn[drone & yes & (said.track == track)]
            if len(first) and mine[0] > FIRST_TURN:
                after.append(int(first[0] - mine[0]))
    wait = f"{np.median(after):7.0f}{np.percentile(after, 90):6.0f}" if after else f"{'':13}"
    return (
        f"{name:34}{called / sum(len(np.unique(each.turn)) for each in runs):8.1f}{birds / max(called, 1):8.1%}"
        f"{none / max(called, 1):8.1%}{kept / max(had, 1):8.1%}{lost:6d}{wait}"
    )


def bound(right: float, memory_s: float, turns: int) -> str:
    """The row of who knows all but what each thing is: a label drawn is one toss, BIRDS to DRONES the odds before."""
    drones = birds = kept = 0.0
    for turn in range(FIRST_TURN, turns):
        drawn = int(turn / memory_s) + 1
        for good in range(drawn + 1):
            chance = comb(drawn, good) * right**good * (1.0 - right) ** (drawn - good)
            opposite = comb(drawn, good) * (1.0 - right) ** good * right ** (drawn - good)
            if DRONES * chance > BIRDS * opposite:
                drones, birds, kept = drones + DRONES * chance, birds + BIRDS * opposite, kept + chance
    count = turns - FIRST_TURN
    return f"{BEST:34}{(drones + birds) / count:8.1f}{birds / (drones + birds):8.1%}{'':8}{kept / count:8.1%}"


HEAD = f"{'':34}{'called':>8}{'birds':>8}{'none':>8}{'kept':>8}{'lost':>6}{'after':>7}{'p90':>6}"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--right", type=float, default=0.8)
    parser.add_argument("--called", type=float, default=0.5, help="probability from which a track is called a drone")
    parser.add_argument("--turns", type=float, default=90.0)
    given = parser.parse_args()
    labels = f"labels {given.right:.0%}"
    cases: list[tuple[str, float | None, float, bool]] = [
        ("motion", None, 0.0, False),
        ("motion, rcs", None, 0.0, True),
        (labels, given.right, 0.0, False),
        (f"{labels}, 10 s", given.right, 10.0, False),
        (f"{labels}, rcs", given.right, 0.0, True),
        (f"{labels}, 10 s, rcs", given.right, 10.0, True),
    ]
    print(HEAD)
    tables = []
    for name, right, memory_s, sized in cases:
        runs = []
        for seed in given.seeds:
            made = world(seed, given.turns)
            eye = replace(made.behaviours[0], class_right=right, class_memory_s=memory_s)
            site = replace(made.site, sensors=(replace(RADAR, rcs_offset_db=-60.0 if sized else None),))
            runs.append(watch(replace(made, site=site, behaviours=(eye,))))
        print(line(name, runs, given.called), flush=True)
        if right is not None and memory_s > 0.0 and not sized:
            print(bound(right, memory_s, round(given.turns)))
        said = np.concatenate([run.drone for run in runs])
        was = np.concatenate([(run.object >= 0) & run.is_drone[run.object] for run in runs])
        tables.append((name, reliability(name, said, was)))
    for name, found in tables:
        print(f"\n{name}: Brier {found.brier:.3f}, calibration error {found.calibration_error:.3f}")
        print(f"{'tracks':>10}{'said':>8}{'was':>8}")
        for each in found.bins:
            if each.count:
                print(f"{each.count:10,}{each.said:8.2f}{each.was:8.2f}")


if __name__ == "__main__":
    main()
