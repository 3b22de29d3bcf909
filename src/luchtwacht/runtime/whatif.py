"""What if: a record's inputs through a pipeline that was told something else. The record is never touched.

A what-if is declared (`WhatIf`) and run from the beginning of the period, never from a snapshot: a snapshot holds what
the other configuration saw. People's orders about alerts and tracks are left out, because those are numbered anew; so
are zones that people drew, when the zones are what is changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from luchtwacht.errors import BadInput
from luchtwacht.journal import EntryKind
from luchtwacht.model import (
    Command,
    Event,
    Frames,
    PutAuthorisation,
    PutZone,
    ReportLink,
    Site,
    WithdrawAuthorisation,
    WithdrawZone,
    Zone,
    ZoneChanged,
)
from luchtwacht.model.encoding import decode_event
from luchtwacht.pipeline import Input, Pipeline
from luchtwacht.runtime.recorded import Period, Read, events, inputs

_ZONES = (PutZone, WithdrawZone)
_KEPT = (*_ZONES, PutAuthorisation, WithdrawAuthorisation, ReportLink)
"""orders that mean the same whatever was seen"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """What is otherwise."""

    without: tuple[str, ...] = ()
    """ids of sensors, or of sources with all their sensors, that are taken to have been silent"""
    zones: tuple[Zone, ...] | None = None
    """in the place of all zones, for the whole time; none: as they were"""
    zones_from: str = ""
    """where these zones are from, for people"""
    site: Site | None = None
    """in the place of the site file; none: as it was"""
    mappings: dict[str, str] | None = None
    """of that site"""

    @property
    def declared(self) -> bool:
        """Whether anything is otherwise at all."""
        return bool(self.without) or self.zones is not None or self.site is not None

    def sentence(self) -> str:
        """What is otherwise, for people."""
        parts = [f"under the site file of {self.site.name}"] if self.site else []
        parts += [f"without {', '.join(self.without)}"] if self.without else []
        if self.zones is not None:
            parts.append(f"with the {len(self.zones)} zones of {self.zones_from}")
        return ", ".join(parts)


class Otherwise:
    """A period of a record under a what-if.

    Args:
        period: of the record.
        what_if: what is otherwise.

    Raises:
        BadInput: a sensor or source that it names is not there, or the sites share no source.
    """

    def __init__(self, period: Period, what_if: WhatIf) -> None:
        site = what_if.site or period.site
        if what_if.zones is not None:
            site = _with_zones(site, what_if.zones)
        self.site = replace(site, name=f"WHAT-IF ({what_if.sentence()}): {site.name}")
        self._plain = site
        self._what_if, self._period = what_if, period
        self._mappings = period.mappings if what_if.mappings is None else what_if.mappings
        sources = {source.id: index for index, source in enumerate(site.sources)}
        self._silent_sources = {sources[id] for id in what_if.without if id in sources}
        sensors = {sensor.id: index for index, sensor in enumerate(site.sensors)}
        self._silent = frozenset(sensors[id] for id in what_if.without if id in sensors)
        for source in site.sources:
            own = {index for index, sensor in enumerate(site.sensors) if sensor.source == source.id}
            if own and own <= self._silent:
                self._silent_sources.add(sources[source.id])
        for id in what_if.without:
            if id not in sources and id not in sensors:
                known = ", ".join([*sensors, *(each for each in sources if each not in sensors)])
                raise BadInput(f"there is no sensor or source {id!r}", hint=f"there are {known}")
        self._source = np.array([sources.get(source.id, -1) for source in period.site.sources], np.int64)
        if not (self._source >= 0).any():
            raise BadInput(
                "the site files share no source",
                hint="frames are handed to the source of the same id in the other file",
            )
        self.strange = tuple(source.id for source in period.site.sources if source.id not in sources)
        """sources on record that the other site file does not have"""

    @property
    def mappings(self) -> dict[str, str]:
        """Of the pipeline."""
        return self._mappings

    def pipeline(self) -> Pipeline:
        """A pipeline that was told so."""
        return Pipeline(self._plain, self._mappings, silent=self._silent)

    def inputs(self, read: Read) -> Iterator[Input]:
        """The record's inputs, as far as they mean something here."""
        for each in inputs(read, self._period):
            if isinstance(each, Frames):
                if len(frames := self._frames(each)):
                    yield frames
            elif not isinstance(each, Command) or self._means_the_same(each):
                yield each

    def _frames(self, frames: Frames) -> Frames:
        source = self._source[frames.source]
        wanted = (source >= 0) & ~np.isin(source, list(self._silent_sources))
        if wanted.all() and (source == frames.source).all():
            return frames
        rows = np.flatnonzero(wanted)
        payloads = frames.payloads()
        return Frames.of(
            [payloads[row] for row in rows.tolist()],
            sequence=frames.sequence[rows],
            source=source[rows],
            received_ns=frames.received_ns[rows],
        )

    def _means_the_same(self, command: Command) -> bool:
        zones_hold = self._what_if.zones is None or not isinstance(command.order, _ZONES)
        return isinstance(command.order, _KEPT) and zones_hold


def _with_zones(site: Site, zones: tuple[Zone, ...]) -> Site:
    """The site with these zones and no others; permissions for zones that are gone are for nothing."""
    known = {zone.id for zone in zones}
    authorisations = [
        replace(each, zones=tuple(zone for zone in each.zones if zone in known)) for each in site.authorisations
    ]
    kept = tuple(each for each in authorisations if each.zones or each.volumes)
    return replace(site, zones=zones, authorisations=kept)


def zones_at(read: Read, found: list[Period], time_ns: int) -> tuple[Zone, ...]:
    """The zones that a watch knew at a time of its record, those that did not hold just then included.

    Raises:
        BadInput: the record holds nothing of that time.
    """
    period = next((each for each in reversed(found) if each.first_ns <= time_ns), None)
    if period is None:
        raise BadInput("the record begins later than the time whose zones are asked for")
    zones = {zone.id: zone for zone in period.site.zones}
    for entry in events(read, period):
        if entry.kind is EntryKind.EVENT and b"ZoneChanged" in entry.data[:32]:
            change: Event = decode_event(entry.data)
            assert isinstance(change, ZoneChanged)
            if change.time_ns > time_ns:
                break
            if change.zone is None:
                zones.pop(change.id, None)
            else:
                zones[change.id] = change.zone
    return tuple(zones[id] for id in sorted(zones))
