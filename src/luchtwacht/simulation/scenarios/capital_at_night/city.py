"""Draws `city.geojson`: the base map of Markerstad, which was never built.

    python city.py        writes city.geojson beside this file, the same bytes every time

Everything is laid out in metres east and north of the site's origin and turned into WGS 84 at the end. Each feature has
a `kind`: water, park, built, building, road, rail or label. Roads have a `class` (motorway, primary, secondary,
street), labels a `class` (city, district, village, water, park, place) and a `name`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, pi, sin, tau
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.spatial import Voronoi
from shapely import Geometry, LineString, MultiLineString, MultiPolygon, Point, Polygon
from shapely.affinity import rotate
from shapely.ops import polygonize, unary_union

from luchtwacht.geodesy import LocalFrame
from luchtwacht.units import DEGREE

SEED = 7
ORIGIN = LocalFrame(52.57 * DEGREE, 5.25 * DEGREE, 43.0)
LONGEST_EDGE = 120.0
"""m; longer edges are divided, so that they bend with the rest"""
HALF = 5400.0
"""m, from the middle to the edge of the sheet"""
OLD_CENTRE = (0.0, -430.0)
OLD_RADIUS = 1130.0
CANALS = ((330.0, 16.0), (560.0, 20.0), (790.0, 22.0), (1030.0, 30.0))
"""radius and width (m)"""
URBAN_RADIUS = 3500.0

SHEET = shapely.box(-HALF, -HALF, HALF, HALF)
Coordinates = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Feature:
    """One thing on the map, in metres."""

    kind: str
    shape: Geometry
    properties: dict[str, Any]


def smooth(points: Coordinates, spacing: float = 40.0) -> LineString:
    """A curve through the points."""
    knots = np.asarray(points, dtype=np.float64)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(knots, axis=0).T))])
    at = np.linspace(0.0, along[-1], max(int(along[-1] / spacing), 2))
    return LineString(CubicSpline(along, knots, axis=0)(at))


def closed(points: NDArray[np.float64]) -> Polygon:
    """A smooth closed outline through the points."""
    knots = np.concatenate([points, points[:1]])
    turn = np.linspace(0.0, 1.0, len(knots))
    outline = CubicSpline(turn, knots, axis=0, bc_type="periodic")(np.linspace(0.0, 1.0, 12 * len(points)))
    return Polygon(outline).buffer(0)


def blob(
    rng: np.random.Generator, centre: tuple[float, float], size: float, stretch: float, turn_deg: float
) -> Polygon:
    """A rounded, uneven shape, as parks and ponds are."""
    angle = np.arange(9) * tau / 9
    radius = size * rng.uniform(0.75, 1.15, 9)
    points = np.column_stack([radius * np.cos(angle) * stretch, radius * np.sin(angle)])
    return rotate(closed(points + np.array(centre)), turn_deg, origin=centre)


# -- water -----------------------------------------------------------------------------------------------------------


def lake(rng: np.random.Generator) -> Polygon:
    """The lake in the east, with a dike for a shore and a marina."""
    north = np.linspace(-HALF - 300, HALF + 300, 24)
    shore = 3350 + 260 * np.sin(north / 1900.0 + 0.6) + 110 * np.sin(north / 620.0) + rng.normal(0, 25, len(north))
    line = smooth(list(zip(shore.tolist(), north.tolist(), strict=True)))
    coords = [*line.coords, (HALF + 500, HALF + 300), (HALF + 500, -HALF - 300)]
    water = Polygon(coords).buffer(0)
    pier = smooth([(3050, -1150), (3900, -1000), (4150, -1350), (3950, -1700)]).buffer(16)
    return water.difference(pier)


def river() -> Polygon:
    """The Kromme Marke, from the polder through the city into the lake."""
    course = [
        (-6000, -2750), (-4700, -2500), (-3500, -1750), (-2450, -1800), (-1500, -1250), (-700, -1010),
        (150, -1000), (850, -820), (1450, -330), (2050, -190), (2700, 260), (3300, 330), (4200, 420),
    ]  # fmt: skip
    line = smooth(course, 60.0)
    pieces = []
    points = np.asarray(line.coords)
    for k in range(len(points) - 1):
        width = 42.0 + 26.0 * k / len(points)
        pieces.append(LineString(points[k : k + 2]).buffer(width, quad_segs=4))
    return unary_union(pieces).simplify(1.5)


def harbour() -> Geometry:
    """The old harbour: docks off the south bank."""
    basin = rotate(shapely.box(-60, -1240, 420, -1010), -3, origin=(150, -1000))
    docks = [rotate(shapely.box(x, -1480, x + 62, -1200), -9, origin=(150, -1000)) for x in (-30, 95, 220, 345)]
    return unary_union([basin, *docks])


def canals() -> Geometry:
    """Half rings round the old town, and the radial canals between them."""
    centre = Point(*OLD_CENTRE)
    rings = [
        centre.buffer(radius + width / 2, quad_segs=24).difference(centre.buffer(radius - width / 2, quad_segs=24))
        for radius, width in CANALS
    ]
    spokes = [
        LineString([polar(CANALS[0][0], angle), polar(CANALS[-1][0], angle)]).buffer(6.5, cap_style="flat")
        for angle in (-1.15, -0.45, 0.3, 0.95)
    ]
    return unary_union([*rings, *spokes])


def polar(radius: float, bearing: float) -> tuple[float, float]:
    """A point seen from the old centre; bearing from north."""
    return OLD_CENTRE[0] + radius * sin(bearing), OLD_CENTRE[1] + radius * cos(bearing)


# -- roads -----------------------------------------------------------------------------------------------------------


def ring_road() -> LineString:
    """The motorway round the city."""
    angle = np.linspace(0.0, tau, 120)
    reach = 2650.0 + 120.0 * np.cos(2 * angle + 0.5) + 90.0 * np.cos(3 * angle)
    return LineString(np.column_stack([-150 + reach * np.sin(angle) * 1.04, reach * np.cos(angle)]))


def motorways() -> list[LineString]:
    """The ring and the three ways out."""
    ring = ring_road()
    ways = [
        [(-3700, 900), (-4600, 700), (-5700, 900)],
        [(500, 3500), (300, 4500), (600, 5700)],
        [(-1200, -3400), (-1000, -4500), (-1300, -5700)],
    ]
    junctions = [ring.interpolate(ring.project(Point(way[0]))) for way in ways]
    return [ring, *(smooth([(at.x, at.y), *way]) for at, way in zip(junctions, ways, strict=True))]


def primaries() -> list[LineString]:
    """The ways from the old town to the ring and beyond, and a boulevard where the walls once stood."""
    ways = [
        [(0, 720), (60, 1500), (250, 2300), (350, 2900)],
        [(780, 380), (1400, 1150), (1900, 1900), (2500, 2800)],
        [(1090, -200), (1800, 420), (2500, 650), (3150, 800)],
        [(980, -980), (1700, -1300), (2400, -1500), (3150, -1900)],
        [(60, -1530), (300, -2200), (250, -2900), (500, -4200), (300, -5700)],
        [(-760, -1260), (-1350, -1950), (-1900, -2500), (-2700, -3400), (-3300, -5700)],
        [(-1120, -380), (-2000, -350), (-2900, -500), (-4100, -400), (-5700, -700)],
        [(-800, 380), (-1500, 1050), (-2200, 1700), (-3100, 2700), (-3700, 4200), (-4300, 5700)],
    ]  # fmt: skip
    boulevard = Point(*OLD_CENTRE).buffer(1120, quad_segs=24).exterior
    outer = Point(-100, -150).buffer(1900, quad_segs=24).exterior
    inwards = [_inwards(ways[gate][0]) for gate in (0, 2, 3, 5, 6, 7)]
    return [*(smooth(way) for way in ways), *inwards, LineString(boulevard.coords), LineString(outer.coords)]


def _inwards(gate: tuple[float, float]) -> LineString:
    """From a gate in the boulevard over the canals towards the old market."""
    away = np.array(gate) - np.array(OLD_CENTRE)
    away = away / np.hypot(*away)
    return LineString([np.array(OLD_CENTRE) + 75.0 * away, np.array(OLD_CENTRE) + OLD_RADIUS * away])


def warp(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """No city is as regular as it was drawn: a slow swell over everything, (n, 2) metres to (n, 2) metres."""
    x, y = points.T
    east = 42 * np.sin(y / 640.0 + 0.4) + 26 * np.sin((x + y) / 410.0) + 12 * np.sin((x - 2 * y) / 300.0)
    north = 40 * np.sin(x / 690.0 + 1.1) + 24 * np.sin((x - y) / 440.0 + 0.7) + 11 * np.sin((2 * x + y) / 310.0)
    return np.asarray(points + np.column_stack([east, north]))


def railways() -> list[LineString]:
    """Two lines that meet at the Noorderstation."""
    return [
        smooth([(-5700, 1750), (-3600, 1500), (-2000, 1270), (-700, 1130), (400, 1120), (1200, 1450), (1850, 2300),
                (2250, 3600), (2350, 5700)]),
        smooth([(-700, 1130), (-1500, 1120), (-2150, 500), (-2300, -500), (-2150, -1900), (-2500, -3500),
                (-2300, -5700)]),
    ]  # fmt: skip


# -- districts -------------------------------------------------------------------------------------------------------


def districts(rng: np.random.Generator, land: Geometry) -> list[Polygon]:
    """Quarters round the old town, each with its own street plan."""
    seeds: list[tuple[float, float]] = []
    while len(seeds) < 74:
        place = rng.uniform(-HALF, HALF, 2)
        reach = float(np.hypot(place[0] + 100, place[1]))
        apart = 480.0 + 0.09 * reach
        if reach < 4400 and all((place[0] - x) ** 2 + (place[1] - y) ** 2 > apart**2 for x, y in seeds):
            seeds.append((float(place[0]), float(place[1])))
    far = [(9000 * sin(k), 9000 * cos(k)) for k in np.arange(0, tau, tau / 12)]
    cells = Voronoi(np.array(seeds + far))
    city = closed(
        np.array([(URBAN_RADIUS * f * sin(a) - 100, URBAN_RADIUS * f * cos(a)) for a, f in _edge(rng)])
    ).intersection(land)
    old = Point(*OLD_CENTRE).buffer(OLD_RADIUS, quad_segs=24)
    found = []
    for number in range(len(seeds)):
        region = cells.regions[cells.point_region[number]]
        if -1 in region or not region:
            continue
        quarter = Polygon(cells.vertices[region]).intersection(city).difference(old)
        found += [part for part in parts(quarter) if part.area > 3e4]
    return found


def _edge(rng: np.random.Generator) -> list[tuple[float, float]]:
    """Bearing and reach of the city's ragged edge."""
    return [(float(a), float(rng.uniform(0.78, 1.08))) for a in np.arange(16) * tau / 16]


