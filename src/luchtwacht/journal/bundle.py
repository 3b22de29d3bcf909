"""Bundles: one file with a stretch of the record and all that a stranger needs to check it.

Specified in `docs/formats/bundle.md`. A bundle holds whole chunks, so its parts are MCAP files with the very groups of
the journal's segments; how they stand in the log is shown by one range proof a part.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

import msgspec

from luchtwacht.errors import BadInput, RecordError
from luchtwacht.journal.checkpoint import SignedCheckpoint, parse_signed_checkpoint
from luchtwacht.journal.container import ContainerWriter, Member, MemberFile, read_container
from luchtwacht.journal.entry import Entry, EntryKind
from luchtwacht.journal.files import REAL, Files
from luchtwacht.journal.log import log_folder, read_checkpoint, read_keys
from luchtwacht.journal.note import BadNote, decode_base64, encode_base64
from luchtwacht.journal.reader import Place, open_segment, segments
from luchtwacht.journal.segment import Head, SegmentEncoder, decode_body
from luchtwacht.journal.tiles import log_reader
from luchtwacht.journal.tree import fetch_root, prove_range
from luchtwacht.units import format_utc

FORMAT = "luchtwacht-bundle-1"
MANIFEST, CHECKPOINT, KEYS, README, SUMS = "manifest.json", "checkpoint", "keys", "README.txt", "sums"

_README = """This is a bundle: a stretch of the record of a Luchtwacht drone-airspace watch.

The files part-*.mcap hold what was received and what was concluded from it, and open in any viewer for MCAP (mcap.dev).
The file checkpoint is a signed statement by the watch about its whole record (C2SP tlog-checkpoint); with the proofs in
manifest.json anybody can check that the parts are what was signed. To check everything at once:

    luchtwacht verify BUNDLE --key KEY

KEY is the watch's public key. Get it from the watch or from somebody you trust, not from this bundle: the file keys
only says which to ask for. The format is specified in docs/formats/bundle.md of Luchtwacht.
"""


class BadBundle(BadInput):
    """A file that is not a bundle."""


class Part(msgspec.Struct, frozen=True):
    """One stretch of leaves without gaps."""

    file: str
    first_leaf: int
    leaves: int
    proof: tuple[str, ...]
    """base64, left to right: `tree.prove_range`"""

    def hashes(self) -> list[bytes]:
        """The proof; BadNote when it is not written as it should be."""
        return [decode_base64(each) for each in self.proof]


class Manifest(msgspec.Struct, frozen=True):
    """What a bundle says of itself."""

    format: str
    origin: str
    """of the log"""
    size: int
    """of the log at the checkpoint"""
    from_ns: int
    to_ns: int
    """what was asked for, as the exporter says"""
    software: str
    """as the exporter says"""
    parts: tuple[Part, ...]
    entries: int
    withheld: int


_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Manifest, strict=True)


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    path: Path
    entries: int
    withheld: int
    checkpoint: SignedCheckpoint
    unsealed: int
    """entries of the time asked for that no checkpoint covers yet, and that are therefore not in it"""


def write_bundle(
    folder: Path,
    path: Path,
    *,
    from_ns: int,
    to_ns: int,
    software: str,
    withhold: Callable[[Entry], bool] = lambda entry: False,
    files: Files = REAL,
) -> Exported:
    """Export the chunks with entries from `from_ns` to before `to_ns`, and the configuration in force before them.

    Args:
        folder: the journal, which may be recording.
        path: the file to make; replaced in one step when it is there.
        from_ns, to_ns: ns UTC.
        software: name and version of what exports.
        withhold: says of an entry whether only its hash goes in. Its salted hash tells nothing of it.
        files: the file system of the journal.

    Raises:
        RecordError: there is no journal, it has no checkpoint yet, there is nothing of that time, or it is damaged.
        BadContainer: the bundle would be too large.
    """
    try:
        signed = read_checkpoint(folder, files)
    except OSError as error:
        raise RecordError(f"the checkpoint of {folder} cannot be read: {error.strerror or error}") from error
    if signed is None:
        raise RecordError(f"the journal in {folder} was never sealed: it has no signing key")
    wanted, unsealed = _choose(folder, from_ns, to_ns, signed.checkpoint.size, files)
    if not wanted:
        raise RecordError(
            f"nothing that is sealed was recorded from {format_utc(from_ns)} to {format_utc(to_ns)} in {folder}"
        )
    size = signed.checkpoint.size
    log = log_reader(log_folder(folder), size, files)
    if fetch_root(size, log.fetch) != signed.checkpoint.root:
        raise RecordError(f"the tiles in {log_folder(folder)} do not fit the checkpoint: verify the journal first")
    beside = path.with_name(path.name + ".new")
    try:
        with beside.open("wb") as file:
            sums: dict[str, str] = {}
            container = ContainerWriter(file)

            def add(name: str, blocks: Iterable[bytes]) -> None:
                total = sha256()

                def seen() -> Iterator[bytes]:
                    for block in blocks:
                        total.update(block)
                        yield block

                container.add(name, seen())
                sums[name] = total.hexdigest()

            add(README, [_README.encode()])
            parts = []
            counted = _Counted()
            for number, stretch in enumerate(wanted, start=1):
                name = f"part-{number}.mcap"
                first, last = stretch[0].place.first_leaf, stretch[-1].place.end_leaf
                add(name, _part(folder, stretch, withhold, counted, files))
                proof = prove_range(first, last, size, log.fetch)
                parts.append(Part(name, first, last - first, tuple(map(encode_base64, proof))))
            add(CHECKPOINT, [str(signed).encode()])
            add(KEYS, ["".join(f"{each}\n" for each in read_keys(folder, files)).encode()])
            manifest = Manifest(
                FORMAT,
                signed.checkpoint.origin,
                size,
                from_ns,
                to_ns,
                software,
                tuple(parts),
                counted.entries,
                counted.withheld,
            )
            add(MANIFEST, [_encoder.encode(manifest)])
            container.add(SUMS, ["".join(f"{digest}  {name}\n" for name, digest in sums.items()).encode()])
            container.finish()
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise RecordError(f"the bundle {path} cannot be written: {error.strerror or error}") from error
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return Exported(path, counted.entries, counted.withheld, signed, unsealed)


@dataclass(slots=True)
class _Counted:
    entries: int = 0
    withheld: int = 0


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A group, and the segment it is in."""

    head: Head
    stop: int | None
    place: Place


