"""UAS geographical zones in JSON as EUROCAE ED-269 (2020) lays them out, and as countries really publish them.

    [ { "identifier", "restriction", "reason": [], "applicability": [ TimePeriod ],
        "geometry": [ { "uomDimensions", "lowerLimit", "upperLimit", ...References, "horizontalProjection" } ], ... } ]

The list stands alone or under `features`. Times carry seconds with and without fractions; 99999 means no upper limit;
texts in several languages stand in `extendedProperties.localizedMessages`. Limits are in `uomDimensions`, a circle's
radius is read as metres.
"""

from __future__ import annotations

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


def decode_ed269(data: bytes | str, *, source: str = "", time_zone: str = "UTC") -> Reading:
    """Zones of an ED-269 data set.

    Args:
        source: what to write in `Zone.source`.
        time_zone: IANA name, for times of day that name no zone.

    Raises:
        BadConfiguration: it is no JSON, or no list of zones.
    """
    published = parse_json(data)
    features = published.get("features") if isinstance(published, dict) else published
    if not isinstance(features, list):
        raise BadConfiguration("an ED-269 set is a list of zones, or has one under `features`")
    notes, zones = Notes(), []
    for index, feature in enumerate(features):
        notes.zone = str(feature.get("identifier", "")) if isinstance(feature, dict) else ""
        try:
            zones.append(_zone(feature, f"[{index}].", source, time_zone, notes))
        except Unusable as problem:
            notes.add(problem.field, problem.detail)
    return unique(zones, notes), tuple(notes.problems)


def _zone(feature: Any, path: str, source: str, time_zone: str, notes: Notes) -> Zone:
    name = str(field_of(feature, "identifier", path))
    if not name:
        raise Unusable(f"{path}identifier", "empty; the zone was left out")
    geometry = field_of(feature, "geometry", path)
    if not isinstance(geometry, list) or not geometry:
        raise Unusable(f"{path}geometry", "no volumes; the zone was left out")
    periods, zone_of_times = applicability(feature.get("applicability"), f"{path}applicability", time_zone, notes)
    extended = feature.get("extendedProperties")
    localised = texts(extended.get("localizedMessages")) if isinstance(extended, dict) else {}
    return Zone(
        id=name,
        name=one_text(feature.get("name")) or name,
        restriction=restriction(field_of(feature, "restriction", path), f"{path}restriction"),
        volumes=tuple(_volume(each, f"{path}geometry[{at}].", notes) for at, each in enumerate(geometry)),
        applicability=periods,
        time_zone=zone_of_times,
        reasons=reasons(feature.get("reason")),
        message=localised or texts(feature.get("message")) or None,
        authority=authority(feature.get("zoneAuthority")),
        source=source,
    )


def _volume(each: Any, path: str, notes: Notes) -> Volume:
    projection = field_of(each, "horizontalProjection", path)
    unit = each.get("uomDimensions")
    between = heights(
        each.get("lowerLimit"),
        each.get("lowerVerticalReference"),
        each.get("upperLimit"),
        each.get("upperVerticalReference"),
        unit,
        path,
        notes,
    )
    inner = f"{path}horizontalProjection."
    match field_of(projection, "type", inner):
        case "Circle":
            if str(unit).upper() == "FT":
                notes.add(f"{inner}radius", "read as metres although limits are in feet")
            center, radius = field_of(projection, "center", inner), field_of(projection, "radius", inner)
            return volume(circle(center, radius, inner), between)
        case "Polygon":
            return volume(polygon(field_of(projection, "coordinates", inner), f"{inner}coordinates"), between)
        case other:
            raise Unusable(f"{inner}type", f"{other!r} is neither Circle nor Polygon; the zone was left out")
