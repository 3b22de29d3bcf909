"""`luchtwacht replay`: does the same come out again, and what if?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from luchtwacht.cli.exits import Exit

if TYPE_CHECKING:
    from luchtwacht.clock import Clock
    from luchtwacht.runtime.recorded import Difference, Period, Read, Rerun
    from luchtwacht.runtime.snapshots import Start
    from luchtwacht.runtime.watch import Watch
    from luchtwacht.runtime.whatif import Otherwise, WhatIf

HELP = """Run a journal's inputs through the pipeline again, and compare.

Every frame, command and tick on record goes in again, in the same order; every event that comes out is compared, byte
for byte, with the one recorded. The first difference is shown with the input it followed, the stage that said it, and
every field that differs. **--from** starts at the nearest sealed snapshot of the state before a time, what-ifs too.

What-ifs run the same inputs **--without** a sensor or source, with the **--zones** of a file or **--zones-of** another
time on record, or under another **--site** file, and say which alerts, tracks and findings appear, vanish or shift in
time. They never touch the record. With **--serve** the journal, or the what-if, is played into the console.

Example: **luchtwacht replay watch --from 2026-05-03T01:40:00Z**

Example: **luchtwacht replay watch --without radar --json**
"""


def replay(
    journal: Annotated[Path, typer.Argument(help="Folder of the journal.", exists=True, file_okay=False)],
    since: Annotated[str, typer.Option("--from", help="UTC time from which it is compared or played.")] = "",
    until: Annotated[str, typer.Option("--to", help="UTC time up to which.")] = "",
    without: Annotated[
        list[str] | None, typer.Option(help="What if this sensor or source had been silent? May be given again.")
    ] = None,
    zones: Annotated[
        Path | None, typer.Option(help="What if these zones (ED-269, ED-318, GeoJSON) had held?", exists=True)
    ] = None,
    zones_of: Annotated[str, typer.Option(help="What if the zones of this UTC time on record had held?")] = "",
    site: Annotated[
        Path | None, typer.Option(help="What if this site file had been in force?", exists=True, dir_okay=False)
    ] = None,
    serve: Annotated[bool, typer.Option("--serve", help="Play it into the console.")] = False,
    speed: Annotated[float, typer.Option(help="With --serve: times real time.", min=0.1)] = 1.0,
    host: Annotated[str, typer.Option(help="With --serve: address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="With --serve: port of the page.", min=1, max=65535)] = 8000,
    json: Annotated[bool, typer.Option("--json", help="Say the outcome as JSON.")] = False,
) -> None:
    from luchtwacht.cli.times import moment
    from luchtwacht.errors import BadInput, RecordError
    from luchtwacht.runtime import recorded
    from luchtwacht.runtime.whatif import Otherwise

    read = recorded.journal(journal)
    found = recorded.journal_periods(journal)
    if not found:
        raise RecordError(f"{journal} holds no inputs")
    from_ns, to_ns = moment(since) if since else 0, moment(until) if until else 1 << 63
    chosen = [period for period in found if period.last_ns >= from_ns and period.first_ns <= to_ns]
    if not chosen or from_ns > to_ns:
        raise BadInput(f"{journal} holds nothing between these times", hint=_span_of(found))
    what_if = _what_if(read, found, without or [], zones, zones_of, site)
    if serve:
        _serve(journal, chosen[0] if since else chosen[-1], what_if, from_ns, to_ns, speed=speed, host=host, port=port)
        return
    if what_if.declared:
        outcomes = [
            _otherwise(journal, Otherwise(period, what_if, from_ns), period, what_if, from_ns, to_ns)
            for period in chosen
        ]
    else:
        outcomes = [
            _compare(journal, period, f"{at} of {len(chosen)}", from_ns, to_ns) for at, period in enumerate(chosen, 1)
        ]
    if json:
        import msgspec

        typer.echo(msgspec.json.encode(outcomes).decode())
    if any(outcome.get("difference") or outcome.get("forged_snapshot") for outcome in outcomes):
        raise typer.Exit(Exit.NO)


def _span_of(found: list[Period]) -> str:
    from luchtwacht.units import format_utc

    return f"it reaches from {format_utc(found[0].first_ns)} to {format_utc(found[-1].last_ns)}"


# ---------------------------------------------------------------------- the same again


def _gone(period: Period) -> int:
    """How many inputs of a period are not there."""
    return period.missing + period.first - period.after - 1


def _not_compared(period: Period, name: str) -> dict[str, Any]:
    """Say of a period that it cannot be run again, and return it as plain values."""
    from luchtwacht.units import format_utc

    span = f"{format_utc(period.first_ns)} to {format_utc(period.last_ns)}"
    typer.echo(
        f"not run again · period {name}, {period.site.name}, {span}: {_gone(period):,} of its inputs "
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


def _compare(journal: Path, period: Period, name: str, from_ns: int, to_ns: int) -> dict[str, Any]:
    """Run one period again, as far as its inputs are there, say what came out, and return it as plain values."""
    from rich.console import Console

    from luchtwacht.runtime import recorded
    from luchtwacht.runtime.recorded import Rerun
    from luchtwacht.runtime.snapshots import nearest_start
    from luchtwacht.units import format_utc

    read = recorded.journal(journal)
    console = Console(stderr=True)
    start = _start(journal, period, from_ns)
    if start is None:
        return _not_compared(period, name)
    begins_ns = start.after_ns or period.first_ns
    outcome: Rerun | None = None
    with _progress(console) as bar:
        task = bar.add_task("running again", total=period.last - start.after)
        for said in recorded.rerun(read, period, start.pipeline, start.after, to_ns):
            if isinstance(said, Rerun):
                outcome = said
            else:
                bar.update(task, completed=said - start.after)
    assert outcome is not None
    span = f"{format_utc(begins_ns)} to {format_utc(min(period.last_ns, to_ns))}"
    title = f"period {name}, {period.site.name}, {span}"
    if start.from_snapshot:
        console.print(f"from the snapshot of the state after input {start.after:,}, {format_utc(start.after_ns)}")
        if _gone(period):
            console.print(f"  {_gone(period):,} inputs of the period are not on record any more, or never were")
    elif from_ns > period.first_ns:
        console.print(f"from the beginning: {start.reason}", markup=False)
    difference = outcome.difference
    plain = None
    if difference is None:
        kept = f", {outcome.snapshots:,} snapshots" if outcome.snapshots else ""
        console.print(
            f"[green]equal[/] · {title}: {outcome.inputs:,} inputs, {outcome.events:,} events{kept}, byte for byte"
        )
    else:
        again = nearest_start(journal, period, start.after_ns) if start.from_snapshot else _beginning(period)
        plain = _explain(console, read, period, difference, again, title)
    if outcome.forged is not None:
        console.print(f"[red]forged[/] · the snapshot after input {outcome.forged:,} does not follow from the inputs")
    if outcome.foreign:
        console.print(f"  {outcome.foreign:,} snapshots were made by other software and were not compared")
    if outcome.unrecorded:
        console.print(
            f"  the last {outcome.unrecorded:,} events were not recorded any more: the watch was cut off there"
        )
    return {
        "site": period.site.id,
        "first_ns": period.first_ns,
        "last_ns": period.last_ns,
        "from_snapshot_after": start.after if start.from_snapshot else None,
        "missing": _gone(period),
        "inputs": outcome.inputs,
        "events": outcome.events,
        "snapshots": outcome.snapshots,
        "foreign_snapshots": outcome.foreign,
        "forged_snapshot": outcome.forged,
        "unrecorded": outcome.unrecorded,
        "difference": plain,
    }


def _start(journal: Path, period: Period, from_ns: int) -> Start | None:
    """Where to begin so that everything from a time on is compared, as far as it can be; none when nothing can."""
    from luchtwacht.runtime.snapshots import nearest_start, start_behind_gaps

    if _gone(period):
        return start_behind_gaps(journal, period, from_ns)
    return _beginning(period) if from_ns <= period.first_ns else nearest_start(journal, period, from_ns)


def _beginning(period: Period) -> Start:
    from luchtwacht.runtime.snapshots import Start

    return Start(period, period.pipeline(), period.after, 0, "")


def _explain(
    console: Any, read: Read, period: Period, difference: Difference, start: Start, title: str
) -> dict[str, Any]:
    """Say the first difference with its cause: which input, which stage, field by field."""
    from luchtwacht.model.encoding import encode_event
    from luchtwacht.runtime import recorded
    from luchtwacht.runtime.difference import fields_of, stage_of

    cause = recorded.input_of(read, period, difference, start.pipeline, start.after)
    stage, fields = (
        stage_of(difference.recorded, difference.derived),
        fields_of(difference.recorded, difference.derived),
    )
    name = _input_name(read, period, cause)
    console.print(f"[red]different[/] · {title}")
    console.print(f"  event {difference.number:,}, after {name}; said by {stage}", highlight=False, markup=False)
    for each in fields:
        console.print(f"  {each.field or 'event'}", highlight=False, markup=False)
        console.print(f"    recorded: {each.recorded}", highlight=False, markup=False)
        console.print(f"    derived:  {each.derived}", highlight=False, markup=False)
    return {
        "event": difference.number,
        "after_input": cause,
        "input": name,
        "stage": stage,
        "fields": [{"field": each.field, "recorded": each.recorded, "derived": each.derived} for each in fields],
        "recorded": None if difference.recorded is None else difference.recorded.hex(),
        "derived": None if difference.derived is None else encode_event(difference.derived).hex(),
    }


def _input_name(read: Read, period: Period, sequence: int) -> str:
    """An input, for people: `frame 4,711 of radar, 48 octets, 2026-05-03 01:40:00.123 UTC`."""
    from luchtwacht.journal import EntryKind
    from luchtwacht.units import format_utc

    for entry in read((EntryKind.FRAME, EntryKind.COMMAND, EntryKind.TICK), sequence - 1):
        if entry.sequence != sequence:
            break
        if entry.kind is EntryKind.FRAME:
            of = f" of {period.site.sources[entry.source].id}, {len(entry.data)} octets"
        else:
            of = ""
        return f"{entry.kind.value} {sequence:,}{of}, {format_utc(entry.time_ns)}"
    return f"input {sequence:,}"


def _progress(console: Any) -> Any:
    from rich.progress import Progress, TimeRemainingColumn

    return Progress(*Progress.get_default_columns()[:3], TimeRemainingColumn(), console=console, transient=True)


# ---------------------------------------------------------------------- what if


def _what_if(
    read: Read, found: list[Period], without: list[str], zones: Path | None, zones_of: str, site: Path | None
) -> WhatIf:
    from luchtwacht.airspace import decode_zones
    from luchtwacht.cli.times import moment
    from luchtwacht.errors import BadInput
    from luchtwacht.ingest import load_site
    from luchtwacht.runtime.whatif import WhatIf, zones_at
    from luchtwacht.units import format_utc

    if zones and zones_of:
        raise BadInput("--zones and --zones-of both say which zones hold", hint="give one of them")
    declared, mappings = load_site(site) if site else (None, None)
    held, from_where = None, ""
    if zones:
        held, problems = decode_zones(zones.read_bytes(), source=zones.name)
        from_where = zones.name
        for problem in problems:
            typer.echo(f"{zones.name}: {problem}", err=True)
    if zones_of:
        time_ns = moment(zones_of)
        held, from_where = zones_at(read, found, time_ns), format_utc(time_ns)
    return WhatIf(without=tuple(without), zones=held, zones_from=from_where, site=declared, mappings=mappings)


def _otherwise(
    journal: Path, other: Otherwise, period: Period, what_if: WhatIf, from_ns: int, to_ns: int
) -> dict[str, Any]:
    """Run one period otherwise, hold it against the record, say what is different, and return it as plain values."""
    from rich.console import Console

    from luchtwacht.model import Frames
    from luchtwacht.model.encoding import decode_event
    from luchtwacht.runtime import recorded
    from luchtwacht.runtime.comparison import Account, compare
    from luchtwacht.units import format_utc

    console = Console(stderr=True)
    console.print(f"[bold yellow]WHAT-IF[/] · {what_if.sentence()}. The record is not touched.", highlight=False)
    if other.strange:
        console.print(f"  frames of {', '.join(other.strange)} are left out: the other site file has no such source")
    read, start = recorded.journal(journal), other.start(journal)
    if start.from_snapshot:
        console.print(
            f"  from the sealed snapshot of the state of {format_utc(start.after_ns)}: otherwise from then on"
        )
    elif from_ns > period.first_ns:
        console.print(f"  from the beginning: {start.reason}", markup=False)
    first, second = Account(), Account()
    for entry in recorded.events(read, period, start.after):
        if entry.time_ns > to_ns:
            break
        event = decode_event(entry.data)
        if event.time_ns >= from_ns:
            first.take([event])
    with _progress(console) as bar:
        task = bar.add_task("running otherwise", total=period.last - start.after)
        for each in other.inputs(read, start.after):
            if (int(each.received_ns[0]) if isinstance(each, Frames) else each.received_ns) > to_ns:
                break
            said = start.pipeline.step([each])
            second.take(event for event in said if from_ns <= event.time_ns <= to_ns)
            bar.update(
                task, completed=(int(each.sequence[-1]) if isinstance(each, Frames) else each.sequence) - start.after
            )
    found = compare(first, second, from_ns)
    span = f"{format_utc(max(period.first_ns, from_ns))} to {format_utc(min(period.last_ns, to_ns))}"
    _tell(console, found, f"{period.site.name}, {span}")
    return {
        "what_if": what_if.sentence(),
        "site": period.site.id,
        "from_ns": max(period.first_ns, from_ns),
        "from_snapshot_after": start.after if start.from_snapshot else None,
        **_plain(found),
    }


def _plain(found: Any) -> dict[str, Any]:
    import msgspec

    return {
        kind: {
            "same": len(compared.same),
            "vanished": msgspec.to_builtins(compared.vanished),
            "appeared": msgspec.to_builtins(compared.appeared),
            "shifted": [{**msgspec.to_builtins(pair), "shift_s": pair.shift_s} for pair in compared.shifted],
        }
        for kind, compared in (("alerts", found.alerts), ("tracks", found.tracks), ("findings", found.findings))
    }


_MOST_ROWS = 40


def _tell(console: Any, found: Any, title: str) -> None:
    """The comparison as a table: counts, then every alert, track and finding that is different."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from luchtwacht.units import format_utc

    kinds = (("alerts", found.alerts), ("findings", found.findings), ("tracks", found.tracks))
    counts = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for column in ("", "same", "vanish", "appear", "shift in time"):
        counts.add_column(column, justify="left" if not column else "right")
    for kind, each in kinds:
        counts.add_row(kind, *(f"{len(part):,}" for part in (each.same, each.vanished, each.appeared, each.shifted)))
    console.print(counts)
    rows = [
        (change, kind, thing.what, thing.first_ns, "")
        for kind, each in kinds
        for change, things in (("vanishes", each.vanished), ("appears", each.appeared))
        for thing in things
    ]
    rows += [
        ("shifts", kind, pair.recorded.what, pair.recorded.first_ns, f"{pair.shift_s:+.1f} s")
        for kind, each in kinds
        for pair in each.shifted
    ]
    if not rows:
        console.print("nothing is different")
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("change", "kind", "what", "begins", "later by"):
        table.add_column(column, overflow="fold")
    for change, kind, what, first_ns, shift in rows[:_MOST_ROWS]:
        table.add_row(change, kind.removesuffix("s"), Text(what), format_utc(first_ns)[11:], shift)
    console.print(table)
    if len(rows) > _MOST_ROWS:
        console.print(f"and {len(rows) - _MOST_ROWS:,} more; all of them with --json")


