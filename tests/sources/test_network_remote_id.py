"""A Remote ID service provider is polled view by view, and asked once for the details of each flight."""

from __future__ import annotations

import asyncio
import json
import socket
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.sources.collecting import CollectingSink, heard, site

from luchtwacht.model import Format, LinkState, Place, Source
from luchtwacht.sources.network_remote_id import LONGEST_DIAGONAL_M, views_round

ORIGIN = Place(latitude=52.0, longitude=5.0)
_DEGREE_M = 111_195.0


@pytest.mark.parametrize(("half_m", "count"), [(500.0, 1), (2_470.0, 1), (2_480.0, 4), (10_000.0, 25)])
def test_an_area_is_cut_into_views_that_may_be_asked_for(half_m: float, count: int) -> None:
    views = [tuple(map(float, view.split(","))) for view in views_round(ORIGIN, half_m)]
    assert len(views) == count
    for south, west, north, east in views:
        assert ((north - south) ** 2 + ((east - west) * 0.6157) ** 2) ** 0.5 * _DEGREE_M <= LONGEST_DIAGONAL_M
    assert (max(view[2] for view in views) - min(view[0] for view in views)) * _DEGREE_M == pytest.approx(
        2 * half_m, 0.01
    )


def test_flights_are_polled_and_their_details_asked_for_once() -> None:
    opened = socket.create_server(("127.0.0.1", 0))
    port = opened.getsockname()[1]
    asked: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = urlsplit((await reader.readuntil(b"\r\n\r\n")).decode().split(" ")[1])
        asked.append(path.path)
        answer: dict[str, object] = {"details": {"id": "one/1"}}
        status = "200 OK"
        if path.path == "/rid/uss/flights":
            assert len(parse_qs(path.query)["view"][0].split(",")) == 4
            answer = {"flights": [{"id": "one/1"}]}
        elif len(asked) < 4:
            status = "500 Internal Server Error"  # the first time
        body = json.dumps(answer).encode()
        writer.write(f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()

    async def play(sink: CollectingSink) -> None:
        async with await asyncio.start_server(serve, sock=opened):
            await sink.until(lambda: len(sink.payloads) >= 5)

    provider = Source(
        id="provider", format=Format.NETWORK_REMOTE_ID, connect=f"http://127.0.0.1:{port}/rid/", poll_s=0.05
    )
    with opened:
        sink = heard(site(provider), play)
    assert asked.count("/rid/uss/flights/one%2F1/details") == 2
    assert [json.loads(each) for each in sink.bytes].count({"details": {"id": "one/1"}}) == 1
    assert "details of flight one/1: answered 500" in sink.said(LinkState.LOST)[0]
