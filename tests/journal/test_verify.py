from __future__ import annotations

import random
import shutil
import struct
import zipfile
from collections.abc import Callable
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from zlib import crc32

import pytest
from tests.journal.recordings import START_NS, frames, notice, time_of, write_small

from luchtwacht.journal import Entry, JournalWriter, bundle_entries, open_bundle, read_entries
from luchtwacht.journal.bundle import Withholding, write_bundle
from luchtwacht.journal.checkpoint import SignedCheckpoint
from luchtwacht.journal.container import ContainerWriter
from luchtwacht.journal.entry import EntryKind
from luchtwacht.journal.files import REAL
from luchtwacht.journal.keys import Signer, SigningKey, create_key
from luchtwacht.journal.log import read_checkpoint
from luchtwacht.journal.note import KeyKind, VerifierKey
from luchtwacht.journal.verifying import Report, Rule, Verdict, verify_bundle, verify_journal

KEY = create_key("watch.example/north", seed=bytes(range(32)))
SLOW_KEY = create_key("watch.example/north", KeyKind.COSIGNATURE_ML_DSA_44, seed=bytes(range(1, 33)))
SIGNER = Signer(KEY)
TRUSTED = [KEY.verifier]


def write_journal(folder: Path, *, signer: Signer | None = SIGNER, first: int = 1) -> None:
    """Two segments, of which the first has every kind of entry."""
    salt = iter(range(1000))
    entropy: Callable[[int], bytes] = lambda count: bytes([next(salt) % 256]) * count  # noqa: E731
    writer = JournalWriter(folder, signer=signer, entropy=entropy, chunk_entries=4, checkpoint_ns=0)
    write_small(writer)
    writer.close()
    writer = JournalWriter(folder, signer=signer, entropy=entropy, checkpoint_ns=0)
    writer.frames(frames(13, 4))
    writer.events(16, time_of(16), (notice(16),))
    writer.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_journal(tmp_path / "journal")
    return tmp_path / "journal"


@pytest.fixture
def bundle(folder: Path, tmp_path: Path) -> Path:
    path = tmp_path / "incident.bundle"
    write_bundle(folder, path, from_ns=time_of(7), to_ns=time_of(15), software="luchtwacht 0")
    return path


def failed(report: Report) -> set[Rule]:
    return {each.rule for each in report.failed()}


def latest(folder: Path) -> SignedCheckpoint:
    found = read_checkpoint(folder, REAL)
    assert found is not None
    return found


def test_a_journal_that_was_left_alone_holds(folder: Path) -> None:
    report = verify_journal(folder, keys=TRUSTED)
    assert report.holds, report.text()
    assert {each.rule for each in report.checks if each.verdict is Verdict.HOLDS} == set(Rule) - {
        Rule.CONCLUSIONS,
        Rule.TIME,
    }
    assert report.entries == 17 + 6
    assert report.unsealed == 0
    assert report.text().startswith(f"the journal in {folder}: holds\n")


def test_a_bundle_that_was_left_alone_holds(bundle: Path) -> None:
    report = verify_bundle(bundle, keys=TRUSTED)
    assert report.holds, report.text()


