"""Handing out a stretch of a record: about an area, and with what must stay secret withheld."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import file_digest
from pathlib import Path

from luchtwacht.journal import Answer, Entry, EntryKind, Exported, SignedCheckpoint, read_entries, write_bundle
from luchtwacht.journal.requests import Handed
from luchtwacht.runtime.area import About, area_of
from luchtwacht.runtime.retaining import site_on_record
from luchtwacht.runtime.withholding import Withholder


def export_stretch(
    folder: Path,
    path: Path,
    *,
    from_ns: int,
    to_ns: int,
    software: str,
    area: str = "",
    withhold: Sequence[str] = (),
    by: str = "",
    reason: str = "",
    from_run: bool = False,
    known: Sequence[SignedCheckpoint] = (),
) -> Exported:
    """Write a bundle of a stretch of a record.

    Args:
        folder, path, from_ns, to_ns, software, by, reason, from_run, known: as `journal.write_bundle` takes them.
        area: only what is about it; "" for everywhere. See `area.HINT`.
        withhold: what to keep secret: see `withholding.Withholder`.

    Raises:
        BadInput: there is no such area, or nothing like that to withhold.
        RecordError: as `journal.write_bundle` raises it.
    """
    site = site_on_record(folder)
    about = About(area_of(area, site)) if area else None
    secret = Withholder(site, withhold) if withhold else None
    if about:
        about.read(read_entries(folder, from_ns=from_ns, to_ns=to_ns, kinds=(EntryKind.EVENT,)))
    if secret:
        # the whole record: a place or a name that is secret is so wherever it was first written
        secret.read(read_entries(folder, kinds=(EntryKind.SITE, EntryKind.COMMAND, EntryKind.EVENT)))

    def answer(entry: Entry) -> Answer:
        hidden = secret.answer(entry) if secret else None
        return (about.answer(entry) if about else None) or hidden

    return write_bundle(
        folder,
        path,
        from_ns=from_ns,
        to_ns=to_ns,
        software=software,
        withhold=answer,
        area=about.area.name if about else "",
        by=by,
        reason=reason,
        from_run=from_run,
        known=known,
    )


def handed(exported: Exported, *, from_ns: int, to_ns: int, area: str, by: str, reason: str, now_ns: int) -> Handed:
    """What goes on record of an export: who, when, what of, and the digest of the file.

    Args:
        exported: what was written.
        from_ns, to_ns, area, by, reason: as `export_stretch` was given them.
        now_ns: ns UTC, of the clock.
    """
    with exported.path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    return Handed(
        id=digest[:16],
        by=by,
        reason=reason,
        exported_ns=now_ns,
        from_ns=from_ns,
        to_ns=to_ns,
        area=area,
        withheld=tuple(each.what for each in exported.withheld),
        entries=exported.entries,
        size=exported.checkpoint.checkpoint.size,
        bundle=digest,
    )
