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
def lean_on_fix(state: Array, i: int, plots: Array, j: int, w: float) -> tuple[float, float, float]:
    """Row `i` becomes, in place, the mixture of itself given the position of plot `j`, of weight `w`, and itself.

    With d the step of the mean and D the loss of covariance in the update, the mixture has the mean x + w d and the
    covariance P - w D + w (1 - w) d d'; for w = 1 it is the update.

    Returns:
        the squared innovation over its covariance, the determinant of that, and its variance of up.
    """
    a, b, v, r = c.A0, c.B0, c.C0, c.R0
    axx, axy, axz = state[i, a], state[i, a + 1], state[i, a + 2]
    ayy, ayz, azz = state[i, a + 3], state[i, a + 4], state[i, a + 5]
    sxx, sxy, sxz = axx + plots[j, r], axy + plots[j, r + 1], axz + plots[j, r + 2]
    syy, syz, szz = ayy + plots[j, r + 3], ayz + plots[j, r + 4], azz + plots[j, r + 5]
    cxx, cxy, cxz = syy * szz - syz * syz, sxz * syz - sxy * szz, sxy * syz - sxz * syy
    det = sxx * cxx + sxy * cxy + sxz * cxz
    g = 1.0 / det
    ixx, ixy, ixz = cxx * g, cxy * g, cxz * g
    iyy, iyz, izz = (sxx * szz - sxz * sxz) * g, (sxy * sxz - sxx * syz) * g, (sxx * syy - sxy * sxy) * g
    yx, yy, yz = plots[j, 0] - state[i, 0], plots[j, 1] - state[i, 1], plots[j, 2] - state[i, 2]
    ux, uy, uz = ixx * yx + ixy * yy + ixz * yz, ixy * yx + iyy * yy + iyz * yz, ixz * yx + iyz * yy + izz * yz
    d2 = yx * ux + yy * uy + yz * uz
    # K for the position, A S^-1, and for the velocity, B' S^-1
    kxx, kxy, kxz = (
        axx * ixx + axy * ixy + axz * ixz,
        axx * ixy + axy * iyy + axz * iyz,
        axx * ixz + axy * iyz + axz * izz,
    )
    kyx, kyy, kyz = (
        axy * ixx + ayy * ixy + ayz * ixz,
        axy * ixy + ayy * iyy + ayz * iyz,
        axy * ixz + ayy * iyz + ayz * izz,
    )
    kzx, kzy, kzz = (
        axz * ixx + ayz * ixy + azz * ixz,
        axz * ixy + ayz * iyy + azz * iyz,
        axz * ixz + ayz * iyz + azz * izz,
    )
    bxx, bxy, bxz = state[i, b], state[i, b + 1], state[i, b + 2]
    byx, byy, byz = state[i, b + 3], state[i, b + 4], state[i, b + 5]
    bzx, bzy, bzz = state[i, b + 6], state[i, b + 7], state[i, b + 8]
    lxx, lxy, lxz = (
        bxx * ixx + byx * ixy + bzx * ixz,
        bxx * ixy + byx * iyy + bzx * iyz,
        bxx * ixz + byx * iyz + bzx * izz,
    )
    lyx, lyy, lyz = (
        bxy * ixx + byy * ixy + bzy * ixz,
        bxy * ixy + byy * iyy + bzy * iyz,
        bxy * ixz + byy * iyz + bzy * izz,
    )
    lzx, lzy, lzz = (
        bxz * ixx + byz * ixy + bzz * ixz,
        bxz * ixy + byz * iyy + bzz * iyz,
        bxz * ixz + byz * iyz + bzz * izz,
    )
    dx, dy, dz = axx * ux + axy * uy + axz * uz, axy * ux + ayy * uy + ayz * uz, axz * ux + ayz * uy + azz * uz
    du, dv, dw = bxx * ux + byx * uy + bzx * uz, bxy * ux + byy * uy + bzy * uz, bxz * ux + byz * uy + bzz * uz
    f = w * (1.0 - w)
    state[i, 0] += w * dx
    state[i, 1] += w * dy
    state[i, 2] += w * dz
    state[i, 3] += w * du
    state[i, 4] += w * dv
    state[i, 5] += w * dw
    state[i, a] = axx - w * (kxx * axx + kxy * axy + kxz * axz) + f * dx * dx
    state[i, a + 1] = axy - w * (kxx * axy + kxy * ayy + kxz * ayz) + f * dx * dy
    state[i, a + 2] = axz - w * (kxx * axz + kxy * ayz + kxz * azz) + f * dx * dz
    state[i, a + 3] = ayy - w * (kyx * axy + kyy * ayy + kyz * ayz) + f * dy * dy
    state[i, a + 4] = ayz - w * (kyx * axz + kyy * ayz + kyz * azz) + f * dy * dz
    state[i, a + 5] = azz - w * (kzx * axz + kzy * ayz + kzz * azz) + f * dz * dz
    state[i, b] = bxx - w * (kxx * bxx + kxy * byx + kxz * bzx) + f * dx * du
    state[i, b + 1] = bxy - w * (kxx * bxy + kxy * byy + kxz * bzy) + f * dx * dv
    state[i, b + 2] = bxz - w * (kxx * bxz + kxy * byz + kxz * bzz) + f * dx * dw
    state[i, b + 3] = byx - w * (kyx * bxx + kyy * byx + kyz * bzx) + f * dy * du
    state[i, b + 4] = byy - w * (kyx * bxy + kyy * byy + kyz * bzy) + f * dy * dv
    state[i, b + 5] = byz - w * (kyx * bxz + kyy * byz + kyz * bzz) + f * dy * dw
    state[i, b + 6] = bzx - w * (kzx * bxx + kzy * byx + kzz * bzx) + f * dz * du
    state[i, b + 7] = bzy - w * (kzx * bxy + kzy * byy + kzz * bzy) + f * dz * dv
    state[i, b + 8] = bzz - w * (kzx * bxz + kzy * byz + kzz * bzz) + f * dz * dw
    state[i, v] -= w * (lxx * bxx + lxy * byx + lxz * bzx) - f * du * du
    state[i, v + 1] -= w * (lxx * bxy + lxy * byy + lxz * bzy) - f * du * dv
    state[i, v + 2] -= w * (lxx * bxz + lxy * byz + lxz * bzz) - f * du * dw
    state[i, v + 3] -= w * (lyx * bxy + lyy * byy + lyz * bzy) - f * dv * dv
    state[i, v + 4] -= w * (lyx * bxz + lyy * byz + lyz * bzz) - f * dv * dw
    state[i, v + 5] -= w * (lzx * bxz + lzy * byz + lzz * bzz) - f * dw * dw
    return d2, det, szz


