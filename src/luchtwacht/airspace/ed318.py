"""UAS geographical zones in GeoJSON as EUROCAE ED-318 (2024) lays them out.

    FeatureCollection > Feature > geometry: Polygon, MultiPolygon, or Point with `extent` (a circle), each with `layer`
                                            (heights), or a GeometryCollection of them: one volume each
                                > properties: identifier, `type` (the restriction, REQ_AUTHORIZATION with Z),
                                              limitedApplicability, name, message, ... as lists of {text, lang}

Layout: EUROCONTROL's JSON Schemas of ED-318. Without `limitedApplicability` a zone is permanent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from luchtwacht.airspace.published import (
    Notes,
    Reading,
    Unusable,
    applicability,
    authority,
    circle,
    field_of,
    heights,
    one_text,
    parse_json,
    polygon,
    reasons,
    restriction,
    texts,
    unique,
    volume,
)
from luchtwacht.errors import BadConfiguration
from luchtwacht.model import Volume, Zone


def decode_ed318(data: bytes | str, *, source: str = "", time_zone: str = "UTC") -> Reading:
    """Zones of an ED-318 data set.

    Args:
        source: what to write in `Zone.source`.
        time_zone: IANA name, for times of day that name no zone.

    Raises:
        BadConfiguration: it is no JSON, or no GeoJSON FeatureCollection.
    """
    published = parse_json(data)
    features = published.get("features") if isinstance(published, dict) else None
    if not isinstance(features, list):
        raise BadConfiguration("an ED-318 set is a GeoJSON FeatureCollection")
    notes, zones = Notes(), []
    for index, feature in enumerate(features):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        notes.zone = str(properties.get("identifier", "")) if isinstance(properties, dict) else ""
        try:
            zones.append(_zone(feature, f"features[{index}].", source, time_zone, notes))
        except Unusable as problem:
            notes.add(problem.field, problem.detail)
    return unique(zones, notes), tuple(notes.problems)


def _zone(feature: Any, path: str, source: str, time_zone: str, notes: Notes) -> Zone:
    properties = field_of(feature, "properties", path)
    inner = f"{path}properties."
    name = str(field_of(properties, "identifier", inner))
    if not name:
        raise Unusable(f"{inner}identifier", "empty; the zone was left out")
    periods, zone_of_times = applicability(
        properties.get("limitedApplicability"), f"{inner}limitedApplicability", time_zone, notes
    )
    return Zone(
        id=name,
        name=one_text(properties.get("name")) or name,
        restriction=restriction(field_of(properties, "type", inner), f"{inner}type"),
        volumes=tuple(volumes_of(field_of(feature, "geometry", path), f"{path}geometry.", notes)),
        applicability=periods,
        time_zone=zone_of_times,
        reasons=reasons(properties.get("reason")),
        message=texts(properties.get("message")) or texts(properties.get("restrictionConditions")) or None,
        authority=authority(properties.get("zoneAuthority")),
        source=source,
    )


def volumes_of(geometry: Any, path: str, notes: Notes) -> Iterator[Volume]:
    """The volumes of a GeoJSON geometry with layers; `Unusable` for points without extent, and lines."""
    kind = field_of(geometry, "type", path)
    if kind == "GeometryCollection":
        inner = field_of(geometry, "geometries", path)
        if not isinstance(inner, list) or not inner:
            raise Unusable(f"{path}geometries", "no volumes; the zone was left out")
        for index, each in enumerate(inner):
            yield from volumes_of(each, f"{path}geometries[{index}].", notes)
        return
    given = geometry.get("layer")
    layer: dict[str, Any] = given if isinstance(given, dict) else {}
    between = heights(
        layer.get("lower"),
        layer.get("lowerReference"),
        layer.get("upper"),
        layer.get("upperReference"),
        layer.get("uom"),
        f"{path}layer.",
        notes,
    )
    coordinates = field_of(geometry, "coordinates", path)
    match kind:
        case "Polygon":
            yield volume(polygon(coordinates, f"{path}coordinates"), between)
        case "MultiPolygon":
            if not isinstance(coordinates, list):
                raise Unusable(f"{path}coordinates", "no list of polygons; the zone was left out")
            if not coordinates:
                raise Unusable(f"{path}coordinates", "no polygons; the zone was left out")
            for index, rings in enumerate(coordinates):
                yield volume(polygon(rings, f"{path}coordinates[{index}]"), between)
        case "Point" if isinstance(geometry.get("extent"), dict):
            radius = field_of(geometry["extent"], "radius", f"{path}extent.")
            yield volume(circle(coordinates, radius, path), between)
        case _:
            raise Unusable(f"{path}type", f"{kind!r} has no area; the zone was left out")
