import pytest

TABLE = {"format": "table", "instant": True}
TARGETS = [{"expr": "x", "refId": "A", **TABLE}, {"expr": "y", "refId": "B", **TABLE}]
SERIES = {"x": [({"app": "a"}, 1), ({"app": "b"}, 3)], "y": [({"app": "a"}, 2), ({"app": "b"}, 5)]}


def chart(**more):
    return {"type": "barchart", "targets": TARGETS, "transformations": [{"id": "merge"}], **more}


def lengths(parts):
    return {gid: bar.get_width() for gid, bar in parts.items() if gid.startswith("p bar")}


def test_a_row_for_each_category_and_a_bar_for_each_series(content, drawn, parts):
    found = parts(drawn(content(SERIES, **chart())))
    assert lengths(found) == {"p bar 0 0": 1, "p bar 0 1": 3, "p bar 1 0": 2, "p bar 1 1": 5}
    assert [label.get_text() for label in found["p plot 0"].get_yticklabels()] == ["a", "b"]


def test_stacked_bars_begin_where_the_others_end(content, drawn, parts):
    found = parts(drawn(content(SERIES, **chart(options={"stacking": "normal"}))))
    assert found["p bar 1 1"].get_x() == 3


def test_the_panel_may_name_the_column_of_categories(content, drawn, parts):
    found = parts(drawn(content(SERIES, **chart(options={"xField": "Value #A"}))))
    assert [label.get_text() for label in found["p plot 0"].get_yticklabels()] == ["1.0", "3.0"]


def test_instant_values_are_a_table_already(content, drawn, parts):
    targets = [{"expr": "x", "instant": True}]
    assert lengths(parts(drawn(content(SERIES, type="barchart", targets=targets)))) == {"p bar 0 0": 1, "p bar 0 1": 3}


def test_nothing_is_no_data(content, drawn, notices):
    assert notices(drawn(content({}, **chart()))) == "No data"


@pytest.mark.parametrize("width", [2.9, 6.4])
@pytest.mark.parametrize("count", [1, 9, 40])
@pytest.mark.parametrize("stacking", ["none", "normal"])
def test_it_can_be_read(content, drawn, flaws, width, count, stacking):
    series = {
        name: [({"app": f"service-with-a-long-name-{number}"}, 1000 * factor * number) for number in range(count)]
        for name, factor in (("x", 1), ("y", 2))
    }
    assert flaws(drawn(content(series, **chart(options={"stacking": stacking})), width)) == []
