"""What the rate at which an echo is modulated says of its kind: rotor blades that flash, wings that beat.

Radars that look at micro-Doppler give the rate of the lines or flashes that they see. It is log-normal in each
category, with an equal chance of anything between 0.5 Hz and 5 kHz beside it: a harmonic was taken for the line, or a
fan on a roof. The figures are round on purpose:

- wings: 2 (swan) to 20 Hz (small songbirds), by tracking radar: Bruderer, Peter, Boldt and Liechti 2010, Ibis
  152:272-291, doi 10.1111/j.1474-919X.2010.01014.x;
- rotors of multirotors: 50 (large) to 130 (hand-sized) turns a second; two blades, so twice that; propellers of small
  fixed wings much the same;
- helicopters: 4 to 7 turns a second of two to five blades; light aircraft: 40 turns a second of two or three.
"""

from __future__ import annotations

import numpy as np

from luchtwacht.model import Category, Floats

LEAST_HZ, MOST_HZ = 0.5, 5_000.0
ODD = 0.1
"""chance that what was measured is not the line that is meant"""
RATES: dict[Category, tuple[tuple[float, float, float], ...]] = {
    Category.MULTIROTOR: ((1.0, 170.0, 0.5),),
    Category.FIXED_WING_DRONE: ((1.0, 200.0, 0.6),),
    Category.BIRD: ((1.0, 7.0, 0.6),),
    Category.CREWED_AIRCRAFT: ((0.6, 18.0, 0.4), (0.4, 95.0, 0.3)),
    Category.OTHER: (),
}
"""share, median (Hz) and standard deviation of the natural logarithm; other things may have any"""


def of_rate(hertz: Floats) -> Floats:
    """(n, 5) likelihoods over `Category` of rates (n,), ratios of which the largest is 1; NaN where none was measured.

    A rate of 0, or one that no wing and no rotor has, is none.
    """
    measured = (hertz >= LEAST_HZ) & (hertz <= MOST_HZ)
    if not measured.any():
        return np.full((len(hertz), len(Category)), np.nan)
    log = np.log(np.where(measured, hertz, 1.0))
    anything = 1.0 / np.log(MOST_HZ / LEAST_HZ)
    made = np.full((len(hertz), len(Category)), anything)
    for category, parts in RATES.items():
        if parts:
            lines = sum(
                share * np.exp(-0.5 * ((log - np.log(median)) / sigma) ** 2) / (sigma * np.sqrt(2.0 * np.pi))
                for share, median, sigma in parts
            )
            made[:, category] = (1.0 - ODD) * lines + ODD * anything
    made /= made.max(axis=1, keepdims=True)
    made[~measured] = np.nan
    return made


def joined(opinion: Floats, rate: Floats) -> Floats:
    """(n, 5) likelihoods of a word and a rate together, where either may be none (NaN)."""
    both = np.isfinite(opinion[:, :1]) & np.isfinite(rate[:, :1])
    product = opinion * rate
    largest = np.nanmax(np.where(both, opinion, 1.0), axis=1, keepdims=True)
    scaled = product * (largest / np.where(both, np.maximum(product.max(axis=1, keepdims=True), 1e-300), 1.0))
    return np.where(both, scaled, np.where(np.isfinite(opinion), opinion, rate))
