"""The stage of identification: whose claims a track's are, what it is, and what it may do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from luchtwacht.identity.authorisation import UNCHECKED, Authorisations, AuthorisationsState, Match
from luchtwacht.identity.claimed import ClaimedState, ClaimedTracks, associations_of
from luchtwacht.identity.classification import weigh
from luchtwacht.identity.correlation import Pair, Pairs
from luchtwacht.identity.story import Stories, StoriesState, Story
from luchtwacht.identity.verdict import Verdicts, VerdictsState
from luchtwacht.model import (
    Associations,
    Authorisation,
    Claims,
    ClaimVerdict,
    Identities,
    Site,
    Tracks,
    TrackStatus,
    Zone,
)
from luchtwacht.model.batch import Words

WORTH_NAMING = 0.2
"""a claim less probably the track's than this is not shown with it"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrelatorState:
    """What is known of claims and permissions."""

    stories: StoriesState
    pairs: dict[int, dict[int, Pair]]
    verdicts: VerdictsState
    claimed: ClaimedState
    authorisations: AuthorisationsState


class Correlator:
    """Claims against tracks."""

    def __init__(self, site: Site) -> None:
        """Raises:
        BadConfiguration: an authorisation of the site cannot be, or two have the same id.
        """
        self._stories = Stories()
        self._pairs = Pairs()
        self._verdicts = Verdicts(site)
        self._claimed = ClaimedTracks(site)
        self._authorisations = Authorisations(site)

    def state(self) -> CorrelatorState:
        """What is known."""
        return CorrelatorState(
            stories=self._stories.state(),
            pairs=self._pairs.state(),
            verdicts=self._verdicts.state(),
            claimed=self._claimed.state(),
            authorisations=self._authorisations.state(),
        )

    def restore(self, state: CorrelatorState) -> None:
        """Go on from what `state` gave."""
        self._stories.restore(state.stories)
        self._pairs.restore(state.pairs)
        self._verdicts.restore(state.verdicts)
        self._claimed.restore(state.claimed, self._stories)
        self._authorisations.restore(state.authorisations)

    def authorisations(self) -> dict[str, Authorisation | None]:
        """Those that differ from the site's, by id; none: withdrawn."""
        return self._authorisations.state().authorisations

    def put_authorisation(self, authorisation: Authorisation) -> None:
        """Add an authorisation, or replace the one of the same id; `BadConfiguration` when it contradicts itself."""
        self._authorisations.put(authorisation)

    def withdraw_authorisation(self, authorisation_id: str) -> None:
        """Forget an authorisation; `BadCommand` when there is none of that id."""
        self._authorisations.withdraw(authorisation_id)

    def put_zone(self, zone: Zone) -> None:
        """Learn where a zone is, for authorisations that name it and give no volumes of their own."""
        self._authorisations.put_zone(zone)

    def withdraw_zone(self, zone_id: str) -> None:
        """Forget where a zone was."""
        self._authorisations.withdraw_zone(zone_id)

    def step(
        self, time_ns: int, tracks: Tracks, claims: Claims, sensors_up: NDArray[np.bool_] | None = None
    ) -> tuple[Identities, Tracks, Associations]:
        """Identify every track at `time_ns` (ns UTC).

        Args:
            tracks: every measured track at `time_ns`: tentative ones too, and those that ended in this step.
            claims: those released in this step.
            sensors_up: (sensors,) known to be at work, without which silence proves nothing; when none is given, the
                sensors that contribute to any track.

        Returns:
            Identities of every confirmed or coasted track, the claimed ones included, in order of track; the claimed
            tracks, in order of track; and the claims that made them.
        """
        living = tracks.take(tracks.status != TrackStatus.TERMINATED)
        _check(living)
        told = self._tell(claims, living)
        self._stories.forget(time_ns)
        self._pairs.keep({story.number for story in self._stories}, set(living.track.tolist()))
        beliefs = self._pairs.probabilities(time_ns, len(living))
        shown = tracks.take((tracks.status == TrackStatus.CONFIRMED) | (tracks.status == TrackStatus.COASTED))
        shown = shown.take(np.argsort(shown.track, kind="stable"))
        support = _support(beliefs, set(shown.track.tolist()))
        self._verdicts.step(time_ns, self._stories, support, living, sensors_up)
        claimed, claimed_stories = self._make_claimed(time_ns)
        identities = self._identities(time_ns, shown, beliefs, claimed, claimed_stories)
        return identities, claimed, associations_of(claims, told, claimed_stories)

    def _tell(self, claims: Claims, tracks: Tracks) -> list[Story | None]:
        """Hand every claim to its story, and weigh it against the tracks."""
        told: list[Story | None] = []
        for row in range(len(claims)):
            story = self._stories.tell(claims, row)
            told.append(story)
            if story is not None and story.claim == int(claims.id[row]):
                self._pairs.weigh(story, tracks)
        return told

    def _make_claimed(self, time_ns: int) -> tuple[Tracks, dict[int, Story]]:
        unsupported = {story.number: story for story in self._stories if not self._verdicts.supported(story)}
        contradicted = {
            number for number, story in unsupported.items() if self._verdicts.of(story) is ClaimVerdict.CONTRADICTED
        }
        return self._claimed.step(time_ns, unsupported, contradicted)

    def _identities(
        self,
        time_ns: int,
        shown: Tracks,
        beliefs: dict[tuple[int, int], float],
        claimed: Tracks,
        claimed_stories: dict[int, Story],
    ) -> Identities:
        """One row a confirmed or coasted track."""
        own = claimed.take((claimed.status == TrackStatus.CONFIRMED) | (claimed.status == TrackStatus.COASTED))
        everything = Tracks.concatenate([own, shown])
        candidates = self._candidates(beliefs)
        ranked: list[list[tuple[Story, float]]] = [
            [(claimed_stories[track], 1.0)] if track < 0 else candidates.get(track, [])
            for track in everything.track.tolist()
        ]
        verdicts = [self._verdict(track, each) for track, each in zip(everything.track.tolist(), ranked, strict=True)]
        matches = self._authorisations.match(
            time_ns,
            everything.track,
            everything.x,
            everything.P,
            [self._believed(each, verdict) for each, verdict in zip(ranked, verdicts, strict=True)],
            everything.track > 0,
        )
        return _rows(time_ns, everything, ranked, verdicts, matches)

    def _candidates(self, beliefs: dict[tuple[int, int], float]) -> dict[int, list[tuple[Story, float]]]:
        """By track, the stories that fit it, the most probable first."""
        stories = {story.number: story for story in self._stories}
        found: dict[int, list[tuple[Story, float]]] = {}
        for (number, track), probability in beliefs.items():
            found.setdefault(track, []).append((stories[number], probability))
        return {
            track: sorted(each, key=lambda pair: (-pair[1], pair[0].number)) for track, each in sorted(found.items())
        }

    def _verdict(self, track: int, ranked: list[tuple[Story, float]]) -> ClaimVerdict:
        if not ranked or ranked[0][1] < WORTH_NAMING:
            return ClaimVerdict.NONE
        verdict = self._verdicts.of(ranked[0][0])
        # a measured track is not to blame for claims elsewhere that may, less probably, be its own
        return ClaimVerdict.UNCHECKED if track > 0 and verdict is ClaimVerdict.CONTRADICTED else verdict

    def _believed(self, ranked: list[tuple[Story, float]], verdict: ClaimVerdict) -> tuple[Story, float] | None:
        """The story a permission may be asked for, and how far it is believed to be the track's."""
        if verdict not in (ClaimVerdict.CONSISTENT, ClaimVerdict.UNCHECKED):
            return None
        story, probability = ranked[0]
        sharers = 1 + sum(self._verdicts.supported(each) for each in self._stories.same_id(story))
        return story, probability * (1.0 if verdict is ClaimVerdict.CONSISTENT else UNCHECKED) / sharers


