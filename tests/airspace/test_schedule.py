from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from luchtwacht.airspace.schedule import Calendar, seconds_of_day
from luchtwacht.errors import BadConfiguration
from luchtwacht.model import Applicability, Circle, DailyPeriod, Restriction, Volume, Weekday, Zone
from luchtwacht.units import SECOND_NS, datetime_to_ns

AMSTERDAM = "Europe/Amsterdam"


def calendar(*periods: Applicability, time_zone: str = AMSTERDAM) -> Calendar:
    volume = Volume(circle=Circle(latitude=52.0, longitude=5.0, radius=100.0))
    return Calendar.of(
        Zone(
            id="z",
            name="",
            restriction=Restriction.PROHIBITED,
            volumes=(volume,),
            applicability=periods or (Applicability(),),
            time_zone=time_zone,
        )
    )


def daily(start: str, end: str, *days: Weekday) -> Applicability:
    return Applicability(schedule=(DailyPeriod(days=days or (Weekday.ANY,), start=start, end=end),))


def at(text: str) -> int:
    return datetime_to_ns(datetime.fromisoformat(text))


def test_without_anything_a_zone_is_permanent():
    assert calendar().in_force(at("1971-01-01T00:00:00Z"))
    assert calendar().in_force(at("2199-01-01T00:00:00Z"))


def test_a_period_is_half_open():
    period = Applicability(start=datetime(2026, 4, 27, 6, tzinfo=UTC), end=datetime(2026, 4, 27, 20, tzinfo=UTC))
    zone = calendar(period)
    assert not zone.in_force(at("2026-04-27T06:00:00Z") - 1)
    assert zone.in_force(at("2026-04-27T06:00:00Z"))
    assert zone.in_force(at("2026-04-27T20:00:00Z") - 1)
    assert not zone.in_force(at("2026-04-27T20:00:00Z"))


@pytest.mark.parametrize(
    ("moment", "held"),
    [
        ("2026-01-14T07:59:59+01:00", False),  # a Wednesday in winter
        ("2026-01-14T08:00:00+01:00", True),
        ("2026-01-14T17:59:59+01:00", True),
        ("2026-01-14T18:00:00+01:00", False),
        ("2026-07-15T08:00:00+02:00", True),  # the same civil hours in summer
        ("2026-07-15T07:30:00+02:00", False),
        ("2026-01-17T12:00:00+01:00", False),  # Saturday
    ],
)
def test_a_weekly_schedule_follows_the_zones_civil_time(moment, held):
    week = (Weekday.MON, Weekday.TUE, Weekday.WED, Weekday.THU, Weekday.FRI)
    assert calendar(daily("08:00", "18:00", *week)).in_force(at(moment)) is held


@pytest.mark.parametrize(
    ("moment", "held"),
    [
        ("2026-01-16T21:59:00+01:00", False),
        ("2026-01-16T22:00:00+01:00", True),  # Friday night ...
        ("2026-01-17T05:59:00+01:00", True),  # ... lasts into Saturday
        ("2026-01-17T06:00:00+01:00", False),
        ("2026-01-17T23:00:00+01:00", False),  # but Saturday night is not in it
        ("2026-01-16T02:00:00+01:00", False),  # nor Thursday night
    ],
)
def test_a_period_over_midnight_belongs_to_the_day_it_begins(moment, held):
    assert calendar(daily("22:00", "06:00", Weekday.FRI)).in_force(at(moment)) is held


def test_clocks_going_forward_shorten_the_night():
    night = calendar(daily("22:00", "06:00"))
    # 29 March 2026: 02:00 becomes 03:00; the night is seven hours long
    held = [night.in_force(at("2026-03-28T20:00:00Z") + hour * 3600 * SECOND_NS) for hour in range(12)]
    assert held == [False] + [True] * 7 + [False] * 4


def test_clocks_going_back_lengthen_the_night():
    night = calendar(daily("22:00", "06:00"))
    held = [night.in_force(at("2026-10-24T19:00:00Z") + hour * 3600 * SECOND_NS) for hour in range(12)]
    assert held == [False] + [True] * 9 + [False] * 2


def test_a_time_that_exists_twice_holds_both_times():
    hour = calendar(daily("02:00", "03:00"))
    assert hour.in_force(at("2026-10-25T02:30:00+02:00"))
    assert hour.in_force(at("2026-10-25T02:30:00+01:00"))
    assert not hour.in_force(at("2026-10-25T03:00:00+01:00"))


def test_a_start_that_does_not_exist_is_read_as_if_clocks_had_not_changed():
    late = calendar(daily("02:30", "05:00"))
    assert not late.in_force(at("2026-03-29T01:29:59Z"))
    assert late.in_force(at("2026-03-29T01:30:00Z"))  # 03:30 summer time
    assert late.in_force(at("2026-03-29T02:59:59Z"))
    assert not late.in_force(at("2026-03-29T03:00:00Z"))


