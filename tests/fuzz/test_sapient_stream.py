"""What a hostile peer can send to the port of SAPIENT nodes: no crash, every byte kept, every refusal with a reason."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ingest.nodes import RADAR, START_NS, frames_of, located, node_site, registering, seen, status

from luchtwacht.codecs.sapient import Deframer
from luchtwacht.ingest import Ingest
from luchtwacht.model import Outgoing
from luchtwacht.model.state import encode_state
from luchtwacht.outputs import SapientTranslator
from luchtwacht.outputs.sapient import MOST_ANSWERS
from luchtwacht.sources.framing import LengthFramer

SOUND = b"".join((registering(), status(), seen(), located(), registering(RADAR, START_NS + 1)))
MOST_SAID = 40
"""answers to some hundred octets, however they are cut"""


def damaged(seed: int) -> bytes:
    """A sound stream with some octets changed, left out or put in."""
    chance = np.random.default_rng(seed)
    stream = bytearray(SOUND)
    for _ in range(int(chance.integers(1, 12))):
        place = int(chance.integers(len(stream)))
        match int(chance.integers(3)):
            case 0:
                stream[place] = int(chance.integers(256))
            case 1:
                del stream[place : place + int(chance.integers(1, 30))]
            case _:
                stream[place:place] = chance.bytes(int(chance.integers(1, 30)))
    return bytes(stream)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_damaged_stream_is_kept_refused_and_answered_within_bounds(seed: int) -> None:
    stream, framer = damaged(seed), LengthFramer()
    payloads = framer.take(stream)
    if rest := framer.rest():
        payloads.append(rest)
    assert b"".join(payloads) == stream
    ingest = Ingest(node_site(), {})
    taken = ingest.receive(frames_of(*payloads))
    for rejection in taken.rejections:
        assert rejection.detail
    for _, event in taken.said:
        assert not isinstance(event, Outgoing) or Deframer().receive(event.payload).messages
    assert len(taken.said) <= MOST_SAID
    encode_state(ingest.state())


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_higher_node_that_sends_nonsense_gets_bounded_answers_and_orders_nothing(seed: int) -> None:
    from tests.outputs.pictures import a_site, an_output

    from luchtwacht.model import OutputKind

    made = SapientTranslator(a_site(), an_output(OutputKind.SAPIENT))
    made.due(START_NS)
    assert made.receive(damaged(seed), START_NS) == []
    assert len(made.due(START_NS + 1)) <= MOST_ANSWERS + 2


def test_a_thousand_strangers_are_remembered_within_bounds() -> None:
    ingest = Ingest(node_site(), {})
    strangers = [registering(f"7c9e6679-7425-40de-944b-{number:012x}") for number in range(1000)]
    taken = ingest.receive(frames_of(*strangers))
    assert len(taken.rejections) == 1000
    assert len(encode_state(ingest.state())) < 60_000
