"""Who follows whom, by trying everything: the sum that `evaluation.following` makes least, as it is written there."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product

Near = dict[tuple[int, int], float]
"""distance of every object and track that are within the cut-off of one another at a time"""


def pairings(near: Near) -> Iterator[frozenset[tuple[int, int]]]:
    """Every way to pair one to one, or not at all."""
    for chosen in product((False, True), repeat=len(near)):
        made = [pair for pair, taken in zip(sorted(near), chosen, strict=True) if taken]
        if len({one for one, _ in made}) == len(made) == len({other for _, other in made}):
            yield frozenset(made)


def cost(run: list[Near], made: tuple[frozenset[tuple[int, int]], ...], c: float, gamma: float, step: float) -> float:
    """Of one assignment over all times."""
    total = 0.0
    for near, pairs in zip(run, made, strict=True):
        total += sum(step * (near[pair] ** 2 - c**2) for pair in pairs)
    for pair in {pair for near in run for pair in near}:
        was = [pair in pairs for near, pairs in zip(run, made, strict=True) if pair in near]
        total += gamma**2 / 2.0 * sum(a != b for a, b in pairwise(was))
    return total


def least(run: list[Near], c: float, gamma: float, step: float) -> float:
    """The least that any assignment costs."""
    return min(cost(run, made, c, gamma, step) for made in product(*[list(pairings(near)) for near in run]))
