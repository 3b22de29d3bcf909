"""Extended squitters against an independent decoder, back and forth, and with every bit flipped."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import rs1090
from hypothesis import given
from hypothesis import strategies as st

from luchtwacht.codecs.adsb.cpr import global_position, local_position, position_bits
from luchtwacht.codecs.adsb.mode_s import (
    AirbornePosition,
    Content,
    EmergencyStatus,
    Identification,
    OperationalStatus,
    SurfacePosition,
    Velocity,
    decode_squitter,
    encode_squitter,
    parity,
)
from luchtwacht.errors import BadMessage

RECORDING = Path(__file__).parents[3].parent / "shared" / "data" / "adsb" / "pymodes_sample_data_adsb.csv"

bits = st.tuples(st.integers(0, (1 << 17) - 1), st.integers(0, (1 << 17) - 1))
contents: st.SearchStrategy[Content] = st.one_of(
    st.builds(
        Identification,
        callsign=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=8),
        category=st.builds(lambda group, number: f"{group}{number}", st.sampled_from("ABCD"), st.integers(0, 7)),
    ),
    st.builds(
        AirbornePosition,
        type_code=st.sampled_from([*range(9, 19), 20, 21, 22]),
        altitude_ft=st.integers(0, 2046).map(lambda step: step * 25 - 1_000),
        geometric=st.just(False),
        odd=st.booleans(),
        bits=bits,
        urgent=st.booleans(),
    ).map(lambda made: made if made.type_code < 20 else _geometric(made)),
    st.builds(
        SurfacePosition,
        type_code=st.integers(5, 8),
        ground_speed_kt=st.one_of(
            st.none(), st.sampled_from([0.0, 0.125, 1.0, 1.25, 2.5, 15.0, 30.0, 72.0, 105.0, 175.0])
        ),
        track_deg=st.one_of(st.none(), st.integers(0, 127).map(lambda step: step * 360.0 / 128.0)),
        odd=st.booleans(),
        bits=bits,
    ),
    st.builds(
        Velocity,
        east_kt=st.one_of(st.none(), st.integers(-1022, 1022).map(float)),
        north_kt=st.one_of(st.none(), st.integers(-1022, 1022).map(float)),
        rate_ft_min=st.one_of(st.none(), st.integers(-510, 510).map(lambda step: step * 64)),
        geometric_rate=st.booleans(),
        above_pressure_ft=st.one_of(st.none(), st.integers(-126, 126).map(lambda step: step * 25)),
    ),
    st.builds(EmergencyStatus, emergency=st.integers(0, 7), squawk=st.text("01234567", min_size=4, max_size=4)),
    st.builds(OperationalStatus, version=st.just(2), nac_p=st.integers(0, 15), gva=st.integers(0, 3)),
)


def _geometric(made: AirbornePosition) -> AirbornePosition:
    return AirbornePosition(
        type_code=made.type_code,
        altitude_ft=made.altitude_ft,
        geometric=True,
        odd=made.odd,
        bits=made.bits,
        urgent=made.urgent,
    )


@given(content=contents)
def test_what_is_encoded_decodes_to_the_same(content: Content) -> None:
    squitter = decode_squitter(encode_squitter("484C61", content))
    assert squitter is not None
    assert (squitter.address, squitter.icao, squitter.relayed) == ("484C61", True, False)
    assert squitter.content == content


@pytest.mark.parametrize("bit", range(112))
def test_every_flipped_bit_is_noticed_or_makes_it_another_format(bit: int) -> None:
    frame = encode_squitter("484C61", Velocity(east_kt=100.0, north_kt=-50.0, rate_ft_min=640))
    damaged = (int.from_bytes(frame, "big") ^ 1 << bit).to_bytes(14, "big")
    if bit >= 107:  # the downlink format
        try:
            assert decode_squitter(damaged) is None
        except BadMessage:
            assert damaged[0] >> 3 in (17, 18)
        return
    with pytest.raises(BadMessage, match="parity"):
        decode_squitter(damaged)


@pytest.mark.parametrize("octets", [b"", b"\x8d", b"\x8d" * 7, b"\x8d" * 13, b"\x8d" * 15])
def test_short_and_long_frames_are_no_squitters(octets: bytes) -> None:
    assert decode_squitter(octets) is None


@given(octets=st.binary(min_size=11, max_size=11))
def test_whatever_is_sound_and_strange_never_raises(octets: bytes) -> None:
    for head in (0x8D, 0x90, 0x91, 0x92, 0x95, 0x96):
        frame = bytes([head]) + octets[1:]
        decode_squitter(frame + parity(frame).to_bytes(3, "big"))


@pytest.mark.recording
def test_a_recording_says_the_same_to_an_independent_decoder() -> None:
    if not RECORDING.exists():
        pytest.skip(f"needs the recordings beside the project: {RECORDING} is missing")
    with RECORDING.open() as file:
        frames = [row[1] for row in csv.reader(file)]
    seen = {Identification: 0, AirbornePosition: 0, Velocity: 0}
    for frame, theirs in zip(frames, rs1090.decode(frames), strict=True):
        squitter = decode_squitter(bytes.fromhex(frame))
        assert squitter is not None
        ours = squitter.content
        seen[type(ours)] += 1
        assert squitter.address.lower() == theirs["icao24"]
        match ours:
            case Identification():
                assert ours.callsign == theirs["callsign"].strip()
            case AirbornePosition():
                assert ours.altitude_ft == theirs["altitude"]
                assert (ours.odd, *ours.bits) == (theirs["parity"] == "odd", theirs["lat_cpr"], theirs["lon_cpr"])
            case Velocity():
                assert ours.ground_speed_kt == pytest.approx(theirs["groundspeed"], abs=1e-3)
                assert ours.track_deg == pytest.approx(theirs["track"], abs=1e-3)
                assert (ours.rate_ft_min, ours.above_pressure_ft) == (theirs["vertical_rate"], theirs["geo_minus_baro"])
    assert seen == {Identification: 98, AirbornePosition: 937, Velocity: 965}


def test_every_altitude_and_ground_speed_is_that_of_an_independent_decoder() -> None:
    """Where it gives one: it leaves out Mode C codes that nobody can reach."""
    agreed = 0
    for code in range(4096):
        frame = bytes.fromhex("8d406b90") + (11 << 51 | code << 36 | 50053 << 17 | 95111).to_bytes(7, "big")
        frame += parity(frame).to_bytes(3, "big")
        squitter = decode_squitter(frame)
        assert squitter is not None
        assert isinstance(squitter.content, AirbornePosition)
        theirs = (rs1090.decode([frame.hex()])[0] or {}).get("altitude")
        if theirs is not None:
            assert squitter.content.altitude_ft == theirs
            agreed += 1
    assert agreed > 2500
    for code in range(128):
        frame = bytes.fromhex("8d406b90") + (6 << 51 | code << 44 | 1 << 17 | 2).to_bytes(7, "big")
        frame += parity(frame).to_bytes(3, "big")
        squitter = decode_squitter(frame)
        assert squitter is not None
        assert isinstance(squitter.content, SurfacePosition)
        assert squitter.content.ground_speed_kt == rs1090.decode([frame.hex()])[0].get("groundspeed")


def test_the_example_of_the_standard_gives_its_position() -> None:
    """8D40621D58C382D690C8AC2863A7 and 8D40621D58C386435CC412692AD6, worked out in many textbooks."""
    even, odd = (93000, 51372), (74158, 50194)
    assert global_position(even, odd, newest_odd=False) == pytest.approx((52.2572, 3.91937), abs=1e-4)
    assert local_position(even, odd=False, near=(52.258, 3.918), surface=False) == pytest.approx(
        (52.2572, 3.91937), abs=1e-4
    )


@given(latitude=st.floats(-85.0, 85.0), longitude=st.floats(-180.0, 179.999), odd=st.booleans())
def test_positions_come_back_from_pairs_and_from_nearby(latitude: float, longitude: float, odd: bool) -> None:
    def near(found: tuple[float, float], most: float) -> bool:
        east = abs(found[1] - longitude) % 360.0
        return abs(found[0] - latitude) < most and min(east, 360.0 - east) < most * 12.0

    pair = position_bits(latitude, longitude, odd=False), position_bits(latitude, longitude, odd=True)
    found = global_position(*pair, newest_odd=odd)
    if found is not None:  # none on the border of two zones
        assert near(found, 1e-4)
    for surface in (False, True):
        found = local_position(
            position_bits(latitude, longitude, odd=odd, surface=surface),
            odd=odd,
            near=(latitude + 0.1, longitude - 0.1),
            surface=surface,
        )
        assert found is not None
        assert near(found, 1e-4)
