"""Bearings that belong to nothing: a sensor that is turned is told from clutter and from company."""

from __future__ import annotations

import numpy as np
import pytest

from luchtwacht.ingest.strays import MOST_PAIRS, Strays, Turned, free
from luchtwacht.model import Associations, Detections, Floats, Place, Sensor, SensorKind
from luchtwacht.model.state import decode_state, encode_state
from luchtwacht.units import DEGREE, SECOND_NS

FINDER = Sensor(
    id="f", kind=SensorKind.RF_DIRECTION_FINDER, source="s", place=Place(latitude=52.0, longitude=5.0),
    azimuth_sigma_deg=2.0,
)  # fmt: skip


def azimuths(t: float) -> Floats:
    """Of five tracks that fly about."""
    return np.array([0.3 + 0.02 * t, 1.9 - 0.015 * t, 3.0 + 0.4 * np.sin(t / 9.0), 4.4 + 0.01 * t, 5.5])


def listen(off_deg: float, emitting: tuple[int, ...], seconds: int = 40, seed: int = 1) -> Strays:
    """What a finder turned by `off_deg` hears of some of them."""
    strays, rng = Strays((FINDER,)), np.random.default_rng(seed)
    for t in range(seconds):
        heard = azimuths(t)[list(emitting)] + (off_deg + 2.0 * rng.normal(size=len(emitting))) * DEGREE
        strays.add(0, t * SECOND_NS, heard, azimuths(t), list(range(5)))
    return strays


@pytest.mark.parametrize("off_deg", [8.0, -8.0, 15.0, -25.0])
@pytest.mark.parametrize("seed", range(3))
def test_a_finder_that_is_turned_is_recognised_with_by_how_much(off_deg: float, seed: int) -> None:
    turned = listen(off_deg, (0, 2), seed=seed).turned(0)
    assert turned is not None
    assert turned.azimuth / DEGREE == pytest.approx(off_deg, abs=1.2)
    assert turned.tracks == 2


def test_one_aircraft_that_flies_about_is_enough_to_see_it() -> None:
    turned = listen(8.0, (0,)).turned(0)
    assert turned is not None
    assert turned.tracks == 1


def test_a_pilot_beside_a_drone_that_hovers_turns_nothing() -> None:
    assert listen(8.0, (4,)).turned(0) is None


@pytest.mark.parametrize("seed", range(10))
def test_bearings_from_anywhere_are_no_turn(seed: int) -> None:
    strays, rng = Strays((FINDER,)), np.random.default_rng(seed)
    for t in range(120):
        strays.add(0, t * SECOND_NS, rng.uniform(0.0, 2.0 * np.pi, 3), azimuths(t), list(range(5)))
        assert strays.turned(0) is None


def test_bearings_that_nearly_fit_are_no_turn() -> None:
    assert listen(1.0, (0, 2)).turned(0) is None


def test_what_is_over_is_forgotten_and_memory_is_bounded() -> None:
    strays = listen(8.0, (0, 1, 2, 3), seconds=400)
    assert len(strays.state()[0].off) <= MOST_PAIRS
    for t in range(400, 445):
        strays.add(0, t * SECOND_NS, np.empty(0), azimuths(t), list(range(5)))
    assert strays.turned(0) is None
    assert strays.state()[0].off == []


def test_going_on_from_a_state_says_the_same() -> None:
    strays, other = listen(8.0, (0, 2)), Strays((FINDER,))
    kept = strays.state()
    other.restore(decode_state(list[type(kept[0])], encode_state(kept)))  # type: ignore[misc]
    assert isinstance(other.turned(0), Turned)
    for each in (strays, other):
        each.add(0, 41 * SECOND_NS, np.array([1.0]), azimuths(41), list(range(5)))
    assert other.state() == strays.state()


def test_a_detection_is_free_that_no_track_probably_made() -> None:
    seen = Detections.unknown(3, id=[7, 5, 9], time_ns=0, received_ns=0, sensor=0, geometry=0, filtered=False)
    used = Associations(track=[1, 2, 1], time_ns=[0, 0, 0], detection=[5, 5, 9], probability=[0.3, 0.3, 0.4])
    assert free(seen, used).tolist() == [True, False, True]
