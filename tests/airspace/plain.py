"""Plainly invented sites, zones and tracks for the tests of this room."""

from __future__ import annotations

from typing import Any

import numpy as np

from luchtwacht.model import Circle, Identities, Place, Restriction, Site, Tracks, TrackStatus, Volume, Zone

ORIGIN = Place(latitude=52.0, longitude=5.0, height=43.0)


def a_site(*zones: Zone, **changes: Any) -> Site:
    known: dict[str, Any] = {
        "id": "test",
        "name": "",
        "origin": ORIGIN,
        "sources": (),
        "sensors": (),
        "zones": zones,
        "geoid_undulation_m": 43.0,
    }
    return Site(**known | changes)


def a_zone(*volumes: Volume, **changes: Any) -> Zone:
    round_ = Volume(circle=Circle(latitude=52.0, longitude=5.0, radius=500.0), upper=120.0)
    known: dict[str, Any] = {
        "id": "centre",
        "name": "",
        "restriction": Restriction.PROHIBITED,
        "volumes": volumes or (round_,),
    }
    return Zone(**known | changes)


def some_tracks(x: Any, P: Any = None, **changes: Any) -> Tracks:
    states = np.atleast_2d(np.asarray(x, dtype=np.float64))
    known: dict[str, Any] = {
        "track": np.arange(1, len(states) + 1),
        "time_ns": 0,
        "status": int(TrackStatus.CONFIRMED),
        "x": states,
        "P": np.diag([100.0, 100.0, 100.0, 1.0, 1.0, 1.0]) if P is None else P,
        "category_probability": [0.9, 0.05, 0.03, 0.01, 0.01],
    }
    return Tracks.unknown(len(states), **known | changes)


def nobody() -> Identities:
    return Identities.empty()
