import pytest

PARTS = {"x": [({"app": "a"}, 1), ({"app": "b"}, 3), ({"app": "none"}, 0), ({"app": "less"}, -1)]}


def pie(**options):
    return {"type": "piechart", "options": options, "fieldConfig": {"defaults": {"unit": "ops"}}}


def test_each_part_is_as_large_as_its_share_the_largest_first(content, drawn, parts):
    found = parts(drawn(content(PARTS, **pie())))
    sizes = [found[f"p part {number}"].theta2 - found[f"p part {number}"].theta1 for number in (0, 1)]
    assert sizes == pytest.approx([270, 90])
    assert "p part 2" not in found


@pytest.mark.parametrize(
    ("values", "text"), [([], "75%"), (["value"], "3 ops/s"), (["value", "percent"], "3 ops/s  75%")]
)
def test_the_legend_tells_shares_or_values(content, drawn, written, values, text):
    texts = written(drawn(content(PARTS, **pie(legend={"values": values}))))
    assert texts["p legend 0"] == f'{{app="b"}}  {text}'


def test_a_ring_has_a_hole(content, drawn, parts):
    assert parts(drawn(content(PARTS, **pie(pieType="donut"))))["p part 0"].width > 0
    assert parts(drawn(content(PARTS, **pie())))["p part 0"].width is None


def test_nothing_has_no_parts(content, drawn, notices):
    assert notices(drawn(content({"x": [({}, 0)]}, **pie()))) == "No data"


@pytest.mark.parametrize("width", [2.0, 2.9, 6.4])
@pytest.mark.parametrize("count", [2, 9, 40])
def test_it_can_be_read(content, drawn, flaws, width, count):
    series = {"x": [({"app": f"service-{number}"}, number + 1) for number in range(count)]}
    assert flaws(drawn(content(series, **pie(legend={"values": ["value", "percent"]})), width)) == []
    assert flaws(drawn(content(series, **pie(legend={"showLegend": False})), width)) == []
