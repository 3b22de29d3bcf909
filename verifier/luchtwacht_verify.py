"""Check a bundle of a Luchtwacht watch with nothing but the bundle and a public key.

Written apart from Luchtwacht, from the description of its format (docs/formats/bundle.md and journal.md), and sharing
no code with it: two programs that agree are worth more than one. It is meant to be read before it is believed. It needs
a library for signatures (cryptography) and one to unpack the record (zstandard, until Python itself can).

The rules, in the order in which they are checked:

1. form          Every byte of the bundle is what the format says, so nothing is damaged and nothing can hide.
2. content       The entries of every chunk, shown or withheld, hash to what the chunk's seal states.
3. order         Chunks follow one another in the log, and inputs are numbered without a gap that no note explains.
4. log           The chunks, with the bundle's proof, give the root that the checkpoint states (RFC 6962).
5. signature     The checkpoint is signed in the log's own name by a key that you brought, and by no false one.
6. history       Checkpoints of the same log that you have from elsewhere belong to the same history.
7. time          What an authority stamped is a beginning of this log; its signature is checked by others.
8. completeness  What is withheld, deleted or left out is named. It is not counted as holding.
9. conclusions   That what was concluded follows from what was received: only Luchtwacht itself can run that again.

A file of the format says "log", "leaf", "root", "checkpoint" and "note" as C2SP and RFC 6962 do.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import json
import mmap
import re
import struct
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256, shake_128
from itertools import pairwise
from pathlib import Path
from typing import Any
from zlib import crc32

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

try:
    from compression import zstd  # type: ignore[import-not-found, unused-ignore]  # Python 3.14

    def unzstd(packed: bytes, size: int) -> bytes:
        """At most one byte more than `size`."""
        return bytes(zstd.ZstdDecompressor().decompress(packed, size + 1))

    UNPACKING_FAILS: type[Exception] = zstd.ZstdError
except ImportError:
    import zstandard

    def unzstd(packed: bytes, size: int) -> bytes:
        return zstandard.ZstdDecompressor().decompress(packed, max_output_size=size)

    UNPACKING_FAILS = zstandard.ZstdError

RULES = ("form", "content", "order", "log", "signature", "history", "time", "completeness", "conclusions")
HOLDS, FAILS, UNCHECKED = "holds", "fails", "unchecked"


class Fault(Exception):
    """Something is not as it must be."""


@dataclass
class Report:
    """What was found."""

    subject: str
    checks: list[tuple[str, str, str]] = field(default_factory=list)
    """rule, verdict, sentence"""
    entries: int = 0
    withheld: int = 0
    reasons: dict[int, tuple[int, int]] = field(default_factory=dict)
    """number of the reason -> whole entries, and pieces of others, that are not shown for it"""

    def say(self, rule: str, verdict: str, sentence: str) -> None:
        self.checks.append((rule, verdict, sentence))

    def failed(self) -> set[str]:
        return {rule for rule, verdict, _ in self.checks if verdict == FAILS}

    def conclude(self, rule: str, sentence: str) -> None:
        """The rule holds, unless something against it was found."""
        if rule not in self.failed():
            self.say(rule, HOLDS, sentence)

    @property
    def holds(self) -> bool:
        """Nothing failed, and the seals could be checked at all."""
        sealed = {rule for rule, verdict, _ in self.checks if verdict == HOLDS}
        return {"log", "signature"} <= sealed and not self.failed()

    def text(self) -> str:
        lines = [f"{self.subject}: {'holds' if self.holds else 'DOES NOT HOLD'}"]
        shown: dict[tuple[str, str], int] = {}
        for rule, verdict, sentence in sorted(self.checks, key=lambda check: RULES.index(check[0])):
            shown[rule, verdict] = shown.get((rule, verdict), 0) + 1
            if shown[rule, verdict] <= 20:
                lines.append(f"  {verdict:<9}  {rule:<12}  {sentence}")
        for (rule, verdict), count in shown.items():
            if count > 20:
                lines.append(f"  {verdict:<9}  {rule:<12}  and {count - 20} more like these")
        return "\n".join(lines) + "\n"


# ------------------------------------------------------------------------------------------- the archive (rule 1)

NAMES = ["README.txt", "record.mcap", "checkpoint", "keys", "manifest.json", "sums"]
Bytes = bytes | mmap.mmap


def open_archive(data: Bytes) -> dict[str, tuple[int, int]]:
    """Where each file of the bundle is. Every byte around the files is compared with what it must be."""
    members: dict[str, tuple[int, int]] = {}
    directory = b""
    at = 0
    while data[at : at + 4] == b"PK\3\4":
        if at + 30 > len(data):
            raise Fault("the archive ends in the middle of a header")
        crc, size, _, name_size = struct.unpack("<IIIH", data[at + 14 : at + 28])
        name = data[at + 30 : at + 30 + name_size]
        header = struct.pack("<HHHHHIIIHH", 20, 0x800, 0, 0, 0x21, crc, size, size, name_size, 0)
        start, stop = at + 30 + name_size, at + 30 + name_size + size
        if data[at:start] != b"PK\3\4" + header + name or stop > len(data):
            raise Fault("the header of a file in the archive is not what it must be")
        if checksum(data, start, stop) != crc:
            raise Fault("a file in the archive is damaged: its checksum does not hold")
        directory += b"PK\1\2\x14\0" + header + struct.pack("<HHHII", 0, 0, 0, 0, at) + name
        members[name.decode("utf-8", "replace")] = start, stop
        at = stop
    count = len(members)
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), at, 0)
    if data[at:] != directory + end:
        raise Fault("the archive does not end as a bundle's must")
    if list(members) != NAMES:
        raise Fault("the files in this archive are not those of a bundle")
    return members


def blocks(data: Bytes, start: int, stop: int) -> Iterator[bytes]:
    return (data[at : min(at + (1 << 20), stop)] for at in range(start, stop, 1 << 20))


def checksum(data: Bytes, start: int, stop: int) -> int:
    total = 0
    for block in blocks(data, start, stop):
        total = crc32(block, total)
    return total


def check_sums(data: Bytes, members: dict[str, tuple[int, int]]) -> None:
    """Every file has the SHA-256 that the file `sums` gives for it."""
    lines = ""
    for name, (start, stop) in members.items():
        total = sha256()
        for block in blocks(data, start, stop):
            total.update(block)
        lines += f"{total.hexdigest()}  {name}\n" if name != "sums" else ""
    start, stop = members["sums"]
    if data[start:stop] != lines.encode():
        raise Fault("a file in the bundle does not have the hash that the bundle gives for it")


FIELDS = {
    "format": str, "origin": str, "size": int, "from_ns": int, "to_ns": int, "area": str, "software": str, "by": str,
    "reason": str, "proof": list, "consistency": list, "stamps": list,
    "entries": int, "withheld": list, "deleted": dict,
}  # fmt: skip
WITHHOLDING = {"what": str, "entries": int, "pieces": int}
CONSISTENCY = {"size": int, "proof": list}
STAMPED = {"size": int, "root": str, "proof": list, "stamp": str}


def read_manifest(text: bytes) -> dict[str, Any]:
    """What the bundle says of itself."""
    try:
        manifest: dict[str, Any] = json.loads(text)
        again = json.dumps(manifest, ensure_ascii=False, separators=(",", ":")).encode()
    except ValueError as error:
        raise Fault(f"what the bundle says of itself cannot be read: {error}") from error
    check_fields(manifest, FIELDS)
    for each in (*manifest["withheld"], manifest["deleted"]):
        check_fields(each, WITHHOLDING)
    for each in manifest["consistency"]:
        check_fields(each, CONSISTENCY)
    for each in manifest["stamps"]:
        check_fields(each, STAMPED)
    if manifest["format"] != "luchtwacht-bundle-2":
        raise Fault(f"this bundle is of the format {manifest['format']!r}; luchtwacht-bundle-2 can be read here")
    if again != text:
        raise Fault("the manifest is not written as it must be")
    return manifest


def check_fields(found: object, wanted: dict[str, type]) -> None:
    if not isinstance(found, dict) or list(found) != list(wanted):
        raise Fault("the manifest does not have the fields that it must have")
    for name, kind in wanted.items():
        if type(found[name]) is not kind:
            raise Fault(f"{name} in the manifest is no {kind.__name__}")


def from_base64(text: object) -> bytes:
    """Standard base 64, written as it must be."""
    try:
        data = base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Fault(f"{str(text)[:40]!r} is not base 64") from error
    if base64.b64encode(data).decode() != text:
        raise Fault(f"{str(text)[:40]!r} is not written as base 64 should be")
    return data


# ------------------------------------------------------------------------------------- the Merkle tree (rule 4, 6)


def leaf_hash(content: bytes) -> bytes:
    return sha256(b"\0" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def tree_root(hashes: Sequence[bytes]) -> bytes:
    """RFC 6962, 2.1, level by level: an odd last one moves up."""
    row = list(hashes)
    while len(row) > 1:
        odd = row[-1:] if len(row) % 2 else []
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)] + odd
    return row[0] if row else sha256(b"").digest()


def half(size: int) -> int:
    """RFC 6962's k: the largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def root_with(stretches: list[tuple[int, list[bytes]]], size: int, proof: list[bytes]) -> bytes:
    """The root of the log of `size` leaves, from stretches of its leaves and a hash for each subtree between them."""
    rest = iter(proof)

    def total(start: int, stop: int, inside: list[tuple[int, list[bytes]]]) -> bytes:
        if not inside:
            return next(rest)
        first, leaves = inside[0]
        if first <= start and stop <= first + len(leaves):
            return tree_root(leaves[start - first : stop - first])
        middle = start + half(stop - start)
        left = [each for each in inside if each[0] < middle]
        right = [each for each in inside if each[0] + len(each[1]) > middle]
        return node_hash(total(start, middle, left), total(middle, stop, right))

    borders = [border for first, leaves in stretches for border in (first, first + len(leaves))]
    if not borders or borders[-1] > size or not ascending(borders):
        raise Fault("the stretches of leaves are out of order, or the log does not have so many")
    try:
        root = total(0, size, stretches)
    except StopIteration:
        raise Fault("the proof is too short") from None
    if next(rest, None) is not None:
        raise Fault("the proof is too long")
    return root


