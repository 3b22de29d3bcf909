"""Declarations are strict, and errors name the line."""

from pathlib import Path

import pytest

from luchtwacht.config import load, loads
from luchtwacht.errors import BadConfiguration
from luchtwacht.model import SensorKind, Site

SITE = """\
id = "test"
name = "Test"
origin = { latitude = 52.0, longitude = 5.0 }

[[sources]]
id = "radar"
format = "asterix"

[[sensors]]
id = "r1"
kind = "radar_3d"
source = "radar"
place = { latitude = 52.0, longitude = 5.0, height = 50.0 }

[[sensors]]
id = "r2"
kind = "radar_2d"
source = "radar"
place = { latitude = 52.0, longitude = 5.0 }

[[zones]]
id = "z"
name = "Z"
restriction = "PROHIBITED"
[[zones.volumes]]
circle = { latitude = 52.0, longitude = 5.0, radius = 100.0 }
"""


def refused(text: str) -> BadConfiguration:
    with pytest.raises(BadConfiguration) as caught:
        loads(text, Site, where="site.toml")
    return caught.value


def test_a_site_is_read_as_declared() -> None:
    site = loads(SITE, Site, where="site.toml")
    assert site.sensors[1].kind == SensorKind.RADAR_2D
    assert site.zones[0].volumes[0].circle is not None


def test_an_unknown_key_is_refused_with_its_line_and_the_nearest_known() -> None:
    error = refused(SITE.replace('id = "r2"', 'id = "r2"\nrange_sigma = 3.0'))
    assert error.where == "site.toml, line 17"
    assert "sensors[1].range_sigma" in error.what
    assert error.hint == "did you mean range_sigma_m?"


def test_an_unknown_key_in_a_table_within_a_table_is_found() -> None:
    error = refused(SITE.replace("radius = 100.0", "raduis = 100.0"))
    assert "zones[0].volumes[0].circle.raduis" in error.what
    assert error.where == "site.toml, line 26"
    assert error.hint == "did you mean radius?"


def test_a_value_that_is_none_of_the_allowed_is_refused_with_the_allowed() -> None:
    error = refused(SITE.replace("radar_2d", "radar_4d"))
    assert error.where == "site.toml, line 17"
    assert "radar_4d" in error.what
    assert "radar_3d" in error.hint


def test_a_value_of_another_type_is_refused_with_both_types() -> None:
    error = refused(SITE.replace("height = 50.0", 'height = "high"'))
    assert "sensors[0].place.height" in error.what
    assert "high" in error.what
    assert error.where == "site.toml, line 13"


def test_a_missing_key_is_named() -> None:
    error = refused(SITE.replace('source = "radar"\nplace = { latitude = 52.0, longitude = 5.0 }\n', ""))
    assert "source" in error.what
    assert error.where == "site.toml, line 15"
    assert "needs" in error.hint


def test_text_that_is_no_toml_is_refused_with_its_line() -> None:
    assert "line 2" in refused('id = "a"\nname = \n').what


def test_a_file_that_is_not_there_or_is_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="no such file"):
        load(tmp_path / "none.toml", Site)
    (tmp_path / "binary.toml").write_bytes(b"\x00\xff\xfe")
    with pytest.raises(BadConfiguration, match="UTF-8"):
        load(tmp_path / "binary.toml", Site)
