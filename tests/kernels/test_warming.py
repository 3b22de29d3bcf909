"""After warming nothing is left to compile."""

from __future__ import annotations

import importlib
import pickle
import pkgutil
from copy import deepcopy

import numpy as np
import pytest
from tests.tracking.skies import at, polar, position, sensor, site, straight

import luchtwacht.kernels
from luchtwacht.kernels import warm
from luchtwacht.model import Detections, Site
from luchtwacht.tracking import Tracker


def compiled() -> dict[str, int]:
    """How many versions there are of each kernel that is called from Python."""
    counts = {}
    for module in pkgutil.iter_modules(luchtwacht.kernels.__path__):
        if module.name not in ("asterix", "__main__"):  # that is another room's, with a test of its own
            loaded = importlib.import_module(f"luchtwacht.kernels.{module.name}")
            for name, each in list(vars(loaded).items()):
                if hasattr(each, "signatures") and not isinstance(each, type):
                    counts[f"{module.name}.{name}"] = len(each.signatures)
    return counts


def test_every_step_has_a_name_and_nothing_is_left_to_compile() -> None:
    names = list(warm())
    assert len(names) == len(set(names)) > 5
    before = compiled()
    if not before:
        pytest.skip("kernels run as plain Python")
    here, detections = looks()
    tracker = Tracker(here)
    for t, given in enumerate(detections):
        tracker.step(at(t + 0.5), given)
    assert compiled() == before
    assert before["taking.take"] == 1


def looks() -> tuple[Site, list[Detections]]:
    """Twenty steps of a radar and a locator, of which the last say nothing."""
    radar, locator = sensor("radar"), sensor("locator")
    here, rng = site(radar, locator), np.random.default_rng(1)
    found = []
    for t in range(20):
        truth = straight((1500, 900, 100), (10, 0, 0), t)
        plots = [
            polar(radar, 0, here, at(t), truth, rng, (True, True, True, True), 10 * t + 1),
            polar(radar, 0, here, at(t + 0.2), truth, rng, (False, True, False, False), 10 * t + 2),
            position(1, at(t + 0.4), truth[:3], 10.0, None, 10 * t + 3, sensor_track=4),
        ]
        found.append(Detections.concatenate(plots if t < 6 else plots[:0]))
    return here, found


def test_what_was_pickled_or_copied_on_the_way_is_tracked_without_compiling_anything_anew() -> None:
    for _ in warm():
        pass
    before = compiled()
    if not before:
        pytest.skip("kernels run as plain Python")
    here, detections = looks()
    kept, sent = Tracker(here), Tracker(here)
    for t, given in enumerate(detections):
        other = pickle.loads(pickle.dumps(given)) if t % 2 else deepcopy(given)
        expected, _ = kept.step(at(t + 0.5), given)
        tracks, _ = sent.step(at(t + 0.5), other)
        assert tracks == expected
        again = Tracker(here)
        again.restore(pickle.loads(pickle.dumps(sent.state())))
        sent = again
    assert compiled() == before
