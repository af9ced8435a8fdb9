import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.draw.dashboards.interpolation import Chosen
from refapp.draw.dashboards.text import plain


def lines(texts):
    return [text for gid, text in texts.items() if gid and gid.startswith("p text")]


def test_markdown_loses_its_marks(content, drawn, written):
    text = "# Notes\n\nSome **bold** and `code`, a [link](http://x).\n- one\n* two"
    found = lines(written(drawn(content({}, type="text", options={"content": text}))))
    assert found == ["Notes", "Some bold and code, a link.", "• one", "• two"]


def test_html_loses_its_tags():
    assert plain("<style>x{}</style><h1>T</h1><p>a &amp; b<br>c</p><ul><li>d</li></ul>").split("\n") == [
        "",
        "# T",
        "a & b",
        "c",
        "",
        "- d",
        "",
    ]


def test_variables_are_replaced(content, drawn, written):
    chosen = {"workload": Chosen(name="workload", values=("a", "b"), many=True)}
    found = lines(written(drawn(content({}, chosen, type="text", options={"content": "WORKLOAD: $workload"}))))
    assert found == ["WORKLOAD: a + b"]


@given(st.text(alphabet=st.sampled_from("<>/#*-[]()`_ ab&;!\n")))
def test_any_text_is_borne(text):
    assert isinstance(plain(text), str)


@pytest.mark.parametrize("width", [1.4, 6.4])
def test_long_texts_are_wrapped(content, drawn, flaws, width):
    text = "# A heading that is much longer than the panel is wide\n" + "many words and more " * 40
    assert flaws(drawn(content({}, type="text", options={"content": text}), width)) == []
