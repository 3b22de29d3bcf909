"""`luchtwacht key`: the public key by which a site's records are checked."""

from __future__ import annotations

from typing import Annotated

import typer

HELP = """Show the public keys by which the records of a site on this machine are checked.

They are made when a site first records, and kept among the user's state files; private keys never leave it. Give the
public ones to whoever must check a record, by a way you trust.

Example: **luchtwacht key markerstad > markerstad.pub**
"""


def key(
    site: Annotated[str, typer.Argument(help="Id of the site, as in its site file.")],
    slow: Annotated[bool, typer.Option("--ml-dsa", help="The ML-DSA-44 key instead of the Ed25519 one.")] = False,
) -> None:
    from luchtwacht.cli.places import site_signer

    signer = site_signer(site)
    typer.echo(str((signer.slow[0] if slow else signer.key).verifier))