def is_beginning(old: int, new: int, proof: list[bytes], old_root: bytes, new_root: bytes) -> bool:
    """RFC 9162, 2.1.4.2: whether the log of `new` leaves begins with the one of `old` leaves."""
    if old == new or old == 0:
        return not proof and (old == 0 or old_root == new_root)
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    was = now = path[0]
    for each in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            was, now = node_hash(each, was), node_hash(each, now)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            now = node_hash(now, each)
        place, last = place >> 1, last >> 1
    return last == 0 and was == old_root and now == new_root


# --------------------------------------------------------------------- signed notes (rule 5): C2SP signed-note

KINDS = {1: ("Ed25519", 32, 64), 4: ("Ed25519 cosignature", 32, 64), 6: ("ML-DSA-44 cosignature", 1312, 2420)}
"""kind of key -> name, bytes of the public key, bytes of a signature"""


@dataclass(frozen=True)
class Key:
    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]


def check_name(name: str) -> str:
    if not name or "+" in name or any(each.isspace() or ord(each) < 0x20 for each in name):
        raise Fault(f"{name!r} cannot be the name of a key")
    return name


def read_key(text: str) -> Key:
    """`name+id+base64(kind || public key)`"""
    parts = text.strip().split("+", 2)
    content = from_base64(parts[2]) if len(parts) == 3 else b""
    if not content or content[0] not in KINDS or len(content) != 1 + KINDS[content[0]][1]:
        raise Fault("this is not the public key of a watch: it looks like name+0123abcd+base64")
    key = Key(check_name(parts[0]), content[0], content[1:])
    if key.id.hex() != parts[1]:
        raise Fault(f"the key {key.name} does not fit its own id")
    return key


