"""How often the take-off area holds the take-off, and how far off its middle is.

    python bench/origin.py                  300 take-offs, which plot is whose known
    python bench/origin.py --runs 100 --tracker
    python bench/origin.py --runs 100 --hills

Each run is one made-up drone: it takes off at a random place, climbs straight up, part of the way, or on a slope, may
stand still, and flies on. One radar turns once a second (10 m, 0.5 and 1 degree, detection probability 0.9, as far as
15 km); every other run it sees nothing below 0.4 degrees, so that the take-off itself is hidden. "held" is the share of
take-offs inside the 50 and the 90 % area; "in time" inside the 90 % interval of take-off times. Distances are
from `Origin.point` to the take-off. With `--tracker` false plots fall too, and detections are those that the tracker
named; otherwise they are the drone's own.

With `--hills` the land is hilly (a different land every run, 40 to 160 m from valley to top), the radar stands on a
mast of 10 m at its origin, and what a hill hides is not seen; seven of ten drones keep their height above the place
they left, the others above the land below. Every take-off is traced back twice: by a site that knows its terrain, and
by one that takes the land for flat.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from msgspec import structs
from scipy.ndimage import gaussian_filter

from luchtwacht.model import Detected, Detections, Format, Ints, Place, Sensor, SensorKind, Site, Source, Tracked
from luchtwacht.model.ground import grid_of
from luchtwacht.model.sight import ground_up
from luchtwacht.simulation import ObjectKind, Scenario, SimulatedObject, measure
from luchtwacht.simulation.scenario import Fly, Heights, Hover, Leg
from luchtwacht.simulation.trajectory import lay_paths
from luchtwacht.tracking import Tracker
from luchtwacht.tracking.origin import origin
from luchtwacht.tracking.smoothing import detections_of, smooth
from luchtwacht.units import SECOND_NS

START_NS = 1_800_000_000_000_000_000
DURATION_S = 240.0
"""long enough for nearly all that take off unseen to come into sight"""
MOST_DETECTIONS = 60
RANGES = ((1_000.0, 3_000.0), (3_000.0, 6_000.0), (6_000.0, 10_000.0), (10_000.0, 14_000.0))
RADAR = Sensor(
    id="radar", kind=SensorKind.RADAR_3D, source="s", place=Place(latitude=52.0, longitude=5.0, height=10.0),
    range_max_m=15_000.0, elevation_min_deg=-1.0, elevation_max_deg=20.0, probability_of_detection=0.9,
    false_reports=0.0,
)  # fmt: skip
ANCHORS = {
    (3_000.0, 6_000.0): "18, 37",
    (6_000.0, 10_000.0): "25, 69",
    (10_000.0, 14_000.0): "35, 84 (10-15 km)",
}
"""m, median and p90 of a smoothed first position, take-offs in view, association known (throw-away prototype)"""


HILL_M, HILLS, GRID = 1_600.0, (40.0, 160.0), 260
"""m across a hill; m from valley to top; crossings of the grid along either side, 120 m apart"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One take-off against its area."""

    hidden: bool
    range_m: float
    error_m: float
    expected_m: float
    level: float
    in_time: bool
    area_m2: float


