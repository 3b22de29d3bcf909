"""Recordings on disk, read and written: where sources meet the codecs that know how a file is cut.

| format | file of a source | time of receipt |
|---|---|---|
| any but table | `.frames`: JSON lines of ns UTC and base64, as `luchtwacht simulate` writes | in each line |
| table | delimited text | a column of the mapping |
| asterix | pcap, pcapng | the capture's |
| asterix | bare blocks | the latest time of day in the block, on `recorded_on` of the source and the days after |
| asterix | "Final", GPS | the recorder's time of day, likewise |
| remote_id | pcap, pcapng of 802.11 frames | the capture's |
| readsb | `aircraft.json` documents, one a line, or one document | `now` in each |
| sbs | BaseStation lines | the receiver's, taken for UTC |
| beast | a stream | of a receiver with GPS its time of day on `recorded_on`; else counted from `recorded_at` |
| ogn | lines | the time of day, likewise |
| mavlink | a ground station's log, or a stream | before each packet; SYSTEM_TIME |
| dronescout, network_remote_id, observation | JSON documents: one, one a line, a list | in each |
| sapient | a stream with lengths, or JSON | when sent |

Any of them may be gzipped. What a file holds is told by its first octets, not by its name.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from luchtwacht.cli.splitting import splitter_of
from luchtwacht.errors import BadInput
from luchtwacht.evaluation import write_truth
from luchtwacht.model import Site, Truth
from luchtwacht.runtime.feed import PlayedFeed
from luchtwacht.sources.frames import encode_frame
from luchtwacht.sources.recording import Arrival, read_file, read_recording
from luchtwacht.sources.recording import Recording as Files
from luchtwacht.units import seconds_to_ns


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


def open_recording(site: Site, mappings: dict[str, str], folder: Path) -> Recording:
    """What a folder holds of a site's sources.

    Raises:
        BadRecording: it holds nothing of them, or a file cannot be read.
        BadConfiguration: a mapping is wrong.
    """
    splitters = {index: splitter_of(source, mappings) for index, source in enumerate(site.sources)}
    return Recording(read_recording(site, folder, splitters))


def open_file(site: Site, mappings: dict[str, str], path: Path, source: str = "") -> Recording:
    """One file of one source.

    Args:
        source: its id; may be left out where the site has only one.

    Raises:
        BadInput: the site has no such source, or several where none was named.
        BadRecording: the file cannot be read as what the source sends.
    """
    ids = [each.id for each in site.sources]
    if source not in ids and (source or len(ids) != 1):
        raise BadInput(
            f"{source!r} is no source of {site.id}" if source else f"{site.id} has {len(ids)} sources",
            where="--source",
            hint=f"say which of them sent {path.name}: {', '.join(ids)}",
        )
    index = ids.index(source) if source else 0
    return Recording(read_file(site, path, index, splitter_of(site.sources[index], mappings)))


def write_recording(
    folder: Path,
    site: Site,
    arrivals: Iterable[Arrival],
    truth: Truth,
    *,
    site_text: str,
    beside: Iterable[tuple[Path, str]] = (),
    progress: Callable[[int], None] = lambda time_ns: None,
) -> int:
    """Write a recording that `open_recording` reads: a `.frames` file a source, the site file, and the truth.

    Args:
        beside: files that the site file names, each with the name it has there.

    Returns:
        The number of frames.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "site.toml").write_text(site_text, encoding="utf-8")
    for named, name in beside:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(named, folder / name)
    files = [(folder / f"{source.id}.frames").open("wb") for source in site.sources]
    count = 0
    try:
        for received_ns, source, payload in arrivals:
            files[source].write(encode_frame(received_ns, payload))
            count += 1
            progress(received_ns)
    finally:
        for file in files:
            file.close()
    write_truth(folder / "truth.csv", truth, site)
    return count
