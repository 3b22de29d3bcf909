"""An hour of sensors that do as declared, of which nothing must be said, and one fault of each kind.

    python bench/health.py [--seconds S] [--seed N] [--scenes field city dense] [--faults]

Field: two radars, a direction finder, a Remote ID and an ADS-B receiver over eight drones (four say where they are,
three are heard on their control link), a helicopter, a light aeroplane and two flocks of birds. City: the sensors of
the demo (one radar) over the same. Dense: the field with forty drones more that stop, hover and go on, of which ten
say where they are, and four flocks more. First tables: what was said of sensors in the time, the figures at its end,
and the largest bias found over its own standard deviation (there is none). Last table: each fault begins after five
minutes; how many seconds later it is named, as what, and what else is said.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.ingest.degraded import START_NS, arrivals, busy_field, busy_world, go_on, play

from luchtwacht.model import CLAIM_RECEIVERS
from luchtwacht.pipeline import Pipeline
from luchtwacht.simulation import (
    ObjectKind,
    RemoteIdOutput,
    Scenario,
    SensorBehaviour,
    SimulatedObject,
    embedded_scenario,
    read_scenario,
)
from luchtwacht.simulation.scenario import Emission, Hover, Loiter, Wander
from luchtwacht.units import seconds_to_ns

CHANGE_S, LISTEN_S = 300.0, 120.0
WALL = ((29.0, -90.0), (30.0, 90.0), (89.0, 90.0), (90.0, -90.0))
FAULTS = {
    "nothing": SensorBehaviour(id="west"),
    "radar silent": SensorBehaviour(id="west", outages=((CHANGE_S, 1e5),)),
    "direction finder silent": SensorBehaviour(id="rf", outages=((CHANGE_S, 1e5),)),
    "Remote ID receiver silent": SensorBehaviour(id="rid", outages=((CHANGE_S, 1e5),)),
    "ADS-B receiver silent": SensorBehaviour(id="adsb", outages=((CHANGE_S, 1e5),)),
    "radar sees half": SensorBehaviour(id="west", probability_of_detection=0.45),
    "wall before the radar": SensorBehaviour(id="west", horizon_deg=WALL),
    "radar turned by 1 degree": SensorBehaviour(id="west", azimuth_bias_deg=1.0),
    "radar 40 m too far": SensorBehaviour(id="west", range_bias_m=40.0),
    "radar tilted by 1 degree": SensorBehaviour(id="west", elevation_bias_deg=1.0),
    "radar's clock 1 s ahead": SensorBehaviour(id="west", clock_error_s=1.0),
    "direction finder turned by 8 degrees": SensorBehaviour(id="rf", azimuth_bias_deg=8.0),
    "radar three times as noisy": SensorBehaviour(
        id="west", range_sigma_m=24.0, azimuth_sigma_deg=1.5, elevation_sigma_deg=2.4
    ),
    "radar in rain": SensorBehaviour(id="west", false_reports=30.0),
    "radar 3 s late": SensorBehaviour(id="west", latency_s=3.0),
}


def scene(name: str, seconds: float, seed: int) -> Scenario:
    """What is in the air, and under which sensors."""
    field = busy_world(seconds, seed=seed)
    if name == "city":
        return Scenario(
            name="city", site=read_scenario(embedded_scenario()).site, duration_s=seconds, seed=seed,
            objects=field.objects,
        )  # fmt: skip
    return replace(field, objects=(*field.objects, *crowd(seconds))) if name == "dense" else field


def crowd(seconds: float) -> list[SimulatedObject]:
    """Drones and flocks more."""
    drones = [
        SimulatedObject(
            id=f"more-{k}",
            kind=ObjectKind.MULTIROTOR,
            at=(700.0 * (k % 8) - 2_000.0, 800.0 * (k // 8) - 1_800.0, 60.0 + 13.0 * (k % 7)),
            legs=(
                Loiter(radius_m=120.0 + 17.0 * (k % 5), speed_m_s=6.0 + k % 9, seconds=60.0 + 5.0 * k),
                Hover(seconds=45.0),
                Wander(radius_m=150.0, speed_m_s=8.0, seconds=seconds),
            ),
            remote_id=RemoteIdOutput(serial=f"1234E{k:03d}TEST0000{k}", mac=f"02:00:00:00:01:{k:02x}")
            if k % 4 == 0
            else None,
            emission=Emission() if k % 8 == 1 else None,
            rcs_dbsm=-10.0,
        )
        for k in range(40)
    ]
    flocks = [
        SimulatedObject(
            id=f"flock-{k}", kind=ObjectKind.BIRD, at=(1_500.0 * k - 2_000.0, 1_100.0 * (k % 2) - 900.0, 50.0), count=6,
            spacing_m=40.0, rcs_dbsm=-30.0,
            legs=(Wander(radius_m=500.0, speed_m_s=11.0, seconds=seconds, thermals=True),),
        )
        for k in range(4)
    ]  # fmt: skip
    return [*drones, *flocks]


def healthy(name: str, seconds: float, seed: int) -> None:
    begun = time.process_time()
    scenario = scene(name, seconds, seed)
    heard = play(scenario.site, arrivals(scenario))
    print(f"{name}: {seconds:.0f} s without faults, seed {seed}: {len(heard.notices())} notices, ", end="")
    print(f"{time.process_time() - begun:.0f} s CPU")
    for at_s, kind, detail in heard.notices():
        print(f"  {at_s:7.1f} {kind} {detail}")
    print(f"{'sensor':<10} {'Pd':>5} {'false':>6} {'noise':>16} {'pairs':>12} {'error':>6}")
    for sensor in [each.id for each in scenario.site.sensors if each.kind not in CLAIM_RECEIVERS]:
        found = heard.measured(sensor)
        off, sigma = np.array(found.bias), np.array(found.bias_sigma)
        worst = np.nanmax(np.abs(off) / np.where(sigma > 0.0, sigma, np.nan))
        noise = " ".join("-" if each != each else f"{each:.2f}" for each in found.noise)
        pairs = f"{found.claim_pairs} {found.sensor_pairs}"
        print(
            f"{sensor:<10} {found.probability_of_detection:>5.2f} {found.false_reports:>6.2f} {noise:>16} "
            f"{pairs:>12} {worst:>6.1f}"
        )


def faults(seed: int) -> None:
    border_ns = START_NS + seconds_to_ns(CHANGE_S)
    before = [each for each in arrivals(busy_world(CHANGE_S + 2.0, seed=seed)) if each[0] < border_ns]
    stood = play(busy_field(), before, settle=False)
    snapshot, number = stood.pipeline.snapshot(), stood.sequence
    print(f"\n{'fault':<38} {'named after':>11}  what")
    for name, worse in FAULTS.items():
        pipeline = Pipeline(busy_field())
        pipeline.restore(snapshot)
        after = arrivals(busy_world(CHANGE_S + LISTEN_S, worse, seed=seed), CHANGE_S)
        told = go_on(pipeline, number, after).notices()
        first, *others = [(f"{at_s - CHANGE_S:.0f} s", kind, detail) for at_s, kind, detail in told] or [("-", "", "")]
        print(f"{name:<38} {first[0]:>11}  {first[1]} {first[2]}")
        for at_s, kind, detail in others:
            print(f"{'':<38} {at_s:>11}  {kind} {detail}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3600.0, help="how long nothing is wrong")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scenes", nargs="*", default=["field", "city", "dense"])
    parser.add_argument("--faults", action="store_true", help="let things go wrong, and nothing else")
    given = parser.parse_args()
    for name in () if given.faults else given.scenes:
        healthy(name, given.seconds, given.seed)
    faults(given.seed)


if __name__ == "__main__":
    main()