def parts(shape: Geometry) -> list[Polygon]:
    """The polygons of a shape."""
    return [part for part in shapely.get_parts(shape) if isinstance(part, Polygon) and part.area > 1.0]


def lattice(centre: Point, reach: float, deep: float, wide: float) -> list[LineString]:
    """Lines to the east `deep` apart, and lines to the north `wide` apart, as far as `reach` from the centre."""
    x, y = centre.x, centre.y
    return [
        *(LineString([(x - reach, y + k), (x + reach, y + k)]) for k in np.arange(-reach, reach, deep).tolist()),
        *(LineString([(x + k, y - reach), (x + k, y + reach)]) for k in np.arange(-reach, reach, wide).tolist()),
    ]


def grid(quarter: Polygon, turn_deg: float, deep: float, wide: float) -> list[LineString]:
    """Streets of one quarter: two sets of parallel lines."""
    centre = quarter.centroid
    reach = quarter.bounds[2] - quarter.bounds[0] + quarter.bounds[3] - quarter.bounds[1]
    turned = [rotate(line, turn_deg, origin=centre) for line in lattice(centre, reach, deep, wide)]
    return [line.intersection(quarter) for line in turned if line.intersects(quarter)]


def blocks(outline: Geometry, streets: Iterable[Geometry], kept_out: Geometry, inset: float) -> list[Polygon]:
    """What the streets leave of an area."""
    lines = unary_union([outline.boundary, *streets])
    found = []
    for piece in polygonize(lines):
        if outline.contains(piece.representative_point()):
            inner = piece.difference(kept_out).buffer(-inset, join_style="mitre", mitre_limit=2.0)
            found += [part.simplify(0.8) for part in parts(inner) if part.area > 350.0]
    return found


