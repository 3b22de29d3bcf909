"""Where the user's files stand when nobody says where."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from luchtwacht.errors import BadConfiguration
from luchtwacht.units import format_utc

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from luchtwacht.journal import Signer
    from luchtwacht.model import Site, Zone

MOST_PROBLEMS = 5
"""of one published set of zones that are told when a watch starts"""


def state_folder() -> Path:
    """`$XDG_STATE_HOME/luchtwacht`, or `~/.local/state/luchtwacht` (XDG base directory specification 0.8)."""
    base = os.environ.get("XDG_STATE_HOME", "")
    return (Path(base) if base else Path.home() / ".local" / "state") / "luchtwacht"


def open_site(path: Path) -> tuple[Site, dict[str, str]]:
    """A site with the published zones it names, and its mappings; what of the zones could not be used is said.

    Raises:
        BadConfiguration: as `load_site`.
    """
    import typer

    from luchtwacht.airspace import decode_zones
    from luchtwacht.ingest import load_site

    def read_zones(data: bytes, name: str, time_zone: str) -> tuple[Zone, ...]:
        zones, problems = decode_zones(data, source=name, time_zone=time_zone)
        typer.echo(f"zones · {name}: {len(zones):,} read", err=True)
        for each in problems[:MOST_PROBLEMS]:
            typer.echo(f"zones · {name}: {each.zone or 'the set'}, {each.field}: {each.detail}", err=True)
        if len(problems) > MOST_PROBLEMS:
            more = len(problems) - MOST_PROBLEMS
            typer.echo(f"zones · {name}: {more:,} more; luchtwacht zones {name} tells all", err=True)
        return zones

    return load_site(path, read_zones)


def read_base_map(path: Path) -> bytes:
    """The local features that a site draws under everything.

    Raises:
        BadConfiguration: the file cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadConfiguration(f"the base map cannot be read: {error.strerror}", where=str(path)) from error


def read_authority(path: Path, site: Site) -> list[Certificate]:
    """The certificates of the time stamping authority that a site file names; none when it names none.

    Raises:
        BadConfiguration: the file cannot be read or holds none, or the site names an authority without it.
    """
    from luchtwacht.journal.stamp import BadStamp, parse_certificates

    name = site.sealing.time_stamp_certificate
    if bool(name) != bool(site.sealing.time_stamps):
        raise BadConfiguration(
            "time_stamps and time_stamp_certificate go together",
            where=str(path),
            hint="who stamps must be known, or anybody could",
        )
    if not name:
        return []
    file = path.parent / name
    try:
        return parse_certificates(file.read_bytes(), str(file))
    except OSError as error:
        raise BadConfiguration(f"{name} cannot be read: {error.strerror}", where=str(path)) from error
    except BadStamp as error:
        raise BadConfiguration(error.what, where=error.where) from error


def site_signer(site: str) -> Signer:
    """What signs the records of a site on this machine, see `keyring`."""
    from luchtwacht.cli.keyring import open_keyring

    return open_keyring(site).signer()


def fresh_journal(name: str, now_ns: int) -> Path:
    """A folder that does not exist yet, named after the moment; nothing recorded is ever written over."""
    moment = format_utc(now_ns)[:19].replace(":", "")
    folder = state_folder() / name / moment
    number = 2
    while folder.exists():
        folder = state_folder() / name / f"{moment}-{number}"
        number += 1
    return folder
