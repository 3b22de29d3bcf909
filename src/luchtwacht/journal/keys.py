"""A journal's signing keys: made, kept in a file, loaded, replaced.

A key file is one line of text, readable by its owner alone:

    LUCHTWACHT+PRIVATE+KEY+<name>+<id>+base64(kind || 32-byte seed)

A log's key is Ed25519. Beside it a journal may have an ML-DSA-44 key, which signs less often.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from luchtwacht.errors import RecordError
from luchtwacht.journal.note import (
    BadNote,
    KeyKind,
    Note,
    Signature,
    VerifierKey,
    check_key_name,
    cosigned_ed25519,
    cosigned_ml_dsa,
    decode_base64,
    encode_base64,
)
from luchtwacht.units import SECOND_NS

SEED_BYTES = 32
_PREFIX = "LUCHTWACHT+PRIVATE+KEY+"


@lru_cache(maxsize=16)
def _private(kind: KeyKind, seed: bytes) -> Ed25519PrivateKey | MLDSA44PrivateKey:
    if kind is KeyKind.COSIGNATURE_ML_DSA_44:
        return MLDSA44PrivateKey.from_seed_bytes(seed)
    return Ed25519PrivateKey.from_private_bytes(seed)


@dataclass(frozen=True, slots=True, repr=False)
class SigningKey:
    """A private key with its name."""

    name: str
    kind: KeyKind
    seed: bytes

    def __repr__(self) -> str:
        return f"SigningKey({self.verifier.name}+{self.verifier.id.hex()})"  # never the seed

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        return VerifierKey(self.name, self.kind, _private(self.kind, self.seed).public_key().public_bytes_raw())

    def sign(self, text: str, time_ns: int) -> Signature:
        """Sign a note's text.

        Args:
            text: with its last newline.
            time_ns: ns UTC; kinds that carry a time carry it in whole seconds.
        """
        time_s = time_ns // SECOND_NS
        stamp = time_s.to_bytes(8, "big")
        private = _private(self.kind, self.seed)
        match self.kind:
            case KeyKind.ED25519:
                content = private.sign(text.encode())
            case KeyKind.COSIGNATURE_ED25519:
                content = stamp + private.sign(cosigned_ed25519(text, time_s))
            case KeyKind.COSIGNATURE_ML_DSA_44:
                content = stamp + private.sign(cosigned_ml_dsa(text, time_s, self.name))
        return Signature(self.name, self.verifier.id, content)

    def line(self) -> str:
        """As it is kept in a file."""
        return f"{_PREFIX}{self.name}+{self.verifier.id.hex()}+{encode_base64(bytes([self.kind]) + self.seed)}\n"


def create_key(name: str, kind: KeyKind = KeyKind.ED25519, *, seed: bytes | None = None) -> SigningKey:
    """A new key.

    Args:
        name: of the key, and so the origin of the log it signs: a name the site controls, `example.org/watch/north`.
        kind: what it can sign.
        seed: 32 secret random bytes; taken from the machine when not given.

    Raises:
        BadNote: no key can have that name.
    """
    return SigningKey(check_key_name(name), kind, os.urandom(SEED_BYTES) if seed is None else seed)


def save_key(key: SigningKey, path: Path) -> None:
    """Keep a key in a new file that only its owner can read, and its public half beside it with the suffix `.pub`.

    Raises:
        RecordError: the file is there already, or cannot be written.
    """
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(key.line())
            file.flush()
            os.fsync(file.fileno())
        path.with_name(path.name + ".pub").write_text(f"{key.verifier}\n", encoding="utf-8")
    except FileExistsError as error:
        raise RecordError(f"{path} is there already: a key is never overwritten") from error
    except OSError as error:
        raise RecordError(f"the key cannot be kept in {path}: {error.strerror or error}") from error


def parse_signing_key(text: str) -> SigningKey:
    """The key that was kept; BadNote for any other text."""
    line = text.strip()
    parts = line.removeprefix(_PREFIX).split("+", 2)
    if not line.startswith(_PREFIX) or len(parts) != 3:
        raise BadNote("this is not a signing key of a journal")
    name, id, encoded = parts
    content = decode_base64(encoded)
    if len(content) != 1 + SEED_BYTES or content[0] not in set(KeyKind):
        raise BadNote(f"the signing key {name} is of a kind that is not known here")
    key = SigningKey(check_key_name(name), KeyKind(content[0]), content[1:])
    if key.verifier.id.hex() != id:
        raise BadNote(f"the signing key {name} does not fit its own id")
    return key


def load_key(path: Path) -> SigningKey:
    """The key kept in a file.

    Raises:
        RecordError: it cannot be read, or somebody else than its owner could have read it.
        BadNote: it holds no key.
    """
    try:
        if path.stat().st_mode & 0o077:
            raise RecordError(f"{path} can be read by others than its owner: make it 0600, or make a new key")
        return parse_signing_key(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecordError(f"the key in {path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise BadNote(f"{path} is not a signing key of a journal") from error


@dataclass(frozen=True, slots=True)
class Signer:
    """What signs a journal's checkpoints."""

    key: SigningKey
    """Ed25519; its name is the log's origin"""
    others: tuple[SigningKey, ...] = ()
    """more keys that sign every checkpoint: the old key while the new one becomes known"""
    slow: tuple[SigningKey, ...] = ()
    """keys that sign now and then and at the end: ML-DSA-44"""

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.key.name

    def verifiers(self) -> tuple[VerifierKey, ...]:
        """The public halves of all keys."""
        return tuple(each.verifier for each in (self.key, *self.others, *self.slow))

    def sign(self, text: str, time_ns: int, *, slow: bool) -> Note:
        """A note over `text`, with the signatures of the slow keys when `slow`."""
        keys: Sequence[SigningKey] = (self.key, *self.others, *(self.slow if slow else ()))
        return Note(text, tuple(each.sign(text, time_ns) for each in keys))
