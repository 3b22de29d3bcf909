"""What a bundle withholds is gone, is seen to be gone, and cannot be guessed; the rest verifies as before."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from tests.journal.recordings import command, frames
from tests.journal.test_verify import SIGNER, TRUSTED, failed, member, rebuild, write_journal

from luchtwacht.errors import RecordError
from luchtwacht.journal import (
    Answer,
    Entry,
    JournalWriter,
    bundle_entries,
    open_bundle,
    read_entries,
    verify_bundle,
    write_bundle,
)
from luchtwacht.journal.entry import EntryKind, commit, entry_of, salts, sealed_bytes
from luchtwacht.journal.note import BadNote
from luchtwacht.journal.proof import check_entry, prove_entries
from luchtwacht.journal.segment.withheld import slots_of
from luchtwacht.journal.tree import hash_leaf
from luchtwacht.journal.verifying import Rule, Verdict

SECRET = b"operator-1"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_journal(tmp_path / "journal")
    return tmp_path / "journal"


def actors(entry: Entry) -> Answer:
    return dict.fromkeys(range(len(entry.pieces)), "actor")


@pytest.fixture
def redacted(folder: Path, tmp_path: Path) -> Path:
    path = tmp_path / "redacted.bundle"
    write_bundle(
        folder,
        path,
        from_ns=0,
        to_ns=1 << 62,
        software="luchtwacht 0",
        withhold=actors,
        by="the archive",
        reason="names of staff",
    )
    return path


def shown(path: Path) -> list[Entry]:
    with open_bundle(path) as bundle:
        return list(bundle_entries(bundle))


def test_a_withheld_piece_is_gone_and_all_else_is_as_it_was(folder: Path, redacted: Path) -> None:
    report = verify_bundle(redacted, keys=TRUSTED)
    assert report.holds, report.text()
    assert (report.withheld, report.pieces_withheld) == (0, 1)
    assert "1 pieces of entries are withheld by the archive as actor (names of staff)" in report.text()
    for before, after in zip(read_entries(folder), shown(redacted), strict=True):
        if before.kind is not EntryKind.COMMAND:
            assert after == before
        else:
            plain, rest = msgspec.msgpack.decode(before.data), msgspec.msgpack.decode(after.data)
            assert plain.pop("actor").encode() == SECRET
            assert rest.pop("actor") is None
            assert rest == plain
    assert not any(SECRET in each.data for each in shown(redacted))


def test_a_flipped_bit_in_a_bundle_that_withholds_is_found(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path / "journal", signer=SIGNER)
    writer.command(command(1))
    writer.frames(frames(2, 1, size=4))
    writer.close()
    redacted = tmp_path / "small.bundle"
    write_bundle(tmp_path / "journal", redacted, from_ns=0, to_ns=1 << 62, software="luchtwacht 0", withhold=actors)
    assert verify_bundle(redacted, keys=TRUSTED).pieces_withheld == 1
    sound = redacted.read_bytes()
    for at in range(0, len(sound), 3):
        broken = bytearray(sound)
        broken[at] ^= 1 << (at % 8)
        redacted.write_bytes(broken)
        assert not verify_bundle(redacted, keys=TRUSTED).holds, f"bit {at % 8} of byte {at}"


def test_a_withheld_piece_cannot_be_guessed_from_what_is_shown(folder: Path, redacted: Path) -> None:
    """Whoever tries every name with every salt in the bundle confirms none; with the true salt he would."""
    (proved,) = prove_entries(folder, 6, lambda entry: entry.kind is EntryKind.COMMAND)
    salt, content = proved.pieces[0]
    commitment = commit(salt, content)
    record = member(redacted, "record.mcap")
    assert commitment in record
    assert salt not in record
    for at in range(len(record) - 15):
        assert commit(record[at : at + 16], content) != commitment
    assert sha256(content).digest() not in record


def test_the_key_of_a_chunk_is_not_shown_when_something_in_it_is_withheld(folder: Path, redacted: Path) -> None:
    with open_bundle(redacted) as bundle:
        record = bundle.record.read(0, bundle.record.size())
    keys = [bytes([number]) * 32 for number in range(1, 100)]  # as `write_journal` makes them
    whole = tmp_whole(folder)
    there = [key for key in keys if key in whole]
    assert there
    assert any(key not in record for key in there)


def tmp_whole(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted((folder / "segments").iterdir()))


def test_who_puts_something_else_in_place_of_a_piece_is_found(redacted: Path) -> None:
    """A forger mends every checksum and sum, and still cannot say what was withheld."""
    record = member(redacted, "record.mcap")
    manifest = member(redacted, "manifest.json")
    rebuild(redacted, {"manifest.json": manifest.replace(b'"what":"actor"', b'"what":"other"')})
    assert verify_bundle(redacted, keys=TRUSTED).holds  # the exporter's own word
    rebuild(redacted, {"manifest.json": manifest.replace(b'"pieces":1', b'"pieces":0')})
    assert Rule.FORM in failed(verify_bundle(redacted, keys=TRUSTED))
    rebuild(redacted, {"manifest.json": manifest, "record.mcap": record})
    assert verify_bundle(redacted, keys=TRUSTED).holds


def test_an_entry_in_pieces_is_proved_with_and_without_them(folder: Path) -> None:
    (proved,) = prove_entries(folder, 6, lambda entry: entry.kind is EntryKind.COMMAND)
    (entry,) = (each for each in read_entries(folder) if each.kind is EntryKind.COMMAND)
    assert check_entry(proved.sealed, proved.proof, TRUSTED, proved.pieces) == entry
    without = check_entry(proved.sealed, proved.proof, TRUSTED)
    assert SECRET not in proved.sealed
    assert without.pieces == ((entry.pieces[0][0], 0, entry.pieces[0][2]),)
    salt, _ = proved.pieces[0]
    with pytest.raises((RecordError, BadNote), match="not the one that was sealed"):
        check_entry(proved.sealed, proved.proof, TRUSTED, {0: (salt, b"\xaasomebody--")})


def test_pieces_at_the_edges_and_side_by_side_come_back() -> None:
    data = b"abcdefgh"
    for pieces in (((0, 3, 1), (3, 5, 2)), ((0, 0, 1), (8, 0, 2)), ((2, 4, 9),), ((0, 8, 1),)):
        entry = Entry(EntryKind.EVENT, 5, 6, -1, data, pieces)
        salt = salts(b"k" * 32, 1 + len(pieces))
        cut = {
            number: (salt[16 * number + 16 : 16 * number + 32], data[start : start + length])
            for number, (start, length, _) in enumerate(pieces)
        }
        sealed = sealed_bytes(entry, salt[:16], [commit(*each) for each in cut.values()])
        assert entry_of(sealed, cut) == (entry, salt[:16])
        (slot,) = slots_of([entry], salt, None)
        assert slot.hash == hash_leaf(sealed)


def test_what_was_withheld_once_stays_withheld_in_a_copy(folder: Path) -> None:
    (proved,) = prove_entries(folder, 6, lambda entry: entry.kind is EntryKind.COMMAND)
    entry = check_entry(proved.sealed, proved.proof, TRUSTED, proved.pieces)
    (slot,) = slots_of([entry], b"s" * 32, None)
    before = slot.hash
    slot.hide({0: 3})
    slot.hide({0: 4})
    assert slot.hidden[0][0] == 3
    assert slot.entry is not None
    assert SECRET not in slot.entry.data
    assert hash_leaf(slot.sealed()) == before
    slot.hide(5)
    slot.hide(6)
    assert (slot.entry, slot.why, slot.hash) == (None, 5, before)


def test_chunks_that_are_not_about_the_area_are_left_out_and_counted(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "area.bundle"
    wanted = {1, 16}
    exported = write_bundle(
        folder,
        path,
        from_ns=0,
        to_ns=1 << 62,
        software="luchtwacht 0",
        area="the harbour",
        withhold=lambda entry: None if entry.kind is EntryKind.SITE or entry.sequence in wanted else "area",
    )
    assert exported.left_out > 1
    report = verify_bundle(path, keys=TRUSTED)
    assert report.holds, report.text()
    assert {each.sequence for each in shown(path) if each.kind is EntryKind.FRAME} == wanted
    told = [each.sentence for each in report.checks if each.verdict is Verdict.UNCHECKED]
    assert any("leaves between those that are here are left out" in each for each in told)
    assert any("as not being about the harbour" in each for each in told)
