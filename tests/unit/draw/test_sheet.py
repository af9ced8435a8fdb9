from io import BytesIO

import pytest
from matplotlib.image import imread

from refapp.draw.sheet import badge, box, sheet, write
from refapp.draw.style import WIDTH


def test_axes_count_inches_from_the_upper_left():
    figure, axes = sheet(2.0)
    assert tuple(figure.get_size_inches()) == (WIDTH, 2)
    assert axes.transData.transform((1, 0.5)) == pytest.approx((figure.dpi, 1.5 * figure.dpi))


def test_a_notebook_does_not_cut_it_to_what_is_drawn():
    figure, axes = sheet(1.0)
    write(axes, (3, 0.5), "small")
    out = BytesIO()
    figure.savefig(out, dpi=100, bbox_inches="tight", pad_inches=0)
    assert imread(BytesIO(out.getvalue())).shape[:2] == pytest.approx((100, 660), abs=1)


def test_texts_are_taken_as_they_are_and_shortened():
    _, axes = sheet(1.0)
    assert write(axes, (1, 0.5), "$x$ and \\frac{1}{2}").get_text() == "$x$ and \\frac{1}{2}"
    assert write(axes, (1, 0.5), "long " * 20, room=1).get_text().endswith("…")


def test_a_box_lies_where_it_is_said():
    figure, axes = sheet(2.0)
    figure.draw_without_rendering()
    found = box(axes, (1, 0.5), (2, 0.3), face="white").get_window_extent()
    assert (found.x0, found.width) == pytest.approx((figure.dpi, 2 * figure.dpi))
    assert (found.y1, found.height) == pytest.approx((1.5 * figure.dpi, 0.3 * figure.dpi))


def test_the_sign_of_an_error_has_a_shape():
    _, axes = sheet(1.0)
    badge(axes, (1, 0.5), gid="error 1")
    assert [text.get_text() for text in axes.texts] == ["!"]
    assert [line.get_gid() for line in axes.lines] == ["error 1"]
