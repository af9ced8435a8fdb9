import base64
import json
import operator
from urllib.parse import quote, quote_plus

import pytest
from google.api import http_pb2
from google.protobuf.json_format import MessageToDict, MessageToJson, Parse
from grpc import StatusCode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refapp.pb.greeting.v3 import greeting_pb2
from refapp.services.transcoding import (
    HTTP_STATUS,
    Binding,
    RuleError,
    Transcoder,
    TranscodingError,
    parse_query,
    parse_timeout,
)

quick = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
large = settings(quick, max_examples=50)


def refused(library, http_method, path, query="", body=b""):
    with pytest.raises(TranscodingError) as refusal:
        library.transcoder.call(http_method, path, query, body)
    return refusal.value


@pytest.mark.parametrize(
    ("http_method", "path", "rpc"),
    [
        ("GET", "/v1/shelves/1/books/2", "GetBook"),
        ("GET", "/v1/titles/Emma", "GetBook"),
        ("GET", "/v1/books", "FindBook"),
        ("GET", "/v1/%62ooks", "FindBook"),
        ("POST", "/v1/shelf/books", "CreateBook"),
        ("PUT", "/v1/books/Emma", "ReplaceBook"),
        ("PATCH", "/v1/books/Emma", "ReplaceBook"),
        ("DELETE", "/v1", "DeleteBooks"),
        ("DELETE", "/v1/a/b/c", "DeleteBooks"),
        ("POST", "/v1/books/1:lend", "LendBook"),
        ("HEAD", "/v1/books", "ProbeBook"),
        ("GET", "/v1/any", "AnyBook"),
        ("BREW", "/v1/any", "AnyBook"),
        ("GET", "/v1/overlap/good", "FirstBook"),
        ("GET", "/v1/overlap/best", "LastBook"),
    ],
)
def test_a_request_finds_its_method(library, http_method, path, rpc):
    assert library.transcoder.call(http_method, path).binding.rpc == f"/library.v1.Library/{rpc}"


@pytest.mark.parametrize("path", ["/", "", "*", "v1/books", "/v2/books", "/v11/books", "/library.v1.Library/Hidden"])
def test_a_path_that_no_rule_has_is_not_found(library, path):
    refusal = refused(library, "GET", path)
    assert (refusal.code, refusal.status) == (StatusCode.NOT_FOUND, 404)
    assert json.loads(refusal.body) == {"code": 5, "message": "Not Found", "details": []}


def test_a_path_with_another_method_is_not_allowed_and_says_which_are(library):
    refusal = refused(library, "GET", "/v1/books/Emma")
    assert (refusal.code, refusal.status) == (StatusCode.UNIMPLEMENTED, 405)
    assert refusal.allow == ("DELETE", "PATCH", "PUT")


def test_the_greeting_of_the_platform_is_routed_by_its_annotation():
    transcoder = Transcoder(greeting_pb2.DESCRIPTOR.services_by_name.values())
    call = transcoder.call("GET", "/api/greeting", "greeting.message=Namast%C3%A9&unknown=1")
    assert call.binding.rpc == "/greeting.v3.GreetingService/Greeting"
    assert call.request == greeting_pb2.GreetingRequest(greeting=greeting_pb2.Greeting(message="Namasté"))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1/titles/War%20%26%20Peace", {"like": {"title": "War & Peace"}}),
        ("/v1/revisions/-3/1970-01-01T00:00:01Z", {"revision": -3, "at": "1970-01-01T00:00:01Z"}),
        ("/v1/shelves/a%2Fb/books/c%20d", {"name": "shelves/a%2Fb/books/c d"}),
    ],
)
def test_the_path_fills_fields_of_any_depth_and_type(library, path, expected):
    assert library.request("GET", path) == library.message("GetBookRequest", **expected)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("title=War+%26+Peace", {"title": "War & Peace"}),
        ("title=a=b&&", {"title": "a=b"}),
        ("title", {}),
        ("%74itle=x&page%5Fcount=3", {"title": "x", "pageCount": 3}),
        ("authors=a&title=x&authors=b", {"title": "x", "authors": ["a", "b"]}),
        ("sequel.title=Two&sequel.pageCount=3", {"sequel": {"title": "Two", "pageCount": 3}}),
        ("stock[here]=1&stock%5Bthere%5D=2", {"stock": {"here": 1, "there": 2}}),
        ("unknown=1&sequel.unknown=2&unknown[key]=3&=4", {}),
    ],
)
def test_the_query_fills_fields_and_unknown_ones_are_ignored(library, query, expected):
    assert library.request("GET", "/v1/books", query) == library.book(**expected)