def old_town_streets() -> list[LineString]:
    """Along both sides of every canal, and across."""
    quays = [radius + side for radius, width in CANALS for side in (-width / 2 - 12, width / 2 + 12)]
    rings = [
        LineString(Point(*OLD_CENTRE).buffer(radius, quad_segs=20).exterior.coords)
        for radius in (140.0, 235.0, 445.0, 675.0, 910.0, *quays)
    ]
    spokes = []
    for inner, outer, count, shift in (
        (60, 330, 10, 0.1), (330, 560, 20, 0.25), (560, 790, 30, 0.05), (790, 1030, 42, 0.17), (1030, 1130, 42, 0.17),
    ):  # fmt: skip
        for k in range(count):
            bearing = shift + k * tau / count
            spokes.append(LineString([polar(inner, bearing), polar(outer, bearing)]))
    return [*rings, *spokes]


def courtyards(rng: np.random.Generator, block: Polygon) -> list[Polygon]:
    """Houses round the edge of a block: the block without its courtyard, cut into a few buildings."""
    court = block.buffer(-13.0, join_style="mitre")
    body = block.difference(court) if court.area > 250.0 else block
    pieces = []
    for part in parts(body):
        cuts = [
            rotate(
                LineString([(part.centroid.x - 400, part.centroid.y), (part.centroid.x + 400, part.centroid.y)]), angle
            )
            for angle in np.sort(rng.uniform(0, 180, 2))
        ]
        split: Geometry = part
        for cut in cuts:
            split = split.difference(cut.buffer(1.2))
        pieces += [piece for piece in parts(split) if piece.area > 90.0]
    return pieces


