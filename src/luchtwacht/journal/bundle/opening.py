"""Opening a bundle to read it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

import msgspec

from luchtwacht.errors import RecordError
from luchtwacht.journal.bundle.manifest import (
    CHECKPOINT,
    FORMAT,
    KEYS,
    MANIFEST,
    NAMES,
    RECORD,
    SUMS,
    BadBundle,
    Manifest,
    decoder,
    encoder,
)
from luchtwacht.journal.checkpoint import SignedCheckpoint, parse_signed_checkpoint
from luchtwacht.journal.container import Member, MemberFile, read_container
from luchtwacht.journal.note import BadNote


class _Format(msgspec.Struct):
    format: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle, open for reading: its form was checked, its seals were not."""

    manifest: Manifest
    checkpoint: SignedCheckpoint
    keys: tuple[str, ...]
    """the keys that the journal says it signs with: a hint only"""
    record: MemberFile
    """a segment of the bundle's own"""


@contextmanager
def open_bundle(path: Path) -> Iterator[Bundle]:
    """Open a bundle to read it.

    Every byte of the file was looked at: what is not in the record is what the format says, and each member has
    the hash that `sums` gives.

    Raises:
        BadContainer, BadBundle, BadNote: it is not a bundle, or not the one that was written.
        RecordError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            yield _open(file)
    except OSError as error:
        raise RecordError(f"the bundle {path} cannot be read: {error.strerror or error}") from error


def _open(file: BinaryIO) -> Bundle:
    members = read_container(file)
    if list(members) != NAMES:
        raise BadBundle("the files in this archive are not those of a bundle")
    texts = {
        name: MemberFile(file, members[name]).read(0, members[name].size) for name in (CHECKPOINT, KEYS, MANIFEST, SUMS)
    }
    _check_sums(file, members, texts[SUMS])
    try:
        said = msgspec.json.decode(texts[MANIFEST], type=_Format)
        if said.format != FORMAT:
            raise BadBundle(f"this bundle is of the format {said.format!r}", hint=f"{FORMAT} can be read here")
        manifest = decoder.decode(texts[MANIFEST])
        signed = parse_signed_checkpoint(texts[CHECKPOINT].decode())
        keys = tuple(texts[KEYS].decode().splitlines())
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadBundle(f"what the bundle says of itself cannot be read: {error}") from error
    if encoder.encode(manifest) != texts[MANIFEST]:
        raise BadBundle("the manifest is not written as it must be")
    if (manifest.origin, manifest.size) != (signed.checkpoint.origin, signed.checkpoint.size):
        raise BadNote("the checkpoint in the bundle is not the one that its manifest names")
    return Bundle(manifest, signed, keys, MemberFile(file, members[RECORD]))


def _check_sums(file: BinaryIO, members: dict[str, Member], sums: bytes) -> None:
    """Whether every member has the SHA-256 and the CRC-32 that it should have."""
    lines = []
    for name, member in members.items():
        total, crc = sha256(), 0
        for block in MemberFile(file, member).blocks():
            total.update(block)
            crc = crc32(block, crc)
        if crc != member.crc:
            raise BadBundle(f"{name} in the bundle is damaged: its checksum does not hold")
        if name != SUMS:
            lines.append(f"{total.hexdigest()}  {name}\n")
    if "".join(lines).encode() != sums:
        raise BadBundle("a file in the bundle does not have the hash that the bundle gives for it")
