"""How long a round of zone verdicts takes: 1,000 tracks against 500 zones over a region of 100 by 100 km.

    python bench/airspace.py

Beside it stands the plain way: every track against every zone with Shapely, and no uncertainty at all.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime

import numpy as np
import shapely

from luchtwacht.airspace import Airspace
from luchtwacht.model import (
    Applicability,
    Circle,
    DailyPeriod,
    Identities,
    Place,
    Restriction,
    Site,
    Tracks,
    TrackStatus,
    Volume,
    Zone,
)
from luchtwacht.units import datetime_to_ns

NOW_NS = datetime_to_ns(datetime(2026, 5, 3, 1, 40, tzinfo=UTC))


def a_site(zones: int, rng: np.random.Generator) -> Site:
    """Half circles, half polygons with 60 corners; a quarter of them with a weekly schedule."""
    made = []
    for number in range(zones):
        longitude, latitude = rng.uniform(4.3, 5.7), rng.uniform(51.6, 52.4)
        radius = rng.uniform(300.0, 3_000.0)
        if number % 2:
            volume = Volume(circle=Circle(latitude=latitude, longitude=longitude, radius=radius), upper=120.0)
        else:
            angle = np.linspace(0.0, 2.0 * np.pi, 61)
            reach = radius / 111_000.0 * rng.uniform(0.6, 1.0, 61)
            ring = tuple(
                zip(
                    (longitude + 1.6 * reach * np.cos(angle)).tolist(),
                    (latitude + reach * np.sin(angle)).tolist(),
                    strict=True,
                )
            )
            volume = Volume(polygon=(ring,), upper=None)
        schedule = (DailyPeriod(start="22:00", end="06:00"),) if number % 4 == 0 else ()
        made.append(
            Zone(
                id=f"z{number:03}",
                name="",
                restriction=Restriction.PROHIBITED,
                volumes=(volume,),
                applicability=(Applicability(schedule=schedule),),
                time_zone="Europe/Amsterdam",
            )
        )
    return Site(
        id="bench",
        name="",
        origin=Place(latitude=52.0, longitude=5.0, height=43.0),
        sources=(),
        sensors=(),
        zones=tuple(made),
        geoid_undulation_m=43.0,
    )


def some_tracks(count: int, rng: np.random.Generator) -> Tracks:
    """Drones all over the region, with errors of 5 to 30 m."""
    x = np.concatenate(
        [
            rng.uniform(-45_000.0, 45_000.0, (count, 2)),
            rng.uniform(20.0, 150.0, (count, 1)),
            rng.normal(0.0, 8.0, (count, 2)),
            rng.normal(0.0, 1.0, (count, 1)),
        ],
        axis=1,
    )
    sigma = np.concatenate([rng.uniform(5.0, 30.0, (count, 3)), rng.uniform(0.5, 2.0, (count, 3))], axis=1)
    return Tracks.unknown(
        count,
        track=np.arange(1, count + 1),
        time_ns=NOW_NS,
        status=int(TrackStatus.CONFIRMED),
        x=x,
        P=sigma[:, :, None] ** 2 * np.eye(6),
        category_probability=[0.9, 0.05, 0.03, 0.01, 0.01],
    )


def main() -> None:
    rng = np.random.default_rng(1)
    tracks_count, zones_count = (int(each) for each in (sys.argv[1:] or ["1000", "500"]))
    started = time.perf_counter()
    airspace = Airspace(site := a_site(zones_count, rng))
    built = time.perf_counter() - started
    tracks = some_tracks(tracks_count, rng)
    airspace.check(NOW_NS, tracks, Identities.empty())
    took = []
    for step in range(20):
        started = time.perf_counter()
        findings = airspace.check(NOW_NS + step * 500_000_000, tracks, Identities.empty())
        took.append(time.perf_counter() - started)
    outlines = [each.footprint for each in airspace._register.in_force(NOW_NS)]
    points = shapely.points(tracks.x[:, :2])
    started = time.perf_counter()
    for outline in outlines:
        shapely.contains(outline, points)
        shapely.distance(shapely.boundary(outline), points)
    plain = time.perf_counter() - started
    print(f"{len(tracks)} tracks, {len(site.zones)} zones ({len(outlines)} in force), {len(findings)} findings")
    print(f"  zones worked out       {built * 1e3:9.1f} ms, once")
    print(f"  one round, median      {np.median(took) * 1e3:9.1f} ms")
    print(f"  one round, worst of 20 {max(took) * 1e3:9.1f} ms")
    print(f"  plain Shapely          {plain * 1e3:9.1f} ms   ratio {plain / np.median(took):.1f}")


if __name__ == "__main__":
    main()
