"""How frames are cut into calls changes no bit of any detection, claim, report or refusal, in any category."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.ingest.asterix_sites import (
    DRONE_RADAR,
    PASSER,
    RADAR,
    STATION,
    SURFACE,
    SYSTEM,
    asterix_site,
    message,
)
from tests.ingest.sites import NOON_NS

from luchtwacht.ingest import Ingest, Ingested
from luchtwacht.model import Frames

latitudes, longitudes, counts = st.floats(50.0, 54.0), st.floats(3.0, 7.0), st.integers(1, 3)
azimuths = st.floats(0.0, 359.0)
blocks = st.one_of(
    st.builds(
        lambda n, rho, theta: message(1, RADAR, n, I020_TYP=0, I020_SSRPSR=1, I040_RHO=rho, I040_THETA=theta),
        counts,
        st.floats(0.1, 100.0),
        azimuths,
    ),
    st.builds(
        lambda n, x, y: message(10, SURFACE, n, I000=1, I020_TYP=3, I042_X=x, I042_Y=y, I500_DEVX=3.0, I500_DEVY=5.0),
        counts,
        st.floats(-9000.0, 9000.0),
        st.floats(-9000.0, 9000.0),
    ),
    st.builds(
        lambda n, lat, lon, height: message(
            15, DRONE_RADAR, n, I000_MT=3, I600_P84_LATITUDE=lat, I600_P84_LONGITUDE=lon, I601_GH=height
        ),
        counts,
        latitudes,
        longitudes,
        st.floats(0.0, 900.0),
    ),
    st.builds(
        lambda n, az, rate: message(15, DRONE_RADAR, n, I000_MT=4, I625_R=900.0, I627_AZ=az, I626_DV=rate),
        counts,
        azimuths,
        st.floats(-40.0, 40.0),
    ),
    st.builds(
        lambda n, lat, lon, level: message(
            62, SYSTEM, n, I105_LAT=lat, I105_LON=lon, I136=level, I500_APC_X=30.0, I500_APC_Y=50.0, I500_COV=20.0
        ),
        counts,
        latitudes,
        longitudes,
        st.floats(0.0, 400.0),
    ),
    st.builds(
        lambda n, lat, lon, track: message(
            21, STATION, n, I080=1, I131_LAT=lat, I131_LON=lon, I140=900.0, I160_GS=0.05, I160_TA=track
        ),
        counts,
        latitudes,
        longitudes,
        azimuths,
    ),
    st.builds(
        lambda lat, lon: message(129, PASSER, I040="SERIAL", I080_LAT=lat, I080_LON=lon, I090=80.0, I185_VX=3.0),
        latitudes,
        longitudes,
    ),
    st.sampled_from(
        [
            message(2, RADAR, I000=1),
            message(62, SYSTEM, I080_TSE=1),
            message(65, SYSTEM, I000=1, I040_NOGO=1),
            message(65, SYSTEM, I000=1, I040_NOGO=0),
            message(63, RADAR, I060_CON=3),
            message(62, SYSTEM, 2, I105_LAT=52.0, I105_LON=5.0, I080_SIM=1),
            message(1, RADAR, 3, I020_TYP=0)[:-2],
            b"",
        ]
    ),
)


def received(sent: list[bytes], cuts: list[int]) -> Ingested:
    ingest, borders = Ingest(asterix_site(), {}), sorted({0, len(sent), *cuts})
    parts = [
        ingest.receive(
            Frames.of(
                sent[first:last],
                sequence=np.arange(first + 1, last + 1),
                source=[0] * (last - first),
                received_ns=np.full(last - first, NOON_NS),
            )
        )
        for first, last in pairwise(borders)
    ]
    return Ingested.join(parts) if parts else Ingested()


@given(st.lists(blocks, max_size=20), st.lists(st.integers(0, 20), max_size=8))
@example([message(62, SYSTEM, I105_LAT=50.0 + a / 7, I105_LON=5.0 + a / 9) for a in range(20)], [3, 4, 11, 19])
@example([message(21, STATION, I080=a, I131_LAT=50.0 + a / 7, I131_LON=5.0) for a in range(20)], [1, 8, 15])
@settings(max_examples=60, deadline=None)
def test_no_bit_depends_on_the_batch(sent: list[bytes], cuts: list[int]) -> None:
    at_once = received(sent, [])
    piecewise = received(sent, [cut for cut in cuts if cut < len(sent)])
    assert piecewise.detections == at_once.detections
    assert piecewise.claims == at_once.claims
    assert piecewise.reports == at_once.reports
    assert piecewise.rejections == at_once.rejections
