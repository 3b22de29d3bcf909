"""Sites, sensors, zones and authorisations as they go over the wire."""

from __future__ import annotations

from math import inf, isfinite

import numpy as np

from luchtwacht import model
from luchtwacht.geodesy import LocalFrame
from luchtwacht.server import wire
from luchtwacht.units import DEGREE, datetime_to_ns

CIRCLE_CORNERS = 72
PLACE_DIGITS = 7
"""decimals of a degree: a centimetre"""


def to_ms(time_ns: int) -> int:
    """Nanoseconds as milliseconds, cut."""
    return int(time_ns) // 1_000_000


def encode_site(site: model.Site, *, base_map: bool) -> wire.Site:
    tasked = {source.id for source in site.sources if source.format == model.Format.SAPIENT}
    return wire.Site(
        id=site.id,
        name=site.name,
        latitude=site.origin.latitude,
        longitude=site.origin.longitude,
        time_zone=site.time_zone,
        ground_height_amsl_m=site.ground_height_m,
        geoid_undulation_m=site.geoid_undulation_m,
        step_s=site.step_s,
        horizon_s=site.airspace.horizon_s,
        sources=[source.id for source in site.sources],
        sensors=[_encode_sensor(index, sensor, tasked) for index, sensor in enumerate(site.sensors)],
        base_map=base_map,
    )


def _encode_sensor(index: int, sensor: model.Sensor, tasked: set[str]) -> wire.Sensor:
    return wire.Sensor(
        index=index,
        id=sensor.id,
        name=sensor.name or sensor.id,
        kind=sensor.kind.value,
        source=sensor.source,
        latitude=sensor.place.latitude,
        longitude=sensor.place.longitude,
        height_ellipsoid_m=sensor.place.height,
        range_min_m=sensor.range_min_m,
        range_max_m=sensor.range_max_m if sensor.range_max_m < inf else None,
        azimuth_from_deg=sensor.azimuth_from_deg,
        azimuth_to_deg=sensor.azimuth_to_deg,
        period_s=sensor.period_s,
        silent_after_s=sensor.silent_after_s,
        takes_tasks=sensor.source in tasked,
    )


def encode_zone(zone: model.Zone, *, in_force: bool, until_ms: int | None) -> wire.Zone:
    return wire.Zone(
        id=zone.id,
        name=zone.name,
        restriction=zone.restriction.value,
        in_force=in_force,
        until_ms=until_ms,
        volumes=[_encode_volume(volume) for volume in zone.volumes],
        times=[line for period in zone.applicability for line in _period_lines(period)],
        reasons=list(zone.reasons),
        message=dict(zone.message or {}),
        authority=zone.authority,
        source=zone.source,
    )


def _encode_volume(volume: model.Volume) -> wire.ZoneVolume:
    if volume.circle is not None:
        rings = [circle_ring(volume.circle)]
    else:
        rings = [[[longitude, latitude] for longitude, latitude in ring] for ring in volume.polygon or ()]
    return wire.ZoneVolume(
        rings=rings,
        lower_m=volume.lower,
        lower_reference=volume.lower_reference.value,
        upper_m=volume.upper,
        upper_reference=volume.upper_reference.value,
    )


def circle_ring(circle: model.Circle) -> list[list[float]]:
    """A closed ring of [longitude, latitude] on the circle, anticlockwise as in RFC 7946."""
    angle = np.linspace(0.0, 2.0 * np.pi, CIRCLE_CORNERS + 1)
    enu = np.stack([np.cos(angle), np.sin(angle), np.zeros_like(angle)], axis=-1) * circle.radius
    geodetic = LocalFrame(circle.latitude * DEGREE, circle.longitude * DEGREE, 0.0).from_enu(enu) / DEGREE
    return [[round(row[1], PLACE_DIGITS), round(row[0], PLACE_DIGITS)] for row in geodetic.tolist()]


def _period_lines(period: model.Applicability) -> list[str]:
    """When a zone holds, as text that needs no translation: ISO dates, weekday codes of ED-269, clock times."""
    span = "/".join(moment.isoformat() if moment else ".." for moment in (period.start, period.end))
    if not period.schedule:
        return [span] if period.start or period.end else []
    daily = [f"{','.join(day.value for day in part.days)} {part.start}-{part.end}" for part in period.schedule]
    return [f"{span} {line}" if period.start or period.end else line for line in daily]


def encode_authorisation(authorisation: model.Authorisation, *, time_ns: int) -> wire.Authorisation:
    """In force: granted or activated, and within its times (EU 2021/664 article 10)."""
    start_ns, end_ns = datetime_to_ns(authorisation.start), datetime_to_ns(authorisation.end)
    given = authorisation.state in (model.AuthorisationState.GRANTED, model.AuthorisationState.ACTIVATED)
    return wire.Authorisation(
        id=authorisation.id,
        state=authorisation.state.value,
        in_force=given and start_ns <= time_ns < end_ns,
        zones=list(authorisation.zones),
        start_ms=to_ms(start_ns),
        end_ms=to_ms(end_ns),
        aircraft=list(authorisation.aircraft),
        operator_id=authorisation.operator_id,
        purpose=authorisation.purpose,
        granted_by=authorisation.granted_by,
        source=authorisation.source,
    )


def number(value: float, digits: int) -> float | None:
    """Rounded; none for NaN and infinity, which JSON has no word for."""
    return round(float(value), digits) if isfinite(value) else None
