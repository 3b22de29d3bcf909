"""A real broker: messages come through, a password is asked for, and a broker that restarts is found again."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from paho.mqtt import publish
from tests.sources.collecting import CollectingSink, free_port, heard, site

from luchtwacht.model import Format, LinkState, Source
from luchtwacht.sources import outlet

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="needs Debian's mosquitto: apt-get install mosquitto")

AIRCRAFT = Source(id="adsb", format=Format.READSB)


@contextmanager
def broker(folder: Path, port: int, *more: str) -> Iterator[None]:
    """A broker on loopback that keeps what it owes in `folder`."""
    settings = [f"listener {port} 127.0.0.1", "persistence true", f"persistence_location {folder}/", *more]
    if not more:
        settings.append("allow_anonymous true")
    (folder / "mosquitto.conf").write_text("\n".join([*settings, "user root"]) + "\n")
    assert MOSQUITTO is not None
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen([MOSQUITTO, "-c", str(folder / "mosquitto.conf")], stdout=log, stderr=log)
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


def send(port: int, *payloads: bytes, topic: str = "site/adsb", auth: dict[str, str] | None = None) -> None:
    messages = [{"topic": topic, "payload": payload, "qos": 1} for payload in payloads]
    publish.multiple(messages, "127.0.0.1", port, auth=auth)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlet, "FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(outlet, "LONGEST_PAUSE_S", 0.2)


def test_messages_come_through_in_order_and_other_topics_do_not(tmp_path: Path) -> None:
    port = free_port()
    sent = [b"%d" % number for number in range(50)]

    async def play(sink: CollectingSink) -> None:
        with broker(tmp_path, port):
            await sink.until(lambda: sink.connected == 1)
            await asyncio.to_thread(send, port, b"no", topic="elsewhere/adsb")
            await asyncio.to_thread(send, port, *sent)
            await sink.until(lambda: len(sink.payloads) == len(sent))

    sink = heard(site(replace(AIRCRAFT, connect=f"mqtt://127.0.0.1:{port}/site/#")), play)
    assert sink.bytes == sent


def test_a_broker_that_goes_away_and_comes_back_gives_what_it_kept(tmp_path: Path) -> None:
    port = free_port()

    async def play(sink: CollectingSink) -> None:
        with broker(tmp_path, port):
            await sink.until(lambda: sink.connected == 1)
            await asyncio.to_thread(send, port, b"1")
            await sink.until(lambda: len(sink.payloads) == 1)
        await sink.until(lambda: any("lost" in each for each in sink.said(LinkState.LOST)))
        with broker(tmp_path, port):
            await sink.until(lambda: sink.connected == 2)
            await asyncio.to_thread(send, port, b"2")
            await sink.until(lambda: len(sink.payloads) == 2)

    sink = heard(site(replace(AIRCRAFT, connect=f"mqtt://127.0.0.1:{port}/site/adsb?client=watch")), play, seconds=20.0)
    assert sink.bytes == [b"1", b"2"]


def test_with_a_client_name_the_broker_keeps_what_comes_while_the_watch_is_away(tmp_path: Path) -> None:
    port = free_port()
    declared = site(replace(AIRCRAFT, connect=f"mqtt://127.0.0.1:{port}/site/adsb?client=watch"))

    async def connect(sink: CollectingSink) -> None:
        await sink.until(lambda: sink.connected == 1)

    async def take(sink: CollectingSink) -> None:
        await sink.until(lambda: len(sink.payloads) == 2)

    with broker(tmp_path, port):
        heard(declared, connect)
        send(port, b"1", b"2")
        assert heard(declared, take).bytes == [b"1", b"2"]


def test_while_there_is_no_room_the_broker_keeps_the_rest(tmp_path: Path) -> None:
    port = free_port()
    sent = [b"%d" % number for number in range(300)]

    async def play(sink: CollectingSink) -> None:
        with broker(tmp_path, port):
            await sink.until(lambda: sink.connected == 1)
            sink.full = True
            await asyncio.to_thread(send, port, *sent)
            await asyncio.sleep(0.2)
            assert len(sink.payloads) == 0
            sink.full = False
            await sink.until(lambda: len(sink.payloads) == len(sent))

    sink = heard(site(replace(AIRCRAFT, connect=f"mqtt://127.0.0.1:{port}/site/adsb")), play)
    assert sink.bytes == sent


def test_a_password_is_kept_outside_the_site_file_and_a_wrong_one_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    passwords = tmp_path / "passwords"
    tool = shutil.which("mosquitto_passwd")
    if tool is None:
        pytest.skip("needs mosquitto_passwd")
    subprocess.run([tool, "-b", "-c", str(passwords), "watch", "right"], check=True, capture_output=True)
    declared = replace(AIRCRAFT, connect=f"mqtt://watch@127.0.0.1:{port}/site/adsb", secret="env:BROKER_PASSWORD")

    async def refused(sink: CollectingSink) -> None:
        await sink.until(lambda: any("refuses: Not authorized" in each for each in sink.said(LinkState.LOST)))

    async def taken(sink: CollectingSink) -> None:
        await sink.until(lambda: sink.connected == 1)
        await asyncio.to_thread(send, port, b"1", auth={"username": "watch", "password": "right"})
        await sink.until(lambda: len(sink.payloads) == 1)

    with broker(tmp_path, port, "allow_anonymous false", f"password_file {passwords}"):
        monkeypatch.setenv("BROKER_PASSWORD", "wrong")
        assert heard(site(declared), refused).payloads == []
        monkeypatch.setenv("BROKER_PASSWORD", "right")
        assert heard(site(declared), taken).bytes == [b"1"]


# ---------------------------------------------------------------------- TLS


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A key, and a certificate that it signs for a host of this name: an authority of its own."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs openssl to make a certificate")
    key, made = folder / f"{name}.key", folder / f"{name}.pem"
    more = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-days", "2"]
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(made), *more]
    subprocess.run(command, check=True, capture_output=True)
    return key, made


def over_tls(key: Path, made: Path) -> tuple[str, ...]:
    return f"certfile {made}", f"keyfile {key}", "allow_anonymous true"


def test_messages_come_through_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    key, made = certificate(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(made))

    async def play(sink: CollectingSink) -> None:
        await sink.until(lambda: sink.connected == 1)
        message = [{"topic": "site/adsb", "payload": b"1", "qos": 1}]
        tls = {"ca_certs": str(made)}
        await asyncio.to_thread(publish.multiple, message, "localhost", port, tls=tls)  # type: ignore[arg-type]
        await sink.until(lambda: len(sink.payloads) == 1)

    with broker(tmp_path, port, *over_tls(key, made)):
        sink = heard(site(replace(AIRCRAFT, connect=f"mqtts://localhost:{port}/site/#")), play)
    assert sink.bytes == [b"1"]


@pytest.mark.parametrize(
    ("presented", "trusted", "why"),
    [
        ("localhost", "another", "the broker's certificate does not hold: self-signed certificate"),
        ("another", "another", "the broker's certificate does not hold: Hostname mismatch"),
        ("", "localhost", "no TLS with what answers there"),
    ],
    ids=["of an authority that is not trusted", "for another host", "none at all"],
)
def test_a_wrong_certificate_is_refused_and_said(
    presented: str, trusted: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    made = {name: certificate(tmp_path, name) for name in ("localhost", "another")}
    monkeypatch.setenv("SSL_CERT_FILE", str(made[trusted][1]))

    async def play(sink: CollectingSink) -> None:
        await sink.until(lambda: any(why in each for each in sink.said(LinkState.LOST)))

    with broker(tmp_path, port, *(over_tls(*made[presented]) if presented else ())):
        sink = heard(site(replace(AIRCRAFT, connect=f"mqtts://localhost:{port}/site/#")), play)
    assert (sink.connected, sink.payloads) == (0, [])
