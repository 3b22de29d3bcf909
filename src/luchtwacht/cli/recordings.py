"""Recordings on disk, read and written: where sources meet the codecs that know how a file is cut.

| format | file of a source | time of receipt |
|---|---|---|
| table | delimited text, also gzipped | a column of the mapping |
| any other | `.frames`: JSON lines of ns UTC and base64, as `luchtwacht simulate` writes | in each line |
| asterix | pcap or pcapng, "Final" | the capture's |
| asterix | bare blocks | the block's own time of day, on the day of the file's last change |
"""

from __future__ import annotations

import base64
import binascii
import csv
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from luchtwacht.codecs.table import line_stamper, parse_mapping
from luchtwacht.errors import BadRecording
from luchtwacht.model import Format, Site, Source, Truth
from luchtwacht.runtime.feed import PlayedFeed
from luchtwacht.sources.recording import Arrival, Splitter, read_recording
from luchtwacht.sources.recording import Recording as Files
from luchtwacht.units import seconds_to_ns

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording and the feed it makes."""

    files: Files

    @property
    def absent(self) -> tuple[str, ...]:
        return self.files.absent

    @property
    def sources(self) -> frozenset[int]:
        return self.files.sources

    @property
    def first_ns(self) -> int:
        return self.files.first_ns

    @property
    def last_ns(self) -> int:
        return self.files.last_ns

    def only(self, sources: frozenset[int]) -> Recording:
        """The same with nothing but these sources."""
        return Recording(self.files.only(sources))

    def feed(self, site: Site, *, skip: int = 0) -> PlayedFeed:
        """Played on the site's grid, without the first `skip` arrivals."""
        return PlayedFeed(
            self.files.arrivals,
            step_ns=seconds_to_ns(site.step_s),
            settle_ns=seconds_to_ns(site.reorder_s + site.step_s),
            skip=skip,
        )


def open_recording(site: Site, mappings: Mapping[str, str], folder: Path) -> Recording:
    """What a folder holds of a site's sources.

    Raises:
        BadRecording: it holds nothing of them, or a file cannot be read.
        BadConfiguration: a mapping is wrong.
    """
    splitters: dict[int, Splitter] = {
        index: _table_splitter(source, mappings) if source.format == Format.TABLE else _split_frames
        for index, source in enumerate(site.sources)
    }
    return Recording(read_recording(site, folder, splitters))


def _table_splitter(source: Source, mappings: Mapping[str, str]) -> Splitter:
    mapping = parse_mapping(mappings[source.mapping], source.mapping)

    def split(data: bytes, source: Source) -> list[tuple[int, bytes]]:
        stamp = line_stamper(mapping)
        lines = data.splitlines()
        stamps = [stamp(line) for line in lines]
        return list(zip(_filled(stamps), lines, strict=True))

    return split


def _filled(stamps: list[int | None]) -> Iterator[int]:
    """Times of receipt, where one is missing that of the line before it, and before the first that of the first."""
    latest = next((stamp for stamp in stamps if stamp is not None), 0)
    for stamp in stamps:
        latest = latest if stamp is None else max(stamp, latest)
        yield latest


class _Line(msgspec.Struct, array_like=True):
    received_ns: int
    payload: str


def _split_frames(data: bytes, source: Source) -> list[tuple[int, bytes]]:
    """Frames as `write_recording` wrote them."""
    decode = msgspec.json.Decoder(_Line).decode
    made = []
    for number, line in enumerate(data.splitlines(), start=1):
        try:
            frame = decode(line)
            made.append((frame.received_ns, base64.b64decode(frame.payload, validate=True)))
        except (msgspec.DecodeError, binascii.Error) as error:
            raise BadRecording(
                f"line {number} is no frame: {error}", hint="a line is [nanoseconds, base64]; was this file cut off?"
            ) from error
    return made


def write_recording(
    folder: Path,
    site: Site,
    arrivals: Iterable[Arrival],
    truth: Truth,
    *,
    site_text: str,
    base_map: Path | None = None,
    progress: Callable[[int], None] = lambda time_ns: None,
) -> int:
    """Write a recording that `open_recording` reads: a `.frames` file a source, the site file, and the truth.

    Returns:
        The number of frames.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "site.toml").write_text(site_text, encoding="utf-8")
    if base_map is not None:
        shutil.copyfile(base_map, folder / base_map.name)
    files = [(folder / f"{source.id}.frames").open("wb") for source in site.sources]
    count = 0
    try:
        for received_ns, source, payload in arrivals:
            line = msgspec.json.encode(_Line(received_ns, base64.b64encode(payload).decode()))
            files[source].write(line + b"\n")
            count += 1
            progress(received_ns)
    finally:
        for file in files:
            file.close()
    _write_truth(folder / "truth.csv", truth, site)
    return count


def _write_truth(path: Path, truth: Truth, site: Site) -> None:
    """Objects' places in WGS 84, a line a moment."""
    import numpy as np

    from luchtwacht.model import Category

    places = site.frame.from_enu(truth.position)
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(
            ["object", "category", "permitted", "time_ns", "latitude_deg", "longitude_deg", "height_wgs84_m"]
        )
        for row in range(len(truth)):
            latitude, longitude = np.degrees(places[row, :2])
            table.writerow(
                [
                    truth.object[row],
                    Category(int(truth.category[row])).name.lower(),
                    int(truth.permitted[row]),
                    int(truth.time_ns[row]),
                    f"{latitude:.8f}",
                    f"{longitude:.8f}",
                    f"{places[row, 2]:.2f}",
                ]
            )
