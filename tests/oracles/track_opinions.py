"""Slow twin of `kernels.opinions`: every way in which a sensor may have judged anew or repeated itself, written out."""

from __future__ import annotations

from itertools import product

import numpy as np

from luchtwacht.model import Floats, Ints


def likelihoods(labels: Ints, times_s: Floats, confusion: Floats, memory_s: float) -> Floats:
    """(categories,) how likely these labels are, by what the object is.

    Args:
        labels: (n,) what was said.  times_s: (n,).
        confusion: (categories, labels) how likely a fresh judgement says each.
    """
    stands = np.exp(-np.diff(times_s) / memory_s) if memory_s > 0.0 else np.zeros(len(labels) - 1)
    total = np.zeros(len(confusion))
    for anew in product((True, False), repeat=len(labels) - 1):
        if any(not fresh and labels[k] != labels[k + 1] for k, fresh in enumerate(anew)):
            continue
        chance = np.prod([1.0 - old if fresh else old for fresh, old in zip(anew, stands.tolist(), strict=True)])
        drawn = [int(labels[0]), *(int(labels[k + 1]) for k, fresh in enumerate(anew) if fresh)]
        total += chance * np.prod(confusion[:, drawn], axis=1)
    return total
