"""Messages as JSON bodies, with the options that grpc-gateway has unless told otherwise.

Fields have their lowerCamelCase names; those without a value are written; unknown ones are ignored when read.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import orjson
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError, SerializeToJsonError
from google.protobuf.message import Message

from refapp.services.fields import DEEPEST, FieldError, is_map


def read(body: bytes, message: Message, field: FieldDescriptor | None = None) -> None:
    """Set the message, or one field of it, to what a JSON body holds; an empty body holds nothing.

    Raises:
        FieldError: the body is not JSON, or a value in it does not fit its field.
    """
    if not body.strip():
        return
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise FieldError(f"the body is not JSON: {error}") from None
    if field is not None:
        value = {field.json_name: value}
    _check(message, value)
    try:
        ParseDict(value, message, ignore_unknown_fields=True, max_recursion_depth=DEEPEST)
    except (ParseError, ValueError, TypeError, AttributeError) as error:  # all but the first: values of the wrong type
        raise FieldError(f"the body does not fit: {error}") from None


def write(message: Message, field: FieldDescriptor | None = None) -> bytes:
    """The JSON body of the message, or of one field of it.

    Raises:
        FieldError: a value has no JSON form, such as a Timestamp in the year 10000.
    """
    try:
        value = MessageToDict(message, always_print_fields_with_no_presence=True)
        _add_nulls(message, value)
        return orjson.dumps(value if field is None else value.get(field.json_name))
    except (SerializeToJsonError, ValueError, TypeError) as error:
        raise FieldError(f"{message.DESCRIPTOR.full_name} has no JSON form: {error}") from None


class _Inner(NamedTuple):
    """A field that holds messages: one, a list or a map of them. The JSON form of well-known ones is their own."""

    field: FieldDescriptor
    kind: Descriptor
    well_known: bool

    def items(self, content: Any) -> Iterator[Any]:
        """The messages, or their JSON values, in the content of the field."""
        if is_map(self.field):
            content = content.values()
        return iter(content if self.field.is_repeated else (content,))


@cache
def _inner(descriptor: Descriptor) -> tuple[_Inner, ...]:
    fields = ((field, _kind(field)) for field in descriptor.fields)
    return tuple(_Inner(field, kind, _is_well_known(kind.full_name)) for field, kind in fields if kind is not None)


def _kind(field: FieldDescriptor) -> Descriptor | None:
    if field.message_type is not None and is_map(field):
        return field.message_type.fields_by_name["value"].message_type
    return field.message_type


def _is_well_known(full_name: str) -> bool:
    return full_name.startswith("google.protobuf.")


def _check(message: Message, value: Any) -> None:
    """Refuse anything but an object where a message is due: with unknown fields ignored, json_format would not."""
    left = [] if _is_well_known(message.DESCRIPTOR.full_name) else [(message.DESCRIPTOR, value, "the body")]
    while left:
        descriptor, value, path = left.pop()
        if not isinstance(value, dict):
            raise FieldError(f"{path} must be a JSON object")
        for inner in _inner(descriptor):
            for name in {inner.field.json_name, inner.field.name}:
                content = value.get(name)
                if inner.well_known or content is None:
                    continue
                expected = dict if is_map(inner.field) else list
                if inner.field.is_repeated and not isinstance(content, expected):
                    raise FieldError(f"{name!r} must be a JSON {'object' if expected is dict else 'array'}")
                left += ((inner.kind, item, repr(name)) for item in inner.items(content))


def _add_nulls(message: Message, value: Any) -> None:
    """Write null for each single message that is not there, as Go's protojson does."""
    if _is_well_known(message.DESCRIPTOR.full_name):
        return
    for inner in _inner(message.DESCRIPTOR):
        field = inner.field
        if field.is_repeated or message.HasField(field.name):
            if not inner.well_known:
                contents = inner.items(getattr(message, field.name)), inner.items(value[field.json_name])
                for content, written in zip(*contents, strict=True):
                    _add_nulls(content, written)
        elif field.containing_oneof is None:
            value[field.json_name] = None
