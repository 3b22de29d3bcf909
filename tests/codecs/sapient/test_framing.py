from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luchtwacht.codecs.sapient import MESSAGE_LIMIT, Deframer, frame_message
from luchtwacht.errors import BadMessage
from luchtwacht.model import Reason

messages = st.lists(st.binary(max_size=40), max_size=8)


@given(messages, st.sets(st.integers(0, 350)))
def test_a_stream_comes_back_however_it_is_cut(sent: list[bytes], cuts: set[int]) -> None:
    stream = b"".join(map(frame_message, sent))
    borders = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
    deframer = Deframer()
    found: list[bytes] = []
    for start, stop in pairwise(borders):
        received = deframer.receive(stream[start:stop])
        assert received.rejections == ()
        found += received.messages
    assert (found, deframer.kept, deframer.close()) == (sent, 0, ())


@given(messages.filter(bool))
def test_octet_by_octet_gives_each_message_with_its_last_octet(sent: list[bytes]) -> None:
    deframer = Deframer()
    for message in sent:
        *before, last = [deframer.receive(bytes([octet])).messages for octet in frame_message(message)]
        assert not any(before)
        assert last == (message,)


@given(st.binary(min_size=1, max_size=30), st.data())
def test_a_connection_that_ends_within_a_message_says_so(message: bytes, data: st.DataObject) -> None:
    framed = frame_message(message)
    kept = data.draw(st.integers(1, len(framed) - 1))
    deframer = Deframer(source=3)
    assert deframer.receive(framed[:kept]).messages == ()
    (rejection,) = deframer.close(frame=17)
    assert (rejection.reason, rejection.frame, rejection.source) == (Reason.TRUNCATED, 17, 3)
    assert f"{kept} octets" in rejection.detail


def test_a_length_above_the_limit_ends_the_reading_and_keeps_nothing() -> None:
    deframer = Deframer(limit=10)
    received = deframer.receive(frame_message(b"fine") + (11).to_bytes(4, "little") + b"x" * 11, frame=5)
    assert received.messages == (b"fine",)
    (rejection,) = received.rejections
    assert (rejection.reason, rejection.frame, rejection.item) == (Reason.MALFORMED, 5, "length")
    assert "11 octets" in rejection.detail
    assert deframer.broken
    assert deframer.kept == 0
    later = deframer.receive(frame_message(b"more"))
    assert later.messages == ()
    assert len(later.rejections) == 1


def test_another_protocol_on_the_port_is_noticed_at_once() -> None:
    deframer = Deframer()
    received = deframer.receive(b"GET / HTTP/1.1\r\n\r\n")
    assert deframer.broken
    assert received.rejections[0].reason is Reason.MALFORMED


def test_a_message_of_just_the_limit_passes() -> None:
    assert MESSAGE_LIMIT == 1024 * 1024
    assert Deframer(limit=10).receive(frame_message(b"x" * 10)).messages == (b"x" * 10,)
    with pytest.raises(BadMessage, match="11 octets"):
        frame_message(b"x" * 11, limit=10)


@given(st.binary(max_size=200), st.integers(0, 50))
def test_noise_never_raises_and_what_is_kept_is_bounded(noise: bytes, limit: int) -> None:
    deframer = Deframer(limit=limit)
    for octet in noise:
        deframer.receive(bytes([octet]))
        assert deframer.kept <= limit + 4


def test_octets_worked_by_hand() -> None:
    assert frame_message(b"\x12\x01\x61") == b"\x03\x00\x00\x00\x12\x01\x61"
