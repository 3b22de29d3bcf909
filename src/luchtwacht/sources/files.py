"""Files that change while the watch runs: one that grows, and one that is written anew.

A growing file is followed through rotation (it was renamed or removed, and a new one has its name) and truncation (it
became shorter). A `Mark` says how far it was taken; a later run goes on there, also when the file was rotated meanwhile
and the old one still stands beside it.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import IO

import msgspec

from luchtwacht.model import FileLink, Format, LinkState, Source, TailLink
from luchtwacht.sources.framing import STREAMS
from luchtwacht.sources.outlet import Outlet

CHUNK = 1024 * 1024
"""bytes read in one look"""
LARGEST_FILE = 64 * 1024 * 1024
"""bytes of a file that is read whole; a larger one is cut, refused and counted"""
LOOK_S = 0.2
"""between two looks at a file"""
MARK_EVERY_S = 0.5
LAST_MARK_S = 2.0
"""how long the end of a run waits for the disk, to know how far the file was taken"""
_HEAD = 1024

Said = tuple[LinkState, str]


class Mark(msgspec.Struct, frozen=True):
    """How far a file was taken."""

    inode: int
    offset: int
    """whole payloads only: what was begun and not complete is read again"""
    head_size: int
    head: str
    """SHA-256 of its first `head_size` bytes, by which it is known again"""


def read_mark(path: Path) -> Mark | None:
    """The mark kept in a file; none when there is none that can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Mark)
    except (OSError, msgspec.MsgspecError):
        return None


def write_mark(path: Path, mark: Mark) -> None:
    """Keep a mark; the old one stands until the new one is whole.

    Raises:
        OSError: the disk refuses.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_bytes(msgspec.json.encode(mark))
    new.replace(path)


class GrowingFile:
    """Payloads as they are added.

    Args:
        from_start: also what stands there already. Otherwise only what is added from now on, and the header of a
            table, without which nothing can be read.
        mark: how far an earlier run had taken it; then it goes on there, whatever `from_start` says.
    """

    def __init__(self, path: Path, source: Source, *, from_start: bool, mark: Mark | None = None) -> None:
        self._path, self._source = path, source
        self._framer = STREAMS[source.format]()
        self._file: IO[bytes] | None = None
        self._inode = 0
        self._first: list[bytes] = []
        self._said: list[Said] = []
        self.offset = 0
        """bytes of the file that have been taken"""
        with suppress(OSError):
            if mark is not None:
                self._resume(mark)
            elif not from_start:
                self._skip()

    def look(self) -> tuple[list[bytes], list[Said]]:
        """What has been added since the last look, at most `CHUNK` bytes of it, and what befell the file.

        Raises:
            OSError: the file is there and cannot be read.
        """
        payloads, self._first = self._first, []
        said, self._said = self._said, []
        if self._file is None and not self._open(self._path):
            return payloads, said  # not yet there, or between two of the same name
        data = self._read(CHUNK)
        if not data and (befell := self._befell()):
            payloads += [rest] if (rest := self._framer.rest()) else []
            said.append(befell)
            self.close()
            self.offset = 0
            if self._open(self._path):
                data = self._read(CHUNK)
        self.offset += len(data)
        return payloads + self._framer.take(data), said

    def mark(self) -> Mark | None:
        """How far it has been taken; none before it was opened.

        Raises:
            OSError: the file cannot be read.
        """
        if self._file is None:
            return None
        offset = self.offset - self._framer.waiting
        size = min(offset, _HEAD)
        return Mark(self._inode, offset, size, self._head(size))

    def close(self) -> None:
        """Let the file go."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self, path: Path) -> bool:
        try:
            self._file = path.open("rb")
        except FileNotFoundError:
            return False
        self._inode = os.fstat(self._file.fileno()).st_ino
        return True

    def _read(self, size: int) -> bytes:
        assert self._file is not None
        self._file.seek(self.offset)
        return self._file.read(size)

    def _head(self, size: int) -> str:
        assert self._file is not None
        self._file.seek(0)
        return sha256(self._file.read(size)).hexdigest()

    def _befell(self) -> Said | None:
        """Why nothing more will come of the file that is open; none when more may."""
        assert self._file is not None
        if os.fstat(self._file.fileno()).st_size < self.offset:
            return LinkState.DROPPED, f"{self._path} became shorter: read again from its start"
        try:
            now = self._path.stat()
        except FileNotFoundError:
            return None
        if now.st_ino != self._inode:
            return LinkState.CONNECTED, f"{self._path} is a new file: the old one was read to its end"
        return None

    def _resume(self, mark: Mark) -> None:
        """Stand where an earlier run stood, in the file of that name or in the one it was renamed to."""
        for path in (self._path, *self._renamed(mark.inode)):
            if not self._open(path):
                continue
            assert self._file is not None
            size = os.fstat(self._file.fileno()).st_size
            if size >= mark.offset and self._head(mark.head_size) == mark.head:
                self.offset = mark.offset
                self._take_header()
                self._said.append((LinkState.CONNECTED, f"{path}: going on at byte {mark.offset:,}"))
                return
            self.close()
        self._said.append(
            (LinkState.DROPPED, f"{self._path} is not the file that was read before: read from its start")
        )

    def _renamed(self, inode: int) -> list[Path]:
        others = (each for each in self._path.parent.iterdir() if each != self._path)
        return [each for each in others if each.is_file() and each.stat().st_ino == inode]

    def _skip(self) -> None:
        """Go to the end; a table's header is not passed over."""
        if not self._open(self._path):
            return
        assert self._file is not None
        if not self._file.readline().endswith(b"\n"):
            self.close()
            return
        self.offset = self._file.seek(0, os.SEEK_END)
        self._take_header()

    def _take_header(self) -> None:
        if self._source.format != Format.TABLE:
            return
        assert self._file is not None
        self._file.seek(0)
        header = self._file.readline()
        if header.endswith(b"\n") and len(header) <= self.offset:
            self._first = [header.rstrip(b"\r\n")]


