"""From what a sensor measured to plots: Cartesian where a position was measured, as measured where not."""

from __future__ import annotations

import math

import numpy as np

from luchtwacht.kernels import layout as c
from luchtwacht.kernels._jit import Array, apart, inlined, kernel

FAR = 1e12
"""m^2, variance of an up coordinate that was not measured"""


@inlined
def rotate(
    place: Array, xx: float, xy: float, xz: float, yy: float, yz: float, zz: float, out: Array, row: int, column: int
) -> None:
    """Turn a symmetric 3 x 3 matrix, given by its six numbers, from the sensor's axes to the site's; write its six."""
    at = column
    for a in range(3):
        p, q, r = place[3 + 3 * a], place[4 + 3 * a], place[5 + 3 * a]
        x, y, z = p * xx + q * xy + r * xz, p * xy + q * yy + r * yz, p * xz + q * yz + r * zz
        for b in range(a, 3):
            out[row, at] = x * place[3 + 3 * b] + y * place[4 + 3 * b] + z * place[5 + 3 * b]
            at += 1


@inlined
def broken(z: Array, R: Array, j: int) -> bool:
    """Whether row `j` holds an infinity, or a number without a variance: such a report is not half believed."""
    wrong = 0
    for k in range(4):
        wrong += math.isinf(z[j, k]) or (not math.isnan(z[j, k]) and not R[j, k, k] > 0.0)
    return wrong > 0


