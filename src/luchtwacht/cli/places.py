"""Where the user's files stand when nobody says where."""

from __future__ import annotations

import os
from pathlib import Path

from luchtwacht.errors import BadConfiguration
from luchtwacht.units import format_utc


def state_folder() -> Path:
    """`$XDG_STATE_HOME/luchtwacht`, or `~/.local/state/luchtwacht` (XDG base directory specification 0.8)."""
    base = os.environ.get("XDG_STATE_HOME", "")
    return (Path(base) if base else Path.home() / ".local" / "state") / "luchtwacht"


def read_base_map(path: Path) -> bytes:
    """The local features that a site draws under everything.

    Raises:
        BadConfiguration: the file cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadConfiguration(f"the base map cannot be read: {error.strerror}", where=str(path)) from error


def fresh_journal(name: str, now_ns: int) -> Path:
    """A folder that does not exist yet, named after the moment; nothing recorded is ever written over."""
    moment = format_utc(now_ns)[:19].replace(":", "")
    folder = state_folder() / name / moment
    number = 2
    while folder.exists():
        folder = state_folder() / name / f"{moment}-{number}"
        number += 1
    return folder