def scenario(run: int, hidden: bool, false_reports: float = 0.0) -> Scenario:
    """One drone that takes off somewhere, the same for the same `run`."""
    rng = np.random.default_rng([run, 77])
    near, far = RANGES[run % len(RANGES)]
    away, bearing = rng.uniform(near, far), rng.uniform(0.0, 2.0 * np.pi)
    here = np.array([away * np.sin(bearing), away * np.cos(bearing)])
    height, climb, speed = rng.uniform(25.0, 130.0), rng.uniform(1.5, 5.0), rng.uniform(6.0, 22.0)
    course = rng.uniform(0.0, 2.0 * np.pi)
    along = np.array([np.sin(course), np.cos(course)])
    share = float(rng.choice([1.0, rng.uniform(0.1, 0.9), 0.0], p=[0.5, 0.3, 0.2]))
    legs: list[Leg] = []
    if share:
        legs.append(Fly(to=(*here.tolist(), share * height), speed_m_s=climb))
        if rng.random() < 0.3:
            legs.append(Hover(seconds=rng.uniform(2.0, 12.0)))
    at = here
    if share < 1.0:
        seconds = (1.0 - share) * height / climb
        at = here + along * speed * seconds
        legs.append(Fly(to=(*at.tolist(), height), speed_m_s=float(np.hypot(speed, climb))))
    legs.append(Fly(to=(*(at + along * 3_000.0).tolist(), height), speed_m_s=speed))
    drone = SimulatedObject(
        id="drone", kind=ObjectKind.MULTIROTOR, at=(*here.tolist(), 0.0), legs=tuple(legs),
        start_s=rng.uniform(5.0, 8.0),
    )  # fmt: skip
    radar = replace(RADAR, elevation_min_deg=0.4 if hidden else -1.0, false_reports=false_reports)
    site = Site(
        id="bench", name="bench", origin=Place(latitude=52.0, longitude=5.0),
        sources=(Source(id="s", format=Format.TABLE),), sensors=(radar,),
    )  # fmt: skip
    return Scenario(name="take-off", site=site, duration_s=DURATION_S, seed=run + 1, objects=(drone,))


def hilly(world: Scenario, run: int) -> Scenario:
    """The same flight over land with hills; the site knows them."""
    rng = np.random.default_rng([run, 78])
    rough = gaussian_filter(rng.normal(size=(GRID, GRID)), HILL_M / 2.0 / 120.0)
    rough = (rough - rough.min()) / np.ptp(rough) * rng.uniform(*HILLS)
    step = 120.0 / 111_195.0, 120.0 / 111_195.0 / np.cos(np.radians(52.0))
    north, west = 52.0 + step[0] * GRID / 2, 5.0 - step[1] * GRID / 2
    terrain = grid_of("hills", north, west, step, rough)
    here = float(terrain.at(52.0, 5.0))
    mast = Place(latitude=52.0, longitude=5.0, height=here + 10.0)
    (radar,) = world.site.sensors
    site = replace(
        world.site, terrain=terrain, ground_height_m=here, origin=replace(mast, height=here),
        sensors=(replace(radar, place=mast),),
    )  # fmt: skip
    (drone,) = world.objects
    if rng.random() < 0.7:
        left = np.array([[drone.at[0], drone.at[1], 0.0]])
        base = float(ground_up(site, left)[0]) + here + float(np.square(left).sum()) / (2.0 * 6_371_000.0)
        lift = lambda place: (place[0], place[1], place[2] + base)  # noqa: E731
        legs = tuple(structs.replace(leg, to=lift(leg.to)) if isinstance(leg, Fly) else leg for leg in drone.legs)
        drone = replace(drone, heights=Heights.SEA, at=lift(drone.at), legs=legs)
    return replace(world, site=site, objects=(drone,))


def scans(world: Scenario) -> Iterator[tuple[Detections, Ints]]:
    """What `measure` gives, without the drone before its take-off: standing ready it is not meant to be seen."""
    took_off = START_NS + round(world.objects[0].start_s * SECOND_NS)
    for rows, objects in measure(world, START_NS):
        kept = (objects != 0) | (rows.time_ns >= took_off)
        yield rows.take(kept), objects[kept]


def known(world: Scenario) -> Detections:
    """The drone's own detections."""
    return Detections.concatenate([rows.take(objects == 0) for rows, objects in scans(world)])


def tracked(world: Scenario) -> Detections:
    """The detections that the tracker names for the track that holds most of the drone's."""
    tracker, tracks, seen, mine = Tracker(world.site), [], [], []
    for rows, objects in scans(world):
        now = int(rows.received_ns[0]) if len(rows) else None
        mine.extend(rows.id[objects == 0].tolist())
        if now is None:
            continue
        made, used = tracker.step(now, rows)
        tracks.append(Tracked(time_ns=now, tracks=made, associations=used))
        seen.append(Detected(time_ns=now, detections=rows))
    pairs = [
        (int(number), int(name))
        for event in tracks
        for number, name in zip(event.associations.track, event.associations.detection, strict=True)
        if name in set(mine)
    ]
    if not pairs:
        return Detections.empty()
    numbers, counts = np.unique([number for number, _ in pairs], return_counts=True)
    return detections_of(int(numbers[counts.argmax()]), tracks, seen)