def test_a_schedule_holds_only_inside_its_period():
    period = Applicability(
        start=datetime(2026, 5, 1, tzinfo=UTC),
        end=datetime(2026, 5, 2, 10, tzinfo=UTC),
        schedule=(DailyPeriod(start="09:00", end="12:00"),),
    )
    zone = calendar(period, time_zone="UTC")
    moments = ("2026-04-30T10:00Z", "2026-05-01T10:00Z", "2026-05-02T09:30Z", "2026-05-02T10:00Z", "2026-05-03T10:00Z")
    assert [zone.in_force(at(moment)) for moment in moments] == [False, True, True, False, False]


def test_midnight_to_midnight_is_the_whole_day():
    whole = calendar(daily("00:00", "24:00", Weekday.SUN), time_zone="UTC")
    also = calendar(daily("00:00", "00:00", Weekday.SUN), time_zone="UTC")
    for zone in (whole, also):
        assert zone.in_force(at("2026-05-03T00:00:00Z"))
        assert zone.in_force(at("2026-05-03T23:59:59Z"))
        assert not zone.in_force(at("2026-05-04T00:00:00Z"))


@settings(max_examples=150, deadline=None)
@given(
    offset=st.integers(-40 * 86_400, 400 * 86_400),
    start=st.integers(0, 1439),
    end=st.integers(0, 1440),
    days=st.sets(st.sampled_from(list(Weekday)[:7]), min_size=1),
)
def test_the_schedule_agrees_with_asking_the_clock_on_the_wall(offset, start, end, days):
    """An independent reading: what does a clock in Amsterdam show, and is that between the two times?"""
    from zoneinfo import ZoneInfo

    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=offset)
    wall = moment.astimezone(ZoneInfo(AMSTERDAM))
    if wall.date() in {datetime(2026, 3, 29).date(), datetime(2026, 10, 25).date(), datetime(2027, 3, 28).date()}:
        return  # the days of change have tests of their own
    if (wall - timedelta(days=1)).date() in {datetime(2026, 3, 29).date(), datetime(2026, 10, 25).date()}:
        return
    minute = wall.hour * 60 + wall.minute
    today, yesterday = (list(Weekday)[(wall.weekday() - back) % 7] in days for back in (0, 1))
    expected = (
        today and start <= minute < end if end > start else (today and minute >= start) or (yesterday and minute < end)
    )
    clock = [f"{value // 60:02}:{value % 60:02}" for value in (start, end)]
    zone = calendar(daily(clock[0], clock[1], *sorted(days)))
    assert zone.in_force(datetime_to_ns(moment)) is expected


@settings(max_examples=80, deadline=None)
@given(offset=st.integers(0, 366 * 86_400), ahead=st.floats(0.0, 1.0))
def test_the_answer_holds_for_the_span_it_promises(offset, ahead):
    zone = calendar(daily("22:00", "06:00", Weekday.FRI, Weekday.SUN), daily("12:00", "12:30"))
    moment = at("2026-01-01T00:00:00Z") + offset * SECOND_NS
    held, first, last = zone.state(moment)
    assert first <= moment < last
    inside = first + int(ahead * (last - 1 - first))
    assert zone.in_force(inside) is held


@pytest.mark.parametrize("text", ["24:01", "7:00", "12:60", "noon", "", "12:00:60", "-1:00", "12:00:00:00"])
def test_what_is_no_time_of_day_is_refused(text):
    with pytest.raises(BadConfiguration, match="time of day"):
        seconds_of_day(text)


@pytest.mark.parametrize(
    "period",
    [
        Applicability(start=datetime(2026, 5, 1)),
        Applicability(start=datetime(2026, 5, 2, tzinfo=UTC), end=datetime(2026, 5, 1, tzinfo=UTC)),
        Applicability(schedule=(DailyPeriod(start="25:00"),)),
        Applicability(schedule=(DailyPeriod(start="24:00"),)),
        Applicability(schedule=(DailyPeriod(days=()),)),
    ],
)
def test_a_period_that_cannot_be_is_refused_by_zone(period):
    with pytest.raises(BadConfiguration, match="zone z"):
        calendar(period)


def test_an_unknown_time_zone_is_refused():
    with pytest.raises(BadConfiguration, match="Europe/Atlantis"):
        calendar(time_zone="Europe/Atlantis")


def test_a_period_may_be_given_in_any_offset():
    half = timezone(timedelta(hours=5, minutes=30))
    zone = calendar(Applicability(start=datetime(2026, 5, 1, 5, 30, tzinfo=half)))
    assert zone.in_force(at("2026-05-01T00:00:00Z"))
    assert not zone.in_force(at("2026-04-30T23:59:59Z"))