# -- the countryside -------------------------------------------------------------------------------------------------


def ditches(land: Geometry, city: Geometry) -> list[Polygon]:
    """Long straight ditches between the fields of the polder."""
    out = land.difference(city.buffer(120))
    lines = lattice(Point(0, 0), 2 * HALF, 330.0, 1650.0)
    turned = [rotate(line, 14, origin=(0, 0)) for line in lines]
    strips = unary_union([line.buffer(3.5, cap_style="flat") for line in turned]).intersection(out)
    return parts(strips)


def country_roads(land: Geometry, city: Geometry) -> list[LineString]:
    """Between the fields, along every fifth ditch."""
    out = land.difference(city.buffer(60))
    lines = [rotate(line, 14, origin=(0, 0)) for line in lattice(Point(14, 14), 2 * HALF, 1650.0, 1650.0)]
    return [part for line in lines for part in shapely.get_parts(line.intersection(out)) if part.length > 150]


def farms(rng: np.random.Generator, roads: list[LineString]) -> list[Polygon]:
    """Farmhouses with barns beside the country roads."""
    found = []
    for road in roads:
        for at in np.arange(120, road.length - 60, 420):
            spot = road.interpolate(float(at + rng.uniform(-90, 90)))
            side = rng.choice([-1.0, 1.0]) * rng.uniform(38, 60)
            x, y = spot.x + side * sin(0.2), spot.y + side * cos(0.2)
            for dx, w, h in ((0.0, 9.0, 7.0), (26.0, 14.0, 8.0)):
                found.append(rotate(shapely.box(x + dx - w, y - h, x + dx + w, y + h), 14, origin=(x, y)))
    return found


# -- the whole -------------------------------------------------------------------------------------------------------

