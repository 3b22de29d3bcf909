"""Retention as somebody would type it, on a record at rest and beside a running watch."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

import pytest
from tests.journal.recordings import alert_changed, command, frames, time_of
from tests.journal.test_retention import DAY_NS, LATER_NS, SITE
from typer.testing import CliRunner, Result

from luchtwacht.cli import app
from luchtwacht.cli.console import WatchBackend
from luchtwacht.cli.places import site_signer
from luchtwacht.errors import BadCommand, RecordError
from luchtwacht.journal import EntryKind, JournalWriter, Signer, create_key, read_entries, verify_journal
from luchtwacht.journal.requests import Hold
from luchtwacht.model import RetentionSettings, Site
from luchtwacht.model.encoding import encode_site
from luchtwacht.runtime.feed import PlayedFeed
from luchtwacht.runtime.retaining import Retaining, alert_span, needed_from_ns
from luchtwacht.runtime.watch import Watch, open_journal
from luchtwacht.simulation import embedded_scenario, read_scenario, simulate
from luchtwacht.units import SECOND_NS, seconds_to_ns

POLICY = RetentionSettings(frames_days=5)


class Then:
    def now_ns(self) -> int:
        return LATER_NS


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr("luchtwacht.clock.SystemClock", Then)
    record(tmp_path / "journal", replace(SITE, retention=POLICY), 1)
    record(tmp_path / "journal", replace(SITE, name="Under another configuration", retention=POLICY), 21)
    return tmp_path / "journal"


def record(folder: Path, site: Site, first: int) -> None:
    writer = JournalWriter(folder, signer=site_signer(site.id), chunk_entries=8)
    writer.open_run(encode_site(site), {}, time_of(first - 1))
    writer.frames(frames(first, 12))
    writer.events(first + 11, time_of(first + 11), (alert_changed(first + 11),))
    writer.command(command(first + 12))
    writer.close()


def say(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["retention", *map(str, arguments)])


def kept(folder: Path) -> list[int]:
    return [each.sequence for each in read_entries(folder) if each.kind is EntryKind.FRAME]


def test_showing_deletes_nothing_and_applying_what_was_shown(folder: Path) -> None:
    shown = say("show", folder)
    assert shown.exit_code == 0, shown.output
    assert "frames     5 days" in shown.output
    assert "to go 12 frames" in shown.output
    assert len(kept(folder)) == 24
    applied = say("apply", folder, "--by", "A. Archivist", "--reason", "policy")
    assert applied.exit_code == 0, applied.output
    assert "deleted 12 frames" in applied.output
    assert kept(folder) == list(range(21, 33))  # the pipeline of the last configuration may have to start again
    assert "nothing is to go" in say("show", folder).output
    assert verify_journal(folder, keys=site_signer("test").verifiers()).holds


def test_a_hold_by_alert_covers_its_time_until_released(folder: Path) -> None:
    assert say("hold", folder, "case-7", "--alert", 1, "--by", "B", "--reason", "claim").exit_code == 0
    assert "case-7" in say("show", folder).output
    again = say("hold", folder, "case-7", "--alert", 1, "--by", "C", "--reason", "c")
    assert "'case-7' is held already" in str(again.exception)
    say("apply", folder, "--by", "A", "--reason", "policy")
    assert len(kept(folder)) == 24
    refused = say("release", folder, "case-8", "--by", "B", "--reason", "settled")
    assert "nothing is held as 'case-8'" in str(refused.exception)
    assert say("release", folder, "case-7", "--by", "B", "--reason", "settled").exit_code == 0
    say("apply", folder, "--by", "A", "--reason", "policy")
    assert len(kept(folder)) == 12


def test_a_hold_counts_while_the_watch_is_running(folder: Path) -> None:
    writer = JournalWriter(folder, signer=site_signer("test"))
    said = say("hold", folder, "case-9", "--alert", 1, "--by", "B", "--reason", "claim")
    assert "the running watch will see to it" in said.output
    assert isinstance(say("apply", folder, "--by", "A", "--reason", "policy").exception, RecordError)
    assert not _noted(folder, "hold")
    writer.frames(frames(34, 1))
    writer.commit()
    writer.close()
    assert _noted(folder, "hold")
    assert not list((folder / "requests").iterdir())


def _noted(folder: Path, subject: str) -> bool:
    return any(each.kind is EntryKind.NOTE and subject.encode() in each.data for each in read_entries(folder))


def test_what_to_hold_must_be_said(folder: Path) -> None:
    assert "say what to hold" in str(say("hold", folder, "x", "--by", "B", "--reason", "c").exception)
    with pytest.raises(RecordError, match="alert 99 is not on record"):
        alert_span(folder, 99)


def test_a_running_watch_keeps_to_its_policy(folder: Path) -> None:
    writer = JournalWriter(folder, signer=site_signer("test"))
    done = threading.Event()
    told: list[str] = []

    def tell(sentence: str) -> None:
        told.append(sentence)
        done.set()

    with Retaining(writer, folder, POLICY, Then(), tell):
        assert done.wait(30)
    writer.frames(frames(34, 2))
    writer.close()
    assert told == [
        "deleted 12 frames, 0 other entries and 0 pieces of entries from 1 segments: " + told[0].split(": ")[1]
    ]
    assert kept(folder) == [*range(21, 33), 34, 35]
    report = verify_journal(folder, keys=site_signer("test").verifiers())
    assert report.holds, report.text()


def test_what_a_watch_needs_to_start_again_begins_with_its_configuration(folder: Path) -> None:
    assert needed_from_ns(folder) == time_of(20)
    record(folder, replace(SITE, name="Under another configuration", retention=POLICY), 41)
    assert needed_from_ns(folder) == time_of(20)
    assert time_of(41) < LATER_NS - DAY_NS


def test_a_replay_says_what_it_cannot_run_again(folder: Path) -> None:
    say("apply", folder, "--by", "A", "--reason", "policy")
    replayed = CliRunner().invoke(app, ["replay", str(folder), "--json"])
    assert "not run again · period 1 of 2" in replayed.output
    assert "12 of its inputs are not on record any more" in replayed.output


def test_a_hold_from_the_console_counts_at_once_and_the_watch_puts_it_on_record(tmp_path: Path) -> None:
    """One writer: the watch itself."""
    scenario = read_scenario(embedded_scenario())
    began_ns = 1_777_765_200 * SECOND_NS
    arrivals = tuple(takewhile(lambda each: each[0] < began_ns + 5 * SECOND_NS, simulate(scenario, began_ns)))
    feed = PlayedFeed(lambda: arrivals, step_ns=seconds_to_ns(scenario.site.step_s), settle_ns=SECOND_NS)
    signer = Signer(create_key("watch.example/capital", seed=bytes(range(32))))
    writer = open_journal(tmp_path, scenario.site, {}, began_ns, signer)
    watch = Watch(scenario.site, {}, feed, folder=tmp_path, writer=writer)
    backend = WatchBackend(watch, Then())
    hold = Hold(id="case-7", by="JW", reason="police asked", from_ns=began_ns, to_ns=began_ns + SECOND_NS)
    asyncio.run(backend.hold(hold))
    assert asyncio.run(backend.holds()) == (hold,)
    watch.run_to_end()
    assert not list((tmp_path / "requests").iterdir())
    assert asyncio.run(backend.holds()) == (hold,)
    assert _noted(tmp_path, "police asked")
    looked_at = WatchBackend(Watch(scenario.site, {}, feed, folder=tmp_path), Then())
    with pytest.raises(BadCommand, match="records nothing"):
        asyncio.run(looked_at.hold(hold))
