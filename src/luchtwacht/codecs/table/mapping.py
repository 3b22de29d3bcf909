"""The mapping: which column of a table is what, in which unit. The format is described in docs/formats/table.md.

One table may carry several kinds of report (a radar's tracks, its plots and its status in one file); each `[[reports]]`
says which lines it reads and what of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import StrEnum
from math import pi

from luchtwacht.config import loads
from luchtwacht.errors import BadConfiguration
from luchtwacht.model import Category, SensorState
from luchtwacht.units import FOOT, KNOT, NAUTICAL_MILE

UNITS: dict[str, float] = {
    "": 1.0,
    "m": 1.0,
    "km": 1000.0,
    "ft": FOOT,
    "NM": NAUTICAL_MILE,
    "m/s": 1.0,
    "km/h": 1.0 / 3.6,
    "kt": KNOT,
    "rad": 1.0,
    "deg": pi / 180.0,
    "dB": 1.0,
    "Hz": 1.0,
}
"""factor to SI"""

TIME_UNITS: dict[str, int] = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}
"""since 1970-01-01 UTC, in nanoseconds; and "iso8601" """


class Layout(StrEnum):
    """How the lines are written."""

    DELIMITED = "delimited"
    """cells between delimiters; the first line names the columns"""
    JSON = "json"
    """one object a line; a column is a key, and dots go inward: `position.lat`, `alarms.0`"""


class ReportKind(StrEnum):
    """What a line of this kind holds."""

    POSITION = "position"
    """latitude, longitude and perhaps a height"""
    POLAR = "polar"
    """any of range, azimuth, elevation, as the sensor measured them"""
    CLAIM = "claim"
    """latitude, longitude and an identity, as an aircraft or its pilot says: telemetry of the own fleet"""
    STATUS = "status"
    """a sign of life of the sensor, perhaps with its state"""
    IGNORED = "ignored"
    """nothing for the watch: said here, so that it is not counted as something nobody understood"""


class HeightDatum(StrEnum):
    """From where a height is counted."""

    WGS84 = "WGS84"
    AMSL = "AMSL"
    AGL = "AGL"
    SENSOR = "SENSOR"
    """above the sensor"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number in a column: (text + offset) times the unit, in SI."""

    column: str
    unit: str = ""
    offset: float = 0.0
    """added in the column's unit: a bearing counted from 8 degrees east of north has 8"""
    missing: tuple[str, ...] = ()
    """texts that stand for "not measured", besides the empty one"""
    at_least: float | None = None
    """in the column's unit: what is less becomes this; for standard deviations that a sensor gives too small"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeColumn:
    """A time in a column."""

    column: str
    unit: str
    """s, ms, us, ns since 1970-01-01 UTC, or iso8601 (without a zone: UTC)"""
    offset_s: float = 0.0
    """added: for whole seconds that stand for the second that begins, 0.5 is its middle"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextColumn:
    """A text in a column."""

    column: str
    prefix: str = ""
    """put before it when it is not empty: `uas:` makes a serial number an identity"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryColumn:
    """The sensor's opinion of what it saw, as likelihoods of what it said given each category."""

    column: str
    values: dict[str, dict[str, float]] = field(default_factory=dict)
    """text to category (lower case: multirotor, fixed_wing_drone, bird, crewed_aircraft, other) to likelihood; a
    category that is not named is 1"""
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """text to the categories that it is a word for; how far it is to be trusted is the sensor's declared confusion"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateColumn:
    """What a sensor says of itself: the texts that stand for each state. Any other text is degraded."""

    column: str
    operational: tuple[str, ...]
    degraded: tuple[str, ...] = ()
    down: tuple[str, ...] = ()

    def state(self, text: str) -> SensorState:
        """The state that a text stands for."""
        if text in self.operational:
            return SensorState.OPERATIONAL
        return SensorState.DOWN if text in self.down else SensorState.DEGRADED


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMapping:
    """One kind of report in a table."""

    name: str
    kind: ReportKind
    sensor: str = ""
    """`Sensor.id`; empty only when ignored"""
    present: tuple[str, ...] = ()
    """columns that must not be empty for a line to hold this report"""
    equal: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """column to texts, one of which it must be"""
    simulated: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """column to texts that mark a simulated or test target: such a report is kept out of the live picture"""
    distinct: tuple[str, ...] = ()
    """columns by which a report that is repeated is known; the repetitions are passed over and counted"""
    filtered: bool = False
    """the sensor's tracker made it of many plots"""
    time: TimeColumn | None = None
    """of measurement; the time of receipt when none"""
    latitude: Quantity | None = None
    longitude: Quantity | None = None
    height: Quantity | None = None
    height_datum: HeightDatum = HeightDatum.AMSL
    range: Quantity | None = None
    azimuth: Quantity | None = None
    """clockwise from true north"""
    elevation: Quantity | None = None
    range_rate: Quantity | None = None
    """positive away"""
    east: Quantity | None = None
    north: Quantity | None = None
    climb: Quantity | None = None
    """of a claim: velocity, with `east` and `north` or with `speed` and `track`"""
    speed: Quantity | None = None
    """over ground"""
    track: Quantity | None = None
    """direction of flight, clockwise from true north"""
    pilot_latitude: Quantity | None = None
    pilot_longitude: Quantity | None = None
    aircraft_id: TextColumn | None = None
    """of a claim: who it says it is"""
    callsign: TextColumn | None = None
    operator_id: TextColumn | None = None
    range_sigma: Quantity | None = None
    azimuth_sigma: Quantity | None = None
    elevation_sigma: Quantity | None = None
    position_sigma: Quantity | None = None
    """per horizontal axis"""
    height_sigma: Quantity | None = None
    snr: Quantity | None = None
    """dB"""
    rcs: Quantity | None = None
    """dB over one square metre"""
    modulation: Quantity | None = None
    """rate at which the echo is modulated: rotor blades, wings; 0 for none"""
    number: Quantity | None = None
    """the sensor's own number of the track or emitter"""
    category: CategoryColumn | None = None
    state: StateColumn | None = None
    """of a status; operational when none"""

    def quantities(self) -> dict[str, Quantity]:
        """Name to column, for everything that is a number."""
        named = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in named.items() if isinstance(value, Quantity)}

    def texts(self) -> dict[str, TextColumn]:
        """Name to column, for everything that is a text."""
        named = {"aircraft_id": self.aircraft_id, "callsign": self.callsign, "operator_id": self.operator_id}
        return {name: column for name, column in named.items() if column is not None}

    def columns(self) -> tuple[str, ...]:
        """Every column that this report reads, each once."""
        names = [*self.present, *self.equal, *self.simulated, *self.distinct]
        names += [each.column for each in self.quantities().values()]
        names += [each.column for each in self.texts().values()]
        names += [each.column for each in (self.time, self.category, self.state) if each is not None]
        return tuple(dict.fromkeys(names))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """One table."""

    reports: tuple[ReportMapping, ...]
    received: TimeColumn | None = None
    """when the recorder received a line; a recording is paced by it, live lines need none"""
    layout: Layout = Layout.DELIMITED
    delimiter: str = ","

    def columns(self) -> tuple[str, ...]:
        """Every column that is read, each once."""
        names = [self.received.column] if self.received else []
        names += [name for report in self.reports for name in report.columns()]
        return tuple(dict.fromkeys(names))


