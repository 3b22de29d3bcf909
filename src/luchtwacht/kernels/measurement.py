"""Conditioning one Gaussian on one plot: the Kalman update for every kind of plot, with its log-likelihood."""

from __future__ import annotations

import math

from luchtwacht.kernels import layout as c
from luchtwacht.kernels._jit import Array, inlined, kernel
from luchtwacht.kernels.motion import shift

LOG_2PI = math.log(2.0 * math.pi)
CUBE = (2.0 * math.pi) ** 3


@kernel
def condition_on_number(state: Array, i: int, h: Array, y: float, variance: float) -> tuple[float, float]:
    """Update row `i` in place with one number: gradient `h` (6,), innovation `y`, noise `variance`.

    Returns:
        the squared innovation over its variance, and the log-likelihood.
    """
    a, b, v = c.A0, c.B0, c.C0
    h0, h1, h2, h3, h4, h5 = h[0], h[1], h[2], h[3], h[4], h[5]
    w0 = state[i, a] * h0 + state[i, a + 1] * h1 + state[i, a + 2] * h2
    w1 = state[i, a + 1] * h0 + state[i, a + 3] * h1 + state[i, a + 4] * h2
    w2 = state[i, a + 2] * h0 + state[i, a + 4] * h1 + state[i, a + 5] * h2
    w0 += state[i, b] * h3 + state[i, b + 1] * h4 + state[i, b + 2] * h5
    w1 += state[i, b + 3] * h3 + state[i, b + 4] * h4 + state[i, b + 5] * h5
    w2 += state[i, b + 6] * h3 + state[i, b + 7] * h4 + state[i, b + 8] * h5
    w3 = state[i, b] * h0 + state[i, b + 3] * h1 + state[i, b + 6] * h2
    w4 = state[i, b + 1] * h0 + state[i, b + 4] * h1 + state[i, b + 7] * h2
    w5 = state[i, b + 2] * h0 + state[i, b + 5] * h1 + state[i, b + 8] * h2
    w3 += state[i, v] * h3 + state[i, v + 1] * h4 + state[i, v + 2] * h5
    w4 += state[i, v + 1] * h3 + state[i, v + 3] * h4 + state[i, v + 4] * h5
    w5 += state[i, v + 2] * h3 + state[i, v + 4] * h4 + state[i, v + 5] * h5
    s = h0 * w0 + h1 * w1 + h2 * w2 + h3 * w3 + h4 * w4 + h5 * w5 + variance
    g = 1.0 / s
    k = y * g
    state[i, 0] += w0 * k
    state[i, 1] += w1 * k
    state[i, 2] += w2 * k
    state[i, 3] += w3 * k
    state[i, 4] += w4 * k
    state[i, 5] += w5 * k
    state[i, a] -= w0 * w0 * g
    state[i, a + 1] -= w0 * w1 * g
    state[i, a + 2] -= w0 * w2 * g
    state[i, a + 3] -= w1 * w1 * g
    state[i, a + 4] -= w1 * w2 * g
    state[i, a + 5] -= w2 * w2 * g
    state[i, b] -= w0 * w3 * g
    state[i, b + 1] -= w0 * w4 * g
    state[i, b + 2] -= w0 * w5 * g
    state[i, b + 3] -= w1 * w3 * g
    state[i, b + 4] -= w1 * w4 * g
    state[i, b + 5] -= w1 * w5 * g
    state[i, b + 6] -= w2 * w3 * g
    state[i, b + 7] -= w2 * w4 * g
    state[i, b + 8] -= w2 * w5 * g
    state[i, v] -= w3 * w3 * g
    state[i, v + 1] -= w3 * w4 * g
    state[i, v + 2] -= w3 * w5 * g
    state[i, v + 3] -= w4 * w4 * g
    state[i, v + 4] -= w4 * w5 * g
    state[i, v + 5] -= w5 * w5 * g
    return y * k, -0.5 * (y * k + math.log(s) + LOG_2PI)


