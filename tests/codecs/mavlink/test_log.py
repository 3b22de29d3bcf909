"""Logs of ground stations: a time before every packet, and a way back after damage."""

from __future__ import annotations

import io
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from pymavlink import mavutil
from tests.cli.test_inspect import START_NS, telemetry

from luchtwacht.codecs.mavlink import Heartbeat, cut_log, encode_mavlink, encode_packet, packet_at
from luchtwacht.units import SECOND_NS

LOG = telemetry(log=True, seconds=3)


def test_a_log_is_read_as_the_reference_reads_it(tmp_path: Path) -> None:
    alive = encode_packet(encode_mavlink(Heartbeat(kind=2, base_mode=0x81, status=4), system=7))
    written = io.BytesIO()
    for second in range(5):
        written.write((START_NS // 1_000 + second * 1_000_000).to_bytes(8, "big") + alive)
    (tmp_path / "made_up.tlog").write_bytes(written.getvalue())
    theirs = mavutil.mavlink_connection(str(tmp_path / "made_up.tlog"))
    times = [theirs.recv_match()._timestamp for _ in range(5)]
    theirs.close()
    logged, end, lost = cut_log(written.getvalue())
    assert [each.time_ns / SECOND_NS for each in logged] == times
    assert (end, lost) == (len(written.getvalue()), 0)
    assert packet_at(written.getvalue(), logged[0].cut).system == 7


@given(cut=st.integers(0, len(LOG)))
def test_a_log_may_be_cut_anywhere(cut: int) -> None:
    whole, _, _ = cut_log(LOG)
    first, end, lost = cut_log(LOG[:cut])
    second, _, more = cut_log(LOG[end:])
    assert (len(first) + len(second), lost, more) == (len(whole), 0, 0)


@given(at=st.integers(0, len(LOG) - 1), value=st.integers(1, 255))
def test_damage_costs_at_most_the_packets_it_touches(at: int, value: int) -> None:
    damaged = bytearray(LOG)
    damaged[at] ^= value
    made, _, _ = cut_log(bytes(damaged) + LOG)
    assert [each.time_ns for each in made[-4:]] == [START_NS + 2 * SECOND_NS] * 4
