"""A recording: a folder with a file for each source of a site, played in order of receipt.

What the bytes mean is not this room's business: for each format the caller gives a `Splitter` that cuts a file into
payloads and says when each was received. Nothing is held: a file is mapped, walked through once to learn what it spans
and whether it can be read at all, and cut again whenever its payloads are wanted.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from operator import itemgetter
from pathlib import Path

from luchtwacht.errors import BadRecording
from luchtwacht.model import Site, Source
from luchtwacht.sources.mapped import Buffer, map_file

Arrival = tuple[int, int, bytes]
"""ns UTC of receipt, index into `Site.sources`, payload"""

Splitter = Callable[[Buffer, Source], Iterable[tuple[int, bytes]]]
"""A file's bytes and its source, to (ns UTC of receipt, payload), in order of receipt; all times are 0
when nothing in the file says one. It is called once for every pass, and reads as it is iterated. Raises
`BadRecording`, then or while it is iterated."""

_Open = Callable[[], Iterable[tuple[int, bytes]]]
"""begins a pass through what was received"""
_by_time: Callable[[tuple[int, bytes]], int] = itemgetter(0)


@dataclass(frozen=True, slots=True)
class Received:
    """What one source received; iterated, (ns UTC, payload) in order of receipt."""

    files: tuple[_Open, ...]
    count: int
    first_ns: int
    """ns UTC of the first receipt; what says no time came then"""
    last_ns: int

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        merged = heapq.merge(*(opened() for opened in self.files), key=_by_time)
        return ((time_ns or self.first_ns, payload) for time_ns, payload in merged)

    def __len__(self) -> int:
        return self.count


@dataclass(frozen=True, slots=True)
class Recording:
    """What a folder holds of a site's sources."""

    files: Mapping[int, Received]
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
        return min((received.first_ns for received in self.files.values()), default=0)

    @property
    def last_ns(self) -> int:
        """ns UTC of the last receipt; 0 when there is none."""
        return max((received.last_ns for received in self.files.values()), default=0)

    def __len__(self) -> int:
        return sum(map(len, self.files.values()))

    def only(self, sources: frozenset[int]) -> Recording:
        """The same with nothing but these sources."""
        return replace(self, files={index: kept for index, kept in self.files.items() if index in sources})

    def arrivals(self) -> Iterator[Arrival]:
        """Everything in order of receipt; what came at the same moment in order of the sources."""
        return heapq.merge(
            *(_numbered(index, received) for index, received in self.files.items()), key=lambda arrival: arrival[:2]
        )


def _numbered(index: int, received: Received) -> Iterator[Arrival]:
    return ((time_ns, index, payload) for time_ns, payload in received)


def read_recording(site: Site, folder: Path, splitters: Mapping[int, Splitter]) -> Recording:
    """Read what a folder holds of the sources of a site.

    A source is found by its `file` pattern; one without a file is absent, which is said and is no error.

    Args:
        splitters: by index into `Site.sources`.

    Raises:
        BadRecording: the folder holds nothing of any source, or a file cannot be read.
    """
    files: dict[int, Received] = {}
    absent: list[str] = []
    for index, source in enumerate(site.sources):
        paths = sorted(folder.glob(source.file)) if source.file else []
        received = _received(paths, source, splitters[index])
        if received.count:
            files[index] = received
        elif paths:
            absent.append(f"source {source.id}: {', '.join(path.name for path in paths)} is empty")
        else:
            absent.append(f"source {source.id}: no file {source.file or '(no file pattern declared)'} in {folder.name}")
    if not files:
        raise BadRecording(
            "holds nothing of the site's sources: " + "; ".join(absent),
            where=str(folder),
            hint="is this the folder of a recording of this site?"
            if any(source.file for source in site.sources)
            else 'the site file says of no source which files are its: give each a `file`, such as "radar*", '
            "or use the site.toml that lies in a simulated recording",
        )
    return Recording(_dated(files, folder), tuple(absent))


def read_file(site: Site, path: Path, source: int, splitter: Splitter) -> Recording:
    """One file, as that of the source with this index into `Site.sources`.

    Raises:
        BadRecording: it cannot be read, holds nothing, or says nowhere when.
    """
    received = _received([path], site.sources[source], splitter)
    if not received.count:
        raise BadRecording("holds nothing", where=str(path))
    return Recording(_dated({source: received}, path), ())


def _dated(files: Mapping[int, Received], folder: Path) -> dict[int, Received]:
    """What stands before the first time in a file came with it. A file that says no time at all (it is no table, say)
    counts as received first of all: what is wrong with it is told at once, and the recording does not begin in 1970."""
    first_ns = min((received.first_ns for received in files.values() if received.first_ns), default=0)
    if not first_ns:
        raise BadRecording("says nowhere when anything was received", where=str(folder))
    return {
        index: received if received.first_ns else replace(received, first_ns=first_ns, last_ns=first_ns)
        for index, received in files.items()
    }


def _received(paths: list[Path], source: Source, splitter: Splitter) -> Received:
    """What the files of a source hold, each walked through once."""
    opened: list[_Open] = []
    count = first_ns = last_ns = 0
    for path in paths:
        read, disordered, latest_ns = _opened(path, source, splitter), False, 0
        for time_ns, _ in read():
            count += 1
            disordered |= time_ns < latest_ns
            latest_ns = max(time_ns, latest_ns)
            if time_ns > 0:
                first_ns = min(first_ns, time_ns) if first_ns else time_ns
        last_ns = max(latest_ns, last_ns)
        opened.append(_sorted(read) if disordered else read)
    return Received(tuple(opened), count, first_ns, last_ns)


def _opened(path: Path, source: Source, splitter: Splitter) -> _Open:
    data, doubt = map_file(path)
    if doubt:
        raise BadRecording(f"the gzip is {doubt} could be read", where=str(path), hint="unpack it, and play that")

    def read() -> Iterator[tuple[int, bytes]]:
        try:
            yield from splitter(data, source)
        except BadRecording as error:
            raise BadRecording(error.what, where=str(path), hint=error.hint) from error

    return read


def _sorted(read: _Open) -> _Open:
    """A file that is not in order of receipt is the one that is held, while it is played."""
    return lambda: sorted(read(), key=_by_time)
