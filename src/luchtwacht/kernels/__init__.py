"""Numerical loops, compiled: plain arrays in and out, never raise.

Each has a slow, obvious twin in `tests/oracles/`.
"""

from __future__ import annotations

from collections.abc import Iterator


def warm() -> Iterator[str]:
    """Compile everything, or load it from the cache, naming each step before it is done, for a progress line."""
    from luchtwacht.kernels.asterix import warm as warm_asterix
    from luchtwacht.kernels.warming import warm as warm_tracking

    yield from warm_asterix()
    yield from warm_tracking()
