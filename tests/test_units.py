"""Units and times."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luchtwacht.units import FOOT, KNOT, datetime_to_ns, format_utc, ns_to_datetime, seconds_to_ns


def test_a_knot_is_a_nautical_mile_an_hour() -> None:
    assert pytest.approx(1852.0) == KNOT * 3600
    assert FOOT == 0.3048


@given(st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_a_datetime_survives_to_the_microsecond(moment: datetime) -> None:
    assert ns_to_datetime(datetime_to_ns(moment)) == moment


def test_the_time_zone_counts() -> None:
    summer = timezone(timedelta(hours=2))
    assert datetime_to_ns(datetime(2026, 7, 1, 2, tzinfo=summer)) == datetime_to_ns(datetime(2026, 7, 1, tzinfo=UTC))


def test_a_naive_datetime_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        datetime_to_ns(datetime(2026, 7, 1))


def test_times_are_shown_to_the_millisecond() -> None:
    assert format_utc(seconds_to_ns(1_777_777_777.25)) == "2026-05-03T03:09:37.250Z"
