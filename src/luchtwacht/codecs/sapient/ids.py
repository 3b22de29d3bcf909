"""Ids as the standard has them, made of what they name: the same thing has the same id in every run.

A ULID is 48 bits of milliseconds since 1970 and 80 more (https://github.com/ulid/spec), here of a hash and not of
chance. A node's id is a UUID of version 5 (RFC 9562, 5.5).
"""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID, uuid5

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32"""
_NAMESPACE = UUID("5e2f3b0c-6f53-5d0e-9d1c-0a2b7c4d8e11")
_MILLISECOND_NS = 1_000_000


def ulid_of(time_ns: int, *names: str | int) -> str:
    """The ULID of what `names` name, that came to be at `time_ns`."""
    named = sha256("\0".join(str(each) for each in names).encode()).digest()[:10]
    number = (time_ns // _MILLISECOND_NS & (1 << 48) - 1) << 80 | int.from_bytes(named, "big")
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def node_id_of(name: str) -> str:
    """The UUID of a node of ours, in lower case."""
    return str(uuid5(_NAMESPACE, name))
