"""A simulated file system that does its worst, the same for the same seed.

What was not synced may be lost, torn at any page or come out of order when the power is cut; names may vanish until
their folder was synced; any call may fail, a write may be cut short, and a failed sync drops pages for good while
later syncs succeed. Pages are eight bytes, so that a tear can go through anything.
"""

from __future__ import annotations

import errno
import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

PAGE = 8


class PowerCut(BaseException):
    """The machine is gone. Not an Exception: nothing may go on after it."""


@dataclass(slots=True)
class _Change:
    size: int | None
    """truncate to this size, or"""
    offset: int
    """write `data` here"""
    data: bytes
    dropped: bool = False


def _apply(content: bytearray, change: _Change) -> None:
    if change.size is not None:
        del content[change.size :]
        content.extend(bytes(change.size - len(content)))
        return
    if change.offset > len(content):
        content.extend(bytes(change.offset - len(content)))
    content[change.offset : change.offset + len(change.data)] = change.data


@dataclass(slots=True)
class _Inode:
    content: bytearray = field(default_factory=bytearray)
    """as programs see it"""
    durable: bytearray = field(default_factory=bytearray)
    changes: list[_Change] = field(default_factory=list)

    def change(self, change: _Change) -> None:
        _apply(self.content, change)
        self.changes.append(change)

    def sync(self) -> None:
        for change in self.changes:
            if not change.dropped:
                _apply(self.durable, change)
            elif change.size is None and change.offset + len(change.data) > len(self.durable):
                self.durable.extend(bytes(change.offset + len(change.data) - len(self.durable)))
        self.changes = []

    def cut_power(self, rng: random.Random) -> None:
        survival = rng.choice((0.0, 0.5, 0.9, 1.0))
        for change in self.changes:
            if change.size is not None:
                if rng.random() < survival:
                    _apply(self.durable, change)
                continue
            end = change.offset + len(change.data)
            if rng.random() < 0.5 and end > len(self.durable):  # the size may reach the disk before the data does
                self.durable.extend(bytes(end - len(self.durable)))
            for start in range(0, len(change.data), PAGE):
                if not change.dropped and rng.random() < survival:
                    _apply(self.durable, _Change(None, change.offset + start, change.data[start : start + PAGE]))
        self.changes = []
        self.content = bytearray(self.durable)


