"""The picture: what there is to see now, made from events and nothing else.

`Picture.apply(events)` takes in what the pipeline said and answers which parts changed; `read` and `read_changes` give
those parts as they go over the wire. The same events always give the same picture. Removals come before upserts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from luchtwacht import model
from luchtwacht.airspace.schedule import Calendar
from luchtwacht.server import wire
from luchtwacht.server.declarations import encode_authorisation, encode_zone, to_ms
from luchtwacht.server.estimates import (
    CATEGORIES,
    CATEGORY_COLUMN,
    PROBABILITY_COLUMN,
    STANDING_COLUMN,
    Datum,
    Row,
    encode_alert,
    encode_detections,
    encode_findings,
    encode_identities,
    measured,
    to_columns,
    track_rows,
)
from luchtwacht.server.grounds import encode_grounds, factor
from luchtwacht.server.sensor_figures import encode_figures
from luchtwacht.server.takeoffs import encode_chances, encode_takeoff
from luchtwacht.units import DAY_NS, SECOND_NS

LOST_NS = 30 * SECOND_NS
"""a track that was confirmed is shown as lost for this long after its end"""
TRAIL_STEP_MS = 1_000
TRAIL_LENGTH = 180
REPORTS_KEPT = 200
"""reports remembered for each track, for the way back to the byte"""
NOTICES_KEPT = 300
TAKE_OFFS_KEPT = 500
TRANSIENTS_KEPT = 2_000
"""plots and bearings told at most in one message"""


@dataclass(slots=True)
class Change:
    """Which parts of a picture changed. Dictionaries serve as ordered sets."""

    tracks: dict[int, None] = field(default_factory=dict)
    gone_tracks: dict[int, None] = field(default_factory=dict)
    identities: dict[int, None] = field(default_factory=dict)
    findings: dict[int, None] = field(default_factory=dict)
    alerts: list[wire.Alert] = field(default_factory=list)
    """every state an alert had, in order: none is left out"""
    zones: dict[str, None] = field(default_factory=dict)
    authorisations: dict[str, None] = field(default_factory=dict)
    sensors: dict[str, None] = field(default_factory=dict)
    rejected: dict[tuple[str, str, str], None] = field(default_factory=dict)
    notices: list[wire.Notice] = field(default_factory=list)
    takeoffs: dict[int, None] = field(default_factory=dict)
    plots: wire.Plots = field(default_factory=wire.Plots)
    bearings: wire.Bearings = field(default_factory=wire.Bearings)

    def __bool__(self) -> bool:
        return bool(
            self.tracks or self.gone_tracks or self.identities or self.findings or self.alerts or self.zones
            or self.authorisations or self.sensors or self.rejected or self.notices or self.takeoffs
            or self.plots.sensor or self.bearings.sensor
        )  # fmt: skip

    @property
    def urgent(self) -> bool:
        """Whether somebody waits for it."""
        return bool(self.alerts or self.notices or self.zones or self.authorisations)

    @classmethod
    def merged(cls, changes: Iterable[Change]) -> Change:
        """What changed over all of `changes`; transient reports beyond `TRANSIENTS_KEPT` are let go, oldest first."""
        whole = cls()
        for each in changes:
            for name in (
                "tracks",
                "gone_tracks",
                "identities",
                "findings",
                "zones",
                "authorisations",
                "sensors",
                "rejected",
                "takeoffs",
            ):
                getattr(whole, name).update(getattr(each, name))
            whole.alerts += each.alerts
            whole.notices += each.notices
            for kind in ("plots", "bearings"):
                for column in getattr(whole, kind).__slots__:
                    kept = getattr(getattr(whole, kind), column)
                    kept += getattr(getattr(each, kind), column)
                    del kept[:-TRANSIENTS_KEPT]
        return whole


@dataclass(slots=True)
class _Memory:
    """What is remembered of one live track beside its latest row."""

    trail: deque[tuple[int, float, float, float | None]] = field(default_factory=lambda: deque(maxlen=TRAIL_LENGTH))
    reports: deque[wire.Report] = field(default_factory=lambda: deque(maxlen=REPORTS_KEPT))
    recognition: wire.Recognition | None = None

    def correct(self, report: wire.Report) -> None:
        """Put in what came late, or anew what was said before; without probability it holds no more."""
        before = next((each for each in self.reports if each.id == report.id), None)
        if before is not None:
            report = replace(before, probability=report.probability)
        kept = [each for each in self.reports if each.id != report.id] + [report] * (report.probability > 0.0)
        self.reports = deque(sorted(kept, key=lambda each: (each.time_ms, each.id)), maxlen=REPORTS_KEPT)


class Picture:
    """What there is to see, for one site."""

    def __init__(self, site: model.Site) -> None:
        self.site, self.datum = site, Datum(site)
        self.time_ns = 0
        self._rows: dict[int, Row] = {}
        self._heights: dict[int, float] = {}
        self._memory: dict[int, _Memory] = {}
        self._lost: dict[int, int] = {}
        self._identities: dict[int, wire.Identity] = {}
        self._category: dict[int, list[float]] = {}
        self._findings: dict[int, list[wire.Finding]] = {}
        self._alerts: dict[int, wire.Alert] = {}
        self._zones: dict[str, model.Zone] = {zone.id: zone for zone in site.zones}
        self._calendars: dict[str, Calendar] = {zone.id: Calendar.of(zone) for zone in site.zones}
        self._in_force: dict[str, tuple[bool, int, int]] = {}
        self._authorisations: dict[str, model.Authorisation] = {each.id: each for each in site.authorisations}
        self._authorisations_in_force: dict[str, bool] = {}
        self._because: dict[str, model.NoticeKind] = {}
        """by sensor, the notice that its state rests on"""
        self._health: dict[str, wire.SensorHealth] = {
            sensor.id: wire.SensorHealth(sensor=sensor.id, state="unheard", heard_ms=None, reports=0, detail="")
            for sensor in site.sensors
        }
        self._rejected: dict[tuple[str, str, str], wire.RejectedCount] = {}
        self._notices: deque[wire.Notice] = deque(maxlen=NOTICES_KEPT)
        self._takeoffs: dict[int, tuple[wire.TakeOff, model.Chances]] = {}
        self._fresh: dict[int, tuple[int, dict[str, float | None], list[float] | None]] = {}
        """by report of the last step: its sensor, what it measured, and its opinion of the category"""
        self._before_claim: dict[int, model.Floats] = {}
        self._claim_factor: dict[int, model.Floats] = {}
        self._alerting: frozenset[int] = frozenset()

    # ------------------------------------------------------------------ taking in

    def apply(self, events: Iterable[model.Event]) -> Change:
        """Take in what the pipeline said, in order."""
        change = Change()
        for event in events:
            self.time_ns = max(self.time_ns, event.time_ns)
            match event:
                case model.Detected():
                    self._take_detections(event.detections, change)
                case model.Claimed():
                    self._take_claims(event.claims, change)
                case model.Tracked():
                    self._take_tracks(event.tracks, event.associations, change)
                case model.Reidentified():
                    self._take_recognition(event)
                case model.Identified():
                    self._take_identities(event.identities, change)
                case model.Found():
                    self._take_findings(event.findings, change)
                case model.AlertChanged():
                    self._take_alert(event.alert, change)
                case model.TakeOffFound():
                    self._take_takeoff(event, change)
                case model.ZoneChanged():
                    self._take_zone(event, change)
                case model.AuthorisationChanged():
                    self._take_authorisation(event, change)
                case model.Rejected():
                    self._take_rejections(event, change)
                case model.Notice():
                    self._take_notice(event, change)
                case model.SensorMeasured():
                    self._take_measured(event, change)
        self.pass_time(self.time_ns, change)
        return change

    def pass_time(self, time_ns: int, change: Change) -> None:
        """Let go of what was lost long ago; see which zones and authorisations come into force or end."""
        self.time_ns = max(self.time_ns, time_ns)
        for track, lost_ns in list(self._lost.items()):
            if self.time_ns - lost_ns > LOST_NS:
                self._forget(track, change)
        for id, calendar in self._calendars.items():
            before = self._in_force.get(id)
            if before is None or not before[1] <= self.time_ns < before[2]:
                self._in_force[id] = calendar.state(self.time_ns)
                if before is None or before[0] != self._in_force[id][0]:
                    change.zones[id] = None
        for id in self._authorisations:
            if self._authorisations_in_force.get(id) != (now := self._authorisation(id).in_force):
                self._authorisations_in_force[id] = now
                change.authorisations[id] = None

    def _take_detections(self, detections: model.Detections, change: Change) -> None:
        plots, bearings = encode_detections(detections, self.site.sensors, self.datum)
        change_now = Change(plots=plots, bearings=bearings)
        merged = Change.merged([change, change_now])
        change.plots, change.bearings = merged.plots, merged.bearings
        self._fresh = {
            id: (sensor, measured(geometry, z), [float(f"{each:.4g}") for each in said] if said[0] >= 0.0 else None)
            for id, sensor, geometry, z, said in zip(
                detections.id.tolist(),
                detections.sensor.tolist(),
                detections.geometry.tolist(),
                detections.z.tolist(),
                detections.category_probability.tolist(),
                strict=True,
            )
        }
        self._hear(detections.sensor, detections.received_ns, change)

    def _take_claims(self, claims: model.Claims, change: Change) -> None:
        places = self.datum.places(claims.position)
        for id, sensor, (latitude, longitude, height) in zip(
            claims.id.tolist(), claims.sensor.tolist(), places.tolist(), strict=True
        ):
            said = {
                "latitude_deg": round(latitude, 6),
                "longitude_deg": round(longitude, 6),
                "height_amsl_m": round(height, 1),
            }
            self._fresh[id] = (sensor, {name: value for name, value in said.items() if value == value}, None)
        self._hear(claims.sensor, claims.received_ns, change)

    def _hear(self, sensors: model.Ints, received_ns: model.Ints, change: Change) -> None:
        """Reports came in: when last, and how many."""
        for index in np.unique(sensors).tolist():
            mine = sensors == index
            id = self.site.sensors[index].id
            before = self._health[id]
            self._health[id] = wire.SensorHealth(
                sensor=id,
                state="ok" if before.state == "unheard" else before.state,
                heard_ms=max(before.heard_ms or 0, to_ms(int(received_ns[mine].max()))),
                reports=before.reports + int(mine.sum()),
                detail=before.detail,
                code=before.code,
                data=before.data,
                figures=before.figures,
            )
            change.sensors[id] = None

    def _take_tracks(self, tracks: model.Tracks, associations: model.Associations, change: Change) -> None:
        rows, heights = track_rows(tracks, self.datum)
        live = tracks.track.tolist()
        present = set(live)
        for track in [each for each in self._rows if each not in present and each not in self._lost]:
            self._forget(track, change)
        ended = tracks.status == model.TrackStatus.TERMINATED
        for track, row, height, terminated, confirmed_ns, time_ns in zip(
            live, rows, heights, ended.tolist(), tracks.confirmed_ns.tolist(), tracks.time_ns.tolist(), strict=True
        ):
            if terminated and confirmed_ns < 0:
                self._forget(track, change)
                continue
            if terminated:
                self._lost[track] = time_ns
            else:
                self._lost.pop(track, None)  # it may be recognised after it ended
            self._rows[track], self._heights[track] = row, height
            self._memory.setdefault(track, _Memory())
            self._extend_trail(track, row)
            change.tracks[track] = None
            change.gone_tracks.pop(track, None)
        self._before_claim = dict(zip(live, tracks.category_probability, strict=True))
        self._remember_reports(associations)
        self._fresh = {}

    def _take_recognition(self, event: model.Reidentified) -> None:
        if event.track not in self._memory:
            return
        self._memory[event.track].recognition = wire.Recognition(
            at_ms=to_ms(event.time_ns),
            lost_ms=to_ms(event.lost_ns),
            former=event.former if event.former > 0 else None,
            probability=round(event.probability, 3),
            away_m=round(event.away, 1),
        )

    def _extend_trail(self, track: int, row: Row) -> None:
        trail = self._memory[track].trail
        if not trail or row[1] - trail[-1][0] >= TRAIL_STEP_MS:
            trail.append((row[1], row[7], row[8], row[9]))

    def _remember_reports(self, associations: model.Associations) -> None:
        ids = associations.detection
        for track, id, time_ns, probability, frame, record in zip(
            associations.track.tolist(),
            ids.tolist(),
            associations.time_ns.tolist(),
            associations.probability.tolist(),
            model.frame_of(ids).tolist(),
            model.record_of(ids).tolist(),
            strict=True,
        ):
            if track not in self._memory:
                continue
            memory = self._memory[track]
            sensor, said, opinion = self._fresh.get(id, (-1, {}, None))
            report = wire.Report(
                id=id,
                frame=frame,
                record=record,
                time_ms=to_ms(time_ns),
                sensor=self.site.sensors[sensor].id if sensor >= 0 else "",
                probability=round(probability, 3),
                measured=said,
                opinion=opinion,
            )
            if probability > 0.0 and not (memory.reports and report.time_ms <= memory.reports[-1].time_ms):
                memory.reports.append(report)
            else:
                memory.correct(report)

    def _forget(self, track: int, change: Change) -> None:
        if self._rows.pop(track, None) is None:
            return
        for memory in (self._heights, self._memory, self._lost, self._identities, self._category, self._findings):
            memory.pop(track, None)
        for changed in (change.tracks, change.identities, change.findings):
            changed.pop(track, None)
        change.gone_tracks[track] = None

    def _take_identities(self, identities: model.Identities, change: Change) -> None:
        self._category = dict(
            zip(
                identities.track.tolist(),
                np.round(np.nan_to_num(identities.category_probability), 3).tolist(),
                strict=True,
            )
        )
        self._claim_factor = {
            track: factor(self._before_claim[track], after)
            for track, after in zip(identities.track.tolist(), identities.category_probability, strict=True)
            if track in self._before_claim
        }
        for identity in encode_identities(identities, self.datum):
            if self._identities.get(identity.track) != identity and identity.track in self._rows:
                self._identities[identity.track] = identity
                change.identities[identity.track] = None

    def _take_findings(self, findings: model.Findings, change: Change) -> None:
        made = encode_findings(findings)
        for track in [*self._findings, *made]:
            now = made.get(track, [])
            if self._findings.get(track, []) != now and track in self._rows:
                self._findings[track] = now
                change.findings[track] = None
        for track in [each for each in self._findings if each not in made]:
            del self._findings[track]

    def _take_alert(self, alert: model.Alert, change: Change) -> None:
        made = encode_alert(alert, self.datum)
        if self._alerts.get(alert.id) == made:
            return
        self._alerts[alert.id] = made
        change.alerts.append(made)
        self._alerting = frozenset(track for each in self._alerts.values() if each.active for track in each.tracks)
        change.tracks.update(dict.fromkeys(track for track in made.tracks if track in self._rows))

    def _take_takeoff(self, event: model.TakeOffFound, change: Change) -> None:
        """It stays when its track has gone: its alert may still be looked at. The oldest are let go at last."""
        track = event.takeoff.track
        self._takeoffs.pop(track, None)
        self._takeoffs[track] = encode_takeoff(event.takeoff, self.datum), event.chances
        if len(self._takeoffs) > TAKE_OFFS_KEPT:
            del self._takeoffs[next(iter(self._takeoffs))]
        change.takeoffs[track] = None

    def _take_zone(self, event: model.ZoneChanged, change: Change) -> None:
        for memory in (self._zones, self._calendars, self._in_force):
            memory.pop(event.id, None)
        if event.zone is not None:
            self._zones[event.id] = event.zone
            self._calendars[event.id] = Calendar.of(event.zone)
        change.zones[event.id] = None

    def _take_authorisation(self, event: model.AuthorisationChanged, change: Change) -> None:
        self._authorisations.pop(event.id, None)
        self._authorisations_in_force.pop(event.id, None)
        if event.authorisation is not None:
            self._authorisations[event.id] = event.authorisation
        change.authorisations[event.id] = None

    def _take_rejections(self, event: model.Rejected, change: Change) -> None:
        for each in event.rejections:
            key = (self.site.sources[each.source].id, each.reason.value, each.item)
            before = self._rejected.get(key)
            self._rejected[key] = wire.RejectedCount(
                source=key[0],
                reason=key[1],
                item=key[2],
                count=each.count + (before.count if before else 0),
                detail=each.detail,
                time_ms=to_ms(event.time_ns),
            )
            change.rejected[key] = None

    def _take_notice(self, event: model.Notice, change: Change) -> None:
        notice = wire.Notice(
            time_ms=to_ms(event.time_ns),
            kind=event.kind.value,
            subject=event.subject,
            detail=event.detail,
            code=event.code,
            data=event.data,
        )
        self._notices.append(notice)
        change.notices.append(notice)
        state: wire.Health | None = _HEALTH_AFTER.get(event.kind)
        if state is not None and event.subject in self._health:
            self._health[event.subject] = self._judged(event, self._health[event.subject], state)
            change.sensors[event.subject] = None

    def _judged(self, event: model.Notice, before: wire.SensorHealth, state: wire.Health) -> wire.SensorHealth:
        """A sensor's health after a notice of it; what is misaligned and corrected is well, with a note."""
        figures, kind = before.figures, event.kind
        corrected = figures is not None and figures.corrected
        troubles = [] if figures is None else [each for each in figures.faults if each != "misaligned" or not corrected]
        if kind is model.NoticeKind.SENSOR_MISALIGNED and corrected:
            if before.state != "ok" and (troubles or self._because.get(event.subject) is not kind):
                return before  # it has another trouble, which stays
            state = "ok"
        elif state == "ok" and troubles:
            state = "degraded"  # one trouble is over, another is not
        self._because[event.subject] = kind
        note = state != "ok" or kind is model.NoticeKind.SENSOR_MISALIGNED
        if not note:
            return replace(before, state=state, detail="", code="", data={})
        return replace(before, state=state, detail=event.detail, code=event.code, data=event.data)

    def _take_measured(self, event: model.SensorMeasured, change: Change) -> None:
        declared = next(sensor for sensor in self.site.sensors if sensor.id == event.sensor)
        self._health[event.sensor] = replace(self._health[event.sensor], figures=encode_figures(event, declared))
        change.sensors[event.sensor] = None

    # ------------------------------------------------------------------ reading

    def read(self) -> wire.Picture:
        """The whole of it."""
        return wire.Picture(
            time_ms=to_ms(self.time_ns),
            tracks=self._columns(self._rows),
            trails=[self._trail(track) for track in self._rows],
            identities=list(self._identities.values()),
            findings=[wire.Findings(track=track, findings=each) for track, each in self._findings.items()],
            alerts=list(self._alerts.values()),
            zones=[self._zone(id) for id in self._zones],
            authorisations=[self._authorisation(id) for id in self._authorisations],
            sensors=list(self._health.values()),
            rejected=list(self._rejected.values()),
            notices=list(self._notices),
            takeoffs=[takeoff for takeoff, _ in self._takeoffs.values()],
        )

    def read_changes(self, change: Change, *, base: int, seq: int) -> wire.DeltaMessage:
        """The present state of what changed."""
        return wire.DeltaMessage(
            base=base,
            seq=seq,
            time_ms=to_ms(self.time_ns),
            gone=wire.Gone(
                tracks=[track for track in change.gone_tracks if track not in self._rows],
                zones=[id for id in change.zones if id not in self._zones],
                authorisations=[id for id in change.authorisations if id not in self._authorisations],
            ),
            tracks=self._columns(track for track in change.tracks if track in self._rows),
            identities=[self._identities[track] for track in change.identities if track in self._identities],
            findings=[
                wire.Findings(track=track, findings=self._findings.get(track, []))
                for track in change.findings
                if track in self._rows
            ],
            alerts=change.alerts,
            zones=[self._zone(id) for id in change.zones if id in self._zones],
            authorisations=[self._authorisation(id) for id in change.authorisations if id in self._authorisations],
            sensors=[self._health[id] for id in change.sensors],
            rejected=[self._rejected[key] for key in change.rejected],
            notices=change.notices,
            takeoffs=[self._takeoffs[track][0] for track in change.takeoffs if track in self._takeoffs],
            plots=change.plots,
            bearings=change.bearings,
        )

    def read_track(self, track: int) -> wire.TrackDetail | None:
        """One track with the reports that made it; none when it is not in the picture."""
        if track not in self._rows:
            return None
        height, place = self._heights[track], self._columns([track])
        sea = self.datum.undulation(place.latitude[0], place.longitude[0])
        return wire.TrackDetail(
            track=place,
            height_ellipsoid_m=None if height != height else round(height + sea, 1),
            trail=self._trail(track),
            identity=self._identities.get(track),
            findings=self._findings.get(track, []),
            alerts=[alert.id for alert in self._alerts.values() if track in alert.tracks],
            reports=list(reversed(self._memory[track].reports)),
            recognition=self._memory[track].recognition,
        )

    def read_grounds(self, grounds: model.Grounds) -> wire.CategoryGrounds | None:
        """What a track's category rests on; none when it is not in the picture."""
        track = grounds.track
        if track not in self._memory:
            return None
        identity = self._identities.get(track)
        claim = identity.claim_kind if identity is not None and identity.aircraft_id else None
        change = self._claim_factor.get(track)
        claimed = np.ones(len(CATEGORIES)) if claim is None or change is None else change
        return encode_grounds(grounds, self._memory[track].reports, self.site.sensors, claim, claimed)

    def read_takeoff(self, track: int) -> wire.TakeOffAnswer | None:
        """From where a track took off, with the map; none when that was not found."""
        if track not in self._takeoffs:
            return None
        takeoff, chances = self._takeoffs[track]
        return wire.TakeOffAnswer(takeoff=takeoff, chances=encode_chances(chances, self.datum))

    def first_seen(self, track: int) -> tuple[wire.Point, float] | None:
        """Where a track was first seen, and for how long it has been seen (s); none when it is not in the picture."""
        if track in self._takeoffs and (first := self._takeoffs[track][0]).first_seen is not None:
            last_ms = self._rows[track][3] if track in self._rows else first.used_until_ms
            return first.first_seen, max(last_ms - first.first_ms, 0) / 1e3
        if track not in self._rows or not self._memory[track].trail:
            return None
        time_ms, latitude, longitude, _ = self._memory[track].trail[0]
        return wire.Point(latitude=latitude, longitude=longitude), max(self._rows[track][3] - time_ms, 0) / 1e3

    @property
    def alerts(self) -> list[wire.Alert]:
        return list(self._alerts.values())

    def alert(self, id: int) -> wire.Alert | None:
        return self._alerts.get(id)

    def zone(self, id: str) -> model.Zone | None:
        return self._zones.get(id)

    def _zone(self, id: str) -> wire.Zone:
        held, _, until_ns = self._in_force.get(id) or self._calendars[id].state(self.time_ns)
        known = until_ns < self.time_ns + DAY_NS
        return encode_zone(self._zones[id], in_force=held, until_ms=to_ms(until_ns) if known else None)

    def _authorisation(self, id: str) -> wire.Authorisation:
        return encode_authorisation(self._authorisations[id], time_ns=self.time_ns)

    def _trail(self, track: int) -> wire.Trail:
        rows = self._memory[track].trail
        return wire.Trail(
            track=track,
            time_ms=[row[0] for row in rows],
            latitude=[row[1] for row in rows],
            longitude=[row[2] for row in rows],
            height_amsl_m=[row[3] for row in rows],
        )

    def _columns(self, tracks: Iterable[int]) -> wire.Tracks:
        return to_columns([self._finished(track) for track in tracks])

    def _finished(self, track: int) -> Row:
        """A row with what only later stages know: its standing, and the category with claims weighed in."""
        row = list(self._rows[track])
        row[STANDING_COLUMN] = self._standing(track)
        category = self._category.get(track)
        if category:
            row[CATEGORY_COLUMN] = CATEGORIES[category.index(max(category))]
            row[PROBABILITY_COLUMN] = category
        return tuple(row)

    def _standing(self, track: int) -> wire.Standing:
        """An active alert covers it; or its presence is permitted as the watch's own threshold has it; or neither."""
        if track in self._alerting:
            return "alert"
        permitted = self.site.alerting.permitted
        identity = self._identities.get(track)
        if identity is not None and identity.authorisation_probability >= permitted:
            return "permitted"
        return "open"


_HEALTH_AFTER: dict[model.NoticeKind, wire.Health] = {
    model.NoticeKind.SENSOR_SILENT: "silent",
    model.NoticeKind.SENSOR_HEARD: "ok",
    model.NoticeKind.SENSOR_DEGRADED: "degraded",
    model.NoticeKind.SENSOR_RESTORED: "ok",
    model.NoticeKind.SENSOR_CLOCK: "degraded",
    model.NoticeKind.SENSOR_BLIND: "degraded",
    model.NoticeKind.SENSOR_WEAK: "degraded",
    model.NoticeKind.SENSOR_CLUTTERED: "degraded",
    model.NoticeKind.SENSOR_NOISY: "degraded",
    model.NoticeKind.SENSOR_MISALIGNED: "degraded",
    model.NoticeKind.SENSOR_SLOW: "degraded",
    model.NoticeKind.SENSOR_AS_DECLARED: "ok",
}
