"""How fast a made-up world is made, and how fast a run is judged.

    python bench/simulation.py

Prints, for the embedded scenario and for raids of more and more drones: seconds of CPU a simulated second, bytes, and
how many times faster than real time. There is no peer to compare with; the measure is one core in real time.
"""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import islice

from rich.console import Console
from rich.table import Table

from luchtwacht.evaluation import gospa
from luchtwacht.simulation import (
    ObjectKind,
    Scenario,
    SimulatedObject,
    embedded_scenario,
    measure,
    read_scenario,
    simulate,
    true_course,
)
from luchtwacht.simulation.scenario import Fly

START_NS = 1_767_225_600_000_000_000


def raid(world: Scenario, count: int, duration_s: float) -> Scenario:
    """The embedded site with so many drones coming in, seen by its radar alone."""
    swarm = SimulatedObject(
        id="raid",
        kind=ObjectKind.MULTIROTOR,
        at=(-4000.0, -2000.0, 80.0),
        legs=(Fly(to=(0.0, 0.0, 80.0), speed_m_s=15.0),),
        count=count,
        spacing_m=25.0,
    )
    site = replace(world.site, sensors=world.site.sensors[:1])
    return replace(world, site=site, behaviours=(), objects=(swarm,), duration_s=duration_s)


def seconds(work: object) -> tuple[float, object]:
    """CPU seconds of a call, and what it gave."""
    assert callable(work)
    begin = time.process_time()
    made = work()
    return time.process_time() - begin, made


def main() -> None:
    """Print the table."""
    world = read_scenario(embedded_scenario())
    list(islice(simulate(world, START_NS), 10))
    table = Table(title="simulation, one core", title_justify="left")
    for heading in ("scenario", "objects", "simulated s", "messages", "bytes", "CPU s", "times real time"):
        table.add_column(heading, justify="left" if heading == "scenario" else "right", no_wrap=True)
    cases = [("a capital at night", world), *((f"raid of {n}", raid(world, n, 30.0)) for n in (10, 100, 1000))]
    for name, case in cases:
        spent, made = seconds(lambda case=case: [payload for _, _, payload in simulate(case, START_NS)])
        assert isinstance(made, list)
        objects = sum(each.count for each in case.objects)
        table.add_row(
            name, str(objects), f"{case.duration_s:.0f}", f"{len(made):,}", f"{sum(map(len, made)):,}", f"{spent:.2f}",
            f"{case.duration_s / spent:.0f}",
        )  # fmt: skip
        spent, _ = seconds(lambda case=case: list(measure(case, START_NS)))
        table.add_row(f"  {name}, columns", "", "", "", "", f"{spent:.2f}", f"{case.duration_s / spent:.0f}")
    console = Console(width=120)
    console.print(table)
    first, _ = seconds(lambda: next(iter(simulate(world, START_NS))))
    console.print(f"first message of a capital at night after {1000 * first:.0f} ms")
    truth = true_course(raid(world, 1000, 1.0), START_NS, step_s=1.0)
    here = truth.position[truth.time_ns == truth.time_ns[0]]
    spent, _ = seconds(lambda: [gospa(here, here + 5.0) for _ in range(10)])
    console.print(f"GOSPA of 1,000 against 1,000: {100 * spent:.1f} ms")


if __name__ == "__main__":
    main()
