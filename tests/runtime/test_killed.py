"""A watch that is killed: what was received before is on disk, and the same command goes on where it was."""

import os
import signal
import subprocess
import sys
import time
from itertools import takewhile
from pathlib import Path

import pytest

from luchtwacht.cli.recordings import write_recording
from luchtwacht.cli.simulate import named_files, site_text
from luchtwacht.ingest import load_site
from luchtwacht.journal import EntryKind, read_entries
from luchtwacht.model import Truth
from luchtwacht.runtime.recorded import Rerun, periods, rerun
from luchtwacht.runtime.recorded import journal as recorded
from luchtwacht.simulation import embedded_scenario, read_scenario, simulate
from luchtwacht.units import SECOND_NS

START_NS = 1_777_765_200 * SECOND_NS
SPAN_S = 25


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first seconds of a capital at night, as a recorder would have kept them."""
    folder = tmp_path_factory.mktemp("recording")
    path = embedded_scenario()
    scenario = read_scenario(path)
    end_ns = START_NS + SPAN_S * SECOND_NS
    arrivals = takewhile(lambda arrival: arrival[0] < end_ns, simulate(scenario, START_NS))
    write_recording(
        folder,
        scenario.site,
        arrivals,
        Truth.empty(),
        site_text=site_text(path),
        beside=named_files(path),
    )
    return folder


def start(recording: Path, journal: Path, speed: float) -> subprocess.Popen[bytes]:
    """`luchtwacht run` on the recording, without a console."""
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "luchtwacht", "run", "--no-console"),
            *("--site", str(recording / "site.toml"), "--from", str(recording)),
            *("--journal", str(journal), "--speed", str(speed)),
        ],
        stderr=subprocess.PIPE,
    )


def frames_in(journal: Path) -> int:
    return sum(1 for _ in read_entries(journal, kinds=(EntryKind.FRAME,))) if (journal / "segments").exists() else 0


def test_what_was_received_before_a_kill_is_on_disk_and_a_restart_goes_on(recording: Path, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    total = sum(file.read_bytes().count(b"\n") for file in recording.glob("*.frames"))
    had = 0
    for kill_after in (total // 5, total // 2):
        watch = start(recording, journal, speed=8.0)
        deadline = time.monotonic() + 120.0
        while frames_in(journal) < kill_after:
            assert watch.poll() is None, watch.stderr.read() if watch.stderr else ""
            assert time.monotonic() < deadline
            time.sleep(0.05)
        os.kill(watch.pid, signal.SIGKILL)
        watch.communicate()
        kept = frames_in(journal)
        assert kept >= max(kill_after, had)
        had = kept
    assert had < total
    last = start(recording, journal, speed=1000.0)
    _, said = last.communicate(timeout=120)
    assert last.returncode == 0, said.decode()
    assert frames_in(journal) == total
    (period,) = periods(recorded(journal))
    *_, outcome = rerun(recorded(journal), period)
    assert isinstance(outcome, Rerun)
    assert outcome.difference is None
    assert outcome.unrecorded == 0


def test_another_watch_may_not_record_into_the_same_journal(recording: Path, tmp_path: Path) -> None:
    first = start(recording, tmp_path, speed=1.0)
    deadline = time.monotonic() + 60.0
    try:
        while not (tmp_path / "lock").exists() or not frames_in(tmp_path):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        second = start(recording, tmp_path, speed=1.0)
        _, said = second.communicate(timeout=60)
    finally:
        os.kill(first.pid, signal.SIGKILL)
        first.communicate()
    assert second.returncode == 4
    assert b"another watch is recording" in said


def test_another_configuration_begins_a_new_period(recording: Path, tmp_path: Path) -> None:
    """The record goes on; what is run again is only what ran under the new configuration."""
    journal, other = tmp_path / "journal", tmp_path / "other"
    start(recording, journal, speed=1000.0).communicate(timeout=120)
    other.mkdir()
    for file in recording.iterdir():
        text = file.read_bytes()
        (other / file.name).write_bytes(text.replace(b'name = "Markerstad"', b'name = "Elsewhere"'))
    assert load_site(other / "site.toml")[0].name == "Elsewhere"
    again = start(other, journal, speed=1000.0)
    _, said = again.communicate(timeout=120)
    assert again.returncode == 0, said.decode()
    first, second = periods(recorded(journal))
    assert second.after == first.last
    for period in (first, second):
        *_, outcome = rerun(recorded(journal), period)
        assert isinstance(outcome, Rerun)
        assert outcome.difference is None
