"""Text to numbers and times, exact to the last digit."""

from __future__ import annotations

from datetime import UTC, datetime
from math import isnan, pi

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from luchtwacht.codecs.table.mapping import Quantity, TimeColumn
from luchtwacht.codecs.table.numbers import BadText, numbers, parse_time
from luchtwacht.units import datetime_to_ns


def time_in(unit: str, offset_s: float = 0.0) -> TimeColumn:
    return TimeColumn(column="t", unit=unit, offset_s=offset_s)


def test_numbers_become_si_and_empty_cells_nan() -> None:
    values, wrong = numbers(["180", "", "-90.0", "n/a"], Quantity(column="a", unit="deg", missing=("n/a",)))
    assert values[[0, 2]].tolist() == [pi, -pi / 2]
    assert isnan(values[1])
    assert isnan(values[3])
    assert wrong == []


@pytest.mark.parametrize("text", ["nan", "inf", "-Infinity", "1e999", "12,5", "0x10", "1 2", "-"])
def test_what_is_no_finite_number_is_told_and_the_others_stand(text: str) -> None:
    values, wrong = numbers(["1", text, "3"], Quantity(column="a", unit="m"))
    assert wrong == [(1, text)]
    assert values[[0, 2]].tolist() == [1.0, 3.0]


def test_an_offset_is_in_the_columns_unit_and_comes_before_it() -> None:
    values, _ = numbers(["10"], Quantity(column="a", unit="ft", offset=90.0))
    assert values.tolist() == pytest.approx([100 * 0.3048])


def test_a_deviation_that_is_too_small_becomes_the_least() -> None:
    values, _ = numbers(["0", "7", ""], Quantity(column="a", unit="", at_least=5.0))
    assert values[:2].tolist() == [5.0, 7.0]
    assert isnan(values[2])


@given(st.lists(st.floats(-1e9, 1e9)))
def test_numbers_survive_being_written(known: list[float]) -> None:
    values, wrong = numbers([repr(each) for each in known], Quantity(column="a", unit="m"))
    assert not wrong
    assert np.array_equal(values, np.array(known, dtype=np.float64))


def test_times_are_exact_to_the_nanosecond() -> None:
    assert parse_time("1601381457.123456789", time_in("s")) == 1_601_381_457_123_456_789
    assert parse_time("1601391914335300.0", time_in("us")) == 1_601_391_914_335_300_000
    assert parse_time("1.601391914335300e15", time_in("us")) == 1_601_391_914_335_300_000
    assert parse_time("1601381457", time_in("s", 0.5)) == 1_601_381_457_500_000_000


@given(st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_iso_times_are_read_with_and_without_their_zone(moment: datetime) -> None:
    for text in (moment.isoformat(), moment.replace(tzinfo=None).isoformat(), moment.isoformat(" ")[:-6] + "Z"):
        assert parse_time(text, time_in("iso8601")) == datetime_to_ns(moment)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("", "s"),
        ("noon", "s"),
        ("nan", "ns"),
        ("-5", "s"),
        ("1e400", "s"),
        ("1601381457000", "s"),
        ("9999999999999999999", "ns"),
        ("2020-09-31T00:00:00Z", "iso8601"),
        ("1601381457", "iso8601"),
        ("0001-01-01T00:00:00Z", "iso8601"),
    ],
)
def test_what_is_no_time_is_refused(text: str, unit: str) -> None:
    with pytest.raises(BadText):
        parse_time(text, time_in(unit))
