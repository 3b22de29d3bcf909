"""How often the take-off area holds the take-off, and how far off its middle is, under many conditions.

    python bench/origin.py --runs 200                    200 take-offs a condition, which plot is whose known
    python bench/origin.py --only hills --blind          by a site that takes hilly land for flat
    python bench/origin.py --only "in view" --tracker    with 30 false plots a turn and the tracker's associations
    python bench/origin.py --only beam --runs 4 --plots areas/
    python bench/origin.py --only "in view" --runs 40 --smoother

Each run is one made-up drone of `bench/departures.py`; those that are seen fewer than three times are passed over. What
is kept of a track is what `tracking.takeoffs` keeps: twenty seconds, 32 detections. "held" is the share of take-offs
inside the 50 and the 90 % area; "in time" inside the 90 % interval of take-off times; "none" those of which nothing is
said. Distances are from `Origin.point` to the take-off. Lines below a condition are of those that are said to have left
where a radar looks (in view), out of its sight shortly before (hidden), or perhaps long ago (open). At the end all
conditions together by how the drones left, which nobody could know, and by where they were first seen.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import shapely

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.departures import CONDITIONS, START_NS, among_false_plots, beginning, ever_seen, scans, truth, world

from luchtwacht.errors import BadInput
from luchtwacht.model import Detected, Detections, Site, Tracked
from luchtwacht.simulation import Scenario
from luchtwacht.simulation.trajectory import lay_paths
from luchtwacht.tracking import Tracker
from luchtwacht.tracking.motion import MODES
from luchtwacht.tracking.origin import Origin, origin
from luchtwacht.tracking.smoothing import LOOSE, detections_of, smooth
from luchtwacht.tracking.takeoffs import FEWEST, MOST_KEPT, WINDOW_NS, extent_of
from luchtwacht.units import SECOND_NS

HELD_OUT = 500_000
"""number of the first run: none from here on was looked at in making it"""
FALSE_PLOTS = 30.0
NEAR = ((0.0, 3_000.0), (3_000.0, 6_000.0), (6_000.0, 10_000.0), (10_000.0, 16_000.0))


@dataclass(frozen=True, slots=True)
class Outcome:
    """One take-off against its area."""

    run: int
    how: str
    """how it left"""
    extent: str
    """`Extent`; empty when no area was given"""
    range_m: float = np.nan
    """from the site's origin to where it was first seen"""
    error_m: float = np.nan
    expected_m: float = np.nan
    level: float = np.nan
    in_time: bool = False
    area_m2: float = np.nan


def outcome(made: Scenario, rows: Detections, site: Site, run: int, how: str) -> tuple[Outcome, Origin | None]:
    """What `site` makes of the detections, beside where the drone took off."""
    place, took_off = truth(made)
    try:
        seen = smooth(rows, site)
        found = origin(seen, site, wind=site.takeoff.wind)
    except BadInput:
        return Outcome(run, how, ""), None
    told = Outcome(
        run=run,
        how=how,
        extent=str(extent_of(found)),
        range_m=float(np.hypot(*seen.x[0, :2])),
        error_m=float(np.hypot(*(place - found.point))),
        expected_m=found.expected_error,
        level=found.level(*place),
        in_time=found.launch_from_ns <= took_off <= found.launch_until_ns,
        area_m2=found.most.area,
    )
    return told, found


def judge(name: str, run: int, *, blind: bool = False, with_tracker: bool = False) -> Outcome | None:
    """The outcome of one run; none when the drone was hardly seen.

    Args:
        name: of the condition.
        blind: trace it by a site that does not know its terrain.
        with_tracker: false plots fall too, and detections are those that the tracker named.
    """
    made, how = world(CONDITIONS[name], run)
    if not ever_seen(made, lay_paths(made)):
        return None
    rows = named(made) if with_tracker else beginning(made)
    if len(rows) < FEWEST:
        return None
    return outcome(made, rows, replace(made.site, terrain=None) if blind else made.site, run, how)[0]


def named(made: Scenario) -> Detections:
    """The first detections that the tracker names for the track that holds most of the drone's, among false plots."""
    made = among_false_plots(made, FALSE_PLOTS)
    tracker, tracks, seen, mine = Tracker(made.site), [], [], set[int]()
    for rows, objects in scans(made):
        if not len(rows):
            continue
        now = int(rows.received_ns[0])
        mine.update(rows.id[objects == 0].tolist())
        said, used = tracker.step(now, rows)
        tracks.append(Tracked(time_ns=now, tracks=said, associations=used))
        seen.append(Detected(time_ns=now, detections=rows))
    pairs = [
        int(number)
        for event in tracks
        for number, name in zip(event.associations.track, event.associations.detection, strict=True)
        if int(name) in mine
    ]
    if not pairs:
        return Detections.empty()
    numbers, counts = np.unique(pairs, return_counts=True)
    rows = detections_of(int(numbers[counts.argmax()]), tracks, seen)
    return rows.take(rows.time_ns <= rows.time_ns[0] + WINDOW_NS).take(slice(0, MOST_KEPT))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=50, help="take-offs that were seen, of each condition")
    parser.add_argument("--most", type=int, default=3_000, help="runs flown, seen or not")
    parser.add_argument("--first", type=int, default=HELD_OUT, help="number of the first run")
    parser.add_argument("--only", nargs="*", default=list(CONDITIONS), choices=list(CONDITIONS), metavar="CONDITION")
    parser.add_argument("--blind", action="store_true")
    parser.add_argument("--tracker", action="store_true")
    parser.add_argument("--smoother", action="store_true", help="judge the smoothed ways themselves instead")
    parser.add_argument("--plots", type=Path, help="draw every area into this folder instead")
    given = parser.parse_args()
    if given.plots:
        given.plots.mkdir(parents=True, exist_ok=True)
        for name in given.only:
            draw(name, given.first, given.runs, given.plots)
        return
    if given.smoother:
        smoothers(given.only, given.first, given.runs)
        return
    print(HEAD)
    all_: list[Outcome] = []
    for name in given.only:
        done: list[Outcome] = []
        for run in range(given.first, given.first + given.most):
            one = judge(name, run, blind=given.blind, with_tracker=given.tracker)
            done += [one] if one else []
            if len(done) == given.runs:
                break
        row(name, done)
        for extent in ("in_view", "hidden", "open"):
            row(f"  {extent}", [each for each in done if each.extent == extent], least=20)
        all_ += done
    row("all", all_)
    for how in ("up", "part", "slope", "thrown"):
        row(f"  {how}", [each for each in all_ if each.how == how])
    for near, far in NEAR:
        row(f"  seen at {near / 1e3:.0f}-{far / 1e3:.0f} km", [each for each in all_ if near <= each.range_m < far])


