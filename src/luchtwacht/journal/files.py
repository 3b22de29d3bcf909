"""The only door to the disk: what the journal asks of a file system, and the real one.

A power cut may lose, reorder or tear whatever was written since the last `sync`; a new file may vanish until its
folder was synced. Everything that the journal promises is built on these few calls, so that tests can stand a file
system behind them that does its worst.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Protocol


class AppendFile(Protocol):
    """A file open for writing at its end."""

    def append(self, data: bytes) -> None:
        """Write all of `data` at the end; OSError when not all of it could be taken."""

    def truncate(self, size: int) -> None:
        """Cut to `size` bytes."""

    def sync(self) -> None:
        """Return once everything written is on the disk (fdatasync)."""

    def close(self) -> None:
        """Let go of the file."""


class ReadFile(Protocol):
    """A file open for reading."""

    def size(self) -> int:
        """Bytes in it now."""

    def read(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes from `offset`; fewer only at the end."""

    def close(self) -> None:
        """Let go of the file."""


class Held(Protocol):
    """A lock that is held."""

    def release(self) -> None:
        """Let somebody else have it."""


class Files(Protocol):
    """A file system. Every call may raise OSError."""

    def make_folder(self, folder: Path) -> None:
        """Make a folder and those above it, and sync the names made; nothing when it is there."""

    def names(self, folder: Path) -> list[str]:
        """Names in a folder, sorted; none when there is no such folder."""

    def open_append(self, path: Path) -> AppendFile:
        """Open for appending, made when it is not there."""

    def open_read(self, path: Path) -> ReadFile:
        """Open for reading."""

    def read_all(self, path: Path) -> bytes:
        """The whole of a small file."""

    def replace(self, path: Path, target: Path) -> None:
        """Rename a file over another, in one step."""

    def remove(self, path: Path) -> None:
        """Remove a file."""

    def remove_folder(self, folder: Path) -> None:
        """Remove an empty folder; nothing when it is not there."""

    def sync_folder(self, folder: Path) -> None:
        """Return once the names in a folder are on the disk."""

    def lock(self, path: Path) -> Held | None:
        """Take an exclusive lock on a file, made when it is not there; none when somebody has it."""


class _RealAppend:
    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)

    def append(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._fd, view) :]

    def truncate(self, size: int) -> None:
        os.ftruncate(self._fd, size)

    def sync(self) -> None:
        os.fdatasync(self._fd)

    def close(self) -> None:
        os.close(self._fd)


class _RealRead:
    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def size(self) -> int:
        return os.fstat(self._fd).st_size

    def read(self, offset: int, length: int) -> bytes:
        data = os.pread(self._fd, length, offset)
        if len(data) == length or not data:
            return data
        parts = [data]
        while data := os.pread(self._fd, length - sum(map(len, parts)), offset + sum(map(len, parts))):
            parts.append(data)
        return b"".join(parts)

    def close(self) -> None:
        os.close(self._fd)


class _RealLock:
    def __init__(self, fd: int) -> None:
        self._fd = fd

    def release(self) -> None:
        os.close(self._fd)


class RealFiles:
    """The machine's own file system."""

    def make_folder(self, folder: Path) -> None:
        missing = []
        while not folder.is_dir():
            missing.append(folder)
            folder = folder.parent
        for each in reversed(missing):
            each.mkdir(exist_ok=True)
            self.sync_folder(each.parent)

    def names(self, folder: Path) -> list[str]:
        try:
            return sorted(os.listdir(folder))  # noqa: PTH208 - a third of the time of Path.iterdir
        except FileNotFoundError:
            return []

    def open_append(self, path: Path) -> AppendFile:
        return _RealAppend(path)

    def open_read(self, path: Path) -> ReadFile:
        return _RealRead(path)

    def read_all(self, path: Path) -> bytes:
        file = _RealRead(path)
        try:
            return file.read(0, file.size())
        finally:
            file.close()

    def replace(self, path: Path, target: Path) -> None:
        path.replace(target)

    def remove(self, path: Path) -> None:
        path.unlink()

    def remove_folder(self, folder: Path) -> None:
        with suppress(FileNotFoundError):
            folder.rmdir()

    def sync_folder(self, folder: Path) -> None:
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def lock(self, path: Path) -> Held | None:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            return None
        return _RealLock(fd)


REAL = RealFiles()
"""What is used when nothing else is passed in"""


def write_loose(path: Path, data: bytes, files: Files) -> None:
    """Make or replace a file without syncing: after a power cut it may be anything."""
    file = files.open_append(path)
    try:
        file.truncate(0)
        file.append(data)
    finally:
        file.close()


def write_whole(path: Path, data: bytes, files: Files) -> None:
    """Make or replace a file in one step, synced: afterwards it is the old one or the new one, never between."""
    beside = path.with_name(path.name + ".new")
    file = files.open_append(beside)
    try:
        file.truncate(0)
        file.append(data)
        file.sync()
    finally:
        file.close()
    files.replace(beside, path)
    files.sync_folder(path.parent)


def sync_file(path: Path, files: Files) -> None:
    """Return once a file that was written loosely is on the disk."""
    file = files.open_append(path)
    try:
        file.sync()
    finally:
        file.close()
