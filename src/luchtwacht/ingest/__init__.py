"""Messages to detections and claims: what the bytes of each source mean for the watch.

    frames ─► one ingester a source (state: headers, transmitters, clocks) ─► Ingested ─► ReorderBuffer

Adding a format: a codec in `codecs/`, an ingester here, and a line in `_INGESTERS`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from luchtwacht.codecs.remote_id import LinkType
from luchtwacht.errors import BadCommand, BadConfiguration
from luchtwacht.ingest.adsb import ReadsbIngest
from luchtwacht.ingest.asterix import AsterixIngest
from luchtwacht.ingest.dronescout import DroneScoutIngest
from luchtwacht.ingest.health import HealthState, SensorHealth
from luchtwacht.ingest.ingested import Ingested
from luchtwacht.ingest.mavlink import MavlinkIngest
from luchtwacht.ingest.measuring import Measuring, MeasuringState
from luchtwacht.ingest.network_remote_id import NetworkRemoteIdIngest
from luchtwacht.ingest.observations import ObservationIngest
from luchtwacht.ingest.ogn import OgnIngest
from luchtwacht.ingest.remote_id import RemoteIdIngest
from luchtwacht.ingest.reorder import ReorderBuffer, ReorderState
from luchtwacht.ingest.sapient import SapientIngest
from luchtwacht.ingest.site import check_site, load_site
from luchtwacht.ingest.squitters import SquitterIngest
from luchtwacht.ingest.tables import TableIngest
from luchtwacht.model import Claims, Command, Format, Frames, Notice, Outgoing, Rejection, Site, TaskSensor
from luchtwacht.model.state import decode_state, encode_state, kind_of

__all__ = [
    "HealthState",
    "Ingest",
    "Ingested",
    "Measuring",
    "MeasuringState",
    "ReorderBuffer",
    "ReorderState",
    "SensorHealth",
    "check_site",
    "load_site",
]


class SourceIngest(Protocol):
    """What one source's frames mean; `state` and `restore` as `model/state.py` says."""

    def receive(self, frames: Frames) -> Ingested: ...

    def state(self) -> Any: ...

    def restore(self, state: Any) -> None: ...


class _ClaimIngest(Protocol):
    def receive(self, frames: Frames) -> tuple[Claims, tuple[Rejection, ...]]: ...

    def state(self) -> Any: ...

    def restore(self, state: Any) -> None: ...


class _Claiming:
    """An ingester of claims as an ingester."""

    def __init__(self, inner: _ClaimIngest) -> None:
        self._inner = inner

    def receive(self, frames: Frames) -> Ingested:
        claims, rejections = self._inner.receive(frames)
        return Ingested(claims=claims, rejections=rejections)

    def state(self) -> bytes:
        return encode_state(self._inner.state())

    def restore(self, state: bytes) -> None:
        self._inner.restore(decode_state(kind_of(self._inner), state))


def _table(site: Site, source: int, mappings: dict[str, str]) -> SourceIngest:
    name = site.sources[source].mapping
    if name not in mappings:
        raise BadConfiguration(f"the mapping {name!r} of source {site.sources[source].id} was not given")
    return TableIngest(site, source, mappings[name])


_INGESTERS: dict[Format, Callable[[Site, int, dict[str, str]], SourceIngest]] = {
    Format.ASTERIX: lambda site, source, mappings: AsterixIngest(site, source),
    Format.TABLE: _table,
    Format.SAPIENT: lambda site, source, mappings: SapientIngest(
        site, source, mappings.get(site.sources[source].mapping, "")
    ),
    Format.REMOTE_ID: lambda site, source, mappings: _Claiming(
        RemoteIdIngest(site, source, LinkType[site.sources[source].radio.name])
    ),
    Format.READSB: lambda site, source, mappings: _Claiming(ReadsbIngest(site, source)),
    Format.SBS: lambda site, source, mappings: _Claiming(SquitterIngest(site, source)),
    Format.BEAST: lambda site, source, mappings: _Claiming(SquitterIngest(site, source)),
    Format.OGN: lambda site, source, mappings: _Claiming(OgnIngest(site, source)),
    Format.MAVLINK: lambda site, source, mappings: _Claiming(MavlinkIngest(site, source)),
    Format.DRONESCOUT: lambda site, source, mappings: DroneScoutIngest(site, source),
    Format.OBSERVATION: lambda site, source, mappings: ObservationIngest(site, source),
    Format.NETWORK_REMOTE_ID: lambda site, source, mappings: _Claiming(NetworkRemoteIdIngest(site, source)),
}


class Ingest:
    """All sources of a site.

    Args:
        site: what the sources and sensors are.
        mappings: text of each table mapping, by `Source.mapping`.

    Raises:
        BadConfiguration: the site or a mapping contradicts itself.
    """

    def __init__(self, site: Site, mappings: dict[str, str]) -> None:
        check_site(site, site.id)
        self._site = site
        self._ingesters = [
            _INGESTERS[source.format](site, index, mappings) for index, source in enumerate(site.sources)
        ]

    def state(self) -> tuple[bytes, ...]:
        """The state of each source, in the order of the site; what it is differs with the format."""
        return tuple(encode_state(each.state()) for each in self._ingesters)

    def restore(self, state: tuple[bytes, ...]) -> None:
        """Go on from what `state` gave."""
        for ingester, data in zip(self._ingesters, state, strict=True):
            ingester.restore(decode_state(kind_of(ingester), data))

    def receive(self, frames: Frames) -> Ingested:
        """What these frames hold, source by source."""
        parts = []
        for source in np.unique(frames.source).tolist():
            mine = frames if len(self._ingesters) == 1 else frames.take(np.flatnonzero(frames.source == source))
            parts.append(self._ingesters[source].receive(mine))
        return Ingested.join(parts) if parts else Ingested()

    def order(self, command: Command, order: TaskSensor) -> list[Notice | Outgoing]:
        """Carry out a person's task for a sensor.

        Raises:
            BadCommand: there is no such sensor, it takes no tasks, or not this one, or not now.
        """
        sensor = next((each for each in self._site.sensors if each.id == order.sensor), None)
        if sensor is None:
            raise BadCommand(f"there is no sensor {order.sensor!r}")
        index = next(i for i, source in enumerate(self._site.sources) if source.id == sensor.source)
        ingester = self._ingesters[index]
        if not isinstance(ingester, SapientIngest):
            raise BadCommand(f"sensor {sensor.id} takes no tasks", hint="those that come by SAPIENT do")
        return ingester.order(command, order)
