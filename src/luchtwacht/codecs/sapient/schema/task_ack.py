"""TaskAck: a node's answer to a task."""

from __future__ import annotations

from luchtwacht.codecs.sapient.table import Enum, Field, Message

MESSAGES = (
    Message(
        "TaskAck",
        (
            Field(1, "task_id", "ulid", mandatory=True),
            Field(2, "task_status", "TaskAck.TaskStatus", mandatory=True),
            Field(4, "associated_file", "AssociatedFile"),
            Field(5, "reason", "string", repeated=True),
        ),
    ),
)
ENUMS = (
    Enum(
        "TaskAck.TaskStatus",
        "TASK_STATUS_",
        {
            0: "UNSPECIFIED",
            1: "ACCEPTED",
            2: "REJECTED",
            3: "COMPLETED",
            4: "FAILED",
        },
    ),
)
