"""ASTERIX to detections, claims and sensors' states: which category means what for the watch.

    plots      001, 048     radar plots
    surface    010          plots of surface movement sensors, and their state
    incs       015          drone radars and other independent non-cooperative sensors
    bearings   205          direction finders
    tracks     062          tracks of another system
    adsb       021          what aircraft say, through an ADS-B ground station
    unmanned   129          what unmanned aircraft say
    service    002, 016, 034, 063, 065   signs of life and states

`docs/formats/asterix.md` says item by item what is used.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from luchtwacht.codecs.asterix import decode
from luchtwacht.codecs.asterix.categories import plan_for
from luchtwacht.errors import BadConfiguration
from luchtwacht.ingest.asterix import adsb, bearings, incs, plots, service, surface, tracks, unmanned
from luchtwacht.ingest.asterix.reading import Reading, Sign
from luchtwacht.ingest.clock import split_by_clock
from luchtwacht.ingest.ingested import Ingested
from luchtwacht.model import Claims, Detections, Frames, Reason, Rejection, SensorReport, SensorState, Site, Source

__all__ = ["AsterixIngest", "editions_of"]

_READERS: dict[int, Callable[[Reading], None]] = {
    1: plots.read_cat001,
    2: service.read_cat002,
    10: surface.read_cat010,
    15: incs.read_cat015,
    16: service.read_cat016,
    21: adsb.read_cat021,
    34: service.read_cat034,
    48: plots.read_cat048,
    62: tracks.read_cat062,
    63: service.read_cat063,
    65: service.read_cat065,
    129: unmanned.read_cat129,
    205: bearings.read_cat205,
}


class AsterixIngest:
    """One source of ASTERIX; its sensors are told apart by SAC and SIC."""

    def __init__(self, site: Site, source: int) -> None:
        self._site, self._source = site, source
        declared = site.sources[source]
        self._sensors = {
            (sensor.sac or 0, sensor.sic or 0): index
            for index, sensor in enumerate(site.sensors)
            if sensor.source == declared.id
        }
        self._states: dict[int, tuple[SensorState, str]] = {}
        self._editions = editions_of(declared)

    def state(self) -> dict[int, tuple[SensorState, str]]:
        """By sensor, what it last said of itself."""
        return dict(self._states)

    def restore(self, state: dict[int, tuple[SensorState, str]]) -> None:
        """Go on from what `state` gave."""
        self._states = dict(state)

    def receive(self, frames: Frames) -> Ingested:
        """What these blocks hold."""
        decoded = decode(frames, editions=self._editions)
        detections: list[Detections] = []
        claims: list[Claims] = []
        signs: list[Sign] = []
        rejections: list[Rejection] = list(decoded.rejections)
        declared = self._site.sources[self._source]
        for category, records in decoded.categories.items():
            reading = Reading(records, frames, self._site, self._source, self._sensors)
            _READERS.get(category, _leave)(reading)
            measured, wrong = split_by_clock(Detections.concatenate(reading.detections), declared, self._source)
            said, wrong_too = split_by_clock(Claims.concatenate(reading.claims), declared, self._source)
            detections.append(measured)
            claims.append(said)
            signs += reading.signs
            rejections += [*reading.rejections, *wrong, *wrong_too]
        all_measured, all_said = Detections.concatenate(detections), Claims.concatenate(claims)
        return Ingested(
            detections=all_measured.take(np.argsort(all_measured.id, kind="stable")),
            claims=all_said.take(np.argsort(all_said.id, kind="stable")),
            reports=tuple(self._report(sign) for sign in sorted(signs, key=lambda each: (each.frame, each.record))),
            rejections=tuple(sorted(rejections, key=lambda each: (each.frame, each.record))),
        )

    def _report(self, sign: Sign) -> SensorReport:
        """The sign with the state that stands: a message that says nothing of the state changes nothing."""
        if sign.said is not None:
            self._states[sign.sensor] = sign.said
        state, detail = self._states.get(sign.sensor, (SensorState.OPERATIONAL, ""))
        return SensorReport(
            sensor=sign.sensor,
            time_ns=sign.time_ns,
            received_ns=sign.received_ns,
            state=state,
            period_s=sign.period_s,
            detail=detail,
        )


def editions_of(source: Source) -> dict[int, str]:
    """The editions that a source's sender uses, by category.

    Raises:
        BadConfiguration: one is named that is not read.
    """
    found = {}
    for name, edition in source.editions.items():
        if not name.isdecimal():
            raise BadConfiguration(
                f"source {source.id}: {name!r} is no category of ASTERIX", hint='write editions = { "062" = "1.18" }'
            )
        found[int(name)] = edition
        try:
            plan_for(int(name), found)
        except BadConfiguration as error:
            raise BadConfiguration(f"source {source.id}: {error.what}", hint=error.hint) from None
    return found


def _leave(reading: Reading) -> None:
    """A category that is decoded and has no meaning for the watch."""
    reading.refuse(reading.all_rows(), Reason.UNSUPPORTED, "", "this category is decoded, but makes no detections")
