"""Whose claims a track's are, said of steps that nothing late can change any more.

Registration learns from claims, and what it learns moves the tracks. So that tracks do not depend on the order in
which reports came, it must not depend on it either: it is fed, in order of event time, with what the tracker will not
take back, and this is the identification of that. Claims and tracks are weighed as in the correlator, from the same
evidence; verdicts on what is improbable, permissions, and tracks of claims alone are left out: nobody asks for them.
"""

from __future__ import annotations

from dataclasses import dataclass

from luchtwacht.identity.correlation import Pair, Pairs
from luchtwacht.identity.story import Stories, StoriesState
from luchtwacht.model import Claims, Tracks, TrackStatus

SURE = 0.9
"""probability from which claims are a track's. More than half, so a track that is shown supports them: their verdict
would be `ClaimVerdict.CONSISTENT`"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HindsightState:
    """What was known of claims when nothing late could change it any more."""

    stories: StoriesState
    pairs: dict[int, dict[int, Pair]]


class Hindsight:
    """Claims against tracks, in order of event time."""

    def __init__(self) -> None:
        self._stories = Stories()
        self._pairs = Pairs()

    def state(self) -> HindsightState:
        """What is known."""
        return HindsightState(stories=self._stories.state(), pairs=self._pairs.state())

    def restore(self, state: HindsightState) -> None:
        """Go on from what `state` gave."""
        self._stories.restore(state.stories)
        self._pairs.restore(state.pairs)

    def step(self, time_ns: int, tracks: Tracks, claims: Claims) -> dict[int, int]:
        """Take in one step.

        Args:
            time_ns: ns UTC, later than that of the step before.
            tracks: that lived at `time_ns`, tentative ones too.
            claims: made since the step before, in order of time.

        Returns:
            by number, of tracks confirmed or coasted, the `Claims.id` of the latest of the claims that surely are its.
        """
        for row in range(len(claims)):
            story = self._stories.tell(claims, row)
            if story is not None and story.claim == int(claims.id[row]):
                self._pairs.weigh(story, tracks)
        self._stories.forget(time_ns)
        self._pairs.keep({story.number for story in self._stories}, set(tracks.track.tolist()))
        shown = (tracks.status == TrackStatus.CONFIRMED) | (tracks.status == TrackStatus.COASTED)
        asked = set(tracks.track[shown].tolist())
        beliefs = self._pairs.probabilities(time_ns, len(tracks))
        return {
            track: self._stories.numbered(story).claim
            for (story, track), probability in beliefs.items()
            if probability >= SURE and track in asked
        }
