"""The console's own package: what must hold so that it builds on a fresh machine, from any mirror."""

from __future__ import annotations

import json
from pathlib import Path

WEB = Path(__file__).parents[2] / "web"
LOCK = json.loads((WEB / "package-lock.json").read_text())["packages"]


def test_the_lock_names_no_registry() -> None:
    text = (WEB / "package-lock.json").read_text()
    assert "resolved" not in text
    assert "registry" not in text


def test_the_lock_holds_every_package_that_another_wants_also_for_other_machines() -> None:
    """`npm ci` refuses a lock that leaves out an optional package, which happens when a mirror did not have it."""
    names = {path.rpartition("node_modules/")[2] for path in LOCK}
    wanted = {
        name
        for package in LOCK.values()
        for kind in ("dependencies", "optionalDependencies", "devDependencies")
        for name in package.get(kind, {})
    }
    assert wanted - names == set()


def test_every_package_is_pinned_by_its_hash() -> None:
    assert [path for path, package in LOCK.items() if path and not package.get("integrity")] == []
