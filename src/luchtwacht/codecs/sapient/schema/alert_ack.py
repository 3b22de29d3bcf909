"""AlertAck: the receiver's answer to an alert."""

from __future__ import annotations

from luchtwacht.codecs.sapient.table import Enum, Field, Message

MESSAGES = (
    Message(
        "AlertAck",
        (
            Field(1, "alert_id", "ulid", mandatory=True),
            Field(4, "reason", "string", repeated=True),
            Field(5, "alert_ack_status", "AlertAck.AlertAckStatus", mandatory=True),
        ),
    ),
)
ENUMS = (
    Enum(
        "AlertAck.AlertAckStatus",
        "ALERT_ACK_STATUS_",
        {
            0: "UNSPECIFIED",
            1: "ACCEPTED",
            2: "REJECTED",
            3: "CANCELLED",
        },
    ),
)
