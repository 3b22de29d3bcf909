"""GeoJSON (RFC 7946): places as points, ways as lines with the time of each position in `times`.

Heights are metres above the WGS 84 ellipsoid, as the RFC has it; a position whose height is not known has two numbers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from luchtwacht.conversion.features import Spot, Way, Ways
from luchtwacht.conversion.table import Table
from luchtwacht.model import Site
from luchtwacht.model.zone import Circle, Volume


class GeoJson:
    """One file, written as the places come; ways are written at the end.

    Args:
        path: the file.
        site: its sensors and zones are drawn too.
        rows_alone: every row is a point with all its properties.
    """

    def __init__(self, path: Path, site: Site | None = None, *, rows_alone: bool = False) -> None:
        self._file = path.open("wb")
        self._path = path
        self._ways = Ways(rows_alone=rows_alone)
        self._count = 0
        self._file.write(b'{"type":"FeatureCollection","features":[')
        for feature in site_features(site) if site else ():
            self._add(feature)

    @property
    def rows(self) -> dict[Path, int]:
        """Features by file."""
        return {self._path: self._count}

    def write(self, table: Table) -> None:
        """The rows of a table that are somewhere."""
        for spot in self._ways.take(table):
            self._add(_of_spot(spot))

    def close(self) -> None:
        """Write the ways and the end."""
        for way in self._ways.close():
            self._add(_of_way(way))
        self._file.write(b"\n]}\n")
        self._file.close()

    def _add(self, feature: dict[str, Any]) -> None:
        self._file.write((b",\n" if self._count else b"\n") + msgspec.json.encode(feature))
        self._count += 1


def _position(longitude: float, latitude: float, height: float | None) -> list[float]:
    place = [round(longitude, 8), round(latitude, 8)]
    return place if height is None else [*place, round(height, 3)]


def _feature(kind: str, coordinates: Any, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": properties}


def _of_spot(spot: Spot) -> dict[str, Any]:
    return _feature(
        "Point", _position(spot.longitude, spot.latitude, spot.height), {"table": spot.table, **spot.properties}
    )


def _of_way(way: Way) -> dict[str, Any]:
    coordinates = [_position(*point) for point in way.points]
    properties: dict[str, Any] = {
        "table": way.table, "name": way.name, "first": way.times[0], "last": way.times[-1], "positions": len(way.points)
    }  # fmt: skip
    if len(coordinates) == 1:
        return _feature("Point", coordinates[0], properties)
    heights = {len(each) for each in coordinates}
    if len(heights) > 1:  # a line is of positions that are alike
        coordinates = [each[:2] for each in coordinates]
    return _feature("LineString", coordinates, properties | {"times": way.times})


def site_features(site: Site) -> list[dict[str, Any]]:
    """Sensors as points, volumes of zones as polygons."""
    made = [
        _feature(
            "Point",
            _position(each.place.longitude, each.place.latitude, each.place.height),
            {"table": "sensors", "name": each.id, "title": each.name, "kind": str(each.kind)},
        )
        for each in site.sensors
    ]
    for zone in site.zones:
        for number, volume in enumerate(zone.volumes):
            properties = {
                "table": "zones", "name": zone.id, "title": zone.name, "volume": number,
                "restriction": str(zone.restriction), "lower_m": volume.lower,
                "lower_reference": str(volume.lower_reference), "upper_m": volume.upper,
                "upper_reference": str(volume.upper_reference),
            }  # fmt: skip
            made.append(_feature("Polygon", rings(volume), properties))
    return made


def rings(volume: Volume) -> list[list[list[float]]]:
    """A volume's outline as rings that close; a circle as a polygon of 72 corners on it."""
    if volume.circle is not None:
        return [_circle(volume.circle)]
    closed = []
    for ring in volume.polygon or ():
        corners = [[longitude, latitude] for longitude, latitude in ring]
        closed.append(corners if corners[0] == corners[-1] else [*corners, corners[0]])
    return closed


def _circle(circle: Circle) -> list[list[float]]:
    import numpy as np

    from luchtwacht.geodesy import LocalFrame
    from luchtwacht.units import DEGREE

    frame = LocalFrame(circle.latitude * DEGREE, circle.longitude * DEGREE, 0.0)
    turn = np.linspace(0.0, 2.0 * np.pi, 73)
    enu = np.column_stack([circle.radius * np.cos(turn), circle.radius * np.sin(turn), np.zeros(len(turn))])
    geodetic = frame.from_enu(enu) / DEGREE
    corners = [[round(longitude, 7), round(latitude, 7)] for latitude, longitude, _ in geodetic.tolist()]
    return [*corners[:-1], corners[0]]