@kernel
def condition_on_fix(state: Array, i: int, plots: Array, j: int) -> tuple[float, float]:
    """Update row `i` in place with the position of plot `j`. Returns as `condition_on_number`.

    Where up was not measured its variance is FAR, and its share of the likelihood is taken out again.
    """
    d2, det, szz = lean_on_fix(state, i, plots, j, 1.0)
    loglik = -0.5 * (d2 + math.log(det) + 3.0 * LOG_2PI)
    if plots[j, c.UP_MEASURED] == 0.0:
        loglik += 0.5 * (math.log(szz) + LOG_2PI)
    return d2, loglik


@inlined
def weigh_fix(state: Array, i: int, plots: Array, j: int) -> tuple[float, float]:
    """Squared statistical distance and likelihood of the position of plot `j` given row `i`; nothing is changed."""
    a, r, dt = c.A0, c.R0, plots[j, c.DT]
    sxx, sxy, sxz = state[i, a] + plots[j, r], state[i, a + 1] + plots[j, r + 1], state[i, a + 2] + plots[j, r + 2]
    syy, syz, szz = (
        state[i, a + 3] + plots[j, r + 3],
        state[i, a + 4] + plots[j, r + 4],
        state[i, a + 5] + plots[j, r + 5],
    )
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
    cyy, cyz, czz = sxx * szz - sxz * sxz, sxy * sxz - sxx * syz, sxx * syy - sxy * sxy
    d2 = yx * (cxx * yx + 2.0 * (cxy * yy + cxz * yz)) + yy * (cyy * yy + 2.0 * cyz * yz) + yz * czz * yz
    d2 /= det
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
    dt = plots[j, c.DT]
    if dt != 0.0:
        shift(post, o, dt, 1.0)
    if kind == c.FIX:
        d2, loglik = condition_on_fix(post, o, plots, j)
    else:
        d2, loglik = condition_on_angles(post, o, kind, plots, j, place, h)
    if not math.isnan(plots[j, c.RATE]):
        one, two = condition_on_rate(post, o, plots, j, place, h)
        d2 += one
        loglik += two
    if dt != 0.0:
        shift(post, o, -dt, 1.0)
    return d2, loglik
