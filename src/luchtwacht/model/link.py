"""Links: the way in which a source's bytes come, as `Source.connect` says it.

    udp://127.0.0.1:8600                 datagrams to this address
    udp://239.1.2.3:8600?on=eth0         a multicast group, on one interface (name or address) instead of every one
    udp://[ff15::8600]:8600              IPv6 likewise
    tcp://radar.example:10001            a stream from a server, connected anew with growing pauses
    tcp-listen://0.0.0.0:10001           streams of those who connect here
    serial:/dev/ttyUSB0?baud=115200      a serial line, eight data bits, no parity, one stop bit
    mqtt://user@broker.example/rid/#     messages of a broker on topics that fit; mqtts: over TLS
    https://host.example/aircraft.json   asked for every `Source.poll_s`
    tail:log.csv?from=start              a file that grows; without `from`, what is added from now on
    file:/run/readsb/aircraft.json       a file that is written anew: whole, each time it has changed
    api:                                 what people and programs hand in through the API

Nothing here opens anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from luchtwacht.errors import BadConfiguration

MQTT_PORT, MQTTS_PORT = 1883, 8883
HINT = (
    "write udp://HOST:PORT, tcp://HOST:PORT, tcp-listen://HOST:PORT, serial:DEVICE?baud=N, mqtt://HOST/TOPIC, "
    "https://HOST/PATH, tail:FILE, file:FILE or api:"
)


@dataclass(frozen=True, slots=True)
class UdpLink:
    """Datagrams."""

    host: str
    port: int
    interface: str = ""
    """name or address of the interface on which a multicast group is joined; "" for every one"""

    def __str__(self) -> str:
        return _join(self.host, self.port)


@dataclass(frozen=True, slots=True)
class TcpLink:
    """A stream from a server."""

    host: str
    port: int

    def __str__(self) -> str:
        return _join(self.host, self.port)


@dataclass(frozen=True, slots=True)
class TcpServerLink:
    """Streams from those who connect here."""

    host: str
    port: int

    def __str__(self) -> str:
        return _join(self.host, self.port)


@dataclass(frozen=True, slots=True)
class SerialLink:
    """A serial line."""

    device: str
    baud: int = 115_200

    def __str__(self) -> str:
        return f"{self.device} at {self.baud} baud"


@dataclass(frozen=True, slots=True)
class MqttLink:
    """Messages of a broker (MQTT 3.1.1)."""

    host: str
    port: int
    topic: str
    """filter; `+` stands for one level, `#` for all that follow"""
    user: str = ""
    tls: bool = False
    client: str = ""
    """with a name the broker keeps what comes while the watch is away; each watch needs its own"""
    quality: int = 1
    """0 at most once, 1 at least once, 2 exactly once"""

    def __str__(self) -> str:
        return f"{_join(self.host, self.port)}, topic {self.topic}"


@dataclass(frozen=True, slots=True)
class HttpLink:
    """A document that is asked for again and again."""

    url: str

    def __str__(self) -> str:
        return self.url


@dataclass(frozen=True, slots=True)
class TailLink:
    """A file that grows."""

    path: str
    from_start: bool = False

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True, slots=True)
class FileLink:
    """A file that is written anew."""

    path: str

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True, slots=True)
class ApiLink:
    """The watch's own API."""

    def __str__(self) -> str:
        return "the API"


Link = UdpLink | TcpLink | TcpServerLink | SerialLink | MqttLink | HttpLink | TailLink | FileLink | ApiLink
"""A way in."""

_OPTIONS: dict[str, set[str]] = {
    "udp": {"on"},
    "tcp": set(),
    "tcp-listen": set(),
    "serial": {"baud"},
    "mqtt": {"client", "qos"},
    "mqtts": {"client", "qos"},
    "tail": {"from"},
    "file": set(),
    "api": set(),
}


def parse_link(connect: str) -> Link:
    """`Source.connect` as a link.

    Raises:
        BadConfiguration: it is empty or cannot be understood; says what is wrong and what can be written.
    """
    if not connect:
        raise BadConfiguration("says nowhere to connect", hint=HINT)
    if connect.startswith(("http://", "https://")):
        return _http(connect)
    try:
        parts = urlsplit(connect, allow_fragments=False)
        host, port, path = parts.hostname or "", parts.port, unquote(parts.netloc + parts.path)
        options = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    except ValueError as error:
        raise BadConfiguration(f"connect {connect!r}: {error}", hint=HINT) from error
    if parts.scheme not in _OPTIONS:
        raise BadConfiguration(f"connect {connect!r} cannot be understood", hint=HINT)
    unknown = [name for name in options if name not in _OPTIONS[parts.scheme]]
    if unknown:
        known = ", ".join(sorted(_OPTIONS[parts.scheme])) or "none"
        raise BadConfiguration(f"connect {connect!r}: unknown option {unknown[0]}", hint=f"known here: {known}")
    match parts.scheme:
        case "udp" | "tcp" | "tcp-listen":
            if not host or not port or parts.path.strip("/"):
                raise BadConfiguration(f"connect {connect!r} needs a host and a port, and no path", hint=HINT)
            if parts.scheme == "udp":
                return UdpLink(host, port, options.get("on", ""))
            return TcpLink(host, port) if parts.scheme == "tcp" else TcpServerLink(host, port)
        case "mqtt" | "mqtts":
            return _mqtt(connect, host, port, unquote(parts.path[1:]), unquote(parts.username or ""), options)
        case "api":
            if path:
                raise BadConfiguration(f"connect {connect!r}: nothing follows api:", hint=HINT)
            return ApiLink()
    if not path:
        raise BadConfiguration(f"connect {connect!r} names no file", hint=HINT)
    match parts.scheme:
        case "serial":
            return SerialLink(path, _whole_number(connect, "baud", options.get("baud", "115200"), 50, 4_000_000))
        case "tail":
            if options.get("from", "start") != "start":
                raise BadConfiguration(f"connect {connect!r}: from is start or nothing", hint="tail:FILE?from=start")
            return TailLink(path, "from" in options)
        case _:
            return FileLink(path)


def _mqtt(connect: str, host: str, port: int | None, topic: str, user: str, options: dict[str, str]) -> MqttLink:
    levels = topic.split("/")
    wild = any(("#" in level or "+" in level) and len(level) > 1 for level in levels) or "#" in levels[:-1]
    if not host or not topic or wild:
        raise BadConfiguration(
            f"connect {connect!r} needs a host and a topic filter",
            hint="mqtt://broker.example/rid/# ; + and # stand alone in a level, # in the last",
        )
    if ":" in connect.partition("//")[2].partition("/")[0].rpartition("@")[0]:
        raise BadConfiguration("connect holds a password, and would be recorded", hint="put it in secret")
    tls = connect.startswith("mqtts:")
    quality = _whole_number(connect, "qos", options.get("qos", "1"), 0, 2)
    return MqttLink(
        host, port or (MQTTS_PORT if tls else MQTT_PORT), topic, user, tls, options.get("client", ""), quality
    )


def _http(connect: str) -> HttpLink:
    try:
        parts = urlsplit(connect)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise BadConfiguration(f"connect {connect!r}: {error}", hint=HINT) from error
    if not host or parts.username is not None:
        raise BadConfiguration(
            f"connect {connect!r} needs a host, and no user or password, which would be recorded",
            hint="put a token in secret",
        )
    return HttpLink(connect)


def _whole_number(connect: str, name: str, text: str, least: int, most: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise BadConfiguration(f"connect {connect!r}: {name} {text!r} is not a whole number from {least} to {most}")
    return int(text)


def _join(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
