from __future__ import annotations

import json
from pathlib import Path

import pytest

from luchtwacht.errors import RecordError
from luchtwacht.journal.checkpoint import (
    Checkpoint,
    check_checkpoint,
    parse_checkpoint,
    parse_signed_checkpoint,
)
from luchtwacht.journal.keys import Signer, create_key, load_key, parse_signing_key, save_key
from luchtwacht.journal.note import (
    BadNote,
    KeyKind,
    Note,
    VerifierKey,
    check_note,
    parse_key,
    parse_note,
)

VECTORS = json.loads((Path(__file__).parent / "vectors" / "tlog.json").read_text())

# C2SP signed-note, "Example"
SPEC_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPEC_NOTE = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
NAME = "watch.example/north"
ROOT = bytes(range(32))


def test_the_note_in_the_specification_is_signed_by_its_key() -> None:
    note, key = parse_note(SPEC_NOTE), parse_key(SPEC_KEY)
    assert note.text == "This is an example message.\n"
    assert [each.key for each in check_note(note, [key])] == [key]
    assert str(key) == SPEC_KEY
    assert str(note) == SPEC_NOTE


def test_a_flipped_bit_anywhere_in_a_note_is_found() -> None:
    key = parse_key(SPEC_KEY)
    data = SPEC_NOTE.encode()
    for place in range(len(data)):
        for bit in range(8):
            flipped = bytearray(data)
            flipped[place] ^= 1 << bit
            try:
                signed = check_note(parse_note(flipped.decode()), [key])
            except (BadNote, UnicodeDecodeError):
                continue
            pytest.fail(f"bit {bit} of byte {place}: {signed}")


def test_checkpoints_and_cosignatures_agree_with_an_independent_implementation() -> None:
    key = create_key(NAME, seed=bytes(range(32)))
    assert str(key.verifier) == VECTORS["vkey"]
    signed = parse_signed_checkpoint(VECTORS["checkpoint"])
    assert signed.checkpoint == Checkpoint(NAME, 600, bytes.fromhex(VECTORS["roots"]["600"]))
    assert check_checkpoint(signed, [key.verifier])
    assert str(Signer(key).sign(signed.checkpoint.text(), 0, slow=False)) == VECTORS["checkpoint"]
    witness = create_key("witness.example/w1", KeyKind.COSIGNATURE_ED25519, seed=bytes(range(32)))
    assert str(witness.verifier) == VECTORS["cosignature_vkey"]
    cosignature = witness.sign(signed.checkpoint.text(), 1_750_000_000 * 10**9)
    assert cosignature.line() == VECTORS["cosignature"]


@pytest.mark.parametrize("kind", list(KeyKind))
def test_every_kind_of_key_signs_checkpoints_that_only_it_verifies(kind: KeyKind) -> None:
    key, other = create_key(NAME, kind), create_key(NAME, kind)
    text = Checkpoint(NAME, 7, ROOT).text()
    note = Note(text, (key.sign(text, 1_750_000_000_900_000_000),))
    (signed,) = check_note(parse_note(str(note)), [key.verifier])
    assert signed.time_s == (0 if kind is KeyKind.ED25519 else 1_750_000_000)
    with pytest.raises(BadNote, match="none of the keys"):
        check_note(note, [other.verifier])
    changed = Note(Checkpoint(NAME, 8, ROOT).text(), note.signatures)
    with pytest.raises(BadNote, match="false"):
        check_note(changed, [key.verifier])
    stamped = note.signatures[0].content
    if kind is not KeyKind.ED25519:
        later = Note(text, (type(note.signatures[0])(NAME, key.verifier.id, b"\0" * 7 + b"\1" + stamped[8:]),))
        with pytest.raises(BadNote, match="false"):
            check_note(later, [key.verifier])


