"""Signed notes (C2SP signed-note) and the kinds of key that sign them. Pure: text and bytes in, text and bytes out.

    text, ending in a newline
    (empty line)
    — <key name> base64(u32 key id || signature)

Three kinds of key are known: Ed25519 over the text (0x01), and the two cosignatures of C2SP tlog-cosignature, which
carry a time: Ed25519 (0x04) and ML-DSA-44 (0x06), the latter safe against quantum computers.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from luchtwacht.errors import BadInput

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
NOTE_LIMIT = 1_000_000
"""bytes; longer notes are refused unread"""
SIGNATURE_LIMIT = 100


class KeyKind(IntEnum):
    """Signature type identifier bytes of C2SP signed-note."""

    ED25519 = 0x01
    COSIGNATURE_ED25519 = 0x04
    COSIGNATURE_ML_DSA_44 = 0x06


PUBLIC_KEY_BYTES = {KeyKind.ED25519: 32, KeyKind.COSIGNATURE_ED25519: 32, KeyKind.COSIGNATURE_ML_DSA_44: 1312}
SIGNATURE_BYTES = {KeyKind.ED25519: 64, KeyKind.COSIGNATURE_ED25519: 64, KeyKind.COSIGNATURE_ML_DSA_44: 2420}


class BadNote(BadInput):
    """Text that is not a signed note, or a key that is none."""


def decode_base64(text: str) -> bytes:
    """Standard base 64, canonical only; BadNote for anything else."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadNote(f"{text[:40]!r} is not base 64") from error
    if base64.b64encode(data).decode() != text:
        raise BadNote(f"{text[:40]!r} is not written as base 64 should be")
    return data


def encode_base64(data: bytes) -> str:
    """Standard base 64."""
    return base64.b64encode(data).decode()


def check_key_name(name: str) -> str:
    """The name, when it may be a key's; BadNote otherwise."""
    if not name or "+" in name or any(each.isspace() or ord(each) < 0x20 for each in name):
        raise BadNote(f"{name!r} cannot be the name of a key: it must not be empty or contain spaces or plus signs")
    return name


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with its name."""

    name: str
    kind: KeyKind
    public: bytes

    @property
    def id(self) -> bytes:
        """SHA-256(name || newline || kind || public key), first four bytes."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        """As C2SP signed-note writes verifier keys: `name+id+base64(kind || public key)`."""
        return f"{self.name}+{self.id.hex()}+{encode_base64(bytes([self.kind]) + self.public)}"

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the written key, in hexadecimal: what people compare over the telephone."""
        return sha256(str(self).encode()).hexdigest()


def parse_key(text: str) -> VerifierKey:
    """The verifier key that was written; BadNote for any other text."""
    parts = text.strip().split("+", 2)
    if len(parts) != 3:
        raise BadNote(f"{text.strip()[:60]!r} is not a verifier key", hint="it looks like name+0123abcd+base64")
    name, id, encoded = parts
    content = decode_base64(encoded)
    if not content or content[0] not in PUBLIC_KEY_BYTES:
        raise BadNote(f"the key {check_key_name(name)} is of a kind that is not known here")
    key = VerifierKey(check_key_name(name), KeyKind(content[0]), content[1:])
    if len(key.public) != PUBLIC_KEY_BYTES[key.kind] or key.id.hex() != id:
        raise BadNote(f"the key {name} does not fit its own id")
    return key


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line."""

    name: str
    id: bytes
    content: bytes

    def line(self) -> str:
        """The line, with its newline."""
        return f"— {self.name} {encode_base64(self.id + self.content)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text and the signatures on it, none of them checked yet."""

    text: str
    """with its last newline"""
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(each.line() for each in self.signatures)


def parse_signature(line: str) -> Signature:
    """A signature line without its newline; BadNote for any other."""
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "—":
        raise BadNote(f"{line[:60]!r} is not a signature line")
    content = decode_base64(parts[2])
    if len(content) < 5:
        raise BadNote(f"the signature by {parts[1][:40]!r} is too short")
    return Signature(check_key_name(parts[1]), content[:4], content[4:])


