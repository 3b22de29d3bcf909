"""Legal holds: a stretch of time in which nothing is deleted, until somebody releases it.

A running watch has the journal to itself, so a hold is first a small file beside the segments, which counts at once;
whoever writes the journal puts it on record, and then the file goes.

    requests/<id>.hold.json, requests/<id>.release.json      the JSON of the note to be
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from luchtwacht.errors import RecordError
from luchtwacht.journal.entry import Entry, EntryKind, decode_note
from luchtwacht.journal.files import REAL, Files, write_whole
from luchtwacht.journal.reader import read_decisions


class Hold(msgspec.Struct, frozen=True, kw_only=True, tag_field="subject", tag="hold"):
    """Nothing from `from_ns` to before `to_ns` (ns UTC) is deleted."""

    id: str
    by: str
    reason: str
    from_ns: int
    to_ns: int

    def covers(self, first_ns: int, last_ns: int) -> bool:
        """Whether something of that time is held."""
        return first_ns < self.to_ns and last_ns >= self.from_ns


class Release(msgspec.Struct, frozen=True, kw_only=True, tag_field="subject", tag="release"):
    """A hold ends."""

    id: str
    by: str
    reason: str


Request = Hold | Release
_ID = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Request)


def request(folder: Path, asked: Request, *, files: Files = REAL) -> None:
    """Ask for a hold or a release. Counts as soon as this returns.

    Raises:
        RecordError: it says too little, or the disk refuses.
    """
    if not asked.id or not set(asked.id) <= _ID:
        raise RecordError(f"{asked.id!r} is no name for a hold: small letters, digits and - only")
    if not asked.by or not asked.reason:
        raise RecordError("who asks for it, and why, must be said: both go on record")
    if isinstance(asked, Hold) and asked.from_ns >= asked.to_ns:
        raise RecordError("a hold must end after it begins")
    try:
        files.make_folder(_folder(folder))
        name = f"{asked.id}.{'hold' if isinstance(asked, Hold) else 'release'}.json"
        write_whole(_folder(folder) / name, _encoder.encode(asked), files)
    except OSError as error:
        raise RecordError(f"the request cannot be kept in {folder}: {error.strerror or error}") from error


def _refuse(path: Path) -> None:
    raise RecordError(f"{path} is no request for a hold: nothing is deleted before somebody has looked at it")


def requests(folder: Path, files: Files, *, on_bad: Callable[[Path], None] = _refuse) -> list[tuple[Path, Request]]:
    """What was asked for and is not on record yet.

    Args:
        folder: the journal.
        files: the file system.
        on_bad: called with a file there that is no request; raises RecordError unless given.

    Raises:
        OSError: the disk refuses.
    """
    found = []
    for name in files.names(_folder(folder)):
        if name.endswith(".json"):
            path = _folder(folder) / name
            try:
                found.append((path, _decoder.decode(files.read_all(path))))
            except msgspec.DecodeError:
                on_bad(path)
    return found


def note_of(asked: Request) -> dict[str, Any]:
    """The note of a request, its subject included."""
    plain: dict[str, Any] = msgspec.to_builtins(asked)
    return plain


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
        else:
            found.pop(each.id, None)
    return [found[id] for id in sorted(found)]


def _releases(asked: Iterable[Request]) -> list[Request]:
    return [each for each in asked if isinstance(each, Release)]


def _recorded(folder: Path, files: Files) -> Iterator[Request]:
    for entry in notes(folder, files):
        if decode_note(entry.data).get("subject") in ("hold", "release"):
            yield _decoder.decode(entry.data)


def notes(folder: Path, files: Files) -> Iterator[Entry]:
    """The journal's notes in order, found without reading what holds none.

    Raises:
        RecordError: there is no journal, or it is damaged.
    """
    return read_decisions(folder, (EntryKind.NOTE,), files=files)


def _folder(folder: Path) -> Path:
    return folder / "requests"
