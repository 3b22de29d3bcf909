"""Every height over the sea or the ground goes through the site's grids, whichever format said it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.ingest.nodes import frames_of, located, node_site, registering, status
from tests.ingest.receivers import NOON_NS, frames, geodetic, heard, site

from luchtwacht.codecs.mavlink import GlobalPosition, encode_mavlink, encode_packet
from luchtwacht.codecs.observation import Observation, Seen, encode_observation
from luchtwacht.codecs.ogn import AircraftBeacon, encode_ogn
from luchtwacht.ingest import Ingest
from luchtwacht.model import Format, SensorKind, Site
from luchtwacht.model.ground import grid_of
from luchtwacht.units import DAY_NS, DEGREE, FOOT, SECOND_NS

SEA_M, GROUND_M = 41.0, 25.0
"""at (52.1, 5.1), where the sites' constants say 44 and 0"""


def graded(declared: Site) -> Site:
    """The site with a geoid and a terrain that differ from its constants."""
    geoid = grid_of("geoid.asc", 53.0, 4.0, (1.0, 1.0), np.full((3, 3), SEA_M))
    return replace(
        declared,
        geoid=geoid,
        terrain=grid_of("terrain.asc", 53.0, 4.0, (1.0, 1.0), np.full((3, 3), GROUND_M)),
    )


def test_a_glider_s_altitude_is_over_the_geoid_where_it_is() -> None:
    declared = graded(site(Format.OGN))
    seconds = NOON_NS % DAY_NS // SECOND_NS
    said = AircraftBeacon(
        sender="FLRDDA5BA", time_of_day_s=seconds, latitude_deg=52.1, longitude_deg=5.1, altitude_ft=1_000
    )
    found = heard(declared, frames(encode_ogn(said)))
    assert geodetic(declared, found.claims)[0, 2] == pytest.approx(1_000 * FOOT + SEA_M, abs=0.01)


def test_a_drone_s_own_altitude_is_over_the_geoid_where_it_is() -> None:
    declared = graded(site(Format.MAVLINK, kind=SensorKind.TELEMETRY))
    said = GlobalPosition(
        boot_ms=0, latitude_deg=52.1, longitude_deg=5.1, height_amsl_m=60.0, north_m_s=0.0, east_m_s=0.0, down_m_s=0.0
    )
    found = heard(declared, frames(encode_packet(encode_mavlink(said))))
    assert geodetic(declared, found.claims)[0, 2] == pytest.approx(60.0 + SEA_M, abs=0.01)


def test_an_observer_s_estimate_is_over_the_ground_under_it() -> None:
    declared = graded(site(Format.OBSERVATION, kind=SensorKind.SPOTTER))
    said = Observation(
        sensor="receiver-0",
        by="patrol 3",
        time_ns=NOON_NS,
        what=Seen.DRONE,
        latitude=52.1,
        longitude=5.1,
        height_m=80.0,
    )
    found = heard(declared, frames(encode_observation(said)))
    place = declared.frame.from_enu(found.detections.z[:, :3])[0]
    assert place == pytest.approx([52.1 * DEGREE, 5.1 * DEGREE, 80.0 + GROUND_M + SEA_M], abs=0.01)


@pytest.mark.parametrize(("datum", "height"), [(1, 150.0), (2, 150.0 + SEA_M)])
def test_a_sapient_node_s_height_is_over_what_it_says(datum: int, height: float) -> None:
    declared = graded(node_site())
    messages = frames_of(registering(), status(), located(x=5.1, y=52.1, z=150.0, datum=datum))
    found = Ingest(declared, {}).receive(messages)
    place = declared.frame.from_enu(found.detections.z[:, :3])[0]
    assert place[2] == pytest.approx(height, abs=0.01)
