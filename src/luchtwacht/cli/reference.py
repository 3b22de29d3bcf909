"""`python -m luchtwacht.cli.reference`: every command and option as a page, `docs/reference/commands.md`."""

from __future__ import annotations

import re
from typing import Any

import typer.main

HEAD = """# Commands

Made from the commands themselves by `python -m luchtwacht.cli.reference`; a test holds this page to them.
"""

EXITS = """
## Exit codes

| code | meaning |
|---|---|
| 0 | all is well |
| 1 | the answer is no: a replay differs, a record does not hold |
| 2 | the command line is wrong |
| 3 | the input is wrong; the message says what, where and what to do |
| 4 | the journal cannot record, or cannot be read |
| 130 | ended by Ctrl-C |
"""


def page() -> str:
    """The page as Markdown."""
    from luchtwacht.cli import app

    group = typer.main.get_group(app)
    return HEAD + "".join(_command(name, group.commands[name]) for name in sorted(group.commands)) + EXITS


def _command(name: str, command: Any) -> str:
    inner = getattr(command, "commands", None)
    if inner:
        text = (command.help or "").strip()
        return f"\n## luchtwacht {name}\n\n{text}\n" + "".join(
            _command(f"{name} {each}", inner[each]) for each in inner
        )
    text = re.sub(r"[ ]*\n(?!\n)[ ]*", " ", (command.help or "").strip().replace("\n\n", "\0")).replace("\0", "\n\n")
    lines = ["", f"## luchtwacht {name}", "", text, "", "| | | default |", "|---|---|---|"]
    for parameter in command.params:
        if parameter.name == "help":
            continue
        shown = getattr(parameter, "help", None) or ""
        written = (
            ", ".join(f"`{each}`" for each in (*parameter.opts, *parameter.secondary_opts))
            if parameter.param_type_name == "option"
            else f"`{(parameter.name or '').upper()}`"
        )
        default = "required" if parameter.required else _default(parameter.default)
        lines.append(f"| {written} | {shown} | {default} |")
    return "\n".join(lines) + "\n"


def _default(value: object) -> str:
    if value is None or value == "" or value is False or callable(value) or "UNSET" in repr(value):
        return ""
    return "yes" if value is True else f"`{value}`"


if __name__ == "__main__":
    print(page(), end="")
