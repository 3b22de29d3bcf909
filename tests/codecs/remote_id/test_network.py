"""Network Remote ID: what a provider answers is read, and every invalid vector is refused with the reason."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luchtwacht.codecs.remote_id.network import Fault, NetworkDetails, NetworkFlight, decode_network

VECTORS = Path(__file__).parents[3].parent / "shared" / "data" / "interuss_f3411" / "test"

STATE: dict[str, Any] = {
    "timestamp": {"value": "2026-05-03T10:00:00.5Z", "format": "RFC3339"},
    "timestamp_accuracy": 0.5,
    "operational_status": "Airborne",
    "position": {
        "lat": 52.0,
        "lng": 5.0,
        "alt": 110.0,
        "accuracy_h": "HA10m",
        "accuracy_v": "VA3m",
        "pressure_altitude": 65.0,
        "height": {"distance": 50.0, "reference": "GroundLevel"},
    },
    "track": 90.0,
    "speed": 12.5,
    "speed_accuracy": "SA1mps",
    "vertical_speed": -1.5,
}
FLIGHT: dict[str, Any] = {"id": "flight-1", "aircraft_type": "Helicopter", "current_state": STATE}
DETAILS: dict[str, Any] = {
    "id": "flight-1",
    "uas_id": {"serial_number": "1AKGAAN8G70R7JS"},
    "operator_id": "NLDexample",
    "operator_location": {"position": {"lat": 52.01, "lng": 5.01}, "altitude": {"value": 45.0}},
}


def flights(*found: Any) -> bytes:
    return json.dumps({"timestamp": STATE["timestamp"], "flights": list(found)}).encode()


def details(found: Any) -> bytes:
    return json.dumps({"details": found}).encode()


def test_a_flight_and_its_details_are_read() -> None:
    (flight,) = decode_network(flights(FLIGHT))  # type: ignore[misc]
    assert isinstance(flight, NetworkFlight)
    assert flight.state is not None
    assert (flight.state.latitude_deg, flight.state.longitude_deg, flight.state.height_m) == (52.0, 5.0, 110.0)
    assert (flight.state.track_deg, flight.state.speed_m_s, flight.state.climb_m_s) == (90.0, 12.5, -1.5)
    assert flight.state.time_ns == 1_777_802_400_500_000_000
    assert decode_network(details(DETAILS)) == NetworkDetails(
        id="flight-1",
        serial_number="1AKGAAN8G70R7JS",
        operator_id="NLDexample",
        operator_latitude_deg=52.01,
        operator_longitude_deg=5.01,
        operator_height_m=45.0,
    )


def test_numbers_that_stand_for_unknown_are_none() -> None:
    position = STATE["position"] | {"alt": -1000}
    state = STATE | {"track": 361, "speed": 255, "vertical_speed": 63, "position": position}
    (flight,) = decode_network(flights(FLIGHT | {"current_state": state}))  # type: ignore[misc]
    assert isinstance(flight, NetworkFlight)
    assert flight.state is not None
    assert (flight.state.track_deg, flight.state.speed_m_s, flight.state.climb_m_s, flight.state.height_m) == (
        None,
    ) * 4


def test_one_bad_flight_does_not_cost_the_others() -> None:
    bad = FLIGHT | {"current_state": STATE | {"track": 365}}
    first, second = decode_network(flights(bad, FLIGHT))  # type: ignore[misc]
    assert first == Fault(record=0, item="current_state.track", detail="365 is not between -360 and 360", possible=True)
    assert isinstance(second, NetworkFlight)


@pytest.mark.parametrize("payload", [b"", b"[]", b"{}", b'{"flights": 3}', b"\xff", b'{"details": 3}', b"[" * 10_000])
def test_what_is_no_answer_is_refused_whole(payload: bytes) -> None:
    fault = decode_network(payload)
    assert isinstance(fault, Fault)
    assert fault.record == -1


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=6,
    ),
    key=st.sampled_from([*STATE, *STATE["position"], *FLIGHT]),
)
def test_no_value_of_any_field_does_more_than_be_refused(value: Any, key: str) -> None:
    position = STATE["position"] | ({key: value} if key in STATE["position"] else {})
    state = STATE | {"position": position} | ({key: value} if key in STATE else {})
    flight = FLIGHT | {"current_state": state} | ({key: value} if key in FLIGHT else {})
    answer = decode_network(flights(flight))
    assert isinstance(answer, list | Fault)


# ---------------------------------------------------------------------- the vectors of InterUSS


def vectors(pattern: str) -> list[Path]:
    return sorted(VECTORS.glob(pattern))


def answers(injected: dict[str, Any]) -> list[bytes]:
    """The vectors say what a provider is told to serve: here as it would serve them."""
    made = []
    for number, flight in enumerate(injected["flights"]):
        id = f"flight-{number}"
        kind = flight["aircraft_type"]
        made += [flights({"id": id, "aircraft_type": kind, "current_state": state}) for state in flight["states"]]
        told = flight.get("details_responses") or [{"details": flight.get("flight_details", {})}]
        made += [details(each["details"] | {"id": id}) for each in told]
    return made


def faults(made: list[bytes]) -> list[Fault]:
    found: list[Fault] = []
    for answer in map(decode_network, made):
        found += [each for each in (answer if isinstance(answer, list) else [answer]) if isinstance(each, Fault)]
    return found


ITEM_OF = {
    "accuracy_h": "position.accuracy_h",
    "accuracy_v": "position.accuracy_v",
    "alt": "position.alt",
    "height": "height.distance",
    "height_type": "height.reference",
    "operational_status": "operational_status",
    "registration_id": "registration_id",
    "serial_number": "serial_number",
    "speed": "speed",
    "speed_accuracy": "speed_accuracy",
    "timestamp": "timestamp",
    "timestamp_accuracy": "timestamp_accuracy",
    "track": "track",
    "ua_type": "aircraft_type",
    "uas_id": "serial_number",
    "utm_id": "utm_id",
    "vertical_speed": "vertical_speed",
}


@pytest.mark.recording
@pytest.mark.parametrize("path", vectors("invalid_*.json"), ids=lambda path: path.stem)
def test_every_invalid_vector_is_refused_with_the_field(path: Path) -> None:
    field = re.sub("^invalid_(no|wrong)_", "", path.stem)
    found = faults(answers(json.loads(path.read_text())))
    assert found
    assert {each.item.removeprefix("current_state.").removeprefix("details.") for each in found} == {ITEM_OF[field]}


@pytest.mark.recording
def test_the_valid_vector_is_accepted_whole() -> None:
    path = VECTORS / "zurich.json"
    if not path.exists():
        pytest.skip(f"needs the recordings beside the project: {path} is missing")
    made = answers(json.loads(path.read_text()))
    assert len(made) > 30
    assert faults(made) == []