def _choose(folder: Path, from_ns: int, to_ns: int, size: int, files: Files) -> tuple[list[list[_Chosen]], int]:
    """The groups to export as stretches without gaps, and the number of entries that are not sealed yet."""
    every: list[_Chosen] = []
    for head, stop in segments(folder, files):
        with open_segment(folder, head.number, stop, files) as segment:
            if segment is not None:
                every += [_Chosen(head, stop, place) for place in segment.places()]
    inside = [at for at, each in enumerate(every) if each.place.last_ns >= from_ns and each.place.first_ns < to_ns]
    unsealed = sum(every[at].place.messages for at in inside if every[at].place.end_leaf > size)
    inside = [at for at in inside if every[at].place.end_leaf <= size]
    if not inside:
        return [], unsealed
    first, last = inside[0], inside[-1]
    opening = _configuration(folder, every, first, files)
    if opening and opening[-1] + 1 == first:
        return [[every[at] for at in (*opening, *range(first, last + 1))]], unsealed
    stretches = [[every[at] for at in opening], every[first : last + 1]]
    return [stretch for stretch in stretches if stretch], unsealed


def _configuration(folder: Path, every: list[_Chosen], first: int, files: Files) -> list[int]:
    """The groups before `first` that hold the configuration in force there; none when `first` begins with it."""
    if _first_kind(folder, every[first], files) is EntryKind.SITE:
        return []
    for at in range(first - 1, -1, -1):
        if every[at].place.own and any(each.kind is EntryKind.SITE for each in _entries(folder, every[at], files)):
            last = at
            while last + 1 < first and _first_kind(folder, every[last + 1], files) is EntryKind.MAPPING:
                last += 1
            return list(range(at, last + 1))
    return []


def _entries(folder: Path, chosen: _Chosen, files: Files) -> list[Entry]:
    with open_segment(folder, chosen.head.number, chosen.stop, files) as segment:
        return segment.entries(segment.group(chosen.place.offset)) if segment else []


def _first_kind(folder: Path, chosen: _Chosen, files: Files) -> EntryKind | None:
    return next((each.kind for each in _entries(folder, chosen, files)), None)


def _part(
    folder: Path, stretch: list[_Chosen], withhold: Callable[[Entry], bool], counted: _Counted, files: Files
) -> Iterator[bytes]:
    """A part's bytes: a segment of its own with the groups of the stretch."""
    first = stretch[0].place
    encoder = SegmentEncoder(Head(0, first.first_leaf, first.first_input - 1, 0))
    yield encoder.encode_head()
    for head, chosen in groupby(stretch, key=lambda each: (each.head, each.stop)):
        with open_segment(folder, head[0].number, head[1], files) as segment:
            if segment is None:
                raise RecordError(f"segment {head[0].number} is gone")
            for each in chosen:
                group = segment.group(each.place.offset)
                body = segment.body(group)
                withheld = {
                    place for place, entry in enumerate(decode_body(group.seal.descriptor, body)) if withhold(entry)
                }
                counted.entries += group.seal.descriptor.messages
                counted.withheld += len(withheld)
                yield encoder.encode_copy(group, body, withheld)
    yield encoder.encode_end()


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle, open for reading: its form was checked, its seals were not."""

    manifest: Manifest
    checkpoint: SignedCheckpoint
    keys: tuple[str, ...]
    """the keys that the journal says it signs with: a hint only"""
    parts: tuple[tuple[Part, MemberFile], ...]


@contextmanager
def open_bundle(path: Path) -> Iterator[Bundle]:
    """Open a bundle to read it.

    Every byte of the file was looked at: what is not in a part is what the format says, and each member has the hash
    that `sums` gives.

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
    expected = [README, *(name for name in members if name.startswith("part-")), CHECKPOINT, KEYS, MANIFEST, SUMS]
    if list(members) != expected:
        raise BadBundle("the files in this archive are not those of a bundle")
    texts = {
        name: MemberFile(file, members[name]).read(0, members[name].size) for name in (CHECKPOINT, KEYS, MANIFEST, SUMS)
    }
    _check_sums(file, members, texts[SUMS])
    try:
        manifest = _decoder.decode(texts[MANIFEST])
        signed = parse_signed_checkpoint(texts[CHECKPOINT].decode())
        keys = tuple(texts[KEYS].decode().splitlines())
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadBundle(f"what the bundle says of itself cannot be read: {error}") from error
    if manifest.format != FORMAT:
        raise BadBundle(f"this bundle is of the format {manifest.format!r}", hint=f"{FORMAT} can be read here")
    parts = [name for name in members if name.startswith("part-")]
    if parts != [each.file for each in manifest.parts] or _encoder.encode(manifest) != texts[MANIFEST]:
        raise BadBundle("the manifest does not fit the bundle")
    if (manifest.origin, manifest.size) != (signed.checkpoint.origin, signed.checkpoint.size):
        raise BadNote("the checkpoint in the bundle is not the one that its manifest names")
    return Bundle(
        manifest, signed, keys, tuple((each, MemberFile(file, members[each.file])) for each in manifest.parts)
    )


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
