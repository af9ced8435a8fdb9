import pytest

from refapp.draw.colours import service_colours
from refapp.draw.tracing.statistics import statistics_table
from refapp.query.tracing.statistics import statistics

COLUMNS = ("service", "operation", "count", "total_ms", "average_ms", "min_ms", "max_ms", "self_ms", "self_share")


def test_a_row_has_the_numbers_of_the_frame(reference, written):
    texts = written(statistics_table(statistics(reference)))
    assert [texts[f"{name} 0"] for name in COLUMNS] == [
        "service-h",
        "service-h/*",
        "1",
        *["1.87 ms"] * 5,
        "23%",
    ]


def test_there_is_a_row_for_each_group_in_the_order_of_the_frame(reference, written):
    frame = statistics(reference, "service")
    texts = written(statistics_table(frame))
    shown = [texts[f"service {row}"] for row in range(len(frame))]
    assert shown == [name.removesuffix(".dev") for name in frame["service"]]
    assert f"service {len(frame)}" not in texts
    assert texts["by"] == "service"


def test_bars_are_as_long_as_the_share_of_the_trace(delayed, parts):
    frame = statistics(delayed)
    drawn = parts(statistics_table(frame))
    first, second = (drawn[f"bar {row}"].get_width() for row in (0, 1))
    shares = frame["self_share"]
    assert second / first == pytest.approx(shares[1] / shares[0])
    assert first + drawn["bar 0"].get_x() <= 6.6


def test_services_may_have_the_colours_of_the_traces_other_figures(reference, parts):
    frame = statistics(reference)
    plain, coloured = (
        parts(statistics_table(frame, services))["bar 0"].get_facecolor() for services in ((), reference.services)
    )
    assert plain != coloured
    assert (
        service_colours(reference.services)["service-h.dev"]
        == service_colours((*reference.services, *frame["service"]))["service-h.dev"]
    )


@pytest.mark.parametrize("by", ["kind", ("service", "operation", "kind")])
def test_every_trace_is_readable(any_trace, by, flaws):
    assert flaws(statistics_table(statistics(any_trace, by))) == []
