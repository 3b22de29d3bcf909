"""Secrets: kept outside the site file, which is recorded."""

from __future__ import annotations

import os
from pathlib import Path

from luchtwacht.errors import BadConfiguration
from luchtwacht.model import Source


def read_secret(source: Source) -> str:
    """What `Source.secret` points to, without blanks around it; "" when nothing is declared.

    Raises:
        BadConfiguration: the variable is not set, or the file cannot be read.
    """
    if not source.secret:
        return ""
    kind, _, name = source.secret.partition(":")
    if kind == "env":
        value = os.environ.get(name, "")
        if not value:
            raise BadConfiguration(
                f"source {source.id}: environment variable {name} is not set",
                where=source.id,
                hint=f"export {name}=...",
            )
        return value.strip()
    try:
        return Path(name).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadConfiguration(f"source {source.id}: secret {name} cannot be read: {error}", where=source.id) from error
