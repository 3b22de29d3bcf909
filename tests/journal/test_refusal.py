"""A disk that refuses: the watch is told, nothing remembered is forgotten, and recording goes on once it can."""

from __future__ import annotations

import errno
import multiprocessing
import os
from contextlib import suppress
from pathlib import Path
from time import sleep

import pytest
from tests.journal.disk import SimulatedFiles
from tests.journal.feeding import SIGNER, feed
from tests.journal.recordings import entries_of, frames, tick

from luchtwacht.errors import RecordError
from luchtwacht.journal import EntryKind, JournalWriter
from luchtwacht.journal.entry import decode_note
from luchtwacht.journal.keys import Signer, create_key
from luchtwacht.journal.verifying import verify_journal

FOLDER = Path("/journal")


class FullDisk:
    """Refuses calls of some names while it is full."""

    def __init__(self, *names: str) -> None:
        self.names, self.full = names, False

    def __call__(self, number: int, name: str) -> OSError | None:
        if self.full and name in self.names:
            return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return None


@pytest.mark.parametrize("name", ["append", "sync", "open_append", "sync_folder", "truncate"])
def test_what_could_not_be_written_is_written_once_there_is_space(name: str) -> None:
    disk, full = SimulatedFiles(1), FullDisk(name)
    disk.before_call = full
    writer = JournalWriter(FOLDER, files=disk, segment_bytes=1)
    writer.frames(frames(1, 3))
    assert writer.commit() == 3
    full.full = True
    writer.frames(frames(4, 3))
    with pytest.raises(RecordError, match="No space left on device") as caught:
        writer.commit()
    assert "3 entries after input 3 wait in memory" in str(caught.value)
    assert writer.failure == str(caught.value)
    assert writer.pending
    assert writer.durable == 3
    writer.frames(frames(7, 1))
    with pytest.raises(RecordError, match="4 entries after input 3"):
        writer.commit()
    full.full = False
    assert writer.commit() == 7
    assert writer.failure == ""
    writer.close()
    assert [each.sequence for each in entries_of(FOLDER, disk)] == list(range(1, 8))
    assert not verify_journal(FOLDER, keys=[], files=disk).failed()


def test_what_does_not_fit_into_memory_is_let_go_counted_and_noted() -> None:
    disk, full = SimulatedFiles(1), FullDisk("append")
    disk.before_call = full
    writer = JournalWriter(FOLDER, files=disk, held_bytes=1_000)
    full.full = True
    for first in range(1, 101, 5):
        writer.frames(frames(first, 5))
    with pytest.raises(RecordError, match=r"90 inputs had to be let go"):
        writer.commit()
    full.full = False
    assert writer.commit() == 10
    writer.tick(tick(101))
    writer.close()
    entries = entries_of(FOLDER, disk)
    assert [each.sequence for each in entries if each.kind is not EntryKind.NOTE] == [*range(1, 11), 101]
    (note,) = [decode_note(each.data) for each in entries if each.kind is EntryKind.NOTE]
    assert (note["subject"], note["first"], note["last"], note["inputs"]) == ("gap", 11, 100, 90)
    report = verify_journal(FOLDER, keys=[], files=disk)
    assert not report.failed()
    assert "inputs 11 to 100 were not recorded" in report.text()


def test_a_disk_that_takes_entries_but_no_checkpoint_is_told_apart() -> None:
    disk, full = SimulatedFiles(1), FullDisk("replace")
    disk.before_call = full
    key = create_key("watch.example/north")
    writer = JournalWriter(FOLDER, files=disk, signer=Signer(key), checkpoint_ns=0)
    full.full = True
    writer.frames(frames(1, 3))
    with pytest.raises(RecordError, match="records up to input 3 but cannot be sealed"):
        writer.commit()
    assert not writer.pending
    assert writer.durable == 3
    full.full = False
    assert writer.commit() == 3
    assert writer.checkpoint is not None
    writer.close()
    assert verify_journal(FOLDER, keys=[key.verifier], files=disk).holds


def test_a_full_disk_at_opening_is_told() -> None:
    disk, full = SimulatedFiles(1), FullDisk("make_folder")
    disk.before_call = full
    full.full = True
    with pytest.raises(RecordError, match="cannot be opened: No space left on device"):
        JournalWriter(FOLDER, files=disk)


def test_a_journal_that_was_closed_records_no_more(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path)
    writer.close()
    writer.close()
    writer.frames(frames(1, 1))
    with pytest.raises(RecordError, match="closed"):
        writer.commit()


LIVES = 200


@pytest.mark.slow
def test_killed_two_hundred_times_under_load_it_keeps_every_promise(tmp_path: Path) -> None:
    """`kill -9` at any moment, on the real file system; a fork server, so that each life begins in milliseconds."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.journal.feeding"])
    promised = 0
    for life in range(LIVES):
        told, telling = context.Pipe(duplex=False)
        process = context.Process(target=feed, args=(tmp_path, telling), daemon=True)
        process.start()
        telling.close()
        assert told.poll(60.0)
        kept = told.recv()
        assert kept >= promised, f"life {life}: {promised} were promised, {kept} were there"
        sleep(0.0007 * (life % 31))
        process.kill()
        with suppress(EOFError, OSError):
            while True:
                promised = max(promised, told.recv())
        process.join()
        told.close()
    inputs = [each.sequence for each in entries_of(tmp_path) if each.kind is EntryKind.FRAME]
    assert inputs == list(range(1, len(inputs) + 1))
    assert len(inputs) >= promised > LIVES
    JournalWriter(tmp_path).close()
    report = verify_journal(tmp_path, keys=SIGNER.verifiers())
    assert report.holds, report.text()
