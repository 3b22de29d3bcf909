"""A recording: a folder with a file for each source of a site, played in order of receipt.

What the bytes mean is not this room's business: for each format the caller gives a `Splitter` that cuts a file into
payloads and says when each was received.
"""

from __future__ import annotations

import gzip
import heapq
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from luchtwacht.errors import BadRecording
from luchtwacht.model import Site, Source

Arrival = tuple[int, int, bytes]
"""ns UTC of receipt, index into `Site.sources`, payload"""

Splitter = Callable[[bytes, Source], list[tuple[int, bytes]]]
"""A file's bytes and its source, to (ns UTC of receipt, payload), in order of receipt; all times are 0
when nothing in the file says one. Raises `BadRecording`."""


Received = dict[int, tuple[tuple[int, bytes], ...]]
"""Index into `Site.sources` to what it received."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What a folder holds of a site's sources."""

    files: Mapping[int, tuple[tuple[int, bytes], ...]]
    """index into `Site.sources` to what it received"""
    absent: tuple[str, ...]
    """one sentence for each source of which nothing was recorded"""

    @property
    def sources(self) -> frozenset[int]:
        """The sources of which something was recorded."""
        return frozenset(self.files)

    @property
    def first_ns(self) -> int:
        """ns UTC of the first receipt; 0 when there is none."""
        return min((received[0][0] for received in self.files.values()), default=0)

    @property
    def last_ns(self) -> int:
        """ns UTC of the last receipt; 0 when there is none."""
        return max((received[-1][0] for received in self.files.values()), default=0)

    def __len__(self) -> int:
        return sum(len(received) for received in self.files.values())

    def only(self, sources: frozenset[int]) -> Recording:
        """The same with nothing but these sources."""
        return replace(self, files={index: kept for index, kept in self.files.items() if index in sources})

    def arrivals(self) -> Iterator[Arrival]:
        """Everything in order of receipt; what came at the same moment in order of the sources."""
        return heapq.merge(
            *(_numbered(index, received) for index, received in self.files.items()), key=lambda arrival: arrival[:2]
        )


def _numbered(index: int, received: tuple[tuple[int, bytes], ...]) -> Iterator[Arrival]:
    return ((time_ns, index, payload) for time_ns, payload in received)


def read_recording(site: Site, folder: Path, splitters: Mapping[int, Splitter]) -> Recording:
    """Read what a folder holds of the sources of a site.

    A source is found by its `file` pattern; one without a file is absent, which is said and is no error.

    Args:
        splitters: by index into `Site.sources`.

    Raises:
        BadRecording: the folder holds nothing of any source, or a file cannot be read.
    """
    files: Received = {}
    absent: list[str] = []
    for index, source in enumerate(site.sources):
        paths = sorted(folder.glob(source.file)) if source.file else []
        received = [each for path in paths for each in _split(path, source, splitters[index])]
        if received:
            files[index] = tuple(sorted(received, key=lambda each: each[0]))
        elif paths:
            absent.append(f"source {source.id}: {', '.join(path.name for path in paths)} is empty")
        else:
            absent.append(f"source {source.id}: no file {source.file or '(no file pattern declared)'} in {folder.name}")
    if not files:
        raise BadRecording(
            "holds nothing of the site's sources: " + "; ".join(absent),
            where=str(folder),
            hint="is this the folder of a recording of this site?",
        )
    return Recording(_dated(files, folder), tuple(absent))


def read_file(site: Site, path: Path, source: int, splitter: Splitter) -> Recording:
    """One file, as that of the source with this index into `Site.sources`.

    Raises:
        BadRecording: it cannot be read, holds nothing, or says nowhere when.
    """
    received = sorted(_split(path, site.sources[source], splitter), key=lambda each: each[0])
    if not received:
        raise BadRecording("holds nothing", where=str(path))
    return Recording(_dated({source: tuple(received)}, path), ())


def _dated(files: Received, folder: Path) -> Received:
    """What stands before the first time in a file came with it. A file that says no time at all (it is no table, say)
    counts as received first of all: what is wrong with it is told at once, and the recording does not begin in 1970."""
    begins = {index: next((each[0] for each in received if each[0] > 0), 0) for index, received in files.items()}
    first_ns = min((begin for begin in begins.values() if begin), default=0)
    if not first_ns:
        raise BadRecording("says nowhere when anything was received", where=str(folder))
    return {
        index: tuple((time_ns or begins[index] or first_ns, payload) for time_ns, payload in received)
        for index, received in files.items()
    }


def _split(path: Path, source: Source, splitter: Splitter) -> list[tuple[int, bytes]]:
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise BadRecording(f"cannot be read: {error}", where=str(path)) from error
    try:
        return splitter(data, source)
    except BadRecording as error:
        raise BadRecording(error.what, where=str(path), hint=error.hint) from error
