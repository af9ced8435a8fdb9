"""The protocol in which moto does not speak yet: Smithy RPC v2 with CBOR.

botocore's model of CloudWatch lists three protocols: this one, JSON, and the query protocol with XML answers. moto
reads and writes the other two; for this one it gets a reader and a writer that use botocore's CBOR. Source:
https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
"""

from collections.abc import Mapping
from typing import Any, Final

from botocore.parsers import RpcV2CBORParser
from botocore.serialize import RpcV2CBORSerializer
from moto.core import parse, serialize
from moto.core.model import Shape, StructureShape

CBOR: Final = "smithy-rpc-v2-cbor"
"""The protocol's name in botocore's models."""

_SMALL = 24  # a length below it is a part of the first byte


class CborRequestParser(parse.BaseJSONParser):
    """Reads the parameters of a request."""

    def _do_parse(self, request_dict: Mapping[str, Any], shape: StructureShape) -> Any:
        body = request_dict["body"]
        # Times stay numbers here: moto makes of them what it makes of those in JSON.
        decoder = RpcV2CBORParser(timestamp_parser=lambda number: number)
        members = decoder.parse_data_item(decoder.get_peekable_stream_from_bytes(body)) if body else {}
        return self._parse_shape(shape, members)  # type: ignore[no-untyped-call]  # moto's parsers have no types


class CborResponseSerializer(serialize.BaseJSONSerializer):
    """Writes an answer, or an error."""

    CONTENT_TYPE = "application/cbor"

    def _serialized_result_to_response(
        self,
        resp: serialize.ResponseDict,
        result: Any,  # noqa: ARG002 - moto calls it so
        shape: StructureShape | None,
        serialized_result: Any,
    ) -> serialize.ResponseDict:
        resp["headers"].update({"Content-Type": self.CONTENT_TYPE, "smithy-protocol": "rpc-v2-cbor"})
        if shape is not None:
            body = bytearray()
            RpcV2CBORSerializer()._serialize_data_item(body, serialized_result, shape)  # noqa: SLF001 - no public one
            resp["body"] = bytes(body)
        return resp

    def _serialized_error_to_response(self, *arguments: Any) -> serialize.ResponseDict:
        resp = super()._serialized_error_to_response(*arguments)
        resp["headers"]["smithy-protocol"] = "rpc-v2-cbor"
        return resp

    def _serialize_body(self, body: Mapping[str, Any]) -> Any:
        """An error: a map of texts, which has no shape."""
        texts = [(name, value) for name, value in body.items() if isinstance(value, str)]
        assert len(texts) < _SMALL  # noqa: S101 - a code and a message
        encoded, encoder = bytearray([0xA0 + len(texts)]), RpcV2CBORSerializer()
        for pair in texts:
            for text in pair:
                encoder._serialize_type_string(encoded, text, None, None)  # noqa: SLF001 - no public one
        return bytes(encoded)

    def _serialize_type_timestamp(self, serialized: Any, value: Any, shape: Shape, key: str) -> None:
        self._default_serialize(serialized, value, shape, key)


def teach() -> None:
    """Let moto speak the protocol, for the services whose models list it."""
    parse.PROTOCOL_PARSERS[CBOR] = CborRequestParser
    serialize.SERIALIZERS[CBOR] = CborResponseSerializer