_ANGLE = ("deg", "rad")
_LENGTH = ("m", "km", "ft", "NM")
_SPEED = ("m/s", "km/h", "kt")
_RATIO = ("dB", "")
_PLAIN = ("",)
_UNITS_OF: dict[str, tuple[str, ...]] = {
    "latitude": _ANGLE,
    "longitude": _ANGLE,
    "height": _LENGTH,
    "range": _LENGTH,
    "azimuth": _ANGLE,
    "elevation": _ANGLE,
    "range_rate": _SPEED,
    "east": _SPEED,
    "north": _SPEED,
    "climb": _SPEED,
    "speed": _SPEED,
    "track": _ANGLE,
    "pilot_latitude": _ANGLE,
    "pilot_longitude": _ANGLE,
    "range_sigma": _LENGTH,
    "azimuth_sigma": _ANGLE,
    "elevation_sigma": _ANGLE,
    "position_sigma": _LENGTH,
    "height_sigma": _LENGTH,
    "snr": _RATIO,
    "rcs": _RATIO,
    "modulation": ("Hz",),
    "number": _PLAIN,
}
"""the units each quantity may have; there is no default, so that no angle is taken for radians by an oversight"""

_NEEDED = {
    ReportKind.POSITION: (("latitude", "longitude"),),
    ReportKind.POLAR: (("azimuth",), ("range",)),
    ReportKind.CLAIM: (("latitude", "longitude", "aircraft_id"),),
    ReportKind.STATUS: ((),),
    ReportKind.IGNORED: ((),),
}
_CATEGORIES = tuple(category.name.lower() for category in Category)