def test_verifying_changes_nothing(folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    verify_journal(folder, keys=TRUSTED)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_without_a_key_the_signature_is_not_called_good(folder: Path, bundle: Path) -> None:
    for report in (verify_journal(folder, keys=[]), verify_bundle(bundle, keys=[])):
        assert not report.holds
        assert not report.failed() or failed(report) == {Rule.HISTORY}
        assert any(each.rule is Rule.SIGNATURE and each.verdict is Verdict.UNCHECKED for each in report.checks)


def test_somebody_elses_key_is_refused(folder: Path, bundle: Path) -> None:
    other = [create_key("watch.example/north", seed=bytes(32)).verifier]
    assert Rule.SIGNATURE in failed(verify_journal(folder, keys=other))
    assert Rule.SIGNATURE in failed(verify_bundle(bundle, keys=other))


def test_an_unsigned_journal_is_consistent_and_proves_nothing(tmp_path: Path) -> None:
    write_journal(tmp_path, signer=None)
    report = verify_journal(tmp_path, keys=TRUSTED)
    assert not report.failed()
    assert not report.holds


@pytest.mark.parametrize("bits", [1, pytest.param(8, marks=pytest.mark.slow)])
def test_a_flipped_bit_in_any_byte_of_a_bundle_is_found(tmp_path: Path, bits: int) -> None:
    writer = JournalWriter(tmp_path / "journal", signer=SIGNER)
    writer.frames(frames(1, 3, size=4))
    writer.close()
    path = tmp_path / "small.bundle"
    write_bundle(tmp_path / "journal", path, from_ns=0, to_ns=1 << 62, software="luchtwacht 0")
    sound = path.read_bytes()
    for at in range(len(sound)):
        for bit in range(at % 8, at % 8 + bits):
            broken = bytearray(sound)
            broken[at] ^= 1 << (bit % 8)
            path.write_bytes(broken)
            assert not verify_bundle(path, keys=TRUSTED).holds, f"bit {bit % 8} of byte {at}"


def test_a_flipped_bit_in_any_byte_of_a_journal_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    writer = JournalWriter(folder, signer=SIGNER)
    writer.frames(frames(1, 2, size=4))
    writer.commit()
    writer.events(2, time_of(2), (notice(2),))
    writer.close()
    assert verify_journal(folder, keys=TRUSTED).holds
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "lock"):
        sound = path.read_bytes()
        for at in range(len(sound)):
            broken = bytearray(sound)
            broken[at] ^= 1 << (at % 8)
            path.write_bytes(broken)
            assert not verify_journal(folder, keys=TRUSTED).holds, f"bit {at % 8} of byte {at} of {path.name}"
        path.write_bytes(sound)


def test_a_bundle_cut_anywhere_is_refused(bundle: Path) -> None:
    sound = bundle.read_bytes()
    for length in range(0, len(sound), 7):
        bundle.write_bytes(sound[:length])
        assert Rule.FORM in failed(verify_bundle(bundle, keys=TRUSTED))
    bundle.write_bytes(sound + b"\0")
    assert Rule.FORM in failed(verify_bundle(bundle, keys=TRUSTED))


def forge(folder: Path, change: Callable[[list], None]) -> None:  # type: ignore[type-arg]
    """Rewrite a journal as somebody who owns the machine but not the key could: every checksum and root made anew."""
    entries = list(read_entries(folder))
    change(entries)
    checkpoints = {path: path.read_bytes() for path in (folder / "log").glob("checkpoint*") if path.is_file()}
    kept = {path: path.read_bytes() for path in (folder / "log" / "checkpoints").iterdir()}
    shutil.rmtree(folder)
    writer = JournalWriter(folder, chunk_entries=4)
    own = {EntryKind.SITE, EntryKind.MAPPING, EntryKind.COMMAND, EntryKind.NOTE}
    for entry in entries:
        writer._pending.append((entry, entry.kind in own))
        writer.commit()
    writer.close()
    for path, data in (checkpoints | kept).items():
        path.write_bytes(data)
    (folder / "log" / "keys").write_text(f"{KEY.verifier}\n")


def _alter(entries: list) -> None:  # type: ignore[type-arg]
    old = entries[4]
    entries[4] = Entry(old.kind, old.sequence, old.time_ns, old.source, old.data.replace(b"frame", b"forge"))


@pytest.mark.parametrize(
    "change",
    [
        lambda entries: entries.pop(4),
        lambda entries: entries.insert(5, entries[4]),
        lambda entries: entries.__setitem__(slice(3, 5), entries[4:2:-1]),
        _alter,
        lambda entries: None,
    ],
    ids=["dropped", "repeated", "reordered", "altered", "sealed anew"],
)
def test_a_record_written_anew_does_not_give_the_signed_root(folder: Path, change: Callable[[list], None]) -> None:  # type: ignore[type-arg]
    forge(folder, change)
    report = verify_journal(folder, keys=TRUSTED)
    assert Rule.LOG in failed(report)
    assert not report.holds


