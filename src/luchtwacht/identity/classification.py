"""What a track is, once what it says of itself is weighed in.

    p(category | track, claim) ~ p(category | track) p(claim | category)

The likelihoods are declared here, not learnt: how much more often such a claim comes from one category than from
another, including liars and wrong settings. A claim counts with the probability that it is this track's, and not at all
when it is contradicted.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from luchtwacht.identity.story import Story
from luchtwacht.model import Category, ClaimKind

Floats = NDArray[np.float64]

#                    multirotor, fixed wing, bird, crewed, other
LIKELIHOOD: dict[tuple[ClaimKind, int], tuple[float, float, float, float, float]] = {
    (ClaimKind.REMOTE_ID, -1): (1.0, 1.0, 1e-5, 1e-3, 1e-2),
    (ClaimKind.REMOTE_ID, Category.MULTIROTOR): (1.0, 0.1, 1e-5, 1e-3, 1e-2),
    (ClaimKind.REMOTE_ID, Category.FIXED_WING_DRONE): (0.1, 1.0, 1e-5, 1e-3, 1e-2),
    (ClaimKind.REMOTE_ID, Category.OTHER): (0.3, 0.3, 1e-5, 1e-3, 1.0),
    (ClaimKind.ADS_B, -1): (5e-3, 5e-3, 1e-5, 1.0, 5e-2),
    (ClaimKind.ADS_B, Category.CREWED_AIRCRAFT): (1e-3, 1e-3, 1e-5, 1.0, 1e-2),
    (ClaimKind.ADS_B, Category.MULTIROTOR): (1.0, 0.3, 1e-5, 1e-2, 1e-2),
    (ClaimKind.ADS_B, Category.FIXED_WING_DRONE): (0.3, 1.0, 1e-5, 1e-2, 1e-2),
    (ClaimKind.ADS_B, Category.OTHER): (1e-2, 1e-2, 1e-5, 0.1, 1.0),
}
"""(kind, claimed category, -1 where not claimed): likelihood of such a claim, up to a factor. Telemetry is weighed as
Remote ID; a pair that is not listed as the same kind without a category."""


def likelihood(story: Story) -> Floats:
    """(5,) over `Category`, of what the story claims."""
    kind = ClaimKind.REMOTE_ID if story.kind is ClaimKind.TELEMETRY else story.kind
    return np.array(LIKELIHOOD.get((kind, story.category), LIKELIHOOD[kind, -1]))


def weigh(prior: Floats, story: Story, probability: float) -> Floats:
    """(5,) the categories with a claim weighed in that is the track's with `probability`."""
    prior = np.where(np.isfinite(prior), prior, 1.0 / len(prior))
    posterior = prior * likelihood(story)
    total = float(posterior.sum())
    if total <= 0.0:
        return np.asarray(prior)
    mixed = probability * posterior / total + (1.0 - probability) * prior / max(float(prior.sum()), 1e-300)
    return np.asarray(mixed / mixed.sum())
