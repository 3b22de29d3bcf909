from __future__ import annotations

from pathlib import Path

import pytest
from tests.journal.recordings import alert_changed, entries_of, frames, time_of

from luchtwacht.errors import RecordError
from luchtwacht.journal import EntryKind, JournalWriter
from luchtwacht.journal.keys import Signer, create_key
from luchtwacht.journal.note import BadNote
from luchtwacht.journal.proof import check_entry, parse_proof, prove_entries, prove_frame

KEY = create_key("watch.example/north", seed=bytes(range(32)))
TRUSTED = [KEY.verifier]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("journal")
    writer = JournalWriter(path, signer=Signer(KEY), chunk_entries=11, segment_bytes=4_000)
    for first in range(1, 301, 50):
        writer.frames(frames(first, 50))
        writer.events(first + 49, time_of(first + 49), (alert_changed(first + 49),))
        writer.commit()
    writer.close()
    return path


def test_every_frame_is_proved_and_the_proof_survives_being_written(folder: Path) -> None:
    by_sequence = {each.sequence: each for each in entries_of(folder) if each.kind is EntryKind.FRAME}
    for sequence in range(1, 301, 7):
        proved = prove_frame(folder, sequence)
        sealed, proof = proved.sealed, proved.proof
        again = parse_proof(str(proof))
        assert again == proof
        assert check_entry(sealed, again, TRUSTED) == by_sequence[sequence]


def test_a_proof_is_small(folder: Path) -> None:
    proof = prove_frame(folder, 150).proof
    assert 32 * (len(proof.path) + len(proof.chunk_path)) < 1000
    assert len(str(proof)) < 1500


def test_an_alert_is_proved_by_the_input_after_which_it_followed(folder: Path) -> None:
    (proved,) = prove_entries(folder, 100, lambda entry: entry.kind is EntryKind.EVENT)
    assert check_entry(proved.sealed, proved.proof, TRUSTED, proved.pieces).kind is EntryKind.EVENT


def test_a_flipped_bit_anywhere_in_entry_or_proof_is_found(folder: Path) -> None:
    proved = prove_frame(folder, 123)
    sealed, proof = proved.sealed, proved.proof
    text = str(proof).encode()
    for place in range(len(sealed)):
        flipped = bytearray(sealed)
        flipped[place] ^= 1 << (place % 8)
        with pytest.raises(BadNote):
            check_entry(bytes(flipped), proof, TRUSTED)
    for place in range(len(text)):
        changed = bytearray(text)
        changed[place] ^= 1 << (place % 8)
        with pytest.raises((BadNote, UnicodeDecodeError)):
            check_entry(sealed, parse_proof(changed.decode()), TRUSTED)


def test_one_frames_proof_does_not_prove_another(folder: Path) -> None:
    one, two = prove_frame(folder, 123), prove_frame(folder, 124)
    first, proof, second, other = one.sealed, one.proof, two.sealed, two.proof
    with pytest.raises(BadNote, match="not the one that stands there"):
        check_entry(second, proof, TRUSTED)
    assert check_entry(first, proof, TRUSTED).sequence == 123
    assert check_entry(second, other, TRUSTED).sequence == 124


def test_a_stranger_to_the_key_believes_nothing(folder: Path) -> None:
    proved = prove_frame(folder, 123)
    sealed, proof = proved.sealed, proved.proof
    with pytest.raises(BadNote):
        check_entry(sealed, proof, [create_key("watch.example/north").verifier])
    with pytest.raises(BadNote):
        check_entry(sealed, proof, [])


def test_what_is_not_there_is_not_proved(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="frame 999 is not on record"):
        prove_frame(folder, 999)
    writer = JournalWriter(tmp_path)
    writer.frames(frames(1, 1))
    writer.close()
    with pytest.raises(RecordError, match="never sealed"):
        prove_frame(tmp_path, 1)


@pytest.mark.parametrize("text", ["", "c2sp.org/tlog-proof@v1\n", "c2sp.org/tlog-proof@v1\nextra AAAA\nindex 1\n\nx"])
def test_what_is_not_a_proof_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        parse_proof(text)