def test_a_missing_segment_is_named(folder: Path) -> None:
    shutil.copytree(folder, folder.with_name("copy"))
    (folder / "segments" / "00000002.mcap").unlink()
    report = verify_journal(folder, keys=TRUSTED)
    assert {Rule.LOG} <= failed(report)
    assert "its end is gone" in report.text()
    copy = folder.with_name("copy")
    (copy / "segments" / "00000001.mcap").unlink()
    report = verify_journal(copy, keys=TRUSTED)
    assert Rule.ORDER in failed(report)
    assert "those before it are missing" in report.text()


def test_two_journals_spliced_together_are_found(tmp_path: Path) -> None:
    write_journal(tmp_path / "one")
    other = JournalWriter(tmp_path / "two", signer=SIGNER)
    write_small(other)
    other.close()
    write = tmp_path / "two" / "segments" / "00000001.mcap"
    write.replace(tmp_path / "one" / "segments" / "00000001.mcap")
    report = verify_journal(tmp_path / "one", keys=TRUSTED)
    assert {Rule.LOG} <= failed(report)


def test_a_part_of_another_journal_in_a_bundle_is_found(bundle: Path, tmp_path: Path) -> None:
    write_journal(tmp_path / "other", signer=Signer(create_key("watch.example/south", seed=bytes(32))))
    foreign = tmp_path / "foreign.bundle"
    write_bundle(tmp_path / "other", foreign, from_ns=time_of(7), to_ns=time_of(15), software="luchtwacht 0")
    rebuild(bundle, {"record.mcap": member(foreign, "record.mcap")})
    assert Rule.LOG in failed(verify_bundle(bundle, keys=TRUSTED))
    rebuild(bundle, {"checkpoint": member(foreign, "checkpoint")})
    assert not verify_bundle(bundle, keys=TRUSTED).holds


def member(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


def rebuild(path: Path, changed: dict[str, bytes]) -> None:
    """Put other members into a bundle and make its container and sums good again, as a forger would."""
    with zipfile.ZipFile(path) as archive:
        members = {name: changed.get(name, archive.read(name)) for name in archive.namelist()}
    members["sums"] = "".join(
        f"{sha256(data).hexdigest()}  {name}\n" for name, data in members.items() if name != "sums"
    ).encode()
    with path.open("wb") as file:
        container = ContainerWriter(file)
        for name, data in members.items():
            container.add(name, [data])
        container.finish()


def test_a_bundle_is_an_archive_that_anybody_can_open(bundle: Path) -> None:
    with zipfile.ZipFile(bundle) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            "README.txt",
            "record.mcap",
            "checkpoint",
            "keys",
            "manifest.json",
            "sums",
        ]


def test_a_rolled_back_checkpoint_is_found_by_who_saw_the_later_one(folder: Path) -> None:
    seen = latest(folder)
    kept = sorted((folder / "log" / "checkpoints").iterdir())
    (folder / "log" / "checkpoint").write_bytes(kept[0].read_bytes())
    kept[-1].unlink()
    (folder / "segments" / "00000002.mcap").unlink()
    alone = verify_journal(folder, keys=TRUSTED)
    assert Rule.LOG not in failed(alone), alone.text()
    report = verify_journal(folder, keys=TRUSTED, known=[seen])
    assert failed(report) >= {Rule.HISTORY}
    assert "rolled back" in report.text()


