"""What published zone data sets have in common, and what they get wrong.

Readers never raise for one bad zone: they say what they could not use, by zone and field, and go on. What is doubtful
is read so that the zone holds rather than not: a period that cannot be read leaves the zone permanent, a missing upper
limit leaves it unlimited.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from luchtwacht.errors import BadConfiguration
from luchtwacht.model import (
    Applicability,
    Circle,
    DailyPeriod,
    HeightReference,
    Restriction,
    Volume,
    Weekday,
    Zone,
)
from luchtwacht.units import FOOT

UNLIMITED = 99_999.0
"""upper limits from here on mean "no limit" in Austrian and Swiss sets, in whatever unit"""
LONGEST_ID = 40
"""characters; `Findings.zone` holds no more"""
UNDETERMINED = "und"
"""language of a text that does not say (ISO 639-2)"""

RESTRICTIONS = {
    "PROHIBITED": Restriction.PROHIBITED,
    "REQ_AUTHORISATION": Restriction.REQ_AUTHORISATION,
    "REQ_AUTHORIZATION": Restriction.REQ_AUTHORISATION,
    "CONDITIONAL": Restriction.CONDITIONAL,
    "NO_RESTRICTION": Restriction.NO_RESTRICTION,
    "USPACE": Restriction.REQ_AUTHORISATION,
}
"""ED-269 `restriction` and ED-318 `type`; in U-space airspace every flight needs an authorisation (EU 2021/664,
article 10)"""
_UNITS = {"M": 1.0, "FT": FOOT}
_WEEK = tuple(Weekday)[:7]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a data set that could not be used as it stands."""

    zone: str
    """identifier as published; "" for the whole set"""
    field: str
    """path in the published object: `geometry[0].upperLimit`"""
    detail: str
    """one sentence with the offending value and what was done"""


class Unusable(Exception):
    """A field without which a zone cannot be read."""

    def __init__(self, field: str, detail: str) -> None:
        self.field, self.detail = field, detail
        super().__init__(f"{field}: {detail}")


Reading = tuple[tuple[Zone, ...], tuple[Problem, ...]]
"""zones in the order of publication, each id once, and what could not be used"""


