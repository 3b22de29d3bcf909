"""An object that a mobile node is to follow.

`follow_object_id` is the `object_id` of a detection, hence a ULID; the published schema does not mark it as one, the
vectors that come with it do.
"""

from __future__ import annotations

from luchtwacht.codecs.sapient.table import Field, Message

MESSAGES = (Message("FollowObject", (Field(1, "follow_object_id", "ulid", mandatory=True),)),)
