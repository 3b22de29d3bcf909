from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from luchtwacht.cli import app
from luchtwacht.cli.places import open_site
from luchtwacht.errors import BadConfiguration
from luchtwacht.pipeline import Pipeline

runner = CliRunner()
SITE = """\
id = "field"
name = "A field"
origin = { latitude = 52.0, longitude = 5.0 }
zone_files = ["published.json"]
"""


def feature(name: str, west: float, south: float, **properties: Any) -> dict[str, Any]:
    ring = [[west, south], [west + 0.1, south], [west + 0.1, south + 0.1], [west, south + 0.1], [west, south]]
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"id": name, "name": name, "restriction": "PROHIBITED", "upper": 120, **properties},
    }


def write(folder: Path, *features: dict[str, Any], site: str = SITE) -> Path:
    (folder / "published.json").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    (folder / "site.toml").write_text(site)
    return folder / "site.toml"


def test_published_zones_near_the_site_become_its_own(tmp_path: Path) -> None:
    """The record then holds them, so that a replay needs no file."""
    site, _ = open_site(write(tmp_path, feature("near", 5.2, 52.1), feature("far", 9.0, 48.0)))
    assert [zone.id for zone in site.zones] == ["near"]
    assert site.zones[0].source == "published.json"
    assert site.zone_files == ()
    Pipeline(site)


def test_how_near_is_declared(tmp_path: Path) -> None:
    far = SITE + "zones_within_km = 600\n"
    site, _ = open_site(write(tmp_path, feature("near", 5.2, 52.1), feature("far", 9.0, 48.0), site=far))
    assert [zone.id for zone in site.zones] == ["near", "far"]


def test_an_authorisation_may_name_a_published_zone(tmp_path: Path) -> None:
    permit = """
[[authorisations]]
id = "a"
state = "granted"
zones = ["near"]
start = 2026-05-03T08:00:00Z
end = 2026-05-03T10:00:00Z
"""
    open_site(write(tmp_path, feature("near", 5.2, 52.1), site=SITE + permit))
    with pytest.raises(BadConfiguration, match="zone 'near', which there is not"):
        open_site(write(tmp_path, feature("another", 5.2, 52.1), site=SITE + permit))


def test_what_a_published_zone_gets_wrong_is_said_and_the_others_hold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site, _ = open_site(write(tmp_path, feature("near", 5.2, 52.1), feature("odd", 5.2, 52.1, restriction="MAYBE")))
    assert [zone.id for zone in site.zones] == ["near"]
    assert "'MAYBE' is no restriction" in capsys.readouterr().err


@pytest.mark.parametrize(("text", "said"), [("", "zones are not JSON"), ('{"a": 1}', "no")])
def test_a_set_that_is_none_is_refused_with_its_name(tmp_path: Path, text: str, said: str) -> None:
    path = write(tmp_path)
    (tmp_path / "published.json").write_text(text)
    with pytest.raises(BadConfiguration, match=said) as caught:
        open_site(path)
    assert caught.value.where.endswith("published.json")


def test_a_set_that_is_not_there_is_named_with_the_line(tmp_path: Path) -> None:
    path = write(tmp_path)
    (tmp_path / "published.json").unlink()
    with pytest.raises(BadConfiguration, match=r"published\.json cannot be read") as caught:
        open_site(path)
    assert "line 4" in caught.value.where


def test_the_command_shows_zones_and_problems_and_says_the_same_as_data(tmp_path: Path) -> None:
    write(tmp_path, feature("near", 5.2, 52.1), feature("odd", 5.2, 52.1, restriction="MAYBE"))
    shown = runner.invoke(app, ["zones", str(tmp_path / "published.json"), "--at", "2026-05-03T10:00:00Z"])
    assert shown.exit_code == 0
    assert "near" in shown.output
    assert "holds" in shown.output
    assert "MAYBE" in shown.output
    told = json.loads(runner.invoke(app, ["zones", str(tmp_path / "published.json"), "--json"]).stdout)
    assert [zone["id"] for zone in told["zones"]] == ["near"]
    assert told["problems"][0]["zone"] == "odd"
