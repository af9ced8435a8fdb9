"""What a request asks for: service, operation, region; and in which of AWS's protocols.

Source of the protocols: the `protocol` of the services' models in botocore, and Smithy's specifications of them.
"""

import io
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Self

import orjson

from refapp.backends.cloudwatch.errors import ServiceError

MAX_BODY: Final = 8 * 2**20
"""The longest body, in bytes: ten thousand events of a megabyte in all, each character escaped, have less."""

Environ = Mapping[str, Any]

_SCOPE = re.compile(r"(?:Credential=|X-Amz-Credential=)[^/&,\s]+/[0-9]{8}/([a-z0-9-]+)/([A-Za-z0-9.-]+)/aws4_request")
_XML_SERVICES = frozenset({"s3", "s3control", "route53", "cloudfront"})
_CBOR_PATH = re.compile(r"/service/(\w+)/operation/(\w+)")


class Protocol(Enum):
    """How requests and answers are written."""

    JSON = "application/x-amz-json-1.1"
    CBOR = "application/cbor"
    QUERY = "text/xml"
    REST_XML = "application/xml"
    REST_JSON = "application/json"


class SerializationError(ServiceError):
    """The body of a request cannot be read."""

    code = "SerializationException"


class UnsignedError(ServiceError):
    """A request has no signature, so it does not say which service and region it is for."""

    code = "MissingAuthenticationTokenException"
    status = 403


@dataclass(frozen=True)
class Call:
    """A request: `operation` is empty where only its path says which it is."""

    service: str
    region: str
    operation: str
    protocol: Protocol
    target: str = ""

    @classmethod
    def read(cls, environ: Environ) -> Self:
        """What a request asks for; its signature is read, but not checked.

        Raises:
            UnsignedError: it has none.
        """
        signed = f"{environ.get('HTTP_AUTHORIZATION', '')}&{environ.get('QUERY_STRING', '').replace('%2F', '/')}"
        scope = _SCOPE.search(signed)
        if scope is None:
            raise UnsignedError(
                "The request has no signature of version 4, which says what service and region it is for."
            )
        region, service = scope[1], scope[2].lower()
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        if environ.get("HTTP_SMITHY_PROTOCOL") == "rpc-v2-cbor":
            path = _CBOR_PATH.fullmatch(environ.get("PATH_INFO", ""))
            return cls(service, region, path[2] if path else "", Protocol.CBOR)
        if target:
            return cls(service, region, target.rpartition(".")[2], Protocol.JSON, target)
        if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
            return cls(service, region, "", Protocol.QUERY)
        return cls(service, region, "", Protocol.REST_XML if service in _XML_SERVICES else Protocol.REST_JSON)


def unpack(environ: dict[str, Any]) -> None:
    """Unpack the body of a request, if it is packed; clients do that with long ones.

    Raises:
        SerializationError: it cannot be unpacked, or is longer than `MAX_BODY` then.
    """
    if environ.get("HTTP_CONTENT_ENCODING") == "gzip":
        body = _unpacked(environ["wsgi.input"].read())
        environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(body), str(len(body))
        del environ["HTTP_CONTENT_ENCODING"]


def read_json(environ: Environ) -> dict[str, Any]:
    """The members of a request in JSON.

    Raises:
        SerializationError: it is no JSON object.
    """
    try:
        members = orjson.loads(environ["wsgi.input"].read() or b"{}")
    except orjson.JSONDecodeError as error:
        raise SerializationError(f"The request is no JSON: {error}") from None
    if not isinstance(members, dict):
        raise SerializationError("The request is no JSON object.")
    return members


def _unpacked(body: bytes) -> bytes:
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        unpacked = unpacker.decompress(body, MAX_BODY)
    except zlib.error as error:
        raise SerializationError(f"The request is not what gzip makes: {error}") from None
    if unpacker.unconsumed_tail or not unpacker.eof:
        raise SerializationError(f"The request is longer than {MAX_BODY} bytes, or not complete.")
    return unpacked
