"""A real browser before the real server: Debian's chromium, driven by Playwright.

Nothing is downloaded from Playwright's own servers. Where there is no chromium, root on Debian installs it with
apt-get; anyone else is told how.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright
from tests.server.conftest import Served, one_server, served, served_live, three_minutes_in

from luchtwacht.server.app import STATIC

__all__ = ["one_server", "served", "served_live", "three_minutes_in"]

ROOT = Path(__file__).parents[2]
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--headless=new",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SLOW_MS = 60_000
"""drawing without a graphics card on a busy machine takes its time"""


def find_chromium() -> str | None:
    """The path of a chromium, or none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a chromium, installed when that can be done."""
    found = find_chromium()
    if found is None and os.geteuid() == 0 and Path("/etc/debian_version").exists():
        quiet = {"check": False, "capture_output": True, "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", *command], **quiet)  # type: ignore[call-overload]
        found = find_chromium()
    if found is None:
        pytest.skip("no chromium: install it (Debian: apt-get install chromium) to run the browser tests")
    return found


@pytest.fixture(scope="session")
def console() -> Path:
    """The built console."""
    if not (STATIC / "index.html").exists():
        pytest.skip("the console is not built: npm ci && npm run build in web/ (or make web)")
    return STATIC


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Ends with the module: while it runs, this thread has a running event loop, and no other test can start one."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def browser(playwright: Playwright, chromium: str, console: Path) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm ci in web/")
    return AXE.read_text()


class Console:
    """A page with the console, and what it asked the network for."""

    def __init__(self, context: BrowserContext, served: Served) -> None:
        self.served = served
        self.page: Page = context.new_page()
        self.page.set_default_timeout(SLOW_MS)
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("websocket", lambda socket: self.requests.append(socket.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, link: str = "") -> Page:
        """Load the page and wait until the map and the first picture are there."""
        self.page.goto(f"http://{self.served.address}/{link}")
        self.page.wait_for_selector("html[data-ready]", state="attached")
        return self.page

    @property
    def elsewhere(self) -> list[str]:
        """Requests to any other host; what the page made itself has no host."""
        own = (f"http://{self.served.address}/", f"ws://{self.served.address}/", "data:", "blob:")
        return [url for url in self.requests if not url.startswith(own)]


OpenConsole = Callable[..., Console]


@pytest.fixture
def open_console(browser: Browser, served: Served) -> Iterator[OpenConsole]:
    """Makes a console: `open_console(width, height, language="nl", theme="night", name="JW")`."""
    made: list[tuple[BrowserContext, Console]] = []

    def make(width: int = 1280, height: int = 800, **preferences: Any) -> Console:
        preferences = {"language": "en", "theme": "night", "name": "JW"} | preferences
        context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
        kept = json.dumps(json.dumps(preferences))
        context.add_init_script(f"localStorage.luchtwacht ??= {kept}")
        console = Console(context, served)
        made.append((context, console))
        return console

    yield make
    for context, console in made:
        context.close()
        assert console.errors == []
        assert console.elsewhere == []
