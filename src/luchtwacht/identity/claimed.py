"""Tracks that rest on nothing but what an aircraft says of itself.

One per story that no measured track supports, so that an aircraft which only claims is on the map, against the zones
and, when it is contradicted, before somebody's eyes. Numbers are negative and never used again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from luchtwacht.identity.story import Stories, Story
from luchtwacht.model import Associations, Basis, Claims, Site, Tracks, TrackStatus
from luchtwacht.model.sight import ground_up
from luchtwacht.units import SECOND_NS

CONFIRM_CLAIMS = 2
COAST_S = 5.0
TERMINATE_S = 15.0
UNKNOWN_HEIGHT_SIGMA_M = 3_000.0
SPEED_SIGMA_M_S = 1.5
"""of a claimed velocity"""
UNKNOWN_SPEED_SIGMA_M_S = 10.0
LEAST_SIGMA_M = 1.0
EXISTENCE, EXISTENCE_CONTRADICTED = 0.5, 0.05
"""nothing was measured; and where something should have been"""


@dataclass(slots=True)
class _Kept:
    """A track and the story it stands for."""

    track: int
    story: Story
    started_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedState:
    """The tracks made of claims."""

    kept: list[tuple[int, int, int]]
    """track, number of its story, ns UTC since when"""
    next: int


class ClaimedTracks:
    """The tracks made of claims."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._kept: dict[int, _Kept] = {}
        self._next = -1

    def state(self) -> ClaimedState:
        """Which track stands for which story; between two steps every such story goes on."""
        kept = [(each.track, number, each.started_ns) for number, each in self._kept.items()]
        return ClaimedState(kept=kept, next=self._next)

    def restore(self, state: ClaimedState, stories: Stories) -> None:
        """Go on from what `state` gave, beside those `stories`."""
        self._kept = {
            number: _Kept(track, stories.numbered(number), started_ns) for track, number, started_ns in state.kept
        }
        self._next = state.next

    def step(
        self, time_ns: int, unsupported: dict[int, Story], contradicted: set[int]
    ) -> tuple[Tracks, dict[int, Story]]:
        """The claimed tracks at `time_ns`, those that ended in this step included, and the story of each live one.

        Args:
            unsupported: stories without a measured track, by number.
            contradicted: the numbers of those that are contradicted.
        """
        for number, story in unsupported.items():
            silent = time_ns - story.time_ns > TERMINATE_S * SECOND_NS
            if number not in self._kept and not silent:
                self._kept[number] = _Kept(self._next, story, story.first_ns)
                self._next -= 1
        rows: list[tuple[_Kept, TrackStatus]] = []
        for number, kept in list(self._kept.items()):
            age = time_ns - kept.story.time_ns
            ended = number not in unsupported or age > TERMINATE_S * SECOND_NS
            if ended:
                del self._kept[number]
                status = TrackStatus.TERMINATED
            elif kept.story.claims < CONFIRM_CLAIMS:
                status = TrackStatus.TENTATIVE
            else:
                status = TrackStatus.COASTED if age > COAST_S * SECOND_NS else TrackStatus.CONFIRMED
            rows.append((kept, status))
        rows.sort(key=lambda each: each[0].track)
        tracks = self._tracks(time_ns, rows, contradicted)
        return tracks, {kept.track: kept.story for kept, status in rows if status is not TrackStatus.TERMINATED}

    def _tracks(self, time_ns: int, rows: list[tuple[_Kept, TrackStatus]], contradicted: set[int]) -> Tracks:
        """Every story's latest claim, flown on to `time_ns`."""
        if not rows:
            return Tracks.empty()
        count, stories = len(rows), [kept.story for kept, _ in rows]
        age = np.array([(time_ns - story.time_ns) / SECOND_NS for story in stories])
        claimed = np.stack([story.velocity for story in stories])
        velocity = np.nan_to_num(claimed)
        position = np.stack([story.position for story in stories]) + age[:, None] * velocity
        moving = np.where(np.isnan(claimed), UNKNOWN_SPEED_SIGMA_M_S, SPEED_SIGMA_M_S) ** 2
        P = np.zeros((count, 6, 6))
        P[:, :3, :3] = np.nan_to_num(np.stack([story.covariance for story in stories]))
        place, rate = np.arange(3), np.arange(3, 6)
        P[:, place, place] = np.maximum(P[:, place, place], LEAST_SIGMA_M**2) + age[:, None] ** 2 * moving
        P[:, place, rate] = P[:, rate, place] = age[:, None] * moving
        P[:, rate, rate] = moving
        unknown = np.isnan(position[:, 2])
        position[unknown, 2], velocity[unknown, 2] = self._site.ground_up, 0.0
        position[unknown, 2] = ground_up(self._site, position[unknown])
        P[unknown, 2, :], P[unknown, :, 2] = 0.0, 0.0
        P[unknown, 2, 2] = UNKNOWN_HEIGHT_SIGMA_M**2
        return Tracks.unknown(
            count,
            track=[kept.track for kept, _ in rows],
            time_ns=time_ns,
            started_ns=[kept.started_ns for kept, _ in rows],
            confirmed_ns=[story.second_ns for story in stories],
            updated_ns=[story.time_ns for story in stories],
            status=[int(status) for _, status in rows],
            basis=int(Basis.CLAIMED),
            x=np.concatenate([position, velocity], axis=1),
            P=P,
            existence=[EXISTENCE_CONTRADICTED if story.number in contradicted else EXISTENCE for story in stories],
            updates=[story.claims for story in stories],
            sensors=[story.receivers for story in stories],
            category_probability=np.full(5, 0.2),
        )


def associations_of(claims: Claims, told: list[Story | None], stories: dict[int, Story]) -> Associations:
    """Which claims of this step made which claimed track.

    Args:
        told: the story of each row of `claims`, where it has one.
        stories: by live claimed track.
    """
    track_of = {story.number: track for track, story in stories.items()}
    used = sorted(
        (track_of[story.number], int(claims.time_ns[row]), int(claims.id[row]))
        for row, story in enumerate(told)
        if story is not None and story.number in track_of
    )
    columns = np.array(used, dtype=np.int64).reshape(-1, 3)
    return Associations(
        track=columns[:, 0], time_ns=columns[:, 1], detection=columns[:, 2], probability=np.ones(len(columns))
    )
