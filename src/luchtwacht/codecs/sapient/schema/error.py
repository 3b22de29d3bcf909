"""Error: a packet that could not be used, sent back with what was wrong."""

from __future__ import annotations

from luchtwacht.codecs.sapient.table import Field, Message

MESSAGES = (
    Message(
        "Error",
        (
            Field(1, "packet", "bytes", mandatory=True),
            Field(3, "error_message", "string", mandatory=True, repeated=True),
        ),
    ),
)
