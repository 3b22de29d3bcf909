"""The watch as a node of a higher SAPIENT system (BSI Flex 335 v2.0): a fusion node that reports tracks and alerts.

    registers      once on each connection; nothing else is sent before that is acknowledged
    status         every `STATUS_EVERY_NS`
    tracks         a DetectionReport for each confirmed or coasted track, every `Output.every_s`; once more at its end
    alerts         an Alert whenever one is raised or moves; all that are active on each new connection
    AlertAck       acknowledges or rejects the alert here, in the name of this output and the node that sent it
    Task           status and registration are done; everything else is refused with the reason

Object ids are ULIDs made of the track's own number and start: the same in every run. The errors of a location are
standard deviations in metres, which the registration says; how east and north go together stands in `track_info`, for
the standard has no other place for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from luchtwacht.codecs.sapient import (
    Deframer,
    MessageKind,
    SapientMessage,
    compose,
    decode_message,
    encode_message,
    frame_message,
    node_id_of,
    ulid_of,
)
from luchtwacht.errors import BadMessage, Refused
from luchtwacht.model import (
    AcknowledgeAlert,
    Alert,
    AlertChanged,
    AlertStatus,
    Category,
    Event,
    Identified,
    Identities,
    Order,
    Output,
    RejectAlert,
    Severity,
    Shown,
    Site,
    Tracked,
    Tracks,
    TrackStatus,
)
from luchtwacht.units import DEGREE, SECOND_NS, seconds_to_ns

STATUS_EVERY_NS = 5 * SECOND_NS
REGISTER_EVERY_NS = 10 * SECOND_NS
"""a registration that nobody answers is sent again"""
STALE_NS = 10 * SECOND_NS
"""tracks older than this are not shown"""
MOST_ALERTS = 4096
"""alerts that are remembered for their acknowledgement"""
MOST_ANSWERS = 64
"""answers that wait for a receiver that asks faster than it reads"""
UNKNOWN_HEIGHT_M = 1_000.0
_PRIORITY = {Severity.CRITICAL: "HIGH", Severity.WARNING: "MEDIUM", Severity.NOTICE: "LOW"}
_TYPE = {Severity.CRITICAL: "CRITICAL", Severity.WARNING: "WARNING", Severity.NOTICE: "INFORMATION"}
_STATUS = {
    AlertStatus.RAISED: "ACTIVE",
    AlertStatus.ESCALATED: "ACTIVE",
    AlertStatus.ACKNOWLEDGED: "ACKNOWLEDGE",
    AlertStatus.REJECTED: "REJECT",
    AlertStatus.CLOSED: "CLEAR",
}
_OVER = (AlertStatus.REJECTED, AlertStatus.CLOSED)
_ACCEPTED, _REJECTED = 1, 2
"""AlertAck.AlertAckStatus"""
_DONE_HERE = ("status", "heartbeat", "registration")
_CLASSES = (
    ("Air Vehicle", "UAV Rotary Wing", Category.MULTIROTOR),
    ("Air Vehicle", "UAV Fixed Wing", Category.FIXED_WING_DRONE),
    ("Air Vehicle", "Manned", Category.CREWED_AIRCRAFT),
    ("Animal", "Bird", Category.BIRD),
    ("Other", "", Category.OTHER),
)
"""class, sub-class, category"""
_LOCATED = {
    "location_units": "LOCATION_COORDINATE_SYSTEM_LAT_LNG_DEG_M",
    "location_datum": "LOCATION_DATUM_WGS84_E",
}


class SapientTranslator:
    """What one higher node is told; see `outputs.Translator`."""

    def __init__(self, site: Site, output: Output) -> None:
        self._site, self._output = site, output
        self.node_id = output.node_id.lower() or node_id_of(f"{site.id}/{output.id}")
        self._every_ns = seconds_to_ns(output.every_s)
        self._tracks = Tracks.empty()
        self._tracks_ns = self._shown_ns = 0
        self._ended: dict[int, Tracks] = {}
        self._shown: set[int] = set()
        self._identities = Identities.empty()
        self._alerts: dict[int, Alert] = {}
        self._changed: dict[int, None] = {}
        """alerts that the receiver has not heard of as they are, in order"""
        self.left_out = 0
        """alerts and answers that were let go"""
        self.opened()

    @property
    def trouble(self) -> str:
        return self._trouble

    # ------------------------------------------------------------------ from the watch

    def take(self, events: tuple[Event, ...]) -> None:
        for event in events:
            match event:
                case Tracked() if Shown.TRACKS in self._output.what:
                    self._take_tracks(event)
                case Identified():
                    self._identities = event.identities
                case AlertChanged() if Shown.ALERTS in self._output.what:
                    self._take_alert(event.alert)

    def _take_tracks(self, event: Tracked) -> None:
        tracks = event.tracks
        for row in np.flatnonzero(tracks.status == TrackStatus.TERMINATED).tolist():
            if int(tracks.track[row]) in self._shown:
                self._ended[int(tracks.track[row])] = tracks.take([row])
        live = (tracks.status == TrackStatus.CONFIRMED) | (tracks.status == TrackStatus.COASTED)
        self._tracks, self._tracks_ns = tracks.take(live), event.time_ns

    def _take_alert(self, alert: Alert) -> None:
        self._alerts.pop(alert.id, None)
        self._alerts[alert.id] = alert
        self._changed.pop(alert.id, None)
        self._changed[alert.id] = None
        while len(self._alerts) > MOST_ALERTS:
            oldest = next(
                (each for each, known in self._alerts.items() if known.status in _OVER), next(iter(self._alerts))
            )
            del self._alerts[oldest]
            self.left_out += oldest in self._changed
            self._changed.pop(oldest, None)

    # ------------------------------------------------------------------ to the receiver

    def opened(self) -> None:
        self._deframer = Deframer()
        self._registered = False
        self._trouble = "has not acknowledged the registration"
        self._registered_ns = self._status_ns = self._shown_ns = 0
        self._status_said = False
        self._answers: list[tuple[MessageKind, dict[str, Any]]] = []
        self._shown.clear()
        self._ended.clear()
        self._changed = {each: None for each, alert in self._alerts.items() if alert.status not in _OVER}

    def due(self, now_ns: int) -> list[bytes]:
        if not self._registered:
            if now_ns - self._registered_ns < REGISTER_EVERY_NS:
                return []
            self._registered_ns = now_ns
            return [self._message(MessageKind.REGISTRATION, _registration(self._site), now_ns)]
        made = [self._message(kind, content, now_ns) for kind, content in self._answers]
        self._answers.clear()
        made += [self._message(MessageKind.ALERT, self._alert(self._alerts[each]), now_ns) for each in self._changed]
        self._changed.clear()
        if now_ns - self._status_ns >= STATUS_EVERY_NS:
            self._status_ns = now_ns
            made.append(self._message(MessageKind.STATUS_REPORT, self._status(now_ns), now_ns))
        return made + self._due_tracks(now_ns)

    def goodbye(self, now_ns: int) -> list[bytes]:
        """The last word before the connection is closed on purpose."""
        if not self._registered:
            return []
        return [self._message(MessageKind.STATUS_REPORT, self._status(now_ns) | {"system": "SYSTEM_GOODBYE"}, now_ns)]

    def _due_tracks(self, now_ns: int) -> list[bytes]:
        ended = list(self._ended.values())
        self._ended.clear()
        self._shown.difference_update(int(each.track[0]) for each in ended)
        if self._tracks_ns - self._shown_ns >= self._every_ns and now_ns - self._tracks_ns <= STALE_NS:
            self._shown_ns = self._tracks_ns
            self._shown.update(self._tracks.track.tolist())
            ended.append(self._tracks)
        tracks = Tracks.concatenate(ended)
        return [
            self._message(MessageKind.DETECTION_REPORT, content, int(time_ns))
            for time_ns, content in zip(tracks.time_ns, self._reports(tracks), strict=True)
        ]

    def _message(self, kind: MessageKind, content: Mapping[str, Any], time_ns: int) -> bytes:
        return frame_message(encode_message(compose(kind, content, time_ns=time_ns, node_id=self.node_id)))

    # ------------------------------------------------------------------ from the receiver

    def receive(self, data: bytes, now_ns: int) -> list[Order]:
        orders: list[Order] = []
        for octets in self._deframer.receive(data).messages:
            try:
                message = decode_message(octets)
            except (BadMessage, Refused) as error:
                self._answer(MessageKind.ERROR, {"packet": octets[:4096] or b"\0", "error_message": [str(error)[:400]]})
                continue
            orders += self._hear(message)
        if self._deframer.broken:
            self._trouble = "sent a message that is longer than any may be"
        return orders

    @property
    def broken(self) -> bool:
        """Whether nothing more can be read from this connection."""
        return self._deframer.broken

    def _hear(self, message: SapientMessage) -> list[Order]:
        content = message.content
        match message.kind:
            case MessageKind.REGISTRATION_ACK:
                self._registered = content.acceptance
                reason = "; ".join(content.ack_response_reason) or "no reason given"
                self._trouble = "" if content.acceptance else f"refused the registration: {reason[:200]}"
            case MessageKind.ALERT_ACK:
                return self._acknowledged(message)
            case MessageKind.TASK:
                self._tasked(content)
            case MessageKind.ERROR:
                self._trouble = f"could not use a message: {'; '.join(content.error_message)[:200]}"
        return []

    def _acknowledged(self, message: SapientMessage) -> list[Order]:
        """An AlertAck as an order; who gave it is said in the note, for the actor is this output."""
        names = {self._alert_id(alert): alert.id for alert in self._alerts.values()}
        alert = names.get(message.content.alert_id)
        if alert is None:
            return []
        reason = "; ".join(message.content.reason)[:400]
        by = f"by SAPIENT node {message.node_id}"
        if message.content.alert_ack_status == _ACCEPTED:
            return [AcknowledgeAlert(alert=alert, note=f"{reason} ({by})" if reason else by)]
        if message.content.alert_ack_status == _REJECTED:
            return [RejectAlert(alert=alert, note=f"{reason} ({by})" if reason else f"rejected {by}")]
        return []

    def _tasked(self, task: Any) -> None:
        command = task.command.WhichOneof("command")
        request = task.command.request.strip().lower() if command == "request" else ""
        if request in _DONE_HERE:
            self._registered_ns, self._status_ns = (0, self._status_ns) if request == "registration" else (0, 0)
            if request == "registration":
                self._registered = False
            self._answer(MessageKind.TASK_ACK, {"task_id": task.task_id, "task_status": "TASK_STATUS_COMPLETED"})
            return
        reason = (
            f"this node watches and does not {command or 'that'}: it shows what its sensors see and takes no orders"
        )
        answer = {"task_id": task.task_id, "task_status": "TASK_STATUS_REJECTED", "reason": [reason]}
        self._answer(MessageKind.TASK_ACK, answer)

    def _answer(self, kind: MessageKind, content: dict[str, Any]) -> None:
        if len(self._answers) < MOST_ANSWERS:
            self._answers.append((kind, content))
        else:
            self.left_out += 1

    # ------------------------------------------------------------------ content

    def _status(self, now_ns: int) -> dict[str, Any]:
        new, self._status_said = not self._status_said, True
        latitude, longitude, height = self._site.origin.latitude, self._site.origin.longitude, self._site.origin.height
        return {
            "report_id": ulid_of(now_ns, self.node_id, "status"),
            "system": "SYSTEM_OK",
            "info": "INFO_NEW" if new else "INFO_UNCHANGED",
            "mode": "Watch",
            "node_location": _location(latitude, longitude, height),
        }

    def _object_id(self, track: int, started_ns: int) -> str:
        return ulid_of(started_ns, self._site.id, "track", track)

    def _reports(self, tracks: Tracks) -> list[dict[str, Any]]:
        """A DetectionReport for each track."""
        place = self._site.frame.from_enu(tracks.x[:, :3]) / np.array([DEGREE, DEGREE, 1.0])
        deviation = np.sqrt(np.diagonal(tracks.P, axis1=1, axis2=2))
        names = {track: row for row, track in enumerate(self._identities.track.tolist())}
        made = []
        for row, track in enumerate(tracks.track.tolist()):
            east, north, up, *rates = deviation[row].tolist()
            latitude, longitude, height = place[row].tolist()
            where = _location(latitude, longitude, height if up < UNKNOWN_HEIGHT_M else None)
            where |= {"x_error": east, "y_error": north} | ({"z_error": up} if up < UNKNOWN_HEIGHT_M else {})
            speed = tracks.x[row, 3:].tolist()
            correlation = float(tracks.P[row, 0, 1]) / max(east * north, 1e-9)
            named = names.get(track)
            probability = (
                tracks.category_probability[row] if named is None else self._identities.category_probability[named]
            )
            report: dict[str, Any] = {
                "report_id": ulid_of(int(tracks.time_ns[row]), self.node_id, "report", track),
                "object_id": self._object_id(track, int(tracks.started_ns[row])),
                "state": _state(int(tracks.status[row])),
                "location": where,
                "detection_confidence": float(np.clip(tracks.existence[row], 0.0, 1.0)),
                "enu_velocity": {
                    "east_rate": speed[0],
                    "north_rate": speed[1],
                    "up_rate": speed[2],
                    "east_rate_error": rates[0],
                    "north_rate_error": rates[1],
                    "up_rate_error": rates[2],
                },
                "track_info": [
                    {"type": "track number", "value": str(track)},
                    {"type": "east-north correlation", "value": f"{correlation:.3f}"},
                ],
                "classification": _classification(probability.tolist()),
            }
            if named is not None and str(self._identities.aircraft_id[named]):
                report["id"] = str(self._identities.aircraft_id[named])
                sure = float(self._identities.probability[named])
                report["object_info"] = [{"type": "identity probability", "value": f"{sure:.3f}"}]
            made.append(report)
        return made

    def _alert_id(self, alert: Alert) -> str:
        return ulid_of(alert.raised_ns, self._site.id, "alert", alert.id)

    def _alert(self, alert: Alert) -> dict[str, Any]:
        latitude, longitude, height = (
            self._site.frame.from_enu(np.array(alert.cause.position)) / np.array([DEGREE, DEGREE, 1.0])
        ).tolist()
        zone = f" in zone {alert.zone}" if alert.zone else ""
        words = str(alert.kind).replace("_", " ")
        over = not alert.active and alert.status in (AlertStatus.RAISED, AlertStatus.ESCALATED)
        return {
            "alert_id": self._alert_id(alert),
            "alert_type": f"ALERT_TYPE_{_TYPE[alert.severity]}",
            "status": "ALERT_STATUS_CLEAR" if over else f"ALERT_STATUS_{_STATUS[alert.status]}",
            "description": f"{words}{zone}" + (f" by {alert.aircraft_id}" if alert.aircraft_id else ""),
            "location": _location(latitude, longitude, height if alert.cause.height_sigma < UNKNOWN_HEIGHT_M else None),
            "priority": f"DISCRETE_PRIORITY_{_PRIORITY[alert.severity]}",
            "confidence": float(np.clip(max(alert.cause.probability_inside, alert.cause.probability_entry), 0.0, 1.0)),
            "associated_detection": [
                {"node_id": self.node_id, "object_id": self._object_id(alert.track, alert.started_ns)}
            ],
            "additional_information": f"alert {alert.id} of {self._site.id}",
        }


def _location(latitude: float, longitude: float, height: float | None) -> dict[str, Any]:
    where = {
        "x": longitude,
        "y": latitude,
        "coordinate_system": _LOCATED["location_units"],
        "datum": _LOCATED["location_datum"],
    }
    return where if height is None else where | {"z": height}


def _state(status: int) -> str:
    if status == TrackStatus.TERMINATED:
        return "lostInView"
    return "predicted" if status == TrackStatus.COASTED else "confirmed"


def _classification(probability: list[float]) -> list[dict[str, Any]]:
    """Probabilities over categories as classes with their sub-classes."""
    made: dict[str, dict[str, Any]] = {}
    for name, sub_class, category in _CLASSES:
        share = min(max(probability[category], 0.0), 1.0)
        whole = made.setdefault(name, {"type": name, "confidence": 0.0})
        whole["confidence"] = min(whole["confidence"] + share, 1.0)
        if sub_class:
            whole.setdefault("sub_class", []).append({"type": sub_class, "confidence": share, "level": 1})
    return list(made.values())


def _registration(site: Site) -> dict[str, Any]:
    """What this node is: a fusion node that reports tracks with standard deviations in metres, and takes no tasks but
    to say again how and who it is."""
    second = {"units": "TIME_UNITS_SECONDS", "value": 1.0}
    region = {
        "region_type": ["REGION_TYPE_AREA_OF_INTEREST"],
        "settle_time": second,
        "region_area": [_LOCATED],
    }
    velocity = {
        "enu_velocity_units": {"east_north_rate_units": "SPEED_UNITS_MS", "up_rate_units": "SPEED_UNITS_MS"},
        "location_datum": _LOCATED["location_datum"],
    }
    classes: dict[str, dict[str, Any]] = {}
    for name, sub_class, _ in _CLASSES:
        definition = classes.setdefault(name, {"type": name, "units": "probability"})
        if sub_class:
            definition.setdefault("sub_class", []).append({"type": sub_class, "units": "probability", "level": 1})
    detection = {
        "location_type": _LOCATED,
        "detection_report": [{"category": "DETECTION_REPORT_CATEGORY_TRACK", "type": "track", "units": "none"}],
        "detection_class_definition": [
            {"confidence_definition": "CONFIDENCE_DEFINITION_MULTI_CLASS", "class_definition": list(classes.values())}
        ],
        "velocity_type": velocity,
        "geometric_error": {"type": "Standard Deviation", "units": "metres", "variation_type": "by report"},
    }
    return {
        "node_definition": [{"node_type": "NODE_TYPE_FUSION_NODE"}],
        "icd_version": "BSI Flex 335 v2.0",
        "name": site.name or site.id,
        "short_name": site.id,
        "capabilities": [{"category": "Fusion", "type": "Tracks, alerts"}],
        "status_definition": {
            "status_interval": {"units": "TIME_UNITS_SECONDS", "value": STATUS_EVERY_NS / SECOND_NS},
            "location_definition": _LOCATED,
        },
        "mode_definition": [
            {
                "mode_name": "Watch",
                "mode_type": "MODE_TYPE_DEFAULT",
                "settle_time": second,
                "tracking_type": "TRACKING_TYPE_TRACK",
                "detection_definition": [detection],
                "task": {
                    "concurrent_tasks": 1,
                    "region_definition": region,
                    "command": [
                        {"type": "COMMAND_TYPE_REQUEST", "units": "Registration, Status", "completion_time": second}
                    ],
                },
            }
        ],
        "config_data": [{"manufacturer": "Luchtwacht", "model": "Luchtwacht"}],
    }
