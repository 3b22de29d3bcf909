from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from tests.server.conftest import Served
from tests.server.fake_watch import START_NS, FakeWatch
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from luchtwacht import model
from luchtwacht.server.live import LOG_LENGTH, LiveFeed


def receive(line: ClientConnection, *kinds: str) -> dict[str, Any]:
    """The next message of one of these kinds."""
    while True:
        message: dict[str, Any] = json.loads(line.recv(timeout=10))
        if message["kind"] in kinds:
            return message


def test_a_console_gets_the_whole_picture_and_then_what_changes(served: Served) -> None:
    with connect(served.live) as line:
        first = json.loads(line.recv(timeout=10))
        assert first["kind"] == "snapshot"
        assert 3 in first["picture"]["tracks"]["id"]
        served.do(served.watch.advance)
        second = receive(line, "delta", "snapshot")
        assert (second["kind"], second["base"]) == ("delta", first["seq"])
        assert second["seq"] > first["seq"]
        assert second["tracks"]["time_ms"][0] == first["picture"]["tracks"]["time_ms"][0] + 500


def test_the_watch_is_heard_from_also_when_nothing_changes(served: Served) -> None:
    with connect(served.live) as line:
        said = [receive(line, "status")["status"] for _ in range(2)]
    assert said[0]["playback"]["speed"] == 1.0
    assert said[0]["recording"] is True


def test_a_console_that_asks_gets_the_whole_picture_again(served: Served) -> None:
    with connect(served.live) as line:
        receive(line, "snapshot")
        line.send('{"ask":"snapshot"}')
        assert receive(line, "snapshot")["picture"]["tracks"]["id"]


def test_going_to_another_time_gives_everyone_the_other_picture(served: Served) -> None:
    with connect(served.live) as line:
        before = receive(line, "snapshot")
        served.do(lambda: served.watch.go_to(START_NS + 30 * 10**9))
        after = receive(line, "snapshot", "delta")
        assert after["kind"] == "snapshot"
        assert after["picture"]["time_ms"] < before["picture"]["time_ms"]
        assert len(after["picture"]["alerts"]) < len(before["picture"]["alerts"])


def test_messages_are_not_compressed(served: Served) -> None:
    with connect(served.live) as line:
        assert line.response is not None
        assert "permessage-deflate" not in line.response.headers.get("Sec-WebSocket-Extensions", "")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
def test_a_page_of_another_site_may_not_look_on(served: Served, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused, connect(served.live, origin=origin):  # type: ignore[arg-type]
        pass
    assert refused.value.response.status_code == 403


def test_a_page_of_this_host_may_look_on(served: Served) -> None:
    with connect(served.live, origin=f"http://{served.address}") as line:  # type: ignore[arg-type]
        assert receive(line, "snapshot")


def alerts_of(message: dict[str, Any]) -> list[tuple[int, str]]:
    return [(alert["id"], alert["status"]) for alert in message["alerts"]]


def test_a_slow_console_misses_positions_and_no_alert() -> None:
    async def run() -> None:
        watch = FakeWatch()
        feed = LiveFeed(watch)
        async with feed.running():
            slow = json.loads(feed.message_since(-1))["seq"]
            fast, seen = slow, []
            for _ in range(360):
                watch.advance()
                message = json.loads(feed.message_since(fast))
                assert message["base"] == fast
                fast = message["seq"]
                seen += alerts_of(message)
            at_once = json.loads(feed.message_since(slow))
        assert at_once["kind"] == "delta"
        assert alerts_of(at_once) == seen
        assert len(seen) >= 3
        assert len(at_once["tracks"]["id"]) == len(set(at_once["tracks"]["id"])), "one latest state a track"

    asyncio.run(run())


def test_a_console_too_far_behind_gets_the_whole_picture() -> None:
    async def run() -> None:
        watch = FakeWatch()
        feed = LiveFeed(watch)
        async with feed.running():
            behind = feed.seq
            for k in range(LOG_LENGTH + 1):
                notice = model.Notice(
                    time_ns=START_NS + k, kind=model.NoticeKind.SENSOR_SILENT, subject="adsb", detail=str(k)
                )
                watch.say(notice)
            assert json.loads(feed.message_since(behind))["kind"] == "snapshot"
            assert json.loads(feed.message_since(behind + 1))["kind"] == "delta"

    asyncio.run(run())


def test_merged_and_single_changes_end_in_the_same_tracks() -> None:
    async def run() -> None:
        watch = FakeWatch()
        feed = LiveFeed(watch)
        async with feed.running():
            whole = json.loads(feed.message_since(-1))
            one = dict.fromkeys(whole["picture"]["tracks"]["id"])
            two, sent = dict(one), whole["seq"]
            start = sent
            for _ in range(120):
                watch.advance()
                message = json.loads(feed.message_since(sent))
                sent = message["seq"]
                take(one, message)
            take(two, json.loads(feed.message_since(start)))
        assert sorted(one) == sorted(two) == sorted(feed.picture.read().tracks.id)

    def take(tracks: dict[int, None], message: dict[str, Any]) -> None:
        for id in message["gone"]["tracks"]:
            tracks.pop(id, None)
        tracks.update(dict.fromkeys(message["tracks"]["id"]))

    asyncio.run(run())


def test_a_console_that_takes_its_time_holds_up_nobody() -> None:
    async def run() -> None:
        watch = FakeWatch()
        feed = LiveFeed(watch)
        got: list[bytes] = []

        async def stuck(_: bytes) -> None:
            await asyncio.Event().wait()

        async def quick(message: bytes) -> None:
            got.append(message)

        async with feed.running():
            tasks = [asyncio.create_task(feed.serve(sink, asyncio.Event())) for sink in (stuck, quick)]
            for _ in range(6):
                watch.advance()
                await asyncio.sleep(0.12)
            assert feed.consoles == 2
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        assert feed.consoles == 0
        assert sum(b'"kind":"delta"' in message for message in got) >= 4

    asyncio.run(run())
