"""`luchtwacht export`: what an incident needs, in one file that a stranger can check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

HELP = """Cut a span out of a journal into one file: entries, proofs, the signed checkpoint, configuration.

Whoever has the file and the public key can check it with **luchtwacht verify**, with the stand-alone
**luchtwacht-verify**, or with a program of their own: the format is written down in docs/formats/bundle.md.

Who exported what is put on record, by the running watch or, when none is running, here.

With **--area** only what is about that area is shown; with **--withhold** a secret is kept. What is not shown is seen
not to be shown, by whom and why, and all else still verifies.

Example: **luchtwacht export watch/demo --from 2026-05-02T23:40:00Z --to 2026-05-02T23:50:00Z --out night.zip**
"""


def export(
    journal: Annotated[Path, typer.Argument(help="Folder of the journal.", exists=True, file_okay=False)],
    out: Annotated[Path, typer.Option("--out", "-o", help="File to write.")],
    start: Annotated[str, typer.Option("--from", help="UTC time from which; the beginning when left out.")] = "",
    end: Annotated[str, typer.Option("--to", help="UTC time before which; the end when left out.")] = "",
    area: Annotated[
        str,
        typer.Option(
            help="Only what is about it: bbox:WEST,SOUTH,EAST,NORTH or circle:LATITUDE,LONGITUDE,METRES, the id of a "
            "zone or a GeoJSON file."
        ),
    ] = "",
    withhold: Annotated[
        list[str] | None,
        typer.Option(
            help="Keep secret: sensor-place, pilot-position, operator-id, actor (who in the staff did what), or "
            "frames:SOURCE. May be given more than once."
        ),
    ] = None,
    by: Annotated[str, typer.Option(help="Who exports and withholds: told in the bundle, and on record.")] = "",
    reason: Annotated[str, typer.Option(help="Why: told in the bundle, and on record.")] = "",
    whole_run: Annotated[
        bool, typer.Option("--whole-run", help="With all inputs since the run began, not only since the last snapshot.")
    ] = False,
    known: Annotated[
        list[Path] | None,
        typer.Option(
            help="A checkpoint that the receiver has from elsewhere: prove that the log only grew.", exists=True
        ),
    ] = None,
) -> None:
    from importlib.metadata import version

    from luchtwacht.cli.noting import record_export
    from luchtwacht.cli.times import moment
    from luchtwacht.clock import SystemClock
    from luchtwacht.errors import BadInput
    from luchtwacht.journal import parse_signed_checkpoint
    from luchtwacht.runtime.handing import export_stretch, handed

    if withhold and not (by and reason):
        raise BadInput(
            "who withholds, and why, must be said", hint="--by and --reason: whoever opens the bundle sees them"
        )
    from_ns, to_ns = moment(start) if start else 0, moment(end) if end else 2**62
    exported = export_stretch(
        journal,
        out,
        from_ns=from_ns,
        to_ns=to_ns,
        software=f"luchtwacht {version('luchtwacht')}",
        area=area,
        withhold=withhold or [],
        by=by,
        reason=reason,
        from_run=whole_run,
        known=[parse_signed_checkpoint(path.read_text(encoding="utf-8")) for path in known or ()],
    )
    typer.echo(f"{out}: {exported.entries:,} entries, {out.stat().st_size:,} bytes", err=True)
    for each in exported.withheld:
        typer.echo(f"not shown as {each.what}: {each.entries:,} entries, {each.pieces:,} pieces of others", err=True)
    if exported.left_out:
        typer.echo(f"{exported.left_out:,} chunks of that time are not about the area and left out", err=True)
    if exported.deleted.entries or exported.deleted.pieces:
        typer.echo(
            f"deleted since: {exported.deleted.entries:,} entries, {exported.deleted.pieces:,} pieces of others",
            err=True,
        )
    if exported.unsealed:
        typer.echo(f"{exported.unsealed:,} more are not sealed by a checkpoint yet, and not in it", err=True)
    made = handed(
        exported, from_ns=from_ns, to_ns=to_ns, area=area, by=by, reason=reason, now_ns=SystemClock().now_ns()
    )
    typer.echo(record_export(journal, made), err=True)
