"""Time stamps (RFC 3161): an authority that is nobody's friend says that a checkpoint existed at a time.

What is stamped is the SHA-256 of the text that the watch signed: origin, size and root. So the stamp is worth something
even when the watch's own keys are not trusted any more. The authority's certificate comes from whoever checks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from luchtwacht.errors import BadInput
from luchtwacht.units import datetime_to_ns

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampResponse

REQUEST_TYPE = "application/timestamp-query"
ANSWER_TYPE = "application/timestamp-reply"
LARGEST_STAMP = 64 * 1024


class BadStamp(BadInput):
    """Octets that are no time stamp of what they should be one of."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What an authority said."""

    time_ns: int
    """ns UTC"""
    authority: str
    """the name in its certificate"""


def request_stamp(text: str) -> bytes:
    """What is sent to an authority: a `TimeStampReq` for the text of a checkpoint, DER."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    builder = TimestampRequestBuilder().data(text.encode()).hash_algorithm(HashAlgorithm.SHA256)
    return bytes(builder.nonce(nonce=False).cert_request(cert_request=True).build().as_bytes())


def parse_certificates(pem: bytes, where: str = "") -> list[Certificate]:
    """The certificates in a PEM file, of an authority or of who vouches for it.

    Raises:
        BadStamp: there is none.
    """
    from cryptography.x509 import load_pem_x509_certificates

    try:
        return load_pem_x509_certificates(pem)
    except ValueError as error:
        raise BadStamp("holds no certificate in PEM", where=where) from error


def check_stamp(answer: bytes, text: str, roots: Sequence[Certificate]) -> Stamp:
    """What an authority under one of `roots` said of a checkpoint's text.

    Args:
        answer: a `TimeStampResp`, DER.

    Raises:
        BadStamp: it is none, was refused, is of another text, or is not signed by an authority under `roots`.
    """
    from rfc3161_client import VerificationError, VerifierBuilder

    response = _parse(answer)
    if response.tst_info.message_imprint.message != sha256(text.encode()).digest():
        raise BadStamp("the time stamp is of something else")
    builder = VerifierBuilder()
    for root in roots:
        builder = builder.add_root_certificate(root)
    try:
        builder.build().verify_message(response, text.encode())
    except (VerificationError, ValueError) as error:
        raise BadStamp(f"the time stamp is not signed by an authority that is trusted here: {error}") from error
    return Stamp(datetime_to_ns(response.tst_info.gen_time), _authority(response))


def _parse(answer: bytes) -> TimeStampResponse:
    from rfc3161_client import decode_timestamp_response

    if len(answer) > LARGEST_STAMP:
        raise BadStamp(f"{len(answer):,} octets are no time stamp")
    try:
        response = decode_timestamp_response(answer)
        response.tst_info.message_imprint  # noqa: B018 - a refusal has none
    except ValueError as error:
        raise BadStamp(f"is no time stamp, or a refusal of one: {error}") from error
    return response


def _authority(response: TimeStampResponse) -> str:
    from cryptography.x509 import load_der_x509_certificate

    for each in response.signed_data.certificates:
        certificate = load_der_x509_certificate(bytes(each))
        if certificate.subject != certificate.issuer:
            return certificate.subject.rfc4514_string()
    return ""
