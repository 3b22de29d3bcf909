"""Files that change while the watch runs."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luchtwacht.model import Format, LinkState, Source
from luchtwacht.sources.files import GrowingFile, Mark, RewrittenFile, read_mark, write_mark

TABLE = Source(id="table", format=Format.TABLE, mapping="m.toml")
BLOCKS = Source(id="radar", format=Format.ASTERIX)
Follow = Callable[..., GrowingFile]


def add(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def payloads(growing: GrowingFile) -> list[bytes]:
    return growing.look()[0]


@pytest.fixture
def follow() -> Iterator[Follow]:
    """Opens growing files, and closes them afterwards."""
    opened: list[GrowingFile] = []

    def follow(path: Path, source: Source, *, from_start: bool, mark: Mark | None = None) -> GrowingFile:
        opened.append(GrowingFile(path, source, from_start=from_start, mark=mark))
        return opened[-1]

    yield follow
    for each in opened:
        each.close()


def test_what_is_added_comes_out_line_by_line_and_half_a_line_waits(tmp_path: Path, follow: Follow) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"a,b\n1,2\n")
    growing = follow(path, TABLE, from_start=True)
    assert payloads(growing) == [b"a,b", b"1,2"]
    add(path, b"3,")
    assert payloads(growing) == []
    add(path, b"4\n")
    assert payloads(growing) == [b"3,4"]
    assert growing.offset == path.stat().st_size
    assert payloads(growing) == []


def test_from_now_on_a_table_still_has_its_header(tmp_path: Path, follow: Follow) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"a,b\r\n1,2\r\n")
    growing = follow(path, TABLE, from_start=False)
    assert payloads(growing) == [b"a,b"]
    add(path, b"3,4\r\n")
    assert payloads(growing) == [b"3,4"]


def test_a_file_that_comes_later_is_read_from_its_start(tmp_path: Path, follow: Follow) -> None:
    path = tmp_path / "radar.ast"
    growing = follow(path, BLOCKS, from_start=False)
    assert payloads(growing) == []
    path.write_bytes(b"\x30\x00\x04x\x30\x00")
    assert payloads(growing) == [b"\x30\x00\x04x"]


def test_a_file_that_was_cut_is_read_anew_and_the_rest_of_the_old_is_handed_over(
    tmp_path: Path, follow: Follow
) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"a,b\n1,2\n3,")
    growing = follow(path, TABLE, from_start=True)
    assert payloads(growing) == [b"a,b", b"1,2"]
    path.write_bytes(b"a,b\n")
    taken, said = growing.look()
    assert taken == [b"3,", b"a,b"]
    assert [state for state, _ in said] == [LinkState.DROPPED]


def test_a_rotated_file_is_read_to_its_end_before_the_new_one(tmp_path: Path, follow: Follow) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"a,b\n1,2\n")
    growing = follow(path, TABLE, from_start=True)
    assert payloads(growing) == [b"a,b", b"1,2"]
    path.rename(tmp_path / "log.csv.1")
    add(tmp_path / "log.csv.1", b"3,4\n")
    path.write_bytes(b"a,b\n5,6\n7,8\n")
    assert payloads(growing) == [b"3,4"]
    taken, said = growing.look()
    assert taken == [b"a,b", b"5,6", b"7,8"]
    assert [state for state, _ in said] == [LinkState.CONNECTED]


def test_a_later_run_goes_on_in_a_file_that_was_rotated_meanwhile(tmp_path: Path, follow: Follow) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"a,b\n1,2\n")
    first = follow(path, TABLE, from_start=True)
    first.look()
    mark = first.mark()
    first.close()
    add(path, b"3,4\n")
    path.rename(tmp_path / "log.csv.1")
    path.write_bytes(b"a,b\n5,6\n")
    second = follow(path, TABLE, from_start=False, mark=mark)
    assert payloads(second) == [b"a,b", b"3,4"]
    assert payloads(second) == [b"a,b", b"5,6"]


def test_a_later_run_says_when_the_file_is_another_one(tmp_path: Path, follow: Follow) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"a,b\n1,2\n")
    first = follow(path, TABLE, from_start=True)
    first.look()
    mark = first.mark()
    first.close()
    path.write_bytes(b"x,y\n1,2\n3,4\n")
    taken, said = follow(path, TABLE, from_start=False, mark=mark).look()
    assert taken == [b"x,y", b"1,2", b"3,4"]
    assert [state for state, _ in said] == [LinkState.DROPPED]


@given(lines=st.lists(st.binary(max_size=8).map(lambda each: each.replace(b"\n", b"")), max_size=12), data=st.data())
def test_however_a_file_grows_and_runs_end_every_line_is_taken_once(lines: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(line + b"\n" for line in lines)
    with tempfile.TemporaryDirectory() as folder:
        path, kept = Path(folder) / "log", Path(folder) / "marks" / "log.json"
        taken: list[bytes] = []
        at = 0
        while at < len(whole) or at == 0:
            at += data.draw(st.integers(1, max(len(whole) - at, 1)))
            path.write_bytes(whole[:at])
            source = Source(id="log", format=Format.READSB)
            growing = GrowingFile(path, source, from_start=True, mark=read_mark(kept))
            taken += payloads(growing)
            if (mark := growing.mark()) is not None:
                write_mark(kept, mark)
            growing.close()
        assert taken == [line.removesuffix(b"\r") for line in lines]


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