def test_the_body_is_one_field_and_the_query_the_others(library):
    body = b'{"title": "Emma", "pageCount": 3}'
    query = "dry_run=true&book.title=Persuasion&parent=other"
    expected = library.message("CreateBookRequest", parent="shelf", dryRun=True, book={"title": "Emma", "pageCount": 3})
    assert library.request("POST", "/v1/shelf/books", query, body) == expected


def test_the_whole_body_leaves_nothing_to_the_query_and_the_path_wins(library):
    body = b'{"title": "Persuasion", "page_count": 3}'
    expected = library.book(title="Emma", pageCount=3)
    assert library.request("PUT", "/v1/books/Emma", "in_print=true", body) == expected


def test_a_list_can_be_the_body_and_the_response(library):
    tags = library.request("PUT", "/v1/tags", body='["a", "é"]'.encode())
    assert tags == library.message("TagsRequest", tags=["a", "é"])
    assert library.binding("SetTags").response(tags) == '["a","é"]'.encode()


def test_a_rule_without_body_ignores_one(library):
    assert library.request("GET", "/v1/books", body=b"{broken") == library.book()


@pytest.mark.parametrize(
    ("http_method", "path", "query", "body"),
    [
        ("GET", "/v1/titles/%", "", b""),
        ("GET", "/v1/titles/%ff", "", b""),
        ("GET", "/v1/revisions/x/y", "", b""),
        ("GET", "/v1/revisions/1/yesterday", "", b""),
        ("GET", "/v1/books", "page_count=x", b""),
        ("GET", "/v1/books", "title=a&title=b", b""),
        ("GET", "/v1/books", "shelf=a&box=1", b""),
        ("GET", "/v1/books", "stock[a]=x", b""),
        ("GET", "/v1/books", "title=%", b""),
        ("GET", "/v1/books", "%ff=1", b""),
        ("GET", "/v1/books", "sequel." * 100 + "title=x", b""),
        ("PUT", "/v1/books/Emma", "", b"{"),
        ("POST", "/v1/shelf/books", "", b'"Emma"'),
    ],
)
def test_what_does_not_fit_is_an_invalid_argument(library, http_method, path, query, body):
    refusal = refused(library, http_method, path, query, body)
    assert (refusal.code, refusal.status) == (StatusCode.INVALID_ARGUMENT, 400)
    assert json.loads(refusal.body) == {"code": 3, "message": refusal.message, "details": []}
    assert refusal.message


def test_one_field_can_be_the_response(library):
    response = library.message("CreateBookResponse", book={"title": "Emma"}, warnings=["x"])
    assert json.loads(library.binding("CreateBook").response(response))["title"] == "Emma"


def test_a_response_without_json_form_is_an_internal_error(library):
    book = library.book()
    book.published.seconds = 2**60
    with pytest.raises(TranscodingError, match="no JSON form") as failure:
        library.binding("FindBook").response(book)
    assert (failure.value.code, failure.value.status) == (StatusCode.INTERNAL, 500)


def test_each_grpc_status_has_an_http_status():
    expected = """
        200 OK
        400 FAILED_PRECONDITION INVALID_ARGUMENT OUT_OF_RANGE
        401 UNAUTHENTICATED
        403 PERMISSION_DENIED
        404 NOT_FOUND
        409 ABORTED ALREADY_EXISTS
        429 RESOURCE_EXHAUSTED
        499 CANCELLED
        500 DATA_LOSS INTERNAL UNKNOWN
        501 UNIMPLEMENTED
        503 UNAVAILABLE
        504 DEADLINE_EXCEEDED
    """
    rows = [line.split() for line in expected.splitlines() if line.strip()]
    assert {StatusCode[name]: int(status) for status, *names in rows for name in names} == HTTP_STATUS
    assert set(HTTP_STATUS) == set(StatusCode)