@kernel
def convert(
    z: Array,
    R: Array,
    geometry: Array,
    times: Array,
    begin: int,
    now_ns: int,
    level: Array,
    rcs: Array,
    filtered: Array,
    inflate: float,
    place: Array,
    height_mean: float,
    kinds: Array,
    plots: Array,
) -> float:
    """Fill `kinds` (n,) and `plots` (n, PLOT_COLUMNS) for one look of one sensor.

    A polar plot with range, azimuth and elevation becomes a position whose error has no mean and whose covariance is
    exact for Gaussian angles, given the measured point as the truth (the unbiased conversion: Longbin, Xiaoquan,
    Yiyu, Kang and Bar-Shalom 1998; here in three dimensions by the moments of cosines of Gaussian angles).

    Args:
        z, R, geometry, times, filtered: as in `model.Detections`; the look begins at row `begin` and has `n`.
        now_ns: the look's reference time.
        level, rcs: dB and dBsm, NaN where not given.
        inflate: factor on the covariance where it is `filtered`.
        place: (12,) the sensor's position in the site's frame, then the rotation from its axes into the site's.
        height_mean: m, up coordinate taken where none was measured, to find a place on the map only.

    Returns:
        m, the longest measured range.
    """
    apart()
    farthest = 0.0
    last_va, last_ve, da, de = 0.0, 0.0, 1.0, 1.0
    for j in range(kinds.shape[0]):
        i = begin + j
        for k in range(c.PLOT_COLUMNS):
            plots[j, k] = np.nan
        kinds[j] = c.NOTHING
        plots[j, c.DT] = (times[i] - now_ns) * 1e-9
        plots[j, c.LEVEL_DB] = level[i]
        plots[j, c.RCS_DB] = rcs[i]
        plots[j, c.UP_MEASURED] = 0.0
        plots[j, c.CLUTTER] = 1.0
        plots[j, c.UNDETECTED] = 0.0
        f = inflate if filtered[i] else 1.0
        if broken(z, R, i):
            continue
        if geometry[i] == 1:
            if math.isfinite(z[i, 0]) and math.isfinite(z[i, 1]) and R[i, 0, 0] > 0.0 and R[i, 1, 1] > 0.0:
                kinds[j] = c.FIX
                plots[j, c.X] = z[i, 0]
                plots[j, c.Y] = z[i, 1]
                cross = R[i, 0, 1] if math.isfinite(R[i, 0, 1]) else 0.0
                plots[j, c.R0] = f * R[i, 0, 0]
                plots[j, c.R0 + 1] = f * cross
                plots[j, c.R0 + 3] = f * R[i, 1, 1]
                if math.isfinite(z[i, 2]) and R[i, 2, 2] > 0.0:
                    plots[j, c.UP_MEASURED] = 1.0
                    plots[j, c.Z] = z[i, 2]
                    plots[j, c.R0 + 2] = f * R[i, 0, 2] if math.isfinite(R[i, 0, 2]) else 0.0
                    plots[j, c.R0 + 4] = f * R[i, 1, 2] if math.isfinite(R[i, 1, 2]) else 0.0
                    plots[j, c.R0 + 5] = f * R[i, 2, 2]
                else:
                    plots[j, c.Z] = height_mean
                    plots[j, c.R0 + 2] = 0.0
                    plots[j, c.R0 + 4] = 0.0
                    plots[j, c.R0 + 5] = FAR
            continue
        has_range = math.isfinite(z[i, 0]) and z[i, 0] > 0.0 and R[i, 0, 0] > 0.0
        has_azimuth = math.isfinite(z[i, 1]) and R[i, 1, 1] > 0.0
        has_elevation = math.isfinite(z[i, 2]) and R[i, 2, 2] > 0.0
        if has_range:
            plots[j, c.RANGE] = z[i, 0]
            farthest = max(farthest, z[i, 0])
            plots[j, c.RANGE_VAR] = f * R[i, 0, 0]
        if has_azimuth:
            plots[j, c.AZIMUTH] = z[i, 1]
            plots[j, c.AZIMUTH_VAR] = f * R[i, 1, 1]
        if has_elevation:
            plots[j, c.ELEVATION] = z[i, 2]
            plots[j, c.ELEVATION_VAR] = f * R[i, 2, 2]
        if has_range and math.isfinite(z[i, 3]) and R[i, 3, 3] > 0.0:
            plots[j, c.RATE] = z[i, 3]
            plots[j, c.RATE_VAR] = f * R[i, 3, 3]
        if has_range and has_azimuth and has_elevation:
            kinds[j] = c.FIX
            plots[j, c.UP_MEASURED] = 1.0
            r = z[i, 0]
            va = f * R[i, 1, 1]
            ve = f * R[i, 2, 2]
            sa, ca = math.sin(z[i, 1]), math.cos(z[i, 1])
            se, ce = math.sin(z[i, 2]), math.cos(z[i, 2])
            if va != last_va or ve != last_ve:  # most sensors state the same accuracy with every plot
                last_va, last_ve, da, de = va, ve, math.exp(-0.5 * va), math.exp(-0.5 * ve)
            across, above = 1.0 / (da * de), 1.0 / de
            rr = r * r + f * R[i, 0, 0]
            qa, qe = da * da, de * de
            qa, qe = qa * qa, qe * qe
            nn = 0.5 * (1.0 + (ca * ca - sa * sa) * qa)
            ee = 0.5 * (1.0 - (ca * ca - sa * sa) * qa)
            ne = sa * ca * qa
            gg = 0.5 * (1.0 + (ce * ce - se * se) * qe)
            uu = 0.5 * (1.0 - (ce * ce - se * se) * qe)
            gu = se * ce * qe
            on, both, up = across * across * rr * gg, across * above * rr * gu * da, r * r * ce * se
            rotate(
                place, on * ee - (r * ce * sa) ** 2, on * ne - (r * ce) ** 2 * sa * ca, both * sa - up * sa,
                on * nn - (r * ce * ca) ** 2, both * ca - up * ca, above * above * rr * uu - (r * se) ** 2, plots, j,
                c.R0,
            )  # fmt: skip
            e, n, u = across * r * ce * sa, across * r * ce * ca, above * r * se
            for k in range(3):
                plots[j, c.X + k] = place[k] + place[3 + 3 * k] * e + place[4 + 3 * k] * n + place[5 + 3 * k] * u
        elif has_range and has_azimuth:
            kinds[j] = c.PLANE
            r = z[i, 0]
            up = height_mean - place[2]
            g = math.sqrt(max(r * r - up * up, 0.04 * r * r))
            e, n = g * math.sin(z[i, 1]), g * math.cos(z[i, 1])
            for k in range(2):
                plots[j, c.X + k] = place[k] + place[3 + 3 * k] * e + place[4 + 3 * k] * n
            plots[j, c.Z] = height_mean
        elif has_azimuth:
            kinds[j] = c.DIRECTION if has_elevation else c.BEARING
        elif has_range:
            kinds[j] = c.DISTANCE
    return farthest
