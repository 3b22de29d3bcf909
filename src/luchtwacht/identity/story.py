"""What one aircraft says of itself, over time.

Claims are gathered into stories: a chain of claims that one aircraft could have made. An id alone does not make a
story, for ids can be copied: the same id at two places at once is two stories. Nor does a transmitter: one transmitter
may send a serial number and a session id for one aircraft, or a whole swarm that does not exist.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from luchtwacht.model import ClaimKind, Claims
from luchtwacht.model.state import copied
from luchtwacht.units import SECOND_NS

Vector = NDArray[np.float64]

GREATEST_SPEED_M_S = {ClaimKind.REMOTE_ID: 80.0, ClaimKind.ADS_B: 400.0, ClaimKind.TELEMETRY: 80.0}
"""beyond what the aircraft that claim this way can fly"""
SLACK_M = 50.0
"""for times of claims that are not quite right"""
FORGET_S = 60.0
"""a story without a claim for this long has ended"""
MEMORY_S = 30.0
"""impossible motion is held against a story for this long"""
RIVAL_S = 10.0
"""two stories of one id that both went on within this time are rivals"""
MANOEUVRE_M_S2 = 10.0
"""speeding up and slowing down between two claims, at most"""
FROZEN_S = 5.0
"""a claimed motion with a claimed place that did not change for this long is no motion"""
FROZEN_SPEED_M_S = 3.0
UNKNOWN_SIGMA_M = 50.0
"""of a claimed coordinate without an accuracy"""
MOST_STORIES = 4
"""stories kept of one id: a transmitter that makes up places must not fill the memory"""
MOST_COUSINS = 16
"""stories of one transmitter that are tried for another kind of id"""
SCHEMES = ("uas:", "icao:", "session:", "mac:")
"""kinds of id, the most telling first"""


def scheme_rank(aircraft_id: str) -> int:
    """0 for the most telling kind of id."""
    return next((rank for rank, scheme in enumerate(SCHEMES) if aircraft_id.startswith(scheme)), len(SCHEMES))


@dataclass(slots=True, eq=False)
class Story:
    """A chain of claims that one aircraft could have made, and its latest claim."""

    number: int
    """from 1, in order of first claim"""
    ids: list[str]
    """every `Claims.aircraft_id` it used, the most telling first"""
    transmitters: list[str]
    kind: ClaimKind
    first_ns: int
    time_ns: int
    """ns UTC of the latest claim"""
    claim: int
    """`Claims.id` of the latest claim"""
    position: Vector
    """(3,) m, site's frame; up is NaN where not claimed"""
    covariance: Vector
    """(3, 3) m2"""
    velocity: Vector
    """(3,) m/s; NaN where neither claimed nor to be told from two claims"""
    callsign: str = ""
    operator_id: str = ""
    pilot_position: Vector = field(default_factory=lambda: np.full(3, np.nan))
    category: int = -1
    receivers: int = 0
    """bit i is set when sensor i of `Site.sensors` heard it"""
    claims: int = 1
    second_ns: int = -1
    """ns UTC of the second claim; -1 before"""
    jumps: list[int] = field(default_factory=list)
    """ns UTC of recent claims that no flight from the one before could have reached"""
    strides: list[int] = field(default_factory=list)
    """ns UTC of recent claims much further on than the claimed speeds allow"""
    claimed_speed: float = np.nan
    """m/s over ground, as the latest claim says; NaN where it does not"""
    still_ns: int = 0
    """ns UTC since which the claimed place has not changed"""
    still_claims: int = 1

    @property
    def aircraft_id(self) -> str:
        """The most telling id it used."""
        return self.ids[0]

    def place(self, time_ns: int) -> Vector:
        """(3,) where it would be at `time_ns`, if it flew on as claimed."""
        moved = np.nan_to_num(self.velocity) * ((time_ns - self.time_ns) / SECOND_NS)
        return np.asarray(self.position + moved)

    def sigma(self) -> float:
        """m, per horizontal axis, of the latest claim."""
        return float(np.sqrt(max(np.trace(self.covariance[:2, :2]) / 2.0, 0.0)))

    def could_reach(self, position: Vector, sigma: float, time_ns: int) -> bool:
        """Whether one flight could lead from the latest claim to `position`."""
        elapsed = abs(time_ns - self.time_ns) / SECOND_NS
        away = float(np.hypot(*(position[:2] - self.position[:2])))
        return away <= GREATEST_SPEED_M_S[self.kind] * elapsed + 3.0 * (self.sigma() + sigma) + SLACK_M

    def impossible(self, time_ns: int) -> bool:
        """Whether the claimed motion cannot be: it leaps again and again, gets further than it claims to fly, or moves
        without getting anywhere."""
        leaps, strides = (
            sum(time_ns - each <= MEMORY_S * SECOND_NS for each in moments) for moments in (self.jumps, self.strides)
        )
        speed = float(np.hypot(*self.velocity[:2]))
        frozen = (
            speed > FROZEN_SPEED_M_S and self.still_claims >= 3 and self.time_ns - self.still_ns >= FROZEN_S * SECOND_NS
        )
        return leaps >= 2 or strides >= 3 or frozen


