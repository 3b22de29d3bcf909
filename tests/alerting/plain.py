"""Plainly invented tracks, identities and findings, and a book that is fed with them second by second."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from luchtwacht.alerting import AlertBook
from luchtwacht.model import (
    Alert,
    AlertingSettings,
    Associations,
    ClaimVerdict,
    Command,
    Findings,
    Identities,
    Place,
    Site,
    Tracks,
    TrackStatus,
)
from luchtwacht.units import SECOND_NS


def a_site(**changes: Any) -> Site:
    return Site(
        id="test",
        name="",
        origin=Place(latitude=52.0, longitude=5.0),
        sources=(),
        sensors=(),
        alerting=AlertingSettings(**{"sure_s": 0.0} | changes),
    )


@dataclass
class Seen:
    """A track in one step, and how it stands to zones."""

    track: int
    zones: dict[str, dict[str, float]] = field(default_factory=dict)
    x: tuple[float, ...] = (0.0, 0.0, 50.0, 0.0, 0.0, 0.0)
    sigma: float = 10.0
    status: TrackStatus = TrackStatus.CONFIRMED
    aircraft_id: str = ""
    verdict: ClaimVerdict = ClaimVerdict.NONE


INSIDE = {"probability_inside": 0.99, "probability_entry": 0.99, "time_to_entry": 0.0, "distance": -50.0}
ENTERING = {"probability_inside": 0.05, "probability_entry": 0.95, "time_to_entry": 8.0, "distance": 80.0}
OUTSIDE = {"probability_inside": 0.0, "probability_entry": 0.1, "time_to_entry": np.nan, "distance": 400.0}
PERMITTED = INSIDE | {"probability_permitted": 0.97}
BIRD = INSIDE | {"probability_uas": 0.2}


class Night:
    """A book and the time it is."""

    def __init__(self, **settings: Any) -> None:
        self.book = AlertBook(a_site(**settings))
        self.seconds = 0
        self.sequence = 0

    @property
    def time_ns(self) -> int:
        return self.seconds * SECOND_NS

    def step(self, *seen: Seen, seconds: int = 1) -> tuple[Alert, ...]:
        """`seconds` steps of a second each; what changed in any of them."""
        changed: list[Alert] = []
        for _ in range(seconds):
            self.seconds += 1
            changed += self.book.step(self.time_ns, *self._stage(seen))
        return tuple(changed)

    def order(self, order: Any, actor: str = "watch-1") -> Alert:
        self.sequence += 1
        return self.book.obey(Command(sequence=self.sequence, received_ns=self.time_ns, actor=actor, order=order))

    def alert(self, number: int = 1) -> Alert:
        return self.book.alerts[number - 1]

    def _stage(self, seen: tuple[Seen, ...]) -> tuple[Tracks, Identities, Findings, Associations]:
        count = len(seen)
        tracks = Tracks.unknown(
            count,
            track=[each.track for each in seen],
            time_ns=self.time_ns,
            started_ns=5 * SECOND_NS // 10,
            confirmed_ns=SECOND_NS,
            updated_ns=self.time_ns,
            status=[int(each.status) for each in seen],
            x=np.array([each.x for each in seen]).reshape(count, 6),
            P=np.array([np.eye(6) * each.sigma**2 for each in seen]).reshape(count, 6, 6),
        )
        identities = Identities.unknown(
            count,
            track=[each.track for each in seen],
            time_ns=self.time_ns,
            aircraft_id=np.array([each.aircraft_id for each in seen], dtype="U40"),
            probability=[0.9 if each.aircraft_id else np.nan for each in seen],
            claim_verdict=[int(each.verdict) for each in seen],
            category_probability=np.tile([0.9, 0.05, 0.03, 0.01, 0.01], (count, 1)),
        )
        rows = [(each.track, zone, figures) for each in seen for zone, figures in sorted(each.zones.items())]
        known = {"probability_uas": 0.95, "probability_permitted": 0.0}
        figures = {
            name: np.array([(known | figure)[name] for _, _, figure in rows], dtype=np.float64)
            for name in (*INSIDE, *known)
        }
        findings = Findings.unknown(
            len(rows),
            track=[track for track, _, _ in rows],
            zone=np.array([zone for _, zone, _ in rows], dtype="U40"),
            time_ns=self.time_ns,
            **figures,
        )
        associations = Associations.unknown(
            count,
            track=[each.track for each in seen],
            time_ns=self.time_ns,
            detection=[1000 * each.track + self.seconds for each in seen],
            probability=0.9,
        )
        return tracks, identities, findings, associations