def test_a_forked_log_is_found_by_who_saw_the_other_branch(folder: Path, tmp_path: Path) -> None:
    fork = tmp_path / "fork"
    writer = JournalWriter(fork, signer=SIGNER, checkpoint_ns=0, chunk_entries=4)
    write_small(writer)
    writer.close()
    writer = JournalWriter(fork, signer=SIGNER, checkpoint_ns=0)
    writer.frames(frames(13, 4, size=50))
    writer.events(16, time_of(16), (notice(16),))
    writer.close()
    seen = latest(fork)
    assert seen.checkpoint.size == latest(folder).checkpoint.size
    report = verify_journal(folder, keys=TRUSTED, known=[seen])
    assert failed(report) == {Rule.HISTORY}
    assert "two histories" in report.text()
    path = tmp_path / "fork.bundle"
    write_bundle(folder, path, from_ns=START_NS, to_ns=time_of(100), software="luchtwacht 0")
    assert failed(verify_bundle(path, keys=TRUSTED, known=[seen])) == {Rule.HISTORY}
    assert verify_bundle(path, keys=TRUSTED, known=[latest(folder)]).holds


def test_inputs_left_out_between_chunks_are_named(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path, signer=SIGNER)
    writer.frames(frames(1, 3))
    writer.frames(frames(7, 3))
    writer.close()
    report = verify_journal(tmp_path, keys=TRUSTED)
    assert report.holds
    assert "inputs 4 to 6 were not recorded" in report.text()


def test_what_is_not_sealed_yet_is_named(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path, signer=SIGNER)
    writer.frames(frames(1, 3))
    writer.commit()
    writer.frames(frames(4, 2))
    writer.commit()
    report = verify_journal(tmp_path, keys=TRUSTED)
    assert report.unsealed == 2
    assert "2 entries at the end are not sealed yet" in report.text()
    writer.close()
    assert verify_journal(tmp_path, keys=TRUSTED).unsealed == 0


def test_withheld_entries_are_seen_to_be_withheld_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "redacted.bundle"
    exported = write_bundle(
        folder,
        path,
        from_ns=0,
        to_ns=1 << 62,
        software="luchtwacht 0",
        withhold=lambda entry: "a test" if entry.kind is EntryKind.COMMAND or entry.sequence == 8 else None,
    )
    assert exported.withheld == (Withholding("a test", 2, 0),)
    assert b"operator-1" not in member(path, "record.mcap")
    report = verify_bundle(path, keys=TRUSTED)
    assert report.holds, report.text()
    assert (report.entries, report.withheld) == (exported.entries - 2, 2)
    assert "2 entries are withheld as a test" in report.text()


def test_the_configuration_in_force_is_in_every_bundle(bundle: Path) -> None:
    with open_bundle(bundle) as opened:
        entries = list(bundle_entries(opened))
    assert [each.kind.value for each in entries[:3]] == ["note", "site", "mapping"]
    assert [each.sequence for each in entries if each.kind is EntryKind.FRAME][-4:] == [13, 14, 15, 16]


def test_the_inputs_are_run_again_only_when_they_are_what_was_sealed(folder: Path, bundle: Path) -> None:
    write_bundle(folder, bundle, from_ns=time_of(7), to_ns=time_of(15), software="luchtwacht 0", from_run=True)
    asked = []

    def rerun(entries):  # type: ignore[no-untyped-def]
        asked.append(sum(1 for _ in entries()))
        return [(Verdict.FAILS, "event 3 comes out otherwise")]

    for report in (
        verify_journal(folder, keys=TRUSTED, rerun=rerun),
        verify_bundle(bundle, keys=TRUSTED, rerun=rerun),
    ):
        assert failed(report) == {Rule.CONCLUSIONS}
    assert len(asked) == 2
    forge(folder, _alter)
    report = verify_journal(folder, keys=TRUSTED, rerun=rerun)
    assert any(each.rule is Rule.CONCLUSIONS and each.verdict is Verdict.UNCHECKED for each in report.checks)
    assert len(asked) == 2


