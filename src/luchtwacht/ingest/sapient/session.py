"""The fusion node's side of the talk: what is answered to a message, and what the watch says of it.

    registration     RegistrationAck: taken, or refused with the reason (no sensor of the site has that id; an effector)
    status report    a sign of life with the node's state; a request to register when it has not
    alert            AlertAck; the alert is a notice, for a person to read
    task ack         a notice with what was asked
    task             TaskAck: this node takes no tasks from below
    error            a notice
    any at fault     Error, with what is wrong; at most one a second to each node, and never to an Error

Everything here follows from the messages, their times of receipt and the site: nothing is sent from here. What is to
be sent is said as `Outgoing`, recorded like every other event, and sent by whoever holds the connection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from luchtwacht.codecs.sapient import (
    UUID,
    MessageKind,
    Refusal,
    SapientMessage,
    compose,
    encode_message,
    frame_message,
    node_id_of,
    ulid_of,
)
from luchtwacht.errors import BadCommand, BadMessage
from luchtwacht.geodesy import from_utm
from luchtwacht.ingest.sapient.node import Node, read_registration
from luchtwacht.ingest.sapient.tasks import Pending, task_content
from luchtwacht.model import (
    Command,
    Notice,
    NoticeKind,
    Outgoing,
    SensorReport,
    SensorState,
    Site,
    TaskSensor,
)
from luchtwacht.model.notices import notice
from luchtwacht.units import DEGREE, SECOND_NS

ERROR_EVERY_NS = SECOND_NS
"""at most one Error to a node in this time: a node that sends nonsense is told so, not flooded"""
ASK_EVERY_NS = 30 * SECOND_NS
"""a node that has not registered is asked to this often"""
LONGEST_ECHO = 4096
"""octets of a message at fault that go back with the Error"""
LONGEST_TEXT = 200
LONGEST_WORDS = 400
"""characters of a node's own words in a notice"""
MOST_STRANGERS = 256
"""nodes that are nobody's, of whom is remembered when they were last answered"""
MOST_PENDING = 256
_SYSTEM = {1: SensorState.OPERATIONAL, 2: SensorState.DEGRADED, 3: SensorState.DOWN, 5: SensorState.DOWN}
"""StatusReport.System: ok, warning, error, goodbye"""
_GOODBYE, _NOT_DETECTING = 5, 11
"""StatusReport.System, StatusReport.StatusType"""
_TASK_STATUS = {1: "accepted", 2: "rejected", 3: "completed", 4: "failed"}
_ALERT_TYPE = {1: "information", 2: "warning", 3: "critical", 4: "error", 5: "fatal", 6: "mode change"}
_ALERT_STATUS = {1: "active", 2: "acknowledged", 3: "rejected", 4: "ignored", 5: "cleared"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionState:
    """What a session remembers."""

    nodes: dict[str, Node] = field(default_factory=dict)
    """registered nodes by id"""
    refused: tuple[str, ...] = ()
    """nodes of the site that registered as effectors, in order"""
    states: dict[str, tuple[SensorState, str]] = field(default_factory=dict)
    """what each node last said of its state"""
    pending: dict[str, Pending] = field(default_factory=dict)
    """tasks that are not done, by id"""
    told_ns: dict[str, int] = field(default_factory=dict)
    """when a node was last told that it is at fault, and `ask/` and a node when it was last asked to register"""


@dataclass(slots=True)
class Said:
    """What follows from one frame, besides detections."""

    events: list[Notice | Outgoing] = field(default_factory=list)
    reports: list[SensorReport] = field(default_factory=list)


class Session:
    """All nodes of one source."""

    def __init__(self, site: Site, source: int) -> None:
        self._site, self._source = site, source
        self._sensors = {
            sensor.key.lower(): index
            for index, sensor in enumerate(site.sensors)
            if sensor.source == site.sources[source].id
        }
        self.own_id = node_id_of(site.id)
        self._unregistered = {node_id: Node(node_id=node_id) for node_id in self._sensors}
        self._nodes: dict[str, Node] = {}
        self._refused: set[str] = set()
        self._states: dict[str, tuple[SensorState, str]] = {}
        self._pending: dict[str, Pending] = {}
        self._told_ns: dict[str, int] = {}

    def state(self) -> SessionState:
        """Who is registered, what was asked, and who was told what when."""
        return SessionState(
            nodes=dict(self._nodes),
            refused=tuple(sorted(self._refused)),
            states=dict(self._states),
            pending=dict(self._pending),
            told_ns=dict(self._told_ns),
        )

    def restore(self, state: SessionState) -> None:
        """Go on from what `state` gave."""
        self._nodes, self._states, self._pending = dict(state.nodes), dict(state.states), dict(state.pending)
        self._refused, self._told_ns = set(state.refused), dict(state.told_ns)

    def sensor(self, node_id: str) -> int:
        """The index of the sensor that this node is; -1 for nobody's."""
        return self._sensors.get(node_id, -1)

    def node(self, node_id: str) -> Node:
        """What is known of a node; next to nothing before it registered."""
        return self._nodes.get(node_id) or self._unregistered[node_id]

    def registered(self, node_id: str) -> bool:
        """Whether a node has registered."""
        return node_id in self._nodes

    def refuses(self, node_id: str) -> bool:
        """Whether a node of the site registered as an effector, and nothing else since."""
        return node_id in self._refused

    def alive(self, node: Node, time_ns: int, received_ns: int) -> SensorReport:
        """A sign of life that says nothing new of the node's state."""
        state, detail = self._states.get(node.node_id, (SensorState.OPERATIONAL, ""))
        return _report(self.sensor(node.node_id), time_ns, received_ns, state, detail, node)

    def declared(self) -> Iterable[str]:
        """Ids of the nodes that the site has."""
        return self._sensors

    # ------------------------------------------------------------------ what comes in

    def hear(self, message: SapientMessage, frame: int, received_ns: int) -> Said:
        """What follows from a message."""
        said, node_id = Said(), message.node_id.lower()
        sensor = self.sensor(node_id)
        if sensor < 0:
            return self.turn_away(message.kind, node_id, frame, received_ns)
        if message.kind is not MessageKind.REGISTRATION:
            if node_id in self._refused:
                return said
            self._ask(said, node_id, frame, received_ns)
        match message.kind:
            case MessageKind.REGISTRATION:
                self._register(said, message, frame, received_ns)
            case MessageKind.STATUS_REPORT:
                self._status(said, message, received_ns)
            case MessageKind.ALERT:
                self._alert(said, message, frame, received_ns)
            case MessageKind.TASK_ACK:
                self._task_answered(said, message, received_ns)
            case MessageKind.TASK:
                content = {
                    "task_id": message.content.task_id,
                    "task_status": "TASK_STATUS_REJECTED",
                    "reason": ["this fusion node takes no tasks from sensors"],
                }
                self._send(said, MessageKind.TASK_ACK, content, node_id, frame, received_ns)
            case MessageKind.ERROR:
                words = "; ".join(message.content.error_message)
                self._notice(said, received_ns, NoticeKind.NODE_OBJECTED, sensor, "objected", words=words)
        return said

    def ask_to_register(self, node_id: str, frame: int, received_ns: int) -> Said:
        """Ask a node of the site that has not registered to do so."""
        said = Said()
        self._ask(said, node_id, frame, received_ns)
        return said

    def _ask(self, said: Said, node_id: str, frame: int, received_ns: int) -> None:
        if node_id in self._nodes or not self._due(f"ask/{node_id}", received_ns, ASK_EVERY_NS):
            return
        content = {
            "task_id": ulid_of(received_ns, node_id, frame),
            "control": "CONTROL_START",
            "command": {"request": "Registration"},
        }
        self._send(said, MessageKind.TASK, content, node_id, frame, received_ns)

    def refuse(self, refusal: Refusal, frame: int, received_ns: int) -> Said:
        """An effector registers, or a task would act on something: it is told so, and people are."""
        said, reason = Said(), refusal.why
        if not refusal.node_id:
            return said
        self._nodes.pop(refusal.node_id, None)
        if refusal.kind is MessageKind.REGISTRATION and refusal.node_id in self._sensors:
            self._refused.add(refusal.node_id)
        if refusal.kind is MessageKind.REGISTRATION:
            content = {"acceptance": False, "ack_response_reason": [reason]}
            self._send(said, MessageKind.REGISTRATION_ACK, content, refusal.node_id, frame, received_ns)
        self._send(said, MessageKind.ERROR, _error(b"", [reason]), refusal.node_id, frame, received_ns)
        self._notice(said, received_ns, NoticeKind.NODE_REFUSED, refusal.node_id, "refused", why=reason)
        return said

    def object_to(self, node_id: str, octets: bytes, faults: str, frame: int, received_ns: int) -> Said:
        """A message at fault: its sender is told what is wrong with it."""
        said = Said()
        if node_id and self._due(node_id, received_ns, ERROR_EVERY_NS):
            self._send(said, MessageKind.ERROR, _error(octets, [faults]), node_id, frame, received_ns)
        return said

    def turn_away(self, kind: MessageKind, node_id: str, frame: int, received_ns: int) -> Said:
        """A message of a node that is nobody's."""
        said, reason = Said(), f"no sensor of this site has key {node_id}"
        if kind is MessageKind.REGISTRATION:
            content = {"acceptance": False, "ack_response_reason": [reason]}
            self._send(said, MessageKind.REGISTRATION_ACK, content, node_id, frame, received_ns)
            if self._due(f"stranger/{node_id}", received_ns, ASK_EVERY_NS):
                self._notice(said, received_ns, NoticeKind.NODE_REFUSED, node_id, "stranger", key=node_id)
        elif kind is not MessageKind.ERROR and self._due(node_id, received_ns, ASK_EVERY_NS):
            self._send(said, MessageKind.ERROR, _error(b"", [reason]), node_id, frame, received_ns)
        return said

    # ------------------------------------------------------------------ what people ask

    def order(self, command: Command, order: TaskSensor) -> list[Notice | Outgoing]:
        """A person's task as a message to the node.

        Raises:
            BadCommand: the node has not registered, has not registered that task, or the task lacks something.
            BadMessage: what is asked cannot be, such as a place that is none.
        """
        index = next(i for i, sensor in enumerate(self._site.sensors) if sensor.id == order.sensor)
        node = self._nodes.get(self._site.sensors[index].key.lower())
        if node is None:
            raise BadCommand(f"sensor {order.sensor} has not registered", hint="is it connected?")
        task_id = ulid_of(command.received_ns, self._site.id, command.sequence)
        content, words = task_content(order, node, task_id)
        said = Said()
        task = self._outgoing(MessageKind.TASK, content, node.node_id, command.sequence, command.received_ns)
        said.events.append(task)
        while len(self._pending) >= MOST_PENDING:
            self._pending.pop(next(iter(self._pending)))
        self._pending[task_id] = Pending(sensor=index, asked=words, asked_ns=command.received_ns)
        self._notice(said, command.received_ns, NoticeKind.TASK_SENT, index, "task_sent", by=command.actor, **words)
        return said.events

    # ------------------------------------------------------------------ by kind of message

    def _register(self, said: Said, message: SapientMessage, frame: int, received_ns: int) -> None:
        node = read_registration(message)
        before = self._nodes.get(node.node_id)
        if before is not None:
            node = replace(node, place=before.place)
        self._nodes[node.node_id] = node
        self._refused.discard(node.node_id)
        self._states.pop(node.node_id, None)
        self._send(said, MessageKind.REGISTRATION_ACK, {"acceptance": True}, node.node_id, frame, received_ns)
        sensor = self.sensor(node.node_id)
        said.reports.append(self.alive(node, message.time_ns, received_ns))
        if before is None or replace(before, mode="") != replace(node, mode=""):
            modes = [mode.name for mode in node.modes]
            what = {"name": node.name, "edition": str(node.edition), "modes": modes}
            self._notice(said, received_ns, NoticeKind.NODE_REGISTERED, sensor, "registered", **what)

    def _status(self, said: Said, message: SapientMessage, received_ns: int) -> None:
        content, node = message.content, self.node(message.node_id.lower())
        state = _SYSTEM.get(content.system, SensorState.OPERATIONAL)
        if any(each.status_type == _NOT_DETECTING for each in content.status):
            state = SensorState.DOWN
        words = [each.status_value for each in content.status if each.status_value]
        words = ["goodbye", *words] if content.system == _GOODBYE else words
        if node.node_id in self._nodes:
            place = _place(content.node_location, self._site) if content.HasField("node_location") else None
            node = replace(node, mode=content.mode, place=place or node.place)
            self._nodes[node.node_id] = node
        detail = ", ".join(words)[:LONGEST_TEXT] if state != SensorState.OPERATIONAL else ""
        self._states[node.node_id] = (state, detail)
        said.reports.append(self.alive(node, message.time_ns, received_ns))

    def _alert(self, said: Said, message: SapientMessage, frame: int, received_ns: int) -> None:
        content, node_id = message.content, message.node_id.lower()
        kind = _ALERT_TYPE.get(content.alert_type, "alert")
        status = _ALERT_STATUS.get(content.status, "")
        what = {"alert": kind.replace(" ", "_"), "status": status, "words": content.description}
        self._notice(said, received_ns, NoticeKind.SENSOR_ALERT, self.sensor(node_id), "sensor_alert", **what)
        answer = {"alert_id": content.alert_id, "alert_ack_status": "ALERT_ACK_STATUS_ACCEPTED"}
        self._send(said, MessageKind.ALERT_ACK, answer, node_id, frame, received_ns)

    def _task_answered(self, said: Said, message: SapientMessage, received_ns: int) -> None:
        content, sensor = message.content, self.sensor(message.node_id.lower())
        status = _TASK_STATUS.get(content.task_status, "answered")
        pending = self._pending.get(content.task_id)
        if pending is None or pending.sensor != sensor:
            return  # a request to register, or a task of somebody else
        if status != "accepted":
            del self._pending[content.task_id]
        reason = "; ".join(content.reason)
        what = {**pending.asked, "status": status, "why": reason}
        self._notice(said, received_ns, NoticeKind.TASK_ANSWERED, sensor, "task_answered", **what)

    # ------------------------------------------------------------------ what goes out

    def _send(
        self, said: Said, kind: MessageKind, content: Mapping[str, Any], node_id: str, frame: int, received_ns: int
    ) -> None:
        """Say a message, unless it would name things by ids that the standard does not have: v1 allows such, an answer
        does not."""
        with suppress(BadMessage):
            said.events.append(self._outgoing(kind, content, node_id, frame, received_ns))

    def _outgoing(
        self, kind: MessageKind, content: Mapping[str, Any], node_id: str, frame: int, received_ns: int
    ) -> Outgoing:
        """A message to a node; raises `BadMessage` when the standard does not allow it."""
        message = compose(kind, content, time_ns=received_ns, node_id=self.own_id, destination_id=_uuid(node_id))
        return Outgoing(
            time_ns=received_ns,
            source=self._source,
            node=node_id,
            kind=str(kind),
            input=frame,
            payload=frame_message(encode_message(message)),
        )

    def _notice(self, said: Said, time_ns: int, kind: NoticeKind, subject: int | str, code: str, **data: Any) -> None:
        name = subject if isinstance(subject, str) else self._site.sensors[subject].id
        short = {key: each[:LONGEST_WORDS] if isinstance(each, str) else each for key, each in data.items()}
        said.events.append(notice(time_ns, kind, name, code, **short))

    def _due(self, what: str, now_ns: int, every_ns: int) -> bool:
        """Whether to say something again; strangers beyond `MOST_STRANGERS` are not answered at all."""
        known = self._told_ns.get(what)
        if known is not None and now_ns - known < every_ns:
            return False
        if known is None and len(self._told_ns) >= MOST_STRANGERS + 2 * len(self._sensors):
            old = next(iter(self._told_ns))
            if now_ns - self._told_ns[old] < ASK_EVERY_NS:
                return False
            del self._told_ns[old]
        self._told_ns.pop(what, None)
        self._told_ns[what] = now_ns
        return True


def _report(sensor: int, time_ns: int, received_ns: int, state: SensorState, detail: str, node: Node) -> SensorReport:
    return SensorReport(
        sensor=sensor,
        time_ns=time_ns,
        received_ns=received_ns,
        state=state,
        detail=detail,
        heartbeat_s=node.heartbeat_s or None,
    )


def _error(octets: bytes, reasons: list[str]) -> dict[str, Any]:
    return {"packet": octets[:LONGEST_ECHO] or b"\0", "error_message": reasons}


def _uuid(node_id: str) -> str:
    """A node of v1 may have another kind of id; nobody is then addressed by it."""
    return node_id if UUID.fullmatch(node_id) else ""


def _place(said: Any, site: Site) -> tuple[float, float, float] | None:
    """Where a node says it is: latitude, longitude (rad), height above the ellipsoid (m)."""
    if said.coordinate_system == 1:
        latitude, longitude = said.y * DEGREE, said.x * DEGREE
    elif said.coordinate_system == 2:
        latitude, longitude = said.y, said.x
    else:
        zone = said.utm_zone.strip()
        if not zone[:-1].isdigit() or not 1 <= int(zone[:-1]) <= 60:
            return None
        latitude, longitude = map(float, from_utm(said.x, said.y, int(zone[:-1]), south=zone[-1].upper() < "N"))
    height = said.z if said.HasField("z") else site.origin.height
    if said.datum == 2 and said.HasField("z"):
        height += float(site.sea_level(latitude / DEGREE, longitude / DEGREE))
    return latitude, longitude, height
