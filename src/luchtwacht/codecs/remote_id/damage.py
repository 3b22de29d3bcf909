"""How a carrier says that a frame cannot be used; `decode` turns it into a `Rejection` and goes on."""

from __future__ import annotations

from luchtwacht.errors import BadMessage
from luchtwacht.model import Reason


class Damaged(BadMessage):
    """A frame that holds Remote ID and cannot be used."""

    def __init__(self, reason: Reason, item: str, detail: str) -> None:
        super().__init__(detail, where=item)
        self.reason, self.item, self.detail = reason, item, detail
