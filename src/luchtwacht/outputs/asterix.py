"""The picture as ASTERIX, for an air traffic display.

    tracks    CAT062  every confirmed or coasted track, its covariance in I062/500; at its end once more with TSE
    plots     CAT015  what sensors measured, one report a detection, each value with its standard deviation
    claims    CAT129  what unmanned aircraft say of themselves
    status    CAT065  this system, every `STATUS_EVERY_NS`; CAT063 its sensors that have a SAC and SIC

Heights are above the WGS 84 ellipsoid (I062/130, I015/601) or above mean sea level (I129/090). What cannot be expressed
is left out, never bent: a height that nobody measured, a mere claim as a radar track.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from luchtwacht.codecs.asterix import encode, limits
from luchtwacht.errors import BadMessage
from luchtwacht.model import (
    UAS_CATEGORIES,
    Basis,
    Claimed,
    ClaimKind,
    Detected,
    Detections,
    Event,
    Floats,
    Geometry,
    Identified,
    Identities,
    Ints,
    Notice,
    NoticeKind,
    Order,
    Output,
    Shown,
    Site,
    Tracked,
    Tracks,
    TrackStatus,
)
from luchtwacht.outputs.numbering import TrackNumbers
from luchtwacht.units import DAY_NS, DEGREE, FOOT, FOOT_PER_MINUTE, SECOND_NS, seconds_to_ns

STATUS_EVERY_NS = 4 * SECOND_NS
STALE_NS = 10 * SECOND_NS
"""what is older is not shown: a watch that runs its past again shows nobody yesterday"""
MOST_WAITING = 4096
"""reports of one kind that wait for a receiver; the oldest are let go"""
TRACKS_A_BLOCK, PLOTS_A_BLOCK = 10, 16
"""so that a datagram stays below 1,400 octets"""
MOST_NUMBERS = 65_535
UNKNOWN_HEIGHT_M = 1_000.0
"""a height with a larger standard deviation was never measured"""
UNKNOWN_COUNTRY = "ZZ"
"""I129/050 is mandatory; ISO 3166 keeps this for users"""
_PLOT = 3
"""I015/000 MT: a plot, centred on its sensor"""
_EMITTER_UNMANNED = 13
"""I062/380 EMC"""
_SENSOR_STATES = {
    NoticeKind.SENSOR_SILENT: 3,
    NoticeKind.SENSOR_DEGRADED: 1,
    NoticeKind.SENSOR_HEARD: 0,
    NoticeKind.SENSOR_RESTORED: 0,
}
"""I063/060 CON: 0 operational, 1 degraded, 3 not connected"""
_COUNTRIES = {
    "AUT": "AT", "BEL": "BE", "BGR": "BG", "HRV": "HR", "CYP": "CY", "CZE": "CZ", "DNK": "DK", "EST": "EE", "FIN": "FI",
    "FRA": "FR", "DEU": "DE", "GRC": "GR", "HUN": "HU", "ISL": "IS", "IRL": "IE", "ITA": "IT", "LVA": "LV", "LIE": "LI",
    "LTU": "LT", "LUX": "LU", "MLT": "MT", "NLD": "NL", "NOR": "NO", "POL": "PL", "PRT": "PT", "ROU": "RO", "SVK": "SK",
    "SVN": "SI", "ESP": "ES", "SWE": "SE", "CHE": "CH", "GBR": "GB",
}  # fmt: skip
"""the first three letters of an operator registration in Europe (EN 4709-002), as ISO 3166-1 alpha-2"""

Columns = dict[str, Any]


class AsterixTranslator:
    """What one receiver is told; see `outputs.Translator`."""

    trouble = ""

    def __init__(self, site: Site, output: Output) -> None:
        self._site, self._output = site, output
        self._every_ns = seconds_to_ns(output.every_s)
        self._numbers = TrackNumbers(MOST_NUMBERS, seconds_to_ns(output.guard_s))
        self._tracks = Tracks.empty()
        self._tracks_ns = self._shown_ns = 0
        self._shown: set[int] = set()
        """tracks of which the receiver was told"""
        self._ended: dict[int, Tracks] = {}
        self._identities = Identities.empty()
        self._plots: list[Detections] = []
        self._claims: list[Any] = []
        self._sensor_states = [0 for _ in site.sensors]
        self._status_ns = 0
        self.left_out = 0
        """reports that were not sent: no number was free, a value did not fit, or too many waited"""

    def take(self, events: tuple[Event, ...]) -> None:
        for event in events:
            match event:
                case Tracked():
                    self._take_tracks(event)
                case Identified():
                    self._identities = event.identities
                case Detected() if Shown.PLOTS in self._output.what:
                    self._plots = self._bounded([*self._plots, event.detections])
                case Claimed() if Shown.CLAIMS in self._output.what:
                    self._claims = self._bounded([*self._claims, event.claims])
                case Notice() if event.kind in _SENSOR_STATES:
                    for index, sensor in enumerate(self._site.sensors):
                        if sensor.id == event.subject:
                            self._sensor_states[index] = _SENSOR_STATES[event.kind]

    def opened(self) -> None:
        self._status_ns = 0

    def receive(self, data: bytes, now_ns: int) -> list[Order]:
        """Nobody answers in ASTERIX; what comes is let go."""
        return []

    def due(self, now_ns: int) -> list[bytes]:
        blocks: list[bytes] = []
        if Shown.STATUS in self._output.what and now_ns - self._status_ns >= STATUS_EVERY_NS:
            self._status_ns = now_ns
            blocks += self._status(now_ns)
        if Shown.TRACKS in self._output.what:
            blocks += self._due_tracks(now_ns)
        plots, self._plots = self._plots, []
        for detections in plots:
            fresh = detections.take(now_ns - detections.time_ns < STALE_NS)
            blocks += self._encode(15, _plot_columns(fresh, self._site, self._output), PLOTS_A_BLOCK)
        claims, self._claims = self._claims, []
        for said in claims:
            fresh = said.take((now_ns - said.time_ns < STALE_NS) & (said.kind != ClaimKind.ADS_B))
            blocks += self._encode(129, _claim_columns(fresh, self._site, self._output), 1)
        return blocks

    # ------------------------------------------------------------------ tracks

    def _take_tracks(self, event: Tracked) -> None:
        """Keep the latest of each; of one that ended, its last."""
        tracks = event.tracks
        ended = tracks.status == TrackStatus.TERMINATED
        for row in np.flatnonzero(ended).tolist():
            self._ended[int(tracks.track[row])] = tracks.take([row])
        while len(self._ended) > MOST_WAITING:
            self._ended.pop(next(iter(self._ended)))
            self.left_out += 1
        live = (tracks.status == TrackStatus.CONFIRMED) | (tracks.status == TrackStatus.COASTED)
        self._tracks, self._tracks_ns = tracks.take(live), event.time_ns

    def _due_tracks(self, now_ns: int) -> list[bytes]:
        blocks: list[bytes] = []
        ended = [tracks for track, tracks in self._ended.items() if track in self._shown]
        self._ended.clear()
        if ended:
            last = Tracks.concatenate(ended)
            blocks += self._encode_tracks(last)
            for track in last.track.tolist():
                self._shown.discard(track)
                self._numbers.end(track, now_ns)
        if self._tracks_ns - self._shown_ns < self._every_ns or now_ns - self._tracks_ns > STALE_NS:
            return blocks
        self._shown_ns = self._tracks_ns
        return blocks + self._encode_tracks(self._tracks)

    def _encode_tracks(self, tracks: Tracks) -> list[bytes]:
        numbers = [self._numbers.number(track, self._tracks_ns) for track in tracks.track.tolist()]
        known = np.array([number is not None for number in numbers], dtype=np.bool_)
        self.left_out += int((~known).sum())
        tracks = tracks.take(known)
        first = np.array([track not in self._shown for track in tracks.track.tolist()], dtype=np.bool_)
        self._shown.update(tracks.track.tolist())
        given = np.array([number for number in numbers if number is not None], dtype=np.int64)
        columns = _track_columns(tracks, self._identities, given, first, self._site, self._output)
        return self._encode(62, columns, TRACKS_A_BLOCK)

    # ------------------------------------------------------------------ state

    def _status(self, now_ns: int) -> list[bytes]:
        source = self._source(65, 1)
        of_day = _time_of_day([now_ns])
        system = {**source, "I065/000": [1], "I065/015": [1], "I065/030": of_day, "I065/040/NOGO": [0]}
        blocks = self._encode(65, system, 1)
        rows = [index for index, each in enumerate(self._site.sensors) if each.sac is not None and each.sic is not None]
        sensors = [self._site.sensors[index] for index in rows]
        columns = {
            **self._source(63, len(rows)),
            "I063/015": np.ones(len(rows), dtype=np.int64),
            "I063/030": np.repeat(of_day, len(rows)),
            "I063/050/SAC": [sensor.sac for sensor in sensors],
            "I063/050/SIC": [sensor.sic for sensor in sensors],
            "I063/060/CON": [self._sensor_states[index] for index in rows],
        }
        return blocks + self._encode(63, columns, 32)

    def _source(self, category: int, count: int) -> Columns:
        return _identity(category, count, self._output.sac, self._output.sic)

    def _bounded(self, batches: Sequence[Any]) -> list[Any]:
        kept, count = list(batches), sum(len(each) for each in batches)
        while len(kept) > 1 and count > MOST_WAITING:
            count -= len(kept[0])
            self.left_out += len(kept.pop(0))
        return kept

    def _encode(self, category: int, columns: Mapping[str, Any], a_block: int) -> list[bytes]:
        """Blocks; when a value does not fit, what can be sent of the others."""
        count = len(next(iter(columns.values())))
        if not count:
            return []
        try:
            return encode(category, columns, records_per_block=a_block)
        except BadMessage:
            if count == 1:
                self.left_out += 1
                return []
        made = []
        for row in range(count):
            made += self._encode(category, {name: np.asarray(each)[[row]] for name, each in columns.items()}, 1)
        return made


# -- columns ---------------------------------------------------------------------------------------------------------


def _identity(category: int, count: int, sac: int, sic: int) -> Columns:
    return {f"I{category:03d}/010/SAC": np.full(count, sac), f"I{category:03d}/010/SIC": np.full(count, sic)}


def _time_of_day(time_ns: Any) -> Floats:
    """(n,) seconds since midnight UTC."""
    return np.asarray(np.asarray(time_ns, dtype=np.int64) % DAY_NS / SECOND_NS)


def _degrees(site: Site, place: Floats) -> Floats:
    """(n, 3) latitude, longitude (deg) and ellipsoidal height (m) of east, north, up (m)."""
    return np.asarray(site.frame.from_enu(place) / np.array([DEGREE, DEGREE, 1.0]))


def _fit(category: int, name: str, values: Floats) -> Floats:
    """Values held to what their bits can say."""
    return np.clip(values, *limits(category, name))


def _track_columns(
    tracks: Tracks, identities: Identities, numbers: Ints, first: Any, site: Site, output: Output
) -> Columns:
    count, place = len(tracks), _degrees(site, tracks.x[:, :3])
    deviation = np.sqrt(np.diagonal(tracks.P, axis1=1, axis2=2))
    covariance = tracks.P[:, 0, 1]
    has_height = deviation[:, 2] < UNKNOWN_HEIGHT_M
    age = (tracks.time_ns - tracks.updated_ns) / SECOND_NS
    measured = tracks.basis == Basis.MEASURED
    one = np.array([bin(bits).count("1") == 1 for bits in tracks.sensors.tolist()], dtype=np.int64)
    said = _identified(tracks, identities)
    uas = tracks.category_probability[:, list(UAS_CATEGORIES)].sum(axis=1) > 0.5
    across = DEGREE * 6_371_000.0
    return {
        **_identity(62, count, output.sac, output.sic),
        "I062/015": np.ones(count, dtype=np.int64),
        "I062/070": _time_of_day(tracks.time_ns),
        "I062/105/LAT": place[:, 0],
        "I062/105/LON": place[:, 1],
        "I062/100/X": tracks.x[:, 0],
        "I062/100/Y": tracks.x[:, 1],
        "I062/185/VX": tracks.x[:, 3],
        "I062/185/VY": tracks.x[:, 4],
        "I062/245/STI": np.where(said["callsign"] != "", 0, -1),
        "I062/245/CHR": said["callsign"],
        "I062/380/ADR": said["address"],
        "I062/380/ID": said["callsign"],
        "I062/380/EMC": np.where(uas, _EMITTER_UNMANNED, -1),
        "I062/040": numbers,
        "I062/080/MON": one,
        "I062/080/SRC": np.where(has_height & measured, 2, np.where(has_height, 1, 0)),
        "I062/080/CNF": np.zeros(count, dtype=np.int64),
        "I062/080/SIM": np.zeros(count, dtype=np.int64),
        "I062/080/TSE": (tracks.status == TrackStatus.TERMINATED).astype(np.int64),
        "I062/080/TSB": np.asarray(first, dtype=np.int64),
        "I062/080/CST": (tracks.status != TrackStatus.CONFIRMED).astype(np.int64),
        "I062/080/PSR": np.where(measured, 0, 1),
        "I062/080/SSR": np.ones(count, dtype=np.int64),
        "I062/080/MDS": np.ones(count, dtype=np.int64),
        "I062/080/ADS": np.where(measured, 1, 0),
        "I062/290/TRK": (tracks.time_ns - tracks.started_ns) / SECOND_NS,
        "I062/290/PSR": np.where(measured, age, np.nan),
        "I062/290/ES": np.where(measured, np.nan, age),
        "I062/130": np.where(has_height, _fit(62, "I062/130", place[:, 2] / FOOT), np.nan),
        "I062/220": np.where(has_height, _fit(62, "I062/220", tracks.x[:, 5] / FOOT_PER_MINUTE), np.nan),
        "I062/500/APC/X": deviation[:, 0],
        "I062/500/APC/Y": deviation[:, 1],
        "I062/500/COV": _fit(62, "I062/500/COV", np.sign(covariance) * np.sqrt(np.abs(covariance))),
        "I062/500/APW/LAT": deviation[:, 1] / across,
        "I062/500/APW/LON": deviation[:, 0] / (across * np.cos(place[:, 0] * DEGREE)),
        "I062/500/AGA": np.where(has_height, deviation[:, 2] / FOOT, np.nan),
        "I062/500/ATV/X": deviation[:, 3],
        "I062/500/ATV/Y": deviation[:, 4],
        "I062/500/ARC": np.where(has_height, deviation[:, 5] / FOOT_PER_MINUTE, np.nan),
    }


def _identified(tracks: Tracks, identities: Identities) -> dict[str, Any]:
    """What each track is most likely called: a call sign, or the end of a serial number; a 24-bit address."""
    known = {track: row for row, track in enumerate(identities.track.tolist())}
    callsigns, addresses = [], []
    for track in tracks.track.tolist():
        row = known.get(track)
        scheme, _, value = ("", "", "") if row is None else str(identities.aircraft_id[row]).partition(":")
        callsign = "" if row is None else str(identities.callsign[row]).strip()
        callsigns.append(_icao(callsign or (value[-8:] if scheme == "uas" else "")))
        is_address = scheme == "icao" and len(value) == 6 and all(each in "0123456789ABCDEFabcdef" for each in value)
        addresses.append(int(value, 16) if is_address else -1)
    return {"callsign": np.array(callsigns, dtype="U8"), "address": np.array(addresses, dtype=np.int64)}


def _icao(text: str) -> str:
    """What the six-bit alphabet of ICAO annex 10 can write of a text."""
    return "".join(each for each in text.upper() if each.isascii() and each.isalnum())[:8]


def _plot_columns(detections: Detections, site: Site, output: Output) -> Columns:
    """One report a detection. A sensor without a SAC and SIC of its own reports as this system."""
    count, polar = len(detections), detections.geometry == Geometry.POLAR
    sensors = [site.sensors[index] for index in detections.sensor.tolist()]
    own = [sensor.sac is not None and sensor.sic is not None for sensor in sensors]
    pairs = [
        (each.sac, each.sic) if mine else (output.sac, output.sic) for each, mine in zip(sensors, own, strict=True)
    ]
    deviation = np.sqrt(np.diagonal(detections.R, axis1=1, axis2=2))
    z = np.where(polar[:, None], detections.z, np.nan)
    sigma = np.where(polar[:, None], deviation, np.nan)
    up = detections.z[:, 2]
    place = _degrees(site, np.column_stack([detections.z[:, :2], np.nan_to_num(up)])) if count else np.zeros((0, 3))
    place[polar] = np.nan
    height = np.where(np.isfinite(up), place[:, 2], np.nan)
    flat = np.where(polar[:, None], np.nan, deviation)
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = detections.R[:, 0, 1] / (deviation[:, 0] * deviation[:, 1])
    return {
        "I015/010/SAC": np.array([pair[0] for pair in pairs], dtype=np.int64),
        "I015/010/SIC": np.array([pair[1] for pair in pairs], dtype=np.int64),
        "I015/000/MT": np.full(count, _PLOT),
        "I015/000/RG": np.zeros(count, dtype=np.int64),
        "I015/015": np.ones(count, dtype=np.int64),
        "I015/020/MOMU": np.zeros(count, dtype=np.int64),
        "I015/020/TTAX": np.zeros(count, dtype=np.int64),
        "I015/145": _time_of_day(detections.time_ns),
        "I015/600/P84/LATITUDE": place[:, 0],
        "I015/600/P84/LONGITUDE": place[:, 1],
        "I015/600/HPP/SDHPX": flat[:, 0],
        "I015/600/HPP/SDHPY": flat[:, 1],
        "I015/600/HPP/COSDHPXY": np.where(polar, np.nan, np.clip(correlation, -1.0, 127.0 / 128.0)),
        "I015/601/GH": height,
        "I015/601/SDGH": np.where(np.isfinite(height), deviation[:, 2], np.nan),
        "I015/625/R": z[:, 0],
        "I015/625/SDR": sigma[:, 0],
        "I015/626/DV": z[:, 3],
        "I015/626/SDDV": sigma[:, 3],
        "I015/627/AZ": z[:, 1] / DEGREE,
        "I015/627/SDASZ": sigma[:, 1] / DEGREE,
        "I015/628/EL": z[:, 2] / DEGREE,
        "I015/628/SDEL": sigma[:, 2] / DEGREE,
        "I015/630/RPS": np.clip(detections.snr_db, -128.0, 127.0),
    }


def _claim_columns(claims: Any, site: Site, output: Output) -> Columns:
    """One report a claim that says where; the serial number is cut to its last twelve characters."""
    claims = claims.take(np.isfinite(claims.position[:, :2]).all(axis=1))
    place = _degrees(site, np.column_stack([claims.position[:, :2], np.nan_to_num(claims.position[:, 2])]))
    height = np.where(
        np.isfinite(claims.position[:, 2]), place[:, 2] - site.sea_level(place[:, 0], place[:, 1]), np.nan
    )
    names = [str(each).partition(":")[2] for each in claims.aircraft_id.tolist()]
    countries = [_COUNTRIES.get(str(each)[:3].upper(), UNKNOWN_COUNTRY) for each in claims.operator_id.tolist()]
    deviation = np.sqrt(np.maximum(claims.position_covariance[:, 0, 0], claims.position_covariance[:, 1, 1]))
    return {
        **_identity(129, len(claims), output.sac, output.sic),
        "I129/040": np.array([name[-12:] for name in names], dtype="U12"),
        "I129/050": np.array(countries, dtype="U2"),
        "I129/070": _time_of_day(claims.time_ns),
        "I129/080/LAT": place[:, 0],
        "I129/080/LON": place[:, 1],
        "I129/090": height,
        "I129/110": np.ceil(deviation),
        "I129/185/VX": claims.velocity[:, 0],
        "I129/185/VY": claims.velocity[:, 1],
        "I129/220": claims.velocity[:, 2],
    }
