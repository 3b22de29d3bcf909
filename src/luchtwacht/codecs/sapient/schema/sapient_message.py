"""SapientMessage: the envelope of every message."""

from __future__ import annotations

from luchtwacht.codecs.sapient.table import Field, Message

MESSAGES = (
    Message(
        "SapientMessage",
        (
            Field(1, "timestamp", "Timestamp", mandatory=True),
            Field(2, "node_id", "uuid", mandatory=True),
            Field(3, "destination_id", "uuid"),
            Field(4, "registration", "Registration", one_of="content"),
            Field(5, "registration_ack", "RegistrationAck", one_of="content"),
            Field(6, "status_report", "StatusReport", one_of="content"),
            Field(7, "detection_report", "DetectionReport", one_of="content"),
            Field(8, "task", "Task", one_of="content"),
            Field(9, "task_ack", "TaskAck", one_of="content"),
            Field(10, "alert", "Alert", one_of="content"),
            Field(11, "alert_ack", "AlertAck", one_of="content"),
            Field(12, "error", "Error", one_of="content"),
            Field(13, "additional_information", "string"),
        ),
        choose=("content",),
    ),
)
