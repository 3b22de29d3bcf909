"""Bundles: one file with a stretch of the record and all that a stranger needs to check it.

Specified in `docs/formats/bundle.md`. A bundle holds chunks of the journal, so its record is an MCAP file with the very
groups of the journal's segments, of which entries or pieces may be withheld; one proof shows how all of them stand in
the log.
"""

from luchtwacht.journal.bundle.export import AREA, Answer, Exported, write_bundle
from luchtwacht.journal.bundle.manifest import BadBundle, Manifest, Withholding
from luchtwacht.journal.bundle.opening import Bundle, open_bundle

__all__ = [
    "AREA",
    "Answer",
    "BadBundle",
    "Bundle",
    "Exported",
    "Manifest",
    "Withholding",
    "open_bundle",
    "write_bundle",
]
