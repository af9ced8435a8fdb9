import pytest
from matplotlib.text import Text

from refapp.draw.dashboards.layout import Box
from refapp.draw.dashboards.legendbox import Entry, Legend
from refapp.draw.dashboards.picture import Page


def legend(count, *, table=False, name="service-{}", values=()):
    entries = tuple(Entry(name=name.format(number), colour="#112233", values=values) for number in range(count))
    heads = ("Mean", "Max")[: len(values)] if table else ()
    return Legend(entries=entries, heads=heads, table=table)


def drawn(one, width):
    height = one.height(width)
    page = Page(height + 0.2)
    one.draw(page, Box(0.1, 0.1, width, height), "p")
    return page.figure


@pytest.mark.parametrize("width", [1.5, 3.0, 6.4])
@pytest.mark.parametrize(
    "one",
    [
        legend(1), legend(9), legend(60), legend(9, table=True, values=("3.02 req/s", "12.1 req/s")),
        legend(40, table=True, values=("1", "2")), legend(3, name="a-very-long-name-that-has-no-room-in-a-legend-{}"),
        legend(4, values=("Max: 3 req/s",)), legend(5, table=True),
    ],
)  # fmt: skip
def test_nothing_lies_on_anything_else(one, width, flaws):
    assert flaws(drawn(one, width)) == []


def test_names_and_calculations_are_written(written):
    texts = written(drawn(legend(2, table=True, values=("1", "2")), 3))
    assert (texts["p legend 1"], texts["p calc 1 0"], texts["p calc 1 1"]) == ("service-1", "1", "2")
    assert written(drawn(legend(1, values=("Max: 3",)), 3))["p legend 0"] == "service-0  Max: 3"


@pytest.mark.parametrize("table", [True, False])
def test_how_many_more_there_are(table, written):
    texts = written(drawn(legend(100, table=table), 1.5))
    shown = sum(" legend " in gid for gid in texts)
    assert texts["p more"] == f"and {100 - shown} more"


def test_wide_legends_are_lower():
    one = legend(12, table=True, values=("1", "2"))
    assert one.height(6.4) < one.height(3)
    assert Legend(entries=()).height(3) == 0


def test_nothing_is_drawn_of_nothing(parts):
    assert not [gid for gid in parts(drawn(Legend(entries=(), table=True), 3)) if gid.startswith("p")]


@pytest.mark.parametrize("values", [(), ("Max: 3 req/s",)])
def test_a_name_of_a_list_ends_with_its_box(values):
    one = legend(1, name="sum by (pod) (rate(container_cpu_usage_seconds_total[1m])) {}", values=values)
    figure = drawn(one, 2.5)
    (text,) = (text for text in figure.findobj(Text) if text.get_gid() == "p legend 0")
    assert text.get_text().endswith("…")
    assert text.get_window_extent().x1 <= 2.6 * figure.dpi + 2  # whole pixels
