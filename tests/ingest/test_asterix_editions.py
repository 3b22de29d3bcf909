from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.ingest.asterix_sites import SYSTEM, asterix_site, frames, message

from luchtwacht.codecs.asterix import decode
from luchtwacht.codecs.asterix.decoder import Decoded
from luchtwacht.errors import BadConfiguration
from luchtwacht.ingest import Ingest, check_site
from luchtwacht.model import Format, Frames, Source

OLD = "1.18"


def speaking(**editions: str) -> Any:
    named = {name.removeprefix("cat"): edition for name, edition in editions.items()}
    return replace(asterix_site(), sources=(Source(id="all", format=Format.ASTERIX, editions=named),))


@pytest.mark.parametrize(("declared", "read"), [({"cat062": OLD}, OLD), ({}, "1.20")])
def test_a_source_is_read_by_the_edition_that_is_declared_for_it(
    declared: dict[str, str], read: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without one, by the newest."""
    by: list[str] = []

    def spying(given: Frames, **how: Any) -> Decoded:
        decoded = decode(given, **how)
        by.extend(records.edition for records in decoded.categories.values())
        return decoded

    monkeypatch.setattr("luchtwacht.ingest.asterix.decode", spying)
    Ingest(speaking(**declared), {}).receive(frames(message(62, SYSTEM)))
    assert by == [read]


@pytest.mark.parametrize(
    ("editions", "said"), [({"cat062": "9.9"}, "edition 9.9 is not read"), ({"catX": "1.18"}, "no category of ASTERIX")]
)
def test_an_edition_that_is_not_read_is_refused_when_the_watch_starts(editions: dict[str, str], said: str) -> None:
    with pytest.raises(BadConfiguration, match=said):
        Ingest(speaking(**editions), {})


def test_only_asterix_has_editions() -> None:
    table = Source(id="all", format=Format.READSB, editions={"062": OLD})
    with pytest.raises(BadConfiguration, match="no ASTERIX"):
        check_site(replace(asterix_site(), sources=(table,)), "here")
