"""A node: what it said of itself when it registered and in its status since, as far as the watch uses it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import inf
from typing import Any

from luchtwacht.codecs.sapient import Edition, SapientMessage

_NO_TRACKING = 1
"""Registration.TrackingType; 2 to 4 are tracklets, tracks, and tracks with re-identification"""
_DEFAULT_MODE = 3
"""Registration.ModeType"""
_SECONDS = {1: 1e-9, 2: 1e-6, 3: 1e-3, 4: 1.0, 5: 60.0, 6: 3600.0, 7: 86400.0}
"""Registration.TimeUnits"""
_SIGMAS = (
    (re.compile(r"99\.7|3[ -]?(sigma|σ|sd)|three sigma"), 3.0),
    (re.compile(r"95|2[ -]?(sigma|σ|sd)|two sigma"), 1.96),
    (re.compile(r"90"), 1.645),
    (re.compile(r"\b50\b|probable|cep"), 0.6745),
)
"""what a geometric error that is called so holds of standard deviations; any other is one"""
_SPEEDS = {1: 1.0, 2: 1.0 / 3.6}
"""SpeedUnits, in m/s"""
LONGEST_NAME = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """One of the modes in which a node can work."""

    name: str
    default: bool = False
    filtered: bool = True
    """its reports are estimates of its own tracker, or it does not say that they are not"""
    zone: str = ""
    """UTM zone of reports that name none"""
    sigmas: float = 1.0
    """standard deviations in the errors that it reports"""
    error_unit: str = "m"
    """of the errors of coordinates: `m`, `deg` or `rad`"""
    units: tuple[tuple[str, str], ...] = ()
    """of the values that it reports under names of their own; both in lower case"""
    speeds_m_s: tuple[float, float] = (0.0, 0.0)
    """m/s in its units of speed, horizontal and vertical; 0 where it does not say which"""
    commands: tuple[int, ...] = ()
    """Registration.CommandType: what it can be told"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A registered node."""

    node_id: str
    name: str = ""
    edition: str = str(Edition.V2)
    heartbeat_s: float = 0.0
    """how often it promises a status; 0 for no promise"""
    modes: tuple[Mode, ...] = ()
    mode: str = ""
    """the one that it said it is in; "" before it said any"""
    place: tuple[float, float, float] | None = None
    """latitude, longitude (rad), ellipsoidal height (m), where it says it is; none before it said so"""

    @property
    def working(self) -> Mode:
        """The mode it is in: as it said, else the one it starts in."""
        named = [each for each in self.modes if each.name == self.mode]
        starting = [each for each in self.modes if each.default]
        return next(iter((*named, *starting, *self.modes)), UNKNOWN)


UNKNOWN = Mode(name="")
"""of a node that has not registered"""


def read_registration(message: SapientMessage) -> Node:
    """What a registration says."""
    said = message.content
    interval = said.status_definition.status_interval
    heartbeat_s = interval.value * _SECONDS.get(interval.units, 0.0)
    return Node(
        node_id=message.node_id.lower(),
        name=(said.short_name or said.name)[:LONGEST_NAME],
        edition=str(message.edition),
        heartbeat_s=heartbeat_s if 0.0 < heartbeat_s < inf else 0.0,
        modes=tuple(_read_mode(each) for each in said.mode_definition),
    )


def _read_mode(said: Any) -> Mode:
    definition = next(iter(said.detection_definition), None)
    tracking = said.tracking_type
    commands = tuple(sorted({each.type for each in said.task.command}))
    if definition is None:
        return Mode(
            name=said.mode_name,
            default=said.mode_type == _DEFAULT_MODE,
            filtered=tracking != _NO_TRACKING,
            commands=commands,
        )
    error = definition.geometric_error
    return Mode(
        name=said.mode_name,
        default=said.mode_type == _DEFAULT_MODE,
        filtered=tracking != _NO_TRACKING,
        zone=definition.location_type.zone,
        sigmas=_sigmas(error.type.lower()),
        error_unit=_unit(error.units.lower()),
        units=tuple(_units(definition.detection_report)),
        speeds_m_s=_speeds(definition.velocity_type.enu_velocity_units),
        commands=commands,
    )


def _sigmas(kind: str) -> float:
    return next((held for pattern, held in _SIGMAS if pattern.search(kind)), 1.0)


def _unit(said: str) -> str:
    return "deg" if said.startswith("deg") else "rad" if said.startswith("rad") else "m"


def _units(definitions: Iterable[Any]) -> list[tuple[str, str]]:
    return sorted({(each.type.lower(), each.units.lower()) for each in definitions})


def _speeds(units: Any) -> tuple[float, float]:
    along = _SPEEDS.get(units.east_north_rate_units, 0.0)
    return along, _SPEEDS.get(units.up_rate_units, along)
