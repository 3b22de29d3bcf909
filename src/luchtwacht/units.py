"""Units that exist outside Luchtwacht, and their factors to SI.

Inside, everything is SI, radians and integer nanoseconds UTC. Multiply on the way in, divide on the way out.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import floor, pi

FOOT = 0.3048
"""metre; international foot, exact"""
NAUTICAL_MILE = 1852.0
"""metre; exact"""
KNOT = NAUTICAL_MILE / 3600.0
"""metre per second; exact"""
FOOT_PER_MINUTE = FOOT / 60.0
"""metre per second; exact"""
FLIGHT_LEVEL = 100.0 * FOOT
"""metre of pressure altitude; exact"""
DEGREE = pi / 180.0
"""radian"""
SECOND_NS = 1_000_000_000
"""nanosecond"""
DAY_NS = 86_400 * SECOND_NS
"""nanosecond; UTC days without leap seconds, as in POSIX time"""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def seconds_to_ns(seconds: float) -> int:
    """Seconds as the nearest integer nanoseconds, exact for every float that holds seconds since 1970."""
    whole = floor(seconds)
    return whole * SECOND_NS + round((seconds - whole) * SECOND_NS)


def datetime_to_ns(moment: datetime) -> int:
    """An aware datetime as nanoseconds since 1970-01-01 UTC, exact to its microsecond.

    Raises:
        ValueError: `moment` has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    elapsed = moment - _EPOCH
    return (elapsed.days * 86_400 + elapsed.seconds) * SECOND_NS + elapsed.microseconds * 1_000


def ns_to_datetime(time_ns: int) -> datetime:
    """Nanoseconds since 1970-01-01 UTC as an aware datetime, cut to the microsecond."""
    return _EPOCH + timedelta(microseconds=int(time_ns) // 1_000)


def format_utc(time_ns: int) -> str:
    """`2026-05-03T01:40:00.250Z`, cut to the millisecond."""
    return ns_to_datetime(time_ns).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
