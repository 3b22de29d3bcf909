"""Straight to columns: the same draws, with what each row truly was."""

import numpy as np
import pytest
from tests.simulation.worlds import FINDER, RADAR, RECEIVER, START_NS, drone, world

from luchtwacht.model import Detections
from luchtwacht.simulation import Emission, SensorBehaviour, measure
from luchtwacht.simulation.sensors import mount
from luchtwacht.simulation.trajectory import lay_paths

WORLD = world(drone(emission=Emission()), sensors=(RADAR, FINDER, RECEIVER), duration_s=40)


def test_rows_are_where_the_named_object_was() -> None:
    paths, radar = lay_paths(WORLD), mount(WORLD.site, 0, WORLD.behaviours[0])
    batches = [(batch, who) for batch, who in measure(WORLD, START_NS) if len(batch) and batch.sensor[0] == 0]
    detections = Detections.concatenate([batch for batch, _ in batches])
    who = np.concatenate([who for _, who in batches])
    real = who == 0
    time_s = (detections.time_ns[real] - START_NS) / 1e9
    error = detections.z[real] - radar.polar(*paths.at(who[real], time_s))
    assert len(error) > 20
    sigma = np.sqrt(np.diagonal(detections.R[real], axis1=1, axis2=2))
    assert np.abs(error / sigma).max() < 5.0
    assert (detections.received_ns >= detections.time_ns).all()


def test_a_bearing_has_only_its_azimuth() -> None:
    bearings = Detections.concatenate([batch for batch, _ in measure(WORLD, START_NS) if (batch.sensor == 1).all()])
    assert len(bearings) > 15
    assert np.isfinite(bearings.z).tolist() == [[False, True, False, False]] * len(bearings)
    assert np.isfinite(bearings.R[:, 1, 1]).all()
    assert np.isnan(bearings.R[:, 0, 1]).all()


def test_the_watch_is_told_the_declared_noise_and_not_the_true_one() -> None:
    lying = WORLD.with_behaviour(SensorBehaviour(id="radar", range_sigma_m=1.0))
    batch = next(batch for batch, _ in measure(lying, START_NS) if len(batch) and batch.sensor[0] == 0)
    assert batch.R[0, 0, 0] == pytest.approx(RADAR.range_sigma_m**2)


def test_ids_are_unique() -> None:
    ids = np.concatenate([batch.id for batch, _ in measure(WORLD, START_NS)])
    assert len(np.unique(ids)) == len(ids)
