"""Zones in any published form: the reader is chosen by what the data looks like.

Plain GeoJSON, drawn by hand or exported from a map, becomes zones too: polygons, with `properties` `id`, `name`,
`restriction`, `lower`, `upper` (m), `lowerReference` and `upperReference` where given. Without a restriction a zone is
PROHIBITED: somebody who draws a zone for a watch wants to know of flights in it.
"""

from __future__ import annotations

from typing import Any

from luchtwacht.airspace.ed269 import decode_ed269
from luchtwacht.airspace.ed318 import decode_ed318, volumes_of
from luchtwacht.airspace.published import Notes, Reading, Unusable, one_text, parse_json, restriction, texts, unique
from luchtwacht.errors import BadConfiguration
from luchtwacht.model import Restriction, Zone


def decode_zones(data: bytes | str, *, source: str = "", time_zone: str = "UTC") -> Reading:
    """Zones of an ED-269, ED-318 or plain GeoJSON document.

    Raises:
        BadConfiguration: it is none of them.
    """
    published = parse_json(data)
    features = published.get("features") if isinstance(published, dict) else published
    first = features[0] if isinstance(features, list) and features and isinstance(features[0], dict) else {}
    if isinstance(first.get("geometry"), list):
        return decode_ed269(data, source=source, time_zone=time_zone)
    properties = first.get("properties")
    if isinstance(properties, dict) and {"identifier", "type"} <= properties.keys():
        return decode_ed318(data, source=source, time_zone=time_zone)
    return decode_geojson(data, source=source)


def decode_geojson(data: bytes | str, *, source: str = "") -> Reading:
    """Zones of a plain GeoJSON FeatureCollection, Feature or geometry.

    Raises:
        BadConfiguration: it is no GeoJSON with an area in it.
    """
    published = parse_json(data)
    kind = published.get("type") if isinstance(published, dict) else None
    match kind:
        case "FeatureCollection":
            features = published.get("features")
        case "Feature":
            features = [published]
        case "Polygon" | "MultiPolygon" | "GeometryCollection":
            features = [{"type": "Feature", "properties": {}, "geometry": published}]
        case _:
            features = None
    if not isinstance(features, list):
        raise BadConfiguration("no zones: it is neither an ED-269 list, an ED-318 collection nor GeoJSON with polygons")
    notes, zones = Notes(), []
    for index, feature in enumerate(features):
        try:
            zones.append(_zone(feature, index, source, notes))
        except Unusable as problem:
            notes.add(problem.field, problem.detail)
    return unique(zones, notes), tuple(notes.problems)


def _zone(feature: Any, index: int, source: str, notes: Notes) -> Zone:
    path = f"features[{index}]."
    if not isinstance(feature, dict):
        raise Unusable(path, "no feature; it was left out")
    given = feature.get("properties")
    properties: dict[str, Any] = given if isinstance(given, dict) else {}
    name = str(properties.get("id") or feature.get("id") or properties.get("name") or f"zone-{index + 1}")
    notes.zone = name
    geometry = feature.get("geometry")
    if not isinstance(geometry, dict):
        raise Unusable(f"{path}geometry", "missing; the zone was left out")
    layer = {key: properties[key] for key in _LAYER if properties.get(key) is not None}
    rule = properties.get("restriction")
    return Zone(
        id=name,
        name=one_text(properties.get("name")) or name,
        restriction=Restriction.PROHIBITED if rule is None else restriction(rule, f"{path}properties.restriction"),
        volumes=tuple(volumes_of({"layer": layer} | geometry, f"{path}geometry.", notes)),
        message=texts(properties.get("message")) or None,
        authority=str(properties.get("authority") or ""),
        source=source,
    )


_LAYER = ("lower", "lowerReference", "upper", "upperReference", "uom")
