"""Who changed, of all that are held against one another."""

from __future__ import annotations

import numpy as np
import pytest
from tests.ingest.aligned import START_NS, radar, theta
from tests.ingest.test_registration import honest, learn

from luchtwacht.ingest.adjustment import Adjustment
from luchtwacht.model import Floats

NOW_NS = START_NS + 10**12
TWO = (radar("r"), radar("s", (2000.0, 0.0)))
THREE = (*TWO, radar("t", (0.0, 2000.0)))
NOBODY: tuple[list[int], list[str]] = ([], [])


def changed(
    sensors: tuple,
    before: tuple[Floats, ...],
    after: tuple[Floats, ...],
    shifts: tuple | None = None,
    seconds: int = 15,
) -> tuple[Adjustment, tuple[list[int], list[str]]]:
    """What is said of sensors whose biases change after a minute."""
    found = learn(sensors, before, ties=True, seconds=60)
    assert found.changes(NOW_NS) == NOBODY
    learn(sensors, after, shifts=shifts, ties=True, adjustment=found, start=60, seconds=15)
    return found, found.changes(NOW_NS)


@pytest.mark.parametrize(
    "off",
    [theta(azimuth_deg=1.0), theta(range_m=-40.0), theta(elevation_deg=1.5), theta(time_s=1.5), theta(time_s=-1.5)],
    ids=["turned", "knocked", "tilted", "clock ahead", "clock behind"],
)
def test_a_sensor_that_changed_is_named_among_others(off: Floats) -> None:
    assert changed(THREE, (theta(),) * 3, (theta(), off, theta()))[1] == ([1], [])


def test_a_sensor_that_was_off_and_stays_so_did_not_change() -> None:
    off = theta(azimuth_deg=1.0, range_m=30.0)
    assert changed(TWO, (theta(), off), (theta(), off))[1] == NOBODY


def test_two_that_change_at_once_are_both_named() -> None:
    after = (theta(range_m=50.0), theta(azimuth_deg=1.5), theta())
    assert changed(THREE, (theta(),) * 3, after)[1] == ([0, 1], [])


def test_an_aircraft_whose_claims_move_is_named_and_not_the_sensors() -> None:
    shifts = (honest(0) + np.array([60.0, 40.0, 0.0, 0.0]), *(honest(k) for k in (1, 2, 3)))
    assert changed(TWO, (theta(),) * 2, (theta(),) * 2, shifts)[1] == ([], ["aircraft-0"])


def test_what_was_forgotten_and_is_learnt_anew_is_not_named_again() -> None:
    after = (theta(), theta(range_m=40.0))
    found, blamed = changed(TWO, (theta(),) * 2, after)
    assert blamed == ([1], [])
    found.forget_sensor(1)
    for start in range(75, 135, 5):
        learn(TWO, after, ties=True, adjustment=found, start=start, seconds=5)
        assert found.changes(NOW_NS) == NOBODY
    assert found.bias(1)[0] == pytest.approx(40.0, abs=5.0)
