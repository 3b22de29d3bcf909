"""Messages of an MQTT broker (3.1.1): one message, one payload; streams of lines in it are cut like datagrams."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

from luchtwacht.model import LinkState, MqttLink
from luchtwacht.sources.framing import split_datagram
from luchtwacht.sources.outlet import Backoff, Outlet
from luchtwacht.sources.secret import read_secret

KEEP_ALIVE_S = 20
CONNECT_TIMEOUT_S = 10.0


async def run_mqtt(link: MqttLink, outlet: Outlet) -> None:
    """Take messages until cancelled; connect again whenever the connection ends.

    While there is no room, nothing is acknowledged and nothing read, so that the broker keeps what comes.

    Raises:
        BadConfiguration: the declared secret is not there.
    """
    password = read_secret(outlet.source)
    backoff = Backoff()
    while True:
        connection = _Connection(link, password, outlet, backoff)
        try:
            outlet.say(LinkState.LOST, await connection.run())
        finally:
            await connection.close()
        await backoff.pause()


class _ClosingSocket(ssl.SSLSocket):
    """Closed when the handshake fails, which paho leaves to the garbage collector."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


class _Connection:
    """One connection; paho's thread calls back, and everything is handed to the event loop in order."""

    def __init__(self, link: MqttLink, password: str, outlet: Outlet, backoff: Backoff) -> None:
        from paho.mqtt.client import Client, MQTTv311
        from paho.mqtt.enums import CallbackAPIVersion

        self._link, self._outlet, self._backoff = link, outlet, backoff
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[str] = self._loop.create_future()
        self._client = Client(
            CallbackAPIVersion.VERSION2, link.client, clean_session=not link.client, protocol=MQTTv311
        )
        if link.user:
            self._client.username_pw_set(link.user, password or None)
        if link.tls:
            context = ssl.create_default_context()
            context.sslsocket_class = _ClosingSocket
            self._client.tls_set_context(context)
        self._client.connect_timeout = CONNECT_TIMEOUT_S
        self._client.on_connect = self._connected
        self._client.on_subscribe = self._subscribed
        self._client.on_message = self._message
        self._client.on_disconnect = self._disconnected

    async def run(self) -> str:
        """How it ended."""
        try:
            await asyncio.to_thread(self._client.connect, self._link.host, self._link.port, KEEP_ALIVE_S)
        except (OSError, ValueError) as error:
            return f"no connection to {self._link}: {self._why(error)}"
        self._client.loop_start()
        return await self._ended

    def _why(self, error: OSError | ValueError) -> str:
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"the broker's certificate does not hold: {error.verify_message}"
        said = str(getattr(error, "strerror", None) or error)
        cut_off = self._link.tls and isinstance(error, ssl.SSLError | ConnectionResetError)
        return f"no TLS with what answers there: {said}" if cut_off else said

    async def close(self) -> None:
        self._end("closed")  # a message that waits for room is let go, and comes again: it was not acknowledged
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)

    # ------------------------------------------------------------------ on paho's thread

    def _connected(self, client: Any, _: object, flags: object, reason: Any, properties: object) -> None:
        if reason.is_failure:
            self._call(self._end, f"{self._link} refuses: {reason}")
            return
        client.subscribe(self._link.topic, self._link.quality)

    def _subscribed(self, client: object, _: object, number: object, reasons: Any, properties: object) -> None:
        refused = [reason for reason in reasons if reason.is_failure]
        if refused:
            self._call(self._end, f"{self._link}: the broker refuses the topic: {refused[0]}")
        else:
            self._call(self._outlet.say, LinkState.CONNECTED, f"connected to {self._link}")

    def _message(self, client: object, _: object, message: Any) -> None:
        if self._outlet.full:
            asyncio.run_coroutine_threadsafe(self._wait_for_room(), self._loop).result()
        for payload in split_datagram(message.payload, self._outlet.source.format):
            self._call(self._outlet.take, payload)
        self._call(self._backoff.worked)

    def _disconnected(self, client: object, _: object, flags: object, reason: Any, properties: object) -> None:
        self._call(self._end, f"connection to {self._link} lost: {reason}")

    def _call(self, what: Any, *given: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(what, *given)

    # ------------------------------------------------------------------ on the event loop

    async def _wait_for_room(self) -> None:
        room = asyncio.ensure_future(self._outlet.room())
        await asyncio.wait((room, self._ended), return_when=asyncio.FIRST_COMPLETED)
        room.cancel()

    def _end(self, how: str) -> None:
        if not self._ended.done():
            self._ended.set_result(how)
