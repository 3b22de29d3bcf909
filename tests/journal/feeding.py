"""A process that feeds a journal until it is killed. Apart from the tests, so that a fork server can load it once."""

from __future__ import annotations

from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

from tests.journal.recordings import frames

from luchtwacht.journal import JournalWriter
from luchtwacht.journal.keys import Signer, create_key

SIGNER = Signer(create_key("watch.example/north", seed=bytes(32)))
AT_ONCE = 40


def feed(folder: Path, told: Connection) -> None:
    """Say what was found at opening, then, for ever, up to which input everything is on the disk."""
    writer = JournalWriter(folder, signer=SIGNER, checkpoint_ns=0, segment_bytes=400_000)
    told.send(writer.recovery.last_sequence)
    for first in count(writer.recovery.last_sequence + 1, AT_ONCE):
        writer.frames(frames(first, AT_ONCE, size=200))
        told.send(writer.commit())
