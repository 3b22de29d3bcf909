"""What is old goes, what is held stays, everything that went is on record, and every proof still holds."""

from __future__ import annotations

import random
from pathlib import Path

import msgspec
import pytest
from tests.journal.disk import PowerCut, SimulatedFiles, refusal
from tests.journal.recordings import START_NS, alert_changed, command, frames, notice, time_of
from tests.model.test_delicate import claimed

from luchtwacht.errors import RecordError
from luchtwacht.journal import (
    Entry,
    EntryKind,
    JournalWriter,
    read_entries,
    verify_bundle,
    verify_journal,
    write_bundle,
)
from luchtwacht.journal.files import REAL, Files
from luchtwacht.journal.keys import Signer, create_key
from luchtwacht.journal.retention import (
    Hold,
    Release,
    apply_retention,
    holds_in_force,
    plan_retention,
    request,
)
from luchtwacht.journal.verifying import Rule
from luchtwacht.model import Format, Place, RetentionSettings, Sensor, SensorKind, Site, Source
from luchtwacht.model.encoding import encode_site

KEY = create_key("watch.example/north", seed=bytes(range(32)))
SIGNER = Signer(KEY)
TRUSTED = [KEY.verifier]
DAY_NS = 86_400 * 10**9
LATER_NS = START_NS + 10 * DAY_NS
OPERATOR = "NLD-secret-1"
SITE = Site(
    id="test",
    name="A site of the tests",
    origin=Place(latitude=52.0, longitude=5.0),
    sources=tuple(
        Source(id=name, format=format)
        for name, format in (("radar", Format.ASTERIX), ("rid", Format.REMOTE_ID), ("table", Format.TABLE))
    ),
    sensors=(
        Sensor(id="radar-1", kind=SensorKind.RADAR_3D, source="radar", place=Place(latitude=52.1, longitude=5.1)),
        Sensor(id="rid-1", kind=SensorKind.REMOTE_ID_RECEIVER, source="rid", place=Place(latitude=52.2, longitude=5.2)),
    ),
)


def write(folder: Path, files: Files = REAL, entropy: random.Random | None = None) -> None:
    """Two ended segments, frames of three sources in each."""
    rng = entropy or random.Random(3)
    for first in (1, 21):
        writer = JournalWriter(folder, signer=SIGNER, files=files, entropy=rng.randbytes, chunk_entries=8)
        writer.open_run(encode_site(SITE), {}, time_of(first - 1))
        writer.frames(frames(first, 12))
        writer.events(first + 11, time_of(first + 11), (claimed(), notice(first + 11), alert_changed(first + 11)))
        writer.command(command(first + 12))
        writer.frames(frames(first + 13, 7))
        writer.close()


def apply(folder: Path, policy: RetentionSettings, files: Files = REAL, now_ns: int = LATER_NS) -> None:
    writer = JournalWriter(folder, signer=SIGNER, files=files)
    try:
        plan = plan_retention(folder, policy, now_ns, files=files)
        apply_retention(folder, plan, by="the archivist", reason="policy", note=writer.note_now, files=files)
    finally:
        writer.close()


def entries(folder: Path, files: Files = REAL) -> list[Entry]:
    return list(read_entries(folder, files=files))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path)
    return tmp_path


def secret_in(folder: Path) -> bool:
    """In the journal's content, whatever it is packed in."""
    text = OPERATOR.encode("utf-32-le")
    return any(text in each.data for each in entries(folder))


@pytest.mark.parametrize(
    ("policy", "gone", "kept"),
    [
        (RetentionSettings(frames_days=5), {EntryKind.FRAME}, {EntryKind.EVENT, EntryKind.COMMAND, EntryKind.SITE}),
        (RetentionSettings(decisions_days=5), {EntryKind.COMMAND}, {EntryKind.FRAME, EntryKind.EVENT}),
        (RetentionSettings(events_days=5, decisions_days=5), {EntryKind.EVENT, EntryKind.COMMAND}, {EntryKind.FRAME}),
        (RetentionSettings(frames_days=50), set(), {EntryKind.FRAME, EntryKind.EVENT, EntryKind.COMMAND}),
    ],
)
def test_what_is_older_than_the_policy_says_goes(
    folder: Path, policy: RetentionSettings, gone: set[EntryKind], kept: set[EntryKind]
) -> None:
    before = {each.kind for each in entries(folder)}
    apply(folder, policy)
    after = {each.kind for each in entries(folder)}
    assert gone <= before
    assert not gone & after
    assert kept <= after
    report = verify_journal(folder, keys=TRUSTED)
    assert report.holds, report.text()
    assert ("were deleted, as the journal itself says" in report.text()) == bool(gone)


