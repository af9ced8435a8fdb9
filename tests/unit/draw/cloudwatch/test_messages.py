import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.draw.cloudwatch.messages import folded, legible, letters, write_mono, written_out


def test_json_has_a_line_for_each_member():
    assert written_out('{"a":{"b":[1,"x"]}}', 5) == [
        "{",
        '  "a": {',
        '    "b": [',
        "      1,",
        '      "x"',
        "    ]",
        "  }",
        "}",
    ]


@pytest.mark.parametrize("text", ["not JSON", "{half", "[" * 100_000, '{"a": NaN x}'])
def test_anything_else_stays_as_it_is(text):
    lines = written_out(text, 5)
    assert "".join(line.strip() for line in lines)[:20] == text.replace(" ", " ")[:20]


def test_lines_of_a_text_stay_lines():
    assert written_out("one\n\ntwo", 5) == ["one", "", "two"]
    assert written_out("", 5) == [""]


def test_only_so_many_lines_are_shown():
    lines = written_out(json.dumps(list(range(100))), 5, 10)
    assert len(lines) == 10
    assert lines[-1] == "… and 93 more lines"


def test_a_long_line_goes_on_below_a_little_to_the_right():
    line = "  " + "x" * 100
    parts = folded(line, 3.0)
    assert len(parts) > 1
    assert all(len(part) <= letters(3.0) for part in parts)
    assert all(part.startswith("      x") for part in parts[1:])
    assert "".join(part.strip() for part in parts) == "x" * 100


def test_a_line_that_is_very_deep_goes_on_at_the_left():
    assert folded(" " * 60 + "x" * 60, 3.0)[-1].startswith("x")


def test_letters_without_a_font_are_boxes():
    assert legible("a\tb\nc") == "a    b c"
    assert legible("שלום é") == "שלום é"
    assert legible("नम") == "□□"


@pytest.mark.parametrize("text", ["x" * 200, "שָׁלוֹם नमस्ते " * 20, "$x$ \\frac{1}{2}"])
def test_a_line_ends_where_its_room_does(page, flaws, text):
    write_mono(page.sheet, (0.1, 0.5), text, 3.0)
    assert flaws(page.figure) == []
    drawn = page.sheet.texts[0]
    right = page.sheet.transData.transform((3.15, 0))[0]
    assert drawn.get_window_extent().x1 <= right


@given(st.text(max_size=200), st.floats(0.5, 7))
def test_nothing_is_lost_in_folding(text, room):
    parts = folded(text, room)
    assert "".join(part.strip(" ") for part in parts).replace(" ", "") == legible(text).replace(" ", "")
    assert all(len(part) <= letters(room) for part in parts)