@inlined
def invert_spread(
    state: Array, i: int, plots: Array, j: int
) -> tuple[float, float, float, float, float, float, float, float, float, float, float]:
    """What the position of plot `j` is expected to be given row `i`, at the plot's own time, inverted.

    Returns:
        the inverse of the covariance of the innovation (xx xy xz yy yz zz), its determinant, its variance of up, and
        the innovation.
    """
    a, r, dt = c.A0, c.R0, plots[j, c.DT]
    sxx, sxy, sxz = state[i, a] + plots[j, r], state[i, a + 1] + plots[j, r + 1], state[i, a + 2] + plots[j, r + 2]
    syy, syz = state[i, a + 3] + plots[j, r + 3], state[i, a + 4] + plots[j, r + 4]
    szz = state[i, a + 5] + plots[j, r + 5]
    yx, yy, yz = plots[j, 0] - state[i, 0], plots[j, 1] - state[i, 1], plots[j, 2] - state[i, 2]
    if dt != 0.0:
        b, v = c.B0, c.C0
        yx -= dt * state[i, 3]
        yy -= dt * state[i, 4]
        yz -= dt * state[i, 5]
        sxx += dt * (2.0 * state[i, b] + dt * state[i, v])
        sxy += dt * (state[i, b + 1] + state[i, b + 3] + dt * state[i, v + 1])
        sxz += dt * (state[i, b + 2] + state[i, b + 6] + dt * state[i, v + 2])
        syy += dt * (2.0 * state[i, b + 4] + dt * state[i, v + 3])
        syz += dt * (state[i, b + 5] + state[i, b + 7] + dt * state[i, v + 4])
        szz += dt * (2.0 * state[i, b + 8] + dt * state[i, v + 5])
    cxx, cxy, cxz = syy * szz - syz * syz, sxz * syz - sxy * szz, sxy * syz - sxz * syy
    det = sxx * cxx + sxy * cxy + sxz * cxz
    g = 1.0 / det
    return (
        cxx * g, cxy * g, cxz * g, (sxx * szz - sxz * sxz) * g, (sxy * sxz - sxx * syz) * g,
        (sxx * syy - sxy * sxy) * g,
        det, szz, yx, yy, yz,
    )  # fmt: skip