class RewrittenFile:
    """A file that is written anew, whole, each time it has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None

    def look(self) -> list[bytes]:
        """The file when it has changed since the last look, else nothing.

        Raises:
            OSError: the file is there and cannot be read.
        """
        try:
            now = self._path.stat()
            if (now.st_mtime_ns, now.st_size, now.st_ino) == self._seen or not now.st_size:
                return []
            with self._path.open("rb") as file:
                data = file.read(LARGEST_FILE)
        except FileNotFoundError:
            return []
        self._seen = (now.st_mtime_ns, now.st_size, now.st_ino)
        return [data]


async def run_tail(link: TailLink, outlet: Outlet, mark_path: Path | None) -> None:
    """Follow a growing file until cancelled.

    Args:
        mark_path: where is kept how far it was taken; none keeps nothing.
    """
    mark = read_mark(mark_path) if mark_path else None
    opened = await asyncio.to_thread(
        lambda: GrowingFile(Path(link.path), outlet.source, from_start=link.from_start, mark=mark)
    )
    outlet.say(LinkState.CONNECTED, f"following {link}", link=link)
    kept, marked_s = mark, 0.0
    loop = asyncio.get_running_loop()
    try:
        while True:
            await outlet.room()
            try:
                payloads, said = await asyncio.to_thread(opened.look)
            except OSError as error:
                payloads, said = [], [(LinkState.LOST, f"{link}: {error.strerror or error}")]
            for state, detail in said:
                outlet.say(state, detail, link=link)
            for payload in payloads:
                outlet.take(payload)
            if mark_path and loop.time() - marked_s >= MARK_EVERY_S:
                kept, marked_s = await _keep(opened, outlet, mark_path, kept), loop.time()
            await asyncio.sleep(0.0 if payloads else LOOK_S)
    finally:
        if mark_path:
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_MARK_S):
                    await _keep(opened, outlet, mark_path, kept)
        opened.close()


async def _keep(opened: GrowingFile, outlet: Outlet, path: Path, kept: Mark | None) -> Mark | None:
    """Write down how far the file was taken, once that much is on record: never more than that."""
    try:
        mark = opened.mark()
        if mark is not None and mark != kept:
            await outlet.kept()
            write_mark(path, mark)
            return mark
    except OSError as error:
        outlet.say(LinkState.DROPPED, f"how far it was read cannot be kept: {error.strerror or error}")
    return kept


async def run_file(link: FileLink, outlet: Outlet) -> None:
    """Hand over a file each time it has changed, until cancelled."""
    opened = RewrittenFile(Path(link.path))
    outlet.say(LinkState.CONNECTED, f"following {link}", link=link)
    while True:
        await outlet.room()
        try:
            payloads = await asyncio.to_thread(opened.look)
        except OSError as error:
            payloads = []
            outlet.say(LinkState.LOST, f"{link}: {error.strerror or error}", link=link, why=error.strerror or error)
        else:
            if not outlet.connected:
                outlet.say(LinkState.CONNECTED, f"{link} can be read again", link=link)
        for payload in payloads:
            outlet.take(payload)
        await asyncio.sleep(LOOK_S)
