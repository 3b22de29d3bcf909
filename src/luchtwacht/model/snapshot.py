"""A snapshot: the state of a whole pipeline as bytes, with what it may be given back to.

MessagePack, a map of these in this order (docs/formats/journal.md):

    snapshot        format number of this map
    software        `software.software()` of who made it
    configuration   SHA-256 over the site and the mappings that the pipeline was made with
    state           `encode_state` of the pipeline's state
"""

from __future__ import annotations

from hashlib import sha256

import msgspec

from luchtwacht.errors import BadSnapshot
from luchtwacht.model.encoding import encode_site
from luchtwacht.model.site import Site

FORMAT = 1


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a pipeline and what it may be given back to."""

    snapshot: int
    software: str
    configuration: bytes
    state: bytes


def configuration_digest(site: Site, mappings: dict[str, str]) -> bytes:
    """SHA-256 over what a pipeline was told before it began."""
    digest = sha256()
    for part in (encode_site(site), *(text.encode() for pair in sorted(mappings.items()) for text in pair)):
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.digest()


def encode_snapshot(state: bytes, *, software: str, configuration: bytes) -> bytes:
    """A snapshot as bytes; the same state under the same software and configuration gives the same bytes."""
    return msgspec.msgpack.encode(
        Snapshot(snapshot=FORMAT, software=software, configuration=configuration, state=state)
    )


def decode_snapshot(data: bytes) -> Snapshot:
    """What a snapshot says of itself, whoever made it.

    Raises:
        BadSnapshot: these bytes are no snapshot, or one of a later format.
    """
    try:
        found = msgspec.msgpack.decode(data, type=Snapshot)
    except msgspec.MsgspecError as error:
        raise BadSnapshot(f"these bytes are no snapshot: {error}") from error
    if found.snapshot != FORMAT:
        raise BadSnapshot(f"the snapshot has format {found.snapshot}; this software reads format {FORMAT}")
    return found


def check_snapshot(found: Snapshot, *, software: str, configuration: bytes) -> None:
    """Refuse a snapshot that was not made by this software under this configuration; BadSnapshot says which."""
    if found.software != software:
        raise BadSnapshot(f"the snapshot was made by {found.software}; this is {software}")
    if found.configuration != configuration:
        raise BadSnapshot("the snapshot was made under another site file or other mappings")
