"""Do the probabilities of all five categories hold what they promise? One 3-D radar over 20 by 20 km, seeded worlds.

    python bench/classes.py                       seeds 1 to 4, 90 s, both worlds
    python bench/classes.py --seeds 7 8 --plot categories.png

Two worlds of 150 things, multirotors, fixed-wing drones, birds, helicopters, aeroplanes and vehicles, straight from the
simulator's columns into the tracker, 100 false plots a turn:

as declared   how many there are of each, how fast, how high and how large they are is drawn from what the tracker holds
              for likely (`tracking/classification.py`): here its probabilities ought to be right
another       50 drones, 100 birds, 10 aircraft, 10 vehicles as `bench/mixed.py` and the simulator have them, where no
              bird is as large as a drone: here it may be too modest, and must not be too sure

told by motion (and height), radar cross-section, and labels: right 80 % of the time and else the look-alike's, each for
itself, or ("10 s") standing for 10 s on average, drawn anew at random moments for each thing.

Judged at every turn after the first 10: confirmed or coasted tracks, each held to be what most of its last ten reports
came from, those of no thing left out. right: the likeliest category was it. top: calibration error of its probability.
Then for each category against the rest its calibration error, and in brackets mean said less share that was: + is too
sure of it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from mixed import FIRST_TURN, HALF_M, RADAR, SITE, START_NS, Followed, drone, flock

from luchtwacht.evaluation.classes import NAMES, ClassFigures, class_figures
from luchtwacht.evaluation.reliability import Reliability
from luchtwacht.evaluation.reliability_plot import save_classes
from luchtwacht.model import Category, Detections, Floats, Ints, TrackStatus
from luchtwacht.simulation import ObjectKind, Scenario, SensorBehaviour, SimulatedObject, measure
from luchtwacht.simulation.measured import LOOK_ALIKE
from luchtwacht.simulation.scenario import Fly, Hover, Leg, Loiter, Route, Wander
from luchtwacht.simulation.trajectory import lay_paths
from luchtwacht.tracking import Tracker
from luchtwacht.tracking.classification import PRIOR, TRAITS
from luchtwacht.units import SECOND_NS

THINGS, RIGHT, LASTS_S = 150, 0.8, 10.0
KINDS = {
    Category.MULTIROTOR: ObjectKind.MULTIROTOR,
    Category.FIXED_WING_DRONE: ObjectKind.FIXED_WING_DRONE,
    Category.BIRD: ObjectKind.BIRD,
    Category.CREWED_AIRCRAFT: ObjectKind.HELICOPTER,
    Category.OTHER: ObjectKind.VEHICLE,
}


def anywhere(rng: np.random.Generator, height: float) -> tuple[float, float, float]:
    east, north = rng.uniform(-HALF_M, HALF_M, 2).tolist()
    return east, north, height


def waypoints(rng: np.random.Generator, at: tuple[float, float, float], step_m: float, turn: float) -> list[Floats]:
    """Eight points one after the other; the course changes by `turn` rad (standard deviation) at each."""
    course, place, found = rng.uniform(0.0, 2 * np.pi), np.array(at), []
    for _ in range(8):
        course += rng.normal(0.0, turn)
        place = place + step_m * np.array([np.sin(course), np.cos(course), 0.0])
        place[:2] = np.clip(place[:2], -HALF_M, HALF_M)
        found.append(place)
    return found


def legs_of(rng: np.random.Generator, kind: ObjectKind, at: tuple[float, float, float], speed: float) -> list[Leg]:
    """How such a thing goes about at that speed."""
    match kind:
        case ObjectKind.BIRD if rng.random() < 0.7:
            radius = rng.uniform(200.0, 900.0)
            return [Wander(radius_m=radius, speed_m_s=speed, seconds=999.0, thermals=bool(rng.random() < 0.5))]
        case ObjectKind.VEHICLE:
            if rng.random() < TRAITS[Category.OTHER][2]:
                return [Hover(seconds=999.0)]
            along = tuple((p[0], p[1], 0.0) for p in waypoints(rng, at, rng.uniform(150.0, 600.0), 0.8))
            return [Route(along=along, speed_m_s=speed, laps=20)]
        case _:
            found: list[Leg] = []
            for p in waypoints(rng, at, rng.uniform(10.0, 45.0) * speed, 0.8):
                found.append(Fly(to=(p[0], p[1], p[2]), speed_m_s=speed))
                if rng.random() < 0.3:
                    stay = rng.uniform(5.0, 40.0)
                    hovers = kind is ObjectKind.MULTIROTOR or (kind is ObjectKind.HELICOPTER and rng.random() < 0.2)
                    circle = Loiter(radius_m=4.0 * speed, speed_m_s=speed, seconds=stay)
                    found.append(Hover(seconds=stay) if hovers else circle)
            return found


def thing(rng: np.random.Generator, number: int, category: Category) -> SimulatedObject:
    """One of a category, as fast, high and large as the table of traits holds for likely."""
    _, _, _, speed, speed_sd, height, height_sd, *_, rcs, rcs_sd, _ = TRAITS[category]
    kind = KINDS[category]
    fast = max(abs(rng.normal(speed, speed_sd)), 2.0)
    high = 0.0 if kind is ObjectKind.VEHICLE else max(abs(rng.normal(height, height_sd)), 20.0)
    at = anywhere(rng, high)
    return SimulatedObject(
        id=f"{kind}-{number}", kind=kind, at=at, legs=tuple(legs_of(rng, kind, at, fast)),
        rcs_dbsm=rng.normal(rcs + 2.5, rcs_sd),
    )  # fmt: skip


def as_declared(rng: np.random.Generator) -> list[SimulatedObject]:
    drawn = rng.choice(len(PRIOR), THINGS, p=list(PRIOR.values()))
    return [thing(rng, number, Category(category)) for number, category in enumerate(drawn.tolist())]


def another(rng: np.random.Generator) -> list[SimulatedObject]:
    found = [drone(rng, number) for number in range(50)]
    left = 100
    while left:
        count = min(int(rng.integers(1, 9)), left)
        left -= count
        found.append(flock(rng, left, count))
    for number, kind in enumerate([ObjectKind.HELICOPTER] * 5 + [ObjectKind.AEROPLANE] * 5 + [ObjectKind.VEHICLE] * 10):
        ground = kind is ObjectKind.VEHICLE
        speed = rng.uniform(3.0, 25.0) if ground else rng.uniform(25.0, 80.0)
        at = anywhere(rng, 0.0 if ground else rng.uniform(100.0, 900.0))
        legs = tuple(legs_of(rng, kind, at, speed))
        found.append(SimulatedObject(id=f"{kind}-{number}", kind=kind, at=at, legs=legs))
    return found


CASES = (
    ("motion", "", False),
    ("motion, rcs", "", True),
    ("labels", "each", False),
    ("labels, 10 s", "10 s", False),
    ("labels, 10 s, rcs", "10 s", True),
)
"""name, how labels err, whether the cross-section is measured"""
WORLDS: dict[str, Callable[[np.random.Generator], list[SimulatedObject]]] = {
    "as declared": as_declared,
    "another": another,
}


def lasting_labels(
    looks: Iterator[tuple[Detections, Ints]], kinds: Ints, rng: np.random.Generator
) -> Iterator[tuple[Detections, Ints]]:
    """The same looks with labels that stand, each thing's for itself, for `LASTS_S` on average."""
    says = np.array([[RIGHT * (a is b) + (1 - RIGHT) * (LOOK_ALIKE[a] is b) for a in Category] for b in Category])
    label = np.full(len(kinds), -1)
    alike = np.array([int(LOOK_ALIKE[each]) for each in Category])
    for detections, objects in looks:
        anew = (label < 0) | (rng.random(len(kinds)) < 1.0 - np.exp(-RADAR.period_s / LASTS_S))
        fresh = np.where(rng.random(len(kinds)) < RIGHT, kinds, alike[kinds])
        label = np.where(anew, fresh, label)
        given = np.where(objects >= 0, label[objects], rng.integers(0, len(Category), len(objects)))
        yield replace(detections, category_probability=says[given]), objects


