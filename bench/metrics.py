"""GOSPA, OSPA(2), SIAP and CLEAR MOT's switches as Luchtwacht and Stone Soup work them out, of the same made-up runs.

    python bench/metrics.py             ten runs; exit status 1 where a figure differs

Objects fly at random past one another; tracks follow them with errors, begin late, break off, double, exchange their
objects, or are of nothing. Stone Soup (the `bench` group) is told the same assignment of tracks to objects for SIAP,
and the same pairs for CLEAR MOT, since it has no way to make ours; for OSPA(2) its OSPA is given whole courses and the
mean cut-off distance of Beard, Vo and Vo as measure. Stone Soup counts time between moments where Luchtwacht counts
moments: so SIAP's longest stays are compared as numbers. SIAP's changes of track are left out: Stone Soup stops
to count at a stay that ends at the moment looked at. `tests/oracles/siap.py` counts them by trying everything.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from itertools import pairwise

import numpy as np
from stonesoup.measures import Euclidean
from stonesoup.measures.state import Measure
from stonesoup.metricgenerator.clearmotmetrics import ClearMotMetrics
from stonesoup.metricgenerator.manager import MultiManager
from stonesoup.metricgenerator.ospametric import GOSPAMetric, OSPAMetric
from stonesoup.metricgenerator.tracktotruthmetrics import SIAPMetrics
from stonesoup.types.association import AssociationSet, TimeRangeAssociation
from stonesoup.types.groundtruth import GroundTruthPath, GroundTruthState
from stonesoup.types.state import State
from stonesoup.types.time import TimeRange
from stonesoup.types.track import Track

from luchtwacht.evaluation import Picture, gospa, match, ospa2, summarise
from luchtwacht.evaluation.matching import NOBODY
from luchtwacht.evaluation.report import Report
from luchtwacht.model import (
    Associations,
    Basis,
    Category,
    Format,
    Ints,
    Place,
    Sensor,
    SensorKind,
    Site,
    Source,
    Tracked,
    Tracks,
    TrackStatus,
    Truth,
)

STEPS, OBJECTS = 60, 6
START_NS, STEP_NS = 1_800_000_000_000_000_000, 500_000_000
HERE = Place(latitude=52.0, longitude=5.0)
SITE = Site(
    id="made-up", name="made up", origin=HERE, sources=(Source(id="s", format=Format.TABLE),),
    sensors=(Sensor(id="radar", kind=SensorKind.RADAR_3D, source="s", place=HERE),),
)  # fmt: skip
CLOCK = dt.datetime(2026, 1, 1)  # noqa: DTZ001
NO_TIME = dt.timedelta(milliseconds=1)
"""a stay of one moment must last a while there"""
Truths = dict[int, GroundTruthPath]
Courses = dict[int, Track]


def run(seed: int) -> tuple[Truth, Picture, Report]:
    """A made-up run, judged."""
    rng = np.random.default_rng(seed)
    first = rng.uniform(-200.0, 200.0, (OBJECTS, 2))
    speed = rng.uniform(-12.0, 12.0, (OBJECTS, 2))
    seconds = np.arange(STEPS) * 0.5
    at = first[:, None] + speed[:, None] * seconds[:, None]
    truth = Truth.concatenate(
        [
            Truth.unknown(
                STEPS, object=f"o{k}", time_ns=START_NS + np.arange(STEPS) * STEP_NS, category=int(Category.MULTIROTOR),
                permitted=0, position=np.column_stack([at[k], np.full(STEPS, 50.0)]),
                velocity=np.append(speed[k], 0.0),
            )
            for k in range(OBJECTS)
        ]
    )  # fmt: skip
    rows, number = [], 0
    for k in range(OBJECTS):
        begin = int(rng.integers(0, 10))
        while begin < STEPS:
            number += 1
            end = STEPS if rng.random() < 0.5 else int(rng.integers(begin + 3, STEPS + 3))
            whom = np.full(STEPS, k)
            if rng.random() < 0.3:
                whom[STEPS // 2 :] = (k + 1) % OBJECTS
            for step in range(begin, min(end, STEPS)):
                place = at[whom[step], step] + rng.normal(0.0, 5.0, 2)
                rows.append((step, number, *place))
            begin = end + int(rng.integers(-4, 6))
    rows += [(step, 900, 3000.0, 0.0) for step in range(20, 45)]
    picture = match([said(step, rows) for step in range(STEPS)], [], [], truth, SITE)
    return truth, picture, summarise(picture, ())


def said(step: int, rows: list[tuple[int, int, float, float]]) -> Tracked:
    """The tracks of one step, all with the same wrong velocity."""
    mine, now = [row for row in rows if row[0] == step], START_NS + step * STEP_NS
    tracks = Tracks.unknown(
        len(mine), track=[row[1] for row in mine], time_ns=now, started_ns=START_NS, confirmed_ns=START_NS,
        updated_ns=now,
        status=int(TrackStatus.CONFIRMED), basis=int(Basis.MEASURED), P=np.eye(6) * 25.0, existence=0.99, updates=5,
        sensors=1, x=np.array([[east, north, 50.0, 1.0, 2.0, 0.0] for _, _, east, north in mine]).reshape(-1, 6),
        category_probability=np.full(5, 0.2),
    )  # fmt: skip
    return Tracked(time_ns=now, tracks=tracks, associations=Associations.empty())


class CutMean(Measure):  # type: ignore[misc]
    """Mean cut-off distance of two courses, over the times at which either is there."""

    def __call__(self, one: State, other: State) -> float:
        x, y = (np.asarray(each.state_vector, float).reshape(-1, 2) for each in (one, other))
        here, there = np.isfinite(x[:, 0]), np.isfinite(y[:, 0])
        apart = np.where(here & there, np.minimum(np.linalg.norm(x - y, axis=1), 100.0), 100.0)
        return float(apart[here | there].mean()) if (here | there).any() else 100.0


def clock(time_ns: int) -> dt.datetime:
    return CLOCK + dt.timedelta(seconds=(time_ns - START_NS) / 1e9)


def there(paths_: Truths | Courses, now: dt.datetime) -> list[State]:
    """Who has a state at this time."""
    return [each[now] for each in paths_.values() if any(state.timestamp == now for state in each)]


def paths(picture: Picture) -> tuple[Truths, Courses]:
    """Objects and tracks as theirs: east, north and their rates."""
    moments, said = picture.moments, picture.estimates
    truths: Truths = {}
    for row in np.argsort(moments.time_ns, kind="stable").tolist():
        state = np.concatenate([moments.position[row, :2], moments.velocity[row, :2]])
        path = truths.setdefault(int(moments.object[row]), GroundTruthPath([], id=f"o{moments.object[row]}"))
        path.append(GroundTruthState(state, timestamp=clock(int(moments.time_ns[row]))))
    tracks: Courses = {}
    for row in range(len(said.track)):
        track = tracks.setdefault(int(said.track[row]), Track([], id=f"t{said.track[row]}"))
        track.append(State(said.x[row][[0, 1, 3, 4]], timestamp=clock(int(said.time_ns[row]))))
    return truths, tracks


def assigned(picture: Picture, whom: Ints, truths: Truths, tracks: Courses) -> AssociationSet:
    """Every stay of a track with an object as one of their associations."""
    said, found = picture.estimates, set()
    for number, track in tracks.items():
        mine = np.flatnonzero((said.track == number) & (whom != NOBODY))
        steps = (said.time_ns[mine] - START_NS) // STEP_NS
        new = (np.diff(steps, prepend=-9) != 1) | (np.diff(whom[mine], prepend=-9) != 0)
        for part in np.split(mine, np.flatnonzero(new)[1:]) if len(mine) else ():
            first, last = clock(int(said.time_ns[part[0]])) - NO_TIME, clock(int(said.time_ns[part[-1]]))
            found.add(TimeRangeAssociation({truths[int(whom[part[0]])], track}, TimeRange(first, last)))
    return AssociationSet(found)


def compare(seed: int) -> tuple[list[tuple[str, float, float]], float, float]:
    """Each figure by both, and the CPU seconds of both."""
    began = time.process_time()
    _, picture, report = run(seed)
    ours_s = time.process_time() - began
    began = time.process_time()
    truths, tracks = paths(picture)
    place = Euclidean(mapping=[0, 1])
    theirs = GOSPAMetric(p=2, c=100.0, measure=place)
    rows = []
    for time_ns in picture.times.tolist():
        now = clock(time_ns)
        x, y = there(truths, now), there(tracks, now)
        said, _ = theirs.compute_gospa_metric(y, x)
        mine = gospa([np.ravel(s.state_vector)[:2] for s in x], [np.ravel(s.state_vector)[:2] for s in y])
        rows += [(f"GOSPA {part}", getattr(mine, part), float(said.value[part]))
                 for part in ("distance", "localisation", "missed", "false")]  # fmt: skip
    rows.append(("OSPA(2)", *both_ospa2(picture)))
    manager = MultiManager([SIAPMetrics(position_measure=place, velocity_measure=Euclidean(mapping=[2, 3]))])
    manager.add_data({"groundtruth_paths": set(truths.values()), "tracks": set(tracks.values())})
    manager.association_set = assigned(picture, picture.estimates.nearest, truths, tracks)
    figures = manager.generate_metrics()["siap_generator"]
    siap = report.siap
    for name, mine_ in (
        ("Completeness", siap.completeness), ("Ambiguity", siap.ambiguity), ("Spuriousness", siap.spuriousness),
        ("Position Accuracy", siap.position_accuracy_m), ("Velocity Accuracy", siap.velocity_accuracy_m_s),
    ):  # fmt: skip
        rows.append((f"SIAP {name.lower()}", mine_, float(figures[f"SIAP {name}"].value)))
    generator = manager.generators[0]
    stays = [round(generator.longest_track_time_on_truth(manager, each) * 2.0) + 1 for each in truths.values()]
    rows.append(("SIAP longest segment", siap.longest_share, sum(stays) / (OBJECTS * STEPS)))
    rows.append(("CLEAR MOT switches", *both_switches(picture, report, truths, tracks)))
    return rows, ours_s, time.process_time() - began


def both_ospa2(picture: Picture) -> tuple[float, float]:
    """OSPA(2) of the whole run, of those who are there at any time."""
    moments, said, when = picture.moments, picture.estimates, picture.times
    courses = []
    true, tracked = (moments.time_ns, moments.object, moments.position), (said.time_ns, said.track, said.x)
    for time_ns, of, position in (true, tracked):
        names, which = np.unique(of, return_inverse=True)
        paths_ = np.full((len(names), len(when), 2), np.nan)
        paths_[which, np.searchsorted(when, time_ns)] = position[:, :2]
        courses.append(paths_)
    metric = OSPAMetric(p=2, c=100.0, measure=CutMean())
    x, y = ([State(path.ravel(), timestamp=CLOCK) for path in each] for each in courses)
    return ospa2(*courses), float(metric.compute_OSPA_distance(y, x).value)


def both_switches(picture: Picture, report: Report, truths: Truths, tracks: Courses) -> tuple[float, float]:
    """Changes of partner from one moment to the next: theirs forget a partner who is not there for a moment."""
    moments, said = picture.moments, picture.estimates
    held = np.full((OBJECTS, len(picture.times)), NOBODY)
    rows = np.flatnonzero(moments.estimate != NOBODY)
    when = np.searchsorted(picture.times, moments.time_ns[rows])
    held[moments.object[rows], when] = said.track[moments.estimate[rows]]
    ours = (held[:, 1:] != held[:, :-1]) & (held[:, 1:] != NOBODY) & (held[:, :-1] != NOBODY)
    manager = MultiManager([ClearMotMetrics(distance_measure=Euclidean(mapping=[0, 1]))])
    manager.add_data({"groundtruth_paths": set(truths.values()), "tracks": set(tracks.values())})
    manager.association_set = assigned(picture, said.object, truths, tracks)
    generator = manager.generators[0]
    matches = generator._create_matches_at_time_lookup(manager)
    times = sorted(matches)
    theirs = sum(
        generator._compute_number_of_miss_matches_from_match_sets(matches[before], matches[now])
        for before, now in pairwise(times)
    )
    assert report.switches >= int(ours.sum()), "ours also knows who it was before a gap"
    return float(ours.sum()), float(theirs)


def main() -> None:
    worst: dict[str, float] = {}
    spent = np.zeros(2)
    for seed in range(1, 11):
        rows, ours_s, theirs_s = compare(seed)
        spent += ours_s, theirs_s
        for name, ours, theirs in rows:
            worst[name] = max(worst.get(name, 0.0), abs(ours - theirs) / max(abs(theirs), 1.0))
    print(f"{'figure':<26}largest difference, relative")
    for name, difference in worst.items():
        print(f"{name:<26}{difference:.1e}")
    print(f"CPU: {spent[0]:.1f} s for all figures of ours, {spent[1]:.1f} s for these of Stone Soup")
    sys.exit(any(difference > 1e-9 for difference in worst.values()))


if __name__ == "__main__":
    main()
