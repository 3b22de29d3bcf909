"""After warming nothing is left to compile."""

from __future__ import annotations

import importlib
import pkgutil

import numpy as np
import pytest
from tests.tracking.skies import at, polar, position, sensor, site, straight

import luchtwacht.kernels
from luchtwacht.kernels import warm
from luchtwacht.model import Detections
from luchtwacht.tracking import Tracker

TRACKING = (
    "association", "births", "classes", "conversion", "gating", "judging", "looks", "measurement", "mixture", "motion",
    "regrouping",
)  # fmt: skip


def compiled() -> dict[str, int]:
    """How many versions there are of each kernel that is called from Python."""
    counts = {}
    for module in pkgutil.iter_modules(luchtwacht.kernels.__path__):
        if module.name in TRACKING:
            loaded = importlib.import_module(f"luchtwacht.kernels.{module.name}")
            for name, each in vars(loaded).items():
                if hasattr(each, "signatures"):
                    counts[f"{module.name}.{name}"] = len(each.signatures)
    return counts


def test_every_step_has_a_name_and_nothing_is_left_to_compile() -> None:
    names = list(warm())
    assert len(names) == len(set(names)) > 5
    before = compiled()
    if not before:
        pytest.skip("kernels run as plain Python")
    radar, locator = sensor("radar"), sensor("locator")
    here, rng = site(radar, locator), np.random.default_rng(1)
    tracker = Tracker(here)
    for t in range(20):
        truth = straight((1500, 900, 100), (10, 0, 0), t)
        plots = [
            polar(radar, 0, here, at(t), truth, rng, (True, True, True, True), 10 * t + 1),
            polar(radar, 0, here, at(t + 0.2), truth, rng, (False, True, False, False), 10 * t + 2),
            position(1, at(t + 0.4), truth[:3], 10.0, None, 10 * t + 3, sensor_track=4),
        ]
        tracker.step(at(t + 0.5), Detections.concatenate(plots if t < 6 else plots[:0]))
    assert compiled() == before
