"""A file elsewhere that belongs to what is being told."""

from __future__ import annotations

from luchtwacht.codecs.sapient.table import Field, Message

MESSAGES = (
    Message(
        "AssociatedFile",
        (
            Field(1, "type", "string", mandatory=True),
            Field(2, "url", "string", mandatory=True),
        ),
    ),
)
