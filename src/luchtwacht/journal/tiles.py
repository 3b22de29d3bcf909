"""The Merkle log on the disk, in the public tile layout (C2SP tlog-tiles): 32 bytes a leaf and what stands above.

    tile/<level>/<number>           256 hashes, 8,192 bytes, never changed
    tile/<level>/<number>.p/<width> the last, partial tile of a level, for the size of the latest checkpoint
    checkpoint                      the latest checkpoint

A tile of level L holds the hashes of perfect subtrees of height 8 L. Everything here can be made again from the
segments, so tiles are synced when a segment ends, not at every commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from luchtwacht.errors import RecordError
from luchtwacht.journal.files import Files, sync_file, write_loose
from luchtwacht.journal.tree import HASH_BYTES, Place, hash_node, root_of, rows_over, subtrees

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT

Tile = tuple[int, int, int]
"""(level, number, width)"""


def tile_path(tile: Tile) -> str:
    """`tile/0/x001/x234/067` or `tile/0/x001/x234/067.p/12` (C2SP tlog-tiles, "Merkle Tree")."""
    level, number, width = tile
    parts = [f"{number % 1000:03d}"]
    while number >= 1000:
        number //= 1000
        parts.insert(0, f"x{number % 1000:03d}")
    return f"tile/{level}/{'/'.join(parts)}" + ("" if width == TILE_WIDTH else f".p/{width}")


def tiles_of(size: int) -> list[Tile]:
    """The last tile of every level of a log of `size` leaves that is partial."""
    found = []
    level = 0
    while size >> (TILE_HEIGHT * level):
        row = size >> (TILE_HEIGHT * level)
        if row % TILE_WIDTH:
            found.append((level, row // TILE_WIDTH, row % TILE_WIDTH))
        level += 1
    return found


class TileReader:
    """Stored hashes of a log of known size. Keeps what it has read and made: for one task, not for a lifetime."""

    def __init__(self, size: int, read: Callable[[Tile], bytes]) -> None:
        """Args:
        size: of the log.
        read: the bytes of a tile; RecordError when it is not there.
        """
        self.size = size
        self._read = read
        self._rows: dict[tuple[int, int], list[bytes]] = {}
        """of each tile its hashes, then those of the pairs above, and so on: one row of bytes a height"""

    def fetch(self, places: Sequence[Place]) -> list[bytes]:
        """The hashes at `places`, as `tree.Fetch`; RecordError when a tile is missing or too short."""
        found = []
        for level, index in places:
            above, height = divmod(level, TILE_HEIGHT)
            number, at = divmod(index, TILE_WIDTH >> height)
            rows = self._rows.get((above, number)) or self._open(above, number)
            if len(rows) <= height:
                rows += rows_over(rows[-1], height + 1 - len(rows))[1:]
            each = rows[height][at * HASH_BYTES : (at + 1) * HASH_BYTES]
            if not each:
                raise AssertionError(f"the subtree {(level, index)} is not in a log of {self.size}")
            found.append(each)
        return found

    def tile(self, tile: Tile) -> list[bytes]:
        """The hashes in a tile; RecordError when it is missing or too short."""
        row = (self._rows.get(tile[:2]) or self._open(*tile[:2]))[0]
        return [row[at : at + HASH_BYTES] for at in range(0, tile[2] * HASH_BYTES, HASH_BYTES)]

    def _open(self, level: int, number: int) -> list[bytes]:
        """What is known of a tile that was not met yet: its hashes, and what stands above them if that is kept."""
        width = min((self.size >> (TILE_HEIGHT * level)) - number * TILE_WIDTH, TILE_WIDTH)
        if width <= 0:
            raise AssertionError(f"tile {number} of level {level} is not in a log of {self.size}")
        tile = level, number, width
        data = self._read(tile)
        if len(data) != width * HASH_BYTES:
            raise RecordError(f"{tile_path(tile)} has {len(data)} bytes")
        often = level > 0 or width < TILE_WIDTH  # what stands above, and the right edge, is in most proofs
        rows = self._rows[level, number] = list(_kept_rows(data)) if often else [data]
        return rows


@lru_cache(maxsize=256)
def _kept_rows(data: bytes) -> tuple[bytes, ...]:
    """All rows over the hashes in a tile, kept for whoever proves something next.

    256 tiles of the second level are 16 million leaves, and six megabytes here. What is kept is known by its bytes
    alone, so it does not matter where they were read, nor whether the log has grown.
    """
    return tuple(rows_over(data, (len(data) // HASH_BYTES).bit_length() - 1))


def read_tile(log: Path, tile: Tile, files: Files) -> bytes:
    """The bytes of a tile: its own file or, when that has grown since, the beginning of a wider one.

    Raises:
        RecordError: neither is there.
    """
    wanted = tile[2] * HASH_BYTES
    for path in _files_of(log, tile, files):
        try:
            data = files.read_all(path)
        except OSError:
            continue
        if len(data) >= wanted and len(data) % HASH_BYTES == 0:
            return data[:wanted]
    raise RecordError(f"{tile_path(tile)} is missing from the log")


def _files_of(log: Path, tile: Tile, files: Files) -> Iterator[Path]:
    """Where the hashes of a tile may be; a folder of partial tiles is only looked through when nothing else helps."""
    level, number, width = tile
    whole = log / tile_path((level, number, TILE_WIDTH))
    yield whole
    if width < TILE_WIDTH:
        yield log / tile_path(tile)
    partial = whole.with_name(whole.name + ".p")
    wider = sorted((int(name) for name in files.names(partial) if name.isdigit()), reverse=True)
    yield from (partial / str(each) for each in wider if each > width)


def log_reader(log: Path, size: int, files: Files) -> TileReader:
    """The stored hashes of the log in a folder."""
    return TileReader(size, lambda tile: read_tile(log, tile, files))


class TileBuilder:
    """A growing log in memory: its right edge, and the tiles that filled up. Pure."""

    def __init__(self) -> None:
        self._rows: list[list[bytes]] = [[]]
        self.size = 0
        self.filled: dict[Tile, bytes] = {}
        """full tiles that nobody has taken away yet"""

    def start(self, size: int, reader: TileReader) -> None:
        """Go on with a log of `size` leaves, whose hashes `reader` has; RecordError when they are not there."""
        rows: list[list[bytes]] = [[]]
        for level, number, width in tiles_of(size):
            while len(rows) <= level:
                rows.append([])
            first = number * TILE_WIDTH
            rows[level] = reader.fetch([(level * TILE_HEIGHT, first + at) for at in range(width)])
        self._rows, self.size = rows, size
        self.filled.clear()

    def append(self, leaves: Sequence[bytes]) -> None:
        """Add leaf hashes."""
        for leaf in leaves:
            self._rows[0].append(leaf)
            self.size += 1
            if len(self._rows[0]) == TILE_WIDTH:
                self._carry()

    def _carry(self) -> None:
        level = 0
        while len(self._rows[level]) == TILE_WIDTH:
            number = (self.size >> (TILE_HEIGHT * (level + 1))) - 1
            self.filled[level, number, TILE_WIDTH] = b"".join(self._rows[level])
            if len(self._rows) == level + 1:
                self._rows.append([])
            self._rows[level + 1].append(root_of(self._rows[level]))
            self._rows[level] = []
            level += 1

    def partial(self) -> dict[Tile, bytes]:
        """The partial tiles of the log as it is now."""
        return {tile: b"".join(self._rows[tile[0]]) for tile in tiles_of(self.size)}

    def root(self) -> bytes:
        """The root over all leaves so far."""
        hashes = []
        for level in reversed(range(len(self._rows))):
            row = self._rows[level]
            hashes += [root_of(row[start << own : (start + 1) << own]) for own, start in subtrees(0, len(row))]
        if not hashes:
            return root_of([])
        total = hashes[-1]
        for each in reversed(hashes[:-1]):
            total = hash_node(each, total)
        return total


class TileWriter:
    """A growing log on the disk."""

    def __init__(self, log: Path, files: Files) -> None:
        self._log, self._files = log, files
        self._builder = TileBuilder()
        self._unsynced: dict[Path, bytes] = {}
        self._doubtful: set[Path] = set()
        """files whose sync failed: what the disk has of them is anybody's guess, whatever a later sync says"""
        self._folders: dict[Path, None] = {}
        self._written: set[Tile] = set()
        """partial tiles of this life that stand on the disk"""

    @property
    def size(self) -> int:
        """Leaves so far."""
        return self._builder.size

    def start(self, size: int, reader: TileReader) -> None:
        """Go on with a log of `size` leaves, whose hashes `reader` has; RecordError when they are not there."""
        self._builder.start(size, reader)

    def append(self, leaves: Sequence[bytes]) -> None:
        """Add leaf hashes; nothing is written before `write`."""
        self._builder.append(leaves)

    def root(self) -> bytes:
        """The root over all leaves so far."""
        return self._builder.root()

    def write(self) -> None:
        """Write full tiles and the partial tiles of this size, not synced.

        Partial tiles of earlier checkpoints stay until their tile is full (C2SP tlog-tiles, "Partial Tiles").

        Raises:
            OSError: the disk refuses; nothing is forgotten, write again later.
        """
        filled = self._builder.filled
        for tile in list(filled):
            self._put(tile, filled[tile])
            self._remove_partial(tile)
            del filled[tile]
        for tile, data in self._builder.partial().items():
            if tile not in self._written:
                self._put(tile, data)
                self._written.add(tile)

    def _put(self, tile: Tile, data: bytes) -> None:
        path = self._log / tile_path(tile)
        if path.parent not in self._folders:
            self._files.make_folder(path.parent)
        write_loose(path, data, self._files)
        self._unsynced[path] = data
        self._folders[path.parent] = None

    def _remove_partial(self, tile: Tile) -> None:
        """Remove the partial tiles of a tile that is full."""
        level, number, _ = tile
        folder = (self._log / tile_path((level, number, 1))).parent
        names = self._files.names(folder)
        for name in names:
            self._files.remove(folder / name)
            self._unsynced.pop(folder / name, None)
        if names or folder in self._folders:
            self._folders.pop(folder, None)
            self._files.remove_folder(folder)
        self._written = {each for each in self._written if each[:2] != (level, number)}

    def repair(self) -> None:
        """Make the partial tiles of an earlier life whole again, which a power cut may have torn."""
        for (level, number, width), data in self._builder.partial().items():
            folder = (self._log / tile_path((level, number, 1))).parent
            for name in self._files.names(folder):
                earlier = int(name) if name.isascii() and name.isdigit() else width + 1
                if earlier > width:
                    self._files.remove(folder / name)
                elif self._files.read_all(folder / name) != data[: earlier * HASH_BYTES]:
                    self._put((level, number, earlier), data[: earlier * HASH_BYTES])

    def sync(self) -> None:
        """Return once everything written is on the disk."""
        for path, data in list(self._unsynced.items()):
            if path in self._doubtful:
                write_loose(path, data, self._files)
            self._doubtful.add(path)
            sync_file(path, self._files)
            self._doubtful.discard(path)
            del self._unsynced[path]
        for folder in list(self._folders):
            self._files.sync_folder(folder)
            del self._folders[folder]
