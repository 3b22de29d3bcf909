"""What the sensors measure, straight to columns: for judging a tracker alone, without bytes and codecs between.

The same draws as `simulate` makes, from the same seed, before they are rounded to what a wire format can carry.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator

import numpy as np

from luchtwacht.model import Detections, Geometry, Sensor, SensorKind, report_ids
from luchtwacht.simulation.frames import Stage, stages
from luchtwacht.simulation.scenario import Scenario
from luchtwacht.simulation.sensors import Looks, listen, look_around
from luchtwacht.units import SECOND_NS

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
            filtered=False,
        )
        yield end_s, index, detections, looks.object


def _covariance(sensor: Sensor) -> np.ndarray:
    """(4, 4) as declared: what the watch believes, not what the sensor does."""
    sigma = [sensor.range_sigma_m, sensor.azimuth_sigma, sensor.elevation_sigma, sensor.doppler_sigma_m_s]
    return np.diag(np.square(sigma))
