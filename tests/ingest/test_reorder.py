"""The reorder buffer gives everything out once, in order, and says what came too late."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.sites import site

from luchtwacht.ingest import ReorderBuffer
from luchtwacht.model import Claims, Detections, Reason, TrackingSettings, frame_of, report_ids
from luchtwacht.units import SECOND_NS


def buffer(reorder_s: float = 1.0, rollback_s: float = 0.0) -> ReorderBuffer:
    return ReorderBuffer(site(reorder_s=reorder_s, tracking=TrackingSettings(rollback_s=rollback_s)))


def detections(*times_s: float, frame: int = 1) -> Detections:
    count = len(times_s)
    return Detections.unknown(
        count,
        id=report_ids(np.full(count, frame), np.arange(count)),
        time_ns=[round(each * SECOND_NS) for each in times_s],
        sensor=2,
    )


def claims(*times_s: float, frame: int = 1) -> Claims:
    known = detections(*times_s, frame=frame)
    return Claims.unknown(len(known), id=known.id, time_ns=known.time_ns, sensor=0)


@given(st.lists(st.integers(0, 10**12), max_size=20), st.integers(0, 20))
def test_the_watermark_never_goes_back_and_does_not_depend_on_the_cut(received: list[int], at: int) -> None:
    one, other = buffer(), buffer()
    whole = one.watermarks(np.array(received, dtype=np.int64))
    cut = [
        *other.watermarks(np.array(received[:at], dtype=np.int64)),
        *(other.watermark(each) for each in received[at:]),
    ]
    assert whole.tolist() == [int(each) for each in cut]
    assert (np.diff(whole) >= 0).all()
    assert not len(received) or int(whole[-1]) == max(received) - SECOND_NS


def test_what_was_measured_before_comes_out_in_order_of_time_then_id() -> None:
    held = buffer()
    assert held.put(detections(3.0, 1.0, frame=2), claims(2.0, frame=2)) == ()
    assert held.put(detections(1.0, 2.0, frame=1), Claims.empty()) == ()
    seen, claimed = held.release(3 * SECOND_NS)
    assert seen.time_ns.tolist() == [SECOND_NS, SECOND_NS, 2 * SECOND_NS]
    assert frame_of(seen.id).tolist() == [1, 2, 1]
    assert len(claimed) == 1
    assert held
    assert len(held.release(4 * SECOND_NS)[0]) == 1
    assert not held


def test_what_comes_after_its_release_is_counted_by_frame_with_how_late() -> None:
    held = buffer()
    held.release(10 * SECOND_NS)
    first, second = held.put(detections(8.0, 9.0, 10.0, frame=5), claims(9.5, frame=6))
    assert (first.frame, first.reason, first.count, first.source) == (5, Reason.LATE, 2, 1)
    assert "2.00 s before" in first.detail
    assert (second.frame, second.count, second.source) == (6, 1, 0)
    assert len(held.release(11 * SECOND_NS)[0]) == 1


def test_what_the_tracker_can_go_back_to_comes_out_with_the_next_release() -> None:
    held = buffer(rollback_s=2.0)
    held.release(10 * SECOND_NS)
    (late,) = held.put(detections(7.9, 8.0, 10.5, frame=5), claims(9.0, frame=6))
    assert (late.frame, late.record, late.count) == (5, 0, 1)
    seen, claimed = held.release(11 * SECOND_NS)
    assert seen.time_ns.tolist() == [8 * SECOND_NS, 21 * SECOND_NS // 2]
    assert len(claimed) == 1


@given(st.lists(st.tuples(st.lists(st.integers(0, 50), min_size=1, max_size=5), st.integers(0, 50)), max_size=10))
def test_every_report_comes_out_once_or_is_counted_late(steps: list[tuple[list[int], int]]) -> None:
    held, late, out = buffer(), 0, []
    for frame, (times, until) in enumerate(steps, start=1):
        late += sum(each.count for each in held.put(detections(*map(float, times), frame=frame), Claims.empty()))
        out.append(held.release(until * SECOND_NS)[0])
    out.append(held.release(100 * SECOND_NS)[0])
    ids = np.concatenate([each.id for each in out])
    assert len(ids) == len(set(ids.tolist())) == sum(len(times) for times, _ in steps) - late
    for batch in out:
        assert (np.diff(batch.time_ns) >= 0).all()