def parse_note(data: str) -> Note:
    """Text and signatures of a signed note.

    Raises:
        BadNote: it is not one.
    """
    if len(data) > NOTE_LIMIT:
        raise BadNote("a signed note is not this long")
    if _CONTROL.search(data):
        raise BadNote("a signed note has no control characters")
    text, found, lines = data.rpartition("\n\n")
    if not found or not lines.endswith("\n"):
        raise BadNote("a signed note has an empty line between text and signatures, and ends in a newline")
    signatures = tuple(parse_signature(line) for line in lines[:-1].split("\n"))
    if len(signatures) > SIGNATURE_LIMIT:
        raise BadNote(f"a note with {len(signatures)} signatures is refused")
    return Note(text + "\n", signatures)


def cosigned_ed25519(text: str, time_s: int) -> bytes:
    """What an Ed25519 cosignature signs (C2SP tlog-cosignature)."""
    return f"cosignature/v1\ntime {time_s}\n{text}".encode()


def cosigned_ml_dsa(text: str, time_s: int, name: str) -> bytes:
    """What an ML-DSA-44 cosignature signs (C2SP tlog-cosignature): the checkpoint's first three lines as a structure.

    Raises:
        BadNote: the text is not a checkpoint's.
    """
    lines = text.split("\n")
    if len(lines) < 4 or not lines[1].isascii() or not lines[1].isdigit():
        raise BadNote("only checkpoints can be cosigned")
    origin, root = lines[0].encode(), decode_base64(lines[2])
    if len(root) != 32 or not 0 < len(origin) < 256 or not 0 < len(name.encode()) < 256 or int(lines[1]) >> 64:
        raise BadNote("only checkpoints can be cosigned")
    return (
        b"subtree/v1\n\0"
        + bytes([len(name.encode())])
        + name.encode()
        + time_s.to_bytes(8, "big")
        + bytes([len(origin)])
        + origin
        + bytes(8)
        + int(lines[1]).to_bytes(8, "big")
        + root
    )


def check_signature(note: Note, signature: Signature, key: VerifierKey) -> int | None:
    """Whether `key` made this signature.

    Returns:
        None when it did not; otherwise the POSIX time in seconds that the signature carries, 0 for a kind without.
    """
    if signature.name != key.name or signature.id != key.id:
        return None
    timed = key.kind is not KeyKind.ED25519
    content, time_s = signature.content, 0
    if timed:
        time_s, content = int.from_bytes(content[:8], "big"), content[8:]
    if len(content) != SIGNATURE_BYTES[key.kind] or time_s >> 63:
        return None
    try:
        match key.kind:
            case KeyKind.ED25519:
                Ed25519PublicKey.from_public_bytes(key.public).verify(content, note.text.encode())
            case KeyKind.COSIGNATURE_ED25519:
                Ed25519PublicKey.from_public_bytes(key.public).verify(content, cosigned_ed25519(note.text, time_s))
            case KeyKind.COSIGNATURE_ML_DSA_44:
                MLDSA44PublicKey.from_public_bytes(key.public).verify(
                    content, cosigned_ml_dsa(note.text, time_s, key.name)
                )
    except (InvalidSignature, BadNote, ValueError, UnsupportedAlgorithm):
        return None
    return time_s


@dataclass(frozen=True, slots=True)
class Signed:
    """A key whose signature on a note holds."""

    key: VerifierKey
    time_s: int
    """POSIX time that the signature carries; 0 when its kind carries none"""


def check_note(note: Note, keys: Sequence[VerifierKey]) -> tuple[Signed, ...]:
    """Which of the keys signed the note. Signatures by other keys are ignored.

    Raises:
        BadNote: a signature says that it was made by one of `keys`, and was not; or none of them signed.
    """
    signed = []
    for signature in note.signatures:
        for key in keys:
            if (signature.name, signature.id) == (key.name, key.id):
                time_s = check_signature(note, signature, key)
                if time_s is None:
                    raise BadNote(f"the signature by {key.name} ({key.kind.name}) is false")
                signed.append(Signed(key, time_s))
    if not signed:
        names = ", ".join(sorted({each.name for each in note.signatures})) or "nobody"
        raise BadNote(f"signed by none of the keys that are trusted here, but by {names}")
    return tuple(signed)
