"""HTTP and JSON to gRPC and back, as the `google.api.http` annotations of a service say.

Works on descriptors and text alone and knows no network. Source: google/api/http.proto; where that leaves a choice,
grpc-gateway 2 is followed: of two rules that match, the one declared last wins; a query parameter that names no field
is ignored. One difference: a path that exists, asked with another method, is answered 405 and not 501.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, NamedTuple, Self

import orjson
from google.api import annotations_pb2, http_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from grpc import StatusCode

from refapp.services import bodies
from refapp.services.fields import FieldError, assign, assign_entry, find, takes_text
from refapp.services.templates import EncodingError, PathTemplate, TemplateError, decode

CLIENT_CLOSED_REQUEST = 499
"""What nginx, and grpc-gateway for CANCELLED, answers to a client that has gone. No standard names it."""

HTTP_STATUS = MappingProxyType(
    {
        StatusCode.OK: 200,
        StatusCode.CANCELLED: CLIENT_CLOSED_REQUEST,
        StatusCode.UNKNOWN: 500,
        StatusCode.INVALID_ARGUMENT: 400,
        StatusCode.DEADLINE_EXCEEDED: 504,
        StatusCode.NOT_FOUND: 404,
        StatusCode.ALREADY_EXISTS: 409,
        StatusCode.PERMISSION_DENIED: 403,
        StatusCode.RESOURCE_EXHAUSTED: 429,
        StatusCode.FAILED_PRECONDITION: 400,
        StatusCode.ABORTED: 409,
        StatusCode.OUT_OF_RANGE: 400,
        StatusCode.UNIMPLEMENTED: 501,
        StatusCode.INTERNAL: 500,
        StatusCode.UNAVAILABLE: 503,
        StatusCode.DATA_LOSS: 500,
        StatusCode.UNAUTHENTICATED: 401,
    }
)
"""The HTTP status of each gRPC status. Source: grpc-gateway, `runtime.HTTPStatusFromCode`; google/rpc/code.proto."""

_METHODS = ("get", "put", "post", "delete", "patch")
_ANY_METHOD = "*"
_WHOLE = "*"
_BODILESS = frozenset({"GET", "DELETE"})
_ENTRY = re.compile(r"(.*)\[(.*)\]", re.DOTALL)
_TIMEOUT = re.compile(r"([0-9]{1,8})([HMSmun])")
_UNITS = MappingProxyType({"H": 3600.0, "M": 60.0, "S": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9})


class RuleError(ValueError):
    """An annotation cannot be followed; the message names the method."""


class TranscodingError(Exception):
    """A request that is not passed on, or a call that failed: its gRPC status and the HTTP answer."""

    def __init__(
        self, code: StatusCode, message: str, *, status: int | None = None, allow: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = HTTP_STATUS[code] if status is None else status
        self.allow = allow

    @property
    def body(self) -> bytes:
        """The JSON body of the answer, a google.rpc.Status without details."""
        message = self.message.encode("utf-8", "replace").decode()
        return orjson.dumps({"code": self.code.value[0], "message": message, "details": []})


def parse_timeout(text: str) -> float:
    """The seconds of a `Grpc-Timeout` header, such as `100m` or `1S`; 0 stands for no timeout.

    Source: gRPC over HTTP2, "Timeout"; 0 as in grpc-gateway.

    Raises:
        TranscodingError: it is not one to eight digits and one of the units H M S m u n.
    """
    match = _TIMEOUT.fullmatch(text)
    if match is None:
        raise TranscodingError(StatusCode.INVALID_ARGUMENT, f"invalid grpc-timeout: {text}")
    return int(match[1]) * _UNITS[match[2]]


class Call(NamedTuple):
    """An HTTP request as a gRPC request, and the binding that it came by."""

    binding: "Binding"
    request: Message


@dataclass(frozen=True)
class Binding:
    """One way to call a method by HTTP. `variables` maps the fields in the path to their descriptors."""

    method: MethodDescriptor
    http_method: str
    template: PathTemplate
    variables: Mapping[str, tuple[FieldDescriptor, ...]]
    body: str
    response_body: str

    @classmethod
    def of(cls, method: MethodDescriptor, rule: http_pb2.HttpRule) -> Self:
        """The binding that a rule describes, without its additional ones.

        Raises:
            RuleError: it does not fit the messages of the method.
        """
        http_method, path = _pattern(rule)
        try:
            template = PathTemplate.parse(path)
            variables = {field: _variable(method, field) for field in template.fields}
        except (TemplateError, FieldError) as error:
            raise RuleError(f"{method.full_name}: {error}") from None
        if rule.body and http_method in _BODILESS:
            raise RuleError(f"{method.full_name}: a {http_method} request has no body")
        _check_field(method, method.input_type, "" if rule.body == _WHOLE else rule.body)
        _check_field(method, method.output_type, rule.response_body)
        return cls(method, http_method, template, variables, rule.body, rule.response_body)

    @cached_property
    def rpc(self) -> str:
        """The path of the method in gRPC, such as `/greeting.v3.GreetingService/Greeting`."""
        return f"/{self.method.containing_service.full_name}/{self.method.name}"

    @cached_property
    def request_class(self) -> type[Message]:
        """The class of the method's request."""
        return GetMessageClass(self.method.input_type)

    @cached_property
    def response_class(self) -> type[Message]:
        """The class of the method's response."""
        return GetMessageClass(self.method.output_type)

    def request(self, values: Mapping[str, str], query: str, body: bytes) -> Message:
        """The gRPC request: the body first, over it the values from the path, and the query for what is left.

        Raises:
            TranscodingError: INVALID_ARGUMENT, a value does not fit.
        """
        message = self.request_class()
        try:
            if self.body:
                bodies.read(body, message, self._body_field)
            for field, text in values.items():
                assign(message, self.variables[field], (text,))
            if query and self.body != _WHOLE:
                self._read_query(message, query)
        except (FieldError, EncodingError) as error:
            raise TranscodingError(StatusCode.INVALID_ARGUMENT, str(error)) from None
        return message

    def response(self, message: Message) -> bytes:
        """The JSON body of the gRPC response.

        Raises:
            TranscodingError: INTERNAL, the response has no JSON form.
        """
        field = self.method.output_type.fields_by_name.get(self.response_body)
        try:
            return bodies.write(message, field)
        except FieldError as error:
            raise TranscodingError(StatusCode.INTERNAL, str(error)) from None

    @cached_property
    def _body_field(self) -> FieldDescriptor | None:
        return self.method.input_type.fields_by_name.get(self.body)

    @cached_property
    def _bound(self) -> tuple[tuple[FieldDescriptor, ...], ...]:
        body = () if self._body_field is None else ((self._body_field,),)
        return (*self.variables.values(), *body)

    def _read_query(self, message: Message, query: str) -> None:
        for name, texts in parse_query(query).items():
            entry = _ENTRY.fullmatch(name)
            path = find(self.method.input_type, entry[1] if entry else name)
            if path is None or any(path[: len(bound)] == bound for bound in self._bound):
                continue
            if entry:
                assign_entry(message, path, entry[2], texts)
            else:
                assign(message, path, texts)


