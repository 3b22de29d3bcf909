"""Messages as protobuf-JSON, the form in which examples and test vectors of the standard are handed around.

Names are taken in both forms (`nodeId`, `node_id`) and written in the first. A name that the schema does not have is a
fault here: in JSON it is a slip of the pen, not a later edition.
"""

from __future__ import annotations

import json
from typing import Any

from luchtwacht.codecs.sapient.classes import message_class
from luchtwacht.codecs.sapient.edition import Edition, edition_of
from luchtwacht.codecs.sapient.message import SapientMessage, check_envelope, to_envelope
from luchtwacht.codecs.sapient.problem import Problem
from luchtwacht.codecs.sapient.schema import MESSAGES
from luchtwacht.codecs.sapient.table import Field
from luchtwacht.errors import BadMessage

_MOST_SHOWN = 300
"""characters of what protobuf says, which may hold the whole message"""
_TABLES = {message.name: message for message in MESSAGES}


def read_json(text: str, edition: Edition = Edition.V2) -> SapientMessage:
    """One message.

    Raises:
        BadMessage: no JSON, a value of the wrong kind, an unknown name, or not what the edition asks; names the fields.
        Refused: as for `decode_message`.
    """
    from google.protobuf.json_format import ParseDict, ParseError

    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadMessage(f"no JSON: {error}") from error
    unknown: list[Problem] = []
    if Edition.V1 in (edition, _spoken(tree)):
        tree = _in_lists(tree, "SapientMessage")
    else:
        _find_unknown(tree, "SapientMessage", "", unknown)
    envelope = message_class()()
    try:
        ParseDict(tree, envelope, ignore_unknown_fields=True)
    except (ParseError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise BadMessage("; ".join((*map(str, unknown), str(error)[:_MOST_SHOWN]))) from error
    return check_envelope(envelope, edition, tuple(unknown))


def write_json(message: SapientMessage) -> str:
    """The message on indented lines, fields in the order of the wire."""
    from google.protobuf.json_format import MessageToJson

    text: str = MessageToJson(to_envelope(message), indent=2)
    return text


def _spoken(tree: Any) -> Edition | None:
    """The edition that a registration names, before it is read."""
    registration = tree.get("registration") if isinstance(tree, dict) else None
    if not isinstance(registration, dict):
        return None
    said = registration.get("icdVersion", registration.get("icd_version"))
    return edition_of(said) if isinstance(said, str) else None


def _fields(name: str) -> dict[str, Field]:
    """Fields of a table by both of their names."""
    fields = _TABLES[name].fields
    return {form: field for field in fields for form in (field.name, _camel(field.name))}


def _camel(name: str) -> str:
    """The JSON name of a field, as protobuf makes it."""
    first, *others = name.split("_")
    return first + "".join(other[:1].upper() + other[1:] for other in others)


def _find_unknown(tree: Any, name: str, path: str, found: list[Problem]) -> None:
    if not isinstance(tree, dict):
        return
    fields = _fields(name)
    for key, value in tree.items():
        field = fields.get(key)
        here = f"{path}.{key if field is None else field.name}".lstrip(".")
        if field is None:
            found.append(Problem(here, f"is not in {name}"))
        elif field.kind in _TABLES:
            if isinstance(value, list):
                for index, element in enumerate(value):
                    _find_unknown(element, field.kind, f"{here}[{index}]", found)
            else:
                _find_unknown(value, field.kind, here, found)


def _in_lists(tree: Any, name: str) -> Any:
    """v1 has single parts where v2 has lists, and lists where v2 has single parts (of which the first is taken)."""
    if not isinstance(tree, dict):
        return tree
    fields, turned = _fields(name), {}
    for key, value in tree.items():
        field = fields.get(key)
        if field is not None and value is not None:
            if field.repeated and not isinstance(value, list):
                value = [value]
            elif not field.repeated and isinstance(value, list) and value:
                value = value[0]
            if field.kind in _TABLES:
                value = (
                    [_in_lists(element, field.kind) for element in value]
                    if isinstance(value, list)
                    else _in_lists(value, field.kind)
                )
        turned[key] = value
    return turned
