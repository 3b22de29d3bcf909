"""Outputs: others who are shown what the watch sees, in their own language.

    events ─► a translator (pure: what to send, given what was said and what time it is) ─► a sender (one connection)

`asterix.py` and `sapient.py` translate, `sending.py` sends, `numbering.py` names tracks. A receiver that is slow, dead
or wrong costs nothing but its own data: a translator keeps the latest of each track and no more, and gives what is due
only when there is room. Nothing here decides anything, and only `cli` and `runtime` put it beside a watch.
"""

from __future__ import annotations

from typing import Protocol

from luchtwacht.model import Event, Order, Output, OutputKind, Site
from luchtwacht.outputs.asterix import AsterixTranslator
from luchtwacht.outputs.sapient import SapientTranslator
from luchtwacht.outputs.sending import OutputState, Sender

__all__ = ["AsterixTranslator", "OutputState", "SapientTranslator", "Sender", "Translator", "make_translator"]


class Translator(Protocol):
    """What one receiver is told. A function of what it was given: no clock, no sockets."""

    def take(self, events: tuple[Event, ...]) -> None:
        """Note what the pipeline said."""
        ...

    def opened(self) -> None:
        """A connection was made: the receiver knows nothing yet."""
        ...

    def due(self, now_ns: int) -> list[bytes]:
        """What is to be sent now; asked often, and only when the receiver can take it."""
        ...

    def receive(self, data: bytes, now_ns: int) -> list[Order]:
        """What the receiver sent back, as orders to the watch; answers to it are in the next `due`."""
        ...

    @property
    def trouble(self) -> str:
        """Why nothing is shown although there is a connection; "" when all is well."""
        ...


def make_translator(site: Site, output: Output) -> Translator:
    """The translator that an output is declared to have."""
    return AsterixTranslator(site, output) if output.kind == OutputKind.ASTERIX else SapientTranslator(site, output)
