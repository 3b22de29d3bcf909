"""DroneScout receivers to claims and sensor reports: what each heard goes the way of radio frames (`remote_id`)."""

from __future__ import annotations

import numpy as np

from luchtwacht.codecs.remote_id import LinkType
from luchtwacht.codecs.remote_id.dronescout import Heard, decode_dronescout
from luchtwacht.errors import BadMessage
from luchtwacht.ingest.claimed import Receiver, receiver_of
from luchtwacht.ingest.ingested import Ingested
from luchtwacht.ingest.remote_id import RemoteIdIngest, TransmittersState
from luchtwacht.ingest.stated import Refusals
from luchtwacht.model import Claims, Frames, Reason, Rejection, SensorReport, SensorState, Site

_WELL = ("normal", "ok", "online")


class DroneScoutIngest:
    """One source of DroneScout messages, of one receiver or of several: these are told apart by `Sensor.key`."""

    def __init__(self, site: Site, source: int) -> None:
        """Args:
        source: index into `Site.sources`.
        """
        self._site, self._index = site, source
        id = site.sources[source].id
        receivers = [Receiver(index, each) for index, each in enumerate(site.sensors) if each.source == id]
        self._inner = {
            each.index: RemoteIdIngest(site, source, LinkType.ASSEMBLED, receiver=each) for each in receivers
        }

    def state(self) -> dict[int, TransmittersState]:
        """What is known of each transmitter, by sensor."""
        return {sensor: inner.state() for sensor, inner in self._inner.items()}

    def restore(self, state: dict[int, TransmittersState]) -> None:
        """Go on from what `state` gave."""
        for sensor, inner in self._inner.items():
            inner.restore(state[sensor])

    def receive(self, frames: Frames) -> Ingested:
        """What these messages hold, in order of frame and record."""
        refusals = Refusals(frames, self._index)
        reports: list[SensorReport] = []
        rows: dict[int, list[int]] = {}
        heard: dict[int, list[bytes]] = {}
        for row, payload in enumerate(frames.payloads()):
            try:
                said = decode_dronescout(payload)
            except BadMessage as error:
                reason = Reason.UNKNOWN_FORMAT if error.where == "json" else Reason.MALFORMED
                refusals.add(row, -1, reason, error.where, error.what)
                continue
            receiver = receiver_of(self._site, self._index, said.sensor)
            if receiver is None:
                detail = (
                    f"declare a sensor with key = {said.sensor!r} and source = {self._site.sources[self._index].id!r}"
                )
                refusals.add(row, -1, Reason.UNDECLARED_SENSOR, "sensor ID", detail)
            elif said.status is not None:
                reports.append(_report(said, receiver.index, int(frames.received_ns[row])))
            elif said.frame:
                rows.setdefault(receiver.index, []).append(row)
                heard.setdefault(receiver.index, []).append(said.frame)
        claims, rejections = [], list(refusals.all())
        for sensor in sorted(rows):
            made, refused = self._inner[sensor].receive(_frames(frames, rows[sensor], heard[sensor]))
            claims.append(made)
            rejections += refused
        joined = Claims.concatenate(claims)
        return Ingested(
            claims=joined.take(np.argsort(joined.id, kind="stable")),
            reports=tuple(reports),
            rejections=tuple(sorted(rejections, key=_order)),
        )


def _frames(frames: Frames, rows: list[int], payloads: list[bytes]) -> Frames:
    """The same frames with other bytes."""
    return Frames.of(
        payloads, sequence=frames.sequence[rows], source=frames.source[rows], received_ns=frames.received_ns[rows]
    )


def _report(said: Heard, sensor: int, received_ns: int) -> SensorReport:
    status = said.status or ""
    well = status.lower() in _WELL
    return SensorReport(
        sensor=sensor,
        time_ns=received_ns,
        received_ns=received_ns,
        state=SensorState.OPERATIONAL if well else SensorState.DEGRADED,
        detail="" if well else f"it says {status[:80]!r}",
    )


def _order(rejection: Rejection) -> tuple[int, int]:
    return rejection.frame, rejection.record
