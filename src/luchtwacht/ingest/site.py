"""A site file, the files it includes and the mappings it names, read and checked against each other."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import cos, inf, isfinite
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from luchtwacht.codecs.grid import cut, read_grid
from luchtwacht.config import Key, Places, loads, places, read_text
from luchtwacht.errors import BadConfiguration
from luchtwacht.ingest.confusion import CATEGORIES
from luchtwacht.model import (
    CLAIM_RECEIVERS,
    Authorisation,
    Format,
    HttpLink,
    MqttLink,
    Output,
    Sensor,
    Site,
    Source,
    TcpLink,
    TcpServerLink,
    UdpLink,
    Zone,
    parse_link,
)
from luchtwacht.model.site import CLAIM_FORMATS, LINKS_OF, OUTPUT_LINKS, SHOWN_BY, STREAM_FORMATS, STREAM_LINKS
from luchtwacht.units import DEGREE

METRES_PER_DEGREE = 111_195.0
"""of latitude, on a sphere of the earth's mean radius: enough to choose what is near"""
GRID_WITHIN_KM = 40.0
"""so far round a site its grids of heights are kept"""
MOST_APART_M = 10.0
"""a declared height may differ from a grid's by this"""
MOST_ALOFT_S = 36_000.0
"""no take-off is looked for further back than this"""
GREATEST_ROLLBACK_S = 60.0
"""how far back the tracker may be asked to go"""
GREATEST_STITCH_S = 600.0
"""an object lost for longer than this is not recognised by how it moves"""

MOST_BIAS = {
    "range_m": 500.0,
    "azimuth_deg": 20.0,
    "elevation_deg": 20.0,
    "east_m": 200.0,
    "north_m": 200.0,
    "up_m": 200.0,
    "time_s": 10.0,
}
"""m, degrees and s, either way"""

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Included:
    """What a file that a site includes may declare."""

    sources: tuple[Source, ...] = ()
    sensors: tuple[Sensor, ...] = ()


@dataclass(frozen=True, slots=True)
class _Where:
    """Where the parts of a site are declared."""

    whole: str
    places: Places

    def __call__(self, *key: Key) -> str:
        """File and line of a key; of what it stands in when it is not written; else the whole."""
        while key and key not in self.places:
            key = key[:-1]
        return self.places[key] if key else self.whole


ReadZones = Callable[[bytes, str, str], tuple[Zone, ...]]
"""a published data set, its name and the IANA name of the civil time its schedules are meant in, to zones; raises
`BadConfiguration`"""


def load_site(path: Path, read_zones: ReadZones | None = None) -> tuple[Site, dict[str, str]]:
    """Read a site file and those it includes.

    Args:
        read_zones: for the published data sets that the site names; without it they are left aside, for those who do
            not ask about zones.

    Returns:
        The site, and the text of each mapping file by the name that the site gives it.

    Raises:
        BadConfiguration: a file is missing, or says something that cannot be or contradicts another.
    """
    text = read_text(path)
    site = loads(text, Site, where=str(path))
    where = _Where(str(path), places(text, where=str(path)))
    site = _include(site, path, where.places)
    site = _survey(site, path, where)
    if read_zones:
        site = _publish(site, path, where, read_zones)
    _check(site, where, zones_whole=read_zones is not None or not site.zone_files)
    mappings = {}
    for index, source in enumerate(site.sources):
        if not source.mapping:
            continue
        file = path.parent / source.mapping
        try:
            mappings[source.mapping] = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise BadConfiguration(
                f"the mapping {source.mapping} of source {source.id} cannot be read: {error}",
                where=where("sources", index, "mapping"),
            ) from error
    return site, mappings


