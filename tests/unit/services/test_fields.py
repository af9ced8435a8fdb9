import pytest

from refapp.services.fields import DEEPEST, FieldError, assign, assign_entry, find, takes_text


def filled(library, name, *texts):
    book = library.book()
    assign(book, find(book.DESCRIPTOR, name), texts)
    return book


@pytest.mark.parametrize(
    ("name", "texts", "expected"),
    [
        ("title", ["Emma"], {"title": "Emma"}),
        ("title", [""], {}),
        ("page_count", ["3"], {"pageCount": 3}),
        ("pageCount", ["+3"], {"pageCount": 3}),
        ("shelf_mark", ["x"], {"callNumber": "x"}),
        ("callNumber", ["x"], {"callNumber": "x"}),
        ("authors", ["a", "b c"], {"authors": ["a", "b c"]}),
        ("genre", ["GENRE_POEMS"], {"genre": "GENRE_POEMS"}),
        ("other_genres", ["1", "GENRE_POEMS"], {"otherGenres": ["GENRE_NOVEL", "GENRE_POEMS"]}),
        ("isbn", ["18446744073709551615"], {"isbn": 2**64 - 1}),
        ("balance", ["-9223372036854775808"], {"balance": -(2**63)}),
        ("rating", [".5"], {"rating": 0.5}),
        ("price", ["1e3"], {"price": 1000}),
        ("price", ["-Infinity"], {"price": "-Infinity"}),
        ("in_print", ["1"], {"inPrint": True}),
        ("in_print", ["TRUE"], {"inPrint": True}),
        ("in_print", ["f"], {}),
        ("cover", ["_-8="], {"cover": "/+8="}),
        ("published", ["1999-12-31T23:59:59.5+01:00"], {"published": "1999-12-31T22:59:59.5Z"}),
        ("reading_time", ["1.5s"], {"readingTime": "1.5s"}),
        ("subtitle", [""], {"subtitle": ""}),
        ("copies", ["-1"], {"copies": "-1"}),
        ("lent", ["false"], {"lent": False}),
        ("mask", ["title,pageCount"], {"mask": "title,pageCount"}),
        ("notes", ['{"a": [1, null]}'], {"notes": {"a": [1, None]}}),
        ("sequel.sequel.title", ["Three"], {"sequel": {"sequel": {"title": "Three"}}}),
        ("shelf", [""], {"shelf": ""}),
        ("room.floor", ["2"], {"room": {"floor": 2}}),
        ("edition", ["0"], {"edition": 0}),
    ],
)
def test_text_becomes_the_value_of_a_field(library, name, texts, expected):
    assert filled(library, name, *texts) == library.book(**expected)


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        *(("page_count", [text]) for text in ("", "x", "1_000", " 1", "٣", "1.0", "1e3", "2147483648", "9" * 5000)),
        *(("isbn", ["-1"]), ("balance", ["9223372036854775808"]), ("copies", ["x"])),
        *(("price", [text]) for text in ("", "x", "1_0", "nan", "inf", "1e999", " 1")),
        ("rating", ["1e39"]),
        *(("genre", [text]) for text in ("", "NOVEL", "99", "genre_novel")),
        *(("in_print", [text]) for text in ("", "yes", "2")),
        *(("cover", [text]) for text in ("!", "a", "é")),
        *(("published", [text]) for text in ("yesterday", "1999-12-31", "")),
        *(("reading_time", ["5"]), ("mask", ["a_b"]), ("lent", ["maybe"])),
        *(("notes", [text]) for text in ("{", "1", "", '{"a": ' + "[" * 900 + "]" * 900 + "}")),
        *(("title", ["a", "b"]), ("title", []), ("sequel.title", ["a", "b"])),
        *(("sequel", ["Two"]), ("related", ["Two"]), ("stock", ["1"])),
    ],
)
def test_text_that_does_not_fit_is_refused_by_the_name_of_the_field(library, name, texts):
    with pytest.raises(FieldError, match=f"'{name.rpartition('.')[2]}'"):
        filled(library, name, *texts)


@pytest.mark.parametrize(
    ("name", "key", "texts", "expected"),
    [
        ("stock", "here", ["1"], {"stock": {"here": 1}}),
        ("stock", "", ["0"], {"stock": {"": 0}}),
        ("prizes", "-1", ["none"], {"prizes": {"-1": "none"}}),
        ("sequel.stock", "a.b", ["1"], {"sequel": {"stock": {"a.b": 1}}}),
    ],
)
def test_text_becomes_the_value_of_a_key(library, name, key, texts, expected):
    book = library.book()
    assign_entry(book, find(book.DESCRIPTOR, name), key, texts)
    assert book == library.book(**expected)


def test_the_keys_of_a_map_add_up(library):
    book = library.book()
    for key in ("here", "there"):
        assign_entry(book, find(book.DESCRIPTOR, "stock"), key, ["1"])
    assert dict(book.stock) == {"here": 1, "there": 1}


@pytest.mark.parametrize(
    ("name", "key", "texts"),
    [
        ("stock", "a", ["x"]),
        ("stock", "a", ["1", "2"]),
        ("prizes", "x", ["1"]),
        ("rooms", "true", ["Blue"]),
        ("rooms", "maybe", ["Blue"]),
        ("title", "a", ["1"]),
        ("related", "a", ["1"]),
    ],
)
def test_a_key_that_does_not_fit_is_refused(library, name, key, texts):
    book = library.book()
    with pytest.raises(FieldError):
        assign_entry(book, find(book.DESCRIPTOR, name), key, texts)


@pytest.mark.parametrize(
    ("first", "second"), [("shelf", "box"), ("box", "shelf"), ("room.name", "box"), ("box", "room.name")]
)
def test_only_one_field_of_a_oneof_can_be_set(library, first, second):
    book = filled(library, first, "1")
    with pytest.raises(FieldError, match="'place' is set"):
        assign(book, find(book.DESCRIPTOR, second), ["1"])


def test_two_fields_of_one_message_in_a_oneof_can_be_set(library):
    book = filled(library, "room.name", "Blue")
    assign(book, find(book.DESCRIPTOR, "room.floor"), ["2"])
    assert book == library.book(room={"name": "Blue", "floor": 2})


@pytest.mark.parametrize("name", ["", "nothing", "sequel.nothing", "Title", "sequel."])
def test_a_name_that_is_no_field_is_not_found(library, name):
    assert find(library.book().DESCRIPTOR, name) is None


@pytest.mark.parametrize("name", ["title.x", "authors.x", "related.title", "stock.key", "published.seconds", "notes.x"])
def test_a_path_through_a_field_without_fields_is_refused(library, name):
    with pytest.raises(FieldError, match="has no fields of its own"):
        find(library.book().DESCRIPTOR, name)


def test_a_path_has_a_greatest_depth(library):
    descriptor = library.book().DESCRIPTOR
    assert find(descriptor, "sequel." * (DEEPEST - 1) + "title")
    with pytest.raises(FieldError, match=f"more than {DEEPEST} messages"):
        find(descriptor, "sequel." * DEEPEST + "title")


def test_scalars_and_well_known_messages_take_text(library):
    fields = library.book().DESCRIPTOR.fields_by_name
    assert {name for name, field in fields.items() if not takes_text(field)} == {
        *("stock", "rooms", "prizes", "sequel", "related", "room")
    }
