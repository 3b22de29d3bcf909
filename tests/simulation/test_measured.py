"""Straight to columns: the same draws, with what each row truly was."""

from dataclasses import replace

import numpy as np
import pytest
from tests.simulation.worlds import FINDER, RADAR, RECEIVER, START_NS, drone, world

from luchtwacht.model import Category, Detections
from luchtwacht.simulation import Emission, ObjectKind, SensorBehaviour, measure
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


def test_labels_are_right_as_often_as_told_and_change_nothing_else() -> None:
    birds = replace(drone("gull", kind=ObjectKind.BIRD), at=(0.0, 2500.0, 60.0))
    plain = world(drone(), birds, duration_s=400)
    labelled = plain.with_behaviour(SensorBehaviour(id="radar", class_right=0.8))
    bare, told = (list(measure(each, START_NS)) for each in (plain, labelled))
    assert all(np.isnan(batch.category_probability).all() for batch, _ in bare)
    assert all(np.array_equal(a.z, b.z) for (a, _), (b, _) in zip(bare, told, strict=True))
    opinions = np.concatenate([batch.category_probability for batch, _ in told])
    who = np.concatenate([who for _, who in told])
    for index, category in enumerate((Category.MULTIROTOR, Category.BIRD)):
        said = opinions[who == index]
        share = (said.argmax(axis=1) == category).mean()
        assert share == pytest.approx(0.8, abs=4 * (0.8 * 0.2 / len(said)) ** 0.5)
        assert np.unique(said[:, [0, 2]].round(9)).tolist() == [0.2, 0.8]


def test_a_lasting_mistake_lasts() -> None:
    wrong = world(drone(), duration_s=400).with_behaviour(
        SensorBehaviour(id="radar", class_right=0.7, class_memory_s=20.0)
    )
    labels = [batch.category_probability[who == 0].argmax(axis=1) for batch, who in measure(wrong, START_NS)]
    said = np.concatenate(labels)
    assert (said != Category.MULTIROTOR).mean() == pytest.approx(0.3, abs=0.25)
    assert (said[1:] != said[:-1]).sum() <= 400 / 20
