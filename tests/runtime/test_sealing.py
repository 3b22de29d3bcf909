from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
import uvicorn
import verifier.luchtwacht_verify as alone
from tests.ingest.sites import NOON_NS, site
from tests.runtime import authority

from luchtwacht.clock import SystemClock
from luchtwacht.journal import (
    JournalWriter,
    KeyKind,
    Rule,
    Signer,
    SigningKey,
    Verdict,
    create_key,
    verify_bundle,
    verify_journal,
    write_bundle,
)
from luchtwacht.journal.files import REAL
from luchtwacht.journal.log import read_checkpoint, read_stamps
from luchtwacht.journal.stamp import BadStamp, check_stamp, parse_certificates, request_stamp
from luchtwacht.journal.witness import Witness
from luchtwacht.model import SealingSettings, Tick
from luchtwacht.model.encoding import encode_site
from luchtwacht.model.site import WitnessDeclaration
from luchtwacht.runtime.sealing import Sealing
from luchtwacht.server.witness import create_witness
from luchtwacht.units import SECOND_NS

LOG = create_key("made-up.example/field", seed=bytes(32))


@contextmanager
def recording(folder: Path) -> Iterator[JournalWriter]:
    writer = JournalWriter(folder, signer=Signer(LOG))
    writer.open_run(encode_site(site()), {}, NOON_NS)
    grow(writer, 1)
    try:
        yield writer
    finally:
        writer.close()


def grow(writer: JournalWriter, first: int, count: int = 5) -> None:
    for number in range(first, first + count):
        writer.tick(Tick(sequence=number, received_ns=NOON_NS + number * 2 * SECOND_NS))
        writer.commit()


@contextmanager
def witnessing(folder: Path, key: SigningKey) -> Iterator[str]:
    """A witness on loopback; its address."""
    app = create_witness(Witness(folder, key, {LOG.name: [LOG.verifier]}), [LOG.name], SystemClock())
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        pass
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def sealing(writer: JournalWriter, folder: Path, told: list[str], **settings: object) -> Sealing:
    roots = settings.pop("roots", [])
    return Sealing(writer, folder, SealingSettings(**settings), roots, told.append)  # type: ignore[arg-type]


def test_a_neighbour_signs_each_checkpoint_that_extends_what_it_signed(tmp_path: Path) -> None:
    key = create_key("made-up.example/neighbour", KeyKind.COSIGNATURE_ED25519)
    told: list[str] = []
    with (
        recording(tmp_path / "journal") as writer,
        witnessing(tmp_path / "witness", key) as url,
        httpx.Client() as client,
    ):
        declared = WitnessDeclaration(url=url, key=str(key.verifier))
        asking = sealing(writer, tmp_path / "journal", told, witnesses=(declared,))
        assert asking.ask_witnesses(client)
        grow(writer, 6)
        assert asking.ask_witnesses(client)
        latest = read_checkpoint(tmp_path / "journal", REAL)
        assert latest is not None
        assert key.name in {each.name for each in latest.note.signatures}
        forgetful = sealing(writer, tmp_path / "journal", told, witnesses=(declared,))  # as after a restart
        grow(writer, 11)
        assert forgetful.ask_witnesses(client)
        seen = client.get(f"{url}/{sha256(LOG.name.encode()).hexdigest()}/checkpoint").text
        assert f"\n{read_checkpoint(tmp_path / 'journal', REAL).checkpoint.size}\n" in seen  # type: ignore[union-attr]
    assert told == []
    report = verify_journal(tmp_path / "journal", keys=[LOG.verifier, key.verifier])
    assert report.holds, report.text()


def test_a_witness_that_is_away_is_said_once_and_stops_nothing(tmp_path: Path) -> None:
    key = create_key("made-up.example/neighbour", KeyKind.COSIGNATURE_ED25519)
    told: list[str] = []
    with recording(tmp_path / "journal") as writer, httpx.Client() as client:
        declared = WitnessDeclaration(url="http://127.0.0.1:9", key=str(key.verifier))
        asking = sealing(writer, tmp_path / "journal", told, witnesses=(declared,))
        asking.ask_witnesses(client)
        asking.ask_witnesses(client)
        assert len(told) == 1
        assert "cannot be asked" in told[0]


