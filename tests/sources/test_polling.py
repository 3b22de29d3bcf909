"""An HTTP server that answers, has nothing new, errs, stalls, breaks off, and comes back."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from tests.sources.collecting import CollectingSink, heard, site

from luchtwacht.errors import BadConfiguration
from luchtwacht.model import Format, LinkState, Source
from luchtwacht.sources import polling

AIRCRAFT = Source(id="adsb", format=Format.READSB, poll_s=0.02)
Answer = Callable[[str], Awaitable[bytes]]


def answered(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", "connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


async def serving(opened: socket.socket, answer: Answer) -> asyncio.Server:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        try:
            writer.write(await answer(request))
            await writer.drain()
        finally:
            writer.close()

    return await asyncio.start_server(serve, sock=opened)


def polled(answer: Answer, enough: Callable[[CollectingSink], bool], **more: object) -> CollectingSink:
    opened = socket.create_server(("127.0.0.1", 0))
    port = opened.getsockname()[1]

    async def play(sink: CollectingSink) -> None:
        async with await serving(opened, answer):
            await sink.until(lambda: enough(sink))

    declared = replace(AIRCRAFT, connect=f"http://127.0.0.1:{port}/aircraft.json", **more)  # type: ignore[arg-type]
    with opened:
        return heard(site(declared), play)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(polling, "LONGEST_PAUSE_S", 0.05)
    monkeypatch.setattr(polling, "TIMEOUT_S", 0.2)


def test_each_answer_is_a_payload_and_one_that_has_not_changed_is_not_given_again() -> None:
    asked: list[str] = []

    async def answer(request: str) -> bytes:
        asked.append(request)
        number = len(asked) // 3
        tag = f'"{number}"'
        if f"if-none-match: {tag}" in request.lower():
            return answered("304 Not Modified")
        return answered("200 OK", b"document %d" % number, f"etag: {tag}")

    sink = polled(answer, lambda sink: len(sink.payloads) == 3)
    assert sink.bytes == [b"document 0", b"document 1", b"document 2"]
    assert len(asked) >= 6
    assert sink.connected == 1


def test_errors_stalls_and_broken_answers_are_said_and_asked_again() -> None:
    bad = [
        answered("503 Service Unavailable", b"later"),
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf",
        b"not http at all\r\n\r\n",
        b"",
    ]
    left = [*bad, None]

    async def answer(request: str) -> bytes:
        if not left:
            return answered("200 OK", b"document")
        now = left.pop(0)
        if now is None:
            await asyncio.sleep(0.5)  # stalls longer than anybody waits
            return b""
        return now

    sink = polled(answer, lambda sink: len(sink.payloads) == 1)
    lost = sink.said(LinkState.LOST)
    assert "answered 503 Service Unavailable" in lost[0]
    assert len(lost) >= 3
    assert any("ReadTimeout" in each for each in lost)
    assert sink.said(LinkState.CONNECTED)[-1].endswith("after 5 questions without an answer")


def test_a_token_goes_along_and_is_kept_outside_the_site_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECEIVER_TOKEN", "t0ken")

    async def answer(request: str) -> bytes:
        return answered("200 OK" if "authorization: bearer t0ken" in request.lower() else "401 Unauthorized", b"yes")

    assert polled(answer, lambda sink: bool(sink.payloads), secret="env:RECEIVER_TOKEN").bytes[0] == b"yes"
    with pytest.raises(BadConfiguration, match="NOT_THERE is not set"):
        polled(answer, lambda sink: bool(sink.payloads), secret="env:NOT_THERE")


def test_an_answer_without_end_is_not_taken_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "LARGEST_ANSWER", 1_000_000)

    async def answer(request: str) -> bytes:
        return answered("200 OK", b"x" * 2_000_000)

    sink = polled(answer, lambda sink: bool(sink.said(LinkState.LOST)))
    assert "more than" in sink.said(LinkState.LOST)[0]
    assert sink.payloads == []
