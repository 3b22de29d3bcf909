from __future__ import annotations

from pathlib import Path

import pytest
from tests.journal.recordings import frames

from luchtwacht.journal import JournalWriter, SignedCheckpoint, create_key
from luchtwacht.journal.keys import Signer
from luchtwacht.journal.note import BadNote, KeyKind
from luchtwacht.journal.verifying import verify_journal
from luchtwacht.journal.witness import Witness, add_cosignatures, encode_request

KEY = create_key("watch.example/north", seed=bytes(range(32)))
WITNESS_KEY = create_key("witness.example/south", KeyKind.COSIGNATURE_ML_DSA_44, seed=bytes(range(1, 33)))
NOW_NS = 1_777_777_999_000_000_000


def grow(writer: JournalWriter, first: int, *, size: int = 40) -> SignedCheckpoint:
    writer.frames(frames(first, 3, size=size))
    writer.commit()
    assert writer.checkpoint is not None
    return writer.checkpoint


def new_writer(folder: Path) -> JournalWriter:
    return JournalWriter(folder, signer=Signer(KEY), checkpoint_ns=0)


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness(tmp_path / "witness", WITNESS_KEY, {KEY.name: [KEY.verifier]})


def test_a_witness_signs_every_checkpoint_that_extends_the_last(tmp_path: Path, witness: Witness) -> None:
    folder, old = tmp_path / "journal", 0
    writer = new_writer(folder)
    for first in range(1, 40, 3):
        signed = grow(writer, first)
        answer = witness.add_checkpoint(encode_request(folder, signed, old), NOW_NS)
        assert answer.status == 200, answer.body
        cosigned = add_cosignatures(signed, answer.body, [WITNESS_KEY.verifier])
        assert len(cosigned.note.signatures) == 2
        old = signed.checkpoint.size
    again = Witness(tmp_path / "witness", WITNESS_KEY, {KEY.name: [KEY.verifier]})
    kept = again.latest(KEY.name)
    assert kept is not None
    assert str(kept) == str(cosigned)
    writer.close()
    report = verify_journal(folder, keys=[KEY.verifier, WITNESS_KEY.verifier], known=[kept])
    assert report.holds, report.text()


def test_a_witness_that_saw_another_history_does_not_sign(tmp_path: Path, witness: Witness) -> None:
    one, two = new_writer(tmp_path / "one"), new_writer(tmp_path / "two")
    first, other = grow(one, 1), grow(two, 1, size=50)
    assert witness.add_checkpoint(encode_request(tmp_path / "one", first, 0), NOW_NS).status == 200
    same_size = witness.add_checkpoint(encode_request(tmp_path / "two", other, other.checkpoint.size), NOW_NS)
    assert same_size.status == 422
    longer = grow(two, 4, size=50)
    forked = witness.add_checkpoint(encode_request(tmp_path / "two", longer, first.checkpoint.size), NOW_NS)
    assert forked.status == 422
    kept = witness.latest(KEY.name)
    assert kept is not None
    assert kept.checkpoint == first.checkpoint
    one.close()
    two.close()


def test_a_witness_says_where_it_stands(tmp_path: Path, witness: Witness) -> None:
    writer = new_writer(tmp_path / "journal")
    first, second = grow(writer, 1), grow(writer, 4)
    assert witness.add_checkpoint(encode_request(tmp_path / "journal", second, 0), NOW_NS).status == 200
    answer = witness.add_checkpoint(encode_request(tmp_path / "journal", second, first.checkpoint.size), NOW_NS)
    assert (answer.status, answer.body, answer.content_type) == (
        409,
        f"{second.checkpoint.size}\n",
        "text/x.tlog.size",
    )
    back = witness.add_checkpoint(f"old {second.checkpoint.size}\n\n{first}", NOW_NS)
    assert back.status == 400
    assert witness.add_checkpoint(f"old 0\n\n{first}", NOW_NS).status == 409
    writer.close()


def test_requests_that_are_none_are_refused(tmp_path: Path, witness: Witness) -> None:
    writer = new_writer(tmp_path / "journal")
    signed = grow(writer, 1)
    writer.close()
    line = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
    for request in ("", "old 0\n", f"old 00\n\n{signed}", f"old -1\n\n{signed}", f"old 0\n{line * 64}\n{signed}"):
        assert witness.add_checkpoint(request, NOW_NS).status == 400
    assert witness.add_checkpoint(f"old 0\n{line}\n{signed}", NOW_NS).status == 422
    text = str(signed)
    assert witness.add_checkpoint(f"old 0\n\n{text.replace('north', 'east')}", NOW_NS).status == 404
    stranger = Signer(create_key(KEY.name)).sign(signed.note.text, 0, slow=False)
    assert witness.add_checkpoint(f"old 0\n\n{stranger}", NOW_NS).status == 403
    assert witness.latest(KEY.name) is None


def test_only_cosignatures_that_hold_are_taken(tmp_path: Path, witness: Witness) -> None:
    writer = new_writer(tmp_path / "journal")
    first, second = grow(writer, 1), grow(writer, 4)
    writer.close()
    answer = witness.add_checkpoint(encode_request(tmp_path / "journal", first, 0), NOW_NS).body
    assert len(add_cosignatures(first, answer, []).note.signatures) == 1
    with pytest.raises(BadNote, match="false"):
        add_cosignatures(second, answer, [WITNESS_KEY.verifier])
    with pytest.raises(BadNote):
        add_cosignatures(first, "not a signature\n", [WITNESS_KEY.verifier])


def test_a_plain_key_is_no_witness(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        Witness(tmp_path, KEY, {})


def test_a_cosigned_checkpoint_is_kept_with_the_journal(tmp_path: Path, witness: Witness) -> None:
    folder = tmp_path / "journal"
    writer = new_writer(folder)
    first = grow(writer, 1)
    answer = witness.add_checkpoint(encode_request(folder, first, 0), NOW_NS).body
    cosigned = add_cosignatures(first, answer, [WITNESS_KEY.verifier])
    writer.keep_cosigned(cosigned)
    assert (folder / "log" / "checkpoint").read_text() == str(cosigned)
    later = grow(writer, 4)
    writer.keep_cosigned(cosigned)
    assert (folder / "log" / "checkpoint").read_text() == str(later)
    assert (folder / "log" / "checkpoints" / f"{first.checkpoint.size:020d}").read_text() == str(cosigned)
    with pytest.raises(AssertionError):
        writer.keep_cosigned(grow(new_writer(tmp_path / "other"), 1, size=50))
    writer.close()
    assert verify_journal(folder, keys=[KEY.verifier, WITNESS_KEY.verifier]).holds