class SimulatedFiles:
    """Implements `luchtwacht.journal.files.Files`.

    Before every call `before_call(number, name)` is asked for an error to raise, or may raise `PowerCut` itself.
    """

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.names_now: dict[Path, _Inode] = {}
        self.names_durable: dict[Path, _Inode] = {}
        self.renames: list[tuple[Path, _Inode | None]] = []
        """names set (or, for none, removed) since their folder was synced"""
        self.folders: set[Path] = set()
        self.locks: set[Path] = set()
        self.calls = 0
        self.before_call: Callable[[int, str], OSError | None] = lambda number, name: None

    def cut_power(self) -> None:
        """Lose what can be lost, and forget every lock."""
        for path, inode in self.renames:
            if self.rng.random() < 0.5:
                self._set(self.names_durable, path, inode)
        self.renames = []
        inodes = {id(inode): inode for inode in [*self.names_now.values(), *self.names_durable.values()]}
        for inode in inodes.values():
            inode.cut_power(self.rng)
        self.names_now = dict(self.names_durable)
        self.locks.clear()

    def kill(self) -> None:
        """The process is gone; what it wrote stays."""
        self.locks.clear()

    @staticmethod
    def _set(names: dict[Path, _Inode], path: Path, inode: _Inode | None) -> None:
        if inode is None:
            names.pop(path, None)
        else:
            names[path] = inode

    def _rename(self, path: Path, inode: _Inode | None) -> None:
        self._set(self.names_now, path, inode)
        self.renames.append((path, inode))

    def call(self, name: str) -> OSError | None:
        self.calls += 1
        return self.before_call(self.calls, name)

    def _check(self, name: str) -> None:
        error = self.call(name)
        if error is not None:
            raise error

    def _find(self, path: Path) -> _Inode:
        if path not in self.names_now:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        return self.names_now[path]

    def make_folder(self, folder: Path) -> None:
        self._check("make_folder")
        self.folders |= {folder, *folder.parents}

    def names(self, folder: Path) -> list[str]:
        self._check("names")
        prefix = f"{folder}/"
        every = (*map(str, self.names_now), *map(str, self.folders))
        return sorted({each[len(prefix) :].partition("/")[0] for each in every if each.startswith(prefix)})

    def open_append(self, path: Path) -> _Append:
        self._check("open_append")
        if path.parent not in self.folders:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        if path not in self.names_now:
            self._rename(path, _Inode())
        return _Append(self, self.names_now[path])

    def open_read(self, path: Path) -> _Read:
        self._check("open_read")
        return _Read(self, self._find(path))

    def read_all(self, path: Path) -> bytes:
        self._check("read_all")
        return bytes(self._find(path).content)

    def replace(self, path: Path, target: Path) -> None:
        self._check("replace")
        inode = self._find(path)
        self._rename(target, inode)
        self._rename(path, None)

    def remove(self, path: Path) -> None:
        self._check("remove")
        self._find(path)
        self._rename(path, None)

    def remove_folder(self, folder: Path) -> None:
        self._check("remove_folder")
        if any(path.parent == folder for path in self.names_now):
            raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), str(folder))
        self.folders.discard(folder)

    def put(self, path: Path, data: bytes) -> None:
        """Place a file, as if it had always been there."""
        self.folders |= {*path.parents}
        self.names_now[path] = self.names_durable[path] = _Inode(bytearray(data), bytearray(data))

    def sync_folder(self, folder: Path) -> None:
        self._check("sync_folder")
        for path, inode in self.renames:
            if path.parent == folder:
                self._set(self.names_durable, path, inode)
        self.renames = [each for each in self.renames if each[0].parent != folder]

    def lock(self, path: Path) -> _Held | None:
        self._check("lock")
        if path in self.locks:
            return None
        self.locks.add(path)
        return _Held(self, path)


class _Append:
    def __init__(self, files: SimulatedFiles, inode: _Inode) -> None:
        self._files, self._inode = files, inode

    def append(self, data: bytes) -> None:
        try:
            error = self._files.call("append")
        except PowerCut:
            self._write(data[: self._files.rng.randint(0, len(data))])
            raise
        if error is not None:
            self._write(data[: self._files.rng.randint(0, len(data))])
            raise error
        self._write(data)

    def _write(self, data: bytes) -> None:
        if data:
            self._inode.change(_Change(None, len(self._inode.content), bytes(data)))

    def truncate(self, size: int) -> None:
        self._files._check("truncate")
        self._inode.change(_Change(size, 0, b""))

    def sync(self) -> None:
        error = self._files.call("sync")
        if error is not None:
            for change in self._inode.changes:
                change.dropped = change.dropped or self._files.rng.random() < 0.5
            raise error
        self._inode.sync()

    def close(self) -> None:
        self._files._check("close")


class _Read:
    def __init__(self, files: SimulatedFiles, inode: _Inode) -> None:
        self._files, self._inode = files, inode

    def size(self) -> int:
        return len(self._inode.content)

    def read(self, offset: int, length: int) -> bytes:
        self._files._check("read")
        return bytes(self._inode.content[offset : offset + length])

    def close(self) -> None:
        pass


class _Held:
    def __init__(self, files: SimulatedFiles, path: Path) -> None:
        self._files, self._path = files, path

    def release(self) -> None:
        self._files.locks.discard(self._path)


def refusal(rng: random.Random) -> OSError:
    """What a full or failing disk says."""
    number = rng.choice((errno.ENOSPC, errno.EIO, errno.EROFS))
    return OSError(number, os.strerror(number))