def _include(site: Site, path: Path, declared: Places) -> Site:
    """The site with what its included files declare; where that stands is added to `declared`."""
    for number, pattern in enumerate(site.include):
        files = sorted(path.parent.glob(pattern)) if pattern and not Path(pattern).is_absolute() else []
        if not files:
            where = _Where(str(path), declared)("include", number)
            raise BadConfiguration(
                f"include {pattern!r} fits no file", where=where, hint="write a pattern relative to the site file"
            )
        for file in files:
            text = read_text(file)
            more = loads(text, _Included, where=str(file))
            counts: dict[Key, int] = {"sources": len(site.sources), "sensors": len(site.sensors)}
            for key, place in places(text, where=str(file)).items():
                if len(key) > 1 and isinstance(key[1], int):
                    declared[(key[0], key[1] + counts[key[0]], *key[2:])] = place
            site = replace(site, sources=site.sources + more.sources, sensors=site.sensors + more.sensors)
    return replace(site, include=())


def _survey(site: Site, path: Path, where: _Where) -> Site:
    """The site with what its grids of heights say of the land round it.

    The figures for the origin then come from the grids; one that was declared and says something else is refused.
    """
    for key, figure, what in (
        ("geoid", "geoid_undulation_m", "mean sea level above the ellipsoid"),
        ("terrain", "ground_height_m", "the ground above mean sea level"),
    ):
        name = getattr(site, f"{key}_file")
        if not name:
            continue
        file = path.parent / name
        try:
            data = file.read_bytes()
        except OSError as error:
            raise BadConfiguration(f"{name} cannot be read: {error.strerror}", where=where(f"{key}_file")) from error
        origin = site.origin
        try:
            grid = cut(read_grid(data, file.name), name, origin.latitude, origin.longitude, GRID_WITHIN_KM)
        except BadConfiguration as error:
            raise BadConfiguration(error.what, where=str(file), hint=error.hint) from error
        here = float(grid.at(origin.latitude, origin.longitude))
        if not isfinite(here):
            raise BadConfiguration(f"{name} does not know the height at the site's origin", where=str(file))
        declared = getattr(site, figure)
        if (figure,) in where.places and abs(declared - here) > MOST_APART_M:
            raise BadConfiguration(
                f"{figure} {declared:g} is not what {name} says of the origin: {what} is {here:.1f} m",
                where=where(figure),
                hint=f"leave {figure} out, or take another grid: were the ellipsoid and the sea mixed up?",
            )
        changed: dict[str, Any] = {key: grid, figure: here, f"{key}_file": ""}
        site = replace(site, **changed)
    return site


def _publish(site: Site, path: Path, where: _Where, read_zones: ReadZones) -> Site:
    """The site with the published zones that come near it, after its own."""
    found: list[Zone] = []
    for number, name in enumerate(site.zone_files):
        file = path.parent / name
        try:
            data = file.read_bytes()
        except OSError as error:
            raise BadConfiguration(
                f"the zones {name} cannot be read: {error.strerror}", where=where("zone_files", number)
            ) from error
        try:
            found += read_zones(data, name, site.time_zone)
        except BadConfiguration as error:
            raise BadConfiguration(error.what, where=str(file), hint=error.hint) from error
    near = tuple(zone for zone in found if _comes_near(zone, site))
    return replace(site, zones=site.zones + near, zone_files=())


def _comes_near(zone: Zone, site: Site) -> bool:
    """Whether the box round any of a zone's volumes comes within `zones_within_km` of the origin."""
    reach = site.zones_within_km * 1e3 / METRES_PER_DEGREE
    here = site.origin
    for volume in zone.volumes:
        if volume.circle is not None:
            rim = volume.circle.radius / METRES_PER_DEGREE
            corners = [(volume.circle.longitude, volume.circle.latitude)]
        else:
            rim, corners = 0.0, [corner for ring in volume.polygon or () for corner in ring]
        longitudes, latitudes = zip(*corners, strict=True)
        wide = (reach + rim) / max(cos(here.latitude * DEGREE), 0.01)
        if (
            min(latitudes) - reach - rim <= here.latitude <= max(latitudes) + reach + rim
            and min(longitudes) - wide <= here.longitude <= max(longitudes) + wide
        ):
            return True
    return False


