"""Putting on record what somebody asked for: now when nobody writes the journal, by the running watch otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from luchtwacht.journal.requests import Handed


def put_on_record(journal: Path) -> str:
    """Have requests beside a journal become notes now; "" when they did, else why that is left to the running watch."""
    from luchtwacht.cli.places import site_signer
    from luchtwacht.errors import RecordError
    from luchtwacht.journal import JournalWriter
    from luchtwacht.runtime.retaining import site_on_record

    try:
        JournalWriter(journal, signer=site_signer(site_on_record(journal).id)).close()
    except RecordError as error:
        return str(error)
    return ""


def record_export(journal: Path, made: Handed) -> str:
    """Put an export on record where that is possible; what became of it, for a person.

    A record whose keys are not on this machine is somebody's copy: it is left as it is.
    """
    from luchtwacht.cli.keyring import open_keyring
    from luchtwacht.errors import RecordError
    from luchtwacht.journal.requests import request
    from luchtwacht.runtime.retaining import site_on_record

    site = site_on_record(journal).id
    if not open_keyring(site).exists:
        return f"this export was NOT recorded: the keys of {site} are not on this machine, so the record is a copy"
    try:
        request(journal, made)
    except RecordError as error:
        return f"this export was NOT recorded: {error}"
    later = put_on_record(journal)
    return f"this export is not on record yet, the running watch will see to it ({later})" if later else "on record"
