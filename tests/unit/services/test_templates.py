from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refapp.services.templates import EncodingError, PathTemplate, TemplateError, decode

quick = settings(deadline=None, max_examples=100)


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("/", "/", {}),
        ("/api/greeting", "/api/greeting", {}),
        ("/api/greeting", "/api/%67reet%69ng", {}),
        ("/caf%C3%A9", "/café", {}),
        ("/caf%C3%A9", "/caf%c3%a9", {}),
        ("/a:b/c", "/a:b/c", {}),
        ("/*", "/anything", {}),
        ("/*/b", "//b", {}),
        ("/**", "/", {}),
        ("/**", "/a/b/c", {}),
        ("/v1/{name}", "/v1/a", {"name": "a"}),
        ("/v1/{name}", "/v1/", {"name": ""}),
        ("/v1/{name}", "/v1/a%2Fb", {"name": "a/b"}),
        ("/v1/{name}", "/v1/a:read", {"name": "a:read"}),
        ("/v1/{name}", "/v1/a\nb", {"name": "a\nb"}),
        ("/v1/{name}", "/v1/%F0%9F%91%8B", {"name": "👋"}),
        ("/v1/{a.b_1}/x/{C}", "/v1/1/x/2", {"a.b_1": "1", "C": "2"}),
        ("/v1/{name=shelves/*}", "/v1/shelves/1", {"name": "shelves/1"}),
        ("/v1/{name=shelves/*}", "/v1/shelves/1%2f2%3F", {"name": "shelves/1%2F2?"}),
        ("/v1/{name=shelves/*/books/*}:read", "/v1/shelves/1/books/2:read", {"name": "shelves/1/books/2"}),
        ("/v1/{name=**}", "/v1", {"name": ""}),
        ("/v1/{name=**}", "/v1/", {"name": ""}),
        ("/v1/{name=**}", "/v1/a/b%2fc", {"name": "a/b%2Fc"}),
        ("/v1/{name=files/**}", "/v1/files", {"name": "files"}),
        ("/v1/{name=files/**}", "/v1/files/a/b", {"name": "files/a/b"}),
        ("/v1/{name=files/**}:stat", "/v1/files/a:b:stat", {"name": "files/a:b"}),
    ],
)
def test_a_path_gives_the_values_of_the_variables(template, path, values):
    assert PathTemplate.parse(template).match(path) == values


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("/api/greeting", "/api/greeting/"),
        ("/api/greeting", "/api/Greeting"),
        ("/api/greeting", "/api%2Fgreeting"),
        ("/api/greeting", "/api/greeting\n"),
        ("/api/greeting", "api/greeting"),
        ("/", ""),
        ("/*", "/a/b"),
        ("/a.b", "/aXb"),
        ("/v1/{name}", "/v1"),
        ("/v1/{name=shelves/*}", "/v1/books/1"),
        ("/v1/{name=files/**}", "/v1/filesystem"),
        ("/v1/{name}:read", "/v1/a"),
        ("/v1/{name}:read", "/v1/a:write"),
        ("/v1/{name}:read", "/v1/a%3Aread"),
        ("/v1/{name}:read", "/v1/a:read/b"),
    ],
)
def test_a_path_of_another_form_does_not_match(template, path):
    assert PathTemplate.parse(template).match(path) is None


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        ("", "leading /"),
        ("v1", "leading /"),
        ("/v1/", "empty segment"),
        ("/v1//a", "empty segment"),
        ("/v1/{a", "closed braces"),
        ("/v1/a}", "closed braces"),
        ("/v1/{a=b/{c}}", "closed braces"),
        ("/v1/{}", "neither"),
        ("/v1/{1a}", "neither"),
        ("/v1/{a.}", "neither"),
        ("/v1/{a=}", "neither"),
        ("/v1/{a=/b}", "neither"),
        ("/v1/x{a}", "neither"),
        ("/v1/a*", "neither"),
        ("/v1/a?b", "neither"),
        ("/v1/%zz", "neither"),
        ("/v1/é", "neither"),
        ("/**/a", r"\*\* must be its last segment"),
        ("/{a=**/b}", r"\*\* must be its last segment"),
        ("/{a=**}/{b}", r"\*\* must be its last segment"),
        ("/{a}/{b}/{a}", "binds 'a' twice"),
    ],
)
def test_a_template_that_breaks_the_syntax_is_refused(template, complaint):
    with pytest.raises(TemplateError, match=complaint):
        PathTemplate.parse(template)


def test_the_fields_are_in_the_order_of_the_path():
    assert PathTemplate.parse("/v1/{b}/{a.c=x/*}").fields == ("b", "a.c")


@pytest.mark.parametrize("text", ["%", "%1", "%zz", "a%2", "%ff", "%C3", "\ud800", "%ed%a0%80"])
def test_what_is_not_percent_encoded_utf8_is_refused(text):
    with pytest.raises(EncodingError):
        decode(text)
    with pytest.raises(EncodingError):
        PathTemplate.parse("/{name}").match("/" + text)


def test_octets_that_an_http_parser_left_undecoded_are_understood():
    raw = "é".encode().decode("ascii", "surrogateescape")
    assert decode(raw + "%21") == "é!"
    assert PathTemplate.parse("/{name}").match("/" + raw) == {"name": "é"}


@quick
@given(st.text())
def test_any_text_survives_a_segment(text):
    assert PathTemplate.parse("/v1/{name}:read").match(f"/v1/{quote(text, safe='')}:read") == {"name": text}


@quick
@given(st.text())
def test_any_text_survives_the_rest_of_the_path(text):
    assert PathTemplate.parse("/v1/{name=**}").match("/v1/" + quote(text, safe="/")) == {"name": text}


@quick
@given(st.text(), st.text())
def test_a_slash_within_one_of_several_segments_stays_escaped(shelf, book):
    path = "/".join(("shelves", quote(shelf, safe=""), "books", quote(book, safe="")))
    kept = "/".join(("shelves", shelf.replace("/", "%2F"), "books", book.replace("/", "%2F")))
    assert PathTemplate.parse("/v1/{name=shelves/*/books/*}").match("/v1/" + path) == {"name": kept}


@quick
@given(st.text(st.characters() | st.sampled_from("/%:{}*"), max_size=20))
def test_whatever_path_comes_matches_or_not(path):
    template = PathTemplate.parse("/{a=*}/x/{b=y/**}:z")
    try:
        values = template.match(path)
    except EncodingError:
        return
    assert values is None or set(values) == {"a", "b"}
