"""The house stands as the design says, and somebody who plants an import against it is told."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PLANTED = [
    ("tracking/tracker.py", "import luchtwacht.airspace", "luchtwacht.tracking.tracker -> luchtwacht.airspace"),
    ("kernels/motion.py", "import luchtwacht.model", "luchtwacht.kernels.motion -> luchtwacht.model"),
    ("identity/correlator.py", "import numba", "luchtwacht.identity.correlator -> numba"),
    ("alerting/rules.py", "import time", "luchtwacht.alerting.rules -> time"),
    ("codecs/adsb/beast.py", "import luchtwacht.codecs.asterix", "luchtwacht.codecs.adsb.beast"),
    ("journal/tree.py", "import luchtwacht.pipeline", "luchtwacht.journal.tree -> luchtwacht.pipeline"),
    ("sources/live.py", "import luchtwacht.codecs", "luchtwacht.sources.live -> luchtwacht.codecs"),
    ("server/app.py", "import luchtwacht.cli", "luchtwacht.server.app -> luchtwacht.cli"),
]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the import contracts on a copy of the house."""
    return subprocess.run(
        [shutil.which("lint-imports") or str(ROOT / ".venv/bin/lint-imports"), "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder / "src"), "PATH": str(ROOT / ".venv/bin"), "COLUMNS": "300"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The sources and the contracts, to plant things in."""
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("static", "__pycache__", "*.geojson"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(("file", "line", "named"), PLANTED, ids=[file for file, *_ in PLANTED])
def test_a_planted_import_against_the_design_is_found_and_named(copy: Path, file: str, line: str, named: str) -> None:
    path = copy / "src" / "luchtwacht" / file
    path.write_text(path.read_text() + f"\n{line}\n")
    outcome = lint(copy)
    assert outcome.returncode == 1, outcome.stdout + outcome.stderr
    assert named in outcome.stdout


def test_the_house_as_it_stands_keeps_every_contract(copy: Path) -> None:
    outcome = lint(copy)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
