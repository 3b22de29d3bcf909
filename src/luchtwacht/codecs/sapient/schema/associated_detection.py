"""A detection that belongs to what is being told, by node and object."""

from __future__ import annotations

from luchtwacht.codecs.sapient.table import Enum, Field, Message

MESSAGES = (
    Message(
        "AssociatedDetection",
        (
            Field(1, "timestamp", "Timestamp"),
            Field(2, "node_id", "uuid", mandatory=True),
            Field(3, "object_id", "ulid", mandatory=True),
            Field(4, "association_type", "AssociationRelation"),
        ),
    ),
)
ENUMS = (
    Enum(
        "AssociationRelation",
        "ASSOCIATION_RELATION_",
        {
            0: "UNSPECIFIED",
            1: "NO_RELATION",
            2: "PARENT",
            3: "CHILD",
            4: "SIBLING",
        },
    ),
)