def test_alerts_stay_when_what_was_concluded_goes(folder: Path) -> None:
    apply(folder, RetentionSettings(events_days=5))
    left = [msgspec.msgpack.decode(each.data)["event"] for each in entries(folder) if each.kind is EntryKind.EVENT]
    assert left == ["AlertChanged", "AlertChanged"]


def test_what_is_about_persons_goes_and_the_event_stays(folder: Path) -> None:
    assert secret_in(folder)
    apply(folder, RetentionSettings(personal_days=5))
    assert not secret_in(folder)
    left = entries(folder)
    claims = [msgspec.msgpack.decode(each.data) for each in left if b"Claimed" in each.data[:20]]
    assert len(claims) == 2
    assert claims[0]["claims"]["operator_id"] is None
    assert claims[0]["claims"]["position"] is not None
    assert {each.source for each in left if each.kind is EntryKind.FRAME} == {0, 2}  # source 1 hears Remote ID
    assert verify_journal(folder, keys=TRUSTED).holds


def test_what_is_held_stays_until_it_is_released(folder: Path) -> None:
    hold = Hold(id="case-7", by="a lawyer", reason="claim for damages", from_ns=time_of(5), to_ns=time_of(9))
    request(folder, hold)
    plan = plan_retention(folder, RetentionSettings(frames_days=5), LATER_NS)
    assert sum(each.held for each in plan.segments) == 4
    apply(folder, RetentionSettings(frames_days=5))
    assert [each.sequence for each in entries(folder) if each.kind is EntryKind.FRAME] == [5, 6, 7, 8]
    assert holds_in_force(folder) == [hold]
    request(folder, Release(id="case-7", by="a judge", reason="settled"))
    assert holds_in_force(folder) == []
    apply(folder, RetentionSettings(frames_days=5))
    assert not any(each.kind is EntryKind.FRAME for each in entries(folder))
    notes = [msgspec.json.decode(each.data) for each in entries(folder) if each.kind is EntryKind.NOTE]
    told = [(each["subject"], each["by"]) for each in notes if "by" in each]
    assert told == [
        ("hold", "a lawyer"),
        ("deletion", "the archivist"),
        ("release", "a judge"),
        ("deletion", "the archivist"),
    ]
    assert verify_journal(folder, keys=TRUSTED).holds


@pytest.mark.parametrize(
    "bad",
    [
        Hold(id="", by="a", reason="b", from_ns=0, to_ns=1),
        Hold(id="../up", by="a", reason="b", from_ns=0, to_ns=1),
        Hold(id="a", by="", reason="b", from_ns=0, to_ns=1),
        Hold(id="a", by="a", reason="", from_ns=0, to_ns=1),
        Hold(id="a", by="a", reason="b", from_ns=1, to_ns=1),
    ],
)
def test_a_hold_must_say_who_why_and_what(folder: Path, bad: Hold) -> None:
    with pytest.raises(RecordError):
        request(folder, bad)


