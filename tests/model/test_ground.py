from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from luchtwacht.airspace import Airspace
from luchtwacht.errors import BadConfiguration
from luchtwacht.identity.coverage import coverages
from luchtwacht.ingest import load_site
from luchtwacht.model import (
    Basis,
    Circle,
    HeightReference,
    Identities,
    Place,
    Restriction,
    Sensor,
    SensorKind,
    Site,
    Tracks,
    TrackStatus,
    Volume,
    Zone,
)
from luchtwacht.model.encoding import decode_site, encode_site
from luchtwacht.model.ground import grid_of
from luchtwacht.model.sight import Horizon, ground_up, in_sight
from luchtwacht.units import DEGREE

HILL = (52.0, 5.05)
"""3.4 km east of the origin"""


def hilly(**settings: object) -> Site:
    """Flat land at 10 m, with a hill of 300 m that rises from 5.03 to 5.05 E and falls to 5.07 E; the sea at 40 m."""
    longitudes = 4.9 + 0.01 * np.arange(41)
    profile = 10.0 + np.clip(1.0 - np.abs(longitudes - HILL[1]) / 0.02, 0.0, 1.0) * 290.0
    made = Site(
        id="hill",
        name="A hill",
        origin=Place(latitude=52.0, longitude=5.0, height=50.0),
        geoid_undulation_m=40.0,
        ground_height_m=10.0,
        terrain=grid_of("hill.asc", 52.2, 4.9, (0.01, 0.01), np.tile(profile, (41, 1))),
        zones=(
            Zone(
                id="low",
                name="Below 120 m",
                restriction=Restriction.PROHIBITED,
                volumes=(Volume(circle=Circle(latitude=52.0, longitude=5.03, radius=5_000.0), upper=120.0),),
            ),
        ),
    )
    return replace(made, **settings)  # type: ignore[arg-type]


def track(site: Site, longitude: float, above_sea: float) -> Tracks:
    """One that stands still, its height known to a metre."""
    enu = site.frame.to_enu([52.0 * DEGREE, longitude * DEGREE, above_sea + site.geoid_undulation_m])
    return Tracks.unknown(
        1, track=1, time_ns=0, started_ns=0, confirmed_ns=0, updated_ns=0, status=TrackStatus.CONFIRMED,
        basis=Basis.MEASURED, x=np.concatenate([enu, np.zeros(3)])[None], P=np.eye(6)[None], existence=1.0, updates=9,
        sensors=1, category_probability=np.array([[1.0, 0, 0, 0, 0]]),
    )  # fmt: skip


def inside(site: Site, longitude: float, above_sea: float) -> float:
    findings = Airspace(site).check(0, track(site, longitude, above_sea), Identities.empty())
    return float(findings.probability_inside[0])


def test_heights_above_ground_are_above_the_ground_under_the_track() -> None:
    """At 380 m above the sea a drone is 370 m over the plain and 80 m over the hill."""
    assert inside(hilly(), 5.0, 380.0) < 0.01
    assert inside(hilly(), HILL[1], 380.0) > 0.99
    assert inside(hilly(terrain=None), HILL[1], 380.0) < 0.01


def test_a_zone_over_the_sea_that_lies_in_a_mountain_holds_nothing_there() -> None:
    volume = Volume(
        circle=Circle(latitude=52.0, longitude=5.03, radius=5_000.0),
        lower=50.0,
        upper=200.0,
        upper_reference=HeightReference.AMSL,
    )
    zones = (Zone(id="mixed", name="Mixed", restriction=Restriction.PROHIBITED, volumes=(volume,)),)
    assert inside(hilly(zones=zones), 5.0, 150.0) > 0.99
    assert inside(hilly(zones=zones), HILL[1], 380.0) == 0.0


def test_a_hill_hides_what_is_behind_it_and_no_more() -> None:
    site = hilly()
    eye = site.frame.to_enu([52.0 * DEGREE, 5.0 * DEGREE, 60.0])
    behind = np.array([site.frame.to_enu([52.0 * DEGREE, 5.09 * DEGREE, 50.0 + up]) for up in (100.0, 600.0)])
    before = site.frame.to_enu([52.0 * DEGREE, 5.02 * DEGREE, 100.0])
    assert in_sight(site, eye, behind).tolist() == [False, True]
    assert bool(in_sight(site, eye, before))
    assert in_sight(hilly(terrain=None), eye, behind).all()


