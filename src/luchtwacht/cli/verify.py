"""`luchtwacht verify`: does this record hold, and do its conclusions follow?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from luchtwacht.cli.exits import Exit

if TYPE_CHECKING:
    from luchtwacht.journal import SignedCheckpoint, VerifierKey

HELP = """Check a bundle, or a journal's folder, with nothing but it and a public key.

Seals first, then order and consistency, then the conclusions: the inputs are run through the pipeline again and must
say the same, byte for byte. Every check is told in plain words: what holds, what does not, and what could not be
checked. Exit code 0 when it holds, 1 when it does not.

Example: **luchtwacht verify night.zip --key markerstad.pub**
"""


def verify(
    record: Annotated[Path, typer.Argument(help="Bundle, or folder of a journal.", exists=True)],
    key: Annotated[
        list[Path], typer.Option(help="Public key file of who recorded it; may be given more than once.", exists=True)
    ],
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(help="A checkpoint of the same log from elsewhere: a witness, an earlier visit.", exists=True),
    ] = None,
    authority: Annotated[
        list[Path] | None,
        typer.Option(help="Certificate (PEM) of a time stamping authority you trust.", exists=True),
    ] = None,
    revoked: Annotated[
        list[str] | None,
        typer.Option(help="Id of a key that must no longer be trusted (luchtwacht key shows ids)."),
    ] = None,
    rerun: Annotated[bool, typer.Option(help="Run the inputs again and compare.")] = True,
) -> None:
    from luchtwacht.cli.warming import warm_kernels
    from luchtwacht.journal import parse_signed_checkpoint, verify_bundle, verify_journal
    from luchtwacht.journal.stamp import parse_certificates

    keys = [each for each in map(_key, key) if each.id.hex() not in (revoked or ())]
    authorities = [each for path in authority or () for each in parse_certificates(path.read_bytes(), str(path))]
    known: list[SignedCheckpoint] = [parse_signed_checkpoint(path.read_text()) for path in checkpoint or ()]
    conclusions = None
    if rerun:
        from luchtwacht.runtime.recorded import check_conclusions

        warm_kernels()
        conclusions = check_conclusions
    check = verify_journal if record.is_dir() else verify_bundle
    report = check(record, keys=keys, known=known, authorities=authorities, rerun=conclusions)
    typer.echo(report.text(), nl=False)
    if not report.holds:
        raise typer.Exit(Exit.NO)


def _key(path: Path) -> VerifierKey:
    from luchtwacht.journal import parse_key

    return parse_key(path.read_text(encoding="utf-8").strip())
