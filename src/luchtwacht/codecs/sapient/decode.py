"""Many messages: detection reports as columns, the rest as messages, what cannot be used as rejections.

One frame is one message without its length (`Deframer` takes that off). What a frame holds never raises.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from luchtwacht.codecs.sapient.detections import DetectionReports, DetectionRows
from luchtwacht.codecs.sapient.edition import Edition
from luchtwacht.codecs.sapient.message import SapientMessage, from_envelope, parse_envelope, problems_of_envelope
from luchtwacht.codecs.sapient.problem import Problem
from luchtwacht.codecs.sapient.refusal import refusal_of_taking
from luchtwacht.errors import BadMessage
from luchtwacht.model import Frames, Reason, Rejection
from luchtwacht.units import SECOND_NS

_FAULTS_TOLD = 4
"""of one message; the rest is counted"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What frames held."""

    detections: DetectionReports
    messages: tuple[tuple[int, SapientMessage], ...]
    """row in `Frames`, and the message: every kind but detection reports, in order"""
    rejections: tuple[Rejection, ...]
    """one a message at most; `item` is the first field at fault, `detail` tells the others too"""


def decode(frames: Frames, edition: Edition = Edition.V2) -> Decoded:
    """Every message in `frames`, by the rules of the edition that their source speaks."""
    rows = DetectionRows()
    messages: list[tuple[int, SapientMessage]] = []
    rejections: list[Rejection] = []
    for row, octets in enumerate(frames.payloads()):
        try:
            envelope = parse_envelope(octets)
        except BadMessage as bad:
            rejections.append(_reject(frames, row, [Problem("", bad.what, Reason.UNKNOWN_FORMAT)]))
            continue
        refusal = refusal_of_taking(envelope)
        problems = problems_of_envelope(envelope, edition) if refusal is None else [refusal]
        if not problems and edition is Edition.V1 and envelope.HasField("detection_report"):
            problems = _unfit(envelope)
        if problems:
            rejections.append(_reject(frames, row, problems))
        elif envelope.HasField("detection_report"):
            _take_detection(rows, row, envelope, edition)
        else:
            messages.append((row, from_envelope(envelope, edition)))
    return Decoded(detections=rows.columns(), messages=tuple(messages), rejections=tuple(rejections))


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
