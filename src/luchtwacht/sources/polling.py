"""Documents asked for over HTTP again and again: each answer is one payload."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from luchtwacht.model import HttpLink, LinkState
from luchtwacht.sources.outlet import FIRST_PAUSE_S, LONGEST_PAUSE_S, Outlet
from luchtwacht.sources.secret import read_secret

if TYPE_CHECKING:
    from httpx import AsyncClient

TIMEOUT_S = 10.0
"""to connect, and between two parts of an answer"""
WHOLE_ANSWER_S = 30.0
LARGEST_ANSWER = 64 * 1024 * 1024
LONGEST_RETRY_AFTER_S = 300.0
AGENT = "luchtwacht"


class Unanswered(Exception):
    """A question to which no usable answer came; the message says why.

    Args:
        wait_s: how long the server wants us to wait (Retry-After).
    """

    def __init__(self, why: str, wait_s: float = 0.0) -> None:
        self.wait_s = wait_s
        super().__init__(why)


class Questioner:
    """Asks one server; answers that have not changed (ETag, Last-Modified; RFC 9110, 13) are not given again."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self._known: dict[str, dict[str, str]] = {}
        """by address, the conditions under which the answer is one we have"""

    async def ask(self, url: str, *, remember: bool = True) -> bytes | None:
        """The answer's body; none when it is the one we have.

        Args:
            remember: whether it is asked for again and again.

        Raises:
            Unanswered: none came in time, or one that is no success, or one too large.
        """
        from httpx import HTTPError, InvalidURL

        headers = self._known.get(url, {}) if remember else {}
        try:
            async with asyncio.timeout(WHOLE_ANSWER_S), self._client.stream("GET", url, headers=headers) as answer:
                if answer.status_code == 304:
                    return None
                if not answer.is_success:
                    wait = answer.headers.get("retry-after", "")
                    raise Unanswered(
                        f"answered {answer.status_code} {answer.reason_phrase}".rstrip(),
                        min(float(wait), LONGEST_RETRY_AFTER_S) if wait.isascii() and wait.isdigit() else 0.0,
                    )
                body = bytearray()
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > LARGEST_ANSWER:
                        raise Unanswered(f"answered more than {LARGEST_ANSWER >> 20} MiB")
        except TimeoutError:
            raise Unanswered(f"no whole answer within {WHOLE_ANSWER_S:g} s") from None
        except (HTTPError, InvalidURL, OSError) as error:
            raise Unanswered(f"no answer: {_why(error)}") from error
        if remember:
            conditions = {"if-none-match": "etag", "if-modified-since": "last-modified"}
            self._known = {
                url: {asked: answer.headers[given] for asked, given in conditions.items() if given in answer.headers}
            }
        return bytes(body)


def open_client(token: str) -> AsyncClient:
    """A client with our time limits; `token` goes along as a bearer's (RFC 6750)."""
    from httpx import AsyncClient, Timeout

    headers = {"user-agent": AGENT, "accept": "application/json, */*;q=0.5"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    return AsyncClient(timeout=Timeout(TIMEOUT_S), follow_redirects=True, headers=headers)


async def run_http(link: HttpLink, outlet: Outlet) -> None:
    """Ask every `Source.poll_s` until cancelled, and less often while no answer comes.

    Raises:
        BadConfiguration: the declared secret is not there.
    """
    async with open_client(read_secret(outlet.source)) as client:
        questioner = Questioner(client)

        async def poll() -> None:
            body = await questioner.ask(link.url)
            if body is not None:
                outlet.take(body)

        await poll_regularly(poll, str(link), outlet)


async def poll_regularly(poll: Callable[[], Awaitable[None]], what: str, outlet: Outlet) -> None:
    """Call `poll` every `Source.poll_s`, counted from one start to the next; after failures, after growing pauses."""
    loop = asyncio.get_running_loop()
    failed = 0
    while True:
        await outlet.room()
        began = loop.time()
        pause_s = outlet.source.poll_s
        try:
            await poll()
        except Unanswered as why:
            failed += 1
            pause_s = max(pause_s, why.wait_s, min(FIRST_PAUSE_S * 2.0**failed, LONGEST_PAUSE_S))
            outlet.say(LinkState.LOST, f"{what}: {why}", link=what, why=why)
        else:
            again = f" after {failed} question{'s' * (failed != 1)} without an answer" if failed else ""
            if not outlet.connected:
                outlet.say(LinkState.CONNECTED, f"{what} answers{again}", link=what)
            failed = 0
        await asyncio.sleep(max(began + pause_s - loop.time(), 0.0))


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__
