"""What going back costs: one late report after a whole window, and a sensor that is always late, beside plain tracking.

python bench/rollback.py [tracks ...]
"""

from __future__ import annotations

import sys
import time

import numpy as np

from luchtwacht.model import Detections, Floats, Format, Geometry, Place, Sensor, SensorKind, Site, Source
from luchtwacht.tracking import RollbackTracker, Tracker
from luchtwacht.units import DEGREE, SECOND_NS, seconds_to_ns

START_NS = 1_800_000_000 * SECOND_NS
ORIGIN = Place(latitude=52.0, longitude=5.0)
RADAR = Sensor(id="radar", kind=SensorKind.RADAR_3D, source="s", place=ORIGIN, false_reports=50.0)
SITE = Site(id="s", name="s", origin=ORIGIN, sources=(Source(id="s", format=Format.TABLE),), sensors=(RADAR,))
STEP_NS = seconds_to_ns(SITE.step_s)
R = np.full((4, 4), np.nan)
R[:3, :3] = np.diag([10.0**2, (0.5 * DEGREE) ** 2, (1.0 * DEGREE) ** 2])


def scan(truth: Floats, t: int, rng: np.random.Generator) -> Detections:
    """One turn of the radar: nine in ten objects, and 50 false plots."""
    seen = truth[rng.random(len(truth)) < 0.9, :3]
    false = np.column_stack([rng.uniform(-10_000, 10_000, (50, 2)), rng.uniform(50, 500, 50)])
    points = np.vstack([seen, false])
    ground = np.hypot(points[:, 0], points[:, 1])
    z = np.column_stack(
        [
            np.hypot(ground, points[:, 2]) + rng.normal(size=len(points)) * 10.0,
            np.arctan2(points[:, 0], points[:, 1]) + rng.normal(size=len(points)) * 0.5 * DEGREE,
            np.arctan2(points[:, 2], ground) + rng.normal(size=len(points)) * 1.0 * DEGREE,
            np.full(len(points), np.nan),
        ]
    )
    when = START_NS + t * SECOND_NS + seconds_to_ns(0.1)
    return Detections.unknown(
        len(points), id=np.arange(len(points)) + 1_000_000 * (t + 1), time_ns=when, received_ns=when, sensor=0,
        geometry=Geometry.POLAR, z=z, R=np.tile(R, (len(points), 1, 1)), filtered=False,
    )  # fmt: skip


def sky(count: int, seconds: int) -> list[Detections]:
    """So many drones over 20 x 20 km for so long."""
    rng = np.random.default_rng(count)
    truth = np.column_stack(
        [
            rng.uniform(-10_000, 10_000, (count, 2)),
            rng.uniform(50, 300, count),
            rng.normal(size=(count, 2)) * 12.0,
            np.zeros(count),
        ]
    )
    scans = []
    for t in range(seconds):
        scans.append(scan(truth, t, rng))
        truth = truth.copy()
        truth[:, :3] += truth[:, 3:]
    return scans


def run(tracker: Tracker | RollbackTracker, scans: list[Detections], first: int, delay: int = 0) -> list[float]:
    """CPU seconds of every second of steps, each scan handed over `delay` seconds after it was made."""
    spent = []
    for t in range(first, len(scans)):
        arrived = scans[t - delay] if t >= delay else Detections.empty()
        begin = time.process_time()
        tracker.step(START_NS + t * SECOND_NS + STEP_NS, arrived)
        tracker.step(START_NS + (t + 1) * SECOND_NS, Detections.empty())
        spent.append(time.process_time() - begin)
    return spent


def one_late(scans: list[Detections], age_s: int) -> float:
    """CPU seconds of a step that goes back `age_s` for a single report, more than the same step without."""
    last, held = scans[-1], scans[-1 - age_s]
    times = []
    for late in (True, False):
        tracker = RollbackTracker(SITE)
        cut = [each.take(slice(1, None)) if each is held else each for each in scans[:-1]]
        run(tracker, cut, 0)
        rows = Detections.concatenate([held.take([0]), last]) if late else last
        begin = time.process_time()
        tracker.step(START_NS + (len(scans) - 1) * SECOND_NS + STEP_NS, rows)
        times.append(time.process_time() - begin)
    return times[0] - times[1]


def main() -> None:
    counts = [int(each) for each in sys.argv[1:]] or [100, 1_000, 10_000]
    run(RollbackTracker(SITE), sky(50, 12), 0, 2)  # compile
    one_late(sky(50, 12), 4)
    heads = ("tracks", "plain", "snapshots", "one 1 s late", "one 4 s late", "all 2 s late")
    units = ("", "ms a second", "ms a second", "ms", "ms", "ms a second")
    widths = (8, 12, 12, 13, 15, 13)
    for line in (heads, units):
        print(" ".join(f"{each:>{width}}" for each, width in zip(line, widths, strict=True)))
    for count in counts:
        scans = sky(count, 15)
        plain = np.median(run(Tracker(SITE), scans, 0)[5:])
        held = np.median(run(RollbackTracker(SITE), scans, 0)[5:])
        always = np.median(run(RollbackTracker(SITE), scans, 0, 2)[7:])
        back = [min(one_late(scans, age) for _ in range(3)) for age in (1, 4)]
        print(
            f"{count:>8,} {1e3 * plain:>12.2f} {1e3 * held:>12.2f} {1e3 * back[0]:>13.2f} {1e3 * back[1]:>15.2f} "
            f"{1e3 * always:>13.2f}"
        )


if __name__ == "__main__":
    main()
