"""The alert book: one alert per event, from being raised to being closed."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

import numpy as np

from luchtwacht.alerting.continuity import Continuity, ContinuityState, Watched
from luchtwacht.alerting.lifecycle import FINAL, Move, after
from luchtwacht.alerting.rules import SEVERITY, Condition, conditions
from luchtwacht.errors import BadCommand
from luchtwacht.model import (
    AcknowledgeAlert,
    Alert,
    AlertKind,
    AlertStatus,
    AlertStep,
    Associations,
    Cause,
    CloseAlert,
    Command,
    EscalateAlert,
    Findings,
    Identities,
    RejectAlert,
    Site,
    TakeOver,
    Tracks,
    TrackStatus,
)
from luchtwacht.model.state import copied
from luchtwacht.units import seconds_to_ns

LATEST_DETECTIONS = 8
"""how many reports are named as the cause of an alert"""

CLAIM_MEMORY_S = 300.0
"""the same claimed id, contradicted again within this time, is the same event"""

FORGET_S = 86_400.0
"""an alert that was closed or rejected is forgotten after this long; the record keeps it"""

_Key = tuple[int, str, str]
"""object and zone of an event in a zone; 0, "" and the claimed id of a contradicted claim: who claims falsely leaps
about, and is an event as long as he goes on"""


@dataclass(slots=True)
class _Event:
    """What the book remembers of an event beside its latest alert."""

    alert: int
    held_ns: int
    """ns UTC at which the condition last held"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookState:
    """Every alert, and what may still happen to it."""

    alerts: list[Alert]
    pending: dict[_Key, int]
    events: dict[_Key, _Event]
    unheeded: dict[int, int]
    continuity: ContinuityState
    reports: dict[int, list[tuple[int, int]]]
    next: int


