import pytest
from matplotlib.colors import to_hex

from refapp.draw.style import VERMILION

TARGETS = [{"expr": "x", "format": "table", "instant": True}]
SERIES = {"x": [({"app": "b", "ns": "dev"}, 90), ({"app": "a", "ns": "dev"}, 10)]}
STEPS = {"steps": [{"value": None, "color": "green"}, {"value": 50, "color": "red"}]}


def table(*overrides, targets=TARGETS, **more):
    listed = [
        {"matcher": {"id": "byName", "options": name}, "properties": [{"id": ident, "value": value}]}
        for name, ident, value in overrides
    ]
    return {
        "type": "table",
        "targets": targets,
        "fieldConfig": {"defaults": {"unit": "percent"}, "overrides": listed},
        **more,
    }


HIDDEN = ("Time", "custom.hidden", True)


def rows(texts, columns=3):
    count = len({gid.split()[2] for gid in texts if gid.startswith("p cell")})
    return [[texts[f"p cell {row} {column}"] for column in range(columns)] for row in range(count)]


def test_rows_and_heads(content, drawn, written):
    texts = written(drawn(content(SERIES, **table(HIDDEN, ("Value", "displayName", "Used")))))
    assert [texts[f"p head {column}"] for column in range(3)] == ["app", "ns", "Used"]
    assert rows(texts) == [["b", "dev", "90%"], ["a", "dev", "10%"]]


@pytest.mark.parametrize(
    ("sort", "first"), [({"displayName": "app"}, "a"), ({"displayName": "Value", "desc": True}, "b")]
)
def test_rows_are_sorted(content, drawn, written, sort, first):
    texts = written(drawn(content(SERIES, **table(HIDDEN, options={"sortBy": [sort]}))))
    assert texts["p cell 0 0"] == first


def test_times_are_written_as_times(content, drawn, written):
    assert rows(written(drawn(content(SERIES, **table()))))[0][0] == "2026-01-02 03:04:00"


@pytest.mark.parametrize(
    ("kind", "ground", "ink"), [("color-background", VERMILION, "#ffffff"), ("color-text", None, VERMILION)]
)
def test_cells_have_the_colours_of_thresholds(content, drawn, parts, kind, ground, ink):
    overrides = (HIDDEN, ("Value", "thresholds", STEPS), ("Value", "custom.cellOptions", {"type": kind}))
    found = parts(drawn(content(SERIES, **table(*overrides))))
    assert to_hex(found["p cell 0 2"].get_color()) == ink
    assert ("p ground 0 2" in found) == (ground is not None)
    if ground:
        assert to_hex(found["p ground 0 2"].get_facecolor()) == ground


def test_a_cell_may_be_a_bar(content, drawn, parts):
    overrides = (
        HIDDEN,
        ("Value", "custom.cellOptions", {"type": "gauge"}),
        ("Value", "thresholds", STEPS),
        ("Value", "min", 0),
        ("Value", "max", 100),
    )
    found = parts(drawn(content(SERIES, **table(*overrides))))
    assert found["p ground 0 2"].get_width() == pytest.approx(9 * found["p ground 1 2"].get_width())


def test_columns_that_have_no_room_are_named(content, drawn, written):
    labels = {f"label-number-{number}": "a value of some length" for number in range(7)}
    texts = written(drawn(content({"x": [(labels, 1)]}, **table(HIDDEN)), 3.0))
    notes = " ".join(text for gid, text in texts.items() if gid.startswith("p note"))
    assert "no room for 4 columns: label-number-4" in notes
    assert "Value" in notes


def test_how_many_more_rows_there_are(content, drawn, written):
    series = {"x": [({"pod": f"p{number}"}, number) for number in range(25)]}
    texts = written(drawn(content(series, **table(HIDDEN))))
    assert texts["p note 0"] == "and 5 more rows"


def test_series_are_joined_by_their_times(content, drawn, written):
    texts = written(
        drawn(
            content(
                {"x": [({"app": "a"}, 1), ({"app": "b"}, 2)]},
                **table(targets=[{"expr": "x", "legendFormat": "{{app}}"}]),
            )
        )
    )
    assert [texts[f"p head {column}"] for column in range(3)] == ["Time", "a", "b"]


def test_nothing_is_no_data(content, drawn, notices):
    assert notices(drawn(content({"x": []}, **table()))) == "No data"
    everything = (
        HIDDEN,
        ("app", "custom.hidden", True),
        ("ns", "custom.hidden", True),
        ("Value", "custom.hidden", True),
    )
    assert notices(drawn(content(SERIES, **table(*everything)))) == "No data"


@pytest.mark.parametrize("width", [1.4, 2.9, 6.4])
@pytest.mark.parametrize("labels", [1, 3, 8])
def test_it_can_be_read(content, drawn, flaws, width, labels):
    names = {f"label_number_{number}": f"a-value-that-is-long-{number}" for number in range(labels)}
    series = {"x": [({**names, "row": str(row)}, row / 3) for row in range(30)]}
    assert flaws(drawn(content(series, **table()), width)) == []
