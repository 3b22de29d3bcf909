"""What was measured of a sensor as it goes over the wire: metres, degrees and seconds, beside what was declared."""

from __future__ import annotations

from typing import cast

import numpy as np

from luchtwacht import model
from luchtwacht.server import wire
from luchtwacht.server.declarations import to_ms
from luchtwacht.units import DEGREE

_PLACED = (model.SensorKind.RF_LOCATOR, model.SensorKind.SPOTTER)
_NAMES = cast("tuple[wire.BiasName, ...]", model.BIASES)


def encode_figures(said: model.SensorMeasured, declared: model.Sensor) -> wire.SensorFigures:
    """A sensor's figures for people."""
    rows = zip(_NAMES, model.BIAS_UNITS, said.bias, said.bias_sigma, said.bias_seen, declared.bias.mean, strict=True)
    return wire.SensorFigures(
        time_ms=to_ms(said.time_ns),
        applied=said.applied,
        biases=[
            wire.SensorBias(
                name=name,
                value=round(value / unit, 4),
                sigma=round(sigma / unit, 4),
                declared=round(mean / unit, 4),
                seen=seen,
            )
            for name, unit, value, sigma, seen, mean in rows
            if sigma == sigma
        ],
        confounded=[[cast("wire.BiasName", each) for each in pair] for pair in said.confounded],
        claim_pairs=said.claim_pairs,
        sensor_pairs=said.sensor_pairs,
        aircraft=said.aircraft,
        probability_of_detection=_figure(declared.probability_of_detection, said.probability_of_detection, 3),
        looks=round(said.opportunities, 1),
        false_reports=_figure(declared.false_reports, said.false_reports, 2),
        latency_s=_figure(declared.latency_s, said.latency_s, 3),
        period_s=_figure(declared.period_s, said.period_s, 3),
        noise=_noise(said, declared),
        blind_sectors_deg=[
            [round(float(np.degrees(first)), 1), round(float(np.degrees(last)), 1)]
            for first, last in said.blind_sectors
        ],
        faults=[fault.value for fault in said.faults],
        corrected=said.corrected,
    )


def _noise(said: model.SensorMeasured, declared: model.Sensor) -> list[wire.SensorNoise]:
    """Of each coordinate of which anything is known."""
    sigmas: dict[wire.BiasName, float] = (
        {"east": declared.position_sigma_m, "north": declared.position_sigma_m, "up": declared.height_sigma_m}
        if declared.kind in _PLACED
        else {
            "range": declared.range_sigma_m,
            "azimuth": declared.azimuth_sigma / DEGREE,
            "elevation": declared.elevation_sigma / DEGREE,
        }
    )
    return [
        wire.SensorNoise(name=name, declared=sigma, measured=round(ratio * sigma, 3))
        for (name, sigma), ratio in zip(sigmas.items(), said.noise, strict=True)
        if ratio == ratio
    ]


def _figure(declared: float, measured: float, digits: int) -> wire.Figure:
    return wire.Figure(declared=declared, measured=None if measured != measured else round(measured, digits))
