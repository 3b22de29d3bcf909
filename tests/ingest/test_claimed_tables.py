"""Own-fleet telemetry as JSON lines, and marks of simulated targets, through a declared mapping."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from tests.ingest.receivers import HERE, NOON_NS, UNDULATION_M, check_cuts_and_snapshots, frames, geodetic, reasons
from tests.ingest.receivers import site as receiving

from luchtwacht.errors import BadConfiguration
from luchtwacht.ingest import Ingest, Ingested
from luchtwacht.model import Category, ClaimKind, Format, Frames, Reason, Sensor, SensorKind, Site
from luchtwacht.units import SECOND_NS

MAPPING = """\
layout = "json"
[[reports]]
name = "fleet"
kind = "claim"
sensor = "receiver-0"
present = ["pos.lat"]
simulated = { mode = ["SIM"] }
time = { column = "t", unit = "s" }
latitude = { column = "pos.lat", unit = "deg" }
longitude = { column = "pos.lon", unit = "deg" }
height = { column = "pos.alt", unit = "m" }
height_datum = "AMSL"
speed = { column = "v.ground", unit = "m/s" }
track = { column = "v.track", unit = "deg" }
position_sigma = { column = "accuracy.0", unit = "m" }
aircraft_id = { column = "serial", prefix = "uas:" }
operator_id = { column = "operator" }
[reports.category]
column = "kind"
[reports.category.values]
quad = { multirotor = 1.0, fixed_wing_drone = 0.1, bird = 0.01, crewed_aircraft = 0.01, other = 0.01 }
"""
FLEET = replace(receiving(Format.TABLE, kind=SensorKind.TELEMETRY, mapping="fleet.toml"))
NOON_S = NOON_NS / SECOND_NS


def line(second: float = 0.0, **changed: object) -> bytes:
    said: dict[str, object] = {
        "t": NOON_S + second,
        "serial": "1588E04FAKE000000001",
        "operator": "NLDexample",
        "kind": "quad",
        "mode": "REAL",
        "pos": {"lat": 52.01, "lon": 5.01, "alt": 60.0},
        "v": {"ground": 5.0, "track": 90.0},
        "accuracy": [2.5, 4.0],
    }
    return json.dumps(said | changed).encode()


def heard(given: Frames, site: Site = FLEET, mapping: str = MAPPING) -> Ingested:
    return Ingest(site, {"fleet.toml": mapping}).receive(given)


def test_telemetry_in_json_lines_is_claimed() -> None:
    found = heard(frames(line()))
    assert found.rejections == ()
    claims = found.claims
    assert claims.kind.tolist() == [ClaimKind.TELEMETRY]
    assert claims.aircraft_id.tolist() == ["uas:1588E04FAKE000000001"]
    assert claims.operator_id.tolist() == ["NLDexample"]
    assert claims.time_ns.tolist() == [NOON_NS]
    assert geodetic(FLEET, claims)[0] == pytest.approx([52.01, 5.01, 60.0 + UNDULATION_M], abs=1e-3)
    assert claims.velocity[0, :2] == pytest.approx([5.0, 0.0], abs=0.01)
    assert np.isnan(claims.velocity[0, 2])
    assert claims.position_covariance[0, 0, 0] ** 0.5 == pytest.approx(2.5, rel=0.01)
    assert claims.category.tolist() == [Category.MULTIROTOR]
    assert len(found.detections) == 0


def test_simulated_targets_are_kept_out_and_counted() -> None:
    found = heard(frames(line(mode="SIM"), line(1.0)))
    assert len(found.claims) == 1
    assert reasons(found) == [(1, Reason.SIMULATED, "mode")]


def test_lines_that_are_no_claim_are_refused_with_the_reason() -> None:
    given = frames(b"{", b"[]", b"", line(pos={"lat": 95.0, "lon": 5.0}), line(serial=""), line(pos=3), line(9_999.0))
    assert [reason for _, reason, _ in reasons(heard(given))] == [
        Reason.UNKNOWN_FORMAT,
        Reason.UNKNOWN_FORMAT,
        Reason.TRUNCATED,
        Reason.IMPLAUSIBLE,
        Reason.MALFORMED,
        Reason.UNSUPPORTED,
        Reason.CLOCK,
    ]


def test_several_values_where_one_is_wanted_are_refused() -> None:
    (refused,) = heard(frames(line(serial=["a", "b"]))).rejections
    assert "serial holds several values" in refused.detail


def test_a_claim_needs_a_receiver_and_a_measurement_a_sensor() -> None:
    radar = Sensor(id="receiver-0", kind=SensorKind.RADAR_2D, source="source", place=HERE)
    with pytest.raises(BadConfiguration, match="says what aircraft claim, but its sensor receiver-0 is a radar_2d"):
        heard(frames(line()), replace(FLEET, sensors=(radar,)))
    measured = MAPPING.replace('kind = "claim"', 'kind = "position"')
    with pytest.raises(BadConfiguration, match="says what was measured, but its sensor receiver-0 is a telemetry"):
        heard(frames(line()), mapping=measured)


def test_cuts_and_snapshots_change_nothing() -> None:
    given = frames(line(), b"{", line(1.0), line(2.0, mode="SIM"), line(3.0))
    check_cuts_and_snapshots(FLEET, given, {"fleet.toml": MAPPING})


def test_a_word_for_a_category_is_what_the_aircraft_claims_to_be() -> None:
    values = MAPPING.partition("[reports.category.values]")[0]
    claims = heard(frames(line()), mapping=values + '[reports.category.names]\nquad = ["fixed_wing_drone"]\n').claims
    assert claims.category.tolist() == [Category.FIXED_WING_DRONE]
