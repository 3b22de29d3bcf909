"""Entries of which only the hash is shown: the Withheld record of a group in a bundle."""

from __future__ import annotations

import struct
from collections.abc import Collection

from luchtwacht.errors import RecordError
from luchtwacht.journal import mcap
from luchtwacht.journal.entry import SALT_BYTES, Entry, entry_hashes, salts, sealed_bytes
from luchtwacht.journal.segment.seal import OWN
from luchtwacht.journal.tree import hash_leaf

WITHHELD = 0x83


def withhold(entries: list[Entry], salt_key: bytes, withheld: Collection[int]) -> tuple[bytes, list[Entry]]:
    """A Withheld record for the entries at the places `withheld`, and the others."""
    hashes, salt = entry_hashes(entries, salt_key), salts(salt_key, len(entries))
    shown = [place for place in range(len(entries)) if place not in withheld]
    hidden = [place for place in range(len(entries)) if place in withheld]
    content = struct.pack("<II", len(entries), len(hidden))
    content += b"".join(OWN.pack(place, hashes[place]) for place in hidden)
    content += b"".join(salt[place * SALT_BYTES : (place + 1) * SALT_BYTES] for place in shown)
    return mcap.encode_private(WITHHELD, content), [entries[place] for place in shown]


def merge_withheld(entries: list[Entry], content: bytes, messages: int) -> list[bytes]:
    """The hashes of all entries of a chunk, of which some are withheld."""
    if len(content) < 8:
        raise RecordError("it does not say what is withheld")
    count, withheld = struct.unpack_from("<II", content)
    salts_at = 8 + withheld * OWN.size
    if (
        count != messages
        or count != withheld + len(entries)
        or len(content) != salts_at + len(entries) * SALT_BYTES
        or not withheld
    ):
        raise RecordError("it does not say well what is withheld")
    hidden = dict(OWN.iter_unpack(content[8:salts_at]))
    if list(hidden) != sorted(hidden) or len(hidden) != withheld or max(hidden) >= count:
        raise RecordError("what is withheld is out of order")
    shown = iter(zip(entries, range(salts_at, len(content), SALT_BYTES), strict=True))
    hashes = []
    for place in range(count):
        leaf = hidden.get(place)
        if leaf is None:
            entry, at = next(shown)
            leaf = hash_leaf(sealed_bytes(entry, content[at : at + SALT_BYTES]))
        hashes.append(leaf)
    return hashes
