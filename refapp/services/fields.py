"""Text into the fields of a message, as URL paths and query strings carry it.

The JSON mapping of Protocol Buffers gives the text of each type: RFC 3339 for a Timestamp, base64 for bytes, the name
or the number of an enum's value. Source of what it leaves open: grpc-gateway, "Mapping query parameters".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from types import MappingProxyType
from typing import Any

import orjson
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.message import Message

DEEPEST = 32
"""How many messages may lie in one another. protobuf refuses to read 100, of which a JSON value needs three each."""

_BOOLEANS = MappingProxyType(
    dict.fromkeys(("1", "t", "T", "true", "True", "TRUE"), True)
    | dict.fromkeys(("0", "f", "F", "false", "False", "FALSE"), False)
)
_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_FLOAT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|-?Infinity|NaN")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]*={0,2}")
_FORMS = MappingProxyType(
    {
        FieldDescriptor.TYPE_BYTES: (_BASE64, "base64"),
        FieldDescriptor.TYPE_DOUBLE: (_FLOAT, "a number"),
        FieldDescriptor.TYPE_FLOAT: (_FLOAT, "a number"),
    }
)
_AS_TEXT = frozenset(f"google.protobuf.{name}" for name in ("Timestamp", "Duration", "FieldMask"))
_AS_JSON = frozenset(f"google.protobuf.{name}" for name in ("Struct", "Value", "ListValue"))
_WRAPPERS = frozenset(
    f"google.protobuf.{name}Value"
    for name in ("Bool", "Bytes", "Double", "Float", "Int32", "Int64", "String", "UInt32", "UInt64")
)


class FieldError(ValueError):
    """A text does not fit the field it is meant for."""


@cache
def by_name(descriptor: Descriptor) -> Mapping[str, FieldDescriptor]:
    """The fields of a message by their proto names and by their JSON names."""
    return {field.json_name: field for field in descriptor.fields} | dict(descriptor.fields_by_name)


def is_map(field: FieldDescriptor) -> bool:
    """Whether the field is a map, which protobuf describes as a repeated message of key and value."""
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def find(descriptor: Descriptor, path: str) -> tuple[FieldDescriptor, ...] | None:
    """The fields along a dotted path of proto or JSON names, outermost first, or None when there is no such field.

    Raises:
        FieldError: the path leads through a field that has no fields of its own, or deeper than `DEEPEST`.
    """
    names = path.split(".")
    if len(names) > DEEPEST:
        raise FieldError(f"{path[:80]!r}... leads through more than {DEEPEST} messages")
    found: list[FieldDescriptor] = []
    for name in names:
        if found:
            inner = found[-1].message_type
            if inner is None or found[-1].is_repeated or takes_text(found[-1]):
                raise FieldError(f"{path!r} leads through {found[-1].name!r}, which has no fields of its own")
            descriptor = inner
        field = by_name(descriptor).get(name)
        if field is None:
            return None
        found.append(field)
    return tuple(found)


def takes_text(field: FieldDescriptor) -> bool:
    """Whether a value of the field can be written as one text: scalars, enums and some well-known messages."""
    return field.message_type is None or field.message_type.full_name in _AS_TEXT | _AS_JSON | _WRAPPERS


def assign(message: Message, path: Sequence[FieldDescriptor], texts: Sequence[str]) -> None:
    """Set the field at the end of the path to the texts: one, or any number when it is repeated.

    Raises:
        FieldError: a text does not fit, there are too many, or another field of the same oneof is set.
    """
    field = path[-1]
    if is_map(field):
        raise FieldError(f"{field.name!r} is a map: give its values as {field.name}[key]=value")
    if len(texts) != 1 and not field.is_repeated:
        raise FieldError(f"{field.name!r} takes one value, not {len(texts)}")
    with _naming(field):
        values = [_value(field, text) for text in texts]
        _merge(message, path, values if field.is_repeated else values[0])


def assign_entry(message: Message, path: Sequence[FieldDescriptor], key: str, texts: Sequence[str]) -> None:
    """Set the value of a key in the map at the end of the path.

    Raises:
        FieldError: it is no map, the key or the text does not fit, or there is more than one text.
    """
    field = path[-1]
    if field.message_type is None or not is_map(field):
        raise FieldError(f"{field.name!r} is no map: it has no key {key!r}")
    if len(texts) != 1:
        raise FieldError(f"{field.name!r} takes one value for the key {key!r}, not {len(texts)}")
    entry = field.message_type.fields_by_name
    with _naming(field):
        name, value = _value(entry["key"], key), _value(entry["value"], texts[0])
        # In JSON the key of an object is always text: "true" and "false" for booleans.
        _merge(message, path, {str(name).lower() if isinstance(name, bool) else name: value})


@contextmanager
def _naming(field: FieldDescriptor) -> Iterator[None]:
    try:
        yield
    except (FieldError, ParseError) as error:
        raise FieldError(f"{field.name!r}: {error}") from None


def _merge(message: Message, path: Sequence[FieldDescriptor], value: Any) -> None:
    """Merge the JSON value into the field at the end of the path."""
    for field in path[:-1]:
        _leave_oneof(message, field)
        message = getattr(message, field.name)
    _leave_oneof(message, path[-1])
    part = ParseDict({path[-1].json_name: value}, type(message)(), max_recursion_depth=DEEPEST)
    message.MergeFrom(part)


def _leave_oneof(message: Message, field: FieldDescriptor) -> None:
    oneof = field.containing_oneof
    if oneof is not None and message.WhichOneof(oneof.name) not in (None, field.name):
        raise FieldError(f"another field of {oneof.name!r} is set")


def _value(field: FieldDescriptor, text: str) -> Any:
    """The JSON value that the text stands for."""
    if field.message_type is not None:
        return _well_known(field, field.message_type, text)
    if field.enum_type is not None:
        return _number(field.enum_type, text)
    if field.type == FieldDescriptor.TYPE_STRING:
        return text
    if field.type == FieldDescriptor.TYPE_BOOL:
        if text not in _BOOLEANS:
            raise FieldError(f"{text!r} is neither true nor false")
        return _BOOLEANS[text]
    form, kind = _FORMS.get(field.type, (_INTEGER, "a whole number"))
    if not form.fullmatch(text):
        raise FieldError(f"{text!r} is not {kind}")
    # As a number, because only then is one that is too large for the field refused.
    return float(text) if form is _FLOAT and text[-1] not in "yN" else text


def _well_known(field: FieldDescriptor, message: Descriptor, text: str) -> Any:
    if message.full_name in _AS_TEXT:
        return text
    if message.full_name in _WRAPPERS:
        return _value(message.fields_by_name["value"], text)
    if message.full_name in _AS_JSON:
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            raise FieldError(f"{text!r} is not JSON") from None
    raise FieldError(f"a message has no text: give its fields, as in {field.name}.field=value")


def _number(enum: EnumDescriptor, text: str) -> int:
    value = enum.values_by_name.get(text)
    if value is None and _INTEGER.fullmatch(text):
        value = enum.values_by_number.get(int(text))
    if value is None:
        raise FieldError(f"{text!r} is none of {', '.join(enum.values_by_name)}")
    return value.number