def test_an_ml_dsa_cosignature_names_its_signer() -> None:
    key = create_key("witness.example/one", KeyKind.COSIGNATURE_ML_DSA_44)
    text = Checkpoint(NAME, 7, ROOT).text()
    signature = key.sign(text, 10**18)
    renamed = VerifierKey("witness.example/two", key.kind, key.verifier.public)
    moved = Note(text, (type(signature)(renamed.name, renamed.id, signature.content),))
    with pytest.raises(BadNote, match="false"):
        check_note(moved, [renamed])


def test_signatures_by_others_are_ignored_and_false_ones_by_ours_are_not() -> None:
    ours, others = create_key(NAME), create_key("witness.example/w1", KeyKind.COSIGNATURE_ED25519)
    text = Checkpoint(NAME, 7, ROOT).text()
    both = Note(text, (others.sign(text, 0), ours.sign(text, 0)))
    assert [each.key for each in check_note(both, [ours.verifier])] == [ours.verifier]
    false = Note(text, (ours.sign(text, 0), ours.sign(text + "x\n", 0)))
    with pytest.raises(BadNote, match="false"):
        check_note(false, [ours.verifier])


def test_a_checkpoint_must_be_signed_in_the_logs_own_name() -> None:
    witness = create_key("witness.example/w1")
    text = Checkpoint(NAME, 7, ROOT).text()
    signed = parse_signed_checkpoint(str(Note(text, (witness.sign(text, 0),))))
    with pytest.raises(BadNote, match=r"no trusted key named watch\.example/north"):
        check_checkpoint(signed, [witness.verifier])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n1\n",
        "\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "a\n01\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "a\n-1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "a\n١\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "a\n1\nAAAA\n",
        "a\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n",
        "a\n0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "a\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nmore\n",
        "a\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    ],
)
def test_what_is_not_a_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        parse_checkpoint(text)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "text\n",
        "text\n\n",
        "text\n\n— name AAAAAAA=",
        "text\n\n- name AAAAAAA=\n",
        "text\n\n— na+me AAAAAAA=\n",
        "text\n\n— name AAAA\n",
        "text\n\n— name A\n",
        "te\txt\n\n— name AAAAAAA=\n",
        "text\n\n— name AAAAAAA=\n" + "— name AAAAAAA=\n" * 100,
    ],
)
def test_what_is_not_a_note_is_refused(note: str) -> None:
    with pytest.raises(BadNote):
        parse_note(note)


@pytest.mark.parametrize("change", [("example.com/foo", "example.com/bar"), ("530d903a", "530d903b"), ("Aeky", "Aekz")])
def test_a_mangled_key_is_refused(change: tuple[str, str]) -> None:
    with pytest.raises(BadNote):
        parse_key(SPEC_KEY.replace(*change))


@pytest.mark.parametrize("name", ["", "two words", "a+b", "a\nb"])
def test_no_key_has_such_a_name(name: str) -> None:
    with pytest.raises(BadNote):
        create_key(name)


@pytest.mark.parametrize("kind", list(KeyKind))
def test_a_kept_key_comes_back_and_is_never_overwritten_or_shown(tmp_path: Path, kind: KeyKind) -> None:
    key = create_key(NAME, kind)
    path = tmp_path / "journal.key"
    save_key(key, path)
    assert load_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert parse_key((tmp_path / "journal.key.pub").read_text()) == key.verifier
    assert key.seed.hex() not in repr(key)
    assert str(key.seed) not in repr(key)
    with pytest.raises(RecordError, match="never overwritten"):
        save_key(key, path)
    path.chmod(0o640)
    with pytest.raises(RecordError, match="others"):
        load_key(path)


def test_what_is_not_a_signing_key_is_refused(tmp_path: Path) -> None:
    line = create_key(NAME).line()
    for mangled in ("", "x" + line, line.replace("north", "south"), line[:-6], line.replace("+A", "+B")):
        with pytest.raises(BadNote):
            parse_signing_key(mangled)
    with pytest.raises(RecordError):
        load_key(tmp_path / "nowhere")