def judged(seed: int, world: str, turns: float, labels: str, *, sized: bool) -> tuple[Floats, Ints, Ints]:
    """Probabilities (n, 5), true categories (n,) and which thing (n,) of every confirmed track of a thing."""
    rng = np.random.default_rng([seed, list(WORLDS).index(world)])
    eye = SensorBehaviour(
        id="radar", reference_rcs_dbsm=-45.0, class_right=RIGHT if labels == "each" else None,
    )  # fmt: skip
    site = replace(SITE, sensors=(replace(RADAR, rcs_offset_db=-60.0 if sized else None),))
    scenario = Scenario(
        name=world, site=site, duration_s=turns, seed=seed, objects=tuple(WORLDS[world](rng)), behaviours=(eye,)
    )  # fmt: skip
    paths, tracker = lay_paths(scenario), Tracker(site)
    kinds = np.array([int(each.habit.category) for each in paths.objects])
    looks = measure(scenario, START_NS)
    if labels == "10 s":
        looks = lasting_labels(looks, kinds, rng)
    followed = Followed()
    said, objects = [], []
    for turn, (detections, which) in enumerate(looks):
        tracks, pairs = tracker.step(START_NS + (turn + 1) * SECOND_NS, detections)
        followed.take(detections, which, pairs)
        if turn < FIRST_TURN:
            continue
        tracks = tracks.take(np.isin(tracks.status, (TrackStatus.CONFIRMED, TrackStatus.COASTED)))
        who = followed.by(tracks.track)
        said.append(tracks.category_probability[who >= 0])
        objects.append(who[who >= 0])
    every = np.concatenate(objects)
    return np.concatenate(said), kinds[every], every + 1000 * seed


