"""How what an aircraft says stands beside what the sensors saw.

| verdict | when |
|---|---|
| consistent | a sensor track is where the claims say |
| contradicted | no track is there although radars that cover the place should have seen it eight times over, or the claimed motion cannot be, or the same id is heard from two places at once |
| unchecked | otherwise |

A contradicted story never gives a category, an authorisation or anything else that could keep an alert away.
"""  # noqa: E501

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from luchtwacht.identity.coverage import Uptime, anything_near, coverages
from luchtwacht.identity.story import Stories, Story
from luchtwacht.model import ClaimVerdict, Site, Tracks
from luchtwacht.model.state import copied
from luchtwacht.units import SECOND_NS

SUPPORT, NO_SUPPORT = 0.5, 0.3
"""a story is supported from the first probability on, until it falls below the second"""
EXPECTED = 8.0
"""detections that should have been: with so many expected, fewer than three come by chance once in 70 (Poisson)"""
FRESH_S = 2.0
"""a story without a claim for this long says nothing of where the aircraft is now"""
FADE_S = 30.0
"""what was expected is forgotten in this time once the story has left the coverage"""


@dataclass(slots=True)
class _Standing:
    """What speaks for and against one story."""

    supported: bool = False
    expected: float = 0.0
    """detections that should have been and led to no track"""
    contradicted: bool = False
    time_ns: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictsState:
    """What speaks for and against every story, and which sensors were at work."""

    standings: dict[int, _Standing]
    uptime: list[int | None]


class Verdicts:
    """The standing of every story."""

    def __init__(self, site: Site) -> None:
        self._coverages = coverages(site)
        self._uptime = Uptime(site)
        self._standings: dict[int, _Standing] = {}

    def state(self) -> VerdictsState:
        """How every story stands."""
        return VerdictsState(standings=copied(self._standings), uptime=self._uptime.state())

    def restore(self, state: VerdictsState) -> None:
        """Go on from what `state` gave."""
        self._standings = copied(state.standings)
        self._uptime.restore(state.uptime)

    def step(
        self,
        time_ns: int,
        stories: Stories,
        support: dict[int, float],
        tracks: Tracks,
        sensors_up: NDArray[np.bool_] | None,
    ) -> None:
        """Weigh every story again.

        Args:
            support: probability, by story, that one of the confirmed or coasted tracks is it.
            tracks: every track, tentative ones too.
            sensors_up: (sensors,) known to be at work; none: those that contribute to tracks.
        """
        up = self._uptime.step(time_ns, tracks)
        if sensors_up is not None:
            up = sensors_up
        for story in stories:
            standing = self._standings.setdefault(story.number, _Standing())
            probability = support.get(story.number, 0.0)
            standing.supported = probability >= (NO_SUPPORT if standing.supported else SUPPORT)
            self._expect(time_ns, story, standing, tracks, up)
        known = {story.number for story in stories}
        for number in [each for each in self._standings if each not in known]:
            del self._standings[number]
        for story in stories:
            standing = self._standings[story.number]
            standing.contradicted = not standing.supported and (
                standing.expected >= (EXPECTED / 2.0 if standing.contradicted else EXPECTED)
                or story.impossible(time_ns)
                or bool(stories.rivals(story, time_ns))
            )

    def supported(self, story: Story) -> bool:
        """Whether a measured track stands behind it."""
        return self._standings[story.number].supported

    def of(self, story: Story) -> ClaimVerdict:
        """The verdict on a story's claims."""
        standing = self._standings[story.number]
        if standing.supported:
            return ClaimVerdict.CONSISTENT
        return ClaimVerdict.CONTRADICTED if standing.contradicted else ClaimVerdict.UNCHECKED

    def _expect(self, time_ns: int, story: Story, standing: _Standing, tracks: Tracks, up: NDArray[np.bool_]) -> None:
        elapsed = (time_ns - standing.time_ns) / SECOND_NS if standing.time_ns >= 0 else 0.0
        standing.time_ns = time_ns
        if standing.supported:
            standing.expected = 0.0
            return
        if time_ns - story.time_ns > FRESH_S * SECOND_NS:
            return
        place, sigma = story.place(time_ns), story.sigma()
        rate = sum(
            each.expects(place, story.velocity, sigma) / each.sensor.period_s
            for each in self._coverages
            if up[each.index]
        )
        if rate == 0.0:
            standing.expected *= float(np.exp(-elapsed / FADE_S))
        elif not anything_near(story, tracks, time_ns):
            standing.expected += rate * elapsed
