"""`luchtwacht key`: the keys by which a site's records are checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from luchtwacht.cli.keyring import Keyring

HELP = """Show, replace and revoke the keys by which the records of a site on this machine are checked.

They are made when a site first records, and kept among the user's state files; private keys never leave it. Give the
public ones to whoever must check a record, by a way you trust.

**--rotate** makes new keys: from the next start on, both sign, so that whoever knows only the old one can still check.
Once everybody knows the new one, **--retire ID** ends the old. **--revoke ID** is for a key somebody else may have: it
never signs again, and whoever verifies should be told its id (**luchtwacht verify --revoked ID**).

Examples:

- **luchtwacht key markerstad > markerstad.pub**

- **luchtwacht key markerstad --rotate**

- **luchtwacht key markerstad --list**
"""


def key(
    site: Annotated[str, typer.Argument(help="Id of the site, as in its site file.")],
    slow: Annotated[bool, typer.Option("--ml-dsa", help="The ML-DSA-44 key instead of the Ed25519 one.")] = False,
    every: Annotated[bool, typer.Option("--list", help="Every key with its id and what became of it.")] = False,
    rotate: Annotated[bool, typer.Option("--rotate", help="Make a new key; the old one signs along.")] = False,
    retire: Annotated[str, typer.Option(help="Id of an old key that need not sign any more.")] = "",
    revoke: Annotated[str, typer.Option(help="Id of a key that somebody else may have.")] = "",
    reason: Annotated[str, typer.Option(help="With --revoke: why; kept with it.")] = "",
) -> None:
    from luchtwacht.cli.keyring import open_keyring
    from luchtwacht.errors import BadInput
    from luchtwacht.journal import KeyKind

    if sum((every, rotate, bool(retire), bool(revoke))) > 1:
        raise BadInput("one thing at a time", hint="--list, --rotate, --retire or --revoke")
    keyring = open_keyring(site)
    kind = KeyKind.COSIGNATURE_ML_DSA_44 if slow else KeyKind.ED25519
    if rotate:
        keyring.rotate(kind)
        typer.echo("the new key signs from the watch's next start on, beside the old one", err=True)
    elif retire:
        keyring.retire(retire)
        typer.echo(f"{retire} signs no more from the watch's next start on", err=True)
    elif revoke:
        if not reason:
            raise BadInput("why a key is revoked must be said", hint="--reason 'the laptop was stolen on 3 May'")
        keyring.revoke(revoke, reason)
        typer.echo(f"{revoke} never signs again; tell whoever verifies: luchtwacht verify --revoked {revoke}", err=True)
    if every:
        _list(keyring)
    elif not (retire or revoke):
        typer.echo(str(keyring.current(kind).verifier))


def _list(keyring: Keyring) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("id", "kind", "what", "why", "public key"):
        table.add_column(name, overflow="fold")
    for each in keyring.listed():
        table.add_row(each.id, each.kind, each.state, Text(each.reason), Text(each.public))
    Console().print(table)