@dataclass(frozen=True)
class Checkpoint:
    """A signed statement: the log of this name has so many leaves, and this root."""

    origin: str
    size: int
    root: bytes
    text: str
    signatures: list[tuple[str, bytes, bytes]]
    """name, key id, signature"""


def read_checkpoint(data: bytes) -> Checkpoint:
    try:
        note = data.decode()
    except UnicodeDecodeError as error:
        raise Fault("a checkpoint is text") from error
    if len(note) > 1_000_000 or re.search(r"[\x00-\x09\x0b-\x1f]", note):
        raise Fault("this is no signed note")
    text, found, lines = note.rpartition("\n\n")
    if not found or not lines.endswith("\n"):
        raise Fault("a signed note has an empty line between text and signatures, and ends in a newline")
    signatures = []
    for line in lines[:-1].split("\n"):
        parts = line.split(" ")
        content = from_base64(parts[2]) if len(parts) == 3 and parts[0] == "—" else b""
        if len(content) < 5:
            raise Fault(f"{line[:60]!r} is not a signature line")
        signatures.append((check_name(parts[1]), content[:4], content[4:]))
    said = text.split("\n")
    if len(signatures) > 100 or len(said) != 3 or not said[0]:
        raise Fault("a checkpoint has three lines: origin, size and root")
    if not re.fullmatch(r"0|[1-9][0-9]{0,18}", said[1]):
        raise Fault(f"{said[1][:40]!r} is not the size of a log")
    root = from_base64(said[2])
    if len(root) != 32 or (said[1] == "0" and root != sha256(b"").digest()):
        raise Fault("the root of the checkpoint is none")
    return Checkpoint(said[0], int(said[1]), root, text + "\n", signatures)


def signed_by(checkpoint: Checkpoint, keys: Sequence[Key]) -> list[str]:
    """Who of `keys` signed, at least one in the log's own name; Fault when a signature is false or none is there."""
    found = [
        (key.name, KINDS[key.kind][0], check_signature(checkpoint, key, content))
        for name, key_id, content in checkpoint.signatures
        for key in keys
        if (name, key_id) == (key.name, key.id)
    ]
    if not found:
        names = ", ".join(sorted({name for name, _, _ in checkpoint.signatures}))
        raise Fault(f"signed by none of the keys that are trusted here, but by {names}")
    if not any(name == checkpoint.origin for name, _, _ in found):
        raise Fault(f"no trusted key named {checkpoint.origin} signed it")
    return [f"{name} ({kind}{f', {utc(time * 10**9)}' if time else ''})" for name, kind, time in found]


def check_signature(checkpoint: Checkpoint, key: Key, content: bytes) -> int:
    """The time that a signature carries, in seconds, 0 for none; Fault when it is false."""
    time = 0
    if key.kind != 1:
        time, content = int.from_bytes(content[:8], "big"), content[8:]
    false = Fault(f"the signature by {key.name} ({KINDS[key.kind][0]}) is false")
    if len(content) != KINDS[key.kind][2] or time >> 63:
        raise false
    try:
        if key.kind == 1:
            Ed25519PublicKey.from_public_bytes(key.public).verify(content, checkpoint.text.encode())
        elif key.kind == 4:
            said = f"cosignature/v1\ntime {time}\n{checkpoint.text}".encode()
            Ed25519PublicKey.from_public_bytes(key.public).verify(content, said)
        else:
            from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

            name, origin = key.name.encode(), checkpoint.origin.encode()
            if not len(name) < 256 or not len(origin) < 256 or checkpoint.size >> 64:
                raise false
            said = b"subtree/v1\n\0" + bytes([len(name)]) + name + time.to_bytes(8, "big")
            said += bytes([len(origin)]) + origin + bytes(8) + checkpoint.size.to_bytes(8, "big") + checkpoint.root
            MLDSA44PublicKey.from_public_bytes(key.public).verify(content, said)
    except (InvalidSignature, ValueError, UnsupportedAlgorithm) as error:
        raise false from error
    return time


# ------------------------------------------------------------- the record: an MCAP file with seals (rules 1 to 3)

ENTRY_KINDS = {1: "site", 2: "mapping", 3: "frame", 4: "command", 5: "tick", 6: "event", 7: "note", 8: "snapshot"}
FRAME, COMMAND, TICK, NOTE, SNAPSHOT = 3, 4, 5, 7, 8
ENCODINGS = {1: "json", 2: "json", 4: "msgpack", 5: "msgpack", 6: "msgpack", 7: "json", 8: "msgpack"}
INPUTS = (FRAME, COMMAND, TICK)
DELETED = 255
"""the number of a reason: the watch itself no longer has it"""
SEAL_MAGIC, INDEX_MAGIC = b"LWSEAL1\n", b"LWINDX1\n"


def text_field(text: str) -> bytes:
    return struct.pack("<I", len(text.encode())) + text.encode()


def record(opcode: int, content: bytes) -> bytes:
    return struct.pack("<BQ", opcode, len(content)) + content


def channel_record(channel: int) -> bytes:
    """The declaration of a channel: kinds 1, 2 and 4 to 8 have their own, frames of source s are on 16 + s."""
    if channel < 16:
        topic, encoding, metadata = ENTRY_KINDS[channel], ENCODINGS[channel], {"kind": ENTRY_KINDS[channel]}
    else:
        source = str(channel - 16)
        topic, encoding, metadata = f"frame/{source}", "raw", {"kind": "frame", "source": source}
    pairs = b"".join(text_field(key) + text_field(value) for key, value in metadata.items())
    named = text_field(topic) + text_field(encoding) + struct.pack("<I", len(pairs)) + pairs
    return record(0x04, struct.pack("<HH", channel, 0) + named)


FIXED_CHANNELS = (1, 2, 4, 5, 6, 7)
"""declared where a record begins; the others in the group that first needs them"""
MAGIC = b"\x89MCAP0\r\n"
BEGINNING = MAGIC + record(0x01, text_field("luchtwacht") + text_field("luchtwacht journal 1"))


