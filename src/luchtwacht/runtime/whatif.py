"""What if: a record's inputs through a pipeline that was told something else. The record is never touched.

A what-if is declared (`WhatIf`) and begins where somebody says: at the beginning of the period, or at the snapshot of
the state before a time. From there on it is otherwise; what had been seen until then is known. A site file with other
sources, sensors or tracker cannot go on from what these saw, and begins at the beginning.

People's orders about alerts and tracks are left out, because those are numbered anew; so are zones that people drew,
when the zones are what is changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from luchtwacht.errors import BadInput, BadSnapshot
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
from luchtwacht.model.encoding import decode_event, encode_site
from luchtwacht.model.snapshot import configuration_digest
from luchtwacht.pipeline import Input, Pipeline
from luchtwacht.runtime.recorded import Period, Read, events, inputs
from luchtwacht.runtime.snapshots import Start, nearest_start

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


_MAY_DIFFER = (
    "id", "name", "outputs", "include", "zones", "zone_files", "zones_within_km", "authorisations", "time_zone",
    "snapshot_s", "base_map", "airspace", "alerting", "retention", "sealing",
)  # fmt: skip
"""of a site: what says nothing about what was seen until now"""


class Otherwise:
    """A period of a record under a what-if.

    Args:
        period: of the record.
        what_if: what is otherwise.
        since_ns: from when on (ns UTC, by time of receipt); 0 for the whole period.

    Raises:
        BadInput: a sensor or source that it names is not there, or the sites share no source.
    """

    def __init__(self, period: Period, what_if: WhatIf, since_ns: int = 0) -> None:
        site = what_if.site or period.site
        if what_if.zones is not None:
            site = _with_zones(site, what_if.zones)
        self.site = replace(site, name=f"WHAT-IF ({what_if.sentence()}): {site.name}")
        self._plain = site
        self._what_if, self._period, self._since_ns = what_if, period, since_ns
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

    def start(self, folder: Path) -> Start:
        """Where it begins in the journal in `folder`."""
        if self._since_ns <= self._period.first_ns:
            return Start(self._period, self._pipeline(None), self._period.after, 0, "")
        return nearest_start(folder, self._period, self._since_ns, self._pipeline)

    def _pipeline(self, snapshot: bytes | None) -> Pipeline:
        """A pipeline that was told so, as new or from the state in a snapshot of the record."""
        pipeline = Pipeline(self._plain, self._mappings, silent=self._silent)
        if snapshot is not None:
            same = {name: getattr(self._period.site, name) for name in _MAY_DIFFER}
            recorded = encode_site(self._period.site), self._period.mappings
            if (encode_site(replace(self._plain, **same)), self._mappings) != recorded:
                raise BadSnapshot("the other site file has other sources, sensors or settings of the tracker")
            made_under = configuration_digest(self._period.site, self._period.mappings)
            pipeline.restore_otherwise(snapshot, made_under, keep_zones=self._what_if.zones is None)
        return pipeline

    def inputs(self, read: Read, after: int = -1) -> Iterator[Input]:
        """The record's inputs after input `after`, as far as they mean something here."""
        for each in inputs(read, self._period, after):
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
