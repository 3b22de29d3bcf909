"""Messages that can be sent, as Hypothesis strategies on the fields' grids, so that a round trip is exact."""

from __future__ import annotations

import string

from hypothesis import strategies as st

from luchtwacht.codecs.remote_id import (
    AuthPage,
    BasicId,
    DjiFlight,
    Location,
    Message,
    OperatorId,
    SelfId,
    System,
)
from luchtwacht.codecs.remote_id.wire import EPOCH_2019_NS
from luchtwacht.model import Frames
from luchtwacht.units import SECOND_NS

MAC = bytes.fromhex("02aabbccddee")
HOUR_NS = 3_600 * SECOND_NS
NOON_NS = 1_748_779_200 * SECOND_NS
"""2025-06-01T12:00:00Z"""

versions = st.integers(0, 2)
nibbles = st.integers(0, 15)
altitudes = st.none() | st.integers(1, 65_535).map(lambda raw: raw * 0.5 - 1000.0)
places = st.just((None, None)) | st.tuples(
    st.integers(-900_000_000, 900_000_000).filter(bool).map(lambda raw: raw / 1e7),
    st.integers(-1_800_000_000, 1_800_000_000).map(lambda raw: raw / 1e7),
)


def texts(size: int) -> st.SearchStrategy[str]:
    return st.text(string.ascii_letters + string.digits + "-_. ", max_size=size)


basic_ids = st.builds(
    BasicId, id_type=st.integers(0, 2), ua_type=nibbles, uas_id=texts(20), version=versions
) | st.builds(
    BasicId,
    id_type=st.integers(3, 15),
    ua_type=nibbles,
    uas_id=st.binary(min_size=20, max_size=20).map(bytes.hex),
    version=versions,
)


@st.composite
def locations(draw: st.DrawFn) -> Location:
    latitude, longitude = draw(places)
    speeds = st.integers(0, 255).map(lambda raw: raw * 0.25) | st.integers(1, 254).map(lambda raw: raw * 0.75 + 63.75)
    return Location(
        status=draw(nibbles),
        latitude_deg=latitude,
        longitude_deg=longitude,
        geodetic_altitude_m=draw(altitudes),
        pressure_altitude_m=draw(altitudes),
        height_m=draw(altitudes),
        height_type=draw(st.integers(0, 1)),
        direction_deg=draw(st.none() | st.integers(0, 359).map(float)),
        speed_m_s=draw(st.none() | speeds),
        vertical_speed_m_s=draw(st.none() | st.integers(-124, 124).map(lambda raw: raw * 0.5)),
        horizontal_accuracy=draw(nibbles),
        vertical_accuracy=draw(nibbles),
        pressure_accuracy=draw(nibbles),
        speed_accuracy=draw(nibbles),
        timestamp_s=draw(st.none() | st.integers(0, 36_000).map(lambda raw: raw / 10.0)),
        timestamp_accuracy_s=draw(st.none() | st.integers(1, 15).map(lambda raw: raw / 10.0)),
        version=draw(versions),
    )


@st.composite
def systems(draw: st.DrawFn) -> System:
    latitude, longitude = draw(places)
    version = draw(versions)
    seconds = draw(st.none() | st.integers(1, 2**32 - 1))
    return System(
        operator_location=draw(st.integers(0, 3)),
        operator_latitude_deg=latitude,
        operator_longitude_deg=longitude,
        operator_altitude_m=draw(altitudes) if version >= 1 else None,
        area_count=draw(st.integers(0, 65_535)),
        area_radius_m=draw(st.integers(0, 255)) * 10,
        area_ceiling_m=draw(altitudes),
        area_floor_m=draw(altitudes),
        classification_type=draw(st.integers(0, 7)),
        eu_category=draw(nibbles),
        eu_class=draw(nibbles),
        timestamp_ns=None if seconds is None or version < 2 else EPOCH_2019_NS + seconds * SECOND_NS,
        version=version,
    )


self_ids = st.builds(SelfId, description_type=st.integers(0, 255), description=texts(23), version=versions)
operator_ids = st.builds(OperatorId, operator_id=texts(20), operator_id_type=st.integers(0, 255), version=versions)


@st.composite
def auth_pages(draw: st.DrawFn) -> AuthPage:
    auth_type, version, page = draw(nibbles), draw(versions), draw(nibbles)
    if page:
        return AuthPage(auth_type=auth_type, page=page, data=draw(st.binary(min_size=23, max_size=23)), version=version)
    last_page = draw(nibbles)
    return AuthPage(
        auth_type=auth_type,
        page=0,
        data=draw(st.binary(min_size=17, max_size=17)),
        last_page=last_page,
        length=draw(st.integers(0, min(255, 17 + 23 * last_page))),
        timestamp_ns=EPOCH_2019_NS + draw(st.integers(0, 2**32 - 1)) * SECOND_NS,
        version=version,
    )


messages: st.SearchStrategy[Message] = basic_ids | locations() | systems() | self_ids | operator_ids | auth_pages()


@st.composite
def dji_flights(draw: st.DrawFn) -> DjiFlight:
    shorts = st.integers(-32_768, 32_767)
    return DjiFlight(
        version=draw(st.sampled_from([1, 2])),
        sequence=draw(st.integers(0, 65_535)),
        state=draw(st.integers(0, 65_535)),
        serial=draw(texts(16)),
        latitude_deg=draw(st.floats(-89.0, 89.0).filter(lambda value: abs(value) > 1e-4)),
        longitude_deg=draw(st.floats(-179.0, 179.0)),
        altitude_raw=draw(shorts),
        height_raw=draw(shorts),
        velocity_north_m_s=draw(shorts) / 100.0,
        velocity_east_m_s=draw(shorts) / 100.0,
        velocity_up_m_s=draw(shorts) / 100.0,
        yaw_deg=draw(shorts) / 100.0,
        product_type=draw(st.integers(0, 255)),
        uuid=draw(st.text(string.digits, max_size=19)),
    )


def frames_of(*payloads: bytes, received_ns: list[int] | None = None, first: int = 1) -> Frames:
    """Frames of source 0, numbered from `first`, received at noon unless said otherwise."""
    count = len(payloads)
    return Frames.of(
        list(payloads),
        sequence=list(range(first, first + count)),
        source=[0] * count,
        received_ns=received_ns or [NOON_NS] * count,
    )