# ---------------------------------------------------------------------- into the console


def _serve(
    journal: Path, period: Period, what_if: WhatIf, from_ns: int, to_ns: int, *, speed: float, host: str, port: int
) -> None:
    from luchtwacht.cli.console import announce, free_port, serve
    from luchtwacht.clock import SystemClock

    clock = SystemClock()
    port = free_port(host, port)
    watch = played(journal, period, what_if, from_ns, to_ns, speed=speed, clock=clock)
    serve(watch, clock, host=host, port=port, ready=announce)


def played(
    journal: Path, period: Period, what_if: WhatIf, from_ns: int, to_ns: int, *, speed: float, clock: Clock
) -> Watch:
    """A watch that shows a period of a record, or a what-if about it, and adds nothing to it.

    Args:
        journal: its folder; a running watch may be recording there.
        period: of it.
        what_if: declares nothing for what was recorded.
        from_ns, to_ns: ns UTC, by time of receipt; what is outside the period means its ends.
        speed: times real time.
        clock: says when what is due.
    """
    from luchtwacht.journal import read_entries
    from luchtwacht.journal.entry import INPUTS
    from luchtwacht.runtime.feed import PlayedFeed
    from luchtwacht.runtime.playback import Playback
    from luchtwacht.runtime.watch import Watch
    from luchtwacht.runtime.whatif import Otherwise

    begins_ns = max(from_ns, period.first_ns)
    if to_ns < period.last_ns:
        within = read_entries(journal, from_ns=begins_ns, to_ns=to_ns + 1, kinds=INPUTS)
        last = max((each.sequence for each in within), default=period.first)
        period = replace(period, last=min(last, period.last), last_ns=to_ns)
    other = Otherwise(period, what_if, from_ns) if what_if.declared else None
    first_ns = begins_ns if other else period.first_ns
    playback = Playback(clock, first_ns=first_ns, last_ns=period.last_ns, speed=speed)
    site, mappings = (other.site, other.mappings) if other else (period.site, period.mappings)
    nothing = PlayedFeed(lambda: (), step_ns=1, settle_ns=0)
    watch = Watch(site, mappings, nothing, folder=journal, playback=playback, period=period, otherwise=other)
    playback.seek(begins_ns)
    return watch