def _check(tracks: Tracks) -> None:
    """Stop where a variance is not positive: no later figure would mean anything."""
    variances = np.diagonal(tracks.P, axis1=1, axis2=2)
    broken = np.flatnonzero(~(np.isfinite(tracks.x) & np.isfinite(variances) & (variances > 0.0)).all(axis=1))
    if len(broken):
        row = int(broken[0])
        raise AssertionError(
            f"track {tracks.track[row]} at {tracks.time_ns[row]} ns has x {tracks.x[row].tolist()} "
            f"and variances {variances[row].tolist()}"
        )


def _support(beliefs: dict[tuple[int, int], float], tracks: set[int]) -> dict[int, float]:
    """Probability, by story, that one of `tracks` is it."""
    support: dict[int, float] = {}
    for (story, track), probability in beliefs.items():
        if track in tracks:
            support[story] = support.get(story, 0.0) + probability
    return support


def _rows(
    time_ns: int,
    tracks: Tracks,
    ranked: list[list[tuple[Story, float]]],
    verdicts: list[ClaimVerdict],
    matches: list[list[Match]],
) -> Identities:
    """The best and the second best of everything, one row a track."""
    named = [[each for each in candidates if each[1] >= WORTH_NAMING] for candidates in ranked]
    best = [candidates[0][0] if candidates else None for candidates in named]
    category = tracks.category_probability.copy()
    for row, (candidates, verdict) in enumerate(zip(named, verdicts, strict=True)):
        if candidates and verdict in (ClaimVerdict.CONSISTENT, ClaimVerdict.UNCHECKED):
            category[row] = weigh(category[row], *candidates[0])
    permitted = [[*each, Match("", 0.0), Match("", 0.0)] for each in matches]
    return Identities(
        track=tracks.track,
        time_ns=np.full(len(tracks), time_ns),
        aircraft_id=_words([story.aircraft_id if story else "" for story in best], "U40"),
        probability=np.array([each[0][1] if each else np.nan for each in named]),
        runner_up=_words([each[1][0].aircraft_id if len(each) > 1 else "" for each in named], "U40"),
        runner_up_probability=np.array([each[1][1] if len(each) > 1 else np.nan for each in named]),
        claim=np.array([story.claim if story else -1 for story in best], dtype=np.int64),
        claim_kind=np.array([int(story.kind) if story else -1 for story in best], dtype=np.int8),
        claim_verdict=np.array([int(verdict) for verdict in verdicts], dtype=np.int8),
        callsign=_words([story.callsign if story else "" for story in best], "U16"),
        operator_id=_words([story.operator_id if story else "" for story in best], "U24"),
        pilot_position=np.array(
            [story.pilot_position if story else np.full(3, np.nan) for story in best], dtype=np.float64
        ).reshape(-1, 3),
        category_probability=category,
        authorisation=_words([each[0].authorisation for each in permitted], "U40"),
        authorisation_probability=np.array([each[0].probability for each in permitted]),
        authorisation_runner_up=_words([each[1].authorisation for each in permitted], "U40"),
        authorisation_runner_up_probability=np.array([each[1].probability for each in permitted]),
    )


def _words(values: list[str], dtype: str) -> Words:
    return np.array(values, dtype=dtype)
