from __future__ import annotations

import numpy as np
import pytest

from luchtwacht.codecs.grid import MOST_CELLS, Raster, cut, read_grid
from luchtwacht.errors import BadConfiguration
from luchtwacht.model.ground import VOID, grid_of

ASCII = b"""ncols 3
nrows 2
xllcenter 5.0
yllcenter 52.0
cellsize 0.5
NODATA_value -9999
10 20 30
40 -9999 60
"""


def gtx(heights: np.ndarray, south: float, west: float, step: float) -> bytes:
    head = np.array([south, west, step, step], ">f8").tobytes() + np.array(heights.shape, ">i4").tobytes()
    return head + heights[::-1].astype(">f4").tobytes()


def pgm(rows: int, columns: int) -> bytes:
    values = np.arange(rows * columns, dtype=">u2").reshape(rows, columns)
    head = b"P5\n# Geoid file of a made-up earth\n# Offset -108\n# Scale 0.003\n%d %d\n65535\n" % (columns, rows)
    return head + values.tobytes()


def test_an_esri_ascii_grid_goes_from_north_to_south() -> None:
    raster = read_grid(ASCII, "a.asc")
    assert (raster.north, raster.west, raster.steps) == (52.5, 5.0, (0.5, 0.5))
    assert raster.heights[0].tolist() == [10.0, 20.0, 30.0]
    assert np.isnan(raster.heights[1, 1])


def test_corners_of_cells_are_half_a_cell_from_their_middles() -> None:
    raster = read_grid(ASCII.replace(b"center", b"corner"), "a.asc")
    assert (raster.north, raster.west) == (52.75, 5.25)


def test_a_gtx_grid_goes_from_south_to_north_in_its_file() -> None:
    heights = np.array([[1.0, 2.0], [3.0, -88.8888]])
    raster = read_grid(gtx(heights, 52.0, 5.0, 0.25), "egm.gtx")
    assert raster.north == 52.25
    assert raster.heights[0].tolist() == [1.0, 2.0]
    assert np.isnan(raster.heights[1, 1])


def test_a_geoid_of_geographiclib_spans_the_globe_from_greenwich() -> None:
    raster = read_grid(pgm(5, 8), "egm.pgm")
    assert (raster.north, raster.west, raster.steps) == (90.0, 0.0, (45.0, 45.0))
    assert raster.heights[0, 1] == pytest.approx(-107.997)


def test_a_place_west_of_greenwich_is_found_on_a_globe_that_begins_there() -> None:
    grid = cut(Raster(90.0, 0.0, (1.0, 1.0), np.tile(np.arange(360.0), (181, 1))), "globe", 52.0, -5.5, 200.0)
    assert float(grid.at(52.0, -5.5)) == pytest.approx(354.5, abs=grid.unit_m)


def test_an_srtm_file_lies_where_its_name_says() -> None:
    heights = np.full((1201, 1201), 7, ">i2")
    heights[0, 0] = -32_768
    raster = read_grid(heights.tobytes(), "N52E005.hgt")
    assert (raster.north, raster.west) == (53.0, 5.0)
    assert np.isnan(raster.heights[0, 0])
    assert raster.heights[600, 600] == 7.0


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"ncols 3\nnrows 2\n", "a.asc", "no whole Esri ASCII grid"),
        (ASCII.replace(b"10 20 30\n", b""), "a.asc", "no whole Esri ASCII grid"),
        (ASCII.replace(b"xllcenter 5.0\n", b""), "a.asc", "Esri ASCII grid"),
        (ASCII.replace(b"yllcenter 52.0", b"yllcenter 365000"), "a.asc", "no place on earth"),
        (b"P5\n2 2\n255\n" + bytes(4), "photo.pgm", "no geoid"),
        (b"", "empty", "no grid of heights"),
        (bytes(100), "zeros", "no grid of heights"),
        (gtx(np.zeros((2, 2)), 52.0, 5.0, 0.25)[:-1], "cut.gtx", "no grid of heights"),
    ],
)
def test_what_is_no_grid_is_refused_by_name(data: bytes, name: str, said: str) -> None:
    with pytest.raises(BadConfiguration, match=said) as caught:
        read_grid(data, name)
    assert caught.value.where == name


def test_heights_between_crossings_are_bilinear_and_voids_are_not_known() -> None:
    heights = np.array([[0.0, 10.0], [20.0, np.nan]])
    grid = grid_of("g", 52.5, 5.0, (0.5, 0.5), heights)
    assert float(grid.at(52.5, 5.25)) == pytest.approx(5.0)
    assert float(grid.at(52.25, 5.0)) == pytest.approx(10.0)
    assert np.isnan(grid.at(52.2, 5.2))
    assert np.isnan(grid.at(52.6, 5.2))
    assert grid.table[1, 1] == VOID
    assert grid.at([52.5, 52.25], [5.5, 5.0]).tolist() == pytest.approx([10.0, 10.0])


def test_heights_of_any_mountain_fit_to_the_finest_unit_that_holds_them() -> None:
    low = grid_of("g", 1.0, 0.0, (1.0, 1.0), np.array([[1.0, 2.0], [3.0, 4.0]]))
    high = grid_of("g", 1.0, 0.0, (1.0, 1.0), np.array([[1.0, 2.0], [3.0, 8848.86]]))
    assert low.unit_m == 0.01
    assert float(high.at(0.0, 1.0)) == pytest.approx(8848.86, abs=high.unit_m)


def test_a_fine_raster_is_thinned_to_means_that_keep_their_place() -> None:
    """On a plane that slopes, the means of squares lie on the same plane."""
    count = 1200
    rows, columns = np.mgrid[0:count, 0:count]
    raster = Raster(53.0, 5.0, (1e-3, 1e-3), rows * 0.5 + columns * 0.25)
    grid = cut(raster, "slope", 52.4, 5.6, 500.0)
    assert grid.table.size <= MOST_CELLS
    assert float(grid.at(52.4, 5.6)) == pytest.approx(600 * 0.5 + 600 * 0.25, abs=2 * grid.unit_m)


def test_a_grid_that_does_not_reach_the_site_says_what_it_covers() -> None:
    with pytest.raises(BadConfiguration, match="does not reach the site") as caught:
        cut(read_grid(ASCII, "a.asc"), "a.asc", 48.0, 5.0, 10.0)
    assert "52 to 52.5 N" in caught.value.hint
