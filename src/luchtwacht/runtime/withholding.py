"""Keeping a secret in what is handed out: which entries and pieces are not shown, and a search for what is left of it.

Pieces that were sealed apart go one by one. Bytes as received go whole where they may say the same: what a sensor with
a secret place measured gives the place away beside the tracks, and what aircraft broadcast names operators and pilots.
Then everything else that would be shown is searched for every way in which the secret may be written; an entry in which
it is found is not shown either.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterable, Iterator
from math import radians

import msgspec
import numpy as np

from luchtwacht.errors import BadInput
from luchtwacht.journal import Answer, Entry, EntryKind
from luchtwacht.journal.entry import decode_note, rest_of
from luchtwacht.model import CLAIM_RECEIVERS, Site
from luchtwacht.model.delicate import (
    NAMES,
    PERSONAL,
    Delicate,
    command_pieces,
    event_pieces,
    personal_sources,
    site_pieces,
)
from luchtwacht.model.encoding import decode_site
from luchtwacht.units import DEGREE

FRAMES = "frames:"
"""and the id of a source: what came from it"""
_BY_NAME = {name: what for what, name in NAMES.items()}
_PIECES: dict[EntryKind, Callable[[bytes], tuple[tuple[int, int, int], ...]]] = {
    EntryKind.SITE: site_pieces,
    EntryKind.COMMAND: command_pieces,
    EntryKind.EVENT: event_pieces,
}
_SHORTEST_TEXT, _SHORTEST_NUMBER = 4, 6


class Withholder:
    """Answers for each entry what of it is not to be shown. Is asked in the order of the record.

    Args:
        site: the configuration at the end of the record: names of sources are looked up in it.
        wanted: what to withhold: `sensor-place`, `pilot-position`, `operator-id`, `actor`, `frames:<source id>`.

    Raises:
        BadInput: something else is wanted.
    """

    def __init__(self, site: Site, wanted: Iterable[str]) -> None:
        self._kinds: set[Delicate] = set()
        self._sources: set[str] = set()
        ids = [each.id for each in site.sources]
        for name in wanted:
            if name in _BY_NAME:
                self._kinds.add(_BY_NAME[name])
            elif name.startswith(FRAMES) and name.removeprefix(FRAMES) in ids:
                self._sources.add(name.removeprefix(FRAMES))
            else:
                known = ", ".join([*_BY_NAME, *(FRAMES + each for each in ids)])
                raise BadInput(f"nothing is known as {name!r} that could be withheld", hint=f"one of {known}")
        self._site = site
        self._hidden_sources = self._hide_sources(site)
        self._search: re.Pattern[bytes] | None = None

    def read(self, entries: Iterable[Entry]) -> None:
        """Learn the secrets: every value that will be withheld, in every way it may be written elsewhere."""
        found: set[bytes] = set()
        site = self._site
        for entry in entries:
            if entry.kind is EntryKind.SITE:
                site = _site(entry) or site
            for start, length, what in _delicate(entry):
                if what in self._kinds:
                    found.update(_written(entry.data[start : start + length], Delicate(what), entry.kind, site))
        longest_first = sorted(found, key=lambda each: (-len(each), each))
        self._search = re.compile(b"|".join(map(re.escape, longest_first)), re.DOTALL) if found else None

    def answer(self, entry: Entry) -> Answer:
        """What of an entry is not to be shown, as `write_bundle` asks."""
        if entry.kind is EntryKind.SITE:
            self._hidden_sources = self._hide_sources(_site(entry) or self._site)
        if entry.kind is EntryKind.FRAME and entry.source in self._hidden_sources:
            return self._hidden_sources[entry.source]
        if entry.kind is EntryKind.SNAPSHOT and self._kinds:
            return NAMES[min(self._kinds)]
        if entry.kind is EntryKind.NOTE and Delicate.ACTOR in self._kinds and decode_note(entry.data).get("by"):
            return NAMES[Delicate.ACTOR]  # who held, deleted or exported something
        apart = {piece[:2] for piece in entry.pieces}
        for start, length, what in _delicate(entry):
            if what in self._kinds and (start, length) not in apart:
                return NAMES[Delicate(what)]  # recorded before it was known to be delicate: only whole
        pieces = {
            number: NAMES[Delicate(what)] for number, (_, _, what) in enumerate(entry.pieces) if what in self._kinds
        }
        if self._search and self._search.search(_shown(entry, set(pieces))):
            return NAMES[min(self._kinds)]
        return pieces or None

    def _hide_sources(self, site: Site) -> dict[int, str]:
        """The sources whose bytes are not shown, each with why."""
        measuring = {each.source for each in site.sensors if each.kind not in CLAIM_RECEIVERS}
        persons = personal_sources(site)
        hidden: dict[int, str] = {}
        for number, source in enumerate(site.sources):
            if source.id in self._sources:
                hidden[number] = FRAMES + source.id
            elif number in persons and self._kinds & PERSONAL:
                hidden[number] = NAMES[min(self._kinds & PERSONAL)]
            elif source.id in measuring and Delicate.SENSOR_PLACE in self._kinds:
                hidden[number] = NAMES[Delicate.SENSOR_PLACE]
        return hidden


def _site(entry: Entry) -> Site | None:
    try:
        return decode_site(entry.data)
    except msgspec.ValidationError:
        return None


def _delicate(entry: Entry) -> tuple[tuple[int, int, int], ...]:
    """The delicate parts of an entry by what is known now, sealed apart or not."""
    find = _PIECES.get(entry.kind)
    return find(entry.data) if find else ()


def _shown(entry: Entry, hidden: set[int]) -> bytes:
    """What is left of an entry's data."""
    kept = tuple(piece for number, piece in enumerate(entry.pieces) if number in hidden)
    return rest_of(Entry(entry.kind, entry.sequence, entry.time_ns, entry.source, entry.data, kept))