class AlertBook:
    """Every alert, and what may still happen to it."""

    def __init__(self, site: Site) -> None:
        self._settings = site.alerting
        self._clear_ns = seconds_to_ns(site.alerting.clear_s)
        self._escalate_ns = seconds_to_ns(site.alerting.escalate_after_s)
        self._claim_memory_ns, self._forget_ns = seconds_to_ns(CLAIM_MEMORY_S), seconds_to_ns(FORGET_S)
        self._alerts: dict[int, Alert] = {}
        self._next = 1
        self._changed: dict[int, None] = {}
        self._sure_ns = seconds_to_ns(site.alerting.sure_s)
        self._pending: dict[_Key, int] = {}
        """what holds and is no alert yet: ns UTC since when"""
        self._events: dict[_Key, _Event] = {}
        self._unheeded: dict[int, int] = {}
        """alert: ns UTC since when it waits for somebody"""
        self._continuity = Continuity()
        self._reports: dict[int, deque[tuple[int, int]]] = {}
        """track: (time, detection) of its latest reports"""

    def state(self) -> BookState:
        """Every alert as it stands, and what is remembered beside them."""
        return BookState(
            alerts=list(self._alerts.values()),
            pending=dict(self._pending),
            events=copied(self._events),
            unheeded=dict(self._unheeded),
            continuity=self._continuity.state(),
            reports={track: list(each) for track, each in self._reports.items()},
            next=self._next,
        )

    def restore(self, state: BookState) -> None:
        """Go on from what `state` gave."""
        self._alerts = {alert.id: alert for alert in state.alerts}
        self._pending, self._events = dict(state.pending), copied(state.events)
        self._unheeded = dict(state.unheeded)
        self._continuity.restore(state.continuity)
        self._reports = {track: deque(each, maxlen=LATEST_DETECTIONS) for track, each in state.reports.items()}
        self._next = state.next

    @property
    def any_active(self) -> bool:
        """Whether time alone can still change an alert: one is active, or waits to be escalated."""
        return bool(self._unheeded) or any(self._alerts[each.alert].active for each in self._events.values())

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """Every alert as it stands, in order of id."""
        return tuple(self._alerts.values())

    def step(
        self,
        time_ns: int,
        tracks: Tracks,
        identities: Identities,
        findings: Findings,
        associations: Associations,
    ) -> tuple[Alert, ...]:
        """What changed at `time_ns` (ns UTC), in order of id.

        Args:
            tracks: any; only confirmed and coasted ones raise alerts.
            identities, findings: of those.
            associations: the detections (or claims) used in this step, for `Cause.detections`.
        """
        live = tracks.take((tracks.status == TrackStatus.CONFIRMED) | (tracks.status == TrackStatus.COASTED))
        self._remember(tracks, associations)
        rows = {track: row for row, track in enumerate(live.track.tolist())}
        ids = dict(zip(identities.track.tolist(), identities.aircraft_id.tolist(), strict=True))
        self._changed.clear()
        for watched, track in self._continuity.step(time_ns, live, identities):
            self._extend(time_ns, watched, track)
        pending, self._pending = self._pending, {}
        for condition in conditions(self._settings, live, identities, findings):
            self._hold(time_ns, condition, live, rows[condition.track], ids.get(condition.track, ""), pending)
        self._clear(time_ns)
        self._escalate(time_ns)
        self._let_go(time_ns)
        return tuple(self._alerts[number] for number in sorted(self._changed))

    def obey(self, command: Command) -> Alert:
        """Carry out a person's order on an alert.

        Raises:
            BadCommand: there is no such alert, its status does not allow it (`lifecycle.MOVES`), or a rejection gives
                no reason.
        """
        order = command.order
        match order:
            case AcknowledgeAlert():
                move = Move.ACKNOWLEDGE
            case EscalateAlert():
                move = Move.ESCALATE
            case RejectAlert():
                move = Move.REJECT
            case CloseAlert():
                move = Move.CLOSE
            case _:
                raise BadCommand(f"{type(order).__name__} is no order about an alert")
        alert = self._alerts.get(order.alert)
        if alert is None:
            ended = ", or it ended more than a day ago" if 0 < order.alert < self._next else ""
            raise BadCommand(f"there is no alert {order.alert}{ended}")
        status = after(alert, move)
        if move is Move.REJECT and not order.note.strip():
            raise BadCommand(
                f"rejecting alert {alert.id} needs a reason", hint="say what it was: a bird, a kite, a test"
            )
        self._unheeded.pop(alert.id, None)
        return self._move(alert, command.received_ns, status, actor=command.actor, note=order.note.strip())

    def take_over(self, order: TakeOver, time_ns: int) -> tuple[Alert, ...]:
        """Take in alerts that another watch left open, under their own numbers, as they then stand.

        Tracks are counted anew, so theirs are none of ours: nobody knows whether what they say still holds, and they
        are not active. What still holds is raised again. Whoever has not been heeded yet goes on waiting.
        """
        self._changed.clear()
        for alert in order.alerts:
            if alert.id in self._alerts or alert.status in FINAL:
                continue
            step = AlertStep(time_ns=time_ns, status=alert.status, actor="", note=order.reason)
            taken = replace(alert, active=False, track=0, tracks=(), changed_ns=time_ns, steps=(*alert.steps, step))
            self._put(taken)
            if alert.status is AlertStatus.RAISED:
                self._unheeded[alert.id] = time_ns
        self._next = max([self._next, *(alert.id + 1 for alert in order.alerts)])
        return tuple(self._alerts[number] for number in sorted(self._changed))

    def _move(self, alert: Alert, time_ns: int, status: AlertStatus, *, actor: str = "", note: str = "") -> Alert:
        step = AlertStep(time_ns=time_ns, status=status, actor=actor, note=note)
        return self._put(replace(alert, status=status, changed_ns=time_ns, steps=(*alert.steps, step)))

    def _put(self, alert: Alert) -> Alert:
        self._alerts[alert.id] = alert
        self._changed[alert.id] = None
        return alert

    def _hold(
        self,
        time_ns: int,
        condition: Condition,
        live: Tracks,
        row: int,
        aircraft_id: str,
        pending: dict[_Key, int],
    ) -> None:
        """A condition holds: raise its alert once it has held for long enough, keep it up, or worsen it.

        Args:
            pending: what held in the step before and is no alert yet, and since when.
        """
        watched = self._continuity.object_of(condition.track)
        key = (watched.number, condition.zone, "") if condition.concerns_zone else (0, "", aircraft_id)
        event = self._events.get(key)
        if event is None:
            since_ns = self._pending[key] = pending.get(key, time_ns)
            if time_ns - since_ns < self._sure_ns:
                return
            del self._pending[key]
            self._events[key] = _Event(self._raise(time_ns, condition, live, row, aircraft_id, watched), time_ns)
            watched.wanted = True
            return
        event.held_ns = time_ns
        alert = self._alerts[event.alert]
        if not alert.active and alert.status not in FINAL:
            alert = self._put(
                replace(alert, active=True, changed_ns=time_ns, aircraft_id=aircraft_id or alert.aircraft_id)
            )
        if condition.track not in alert.tracks and alert.status not in FINAL:
            alert = self._put(replace(alert, tracks=(*alert.tracks, condition.track), changed_ns=time_ns))
        if condition.kind is AlertKind.ZONE_INTRUSION and alert.kind is AlertKind.ZONE_APPROACH:
            self._worsen(time_ns, alert, condition, live, row, aircraft_id)

    def _raise(
        self, time_ns: int, condition: Condition, live: Tracks, row: int, aircraft_id: str, watched: Watched
    ) -> int:
        number, self._next = self._next, self._next + 1
        self._put(
            Alert(
                id=number,
                kind=condition.kind,
                status=AlertStatus.RAISED,
                severity=SEVERITY[condition.kind],
                track=condition.track,
                tracks=tuple(watched.tracks) if condition.concerns_zone else (condition.track,),
                zone=condition.zone,
                aircraft_id=aircraft_id,
                started_ns=int(live.started_ns[row]),
                confirmed_ns=int(live.confirmed_ns[row]),
                raised_ns=time_ns,
                changed_ns=time_ns,
                active=True,
                cause=self._cause(time_ns, condition, live, row),
                steps=(AlertStep(time_ns=time_ns, status=AlertStatus.RAISED, actor=""),),
            )
        )
        self._unheeded[number] = time_ns
        return number

    def _worsen(
        self, time_ns: int, alert: Alert, condition: Condition, live: Tracks, row: int, aircraft_id: str
    ) -> None:
        """An approach became the intrusion: the same alert, and somebody must look again."""
        if alert.status in FINAL:
            return
        worse = replace(
            alert,
            kind=condition.kind,
            severity=SEVERITY[condition.kind],
            aircraft_id=aircraft_id or alert.aircraft_id,
            cause=self._cause(time_ns, condition, live, row),
        )
        status = after(alert, Move.WORSEN)
        self._move(worse, time_ns, status, note="the approach became an intrusion")
        if status is AlertStatus.RAISED:
            self._unheeded[alert.id] = time_ns

    def _cause(self, time_ns: int, condition: Condition, live: Tracks, row: int) -> Cause:
        east, north, up = live.x[row, :3].tolist()
        return Cause(
            finding_time_ns=time_ns,
            probability_inside=condition.probability_inside,
            probability_entry=condition.probability_entry,
            probability_uas=condition.probability_uas,
            probability_permitted=condition.probability_permitted,
            distance=condition.distance,
            time_to_entry=condition.time_to_entry,
            position=(east, north, up),
            height_sigma=float(np.sqrt(live.P[row, 2, 2])),
            detections=tuple(detection for _, detection in self._reports.get(condition.track, ())),
        )

    def _extend(self, time_ns: int, watched: Watched, track: int) -> None:
        """The object of these alerts is seen again under another track number."""
        for (number, _, _), event in sorted(self._events.items()):
            alert = self._alerts[event.alert]
            if number == watched.number and track not in alert.tracks and alert.status not in FINAL:
                self._put(replace(alert, tracks=(*alert.tracks, track), changed_ns=time_ns))

    def _clear(self, time_ns: int) -> None:
        """What no longer holds is no longer active; when it was closed before, it may be raised anew."""
        for key, event in list(self._events.items()):
            if time_ns - event.held_ns < self._clear_ns:
                continue
            alert = self._alerts[event.alert]
            if alert.active:
                alert = self._put(replace(alert, active=False, changed_ns=time_ns))
            if alert.status is AlertStatus.CLOSED:
                del self._events[key]

    def _escalate(self, time_ns: int) -> None:
        for number, since_ns in list(self._unheeded.items()):
            if time_ns - since_ns >= self._escalate_ns:
                alert = self._alerts[number]
                note = f"not acknowledged for {self._settings.escalate_after_s:g} s"
                self._move(alert, time_ns, after(alert, Move.ESCALATE), note=note)
                del self._unheeded[number]

    def _let_go(self, time_ns: int) -> None:
        """Forget events of objects that will not be seen again, and alerts that ended long ago."""
        known = self._continuity.numbers
        for key, event in list(self._events.items()):
            recent = key[0] in known if key[0] else time_ns - event.held_ns <= self._claim_memory_ns
            if not recent and not self._alerts[event.alert].active:
                del self._events[key]
        kept = {event.alert for event in self._events.values()}
        for number, alert in list(self._alerts.items()):
            if alert.status in FINAL and number not in kept and time_ns - alert.changed_ns > self._forget_ns:
                del self._alerts[number]

    def _remember(self, tracks: Tracks, associations: Associations) -> None:
        """Keep the latest reports of every track that lives; what came late may make earlier ones another track's."""
        for track, time_ns, detection, probability in sorted(
            zip(
                associations.track.tolist(),
                associations.time_ns.tolist(),
                associations.detection.tolist(),
                associations.probability.tolist(),
                strict=True,
            )
        ):
            held, report = self._reports.setdefault(track, deque(maxlen=LATEST_DETECTIONS)), (time_ns, detection)
            if probability > 0.0 and (not held or report > held[-1]):
                held.append(report)
                continue
            others = [each for each in held if each != report]
            self._reports[track] = deque(
                sorted([*others, report]) if probability > 0.0 else others, maxlen=LATEST_DETECTIONS
            )
        living = set(tracks.track[tracks.status != TrackStatus.TERMINATED].tolist())
        for track in [track for track in self._reports if track not in living]:
            del self._reports[track]