def head(first_leaf: int, last_input: int) -> bytes:
    """How the record of a bundle begins."""
    content = b"LWHEAD1\n" + struct.pack("<IQQQI", 0, first_leaf, last_input, 0, crc32(BEGINNING))
    declared = b"".join(channel_record(each) for each in FIXED_CHANNELS)
    return BEGINNING + record(0x82, content + struct.pack("<I", crc32(content))) + declared


@dataclass(frozen=True)
class Seal:
    """What leads a group: its checksum, and what it adds to the log."""

    length: int
    durable: int
    crc: int
    salt_key: bytes
    descriptor: bytes
    own: list[tuple[int, bytes]]
    """(place, hash) of the entries that have a leaf of their own"""
    size: int
    """bytes of the seal itself"""
    # what the descriptor says:
    segment: int
    first_leaf: int
    first_input: int
    last_input: int
    first_ns: int
    last_ns: int
    messages: int
    root: bytes

    def leaves(self) -> list[bytes]:
        return [leaf_hash(self.descriptor), *(leaf for _, leaf in self.own)]

    def name(self) -> str:
        if self.first_input <= self.last_input:
            return f"the chunk with inputs {self.first_input} to {self.last_input}"
        return f"the chunk with what was said after input {self.last_input}"


def read_seal(data: Bytes, at: int) -> Seal:
    if at + 159 > len(data) or data[at] != 0x80 or data[at + 9 : at + 17] != SEAL_MAGIC:
        raise Fault("no seal stands where one must")
    length, durable, crc, key, descriptor, own = struct.unpack("<QQI32s86sI", data[at + 17 : at + 159])
    size = 159 + own * 36 + 4
    content = data[at + 9 : at + size - 4]
    if data[at + 1 : at + 9] != struct.pack("<Q", size - 9) or data[at + size - 4 : at + size] != struct.pack(
        "<I", crc32(content)
    ):
        raise Fault("a seal is damaged")
    domain, version, *said, own_said, root = struct.unpack("<BBIQQQQQII32s", descriptor)
    if (domain, version, own_said) != (0, 1, own):
        raise Fault("a seal contradicts itself")
    leaves = list(struct.iter_unpack("<I32s", content[150:]))
    segment, first_leaf, first_input, last_input, first_ns, last_ns, messages = said
    return Seal(
        length, durable, crc, key, descriptor, leaves, size,
        segment, first_leaf, first_input, last_input, first_ns, last_ns, messages, root,
    )  # fmt: skip


@dataclass
class Entry:
    """One entry that is shown."""

    channel: int
    kind: int
    sequence: int
    time_ns: int
    data: bytes
    start: int
    """of its message in the unpacked chunk"""
    pieces: list[tuple[int, int, int]] = field(default_factory=list)
    """(start, length, what) of parts that are sealed apart"""


@dataclass
class Withheld:
    """What is not shown of a group."""

    entries: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    """place -> number of the reason, hash"""
    pieces: dict[tuple[int, int], tuple[int, bytes]] = field(default_factory=dict)
    """(place, number of the piece) -> number of the reason, commitment"""
    salts: bytes = b""


def ascending(found: list[Any]) -> bool:
    return all(before < after for before, after in pairwise(found))


def read_withheld(content: bytes, messages: int) -> Withheld:
    if len(content) < 12:
        raise Fault("it does not say what is withheld")
    said, entries, pieces = struct.unpack_from("<III", content)
    pieces_at, salts_at = 12 + 37 * entries, 12 + 37 * entries + 39 * pieces
    if said != messages or salts_at > len(content) or not entries + pieces:
        raise Fault("it does not say well what is withheld")
    rows = list(struct.iter_unpack("<IB32s", content[12:pieces_at]))
    parts = list(struct.iter_unpack("<IHB32s", content[pieces_at:salts_at]))
    if not ascending([row[0] for row in rows]) or not ascending([part[:2] for part in parts]):
        raise Fault("what is withheld is out of order")
    if rows and rows[-1][0] >= messages:
        raise Fault("it withholds an entry that its chunk does not have")
    return Withheld(
        {place: (why, leaf) for place, why, leaf in rows},
        {(place, number): (why, leaf) for place, number, why, leaf in parts},
        content[salts_at:],
    )


def read_chunk(content: bytes, seal: Seal) -> list[Entry]:
    """The entries in an MCAP chunk."""
    if len(content) < 40:
        raise Fault("a chunk is too short")
    first_ns, last_ns, size, crc = struct.unpack_from("<QQQI", content)
    if content[28:40] != struct.pack("<I4sI", 4, b"zstd", len(content) - 44)[:12] or len(content) < 44:
        raise Fault("a chunk does not say what it should")
    if content[36:44] != struct.pack("<Q", len(content) - 44) or size > 1 << 31:
        raise Fault("a chunk does not say what it should")
    try:
        records = unzstd(content[44:], size)
    except (UNPACKING_FAILS, MemoryError) as error:
        raise Fault(f"a chunk cannot be unpacked: {error}") from error
    if len(records) != size or crc32(records) != crc:
        raise Fault("a chunk is damaged: its checksum does not hold")
    if (first_ns, last_ns) != (seal.first_ns, seal.last_ns):
        raise Fault("its chunk does not say the times that were sealed")
    entries, at = [], 0
    while at < size:
        if at + 31 > size:
            raise Fault("a chunk ends in the middle of a message")
        opcode, length, channel, low, log_ns, published_ns = struct.unpack_from("<BQHIQQ", records, at)
        stop = at + 9 + length
        if opcode != 0x05 or length < 22 or stop > size or log_ns != published_ns:
            raise Fault("something in a chunk is no message of a journal")
        kind = FRAME if channel >= 16 else channel
        if channel == FRAME or kind not in ENTRY_KINDS:
            raise Fault(f"channel {channel} means nothing in a journal")
        # MCAP keeps 32 bits of the number: of all that end in them, the one nearest to the chunk's last input is meant
        base = seal.last_input - (1 << 31)
        sequence = base + ((low - base) & 0xFFFFFFFF)
        entries.append(Entry(channel, kind, sequence, log_ns, records[at + 31 : stop], at))
        at = stop
    return entries