def test_an_error_is_a_json_body():
    error = TranscodingError(StatusCode.UNAVAILABLE, "service-d → rabbitmq: connection refused")
    assert error.status == 503
    assert json.loads(error.body) == {"code": 14, "message": "service-d → rabbitmq: connection refused", "details": []}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1H", 3600), ("2M", 120), ("3S", 3), ("100m", 0.1), ("5u", 5e-6), ("99999999n", 0.099999999), ("0S", 0)],
)
def test_a_timeout_is_in_seconds(text, seconds):
    assert parse_timeout(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "S", "1", "1s", "-1S", "1.5S", "1 S", "123456789S", "٣S", "1S\n"])
def test_a_timeout_of_another_form_is_refused(text):
    with pytest.raises(TranscodingError, match="invalid grpc-timeout") as refusal:
        parse_timeout(text)
    assert refusal.value.status == 400


@pytest.mark.parametrize(
    ("rule", "complaint"),
    [
        ({"get": "books"}, "needs a leading /"),
        ({}, "needs a leading /"),
        ({"get": "/v1/{nothing}"}, "has no field 'nothing'"),
        ({"get": "/v1/{authors}"}, "repeated or a message"),
        ({"get": "/v1/{stock}"}, "repeated or a message"),
        ({"get": "/v1/{sequel}"}, "repeated or a message"),
        ({"get": "/v1/{title.x}"}, "no fields of its own"),
        ({"get": "/v1/books", "body": "*"}, "a GET request has no body"),
        ({"delete": "/v1/books", "body": "sequel"}, "a DELETE request has no body"),
        ({"post": "/v1/books", "body": "nothing"}, "no field 'nothing'"),
        ({"get": "/v1/books", "response_body": "title.x"}, "no field 'title.x'"),
        ({"get": "/v1/books", "response_body": "*"}, r"no field '\*'"),
    ],
)
def test_a_rule_that_cannot_be_followed_names_its_method(library, rule, complaint):
    with pytest.raises(RuleError, match=complaint) as error:
        Binding.of(library.service.methods_by_name["FindBook"], http_pb2.HttpRule(**rule))
    assert str(error.value).startswith("library.v1.Library.FindBook: ")


def test_a_stream_has_no_route(library):
    with pytest.raises(RuleError, match=r"library\.v1\.Streams\.Watch: a stream"):
        Transcoder([library.file.services_by_name["Streams"]])


# A book in the JSON form. Below the top it has a title, since a message without any field leaves no trace in a query.
SIGNED = st.integers(-(2**63), 2**63 - 1)
GENRES = st.sampled_from(["GENRE_UNSPECIFIED", "GENRE_NOVEL", "GENRE_POEMS"])
PLACES = (
    st.fixed_dictionaries({}, optional={"shelf": st.text()})
    | st.fixed_dictionaries({"box": st.integers(0, 9)})
    | st.builds(lambda name: {"room": {"name": name}}, st.text(min_size=1))
)
FIELDS = {
    "authors": st.lists(st.text(), max_size=3),
    "genre": GENRES,
    "otherGenres": st.lists(GENRES, max_size=3),
    "pageCount": st.integers(-(2**31), 2**31 - 1),
    "isbn": st.integers(0, 2**64 - 1),
    "balance": SIGNED,
    "rating": st.floats(-(2.0**120), 2.0**120, width=32),
    "price": st.floats(allow_nan=False, allow_infinity=False),
    "inPrint": st.booleans(),
    "cover": st.binary(max_size=9).map(lambda octets: base64.b64encode(octets).decode()),
    "published": st.datetimes().map(lambda time: time.isoformat() + "Z"),
    "subtitle": st.text(),
    "copies": SIGNED,
    "stock": st.dictionaries(st.text().filter(lambda key: "[" not in key), st.integers(0, 9), max_size=2),
    "prizes": st.dictionaries(SIGNED.map(str), st.text(), max_size=2),
    "edition": st.integers(0, 3),
}
SEQUELS = st.builds(operator.or_, st.fixed_dictionaries({"title": st.text(min_size=1)}, optional=FIELDS), PLACES)
BOOKS = st.builds(
    operator.or_, st.fixed_dictionaries({"title": st.text()}, optional={**FIELDS, "sequel": SEQUELS}), PLACES
)


