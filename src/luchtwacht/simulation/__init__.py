"""A made-up world that sends real bytes: scenarios, trajectories, and sensors that speak their own wire formats.

    scenario.toml ─► Scenario ─► Paths (where everything truly is) ─► sensors (what each measures) ─► frames (bytes)
                                     └─► Truth (to evaluate against)

Everything follows from the scenario and its seed; there is no clock. What comes out is what a site's network would
carry, so the pipeline cannot tell it from the real thing, and no part of the pipeline is skipped or replaced.
"""

from luchtwacht.simulation.measured import measure
from luchtwacht.simulation.play import simulate, true_course
from luchtwacht.simulation.scenario import (
    AdsBOutput,
    Burst,
    Clutter,
    Emission,
    Heights,
    ObjectKind,
    Raid,
    RemoteIdOutput,
    Scenario,
    SensorBehaviour,
    SimulatedObject,
    Split,
    embedded_scenario,
    read_scenario,
)
from luchtwacht.simulation.weather import Rain, Weather

__all__ = [
    "AdsBOutput",
    "Burst",
    "Clutter",
    "Emission",
    "Heights",
    "ObjectKind",
    "Raid",
    "Rain",
    "RemoteIdOutput",
    "Scenario",
    "SensorBehaviour",
    "SimulatedObject",
    "Split",
    "Weather",
    "embedded_scenario",
    "measure",
    "read_scenario",
    "simulate",
    "true_course",
]
