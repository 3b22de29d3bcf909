"""Running the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luchtwacht.server.backend import Backend

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    import uvicorn

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def create_server(
    backend: Backend,
    *,
    host: str = "127.0.0.1",
    port: int = 8080,
    quiet: bool = True,
    on_start: Callable[[], None] = lambda: None,
) -> uvicorn.Server:
    """A server that is not started yet: `await server.serve()`, and `server.should_exit = True` to end it.

    `on_start` is called once it answers.

    Bound to loopback it answers only to loopback's names. Compression of WebSocket messages is off: it costs twenty
    times the processor time of sending them (docs/adr/0061).
    """
    import uvicorn

    from luchtwacht.server.app import create_app

    app = create_app(backend, hosts=LOOPBACK if host in LOOPBACK else None)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        ws_per_message_deflate=False,
        ws_max_size=4_096,
        log_level="warning" if quiet else "info",
        access_log=not quiet,
        server_header=False,
        timeout_graceful_shutdown=2,
    )

    class AnnouncedServer(uvicorn.Server):
        """Says when it answers."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                on_start()

    return AnnouncedServer(config)
