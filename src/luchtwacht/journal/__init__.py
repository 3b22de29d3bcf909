"""The journal: every input as received and everything said about it, on disk before it is acknowledged, and sealed."""

from luchtwacht.journal.entry import Entry, EntryKind
from luchtwacht.journal.reader import TailState, read_entries, read_frame, tail_state
from luchtwacht.journal.recovery import Recovery
from luchtwacht.journal.writer import JournalWriter

__all__ = ["Entry", "EntryKind", "JournalWriter", "Recovery", "TailState", "read_entries", "read_frame", "tail_state"]