def read_pieces(content: bytes, entries: dict[int, Entry]) -> None:
    """Give the entries, by place, the pieces that the group says they have."""
    if len(content) % 13:
        raise Fault("its list of pieces ends in the middle of one")
    before, end = -1, 0
    for place, start, length, what in struct.iter_unpack("<IIIB", content):
        if place < before or (place == before and start < end):
            raise Fault("its pieces are out of order")
        if place not in entries or start + length > len(entries[place].data):
            raise Fault("it has pieces of an entry that it does not show, or that reach beyond it")
        entries[place].pieces.append((start, length, what))
        before, end = place, start + length


def sealed_hash(entry: Entry, salt: bytes, commitments: list[bytes]) -> bytes:
    """The hash of an entry: of its salt and data, or of the data without its pieces and a commitment to each."""
    source = entry.channel - 16 if entry.kind == FRAME else -1
    named = struct.pack("<BQqi16s", entry.kind, entry.sequence, entry.time_ns, source, salt)
    if not entry.pieces:
        return leaf_hash(b"\1" + named + entry.data)
    rows, rest, at = b"", b"", 0
    for (start, length, what), commitment in zip(entry.pieces, commitments, strict=True):
        rest += entry.data[at:start]
        rows += struct.pack("<IB32s", len(rest), what, commitment)
        at = start + length
    return leaf_hash(b"\2" + named + struct.pack("<H", len(entry.pieces)) + rows + rest + entry.data[at:])


def hashes_of(seal: Seal, entries: dict[int, Entry], withheld: Withheld | None) -> list[bytes]:
    """The hash of every entry of a chunk, made from what is shown, or as it stands for what is not."""
    away = withheld or Withheld()
    pieces = sum(len(each.pieces) for each in entries.values()) - len(away.pieces)
    if withheld is None:
        salts = shake_128(seal.salt_key).digest(16 * (len(entries) + pieces))
    else:
        salts = withheld.salts
        if seal.salt_key != bytes(32):
            raise Fault("it withholds entries and shows a key to their salts")
    if len(salts) != 16 * (len(entries) + pieces):
        raise Fault("it does not have a salt for each entry and piece that it shows")
    taken = iter([salts[at : at + 16] for at in range(0, len(salts), 16)])
    own = {place: next(taken) for place in sorted(entries)}
    hidden = dict(away.pieces)
    found = {place: leaf for place, (_, leaf) in away.entries.items()}
    for place in sorted(entries):
        entry, commitments = entries[place], []
        for number, (start, length, _) in enumerate(entry.pieces):
            content = entry.data[start : start + length]
            if (place, number) in hidden:
                commitments.append(hidden.pop((place, number))[1])
                if content != (b"null" if ENCODINGS.get(entry.kind) == "json" else b"\xc0"):
                    raise Fault("something stands where a piece is withheld")
            else:
                commitments.append(sha256(b"\2" + next(taken) + content).digest())
        found[place] = sealed_hash(entry, own[place], commitments)
    if hidden:
        raise Fault("it withholds pieces of entries that have none")
    return [found[place] for place in sorted(found)]


@dataclass
class Group:
    """One chunk with what belongs to it, checked against its seal."""

    entries: list[Entry]
    withheld: Withheld | None
    channels: list[int]
    """in order of appearance"""
    before: int
    """bytes before the chunk"""
    chunk: bytes
    indexes: bytes


def check_group(seal: Seal, body: bytes, declared: set[int]) -> Group:
    """Hold a group against its seal: every byte of it must follow from its entries."""
    at, withheld, pieces = 0, None, b""
    records = {}
    for opcode in (0x83, 0x84):  # Withheld, Pieces
        if body[at : at + 1] == bytes([opcode]):
            (length,) = struct.unpack("<Q", body[at + 1 : at + 9].ljust(8, b"\0"))
            records[opcode] = body[at + 9 : at + 9 + length]
            at += 9 + length
    if 0x83 in records:
        withheld = read_withheld(records[0x83], seal.messages)
    pieces = records.get(0x84, b"")
    channels_at = at
    while body[at : at + 1] == b"\4" and len(body) >= at + 9:
        at += 9 + struct.unpack("<Q", body[at + 1 : at + 9])[0]
    if body[at : at + 1] != b"\6" or len(body) < at + 9:
        raise Fault("a group holds a record that does not belong there")
    chunk = body[at : at + 9 + struct.unpack("<Q", body[at + 1 : at + 9])[0]]
    shown = read_chunk(chunk[9:], seal)
    away = withheld.entries if withheld else {}
    if len(shown) + len(away) != seal.messages:
        raise Fault(f"it holds {len(shown) + len(away)} entries and was sealed with {seal.messages}")
    places = [place for place in range(seal.messages) if place not in away]
    by_place = dict(zip(places, shown, strict=True))
    if 0x84 in records and not pieces:
        raise Fault("a group holds an empty list of pieces")
    read_pieces(pieces, by_place)
    if withheld is None:
        check_described(seal, shown)
    hashes = hashes_of(seal, by_place, withheld)
    if tree_root(hashes) != seal.root:
        raise Fault("its entries are not those that were sealed")
    own = [place for place, _ in seal.own]
    if not ascending(own) or any(place >= len(hashes) or hashes[place] != leaf for place, leaf in seal.own):
        raise Fault("a decision in it is not the one that was sealed")
    channels = list(dict.fromkeys(each.channel for each in shown))
    new = b"".join(channel_record(each) for each in channels if each not in declared)
    declared.update(channels)
    if body[channels_at:at] != new:
        raise Fault("the channels that it declares do not fit its entries")
    indexes = b""
    for channel in channels:
        rows = b"".join(struct.pack("<QQ", each.time_ns, each.start) for each in shown if each.channel == channel)
        indexes += record(0x07, struct.pack("<HI", channel, len(rows)) + rows)
    if body[at + len(chunk) :] != indexes:
        raise Fault("its message index does not fit its entries")
    return Group(shown, withheld, channels, at, chunk, indexes)


