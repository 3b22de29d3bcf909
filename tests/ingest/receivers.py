"""Sites with one receiver of claims, and what must hold of whatever listens to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from luchtwacht.ingest import Ingest, Ingested
from luchtwacht.model import Claims, Format, Frames, Place, Reason, Sensor, SensorKind, Site, Source
from luchtwacht.units import SECOND_NS

HERE = Place(latitude=52.0, longitude=5.0, height=45.0)
NOON_NS = 1_777_802_400 * SECOND_NS
UNDULATION_M = 44.0


def site(
    format: Format, *, kind: SensorKind = SensorKind.ADS_B_RECEIVER, keys: tuple[str, ...] = ("",), **source: Any
) -> Site:
    return Site(
        id="field",
        name="A field",
        origin=HERE,
        geoid_undulation_m=UNDULATION_M,
        sources=(Source(id="source", format=format, **source),),
        sensors=tuple(
            Sensor(
                id=f"receiver-{number}",
                kind=kind,
                source="source",
                place=HERE,
                key=key,
                position_sigma_m=50.0,
                height_sigma_m=60.0,
            )
            for number, key in enumerate(keys)
        ),
    )


def frames(*payloads: bytes, apart_ns: int = SECOND_NS, start_ns: int = NOON_NS) -> Frames:
    numbers = np.arange(len(payloads))
    return Frames.of(
        list(payloads), sequence=numbers + 1, source=numbers * 0, received_ns=start_ns + numbers * apart_ns
    )


def heard(declared: Site, given: Frames) -> Ingested:
    return Ingest(declared, {}).receive(given)


def reasons(found: Ingested) -> list[tuple[int, Reason, str]]:
    return [(each.frame, each.reason, each.item) for each in found.rejections]


def geodetic(declared: Site, claims: Claims) -> np.ndarray:
    """(n, 3) latitude, longitude (degrees) and ellipsoidal height (m) of the claims."""
    known = np.where(np.isnan(claims.position), 0.0, claims.position)
    found = declared.frame.from_enu(known)
    return np.column_stack([np.degrees(found[:, :2]), found[:, 2]])


def check_cuts_and_snapshots(declared: Site, given: Frames, mappings: dict[str, str] | None = None) -> None:
    """What is said does not depend on how frames are cut into calls, nor on going on from a state on the way."""
    whole = Ingest(declared, mappings or {}).receive(given)
    assert len(whole.claims)
    for cut in range(1, len(given)):
        first = Ingest(declared, mappings or {})
        parts = [first.receive(given.take(slice(0, cut)))]
        second = Ingest(declared, mappings or {})
        second.restore(first.state())
        parts.append(second.receive(given.take(slice(cut, None))))
        joined = Ingested.join(parts)
        assert joined.claims == whole.claims
        assert joined.rejections == whole.rejections


def undeclared(declared: Site) -> Site:
    """The same without a sensor."""
    return replace(declared, sensors=())
