"""The scenario: a site, what moves there, and how the sensors really behave. One TOML file (docs/formats/scenario.md).

Places are [east, north, height] in metres: east and north of the site's origin, height above the ground. Times are
seconds from the start.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from importlib.resources import files
from math import cos, inf, sin
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np

from luchtwacht import config
from luchtwacht.errors import BadConfiguration
from luchtwacht.ingest import load_site
from luchtwacht.model import Category, Sensor, Site
from luchtwacht.simulation.limits import Amount, Count, Positive, Share
from luchtwacht.simulation.weather import Weather
from luchtwacht.units import DEGREE

_RAID_STREAM = 5

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
    carried: bool = False
    """whether its speeds are through the air, so that wind carries it; others keep the speed they are told over
    ground"""


HABITS = {
    ObjectKind.MULTIROTOR: Habit(Category.MULTIROTOR, -17.0, 5.0, 0.25),
    ObjectKind.FIXED_WING_DRONE: Habit(Category.FIXED_WING_DRONE, -18.0, 6.0, 0.6, carried=True),
    ObjectKind.BIRD: Habit(Category.BIRD, -30.0, 1.5, 0.0, carried=True),
    ObjectKind.HELICOPTER: Habit(Category.CREWED_AIRCRAFT, 6.0, 10.0, 0.3),
    ObjectKind.AEROPLANE: Habit(Category.CREWED_AIRCRAFT, 6.0, 12.0, 0.3, carried=True),
    ObjectKind.VEHICLE: Habit(Category.OTHER, 8.0, 3.0, 0.0),
}


class Fly(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag="fly"):
    """Straight to a point. Straight up is a take-off, straight down a landing."""

    to: Point
    speed_m_s: Positive


class Route(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag="route"):
    """Along a road, or a round of waypoints."""

    along: Annotated[tuple[Point, ...], msgspec.Meta(min_length=1)]
    speed_m_s: Positive
    laps: Count = 1
    """how often; after the last point the first again"""


class Hover(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag="hover"):
    """Stay, for so long."""

    seconds: Positive


class Loiter(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag="loiter"):
    """Fly circles, entered along the present course."""

    radius_m: Positive
    speed_m_s: Positive
    seconds: Positive
    clockwise: bool = True


class Wander(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag="wander"):
    """Drift about as birds do: glides, turns at random, circling in thermals; never far from where it began."""

    radius_m: Positive
    speed_m_s: Positive
    seconds: Positive
    thermals: bool = False
    climb_m_s: float = 1.5
    """in a thermal"""


Leg = Fly | Route | Hover | Loiter | Wander
"""What an object can be told to do."""


class Heights(StrEnum):
    """What an object's heights are above."""

    GROUND = "ground"
    """the land under it: it follows the hills"""
    SEA = "sea"


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Some members of a swarm leave it and go their own way, keeping their places among each other."""

    at_s: Positive
    """seconds after the swarm's start"""
    members: tuple[Count, ...]
    """their numbers, the first of the swarm being 1"""
    legs: tuple[Leg, ...]


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
    start_s: Amount = 0.0
    """before this it is not there"""
    count: Count = 1
    """a flock, swarm or convoy of so many; the others are named after the first: `gulls-2`"""
    spacing_m: Positive = 30.0
    """between neighbours in a flock, swarm or convoy"""
    splits: tuple[Split, ...] = ()
    heights: Heights = Heights.GROUND
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


