"""Files that change while the watch runs."""

from __future__ import annotations

from pathlib import Path

from luchtwacht.model import Format, Source
from luchtwacht.sources.files import GrowingFile, RewrittenFile

TABLE = Source(id="table", format=Format.TABLE, mapping="m.toml")
BLOCKS = Source(id="radar", format=Format.ASTERIX)


def add(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def test_what_is_added_comes_out_line_by_line_and_half_a_line_waits(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"a,b\n1,2\n")
    growing = GrowingFile(path, TABLE, from_start=True)
    assert growing.look() == [b"a,b", b"1,2"]
    add(path, b"3,")
    assert growing.look() == []
    add(path, b"4\n")
    assert growing.look() == [b"3,4"]
    assert growing.offset == path.stat().st_size
    assert growing.look() == []


def test_from_now_on_a_table_still_has_its_header(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"a,b\r\n1,2\r\n")
    growing = GrowingFile(path, TABLE, from_start=False)
    assert growing.look() == [b"a,b"]
    add(path, b"3,4\r\n")
    assert growing.look() == [b"3,4"]


def test_a_file_that_comes_later_is_read_from_its_start(tmp_path: Path) -> None:
    path = tmp_path / "radar.ast"
    growing = GrowingFile(path, BLOCKS, from_start=False)
    assert growing.look() == []
    path.write_bytes(b"\x30\x00\x04x\x30\x00")
    assert growing.look() == [b"\x30\x00\x04x"]


def test_a_file_that_begins_anew_is_read_from_its_start_and_the_rest_of_the_old_is_handed_over(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"a,b\n1,2\n3,")
    growing = GrowingFile(path, TABLE, from_start=True)
    assert growing.look() == [b"a,b", b"1,2"]
    path.write_bytes(b"a,b\n")
    assert growing.look() == [b"3,", b"a,b"]
    other = tmp_path / "other.csv"
    other.write_bytes(b"a,b\n5,6\n7,8\n")
    other.replace(path)  # rotated: another file of the same name, and longer
    assert growing.look() == [b"a,b", b"5,6", b"7,8"]


def test_a_file_that_is_written_anew_comes_whole_each_time(tmp_path: Path) -> None:
    path = tmp_path / "aircraft.json"
    rewritten = RewrittenFile(path)
    assert rewritten.look() == []
    for number in range(3):
        new = tmp_path / "new"
        new.write_bytes(b'{"now": %d}' % number)
        new.replace(path)
        assert rewritten.look() == [b'{"now": %d}' % number]
        assert rewritten.look() == []
    path.write_bytes(b"")
    assert rewritten.look() == []  # caught while it is written
