"""What a writer finds after any kind of end: torn tails are cut and kept beside, damage is told and never cut."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.journal.disk import SimulatedFiles
from tests.journal.recordings import entries_of, frames, tick, write_small

from luchtwacht.errors import RecordError
from luchtwacht.journal import Entry, EntryKind, JournalWriter, read_entries, read_frame, tail_state
from luchtwacht.journal.entry import decode_note
from luchtwacht.journal.keys import Signer, create_key
from luchtwacht.journal.reader import Damage
from luchtwacht.journal.verifying import Rule, verify_journal

KEY = create_key("watch.example/north", seed=bytes(range(32)))
TRUSTED = [KEY.verifier]
FOLDER = Path("/journal")


def abandon(writer: JournalWriter) -> None:
    """What a killed process leaves: nothing is ended, the lock is free."""
    writer._lock.release()


def segment(folder: Path, number: int = 1) -> Path:
    return folder / "segments" / f"{number:08d}.mcap"


def only_inputs(entries: list[Entry]) -> list[int]:
    return [each.sequence for each in entries if each.kind is not EntryKind.NOTE]


def test_a_write_torn_at_any_byte_costs_only_what_was_torn(tmp_path: Path) -> None:
    source = tmp_path / "source"
    writer = JournalWriter(source, chunk_entries=4)
    ends = []
    for first in (1, 7, 12):
        writer.frames(frames(first, 6 if first == 1 else 5))
        writer.commit()
        ends.append((segment(source).stat().st_size, first + (6 if first == 1 else 5) - 1))
    abandon(writer)
    whole = segment(source).read_bytes()
    every = entries_of(source)
    for length in range(len(whole) + 1):
        disk = SimulatedFiles(length)
        disk.put(segment(FOLDER), whole[:length])
        promised = max((last for size, last in ends if size <= length), default=0)
        seen = entries_of(FOLDER, disk)
        assert seen == every[: len(seen)]
        assert len(seen) >= promised
        state = tail_state(FOLDER, files=disk)
        assert state.last_sequence == len(seen)
        again = JournalWriter(FOLDER, files=disk)
        assert again.recovery.last_sequence == len(seen)
        assert again.recovery.bytes_cut == state.torn_bytes
        assert not again.recovery.damaged
        again.tick(tick(len(seen) + 1))
        again.close()
        after = entries_of(FOLDER, disk)
        assert after[: len(seen)] == seen
        assert only_inputs(after) == list(range(1, len(seen) + 2))
        notes = [decode_note(each.data) for each in after if each.kind is EntryKind.NOTE]
        assert [note["subject"] for note in notes] == (["recovery"] if state.torn_bytes else [])
        if state.torn_bytes:
            torn = disk.read_all(FOLDER / "segments" / again.recovery.torn)
            assert whole[:length].endswith(torn)
            assert len(torn) == state.torn_bytes == notes[0]["bytes_cut"]


def test_damage_before_the_last_promise_is_told_and_never_cut(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path, signer=Signer(KEY))
    for first in (1, 5, 9):
        writer.frames(frames(first, 4))
        writer.commit()
    abandon(writer)
    data = bytearray(segment(tmp_path).read_bytes())
    place = data.index(b"LWSEAL1\n", data.index(b"LWSEAL1\n") + 1) + 200
    data[place + 100] ^= 4
    segment(tmp_path).write_bytes(data)
    again = JournalWriter(tmp_path, signer=Signer(KEY))
    (sentence,) = again.recovery.damaged
    assert sentence.startswith("00000001.mcap is damaged from byte")
    assert again.recovery.bytes_cut == 0
    assert again.recovery.last_sequence == 12
    again.frames(frames(13, 2))
    again.close()
    with pytest.raises(RecordError, match="segment 1"):
        list(read_entries(tmp_path))
    told: list[Damage] = []
    found = list(read_entries(tmp_path, on_damage=told.append))
    assert only_inputs(found) == [1, 2, 3, 4, 9, 10, 11, 12, 13, 14]
    assert len(told) == 1
    assert read_frame(tmp_path, 10) is not None
    report = verify_journal(tmp_path, keys=TRUSTED)
    assert {each.rule for each in report.failed()} == {Rule.CONTENT}
    assert "(inputs 5 to 8) is damaged" in report.text()


def test_damage_in_a_complete_segment_costs_one_chunk(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path, signer=Signer(KEY))
    for first in (1, 5, 9):
        writer.frames(frames(first, 4))
        writer.commit()
    writer.close()
    data = bytearray(segment(tmp_path).read_bytes())
    data[data.rindex(b"LWSEAL1\n") + 200] ^= 1
    segment(tmp_path).write_bytes(data)
    told: list[Damage] = []
    assert only_inputs(list(read_entries(tmp_path, on_damage=told.append))) == list(range(1, 9))
    assert len(told) == 1
    again = JournalWriter(tmp_path, signer=Signer(KEY))
    assert again.recovery.last_sequence == 12
    again.frames(frames(13, 2))
    again.close()
    assert only_inputs(list(read_entries(tmp_path, on_damage=told.append))) == [*range(1, 9), 13, 14]
    report = verify_journal(tmp_path, keys=TRUSTED)
    assert Rule.LOG not in {each.rule for each in report.failed()}


def test_a_segment_that_lost_its_end_is_ended_again(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path, signer=Signer(KEY))
    write_small(writer)
    writer.close()
    whole = segment(tmp_path).read_bytes()
    index = whole.index(b"LWINDX1\n") - 9
    for length in range(index, len(whole), 23):
        segment(tmp_path).write_bytes(whole[:length])
        assert verify_journal(tmp_path, keys=TRUSTED).holds
        again = JournalWriter(tmp_path, signer=Signer(KEY))
        assert again.recovery.bytes_cut == 0
        again.close()
        assert segment(tmp_path).read_bytes() == whole


def test_a_journal_whose_sealed_end_is_gone_is_not_continued_in_silence(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path, signer=Signer(KEY))
    writer.frames(frames(1, 4))
    writer.close()
    kept = segment(tmp_path).read_bytes()
    writer = JournalWriter(tmp_path, signer=Signer(KEY))
    writer.frames(frames(5, 4))
    writer.close()
    segment(tmp_path, 2).unlink()
    again = JournalWriter(tmp_path, signer=Signer(KEY))
    (sentence,) = again.recovery.damaged
    assert "sealed" in sentence
    again.frames(frames(9, 2))
    again.close()
    assert segment(tmp_path).read_bytes() == kept
    report = verify_journal(tmp_path, keys=TRUSTED)
    assert Rule.LOG not in {each.rule for each in report.failed()}
    assert "is missing before segment 2" in report.text()


def test_without_its_tiles_a_log_is_made_again_from_the_segments(tmp_path: Path) -> None:
    for first in (1, 5, 9):
        writer = JournalWriter(tmp_path, signer=Signer(KEY), chunk_entries=1)
        writer.frames(frames(first, 4))
        writer.close()
    before = {path: path.read_bytes() for path in (tmp_path / "log" / "tile").rglob("*") if path.is_file()}
    shutil.rmtree(tmp_path / "log" / "tile")
    JournalWriter(tmp_path, signer=Signer(KEY)).close()
    after = {path: path.read_bytes() for path in (tmp_path / "log" / "tile").rglob("*") if path.is_file()}
    assert after
    assert after.items() <= before.items()
    assert verify_journal(tmp_path, keys=TRUSTED).holds


def test_a_record_that_does_not_extend_its_checkpoint_is_not_continued(tmp_path: Path) -> None:
    for name, size in (("one", 40), ("two", 50)):
        writer = JournalWriter(tmp_path / name, signer=Signer(KEY))
        writer.frames(frames(1, 4, size=size))
        writer.commit()
        abandon(writer)
    shutil.copy(segment(tmp_path / "two"), segment(tmp_path / "one"))
    with pytest.raises(RecordError, match="does not extend its own last checkpoint"):
        JournalWriter(tmp_path / "one", signer=Signer(KEY))


def test_another_sites_key_cannot_continue_a_journal(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path, signer=Signer(KEY))
    writer.frames(frames(1, 4))
    writer.close()
    with pytest.raises(RecordError, match=r"sealed as watch\.example/north"):
        JournalWriter(tmp_path, signer=Signer(create_key("watch.example/south")))


def test_a_first_segment_that_is_no_segment_is_not_overwritten(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path)
    writer.frames(frames(1, 4))
    writer.close()
    writer = JournalWriter(tmp_path)
    writer.frames(frames(5, 4))
    writer.commit()
    abandon(writer)
    segment(tmp_path).write_bytes(b"somebody else's file" * 40)
    with pytest.raises(RecordError, match="does not begin like a segment"):
        JournalWriter(tmp_path)
    assert segment(tmp_path).read_bytes().startswith(b"somebody")
