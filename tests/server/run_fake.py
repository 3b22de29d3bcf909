"""Shows the console on the invented night: `python -m tests.server.run_fake [--port 8099] [--crowd 0] [--live]`."""

from __future__ import annotations

import argparse
import asyncio

from tests.server.fake_watch import STEP_NS, FakeWatch

from luchtwacht.server.serve import create_server


async def run(port: int, crowd: int, live: bool, skip_s: float) -> None:
    """Serve until ended."""
    watch = FakeWatch(crowd=crowd, live=live)
    watch.advance(int(skip_s * 2))
    server = create_server(watch, port=port)
    serving = asyncio.create_task(server.serve())
    while not serving.done():
        speed = watch.playback.speed if watch.playback else 1.0
        await asyncio.sleep(STEP_NS / 1e9 / speed)
        if not (watch.playback and (watch.playback.paused or watch.playback.state.ended)):
            watch.advance()
    await serving


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--crowd", type=int, default=0)
    parser.add_argument("--live", action="store_true")
    parser.add_argument("--skip", type=float, default=100.0, help="seconds of the night that have passed at the start")
    given = parser.parse_args()
    asyncio.run(run(given.port, given.crowd, given.live, given.skip))