@inlined
def lean(
    state: Array, i: int, dt: float, ux: float, uy: float, uz: float,
    mxx: float, mxy: float, mxz: float, myy: float, myz: float, mzz: float,
) -> None:  # fmt: skip
    """Row `i` becomes x + G' u with covariance P - G' M G, for G = [A + dt B', B + dt C]: of the position `dt` later
    with all. With u = S^-1 y and M = S^-1 that is the update with an innovation y of covariance S."""
    a, b, v = c.A0, c.B0, c.C0
    pxx, pxy, pxz = state[i, a], state[i, a + 1], state[i, a + 2]
    pyy, pyz, pzz = state[i, a + 3], state[i, a + 4], state[i, a + 5]
    bxx, bxy, bxz = state[i, b], state[i, b + 1], state[i, b + 2]
    byx, byy, byz = state[i, b + 3], state[i, b + 4], state[i, b + 5]
    bzx, bzy, bzz = state[i, b + 6], state[i, b + 7], state[i, b + 8]
    cxx, cxy, cxz = state[i, v], state[i, v + 1], state[i, v + 2]
    cyy, cyz, czz = state[i, v + 3], state[i, v + 4], state[i, v + 5]
    # g: covariance of the position then (row) with the position now (column); l: with the velocity
    gxx, gxy, gxz = pxx + dt * bxx, pxy + dt * byx, pxz + dt * bzx
    gyx, gyy, gyz = pxy + dt * bxy, pyy + dt * byy, pyz + dt * bzy
    gzx, gzy, gzz = pxz + dt * bxz, pyz + dt * byz, pzz + dt * bzz
    lxx, lxy, lxz = bxx + dt * cxx, bxy + dt * cxy, bxz + dt * cxz
    lyx, lyy, lyz = byx + dt * cxy, byy + dt * cyy, byz + dt * cyz
    lzx, lzy, lzz = bzx + dt * cxz, bzy + dt * cyz, bzz + dt * czz
    state[i, 0] += gxx * ux + gyx * uy + gzx * uz
    state[i, 1] += gxy * ux + gyy * uy + gzy * uz
    state[i, 2] += gxz * ux + gyz * uy + gzz * uz
    state[i, 3] += lxx * ux + lyx * uy + lzx * uz
    state[i, 4] += lxy * ux + lyy * uy + lzy * uz
    state[i, 5] += lxz * ux + lyz * uy + lzz * uz
    # M times each column of g and l
    txx, tyx, tzx = (
        mxx * gxx + mxy * gyx + mxz * gzx,
        mxy * gxx + myy * gyx + myz * gzx,
        mxz * gxx + myz * gyx + mzz * gzx,
    )
    txy, tyy, tzy = (
        mxx * gxy + mxy * gyy + mxz * gzy,
        mxy * gxy + myy * gyy + myz * gzy,
        mxz * gxy + myz * gyy + mzz * gzy,
    )
    txz, tyz, tzz = (
        mxx * gxz + mxy * gyz + mxz * gzz,
        mxy * gxz + myy * gyz + myz * gzz,
        mxz * gxz + myz * gyz + mzz * gzz,
    )
    rxx, ryx, rzx = (
        mxx * lxx + mxy * lyx + mxz * lzx,
        mxy * lxx + myy * lyx + myz * lzx,
        mxz * lxx + myz * lyx + mzz * lzx,
    )
    rxy, ryy, rzy = (
        mxx * lxy + mxy * lyy + mxz * lzy,
        mxy * lxy + myy * lyy + myz * lzy,
        mxz * lxy + myz * lyy + mzz * lzy,
    )
    rxz, ryz, rzz = (
        mxx * lxz + mxy * lyz + mxz * lzz,
        mxy * lxz + myy * lyz + myz * lzz,
        mxz * lxz + myz * lyz + mzz * lzz,
    )
    state[i, a] = pxx - (gxx * txx + gyx * tyx + gzx * tzx)
    state[i, a + 1] = pxy - (gxx * txy + gyx * tyy + gzx * tzy)
    state[i, a + 2] = pxz - (gxx * txz + gyx * tyz + gzx * tzz)
    state[i, a + 3] = pyy - (gxy * txy + gyy * tyy + gzy * tzy)
    state[i, a + 4] = pyz - (gxy * txz + gyy * tyz + gzy * tzz)
    state[i, a + 5] = pzz - (gxz * txz + gyz * tyz + gzz * tzz)
    state[i, b] = bxx - (gxx * rxx + gyx * ryx + gzx * rzx)
    state[i, b + 1] = bxy - (gxx * rxy + gyx * ryy + gzx * rzy)
    state[i, b + 2] = bxz - (gxx * rxz + gyx * ryz + gzx * rzz)
    state[i, b + 3] = byx - (gxy * rxx + gyy * ryx + gzy * rzx)
    state[i, b + 4] = byy - (gxy * rxy + gyy * ryy + gzy * rzy)
    state[i, b + 5] = byz - (gxy * rxz + gyy * ryz + gzy * rzz)
    state[i, b + 6] = bzx - (gxz * rxx + gyz * ryx + gzz * rzx)
    state[i, b + 7] = bzy - (gxz * rxy + gyz * ryy + gzz * rzy)
    state[i, b + 8] = bzz - (gxz * rxz + gyz * ryz + gzz * rzz)
    state[i, v] = cxx - (lxx * rxx + lyx * ryx + lzx * rzx)
    state[i, v + 1] = cxy - (lxx * rxy + lyx * ryy + lzx * rzy)
    state[i, v + 2] = cxz - (lxx * rxz + lyx * ryz + lzx * rzz)
    state[i, v + 3] = cyy - (lxy * rxy + lyy * ryy + lzy * rzy)
    state[i, v + 4] = cyz - (lxy * rxz + lyy * ryz + lzy * rzz)
    state[i, v + 5] = czz - (lxz * rxz + lyz * ryz + lzz * rzz)


@inlined
def condition_on_fix(state: Array, i: int, plots: Array, j: int) -> tuple[float, float]:
    """Update row `i` in place with the position of plot `j`, measured DT later. Returns as `condition_on_number`.

    Where up was not measured its variance is FAR, and its share of the likelihood is taken out again.
    """
    ixx, ixy, ixz, iyy, iyz, izz, det, szz, yx, yy, yz = invert_spread(state, i, plots, j)
    ux, uy, uz = ixx * yx + ixy * yy + ixz * yz, ixy * yx + iyy * yy + iyz * yz, ixz * yx + iyz * yy + izz * yz
    d2 = yx * ux + yy * uy + yz * uz
    lean(state, i, plots[j, c.DT], ux, uy, uz, ixx, ixy, ixz, iyy, iyz, izz)
    loglik = -0.5 * (d2 + math.log(det) + 3.0 * LOG_2PI)
    if plots[j, c.UP_MEASURED] == 0.0:
        loglik += 0.5 * (math.log(szz) + LOG_2PI)
    return d2, loglik


