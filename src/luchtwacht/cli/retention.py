"""`luchtwacht retention`: what is deleted from a record when it is old, and what is held."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from luchtwacht.journal.retention import Plan

HELP = """Keep a record to its site's policy: what would be deleted, deleting it, and holding what is needed.

The policy stands in the site file (`[retention]`). A deletion is put on record before anything goes: who, why, and
exactly what. Every proof still holds afterwards, for the hashes stay. A running watch keeps to its policy by itself.
"""

app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode="markdown")

Journal = Annotated[Path, typer.Argument(help="Folder of the journal.", exists=True, file_okay=False)]
SiteFile = Annotated[
    Path | None, typer.Option("--site", help="Site file with the policy; the one on record when left out.", exists=True)
]
By = Annotated[str, typer.Option("--by", help="Who asks for it: goes on record.")]
Why = Annotated[str, typer.Option("--reason", help="Why: goes on record.")]


@app.command()
def show(journal: Journal, site: SiteFile = None) -> None:
    """Say what would be deleted now, and what is held. Changes nothing.

    Example: **luchtwacht retention show watch/demo**
    """
    _tell(_plan(journal, site))


@app.command()
def apply(journal: Journal, by: By, reason: Why, site: SiteFile = None) -> None:
    """Delete what the policy says, after it was put on record. The watch must not be running.

    Example: **luchtwacht retention apply watch/demo --by "A. Archivist" --reason "policy of 2026"**
    """
    from luchtwacht.cli.places import site_signer
    from luchtwacht.journal import JournalWriter
    from luchtwacht.journal.retention import apply_retention
    from luchtwacht.runtime.retaining import sentence, site_on_record

    writer = JournalWriter(journal, signer=site_signer(site_on_record(journal).id))
    try:
        wanted = _plan(journal, site)
        _tell(wanted)
        done = apply_retention(journal, wanted, by=by, reason=reason, note=writer.note_now)
    finally:
        writer.close()
    typer.echo(sentence(done))


@app.command()
def hold(
    journal: Journal,
    name: Annotated[str, typer.Argument(help="Of the hold: small letters, digits and -.")],
    by: By,
    reason: Why,
    start: Annotated[str, typer.Option("--from", help="UTC time from which.")] = "",
    end: Annotated[str, typer.Option("--to", help="UTC time before which.")] = "",
    alert: Annotated[int | None, typer.Option(help="Or: the time of this alert, and an hour before and after.")] = None,
) -> None:
    """Keep everything of a time, whatever the policy says, until it is released. Counts at once.

    Example: **luchtwacht retention hold watch/demo case-7 --alert 3 --by "B. Lawyer" --reason "claim for damages"**
    """
    from luchtwacht.cli.times import moment
    from luchtwacht.errors import BadInput
    from luchtwacht.journal.retention import Hold, holds_in_force, request
    from luchtwacht.runtime.retaining import alert_span
    from luchtwacht.units import SECOND_NS

    if (alert is None) == (not start or not end):
        raise BadInput("say what to hold", hint="--from and --to, or --alert")
    if alert is None:
        from_ns, to_ns = moment(start), moment(end)
    else:
        first, last = alert_span(journal, alert)
        from_ns, to_ns = first - 3600 * SECOND_NS, last + 3600 * SECOND_NS
    if name in [each.id for each in holds_in_force(journal)]:
        raise BadInput(f"{name!r} is held already", hint="release it first, or take another name")
    request(journal, Hold(id=name, by=by, reason=reason, from_ns=from_ns, to_ns=to_ns))
    _record(journal)


@app.command()
def release(
    journal: Journal,
    name: Annotated[str, typer.Argument(help="Of the hold.")],
    by: By,
    reason: Why,
) -> None:
    """End a hold.

    Example: **luchtwacht retention release watch/demo case-7 --by "B. Lawyer" --reason "settled"**
    """
    from luchtwacht.errors import BadInput
    from luchtwacht.journal.retention import Release, holds_in_force, request

    names = [each.id for each in holds_in_force(journal)]
    if name not in names:
        raise BadInput(f"nothing is held as {name!r}", hint=f"held are: {', '.join(names) or 'none'}")
    request(journal, Release(id=name, by=by, reason=reason))
    _record(journal)


def _record(journal: Path) -> None:
    """Put what was asked on record now, unless a running watch will."""
    from luchtwacht.cli.noting import put_on_record

    later = put_on_record(journal)
    if later:
        typer.echo(f"in force from now on; not on record yet, the running watch will see to it ({later})", err=True)
    else:
        typer.echo("in force from now on, and on record", err=True)


def _plan(journal: Path, site: Path | None) -> Plan:
    from luchtwacht.clock import SystemClock
    from luchtwacht.ingest.site import load_site
    from luchtwacht.runtime.retaining import plan, site_on_record

    declared = load_site(site)[0] if site else site_on_record(journal)
    return plan(journal, declared.retention, SystemClock().now_ns())


def _tell(plan: Plan) -> None:
    from luchtwacht.units import format_utc

    policy = plan.policy
    for name in type(policy).__slots__:
        days = getattr(policy, name)
        typer.echo(f"{name.removesuffix('_days'):<10} {'kept' if days is None else f'{days:g} days'}")
    for each in plan.holds:
        span = f"{format_utc(each.from_ns)} to {format_utc(each.to_ns)}"
        typer.echo(f"held       {each.id}: {span}, by {each.by} ({each.reason})")
    for part in plan.segments:
        typer.echo(
            f"segment {part.number}, {format_utc(part.first_ns)} to {format_utc(part.last_ns)}: to go {part.frames:,} "
            f"frames, {part.others:,} other entries, {part.pieces:,} pieces of entries; {part.held:,} held"
        )
    for name in plan.torn:
        typer.echo(f"{name}: torn bytes to go")
    if plan.empty:
        typer.echo("nothing is to go")
