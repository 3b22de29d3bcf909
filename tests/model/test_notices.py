"""What notices say, and that records from before there were codes stay the bytes they were."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from luchtwacht.model import Command, LinkState, Notice, NoticeKind, ReportLink
from luchtwacht.model.encoding import decode_command, decode_event, encode_command, encode_event
from luchtwacht.model.notices import LONGEST_DETAIL, SENTENCES, notice, sentence, without_code

SAID = {
    "silent": ({"quiet_s": 12.4}, "nothing heard for 12 s"),
    "heard": ({}, "heard again"),
    "state": ({"state": "degraded", "words": "dirty lens"}, "says it is degraded: dirty lens"),
    "clock": ({"reports": 3, "why": "too old"}, "3 reports refused: too old"),
    "blind": (
        {"looks": 31, "sectors": [{"from_deg": 30, "to_deg": 60}, {"from_deg": 90, "to_deg": 120}], "declared": 0.9},
        "not one hit in the last 31 looks at what others see, azimuth 30-60, 90-120 degrees; declared 0.90 of them",
    ),
    "weak": (
        {"share": 0.413, "looks": 60, "declared": 0.9},
        "probability of detection 0.41 over 60 looks, declared 0.90",
    ),
    "unseen": ({}, "too little to see since"),
    "cluttered": ({"rate": 12.34, "declared": 2.0}, "12.3 reports a period that belong to nothing, declared 2"),
    "noisy": (
        {"noise": [{"of": "azimuth", "times": 1.84, "declared": 0.35, "unit": "degrees"}]},
        "scatters more than declared: azimuth 1.8 times 0.35 degrees",
    ),
    "misaligned": (
        {"biases": [{"of": "time", "value": 0.4, "sigma": 0.05, "unit": "s"}], "corrected": False},
        "time +0.40 ± 0.05 s beside what is declared; not corrected",
    ),
    "turned": (
        {"azimuth_deg": 3.04, "sigma_deg": 0.5},
        "azimuth about +3.0 ± 0.5 degrees: turned back by so much, bearings that belong to nothing would be those of "
        "other sensors' tracks",
    ),
    "moved": ({}, "measures otherwise than it did; its new bias is being learnt"),
    "slow": ({"late_s": 2.31, "declared_s": 0.5}, "reports come 2.3 s after they were measured, declared 0.5 s"),
    "as_declared": ({"faults": ["noisy", "slow"]}, "no longer noisy, slow"),
    "observation": (
        {"what": "drone", "certainty": "certain", "count": 2, "bearing_deg": 45.0, "elevation_deg": -3.0,
         "range_m": 400.0, "latitude": None, "longitude": None, "height_m": None, "by": "Post 3", "note": "low"},
        "2 × drone (certain), bearing 45°, elevation -3°, about 400 m away, by Post 3: low",
    ),
    "task_sent": ({"by": "JW", "task": "report_rate", "level": "low"}, "JW asked it to set its report_rate to low"),
    "task_answered": (
        {"status": "rejected", "task": "snapshot", "why": "too dark"}, "rejected: take snapshot (too dark)",
    ),
    "registered": (
        {"name": "Eye", "edition": "v7", "modes": ["day", "night"]}, "registered as Eye by v7, with modes day, night",
    ),
    "stranger": ({"key": "k"}, 'no sensor of this site has key k; if it is yours, give the sensor key = "k"'),
    "refused": ({"why": "an effector"}, "an effector"),
    "objected": ({"words": "x"}, "could not use what it was sent: x"),
    "sensor_alert": (
        {"alert": "mode_change", "status": "active", "words": "to night"}, "mode change, active: to night",
    ),
    "link": ({"words": "following a.log", "link": "a.log", "why": "", "lost": 0}, "following a.log"),
    "command_refused": ({"why": "no such alert"}, "no such alert"),
    "resumed": (
        {"since": "10:00", "inputs": 1200, "why": ""},
        "goes on from the state of 10:00; 1,200 inputs since were run again",
    ),
    "rerun": (
        {"since": "10:00", "inputs": 5, "why": "other software"},
        "all 5 inputs since 10:00 were run again: other software",
    ),
    "taken_over": (
        {"alerts": [3, 7]},
        "began anew under another site file; open alerts were taken over, no longer as active: 3, 7",
    ),
}  # fmt: skip


def test_every_code_has_its_sentence_here() -> None:
    assert set(SAID) == set(SENTENCES)


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_a_sentence_is_made_of_its_data(code: str) -> None:
    data, said = SAID[code]
    assert sentence(code, data) == said


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_a_notice_is_the_same_after_a_record(code: str) -> None:
    data, said = SAID[code]
    told = notice(5, NoticeKind.RESTARTED, "a", code, **data)
    assert decode_event(encode_event(told)) == told
    assert told.detail == said


def test_what_others_say_does_not_grow_without_bounds() -> None:
    assert len(notice(5, NoticeKind.NODE_OBJECTED, "a", "objected", words="x" * 10**5).detail) == LONGEST_DETAIL


def test_a_notice_of_an_older_record_is_read_and_stays_the_bytes_it_was() -> None:
    old = msgspec.msgpack.encode(
        {"event": "Notice", "time_ns": 7, "kind": "sensor_heard", "subject": "a", "detail": "heard again"}
    )
    read = decode_event(old)
    assert read == Notice(time_ns=7, kind=NoticeKind.SENSOR_HEARD, subject="a", detail="heard again")
    assert encode_event(read) == old
    anew = notice(7, NoticeKind.SENSOR_HEARD, "a", "heard")
    assert encode_event(anew) != old
    assert encode_event(without_code(anew)) == old, "what a verifier compares"


def test_a_report_of_a_link_of_an_older_record_stays_the_bytes_it_was() -> None:
    plain = ReportLink(source="s", state=LinkState.LOST, detail="gone")
    command = Command(sequence=1, received_ns=2, actor="machine", order=plain)
    assert set(msgspec.to_builtins(plain)) == {"type", "source", "state", "detail"}
    assert decode_command(encode_command(command)) == command
    full = msgspec.structs.replace(plain, link="tcp://a:1", why="refused", lost=3)
    assert decode_command(encode_command(replace(command, order=full))).order == full
