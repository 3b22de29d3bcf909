from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.journal.recordings import alert_changed, command

from luchtwacht.model import AlertStatus, AlertStep, Claims
from luchtwacht.model.delicate import (
    EVENTS,
    NOTHING_DELICATE,
    Delicate,
    _end,
    _packed,
    _written,
    command_pieces,
    event_pieces,
    site_pieces,
)
from luchtwacht.model.encoding import _EVENTS, encode_command, encode_event, encode_site
from luchtwacht.model.event import Claimed
from luchtwacht.simulation import embedded_scenario, read_scenario

SITE = encode_site(read_scenario(embedded_scenario()).site)


def test_every_event_was_looked_at() -> None:
    assert EVENTS.keys() | NOTHING_DELICATE == _EVENTS.keys()
    assert not EVENTS.keys() & NOTHING_DELICATE


def claimed() -> Claimed:
    return Claimed(
        time_ns=5,
        claims=Claims(
            id=np.array([65536, 65537]),
            time_ns=np.array([1, 2]),
            received_ns=np.array([1, 2]),
            sensor=np.array([0, 0]),
            kind=np.array([0, 0]),
            aircraft_id=np.array(["uas:1", "uas:2"]),
            transmitter=np.array(["", ""]),
            callsign=np.array(["", ""]),
            operator_id=np.array(["NLD-secret-1", "NLD-secret-2"]),
            position=np.zeros((2, 3)),
            position_covariance=np.zeros((2, 3, 3)),
            velocity=np.zeros((2, 3)),
            pressure_altitude=np.array([np.nan, np.nan]),
            pilot_position=np.array([[1.25, 2.5, 3.0], [4.0, 5.0, 6.0]]),
            category=np.array([0, 0]),
            emergency=np.array([0, 0]),
        ),
    )


def cut(data: bytes, pieces: tuple[tuple[int, int, int], ...]) -> list[tuple[int, bytes]]:
    return [(what, data[start : start + length]) for start, length, what in pieces]


def test_the_columns_of_a_claim_that_are_about_a_person_are_found() -> None:
    event = claimed()
    data = encode_event(event)
    found = dict(cut(data, event_pieces(data)))
    assert found == {
        Delicate.OPERATOR_ID: msgspec.msgpack.encode(event.claims.operator_id.astype("<U24").tobytes()),
        Delicate.PILOT_POSITION: msgspec.msgpack.encode(event.claims.pilot_position.astype("<f8").tobytes()),
    }
    rest = data
    for start, length, _ in reversed(event_pieces(data)):
        rest = rest[:start] + b"\xc0" + rest[start + length :]
    plain = msgspec.msgpack.decode(rest)
    assert plain["claims"]["operator_id"] is None
    assert plain["claims"]["n"] == 2


def test_who_did_something_is_found_in_commands_and_alerts() -> None:
    data = encode_command(command(6))
    assert cut(data, command_pieces(data)) == [(Delicate.ACTOR, msgspec.msgpack.encode("operator-1"))]
    event = alert_changed(9)
    steps = tuple(AlertStep(time_ns=at, status=AlertStatus.RAISED, actor=f"person {at}") for at in (1, 2))
    data = encode_event(replace(event, alert=replace(event.alert, steps=steps)))
    assert cut(data, event_pieces(data)) == [(Delicate.ACTOR, msgspec.msgpack.encode(f"person {at}")) for at in (1, 2)]


def test_every_sensors_place_in_a_site_is_found() -> None:
    plain = msgspec.json.decode(SITE)
    found = [msgspec.json.decode(content) for what, content in cut(SITE, site_pieces(SITE))]
    assert all(each["place"] in found for each in plain["sensors"])
    assert sum(isinstance(each, dict) for each in found) - len(plain["sensors"]) in (0, 1)


def test_an_origin_beside_a_sensor_gives_the_sensor_away() -> None:
    plain = msgspec.json.decode(SITE)
    plain["name"] = "Märkerståd"  # more bytes than characters
    plain["origin"] = plain["sensors"][0]["place"] | {"height": 3.0}
    data = msgspec.json.encode(plain)
    contents = [msgspec.json.decode(content) for _, content in cut(data, site_pieces(data))]
    assert plain["origin"] in contents
    plain["origin"]["latitude"] += 0.5
    data = msgspec.json.encode(plain)
    assert plain["origin"] not in [msgspec.json.decode(content) for _, content in cut(data, site_pieces(data))]


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=40)
    | st.binary(max_size=300),
    lambda inner: st.lists(inner, max_size=20) | st.dictionaries(st.text(max_size=5), inner, max_size=20),
    max_leaves=30,
)


@given(VALUES)
def test_any_value_ends_where_the_next_begins(value: Any) -> None:
    data = msgspec.msgpack.encode(value)
    assert _end(data + b"\xc3", 0) == len(data)
    if isinstance(value, dict):
        found = {key: msgspec.msgpack.decode(data[start:stop]) for key, start, stop in _packed(data, 0)}
        assert found == value


@given(st.dictionaries(st.text(max_size=5), st.none() | st.lists(st.floats(0, 1) | st.text(max_size=9)), max_size=5))
def test_values_in_json_are_found_where_they_stand(value: Any) -> None:
    data = msgspec.json.encode(value)
    found = [msgspec.json.decode(data[start:stop]) for _, start, stop in _written(data, 0)]
    assert found == list(value.values())


@pytest.mark.parametrize("data", [b"\xc0", b"\x93\x01\x02\x03"])
def test_what_is_no_event_has_no_delicate_parts(data: bytes) -> None:
    assert event_pieces(data) == ()
