"""What a bundle says of itself, and what is in it."""

from __future__ import annotations

import msgspec

from luchtwacht.errors import BadInput

FORMAT = "luchtwacht-bundle-2"
README, RECORD, CHECKPOINT, KEYS, MANIFEST, SUMS = (
    "README.txt",
    "record.mcap",
    "checkpoint",
    "keys",
    "manifest.json",
    "sums",
)
NAMES = [README, RECORD, CHECKPOINT, KEYS, MANIFEST, SUMS]
"""the files in the archive, in this order"""

ABOUT = """This is a bundle: a stretch of the record of a Luchtwacht drone-airspace watch.

The file record.mcap holds what was received and what was concluded from it; any viewer for MCAP (mcap.dev) opens it.
The file checkpoint is a signed statement by the watch about its whole record (C2SP tlog-checkpoint); with the proof in
manifest.json anybody can check that what is here is what was signed, and where something is withheld. To check it all:

    luchtwacht verify BUNDLE --key KEY          (checks everything, and runs the inputs again)
    luchtwacht-verify BUNDLE --key KEY          (small enough to be read first; needs nothing of Luchtwacht)

KEY is the watch's public key. Get it from the watch or from somebody you trust, not from this bundle: the file keys
only says which to ask for. The format is specified in docs/formats/bundle.md of Luchtwacht.
"""


class BadBundle(BadInput):
    """A file that is not a bundle."""


class Withholding(msgspec.Struct, frozen=True):
    """One reason for which something in a bundle is not shown."""

    what: str
    """`area`: not about the area asked for; otherwise what is kept secret: `sensor-place`, `frames:radar-1`"""
    entries: int
    """whole entries not shown for it"""
    pieces: int
    """pieces not shown of entries that are"""


class Consistency(msgspec.Struct, frozen=True):
    """That the log under the checkpoint begins with the log of an earlier one, which somebody else has."""

    size: int
    """of the earlier one"""
    proof: tuple[str, ...]
    """base64: `tree.prove_consistency`"""


class Stamped(msgspec.Struct, frozen=True):
    """A time stamp (RFC 3161) of an earlier checkpoint, or of the bundle's own."""

    size: int
    """of the log that was stamped"""
    root: str
    """base64, of that log: with the origin and the size it gives the text that was stamped"""
    proof: tuple[str, ...]
    """base64, that the log under the bundle's checkpoint begins with it: `tree.prove_consistency`"""
    stamp: str
    """base64, the authority's answer"""


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
    area: str
    """likewise; "" for everywhere"""
    software: str
    by: str
    """who exported it, and withheld what is withheld"""
    reason: str
    """why"""
    proof: tuple[str, ...]
    """base64, left to right: `tree.prove_ranges`"""
    consistency: tuple[Consistency, ...]
    """for the checkpoints that the exporter was given, by size"""
    stamps: tuple[Stamped, ...]
    """the first that covers all that is here, else the latest; none when no authority was asked"""
    entries: int
    """in the chunks that are here, shown or not"""
    withheld: tuple[Withholding, ...]
    """by number: the reasons that the record gives for what is not shown"""
    deleted: Withholding
    """what the watch itself has deleted from these chunks"""


encoder = msgspec.json.Encoder(order="deterministic")
decoder = msgspec.json.Decoder(Manifest, strict=True)