@dataclass(frozen=True, slots=True, kw_only=True)
class StoriesState:
    """Every story that goes on, in order of first claim, and by which names they are found."""

    stories: list[Story]
    by_id: dict[str, list[int]]
    """numbers of stories, in the order in which they took the id"""
    by_transmitter: dict[str, list[int]]
    next: int


class Stories:
    """Every story that goes on."""

    def __init__(self) -> None:
        self._stories: dict[int, Story] = {}
        self._by_id: dict[str, list[Story]] = {}
        self._by_transmitter: dict[str, list[Story]] = {}
        self._next = 1

    def state(self) -> StoriesState:
        """Everything that is told."""
        return StoriesState(
            stories=copied(list(self._stories.values())),
            by_id={name: [each.number for each in known] for name, known in self._by_id.items()},
            by_transmitter={name: [each.number for each in known] for name, known in self._by_transmitter.items()},
            next=self._next,
        )

    def restore(self, state: StoriesState) -> None:
        """Go on from what `state` gave."""
        self._stories = {story.number: story for story in copied(state.stories)}
        self._by_id = {name: [self._stories[each] for each in known] for name, known in state.by_id.items()}
        self._by_transmitter = {
            name: [self._stories[each] for each in known] for name, known in state.by_transmitter.items()
        }
        self._next = state.next

    def numbered(self, number: int) -> Story:
        """The story of that number, which goes on."""
        return self._stories[number]

    def __iter__(self) -> Iterator[Story]:
        """In order of first claim."""
        return iter(self._stories.values())

    def same_id(self, story: Story) -> list[Story]:
        """The other stories that use one of its ids."""
        found = {each.number: each for name in story.ids for each in self._by_id[name] if each is not story}
        return [found[number] for number in sorted(found)]

    def rivals(self, story: Story, time_ns: int) -> list[Story]:
        """Other stories of the same id that went on at the same time: the id is used twice."""
        if story.claims < 2:
            return []
        recent = [
            each for each in self.same_id(story) if each.claims >= 2 and time_ns - each.time_ns <= RIVAL_S * SECOND_NS
        ]
        return recent if time_ns - story.time_ns <= RIVAL_S * SECOND_NS else []

    def tell(self, claims: Claims, row: int) -> Story | None:
        """Add one claim to the story it belongs to, or begin a new one; none for a claim without a place."""
        name, transmitter = str(claims.aircraft_id[row]), str(claims.transmitter[row])
        position, time_ns = claims.position[row], int(claims.time_ns[row])
        if np.isnan(position[:2]).any():
            return None
        sigma = float(np.sqrt(max(np.trace(_covariance(claims, row)[:2, :2]) / 2.0, 0.0)))
        known = self._by_id.get(name, [])
        near = [each for each in known if each.could_reach(position, sigma, time_ns)]
        own = [each for each in known if transmitter in each.transmitters]
        choice = [each for each in near if each in own] or near or own
        cousins = [] if choice else self._cousins(name, transmitter, position, sigma, time_ns)
        choice = choice or cousins
        if not choice:
            return self._begin(claims, row)
        story = max(choice, key=lambda each: (each.time_ns, -each.number))
        if name not in story.ids:
            story.ids = sorted([*story.ids, name], key=lambda each: (scheme_rank(each), each))
            self._by_id.setdefault(name, []).append(story)
        if transmitter and transmitter not in story.transmitters:
            story.transmitters.append(transmitter)
            self._by_transmitter.setdefault(transmitter, []).append(story)
        self._continue(story, claims, row, jumped=story not in near and story not in cousins)
        return story

    def _cousins(self, name: str, transmitter: str, position: Vector, sigma: float, time_ns: int) -> list[Story]:
        """Stories of the same transmitter that have no id of this kind yet: serial and session of one aircraft."""
        rank = scheme_rank(name)
        recent = self._by_transmitter.get(transmitter, [])[-MOST_COUSINS:] if transmitter else []
        return [
            each
            for each in recent
            if all(scheme_rank(other) != rank for other in each.ids) and each.could_reach(position, sigma, time_ns)
        ]

    def forget(self, time_ns: int) -> None:
        """Let go of stories that ended."""
        for story in [each for each in self if time_ns - each.time_ns > FORGET_S * SECOND_NS]:
            self._drop(story)

    def _begin(self, claims: Claims, row: int) -> Story:
        name, transmitter = str(claims.aircraft_id[row]), str(claims.transmitter[row])
        time_ns = int(claims.time_ns[row])
        story = Story(
            number=self._next,
            ids=[name],
            transmitters=[transmitter],
            kind=ClaimKind(int(claims.kind[row])),
            first_ns=time_ns,
            time_ns=time_ns,
            claim=int(claims.id[row]),
            position=claims.position[row],
            covariance=_covariance(claims, row),
            velocity=claims.velocity[row],
            claimed_speed=float(np.hypot(*claims.velocity[row, :2])),
            still_ns=time_ns,
        )
        self._next += 1
        crowd = self._by_id.setdefault(name, [])
        if len(crowd) >= MOST_STORIES:
            self._drop(min(crowd, key=lambda each: (each.time_ns, each.number)))
            crowd = self._by_id.setdefault(name, [])
        crowd.append(story)
        self._stories[story.number] = story
        if transmitter:
            self._by_transmitter.setdefault(transmitter, []).append(story)
        _note(story, claims, row)
        return story

    def _continue(self, story: Story, claims: Claims, row: int, *, jumped: bool) -> None:
        time_ns, position, velocity = int(claims.time_ns[row]), claims.position[row], claims.velocity[row]
        elapsed = (time_ns - story.time_ns) / SECOND_NS
        story.claims += 1
        if story.second_ns < 0:
            story.second_ns = time_ns
        if time_ns < story.time_ns:
            _note(story, claims, row, late=True)
            return  # an older claim that came later moves nothing
        speed = float(np.hypot(*velocity[:2]))
        if jumped:
            story.jumps = [*(each for each in story.jumps if time_ns - each <= MEMORY_S * SECOND_NS), time_ns]
        elif _strides(story, position, speed, elapsed):
            story.strides = [*(each for each in story.strides if time_ns - each <= MEMORY_S * SECOND_NS), time_ns]
        story.claimed_speed = speed
        if np.array_equal(position[:2], story.position[:2]):
            story.still_claims += 1
        else:
            story.still_ns, story.still_claims = time_ns, 1
        if np.isnan(velocity[:2]).any():
            told = not jumped and 0.2 <= elapsed <= 5.0
            velocity = (position - story.position) / elapsed if told else story.velocity
        story.time_ns, story.claim = time_ns, int(claims.id[row])
        story.kind = ClaimKind(int(claims.kind[row]))
        story.position, story.velocity = position, velocity
        story.covariance = _covariance(claims, row)
        _note(story, claims, row)

    def _drop(self, story: Story) -> None:
        del self._stories[story.number]
        for index, keys in ((self._by_id, story.ids), (self._by_transmitter, story.transmitters)):
            for key in keys:
                if key in index:
                    index[key] = [each for each in index[key] if each is not story]
                    if not index[key]:
                        del index[key]


