"""What people hand in becomes a frame on record, in its place among the inputs, also while a recording is played."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.ingest.test_observations import SITE, seen

from luchtwacht.clock import SystemClock
from luchtwacht.codecs.observation import encode_observation
from luchtwacht.errors import BadCommand
from luchtwacht.journal import EntryKind, read_entries
from luchtwacht.model import Notice, NoticeKind
from luchtwacht.runtime.feed import LiveFeed
from luchtwacht.runtime.recorded import Rerun, journal, periods, rerun
from luchtwacht.runtime.watch import Watch, open_journal
from luchtwacht.units import SECOND_NS


def test_an_observation_is_recorded_told_and_replayed(tmp_path: Path) -> None:
    clock = SystemClock()
    told: list[str] = []

    async def run() -> int:
        feed = LiveFeed(clock, step_ns=SECOND_NS // 10)
        watch = Watch(SITE, {}, feed, folder=tmp_path, writer=open_journal(tmp_path, SITE, {}, clock.now_ns()))
        watch.subscribe(
            lambda events: told.extend(
                each.detail for each in events if isinstance(each, Notice) and each.kind == NoticeKind.OBSERVATION
            )
        )
        watch.start(asyncio.get_running_loop())
        try:
            frame = await watch.hand_in(0, encode_observation(seen(time_ns=clock.now_ns(), bearing_deg=45.0)))
            with pytest.raises(BadCommand, match="there is no post 'post-9'"):
                await watch.hand_in(0, encode_observation(seen(sensor="post-9")))
            return frame
        finally:
            await asyncio.to_thread(watch.stop)

    frame = asyncio.run(run())
    kept = {entry.sequence: entry.data for entry in read_entries(tmp_path, kinds=(EntryKind.FRAME,))}
    assert len(kept) == 2  # the one that was refused is on record too
    assert b"patrol 3" in kept[frame]
    assert told == ["drone (probable), bearing 45°, by patrol 3"]
    (period,) = periods(journal(tmp_path))
    *_, outcome = rerun(journal(tmp_path), period)
    assert isinstance(outcome, Rerun)
    assert outcome.difference is None
