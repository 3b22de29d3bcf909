"""How well birds are told from drones: the embedded capital at night through the whole pipeline, bytes in, alerts out.

    python bench/birds.py                        seeds 1 to 6, the birds as they are and all of -25 dBsm
    python bench/birds.py --seeds 1 2 --sure 0   without the time for which an alert must be sure, which hides flickers

"called a drone" is a probability of an unmanned aircraft above one half, of confirmed and coasted tracks, before any
claim is weighed in; a track is the object that `luchtwacht.evaluation.match` pairs it with at that moment. A change is
a track that crosses one half. A false alert is a ZONE_INTRUSION whose tracks were mostly a bird, or never anything. The
delay is from the true crossing to the alert that says so; the scenario has two drones that may not be there.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from luchtwacht.evaluation import Picture, match, summarise
from luchtwacht.evaluation.crossings import histories, said_inside_ns
from luchtwacht.evaluation.matching import NOBODY
from luchtwacht.model import Alert, AlertChanged, Category, Detected, Event, Floats, Frames, Tick, Tracked
from luchtwacht.pipeline import Pipeline
from luchtwacht.simulation import Scenario, embedded_scenario, read_scenario, simulate, true_course
from luchtwacht.units import SECOND_NS

START_NS = 1_777_772_400_000_000_000
BIRD_DBSM = -25.0
CALLED = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One run, or several added up."""

    hours: float
    false: int
    """alerts of intrusion on birds"""
    unfounded: int
    """alerts of intrusion on what was never anything"""
    missed: int
    delays_s: tuple[float, ...]
    birds: Floats
    """(n,) probability of an unmanned aircraft of tracks that are birds, at every conclusion"""
    drones: Floats
    """(n,) the same of tracks that are drones"""
    changes: int
    """of what a track is called"""

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            hours=self.hours + other.hours,
            false=self.false + other.false,
            unfounded=self.unfounded + other.unfounded,
            missed=self.missed + other.missed,
            delays_s=self.delays_s + other.delays_s,
            birds=np.concatenate([self.birds, other.birds]),
            drones=np.concatenate([self.drones, other.drones]),
            changes=self.changes + other.changes,
        )

    def line(self, name: str) -> str:
        """One row of the table."""
        delays = np.array(self.delays_s or (np.nan,))
        return (
            f"{name:22}{self.false / self.hours:8.1f}{self.unfounded / self.hours:8.1f}"
            f"{(self.birds > CALLED).mean():9.2%}{(self.drones > CALLED).mean():9.2%}"
            f"{self.birds.mean():8.3f}{self.drones.mean():8.3f}{self.changes / self.hours:9.0f}"
            f"{self.missed:7d}{np.median(delays):8.2f}{delays.max():8.2f}"
        )


HEAD = (
    f"{'':22}{'false/h':>8}{'none/h':>8}{'bird=uas':>9}{'uas=uas':>9}{'P bird':>8}{'P uas':>8}{'changes/h':>9}"
    f"{'missed':>7}{'delay':>8}{'worst':>8}"
)


def of_birds_with(scenario: Scenario, rcs_dbsm: float) -> Scenario:
    """The same world, in which every bird has this mean radar cross-section."""
    objects = tuple(
        replace(each, rcs_dbsm=rcs_dbsm) if each.habit.category is Category.BIRD else each for each in scenario.objects
    )
    return replace(scenario, objects=objects)


def events_of(scenario: Scenario) -> Iterator[Event]:
    """What the pipeline makes of the scenario, a second of received bytes at a time."""
    pipeline, messages = Pipeline(scenario.site), list(simulate(scenario, START_NS))
    seconds = np.array([(time_ns - START_NS) // SECOND_NS for time_ns, _, _ in messages])
    for second in np.unique(seconds).tolist():
        first, last = np.searchsorted(seconds, [second, second + 1]).tolist()
        part = messages[first:last]
        yield from pipeline.step(
            [
                Frames.of(
                    [payload for _, _, payload in part],
                    sequence=list(range(first + 1, last + 1)),
                    source=[source for _, source, _ in part],
                    received_ns=[time_ns for time_ns, _, _ in part],
                )
            ]
        )
    yield from pipeline.step([Tick(sequence=len(messages) + 1, received_ns=messages[-1][0] + 30 * SECOND_NS)])


def measure(scenario: Scenario) -> Figures:
    """The figures of one run."""
    events = list(events_of(scenario))
    picture = match(
        [event for event in events if isinstance(event, Tracked)],
        [event for event in events if isinstance(event, Detected)],
        [event for event in events if isinstance(event, AlertChanged)],
        true_course(scenario, START_NS),
        scenario.site,
    )
    alerts, estimates, courses = summarise(picture).alerts, picture.estimates, picture.courses
    known = estimates.object != NOBODY
    bird = known & (courses.category[estimates.object] == Category.BIRD)
    drone = known & courses.is_drone[estimates.object]
    subjects = Counter(_subject(picture, versions[-1].tracks) for versions in _intrusions(picture))
    return Figures(
        hours=scenario.duration_s / 3600.0,
        false=sum(n for row, n in subjects.items() if row != NOBODY and courses.category[row] == Category.BIRD),
        unfounded=subjects[NOBODY],
        missed=alerts.missed,
        delays_s=tuple(each.alerted_s for each in alerts.crossings if each.alert),
        birds=estimates.drone[bird],
        drones=estimates.drone[drone],
        changes=_changes(picture),
    )


def _intrusions(picture: Picture) -> list[list[Alert]]:
    """Every version of each alert that said that something is inside a zone."""
    return [each for each in histories(picture.alerts).values() if said_inside_ns(each) is not None]


def _subject(picture: Picture, tracks: tuple[int, ...]) -> int:
    """The object that these tracks mostly were."""
    objects = picture.estimates.object[np.isin(picture.estimates.track, tracks)]
    objects = objects[objects != NOBODY]
    return int(np.bincount(objects).argmax()) if len(objects) else NOBODY


def _changes(picture: Picture) -> int:
    """How often a track went from drone to no drone or back."""
    estimates = picture.estimates
    order = np.lexsort((estimates.time_ns, estimates.track))
    called, track = estimates.drone[order] > CALLED, estimates.track[order]
    return int(((called[1:] != called[:-1]) & (track[1:] == track[:-1])).sum())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5, 6])
    parser.add_argument("--sure", type=float, help="seconds for which an alert must be sure; the site's own if none")
    parser.add_argument("--only", choices=["plain", "large"], help="one of the two worlds")
    given = parser.parse_args()
    plain = read_scenario(embedded_scenario())
    if given.sure is not None:
        site = replace(plain.site, alerting=replace(plain.site.alerting, sure_s=given.sure))
        plain = replace(plain, site=site)
    worlds = {"plain": plain, "large": of_birds_with(plain, BIRD_DBSM)}
    print(HEAD)
    for name, world in worlds.items():
        if given.only in (None, name):
            total: Figures | None = None
            for seed in given.seeds:
                one = measure(world.with_seed(seed))
                print(one.line(f"{name}, seed {seed}"), flush=True)
                total = one if total is None else total + one
            if total is not None:
                print(total.line(f"{name}, all"), flush=True)


if __name__ == "__main__":
    main()
