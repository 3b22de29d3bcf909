"""One SAPIENT message: what its envelope says, and its content as the standard has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from luchtwacht.codecs.sapient.classes import message_class
from luchtwacht.codecs.sapient.edition import Edition, edition_of
from luchtwacht.codecs.sapient.forms import LAST_SECOND
from luchtwacht.codecs.sapient.problem import Problem
from luchtwacht.codecs.sapient.refusal import refusal_of_sending, refusal_of_taking
from luchtwacht.codecs.sapient.validation import problems_of
from luchtwacht.errors import BadMessage, Refused
from luchtwacht.model import Reason
from luchtwacht.units import SECOND_NS


class MessageKind(StrEnum):
    """What a message says. The values are the names of the envelope's alternatives."""

    REGISTRATION = "registration"
    REGISTRATION_ACK = "registration_ack"
    STATUS_REPORT = "status_report"
    DETECTION_REPORT = "detection_report"
    TASK = "task"
    TASK_ACK = "task_ack"
    ALERT = "alert"
    ALERT_ACK = "alert_ack"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class SapientMessage:
    """A message that was checked. Made by `decode_message`, `read_json` and `compose`."""

    kind: MessageKind
    time_ns: int
    """ns UTC, of the envelope: when it was sent; of a detection, when the object was there"""
    node_id: str
    """UUID of the sender, in lower case; as sent in v1"""
    destination_id: str
    """UUID of the addressee, in lower case; "" for everyone who listens"""
    content: Any
    """protobuf message of `kind`, names as in `schema/`; not to be changed"""
    additional_information: str
    edition: Edition


def decode_message(octets: bytes, edition: Edition = Edition.V2) -> SapientMessage:
    """One message without its length.

    Args:
        edition: what the node said in its registration.

    Raises:
        BadMessage: no protobuf, or not what the edition asks; names every field at fault.
        Refused: an effector registers, or the task acts on something.
    """
    return check_envelope(parse_envelope(octets), edition)


def encode_message(message: SapientMessage) -> bytes:
    """The message as it is sent, without its length (`frame_message` adds it). Always v2; equal messages, equal bytes.

    Raises:
        BadMessage: it is of v1, or its content was changed into something the standard does not allow.
        Refused: a task that is not for a sensor.
    """
    if message.edition is not Edition.V2:
        raise BadMessage(f"{message.edition} is read and not written", hint=f"{Edition.V2} is")
    envelope = to_envelope(message)
    check_envelope(envelope, Edition.V2)
    refusal = refusal_of_sending(envelope)
    if refusal is not None:
        raise Refused(str(refusal))
    octets: bytes = envelope.SerializeToString(deterministic=True)
    return octets


def compose(
    kind: MessageKind,
    content: Mapping[str, Any],
    *,
    time_ns: int,
    node_id: str,
    destination_id: str = "",
    additional_information: str = "",
) -> SapientMessage:
    """A message of plain values: fields by name, parts as mappings, lists as lists, enumerations by name or number.

    Raises:
        BadMessage: not what the standard asks, or a name that it does not have.
        Refused: as for `encode_message`.
    """
    try:
        envelope = message_class()(**{kind.value: dict(content)})
        envelope.node_id = node_id
        if destination_id:
            envelope.destination_id = destination_id
        if additional_information:
            envelope.additional_information = additional_information
        envelope.timestamp.seconds, envelope.timestamp.nanos = divmod(time_ns, SECOND_NS)
    except (ValueError, TypeError, OverflowError) as error:
        raise BadMessage(f"no {kind}: {error}", where=kind.value) from error
    message = check_envelope(envelope, Edition.V2)
    refusal = refusal_of_sending(envelope)
    if refusal is not None:
        raise Refused(str(refusal))
    return message


def parse_envelope(octets: bytes) -> Any:
    """The protobuf envelope, unchecked.

    Raises:
        BadMessage: no protobuf, or text that is no UTF-8.
    """
    from google.protobuf.message import DecodeError

    try:
        return message_class().FromString(octets)
    except DecodeError as error:
        raise BadMessage(f"{len(octets)} octets are no SAPIENT message: {error}") from error


def sender_of(octets: bytes) -> str:
    """Who sent a message, in lower case: for whoever holds the connection. Nothing is checked; "" for nobody."""
    try:
        return str(parse_envelope(octets).node_id).lower()
    except BadMessage:
        return ""


def sent_ns(octets: bytes) -> int | None:
    """ns UTC at which a message says it was sent; none where it is no message, or says no time that can be."""
    try:
        stamp = parse_envelope(octets).timestamp
    except BadMessage:
        return None
    return int(stamp.seconds * SECOND_NS + stamp.nanos) if 0 < stamp.seconds <= LAST_SECOND else None


def check_envelope(envelope: Any, edition: Edition, also: tuple[Problem, ...] = ()) -> SapientMessage:
    """The message within an envelope; raises as `decode_message` does. `also` is what was found wrong before."""
    refusal = refusal_of_taking(envelope)
    if refusal is not None:
        raise Refused(str(refusal))
    problems = [*also, *problems_of_envelope(envelope, edition)]
    if problems:
        first, *others = problems
        raise BadMessage("; ".join((first.detail, *map(str, others))), where=first.field)
    return from_envelope(envelope, edition)


def problems_of_envelope(envelope: Any, edition: Edition) -> list[Problem]:
    """Every fault by the rules of `edition`; of v1 only what is needed to know who said what when."""
    said = envelope.registration.icd_version if envelope.HasField("registration") else None
    spoken = edition_of(said) if said else edition
    old = Edition.V1 in (edition, spoken)
    problems = _problems_of_v1(envelope) if old else problems_of(envelope)
    if said and spoken is not edition:
        known = "" if spoken is None else ", which can be read when its source is declared so"
        detail = f"is {said[:48]!r}{known}; {str(edition)!r} is expected"
        problems.append(Problem("registration.icd_version", detail, Reason.UNSUPPORTED))
    return problems


def _problems_of_v1(envelope: Any) -> list[Problem]:
    """Numbers that cannot be; and without a sender, a time and a content nothing can be made of a message."""
    found = [problem for problem in problems_of(envelope) if problem.reason is Reason.IMPLAUSIBLE]
    kind = envelope.WhichOneof("content")
    if not kind:
        found.append(Problem("content", "is missing"))
    if kind != "registration":
        if not envelope.HasField("timestamp"):
            found.append(Problem("timestamp", "is missing"))
        if not envelope.node_id:
            found.append(Problem("node_id", "is missing"))
    return found


def from_envelope(envelope: Any, edition: Edition) -> SapientMessage:
    """The message within an envelope that was checked."""
    kind = MessageKind(envelope.WhichOneof("content"))
    stamp = envelope.timestamp
    lower = edition is Edition.V2
    return SapientMessage(
        kind=kind,
        time_ns=stamp.seconds * SECOND_NS + stamp.nanos,
        node_id=envelope.node_id.lower() if lower else envelope.node_id,
        destination_id=envelope.destination_id.lower() if lower else envelope.destination_id,
        content=getattr(envelope, kind.value),
        additional_information=envelope.additional_information,
        edition=edition,
    )


def to_envelope(message: SapientMessage) -> Any:
    """The protobuf envelope of a message."""
    envelope = message_class()()
    envelope.timestamp.seconds, envelope.timestamp.nanos = divmod(message.time_ns, SECOND_NS)
    envelope.node_id = message.node_id
    if message.destination_id:
        envelope.destination_id = message.destination_id
    getattr(envelope, message.kind.value).CopyFrom(message.content)
    if message.additional_information:
        envelope.additional_information = message.additional_information
    return envelope