def parse_json(data: bytes | str) -> Any:
    """JSON as published: UTF-8, with or without a byte order mark.

    Raises:
        BadConfiguration: it is no JSON.
    """
    try:
        return json.loads(data.decode("utf-8-sig") if isinstance(data, bytes) else data.removeprefix("\ufeff"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise BadConfiguration(f"zones are not JSON: {error}") from error


class Notes:
    """Problems as they are met, for one zone at a time."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.zone = ""

    def add(self, field: str, detail: str) -> None:
        """Note a problem with the zone that is being read."""
        self.problems.append(Problem(self.zone, field, detail))


def unique(zones: Iterable[Zone], notes: Notes) -> tuple[Zone, ...]:
    """The zones with ids that differ and fit; a national set may publish one identifier for several classes."""
    found: dict[str, Zone] = {}
    for zone in zones:
        name, count = zone.id[:LONGEST_ID], 1
        while name in found:
            count += 1
            name = f"{zone.id[: LONGEST_ID - 4]}/{count}"
        if name != zone.id:
            notes.zone = zone.id
            notes.add("identifier", f"used before or longer than {LONGEST_ID} characters; kept as {name!r}")
        found[name] = replace(zone, id=name)
    return tuple(found.values())


def field_of(thing: Any, name: str, path: str) -> Any:
    """A member that must be there; `Unusable` without."""
    if not isinstance(thing, dict) or name not in thing:
        raise Unusable(f"{path}{name}", "missing; the zone was left out")
    return thing[name]


def number(value: Any, path: str) -> float:
    """A finite number, also when it was published as text; `Unusable` otherwise."""
    try:
        found = float(value) if not isinstance(value, bool) else float("nan")
    except (TypeError, ValueError, OverflowError):
        found = float("nan")
    if not abs(found) < 1e12:
        raise Unusable(path, f"{value!r} is no number; the zone was left out")
    return found


def restriction(value: Any, path: str) -> Restriction:
    """The restriction; `Unusable` when it is unknown, for a zone without a rule says nothing."""
    found = RESTRICTIONS.get(str(value))
    if found is None:
        raise Unusable(path, f"{value!r} is no restriction; the zone was left out")
    return found


def heights(
    lower: Any, lower_reference: Any, upper: Any, upper_reference: Any, unit: Any, path: str, notes: Notes
) -> dict[str, Any]:
    """The height members of a `Volume`."""
    factor = _UNITS.get(str(unit or "M").upper())
    if factor is None:
        raise Unusable(f"{path}unit", f"{unit!r} is neither M nor FT; the zone was left out")
    low = 0.0 if lower is None else number(lower, f"{path}lower")
    high = None if upper is None else number(upper, f"{path}upper")
    if high is not None and high <= low and lower_reference == upper_reference:
        raise Unusable(f"{path}upper", f"{high:g} is not above the lower limit, {low:g}; the zone was left out")
    return {
        "lower": low * factor,
        "lower_reference": _reference(lower_reference, f"{path}lowerReference", notes),
        "upper": None if high is None or high >= UNLIMITED else high * factor,
        "upper_reference": _reference(upper_reference, f"{path}upperReference", notes),
    }


def _reference(value: Any, path: str, notes: Notes) -> HeightReference:
    if str(value) in HeightReference.__members__:
        return HeightReference(str(value))
    if value is not None:
        notes.add(path, f"{value!r} is no height reference; taken as AGL")
    return HeightReference.AGL


def circle(center: Any, radius: Any, path: str) -> Circle:
    """A circle from [longitude, latitude] and a radius in metres."""
    longitude, latitude = _position(center, f"{path}center")
    metres = number(radius, f"{path}radius")
    if metres <= 0.0:
        raise Unusable(f"{path}radius", f"{radius!r} is not positive; the zone was left out")
    return Circle(latitude=latitude, longitude=longitude, radius=metres)


def polygon(rings: Any, path: str) -> tuple[tuple[tuple[float, float], ...], ...]:
    """Rings of [longitude, latitude]."""
    if not isinstance(rings, list) or not rings:
        raise Unusable(path, "no rings; the zone was left out")
    found = []
    for index, ring in enumerate(rings):
        if not isinstance(ring, list):
            raise Unusable(f"{path}[{index}]", "no list of positions; the zone was left out")
        corners = tuple(_position(corner, f"{path}[{index}][{at}]") for at, corner in enumerate(ring))
        if len(set(corners)) < 3:
            raise Unusable(f"{path}[{index}]", "fewer than three different corners; the zone was left out")
        found.append(corners)
    return tuple(found)


def _position(value: Any, path: str) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) < 2:
        raise Unusable(path, f"{value!r} is no [longitude, latitude]; the zone was left out")
    longitude, latitude = number(value[0], f"{path}[0]"), number(value[1], f"{path}[1]")
    if abs(longitude) > 180.0 or abs(latitude) > 90.0:
        raise Unusable(path, f"longitude {longitude:g}, latitude {latitude:g} is no place; the zone was left out")
    return longitude, latitude


def applicability(periods: Any, path: str, time_zone: str, notes: Notes) -> tuple[tuple[Applicability, ...], str]:
    """Periods of applicability, and the time zone of their schedules.

    Args:
        time_zone: IANA name, for times of day that name no zone.
    """
    if not periods:
        return (Applicability(),), "UTC"
    listed = periods if isinstance(periods, list) else [periods]
    civil = any(
        isinstance(text, str) and _offset(text)[1] is None
        for period in listed
        if isinstance(period, dict) and isinstance(period.get("schedule"), list)
        for daily in period["schedule"]
        if isinstance(daily, dict)
        for text in (daily.get("startTime"), daily.get("endTime"))
    )
    found = []
    for index, period in enumerate(listed):
        where = f"{path}[{index}]"
        try:
            found.append(_period(period, where, civil, notes))
        except Unusable as problem:
            notes.add(problem.field, problem.detail)
            found.append(Applicability())
    return tuple(found), time_zone if civil else "UTC"


def _period(period: Any, path: str, civil: bool, notes: Notes) -> Applicability:
    if not isinstance(period, dict):
        raise Unusable(path, f"{period!r} is no period; taken as permanent")
    if str(period.get("permanent", "")).upper() in ("YES", "TRUE"):
        return Applicability()
    start, end = (
        None if period.get(name) is None else parse_moment(period[name], f"{path}.{name}", notes)
        for name in ("startDateTime", "endDateTime")
    )
    if start is not None and end is not None and end <= start:
        raise Unusable(f"{path}.endDateTime", f"{end.isoformat()} is not after the start; taken as permanent")
    published = period.get("schedule") or []
    if not isinstance(published, list):
        raise Unusable(f"{path}.schedule", f"{published!r} is no list; taken as permanent")
    schedule = tuple(_daily(daily, f"{path}.schedule[{index}]", civil, notes) for index, daily in enumerate(published))
    return Applicability(start=start, end=end, schedule=schedule)


def parse_moment(value: Any, path: str, notes: Notes) -> datetime:
    """A date and time with or without fractions of a second; `Unusable` when it is none."""
    text = str(value).strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Unusable(path, f"{value!r} is no date and time; taken as permanent") from None
    if moment.tzinfo is None:
        notes.add(path, f"{value!r} has no time zone; taken as UTC")
        moment = moment.replace(tzinfo=UTC)
    return moment


def _daily(daily: Any, path: str, civil: bool, notes: Notes) -> DailyPeriod:
    if not isinstance(daily, dict):
        raise Unusable(path, f"{daily!r} is no daily period; taken as permanent")
    listed = daily.get("day") or ["ANY"]
    days = [str(day).upper() for day in (listed if isinstance(listed, list) else [listed])]
    unknown = [day for day in days if day not in Weekday.__members__]
    if unknown:
        raise Unusable(f"{path}.day", f"{', '.join(unknown)}: no day of the week; taken as permanent")
    for event in ("startEvent", "endEvent"):
        if daily.get(event):
            notes.add(f"{path}.{event}", f"{daily[event]!r}: daylight is not worked out; taken as the whole day")
    start, shift = _time(daily.get("startTime"), 0, f"{path}.startTime", civil)
    end, _ = _time(daily.get("endTime"), 86_400, f"{path}.endTime", civil)
    chosen = tuple(Weekday(day) if day == "ANY" else _WEEK[(_WEEK.index(Weekday(day)) + shift) % 7] for day in days)
    return DailyPeriod(days=chosen, start=_clock(start), end=_clock(end or 86_400))


def _time(value: Any, missing: int, path: str, civil: bool) -> tuple[int, int]:
    """Seconds of the day, and the days by which turning it to UTC moved it.

    A last second (`23:59:59`) stands for the end of its minute: sets that mean "until midnight" write it.
    """
    if value is None:
        return missing, 0
    clock, offset = _offset(str(value))
    parts = clock.split(":")
    try:
        seconds = int(parts[0]) * 3600 + int(parts[1]) * 60 + int(float(parts[2]) if len(parts) > 2 else 0)
    except (ValueError, IndexError):
        seconds = -1
    if not 0 <= seconds <= 86_400:
        raise Unusable(path, f"{value!r} is no time of day; taken as permanent")
    if seconds % 60 == 59 and missing:
        seconds += 1
    if not civil and offset:
        seconds -= offset
    if seconds == 86_400 and missing:
        return seconds, 0
    return seconds % 86_400, seconds // 86_400


def _offset(text: str) -> tuple[str, int | None]:
    """A time of day without its zone designator, and the designator as seconds east of Greenwich."""
    text = text.strip()
    if text[-1:] in ("Z", "z"):
        return text[:-1], 0
    for sign, factor in (("+", 1), ("-", -1)):
        clock, found, zone = text.rpartition(sign)
        digits = zone.replace(":", "")
        if found and digits.isdigit() and len(digits) in (2, 4):
            minutes = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
            return clock, factor * int(minutes.total_seconds())
    return text, None


def _clock(seconds: int) -> str:
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}"
    return text if seconds % 60 == 0 else f"{text}:{seconds % 60:02}"


def texts(value: Any) -> dict[str, str]:
    """Text by language: a plain string, or a list of `{text, lang}` (ED-318) or `{message, language}`."""
    if isinstance(value, str):
        return {UNDETERMINED: value} if value.strip() else {}
    found: dict[str, str] = {}
    for each in value if isinstance(value, list) else []:
        if isinstance(each, dict):
            language = str(each.get("lang") or each.get("language") or UNDETERMINED).split("-")[0].lower()
            text = each.get("text") or each.get("message")
            if isinstance(text, str) and text.strip():
                found.setdefault(language, text)
    return found


def one_text(value: Any) -> str:
    """The English text, else the first."""
    found = texts(value)
    return found.get("en") or next(iter(found.values()), "")


def reasons(value: Any) -> tuple[str, ...]:
    """Reasons as published."""
    return tuple(str(each) for each in (value if isinstance(value, list) else [value] if value else []))


def authority(value: Any) -> str:
    """The name of the first authority."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict) and (name := one_text(each.get("name"))):
            return name
    return ""


def volume(shape: Circle | tuple[tuple[tuple[float, float], ...], ...], between: dict[str, Any]) -> Volume:
    """A volume of a shape between heights."""
    if isinstance(shape, Circle):
        return Volume(circle=shape, **between)
    return Volume(polygon=shape, **between)