LABELS = (
    ("city", "Markerstad", -20, -180),
    ("district", "Het Hof", 330, 275),
    ("district", "Oude Haven", 190, -1330),
    ("district", "Westertoren", -880, -330),
    ("district", "Noordkade", 330, 830),
    ("district", "Rietlanden", 1650, 1150),
    ("district", "Dijkwijk", 2500, -450),
    ("district", "Koggekwartier", 1500, -1650),
    ("district", "Zuiderveld", -300, -2050),
    ("district", "Turfmarkt", -1150, -1620),
    ("district", "Molenwijk", -1950, 950),
    ("district", "Spoorbuurt", -950, 1500),
    ("district", "Noordoever", 900, 2150),
    ("village", "Wierdum", -4300, 2900),
    ("village", "Zeewaard", 1900, -4500),
    ("water", "Buitenmeer", 4500, 1700),
    ("water", "Kromme Marke", -3050, -1800),
    ("park", "Stadspark", -1450, 330),
    ("park", "Elzenbos", 2000, 2500),
    ("place", "Noorderstation", -80, 1190),
    ("place", "Paleis", 420, 395),
)


def government_quarter() -> tuple[Polygon, Polygon, list[Polygon]]:
    """Het Hof: its grounds, its pond, and the buildings round it."""
    grounds = Polygon([(95, 425), (520, 480), (620, 180), (470, 65), (140, 120)])
    pond = rotate(shapely.box(190, 235, 395, 290), -4, origin=(300, 260))
    palace = (
        shapely.box(360, 350, 500, 380).union(shapely.box(360, 350, 385, 420)).union(shapely.box(475, 350, 500, 420))
    )
    halls = [
        shapely.box(180, 305, 330, 345).difference(shapely.box(205, 315, 305, 335)),
        shapely.box(180, 165, 290, 215).difference(shapely.box(205, 180, 265, 202)),
        shapely.box(320, 150, 470, 205).difference(shapely.box(345, 165, 445, 190)),
        shapely.box(500, 210, 560, 300).difference(shapely.box(515, 228, 545, 282)),
    ]
    turned = [rotate(each, 4, origin=(330, 270)) for each in [palace, *halls]]
    return grounds, pond, turned


def village(rng: np.random.Generator, centre: tuple[float, float]) -> tuple[list[LineString], list[Polygon]]:
    """A handful of streets."""
    outline = blob(rng, centre, 330.0, 1.4, 14.0)
    streets = grid(outline, 14.0, 95.0, 150.0)
    return streets, blocks(outline, streets, Polygon(), 8.0)


