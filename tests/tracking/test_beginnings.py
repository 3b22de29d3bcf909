"""Where objects begin, as it is learnt of a sensor's surroundings."""

from __future__ import annotations

import numpy as np
from tests.tracking.skies import at, polar, sensor, site, straight

from luchtwacht.kernels import layout as c
from luchtwacht.model import Detections, TrackStatus
from luchtwacht.tracking import Tracker
from luchtwacht.tracking.scene import MOST_BEGUN, SIGHTS, Scene
from luchtwacht.units import SECOND_NS

RADAR = sensor("radar", range_max_m=6_000.0, elevation_min_deg=-2.0, elevation_max_deg=20.0, false_reports=40.0)
HERE = site(RADAR)


def began(scene: Scene) -> list[tuple[int, int, float]]:
    """Cells of the map in which something began: row, column, count."""
    rows, columns = np.nonzero(scene.sight[:, :, 2])
    return [(int(r), int(q), float(scene.sight[r, q, 2])) for r, q in zip(rows, columns, strict=True)]


def learning() -> Scene:
    scene = Scene(HERE, RADAR)
    scene.hear(10 * SECOND_NS)
    return scene


def test_where_objects_began_is_counted_by_place_but_for_those_that_were_there_before() -> None:
    scene = learning()
    scene.count_start(12 * SECOND_NS, 100.0, 100.0)  # of the first looks
    assert began(scene) == []
    for _ in range(2):
        scene.count_start(20 * SECOND_NS, 250.0, -5_750.0)
    scene.count_start(20 * SECOND_NS, 7_000.0, 0.0)  # beyond the map
    assert began(scene) == [(0, 12, 2.0)]
    assert scene.learnt[c.BEGUN] == 2.0
    assert scene.learnt[c.STARTS] > 3.0


def test_old_counts_make_room_for_new_ones() -> None:
    scene = learning()
    for _ in range(int(MOST_BEGUN)):
        scene.count_start(20 * SECOND_NS, 100.0, 100.0)
    scene.count_start(20 * SECOND_NS, -100.0, 100.0)
    assert began(scene) == [(12, 11, 1.0), (12, 12, MOST_BEGUN / 2)]
    assert scene.learnt[c.BEGUN] == scene.sight[:, :, 2].sum()


def test_a_wider_map_keeps_where_things_began() -> None:
    scene = learning()
    for _ in range(3):
        scene.count_start(20 * SECOND_NS, 3_250.0, -1_250.0)
    scene.stretch(10_000.0)
    ((row, column, count),) = began(scene)
    side = 2.0 * scene.reach / SIGHTS
    assert count == 3.0
    assert column * side - scene.reach <= 3_250.0 < (column + 1) * side - scene.reach
    assert row * side - scene.reach <= -1_250.0 < (row + 1) * side - scene.reach


def test_the_place_counted_is_the_one_of_the_first_detection() -> None:
    tracker, rng = Tracker(HERE), np.random.default_rng(3)
    start, velocity = (2_250.0, 1_750.0, 120.0), (20.0, 15.0, 0.0)
    confirmed_s = 0
    for t in range(14):
        away = rng.uniform(-4000.0, 4000.0, (20, 2))
        plots = np.column_stack([away, rng.uniform(30.0, 300.0, 20), np.zeros((20, 3))])
        if t >= 5:
            plots = np.vstack([plots, straight(start, velocity, t - 5)])
        seen: Detections = polar(RADAR, 0, HERE, at(t), plots, rng, first_id=100 * t + 1)
        tracks, _ = tracker.step(at(t + 0.5), seen)
        near = np.linalg.norm(tracks.x[:, :2] - straight(start, velocity, t - 5)[:2], axis=1) < 200.0
        if not confirmed_s and (tracks.status[near] == TrackStatus.CONFIRMED).any():
            confirmed_s = t - 5
    assert confirmed_s >= 2
    side = 12_000.0 / SIGHTS
    cells = {(row, column) for row, column, _ in began(tracker._scenes[0])}
    assert (int((start[1] + 6_000.0) / side), int((start[0] + 6_000.0) / side)) in cells
