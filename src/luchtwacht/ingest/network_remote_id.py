"""Network Remote ID to claims: each new state of a flight, with what the provider's details say of the aircraft.

Answers with flights and answers with details come as frames of one source; details are kept by flight while it is
heard. A claim made before the details came names the flight (`session:`) and not yet the aircraft.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, nan, radians, sin

from luchtwacht.codecs.remote_id import HORIZONTAL_ACCURACY_M, VERTICAL_ACCURACY_M, Status
from luchtwacht.codecs.remote_id.network import Fault, NetworkDetails, NetworkFlight, decode_network
from luchtwacht.ingest.claimed import INTERVAL_95, RADIUS_95, receiver_of
from luchtwacht.ingest.remote_id import category_of
from luchtwacht.ingest.stated import Refusals, Stated, clock_fault, to_claims, undeclared
from luchtwacht.model import ClaimKind, Claims, Frames, Reason, Rejection, Sensor, Site
from luchtwacht.model.state import copied
from luchtwacht.units import seconds_to_ns

FORGET_AFTER_S = 300.0
_EMERGENCY = {Status.GROUND: 0, Status.AIRBORNE: 0, Status.EMERGENCY: 1}


@dataclass(slots=True)
class _Flight:
    """What is known of one flight."""

    heard_ns: int = 0
    given_ns: int = -1
    """time of the last state given"""
    details: NetworkDetails | None = None


class NetworkRemoteIdIngest:
    """One source of answers of a Remote ID service provider."""

    def __init__(self, site: Site, source: int) -> None:
        """Args:
        source: index into `Site.sources`.
        """
        self._source, self._index, self._frame = site.sources[source], source, site.frame
        self._receiver = receiver_of(site, source)
        self._flights: dict[str, _Flight] = {}
        """by id, the one heard longest ago first"""

    def state(self) -> dict[str, _Flight]:
        """What is known of each flight."""
        return copied(self._flights)

    def restore(self, state: dict[str, _Flight]) -> None:
        """Go on from what `state` gave."""
        self._flights = copied(state)

    def receive(self, frames: Frames) -> tuple[Claims, tuple[Rejection, ...]]:
        """Claims and refusals, both in order of frame and record, from `frames`, which all come from this source."""
        refusals = Refusals(frames, self._index)
        stated: list[Stated] = []
        for row, payload in enumerate(frames.payloads()):
            received_ns = int(frames.received_ns[row])
            answer = decode_network(payload)
            if isinstance(answer, NetworkDetails):
                self._hear(answer.id, received_ns).details = answer
                continue
            for record, each in enumerate([answer] if isinstance(answer, Fault) else answer):
                if isinstance(each, Fault):
                    reason = Reason.IMPLAUSIBLE if each.possible else Reason.MALFORMED
                    refusals.add(row, each.record, reason, each.item, f"{each.item} {each.detail}")
                elif self._receiver is None:
                    refusals.add(row, -1, Reason.UNDECLARED_SENSOR, "sensor", undeclared(self._source))
                else:
                    made = self._state(each, row, record, received_ns, self._receiver.sensor, refusals)
                    stated += [made] if made else []
        if self._receiver is None:
            return Claims.empty(), refusals.all()
        return to_claims(stated, frames, self._frame, self._receiver.index, ClaimKind.REMOTE_ID), refusals.all()

    def _state(
        self, flight: NetworkFlight, row: int, record: int, received_ns: int, sensor: Sensor, refusals: Refusals
    ) -> Stated | None:
        said = flight.state
        if flight.simulated:
            refusals.add(row, record, Reason.SIMULATED, "simulated", "the provider says that this flight is simulated")
            return None
        if said is None:
            return None
        time_ns = received_ns if self._source.use_receive_time else said.time_ns
        if abs(time_ns - received_ns) > seconds_to_ns(self._source.clock_tolerance_s):
            detail = clock_fault(time_ns - received_ns, self._source)
            refusals.add(row, record, Reason.CLOCK, "current_state.timestamp", detail)
            return None
        known = self._hear(flight.id, received_ns)
        if said.time_ns <= known.given_ns:
            refusals.add(row, record, Reason.DUPLICATE, "current_state", "this state was given already")
            return None
        known.given_ns = said.time_ns
        details = known.details or NetworkDetails(id=flight.id)
        moving = said.speed_m_s is not None and (said.track_deg is not None or said.speed_m_s == 0.0)
        course, speed = radians(said.track_deg or 0.0), said.speed_m_s or 0.0
        horizontal = HORIZONTAL_ACCURACY_M[said.horizontal_accuracy] / RADIUS_95
        vertical = VERTICAL_ACCURACY_M[said.vertical_accuracy] / INTERVAL_95
        return Stated(
            row=row,
            record=record,
            time_ns=time_ns,
            aircraft_id=_aircraft_id(details),
            transmitter=f"flight:{flight.id}"[:40],
            latitude_deg=said.latitude_deg,
            longitude_deg=said.longitude_deg,
            height_m=nan if said.height_m is None else said.height_m,
            pressure_altitude_m=nan if said.pressure_altitude_m is None else said.pressure_altitude_m,
            horizontal_sigma_m=sensor.position_sigma_m if horizontal != horizontal else horizontal,
            vertical_sigma_m=sensor.height_sigma_m if vertical != vertical else vertical,
            east_m_s=speed * sin(course) if moving else nan,
            north_m_s=speed * cos(course) if moving else nan,
            up_m_s=nan if said.climb_m_s is None else said.climb_m_s,
            operator_id=details.operator_id,
            pilot=(
                nan if details.operator_latitude_deg is None else details.operator_latitude_deg,
                nan if details.operator_longitude_deg is None else details.operator_longitude_deg,
                nan if details.operator_height_m is None else details.operator_height_m,
            ),
            category=category_of(flight.aircraft_type),
            emergency=_EMERGENCY.get(Status(said.status), -1),
        )

    def _hear(self, id: str, now_ns: int) -> _Flight:
        flight = self._flights.pop(id, None) or _Flight()
        flight.heard_ns = now_ns
        self._flights[id] = flight
        oldest = next(iter(self._flights))
        while now_ns - self._flights[oldest].heard_ns > seconds_to_ns(FORGET_AFTER_S):
            del self._flights[oldest]
            oldest = next(iter(self._flights))
        return flight


def _aircraft_id(details: NetworkDetails) -> str:
    if details.serial_number or details.registration:
        return f"uas:{details.serial_number or details.registration}"[:40]
    return f"session:{details.session or details.id.replace('-', '')}"[:40]
