"""Datagrams: unicast and multicast, IPv4 and IPv6. What the kernel had to let go is counted and said (Linux)."""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress
from ipaddress import ip_address

from luchtwacht.errors import BadConfiguration
from luchtwacht.model import LinkState, UdpLink
from luchtwacht.sources.framing import split_datagram
from luchtwacht.sources.outlet import Outlet

RECEIVE_BUFFER = 8 * 1024 * 1024
"""bytes the kernel may hold while we are busy; it gives less where net.core.rmem_max is less"""
MOST_AT_ONCE = 512
"""datagrams between two looks at whether there is room"""
LARGEST = 65_535
_SO_RXQ_OVFL = 40
"""Linux: each datagram comes with how many were let go before it (socket(7))"""
_IPV6_MULTICAST_ALL, _IP_MULTICAST_ALL = 29, 49
"""Linux: whether a socket hears groups that only other sockets joined (ip(7), ipv6(7))"""
_COUNTER = 1 << 32


async def run_udp(link: UdpLink, outlet: Outlet) -> None:
    """Hand over what each datagram holds, until cancelled.

    Raises:
        BadConfiguration: this machine cannot listen there.
    """
    opened = open_socket(link, outlet.source.id)
    dropped = 0
    with opened:
        outlet.say(LinkState.CONNECTED, f"listening on {link}", link=link)
        while True:
            await outlet.room()
            await _readable(opened)
            before = dropped
            for _ in range(MOST_AT_ONCE):
                try:
                    data, notes, _, _ = opened.recvmsg(LARGEST, socket.CMSG_SPACE(4))
                except (BlockingIOError, InterruptedError):
                    break
                except OSError as error:
                    why = error.strerror or str(error)
                    outlet.say(LinkState.LOST, f"{link}: {why}", link=link, why=why)
                    break
                dropped = _dropped(notes, dropped)
                for payload in split_datagram(data, outlet.source.format):
                    outlet.take(payload)
            if dropped != before:
                lost = (dropped - before) % _COUNTER
                outlet.say(
                    LinkState.DROPPED,
                    f"the kernel let {lost} datagram{'s' * (lost != 1)} go that {'were' if lost != 1 else 'was'} not "
                    f"read in time; {_buffer(opened)}",
                    lost=lost,
                )


def _buffer(opened: socket.socket) -> str:
    given = opened.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2  # Linux counts double (socket(7))
    if given < RECEIVE_BUFFER:
        return f"its buffer is {given:,} bytes: raise net.core.rmem_max to {RECEIVE_BUFFER}"
    return f"its buffer of {given:,} bytes was full"


async def _readable(opened: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_reader(opened, lambda: None if ready.done() else ready.set_result(None))
    try:
        await ready
    finally:
        loop.remove_reader(opened)


def _dropped(notes: Iterable[tuple[int, int, bytes]], before: int) -> int:
    for level, kind, value in notes:
        if level == socket.SOL_SOCKET and kind == _SO_RXQ_OVFL and len(value) >= 4:
            return int(struct.unpack("=I", value[:4])[0])
    return before


def open_socket(link: UdpLink, source: str) -> socket.socket:
    """A bound socket, a member of the group when the address is one.

    Raises:
        BadConfiguration: the host has no address, the port is taken, or no interface can join the group.
    """
    opened: socket.socket | None = None
    try:
        family, _, _, _, address = socket.getaddrinfo(link.host, link.port, type=socket.SOCK_DGRAM)[0]
        group = ip_address(str(address[0]).partition("%")[0])
        opened = socket.socket(family, socket.SOCK_DGRAM)
        opened.setblocking(False)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        if sys.platform == "linux":
            with suppress(OSError):  # then nothing is counted; the watch runs all the same
                opened.setsockopt(socket.SOL_SOCKET, _SO_RXQ_OVFL, 1)
        if not group.is_multicast:
            opened.bind(address)
            return opened
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if group.version == 6:
            opened.bind(("::", link.port))
        else:
            opened.bind((str(group), link.port))
        _join(opened, group.packed, link.interface)
        return opened
    except OSError as error:
        if opened is not None:
            opened.close()
        raise BadConfiguration(
            f"source {source} cannot listen on {link}: {error.strerror or error}",
            where=source,
            hint="is another program, or another watch, listening there? is the address one of this machine?",
        ) from error


def _join(opened: socket.socket, group: bytes, interface: str) -> None:
    """Join on one interface, or on every one that can."""
    six = len(group) == 16
    with suppress(OSError):
        if six:
            opened.setsockopt(socket.IPPROTO_IPV6, _IPV6_MULTICAST_ALL, 0)
        else:
            opened.setsockopt(socket.IPPROTO_IP, _IP_MULTICAST_ALL, 0)
    if not six and interface and interface[0].isdigit():
        opened.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group + socket.inet_aton(interface))
        return
    numbers = [socket.if_nametoindex(interface)] if interface else [number for number, _ in socket.if_nameindex()]
    joined, failure = 0, OSError("there is no interface")
    for number in numbers:
        try:
            if six:
                opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group + struct.pack("@I", number))
            else:
                request = group + struct.pack("=4si", b"\0" * 4, number)
                opened.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request)
            joined += 1
        except OSError as error:
            failure = error
    if not joined:
        raise failure