# --------------------------------------------------------------------------- every way in which a secret may be written


def _written(piece: bytes, what: Delicate, kind: EntryKind, site: Site) -> Iterator[bytes]:
    value = msgspec.json.decode(piece) if kind is EntryKind.SITE else msgspec.msgpack.decode(piece)
    match value:
        case {"latitude": float() | int(), "longitude": float() | int()}:
            yield from places(float(value["latitude"]), float(value["longitude"]))
        case str():
            yield from texts(value)
        case bytes() if what is Delicate.PILOT_POSITION:
            rows = np.frombuffer(value, dtype="<f8").reshape(-1, 3)
            for east, north, up in rows[np.isfinite(rows[:, :2]).all(axis=1)].tolist():
                yield struct.pack("<dd", east, north)
                there = site.frame.from_enu([east, north, up if np.isfinite(up) else 0.0])
                yield from places(float(there[0]) / DEGREE, float(there[1]) / DEGREE)
        case bytes() if what is Delicate.OPERATOR_ID:
            for text in np.frombuffer(value, dtype="<U24").tolist():
                yield from texts(text)


def texts(text: str) -> Iterator[bytes]:
    """A text in the encodings that events and frames use."""
    if len(text) >= _SHORTEST_TEXT:
        yield from (text.encode("utf-8"), text.encode("utf-32-le"), text.encode("utf-16-le"), text.encode("utf-16-be"))


def places(latitude: float, longitude: float) -> Iterator[bytes]:
    """A place (degrees) as floats, as the scaled integers of ASTERIX and Remote ID, and as text."""
    for degrees in (latitude, longitude):
        for value in (degrees, radians(degrees)):
            yield from (each for order in "<>" if (each := struct.pack(f"{order}d", value)).count(0) < 5)
            yield from (each for order in "<>" if (each := struct.pack(f"{order}f", value)).count(0) < 2)
        for scale in (1e7, 2**31 / 180, 2**30 / 180, 2**25 / 180):
            for near in (-1, 0, 1):
                whole = round(degrees * scale) + near
                if -(2**31) <= whole < 2**31:
                    yield from (each for order in "<>" if (each := struct.pack(f"{order}i", whole)).count(0) < 2)
        exact = repr(degrees)
        cut = {f"{degrees:.{digits}f}" for digits in (5, 6, 7)} | {f"{degrees:.12f}"[: exact.index(".") + 6]}
        yield from (each.encode() for each in sorted(cut | {exact}) if len(each) >= _SHORTEST_NUMBER)
    pair = b""
    for degrees in (latitude, longitude):
        pair += round(degrees * 2**23 / 180).to_bytes(3, "big", signed=True)
    yield pair  # I034/120, I129 and others: 24 bits each
