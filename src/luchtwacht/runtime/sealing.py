"""Having others vouch for the record of a running watch: witnesses sign its checkpoints, an authority stamps them.

A thread of its own asks; nothing waits for it. Whoever cannot be reached is asked again later, and it is said once when
that begins and once when it ends.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from luchtwacht.errors import LuchtwachtError
from luchtwacht.journal import JournalWriter, VerifierKey, parse_key
from luchtwacht.journal.files import REAL
from luchtwacht.journal.log import read_checkpoint
from luchtwacht.journal.stamp import LARGEST_STAMP, REQUEST_TYPE, check_stamp, request_stamp
from luchtwacht.journal.witness import add_cosignatures, encode_request
from luchtwacht.model import SealingSettings

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from httpx import Client, Response

    from luchtwacht.journal import SignedCheckpoint

TIMEOUT_S = 10.0


class Unvouched(LuchtwachtError):
    """A witness or an authority did not do what it was asked; the message says what it did."""


class Sealing:
    """Asks witnesses and an authority, while it is used as a context.

    Args:
        writer: of the watch, which must outlive this.
        folder: the journal.
        settings: whom to ask; nothing is done when it names nobody.
        roots: certificates under which the authority must be.
        tell: called with a sentence when somebody fails, and when it works again.

    Raises:
        BadNote: the key of a witness is none.
    """

    def __init__(
        self,
        writer: JournalWriter,
        folder: Path,
        settings: SealingSettings,
        roots: list[Certificate],
        tell: Callable[[str], None],
    ) -> None:
        self._writer, self._folder, self._settings, self._roots, self._tell = writer, folder, settings, roots, tell
        self._witnesses = [(each.url.rstrip("/"), parse_key(each.key)) for each in settings.witnesses]
        self._signed_until = dict.fromkeys((url for url, _ in self._witnesses), 0)
        self._stamped_until = 0
        self._failing: dict[str, str] = {}
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._every, args=(every_s, ask), name="sealing", daemon=True)
            for every_s, ask, wanted in (
                (settings.every_s, self.ask_witnesses, self._witnesses),
                (settings.time_stamp_every_s, self.ask_authority, settings.time_stamps),
            )
            if wanted
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _every(self, every_s: float, ask: Callable[[Client], bool]) -> None:
        """Ask now, and then after every `every_s`; sooner after a question that could not be asked yet."""
        from httpx import Client

        with Client(timeout=TIMEOUT_S, headers={"user-agent": "luchtwacht"}) as client:
            while not self._stopping.is_set():
                asked = ask(client)
                self._stopping.wait(every_s if asked else min(every_s, 1.0))

    def ask_witnesses(self, client: Client) -> bool:
        """Have the latest checkpoint signed by every witness that has not; whether there is one to sign."""
        signed = read_checkpoint(self._folder, REAL)
        if signed is None or not signed.checkpoint.size:
            return False
        for url, key in self._witnesses:
            with _Saying(self, f"the witness {url}"):
                if self._signed_until[url] < signed.checkpoint.size:
                    self._writer.keep_cosigned(self._cosigned(client, url, key, signed))
                    self._signed_until[url] = signed.checkpoint.size
                    signed = read_checkpoint(self._folder, REAL) or signed
        return True

    def _cosigned(self, client: Client, url: str, key: VerifierKey, signed: SignedCheckpoint) -> SignedCheckpoint:
        old = self._signed_until[url]
        answer = self._post(client, url, encode_request(self._folder, signed, old))
        if answer.status_code == 409 and answer.text.strip().isdigit():  # it signed before we can remember
            old = int(answer.text)
            if old > signed.checkpoint.size:
                raise Unvouched(f"has signed {old:,} leaves of this log, which has {signed.checkpoint.size:,}")
            answer = self._post(client, url, encode_request(self._folder, signed, old))
        if answer.status_code != 200:
            raise Unvouched(f"answers {answer.status_code}: {answer.text.strip()[:200]}")
        made = add_cosignatures(signed, answer.text, [key])
        if len(made.note.signatures) == len(signed.note.signatures):
            raise Unvouched("answers with a signature by another key than the one declared")
        return made

    def _post(self, client: Client, url: str, body: str) -> Response:
        return client.post(f"{url}/add-checkpoint", content=body.encode())

    def ask_authority(self, client: Client) -> bool:
        """Have the latest checkpoint stamped; whether there is one."""
        signed = read_checkpoint(self._folder, REAL)
        if signed is None or signed.checkpoint.size <= self._stamped_until:
            return False
        with _Saying(self, f"the time stamping authority {self._settings.time_stamps}"):
            answer = client.post(
                self._settings.time_stamps,
                content=request_stamp(signed.note.text),
                headers={"content-type": REQUEST_TYPE},
            )
            if answer.status_code != 200 or len(answer.content) > LARGEST_STAMP:
                raise Unvouched(f"answers {answer.status_code} with {len(answer.content):,} octets")
            check_stamp(answer.content, signed.note.text, self._roots)
            self._writer.keep_stamp(signed, answer.content)
            self._stamped_until = signed.checkpoint.size
        return True

    def say(self, who: str, failure: str) -> None:
        """Tell when somebody begins to fail, fails otherwise, or works again."""
        if self._failing.get(who, "") != failure:
            self._failing[who] = failure
            self._tell(f"{who} {failure}" if failure else f"{who} vouches for the record again")
        elif not failure:
            self._failing[who] = ""


class _Saying:
    """What goes wrong inside is said of somebody, and goes no further."""

    def __init__(self, sealing: Sealing, who: str) -> None:
        self._sealing, self._who = sealing, who

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        from httpx import HTTPError, InvalidURL

        if error is None:
            self._sealing.say(self._who, "")
            return True
        if isinstance(error, HTTPError | InvalidURL):
            self._sealing.say(self._who, f"cannot be asked: {str(error) or type(error).__name__}")
        elif isinstance(error, LuchtwachtError | OSError):
            self._sealing.say(self._who, str(error))
        else:
            return False
        return True
