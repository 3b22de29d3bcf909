"""A file's octets without holding them: mapped, and unpacked on disk where it is a gzip.

What a file of any size is read through costs no memory of its own: its pages are the system's, which takes them back
when it wants to.
"""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import IO

from luchtwacht.errors import BadRecording

Buffer = bytes | mmap
"""a file in memory, or mapped into it"""
GZIP = b"\x1f\x8b"
MOST_UNPACKED = 1 << 36
_AT_ONCE = 1 << 20


def map_file(path: Path) -> tuple[Buffer, str]:
    """What a file holds, unpacked where it is a gzip; and what is wrong with the gzip, "" where nothing is.

    Raises:
        BadRecording: it cannot be read, or is a gzip of which nothing can be unpacked, or more than anybody recorded.
    """
    try:
        with path.open("rb") as file:
            if file.read(2) != GZIP:
                return _mapped(file), ""
            file.seek(0)
            with tempfile.TemporaryFile() as plain:
                doubt = _unpack(file, plain)
                return _mapped(plain), doubt
    except OSError as error:
        raise BadRecording(f"cannot be read: {error}", where=str(path)) from error
    except BadRecording as error:
        raise BadRecording(error.what, where=str(path), hint=error.hint) from error


def lines_of(data: Buffer) -> Iterator[bytes]:
    """Lines without their ends, one by one; a line ends at a line feed, as it does in a stream."""
    at = 0
    while at < len(data):
        end = data.find(b"\n", at)
        end = len(data) if end < 0 else end
        yield data[at:end].rstrip(b"\r")
        at = end + 1


def chunks_of(data: Buffer) -> Iterator[bytes]:
    """All octets, a mebibyte at a time."""
    return (data[at : at + _AT_ONCE] for at in range(0, len(data), _AT_ONCE))


def _mapped(file: IO[bytes]) -> Buffer:
    """The mapping outlives the file object; nothing can be mapped of an empty file."""
    file.seek(0, 2)
    return mmap(file.fileno(), 0, access=ACCESS_READ) if file.tell() else b""


def _unpack(packed: IO[bytes], plain: IO[bytes]) -> str:
    """Write what a gzip holds to a file, so that it need not fit into memory.

    Returns:
        What is wrong with it, when some of it could be unpacked.

    Raises:
        BadRecording: nothing could be, or more than anybody recorded.
    """
    size, doubt, rest = 0, "", b""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        while chunk := rest or packed.read(_AT_ONCE):
            unpacked = unpacker.decompress(chunk, _AT_ONCE)
            size += plain.write(unpacked)
            if size > MOST_UNPACKED:
                raise BadRecording(f"unpacks to more than {MOST_UNPACKED >> 30} GiB", hint="unpack it first")
            rest = unpacker.unconsumed_tail
            if unpacker.eof:  # another may follow, and zeros after the last
                rest = unpacker.unused_data.lstrip(b"\0") or packed.read(_AT_ONCE).lstrip(b"\0")
                if not rest:
                    break
                unpacker = zlib.decompressobj(wbits=31)
        size += plain.write(unpacker.flush())
        if not unpacker.eof:
            doubt = "cut off"
    except zlib.error as error:
        doubt = f"damaged ({error})"
    plain.flush()
    if not size:
        raise BadRecording(f"is a gzip that is {doubt or 'empty'}: nothing in it can be read")
    return f"{doubt}: the first {size:,} octets of what it held" if doubt else ""
