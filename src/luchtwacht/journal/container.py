"""The file around a bundle: a ZIP archive that anybody can open, and in which every byte is accounted for.

Members are stored as they are, without compression, dates, attributes, comments or extra fields, one after another and
in the order of the directory. Reading holds every header against what it must be, so that nothing can hide in it.
ZIP per PKWARE's APPNOTE 6.3.3: local header 4.3.7, central directory 4.3.12, end record 4.3.16. No ZIP64: a bundle is
smaller than 4 GiB.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO
from zlib import crc32

from luchtwacht.errors import BadInput

_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")
_DATE_1980 = 0x21
LIMIT = (1 << 32) - 1
_MEMBERS = 1000
_BLOCK = 1 << 20


class BadContainer(BadInput):
    """A file that is not a bundle's archive."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file in the archive."""

    name: str
    size: int
    crc: int
    offset: int
    """of its local header"""

    @property
    def start(self) -> int:
        """Offset of its first byte."""
        return self.offset + _LOCAL.size + len(self.name.encode())

    def local(self) -> bytes:
        """Its local header."""
        name = self.name.encode()
        return _LOCAL.pack(b"PK\3\4", 20, 0x800, 0, 0, _DATE_1980, self.crc, self.size, self.size, len(name), 0) + name

    def central(self) -> bytes:
        """Its entry in the directory."""
        name = self.name.encode()
        return (
            _CENTRAL.pack(
                b"PK\1\2", 20, 20, 0x800, 0, 0, _DATE_1980, self.crc, self.size, self.size, len(name), 0, 0, 0, 0, 0,
                self.offset,
            )
            + name
        )  # fmt: skip


def _directory(members: list[Member], at: int) -> bytes:
    entries = b"".join(each.central() for each in members)
    return entries + _END.pack(b"PK\5\6", 0, 0, len(members), len(members), len(entries), at, 0)


class ContainerWriter:
    """Writes members one after another."""

    def __init__(self, file: BinaryIO) -> None:
        """Args:
        file: empty, open for writing, seekable.
        """
        self._file = file
        self._members: list[Member] = []

    def add(self, name: str, blocks: Iterable[bytes]) -> None:
        """One member, given in pieces.

        Raises:
            BadContainer: the archive would grow too large.
        """
        offset = self._file.tell()
        self._file.write(Member(name, 0, 0, offset).local())
        size = crc = 0
        for block in blocks:
            self._file.write(block)
            size, crc = size + len(block), crc32(block, crc)
        end = self._file.tell()
        if end >= LIMIT:
            raise BadContainer("a bundle must be smaller than 4 GiB", hint="export a shorter time")
        member = Member(name, size, crc, offset)
        self._file.seek(offset)
        self._file.write(member.local())
        self._file.seek(end)
        self._members.append(member)

    def finish(self) -> None:
        """Write the directory."""
        self._file.write(_directory(self._members, self._file.tell()))


def read_container(file: BinaryIO) -> dict[str, Member]:
    """The members of an archive by name, in order; what they hold is not looked at.

    Raises:
        BadContainer: it is no such archive, or a byte around the members is not what it must be.
    """
    size = file.seek(0, 2)
    if size < _END.size:
        raise BadContainer("too short for a bundle")
    file.seek(size - _END.size)
    _, _, _, _, count, length, at, _ = _END.unpack(file.read(_END.size))
    if count > _MEMBERS or at + length + _END.size != size:
        raise BadContainer("the archive does not end as a bundle's must")
    file.seek(at)
    directory = file.read()
    members: list[Member] = []
    place = offset = 0
    for _ in range(count):
        try:
            fields = _CENTRAL.unpack_from(directory, place)
            name = directory[place + _CENTRAL.size : place + _CENTRAL.size + fields[10]].decode()
        except (struct.error, UnicodeDecodeError) as error:
            raise BadContainer("the directory of the archive is damaged") from error
        member = Member(name, fields[8], fields[7], offset)
        place += _CENTRAL.size + fields[10]
        offset = member.start + member.size
        members.append(member)
    if offset != at or directory != _directory(members, at):
        raise BadContainer("the directory of the archive is not what it must be")
    for member in members:
        file.seek(member.offset)
        if file.read(member.start - member.offset) != member.local():
            raise BadContainer(f"the header of {member.name} in the archive is not what it must be")
    found = {member.name: member for member in members}
    if len(found) != len(members):
        raise BadContainer("two files in the archive have the same name")
    return found


class MemberFile:
    """One member, as a `files.ReadFile`."""

    def __init__(self, file: BinaryIO, member: Member) -> None:
        self._file, self._member = file, member

    def size(self) -> int:
        return self._member.size

    def read(self, offset: int, length: int) -> bytes:
        self._file.seek(self._member.start + offset)
        return self._file.read(max(0, min(length, self._member.size - offset)))

    def blocks(self) -> Iterable[bytes]:
        """Its bytes in pieces."""
        return (self.read(at, _BLOCK) for at in range(0, self._member.size, _BLOCK))

    def close(self) -> None:
        """Nothing: the archive stays open."""
