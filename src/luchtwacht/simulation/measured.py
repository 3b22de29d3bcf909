"""What the sensors measure, straight to columns: for judging a tracker alone, without bytes and codecs between.

The same draws as `simulate` makes, from the same seed, before they are rounded to what a wire format can carry.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator

import numpy as np

from luchtwacht.model import Category, Detections, Geometry, Sensor, SensorKind, report_ids
from luchtwacht.simulation.frames import Stage, stages
from luchtwacht.simulation.scenario import Scenario
from luchtwacht.simulation.sensors import FALSE, Looks, listen, look_around
from luchtwacht.units import SECOND_NS

_LABEL_STREAM, _LASTING_STREAM = 1_000_000, 2_000_000_000
_Look = Callable[..., Looks]

_MEASURE: dict[SensorKind, _Look] = {
    SensorKind.RADAR_3D: look_around,
    SensorKind.RADAR_2D: look_around,
    SensorKind.RF_DIRECTION_FINDER: listen,
}


def measure(scenario: Scenario, start_ns: int) -> Iterator[tuple[Detections, np.ndarray]]:
    """Detections of one sensor's period at a time, in order of the periods' ends, as ingest would have made them.

    Beside each batch stands, for each of its rows, the index of the object in `trajectory.lay_paths(scenario)` that was
    seen, or -1: known association, for oracles.
    """
    streams = [
        _periods(stage, index, _MEASURE[stage.mount.sensor.kind])
        for index, stage in enumerate(stages(scenario, start_ns))
        if stage.mount.sensor.kind in _MEASURE
    ]
    for _, _, detections, objects in heapq.merge(*streams, key=lambda period: period[:2]):
        yield detections, objects


def _periods(stage: Stage, index: int, look: _Look) -> Iterator[tuple[float, int, Detections, np.ndarray]]:
    """One sensor, period by period."""
    declared, rng = stage.scenario.site.sensors[index], stage.generator(0)
    for number in stage.periods():
        looks = look(stage.mount, stage.paths, number, rng)
        end_s = (number + 1) * declared.period_s + stage.mount.behaviour.latency_s
        frame = np.full(len(looks), 1 + number * len(stage.scenario.site.sensors) + index)
        clock = stage.mount.own_clock_s(looks.time_s)
        polar, known = looks.polar.copy(), np.isfinite(looks.polar)
        if declared.kind is SensorKind.RADAR_2D:
            polar[:, 2], known[:, 2] = np.nan, False
        detections = Detections.unknown(
            len(looks),
            id=report_ids(frame, np.arange(len(looks))),
            time_ns=stage.start_ns + np.round(clock * SECOND_NS).astype(np.int64),
            received_ns=stage.start_ns + round(end_s * SECOND_NS),
            sensor=index,
            geometry=int(Geometry.POLAR),
            z=polar,
            R=np.where(known[:, :, None] & known[:, None, :], _covariance(declared), np.nan),
            rcs_dbsm=looks.rcs_dbsm if declared.rcs_offset_db is not None else np.nan,
            category_probability=_labels(stage, looks),
            filtered=False,
        )
        yield end_s, index, detections, looks.object


LOOK_ALIKE = {
    Category.MULTIROTOR: Category.BIRD,
    Category.FIXED_WING_DRONE: Category.BIRD,
    Category.BIRD: Category.MULTIROTOR,
    Category.CREWED_AIRCRAFT: Category.OTHER,
    Category.OTHER: Category.CREWED_AIRCRAFT,
}
"""what a wrong label says: the mistake that costs most"""


def _labels(stage: Stage, looks: Looks) -> np.ndarray:
    """(n, categories) the sensor's opinion of each: how likely this label is, given each category. NaN: it has none.

    A false report bears any label. Labels have chances of their own, so that a sensor that gives them sees the same.
    """
    right, memory_s = stage.mount.behaviour.class_right, stage.mount.behaviour.class_memory_s
    if right is None or not len(looks):
        return np.full((len(looks), len(Category)), np.nan)
    given = np.array([_given(label, right) for label in Category])
    turn = int(looks.time_s[0] / stage.mount.sensor.period_s)
    fresh = stage.generator(_LABEL_STREAM + turn)
    false = fresh.integers(0, len(Category), len(looks))
    draws = fresh.random(len(looks))
    if memory_s > 0.0:
        lasting = stage.generator(_LASTING_STREAM + int(looks.time_s[0] / memory_s)).random(len(stage.paths) + 1)
        draws = lasting[looks.object]
    kinds = np.array([int(each.habit.category) for each in stage.paths.objects] + [0])[looks.object]
    mistaken = np.array([int(LOOK_ALIKE[category]) for category in Category])[kinds]
    label = np.where(looks.object == FALSE, false, np.where(draws < right, kinds, mistaken))
    return given[label]


def _given(label: Category, right: float) -> list[float]:
    """How likely this label is, given each category."""
    return [right * (category is label) + (1.0 - right) * (LOOK_ALIKE[category] is label) for category in Category]


def _covariance(sensor: Sensor) -> np.ndarray:
    """(4, 4) as declared: what the watch believes, not what the sensor does."""
    sigma = [sensor.range_sigma_m, sensor.azimuth_sigma, sensor.elevation_sigma, sensor.doppler_sigma_m_s]
    return np.diag(np.square(sigma))