def check_described(seal: Seal, entries: list[Entry]) -> None:
    """What the seal says of its entries must follow from them, where all are shown."""
    times = [each.time_ns for each in entries]
    inputs = [each.sequence for each in entries if each.kind in INPUTS]
    if not times or (min(times), max(times)) != (seal.first_ns, seal.last_ns):
        raise Fault("its entries are not of the times that were sealed")
    if (inputs[0] if inputs else seal.last_input + 1) != seal.first_input or (inputs and inputs[-1] != seal.last_input):
        raise Fault("its inputs are not those that its seal numbers")


@dataclass
class Record:
    """What was found on the way through the record."""

    stretches: list[tuple[int, list[bytes]]] = field(default_factory=list)
    """leaves of the log: index of the first, and hashes, without gaps in each"""
    left_out: int = 0
    inputs_left_out: int = 0
    last_input: int | None = None
    """number of the last input that was read, once there is one to hold the next against"""
    state: int | None = None
    """number of the input after which the first snapshot of the watch's state stands, behind what is left out"""
    explained: set[tuple[int, int]] = field(default_factory=set)
    """inputs first to last that a note says are missing"""

    @property
    def end(self) -> int:
        return self.stretches[-1][0] + len(self.stretches[-1][1]) if self.stretches else 0


def check_record(report: Report, data: bytes) -> Record:
    """Rules 1 to 3: walk from seal to seal."""
    found = Record()
    declared = set(FIXED_CHANNELS)
    ending = Ending()
    at = size = len(head(0, 0))
    sealed_input = None
    while at < len(data) and data[at] == 0x80:
        try:
            seal = read_seal(data, at)
        except Fault as fault:
            report.say("form", FAILS, f"the record is damaged at byte {at}: {fault}")
            return found
        body = data[at + seal.size : at + seal.size + seal.length]
        if not found.stretches and data[:size] != head(seal.first_leaf, seal.first_input - 1):
            report.say("form", FAILS, "the record does not begin as that of a bundle must")
        if seal.durable:
            report.say("form", FAILS, f"{seal.name()} says that it was on a disk")
        if len(body) != seal.length or crc32(body) != seal.crc:
            report.say("form", FAILS, f"{seal.name()} is damaged: its checksum does not hold")
            return found
        follow(report, found, seal, sealed_input)
        try:
            group = check_group(seal, body, declared)
        except Fault as fault:
            report.say("content", FAILS, f"{seal.name()} does not hold: {fault}")
            found.last_input = seal.last_input
        except struct.error as error:
            report.say("content", FAILS, f"{seal.name()} cannot be read: {error}")
            found.last_input = seal.last_input
        else:
            count(report, group)
            check_inputs(report, found, seal, group)
            ending.add(at, seal, group)
        sealed_input = seal.last_input
        at += seal.size + seal.length
    if not found.stretches:
        report.say("form", FAILS, "the record holds no chunk")
    elif data[at:] != ending.encode(at):
        report.say("form", FAILS, "the index or summary at the end of the record is not that of its groups")
    return found


def follow(report: Report, found: Record, seal: Seal, sealed_input: int | None) -> None:
    """The chunk's place in the log: after the one before it, or after a gap that is counted."""
    if seal.first_leaf < found.end:
        report.say("order", FAILS, f"{seal.name()} stands at leaf {found.end}, not {seal.first_leaf}")
    elif found.stretches and seal.first_leaf > found.end:
        found.left_out += seal.first_leaf - found.end
        found.inputs_left_out += max(0, seal.first_input - 1 - (sealed_input or 0))
        found.last_input, found.state = seal.first_input - 1, None
    if found.stretches and found.end == seal.first_leaf:
        found.stretches[-1][1].extend(seal.leaves())
    else:
        found.stretches.append((seal.first_leaf, seal.leaves()))


def count(report: Report, group: Group) -> None:
    report.entries += len(group.entries)
    if group.withheld:
        report.withheld += len(group.withheld.entries)
        for why, _ in group.withheld.entries.values():
            entries, pieces = report.reasons.get(why, (0, 0))
            report.reasons[why] = entries + 1, pieces
        for why, _ in group.withheld.pieces.values():
            entries, pieces = report.reasons.get(why, (0, 0))
            report.reasons[why] = entries, pieces + 1


def check_inputs(report: Report, found: Record, seal: Seal, group: Group) -> None:
    """Inputs are numbered without a gap that no note explains; where some are withheld, that cannot be seen."""
    for entry in group.entries:
        if entry.kind == NOTE:
            try:
                note = json.loads(entry.data)
                if note.get("subject") == "gap":
                    found.explained.add((int(note["first"]), int(note["last"])))
            except (ValueError, KeyError, TypeError, AttributeError):
                report.say("content", FAILS, f"{seal.name()} holds a note that cannot be read")
        elif entry.kind == SNAPSHOT and found.state is None:
            found.state = entry.sequence
        elif entry.kind in INPUTS:
            expected = found.last_input
            if expected is not None and entry.sequence != expected + 1 and not group.withheld:
                tell_gap(report, found, seal, expected + 1, entry.sequence - 1)
            found.last_input = entry.sequence
    if group.withheld:
        found.last_input = seal.last_input


def tell_gap(report: Report, found: Record, seal: Seal, first: int, last: int) -> None:
    if last < first:
        report.say("order", FAILS, f"{seal.name()}: input {last + 1} comes after input {first - 1}")
    elif (first, last) in found.explained:
        report.say("completeness", UNCHECKED, f"inputs {first} to {last} were not recorded, as the journal itself says")
    else:
        report.say("order", FAILS, f"{seal.name()}: inputs {first} to {last} are missing, and no note says why")


