"""Files that change while the watch runs: one that grows, and one that is written anew."""

from __future__ import annotations

from pathlib import Path

from luchtwacht.model import Format, Source
from luchtwacht.sources.framing import STREAMS

CHUNK = 1024 * 1024
"""bytes read in one look"""
LARGEST_FILE = 64 * 1024 * 1024
"""bytes of a file that is read whole; a larger one is cut, refused and counted"""


class GrowingFile:
    """Payloads as they are added. A file that became shorter, or another of the same name, is read from its start.

    Args:
        from_start: also what stands there already. Otherwise only what is added from now on, and the header of a
            table, without which nothing can be read.
    """

    def __init__(self, path: Path, source: Source, *, from_start: bool) -> None:
        self._path, self._source = path, source
        self._framer = STREAMS[source.format]()
        self._inode: int | None = None
        self.offset = 0
        """bytes of the file that have been taken"""
        self._first: list[bytes] = [] if from_start else self._skip()

    def look(self) -> list[bytes]:
        """What has been added since the last look, at most `CHUNK` bytes of it.

        Raises:
            OSError: the file is there and cannot be read.
        """
        payloads, self._first = self._first, []
        try:
            now = self._path.stat()
        except FileNotFoundError:
            return payloads  # not yet there, or between two of the same name
        if now.st_size < self.offset or (self._inode is not None and now.st_ino != self._inode):
            payloads += [rest] if (rest := self._framer.rest()) else []
            self.offset = 0
        self._inode = now.st_ino
        if now.st_size > self.offset:
            with self._path.open("rb") as file:
                file.seek(self.offset)
                data = file.read(CHUNK)
            self.offset += len(data)
            payloads += self._framer.take(data)
        return payloads

    def _skip(self) -> list[bytes]:
        """Go to the end; a table's header is not passed over."""
        try:
            with self._path.open("rb") as file:
                header = file.readline()
                size = file.seek(0, 2)
            inode = self._path.stat().st_ino
        except OSError:
            return []
        if not header.endswith(b"\n"):
            return []
        self.offset, self._inode = size, inode
        return [header.rstrip(b"\r\n")] if self._source.format == Format.TABLE else []


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
