import math

import pytest

from refapp.draw.dashboards.fields import Fields, bounds
from refapp.draw.dashboards.frames import Frame, numbers, texts
from refapp.draw.style import BLUE, GREEN, VERMILION

COLUMN = numbers("Value", [1, 5], title="pod-1", labels={"pod": "pod-1", "app": "a"})
FRAME = Frame(columns=(COLUMN, texts("pod", ["x", "y"])), ref="B")


def override(matcher, options, *properties):
    listed = [{"id": ident, "value": value} for ident, value in properties]
    return {"matcher": {"id": matcher, "options": options}, "properties": listed}


@pytest.mark.parametrize(
    ("matcher", "options", "found"),
    [
        ("byName", "pod-1", True), ("byName", "Value", True), ("byName", "pod-2", False),
        ("byRegexp", "/^pod-/", True), ("byRegexp", "pod-.", True), ("byRegexp", "/x", False), ("byRegexp", "(", False),
        ("byFrameRefID", "B", True), ("byFrameRefID", "A", False),
        ("byType", "number", True), ("byType", "time", False),
        ("byNames", {"names": ["pod-1"]}, True), ("byNames", {"mode": "exclude", "names": ["pod-1"]}, False),
        ("byValue", {"reducer": "max", "op": "gte", "value": 5}, True),
        ("byValue", {"reducer": "max", "op": "gt", "value": 5}, False),
        ("byValue", {"reducer": "nonsense", "op": "gt", "value": 5}, False),
        ("unknown", "pod-1", False),
    ],
)  # fmt: skip
def test_an_override_holds_for_what_its_matcher_takes(matcher, options, found):
    fields = Fields(defaults={"unit": "s"}, overrides=[override(matcher, options, ("unit", "ms"))])
    assert (fields.of(COLUMN, FRAME).unit == "ms") is found


def test_later_overrides_win_and_parts_of_a_property_may_be_set():
    overrides = [
        override("byName", "pod-1", ("custom.lineWidth", 1), ("custom.hideFrom.viz", True), ("decimals", 1)),
        override("byName", "pod-1", ("custom.lineWidth", 2), ("color", {"mode": "fixed", "fixedColor": "red"})),
    ]
    fields = Fields(defaults={"custom": {"lineWidth": 0, "fillOpacity": 5}}, overrides=overrides)
    found = fields.of(COLUMN, FRAME)
    assert (found.custom["lineWidth"], found.custom["fillOpacity"], found.decimals) == (2, 5, 1)
    assert found.hidden()
    assert found.colour(3.0) == VERMILION
    assert fields.defaults["custom"] == {"lineWidth": 0, "fillOpacity": 5}


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("", "pod-1"), ("Memory", "Memory"), ("${__field.labels.app} of ${__field.labels.pod}", "a of pod-1"),
        ("${__series.name}!", "pod-1!"), ("$__field_name", "pod-1"),
    ],
)  # fmt: skip
def test_labels_may_stand_in_a_name(name, found):
    assert Fields(defaults={"displayName": name}).named(COLUMN, FRAME) == found


def test_a_value_is_written_with_unit_mapping_prefix_and_what_stands_for_nothing():
    field = Fields(
        defaults={
            "unit": "s",
            "noValue": "none",
            "custom": {"prefix": "~", "postfix": "!"},
            "mappings": [{"type": "value", "options": {"0": {"text": "off"}}}],
        }
    ).of(COLUMN, FRAME)
    assert [field.text(value) for value in (2.0, 0.0, None, math.nan, "x")] == ["~2 s!", "off", "none", "none", "~x!"]
    assert Fields().of(COLUMN, FRAME).text(None) == "-"


def test_the_colour_of_a_value():
    steps = {"steps": [{"value": None, "color": "green"}, {"value": 3, "color": "red"}]}
    field = Fields(
        defaults={"thresholds": steps, "mappings": [{"type": "value", "options": {"9": {"color": "blue"}}}]}
    ).of(COLUMN, FRAME)
    assert [field.colour(value) for value in (2.0, 3.0, 9.0, None, "x", math.nan)] == [
        GREEN,
        VERMILION,
        BLUE,
        None,
        None,
        None,
    ]


def test_bounds():
    field = Fields(defaults={"min": 2}).of(COLUMN, FRAME)
    assert field.bounds((0, 9)) == (2, 9)
    assert field.bounds((0, 1)) == (2, 3)
    assert bounds([COLUMN, numbers("n", [math.nan, -2])]) == (-2, 5)
    assert bounds([]) == (0, 100)
