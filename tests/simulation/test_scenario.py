"""A scenario file that says something that cannot be is refused with the line that says it."""

from pathlib import Path

import pytest

from luchtwacht.errors import BadConfiguration
from luchtwacht.simulation import Weather, read_scenario

SITE = """id = "flat"
name = "Flat country"
origin = { latitude = 52.0, longitude = 5.0, height = 43.0 }
geoid_undulation_m = 43.0

[[sources]]
id = "radar"
format = "asterix"

[[sensors]]
id = "radar"
kind = "radar_3d"
source = "radar"
sac = 1
sic = 2
place = { latitude = 52.0, longitude = 5.0, height = 45.0 }
"""
HEAD = 'name = "A test"\nsite = "site.toml"\nduration_s = 60.0\n'


def read(folder: Path, text: str) -> object:
    (folder / "site.toml").write_text(SITE, encoding="utf-8")
    (folder / "scenario.toml").write_text(HEAD + text, encoding="utf-8")
    return read_scenario(folder / "scenario.toml")


def test_a_scenario_without_any_of_the_new_is_calm(tmp_path: Path) -> None:
    scenario = read(tmp_path, '[[objects]]\nid = "a"\nkind = "bird"\nat = [0, 0, 9]\n')
    assert scenario.weather == Weather()
    assert [each.id for each in scenario.cast()] == ["a"]


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("[weather]\nwind_ms = 3.0", 5, "did you mean wind_m_s"),
        ("[weather]\nwind_m_s = -3.0", 5, "wind_m_s"),
        ("[[weather.rain]]\nmm_h = 0.0", 5, "mm_h"),
        ('[[objects]]\nid = "a"\nkind = "bird"\nat = [0, 0, 9]\ncount = 0', 8, "count"),
        ('[[objects]]\nid = "a"\nkind = "bird"\nat = [0, 0]', 7, "at"),
        ('[[objects]]\nid = "a"\nkind = "bird"\nat = [0, 0, 9]\nlegs = [{ do = "dive" }]', 8, "dive"),
        ('[[objects]]\nid = "a"\nkind = "bird"\nat = [0, 0, 9]\nlegs = [{ do = "hover", seconds = -1 }]', 8, "seconds"),
        ('[[objects]]\nid = "a"\nkind = "swallow"\nat = [0, 0, 9]', 6, "swallow"),
        (
            '[[objects]]\nid = "a"\nkind = "bird"\nat = [0, 0, 9]\n[[raids]]\nid = "a"\ncount = 3\nto = [0, 0, 50]',
            9,
            "a second object is called 'a'",
        ),
        (
            '[[objects]]\nid = "a"\nkind = "multirotor"\nat = [0, 0, 9]\ncount = 2\n'
            'splits = [{ at_s = 3, members = [3], legs = [{ do = "hover", seconds = 1 }] }]',
            9,
            "member 3 leaves 'a', which has 2",
        ),
        ('[[raids]]\nid = "r"\ncount = 3\nto = [0, 0, 50]\nspeed_m_s = [9, 3]', 8, "from 9 to 3 cannot be"),
        ('[[sensors]]\nid = "rader"', 5, "the site has no sensor 'rader'"),
        ('[[sensors]]\nid = "radar"\n[[sensors]]\nid = "radar"', 7, "described twice"),
        ('[[sensors]]\nid = "radar"\nloss = 1.5', 6, "loss"),
        ('[[sensors]]\nid = "radar"\noutages = [[9, 3]]', 6, "ends at 3 s, before it begins at 9 s"),
        ('[[sensors]]\nid = "radar"\nresolution_m = 20', 6, "give both"),
        ('[[sensors]]\nid = "radar"\nclutter = [{ reports = 3 }]', 6, "one of `at`, `along` and `area`"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(tmp_path: Path, text: str, line: int, told: str) -> None:
    with pytest.raises(BadConfiguration) as refused:
        read(tmp_path, text)
    assert f"scenario.toml, line {line}" in refused.value.where, refused.value
    assert told in str(refused.value)
