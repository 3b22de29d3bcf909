"""What a watch said, from a journal or from a recording that is run through one: what every reading begins with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from luchtwacht.cli.recordings import Recording
    from luchtwacht.model import Event, Site

Taken = Callable[[int, int], None]
"""called with how much was taken, and how much there is (ns)"""


def of_journal(folder: Path, taken: Taken) -> list[tuple[Site, Iterator[Event]]]:
    """Each period of a journal: its site, and what was said, as it was recorded.

    Raises:
        RecordError: it holds no inputs.
    """
    from luchtwacht.errors import RecordError
    from luchtwacht.model.encoding import decode_event
    from luchtwacht.runtime.recorded import Period, events, journal, periods

    read = journal(folder)
    found = periods(read)
    if not found:
        raise RecordError(f"{folder} holds no inputs")

    def said(period: Period) -> Iterator[Event]:
        for entry in events(read, period):
            event = decode_event(entry.data)
            taken(event.time_ns - period.first_ns, max(period.last_ns - period.first_ns, 1))
            yield event

    return [(period.site, said(period)) for period in found]


def of_recording(
    what: Path, site_file: Path, source: str, taken: Taken, console: Console
) -> list[tuple[Site, Iterator[Event]]]:
    """A folder or file of a recording, run through the watch.

    Raises:
        BadRecording, BadConfiguration: it or its site cannot be read.
    """
    from luchtwacht.cli.places import open_site
    from luchtwacht.cli.recordings import open_file, open_recording
    from luchtwacht.cli.warming import warm_kernels

    site, mappings = open_site(site_file)
    if what.is_dir():
        recording = open_recording(site, mappings, what)
        for absent in recording.absent:
            console.print(f"[yellow]absent[/] · {absent}")
    else:
        recording = open_file(site, mappings, what, source)
    warm_kernels()
    return [(site, run(site, mappings, recording, taken))]


def run(site: Site, mappings: dict[str, str], recording: Recording, taken: Taken) -> Iterator[Event]:
    """What a watch says of a recording."""
    from luchtwacht.pipeline import Pipeline
    from luchtwacht.runtime.feed import to_inputs

    pipeline, sequence = Pipeline(site, mappings), 1
    for moment in recording.feed(site).moments():
        inputs = to_inputs(moment, sequence)
        sequence += len(moment.arrivals) + moment.tick
        yield from pipeline.step(inputs)
        taken(moment.time_ns - recording.first_ns, max(recording.last_ns - recording.first_ns, 1))
