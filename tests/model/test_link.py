"""The way a source's bytes come, as a site file says it."""

from __future__ import annotations

import pytest

from luchtwacht.errors import BadConfiguration
from luchtwacht.model import (
    ApiLink,
    FileLink,
    HttpLink,
    Link,
    MqttLink,
    SerialLink,
    TailLink,
    TcpLink,
    TcpServerLink,
    UdpLink,
    parse_link,
)


@pytest.mark.parametrize(
    ("connect", "link"),
    [
        ("udp://127.0.0.1:8600", UdpLink("127.0.0.1", 8600)),
        ("udp://239.1.2.3:8600?on=10.0.0.5", UdpLink("239.1.2.3", 8600, "10.0.0.5")),
        ("udp://[ff15::8600]:8600?on=eth0", UdpLink("ff15::8600", 8600, "eth0")),
        ("tcp://radar.example:10001", TcpLink("radar.example", 10001)),
        ("tcp://[::1]:10001", TcpLink("::1", 10001)),
        ("tcp-listen://0.0.0.0:10001", TcpServerLink("0.0.0.0", 10001)),
        ("serial:/dev/ttyUSB0?baud=9600", SerialLink("/dev/ttyUSB0", 9600)),
        ("serial:COM3", SerialLink("COM3", 115_200)),
        ("mqtt://broker.example/rid/#", MqttLink("broker.example", 1883, "rid/#")),
        ("mqtts://watch@broker.example/rid/+/data?qos=2&client=watch-1",
         MqttLink("broker.example", 8883, "rid/+/data", "watch", True, "watch-1", 2)),
        ("https://host.example/data/aircraft.json?key=1", HttpLink("https://host.example/data/aircraft.json?key=1")),
        ("tail:logs/radar.ast?from=start", TailLink("logs/radar.ast", True)),
        ("tail:logs/radar.ast", TailLink("logs/radar.ast")),
        ("file:/run/readsb/aircraft.json", FileLink("/run/readsb/aircraft.json")),
        ("api:", ApiLink()),
    ],
)  # fmt: skip
def test_each_way_is_understood(connect: str, link: Link) -> None:
    assert parse_link(connect) == link


@pytest.mark.parametrize(
    ("connect", "why"),
    [
        ("", "nowhere"),
        ("radar", "cannot be understood"),
        ("ftp://host/x", "cannot be understood"),
        ("udp://", "host and a port"),
        ("udp://host", "host and a port"),
        ("udp://host:99999", "range"),
        ("udp://host:1/path", "no path"),
        ("tcp://host:1?on=x", "unknown option on"),
        ("tail:", "names no file"),
        ("tail:x?from=end", "from is start"),
        ("serial:/dev/ttyUSB0?baud=fast", "whole number"),
        ("serial:/dev/ttyUSB0?baud=1", "whole number"),
        ("mqtt://broker.example", "topic filter"),
        ("mqtt://broker.example/a/#/b", "topic filter"),
        ("mqtt://broker.example/a/x+", "topic filter"),
        ("mqtt://watch:secret@broker.example/a", "password"),
        ("mqtt://broker.example/a?qos=3", "whole number"),
        ("https://user:secret@host.example/x", "no user or password"),
        ("https://", "needs a host"),
        ("api:x", "nothing follows"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_the_reason(connect: str, why: str) -> None:
    with pytest.raises(BadConfiguration, match=why):
        parse_link(connect)