def test_the_table_of_the_horizon_says_what_the_lines_of_sight_say() -> None:
    """Apart from places within metres of the line, as the table has cells."""
    longitudes = 4.9 + 0.001 * np.arange(401)
    profile = 10.0 + np.clip(1.0 - np.abs(longitudes - HILL[1]) / 0.02, 0.0, 1.0) * 290.0
    site = hilly(terrain=grid_of("fine.asc", 52.2, 4.9, (0.001, 0.001), np.tile(profile, (401, 1))))
    rng = np.random.default_rng(3)
    eye = site.frame.to_enu([52.0 * DEGREE, 5.0 * DEGREE, 60.0])
    turn, away = rng.uniform(0.0, 2.0 * np.pi, 2_000), rng.uniform(300.0, 15_000.0, 2_000)
    places = np.column_stack([away * np.sin(turn), away * np.cos(turn), np.zeros(2_000)])
    places[:, 2] = ground_up(site, places) + rng.uniform(2.0, 500.0, 2_000)
    seen, lower, higher = (in_sight(site, eye, places + np.array([0.0, 0.0, off])) for off in (0.0, -12.0, 12.0))
    assert 0.3 < seen.mean() < 0.95
    clear = lower == higher
    assert clear.mean() > 0.9
    assert (Horizon(site, eye, 15_000.0).sees(places)[clear] == seen[clear]).mean() > 0.998
    with pytest.raises(ValueError, match="terrain"):
        Horizon(hilly(terrain=None), eye, 15_000.0)


def test_the_ground_is_under_a_point_whatever_its_height() -> None:
    site = hilly()
    hill = site.frame.to_enu([52.0 * DEGREE, HILL[1] * DEGREE, 340.0])
    for up in (0.0, 500.0):
        assert ground_up(site, hill + np.array([0.0, 0.0, up]))[()] == pytest.approx(hill[2], abs=0.5)


def test_a_radar_is_not_asked_about_what_the_land_hides() -> None:
    radar = Sensor(
        id="radar", kind=SensorKind.RADAR_3D, source="x", place=Place(latitude=52.0, longitude=5.0, height=60.0),
        range_max_m=20_000.0,
    )  # fmt: skip
    (coverage,) = coverages(hilly(sensors=(radar,)))
    place = hilly().frame.to_enu([52.0 * DEGREE, 5.09 * DEGREE, 150.0])
    assert coverage.expects(place, np.zeros(3), 5.0) == 0.0
    (flat,) = coverages(hilly(sensors=(radar,), terrain=None))
    assert flat.expects(place, np.zeros(3), 5.0) > 0.5


def test_a_site_with_grids_is_the_same_after_it_was_recorded() -> None:
    site = hilly()
    assert decode_site(encode_site(site)) == site


GRID = "ncols 3\nnrows 3\nxllcenter 4.9\nyllcenter 51.9\ncellsize 0.1\n" + "44.5 44.5 44.5\n" * 3
SITE = 'id = "s"\nname = "S"\norigin = { latitude = 52.0, longitude = 5.0 }\ngeoid_file = "geoid.asc"\n'


def test_the_grids_of_a_site_file_are_read_and_say_what_holds_at_the_origin(tmp_path: Path) -> None:
    (tmp_path / "geoid.asc").write_text(GRID)
    (tmp_path / "site.toml").write_text(SITE)
    site, _ = load_site(tmp_path / "site.toml")
    assert site.geoid_undulation_m == pytest.approx(44.5)
    assert float(site.sea_level(52.05, 5.05)) == pytest.approx(44.5)
    assert site.geoid_file == ""


def test_a_declared_height_that_the_grid_denies_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "geoid.asc").write_text(GRID)
    (tmp_path / "site.toml").write_text(SITE + "geoid_undulation_m = 0.0\n")
    with pytest.raises(BadConfiguration, match=r"44\.5 m") as caught:
        load_site(tmp_path / "site.toml")
    assert "line 5" in caught.value.where


def test_a_grid_that_is_not_there_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text(SITE)
    with pytest.raises(BadConfiguration, match=r"geoid\.asc cannot be read") as caught:
        load_site(tmp_path / "site.toml")
    assert "line 4" in caught.value.where
