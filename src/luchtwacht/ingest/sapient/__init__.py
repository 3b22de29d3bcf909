"""SAPIENT to detections, claims, sensors' states and answers: the watch as the fusion node of its sensors.

    detections   detection reports
    taxonomy     what their classes mean
    session      registration, status, alerts, tasks: what is answered
    node         what a node said of itself
    tasks        what a person may ask of a node

A frame is one message: with its length before it as it came over TCP, or as JSON from a file. A source's sensors are
told apart by `Sensor.key`, the UUID of the node. Detections of a node that the site declares are used before it has
registered too (it is asked to): the declaration says what it is, and every report names its own units.

`docs/formats/sapient.md` says message by message what is used.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from luchtwacht.codecs.sapient import (
    LENGTH_SIZE,
    Decoded,
    Edition,
    MessageKind,
    Refusal,
    SapientMessage,
    decode,
    octets_of_json,
)
from luchtwacht.errors import BadCommand, BadMessage, Refused
from luchtwacht.ingest.clock import Reports, split_by_clock
from luchtwacht.ingest.confusion import confusion_of
from luchtwacht.ingest.ingested import Ingested
from luchtwacht.ingest.modulation import joined, of_rate
from luchtwacht.ingest.sapient.detections import Heard, gone, rates, strengths, take
from luchtwacht.ingest.sapient.node import Node
from luchtwacht.ingest.sapient.session import Said, Session, SessionState
from luchtwacht.ingest.sapient.taxonomy import Taxonomy, likelihoods, read_taxonomy
from luchtwacht.model import Command, Frames, Notice, Outgoing, Reason, Rejection, Site, TaskSensor

__all__ = ["SapientIngest", "SapientState"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SapientState:
    """What an ingester of SAPIENT remembers."""

    session: SessionState
    spoken: dict[str, str]
    """`Edition` by node"""


class SapientIngest:
    """One source of SAPIENT.

    Args:
        site, source: the site, and which of its sources this is.
        taxonomy: text of the site's own meaning of classes; "" for none.

    Raises:
        BadConfiguration: the taxonomy is wrong.
    """

    def __init__(self, site: Site, source: int, taxonomy: str = "") -> None:
        self._site, self._source = site, source
        declared = site.sources[source]
        self._own = read_taxonomy(taxonomy, declared.mapping) if taxonomy else Taxonomy()
        self._confusion = [confusion_of(sensor) for sensor in site.sensors]
        self._session = Session(site, source)
        self._spoken = dict.fromkeys(self._session.declared(), Edition.V2)

    def state(self) -> SapientState:
        """Who is registered and speaks which edition."""
        return SapientState(
            session=self._session.state(), spoken={node: str(edition) for node, edition in self._spoken.items()}
        )

    def restore(self, state: SapientState) -> None:
        """Go on from what `state` gave."""
        self._session.restore(state.session)
        self._spoken = {node: Edition(edition) for node, edition in state.spoken.items()}

    def order(self, command: Command, order: TaskSensor) -> list[Notice | Outgoing]:
        """Carry out a person's task; raises `BadCommand` as `Session.order` does."""
        try:
            return self._session.order(command, order)
        except (BadMessage, Refused) as error:
            raise BadCommand(str(error)) from error

    # ------------------------------------------------------------------ frames

    def _unframed(self, frames: Frames) -> tuple[Frames, list[Rejection]]:
        """The messages in frames, without their lengths; what is none is refused."""
        kept, payloads, rejections = [], [], []
        for row, payload in enumerate(frames.payloads()):
            size = int.from_bytes(payload[:LENGTH_SIZE], "little")
            if len(payload) >= LENGTH_SIZE and size == len(payload) - LENGTH_SIZE:
                kept.append(row)
                payloads.append(payload[LENGTH_SIZE:])
                continue
            reason, detail = Reason.TRUNCATED, f"{len(payload)} octets that are no message of {size} octets"
            if payload[:1] == b"{":
                try:
                    payloads.append(octets_of_json(payload))
                    kept.append(row)
                    continue
                except BadMessage as error:
                    reason, detail = Reason.MALFORMED, str(error)
            elif payload.lstrip()[:1] == b"<":
                reason = Reason.UNSUPPORTED
                detail = "XML, as SAPIENT was written before BSI Flex 335; it is not read, and no entity of it resolved"
            rejections.append(
                Rejection(
                    frame=int(frames.sequence[row]),
                    record=-1,
                    source=self._source,
                    reason=reason,
                    item="",
                    detail=detail,
                )
            )
        rows = np.array(kept, dtype=np.int64)
        plain = Frames.of(
            payloads, sequence=frames.sequence[rows], source=frames.source[rows], received_ns=frames.received_ns[rows]
        )
        return plain, rejections

    # ------------------------------------------------------------------ the talk

    def _talk(self, frames: Frames, decoded: Decoded) -> _Talk:
        """What is said to each frame, in order; and whose the detections are, by what their node was when they came."""
        payloads, session, talk = frames.payloads(), self._session, _Talk()
        faults = {each.frame: each.detail for each in decoded.rejections}
        senders = decoded.detections.node_id.tolist()
        happened: list[tuple[int, SapientMessage | Refusal | str | int]] = [*decoded.messages, *decoded.faulty]
        happened += [(each.row, each) for each in decoded.refused]
        happened += [(row, place) for place, row in enumerate(decoded.detections.frame.tolist())]
        for row, what in sorted(happened, key=lambda each: each[0]):
            frame, received_ns = int(frames.sequence[row]), int(frames.received_ns[row])
            if isinstance(what, int):
                node_id = senders[what].lower()
                if session.refuses(node_id):
                    talk.refused.append((frame, node_id))
                elif session.sensor(node_id) < 0:
                    talk.strange.append((frame, node_id))
                    talk.add(frame, session.turn_away(MessageKind.DETECTION_REPORT, node_id, frame, received_ns))
                else:
                    node = session.node(node_id)
                    talk.rows.setdefault(id(node), (node, []))[1].append(what)
                    if not session.registered(node_id):
                        talk.add(frame, session.ask_to_register(node_id, frame, received_ns))
            elif isinstance(what, str):
                talk.add(frame, session.object_to(what, payloads[row], faults[frame], frame, received_ns))
            elif isinstance(what, Refusal):
                talk.add(frame, session.refuse(what, frame, received_ns))
            else:
                if session.sensor(what.node_id.lower()) < 0:
                    talk.strange.append((frame, what.node_id.lower()))
                talk.add(frame, session.hear(what, frame, received_ns))
        return talk

    def _turned_away(self, talk: _Talk) -> list[Rejection]:
        """What came from nodes that nobody declared, and from such as were refused."""
        strange = [
            (frame, Reason.UNDECLARED_SENSOR, f"no sensor has key {node_id!r}") for frame, node_id in talk.strange
        ]
        refused = [
            (frame, Reason.UNSUPPORTED, f"node {node_id} registered as an effector and is refused")
            for frame, node_id in talk.refused
        ]
        return [
            Rejection(frame=frame, record=0, source=self._source, reason=reason, item="node_id", detail=detail)
            for frame, reason, detail in [*strange, *refused]
        ]

    # ------------------------------------------------------------------ detections

    def _detections(self, frames: Frames, decoded: Decoded, talk: _Talk) -> Ingested:
        """The detections, claims and signs of life in detection reports."""
        opinions = likelihoods(decoded.classes, len(decoded.detections), self._own)
        made = []
        for node, places in talk.rows.values():
            rows = np.array(places, dtype=np.int64)
            part, sensor = decoded.detections.take(rows), self._session.sensor(node.node_id)
            snr_db, rcs_dbsm = strengths(decoded, rows, node)
            confusion, opinion = self._confusion[sensor], opinions
            if confusion is not None:
                opinion = likelihoods(decoded.classes, len(decoded.detections), self._own, confusion)
            said = opinion[rows]
            if self._own.modulation:
                said = joined(said, of_rate(rates(decoded, rows, self._own.modulation)))
            seen = ~gone(part)
            heard = Heard(
                reports=part.take(seen),
                node=node,
                sensor=sensor,
                opinion=said[seen],
                snr_db=snr_db[seen],
                rcs_dbsm=rcs_dbsm[seen],
            )
            taken = take(heard, frames, self._site, self._source)
            lost = part.take(~seen)
            made.append(
                Ingested(
                    detections=taken.detections,
                    claims=taken.claims,
                    rejections=taken.rejections,
                    reports=tuple(
                        self._session.alive(node, time_ns, received_ns)
                        for time_ns, received_ns in zip(
                            lost.time_ns.tolist(), frames.received_ns[lost.frame].tolist(), strict=True
                        )
                    ),
                )
            )
        return Ingested.join(made) if made else Ingested()

    # ------------------------------------------------------------------ in order

    def receive(self, frames: Frames) -> Ingested:
        """What these messages hold, and what is answered."""
        plain, broken = self._unframed(frames)
        decoded = decode(plain, spoken=self._spoken)
        talk = self._talk(plain, decoded)
        taken = self._detections(plain, decoded, talk)
        declared = self._site.sources[self._source]
        detections, wrong = split_by_clock(_by_id(taken.detections), declared, self._source)
        claims, wrong_too = split_by_clock(_by_id(taken.claims), declared, self._source)
        rejections = [*broken, *decoded.rejections, *self._turned_away(talk), *taken.rejections, *wrong, *wrong_too]
        reports = [*(report for _, said in talk.said for report in said.reports), *taken.reports]
        return Ingested(
            detections=detections,
            claims=claims,
            reports=tuple(sorted(reports, key=lambda each: each.received_ns)),
            rejections=tuple(sorted(rejections, key=lambda each: each.frame)),
            said=tuple((frame, event) for frame, said in talk.said for event in said.events),
        )


@dataclass(slots=True)
class _Talk:
    """What came of a batch of messages, besides what their detections measured."""

    said: list[tuple[int, Said]] = field(default_factory=list)
    """frame, and what follows from it"""
    rows: dict[int, tuple[Node, list[int]]] = field(default_factory=dict)
    """rows of `DetectionReports` by the node as it was when they came"""
    strange: list[tuple[int, str]] = field(default_factory=list)
    """frame and sender of what came from nobody's node"""
    refused: list[tuple[int, str]] = field(default_factory=list)
    """and from a node that was refused"""

    def add(self, frame: int, said: Said) -> None:
        if said.events or said.reports:
            self.said.append((frame, said))


def _by_id(batch: Reports) -> Reports:
    return batch.take(np.argsort(batch.id, kind="stable"))