@inlined
def weigh_fix(state: Array, i: int, plots: Array, j: int) -> tuple[float, float]:
    """Squared statistical distance and likelihood of the position of plot `j` given row `i`; nothing is changed."""
    ixx, ixy, ixz, iyy, iyz, izz, det, szz, yx, yy, yz = invert_spread(state, i, plots, j)
    d2 = yx * (ixx * yx + 2.0 * (ixy * yy + ixz * yz)) + yy * (iyy * yy + 2.0 * iyz * yz) + yz * izz * yz
    scale = CUBE * det
    if plots[j, c.UP_MEASURED] == 0.0:
        scale /= 2.0 * math.pi * szz
    return d2, math.exp(-0.5 * d2) / math.sqrt(scale)


@inlined
def quadratic(
    state: Array, i: int, first: int, a0: float, a1: float, a2: float, b0: float, b1: float, b2: float
) -> float:
    """a' M b for the symmetric block M of six numbers from column `first`."""
    return float(
        a0 * (state[i, first] * b0 + state[i, first + 1] * b1 + state[i, first + 2] * b2)
        + a1 * (state[i, first + 1] * b0 + state[i, first + 3] * b1 + state[i, first + 4] * b2)
        + a2 * (state[i, first + 2] * b0 + state[i, first + 4] * b1 + state[i, first + 5] * b2)
    )


@kernel
def condition_on_rate(state: Array, i: int, plots: Array, j: int, place: Array, h: Array) -> tuple[float, float]:
    """Update row `i` in place with the range rate of plot `j`; `h` (6,) is scratch. Returns as `condition_on_number`.

    The product of errors across the line of sight in position and in velocity is counted as noise (second order).
    """
    dx, dy, dz = state[i, 0] - place[0], state[i, 1] - place[1], state[i, 2] - place[2]
    r = max(math.sqrt(dx * dx + dy * dy + dz * dz), 1.0)
    ux, uy, uz = dx / r, dy / r, dz / r
    rate = ux * state[i, 3] + uy * state[i, 4] + uz * state[i, 5]
    h[0], h[1], h[2] = (state[i, 3] - ux * rate) / r, (state[i, 4] - uy * rate) / r, (state[i, 5] - uz * rate) / r
    h[3], h[4], h[5] = ux, uy, uz
    a, v = c.A0, c.C0
    across_p = state[i, a] + state[i, a + 3] + state[i, a + 5] - quadratic(state, i, a, ux, uy, uz, ux, uy, uz)
    across_v = state[i, v] + state[i, v + 3] + state[i, v + 5] - quadratic(state, i, v, ux, uy, uz, ux, uy, uz)
    second = 0.5 * max(across_p, 0.0) * max(across_v, 0.0) / (r * r)
    return condition_on_number(state, i, h, plots[j, c.RATE] - rate, plots[j, c.RATE_VAR] + second)


