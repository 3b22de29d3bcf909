"""A checkup of sensors on the loopback: who answers, who does not, and what is wrong with what comes."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.ingest.receivers import HERE
from tests.ingest.test_squitters import flight
from tests.sources.collecting import free_port
from typer.testing import CliRunner

from luchtwacht.cli import app
from luchtwacht.clock import SystemClock
from luchtwacht.model import Format, Sensor, SensorKind, Site, Source
from luchtwacht.runtime.checkup import Checkup, check_sensors
from luchtwacht.units import SECOND_NS

MAPPING = """\
layout = "json"
[[reports]]
name = "plot"
kind = "polar"
sensor = "radar"
time = { column = "t", unit = "s" }
range = { column = "r", unit = "m" }
azimuth = { column = "a", unit = "deg" }
"""


def radar_site(port: int, **sensor: object) -> Site:
    radar = Sensor(id="radar", kind=SensorKind.RADAR_2D, source="radar", place=HERE, period_s=0.1, range_max_m=5_000.0)
    return Site(
        id="field",
        name="A field",
        origin=HERE,
        sources=(Source(id="radar", format=Format.TABLE, mapping="radar.toml", connect=f"udp://127.0.0.1:{port}"),),
        sensors=(replace(radar, **sensor),),  # type: ignore[arg-type]
    )


def plot(*, behind_s: float = 0.0, range_m: float = 1_000.0, azimuth_deg: float = 90.0) -> bytes:
    time_s = SystemClock().now_ns() / SECOND_NS - behind_s
    return json.dumps({"t": time_s, "r": range_m, "a": azimuth_deg}).encode()


def checked(site: Site, send: Callable[[], Awaitable[None]], seconds: float = 1.0) -> Checkup:
    async def run() -> Checkup:
        sending = asyncio.create_task(send())
        try:
            return await check_sensors(site, {"radar.toml": MAPPING}, SystemClock(), seconds)
        finally:
            sending.cancel()

    return asyncio.run(run())


def sending(port: int, make: Callable[[], bytes], every_s: float = 0.1) -> Callable[[], Awaitable[None]]:
    async def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            while True:
                sender.sendto(make(), ("127.0.0.1", port))
                await asyncio.sleep(every_s)

    return send


def test_a_sensor_that_answers_as_declared_is_well() -> None:
    port = free_port(socket.SOCK_DGRAM)
    found = checked(radar_site(port), sending(port, plot))
    (source,), (sensor,) = found.sources, found.sensors
    assert found.well
    assert source.connected
    assert source.payloads >= 5
    assert source.octets > 100
    assert sensor.measurements == source.payloads
    assert sensor.interval_s == pytest.approx(0.1, abs=0.11)
    assert sensor.plausible == 1.0
    assert abs(sensor.behind_s) < 0.5


@pytest.mark.parametrize(
    ("declared", "make", "problem"),
    [
        ({}, lambda: plot(behind_s=3.0), "3.0 s behind: set its clock"),
        ({}, lambda: plot(behind_s=600.0), "its clock: "),
        ({}, lambda: plot(range_m=9_000.0), "100% of its reports lie outside the declared coverage"),
        (
            {"azimuth_from_deg": 180.0, "azimuth_to_deg": 270.0},
            plot,
            "100% of its reports lie outside the declared coverage",
        ),
        ({"period_s": 0.01}, plot, "where period_s 0.01 is declared"),
        ({}, lambda: b"noise", "all of it refused"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(
    declared: dict[str, object], make: Callable[[], bytes], problem: str
) -> None:
    port = free_port(socket.SOCK_DGRAM)
    found = checked(radar_site(port, **declared), sending(port, make))
    assert not found.well
    assert any(problem in each for each in found.sensors[0].problems), found.sensors[0].problems


def test_a_sensor_that_sends_nothing_and_one_that_is_not_there_are_told_apart() -> None:
    async def nothing() -> None:
        """Send nothing."""

    site = radar_site(free_port(socket.SOCK_DGRAM))
    silent = checked(site, nothing)
    assert "connected, and nothing came" in silent.sensors[0].problems[0]
    absent = replace(site, sources=(replace(site.sources[0], connect=f"tcp://127.0.0.1:{free_port()}"),))
    found = checked(absent, nothing)
    assert not found.sources[0].connected
    assert "not connected: no connection to 127.0.0.1" in found.sensors[0].problems[0]


def test_a_receiver_is_well_when_what_it_hears_can_be() -> None:
    port = free_port(socket.SOCK_DGRAM)
    heard = Sensor(id="receiver", kind=SensorKind.ADS_B_RECEIVER, source="beast", place=HERE, range_max_m=100_000.0)
    site = Site(
        id="field",
        name="A field",
        origin=HERE,
        sources=(Source(id="beast", format=Format.BEAST, connect=f"udp://127.0.0.1:{port}"),),
        sensors=(heard,),
    )
    payloads = iter(flight(100))
    found = checked(site, sending(port, lambda: next(payloads)))
    assert found.well
    assert found.sensors[0].claims >= 4


def test_the_command_prints_a_table_and_data_and_ends_with_the_answer(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(
        f"""id = "field"
name = "A field"
origin = {{ latitude = 52.0, longitude = 5.0 }}
[[sources]]
id = "adsb"
format = "sbs"
connect = "tcp://127.0.0.1:{free_port()}"
[[sensors]]
id = "receiver"
kind = "ads_b_receiver"
source = "adsb"
place = {{ latitude = 52.0, longitude = 5.0 }}
"""
    )
    shown = CliRunner().invoke(app, ["sensors", "check", "--site", str(path), "--seconds", "0.5"])
    assert shown.exit_code == 1
    assert "not connected" in shown.stdout
    data = CliRunner().invoke(app, ["sensors", "check", "--site", str(path), "--seconds", "0.5", "--json"])
    assert data.exit_code == 1
    found = json.loads(data.stdout)
    assert found["well"] is False
    assert found["sensors"][0]["behind_s"] is None
    listed = CliRunner().invoke(app, ["sensors", "list", "--site", str(path), "--json"])
    assert listed.exit_code == 0
    assert json.loads(listed.stdout)[0]["connect"].startswith("tcp://127.0.0.1:")
    assert "receiver" in CliRunner().invoke(app, ["sensors", "list", "--site", str(path)]).stdout
