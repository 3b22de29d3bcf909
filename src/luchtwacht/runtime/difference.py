"""What is different between an event that was recorded and one that was derived, in plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from luchtwacht.model import Event
from luchtwacht.model.batch import Batch
from luchtwacht.model.encoding import decode_event

STAGES = {
    "Rejected": "ingest",
    "Outgoing": "ingest",
    "Detected": "ingest and the reorder buffer",
    "Claimed": "ingest and the reorder buffer",
    "Tracked": "the tracker",
    "Identified": "identification",
    "Found": "the airspace",
    "AlertChanged": "the alert book",
    "TakeOffFound": "take-offs",
    "ZoneChanged": "a command",
    "AuthorisationChanged": "a command",
    "Notice": "sensor health, or a command",
}
"""which stage says what. Stages speak in order, so the first event that differs names the stage that began it"""
MOST = 12
"""fields told of one event"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDifference:
    """One value that differs."""

    field: str
    """`tracks.x[3][0]`: row 3, its first value"""
    recorded: str
    derived: str


def stage_of(recorded: bytes | None, derived: Event | None) -> str:
    """The stage that says something else than the record."""
    event = derived if derived is not None else decode_event(recorded) if recorded is not None else None
    return STAGES.get(type(event).__name__, "the pipeline")


def fields_of(recorded: bytes | None, derived: Event | None) -> tuple[FieldDifference, ...]:
    """Where the two differ, field by field; the first few. What only one of them has, differs as a whole."""
    if recorded is None or derived is None:
        kept = "nothing" if recorded is None else _text(decode_event(recorded))
        return (FieldDifference(field="", recorded=kept, derived="nothing" if derived is None else _text(derived)),)
    kept_event = decode_event(recorded)
    found: list[FieldDifference] = []
    _compare(kept_event, derived, "", found)
    return tuple(found[:MOST])


def _compare(one: Any, two: Any, path: str, found: list[FieldDifference]) -> None:
    if len(found) >= MOST:
        return
    if type(one) is not type(two):
        _differs(path, one, two, found)
    elif isinstance(one, Batch):
        if len(one) != len(two):
            found.append(FieldDifference(field=f"{path} rows", recorded=str(len(one)), derived=str(len(two))))
        for name, column in one.columns().items():
            _compare_columns(column, getattr(two, name), f"{path}.{name}".lstrip("."), found)
    elif hasattr(type(one), "__dataclass_fields__"):
        for name in type(one).__dataclass_fields__:
            _compare(getattr(one, name), getattr(two, name), f"{path}.{name}".lstrip("."), found)
    elif isinstance(one, tuple | list) and len(one) == len(two):
        for place, (a, b) in enumerate(zip(one, two, strict=True)):
            _compare(a, b, f"{path}[{place}]", found)
    elif one != two and not (one != one and two != two):  # NaN is itself here
        _differs(path, one, two, found)


def _compare_columns(one: Any, two: Any, path: str, found: list[FieldDifference]) -> None:
    rows = min(len(one), len(two))
    a, b = one[:rows], two[:rows]
    same = a == b
    if a.dtype.kind == "f":
        same |= np.isnan(a) & np.isnan(b)
    for place in np.argwhere(~same)[: MOST - len(found)].tolist():
        at = "".join(f"[{index}]" for index in place)
        _differs(f"{path}{at}", a[tuple(place)].item(), b[tuple(place)].item(), found)


def _differs(path: str, one: Any, two: Any, found: list[FieldDifference]) -> None:
    found.append(FieldDifference(field=path, recorded=_text(one), derived=_text(two)))


def _text(value: Any, limit: int = 200) -> str:
    text = repr(value)
    return text if len(text) <= limit else text[:limit] + " …"
