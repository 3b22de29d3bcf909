"""The messages of BSI Flex 335 v2.0 as tables, one a file; what a message stands within comes before it."""

from __future__ import annotations

from luchtwacht.codecs.sapient.schema import (
    alert,
    alert_ack,
    associated_detection,
    associated_file,
    detection_report,
    error,
    follow,
    location,
    range_bearing,
    registration,
    registration_ack,
    sapient_message,
    status_report,
    task,
    task_ack,
    velocity,
)
from luchtwacht.codecs.sapient.table import Enum, Message

MESSAGES: tuple[Message, ...] = (
    *sapient_message.MESSAGES,
    *registration.MESSAGES,
    *registration_ack.MESSAGES,
    *status_report.MESSAGES,
    *detection_report.MESSAGES,
    *task.MESSAGES,
    *task_ack.MESSAGES,
    *alert.MESSAGES,
    *alert_ack.MESSAGES,
    *error.MESSAGES,
    *location.MESSAGES,
    *range_bearing.MESSAGES,
    *velocity.MESSAGES,
    *associated_detection.MESSAGES,
    *associated_file.MESSAGES,
    *follow.MESSAGES,
)
ENUMS: tuple[Enum, ...] = (
    *registration.ENUMS,
    *status_report.ENUMS,
    *task.ENUMS,
    *task_ack.ENUMS,
    *alert.ENUMS,
    *alert_ack.ENUMS,
    *location.ENUMS,
    *range_bearing.ENUMS,
    *velocity.ENUMS,
    *associated_detection.ENUMS,
)