def test_a_plan_changes_nothing_and_says_what_would_go(folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    plan = plan_retention(folder, RetentionSettings(personal_days=5), LATER_NS)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert [(each.frames, each.others, each.pieces) for each in plan.segments] == [(6, 0, 2), (7, 0, 2)]


def test_nothing_goes_after_the_time_that_a_watch_needs(folder: Path) -> None:
    plan = plan_retention(folder, RetentionSettings(frames_days=5), LATER_NS, but_after_ns=time_of(21))
    assert [(each.number, each.frames) for each in plan.segments] == [(1, 19)]


def test_what_was_thinned_is_not_looked_at_again(folder: Path) -> None:
    apply(folder, RetentionSettings(frames_days=5))
    again = plan_retention(folder, RetentionSettings(frames_days=5), LATER_NS + DAY_NS)
    assert again.empty
    assert not again.segments
    apply(folder, RetentionSettings(frames_days=5, personal_days=5))
    assert not secret_in(folder)
    assert verify_journal(folder, keys=TRUSTED).holds


def test_a_deletion_that_no_note_tells_of_is_found(folder: Path) -> None:
    copy = {path: path.read_bytes() for path in (folder / "segments").iterdir()}
    apply(folder, RetentionSettings(frames_days=5))
    thinned = {path: path.read_bytes() for path in copy}
    (note,) = [path for path in (folder / "segments").iterdir() if path not in copy]
    note.unlink()  # and the checkpoints with it, as somebody with the machine could
    report = verify_journal(folder, keys=TRUSTED)
    assert {Rule.COMPLETENESS, Rule.LOG} <= {each.rule for each in report.failed()}
    assert "no note says that just these were deleted" in report.text()
    assert thinned != copy


def test_more_deleted_than_the_note_says_is_found(folder: Path) -> None:
    apply(folder, RetentionSettings(frames_days=5))
    noted = (folder / "segments" / "00000003.mcap").read_bytes()
    more = plan_retention(folder, RetentionSettings(decisions_days=5), LATER_NS)
    apply_retention(folder, more, by="nobody", reason="", note=lambda *_, **__: None)
    assert (folder / "segments" / "00000003.mcap").read_bytes() == noted
    report = verify_journal(folder, keys=TRUSTED)
    assert [each.rule for each in report.failed()] == [Rule.COMPLETENESS, Rule.COMPLETENESS]


def test_a_journal_goes_on_after_a_deletion(folder: Path) -> None:
    apply(folder, RetentionSettings(frames_days=5, personal_days=5))
    writer = JournalWriter(folder, signer=SIGNER)
    assert not writer.recovery.damaged
    assert not writer.recovery.bytes_cut
    writer.frames(frames(41, 3))
    writer.close()
    report = verify_journal(folder, keys=TRUSTED)
    assert report.holds, report.text()


def test_a_bundle_of_a_thinned_stretch_holds_and_says_so(folder: Path, tmp_path: Path) -> None:
    apply(folder, RetentionSettings(frames_days=5))
    path = tmp_path / "thin.bundle"
    exported = write_bundle(folder, path, from_ns=0, to_ns=1 << 62, software="luchtwacht 0")
    assert exported.deleted.entries == 38
    report = verify_bundle(path, keys=TRUSTED)
    assert report.holds, report.text()
    assert "38 entries are no longer in the journal" in report.text()


def test_torn_bytes_go_with_the_frames_of_their_segment(folder: Path) -> None:
    torn = folder / "segments" / "00000001-1.torn"
    torn.write_bytes(b"bytes of a frame")
    apply(folder, RetentionSettings(decisions_days=5))
    assert torn.exists()
    apply(folder, RetentionSettings(frames_days=5))
    assert not torn.exists()


FOLDER = Path("/journal")
POLICY = RetentionSettings(frames_days=5, personal_days=5)


def carry_out(seed: int, trouble: int, kind: str) -> None:
    """Something goes wrong at one call of a deletion; afterwards everything holds, and the next try completes it."""
    disk = SimulatedFiles(seed)
    write(FOLDER, disk, random.Random(seed))
    sealed = {each.sequence for each in entries(FOLDER, disk)}
    at = disk.calls + trouble

    def before_call(number: int, name: str) -> OSError | None:
        if number == at and kind == "cut":
            raise PowerCut
        return refusal(disk.rng) if number == at and kind == "refuse" else None

    disk.before_call = before_call
    try:
        apply(FOLDER, POLICY, disk)
    except PowerCut:
        disk.cut_power()
    except (RecordError, OSError):
        disk.kill()
    disk.before_call = lambda number, name: None
    report = verify_journal(FOLDER, keys=TRUSTED, files=disk)
    assert not [each for each in report.failed() if each.rule is not Rule.TILES], report.text()
    apply(FOLDER, POLICY, disk)
    left = entries(FOLDER, disk)
    assert not any(each.kind is EntryKind.FRAME for each in left)
    assert {each.sequence for each in left if each.kind is EntryKind.COMMAND} <= sealed
    report = verify_journal(FOLDER, keys=TRUSTED, files=disk)
    assert report.holds, report.text()
    assert "not carried out" not in report.text()


@pytest.mark.parametrize("kind", ["cut", "refuse"])
def test_trouble_at_any_call_of_a_deletion_loses_nothing_that_should_stay(kind: str) -> None:
    disk = SimulatedFiles(0)
    write(FOLDER, disk, random.Random(0))
    before = disk.calls
    apply(FOLDER, POLICY, disk)
    calls = disk.calls - before
    assert calls > 50
    for trouble in range(1, calls + 1, 5):
        carry_out(trouble, trouble, kind)
