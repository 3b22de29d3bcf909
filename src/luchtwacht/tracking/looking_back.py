"""Everything that was said of tracks, with each track as it is known now that all of it was seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from luchtwacht.errors import BadInput
from luchtwacht.model import Associations, Basis, Detected, Detections, Event, Ints, Site, Tracked, Tracks, TrackStatus
from luchtwacht.tracking.smoothing import LEAST_PROBABILITY, smooth
from luchtwacht.tracking.tracker import UNKNOWN_HEIGHT_VARIANCE

LEAST_DETECTIONS = 3


def looking_back(site: Site, events: Iterable[Event]) -> Iterator[Event]:
    """The same events, with what was said of measured tracks at the time left out; at the end every confirmed track,
    smoothed over all its detections (`smoothing.smooth`), a row a detection.

    A track of fewer than `LEAST_DETECTIONS`, or that one direction finder alone made, cannot be smoothed and is left
    out.
    """
    seen: list[Detections] = []
    used: list[Associations] = []
    last: dict[int, Tracks] = {}
    ended_ns = 0
    for event in events:
        ended_ns = max(ended_ns, event.time_ns)
        match event:
            case Detected():
                seen.append(event.detections)
                yield event
            case Tracked():
                used.append(event.associations)
                confirmed = (event.tracks.confirmed_ns >= 0) & (event.tracks.basis == Basis.MEASURED)
                tracks = event.tracks.take(confirmed)
                last.update({number: tracks.take([place]) for place, number in enumerate(tracks.track.tolist())})
            case _:
                yield event
    detections, pairs = Detections.concatenate(seen), Associations.concatenate(used)
    order = np.argsort(detections.id, kind="stable")
    for number in sorted(last):
        rows = _rows(detections, order, pairs, number)
        if len(rows) >= LEAST_DETECTIONS:
            try:
                made = _tracks(last[number], rows, site)
            except BadInput:
                continue
            yield Tracked(time_ns=ended_ns, tracks=made, associations=Associations.empty())


def _rows(detections: Detections, order: Ints, pairs: Associations, number: int) -> Detections:
    """The detections of one track; a later row for a pair replaces an earlier one."""
    mine = pairs.take(pairs.track == number)
    _, latest = np.unique(mine.detection[::-1], return_index=True)
    mine = mine.take(len(mine) - 1 - latest)
    ids = mine.detection[mine.probability >= LEAST_PROBABILITY]
    at = np.minimum(np.searchsorted(detections.id, ids, sorter=order), max(len(order) - 1, 0))
    found = order[at] if len(order) else at
    return detections.take(found[detections.id[found] == ids]) if len(order) else detections


def _tracks(last: Tracks, rows: Detections, site: Site) -> Tracks:
    """One track at each of its detections."""
    seen = smooth(rows, site)
    n = len(seen.time_ns)
    P = seen.P.copy()
    if not seen.height_measured:
        P[:, 2, 2] = np.maximum(P[:, 2, 2], UNKNOWN_HEIGHT_VARIANCE)
    return Tracks.unknown(
        n, track=last.track[0], time_ns=seen.time_ns, started_ns=last.started_ns[0], confirmed_ns=last.confirmed_ns[0],
        updated_ns=seen.time_ns, status=int(TrackStatus.CONFIRMED), basis=int(Basis.MEASURED), x=seen.x, P=P,
        existence=last.existence[0], updates=np.arange(1, n + 1), sensors=1 << seen.sensor,
        rcs_dbsm=last.rcs_dbsm[0], category_probability=last.category_probability[0],
    )  # fmt: skip
