"""Many messages: detection reports as columns, the rest as messages, what cannot be used as rejections.

One frame is one message without its length (`Deframer` takes that off). What a frame holds never raises.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from luchtwacht.codecs.sapient.acceptance import accepts
from luchtwacht.codecs.sapient.detections import (
    DetectionReports,
    DetectionRows,
    ReportClasses,
    ReportInfos,
    ReportSignals,
)
from luchtwacht.codecs.sapient.edition import Edition, edition_of
from luchtwacht.codecs.sapient.message import (
    MessageKind,
    SapientMessage,
    from_envelope,
    parse_envelope,
    problems_of_envelope,
)
from luchtwacht.codecs.sapient.problem import Problem
from luchtwacht.codecs.sapient.refusal import refusal_of_taking
from luchtwacht.errors import BadMessage
from luchtwacht.model import Frames, Reason, Rejection
from luchtwacht.units import SECOND_NS

_LONGEST_ID = 36
"""characters of a UUID; nobody is named by more"""
_FAULTS_TOLD = 4
"""of one message; the rest is counted"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What frames held."""

    detections: DetectionReports
    classes: ReportClasses
    signals: ReportSignals
    infos: ReportInfos
    messages: tuple[tuple[int, SapientMessage], ...]
    """row in `Frames`, and the message: every kind but detection reports, in order"""
    rejections: tuple[Rejection, ...]
    """one a message at most; `item` is the first field at fault, `detail` tells the others too"""
    refused: tuple[Refusal, ...]
    """of the messages that are refused because Luchtwacht never acts on a drone: who sent them"""
    faulty: tuple[tuple[int, str], ...]
    """row in `Frames` and sender of the messages that the standard does not allow; "" where nobody could be named"""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A message that is refused whatever else it says."""

    row: int
    """in `Frames`"""
    node_id: str
    kind: MessageKind
    why: str


def decode(frames: Frames, edition: Edition = Edition.V2, spoken: dict[str, Edition] | None = None) -> Decoded:
    """Every message in `frames`.

    Args:
        edition: by whose rules messages are read, of nodes that are not in `spoken`.
        spoken: what each node spoke when it last registered; registrations in `frames` of nodes that stand in it are
            written into it. None: `edition` holds for all, and a registration of another edition is at fault.
    """
    with _uncollected():
        return _decode(frames, edition, spoken)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without a search for cycles of references meanwhile: messages make none, and walking the many tuples of a batch
    again and again is a sixth of the time it takes.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _decode(frames: Frames, edition: Edition, spoken: dict[str, Edition] | None) -> Decoded:
    rows = DetectionRows()
    messages: list[tuple[int, SapientMessage]] = []
    rejections: list[Rejection] = []
    refused: list[Refusal] = []
    faulty: list[tuple[int, str]] = []
    sound = accepts("SapientMessage")
    for row, octets in enumerate(frames.payloads()):
        try:
            envelope = parse_envelope(octets)
        except BadMessage as bad:
            rejections.append(_reject(frames, row, [Problem("", bad.what, Reason.UNKNOWN_FORMAT)]))
            faulty.append((row, ""))
            continue
        is_detection = envelope.HasField("detection_report")
        spoke = edition if spoken is None else _spoken(envelope, edition, spoken)
        if is_detection and spoke is Edition.V2 and sound(envelope):  # nearly all there is
            _take_detection(rows, row, envelope, spoke)
            continue
        refusal = None if is_detection else refusal_of_taking(envelope)
        if refusal is not None:
            rejections.append(_reject(frames, row, [refusal]))
            node_id = envelope.node_id[:_LONGEST_ID].lower()
            refused.append(Refusal(row, node_id, MessageKind(envelope.WhichOneof("content")), str(refusal)))
            continue
        problems = problems_of_envelope(envelope, spoke)
        if is_detection and not problems and spoke is Edition.V1:
            problems = _unfit(envelope)
        if problems:
            rejections.append(_reject(frames, row, problems))
            faulty.append((row, envelope.node_id[:_LONGEST_ID].lower()))
        elif is_detection:
            _take_detection(rows, row, envelope, spoke)
        else:
            message = from_envelope(envelope, spoke)
            known = spoken is not None and message.node_id.lower() in spoken
            if spoken is not None and known and message.kind is MessageKind.REGISTRATION:
                spoken[message.node_id.lower()] = spoke
            messages.append((row, message))
    return Decoded(
        detections=rows.columns(),
        classes=rows.classes(),
        signals=rows.signals(),
        infos=rows.infos(),
        messages=tuple(messages),
        rejections=tuple(rejections),
        refused=tuple(refused),
        faulty=tuple(faulty),
    )


def _spoken(envelope: Any, edition: Edition, spoken: dict[str, Edition]) -> Edition:
    """The edition of a message: that which its registration names, or which its node named before."""
    if envelope.HasField("registration"):
        return edition_of(envelope.registration.icd_version) or edition
    return spoken.get(envelope.node_id.lower(), edition)


def _unfit(envelope: Any) -> list[Problem]:
    """What keeps a detection of v1, which promises little, from being a row: v2 has asked for all of it."""
    report = envelope.detection_report
    place = report.WhichOneof("location_oneof")
    found = []
    if place is None:
        found.append(Problem("detection_report.location_oneof", "is missing"))
    elif not getattr(report, place).coordinate_system:
        found.append(Problem(f"detection_report.{place}.coordinate_system", "is unspecified: no units, no place"))
    for field, text, most in (
        ("node_id", envelope.node_id, 36),
        ("detection_report.report_id", report.report_id, 26),
        ("detection_report.object_id", report.object_id, 26),
    ):
        if len(text) > most:
            found.append(Problem(field, f"has {len(text)} characters, {most} are the most"))
    return found


def _take_detection(rows: DetectionRows, row: int, envelope: Any, edition: Edition) -> None:
    stamp = envelope.timestamp
    node_id = envelope.node_id if edition is Edition.V1 else envelope.node_id.lower()
    rows.add(row, stamp.seconds * SECOND_NS + stamp.nanos, node_id, envelope.detection_report)


def _reject(frames: Frames, row: int, problems: list[Problem]) -> Rejection:
    told = "; ".join(map(str, problems[:_FAULTS_TOLD]))
    more = f"; and {len(problems) - _FAULTS_TOLD} more" if len(problems) > _FAULTS_TOLD else ""
    return Rejection(
        frame=int(frames.sequence[row]),
        record=0,
        source=int(frames.source[row]),
        reason=problems[0].reason,
        item=problems[0].field,
        detail=told + more,
    )
