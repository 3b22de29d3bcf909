"""A stranger checks a bundle with nothing but it and a public key."""

import os
import subprocess
import sys
import zipfile
from itertools import takewhile
from pathlib import Path

import pytest

from luchtwacht.journal import create_key
from luchtwacht.runtime.feed import PlayedFeed
from luchtwacht.runtime.watch import Watch, open_journal
from luchtwacht.simulation import embedded_scenario, read_scenario, simulate
from luchtwacht.units import SECOND_NS, format_utc, seconds_to_ns

START_NS = 1_777_765_200 * SECOND_NS


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's state files, with the journal of a few seconds of a capital at night in it."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(home))
        from luchtwacht.cli.places import site_signer

        scenario = read_scenario(embedded_scenario())
        signer = site_signer(scenario.site.id)
    end_ns = START_NS + 20 * SECOND_NS
    feed = PlayedFeed(
        lambda: takewhile(lambda arrival: arrival[0] < end_ns, simulate(scenario, START_NS)),
        step_ns=seconds_to_ns(scenario.site.step_s),
        settle_ns=seconds_to_ns(scenario.site.reorder_s),
    )
    writer = open_journal(home / "journal", scenario.site, {}, START_NS, signer)
    Watch(scenario.site, {}, feed, folder=home / "journal", writer=writer).run_to_end()
    return home


def luchtwacht(home: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The command, as somebody would type it."""
    return subprocess.run(
        [sys.executable, "-m", "luchtwacht", *map(str, arguments)],
        env=os.environ | {"XDG_STATE_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def key(home: Path) -> Path:
    """The site's public key, in a file of its own."""
    path = home / "site.pub"
    path.write_text(luchtwacht(home, "key", "markerstad").stdout)
    return path


@pytest.fixture(scope="module")
def bundle(home: Path) -> Path:
    """Everything, in one file."""
    path = home / "night.zip"
    outcome = luchtwacht(home, "export", home / "journal", "--out", path)
    assert outcome.returncode == 0, outcome.stderr
    return path


def test_a_bundle_holds_and_its_conclusions_follow_from_its_bytes(home: Path, bundle: Path, key: Path) -> None:
    outcome = luchtwacht(home, "verify", bundle, "--key", key)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert ": holds" in outcome.stdout
    assert "byte for byte" in outcome.stdout


def test_a_journal_can_be_checked_where_it_stands(home: Path, key: Path) -> None:
    outcome = luchtwacht(home, "verify", home / "journal", "--key", key)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_a_changed_byte_is_found(home: Path, bundle: Path, key: Path, tmp_path: Path) -> None:
    forged = tmp_path / "forged.zip"
    with zipfile.ZipFile(bundle) as old, zipfile.ZipFile(forged, "w", zipfile.ZIP_STORED) as new:
        for member in old.infolist():
            data = bytearray(old.read(member))
            if member.filename.endswith(".mcap"):
                data[len(data) // 2] ^= 1
            new.writestr(member.filename, bytes(data))
    outcome = luchtwacht(home, "verify", forged, "--key", key, "--no-rerun")
    assert outcome.returncode == 1
    assert "DOES NOT HOLD" in outcome.stdout


def test_somebody_elses_key_does_not_vouch_for_it(home: Path, bundle: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.pub"
    other.write_text(str(create_key("luchtwacht/elsewhere").verifier))
    outcome = luchtwacht(home, "verify", bundle, "--key", other, "--no-rerun")
    assert outcome.returncode == 1


def test_a_span_from_the_middle_is_run_again_from_a_snapshot_and_says_so(home: Path, key: Path, tmp_path: Path) -> None:
    part = tmp_path / "part.zip"
    start = format_utc(START_NS + 11 * SECOND_NS)
    assert luchtwacht(home, "export", home / "journal", "--from", start, "--out", part).returncode == 0
    outcome = luchtwacht(home, "verify", part, "--key", key)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert "was taken from the sealed snapshot of it" in outcome.stdout
    assert "running the inputs again gives the same" in outcome.stdout


def test_replay_says_that_the_journal_comes_out_equal(home: Path) -> None:
    outcome = luchtwacht(home, "replay", home / "journal", "--json")
    assert outcome.returncode == 0, outcome.stderr
    assert '"difference":null' in outcome.stdout
