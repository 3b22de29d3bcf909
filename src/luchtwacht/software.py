"""Which software this is: its version, and a digest of the part that draws conclusions.

A version number says too little: two builds of one version that decide differently must not go on from one another's
state. The digest is over the source text of every room that the pipeline is made of, line ends aside.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from importlib.resources.abc import Traversable

CORE = (
    *("geodesy.py", "units.py", "model", "kernels", "codecs", "ingest", "tracking", "identity", "airspace"),
    *("alerting", "pipeline.py"),
)
"""what the conclusions follow from"""


@cache
def software() -> str:
    """`luchtwacht 0.1.0 core 3f2a...`: equal for two installations that draw the same conclusions."""
    try:
        number = version("luchtwacht")
    except PackageNotFoundError:
        number = "unknown"
    digest = sha256()
    root = files("luchtwacht")
    for name in CORE:
        _add(digest, root / name, name)
    return f"luchtwacht {number} core {digest.hexdigest()[:16]}"


def _add(digest: object, place: Traversable, name: str) -> None:
    """Name and text of every Python file below `place`, in order of name."""
    if place.is_dir():
        for each in sorted(place.iterdir(), key=lambda each: each.name):
            if each.is_dir() or each.name.endswith(".py"):
                _add(digest, each, f"{name}/{each.name}")
        return
    text = place.read_bytes().replace(b"\r\n", b"\n")
    digest.update(f"{name} {len(text)}\n".encode())  # type: ignore[attr-defined]
    digest.update(text)  # type: ignore[attr-defined]
