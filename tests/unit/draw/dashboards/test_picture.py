import numpy as np
import pytest

from refapp.draw.dashboards.layout import Box
from refapp.draw.dashboards.picture import Page, names_of, wrapped
from refapp.draw.style import WIDTH
from refapp.draw.texts import width


def test_axes_fill_their_box_which_is_measured_from_above():
    axes = Page(4).axes(Box(1, 1, 2, 1), "a")
    assert axes.get_position().bounds == pytest.approx((1 / WIDTH, 0.5, 2 / WIDTH, 0.25))
    assert axes.get_gid() == "a"


def test_hidden_columns_are_not_shown(content):
    hide = {
        "matcher": {"id": "byName", "options": "x"},
        "properties": [{"id": "custom.hideFrom", "value": {"viz": True}}],
    }
    one = content({"x": [({}, 1)], "y": [({}, 2)]}, type="timeseries", fieldConfig={"overrides": [hide]})
    assert [shown.name for shown in one.numbers] == ["y"]


def test_what_has_no_finite_number_is_empty(content):
    assert content({"x": [({}, np.inf)]}, type="stat").empty
    assert not content({"x": [({}, 0)]}, type="stat").empty


def test_what_is_called_alike_is_told_apart(content):
    one = content({"x": [({}, 1)], "y": [({}, 2)]}, type="stat", fieldConfig={"defaults": {"displayName": "same"}})
    assert names_of(one.numbers) == ["same", "same 2"]


def test_bold_letters_are_wrapped_by_their_own_width():
    lines = wrapped("Proxies that answer within a second or two", 1.4, 9, most=3)
    assert len(lines) == 3
    assert all(width(line, 9, bold=True) <= 1.4 for line in lines[:2])
    assert wrapped("", 1, 9, most=3) == []