def check_site(site: Site, where: str) -> None:
    """Hold the parts of a site against each other.

    Raises:
        BadConfiguration: two things have one name, something names what is not there, or a figure cannot be.
    """
    _check(site, _Where(where, {}), zones_whole=not site.zone_files)


def _check(site: Site, where: _Where, *, zones_whole: bool) -> None:
    """With `zones_whole` false some zones are not known here, and nothing is said of those an authorisation names."""
    for what, ids in (
        ("sources", [source.id for source in site.sources]),
        ("sensors", [sensor.id for sensor in site.sensors]),
        ("outputs", [output.id for output in site.outputs]),
        ("zones", [zone.id for zone in site.zones]),
        ("authorisations", [each.id for each in site.authorisations]),
    ):
        _check_distinct(what, ids, where)
    try:
        ZoneInfo(site.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise BadConfiguration(
            f"time_zone {site.time_zone!r} is no time zone",
            where=where("time_zone"),
            hint="write it as Europe/Amsterdam",
        ) from None
    if site.step_s <= 0.0 or site.reorder_s < 0.0:
        raise BadConfiguration(
            f"step_s {site.step_s:g} must be positive, reorder_s not negative", where=where("step_s")
        )
    if not (0.0 <= site.takeoff.wind_speed_m_s < inf and 0.0 < site.takeoff.longest_s <= MOST_ALOFT_S):
        raise BadConfiguration(
            f"takeoff: wind_speed_m_s {site.takeoff.wind_speed_m_s:g} must not be negative, and longest_s "
            f"{site.takeoff.longest_s:g} lie between 0 and {MOST_ALOFT_S:g}",
            where=where("takeoff"),
        )
    if not 0.0 <= site.tracking.stitch_s <= GREATEST_STITCH_S:
        raise BadConfiguration(
            f"tracking.stitch_s {site.tracking.stitch_s:g} must lie between 0 and {GREATEST_STITCH_S:g}",
            where=where("tracking", "stitch_s"),
        )
    if not 0.0 <= site.tracking.rollback_s <= GREATEST_ROLLBACK_S:
        raise BadConfiguration(
            f"tracking.rollback_s {site.tracking.rollback_s:g} must lie between 0 and {GREATEST_ROLLBACK_S:g}",
            where=where("tracking", "rollback_s"),
            hint="it takes memory and work for every second; raise reorder_s for reports that are always late",
        )
    for name in ("every_s", "time_stamp_every_s"):
        if not getattr(site.sealing, name) >= 1.0:
            raise BadConfiguration(f"sealing.{name} must be a second or more", where=where("sealing", name))
    for index, source in enumerate(site.sources):
        _check_source(source, index, where)
    for index, sensor in enumerate(site.sensors):
        _check_sensor(sensor, site, index, where)
    _check_identities(site, where)
    for index, output in enumerate(site.outputs):
        _check_output(output, index, where)
    if not site.zones_within_km > 0.0:
        raise BadConfiguration(
            f"zones_within_km {site.zones_within_km:g} must be positive", where=where("zones_within_km")
        )
    zones = [zone.id for zone in site.zones]
    for index, authorisation in enumerate(site.authorisations):
        _check_authorisation(authorisation, zones if zones_whole else None, where("authorisations", index))


def _check_distinct(what: str, ids: list[str], where: _Where) -> None:
    for index, name in enumerate(ids):
        if not name:
            raise BadConfiguration(f"one of the {what} has an empty id", where=where(what, index, "id"))
        if name in ids[:index]:
            raise BadConfiguration(
                f"two {what} are called {name!r}", where=where(what, index, "id"), hint="give each its own id"
            )


def _check_source(source: Source, index: int, where: _Where) -> None:
    def at(key: str) -> str:
        return where("sources", index, key)

    if source.format != Format.SAPIENT and (source.format == Format.TABLE) != bool(source.mapping):
        what = "needs a mapping" if source.format == Format.TABLE else "is no table and takes no mapping"
        raise BadConfiguration(f"source {source.id} {what}", where=at("mapping"))
    if source.editions and source.format != Format.ASTERIX:
        raise BadConfiguration(f"source {source.id} is no ASTERIX and has no editions", where=at("editions"))
    if source.clock_tolerance_s <= 0.0:
        raise BadConfiguration(f"source {source.id}: clock_tolerance_s must be positive", where=at("clock_tolerance_s"))
    if not source.poll_s > 0.0:
        raise BadConfiguration(f"source {source.id}: poll_s {source.poll_s:g} must be positive", where=at("poll_s"))
    kind, _, name = source.secret.partition(":")
    if source.secret and (kind not in ("env", "file") or not name):
        raise BadConfiguration(
            f"source {source.id}: secret must say where the secret is kept, never the secret itself",
            where=at("secret"),
            hint="secret = 'env:NAME' or 'file:/path'",
        )
    if source.connect:
        _check_link(source, at)


def _check_link(source: Source, at: Callable[[str], str]) -> None:
    """Hold the way bytes come against what they are."""
    try:
        link = parse_link(source.connect)
    except BadConfiguration as error:
        raise BadConfiguration(f"source {source.id}: {error.what}", where=at("connect"), hint=error.hint) from None
    if isinstance(link, STREAM_LINKS) and source.format not in STREAM_FORMATS:
        raise BadConfiguration(
            f"source {source.id}: {source.format} does not come in a stream",
            where=at("connect"),
            hint="use udp://HOST:PORT or mqtt://HOST/TOPIC",
        )
    only = LINKS_OF.get(source.format)
    if only is not None and not isinstance(link, only):
        raise BadConfiguration(f"source {source.id}: {source.format} does not come that way", where=at("connect"))
    if source.secret and not isinstance(link, MqttLink | HttpLink):
        raise BadConfiguration(f"source {source.id}: only mqtt and http take a secret", where=at("secret"))


def _check_bias(sensor: Sensor, at: Callable[[str], str]) -> None:
    """A bias beyond `MOST_BIAS` is a wrong declaration of the place, the axis or the clock, and belongs there."""
    for name, most in MOST_BIAS.items():
        value = getattr(sensor.bias, name)
        if not -most <= value <= most:
            raise BadConfiguration(
                f"sensor {sensor.id}: bias {name} {value:g} is beyond {most:g}",
                where=at(name),
                hint="declare the sensor's place, or set its axis or clock right, and calibrate what remains",
            )
        quantity, _, unit = name.rpartition("_")
        sigma = getattr(sensor.bias, f"{quantity}_sigma_{unit}")
        if sigma is not None and not 0.0 < sigma < inf:
            raise BadConfiguration(
                f"sensor {sensor.id}: bias {quantity}_sigma_{unit} {sigma:g} must be positive",
                where=at(f"{quantity}_sigma_{unit}"),
            )


CLASSIFYING = (Format.TABLE, Format.SAPIENT)
"""formats of which words for categories are read; an observer's go by how sure he was"""


def _check_classification(sensor: Sensor, form: Format, at: Callable[[str], str]) -> None:
    """What is declared of a sensor's word for what it sees must be possible, and of a sensor that sees."""
    memory_s, confusion = sensor.classification.memory_s, sensor.classification.confusion
    if memory_s is None and not confusion:
        return
    if sensor.kind in CLAIM_RECEIVERS:
        raise BadConfiguration(
            f"sensor {sensor.id} is a {sensor.kind} and classifies nothing",
            where=at("memory_s" if memory_s is not None else "confusion"),
            hint="it passes on what aircraft say; only sensors that measure classify",
        )
    if memory_s is not None and not 0.0 <= memory_s < inf:
        raise BadConfiguration(
            f"sensor {sensor.id}: classification memory_s {memory_s:g} must be 0 or more", where=at("memory_s")
        )
    if confusion and form not in CLASSIFYING:
        raise BadConfiguration(
            f"sensor {sensor.id}: no classes are read from {form}, so there is nothing to confuse",
            where=at("confusion"),
            hint=f"they are from {' and '.join(CLASSIFYING)}",
        )
    for name, row in confusion.items():
        for each in (name, *row):
            if each not in CATEGORIES:
                raise BadConfiguration(
                    f"sensor {sensor.id}: category {each!r} of its confusion is not known",
                    where=at("confusion"),
                    hint=f"one of {', '.join(CATEGORIES)}",
                )
        if not all(0.0 <= share <= 1.0 for share in row.values()) or not 0.0 < sum(row.values()) <= 1.0 + 1e-6:
            raise BadConfiguration(
                f"sensor {sensor.id}: of what is a {name} it calls {sum(row.values()):g} something",
                where=at("confusion"),
                hint="the shares of a row lie between 0 and 1, and so does their sum; what is left it calls nothing",
            )


def _check_sensor(sensor: Sensor, site: Site, index: int, where: _Where) -> None:
    def at(key: str) -> str:
        return where("sensors", index, key)

    known = [source.id for source in site.sources]
    if sensor.source not in known:
        raise BadConfiguration(
            f"sensor {sensor.id} comes through source {sensor.source!r}, which there is not",
            where=at("source"),
            hint=f"sources are {', '.join(known) or 'none'}",
        )
    latitude, longitude = sensor.place.latitude, sensor.place.longitude
    if not (-90.0 <= latitude <= 90.0 and -180.0 <= longitude <= 180.0):
        raise BadConfiguration(
            f"sensor {sensor.id} stands at {latitude:g}, {longitude:g}, no place on earth", where=at("place")
        )
    positive = {
        "range_sigma_m": sensor.range_sigma_m,
        "azimuth_sigma_deg": sensor.azimuth_sigma_deg,
        "elevation_sigma_deg": sensor.elevation_sigma_deg,
        "position_sigma_m": sensor.position_sigma_m,
        "height_sigma_m": sensor.height_sigma_m,
        "period_s": sensor.period_s,
        "silent_after_s": sensor.silent_after_s,
        "latency_s": sensor.latency_s,
    }
    for name, value in positive.items():
        if not value > 0.0:
            raise BadConfiguration(f"sensor {sensor.id}: {name} {value:g} must be positive", where=at(name))
    _check_bias(sensor, lambda key: where("sensors", index, "bias", key))
    _check_classification(sensor, _format(sensor, site), lambda key: where("sensors", index, "classification", key))
    if not 0.0 < sensor.probability_of_detection <= 1.0:
        raise BadConfiguration(
            f"sensor {sensor.id}: probability_of_detection {sensor.probability_of_detection:g} is no probability",
            where=at("probability_of_detection"),
        )
    if sensor.range_max_m <= sensor.range_min_m:
        raise BadConfiguration(
            f"sensor {sensor.id}: range_max_m must be more than range_min_m", where=at("range_max_m")
        )
    if sensor.elevation_max_deg <= sensor.elevation_min_deg:
        raise BadConfiguration(
            f"sensor {sensor.id}: elevation_max_deg must be more than elevation_min_deg", where=at("elevation_max_deg")
        )
    if sensor.north_deg is not None and not -360.0 <= sensor.north_deg <= 360.0:
        raise BadConfiguration(
            f"sensor {sensor.id}: north_deg {sensor.north_deg:g} is no direction", where=at("north_deg")
        )
    if _format(sensor, site) == Format.SAPIENT:
        _check_node(sensor, site, index, at)
    if sensor.kind not in CLAIM_RECEIVERS and _format(sensor, site) in CLAIM_FORMATS:
        raise BadConfiguration(
            f"sensor {sensor.id} is a {sensor.kind}, but its source is {_format(sensor, site)}",
            where=at("kind"),
            hint=f"what aircraft say is heard by a {' or '.join(CLAIM_RECEIVERS)}",
        )


def _check_output(output: Output, index: int, where: _Where) -> None:
    def at(key: str) -> str:
        return where("outputs", index, key)

    try:
        link = parse_link(output.address)
    except BadConfiguration as error:
        what = error.what.replace("connect", "address", 1)
        raise BadConfiguration(f"output {output.id}: {what}", where=at("address"), hint=error.hint) from None
    if not isinstance(link, OUTPUT_LINKS[output.kind]):
        ways = {UdpLink: "udp://HOST:PORT", TcpLink: "tcp://HOST:PORT", TcpServerLink: "tcp-listen://HOST:PORT"}
        raise BadConfiguration(
            f"output {output.id}: {output.kind} is not sent that way",
            where=at("address"),
            hint=f"use {' or '.join(ways[each] for each in OUTPUT_LINKS[output.kind])}",
        )
    for each in output.what:
        if each not in SHOWN_BY[output.kind]:
            raise BadConfiguration(
                f"output {output.id}: {output.kind} does not show {each}",
                where=at("what"),
                hint=f"it shows {', '.join(SHOWN_BY[output.kind])}",
            )
    if not (0 <= output.sac <= 255 and 0 <= output.sic <= 255):
        raise BadConfiguration(f"output {output.id}: sac and sic lie between 0 and 255", where=at("sac"))
    if output.node_id and not _UUID.fullmatch(output.node_id):
        raise BadConfiguration(f"output {output.id}: node_id {output.node_id!r} is no UUID", where=at("node_id"))
    if not 0.1 <= output.every_s < inf or not 0.0 <= output.guard_s < inf:
        raise BadConfiguration(
            f"output {output.id}: every_s {output.every_s:g} must be at least 0.1, guard_s not negative",
            where=at("every_s"),
        )


def _check_node(sensor: Sensor, site: Site, index: int, at: Callable[[str], str]) -> None:
    """A sensor that comes by SAPIENT is known by the UUID of its node, and no other has it."""
    if not _UUID.fullmatch(sensor.key):
        raise BadConfiguration(
            f"sensor {sensor.id} comes by SAPIENT, and its key {sensor.key!r} is not the UUID of a node",
            where=at("key"),
            hint="the node says it in every message, and the watch when it turns one away",
        )
    for other in site.sensors[:index]:
        if other.source == sensor.source and other.key.lower() == sensor.key.lower():
            raise BadConfiguration(f"sensors {other.id} and {sensor.id} are the same node", where=at("key"))


def _check_authorisation(authorisation: Authorisation, zones: list[str] | None, where: str) -> None:
    """Its zones must be the site's own: a permission for a zone that is misspelt would permit nothing, unnoticed."""
    for name in authorisation.zones if zones is not None else ():
        if name not in (zones or ()):
            raise BadConfiguration(
                f"authorisation {authorisation.id} is for zone {name!r}, which there is not",
                where=where,
                hint=f"zones are {', '.join(zones or ()) or 'none'}",
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


def _check_identities(site: Site, where: _Where) -> None:
    """Sensors of one ASTERIX source must differ in SAC and SIC, or nobody knows whose a report is."""
    for source in site.sources:
        if source.format != Format.ASTERIX:
            continue
        seen = set()
        for index, sensor in enumerate(site.sensors):
            if sensor.source != source.id:
                continue
            if sensor.sac is None or sensor.sic is None:
                raise BadConfiguration(
                    f"sensor {sensor.id} needs sac and sic: its source is ASTERIX", where=where("sensors", index)
                )
            if (sensor.sac, sensor.sic) in seen:
                raise BadConfiguration(
                    f"two sensors of source {source.id} have SAC/SIC {sensor.sac}/{sensor.sic}",
                    where=where("sensors", index),
                )
            seen.add((sensor.sac, sensor.sic))
