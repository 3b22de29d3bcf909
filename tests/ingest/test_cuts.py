"""How frames are cut into calls changes no bit of what ingest makes of them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.ingest.sites import HEADER, NOON_NS, mappings, plots, site

from luchtwacht.ingest import Ingest, Ingested
from luchtwacht.model import Detections, Frames, Rejection

NOON_S = NOON_NS // 1_000_000_000
RADAR, TABLE = 0, 1

tracks = st.builds(
    lambda latitude, height: (TABLE, f"{NOON_S},{NOON_S},{latitude!r},5.0123456789,{height!r},,7,,".encode()),
    st.floats(51.9, 52.1),
    st.floats(0.0, 3000.0),
)
bearings = st.floats(0.0, 360.0).map(lambda azimuth: (TABLE, f"{NOON_S},,,,,,,{azimuth!r},".encode()))
blocks = st.builds(
    lambda count, rho, theta, height: (RADAR, plots(count, I040_RHO=rho, I040_THETA=theta, I110_3DH=height)),
    st.integers(1, 3),
    st.floats(0.1, 10.0),
    st.floats(0.0, 359.0),
    st.floats(0.0, 3000.0),
)
damaged = st.sampled_from(
    [
        (RADAR, b""),
        (RADAR, plots(3)[:-4]),
        (RADAR, plots(I010_SIC=77)),
        (RADAR, bytes([99, 0, 5, 0, 0])),
        (TABLE, b""),
        (TABLE, b"1,2"),
        (TABLE, b"\x1f\x8b\x00binary"),
        (TABLE, HEADER.encode()),
    ]
)
arrivals = st.lists(tracks | bearings | blocks | damaged, max_size=24).map(
    lambda sent: [(TABLE, HEADER.encode()), *sent]
)


def received(sent: list[tuple[int, bytes]], cuts: list[int]) -> tuple[Detections, list[Rejection]]:
    """What one ingest makes of all, handed over in pieces."""
    ingest, borders = Ingest(site(), mappings()), sorted({0, len(sent), *cuts})
    parts: list[Ingested] = []
    for first, last in pairwise(borders):
        piece = Frames.of(
            [payload for _, payload in sent[first:last]],
            sequence=np.arange(first + 1, last + 1),
            source=[source for source, _ in sent[first:last]],
            received_ns=np.full(last - first, NOON_NS),
        )
        parts.append(ingest.receive(piece))
    detections = Detections.concatenate([part.detections for part in parts])
    rejections = [each for part in parts for each in part.rejections]
    order = np.argsort(detections.id, kind="stable")
    return detections.take(order), sorted(rejections, key=lambda each: (each.frame, each.record, each.item))


@given(arrivals, st.lists(st.integers(0, 25), max_size=8))
@example([(TABLE, HEADER.encode()), *[(TABLE, f"{NOON_S},,,,,,,{a},".encode()) for a in range(20)]], [3, 4, 11, 19])
@settings(max_examples=80, deadline=None)
def test_no_bit_of_a_detection_depends_on_its_batch(sent: list[tuple[int, bytes]], cuts: list[int]) -> None:
    at_once, refused_at_once = received(sent, [])
    piecewise, refused_piecewise = received(sent, [cut for cut in cuts if cut < len(sent)])
    assert refused_piecewise == refused_at_once
    for name in at_once.__dataclass_fields__:
        assert getattr(piecewise, name).tobytes() == getattr(at_once, name).tobytes(), name