class Transcoder:
    """The routes of some services.

    Raises:
        RuleError: an annotation cannot be followed.
    """

    def __init__(self, services: Iterable[ServiceDescriptor]) -> None:
        self.bindings = tuple(binding for service in services for binding in _bindings(service))

    def call(self, http_method: str, path: str, query: str = "", body: bytes = b"") -> Call:
        """The gRPC call that an HTTP request stands for.

        Args:
            http_method: in capitals.
            path: percent-encoded, as it stands in the request line, up to the question mark.
            query: percent-encoded, what follows the question mark.
            body: JSON, or nothing.

        Raises:
            TranscodingError: NOT_FOUND, no rule has this path; UNIMPLEMENTED with status 405, one has, but for
                the methods in `allow`; INVALID_ARGUMENT, a value does not fit or is not percent-encoded UTF-8.
        """
        binding, values = self._route(http_method, path)
        return Call(binding, binding.request(values, query, body))

    def _route(self, http_method: str, path: str) -> tuple[Binding, dict[str, str]]:
        others = set()
        for binding in reversed(self.bindings):
            try:
                values = binding.template.match(path)
            except EncodingError as error:
                raise TranscodingError(StatusCode.INVALID_ARGUMENT, str(error)) from None
            if values is None:
                continue
            if binding.http_method in (http_method, _ANY_METHOD):
                return binding, values
            others.add(binding.http_method)
        if others:
            status = HTTPStatus.METHOD_NOT_ALLOWED
            raise TranscodingError(StatusCode.UNIMPLEMENTED, status.phrase, status=status, allow=tuple(sorted(others)))
        raise TranscodingError(StatusCode.NOT_FOUND, HTTPStatus.NOT_FOUND.phrase)


def parse_query(query: str) -> dict[str, list[str]]:
    """The values of each parameter of a query string, both in their order.

    Raises:
        EncodingError: it is not percent-encoded UTF-8.
    """
    values: dict[str, list[str]] = {}
    for parameter in query.split("&"):
        if parameter:
            name, _, value = parameter.replace("+", " ").partition("=")
            values.setdefault(decode(name), []).append(decode(value))
    return values


def _bindings(service: ServiceDescriptor) -> Iterator[Binding]:
    for method in service.methods:
        options: Any = method.GetOptions()
        if not options.HasExtension(annotations_pb2.http):
            continue
        if method.client_streaming or method.server_streaming:
            raise RuleError(f"{method.full_name}: a stream cannot be called by HTTP")
        rule = options.Extensions[annotations_pb2.http]
        yield Binding.of(method, rule)
        for additional in rule.additional_bindings:
            if additional.additional_bindings:
                raise RuleError(f"{method.full_name}: an additional binding has additional bindings")
            yield Binding.of(method, additional)


def _pattern(rule: http_pb2.HttpRule) -> tuple[str, str]:
    kind = rule.WhichOneof("pattern")
    if kind == "custom":
        return rule.custom.kind, rule.custom.path
    return (kind.upper(), str(getattr(rule, kind))) if kind in _METHODS else ("", "")


def _check_field(method: MethodDescriptor, message: Descriptor, name: str) -> None:
    if name and name not in message.fields_by_name:
        raise RuleError(f"{method.full_name}: {message.full_name} has no field {name!r}")


def _variable(method: MethodDescriptor, name: str) -> tuple[FieldDescriptor, ...]:
    path = find(method.input_type, name)
    if path is None:
        raise FieldError(f"{method.input_type.full_name} has no field {name!r}")
    if path[-1].is_repeated or not takes_text(path[-1]):
        raise FieldError(f"{name!r} cannot stand in a path: it is repeated or a message")
    return path
