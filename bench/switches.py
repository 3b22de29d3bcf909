"""Why tracks change their numbers: every change that `bench/tracking.py` counts, by its cause.

    python bench/switches.py                        1,000 drones among 1,000 false plots, three runs
    python bench/switches.py --rate --seeds 6       with range rate
    python bench/switches.py --drones 5000
    python bench/switches.py --formation            25 drones, 50 m apart, among 100 false plots

The plots that a track used tell whom it followed. *Named at first sight*: the track that a drone was given never
followed it; two drones were first shown within their errors of one another, and when they part it looks like a change.
*Exchanged*: two tracks met and each went on with the other's drone. *Went on with another*: only the one did, and a
track that began later follows the drone. *Lost*: the track ended, or followed nobody, and another follows the drone.
"""

from __future__ import annotations

import argparse
from collections import Counter

import numpy as np

from luchtwacht.kernels import warm
from luchtwacht.model import Associations, Tracks, TrackStatus
from luchtwacht.tracking import Tracker
from tracking import SECOND, START_NS, Scene, make, pair_up

SEEN = 2
"""plots in a row that make a stay: one may be a mistake"""
CAUSES = ("named at first sight", "exchanged", "went on with another", "lost")
Stays = list[tuple[int, int]]
"""whom a track followed, one after another, and since which scan; -1 is nobody"""


def stays(scene: Scene, used: list[Associations]) -> dict[int, Stays]:
    """By track."""
    whose = np.concatenate(scene.owners)
    scans = np.repeat(np.arange(len(scene.owners)), [len(each) for each in scene.owners])
    followed: dict[int, dict[int, int]] = {}
    for said in used:
        sure = said.take(said.probability > 0.5)
        for track, detection in zip(sure.track.tolist(), sure.detection.tolist(), strict=True):
            followed.setdefault(track, {})[int(scans[detection])] = int(whose[detection])
    return {track: in_turn(plots) for track, plots in followed.items()}


def in_turn(plots: dict[int, int]) -> Stays:
    """From whose plot was used in which scan."""
    runs: list[list[int]] = []
    for scan, drone in sorted(plots.items()):
        if runs and runs[-1][0] == drone:
            runs[-1][2] += 1
        else:
            runs.append([drone, scan, 1])
    found: Stays = []
    for drone, scan, count in runs:
        if count >= SEEN and (not found or found[-1][0] != drone):
            found.append((drone, scan))
    return found


def cause(drone: int, before: Stays, now: Stays) -> str:
    """Why `drone` is no longer under the number of a track with the stays `before`, but of one with those `now`."""
    whom = [each for each, _ in before]
    if drone not in whom:
        return CAUSES[0]
    after = whom[whom.index(drone) + 1 :]
    there = [each for each, _ in now]
    came_from = there[: there.index(drone)] if drone in there else []
    if not after or after[0] < 0:
        return CAUSES[3]
    return CAUSES[1] if came_from and came_from[-1] == after[0] else CAUSES[2]


def follow(scene: Scene) -> tuple[Counter[str], int]:
    """Changes by cause, and how many true drones and scans there were."""
    tracker, owner = Tracker(scene.site), dict[int, int]()
    used, changed, drones = [], [], 0
    for scan, (detections, truth, alive) in enumerate(zip(scene.plots, scene.truth, scene.alive, strict=True)):
        tracks, said = tracker.step(START_NS + scan * SECOND, detections)
        used.append(said)
        tracks = shown(tracks)
        changed += pair_up(owner, alive, truth, tracks.x[:, :3], tracks.track)[1]
        drones += len(alive)
    by = stays(scene, used)
    return Counter(cause(drone, by.get(old, []), by.get(new, [])) for drone, old, new in changed), drones


def shown(tracks: Tracks) -> Tracks:
    """As in `bench/tracking.py`."""
    sure = np.trace(tracks.P[:, :3, :3], axis1=1, axis2=2) < 7500.0
    return tracks.take((tracks.status == TrackStatus.CONFIRMED) & sure)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--drones", type=int, default=1000)
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--rate", action="store_true", help="with range rate")
    options.add_argument("--formation", action="store_true", help="25 drones in formation")
    asked = options.parse_args()
    for _ in warm():
        pass
    total, drones = Counter[str](), 0
    for seed in range(1, asked.seeds + 1):
        size = (25, 100, 40, asked.rate, 50.0) if asked.formation else (asked.drones, 1000, 40, asked.rate)
        causes, count = follow(make(seed, *size))
        total, drones = total + causes, drones + count
    for name in CAUSES:
        print(f"{name:<24}{1e3 * total[name] / drones:>7.2f} in a thousand drones and scans")
    print(f"{'all':<24}{1e3 * sum(total.values()) / drones:>7.2f}")


if __name__ == "__main__":
    main()
