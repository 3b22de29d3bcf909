"""Slow twin of `kernels.looks`."""

from __future__ import annotations

from collections.abc import Sequence


def split(times: Sequence[int], sensors: Sequence[int], names: Sequence[int], spans: Sequence[int]) -> list[int]:
    """Where each look starts, and the end."""
    borders: list[int] = []
    seen: set[int] = set()
    for i in range(len(times)):
        first = borders[-1] if borders else 0
        late = times[i] - times[first] > spans[sensors[i]]
        if not borders or sensors[i] != sensors[first] or late or (names[i] >= 0 and names[i] in seen):
            borders.append(i)
            seen = set()
        if names[i] >= 0:
            seen.add(names[i])
    return [*borders, len(times)]
