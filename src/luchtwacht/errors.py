"""The exceptions of Luchtwacht.

    LuchtwachtError
    ├── BadInput            somebody handed us something wrong: say what, where, and what to do
    │   ├── BadConfiguration    a site, mapping, zone or scenario file
    │   ├── BadRecording        a file or folder of recorded data
    │   ├── BadMessage          bytes that do not follow their standard (single-message APIs only; see below)
    │   └── BadCommand          a person asked for something the state does not allow
    ├── Refused             out of scope on purpose: anything that acts on a drone
    └── RecordError         the journal cannot keep or cannot show what was recorded
        └── BadSnapshot         a snapshot of the pipeline's state that this pipeline cannot go on from

Input that arrives in bulk never raises: decoders and ingest return `luchtwacht.model.Rejection` values, which are
counted, journaled and shown, while the stream goes on. Our own broken arithmetic is an `AssertionError`.
"""

from __future__ import annotations


class LuchtwachtError(Exception):
    """Root of every exception that Luchtwacht raises on purpose."""


class BadInput(LuchtwachtError):
    """Something handed to us is wrong.

    Args:
        what: one plain sentence, with the offending value.
        where: file, line, record or key; empty when there is none.
        hint: what to do about it; empty when nothing helps.
    """

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        self.what, self.where, self.hint = what, where, hint
        super().__init__(": ".join(part for part in (where, what) if part) + (f" ({hint})" if hint else ""))


class BadConfiguration(BadInput):
    """A site, mapping, zone or scenario file says something that cannot be."""


class BadRecording(BadInput):
    """A file or folder of recorded data cannot be read as what it is said to be."""


class BadMessage(BadInput):
    """Bytes that do not follow their standard."""


class BadCommand(BadInput):
    """A person asked for something the present state does not allow."""


class Refused(LuchtwachtError):
    """Luchtwacht watches, tells people and proves; it never acts on a drone."""


class RecordError(LuchtwachtError):
    """The journal cannot keep, or cannot show, what was recorded."""


class BadSnapshot(RecordError):
    """A snapshot of another software, format, site or mapping, or no snapshot at all. Never guessed: run the inputs."""