def judge(run: int, hidden: bool, with_tracker: bool = False) -> Outcome | None:
    """The outcome of one run; none when the drone was seen fewer than three times."""
    world = scenario(run, hidden, 30.0 if with_tracker else 0.0)
    rows = tracked(world) if with_tracker else known(world)
    return outcome(world, rows, world.site, hidden) if len(rows) >= 3 else None


def judge_hills(run: int) -> tuple[Outcome, Outcome] | None:
    """The outcomes over hills of a site that knows them and of one that does not; none when it was hardly seen."""
    world = hilly(scenario(run, hidden=False), run)
    rows = known(world)
    if len(rows) < 3:
        return None
    flat = replace(world.site, terrain=None)
    return outcome(world, rows, world.site, hidden=False), outcome(world, rows, flat, hidden=False)


def outcome(world: Scenario, rows: Detections, site: Site, hidden: bool) -> Outcome:
    """What `site` makes of the detections, beside where the drone took off."""
    paths = lay_paths(world)
    found = origin(smooth(rows.take(slice(0, MOST_DETECTIONS)), site), site)
    truth = paths.position[0, :2]
    took_off = START_NS + round(float(paths.start_s[0]) * SECOND_NS)
    return Outcome(
        hidden=hidden,
        range_m=float(np.hypot(*truth)),
        error_m=float(np.hypot(*(truth - found.point))),
        expected_m=found.expected_error,
        level=found.level(*truth),
        in_time=found.launch_from_ns <= took_off <= found.launch_until_ns,
        area_m2=found.most.area,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--first", type=int, default=10_000, help="number of the first run")
    parser.add_argument("--tracker", action="store_true")
    parser.add_argument("--hills", action="store_true")
    given = parser.parse_args()
    runs = range(given.first, given.first + given.runs)
    if given.hills:
        over_hills(runs)
        return
    # every second block of four runs, one a range, is hidden
    all_ = [judge(run, bool(run // len(RANGES) % 2), given.tracker) for run in runs]
    done = [each for each in all_ if each is not None]
    print(f"{len(done)} of {len(all_)} seen often enough\n{HEAD}")
    for hidden in (False, True):
        for near, far in RANGES:
            some = [each for each in done if each.hidden is hidden and near <= each.range_m < far]
            anchor = "" if hidden else ANCHORS.get((near, far), "")
            row("hidden" if hidden else "in view", f"{near / 1e3:.0f}-{far / 1e3:.0f}", some, anchor)
    row("all", "", done, "")


HEAD = "\ntake-off   range km   n    held 50  held 90  in time  median m  p90 m  expected m  area 90 ha  anchor m"


def over_hills(runs: range) -> None:
    """Print the table of take-offs over hilly land."""
    done = [each for run in runs if (each := judge_hills(run)) is not None]
    print(f"{len(done)} of {len(runs)} seen often enough\n{HEAD}")
    for name, column in (("terrain", 0), ("as if flat", 1)):
        row(name, "", [each[column] for each in done], "")


def row(name: str, ranges: str, some: list[Outcome], anchor: str) -> None:
    """One line of the table."""
    if not some:
        return
    error = [each.error_m for each in some]
    print(
        f"{name:10} {ranges:8} {len(some):4}"
        f"  {np.mean([each.level <= 0.5 for each in some]):7.2f}  {np.mean([each.level <= 0.9 for each in some]):7.2f}"
        f"  {np.mean([each.in_time for each in some]):7.2f}  {np.median(error):8.0f}  {np.quantile(error, 0.9):5.0f}"
        f"  {np.mean([each.expected_m for each in some]):10.0f}"
        f"  {np.median([each.area_m2 for each in some]) / 1e4:10.1f}  {anchor}"
    )


if __name__ == "__main__":
    main()