HEAD = "take-off             n  none  held 50  held 90  in time  median m  p90 m  expected m  mean m  area 90 ha"


def row(name: str, some: Iterable[Outcome], least: int = 1) -> None:
    """One line of the table."""
    every = list(some)
    told = [each for each in every if each.extent]
    if len(told) < least:
        return
    error = np.array([each.error_m for each in told])
    print(
        f"{name:18} {len(told):4} {len(every) - len(told):5}"
        f"  {np.mean([each.level <= 0.5 for each in told]):7.2f}  {np.mean([each.level <= 0.9 for each in told]):7.2f}"
        f"  {np.mean([each.in_time for each in told]):7.2f}  {np.median(error):8.0f}  {np.quantile(error, 0.9):5.0f}"
        f"  {np.mean([each.expected_m for each in told]):10.0f}  {error.mean():6.0f}"
        f"  {np.median([each.area_m2 for each in told]) / 1e4:10.2f}",
        flush=True,
    )


def smoothers(names: Iterable[str], first: int, count: int) -> None:
    """Errors of whole smoothed ways of 60 s and squared errors over their covariance, with two sets of modes."""
    print("condition          modes      n  up m  climb m/s  ANEES  of climb")
    for name in names:
        figures: dict[str, list[tuple[float, ...]]] = {"LOOSE": [], "tracker's": []}
        for run in range(first, first + 10 * count):
            made = replace(world(CONDITIONS[name], run)[0], duration_s=60.0)
            rows = Detections.concatenate([rows.take(objects == 0) for rows, objects in scans(made)])
            if len(rows) < 10:
                continue
            for modes, kind in zip((LOOSE, MODES), figures, strict=True):
                way = smooth(rows, made.site, modes=modes)
                seconds = (way.time_ns - START_NS) / SECOND_NS
                off = way.x - np.hstack(lay_paths(made).at(np.zeros(len(seconds), np.int64), seconds))
                whole = np.einsum("na,nab,nb->n", off, np.linalg.inv(way.P), off).mean() / 6.0
                square = np.square(off[:, [2, 5]]).mean(0)
                figures[kind].append((*square, whole, float(np.mean(off[:, 5] ** 2 / way.P[:, 5, 5]))))
            if len(figures["LOOSE"]) == count:
                break
        for kind, found in figures.items():
            up, climb, whole, rate = np.mean(found, axis=0)
            print(f"{name:18} {kind:9} {len(found):2}  {up**0.5:4.1f}  {climb**0.5:9.2f}  {whole:5.2f}  {rate:8.2f}")


def draw(name: str, first: int, count: int, folder: Path) -> None:
    """Areas with the true take-off and the way flown, a picture a run."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    drawn = 0
    for run in range(first, first + 500):
        made, how = world(CONDITIONS[name], run)
        paths = lay_paths(made)
        rows = beginning(made) if ever_seen(made, paths) else Detections.empty()
        if len(rows) < FEWEST:
            continue
        told, found = outcome(made, rows, made.site, run, how)
        if found is None:
            continue
        figure, axes = pyplot.subplots(figsize=(5, 5))
        axes.pcolormesh(found.east, found.north, found.probability, cmap="Greys")
        for contour, colour in ((found.most, "tab:orange"), (found.half, "tab:red")):
            for rings in contour.polygons:
                outline = shapely.Polygon(rings[0], rings[1:])
                axes.plot(*np.array(outline.exterior.coords).T, color=colour, lw=1)
        place, _ = truth(made)
        limits = axes.get_xlim(), axes.get_ylim()
        seen = smooth(rows, made.site)
        axes.plot(*paths.position[:, :2].T, ":", color="tab:green", lw=1)
        axes.plot(*seen.x[:, :2].T, ".-", color="tab:blue", ms=3, lw=0.5)
        axes.plot(*place, "*", color="tab:green", ms=14)
        axes.plot(*found.point, "x", color="k")
        axes.set(xlim=limits[0], ylim=limits[1], aspect="equal")
        held = "50" if told.level <= 0.5 else "90" if told.level <= 0.9 else "outside"
        axes.set_title(f"{name} {run}: {how}, {told.extent}, {held}, {told.error_m:.0f} m off", fontsize=9)
        figure.savefig(folder / f"{name.replace(' ', '-')}-{run}.png", dpi=70)
        pyplot.close(figure)
        drawn += 1
        if drawn == count:
            return


if __name__ == "__main__":
    main()
