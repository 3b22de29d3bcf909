"""An export goes on record itself, or it is said that it did not."""

from __future__ import annotations

import json
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from tests.cli.test_retention import record
from tests.journal.recordings import frames
from tests.journal.test_retention import SITE
from typer.testing import CliRunner, Result

from luchtwacht.cli import app
from luchtwacht.cli.places import site_signer
from luchtwacht.journal import EntryKind, JournalWriter, read_entries, verify_journal


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    record(tmp_path / "journal", SITE, 1)
    return tmp_path / "journal"


def export(folder: Path, *arguments: str) -> Result:
    out = folder.parent / "night.zip"
    return CliRunner().invoke(app, ["export", str(folder), "--out", str(out), *arguments])


def noted(folder: Path) -> list[dict[str, Any]]:
    found = [json.loads(each.data) for each in read_entries(folder, kinds=(EntryKind.NOTE,))]
    return [each for each in found if each["subject"] == "export"]


def test_an_export_of_a_record_at_rest_is_on_record(folder: Path) -> None:
    said = export(folder, "--by", "the press office", "--reason", "asked by a paper", "--withhold", "actor")
    assert said.exit_code == 0, said.output
    assert said.output.endswith("on record\n")
    assert "NOT" not in said.output
    (note,) = noted(folder)
    assert (note["by"], note["reason"], note["withheld"]) == ("the press office", "asked by a paper", ["actor"])
    assert note["bundle"] == sha256((folder.parent / "night.zip").read_bytes()).hexdigest()
    assert note["from_ns"] < note["to_ns"]
    assert note["exported_ns"] > 0
    report = verify_journal(folder, keys=site_signer(SITE.id).verifiers())
    assert report.holds, report.text()
    assert report.unsealed == 0


def test_beside_a_running_watch_the_watch_puts_it_on_record(folder: Path) -> None:
    writer = JournalWriter(folder, signer=site_signer(SITE.id))
    said = export(folder)
    assert said.exit_code == 0, said.output
    assert "the running watch will see to it" in said.output
    assert not noted(folder)
    writer.frames(frames(14, 1))
    writer.commit()
    writer.close()
    (note,) = noted(folder)
    assert note["by"] == ""


def test_a_copy_whose_keys_are_elsewhere_is_left_as_it_is(folder: Path) -> None:
    shutil.rmtree(folder.parent / "state")
    before = {each: each.read_bytes() for each in sorted(folder.rglob("*")) if each.is_file()}
    said = export(folder)
    assert said.exit_code == 0, said.output
    assert "this export was NOT recorded: the keys of test are not on this machine" in said.output
    assert {each: each.read_bytes() for each in sorted(folder.rglob("*")) if each.is_file()} == before
    assert not (folder.parent / "state" / "luchtwacht" / "keys").exists()


def test_a_disk_that_refuses_is_said(folder: Path) -> None:
    (folder / "requests").write_text("in the way of the folder")
    said = export(folder)
    assert said.exit_code == 0, said.output
    assert "this export was NOT recorded" in said.output
    assert not noted(folder)


def test_who_exported_is_not_shown_where_the_staff_is_kept_secret(folder: Path) -> None:
    export(folder, "--by", "B. Archivist", "--reason", "for the court")
    export(folder, "--by", "the office", "--reason", "as asked", "--withhold", "actor")
    assert b"B. Archivist" not in (folder.parent / "night.zip").read_bytes()
    from luchtwacht.journal import bundle_entries, open_bundle

    with open_bundle(folder.parent / "night.zip") as bundle:
        shown = [each for each in bundle_entries(bundle) if each.kind is EntryKind.NOTE]
    assert not any(b"Archivist" in each.data for each in shown)
    assert len(shown) < len(list(read_entries(folder, kinds=(EntryKind.NOTE,))))
