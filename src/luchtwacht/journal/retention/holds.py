"""Legal holds: a stretch of time in which nothing is deleted, until somebody releases it.

A hold is asked for and released by a request (`journal/requests.py`), which counts at once and becomes a note.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from luchtwacht.journal.entry import Entry, EntryKind, decode_note
from luchtwacht.journal.files import REAL, Files
from luchtwacht.journal.reader import read_decisions
from luchtwacht.journal.requests import Hold, Release, Request, decoder, requests


def holds_in_force(folder: Path, *, files: Files = REAL) -> list[Hold]:
    """The holds that nobody has released, by id.

    Raises:
        RecordError: the journal or a request cannot be read.
    """
    found: dict[str, Hold] = {}
    asked = [each for _, each in requests(folder, files)]
    for each in [*_recorded(folder, files), *(a for a in asked if isinstance(a, Hold)), *_releases(asked)]:
        if isinstance(each, Hold):
            found[each.id] = each
        elif isinstance(each, Release):
            found.pop(each.id, None)
    return [found[id] for id in sorted(found)]


def _releases(asked: Iterable[Request]) -> list[Request]:
    return [each for each in asked if isinstance(each, Release)]


def _recorded(folder: Path, files: Files) -> Iterator[Request]:
    for entry in notes(folder, files):
        if decode_note(entry.data).get("subject") in ("hold", "release"):
            yield decoder.decode(entry.data)


def notes(folder: Path, files: Files) -> Iterator[Entry]:
    """The journal's notes in order, found without reading what holds none.

    Raises:
        RecordError: there is no journal, or it is damaged.
    """
    return read_decisions(folder, (EntryKind.NOTE,), files=files)
