"""Mappings say what is wrong with them before a single line is read."""

from __future__ import annotations

import pytest

from luchtwacht.codecs.table import ReportKind, parse_mapping
from luchtwacht.errors import BadConfiguration

GOOD = """\
received = { column = "t", unit = "s" }
[[reports]]
name = "plot"
sensor = "radar"
kind = "polar"
range = { column = "r", unit = "km" }
azimuth = { column = "a", unit = "deg" }
[reports.category]
column = "class"
[reports.category.values]
DRONE = { multirotor = 1.0, bird = 0.1 }
"""


def refused(old: str, new: str) -> BadConfiguration:
    assert old in GOOD
    with pytest.raises(BadConfiguration) as caught:
        parse_mapping(GOOD.replace(old, new), "radar.toml")
    return caught.value


def test_a_mapping_names_every_column_it_reads_once() -> None:
    mapping = parse_mapping(GOOD, "radar.toml")
    assert mapping.reports[0].kind == ReportKind.POLAR
    assert mapping.columns() == ("t", "r", "a", "class")


def test_an_angle_without_a_unit_is_refused_rather_than_taken_for_radians() -> None:
    error = refused('column = "a", unit = "deg"', 'column = "a"')
    assert "azimuth" in error.what
    assert "deg" in error.hint


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('unit = "km"', 'unit = "kt"', "range"),
        ('unit = "s"', 'unit = "h"', "no unit of time"),
        ("bird = 0.1", "brid = 0.1", "brid"),
        ("bird = 0.1", "bird = 0.0", "likelihood"),
        ("bird = 0.1", "bird = 1.5", "likelihood"),
        ('sensor = "radar"\n', "", "sensor"),
        ('kind = "polar"', 'kind = "position"', "latitude and longitude"),
        ('kind = "polar"', 'kind = "plot"', "plot"),
        ("[reports.category]", 'state = { column = "s", operational = ["ok"] }\n[reports.category]', "state"),
        ('received = { column = "t"', 'delimiter = ",,"\nreceived = { column = "t"', "delimiter"),
    ],
)
def test_what_cannot_be_is_refused(old: str, new: str, says: str) -> None:
    assert says in str(refused(old, new))


def test_a_misspelt_key_is_refused_with_its_line() -> None:
    error = refused("azimuth =", "azimut =")
    assert error.where == "radar.toml, line 7"
    assert error.hint == "did you mean azimuth?"


def test_two_reports_of_one_name_and_none_at_all_are_refused() -> None:
    report = GOOD[GOOD.index("[[reports]]") :]
    with pytest.raises(BadConfiguration, match="two reports are called 'plot'"):
        parse_mapping(GOOD + report, "radar.toml")
    with pytest.raises(BadConfiguration):
        parse_mapping('reports = []\nreceived = { column = "t", unit = "s" }', "radar.toml")
