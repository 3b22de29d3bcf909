"""Tracks that are one object, reported by two sensors that disagree where it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from tests.ingest.aligned import START_NS, mountings, radar

from luchtwacht.ingest.twins import Twins
from luchtwacht.model import Category, Tracks, TrackStatus
from luchtwacht.units import SECOND_NS

DECLARED = tuple(
    replace(radar(name, at), probability_of_detection=0.9) for name, at in (("r", (0.0, 0.0)), ("s", (2000.0, 0.0)))
)
HERE = ((1500.0, 1200.0), (-900.0, 1800.0), (800.0, -1600.0))


def tracks(places: list[tuple[float, float]], speed: float = 10.0, bird: float = 0.0) -> Tracks:
    """Confirmed tracks, numbered from 1."""
    n = len(places)
    category = np.zeros((n, len(Category)))
    category[:, Category.MULTIROTOR], category[:, Category.BIRD] = 1.0 - bird, bird
    x = np.array([(east, north, 100.0, speed, 0.0, 0.0) for east, north in places])
    return Tracks.unknown(
        n, time_ns=np.full(n, START_NS), track=np.arange(1, n + 1), status=np.full(n, TrackStatus.CONFIRMED), x=x,
        P=np.tile(np.diag([25.0, 25.0, 25.0, 1.0, 1.0, 1.0]), (n, 1, 1)), category_probability=category,
    )  # fmt: skip


def twins(there: Tracks, reports: dict[int, tuple[int, ...]], seconds: int = 12, found: Twins | None = None) -> dict:
    """What is found when sensors report tracks once a second.

    Args:
        reports: sensors, by number of the track.
    """
    found = found or Twins(DECLARED, mountings(*DECLARED))
    pairs = [(track, sensor) for track, sensors in reports.items() for sensor in sensors]
    one: dict[int, int] = {}
    for second in range(seconds):
        time_ns = START_NS + second * SECOND_NS
        track, sensor = np.array(pairs).T
        one = found.step(time_ns, there, track, sensor, np.full(len(pairs), time_ns))
    return one


def beside(east: float, north: float, by: float = 40.0) -> tuple[float, float]:
    """As a radar at the origin would have it that measures ranges too long."""
    return east + by * east / np.hypot(east, north), north + by * north / np.hypot(east, north)


SPLIT = tracks([*HERE, *(beside(*each) for each in HERE)])
APART = {1: (1,), 2: (1,), 3: (1,), 4: (0,), 5: (0,), 6: (0,)}


def test_what_two_sensors_part_is_one_object_and_the_older_track_is_it() -> None:
    assert twins(SPLIT, APART) == {4: 1, 5: 2, 6: 3}


def test_not_at_once() -> None:
    assert twins(SPLIT, APART, seconds=2) == {}


def test_what_both_report_are_two_objects() -> None:
    assert twins(SPLIT, APART | {1: (0, 1), 2: (0, 1), 3: (0, 1)}) == {}


def test_one_such_pair_is_no_sensor_that_is_off() -> None:
    assert twins(SPLIT, APART | {1: (0, 1), 4: (0,), 2: (0, 1), 5: (0, 1)}) == {}


def test_nor_are_a_few_among_many_that_both_report() -> None:
    many = tracks([*HERE, *(beside(*each) for each in HERE), *((100.0 * k, -3000.0) for k in range(5))])
    assert twins(many, APART | {7 + k: (0, 1) for k in range(5)}) == {}


def test_what_is_further_apart_than_any_mounting_errs_is_two_objects() -> None:
    assert twins(tracks([*HERE, *(beside(*each, by=400.0) for each in HERE)]), APART) == {}


def test_what_flies_otherwise_is_two_objects() -> None:
    other = np.where(np.arange(6)[:, None] < 3, SPLIT.x, SPLIT.x * [1.0, 1.0, 1.0, -1.0, 1.0, 1.0])
    assert twins(Tracks(**SPLIT.columns() | {"x": other}), APART) == {}


def test_birds_are_no_twins() -> None:
    assert twins(tracks([*HERE, *(beside(*each) for each in HERE)], bird=0.8), APART) == {}


def test_what_has_gone_is_forgotten() -> None:
    found = Twins(DECLARED, mountings(*DECLARED))
    assert twins(SPLIT, APART, found=found) != {}
    late_ns = START_NS + 60 * SECOND_NS
    none = np.zeros(0, np.int64)
    assert found.step(late_ns, tracks([HERE[0]]), none, none, none) == {}
    assert len(found.state().track) == 1


def test_going_on_from_a_state_gives_the_same() -> None:
    first = Twins(DECLARED, mountings(*DECLARED))
    twins(SPLIT, APART, seconds=3, found=first)
    second = Twins(DECLARED, mountings(*DECLARED))
    second.restore(first.state())
    time_ns = START_NS + 5 * SECOND_NS
    reports = np.array([(1, 1), (2, 1), (3, 1), (4, 0), (5, 0), (6, 0)]).T
    for each in (first, second):
        assert each.step(time_ns, SPLIT, *reports, np.full(6, time_ns)) == {4: 1, 5: 2, 6: 3}
