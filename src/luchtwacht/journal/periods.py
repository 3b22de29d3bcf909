"""Periods: which inputs of a record ran under which configuration.

A run opens with its configuration. When that equals the one before, the run went on where the other ended, and the two
are one period; when it differs, a new pipeline began, and so does a new period. A run without inputs is no period.
"""

from __future__ import annotations

from dataclasses import dataclass

from luchtwacht.journal.entry import INPUTS, Entry, EntryKind, decode_mapping, encode_mapping

Configuration = tuple[bytes, ...]
"""data of the `site` entry, then of the `mapping` entries"""

CONFIGURATION = (EntryKind.SITE, EntryKind.MAPPING)


def configuration(site: bytes, mappings: dict[str, str]) -> Configuration:
    """What a run under these opens with; `site` as `encode_site` gives it."""
    return (site, *(encode_mapping(name, text) for name, text in sorted(mappings.items())))


def mappings_of(opened_with: Configuration) -> dict[str, str]:
    """The mappings in a configuration; `msgspec.ValidationError` when they are none."""
    return dict(decode_mapping(data) for data in opened_with[1:])


@dataclass(slots=True)
class Span:
    """A period as far as it was read."""

    configuration: Configuration
    after: int
    """sequence of the last input before it"""
    first: int
    """sequence of its first input here"""
    last: int
    first_ns: int
    last_ns: int
    """ns UTC, the latest"""
    opened: bool = True
    """false when it was running before the first entry that was read"""
    inputs: int = 0


class Periods:
    """Is told entries in order; knows the periods.

    Args:
        running: the configuration in force before the first entry, where that is known.
    """

    def __init__(self, running: Configuration | None = None) -> None:
        self.found: list[Span] = []
        self._running = running
        self._opening: list[bytes] = []
        self._before = 0

    def take(self, entry: Entry) -> Span | None:
        """The period that an input belongs to; none for other entries, and for inputs under no configuration."""
        if entry.kind is EntryKind.SITE:
            self._opening, self._before = [entry.data], entry.sequence
        elif entry.kind is EntryKind.MAPPING:
            self._opening.append(entry.data)
        elif entry.kind in INPUTS:
            return self.take_run(entry.sequence, entry.sequence, entry.time_ns, entry.time_ns)
        return None

    def take_run(self, first: int, last: int, first_ns: int, last_ns: int) -> Span | None:
        """The same for a run of inputs between which there is no configuration."""
        opening, self._opening = tuple(self._opening), []
        begins = bool(opening) and opening != self._running
        if begins or (self._running is not None and not self.found):
            self._running = opening or self._running
            assert self._running is not None
            after = self._before if begins else first - 1
            self.found.append(Span(self._running, after, first, last, first_ns, last_ns, opened=begins))
        if not self.found:
            return None
        span = self.found[-1]
        span.last, span.last_ns = last, max(span.last_ns, last_ns)
        span.inputs += last - first + 1
        return span
