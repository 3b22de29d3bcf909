"""Several rows at once: what a loop over `LANES` needs so that it becomes vector instructions.

Where a kernel reckons much about every row it goes through them by `LANES`: the numbers of a row are put side by side
with those of its neighbours, in scratch (fields, LANES), and each line of a loop over lanes then works on all of them.
Such a loop calls nothing that is not written here or inlined, has no branches (`max`, `min` and `a if b else c` of
numbers at hand are none), and reads and writes the one scratch and numbers only, so that the compiler sees that no lane
concerns another. In lanes that no row is left for stands what stood there before: nobody looks at it.

What is reckoned here is the same on every machine, as no two operations are made into one (ADR 0169).
"""

from __future__ import annotations

import math

import numpy as np

from luchtwacht.kernels._jit import inlined

LANES = 16
"""rows at once: two of the widest vectors of double precision, four of the usual ones"""

LN2_HIGH, LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10
"""ln 2 in two parts, the first with so few digits that small multiples of it are exact (Cody and Waite 1980)"""
FEWEST, MOST = -708.0, 709.0
"""arguments of `exp` beyond which its value is taken to be as at these"""
HALF_ROOT_BITS = 0x3FE6A09E667F3BCD
"""sqrt(1/2) as an integer"""


@inlined
def exp(x: float) -> float:
    """e^x to a part in 10^12, from the Taylor series of what is left of `x` beside a multiple of ln 2."""
    x = min(max(x, FEWEST), MOST)
    n = math.floor(x * 1.4426950408889634 + 0.5)
    r = x - n * LN2_HIGH - n * LN2_LOW
    p = 2.48015873015873e-5 + r * (2.7557319223985893e-6 + r * 2.755731922398589e-7)
    p = 1.0 / 24.0 + r * (1.0 / 120.0 + r * (1.0 / 720.0 + r * (1.0 / 5040.0 + r * p)))
    p = 1.0 + r * (1.0 + r * (0.5 + r * (1.0 / 6.0 + r * p)))
    return p * float(np.int64((n + 1023) << 52).view(np.float64))


@inlined
def log(x: float) -> float:
    """Natural logarithm of a normal number above 0, to a part in 10^12: the series of 2 artanh((m - 1) / (m + 1))."""
    bits = np.float64(x).view(np.int64)
    e = (bits - HALF_ROOT_BITS) >> 52
    m = np.int64(bits - (e << 52)).view(np.float64)
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    p = 1.0 / 9.0 + z * (1.0 / 11.0 + z * (1.0 / 13.0 + z * (1.0 / 15.0)))
    return float(e * 0.6931471805599453 + 2.0 * s * (1.0 + z * (1.0 / 3.0 + z * (1.0 / 5.0 + z * (1.0 / 7.0 + z * p)))))
