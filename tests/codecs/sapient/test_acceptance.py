"""What is accepted at a glance has no fault, whatever is done to the message: the long walk agrees."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.codecs.sapient.vectors import detection, made, registration, task

from luchtwacht.codecs.sapient import MessageKind
from luchtwacht.codecs.sapient.acceptance import accepts
from luchtwacht.codecs.sapient.classes import message_class
from luchtwacht.codecs.sapient.message import to_envelope
from luchtwacht.codecs.sapient.validation import _check_message

SOUND = [
    to_envelope(made(MessageKind.DETECTION_REPORT, detection())).SerializeToString(),
    to_envelope(made(MessageKind.REGISTRATION, registration())).SerializeToString(),
    to_envelope(made(MessageKind.TASK, task(request="Start"))).SerializeToString(),
]
VALUES: dict[int, list[Any]] = {
    1: [0.0, -1.0, 1.5, 400.0, float("nan"), float("inf")],
    2: [0.0, -1.0, 1.5, float("nan")],
    5: [-1, 0, 3],
    8: [False],
    9: ["", " ", "x", "01ARZ3NDEKTSV4RRFFQ69G5FAV"],
    14: [0, 1, 99],
}
"""by the field's wire type (FieldDescriptor.type)"""


def spoil(message: Any, chance: np.random.Generator) -> None:
    """Clear or change one field somewhere in a message."""
    fields = list(message.DESCRIPTOR.fields) if chance.random() < 0.3 else [each for each, _ in message.ListFields()]
    if not fields:
        return
    field = fields[int(chance.integers(len(fields)))]
    is_many = not isinstance(getattr(message, field.name), (int, float, str, bytes, bool)) and hasattr(
        getattr(message, field.name), "append"
    )
    if chance.random() < 0.2:
        message.ClearField(field.name)
    elif field.type == 11:
        inner = getattr(message, field.name)
        if is_many:
            inner = inner[int(chance.integers(len(inner)))] if len(inner) else inner.add()
        else:
            inner.SetInParent()
        spoil(inner, chance)
    elif not is_many and field.type in VALUES:
        values = VALUES[field.type]
        setattr(message, field.name, values[int(chance.integers(len(values)))])


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_no_fault_is_accepted_and_no_sound_message_is_walked(seed: int) -> None:
    chance = np.random.default_rng(seed)
    envelope = message_class().FromString(SOUND[seed % len(SOUND)])
    assert accepts("SapientMessage")(envelope)
    for _ in range(int(chance.integers(1, 4))):
        spoil(envelope, chance)
        found = list(_check_message("SapientMessage")(envelope))
        assert bool(accepts("SapientMessage")(envelope)) == (not found), found
