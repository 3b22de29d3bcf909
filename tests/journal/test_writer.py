from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from mcap.reader import make_reader
from tests.journal.recordings import (
    SITE,
    START_NS,
    STEP_NS,
    alert_changed,
    command,
    entries_of,
    frames,
    notice,
    tick,
    time_of,
    write_small,
)

from luchtwacht.errors import RecordError
from luchtwacht.journal import (
    EntryKind,
    JournalWriter,
    read_decisions,
    read_decisions_back,
    read_entries,
    read_frame,
    tail_state,
)
from luchtwacht.journal.entry import decode_mapping, decode_note
from luchtwacht.model.encoding import decode_command, decode_event, decode_tick


def test_what_was_written_is_read_in_order(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path)
    write_small(writer)
    writer.close()
    entries = entries_of(tmp_path)
    kinds = "site mapping frame frame frame frame frame event command frame frame frame event event tick frame frame"
    assert [each.kind.value for each in entries] == kinds.split()
    assert [each.sequence for each in entries] == [0, 0, 1, 2, 3, 4, 5, 5, 6, 7, 8, 9, 9, 9, 10, 11, 12]
    assert entries[0].data == SITE
    assert decode_mapping(entries[1].data) == ("tracks", "columns = 3")
    sent = frames(1, 5)
    for row, entry in enumerate(entries[2:7]):
        assert (entry.source, entry.time_ns, entry.data) == (
            sent.source[row],
            sent.received_ns[row],
            sent.payload(row),
        )
    assert decode_event(entries[7].data) == notice(5)
    assert decode_command(entries[8].data) == command(6)
    assert decode_event(entries[12].data) == alert_changed(9)
    assert decode_tick(entries[14].data) == tick(10)


def test_nothing_is_on_disk_before_commit_and_everything_after(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path)
    writer.frames(frames(1, 10))
    assert writer.pending
    assert entries_of(tmp_path) == []
    assert writer.commit() == 10
    assert not writer.pending
    assert [each.sequence for each in entries_of(tmp_path)] == list(range(1, 11))
    assert writer.commit() == 10
    writer.close()


def test_an_event_does_not_move_the_last_durable_input(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path)
    writer.frames(frames(1, 3))
    writer.commit()
    writer.events(3, time_of(3), (notice(3),))
    assert writer.commit() == 3
    writer.close()


def test_a_second_writer_is_refused_and_may_come_after_the_first(tmp_path: Path) -> None:
    first = JournalWriter(tmp_path)
    with pytest.raises(RecordError, match="only one can"):
        JournalWriter(tmp_path)
    first.close()
    JournalWriter(tmp_path).close()


def test_a_journal_goes_on_in_a_new_segment(tmp_path: Path) -> None:
    for run in range(3):
        writer = JournalWriter(tmp_path)
        assert writer.recovery.last_sequence == run * 20
        assert writer.recovery.sentence() == ""
        writer.frames(frames(run * 20 + 1, 20))
        writer.commit()
        writer.close()
    assert [path.name for path in sorted((tmp_path / "segments").iterdir())] == [
        "00000001.mcap",
        "00000002.mcap",
        "00000003.mcap",
    ]
    assert [each.sequence for each in entries_of(tmp_path)] == list(range(1, 61))


def test_a_run_without_entries_leaves_no_segment(tmp_path: Path) -> None:
    JournalWriter(tmp_path).close()
    assert list((tmp_path / "segments").iterdir()) == []


def test_segments_end_by_size_and_by_time(tmp_path: Path) -> None:
    by_size = JournalWriter(tmp_path / "size", segment_bytes=2_000)
    by_time = JournalWriter(tmp_path / "time", segment_ns=50 * STEP_NS)
    for first in range(1, 201, 10):
        for writer in (by_size, by_time):
            writer.frames(frames(first, 10))
            writer.commit()
    for writer in (by_size, by_time):
        writer.close()
    for folder in (tmp_path / "size", tmp_path / "time"):
        assert 3 <= len(list((folder / "segments").iterdir())) <= 8
        assert [each.sequence for each in entries_of(folder)] == list(range(1, 201))


def test_every_frame_is_found_by_its_sequence(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path, segment_bytes=3_000, chunk_entries=7)
    for first in range(1, 301, 25):
        writer.frames(frames(first, 24))
        writer.tick(tick(first + 24))
        writer.commit()
    sent = frames(1, 300)
    for sequence in range(1, 301):
        entry = read_frame(tmp_path, sequence)
        if sequence % 25 == 0:
            assert entry is None
        else:
            assert entry is not None
            assert entry.data == sent.payload(sequence - 1)
    assert read_frame(tmp_path, 0) is None
    assert read_frame(tmp_path, 301) is None
    writer.close()
    assert read_frame(tmp_path, 299) is not None