@dataclass
class Ending:
    """What must stand at the end of the record, for other readers of MCAP: it follows from the groups."""

    rows: bytes = b""
    chunk_indexes: list[bytes] = field(default_factory=list)
    channels: set[int] = field(default_factory=lambda: set(FIXED_CHANNELS))
    counts: dict[int, int] = field(default_factory=dict)
    first_ns: int = 0
    last_ns: int = 0

    def add(self, at: int, seal: Seal, group: Group) -> None:
        length = seal.size + seal.length
        self.rows += struct.pack(
            "<QQQQQQQII", at, length, seal.first_leaf, seal.first_input, seal.last_input, seal.first_ns, seal.last_ns,
            seal.messages, len(seal.own),
        )  # fmt: skip
        chunk_at = at + seal.size + group.before
        indexes_at = chunk_at + len(group.chunk)
        places, offset = b"", indexes_at
        for channel in group.channels:
            messages = sum(each.channel == channel for each in group.entries)
            places += struct.pack("<HQ", channel, offset)
            offset += 15 + 16 * messages
            self.counts[channel] = self.counts.get(channel, 0) + messages
        self.channels.update(group.channels)
        (unpacked,) = struct.unpack_from("<Q", group.chunk, 9 + 16)
        self.chunk_indexes.append(
            record(
                0x08,
                struct.pack("<QQQQI", seal.first_ns, seal.last_ns, chunk_at, len(group.chunk), len(places))
                + places
                + struct.pack("<Q", len(group.indexes))
                + text_field("zstd")
                + struct.pack("<QQ", len(group.chunk) - 9 - 44, unpacked),
            )
        )
        self.first_ns = min(self.first_ns, seal.first_ns) if len(self.chunk_indexes) > 1 else seal.first_ns
        self.last_ns = max(self.last_ns, seal.last_ns)

    def encode(self, at: int) -> bytes:
        """The record's bytes from `at` to its end."""
        content = INDEX_MAGIC + self.rows
        content += struct.pack("<I", crc32(content))
        index = record(0x81, content + struct.pack("<Q", 9 + len(content) + 8))
        data_end = record(0x0F, bytes(4))
        start = at + len(index) + len(data_end)
        counts = b"".join(struct.pack("<HQ", *each) for each in sorted(self.counts.items()))
        statistics = record(
            0x0B,
            struct.pack(
                "<QHIIIIQQI", sum(self.counts.values()), 0, len(self.channels), 0, 0, len(self.chunk_indexes),
                self.first_ns, self.last_ns, len(counts),
            )
            + counts,
        )  # fmt: skip
        summary, offsets = b"", b""
        for opcode, section in (
            (0x04, b"".join(channel_record(each) for each in sorted(self.channels))),
            (0x0B, statistics),
            (0x08, b"".join(self.chunk_indexes)),
        ):
            offsets += record(0x0E, struct.pack("<BQQ", opcode, start + len(summary), len(section)))
            summary += section
        footer = struct.pack("<BQQQ", 0x02, 20, start, start + len(summary))
        checked = summary + offsets + footer
        return index + data_end + checked + struct.pack("<I", crc32(checked)) + MAGIC


# ------------------------------------------------------------------------------------------------- all together


def verify(path: Path, keys: Sequence[Key], known: Sequence[Checkpoint] = ()) -> Report:
    """Check a bundle.

    Args:
        path: the bundle.
        keys: the keys that you trust, from elsewhere.
        known: checkpoints of the same log that you have from elsewhere.
    """
    report = Report(f"the bundle {path.name}")
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            members = open_archive(data)
            check_sums(data, members)
            files = {name: data[start:stop] for name, (start, stop) in members.items()}
        manifest = read_manifest(files["manifest.json"])
        checkpoint = read_checkpoint(files["checkpoint"])
        files["keys"].decode()
        if (manifest["origin"], manifest["size"]) != (checkpoint.origin, checkpoint.size):
            raise Fault("the checkpoint in the bundle is not the one that its manifest names")
        proof = [from_base64(each) for each in manifest["proof"]]
    except (OSError, ValueError, Fault) as error:
        report.say("form", FAILS, str(error))
        return report
    found = check_record(report, files["record.mcap"])
    check_log(report, found, checkpoint, proof)
    check_counts(report, manifest)
    report.conclude("form", "every byte of the bundle is what the format says")
    report.conclude("content", f"{report.entries} entries are those that the seals were made for")
    report.conclude("order", "chunks follow one another, and inputs are numbered without a gap that is not noted")
    check_signed(report, checkpoint, keys)
    check_history(report, checkpoint, manifest, keys, known)
    check_stamped(report, checkpoint, manifest)
    tell_missing(report, found, manifest)
    tell_conclusions(report, found)
    return report


def tell_conclusions(report: Report, found: Record) -> None:
    """What this program cannot check, and what nobody can with this bundle alone."""
    say = report.say
    say(
        "conclusions",
        UNCHECKED,
        "whether what was concluded follows from what was received: `luchtwacht verify` runs the inputs again",
    )
    if found.inputs_left_out and found.state is not None:
        say(
            "conclusions",
            UNCHECKED,
            f"they are run again from a snapshot of the state after input {found.state}, which was sealed with the "
            "rest: what led to it is not here and cannot be run again with this bundle",
        )
    elif found.inputs_left_out:
        say(
            "conclusions",
            UNCHECKED,
            "inputs are left out and no snapshot of the state stands behind them: what follows cannot be run again",
        )


def check_log(report: Report, found: Record, checkpoint: Checkpoint, proof: list[bytes]) -> None:
    try:
        root = root_with(found.stretches, checkpoint.size, proof)
        same = root == checkpoint.root
    except (Fault, RecursionError):
        same = False
    if not same:
        report.say(
            "log",
            FAILS,
            "what is here is not what stands in the log under the checkpoint: something in it was changed, added, left "
            "out or moved, or it is of another log",
        )
    leaves = sum(len(each) for _, each in found.stretches)
    report.conclude("log", f"{leaves} leaves stand in the log of {checkpoint.size} leaves")