def figure(found: Reliability) -> str:
    """Calibration error, and how much too sure."""
    if not any(each.was > 0.0 for each in found.bins if each.count):
        return f"{'-':>15}"
    sure = sum(each.count * (each.said - each.was) for each in found.bins if each.count) / found.rows
    return f"{found.calibration_error:8.3f}({sure:+.3f})"


def line(name: str, found: ClassFigures) -> str:
    each = "".join(figure(one) for one in found.each)
    return f"{name:30}{found.rows:9,}{found.right:8.1%}{found.brier:7.3f}{found.top.calibration_error:7.3f}{each}"


def table(found: Reliability) -> None:
    for each in found.bins:
        if each.count:
            print(f"{each.count:10,}{each.said:8.2f}{each.was:8.2f}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4])
    parser.add_argument("--turns", type=float, default=90.0)
    parser.add_argument("--worlds", nargs="+", choices=list(WORLDS), default=list(WORLDS))
    parser.add_argument("--plot", type=Path, help="draw the last case of the first world into this PNG")
    given = parser.parse_args()
    for world in given.worlds:
        print(f"\n{world:30}{'rows':>9}{'right':>8}{'Brier':>7}{'top':>7}"
              + "".join(f"{name.split('-')[0]:>15}" for name in NAMES.values()))  # fmt: skip
        tops = []
        for name, labels, sized in CASES:
            parts = [judged(seed, world, given.turns, labels, sized=sized) for seed in given.seeds]
            found = class_figures(*(np.concatenate(column) for column in zip(*parts, strict=True)))
            print(line(name, found), flush=True)
            tops.append((name, found))
        if given.plot and world == given.worlds[0]:
            save_classes(tops[-1][1], given.plot, title=f"{world}, {tops[-1][0]}")
        for name, found in tops:
            print(f"\n{world}, {name}: probability of the likeliest category\n{'tracks':>10}{'said':>8}{'was':>8}")
            table(found.top)


if __name__ == "__main__":
    main()
