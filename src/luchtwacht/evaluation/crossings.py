"""When drones truly flew into zones without permission, and what the watch said about it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from luchtwacht.airspace.schedule import Calendar
from luchtwacht.evaluation.assignment import Floats, Ints
from luchtwacht.evaluation.matching import NOBODY, Picture
from luchtwacht.evaluation.truth import Courses
from luchtwacht.model import Alert, AlertKind, Restriction, Site, Zone
from luchtwacht.model.region import footprint_of, limits_over
from luchtwacht.units import DEGREE, SECOND_NS

_GRID_NS = SECOND_NS // 10
SLACK_NS = 10 * SECOND_NS
"""an intrusion said this much before the true entry, or after the true exit, still belongs to that stay"""
_FORBIDDING = (Restriction.PROHIBITED, Restriction.REQ_AUTHORISATION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """A drone without permission truly entered a zone."""

    object: str
    zone: str
    entered_ns: int
    """ns UTC, to a tenth of a second; the start of its course when it began inside"""
    left_ns: int
    """ns UTC at which it left again, or its course ended"""
    alert: int
    """`Alert.id` of the intrusion raised for it; 0 when there was none"""
    alerted_s: float
    """from entry to the alert that it is inside; negative when it was said too soon, 0 when an alert from the stay
    before was still active, NaN without alert"""
    warned_s: float
    """from entry to the first alert, of approach or intrusion; negative when it was foretold, NaN without"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFigures:
    """The alerts against what truly happened."""

    crossings: tuple[Crossing, ...]
    missed: int
    """crossings without an alert of intrusion"""
    false: int
    """alerts of intrusion for which no drone without permission was in the zone"""
    false_approaches: int
    """alerts of approach, never followed by an intrusion, of something that is no drone or has permission"""
    delay_median_s: float
    delay_worst_s: float


def inside(zone: Zone, site: Site, position: Floats) -> NDArray[np.bool_]:
    """(n,) whether `position` (n, 3), site's frame, lies in the zone's volumes."""
    geodetic = site.frame.from_enu(position)
    places, height = geodetic[:, :2] / DEGREE, geodetic[:, 2]
    ground, sea = site.ground_level(*places.T), site.sea_level(*places.T)
    found = np.zeros(len(position), dtype=np.bool_)
    for volume in zone.volumes:
        lower, upper = limits_over(volume, ground, sea)
        outline = footprint_of(volume, site, f"zone {zone.id}")
        found |= shapely.contains_xy(outline, position[:, 0], position[:, 1]) & (height >= lower) & (height <= upper)
    return found


def judge_alerts(picture: Picture) -> AlertFigures:
    """Pair alerts with true crossings of the same zone by the object that the alert's tracks mostly were.

    An alert belongs to the stay during which it was said (give or take `SLACK_NS`), and to a later one at whose
    beginning it was still active. What belongs to no stay is false.
    """
    told = histories(picture.alerts)
    subjects = {number: _subject(versions[-1], picture) for number, versions in told.items()}
    crossings: list[Crossing] = []
    used: set[int] = set()
    for row, zone, entered_ns, left_ns in _true_stays(picture.courses, picture.site):
        mine = [n for n in told if subjects[n] == row and told[n][-1].zone == zone]
        said = sorted((at, n) for n in mine if (at := _said_for(told[n], entered_ns, left_ns, n in used)) is not None)
        warned = [max(told[n][0].raised_ns, entered_ns) if n in used else told[n][0].raised_ns for _, n in said]
        crossings.append(
            Crossing(
                object=picture.courses.names[row],
                zone=zone,
                entered_ns=entered_ns,
                left_ns=left_ns,
                alert=said[0][1] if said else 0,
                alerted_s=(said[0][0] - entered_ns) / SECOND_NS if said else float("nan"),
                warned_s=(min(warned) - entered_ns) / SECOND_NS if warned else float("nan"),
            )
        )
        used.update(n for _, n in said)
    rest = [versions for n, versions in told.items() if n not in used and versions[-1].zone]
    delays = [each.alerted_s for each in crossings if each.alert]
    harmless = [v for v in rest if said_inside_ns(v) is None and not _unpermitted(subjects[v[0].id], picture.courses)]
    return AlertFigures(
        crossings=tuple(crossings),
        missed=sum(not each.alert for each in crossings),
        false=sum(said_inside_ns(versions) is not None for versions in rest),
        false_approaches=len(harmless),
        delay_median_s=float(np.median(delays)) if delays else float("nan"),
        delay_worst_s=max(delays, default=float("nan")),
    )


def _said_for(versions: list[Alert], entered_ns: int, left_ns: int, used: bool) -> int | None:
    """When this alert said that the drone is inside, for this stay; none when it did not."""
    said_ns = said_inside_ns(versions)
    if said_ns is None:
        return None
    if entered_ns - SLACK_NS <= said_ns <= left_ns + SLACK_NS:
        return said_ns
    before = [each for each in versions if each.changed_ns <= entered_ns]
    return entered_ns if used and before and before[-1].active else None


def histories(alerts: tuple[Alert, ...]) -> dict[int, list[Alert]]:
    """Every version of each alert, in order of change."""
    found: dict[int, list[Alert]] = {}
    for each in alerts:
        found.setdefault(each.id, []).append(each)
    return {number: sorted(found[number], key=lambda alert: alert.changed_ns) for number in sorted(found)}


def said_inside_ns(versions: list[Alert]) -> int | None:
    """When it was first said to be inside; an approach may turn into an intrusion."""
    for place, each in enumerate(versions):
        if each.kind is AlertKind.ZONE_INTRUSION:
            return each.raised_ns if place == 0 else each.changed_ns
    return None


def _subject(alert: Alert, picture: Picture) -> int:
    """The object that the alert's tracks mostly were; `NOBODY` when they were none."""
    rows = np.isin(picture.estimates.track, alert.tracks or (alert.track,)) & (picture.estimates.object != NOBODY)
    objects = picture.estimates.object[rows]
    return int(np.bincount(objects).argmax()) if len(objects) else NOBODY


def _unpermitted(row: int, known: Courses) -> bool:
    """Whether it is a drone that may not fly there."""
    return row != NOBODY and bool(known.is_drone[row]) and known.permitted[row] != 1


def _true_stays(known: Courses, site: Site) -> list[tuple[int, str, int, int]]:
    """Object, zone, entry and exit of every stay of a drone without permission, in order of entry."""
    found = []
    for row in range(len(known.names)):
        if not _unpermitted(row, known):
            continue
        times = np.arange(known.times[row][0], known.times[row][-1] + 1, _GRID_NS, dtype=np.int64)
        position, _, there = known.at(row, times)
        for zone in site.zones:
            if zone.restriction in _FORBIDDING:
                within = there & inside(zone, site, position) & _in_force(zone, times)
                change = np.diff(within.astype(np.int8), prepend=0, append=0)
                stays = zip(np.flatnonzero(change == 1).tolist(), np.flatnonzero(change == -1).tolist(), strict=True)
                found += [(row, zone.id, int(times[first]), int(times[last - 1])) for first, last in stays]
    return sorted(found, key=lambda stay: (stay[2], stay[0], stay[1]))


def _in_force(zone: Zone, times: Ints) -> NDArray[np.bool_]:
    """(n,) whether the zone holds at each time (ascending)."""
    calendar, held, at = Calendar.of(zone), np.zeros(len(times), dtype=np.bool_), 0
    while at < len(times):
        holds, _, until = calendar.state(int(times[at]))
        end = int(np.searchsorted(times, until))
        held[at : max(end, at + 1)] = holds
        at = max(end, at + 1)
    return held
