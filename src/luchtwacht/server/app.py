"""The server as one ASGI application: API, live feed, console."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from luchtwacht.server.api import Refusal, answer_refusal, create_router
from luchtwacht.server.backend import Backend
from luchtwacht.server.edge import Edge
from luchtwacht.server.live import LiveFeed

STATIC = Path(__file__).parent / "static"
NOT_BUILT = """<!doctype html><title>Luchtwacht</title><h1>The console is not built</h1>
<p>The watch runs and its <a href="docs">API</a> answers. Build the console with <code>make web</code>
(or <code>npm ci &amp;&amp; npm run build</code> in <code>web/</code>) and load this page again.</p>"""


class Console(StaticFiles):
    """The built console. Files whose name holds their hash may be kept for ever, the page itself never."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        hashed = path.startswith("assets/")
        response.headers["cache-control"] = "public, max-age=31536000, immutable" if hashed else "no-cache"
        return response


def create_app(backend: Backend, *, hosts: Sequence[str] | None = None, static: Path = STATIC) -> FastAPI:
    """Serve one watch.

    Args:
        backend: the watch.
        hosts: host names the server answers to; none answers to any (behind a proxy that checks it).
        static: the built console.
    """
    live = LiveFeed(backend)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with live.running():
            yield

    app = FastAPI(
        title="Luchtwacht",
        version="1",
        summary="The picture of the air, what a person must look at, and the way back to the byte",
        lifespan=lifespan,
        docs_url=None,  # its page loads scripts from another host; the description itself is /openapi.json
        redoc_url=None,
        license_info={"name": "Apache-2.0"},
    )
    app.add_exception_handler(Refusal, answer_refusal)
    app.include_router(create_router(backend, live))
    app.add_middleware(Edge, hosts=hosts)
    if (static / "index.html").exists():
        app.mount("/", Console(directory=static, html=True), name="console")
    else:

        @app.get("/", include_in_schema=False)
        async def not_built() -> HTMLResponse:
            return HTMLResponse(NOT_BUILT.replace('href="docs"', 'href="openapi.json"'), 503)

    return app
