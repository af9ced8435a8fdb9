import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refapp.services import bodies
from refapp.services.fields import FieldError

quick = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])

NAMES = st.sampled_from(["title", "pageCount", "page_count", "sequel", "related", "rooms", "stock", "cover", "genre"])
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=5) | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


def read(library, body):
    book = library.book()
    bodies.read(body, book)
    return book


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", {}),
        (b" \n", {}),
        (b"{}", {}),
        (b'{"title": "Emma", "pageCount": 3}', {"title": "Emma", "pageCount": 3}),
        (b'{"page_count": 3, "shelf_mark": "x"}', {"pageCount": 3, "callNumber": "x"}),
        (b'{"callNumber": "x"}', {"callNumber": "x"}),
        (b'{"unheardOf": [1], "sequel": {"unheardOf": {}}}', {"sequel": {}}),
        (b'{"genre": "GENRE_UNHEARD_OF", "otherGenres": ["GENRE_UNHEARD_OF"]}', {}),
        (b'{"title": null, "sequel": null, "related": null}', {}),
        (b'{"related": [{}, {"title": "x"}]}', {"related": [{}, {"title": "x"}]}),
        (b'{"rooms": {"true": {"floor": 2}}}', {"rooms": {"true": {"floor": 2}}}),
        (b'{"isbn": "18446744073709551615", "genre": 2}', {"isbn": 2**64 - 1, "genre": "GENRE_POEMS"}),
        (b'{"published": "1970-01-01T00:00:01Z"}', {"published": "1970-01-01T00:00:01Z"}),
    ],
)
def test_a_body_fills_a_message(library, body, expected):
    assert read(library, body) == library.book(**expected)


@pytest.mark.parametrize(
    "body",
    [
        *(b"{", b"\xff", b"{} {}", b"NaN", b"null", b"1", b'"title"', b"[]", b'["title"]', b"[" * 2000),
        *(b'{"pageCount": "x"}', b'{"pageCount": 1.5}', b'{"pageCount": true}', b'{"pageCount": 2147483648}'),
        *(b'{"title": []}', b'{"title": 1}', b'{"title": "\\ud800"}', b'{"inPrint": 1}', b'{"cover": 1}'),
        *(b'{"genre": {}}', b'{"authors": "a"}', b'{"authors": [null]}', b'{"published": 1}'),
        *(b'{"sequel": "title"}', b'{"sequel": ["title"]}', b'{"related": {}}', b'{"related": ["title"]}'),
        *(b'{"rooms": []}', b'{"rooms": {"true": "x"}}', b'{"rooms": {"x": {}}}', b'{"shelf": "a", "box": 1}'),
        *(b'{"sequel": ' * 50 + b"{}" + b"}" * 50, b'{"notes": ' + b'{"a": ' * 500 + b"1" + b"}" * 501),
    ],
)
def test_a_body_that_does_not_fit_is_refused(library, body):
    with pytest.raises(FieldError):
        read(library, body)


def test_a_field_can_be_the_body(library):
    tags = library.message("TagsRequest")
    bodies.read(b'["a", "b"]', tags, tags.DESCRIPTOR.fields_by_name["tags"])
    assert tags == library.message("TagsRequest", tags=["a", "b"])
    with pytest.raises(FieldError):
        bodies.read(b'{"tags": ["a"]}', tags, tags.DESCRIPTOR.fields_by_name["tags"])


def test_a_message_is_written_with_json_names_and_with_what_is_not_set(library):
    book = library.book(pageCount=3, isbn=2**63, genre="GENRE_NOVEL", cover="/w==", lent=False, callNumber="x")
    assert json.loads(bodies.write(book)) == (
        dict.fromkeys(("published", "readingTime", "subtitle", "copies", "mask", "notes", "sequel"))
        | {"title": "", "authors": [], "genre": "GENRE_NOVEL", "otherGenres": [], "pageCount": 3, "isbn": f"{2**63}"}
        | {"balance": "0", "rating": 0.0, "price": 0.0, "inPrint": False, "cover": "/w==", "lent": False}
        | {"stock": {}, "rooms": {}, "prizes": {}, "related": [], "callNumber": "x"}
    )


def test_null_stands_for_a_message_that_is_not_set_however_deep(library):
    written = json.loads(bodies.write(library.book(related=[{"sequel": {}}], rooms={"true": {"name": "Blue"}})))
    assert written["sequel"] is None
    assert written["related"][0]["sequel"]["sequel"] is None
    assert written["rooms"] == {"true": {"name": "Blue", "floor": 0}}


def test_one_field_can_be_written(library):
    response = library.message("CreateBookResponse", book={"title": "Emma"}, warnings=["é"])
    fields = response.DESCRIPTOR.fields_by_name
    assert json.loads(bodies.write(response, fields["book"]))["title"] == "Emma"
    assert bodies.write(response, fields["warnings"]) == '["é"]'.encode()
    response.Clear()
    assert bodies.write(response, fields["book"]) == b"null"
    assert bodies.write(response, fields["warnings"]) == b"[]"


def test_a_value_without_json_form_is_refused(library):
    book = library.book()
    book.published.seconds = 2**60
    with pytest.raises(FieldError, match=r"library\.v1\.Book has no JSON form"):
        bodies.write(book)


@quick
@given(JSON)
def test_whatever_json_comes_is_read_or_refused(library, value):
    try:
        book = read(library, json.dumps(value).encode())
    except FieldError:
        return
    assert read(library, bodies.write(book)) == book


@quick
@given(st.binary(max_size=20))
def test_whatever_octets_come_are_read_or_refused(library, body):
    try:
        book = read(library, body)
    except FieldError:
        return
    assert book == library.book()