def test_reading_can_be_limited_to_a_time_and_to_kinds(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path, segment_bytes=600, chunk_entries=4)
    write_small(writer)
    writer.close()
    everything = entries_of(tmp_path)
    some = list(read_entries(tmp_path, from_ns=time_of(4), to_ns=time_of(9), kinds={EntryKind.FRAME}))
    assert some == [
        each for each in everything if time_of(4) <= each.time_ns < time_of(9) and each.kind is EntryKind.FRAME
    ]
    assert [each.sequence for each in some] == [4, 5, 7, 8]


def test_segments_are_whole_mcap_files_for_other_readers(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path, chunk_entries=4)
    write_small(writer)
    writer.close()
    with (tmp_path / "segments" / "00000001.mcap").open("rb") as stream:
        reader = make_reader(stream, validate_crcs=True)
        summary = reader.get_summary()
        assert summary is not None
        assert summary.statistics is not None
        assert summary.statistics.message_count == 17
        assert summary.statistics.message_start_time == START_NS
        assert summary.statistics.message_end_time == time_of(12)
        messages = [
            (channel.topic, message.log_time, message.data)
            for _, channel, message in reader.iter_messages(log_time_order=False)
        ]
    topics = {EntryKind.FRAME: "frame/{}"}
    assert messages == [
        (topics.get(each.kind, each.kind.value).format(each.source), each.time_ns, each.data)
        for each in entries_of(tmp_path)
    ]
    with (tmp_path / "segments" / "00000001.mcap").open("rb") as stream:
        reader = make_reader(stream)
        found = [
            message.data
            for _, _, message in reader.iter_messages(
                topics=["frame/1"], starting_at=time_of(7), ending_before=time_of(11)
            )
        ]
    assert found == [each.data for each in entries_of(tmp_path) if each.sequence == 7]


def test_sequences_beyond_32_bits_come_back_whole(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path, chunk_entries=4)
    first = (1 << 32) - 6
    writer.frames(frames(first, 12))
    writer.events(first + 11, time_of(first + 11), (notice(1),))
    writer.close()
    inputs = [each for each in entries_of(tmp_path) if each.kind is EntryKind.FRAME]
    assert [each.sequence for each in inputs] == list(range(first, first + 12))
    assert read_frame(tmp_path, 1 << 32) == inputs[6]


def test_missing_inputs_are_noted_where_they_are_missing(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path)
    writer.frames(frames(1, 2))
    writer.frames(frames(5, 2).take([1]))
    writer.close()
    kinds = [each.kind.value for each in entries_of(tmp_path)]
    assert kinds == ["frame", "frame", "note", "frame"]
    note = decode_note(entries_of(tmp_path)[2].data)
    assert (note["subject"], note["first"], note["last"], note["inputs"]) == ("gap", 3, 5, 3)


def test_an_input_that_goes_back_is_a_mistake_of_the_caller(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path)
    writer.frames(frames(1, 3))
    with pytest.raises(AssertionError, match="input 3 comes after input 3"):
        writer.tick(tick(3))
    writer.close()


def test_the_tail_is_told_without_touching_anything(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="no journal"):
        tail_state(tmp_path)
    writer = JournalWriter(tmp_path)
    assert tail_state(tmp_path).last_sequence == 0
    writer.frames(frames(1, 9))
    writer.commit()
    state = tail_state(tmp_path)
    assert (state.last_sequence, state.last_ns, state.ended, state.torn_bytes) == (9, time_of(9), False, 0)
    writer.close()
    assert tail_state(tmp_path).ended


def test_there_is_nothing_to_read_where_there_is_no_journal(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="no journal"):
        list(read_entries(tmp_path))


@pytest.mark.parametrize("kind", [EntryKind.SITE, EntryKind.NOTE, EntryKind.COMMAND, EntryKind.SNAPSHOT])
def test_decisions_of_a_kind_are_found_without_unpacking_chunks_of_others(
    tmp_path: Path, kind: EntryKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = JournalWriter(tmp_path)
    write_small(writer)
    for sequence in range(13, 20):
        writer.frames(frames(sequence, 1))
        writer.snapshot(sequence, time_of(sequence), b"a state")
        writer.commit()
    writer.note(time_of(19), "read", who="somebody")
    writer.close()
    every = [each for each in read_entries(tmp_path) if each.kind is kind]
    unpacked: list[int] = []
    scan = import_module("luchtwacht.journal.segment.scan")  # beside it, a function has that name
    plain = scan.decode_body
    monkeypatch.setattr(scan, "decode_body", lambda *given: unpacked.append(1) or plain(*given))
    assert list(read_decisions(tmp_path, (kind,))) == every
    assert list(read_decisions_back(tmp_path, (kind,))) == every[::-1]
    assert len(unpacked) <= 2 * max(len(every), 1)
