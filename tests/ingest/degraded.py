"""Two radars, a Remote ID receiver and eight drones over a made-up field; a sensor may change while it works."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from luchtwacht.model import Event, Format, Notice, Place, Sensor, SensorKind, SensorMeasured, Site, Source
from luchtwacht.pipeline import Pipeline
from luchtwacht.runtime.feed import Arrival, PlayedFeed, to_inputs
from luchtwacht.simulation import ObjectKind, RemoteIdOutput, Scenario, SensorBehaviour, SimulatedObject, simulate
from luchtwacht.simulation.scenario import AdsBOutput, Emission, Loiter, Point, Wander
from luchtwacht.units import SECOND_NS, seconds_to_ns

START_NS = 1_777_765_200 * SECOND_NS
ORIGIN = Place(latitude=52.0, longitude=5.0, height=44.0)
EAST_M = 2_000.0


def place(east: float, north: float, height: float = 55.0) -> Place:
    bare = Site(id="s", name="s", origin=ORIGIN, sources=(), sensors=())
    latitude, longitude, _ = np.degrees(bare.frame.from_enu([east, north, 0.0]))
    return Place(latitude=float(latitude), longitude=float(longitude), height=height)


def radar(name: str, sic: int, east: float, **declared: object) -> Sensor:
    made = Sensor(
        id=name, kind=SensorKind.RADAR_3D, source=name, place=place(east, 0.0), sac=1, sic=sic,
        range_sigma_m=8.0, azimuth_sigma_deg=0.5, elevation_sigma_deg=0.8, probability_of_detection=0.9,
        false_reports=3.0, range_min_m=100.0, range_max_m=6_000.0, elevation_min_deg=-5.0, elevation_max_deg=60.0,
        rcs_offset_db=-56.0,
    )  # fmt: skip
    return replace(made, **declared)  # type: ignore[arg-type]


def field(**declared: object) -> Site:
    return Site(
        id="field", name="A field", origin=ORIGIN, geoid_undulation_m=44.0,
        sources=(
            Source(id="west", format=Format.ASTERIX),
            Source(id="east", format=Format.ASTERIX),
            Source(id="rid", format=Format.REMOTE_ID),
        ),
        sensors=(
            radar("west", 1, 0.0, **declared),
            radar("east", 2, EAST_M, **declared),
            Sensor(
                id="rid", kind=SensorKind.REMOTE_ID_RECEIVER, source="rid", place=place(1_000.0, 500.0), key="rid",
                range_max_m=8_000.0,
            ),
        ),
    )  # fmt: skip


_COURSES: tuple[tuple[Point, float, float], ...] = (
    ((1_500.0, 1_200.0, 100.0), 500.0, 14.0),
    ((-800.0, 1_800.0, 120.0), 400.0, 10.0),
    ((-1_500.0, -900.0, 90.0), 600.0, 16.0),
    ((900.0, -1_600.0, 110.0), 500.0, 12.0),
    ((2_900.0, -1_500.0, 130.0), 400.0, 15.0),
    ((3_300.0, 900.0, 80.0), 300.0, 9.0),
    ((600.0, 2_600.0, 100.0), 500.0, 13.0),
    ((-2_300.0, 600.0, 150.0), 500.0, 18.0),
)


def drones(duration_s: float, claiming: int, shifted: dict[int, Point]) -> tuple[SimulatedObject, ...]:
    """The first `claiming` of them say where they are, some of them wrongly."""
    return tuple(
        SimulatedObject(
            id=f"drone-{k}",
            kind=ObjectKind.MULTIROTOR,
            at=at,
            legs=(Loiter(radius_m=radius, speed_m_s=speed, seconds=duration_s, clockwise=k % 2 == 0),),
            remote_id=RemoteIdOutput(
                serial=f"1234D{k:03d}TEST0000{k}",
                mac=f"02:00:00:00:00:{k + 1:02x}",
                offset=shifted.get(k, (0.0, 0.0, 0.0)),
            )
            if k < claiming
            else None,
            rcs_dbsm=-8.0,
        )
        for k, (at, radius, speed) in enumerate(_COURSES)
    )


def world(
    duration_s: float,
    *behaviours: SensorBehaviour,
    claiming: int = 4,
    shifted: dict[int, Point] | None = None,
    seed: int = 1,
    site: Site | None = None,
) -> Scenario:
    return Scenario(
        name="field", site=site or field(), duration_s=duration_s, seed=seed,
        objects=drones(duration_s, claiming, shifted or {}), behaviours=behaviours,
    )  # fmt: skip


def busy_field() -> Site:
    """The same field, with a direction finder and an ADS-B receiver as well."""
    bare = field()
    return replace(
        bare,
        sources=(*bare.sources, Source(id="rf", format=Format.ASTERIX), Source(id="adsb", format=Format.READSB)),
        sensors=(
            *bare.sensors,
            Sensor(
                id="rf", kind=SensorKind.RF_DIRECTION_FINDER, source="rf", place=place(500.0, 1_500.0), sac=1, sic=3,
                azimuth_sigma_deg=2.0, probability_of_detection=0.85, false_reports=0.05, range_max_m=6_000.0,
                silent_after_s=30.0,
            ),
            Sensor(
                id="adsb", kind=SensorKind.ADS_B_RECEIVER, source="adsb", place=place(1_000.0, 500.0), key="adsb",
                range_max_m=60_000.0, silent_after_s=20.0,
            ),
        ),
    )  # fmt: skip


def busy_world(duration_s: float, *behaviours: SensorBehaviour, seed: int = 1) -> Scenario:
    """Its eight drones, three of them on a control link that can be heard; a helicopter, a light aeroplane, birds."""
    flown = tuple(
        replace(each, emission=Emission() if k in (1, 4, 6) else None)
        for k, each in enumerate(drones(duration_s, 4, {}))
    )

    def round_trip(name: str, at: Point, radius: float, speed: float, icao: str, kind: ObjectKind) -> SimulatedObject:
        legs = (Loiter(radius_m=radius, speed_m_s=speed, seconds=duration_s),)
        return SimulatedObject(id=name, kind=kind, at=at, legs=legs, ads_b=AdsBOutput(icao=icao))

    def flock(name: str, at: Point) -> SimulatedObject:
        legs = (Wander(radius_m=400.0, speed_m_s=10.0, seconds=duration_s, thermals=True),)
        return SimulatedObject(id=name, kind=ObjectKind.BIRD, at=at, legs=legs, count=4, rcs_dbsm=-32.0)

    others = (
        round_trip("helicopter", (0.0, 3_000.0, 250.0), 1_500.0, 50.0, "f0c0de", ObjectKind.HELICOPTER),
        round_trip("aeroplane", (2_500.0, -3_500.0, 600.0), 2_000.0, 60.0, "f0c0df", ObjectKind.AEROPLANE),
        flock("gulls", (1_200.0, 700.0, 60.0)),
        flock("crows", (-1_000.0, -400.0, 40.0)),
    )
    return Scenario(
        name="busy field", site=busy_field(), duration_s=duration_s, seed=seed, objects=(*flown, *others),
        behaviours=behaviours,
    )  # fmt: skip


def arrivals(scenario: Scenario, from_s: float = 0.0) -> list[Arrival]:
    """What arrives from `from_s` on."""
    border = START_NS + seconds_to_ns(from_s)
    return [each for each in simulate(scenario, START_NS) if each[0] >= border]


@dataclass
class Heard:
    """What a run said."""

    events: list[Event]
    pipeline: Pipeline
    sequence: int
    """of the next input"""

    def notices(self, sensor: str | None = None) -> list[tuple[float, str, str]]:
        return [
            ((each.time_ns - START_NS) / SECOND_NS, each.kind.value, each.detail)
            for each in self.events
            if isinstance(each, Notice) and sensor in (None, each.subject)
        ]

    def measured(self, sensor: str) -> SensorMeasured:
        return [each for each in self.events if isinstance(each, SensorMeasured) and each.sensor == sensor][-1]


def play(site: Site, arriving: list[Arrival], *, settle: bool = True) -> Heard:
    """A fresh pipeline that takes these in; without `settle`, stopped in the midst."""
    return go_on(Pipeline(site), 1, arriving, settle=settle)


def go_on(pipeline: Pipeline, sequence: int, arriving: list[Arrival], *, settle: bool = True) -> Heard:
    """The pipeline takes these in, numbered from `sequence`."""
    site = pipeline.site
    feed = PlayedFeed(
        lambda: arriving,
        step_ns=seconds_to_ns(site.step_s),
        settle_ns=seconds_to_ns(site.reorder_s + site.step_s) if settle else 0,
    )
    said: list[Event] = []
    for moment in feed.moments():
        inputs = to_inputs(moment, sequence)
        sequence += len(moment.arrivals) + moment.tick
        said += [each for each in pipeline.step(inputs) if isinstance(each, Notice | SensorMeasured)]
    return Heard(said, pipeline, sequence)
