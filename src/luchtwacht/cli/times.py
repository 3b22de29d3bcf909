"""Times as people write them on a command line."""

from __future__ import annotations


def moment(text: str) -> int:
    """A time as people write it, in ns UTC.

    Raises:
        BadInput: it is no time, or has no zone.
    """
    from datetime import datetime

    from luchtwacht.errors import BadInput
    from luchtwacht.units import datetime_to_ns

    try:
        return datetime_to_ns(datetime.fromisoformat(text))
    except ValueError as error:
        raise BadInput(f"{text!r} is no time: {error}", hint="write 2026-05-02T23:40:00Z") from error
