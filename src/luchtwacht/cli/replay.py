"""`luchtwacht replay`: does the same come out again?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from luchtwacht.cli.exits import Exit

if TYPE_CHECKING:
    from luchtwacht.runtime.recorded import Period

HELP = """Run a journal's inputs through the pipeline again and compare.

Every frame, command and tick that was recorded goes in again, in the same order; every event that comes out is
compared, byte for byte, with the one recorded. The first difference is shown with the input it followed. With
**--serve** the journal is played into the console instead, at any speed, from any time.

Example: **luchtwacht replay watch/2026-05-03**
"""


def replay(
    journal: Annotated[Path, typer.Argument(help="Folder of the journal.", exists=True, file_okay=False)],
    serve: Annotated[bool, typer.Option("--serve", help="Play it into the console.")] = False,
    speed: Annotated[float, typer.Option(help="With --serve: times real time.", min=0.1)] = 1.0,
    host: Annotated[str, typer.Option(help="With --serve: address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="With --serve: port of the page.", min=1, max=65535)] = 8000,
    json: Annotated[bool, typer.Option("--json", help="Say the outcome as JSON.")] = False,
) -> None:
    from luchtwacht.errors import RecordError
    from luchtwacht.runtime import recorded

    found = recorded.periods(recorded.journal(journal))
    if not found:
        raise RecordError(f"{journal} holds no inputs")
    if serve:
        _serve(journal, speed=speed, host=host, port=port)
        return
    outcomes = [
        _not_compared(each, number, len(found)) if _gone(each) else _compare(journal, number, len(found))
        for number, each in enumerate(found)
    ]
    if json:
        import msgspec

        typer.echo(msgspec.json.encode(outcomes).decode())
    if any(outcome["difference"] for outcome in outcomes):
        raise typer.Exit(Exit.NO)


def _gone(period: Period) -> int:
    """How many inputs of a period are not there."""
    return period.missing + period.first - period.after - 1


def _not_compared(period: Period, number: int, count: int) -> dict[str, object]:
    """Say of a period that it cannot be run again, and return it as plain values."""
    from luchtwacht.units import format_utc

    span = f"{format_utc(period.first_ns)} to {format_utc(period.last_ns)}"
    typer.echo(
        f"not run again · period {number + 1} of {count}, {period.site.name}, {span}: {_gone(period):,} of its inputs "
        "are not on record any more, or never were",
        err=True,
    )
    return {
        "site": period.site.id,
        "first_ns": period.first_ns,
        "last_ns": period.last_ns,
        "missing": _gone(period),
        "difference": None,
    }


def _compare(journal: Path, number: int, count: int) -> dict[str, object]:
    """Run one period again, say what came out, and return it as plain values."""
    from rich.console import Console
    from rich.progress import Progress, TimeRemainingColumn

    from luchtwacht.model.encoding import decode_event, encode_event
    from luchtwacht.runtime import recorded
    from luchtwacht.runtime.recorded import Rerun
    from luchtwacht.units import format_utc

    read = recorded.journal(journal)
    period = recorded.periods(read)[number]
    console = Console(stderr=True)
    outcome: Rerun | None = None
    with Progress(*Progress.get_default_columns()[:3], TimeRemainingColumn(), console=console, transient=True) as bar:
        task = bar.add_task("running again", total=period.last - period.after)
        for said in recorded.rerun(read, period):
            if isinstance(said, Rerun):
                outcome = said
            else:
                bar.update(task, completed=said - period.after)
    assert outcome is not None
    span = f"{format_utc(period.first_ns)} to {format_utc(period.last_ns)}"
    name = f"period {number + 1} of {count}, {period.site.name}, {span}"
    difference = outcome.difference
    if difference is None:
        console.print(f"[green]equal[/] · {name}: {outcome.inputs:,} inputs, {outcome.events:,} events, byte for byte")
    else:
        kept = "nothing" if difference.recorded is None else _shorten(repr(decode_event(difference.recorded)))
        derived = "nothing" if difference.derived is None else _shorten(repr(difference.derived))
        console.print(f"[red]different[/] · {name}")
        console.print(f"  event {difference.number:,}, after input {difference.after_input:,}")
        console.print(f"  recorded: {kept}", highlight=False, markup=False)
        console.print(f"  derived:  {derived}", highlight=False, markup=False)
    if outcome.unrecorded:
        console.print(
            f"  the last {outcome.unrecorded:,} events were not recorded any more: the watch was cut off there"
        )
    return {
        "site": period.site.id,
        "first_ns": period.first_ns,
        "last_ns": period.last_ns,
        "inputs": outcome.inputs,
        "events": outcome.events,
        "unrecorded": outcome.unrecorded,
        "difference": None
        if difference is None
        else {
            "event": difference.number,
            "after_input": difference.after_input,
            "recorded": None if difference.recorded is None else difference.recorded.hex(),
            "derived": None if difference.derived is None else encode_event(difference.derived).hex(),
        },
    }


def _shorten(text: str, limit: int = 400) -> str:
    return text if len(text) <= limit else text[:limit] + " …"


def _serve(journal: Path, *, speed: float, host: str, port: int) -> None:
    from luchtwacht.cli.console import announce, free_port, serve
    from luchtwacht.clock import SystemClock
    from luchtwacht.runtime import recorded
    from luchtwacht.runtime.feed import PlayedFeed
    from luchtwacht.runtime.playback import Playback
    from luchtwacht.runtime.watch import Watch

    period = recorded.periods(recorded.journal(journal))[-1]
    clock = SystemClock()
    port = free_port(host, port)
    nothing = PlayedFeed(lambda: (), step_ns=1, settle_ns=0)
    playback = Playback(clock, first_ns=period.first_ns, last_ns=period.last_ns, speed=speed)
    watch = Watch(period.site, period.mappings, nothing, folder=journal, playback=playback, period=period)
    playback.seek(period.first_ns)
    serve(watch, clock, host=host, port=port, ready=announce)