def _strides(story: Story, position: Vector, speed: float, elapsed: float) -> bool:
    """Whether the way from the latest claim is longer than both claimed speeds and any manoeuvre between them allow."""
    away = float(np.hypot(*(position[:2] - story.position[:2])))
    fastest = max(story.claimed_speed, speed)  # NaN, and so false, where the first is not claimed
    reach = fastest * elapsed + 0.25 * MANOEUVRE_M_S2 * elapsed**2 + 6.0 * story.sigma() + SLACK_M
    return not np.isnan(speed) and away > reach


def _covariance(claims: Claims, row: int) -> Vector:
    """(3, 3) m2, as claimed; where no accuracy is known, a poor one."""
    covariance: Vector = np.array(claims.position_covariance[row])
    if np.isfinite(covariance).all():
        return covariance
    poor = np.isnan(np.diag(covariance))
    covariance = np.nan_to_num(covariance)
    covariance[poor, poor] = UNKNOWN_SIGMA_M**2
    return covariance


def _note(story: Story, claims: Claims, row: int, *, late: bool = False) -> None:
    """What a claim may say besides place and motion; it is not in every message. Late, it only adds what is unknown."""
    callsign, operator_id = str(claims.callsign[row]), str(claims.operator_id[row])
    story.callsign = (story.callsign or callsign) if late else (callsign or story.callsign)
    story.operator_id = (story.operator_id or operator_id) if late else (operator_id or story.operator_id)
    if claims.category[row] >= 0 and not (late and story.category >= 0):
        story.category = int(claims.category[row])
    if not np.isnan(claims.pilot_position[row, :2]).any() and not (
        late and np.isfinite(story.pilot_position[:2]).all()
    ):
        story.pilot_position = claims.pilot_position[row]
    if claims.sensor[row] >= 0:
        story.receivers |= 1 << int(claims.sensor[row])
