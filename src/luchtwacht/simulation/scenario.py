"""The scenario: a site, what moves there, and how the sensors really behave. One TOML file (docs/formats/scenario.md).

Places are [east, north, height] in metres: east and north of the site's origin, height above the ground. Times are
seconds from the start.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from importlib.resources import files
from math import inf
from pathlib import Path

import msgspec

from luchtwacht import config
from luchtwacht.errors import BadConfiguration
from luchtwacht.model import Category, Sensor, Site

Point = tuple[float, float, float]
"""east and north of the site's origin, height above the ground; m"""


class ObjectKind(StrEnum):
    """What a simulated object is."""

    MULTIROTOR = "multirotor"
    FIXED_WING_DRONE = "fixed_wing_drone"
    BIRD = "bird"
    HELICOPTER = "helicopter"
    AEROPLANE = "aeroplane"
    VEHICLE = "vehicle"


@dataclass(frozen=True, slots=True)
class Habit:
    """What all objects of a kind have in common."""

    category: Category
    rcs_dbsm: float
    """mean radar cross-section at X band"""
    turn_s: float
    """how long a change of course or speed takes"""
    sway_m: float
    """how far wind pushes it about, standard deviation per axis"""


HABITS = {
    ObjectKind.MULTIROTOR: Habit(Category.MULTIROTOR, -17.0, 5.0, 0.25),
    ObjectKind.FIXED_WING_DRONE: Habit(Category.FIXED_WING_DRONE, -18.0, 6.0, 0.6),
    ObjectKind.BIRD: Habit(Category.BIRD, -30.0, 1.5, 0.0),
    ObjectKind.HELICOPTER: Habit(Category.CREWED_AIRCRAFT, 6.0, 10.0, 0.3),
    ObjectKind.AEROPLANE: Habit(Category.CREWED_AIRCRAFT, 6.0, 12.0, 0.3),
    ObjectKind.VEHICLE: Habit(Category.OTHER, 8.0, 3.0, 0.0),
}


class Fly(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag="fly"):
    """Straight to a point. Straight up is a take-off, straight down a landing."""

    to: Point
    speed_m_s: float


class Hover(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag="hover"):
    """Stay, for so long."""

    seconds: float


class Loiter(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag="loiter"):
    """Fly circles, entered along the present course."""

    radius_m: float
    speed_m_s: float
    seconds: float
    clockwise: bool = True


class Wander(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag="wander"):
    """Drift about as birds do: glides, turns at random, circling in thermals; never far from where it began."""

    radius_m: float
    speed_m_s: float
    seconds: float
    thermals: bool = False
    climb_m_s: float = 1.5
    """in a thermal"""