Span = tuple[float, float]
"""from and to"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raid:
    """Many that come from afar to one place, each on a course of its own; drawn from the seed."""

    id: str
    """they are called `id-1`, `id-2` and so on"""
    count: Count
    to: Point
    """where they go; there they circle"""
    kind: ObjectKind = ObjectKind.MULTIROTOR
    from_deg: Span = (0.0, 360.0)
    """directions from which they come, clockwise; all round when both are the same"""
    distance_m: Span = (3000.0, 6000.0)
    height_m: Span = (40.0, 120.0)
    speed_m_s: Span = (10.0, 25.0)
    start_s: Span = (0.0, 30.0)
    spread_m: Amount = 200.0
    """standard deviation of where each goes about `to`, per axis"""
    rcs_dbsm: Span | None = None
    """mean cross-sections; the kind's own when none"""

    def objects(self, seed: list[int]) -> Iterator[SimulatedObject]:
        """Its members."""
        rng = np.random.default_rng(seed)
        for number in range(1, self.count + 1):
            bearing = self.from_deg[0] + rng.random() * ((self.from_deg[1] - self.from_deg[0]) % 360.0 or 360.0)
            distance, height = rng.uniform(*self.distance_m), rng.uniform(*self.height_m)
            speed, start = rng.uniform(*self.speed_m_s), rng.uniform(*self.start_s)
            aim = np.array(self.to[:2]) + rng.normal(0.0, self.spread_m, 2)
            course = bearing * DEGREE
            yield SimulatedObject(
                id=f"{self.id}-{number}",
                kind=self.kind,
                at=(self.to[0] + distance * sin(course), self.to[1] + distance * cos(course), height),
                legs=(
                    Fly(to=(float(aim[0]), float(aim[1]), self.to[2]), speed_m_s=speed),
                    Loiter(radius_m=max(80.0, 5.0 * speed), speed_m_s=speed, seconds=3600.0),
                ),
                start_s=start,
                rcs_dbsm=None if self.rcs_dbsm is None else rng.uniform(*self.rcs_dbsm),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Clutter:
    """A place that gives false reports: a wind turbine, a busy road, a breaking sea.

    A spot, a line or an area: one of `at`, `along` and `area` says which.
    """

    at: Point | None = None
    """the middle of a spot of `radius_m`"""
    along: tuple[Point, ...] = ()
    """a road or a coast, `radius_m` to either side"""
    area: tuple[Point, ...] = ()
    """the corners of a sea, a wood, a wind park; any that does not cross itself"""
    radius_m: Amount = 0.0
    reports: Amount
    """expected number a period"""
    from_s: Amount = 0.0
    to_s: Positive = inf
    speed_m_s: Amount = 3.0
    """standard deviation of the range rate"""
    rcs_dbsm: float = -10.0

    def __post_init__(self) -> None:
        if (self.at is not None) + bool(self.along) + bool(self.area) != 1:
            raise ValueError("clutter needs one of `at`, `along` and `area`")
        if len(self.along) == 1 or 0 < len(self.area) < 3:
            raise ValueError("clutter `along` a line needs two points, in an `area` three")


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """Interference: for a while a sensor reports much that is not there, from one direction."""

    from_s: Amount
    to_s: Positive
    reports: Amount
    """expected number a period, on top of the others"""
    azimuth_deg: float = 0.0
    """middle of the direction it comes from"""
    width_deg: float = 360.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorBehaviour:
    """How a sensor really behaves, which the watch is not told. What is not given is as the site declares it."""

    id: str
    """`Sensor.id`"""
    probability_of_detection: Share | None = None
    false_reports: Amount | None = None
    range_sigma_m: Amount | None = None
    azimuth_sigma_deg: Amount | None = None
    elevation_sigma_deg: Amount | None = None
    doppler_sigma_m_s: Amount | None = None
    range_bias_m: float = 0.0
    """added to every range"""
    azimuth_bias_deg: float = 0.0
    elevation_bias_deg: float = 0.0
    clock_error_s: float = 0.0
    """the sensor's clock minus the true time, at the start"""
    clock_drift: float = 0.0
    """seconds a second by which the sensor's clock runs fast"""
    latency_s: Amount = 0.05
    """from the end of a look to the bytes' arrival"""
    latency_jitter_s: Amount = 0.0
    """mean of an exponential extra delay per message; larger than the time between messages it reorders them"""
    loss: Share = 0.0
    """share of messages lost on the way"""
    outages: tuple[tuple[float, float], ...] = ()
    """from and to, s: nothing is sent"""
    reference_rcs_dbsm: float = -20.0
    """an object of this radar cross-section is seen with the declared probability as far as `reference_range_m`"""
    reference_range_m: Positive | None = None
    """the sensor's greatest range when none"""
    horizon_deg: tuple[tuple[float, float], ...] = ()
    """(azimuth, elevation) of what stands in the way all round; straight lines between"""
    blind_deg: tuple[tuple[float, float], ...] = ()
    """(from, to), clockwise: sectors in which it sees and reports nothing"""
    resolution_m: Amount = 0.0
    """echoes nearer to one another than this in range and `resolution_deg` in azimuth become one report; 0: never"""
    resolution_deg: Amount = 0.0
    resolution_m_s: Positive = inf
    """unless their range rates differ by more than this"""
    class_right: Share | None = None
    """share of its reports with a class label that is right; the others have the look-alike's. In columns only"""
    class_memory_s: Amount = 0.0
    """a label that is wrong stays wrong for so long; 0: every report errs for itself"""
    clutter: tuple[Clutter, ...] = ()
    bursts: tuple[Burst, ...] = ()
    sectors: Count = 32
    """messages a turn of the antenna"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """The scenario file as written."""

    name: str
    site: str
    """the site file, relative to this one"""
    duration_s: Positive
    seed: int = 1
    description: dict[str, str] = field(default_factory=dict)
    """by language, `nl` and `en`"""
    weather: Weather = field(default_factory=Weather)
    objects: tuple[SimulatedObject, ...] = ()
    raids: tuple[Raid, ...] = ()
    sensors: tuple[SensorBehaviour, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A made-up world: everything that follows, follows from this."""

    name: str
    site: Site
    duration_s: float
    seed: int = 1
    description: dict[str, str] = field(default_factory=dict)
    weather: Weather = field(default_factory=Weather)
    objects: tuple[SimulatedObject, ...] = ()
    raids: tuple[Raid, ...] = ()
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
        ids = [each.id for each in self.objects] + [raid.id for raid in self.raids]
        for name in ids:
            if ids.count(name) > 1:
                raise BadConfiguration(f"two objects are called '{name}'", where=self.name, hint="give each its own id")
        complete = tuple(given.get(sensor.id, SensorBehaviour(id=sensor.id)) for sensor in self.site.sensors)
        object.__setattr__(self, "behaviours", complete)

    def cast(self) -> Iterator[SimulatedObject]:
        """Everything that moves: the objects, and those of the raids, as the seed has them."""
        yield from self.objects
        for number, raid in enumerate(self.raids):
            yield from raid.objects([self.seed, _RAID_STREAM, number])

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
    text = config.read_text(path)
    written = config.loads(text, Declaration, where=str(path))
    places = config.places(text, where=str(path))
    site, _ = load_site(path.parent / written.site)
    for key, what, hint in _wrong(written, site):
        raise BadConfiguration(what, where=places.get(key, str(path)), hint=hint)
    return Scenario(
        name=written.name,
        site=site,
        duration_s=written.duration_s,
        seed=written.seed,
        description=written.description,
        weather=written.weather,
        objects=written.objects,
        raids=written.raids,
        behaviours=written.sensors,
    )


def _wrong(written: Declaration, site: Site) -> Iterator[tuple[tuple[config.Key, ...], str, str]]:
    """What one part of the file says against another or the site: the key, what is wrong, and what to do."""
    known = [sensor.id for sensor in site.sensors]
    seen: set[str] = set()
    for number, behaviour in enumerate(written.sensors):
        key = ("sensors", number, "id")
        if behaviour.id not in known:
            yield key, f"the site has no sensor '{behaviour.id}'", f"its sensors are {', '.join(known)}"
        if behaviour.id in seen:
            yield key, f"sensor '{behaviour.id}' is described twice", "write one table for each"
        seen.add(behaviour.id)
        for spans, name in ((behaviour.outages, "outages"), ([(b.from_s, b.to_s) for b in behaviour.bursts], "bursts")):
            for start, end in spans:
                if end <= start:
                    yield ("sensors", number, name), f"ends at {end:g} s, before it begins at {start:g} s", ""
        if (behaviour.resolution_m > 0.0) != (behaviour.resolution_deg > 0.0):
            yield (
                ("sensors", number, "resolution_m" if behaviour.resolution_m > 0.0 else "resolution_deg"),
                "echoes merge in range and azimuth together",
                "give both resolution_m and resolution_deg",
            )
    names: set[str] = set()
    called = [(("objects", number, "id"), each.id) for number, each in enumerate(written.objects)]
    called += [(("raids", number, "id"), raid.id) for number, raid in enumerate(written.raids)]
    for where, name in called:
        if name in names:
            yield where, f"a second object is called '{name}'", "give each its own id"
        names.add(name)
    for number, thing in enumerate(written.objects):
        for split in thing.splits:
            if split.members and max(split.members) > thing.count:
                yield (
                    ("objects", number, "splits"),
                    f"member {max(split.members)} leaves '{thing.id}', which has {thing.count}",
                    "members are numbered from 1",
                )
    for number, raid in enumerate(written.raids):
        for name in ("distance_m", "height_m", "speed_m_s", "start_s"):
            low, high = getattr(raid, name)
            if high < low or low < 0.0 or (name in ("distance_m", "speed_m_s") and low == 0.0):
                yield ("raids", number, name), f"{name} from {low:g} to {high:g} cannot be", "write the lesser first"


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