def check_counts(report: Report, manifest: dict[str, Any]) -> None:
    """The bundle must count what it holds, and what it withholds, as it is."""
    said = {number: (each["entries"], each["pieces"]) for number, each in enumerate(manifest["withheld"])}
    said[DELETED] = manifest["deleted"]["entries"], manifest["deleted"]["pieces"]
    said = {number: each for number, each in said.items() if any(each)}
    if manifest["entries"] != report.entries + report.withheld or said != report.reasons:
        report.say("form", FAILS, "the bundle does not count what it holds, or what of it is withheld, as it is")


def check_signed(report: Report, checkpoint: Checkpoint, keys: Sequence[Key]) -> None:
    if not keys:
        names = ", ".join(sorted({name for name, _, _ in checkpoint.signatures}))
        report.say("signature", UNCHECKED, f"no key was given to check it with; it claims to be by {names}")
        return
    try:
        who = ", ".join(signed_by(checkpoint, keys))
    except Fault as fault:
        report.say("signature", FAILS, f"the checkpoint is not the log's: {fault}")
    else:
        report.say(
            "signature", HOLDS, f"the checkpoint of {checkpoint.origin}, size {checkpoint.size}, is signed by {who}"
        )


def check_history(
    report: Report, checkpoint: Checkpoint, manifest: dict[str, Any], keys: Sequence[Key], known: Sequence[Checkpoint]
) -> None:
    proofs = {each["size"]: each["proof"] for each in manifest["consistency"]}
    for each in known:
        if each.origin != checkpoint.origin:
            report.say("history", FAILS, f"a checkpoint is of another log: {each.origin}")
            continue
        try:
            signed_by(each, keys)
            proof = [from_base64(line) for line in proofs.get(each.size, [])]
        except Fault as fault:
            report.say("history", FAILS, f"the checkpoint of size {each.size} is not the log's: {fault}")
            continue
        if each.size != checkpoint.size and each.size not in proofs:
            report.say(
                "history",
                UNCHECKED,
                f"whether the checkpoint of size {each.size} is of the same history cannot be seen from a bundle of "
                f"size {checkpoint.size} without a proof: ask for a bundle made with it (luchtwacht export --known)",
            )
        elif each.size <= checkpoint.size and is_beginning(
            each.size, checkpoint.size, proof, each.root, checkpoint.root
        ):
            report.say("history", HOLDS, f"the checkpoint of size {each.size} is of the same history")
        else:
            report.say(
                "history", FAILS, f"for {each.size} leaves another root was signed elsewhere: there are two histories"
            )


def check_stamped(report: Report, checkpoint: Checkpoint, manifest: dict[str, Any]) -> None:
    """What was stamped must be a beginning of this log; what the authority said of it is checked by others."""
    for each in manifest["stamps"]:
        size = each["size"]
        try:
            proof, root = [from_base64(line) for line in each["proof"]], from_base64(each["root"])
            from_base64(each["stamp"])
            same = size <= checkpoint.size and is_beginning(size, checkpoint.size, proof, root, checkpoint.root)
        except Fault:
            same = False
        if same:
            report.say(
                "time",
                UNCHECKED,
                f"a time stamp (RFC 3161) of the first {size} leaves is in the manifest; `luchtwacht verify "
                "--authority` or `openssl ts -verify` check who gave it and when",
            )
        else:
            report.say("time", FAILS, f"what was stamped at {size} leaves is not a beginning of this log")


def tell_missing(report: Report, found: Record, manifest: dict[str, Any]) -> None:
    """Name what is not shown, by whom and why."""
    say = report.say
    if found.left_out:
        say(
            "completeness",
            UNCHECKED,
            f"{found.left_out} leaves between those that are here are left out, and with them {found.inputs_left_out} "
            "inputs: that they exist is proved, what they say is not here",
        )
    who = f" by {manifest['by']}" if manifest["by"] else ""
    why = f" ({manifest['reason']})" if manifest["reason"] else ""
    for each in manifest["withheld"]:
        what = f"not being about {manifest['area']}" if each["what"] == "area" else each["what"]
        say(
            "completeness",
            UNCHECKED,
            f"{counted(each)} withheld{who} as {what}{why}: that they exist, and where, is proved; what they say is "
            "not shown",
        )
    if manifest["deleted"]["entries"] + manifest["deleted"]["pieces"]:
        say(
            "completeness",
            UNCHECKED,
            f"{counted(manifest['deleted'])} no longer in the journal: that they existed, and where, is proved",
        )
    report.conclude(
        "completeness",
        f"entries from {utc(manifest['from_ns'])} to {utc(manifest['to_ns'])} were asked for; what a chunk holds "
        "beyond that is shown too",
    )


def counted(each: dict[str, Any]) -> str:
    entries, pieces = each["entries"], each["pieces"]
    told = [f"{entries} entries"] if entries else []
    told += [f"{pieces} pieces of {'others' if entries else 'entries'}"] if pieces else []
    return f"{' and '.join(told)} are"


def utc(time_ns: int) -> str:
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_ns // 1000)
    except OverflowError:
        return f"{time_ns} ns"
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. 0: it holds; 1: it does not; 2: it could not be asked."""
    parser = argparse.ArgumentParser(prog="luchtwacht-verify", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--key", type=Path, action="append", required=True, help="file with a public key you trust")
    parser.add_argument("--checkpoint", type=Path, action="append", default=[], help="one that you have from elsewhere")
    given = parser.parse_args(arguments)
    try:
        keys = [read_key(path.read_text(encoding="utf-8")) for path in given.key]
        known = [read_checkpoint(path.read_bytes()) for path in given.checkpoint]
    except (OSError, UnicodeDecodeError, Fault) as error:
        print(f"luchtwacht-verify: {error}", file=sys.stderr)
        return 2
    report = verify(given.bundle, keys, known)
    print(report.text(), end="")
    return 0 if report.holds else 1


if __name__ == "__main__":
    sys.exit(main())
