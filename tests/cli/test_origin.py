"""`luchtwacht origin` and `luchtwacht reach`: areas, times and answers for people, programs and maps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.cli.test_evaluate import SITE
from tests.simulation.worlds import FINDER, RADAR, START_NS, drone, world
from typer.testing import CliRunner

from luchtwacht.cli import app
from luchtwacht.cli.recordings import write_recording
from luchtwacht.errors import BadInput, RecordError
from luchtwacht.simulation import simulate, true_course
from luchtwacht.simulation.scenario import Fly
from luchtwacht.simulation.trajectory import lay_paths


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[float, float]]:
    """A minute of one drone that takes off 2.2 km from a radar; and the place, east and north."""
    folder = tmp_path_factory.mktemp("recording")
    flight = drone(
        "drone", Fly(to=(1500.0, 1600.0, 60.0), speed_m_s=4.0), Fly(to=(300.0, 1600.0, 60.0), speed_m_s=14.0),
        at=(1500.0, 1600.0, 0.0), start_s=8.0,
    )  # fmt: skip
    made = world(flight, sensors=(RADAR, FINDER), duration_s=60.0)
    write_recording(folder, made.site, simulate(made, START_NS), true_course(made, START_NS), site_text=SITE)
    east, north = lay_paths(made).position[0, :2].tolist()
    return folder, (east, north)


def asked(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False)


def of(folder: Path, *options: str) -> Any:
    return asked("origin", str(folder), "--site", str(folder / "site.toml"), *options)


def test_a_recording_tells_areas_as_json_as_a_map_and_as_a_sheet(
    recording: tuple[Path, tuple[float, float]], tmp_path: Path
) -> None:
    folder, (east, north) = recording
    result = of(folder, "--all", "--json", "--geojson", str(tmp_path / "a.geojson"), "--plot", str(tmp_path / "a.png"))
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert len(found) == 1
    (takeoff,) = found
    assert takeoff["extent"] in ("in_view", "hidden")
    apart = np.array([takeoff["point"]["latitude"] - 52.0, takeoff["point"]["longitude"] - 5.0])
    apart = apart * [111_250.0, 68_680.0] - [north, east]
    assert np.hypot(*apart) < 60.0
    assert takeoff["launch_from_ms"] <= START_NS // 1_000_000 + 8_000 <= takeoff["launch_until_ms"] + 2_000
    drawn = json.loads((tmp_path / "a.geojson").read_text())
    assert [each["properties"]["kind"] for each in drawn["features"]] == [
        "take-off area", "take-off area", "take-off point", "first seen",
    ]  # fmt: skip
    assert {each["properties"]["says"] for each in drawn["features"]} == {"an area, not an actor"}
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_without_alerts_people_are_told_what_to_ask_and_the_answer_reads_alone(
    recording: tuple[Path, tuple[float, float]],
) -> None:
    folder, _ = recording
    assert "ask with --track or --all" in of(folder).stdout
    said = of(folder, "--all", "--wind-speed", "8", "--wind-from", "90").stdout
    for part in ("Track ", "took off", "holds it with 50 %", "first seen", "rests on", "the silence of radar"):
        assert part in said
    assert "nothing here says who flew" in said


def test_a_track_that_is_not_there_is_said_with_those_that_are(recording: tuple[Path, tuple[float, float]]) -> None:
    folder, _ = recording
    with pytest.raises(BadInput, match="no confirmed track 4711"):
        of(folder, "--track", "4711")


def test_a_folder_that_is_no_journal_is_said(tmp_path: Path) -> None:
    with pytest.raises((RecordError, BadInput)):
        asked("origin", str(tmp_path))


REACH = ("reach", "--from", "52.0,5.0", "--to", "52.1,5.0", "--speed", "15", "--endurance", "20")


def test_reach_says_yes_or_no_with_figures_and_the_exit_code() -> None:
    yes = asked(*REACH)
    assert yes.exit_code == 0
    assert yes.stdout.startswith("Yes.\n")
    assert "11.13 km along the great circle" in yes.stdout
    no = asked(*REACH, "--wind-speed", "9", "--wind-from", "0")
    assert no.exit_code == 1
    assert no.stdout.startswith("No.\n")
    assert "makes good 6.0 m/s over ground" in no.stdout
    assert "it would need 18.3 m/s through the air, 9.3 m/s over ground" in no.stdout
    figures = json.loads(asked(*REACH, "--aloft", "3", "--json").stdout)
    assert figures["possible"]
    assert figures["margin_s"] == pytest.approx(1200.0 - 180.0 - figures["distance_m"] / 15.0, abs=0.1)


@pytest.mark.parametrize("place", ["52.0", "north,5", "95,5", "52.0,5.0,3"])
def test_what_is_no_place_is_said(place: str) -> None:
    with pytest.raises(BadInput, match="is no place"):
        asked("reach", "--from", place, "--to", "52.1,5.0", "--speed", "15", "--endurance", "20")
