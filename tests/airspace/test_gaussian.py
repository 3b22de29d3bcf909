import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm, truncnorm

from luchtwacht.airspace.gaussian import over_interval, over_polygons


def edges_of(shape: shapely.Polygon) -> np.ndarray:
    found = []
    oriented = shapely.orient_polygons(shape)
    for ring in (oriented.exterior, *oriented.interiors):
        corners = np.array(ring.coords)
        found.append(np.concatenate([corners[:-1], corners[1:]], axis=1))
    return np.concatenate(found)


def content(mean: list[float], covariance: list[list[float]], shape: shapely.Polygon) -> float:
    edges = edges_of(shape)
    row = np.zeros(len(edges), dtype=np.intp)
    return float(over_polygons(np.array([mean]), np.array([covariance]), edges, row)[0])


@pytest.mark.parametrize(
    ("mean", "sigma", "box"),
    [
        ([0.0, 0.0], (1.0, 1.0), (-1.0, -1.0, 1.0, 1.0)),
        ([3.0, -2.0], (5.0, 0.5), (0.0, -2.5, 4.0, 9.0)),
        ([1.0, 1.0], (1.0, 1.0), (1.0, 1.0, 50.0, 50.0)),
        ([-9.0, 0.0], (2.0, 2.0), (0.0, -5.0, 1.0, 5.0)),
    ],
)
def test_a_rectangle_is_a_product_of_normals(mean, sigma, box):
    x = norm(mean[0], sigma[0])
    y = norm(mean[1], sigma[1])
    expected = (x.cdf(box[2]) - x.cdf(box[0])) * (y.cdf(box[3]) - y.cdf(box[1]))
    found = content(mean, [[sigma[0] ** 2, 0.0], [0.0, sigma[1] ** 2]], shapely.box(*box))
    assert found == pytest.approx(expected, abs=1e-12)


def test_a_quadrant_of_correlated_normals_follows_sheppard():
    for rho in (-0.95, -0.3, 0.0, 0.6, 0.99):
        found = content([0.0, 0.0], [[1.0, rho], [rho, 1.0]], shapely.box(0.0, 0.0, 60.0, 60.0))
        assert found == pytest.approx(0.25 + np.arcsin(rho) / (2.0 * np.pi), abs=1e-9)


def test_a_hole_takes_away_what_it_holds():
    outer, inner = shapely.box(-2.0, -2.0, 3.0, 3.0), shapely.box(-0.5, 0.0, 1.0, 2.0)
    covariance = [[2.0, 0.7], [0.7, 1.0]]
    both = content([0.2, 0.1], covariance, outer) - content([0.2, 0.1], covariance, inner)
    assert content([0.2, 0.1], covariance, outer - inner) == pytest.approx(both, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(
    mean=st.tuples(st.floats(-300, 300), st.floats(-300, 300)),
    sigma=st.tuples(st.floats(1.0, 200.0), st.floats(1.0, 200.0)),
    rho=st.floats(-0.95, 0.95),
    radii=st.lists(st.floats(20.0, 250.0), min_size=3, max_size=9),
    seed=st.integers(0, 2**31),
)
def test_any_star_shaped_polygon_agrees_with_monte_carlo(mean, sigma, rho, radii, seed):
    angle = np.arange(len(radii)) * (2.0 * np.pi / len(radii))
    shape = shapely.Polygon(np.array(radii)[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1))
    cross = rho * sigma[0] * sigma[1]
    covariance = [[sigma[0] ** 2, cross], [cross, sigma[1] ** 2]]
    samples = np.random.default_rng(seed).multivariate_normal(mean, covariance, 40_000)
    share = shapely.contains_xy(shape, samples).mean()
    assert content(list(mean), covariance, shape) == pytest.approx(share, abs=0.0125)  # five standard deviations


def test_cutting_a_polygon_leaves_its_probability():
    whole = shapely.Polygon([(-30, -10), (40, -25), (55, 30), (5, 10), (-20, 45)])
    left, right = whole & shapely.box(-99, -99, 3, 99), whole & shapely.box(3, -99, 99, 99)
    covariance = [[400.0, -120.0], [-120.0, 250.0]]
    parts = content([3.0, 12.0], covariance, left) + content([3.0, 12.0], covariance, right)
    assert content([3.0, 12.0], covariance, whole) == pytest.approx(parts, abs=1e-12)


def test_a_mean_on_a_corner_or_an_edge_is_no_exception():
    box = shapely.box(0.0, 0.0, 80.0, 80.0)
    assert content([0.0, 0.0], [[1.0, 0.0], [0.0, 1.0]], box) == pytest.approx(0.25, abs=1e-12)
    assert content([0.0, 40.0], [[1.0, 0.0], [0.0, 1.0]], box) == pytest.approx(0.5, abs=1e-12)


@settings(max_examples=100)
@given(st.floats(-50, 50), st.floats(0.1, 30), st.floats(-80, 80), st.floats(0.01, 100))
def test_an_interval_agrees_with_the_truncated_normal(mean, sigma, lower, width):
    found, centre, variance = over_interval(*(np.array([v]) for v in (mean, sigma, lower, lower + width)))
    distribution = norm(mean, sigma)
    assert found[0] == pytest.approx(distribution.cdf(lower + width) - distribution.cdf(lower), abs=1e-12)
    low, high = (lower - mean) / sigma, (lower + width - mean) / sigma
    if found[0] > 1e-3 and width > 0.05 * sigma:
        expected = truncnorm(low, high, loc=mean, scale=sigma)
        assert centre[0] == pytest.approx(expected.mean(), abs=1e-6 * sigma)
        assert variance[0] == pytest.approx(expected.var(), rel=1e-4, abs=1e-6 * sigma**2)


def test_an_unlimited_interval_is_the_whole_normal():
    found, centre, variance = over_interval(np.array([5.0]), np.array([3.0]), np.array([-np.inf]), np.array([np.inf]))
    assert (found[0], centre[0], variance[0]) == pytest.approx((1.0, 5.0, 9.0))
    assert multivariate_normal(5.0, 9.0).cdf(5.0) == pytest.approx(0.5)
