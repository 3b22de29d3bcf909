"""`luchtwacht witness`: watch over other sites' records."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from luchtwacht.journal import SigningKey, VerifierKey

HELP = """Sign other sites' checkpoints, so that none of them can have two histories.

Speaks the public protocol for witnesses (C2SP tlog-witness). What was signed for is remembered on disk before it is
answered. The witness's public key is printed when it starts: put it, with the address, under **[sealing]** in the site
files of those who ask. **--log** takes the public key file of each site watched over (**luchtwacht key SITE**).

Example: **luchtwacht witness harbour/witness --log markerstad.pub --port 8700**
"""


def witness(
    name: Annotated[str, typer.Argument(help="Name of the witness, as it signs: HOST/PATH that you control.")],
    log: Annotated[list[Path], typer.Option(help="Public key file of a site watched over.", exists=True)],
    folder: Annotated[
        Path | None, typer.Option(help="Where it remembers; by default among the user's state files.")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port.", min=1, max=65535)] = 8700,
) -> None:
    import uvicorn

    from luchtwacht.cli.console import free_port
    from luchtwacht.cli.places import state_folder
    from luchtwacht.clock import SystemClock
    from luchtwacht.journal import parse_key
    from luchtwacht.journal.witness import Witness
    from luchtwacht.server.witness import create_witness

    logs: dict[str, list[VerifierKey]] = {}
    for path in log:
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                key = parse_key(line.strip())
                logs.setdefault(key.name, []).append(key)
    own = _key(name)
    remembering = folder or state_folder() / "witness" / name.replace("/", "_")
    app = create_witness(Witness(remembering, own, logs), sorted(logs), SystemClock())
    free_port(host, port)
    typer.echo(f"watches over {', '.join(sorted(logs))}", err=True)
    typer.echo(str(own.verifier))
    uvicorn.run(app, host=host, port=port, log_level="warning", access_log=False)


def _key(name: str) -> SigningKey:
    """The witness's own key, made when first needed."""
    from luchtwacht.cli.places import state_folder
    from luchtwacht.journal import KeyKind, create_key, load_key, save_key

    path = state_folder() / "keys" / f"witness-{name.replace('/', '_')}.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        save_key(create_key(name, KeyKind.COSIGNATURE_ED25519), path)
    return load_key(path)
