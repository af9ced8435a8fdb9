import warnings

from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from refapp.draw.dashboards.letters import cleaned, drawable


def test_emoji_are_left_out_and_letters_of_other_scripts_are_not():
    assert drawable("service-a (🔐mTLS) शalom µs – ∞") == "service-a (mTLS) alom µs – ∞"  # noqa: RUF001
    assert drawable("a\nb\tc\0") == "a\nb    c"


def test_what_is_asked_stays_as_it_is():
    given = {"title": "🔐 x", "targets": [{"expr": 'x{a="🔐"}', "legendFormat": "{{a}} 🔐"}]}
    assert cleaned(given) == {"title": " x", "targets": [{"expr": 'x{a="🔐"}', "legendFormat": "{{a}} "}]}


@given(st.text(max_size=20))
def test_every_letter_that_is_left_can_be_drawn(text):
    figure = Figure()
    figure.text(0, 0, drawable(text), parse_math=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure.draw_without_rendering()
