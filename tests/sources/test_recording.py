"""A folder of files, played in order of receipt."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from luchtwacht.errors import BadRecording
from luchtwacht.model import Format, Place, Site, Source
from luchtwacht.sources.mapped import Buffer, lines_of
from luchtwacht.sources.recording import Recording, read_recording

SITE = Site(
    id="field",
    name="A field",
    origin=Place(latitude=52.0, longitude=5.0),
    sources=tuple(Source(id=name, format=Format.READSB, file=f"{name}*") for name in ("a", "b", "c")),
    sensors=(),
)


def split(data: Buffer, source: Source) -> list[tuple[int, bytes]]:
    """`12 text` a line; a line without a number came with the one before it."""
    made, latest = [], 0
    for line in lines_of(data):
        number, _, text = line.partition(b" ")
        latest = int(number) if number.isdigit() else latest
        made.append((latest, text))
    if data[:] == b"worse":
        raise BadRecording("line 1 is worse", hint="write a better one")
    return made


def read(folder: Path) -> Recording:
    return read_recording(SITE, folder, dict.fromkeys(range(3), split))


def test_files_are_merged_by_time_of_receipt_then_by_source(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"1 a1\n4 a4\n4 a5\n")
    (tmp_path / "b.txt.gz").write_bytes(gzip.compress(b"2 b2\n4 b4\n"))
    (tmp_path / "c.txt").write_bytes(b"3 c3\n")
    recording = read(tmp_path)
    assert [(time, source, text.decode()) for time, source, text in recording.arrivals()] == [
        (1, 0, "a1"),
        (2, 1, "b2"),
        (3, 2, "c3"),
        (4, 0, "a4"),
        (4, 0, "a5"),
        (4, 1, "b4"),
    ]
    assert (len(recording), recording.first_ns, recording.last_ns, recording.absent) == (6, 1, 4, ())
    assert [each[2] for each in recording.only(frozenset({1})).arrivals()] == [b"b2", b"b4"]


def test_a_site_whose_sources_name_no_files_is_told_to(tmp_path: Path) -> None:
    nameless = replace(SITE, sources=tuple(replace(source, file="") for source in SITE.sources))
    with pytest.raises(BadRecording) as refused:
        read_recording(nameless, tmp_path, dict.fromkeys(range(3), split))
    assert "give each a `file`" in str(refused.value.hint)
    with pytest.raises(BadRecording) as refused:
        read(tmp_path)
    assert "this folder" in str(refused.value.hint) or "folder of a recording" in str(refused.value.hint)


def test_an_absent_and_an_empty_file_are_said_and_no_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"1 a1\n")
    (tmp_path / "b.txt").write_bytes(b"")
    recording = read(tmp_path)
    assert recording.sources == {0}
    assert recording.absent == ("source b: b.txt is empty", f"source c: no file c* in {tmp_path.name}")


def test_a_file_that_says_no_time_does_not_stretch_the_recording_to_1970(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"1000 a\n2000 b\n")
    (tmp_path / "b.txt").write_bytes(b"\xff\xfe\nx\n")
    recording = read(tmp_path)
    assert [each[:2] for each in recording.arrivals()] == [(1000, 0), (1000, 1), (1000, 1), (2000, 0)]


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadRecording, match="holds nothing"):
        read(tmp_path)
    (tmp_path / "b.txt").write_bytes(b"\xff\xfe\n")
    with pytest.raises(BadRecording, match="nowhere when"):
        read(tmp_path)
    (tmp_path / "a.txt").write_bytes(b"worse")
    with pytest.raises(BadRecording, match=r"a\.txt: line 1 is worse \(write a better one\)"):
        read(tmp_path)
    (tmp_path / "a.txt").write_bytes(gzip.compress(b"1 a")[:-6])
    with pytest.raises(BadRecording, match=r"a\.txt"):
        read(tmp_path)