def draw() -> list[Feature]:
    """Every feature, from the bottom up."""
    rng = np.random.default_rng(SEED)
    sea = lake(rng)
    stream, docks = river(), harbour()
    old = Point(*OLD_CENTRE).buffer(OLD_RADIUS, quad_segs=24)
    land = SHEET.difference(sea)
    quarters = districts(rng, land)
    city = unary_union([old, *quarters]).buffer(5)
    grounds, pond, palaces = government_quarter()
    girdle = canals().difference(grounds.buffer(10))
    water = unary_union([sea, stream, docks, girdle, pond]).intersection(SHEET)
    wet = water.buffer(7)

    green = [
        blob(rng, (-1450, 330), 300, 1.7, 12),
        blob(rng, (2000, 2500), 420, 1.3, -30),
        blob(rng, (-2250, -1050), 240, 1.5, 40),
        blob(rng, (900, -1900), 260, 1.4, 10),
        blob(rng, (1350, 650), 170, 1.6, 55),
        blob(rng, (-700, 2250), 260, 1.5, -15),
        blob(rng, (-520, -30), 95, 1.3, 30),
        blob(rng, (2500, -1350), 210, 1.2, 0),
        blob(rng, (-3600, -3600), 520, 1.5, 20),
    ]
    parks = unary_union([*green, grounds]).intersection(land).difference(wet)
    ponds = unary_union([each.buffer(-0.45 * (each.area / pi) ** 0.5).buffer(-20) for each in green[:2]])

    main = [line.intersection(SHEET) for line in primaries()]
    fast = [line.intersection(SHEET) for line in motorways()]
    rails = [line.intersection(SHEET) for line in railways()]
    corridors = unary_union(
        [*(line.buffer(13) for line in main), *(line.buffer(30) for line in fast), *(line.buffer(16) for line in rails)]
    )
    kept_out = unary_union([wet, parks.buffer(8), corridors])

    streets: list[Geometry] = []
    secondary: list[Geometry] = []
    built: list[list[Polygon]] = []
    for quarter in quarters:
        reach = float(np.hypot(quarter.centroid.x, quarter.centroid.y))
        deep, wide = rng.uniform(70, 90) + reach / 120, rng.uniform(110, 150) + reach / 45
        plan = grid(quarter, float(rng.uniform(-40, 50)), deep, wide)
        streets += [line.difference(kept_out.buffer(-4)) for line in plan]
        secondary.append(LineString(quarter.exterior.coords).difference(unary_union([stream, docks, sea, parks])))
        pieces = blocks(quarter, plan, kept_out, 7.0)
        built.append([piece for piece in pieces if rng.random() > 0.02 + max(reach - 2300, 0) / 9000])
    inner = old_town_streets()
    streets += [line.intersection(old).difference(unary_union([wet.buffer(-4), parks])) for line in inner]
    houses = blocks(old, inner, unary_union([kept_out, grounds.buffer(14)]), 4.5)
    buildings = [piece for block in houses for piece in courtyards(rng, block)]
    station = rotate(shapely.box(-240, 1095, 120, 1150), -1, origin=(-60, 1120))
    stadium = Point(-1500, 2150).buffer(120, quad_segs=8).difference(Point(-1500, 2150).buffer(72, quad_segs=8))
    tower = shapely.box(-865, -410, -835, -380)
    lanes = country_roads(land.difference(stream), city)
    villages = [village(rng, (-4300, 2900)), village(rng, (1900, -4500))]

    def lines(shapes: Iterable[Geometry]) -> MultiLineString:
        flat = [part for shape in shapes for part in shapely.get_parts(shape) if part.geom_type == "LineString"]
        return MultiLineString([line for line in flat if line.length > 12.0])

    fields = ditches(land.difference(stream.buffer(60)), city)
    features = [
        Feature("water", water.simplify(1.0), {"class": "main"}),
        Feature("water", MultiPolygon(fields), {"class": "ditch"}),
        Feature("park", MultiPolygon(parts(parks.simplify(1.5))), {}),
        Feature("water", MultiPolygon(parts(ponds)), {"class": "pond"}),
        *(Feature("built", MultiPolygon(each), {"class": "quarter"}) for each in built if each),
        Feature("built", MultiPolygon(houses), {"class": "old"}),
        *(Feature("built", MultiPolygon(each), {"class": "village"}) for _, each in villages),
        Feature("building", MultiPolygon(buildings), {"class": "house"}),
        Feature("building", MultiPolygon(farms(rng, lanes)), {"class": "farm"}),
        Feature("building", MultiPolygon([*palaces, station, stadium, tower]), {"class": "landmark"}),
        Feature("road", lines([*streets, *(line for plan, _ in villages for line in plan)]), {"class": "street"}),
        Feature("road", lines([*secondary, *lanes]), {"class": "secondary"}),
        Feature("road", lines(main), {"class": "primary"}),
        Feature("road", lines(fast), {"class": "motorway"}),
        Feature("rail", lines(rails), {}),
    ]
    return features + [Feature("label", Point(x, y), {"class": rank, "name": name}) for rank, name, x, y in LABELS]


def to_geojson(feature: Feature) -> dict[str, Any]:
    """RFC 7946, to five decimals of a degree (about a metre)."""

    def place(points: NDArray[np.float64]) -> NDArray[np.float64]:
        geodetic = ORIGIN.from_enu(np.column_stack([warp(points), np.zeros(len(points))]))
        return np.asarray(np.round(geodetic[:, [1, 0]] / DEGREE, 5))

    shape = shapely.transform(shapely.segmentize(feature.shape, LONGEST_EDGE), place)
    return {
        "type": "Feature",
        "properties": {"kind": feature.kind, **feature.properties},
        "geometry": shapely.geometry.mapping(shape),
    }


def main() -> None:
    """Write the map."""
    lines = [json.dumps(to_geojson(each), separators=(",", ":"), ensure_ascii=False) for each in draw()]
    text = '{"type":"FeatureCollection","name":"Markerstad","features":[\n' + ",\n".join(lines) + "\n]}\n"
    Path(__file__).with_name("city.geojson").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
