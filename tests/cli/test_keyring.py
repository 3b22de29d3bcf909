from __future__ import annotations

from pathlib import Path

import pytest
from tests.ingest.sites import NOON_NS, site

from luchtwacht.cli.keyring import KINDS, Keyring
from luchtwacht.errors import BadInput
from luchtwacht.journal import JournalWriter, KeyKind, VerifierKey, verify_journal
from luchtwacht.model import Tick
from luchtwacht.model.encoding import encode_site
from luchtwacht.units import SECOND_NS


def record(folder: Path, keyring: Keyring, first: int) -> None:
    writer = JournalWriter(folder, signer=keyring.signer())
    writer.open_run(encode_site(site()), {}, NOON_NS)
    writer.tick(Tick(sequence=first, received_ns=NOON_NS + first * SECOND_NS))
    writer.close()


def holds(folder: Path, *keys: VerifierKey) -> bool:
    return verify_journal(folder, keys=keys).holds


def fast(keyring: Keyring) -> VerifierKey:
    return keyring.current(KeyKind.ED25519).verifier


def test_a_rotated_key_signs_along_until_it_is_retired(tmp_path: Path) -> None:
    """Whoever knows only the old key, and whoever knows only the new one, can check what both signed."""
    keyring = Keyring(tmp_path / "keys", "field")
    old = fast(keyring)
    record(tmp_path / "journal", keyring, 1)
    keyring.rotate(KeyKind.ED25519)
    new = fast(keyring)
    record(tmp_path / "journal", keyring, 2)
    assert new != old
    assert holds(tmp_path / "journal", old)
    assert holds(tmp_path / "journal", old, new)
    keyring.retire(old.id.hex())
    record(tmp_path / "journal", keyring, 3)
    assert not holds(tmp_path / "journal", old)
    assert holds(tmp_path / "journal", old, new)


def test_a_revoked_key_signs_no_more_and_says_why(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path / "keys", "field")
    stolen = fast(keyring)
    keyring.revoke(stolen.id.hex(), "a laptop was stolen")
    assert fast(keyring) != stolen
    assert stolen not in keyring.signer().verifiers()
    (told,) = [each for each in keyring.listed() if each.id == stolen.id.hex()]
    assert (told.state, told.reason) == ("revoked", "a laptop was stolen")


def test_the_current_key_cannot_be_retired(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path / "keys", "field")
    with pytest.raises(BadInput, match="no key of field that signs along"):
        keyring.retire(fast(keyring).id.hex())


def test_no_private_key_is_lost_or_readable_by_others(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path / "keys", "field")
    for kind in KINDS:
        keyring.rotate(kind)
    files = sorted((tmp_path / "keys").glob("*.key"))
    assert len(files) == 4
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)