def parse_mapping(text: str, where: str) -> Mapping:
    """A mapping file's text as a mapping; `where` names it in errors.

    Raises:
        BadConfiguration: it is not one, or asks for something that cannot be.
    """
    mapping = loads(text, Mapping, where=where)
    if len(mapping.delimiter) != 1 or mapping.delimiter in '"\r\n':
        raise BadConfiguration(f"delimiter {mapping.delimiter!r} is not one character, or quotes or ends", where=where)
    if not mapping.reports:
        raise BadConfiguration("no [[reports]]", where=where, hint="say what the lines hold")
    names = [report.name for report in mapping.reports]
    for name in names:
        if names.count(name) > 1:
            raise BadConfiguration(f"two reports are called {name!r}", where=where, hint="give each its own name")
    if mapping.received:
        _check_time(mapping.received, where)
    for report in mapping.reports:
        _check(report, f"{where}, report {report.name}")
    return mapping


def _check_time(time: TimeColumn, where: str) -> None:
    if time.unit not in (*TIME_UNITS, "iso8601"):
        raise BadConfiguration(
            f"unit {time.unit!r} of {time.column} is no unit of time",
            where=where,
            hint=f"one of {', '.join(TIME_UNITS)}, iso8601",
        )


def _check(report: ReportMapping, where: str) -> None:
    if report.time is not None:
        _check_time(report.time, where)
    for name, quantity in report.quantities().items():
        if quantity.unit not in _UNITS_OF[name]:
            raise BadConfiguration(
                f"unit {quantity.unit!r} of {name} is not one of its units",
                where=where,
                hint=f"one of {', '.join(unit or '(none)' for unit in _UNITS_OF[name])}",
            )
    if not any(all(getattr(report, name) for name in names) for names in _NEEDED[report.kind]):
        needed = " or ".join(" and ".join(names) for names in _NEEDED[report.kind])
        raise BadConfiguration(f"a {report.kind} needs {needed}", where=where)
    if report.kind != ReportKind.IGNORED and not report.sensor:
        raise BadConfiguration("names no sensor", where=where, hint="sensor = the id of a sensor of this source")
    if report.state is not None and report.kind != ReportKind.STATUS:
        raise BadConfiguration(f"a {report.kind} has no state", where=where, hint="only a status has")
    if report.category is not None:
        _check_opinions(report.category, where)


def _check_opinions(column: CategoryColumn, where: str) -> None:
    for text, named in column.names.items():
        unknown = [name for name in named if name not in _CATEGORIES]
        if unknown or not named:
            raise BadConfiguration(
                f"category {unknown[0]!r} of {text!r} is not known" if unknown else f"{text!r} names no category",
                where=where,
                hint=f"one or more of {', '.join(_CATEGORIES)}",
            )
        if text in column.values:
            raise BadConfiguration(f"{text!r} stands in names and in values", where=where, hint="one of them is enough")
    for text, likelihoods in column.values.items():
        for category, likelihood in likelihoods.items():
            if category not in _CATEGORIES:
                raise BadConfiguration(
                    f"category {category!r} of {text!r} is not known",
                    where=where,
                    hint=f"one of {', '.join(_CATEGORIES)}",
                )
            if not 0.0 < likelihood <= 1.0:
                raise BadConfiguration(
                    f"likelihood {likelihood:g} of {text!r} for {category} is not above 0 and at most 1",
                    where=where,
                    hint="a likelihood of 0 can never be outweighed; write 0.001",
                )
