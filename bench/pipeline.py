"""The whole pipeline on a capital at night: processor time a conclusion, and how many times faster than real time.

    python bench/pipeline.py [--seconds 120]

Bytes are simulated beforehand and handed in as a watch would hand them in; the journal and the console take no part.
Beside it stands the same with every conclusion encoded, which is what a recording watch or a verifier pays.
"""

from __future__ import annotations

import argparse
import time
from itertools import takewhile

import numpy as np

from luchtwacht.kernels import warm
from luchtwacht.model.encoding import encode_event
from luchtwacht.pipeline import Input, Pipeline
from luchtwacht.runtime.feed import PlayedFeed, to_inputs
from luchtwacht.simulation import embedded_scenario, read_scenario, simulate
from luchtwacht.units import SECOND_NS, seconds_to_ns

START_NS = 1_777_765_200 * SECOND_NS


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seconds", type=int, default=120, help="of the scenario")
    seconds = arguments.parse_args().seconds
    for _ in warm():
        pass
    scenario = read_scenario(embedded_scenario())
    end_ns = START_NS + seconds * SECOND_NS
    feed = PlayedFeed(
        lambda: takewhile(lambda arrival: arrival[0] < end_ns, simulate(scenario, START_NS)),
        step_ns=seconds_to_ns(scenario.site.step_s),
        settle_ns=seconds_to_ns(scenario.site.reorder_s),
    )
    steps: list[list[Input]] = []
    sequence = 1
    for moment in feed.moments():
        steps.append(to_inputs(moment, sequence))
        sequence += len(moment.arrivals) + moment.tick
    print(f"{seconds} s of the scenario: {sequence - 1:,} inputs in {len(steps)} steps")
    print(f"{'':24} {'CPU ms a step':>14} {'99 %':>8} {'times real time':>16}")
    for name, encoding in (("conclusions", False), ("conclusions, encoded", True)):
        watch = Pipeline(scenario.site)
        spent = []
        for step in steps:
            begun = time.process_time()
            events = watch.step(step)
            if encoding:
                for event in events:
                    encode_event(event)
            spent.append(time.process_time() - begun)
        each = np.array(spent) * 1e3
        print(f"{name:24} {each.mean():14.2f} {np.quantile(each, 0.99):8.2f} {seconds / each.sum() * 1e3:16.0f}")


if __name__ == "__main__":
    main()
