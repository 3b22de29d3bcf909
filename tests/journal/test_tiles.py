from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from luchtwacht.errors import RecordError
from luchtwacht.journal.files import REAL
from luchtwacht.journal.tiles import TILE_WIDTH, TileBuilder, TileWriter, log_reader, tile_path, tiles_of
from luchtwacht.journal.tree import (
    check_consistency,
    check_inclusion,
    fetch_root,
    hash_leaf,
    prove_consistency,
    prove_inclusion,
    root_of,
)

VECTORS = json.loads((Path(__file__).parent / "vectors" / "tlog.json").read_text())
LEAVES = [hash_leaf(f"leaf {number}".encode()) for number in range(70_000)]


def test_paths_are_those_of_the_specification() -> None:
    # C2SP tlog-tiles, "Merkle Tree" and "Partial Tiles"
    assert tile_path((0, 1_234_067, TILE_WIDTH)) == "tile/0/x001/x234/067"
    assert tile_path((2, 7, 17)) == "tile/2/007.p/17"
    assert tile_path((0, 1000, TILE_WIDTH)) == "tile/0/x001/000"
    assert tiles_of(70_000) == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]
    assert tiles_of(256) == [(1, 0, 1)]
    assert tiles_of(0) == []


def test_tiles_agree_with_an_independent_implementation(tmp_path: Path) -> None:
    writer = TileWriter(tmp_path, REAL)
    for leaf in LEAVES[:600]:
        writer.append([leaf])
    writer.write()
    made = {
        str(path.relative_to(tmp_path)): sha256(path.read_bytes()).hexdigest()
        for path in tmp_path.rglob("*")
        if path.is_file()
    }
    assert made == VECTORS["tiles"]


def test_a_log_of_seventy_thousand_leaves_is_proved_from_its_tiles(tmp_path: Path) -> None:
    writer = TileWriter(tmp_path, REAL)
    writer.append(LEAVES)
    writer.write()
    writer.sync()
    size, root = len(LEAVES), root_of(LEAVES)
    assert writer.root() == root
    reader = log_reader(tmp_path, size, REAL)
    assert fetch_root(size, reader.fetch) == root
    for index in (0, 255, 256, 65_535, 65_536, 69_887, 69_888, 69_999):
        assert check_inclusion(LEAVES[index], index, size, prove_inclusion(index, size, reader.fetch), root)
    for old in (1, 255, 256, 257, 65_536, 65_537, 69_999):
        proof = prove_consistency(old, size, reader.fetch)
        assert check_consistency(old, size, proof, root_of(LEAVES[:old]), root)
        assert fetch_root(old, log_reader(tmp_path, old, REAL).fetch) == root_of(LEAVES[:old])
    stored = sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
    assert stored / size < 33


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 1000])
def test_a_log_goes_on_from_its_tiles(tmp_path: Path, size: int) -> None:
    first = TileWriter(tmp_path, REAL)
    first.append(LEAVES[:size])
    first.write()
    second = TileWriter(tmp_path, REAL)
    second.start(size, log_reader(tmp_path, size, REAL))
    assert second.root() == root_of(LEAVES[:size])
    for leaf in LEAVES[size : size + 300]:
        second.append([leaf])
    second.write()
    whole = TileWriter(tmp_path / "whole", REAL)
    whole.append(LEAVES[: size + 300])
    whole.write()
    assert second.root() == whole.root() == root_of(LEAVES[: size + 300])
    for tile in tiles_of(size + 300):
        assert (tmp_path / tile_path(tile)).read_bytes() == (tmp_path / "whole" / tile_path(tile)).read_bytes()


def test_partial_tiles_stay_until_their_tile_is_full(tmp_path: Path) -> None:
    writer = TileWriter(tmp_path, REAL)
    for size in (3, 5, 9):
        writer.append(LEAVES[writer.size : size])
        writer.write()
    assert {path.name for path in (tmp_path / "tile/0/000.p").iterdir()} == {"3", "5", "9"}
    (tmp_path / "tile/0/000.p/5").unlink()
    assert fetch_root(5, log_reader(tmp_path, 5, REAL).fetch) == root_of(LEAVES[:5])
    again = TileWriter(tmp_path, REAL)
    again.start(9, log_reader(tmp_path, 9, REAL))
    again.append(LEAVES[9:256])
    again.write()
    assert not (tmp_path / "tile/0/000.p").exists()
    again.sync()
    assert fetch_root(5, log_reader(tmp_path, 5, REAL).fetch) == root_of(LEAVES[:5])


def test_a_missing_tile_is_named(tmp_path: Path) -> None:
    writer = TileWriter(tmp_path, REAL)
    writer.append(LEAVES[:600])
    writer.write()
    (tmp_path / "tile/0/001").unlink()
    with pytest.raises(RecordError, match="tile/0/001 is missing"):
        prove_inclusion(300, 600, log_reader(tmp_path, 600, REAL).fetch)


def test_roots_in_memory_are_right_at_every_size() -> None:
    builder = TileBuilder()
    for size in range(520):
        if size % 37 == 0 or size in (255, 256, 257):
            assert builder.root() == root_of(LEAVES[:size])
        builder.append([LEAVES[size]])
