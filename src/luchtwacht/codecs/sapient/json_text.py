"""Messages as protobuf-JSON, the form in which examples and test vectors of the standard are handed around.

Names are taken in both forms (`nodeId`, `node_id`) and written in the first. A name that the schema does not have is a
fault here: in JSON it is a slip of the pen, not a later edition.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from luchtwacht.codecs.sapient.classes import message_class
from luchtwacht.codecs.sapient.edition import Edition, edition_of
from luchtwacht.codecs.sapient.message import SapientMessage, check_envelope, to_envelope
from luchtwacht.codecs.sapient.problem import Problem
from luchtwacht.codecs.sapient.schema import ENUMS, MESSAGES
from luchtwacht.codecs.sapient.table import Field
from luchtwacht.errors import BadMessage

_MOST_SHOWN = 300
"""characters of what protobuf says, which may hold the whole message"""
_PLACE = re.compile(r"at \"?SapientMessage\.([\w.\[\]]*[\w\]])")
_NAMES = {enum.name: frozenset(enum.prefix + value for value in enum.values.values()) for enum in ENUMS}
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
    if "\\u" in text and _half_of_a_pair(tree):  # which protobuf's parser cannot take
        raise BadMessage(
            "no JSON: an escape stands for half of a surrogate pair, which is no character (RFC 8259, 8.2)"
        )
    lenient = Edition.V1 in (edition, _spoken(tree))
    try:
        if lenient:
            tree = _in_lists(tree, "SapientMessage")
        faults = [*_faults_of(tree, "SapientMessage", lenient)]
    except RecursionError as error:
        raise BadMessage("parts stand too deep within one another") from error
    envelope = message_class()()
    try:
        ParseDict(tree, envelope, ignore_unknown_fields=True)
    except (ParseError, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        if not faults:
            raise BadMessage(str(error)[:_MOST_SHOWN], where=_place_of(str(error))) from error
        first, *others = faults
        raise BadMessage("; ".join((first.detail, *map(str, others))), where=first.field) from error
    return check_envelope(envelope, edition, tuple(faults))


def _half_of_a_pair(tree: object) -> bool:
    """Whether a text in it has a surrogate without its other half."""
    try:
        json.dumps(tree, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def write_json(message: SapientMessage) -> str:
    """The message on indented lines, fields in the order of the wire."""
    from google.protobuf.json_format import MessageToJson

    text: str = MessageToJson(to_envelope(message), indent=2)
    return text


def octets_of_json(text: bytes) -> bytes:
    """A message in JSON as it would come over TCP, without its length; unchecked but for its form.

    Raises:
        BadMessage: no JSON of a message.
    """
    from google.protobuf.json_format import ParseDict, ParseError

    envelope = message_class()()
    try:
        tree = json.loads(text.decode("utf-8-sig"))
        ParseDict(tree, envelope, ignore_unknown_fields=True)
    except (ParseError, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise BadMessage(str(error)[:_MOST_SHOWN], where=_place_of(str(error))) from error
    octets: bytes = envelope.SerializeToString(deterministic=True)
    return octets


def _spoken(tree: Any) -> Edition | None:
    """The edition that a registration names, before it is read."""
    registration = tree.get("registration") if isinstance(tree, dict) else None
    if not isinstance(registration, dict):
        return None
    said = registration.get("icdVersion", registration.get("icd_version"))
    return edition_of(said) if isinstance(said, str) else None


def _place_of(error: str) -> str:
    """The field that protobuf's complaint names at its end, by the names of the schema; "" when it names none."""
    found = _PLACE.search(error)
    if found is None:
        return ""
    name, path = "SapientMessage", []
    for step in found[1].split("."):
        key, bracket, index = step.partition("[")
        field = _fields(name).get(key) if name in _TABLES else None
        path.append((key if field is None else field.name) + bracket + index)
        name = "" if field is None else field.kind
    return ".".join(path)


def _fields(name: str) -> dict[str, Field]:
    """Fields of a table by both of their names."""
    fields = _TABLES[name].fields
    return {form: field for field in fields for form in (field.name, _camel(field.name))}


def _camel(name: str) -> str:
    """The JSON name of a field, as protobuf makes it."""
    first, *others = name.split("_")
    return first + "".join(other[:1].upper() + other[1:] for other in others)


def _faults_of(tree: Any, name: str, lenient: bool, path: str = "") -> Iterator[Problem]:
    """Names that the table has not, unless `lenient`, and values of the wrong kind. A null is as good as nothing."""
    if not isinstance(tree, dict):
        yield Problem(path, f"is {_shown(tree)}, which is no {name}")
        return
    fields = _fields(name)
    for key, value in tree.items():
        field = fields.get(key)
        here = f"{path}.{key if field is None else field.name}".lstrip(".")
        if field is None:
            if not lenient:
                yield Problem(here, f"is not in {name}")
        elif value is None:
            continue
        elif not field.repeated:
            yield from _faults_of_value(value, field.kind, lenient, here)
        elif isinstance(value, list):
            for index, element in enumerate(value):
                yield from _faults_of_value(element, field.kind, lenient, f"{here}[{index}]")
        else:
            yield Problem(here, f"is {_shown(value)}, which is no list")


def _faults_of_value(value: Any, kind: str, lenient: bool, path: str) -> Iterator[Problem]:
    if kind in _TABLES:
        yield from _faults_of(value, kind, lenient, path)
    elif not _is_of_kind(value, kind):
        yield Problem(path, f"is {_shown(value)}, which is no {kind}")


def _is_of_kind(value: Any, kind: str) -> bool:
    """Numbers and the numbers of enumerations may be written as text (proto3, JSON mapping)."""
    if kind == "bool":
        return isinstance(value, bool)
    if kind in _NAMES:
        return (
            value in _NAMES[kind] if isinstance(value, str) else isinstance(value, int) and not isinstance(value, bool)
        )
    if kind in ("double", "float", "int32"):
        return _is_number(value)
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    if isinstance(value, str):
        try:
            float(value)
        except ValueError:
            return False
        return True
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 48 else text[:45] + "..."


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
