"""Small made-up worlds for the simulator's tests."""

from __future__ import annotations

from luchtwacht.model import Format, Place, Sensor, SensorKind, Site, Source
from luchtwacht.simulation import (
    AdsBOutput,
    Emission,
    ObjectKind,
    RemoteIdOutput,
    Scenario,
    SensorBehaviour,
    SimulatedObject,
)
from luchtwacht.simulation.scenario import Fly, Hover, Leg

START_NS = 1_767_225_600_000_000_000 + 3_600_000_000_000 * 23
"""an hour before midnight UTC"""

HERE = Place(latitude=52.0, longitude=5.0, height=45.0)
RADAR = Sensor(
    id="radar",
    kind=SensorKind.RADAR_3D,
    source="radar",
    place=HERE,
    sac=1,
    sic=2,
    range_sigma_m=10.0,
    azimuth_sigma_deg=0.5,
    elevation_sigma_deg=1.0,
    doppler_sigma_m_s=0.5,
    probability_of_detection=0.8,
    false_reports=4.0,
    range_min_m=50.0,
    range_max_m=8000.0,
    elevation_min_deg=-5.0,
    elevation_max_deg=40.0,
    rcs_offset_db=-70.0,
)
FINDER = Sensor(
    id="finder",
    kind=SensorKind.RF_DIRECTION_FINDER,
    source="finder",
    place=HERE,
    sac=1,
    sic=3,
    azimuth_sigma_deg=2.0,
    probability_of_detection=0.7,
    false_reports=0.3,
    range_max_m=5000.0,
)
RECEIVER = Sensor(
    id="receiver",
    kind=SensorKind.REMOTE_ID_RECEIVER,
    source="receiver",
    place=HERE,
    probability_of_detection=0.9,
    range_max_m=3000.0,
)
ADS_B = Sensor(
    id="ads-b",
    kind=SensorKind.ADS_B_RECEIVER,
    source="ads-b",
    place=HERE,
    probability_of_detection=0.9,
    range_max_m=50_000.0,
)
FORMATS = {"radar": Format.ASTERIX, "finder": Format.ASTERIX, "receiver": Format.REMOTE_ID, "ads-b": Format.READSB}


def site(*sensors: Sensor) -> Site:
    """A site with these sensors, each on a source of its own name."""
    return Site(
        id="flat",
        name="Flat country",
        origin=Place(latitude=52.0, longitude=5.0, height=43.0),
        geoid_undulation_m=43.0,
        sources=tuple(Source(id=each.source, format=FORMATS[each.source]) for each in sensors),
        sensors=sensors,
    )


def drone(
    name: str = "drone",
    *legs: Leg,
    at: tuple[float, float, float] = (2000.0, 0.0, 60.0),
    kind: ObjectKind = ObjectKind.MULTIROTOR,
    rcs_dbsm: float = 30.0,
    start_s: float = 0.0,
    emission: Emission | None = None,
    remote_id: RemoteIdOutput | None = None,
    ads_b: AdsBOutput | None = None,
) -> SimulatedObject:
    """One object; without legs it circles far enough to be always in view. So large that every echo is detectable."""
    return SimulatedObject(
        id=name,
        kind=kind,
        at=at,
        legs=legs or (Fly(to=(2000.0, 3000.0, 60.0), speed_m_s=12.0), Hover(seconds=1000.0)),
        rcs_dbsm=rcs_dbsm,
        start_s=start_s,
        emission=emission,
        remote_id=remote_id,
        ads_b=ads_b,
    )


def world(
    *objects: SimulatedObject,
    sensors: tuple[Sensor, ...] = (RADAR,),
    duration_s: float = 60.0,
    behaviours: tuple[SensorBehaviour, ...] = (),
    seed: int = 1,
) -> Scenario:
    """A scenario of these."""
    return Scenario(
        name="world",
        site=site(*sensors),
        duration_s=duration_s,
        seed=seed,
        objects=objects,
        behaviours=behaviours,
    )
