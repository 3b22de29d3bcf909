"""How soon a bias is known, and what biased sensors cost with and without registration.

    python bench/registration.py [--quick]

First table: root mean square error of the azimuth (degrees) and range (m) of one radar (0.5 degrees, 8 m) against the
number of pairs with aircraft that say where they are (3 m, staying), over several seeds, with what the estimate says of
itself. Two yardsticks: the mean of as many residuals, which knows that there is no other error, and for the azimuth the
bound (Cramér and Rao) for whoever knows that the radar is right in all but range, azimuth and elevation, and how far
aircraft may be off in place and time. With one aircraft its own error over its distance remains for long.

Second table: two radars 2 km apart, eight drones of which four send Remote ID or none; GOSPA (c = 100 m, p = 2, 2-D,
mean a step) of confirmed tracks over the last two thirds, CPU seconds.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.ingest.aligned import START_NS, Course, circle, mountings, radar, says, sight, theta
from tests.ingest.degraded import START_NS as BEGIN_NS
from tests.ingest.degraded import arrivals, field, world

from luchtwacht.evaluation.gospa import gospa
from luchtwacht.evaluation.truth import Courses, courses
from luchtwacht.ingest.adjustment import CLOCK_SIGMA_S, Adjustment
from luchtwacht.ingest.pairing import observe_parties, party_equations, residuals
from luchtwacht.model import RegistrationMode, Tracked, TrackStatus
from luchtwacht.pipeline import Pipeline
from luchtwacht.runtime.feed import PlayedFeed, to_inputs
from luchtwacht.simulation import SensorBehaviour, true_course
from luchtwacht.units import DEGREE, SECOND_NS, seconds_to_ns

COURSES = (
    circle(1500.0, 800.0, 1000.0, 15.0),
    circle(-1200.0, 1800.0, 500.0, 12.0),
    circle(-2000.0, -800.0, 500.0, 18.0),
    circle(2500.0, -1800.0, 500.0, 12.0),
)
MANY = 20


def courses_of(aircraft: int, seed: int) -> tuple[Course, ...]:
    """Near the radar; many over 20 by 20 km, as a fifth of a hundred drones would be."""
    if aircraft < MANY:
        return COURSES
    rng, flown = np.random.default_rng([seed, 7]), []
    for _ in range(aircraft):
        away, direction = rng.uniform(2_000.0, 10_000.0), rng.uniform(0.0, 2.0 * np.pi)
        flown.append(circle(away * np.sin(direction), away * np.cos(direction), 400.0, rng.uniform(5.0, 25.0)))
    return tuple(flown)


BIAS = theta(azimuth_deg=1.0, range_m=20.0)


def learning(aircraft: int, pairs: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Error and standard deviation of range and azimuth, and the error of the plain mean."""
    rng = np.random.default_rng(seed)
    declared = radar("r", range_sigma_m=8.0)
    (mounted,) = mountings(declared)
    adjustment = Adjustment((mounted,))
    shifts = [np.array([*rng.normal(size=3) * 3.0, 0.0]) for _ in range(aircraft)]
    flown = courses_of(aircraft, seed)
    plain = []
    for k in range(pairs):
        which, t = k % aircraft, float(k // aircraft)
        seen = sight(mounted, declared, flown[which], t, BIAS, rng, which)
        pair = says(seen, flown[which], f"a{which}", shifts[which])
        plain.append(residuals(mounted, seen.z[None], pair.point[None])[0])
        observe_parties(adjustment, [pair])
        if k % 20 == 19 or k == pairs - 1:
            adjustment.solve(START_NS + int(t * SECOND_NS))
    sigma = np.sqrt(np.diag(adjustment.covariance(0)))[:2]
    return adjustment.bias(0)[:2] - BIAS[:2], sigma, np.mean(plain, axis=0)[:2] - BIAS[:2]


def bound(aircraft: int, pairs: int, seed: int) -> float:
    """Least standard deviation of the azimuth (rad) that these pairs allow."""
    flown = courses_of(aircraft, seed)
    rng, declared = np.random.default_rng(0), radar("r", range_sigma_m=8.0)
    (mounted,) = mountings(declared)
    said = np.array([3.0, 3.0, 5.0, CLOCK_SIGMA_S]) ** -2.0
    N = np.diag([*mounted.sigma[:3] ** -2.0, *np.tile(said, aircraft)])
    for k in range(pairs):
        which, t = k % aircraft, float(k // aircraft)
        pair = says(sight(mounted, declared, flown[which], t, BIAS, rng, which), flown[which], "a", np.zeros(4))
        _, V, G, F = party_equations(mounted, [pair])
        J = np.zeros((3, len(N)))
        J[:, :3], J[:, 3 + 4 * which : 7 + 4 * which] = G[0, :, :3], F[0]
        N += J.T @ np.linalg.inv(V[0]) @ J
    return float(np.sqrt(np.linalg.inv(N)[1, 1]))


def first_table(seeds: int) -> None:
    print(
        f"{'aircraft':>8} {'pairs':>6} | {'azimuth':>8} {'said':>7} {'bound':>7} {'mean':>7} | "
        f"{'range':>6} {'said':>6} {'mean':>6}"
    )
    for aircraft in (1, 2, 4, 20):
        for pairs in (20, 50, 100, 200, 500):
            runs = [learning(aircraft, pairs, seed) for seed in range(seeds)]
            error, said, plain = (np.sqrt(np.mean(np.square([run[k] for run in runs]), axis=0)) for k in range(3))
            least = np.sqrt(np.mean([bound(aircraft, pairs, seed) ** 2 for seed in range(4)]))
            azimuth = [each / DEGREE for each in (error[1], said[1], least, plain[1])]
            figures = f"{azimuth[0]:>8.3f} {azimuth[1]:>7.3f} {azimuth[2]:>7.3f} {azimuth[3]:>7.3f}"
            print(f"{aircraft:>8} {pairs:>6} | {figures} | {error[0]:>6.2f} {said[0]:>6.2f} {plain[0]:>6.2f}")


def second_table(seconds: float) -> None:
    cases = {
        "no bias": (),
        "one, azimuth 1 degree": (SensorBehaviour(id="west", azimuth_bias_deg=1.0),),
        "both, +1 and -1 degree": (
            SensorBehaviour(id="west", azimuth_bias_deg=1.0),
            SensorBehaviour(id="east", azimuth_bias_deg=-1.0),
        ),
        "one, clock 1 s ahead": (SensorBehaviour(id="west", clock_error_s=1.0),),
    }
    print(f"\n{'sensors':<26} {'claims':>6} | {'off':>7} {'apply':>7} {'ratio':>6} | CPU s {'off':>5} {'apply':>6}")
    for name, behaviours in cases.items():
        for claiming in (4, 0):
            figures = [
                cost(seconds, behaviours, claiming, mode) for mode in (RegistrationMode.OFF, RegistrationMode.APPLY)
            ]
            (off, off_s), (on, on_s) = figures
            costs = f"{'':>5} {off_s:>5.1f} {on_s:>6.1f}"
            print(f"{name:<26} {claiming:>6} | {off:>7.1f} {on:>7.1f} {on / off:>6.2f} | {costs}")


def cost(
    seconds: float, behaviours: tuple[SensorBehaviour, ...], claiming: int, mode: RegistrationMode
) -> tuple[float, float]:
    """Mean GOSPA and CPU seconds of one run."""
    site = field(registration=mode)
    scenario = world(seconds, *behaviours, claiming=claiming, site=site)
    truth = courses(true_course(scenario, BEGIN_NS))
    taken = arrivals(scenario)
    feed = PlayedFeed(lambda: taken, step_ns=seconds_to_ns(site.step_s), settle_ns=0)
    pipeline, sequence, values = Pipeline(site), 1, []
    begun = time.process_time()
    for moment in feed.moments():
        events = pipeline.step(to_inputs(moment, sequence))
        sequence += len(moment.arrivals) + moment.tick
        late = [each for each in events if each.time_ns > BEGIN_NS + seconds_to_ns(seconds / 3.0)]
        values += [distance(each, truth) for each in late if isinstance(each, Tracked)]
    return float(np.mean(values)), time.process_time() - begun


def distance(event: Tracked, truth: Courses) -> float:
    """GOSPA of one moment."""
    tracks = event.tracks.take((event.tracks.status == TrackStatus.CONFIRMED) & (event.tracks.track > 0))
    there = []
    for row in range(len(truth.names)):
        position, _, known = truth.at(row, np.array([event.time_ns]))
        if known[0]:
            there.append(position[0, :2])
    return gospa(np.array(there).reshape(-1, 2), tracks.x[:, :2], c=100.0, p=2.0).distance


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer seeds, shorter runs")
    quick = parser.parse_args().quick
    first_table(4 if quick else 20)
    second_table(60.0 if quick else 120.0)


if __name__ == "__main__":
    main()