@kernel
def condition_on_angles(
    state: Array, i: int, kind: int, plots: Array, j: int, place: Array, h: Array
) -> tuple[float, float]:
    """Update row `i` with what plot `j` of a kind other than FIX measured, number by number, in place.

    Azimuth first, then range, then elevation, each linearised where the one before has brought the state, with the
    second-order terms of its curvature as bias and noise (second-order extended Kalman filter: Bar-Shalom, Li and
    Kirubarajan 2001, 10.3.3). Returns as `condition_on_number`; likelihoods are per metre of range and, for PLANE,
    per metre across, otherwise per radian.
    """
    d2 = 0.0
    loglik = 0.0
    for k in range(6):
        h[k] = 0.0
    if kind != c.DISTANCE:
        e, n, u = local(state, i, place)
        g2 = max(e * e + n * n, 1.0)
        g = math.sqrt(g2)
        azimuth = math.atan2(e, n)
        y = plots[j, c.AZIMUTH] - azimuth
        y -= 2.0 * math.pi * math.floor((y + math.pi) / (2.0 * math.pi))
        ct, st = n / g, e / g
        for k in range(3):
            h[k] = place[3 + 3 * k] * ct - place[4 + 3 * k] * st
        ax, ay, az = h[0], h[1], h[2]
        bx = place[3] * st + place[4] * ct
        by = place[6] * st + place[7] * ct
        bz = place[9] * st + place[10] * ct
        paa = quadratic(state, i, c.A0, ax, ay, az, ax, ay, az)
        pbb = quadratic(state, i, c.A0, bx, by, bz, bx, by, bz)
        pab = quadratic(state, i, c.A0, ax, ay, az, bx, by, bz)
        second = (paa * pbb + pab * pab) / g2
        one, two = condition_on_number(state, i, h, y * g + pab / g, plots[j, c.AZIMUTH_VAR] * g2 + second)
        d2 += one
        loglik += two
        if kind != c.PLANE:
            loglik += math.log(g)
    if kind == c.PLANE or kind == c.DISTANCE:
        dx, dy, dz = state[i, 0] - place[0], state[i, 1] - place[1], state[i, 2] - place[2]
        r = max(math.sqrt(dx * dx + dy * dy + dz * dz), 1.0)
        h[0], h[1], h[2] = dx / r, dy / r, dz / r
        a = c.A0
        along = quadratic(state, i, a, h[0], h[1], h[2], h[0], h[1], h[2])
        across = max(state[i, a] + state[i, a + 3] + state[i, a + 5] - along, 0.0)
        bias = min(0.5 * across / r, 0.5 * r)
        y = plots[j, c.RANGE] - r - bias
        one, two = condition_on_number(state, i, h, y, plots[j, c.RANGE_VAR] + 2.0 * bias * bias)
        d2 += one
        loglik += two
    if kind == c.DIRECTION:
        e, n, u = local(state, i, place)
        g = max(math.sqrt(e * e + n * n), 1.0)
        r = math.sqrt(g * g + u * u)
        ct, st = n / g, e / g
        ce, se = g / r, u / r
        for k in range(3):
            h[k] = -place[3 + 3 * k] * st * se - place[4 + 3 * k] * ct * se + place[5 + 3 * k] * ce
        y = (plots[j, c.ELEVATION] - math.atan2(u, g)) * r
        a = c.A0
        size = state[i, a] + state[i, a + 3] + state[i, a + 5]
        up = quadratic(state, i, a, h[0], h[1], h[2], h[0], h[1], h[2])
        second = up * max(size - up, 0.0) / (r * r)
        one, two = condition_on_number(state, i, h, y, plots[j, c.ELEVATION_VAR] * r * r + second)
        d2 += one
        loglik += two + math.log(r)
    return d2, loglik


@inlined
def local(state: Array, i: int, place: Array) -> tuple[float, float, float]:
    """Position of row `i` in the sensor's own axes: east, north, up."""
    dx, dy, dz = state[i, 0] - place[0], state[i, 1] - place[1], state[i, 2] - place[2]
    return (
        place[3] * dx + place[6] * dy + place[9] * dz,
        place[4] * dx + place[7] * dy + place[10] * dz,
        place[5] * dx + place[8] * dy + place[11] * dz,
    )


@kernel
def condition(
    prior: Array, i: int, post: Array, o: int, kind: int, plots: Array, j: int, place: Array, h: Array
) -> tuple[float, float]:
    """Row `i` of `prior`, conditioned on plot `j`, into row `o` of `post`.

    The plot was measured `DT` after the time of the state; the state is moved there and back without noise, which is
    exact for constant velocity. `h` (6,) is scratch.

    Returns:
        squared statistical distance and log-likelihood.
    """
    for k in range(c.ROW):
        post[o, k] = prior[i, k]
    dt, rated, d2, loglik = plots[j, c.DT], not math.isnan(plots[j, c.RATE]), 0.0, 0.0
    if kind == c.FIX:
        d2, loglik = condition_on_fix(post, o, plots, j)
        if not rated:
            return d2, loglik
    if dt != 0.0:
        shift(post, o, dt, 1.0)
    if kind != c.FIX:
        d2, loglik = condition_on_angles(post, o, kind, plots, j, place, h)
    if rated:
        one, two = condition_on_rate(post, o, plots, j, place, h)
        d2 += one
        loglik += two
    if dt != 0.0:
        shift(post, o, -dt, 1.0)
    return d2, loglik
