"""The life of an alert: a table of status and move, from which the documentation draws its diagram.

A person acknowledges, escalates, rejects and closes. The watch escalates what nobody has acknowledged, and raises again
what got worse. Everything not in the table is refused. Whether an alert is *active*, that is whether what it says still
holds, is no status: no move of a person changes it (SAPIENT BSI Flex 335 v2, Alert and AlertAck, has the same divide).
"""

from __future__ import annotations

from enum import StrEnum

from luchtwacht.errors import BadCommand
from luchtwacht.model import Alert, AlertStatus

RAISED, ACKNOWLEDGED = AlertStatus.RAISED, AlertStatus.ACKNOWLEDGED
ESCALATED, REJECTED, CLOSED = AlertStatus.ESCALATED, AlertStatus.REJECTED, AlertStatus.CLOSED


class Move(StrEnum):
    """What may happen to an alert."""

    ACKNOWLEDGE = "acknowledge"
    """somebody has seen it and is on it"""
    ESCALATE = "escalate"
    """somebody else must look; by a person, or by the watch when nobody acknowledged"""
    REJECT = "reject"
    """it was no event; needs a reason"""
    CLOSE = "close"
    """it is over and dealt with"""
    WORSEN = "worsen"
    """by the watch only: an approach became an intrusion"""


MOVES: dict[tuple[AlertStatus, Move], AlertStatus] = {
    (RAISED, Move.ACKNOWLEDGE): ACKNOWLEDGED,
    (RAISED, Move.ESCALATE): ESCALATED,
    (RAISED, Move.REJECT): REJECTED,
    (RAISED, Move.WORSEN): RAISED,
    (ACKNOWLEDGED, Move.ESCALATE): ESCALATED,
    (ACKNOWLEDGED, Move.REJECT): REJECTED,
    (ACKNOWLEDGED, Move.CLOSE): CLOSED,
    (ACKNOWLEDGED, Move.WORSEN): RAISED,
    (ESCALATED, Move.ACKNOWLEDGE): ACKNOWLEDGED,
    (ESCALATED, Move.REJECT): REJECTED,
    (ESCALATED, Move.CLOSE): CLOSED,
    (ESCALATED, Move.WORSEN): ESCALATED,
}
"""(status, move): status afterwards. REJECTED and CLOSED are final."""

FINAL = (REJECTED, CLOSED)

_HINTS: dict[tuple[AlertStatus, Move], str] = {
    (RAISED, Move.CLOSE): "acknowledge it first, or reject it with a reason",
    (ACKNOWLEDGED, Move.ACKNOWLEDGE): "escalate, reject or close it",
    (ESCALATED, Move.ESCALATE): "acknowledge it",
    (REJECTED, Move.REJECT): "",
    (CLOSED, Move.CLOSE): "",
}


def after(alert: Alert, move: Move) -> AlertStatus:
    """The status after `move`.

    Raises:
        BadCommand: the table has no such move.
    """
    status = MOVES.get((alert.status, move))
    if status is None:
        last = next((step for step in reversed(alert.steps) if step.status is alert.status), None)
        by = f" by {last.actor}" if last is not None and last.actor else ""
        final = "a new event raises a new alert" if alert.status in FINAL else ""
        raise BadCommand(
            f"cannot {move} alert {alert.id}: it is {alert.status}{by}",
            hint=_HINTS.get((alert.status, move)) or final,
        )
    return status


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {RAISED}: raise (watch)"]
    for (status, move), then in MOVES.items():
        who = {Move.ESCALATE: "person or watch", Move.WORSEN: "watch"}.get(move, "person")
        lines.append(f"    {status} --> {then}: {move} ({who})")
    return "\n".join([*lines, *(f"    {status} --> [*]" for status in FINAL)]) + "\n"
