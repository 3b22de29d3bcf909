"""RegistrationAck: the fusion node takes the registration, or says why not."""

from __future__ import annotations

from luchtwacht.codecs.sapient.table import Field, Message

MESSAGES = (
    Message(
        "RegistrationAck",
        (
            Field(1, "acceptance", "bool", mandatory=True),
            Field(3, "ack_response_reason", "string", repeated=True),
        ),
    ),
)