def test_a_witness_that_signs_with_another_key_is_told(tmp_path: Path) -> None:
    key, other = (create_key("made-up.example/neighbour", KeyKind.COSIGNATURE_ED25519) for _ in "ab")
    told: list[str] = []
    with (
        recording(tmp_path / "journal") as writer,
        witnessing(tmp_path / "witness", key) as url,
        httpx.Client() as client,
    ):
        declared = WitnessDeclaration(url=url, key=str(other.verifier))
        sealing(writer, tmp_path / "journal", told, witnesses=(declared,)).ask_witnesses(client)
    assert "another key" in told[0]


@pytest.mark.parametrize(("body", "status"), [(b"\xff", 400), (b"old 0\n", 400), (b"x" * 70_000, 413)])
def test_a_witness_answers_nonsense_with_what_is_wrong(tmp_path: Path, body: bytes, status: int) -> None:
    key = create_key("made-up.example/neighbour", KeyKind.COSIGNATURE_ED25519)
    with witnessing(tmp_path / "witness", key) as url, httpx.Client() as client:
        assert client.post(f"{url}/add-checkpoint", content=body).status_code == status


def test_an_authority_stamps_the_record_and_a_stranger_checks_it(tmp_path: Path) -> None:
    """In the journal, in a bundle, and by OpenSSL itself."""
    ca = authority.create(tmp_path / "authority")
    roots = parse_certificates(ca.read_bytes())
    told: list[str] = []
    with recording(tmp_path / "journal") as writer:
        with authority.serving(tmp_path / "authority") as url, httpx.Client() as client:
            asking = sealing(writer, tmp_path / "journal", told, time_stamps=url, roots=roots)
            assert asking.ask_authority(client)
            assert not asking.ask_authority(client)  # nothing new to stamp
        grow(writer, 6)
    assert told == []
    ((signed, stamp),) = read_stamps(tmp_path / "journal", REAL)
    journal = verify_journal(tmp_path / "journal", keys=[LOG.verifier], authorities=roots)
    assert journal.holds, journal.text()
    assert "Made-up clock" in journal.text()
    bundle = tmp_path / "night.zip"
    write_bundle(tmp_path / "journal", bundle, from_ns=0, to_ns=2**62, software="test")
    report = verify_bundle(bundle, keys=[LOG.verifier], authorities=roots)
    assert report.holds, report.text()
    assert [each.verdict for each in report.checks if each.rule is Rule.TIME] == [Verdict.HOLDS]
    unknown = verify_bundle(bundle, keys=[LOG.verifier])
    assert [each.verdict for each in unknown.checks if each.rule is Rule.TIME] == [Verdict.UNCHECKED]
    apart = alone.verify(bundle, [alone.read_key(str(LOG.verifier))])
    assert apart.holds
    assert "a time stamp (RFC 3161) of the first" in apart.text()
    (tmp_path / "text").write_text(signed.note.text)
    (tmp_path / "stamp").write_bytes(stamp)
    authority._run("ts", "-verify", "-data", tmp_path / "text", "-in", tmp_path / "stamp", "-CAfile", ca)


def test_a_stamp_of_something_else_or_by_somebody_else_does_not_hold(tmp_path: Path) -> None:
    ca = authority.create(tmp_path / "authority")
    stranger = authority.create(tmp_path / "stranger")
    text = "made-up.example/field\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
    stamp = authority.answer(tmp_path / "authority", request_stamp(text))
    assert check_stamp(stamp, text, parse_certificates(ca.read_bytes())).authority == "CN=Made-up clock"
    with pytest.raises(BadStamp, match="of something else"):
        check_stamp(stamp, text + "x", parse_certificates(ca.read_bytes()))
    with pytest.raises(BadStamp, match="not signed by an authority"):
        check_stamp(stamp, text, parse_certificates(stranger.read_bytes()))
    for cut in (b"", stamp[:-1], stamp[:40], b"no stamp", bytes(100_000)):
        with pytest.raises(BadStamp):
            check_stamp(cut, text, parse_certificates(ca.read_bytes()))
    with pytest.raises(BadStamp, match="no certificate"):
        parse_certificates(b"nothing")
