"""The order of the stages, and nothing else.

`Pipeline.step(inputs) -> events` is a function of the pipeline's state and its inputs: no clock, no files, no sockets.
Inputs come in order of their `sequence`. How they are cut into calls does not matter: conclusions are drawn on a grid
of event time, `Site.step_s` apart, each as soon as the watermark (the latest time of receipt less `Site.reorder_s`)
has passed it. So a live run that handed in one datagram at a time and a replay that hands in an hour at once say the
same.

    Frames ─► Ingest ─► ReorderBuffer ─► Tracker ─► Correlator ─► Airspace ─► AlertBook ─► TakeOffs
                  ▲ clocks        ▲ biases   └── settled ──► Hindsight ─► Measuring
                  └───────────────┴──────────────────────────────────────────┘ from some seconds later on
    Command, Tick ───────────────────────────────────────────────►
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from operator import attrgetter, itemgetter

import msgspec
import numpy as np

from luchtwacht.airspace import Airspace, AirspaceState
from luchtwacht.alerting import AlertBook, BookState
from luchtwacht.errors import BadInput, BadSnapshot
from luchtwacht.identity import Correlator, CorrelatorState, Hindsight, HindsightState
from luchtwacht.ingest import HealthState, Ingest, Measuring, MeasuringState, ReorderBuffer, ReorderState, SensorHealth
from luchtwacht.model import (
    AlertChanged,
    Associations,
    AuthorisationChanged,
    Claimed,
    Command,
    Detected,
    Event,
    FindTakeOff,
    Format,
    Found,
    Frames,
    Grounds,
    Identified,
    LinkState,
    NoticeKind,
    Order,
    PutAuthorisation,
    PutZone,
    Rejected,
    ReportLink,
    Site,
    TakeOver,
    TaskSensor,
    Tick,
    Tracked,
    Tracks,
    WithdrawAuthorisation,
    WithdrawZone,
    ZoneChanged,
)
from luchtwacht.model.notices import notice
from luchtwacht.model.snapshot import check_snapshot, configuration_digest, decode_snapshot, encode_snapshot
from luchtwacht.model.state import decode_state, encode_state
from luchtwacht.software import software
from luchtwacht.tracking import RollbackState, RollbackTracker, TakeOffs, TakeOffsState
from luchtwacht.units import seconds_to_ns

Input = Frames | Command | Tick
"""What comes from outside."""

_LINK_NOTICES = {
    LinkState.CONNECTED: NoticeKind.SOURCE_CONNECTED,
    LinkState.LOST: NoticeKind.SOURCE_LOST,
    LinkState.DROPPED: NoticeKind.SOURCE_DROPPED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineState:
    """Everything that the next conclusions depend on besides the site and the next inputs."""

    ingest: tuple[bytes, ...]
    buffer: ReorderState
    tracker: RollbackState
    correlator: CorrelatorState
    airspace: AirspaceState
    alerts: BookState
    takeoffs: TakeOffsState
    health: HealthState
    begun: tuple[int, int] | None
    """sequence and time of receipt (ns UTC) of the first input; none before it"""
    frames: int
    """taken so far"""
    hindsight: HindsightState
    measuring: MeasuringState
    next_ns: int | None
    idle: bool


@contextmanager
def _fitting() -> Iterator[None]:
    """Whatever a stage says of a state that does not fit it becomes BadSnapshot."""
    try:
        yield
    except (msgspec.ValidationError, BadInput, ValueError, LookupError) as error:
        if isinstance(error, BadSnapshot):
            raise
        raise BadSnapshot(f"the snapshot holds no state of this pipeline: {error}") from error


class Pipeline:
    """The watch itself, from bytes to alerts."""

    def __init__(
        self, site: Site, mappings: dict[str, str] | None = None, *, silent: frozenset[int] = frozenset()
    ) -> None:
        """Args:
        site: everything the watch is told before it starts.
        mappings: text of each table mapping, by `Source.mapping`.
        silent: indexes of sensors whose reports are passed over: for what-ifs only.

        Raises:
            BadConfiguration: a source, sensor, zone or mapping contradicts itself or another.
        """
        self.site = site
        self._configuration = configuration_digest(site, mappings or {})
        self._silent = silent
        self._step_ns = seconds_to_ns(site.step_s)
        self._ingest = Ingest(site, mappings or {})
        self._buffer = ReorderBuffer(site)
        self._tracker = RollbackTracker(site)
        self._correlator = Correlator(site)
        self._airspace = Airspace(site)
        self._alerts = AlertBook(site)
        self._takeoffs = TakeOffs(site)
        self._health = SensorHealth(site)
        self.begun: tuple[int, int] | None = None
        """sequence and time of receipt (ns UTC) of the first input; none before it"""
        self.frames = 0
        """taken so far, but for those that people handed in"""
        self._sent = np.array([source.format != Format.OBSERVATION for source in site.sources], dtype=np.bool_)
        self._hindsight = Hindsight()
        self._measuring = Measuring(site)
        self._next_ns: int | None = None
        self._idle = True

    def snapshot(self) -> bytes:
        """Its state between two calls of `step`. Does not depend on how the inputs were cut into calls."""
        if self._silent:
            raise AssertionError("a pipeline of a what-if has no snapshot: it would look like one of the site's")
        return encode_snapshot(encode_state(self.state()), software=software(), configuration=self._configuration)

    def restore(self, snapshot: bytes, show: Callable[[tuple[Event, ...]], None] = lambda standing: None) -> None:
        """Go on as the pipeline goes on that gave `snapshot`; for a pipeline that has taken nothing yet.

        Args:
            show: given what is `standing`, before the tracks are made again, for which kernels may have to be compiled.

        Raises:
            BadSnapshot: it was made by other software or under another configuration, or is no snapshot. The pipeline
                is then of no use any more.
        """
        with _fitting():
            self._restore(self._decode(snapshot, self._configuration), show)

    def restore_otherwise(self, snapshot: bytes, made_under: bytes, *, keep_zones: bool) -> None:
        """Go on, for a what-if, from a snapshot that was made under another configuration.

        What was seen stays known; zones, authorisations and rules are this site's, with what people had changed.

        Args:
            snapshot: made by a pipeline of the same sources, sensors, place, clock and tracker.
            made_under: `configuration_digest` of that pipeline.
            keep_zones: whether zones that people had put or withdrawn are so here too.

        Raises:
            BadSnapshot: as `restore` does.
        """
        with _fitting():
            state, own = self._decode(snapshot, made_under), self.state()
            theirs, mine = state.correlator.authorisations, own.correlator.authorisations
            strayed = {name: theirs.strayed.get(name, []) for name in mine.strayed}
            correlator = replace(state.correlator, authorisations=replace(mine, strayed=strayed))
            self._restore(replace(state, airspace=own.airspace, correlator=correlator))
            for name, zone in state.airspace.zones.items() if keep_zones else ():
                self._change(PutZone(zone=zone) if zone else WithdrawZone(zone=name))
            for name, each in theirs.authorisations.items():
                self._change(
                    PutAuthorisation(authorisation=each) if each else WithdrawAuthorisation(authorisation=name)
                )

    def _change(self, order: Order) -> None:
        """Carry out an order of before; what it was about may never have been there."""
        self._obey(Command(sequence=0, received_ns=0, actor="", order=order), [])

    def _decode(self, snapshot: bytes, configuration: bytes) -> PipelineState:
        if self._next_ns is not None:
            raise AssertionError("only a pipeline that has taken nothing can go on from a snapshot")
        found = decode_snapshot(snapshot)
        check_snapshot(found, software=software(), configuration=configuration)
        state: PipelineState = decode_state(PipelineState, found.state)
        return state

    def state(self) -> PipelineState:
        """Everything that it remembers."""
        return PipelineState(
            ingest=self._ingest.state(),
            buffer=self._buffer.state(),
            tracker=self._tracker.state(),
            correlator=self._correlator.state(),
            airspace=self._airspace.state(),
            alerts=self._alerts.state(),
            takeoffs=self._takeoffs.state(),
            health=self._health.state(),
            begun=self.begun,
            frames=self.frames,
            hindsight=self._hindsight.state(),
            measuring=self._measuring.state(),
            next_ns=self._next_ns,
            idle=self._idle,
        )

    def _restore(self, state: PipelineState, show: Callable[[tuple[Event, ...]], None] = lambda standing: None) -> None:
        self._ingest.restore(state.ingest)
        self._buffer.restore(state.buffer)
        self._correlator.restore(state.correlator)
        self._airspace.restore(state.airspace)
        self._alerts.restore(state.alerts)
        self._takeoffs.restore(state.takeoffs)
        self._health.restore(state.health)
        self.begun, self.frames = state.begun, state.frames
        self._hindsight.restore(state.hindsight)
        self._measuring.restore(state.measuring)
        self._next_ns, self._idle = state.next_ns, state.idle
        show(self.standing())
        self._tracker.restore(state.tracker)

    def standing(self) -> tuple[Event, ...]:
        """What still stands of all that was said, for somebody who heard nothing: as events, said again.

        Zones and authorisations that differ from the site's, what is wrong with sensors, take-offs, and every alert.
        """
        if self._next_ns is None:
            return ()
        time_ns = self._next_ns - self._step_ns
        airspace, correlator = self._airspace.state(), self._correlator.authorisations()
        return (
            *(ZoneChanged(time_ns=time_ns, id=name, zone=zone) for name, zone in airspace.zones.items()),
            *(AuthorisationChanged(time_ns=time_ns, id=name, authorisation=each) for name, each in correlator.items()),
            *self._health.standing(time_ns),
            *self._measuring.standing(time_ns),
            *self._takeoffs.standing(time_ns),
            *(AlertChanged(time_ns=alert.changed_ns, alert=alert) for alert in self._alerts.alerts),
        )

    def grounds(self, track: int) -> Grounds | None:
        """What a track's category rests on, as of the last conclusion; none when no sensor holds such a track now."""
        return self._tracker.grounds(track)

    def step(self, inputs: Iterable[Input]) -> tuple[Event, ...]:
        """Take inputs in order of their sequence; return what follows from them, in order."""
        events: list[Event] = []
        for each in inputs:
            self._begin(each)
            match each:
                case Frames():
                    for frames, watermark_ns in self._cut(each):
                        self._conclude_until(watermark_ns, events)
                        self._receive(frames, events)
                case Command():
                    self._conclude_until(self._buffer.watermark(each.received_ns), events)
                    self._obey(each, events)
                case Tick():
                    self._conclude_until(self._buffer.watermark(each.received_ns), events)
        return tuple(events)

    def _begin(self, each: Input) -> None:
        """Note the first input, and count the frames that were not handed in by people."""
        if isinstance(each, Frames):
            self.frames += int(np.count_nonzero(self._sent[each.source]))
        if self.begun is not None:
            return
        if not isinstance(each, Frames):
            self.begun = each.sequence, each.received_ns
        elif len(each):
            self.begun = int(each.sequence[0]), int(each.received_ns[0])

    def _cut(self, frames: Frames) -> Iterator[tuple[Frames, int]]:
        """Runs of frames between which no conclusion falls due, each with the watermark before it."""
        watermarks = self._buffer.watermarks(frames.received_ns)
        steps = watermarks // self._step_ns
        borders = [0, *(np.flatnonzero(np.diff(steps)) + 1).tolist(), len(frames)]
        for first, last in pairwise(borders):
            if first < last:
                yield frames.take(slice(first, last)), int(watermarks[first])

    def _receive(self, frames: Frames, events: list[Event]) -> None:
        """Decode and hold back until the watermark has passed."""
        taken = self._ingest.receive(frames)
        if self._silent:
            taken = taken.without(self._silent)
        rejections = taken.rejections + self._buffer.put(self._measuring.receive(taken.detections), taken.claims)
        self._health.hear(frames, taken)
        received_ns = dict(zip(frames.sequence.tolist(), frames.received_ns.tolist(), strict=True))
        by_frame = groupby(sorted(rejections, key=attrgetter("frame")), key=attrgetter("frame"))
        said: list[tuple[int, Event]] = [
            (frame, Rejected(time_ns=received_ns[frame], rejections=tuple(found))) for frame, found in by_frame
        ]
        events += [event for _, event in sorted([*said, *taken.said], key=itemgetter(0))]

    def _conclude_until(self, watermark_ns: int, events: list[Event]) -> None:
        """Draw every conclusion that is due."""
        if self._next_ns is None:
            self._next_ns = (watermark_ns // self._step_ns + 1) * self._step_ns
        while self._next_ns <= watermark_ns:
            # nothing can follow from an empty sky: go to the last conclusion that is due
            if self._idle and not self._buffer:
                self._next_ns = watermark_ns // self._step_ns * self._step_ns
            self._conclude(self._next_ns, events)
            self._next_ns += self._step_ns

    def _conclude(self, time_ns: int, events: list[Event]) -> None:
        """One pass through the stages, for the moment `time_ns`."""
        released, claims = self._buffer.release(time_ns)
        detections, up = self._measuring.correct(released), self._health.up(time_ns)
        tracks, associations, reidentified = self._tracker.step(time_ns, detections)
        measured, measured_from = tracks, associations
        identities, claimed, claimed_from = self._correlator.step(time_ns, tracks, claims, up)
        tracks = Tracks.concatenate([claimed, tracks])
        associations = Associations.concatenate([claimed_from, associations])
        findings = self._airspace.check(time_ns, tracks, identities)
        alerts = self._alerts.step(time_ns, tracks, identities, findings, associations)
        takeoff = self._takeoffs.step(time_ns, detections, measured, measured_from, alerts, up)
        if len(detections):
            events.append(Detected(time_ns=time_ns, detections=detections))
        if len(claims):
            events.append(Claimed(time_ns=time_ns, claims=claims))
        if len(tracks):
            events.append(Tracked(time_ns=time_ns, tracks=tracks, associations=associations))
        events += reidentified
        if len(identities):
            events.append(Identified(time_ns=time_ns, identities=identities))
        if len(findings):
            events.append(Found(time_ns=time_ns, findings=findings))
        events += [AlertChanged(time_ns=time_ns, alert=alert) for alert in alerts]
        if takeoff is not None:
            events.append(takeoff)
        events += self._health.step(time_ns, self._measuring.expects(time_ns))
        for moment in self._measuring.settle(time_ns, released, claims, self._tracker.settled()):
            self._measuring.learn(moment, self._hindsight.step(moment.time_ns, moment.tracks, moment.claims))
        events += self._measuring.step(time_ns, detections, measured, measured_from, identities, claims, up)
        quiet = not self._alerts.any_active and not self._takeoffs.waits
        self._idle = quiet and not (len(tracks) or self._tracker or self._buffer)

    def _obey(self, command: Command, events: list[Event]) -> None:
        """Carry out an order, or say why not."""
        time_ns, order = command.received_ns, command.order
        try:
            match order:
                case PutZone():
                    self._airspace.put_zone(order.zone)
                    self._correlator.put_zone(order.zone)
                    events.append(ZoneChanged(time_ns=time_ns, id=order.zone.id, zone=order.zone))
                case WithdrawZone():
                    self._airspace.withdraw_zone(order.zone)
                    self._correlator.withdraw_zone(order.zone)
                    events.append(ZoneChanged(time_ns=time_ns, id=order.zone, zone=None))
                case PutAuthorisation():
                    self._correlator.put_authorisation(order.authorisation)
                    self._airspace.put_authorisation(order.authorisation)
                    events.append(
                        AuthorisationChanged(
                            time_ns=time_ns, id=order.authorisation.id, authorisation=order.authorisation
                        )
                    )
                case WithdrawAuthorisation():
                    self._correlator.withdraw_authorisation(order.authorisation)
                    self._airspace.withdraw_authorisation(order.authorisation)
                    events.append(AuthorisationChanged(time_ns=time_ns, id=order.authorisation, authorisation=None))
                case FindTakeOff():
                    self._takeoffs.ask(order.track)
                case TakeOver():
                    events += [
                        AlertChanged(time_ns=time_ns, alert=alert) for alert in self._alerts.take_over(order, time_ns)
                    ]
                case TaskSensor():
                    events += self._ingest.order(command, order)
                case ReportLink():
                    kind = _LINK_NOTICES[order.state]
                    link = {"words": order.detail, "link": order.link, "why": order.why, "lost": order.lost}
                    events.append(notice(time_ns, kind, order.source, "link", **link))
                case _:
                    events.append(AlertChanged(time_ns=time_ns, alert=self._alerts.obey(command)))
        except BadInput as error:
            events.append(notice(time_ns, NoticeKind.COMMAND_REFUSED, command.actor, "command_refused", why=str(error)))
