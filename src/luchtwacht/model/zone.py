"""Geographical zones and the authorisations to fly in them, in the words of ED-269 and ED-318.

These are declarations: latitude and longitude in degrees, heights in metres with their reference, times with their
zone, as a person or a published data set writes them. `airspace/` turns them into the site's frame once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Restriction(StrEnum):
    """ED-269 `restriction`, ED-318 `type`."""

    PROHIBITED = "PROHIBITED"
    REQ_AUTHORISATION = "REQ_AUTHORISATION"
    CONDITIONAL = "CONDITIONAL"
    NO_RESTRICTION = "NO_RESTRICTION"


class HeightReference(StrEnum):
    """ED-269 `lowerVerticalReference` and `upperVerticalReference`."""

    AGL = "AGL"
    """above ground"""
    AMSL = "AMSL"
    """above mean sea level (the geoid)"""
    WGS84 = "WGS84"
    """above the ellipsoid"""


class Weekday(StrEnum):
    """ED-269 `day`."""

    MON = "MON"
    TUE = "TUE"
    WED = "WED"
    THU = "THU"
    FRI = "FRI"
    SAT = "SAT"
    SUN = "SUN"
    ANY = "ANY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """ED-269 horizontal projection of type Circle."""

    latitude: float
    """degrees"""
    longitude: float
    """degrees"""
    radius: float
    """m"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A horizontal projection between two heights (ED-269 `UASZoneVolume`). Just one of circle and polygon is given."""

    circle: Circle | None = None
    polygon: tuple[tuple[tuple[float, float], ...], ...] | None = None
    """rings of (longitude, latitude) in degrees as in RFC 7946, the first the outer one, the rest holes"""
    lower: float = 0.0
    """m"""
    lower_reference: HeightReference = HeightReference.AGL
    upper: float | None = None
    """m; none is unlimited"""
    upper_reference: HeightReference = HeightReference.AGL


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyPeriod:
    """ED-269 `DailyPeriod`: a weekly recurring part of a period, in the zone's own civil time."""

    days: tuple[Weekday, ...] = (Weekday.ANY,)
    start: str = "00:00"
    """HH:MM, civil time of `Zone.time_zone`"""
    end: str = "24:00"
    """HH:MM; before `start` it means the next day"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicability:
    """ED-269 `TimePeriod`: when the zone holds. Without start and end it is permanent."""

    start: datetime | None = None
    end: datetime | None = None
    schedule: tuple[DailyPeriod, ...] = ()
    """when empty, the whole period"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A UAS geographical zone (EU 2019/947 article 15; ED-269 `UASZoneVersion`)."""

    id: str
    name: str
    restriction: Restriction
    volumes: tuple[Volume, ...]
    applicability: tuple[Applicability, ...] = (Applicability(),)
    time_zone: str = "UTC"
    """IANA name, for the schedule"""
    reasons: tuple[str, ...] = ()
    """ED-269 `reason`: AIR_TRAFFIC, SENSITIVE, PRIVACY, POPULATION, NATURE, NOISE, FOREIGN_TERRITORY, EMERGENCY or
    OTHER"""
    message: dict[str, str] | None = None
    """the rule's text by language, `nl` and `en`"""
    authority: str = ""
    source: str = ""
    """document or data set in which it was published"""


class AuthorisationState(StrEnum):
    """Life of a permission (EU 2021/664 article 10)."""

    REQUESTED = "requested"
    GRANTED = "granted"
    ACTIVATED = "activated"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorisation:
    """Permission to fly in zones (EU 2021/664 annex IV)."""

    id: str
    state: AuthorisationState
    zones: tuple[str, ...]
    """`Zone.id` of the zones it gives entry to"""
    start: datetime
    end: datetime
    aircraft: tuple[str, ...] = ()
    """`Claims.aircraft_id` of the aircraft it was given to; empty when it names none"""
    operator_id: str = ""
    volumes: tuple[Volume, ...] = ()
    """where it holds; when empty, all of `zones`"""
    purpose: str = ""
    granted_by: str = ""
    source: str = ""
