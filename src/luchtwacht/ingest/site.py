"""A site file and the mappings it names, read and checked against each other."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from luchtwacht.config import load
from luchtwacht.errors import BadConfiguration
from luchtwacht.model import CLAIM_RECEIVERS, Authorisation, Format, Sensor, Site, Source

MOST_ALOFT_S = 36_000.0
"""no take-off is looked for further back than this"""
GREATEST_ROLLBACK_S = 60.0
"""how far back the tracker may be asked to go"""

_CLAIM_FORMATS = (Format.REMOTE_ID, Format.READSB, Format.ASTERIX)


def load_site(path: Path) -> tuple[Site, dict[str, str]]:
    """Read a site file.

    Returns:
        The site, and the text of each mapping file by the name that the site gives it.

    Raises:
        BadConfiguration: a file is missing, or says something that cannot be or contradicts another.
    """
    site = load(path, Site)
    check_site(site, str(path))
    mappings = {}
    for source in site.sources:
        if not source.mapping:
            continue
        file = path.parent / source.mapping
        try:
            mappings[source.mapping] = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise BadConfiguration(
                f"the mapping of source {source.id} cannot be read: {error}", where=str(file)
            ) from error
    return site, mappings


def check_site(site: Site, where: str) -> None:
    """Hold the parts of a site against each other.

    Raises:
        BadConfiguration: two things have one name, something names what is not there, or a figure cannot be.
    """
    for what, ids in (
        ("sources", [source.id for source in site.sources]),
        ("sensors", [sensor.id for sensor in site.sensors]),
        ("zones", [zone.id for zone in site.zones]),
        ("authorisations", [each.id for each in site.authorisations]),
    ):
        _check_distinct(what, ids, where)
    try:
        ZoneInfo(site.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise BadConfiguration(
            f"time_zone {site.time_zone!r} is no time zone", where=where, hint="write it as Europe/Amsterdam"
        ) from None
    if site.step_s <= 0.0 or site.reorder_s < 0.0:
        raise BadConfiguration(f"step_s {site.step_s:g} must be positive, reorder_s not negative", where=where)
    if not (0.0 <= site.takeoff.wind_speed_m_s < inf and 0.0 < site.takeoff.longest_s <= MOST_ALOFT_S):
        raise BadConfiguration(
            f"takeoff: wind_speed_m_s {site.takeoff.wind_speed_m_s:g} must not be negative, and longest_s "
            f"{site.takeoff.longest_s:g} lie between 0 and {MOST_ALOFT_S:g}",
            where=where,
        )
    if not 0.0 <= site.tracking.rollback_s <= GREATEST_ROLLBACK_S:
        raise BadConfiguration(
            f"tracking.rollback_s {site.tracking.rollback_s:g} must lie between 0 and {GREATEST_ROLLBACK_S:g}",
            where=where,
            hint="it takes memory and work for every second; raise reorder_s for reports that are always late",
        )
    for source in site.sources:
        _check_source(source, where)
    for sensor in site.sensors:
        _check_sensor(sensor, site, where)
    _check_identities(site, where)
    zones = [zone.id for zone in site.zones]
    for authorisation in site.authorisations:
        _check_authorisation(authorisation, zones, where)


def _check_distinct(what: str, ids: list[str], where: str) -> None:
    for name in ids:
        if not name:
            raise BadConfiguration(f"one of the {what} has an empty id", where=where)
        if ids.count(name) > 1:
            raise BadConfiguration(f"two {what} are called {name!r}", where=where, hint="give each its own id")


def _check_source(source: Source, where: str) -> None:
    if (source.format == Format.TABLE) != bool(source.mapping):
        what = "needs a mapping" if source.format == Format.TABLE else "is no table and takes no mapping"
        raise BadConfiguration(f"source {source.id} {what}", where=where)
    if source.clock_tolerance_s <= 0.0:
        raise BadConfiguration(f"source {source.id}: clock_tolerance_s must be positive", where=where)


def _check_sensor(sensor: Sensor, site: Site, where: str) -> None:
    known = [source.id for source in site.sources]
    if sensor.source not in known:
        raise BadConfiguration(
            f"sensor {sensor.id} comes through source {sensor.source!r}, which there is not",
            where=where,
            hint=f"sources are {', '.join(known) or 'none'}",
        )
    latitude, longitude = sensor.place.latitude, sensor.place.longitude
    if not (-90.0 <= latitude <= 90.0 and -180.0 <= longitude <= 180.0):
        raise BadConfiguration(
            f"sensor {sensor.id} stands at {latitude:g}, {longitude:g}, no place on earth", where=where
        )
    positive = {
        "range_sigma_m": sensor.range_sigma_m,
        "azimuth_sigma_deg": sensor.azimuth_sigma_deg,
        "elevation_sigma_deg": sensor.elevation_sigma_deg,
        "position_sigma_m": sensor.position_sigma_m,
        "height_sigma_m": sensor.height_sigma_m,
        "period_s": sensor.period_s,
        "silent_after_s": sensor.silent_after_s,
    }
    for name, value in positive.items():
        if not value > 0.0:
            raise BadConfiguration(f"sensor {sensor.id}: {name} {value:g} must be positive", where=where)
    if not 0.0 < sensor.probability_of_detection <= 1.0:
        raise BadConfiguration(
            f"sensor {sensor.id}: probability_of_detection {sensor.probability_of_detection:g} is no probability",
            where=where,
        )
    if sensor.range_max_m <= sensor.range_min_m:
        raise BadConfiguration(f"sensor {sensor.id}: range_max_m must be more than range_min_m", where=where)
    if sensor.elevation_max_deg <= sensor.elevation_min_deg:
        raise BadConfiguration(
            f"sensor {sensor.id}: elevation_max_deg must be more than elevation_min_deg", where=where
        )
    if sensor.kind in CLAIM_RECEIVERS and _format(sensor, site) not in _CLAIM_FORMATS:
        raise BadConfiguration(
            f"sensor {sensor.id} is a {sensor.kind}, but its source is {_format(sensor, site)}", where=where
        )


def _check_authorisation(authorisation: Authorisation, zones: list[str], where: str) -> None:
    """Its zones must be the site's own: a permission for a zone that is misspelt would permit nothing, unnoticed."""
    for name in authorisation.zones:
        if name not in zones:
            raise BadConfiguration(
                f"authorisation {authorisation.id} is for zone {name!r}, which there is not",
                where=where,
                hint=f"zones are {', '.join(zones) or 'none'}",
            )
    for moment in (authorisation.start, authorisation.end):
        if moment.tzinfo is None:
            raise BadConfiguration(
                f"authorisation {authorisation.id}: {moment.isoformat()} has no time zone",
                where=where,
                hint="add Z or +02:00",
            )
    if authorisation.end <= authorisation.start:
        raise BadConfiguration(f"authorisation {authorisation.id} ends before it starts", where=where)


def _format(sensor: Sensor, site: Site) -> Format:
    return next(source.format for source in site.sources if source.id == sensor.source)


def _check_identities(site: Site, where: str) -> None:
    """Sensors of one ASTERIX source must differ in SAC and SIC, or nobody knows whose a report is."""
    for source in site.sources:
        if source.format != Format.ASTERIX:
            continue
        mine = [sensor for sensor in site.sensors if sensor.source == source.id]
        for sensor in mine:
            if sensor.sac is None or sensor.sic is None:
                raise BadConfiguration(f"sensor {sensor.id} needs sac and sic: its source is ASTERIX", where=where)
        _check_pairs(((sensor.sac, sensor.sic) for sensor in mine), source.id, where)


def _check_pairs(pairs: Iterable[tuple[int | None, int | None]], source: str, where: str) -> None:
    seen = set()
    for pair in pairs:
        if pair in seen:
            raise BadConfiguration(f"two sensors of source {source} have SAC/SIC {pair[0]}/{pair[1]}", where=where)
        seen.add(pair)
