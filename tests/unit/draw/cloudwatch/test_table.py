import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.draw.cloudwatch.table import Column, Table, shared
from refapp.draw.dashboards.picture import Page


def drawn_table(table):
    page = Page(table.height + 0.1)
    table.draw(page, 0.0, "t")
    return page.figure


def test_a_table_has_heads_and_cells(drawn):
    columns = [Column(name="name", texts=["a", "b"]), Column(name="n", texts=["1", "22"], numeric=True)]
    texts = drawn(drawn_table(Table(columns=columns)))
    assert texts == {
        "t head 0": "name",
        "t head 1": "n",
        "t cell 0 0": "a",
        "t cell 0 1": "1",
        "t cell 1 0": "b",
        "t cell 1 1": "22",
    }


def test_numbers_stand_at_the_right(parts):
    columns = [Column(name="a long name", texts=["1", "22"], numeric=True), Column(name="b", texts=["1", "22"])]
    found = parts(drawn_table(Table(columns=columns)))
    rights = [found[f"t cell {row} 0"].get_window_extent().x1 for row in (0, 1)]
    lefts = [found[f"t cell {row} 1"].get_window_extent().x0 for row in (0, 1)]
    assert rights[0] == pytest.approx(rights[1], abs=2)
    assert lefts[0] == pytest.approx(lefts[1], abs=2)


def test_an_opened_row_has_its_lines_below_it(parts, flaws):
    table = Table(columns=[Column(name="a", texts=["x", "y"])], opened={0: ["one", "two"]})
    figure = drawn_table(table)
    found = parts(figure)
    ys = [found[gid].get_position()[1] for gid in ("t cell 0 0", "t line 0 0", "t line 0 1", "t cell 1 0")]
    assert ys == sorted(ys)
    assert flaws(figure) == []
    assert table.height > Table(columns=table.columns).height + 0.3


def test_a_long_text_is_cut_off_at_its_column(flaws, drawn):
    columns = [
        Column(name="time", texts=["2026-03-01 12:00:00.000"] * 2),
        Column(name="message", texts=["x" * 500, "y\nz"], mono=True),
        Column(name="n", texts=["1", "2"], numeric=True),
    ]
    figure = drawn_table(Table(columns=columns))
    texts = drawn(figure)
    assert texts["t cell 0 0"] == "2026-03-01 12:00:00.000"
    assert texts["t cell 0 1"].endswith("…")
    assert texts["t cell 1 1"] == "y z"
    assert flaws(figure) == []


@given(st.lists(st.floats(0.1, 20), min_size=1, max_size=6), st.floats(1, 10))
def test_room_is_shared_so_that_the_narrow_ones_keep_theirs(wanted, room):
    given_ = shared(wanted, room)
    assert sum(given_) <= max(room, 0) + 1e-9 or sum(wanted) <= room
    assert all(one <= want + 1e-9 for one, want in zip(given_, wanted, strict=True))
    if sum(wanted) > room:
        assert sum(given_) == pytest.approx(room)
        cut = [one for one, want in zip(given_, wanted, strict=True) if one < want - 1e-9]
        assert all(one == pytest.approx(max(given_)) for one in cut)