def test_inputs_with_a_gap_among_them_are_handed_to_whoever_runs_them_again(bundle: Path) -> None:
    """Whether a stretch can be run again, from a snapshot of the state, is known to who has the pipeline."""
    gaps = []

    def rerun(entries):  # type: ignore[no-untyped-def]
        numbers = [each.sequence for each in entries() if each.kind is EntryKind.FRAME]
        gaps.append([last + 1 for last, first in pairwise(numbers) if first != last + 1])
        return [(Verdict.UNCHECKED, "these were not run again"), (Verdict.HOLDS, "those give the same")]

    report = verify_bundle(bundle, keys=TRUSTED, rerun=rerun)
    assert report.holds
    assert len(gaps) == 1
    assert gaps[0]
    assert [each.verdict for each in report.checks if each.rule is Rule.CONCLUSIONS] == ["unchecked", "holds"]


@pytest.mark.parametrize("slow", [(), (SLOW_KEY,)])
def test_the_slow_key_signs_at_the_end(tmp_path: Path, slow: tuple[SigningKey, ...]) -> None:
    write_journal(tmp_path, signer=Signer(KEY, slow=slow))
    keys: list[VerifierKey] = [each.verifier for each in (KEY, *slow)]
    report = verify_journal(tmp_path, keys=keys)
    assert report.holds
    assert ("ML_DSA_44" in report.text()) == bool(slow)


def test_a_key_is_replaced_without_a_break(tmp_path: Path) -> None:
    new = create_key("watch.example/north", seed=bytes(range(7, 39)))
    writer = JournalWriter(tmp_path, signer=SIGNER)
    writer.frames(frames(1, 3))
    writer.commit()
    writer.change_signer(Signer(new, others=(KEY,)), time_of(3))
    writer.frames(frames(4, 3))
    writer.close()
    for key in (KEY, new):
        assert Rule.SIGNATURE not in failed(verify_journal(tmp_path, keys=[key.verifier]))
    writer = JournalWriter(tmp_path, signer=Signer(new))
    writer.frames(frames(7, 3))
    writer.close()
    assert verify_journal(tmp_path, keys=[KEY.verifier, new.verifier]).holds


def test_whatever_is_done_to_a_bundle_there_is_an_answer(bundle: Path) -> None:
    """Mutations behind good checksums and sums: never an exception, and never "holds" for another content."""
    rng = random.Random(5)
    sound = bundle.read_bytes()
    members = {name: member(bundle, name) for name in ("record.mcap", "checkpoint", "manifest.json")}
    for _ in range(400):
        name = rng.choice(list(members))
        data = bytearray(members[name])
        at = rng.randrange(len(data))
        match rng.randrange(3):
            case 0:
                data[at] ^= 1 << rng.randrange(8)
            case 1:
                del data[at : at + rng.randrange(1, 60)]
            case 2:
                data[at:at] = data[rng.randrange(len(data)) :][: rng.randrange(1, 90)]
        if name == "record.mcap":
            _mend(data)
        bundle.write_bytes(sound)
        rebuild(bundle, {name: bytes(data)})
        report = verify_bundle(bundle, keys=TRUSTED)
        if report.holds:
            with open_bundle(bundle) as opened:
                changed = list(bundle_entries(opened))
            bundle.write_bytes(sound)
            with open_bundle(bundle) as opened:
                assert changed == list(bundle_entries(opened))


def _mend(data: bytearray) -> None:
    """Make the checksums of every seal good again, as a forger would."""
    at = data.find(b"LWSEAL1\n")
    while at >= 0:
        (length,) = struct.unpack_from("<Q", data, at + 8)
        (own,) = struct.unpack_from("<I", data, at + 146)
        end = at + 150 + own * 36
        if end + 4 + length <= len(data):
            struct.pack_into("<I", data, at + 24, crc32(bytes(data[end + 4 : end + 4 + length])))
            struct.pack_into("<I", data, end, crc32(bytes(data[at:end])))
        at = data.find(b"LWSEAL1\n", at + 8)