def parameters(message, prefix, *, json_names):
    """The inverse of the transcoding: the query parameters that stand for a message."""
    for field, value in message.ListFields():
        name = prefix + (field.json_name if json_names else field.name)
        if field.message_type and field.message_type.GetOptions().map_entry:
            yield from ((f"{name}[{key}]", str(item)) for key, item in value.items())
        elif field.is_repeated:
            yield from ((name, text(field, item)) for item in value)
        elif field.message_type and field.message_type.file.package == "library.v1":
            yield from parameters(value, f"{name}.", json_names=json_names)
        else:
            yield name, text(field, value)


def text(field, value):
    if field.message_type:
        return str(MessageToDict(value))
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


@large
@given(BOOKS, st.booleans(), st.sampled_from([quote, quote_plus]))
def test_a_message_survives_the_query(library, fields, json_names, escape):
    book = library.book(**fields)
    pairs = parameters(book, "", json_names=json_names)
    query = "&".join(f"{escape(name)}={escape(value)}" for name, value in pairs)
    assert library.request("GET", "/v1/books", query) == book


@large
@given(BOOKS, st.booleans())
def test_a_message_survives_the_body(library, fields, proto_names):
    book = library.book(**fields)
    body = MessageToJson(book, preserving_proto_field_name=proto_names).encode()
    assert library.request("PUT", "/v1/books/" + quote(book.title, safe=""), body=body) == book


@large
@given(BOOKS)
def test_a_message_survives_the_response(library, fields):
    book = library.book(**fields)
    assert Parse(library.binding("FindBook").response(book), library.book()) == book


@quick
@given(st.text(), st.text())
def test_any_text_survives_the_path(library, title, name):
    request = library.message("GetBookRequest", like={"title": title})
    assert library.request("GET", "/v1/titles/" + quote(title, safe="")) == request
    request = library.message("GetBookRequest", name=name)
    assert library.request("DELETE", "/v1/" + quote(name, safe="/")) == request


@quick
@given(st.dictionaries(st.text(), st.lists(st.text(), min_size=1, max_size=3), max_size=5))
def test_any_query_is_read_as_it_was_written(values):
    query = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, texts in values.items() for value in texts)
    assert parse_query(query) == values


MESS = st.text(
    st.characters() | st.characters(categories=["Cs"]) | st.sampled_from("/:%{}*?&=[].\"'\\ \0\n"), max_size=30
)
NAMES = st.sampled_from(
    ["title", "pageCount", "authors", "sequel", "stock[", "notes", "published", "book", "like", "]"]
)
PATHS = MESS | st.builds(
    "/v1/{}{}".format,
    st.sampled_from(["", "books/", "books", "titles/", "shelves/1/books/", "revisions/1/", "x/books", "tags", "any"]),
    MESS | st.just(""),
)
QUERIES = MESS | st.lists(st.builds("{}{}={}".format, NAMES, MESS | st.just(""), MESS | NAMES), max_size=4).map(
    "&".join
)
VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | NAMES
JSON = st.recursive(VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4))
BODIES = st.binary(max_size=20) | JSON.map(lambda value: json.dumps(value).encode())


@settings(quick, max_examples=300)
@given(st.sampled_from(["GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "BREW"]), PATHS, QUERIES, BODIES)
def test_whatever_comes_is_called_or_refused(library, http_method, path, query, body):
    try:
        call = library.transcoder.call(http_method, path, query, body)
    except TranscodingError as refusal:
        answer = refusal.status, sorted(json.loads(refusal.body))
        assert answer in [(status, ["code", "details", "message"]) for status in (400, 404, 405)]
        return
    sent = call.request.SerializeToString(deterministic=True)
    assert call.binding.request_class.FromString(sent).SerializeToString(deterministic=True) == sent
