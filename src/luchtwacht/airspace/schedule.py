"""When a zone is in force: periods of applicability and weekly schedules, in the zone's own civil time.

A daily period belongs to the day on which it begins. It is half-open: from its start until just before its end. An
end at or before its start lies on the next day. On the days on which clocks change:

- a time that does not exist (02:30 when 02:00 becomes 03:00) is taken as if the clocks had not yet been changed;
- of a time that exists twice, a start is the first and an end the second, so that the rule holds in both.

Both readings err towards the zone being in force. (ED-269 `TimePeriod`, `DailyPeriod`; PEP 495 for the folds.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from luchtwacht.errors import BadConfiguration
from luchtwacht.model import Applicability, DailyPeriod, Weekday, Zone
from luchtwacht.units import DAY_NS, datetime_to_ns, ns_to_datetime

ALWAYS = (-(2**63), 2**63 - 1)
_DAYS = tuple(Weekday)[:7]
_LOOK_AROUND = 3
"""days on either side in which a weekly schedule must show its next border"""


@dataclass(frozen=True, slots=True)
class Calendar:
    """When one zone is in force."""

    periods: tuple[tuple[int, int, tuple[_Daily, ...]], ...]
    """(from, until) ns UTC, and the weekly schedule inside them; without one the whole period"""
    zone: tzinfo

    @classmethod
    def of(cls, zone: Zone) -> Calendar:
        """The calendar of `zone`.

        Raises:
            BadConfiguration: an unknown time zone, a time that is none, or a period that ends before it starts.
        """
        where = f"zone {zone.id}"
        try:
            civil = ZoneInfo(zone.time_zone)
        except (KeyError, ValueError, OSError) as error:
            raise BadConfiguration(
                f"{zone.time_zone!r} is no time zone", where=where, hint="an IANA name such as Europe/Amsterdam"
            ) from error
        return cls(tuple(_period(each, where) for each in zone.applicability), civil)

    def in_force(self, time_ns: int) -> bool:
        """Whether the zone holds at `time_ns` (ns UTC)."""
        return self.state(time_ns)[0]

    def state(self, time_ns: int) -> tuple[bool, int, int]:
        """Whether the zone holds at `time_ns`, and the span (from, until; ns UTC) in which that surely stays so."""
        held, first, last = False, *ALWAYS
        for start, stop, schedule in self.periods:
            windows = self._windows(schedule, time_ns) if schedule else [(start, stop)]
            if schedule:  # what lies beyond the look-around is not known
                first, last = max(first, time_ns - DAY_NS), min(last, time_ns + DAY_NS)
            for opens, closes in windows:
                opens, closes = max(opens, start), min(closes, stop)
                if closes <= opens:
                    continue
                held |= opens <= time_ns < closes
                for border in (opens, closes):
                    if border <= time_ns:
                        first = max(first, border)
                    else:
                        last = min(last, border)
        return held, first, last

    def _windows(self, schedule: tuple[_Daily, ...], time_ns: int) -> Iterator[tuple[int, int]]:
        """Every window of the schedule that begins within some days of `time_ns`."""
        today = ns_to_datetime(time_ns).astimezone(self.zone).date()
        for offset in range(-_LOOK_AROUND, _LOOK_AROUND + 1):
            day = today + timedelta(days=offset)
            for daily in schedule:
                if daily.days[day.weekday()]:
                    yield (
                        _moment(day, daily.start, self.zone, fold=0),
                        _moment(day, daily.end, self.zone, fold=1),
                    )


@dataclass(frozen=True, slots=True)
class _Daily:
    """A daily period with its times as seconds after the civil midnight of its first day."""

    days: tuple[bool, ...]
    """by `date.weekday()`"""
    start: int
    end: int


def _period(each: Applicability, where: str) -> tuple[int, int, tuple[_Daily, ...]]:
    start, stop = ALWAYS
    for name, moment in (("start", each.start), ("end", each.end)):
        if moment is not None and moment.tzinfo is None:
            raise BadConfiguration(f"{name} {moment.isoformat()} has no time zone", where=where, hint="add Z or +02:00")
    if each.start is not None:
        start = datetime_to_ns(each.start)
    if each.end is not None:
        stop = datetime_to_ns(each.end)
    if stop <= start:
        raise BadConfiguration(f"the period ends ({each.end}) before it starts ({each.start})", where=where)
    return start, stop, tuple(_daily(daily, where) for daily in each.schedule)


def _daily(daily: DailyPeriod, where: str) -> _Daily:
    if not daily.days:
        raise BadConfiguration("a daily period without days", where=where)
    start, end = seconds_of_day(daily.start, where), seconds_of_day(daily.end, where)
    if start == 86_400:
        raise BadConfiguration("a daily period cannot start at 24:00", where=where)
    chosen = set(daily.days)
    return _Daily(
        tuple(Weekday.ANY in chosen or day in chosen for day in _DAYS), start, end if end > start else end + 86_400
    )


def seconds_of_day(text: str, where: str = "") -> int:
    """`HH:MM` or `HH:MM:SS`, up to 24:00, as seconds.

    Raises:
        BadConfiguration: it is no time of day.
    """
    parts = text.split(":")
    if len(parts) in (2, 3) and all(len(part) == 2 and part.isascii() and part.isdigit() for part in parts):
        hours, minutes, seconds = (*map(int, parts), 0)[:3]
        total = hours * 3600 + minutes * 60 + seconds
        if minutes < 60 and seconds < 60 and total <= 86_400:
            return total
    raise BadConfiguration(f"{text!r} is no time of day", where=where, hint="HH:MM, up to 24:00")


def _moment(day: date, seconds: int, zone: tzinfo, fold: int) -> int:
    """Civil `seconds` after the midnight at which `day` begins, as ns UTC."""
    day += timedelta(days=seconds // 86_400)
    seconds %= 86_400
    civil = datetime.combine(day, time(seconds // 3600, seconds // 60 % 60, seconds % 60, fold=fold), tzinfo=zone)
    if fold and civil.utcoffset() != civil.replace(fold=0).utcoffset() and _missing(civil):
        civil = civil.replace(fold=0)
    return datetime_to_ns(civil.astimezone(UTC))


def _missing(civil: datetime) -> bool:
    """Whether the clocks jumped over this time."""
    return civil.astimezone(UTC).astimezone(civil.tzinfo).replace(tzinfo=None) != civil.replace(tzinfo=None)
