"""A site file with other figures for some sensors: the text as it was written, with only these lines changed."""

from __future__ import annotations

import re
from collections.abc import Mapping

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]")
_KEY = re.compile(r"^\s*([A-Za-z0-9_-]+)\s*=")

Figures = Mapping[str, float]


def fragment(sensor: str, figures: Figures, bias: Figures) -> str:
    """What to declare of one sensor, as TOML."""
    lines = [f"# sensor {sensor}", *(f"{name} = {value:.6g}" for name, value in figures.items())]
    if bias:
        lines += ["[sensors.bias]", *(f"{name} = {value:.6g}" for name, value in bias.items())]
    return "\n".join(lines) + "\n"


def rewrite(text: str, changes: Mapping[str, tuple[Figures, Figures]]) -> tuple[str, list[str]]:
    """The text of a site file with the figures and the bias of each of some sensors replaced.

    Args:
        changes: by `Sensor.id`: keys of the sensor, and keys of its bias.

    Returns:
        The text, and the sensors that do not stand in it as `[[sensors]]` tables (in an included file, or inline).
    """
    made: list[str] = []
    done: set[str] = set()
    for block in _blocks(text.splitlines()):
        name = _sensor_of(block)
        if name in changes:
            block = _changed(block, *changes[name])
            done.add(name)
        made += block
    return "\n".join(made) + "\n", [name for name in changes if name not in done]


def _blocks(lines: list[str]) -> list[list[str]]:
    """Runs of lines: each `[[sensors]]` with the tables under it, and what is between them."""
    blocks: list[list[str]] = [[]]
    inside = False
    for line in lines:
        header = _HEADER.match(line)
        if header:
            name = header[2].replace(" ", "")
            begins = header[1] == "[[" and name == "sensors"
            belongs = inside and name.startswith("sensors.")
            if begins or (inside and not belongs):
                blocks.append([])
            inside = begins or belongs
        blocks[-1].append(line)
    return blocks


def _sensor_of(block: list[str]) -> str:
    if not block or not re.match(r"^\s*\[\[\s*sensors\s*\]\]", block[0]):
        return ""
    for line in block[1:]:
        if found := re.match(r"""^\s*id\s*=\s*["']([^"']*)["']""", line):
            return found[1]
    return ""


def _changed(block: list[str], figures: Figures, bias: Figures) -> list[str]:
    """One sensor's lines: known keys replaced in place, with their comments gone; others added."""
    own: list[str] = []
    others: list[str] = []
    table = "sensor"
    for line in block[1:]:
        header = _HEADER.match(line)
        if header:
            table = "bias" if header[2].replace(" ", "") == "sensors.bias" else "other"
        key = _KEY.match(line)
        if (table == "bias" and bias) or (table == "sensor" and key and key[1] == "bias" and bias):
            continue
        (others if table == "other" else own).append(line)
    trailing: list[str] = []
    tail = others or own
    while tail and not _KEY.match(tail[-1]) and not _HEADER.match(tail[-1]):
        trailing.insert(0, tail.pop())
    left = dict(figures)
    made = [block[0]]
    for line in own:
        key = _KEY.match(line)
        if key and key[1] in left:
            line = f"{key[1]} = {left.pop(key[1]):.6g}   # calibrated"
        made.append(line)
    made += [f"{name} = {value:.6g}   # calibrated" for name, value in left.items()]
    made += others
    if bias:
        made += ["[sensors.bias]   # calibrated", *(f"{name} = {value:.6g}" for name, value in bias.items())]
    return made + trailing
