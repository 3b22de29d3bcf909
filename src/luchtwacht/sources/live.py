"""Live sources: payloads as they come. What is received is handed over at once and never changed.

`Source.connect` says the way (`model.link`); each way is one coroutine that runs until it is cancelled, says on record
when it is connected or lost, and tries again with growing pauses.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from luchtwacht.errors import BadConfiguration
from luchtwacht.model import (
    ApiLink,
    FileLink,
    Format,
    HttpLink,
    MqttLink,
    SerialLink,
    Site,
    TailLink,
    TcpLink,
    TcpServerLink,
    UdpLink,
    parse_link,
)
from luchtwacht.sources.broker import run_mqtt
from luchtwacht.sources.datagrams import run_udp
from luchtwacht.sources.files import run_file, run_tail
from luchtwacht.sources.network_remote_id import run_network_remote_id
from luchtwacht.sources.outlet import Outlet, Peers, Sink
from luchtwacht.sources.polling import run_http
from luchtwacht.sources.streams import run_serial, run_tcp, run_tcp_server


async def listen(site: Site, sink: Sink, marks: Path | None = None, peers: Mapping[int, Peers] | None = None) -> None:
    """Listen to every source of a site until cancelled.

    Args:
        sink: takes what comes, on the event loop's thread.
        marks: folder in which is kept how far growing files were read; none keeps nothing.
        peers: of the sources that also answer, by index into `Site.sources`.

    Raises:
        BadConfiguration: a source says nowhere to connect, its port cannot be used, or its secret is not there.
    """
    outlets = [Outlet(sink, index, source, (peers or {}).get(index)) for index, source in enumerate(site.sources)]
    for outlet in outlets:
        check_connect(outlet)
    try:
        async with asyncio.TaskGroup() as group:
            for outlet in outlets:
                group.create_task(run_source(outlet, site, marks))
    except* BadConfiguration as several:
        raise several.exceptions[0] from None


def check_connect(outlet: Outlet) -> None:
    """Hold a source's `connect` against what can be connected to.

    Raises:
        BadConfiguration: it is empty or cannot be understood.
    """
    try:
        parse_link(outlet.source.connect)
    except BadConfiguration as error:
        raise BadConfiguration(f"source {outlet.source.id} {error.what}", hint=error.hint) from None


async def run_source(outlet: Outlet, site: Site, marks: Path | None) -> None:
    """Run one source until cancelled. Raises as `listen` does."""
    match parse_link(outlet.source.connect):
        case UdpLink() as link:
            await run_udp(link, outlet)
        case TcpLink() as link:
            await run_tcp(link, outlet)
        case TcpServerLink() as link:
            await run_tcp_server(link, outlet)
        case SerialLink() as link:
            await run_serial(link, outlet)
        case MqttLink() as link:
            await run_mqtt(link, outlet)
        case HttpLink() as link if outlet.source.format == Format.NETWORK_REMOTE_ID:
            await run_network_remote_id(link, outlet, site.origin)
        case HttpLink() as link:
            await run_http(link, outlet)
        case TailLink() as link:
            await run_tail(link, outlet, marks / f"{outlet.source.id}.json" if marks else None)
        case FileLink() as link:
            await run_file(link, outlet)
        case ApiLink():
            await asyncio.get_running_loop().create_future()  # the API hands in what comes that way