Leg = Fly | Hover | Loiter | Wander
"""What an object can be told to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Emission:
    """A control or video link that a direction finder hears."""

    channel: str = "2.4 GHz"
    """as a direction finder names it, at most seven characters"""
    power_dbm: float = 20.0
    from_s: float = 0.0
    to_s: float = inf


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteIdOutput:
    """Broadcast Remote ID over Wi-Fi beacons (ASTM F3411-22a)."""

    serial: str
    """ANSI/CTA-2063-A serial number"""
    operator_id: str = ""
    mac: str = "02:00:00:00:00:01"
    """of the transmitter; locally administered"""
    pilot: Point | None = None
    """where the pilot stands; the place of take-off when none"""
    period_s: float = 1.0
    power_dbm: float = 18.0
    position_sigma_m: float = 2.0
    """of the satellite navigation on board, per axis; its error changes slowly"""
    offset: Point = (0.0, 0.0, 0.0)
    """m; a lie: added to every position it says"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdsBOutput:
    """ADS-B as a 1090 MHz receiver hears it."""

    icao: str
    """24-bit address, six hexadecimal digits"""
    callsign: str = ""
    emitter: str = "A7"
    """emitter category (DO-260B, table 2-14): A7 is a rotorcraft, A1 a light aeroplane"""
    position_sigma_m: float = 8.0
    offset: Point = (0.0, 0.0, 0.0)
    """m; a lie: added to every position it says"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedObject:
    """One thing that moves, or a formation of them."""

    id: str
    kind: ObjectKind
    at: Point
    """where it begins"""
    legs: tuple[Leg, ...] = ()
    """one after the other; after the last it is gone. Without any it stays where it is"""
    start_s: float = 0.0
    """before this it is not there"""
    count: int = 1
    """a flock or swarm of so many; the others are named after the first: `gulls-2`"""
    spacing_m: float = 30.0
    """between neighbours in a flock or swarm"""
    rcs_dbsm: float | None = None
    """mean radar cross-section; the kind's own when none"""
    permitted: bool = False
    """whether it has permission: truth to evaluate against, told to nobody"""
    emission: Emission | None = None
    remote_id: RemoteIdOutput | None = None
    ads_b: AdsBOutput | None = None

    @property
    def habit(self) -> Habit:
        """What its kind does."""
        return HABITS[self.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clutter:
    """A place that gives false reports: a wind turbine, a busy road, a breaking sea."""

    at: Point
    radius_m: float
    reports: float
    """expected number a period"""
    speed_m_s: float = 3.0
    """standard deviation of the range rate"""
    rcs_dbsm: float = -10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """Interference: for a while a sensor reports much that is not there, from one direction."""

    from_s: float
    to_s: float
    reports: float
    """expected number a period, on top of the others"""
    azimuth_deg: float = 0.0
    """middle of the direction it comes from"""
    width_deg: float = 360.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorBehaviour:
    """How a sensor really behaves, which the watch is not told. What is not given is as the site declares it."""

    id: str
    """`Sensor.id`"""
    probability_of_detection: float | None = None
    false_reports: float | None = None
    range_sigma_m: float | None = None
    azimuth_sigma_deg: float | None = None
    elevation_sigma_deg: float | None = None
    doppler_sigma_m_s: float | None = None
    range_bias_m: float = 0.0
    """added to every range"""
    azimuth_bias_deg: float = 0.0
    elevation_bias_deg: float = 0.0
    clock_error_s: float = 0.0
    """the sensor's clock minus the true time, at the start"""
    clock_drift: float = 0.0
    """seconds a second by which the sensor's clock runs fast"""
    latency_s: float = 0.05
    """from the end of a look to the bytes' arrival"""
    latency_jitter_s: float = 0.0
    """mean of an exponential extra delay per message; larger than the time between messages it reorders them"""
    loss: float = 0.0
    """share of messages lost on the way"""
    outages: tuple[tuple[float, float], ...] = ()
    """from and to, s: nothing is sent"""
    reference_rcs_dbsm: float = -20.0
    """an object of this radar cross-section is seen with the declared probability as far as `reference_range_m`"""
    reference_range_m: float | None = None
    """the sensor's greatest range when none"""
    horizon_deg: tuple[tuple[float, float], ...] = ()
    """(azimuth, elevation) of what stands in the way all round; straight lines between"""
    clutter: tuple[Clutter, ...] = ()
    bursts: tuple[Burst, ...] = ()
    sectors: int = 32
    """messages a turn of the antenna"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """The scenario file as written."""

    name: str
    site: str
    """the site file, relative to this one"""
    duration_s: float
    seed: int = 1
    description: dict[str, str] = field(default_factory=dict)
    """by language, `nl` and `en`"""
    objects: tuple[SimulatedObject, ...] = ()
    sensors: tuple[SensorBehaviour, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A made-up world: everything that follows, follows from this."""

    name: str
    site: Site
    duration_s: float
    seed: int = 1
    description: dict[str, str] = field(default_factory=dict)
    objects: tuple[SimulatedObject, ...] = ()
    behaviours: tuple[SensorBehaviour, ...] = ()
    """one a sensor of the site, in the same order"""

    def __post_init__(self) -> None:
        known = [sensor.id for sensor in self.site.sensors]
        given = {behaviour.id: behaviour for behaviour in self.behaviours}
        for name in given:
            if name not in known:
                raise BadConfiguration(
                    f"the scenario describes sensor '{name}', which the site does not have",
                    where=self.name,
                    hint=f"the site's sensors are {', '.join(known)}",
                )
        sources = [source.id for source in self.site.sources]
        for sensor in self.site.sensors:
            if sensor.source not in sources:
                raise BadConfiguration(
                    f"sensor '{sensor.id}' names source '{sensor.source}', which the site does not have",
                    where=self.site.id,
                    hint=f"the site's sources are {', '.join(sources)}",
                )
        ids = [each.id for each in self.objects]
        for name in ids:
            if ids.count(name) > 1:
                raise BadConfiguration(f"two objects are called '{name}'", where=self.name, hint="give each its own id")
        complete = tuple(given.get(sensor.id, SensorBehaviour(id=sensor.id)) for sensor in self.site.sensors)
        object.__setattr__(self, "behaviours", complete)

    def with_seed(self, seed: int) -> Scenario:
        """The same world with other chances."""
        return replace(self, seed=seed)

    def with_behaviour(self, *behaviours: SensorBehaviour) -> Scenario:
        """The same world with these sensors behaving otherwise."""
        changed = {behaviour.id: behaviour for behaviour in behaviours}
        kept = tuple(each for each in self.behaviours if each.id not in changed)
        return replace(self, behaviours=(*kept, *behaviours))


def as_behaved(sensor: Sensor, behaviour: SensorBehaviour) -> Sensor:
    """The declaration with the hidden truth put in its place: the sensor as it really is."""
    names = (
        "probability_of_detection",
        "false_reports",
        "range_sigma_m",
        "azimuth_sigma_deg",
        "elevation_sigma_deg",
        "doppler_sigma_m_s",
    )
    given = {name: getattr(behaviour, name) for name in names}
    return replace(sensor, **{name: value for name, value in given.items() if value is not None})


def read_scenario(path: Path) -> Scenario:
    """Read a scenario file and the site it names.

    Raises:
        BadConfiguration: a file is missing, or says something that cannot be.
    """
    written = config.load(path, Declaration)
    return Scenario(
        name=written.name,
        site=config.load(path.parent / written.site, Site),
        duration_s=written.duration_s,
        seed=written.seed,
        description=written.description,
        objects=written.objects,
        behaviours=written.sensors,
    )


def embedded_scenario(name: str = "capital_at_night") -> Path:
    """Where the scenario file of that name stands in the installed package.

    Raises:
        BadConfiguration: there is none of that name.
    """
    folder = Path(str(files("luchtwacht.simulation"))) / "scenarios"
    path = folder / name / "scenario.toml"
    if not path.is_file():
        known = sorted(each.parent.name for each in folder.glob("*/scenario.toml"))
        raise BadConfiguration(f"no scenario is called '{name}'", hint=f"there are: {', '.join(known)}")
    return path
