"""A made-up flight and what a made-up watch said of it, with every figure known beforehand."""

from __future__ import annotations

import numpy as np

from luchtwacht.model import (
    Associations,
    Basis,
    Category,
    Circle,
    Detected,
    Detections,
    Format,
    Geometry,
    Place,
    Restriction,
    Sensor,
    SensorKind,
    Site,
    Source,
    Tracked,
    Tracks,
    TrackStatus,
    Truth,
    Volume,
    Zone,
)

START_NS = 1_700_000_000_000_000_000
STEP_NS = 500_000_000

SITE = Site(
    id="made-up",
    name="Made-up site",
    origin=Place(latitude=52.0, longitude=5.0),
    sources=(Source(id="feed", format=Format.ASTERIX),),
    sensors=(
        Sensor(
            id="radar",
            kind=SensorKind.RADAR_3D,
            source="feed",
            place=Place(latitude=52.0, longitude=5.0),
            range_sigma_m=5.0,
            azimuth_sigma_deg=0.3,
        ),
        Sensor(
            id="finder", kind=SensorKind.RF_DIRECTION_FINDER, source="feed", place=Place(latitude=52.0, longitude=5.0)
        ),
    ),
    zones=(
        Zone(
            id="disc",
            name="Disc",
            restriction=Restriction.PROHIBITED,
            volumes=(Volume(circle=Circle(latitude=52.0, longitude=5.0, radius=500.0), upper=200.0),),
        ),
    ),
)


def straight_truth(
    seconds: float = 100.0,
    *,
    name: str = "drone",
    start: tuple[float, float, float] = (-1000.0, 0.0, 50.0),
    velocity: tuple[float, float, float] = (10.0, 0.0, 0.0),
    category: Category = Category.MULTIROTOR,
    permitted: int = 0,
    from_s: float = 0.0,
) -> Truth:
    """An object that flies straight, known ten times a second."""
    times = np.arange(round(from_s * 10), round((from_s + seconds) * 10) + 1)
    along = (times / 10 - from_s)[:, None]
    return Truth.unknown(
        len(times),
        object=name,
        time_ns=START_NS + times * 100_000_000,
        category=int(category),
        permitted=permitted,
        position=np.array(start) + along * np.array(velocity),
        velocity=np.array(velocity),
    )


def track_events(
    rows: list[tuple[int, int, TrackStatus, tuple[float, float, float]]],
    *,
    velocity: tuple[float, float, float] = (10.0, 0.0, 0.0),
    sigma: float = 5.0,
    category: Category = Category.MULTIROTOR,
) -> list[Tracked]:
    """Events from (step, track, status, position) rows; a step is half a second."""
    events = []
    for step in sorted({row[0] for row in rows}):
        mine = [row for row in rows if row[0] == step]
        likely = np.full(5, 0.02)
        likely[category] = 0.92
        tracks = Tracks.unknown(
            len(mine),
            track=[row[1] for row in mine],
            time_ns=START_NS + step * STEP_NS,
            started_ns=START_NS,
            confirmed_ns=START_NS + 2_000_000_000,
            updated_ns=START_NS + step * STEP_NS,
            status=[int(row[2]) for row in mine],
            basis=int(Basis.MEASURED),
            x=np.array([[*row[3], *velocity] for row in mine]),
            P=np.broadcast_to(np.eye(6) * sigma**2, (len(mine), 6, 6)),
            existence=0.99,
            updates=5,
            sensors=1,
            category_probability=likely,
        )
        events.append(Tracked(time_ns=START_NS + step * STEP_NS, tracks=tracks, associations=Associations.empty()))
    return events


def on_course(step: int, *, off: float = 0.0) -> tuple[float, float, float]:
    """Where `straight_truth` is at a step, moved to the north by `off` metres."""
    return -1000.0 + 5.0 * step, off, 50.0


def polar_reports(sensor: int, rows: list[tuple[float, tuple[float, float, float]]]) -> Detected:
    """One event with (second, (range, azimuth, elevation)) reports; NaN is not measured."""
    z = np.array([[*polar, np.nan] for _, polar in rows])
    detections = Detections.unknown(
        len(rows),
        id=np.arange(len(rows)),
        time_ns=[START_NS + round(second * 1e9) for second, _ in rows],
        received_ns=[START_NS + round((second + 0.2) * 1e9) for second, _ in rows],
        sensor=sensor,
        geometry=int(Geometry.POLAR),
        z=z,
        filtered=False,
    )
    return Detected(time_ns=START_NS, detections=detections)
