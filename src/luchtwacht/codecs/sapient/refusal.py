"""Luchtwacht never acts on a drone. What of SAPIENT it therefore neither takes nor sends.

In order:

1. A node that registers as an effector (kinetic, jammer, cyber, laser or radio-frequency weapon: node types 13 to 17)
   is refused, whatever else it says it is, and before anything else in the message is looked at.
2. A task may ask a node to report, to look, to listen more or less keenly, or to change between its own modes. A
   `request` in free text is one of `SENSING_REQUESTS`; anything else might be an order to act, and is neither taken nor
   sent.
3. Moving a vehicle (`move_to`, `patrol`) or having it follow an object (`follow`) is not sensing. Such tasks are read,
   for they are part of the standard and worth recording, and never sent.
4. Nothing is sent to a node that is an effector: `refusal_of_addressee`, for whoever keeps the register of nodes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from luchtwacht.codecs.sapient.problem import Problem
from luchtwacht.model import Reason

EFFECTORS = {
    13: "NODE_TYPE_KINETIC",
    14: "NODE_TYPE_JAMMER",
    15: "NODE_TYPE_CYBER",
    16: "NODE_TYPE_LDEW",
    17: "NODE_TYPE_RFDEW",
}
"""Registration.NodeType"""
SENSING_REQUESTS = frozenset(
    ("registration", "reset", "start", "stop", "status", "heartbeat", "sensor time", "take snapshot")
)
"""requests of BSI Flex 335 and of SAPIENT before it, in lower case"""
MOVING = ("move_to", "patrol", "follow")
NEVER = "Luchtwacht watches and never acts on a drone"


def refusal_of_taking(envelope: Any) -> Problem | None:
    """Why a received message is refused; None when it is not."""
    kind = envelope.WhichOneof("content")
    if kind == "registration":
        for index, node in enumerate(envelope.registration.node_definition):
            if node.node_type in EFFECTORS:
                field = f"registration.node_definition[{index}].node_type"
                return _refused(field, f"is {EFFECTORS[node.node_type]}, an effector")
    elif kind == "task" and envelope.task.command.WhichOneof("command") == "request":
        request = envelope.task.command.request
        if request.strip().lower() not in SENSING_REQUESTS:
            return _refused("task.command.request", f"is {request[:48]!r}, no request to a sensor")
    return None


def refusal_of_sending(envelope: Any) -> Problem | None:
    """Why a message is not sent; None when it may be."""
    if envelope.WhichOneof("content") == "task":
        command = envelope.task.command.WhichOneof("command")
        if command in MOVING:
            return _refused(f"task.command.{command}", "would move a vehicle")
    return refusal_of_taking(envelope)


def refusal_of_addressee(node_types: Iterable[int]) -> Problem | None:
    """Why nothing is sent to a node of these types; None when it may be."""
    for node_type in node_types:
        if node_type in EFFECTORS:
            return _refused("destination_id", f"is a node of type {EFFECTORS[node_type]}, an effector")
    return None


def _refused(field: str, what: str) -> Problem:
    return Problem(field, f"{what}: refused, {NEVER}", Reason.UNSUPPORTED)
