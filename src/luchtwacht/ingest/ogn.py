"""Lines of the Open Glider Network to claims. Who asks not to be tracked is not: such a line is counted and goes no
further.

A line may come over several receivers: the same position of the same aircraft again is a repetition. Heights are above
mean sea level, which `Site.sea_level` brings to the ellipsoid.
"""

from __future__ import annotations

from math import cos, nan, radians, sin

from luchtwacht.codecs.ogn import AircraftBeacon, decode_ogn
from luchtwacht.codecs.ogn.beacon import FLARM, ICAO, OGN, RANDOM
from luchtwacht.errors import BadMessage
from luchtwacht.ingest.claimed import receiver_of
from luchtwacht.ingest.stated import Refusals, Stated, clock_fault, to_claims, undeclared
from luchtwacht.model import Category, ClaimKind, Claims, Frames, Reason, Rejection, Sensor, Site
from luchtwacht.units import DAY_NS, FOOT, FOOT_PER_MINUTE, KNOT, SECOND_NS, seconds_to_ns

FORGET_AFTER_S = 300.0
ROUNDING_M = 10.0
"""standard deviation of what is rounded to hundredths of a minute and to whole seconds"""
_SCHEMES = {RANDOM: "ogn", ICAO: "icao", FLARM: "flarm", OGN: "ogn"}
_STATIC = 15
_UNMANNED = 13
_CATEGORIES = dict.fromkeys((1, 2, 3, 5, 6, 7, 8, 9, 11, 12), Category.CREWED_AIRCRAFT) | {
    4: Category.OTHER,
    _UNMANNED: Category.MULTIROTOR,
    _STATIC: Category.OTHER,
}


class OgnIngest:
    """One source of lines of the Open Glider Network."""

    def __init__(self, site: Site, source: int) -> None:
        """Args:
        source: index into `Site.sources`.
        """
        self._source, self._index, self._site = site.sources[source], source, site
        self._receiver = receiver_of(site, source)
        self._given: dict[str, tuple[int, float, float]] = {}
        """by aircraft, the one heard longest ago first: time, latitude, longitude"""

    def state(self) -> dict[str, tuple[int, float, float]]:
        """The last position given of each aircraft."""
        return dict(self._given)

    def restore(self, state: dict[str, tuple[int, float, float]]) -> None:
        """Go on from what `state` gave."""
        self._given = dict(state)

    def receive(self, frames: Frames) -> tuple[Claims, tuple[Rejection, ...]]:
        """Claims and refusals, both in order of frame and record, from `frames`, which all come from this source."""
        refusals = Refusals(frames, self._index)
        stated: list[Stated] = []
        for row, payload in enumerate(frames.payloads()):
            for record, line in enumerate(payload.splitlines()):
                try:
                    beacon = decode_ogn(line)
                except BadMessage as error:
                    refusals.add(row, record, Reason.MALFORMED, error.where, error.what)
                    continue
                if beacon is None:
                    continue
                if self._receiver is None:
                    refusals.add(row, -1, Reason.UNDECLARED_SENSOR, "sensor", undeclared(self._source))
                    continue
                received_ns = int(frames.received_ns[row])
                made = self._state(beacon, row, record, received_ns, self._receiver.sensor, refusals)
                stated += [made] if made else []
        if self._receiver is None:
            return Claims.empty(), refusals.all()
        return to_claims(stated, frames, self._site.frame, self._receiver.index, ClaimKind.ADS_B), refusals.all()

    def _state(
        self, said: AircraftBeacon, row: int, record: int, received_ns: int, sensor: Sensor, refusals: Refusals
    ) -> Stated | None:
        if said.stealth or said.no_track:
            wish = "stealth" if said.stealth else "no tracking"
            refusals.add(row, record, Reason.PRIVATE, "id", f"its owner asks for {wish}: not shown, not kept in tracks")
            return None
        if said.aircraft_type == _STATIC:
            refusals.add(row, record, Reason.UNSUPPORTED, "id", "an obstacle on the ground, not an aircraft")
            return None
        time_ns = received_ns
        if not self._source.use_receive_time:
            midnight_ns = received_ns // DAY_NS * DAY_NS
            of_day_ns = said.time_of_day_s * SECOND_NS
            time_ns = min(
                (midnight_ns + day * DAY_NS + of_day_ns for day in (-1, 0, 1)), key=lambda each: abs(each - received_ns)
            )
        if abs(time_ns - received_ns) > seconds_to_ns(self._source.clock_tolerance_s):
            refusals.add(row, record, Reason.CLOCK, "time", clock_fault(time_ns - received_ns, self._source))
            return None
        aircraft_id = (
            f"{_SCHEMES.get(said.address_type, 'ogn')}:{said.address}" if said.address else f"aprs:{said.sender}"
        )
        news = (time_ns, said.latitude_deg, said.longitude_deg)
        if not self._is_news(aircraft_id, news):
            refusals.add(row, record, Reason.DUPLICATE, "position", "this aircraft's position was given already")
            return None
        sea = float(self._site.sea_level(said.latitude_deg, said.longitude_deg))
        track, speed = said.track_deg, said.ground_speed_kt
        moving = speed is not None and (track is not None or speed == 0)
        course, pace = radians(track or 0), (speed or 0) * KNOT
        horizontal = sensor.position_sigma_m
        if said.horizontal_accuracy_m is not None:
            horizontal = max(float(said.horizontal_accuracy_m), ROUNDING_M)
        vertical = sensor.height_sigma_m
        if said.vertical_accuracy_m is not None:
            vertical = max(float(said.vertical_accuracy_m), ROUNDING_M)
        return Stated(
            row=row,
            record=record,
            time_ns=time_ns,
            aircraft_id=aircraft_id,
            latitude_deg=said.latitude_deg,
            longitude_deg=said.longitude_deg,
            height_m=nan if said.altitude_ft is None else said.altitude_ft * FOOT + sea,
            horizontal_sigma_m=horizontal,
            vertical_sigma_m=vertical,
            east_m_s=pace * sin(course) if moving else nan,
            north_m_s=pace * cos(course) if moving else nan,
            up_m_s=nan if said.climb_ft_min is None else said.climb_ft_min * FOOT_PER_MINUTE,
            callsign=said.callsign,
            category=_CATEGORIES.get(said.aircraft_type, -1),
        )

    def _is_news(self, aircraft_id: str, news: tuple[int, float, float]) -> bool:
        """Whether it is later than what was given; it is remembered then."""
        given = self._given.get(aircraft_id)
        if given is not None and news[0] <= given[0]:
            return False
        self._given.pop(aircraft_id, None)
        self._given[aircraft_id] = news
        oldest = next(iter(self._given))
        while news[0] - self._given[oldest][0] > seconds_to_ns(FORGET_AFTER_S):
            del self._given[oldest]
            oldest = next(iter(self._given))
        return True
