"""`luchtwacht export`: what an incident needs, in one file that a stranger can check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

HELP = """Cut a span out of a journal into one file: entries, proofs, the signed checkpoint, configuration.

Whoever has the file and the public key can check it with **luchtwacht verify**, or with a program of their own: the
format is written down in docs/formats/bundle.md.

Example: **luchtwacht export watch/demo --from 2026-05-02T23:40:00Z --to 2026-05-02T23:50:00Z --out night.zip**
"""


def export(
    journal: Annotated[Path, typer.Argument(help="Folder of the journal.", exists=True, file_okay=False)],
    out: Annotated[Path, typer.Option("--out", "-o", help="File to write.")],
    start: Annotated[str, typer.Option("--from", help="UTC time from which; the beginning when left out.")] = "",
    end: Annotated[str, typer.Option("--to", help="UTC time before which; the end when left out.")] = "",
) -> None:
    from importlib.metadata import version

    from luchtwacht.cli.times import moment
    from luchtwacht.journal import write_bundle

    exported = write_bundle(
        journal,
        out,
        from_ns=moment(start) if start else 0,
        to_ns=moment(end) if end else 2**62,
        software=f"luchtwacht {version('luchtwacht')}",
    )
    typer.echo(f"{out}: {exported.entries:,} entries, {out.stat().st_size:,} bytes", err=True)
    if exported.unsealed:
        typer.echo(f"{exported.unsealed:,} more are not sealed by a checkpoint yet, and not in it", err=True)
