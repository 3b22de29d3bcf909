"""What a crowd costs: `python -m tests.browser.measure_crowd [--tracks 1000] [--seconds 10]`.

Serves the invented night with a crowd at two updates a second, looks on with chromium, and prints milliseconds of main
thread and frames a second. Without a graphics card the map itself is drawn by the processor, so frame rates are lower
bounds and main-thread time is what compares.
"""

from __future__ import annotations

import argparse
import threading
import time

from playwright.sync_api import CDPSession, sync_playwright
from tests.browser.conftest import ARGUMENTS, find_chromium
from tests.server.conftest import serve
from tests.server.fake_watch import FakeWatch

COUNT_FRAMES = """() => { window.__frames = 0; window.__longest = 0; let last = performance.now();
    const count = (at) => { window.__frames += 1; window.__longest = Math.max(window.__longest, at - last); last = at;
    requestAnimationFrame(count); }; requestAnimationFrame(count); }"""


def metrics(session: CDPSession) -> dict[str, float]:
    return {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}


def measure(tracks: int, seconds: float) -> None:
    """Print one line for `tracks` tracks."""
    watch = FakeWatch(crowd=tracks)
    watch.advance(4)
    serving = serve(watch)
    served = next(serving)
    stop, spent = threading.Event(), [0.0, 0]

    def run() -> None:
        while not stop.wait(0.5):
            started = time.process_time()
            served.do(watch.advance)
            spent[0] += time.process_time() - started
            spent[1] += 1

    threading.Thread(target=run, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(120_000)
        page.goto(f"http://{served.address}/")
        page.wait_for_selector("html[data-ready]", state="attached")
        page.wait_for_timeout(4_000)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        page.evaluate(COUNT_FRAMES)
        before, updates, started = metrics(session), spent[1], time.monotonic()
        page.wait_for_timeout(seconds * 1_000)
        after, elapsed = metrics(session), time.monotonic() - started
        frames, longest = page.evaluate("[window.__frames, window.__longest]")
        count = max(spent[1] - updates, 1)
        task = (after["TaskDuration"] - before["TaskDuration"]) * 1_000
        script = (after["ScriptDuration"] - before["ScriptDuration"]) * 1_000
        print(
            f"{tracks:6d} tracks  {count / elapsed:4.1f} updates/s  main thread {task / elapsed / 10:5.1f} %"
            f"  ({task / count:6.1f} ms an update, of it script {script / count:6.1f})"
            f"  {frames / elapsed:5.1f} frames/s  longest {longest:4.0f} ms",
            flush=True,
        )
        browser.close()
    stop.set()
    next(serving, None)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, nargs="+", default=[0, 200, 1_000])
    parser.add_argument("--seconds", type=float, default=10.0)
    given = parser.parse_args()
    for number in given.tracks:
        measure(number, given.seconds)
