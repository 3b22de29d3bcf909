"""The journal: every input as received and everything said about it, on disk before it is acknowledged, and sealed.

writer    puts entries on the disk              entry, mcap, segment   their bytes
reader    takes them off                        recovery               what is found after any kind of end
log       the sealed log of a running journal   tree, tiles            its mathematics and its layout
keys, note, checkpoint   who says so            proof, bundle          what is handed to others
verifying checks it all, from outside           witness                watches over other sites' logs
"""

from luchtwacht.journal.bundle import AREA, Answer, Bundle, Exported, open_bundle, write_bundle
from luchtwacht.journal.checkpoint import Checkpoint, SignedCheckpoint, parse_signed_checkpoint
from luchtwacht.journal.entry import Entry, EntryKind
from luchtwacht.journal.keys import Signer, SigningKey, create_key, load_key, save_key
from luchtwacht.journal.note import KeyKind, VerifierKey, parse_key
from luchtwacht.journal.reader import (
    Damage,
    TailState,
    read_decisions,
    read_decisions_back,
    read_entries,
    read_frame,
    read_outline,
    tail_state,
)
from luchtwacht.journal.recovery import Recovery
from luchtwacht.journal.verifying import Check, Report, Rule, Verdict, bundle_entries, verify_bundle, verify_journal
from luchtwacht.journal.writer import JournalWriter

__all__ = [
    "AREA",
    "Answer",
    "Bundle",
    "Check",
    "Checkpoint",
    "Damage",
    "Entry",
    "EntryKind",
    "Exported",
    "JournalWriter",
    "KeyKind",
    "Recovery",
    "Report",
    "Rule",
    "SignedCheckpoint",
    "Signer",
    "SigningKey",
    "TailState",
    "Verdict",
    "VerifierKey",
    "bundle_entries",
    "create_key",
    "load_key",
    "open_bundle",
    "parse_key",
    "parse_signed_checkpoint",
    "read_decisions",
    "read_decisions_back",
    "read_entries",
    "read_frame",
    "read_outline",
    "save_key",
    "tail_state",
    "verify_bundle",
    "verify_journal",
    "write_bundle",
]
