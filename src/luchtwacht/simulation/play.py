"""The scenario as it is played: every sensor's bytes in order of receipt, and the truth beside it."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from math import ceil

import numpy as np

from luchtwacht.model import Truth
from luchtwacht.simulation.frames import Stage, stages, transmissions
from luchtwacht.simulation.scenario import Scenario
from luchtwacht.simulation.trajectory import Paths, lay_paths
from luchtwacht.units import SECOND_NS, seconds_to_ns

Received = tuple[int, int, bytes]
"""ns UTC of receipt, index into `Site.sources`, payload"""

_DELIVERY_STREAM = 4


def simulate(scenario: Scenario, start_ns: int) -> Iterator[Received]:
    """What the site's network would carry: (ns UTC of receipt, index into `Site.sources`, payload), in that order.

    Made as it is asked for, so the first bytes are there at once. The same scenario and start give the same bytes;
    another start gives the same world at another time of day. Goes on to the scenario's end; to loop, call it again
    with a start one `duration_s` later.

    Args:
        start_ns: ns UTC at which the scenario's time is 0.

    Raises:
        BadConfiguration: the site has a sensor of a kind that cannot be simulated.
    """
    sources = [source.id for source in scenario.site.sources]
    streams = [
        _delivered(stage, sources.index(stage.mount.sensor.source), index)
        for index, stage in enumerate(stages(scenario, start_ns))
    ]
    for received_s, source, _, _, payload in heapq.merge(*streams):
        yield start_ns + round(received_s * SECOND_NS), source, payload


def _delivered(stage: Stage, source: int, index: int) -> Iterator[tuple[float, int, int, int, bytes]]:
    """One sensor's messages as they arrive: late by its latency, some lost, some overtaken by others.

    Messages are held back until no later one can overtake them, which is when a message leaves that could not arrive
    sooner.
    """
    behaviour = stage.mount.behaviour
    rng = np.random.default_rng([stage.scenario.seed, _DELIVERY_STREAM, index])
    waiting: list[tuple[float, int, int, int, bytes]] = []
    for number, sent in enumerate(transmissions(stage)):
        while waiting and waiting[0][0] <= sent.time_s + behaviour.latency_s:
            yield heapq.heappop(waiting)
        delay = behaviour.latency_s + behaviour.latency_jitter_s * float(rng.exponential())
        if rng.random() >= behaviour.loss:
            heapq.heappush(waiting, (sent.time_s + delay, source, index, number, sent.payload))
    while waiting:
        yield heapq.heappop(waiting)


def true_course(scenario: Scenario, start_ns: int, step_s: float = 0.1) -> Truth:
    """Where everything truly is, every `step_s` while it exists, for a run that begins at `start_ns`."""
    paths = lay_paths(scenario)
    return Truth.concatenate([_course(scenario, paths, index, start_ns, step_s) for index in range(len(paths))])


def _course(scenario: Scenario, paths: Paths, index: int, start_ns: int, step_s: float) -> Truth:
    """One object."""
    end_s = min(float(paths.end_s[index]), scenario.duration_s)
    first, last = ceil(float(paths.start_s[index]) / step_s - 1e-9), int(end_s / step_s + 1e-9)
    steps = np.arange(first, last + 1, dtype=np.int64)
    position, velocity = paths.at(
        np.full(len(steps), index, dtype=np.int64), np.asarray(steps * step_s, dtype=np.float64)
    )
    each = paths.objects[index]
    return Truth.unknown(
        len(steps),
        object=paths.names[index],
        time_ns=start_ns + steps * seconds_to_ns(step_s),
        category=int(each.habit.category),
        permitted=int(each.permitted),
        position=position,
        velocity=velocity,
    )
