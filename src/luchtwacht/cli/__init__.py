"""The command line: the one place where rooms are put together.

Heavy modules are imported inside the commands, so that `luchtwacht --help` answers at once.
"""

from __future__ import annotations

import sys
from typing import Annotated, NoReturn

import typer

from luchtwacht.cli import (
    calibrate,
    convert,
    demo,
    evaluate,
    export,
    inspect,
    key,
    origin,
    reach,
    replay,
    retention,
    run,
    sensors,
    simulate,
    verify,
    witness,
    zones,
)
from luchtwacht.cli.exits import Exit

EPILOG = (
    "**Exit codes** · 0 all is well · 1 the answer is no (a replay differs, a check failed) · 2 the command line is "
    "wrong · 3 the input is wrong (site, recording, mapping; the message says what, where and what to do) · 4 the "
    "journal cannot record or be read · 130 ended by Ctrl-C"
)

app = typer.Typer(
    name="luchtwacht",
    help="Watch the air for drones, tell people in time, and prove what was seen.\n\n"
    "Start with **luchtwacht demo**: a capital at night, on a live map, from bytes to alerts.",
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(help=demo.HELP)(demo.demo)
app.command(help=run.HELP)(run.run)
app.command(help=replay.HELP)(replay.replay)
app.command(help=export.HELP)(export.export)
app.command(help=verify.HELP)(verify.verify)
app.command(help=witness.HELP)(witness.witness)
app.command(help=key.HELP)(key.key)
app.add_typer(retention.app, name="retention")
app.add_typer(sensors.app, name="sensors")
app.command(help=simulate.HELP)(simulate.simulate)
app.command(help=evaluate.HELP)(evaluate.evaluate)
app.command(help=calibrate.HELP)(calibrate.calibrate)
app.command(help=inspect.HELP)(inspect.inspect)
app.command(help=origin.HELP)(origin.origin)
app.command(help=reach.HELP)(reach.reach)
app.command(help=convert.HELP)(convert.convert)
app.command(help=zones.HELP)(zones.zones)


def _say_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"luchtwacht {version('luchtwacht')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Options of every command."""


def main() -> NoReturn:
    """Run a command; every error on purpose becomes one clear line and its exit code."""
    from luchtwacht.errors import BadInput, LuchtwachtError, RecordError

    try:
        app()
    except BadInput as error:
        _complain(error.what, where=error.where, hint=error.hint)
        sys.exit(Exit.BAD_INPUT)
    except RecordError as error:
        _complain(str(error))
        sys.exit(Exit.RECORD)
    except LuchtwachtError as error:
        _complain(str(error))
        sys.exit(Exit.BAD_INPUT)
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)
    sys.exit(Exit.FINE)


def _complain(what: str, *, where: str = "", hint: str = "") -> None:
    """One error, on standard error, readable with and without colour."""
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True)
    console.print(Text.assemble(("error: ", "bold red"), what), soft_wrap=True)
    if where:
        console.print(Text.assemble(("where: ", "dim"), where), soft_wrap=True)
    if hint:
        console.print(Text.assemble((" help: ", "dim"), hint), soft_wrap=True)
