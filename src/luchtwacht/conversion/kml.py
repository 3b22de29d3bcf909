"""KML (OGC 07-147r2, 2.2): ways as `gx:Track` with times, so that viewers can play them, places as points, zones.

KML's heights are above mean sea level. Where the geoid's height is known (a site declares it) ours are turned into
them; where it is not, everything lies on the ground, and the heights above the ellipsoid are in the description.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape

from luchtwacht.conversion.features import Spot, Way, Ways
from luchtwacht.conversion.geojson import rings
from luchtwacht.conversion.table import Table
from luchtwacht.model import Site

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2">
<Document>
<name>{name}</name>
<Style id="way"><LineStyle><color>ff00a5ff</color><width>2</width></LineStyle></Style>
<Style id="spot"><IconStyle><scale>0.5</scale></IconStyle><LabelStyle><scale>0</scale></LabelStyle></Style>
<Style id="zone"><LineStyle><color>ff3030e0</color></LineStyle><PolyStyle><color>403030e0</color></PolyStyle></Style>
"""


class Kml:
    """One file, written as the places come; ways are written at the end.

    Args:
        path: the file.
        site: gives the geoid's height, sensors and zones.
        rows_alone: every row is a point of its own.
    """

    def __init__(self, path: Path, site: Site | None = None, *, rows_alone: bool = False) -> None:
        self._path = path
        self._over = site
        self._file = path.open("w", encoding="utf-8")
        self._ways = Ways(rows_alone=rows_alone)
        self._count = 0
        self._file.write(_HEAD.format(name=escape(path.stem)))
        if site:
            self._site(site)

    @property
    def rows(self) -> dict[Path, int]:
        """Placemarks by file."""
        return {self._path: self._count}

    def write(self, table: Table) -> None:
        """The rows of a table that are somewhere."""
        for spot in self._ways.take(table):
            self._spot(spot)

    def close(self) -> None:
        """Write the ways and the end."""
        folder = ""
        for way in self._ways.close():
            if way.table != folder:
                self._file.write(f"{'</Folder>' if folder else ''}<Folder><name>{escape(way.table)}</name>\n")
                folder = way.table
            self._way(way)
        self._file.write(f"{'</Folder>' if folder else ''}</Document>\n</kml>\n")
        self._file.close()

    def _place(self, longitude: float, latitude: float, height: float | None, between: str = ",") -> str:
        above = 0.0
        if height is not None and self._over is not None:
            above = height - float(self._over.sea_level(latitude, longitude))
        return f"{longitude:.8f}{between}{latitude:.8f}{between}{above:.2f}"

    def _mode(self, heights: list[float | None]) -> str:
        absolute = self._over is not None and None not in heights
        return f"<altitudeMode>{'absolute' if absolute else 'clampToGround'}</altitudeMode>"

    def _placemark(self, name: str, style: str, inside: str, told: Mapping[str, object]) -> None:
        data = "".join(
            f'<Data name="{escape(str(key), {chr(34): "&quot;"})}"><value>{escape(str(value))}</value></Data>'
            for key, value in told.items()
        )
        extended = f"<ExtendedData>{data}</ExtendedData>" if data else ""
        self._file.write(
            f"<Placemark><name>{escape(name)}</name><styleUrl>#{style}</styleUrl>{extended}{inside}</Placemark>\n"
        )
        self._count += 1

    def _spot(self, spot: Spot) -> None:
        when = f"<TimeStamp><when>{spot.time}</when></TimeStamp>" if spot.time else ""
        place = self._place(spot.longitude, spot.latitude, spot.height)
        point = f"<Point>{self._mode([spot.height])}<coordinates>{place}</coordinates></Point>"
        height = {} if spot.height is None else {"height_above_ellipsoid_m": round(spot.height, 3)}
        self._placemark(spot.table, "spot", when + point, height | spot.properties)

    def _way(self, way: Way) -> None:
        mode = self._mode([height for _, _, height in way.points])
        if all(way.times):
            whens = "".join(f"<when>{time}</when>" for time in way.times)
            places = "".join(f"<gx:coord>{self._place(*point, between=' ')}</gx:coord>" for point in way.points)
            inside = f"<gx:Track>{mode}{whens}{places}</gx:Track>"
        else:
            places = " ".join(self._place(*point) for point in way.points)
            inside = f"<LineString>{mode}<coordinates>{places}</coordinates></LineString>"
        self._placemark(f"{way.table} {way.name}", "way", inside, {"positions": len(way.points)})

    def _site(self, site: Site) -> None:
        self._file.write(f"<Folder><name>{escape(site.name)}</name>\n")
        for sensor in site.sensors:
            place = self._place(sensor.place.longitude, sensor.place.latitude, sensor.place.height)
            inside = f"<Point>{self._mode([sensor.place.height])}<coordinates>{place}</coordinates></Point>"
            self._placemark(sensor.name or sensor.id, "spot", inside, {"kind": sensor.kind})
        for zone in site.zones:
            for volume in zone.volumes:
                outer, *holes = (
                    "<LinearRing><coordinates>"
                    + " ".join(f"{longitude:.7f},{latitude:.7f},0" for longitude, latitude in ring)
                    + "</coordinates></LinearRing>"
                    for ring in rings(volume)
                )
                inner = "".join(f"<innerBoundaryIs>{hole}</innerBoundaryIs>" for hole in holes)
                inside = f"<Polygon><outerBoundaryIs>{outer}</outerBoundaryIs>{inner}</Polygon>"
                upper = "unlimited" if volume.upper is None else f"{volume.upper:g} m {volume.upper_reference}"
                told = {
                    "restriction": zone.restriction,
                    "from": f"{volume.lower:g} m {volume.lower_reference}",
                    "to": upper,
                }
                self._placemark(zone.name, "zone", inside, told)
        self._file.write("</Folder>\n")
