"""Tracks that rest on nothing but what an aircraft says of itself.

One per story that no measured track supports, so that an aircraft which only claims is on the map, against the zones
and, when it is contradicted, before somebody's eyes. Numbers are negative and never used again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from luchtwacht.identity.story import Story
from luchtwacht.model import Associations, Basis, Claims, Site, Tracks, TrackStatus
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


class ClaimedTracks:
    """The tracks made of claims."""

    def __init__(self, site: Site) -> None:
        self._ground_up = site.ground_up
        self._kept: dict[int, _Kept] = {}
        self._next = -1

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
        tracks = Tracks.concatenate([self._track(time_ns, *each, contradicted) for each in rows])
        return tracks, {kept.track: kept.story for kept, status in rows if status is not TrackStatus.TERMINATED}

    def _track(self, time_ns: int, kept: _Kept, status: TrackStatus, contradicted: set[int]) -> Tracks:
        story = kept.story
        age = (time_ns - story.time_ns) / SECOND_NS
        velocity = np.nan_to_num(story.velocity)
        x = np.concatenate([story.position + age * velocity, velocity])
        moving = np.where(np.isnan(story.velocity), UNKNOWN_SPEED_SIGMA_M_S, SPEED_SIGMA_M_S) ** 2
        P = np.zeros((6, 6))
        P[:3, :3] = np.nan_to_num(story.covariance)
        P[range(3), range(3)] = np.maximum(np.diag(P)[:3], LEAST_SIGMA_M**2) + age**2 * moving
        P[range(3), range(3, 6)] = P[range(3, 6), range(3)] = age * moving
        P[range(3, 6), range(3, 6)] = moving
        if np.isnan(x[2]):
            x[2], x[5] = self._ground_up, 0.0
            P[2, :], P[:, 2] = 0.0, 0.0
            P[2, 2] = UNKNOWN_HEIGHT_SIGMA_M**2
        return Tracks.unknown(
            1,
            track=kept.track,
            time_ns=time_ns,
            started_ns=kept.started_ns,
            confirmed_ns=story.second_ns,
            updated_ns=story.time_ns,
            status=int(status),
            basis=int(Basis.CLAIMED),
            x=x,
            P=P,
            existence=EXISTENCE_CONTRADICTED if story.number in contradicted else EXISTENCE,
            updates=story.claims,
            sensors=story.receivers,
            category_probability=np.full(5, 0.2),
        )


def associations_of(claims: Claims, told: list[Story], stories: dict[int, Story]) -> Associations:
    """Which claims of this step made which claimed track.

    Args:
        told: the story of each row of `claims`.
        stories: by live claimed track.
    """
    track_of = {story.number: track for track, story in stories.items()}
    used = sorted(
        (track_of[story.number], int(claims.time_ns[row]), int(claims.id[row]))
        for row, story in enumerate(told)
        if story.number in track_of
    )
    columns = np.array(used, dtype=np.int64).reshape(-1, 3)
    return Associations(
        track=columns[:, 0], time_ns=columns[:, 1], detection=columns[:, 2], probability=np.ones(len(columns))
    )
