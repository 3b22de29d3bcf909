"""Requests: what somebody wants on record while a running watch has the journal to itself.

A request is a small file beside the segments. Whoever writes the journal makes it a note, with the next commit, and
then the file goes. A hold counts as soon as its file is there.

    requests/<id>.hold.json, requests/<id>.release.json, requests/<id>.export.json      the JSON of the note to be
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from luchtwacht.errors import RecordError
from luchtwacht.journal.files import REAL, Files, write_whole


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


class Handed(msgspec.Struct, frozen=True, kw_only=True, tag_field="subject", tag="export"):
    """A bundle was made of a stretch of the record."""

    id: str
    """the first digits of `bundle`"""
    by: str
    """who exported it, as they said; "" when they did not"""
    reason: str
    exported_ns: int
    """ns UTC, by the clock of who exported"""
    from_ns: int
    to_ns: int
    area: str
    withheld: tuple[str, ...]
    """why something of it is not shown"""
    entries: int
    size: int
    """leaves of the log under the bundle's checkpoint"""
    bundle: str
    """SHA-256 of the file, hexadecimal"""


Request = Hold | Release | Handed
_ID = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
_encoder = msgspec.json.Encoder(order="deterministic")
decoder = msgspec.json.Decoder(Request)
"""of a request, or of the note that it became"""


def request(folder: Path, asked: Request, *, files: Files = REAL) -> None:
    """Ask for something to be put on record. A hold or release counts as soon as this returns.

    Raises:
        RecordError: it says too little, or the disk refuses.
    """
    if not asked.id or not set(asked.id) <= _ID:
        raise RecordError(f"{asked.id!r} is no name for a hold: small letters, digits and - only")
    if not isinstance(asked, Handed) and not (asked.by and asked.reason):
        raise RecordError("who asks for it, and why, must be said: both go on record")
    if isinstance(asked, Hold) and asked.from_ns >= asked.to_ns:
        raise RecordError("a hold must end after it begins")
    try:
        files.make_folder(_folder(folder))
        kind = type(asked).__struct_config__.tag
        write_whole(_folder(folder) / f"{asked.id}.{kind}.json", _encoder.encode(asked), files)
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
                found.append((path, decoder.decode(files.read_all(path))))
            except msgspec.DecodeError:
                on_bad(path)
    return found


def note_of(asked: Request) -> dict[str, Any]:
    """The note of a request, its subject included."""
    plain: dict[str, Any] = msgspec.to_builtins(asked)
    return plain


def _folder(folder: Path) -> Path:
    return folder / "requests"
