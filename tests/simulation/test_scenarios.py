"""Every scenario that is shipped can be read, sends bytes from each of its sources, and shows what it is about."""

import shutil
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from tests.simulation.worlds import START_NS

from luchtwacht.cli.simulate import named_files
from luchtwacht.errors import BadConfiguration
from luchtwacht.model.sight import in_sight
from luchtwacht.simulation import embedded_scenario, read_scenario, simulate
from luchtwacht.simulation.sensors import mount
from luchtwacht.simulation.trajectory import lay_paths


@pytest.mark.parametrize("name", ["swarm", "raid", "hill", "harbour"])
def test_a_shipped_scenario_plays(name: str) -> None:
    scenario = read_scenario(embedded_scenario(name))
    assert set(scenario.description) == {"en", "nl"}
    first = list(islice(simulate(scenario, START_NS), 400))
    assert len(first) == 400
    assert {source for _, source, _ in first} <= set(range(len(scenario.site.sources)))


def test_the_ridge_hides_the_low_drone_until_it_pops_up() -> None:
    scenario = read_scenario(embedded_scenario("hill"))
    paths, radar = lay_paths(scenario), mount(scenario.site, 0, scenario.behaviours[0])
    hidden = paths.names.index("hidden")
    times = np.arange(0.0, min(float(paths.end_s[hidden]), scenario.duration_s), 1.0)
    position, _ = paths.at(np.full(len(times), hidden), times)
    seen = in_sight(scenario.site, radar.place, position)
    assert not seen[:200].any()
    assert seen[-60:].all()


def test_a_scenario_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(BadConfiguration, match="capital_at_night, harbour, hill, raid, swarm"):
        embedded_scenario("flood")


def test_the_files_that_a_site_names_go_with_its_recording(tmp_path: Path) -> None:
    hill = embedded_scenario("hill")
    assert named_files(hill) == [(hill.parent / "terrain.asc", "terrain.asc")]
    for file, name in named_files(hill):
        shutil.copyfile(file, tmp_path / name)
    assert (tmp_path / "terrain.asc").stat().st_size > 10_000
