from itertools import combinations

from refapp.draw.dashboards.unitnames import BINARY, COUNTED, CURRENCIES, FIXED, METRIC


def test_an_id_stands_in_one_table_only():
    assert not any(
        set(one) & set(other) for one, other in combinations((BINARY, COUNTED, CURRENCIES, FIXED, METRIC), 2)
    )


def test_bytes_are_counted_in_1024_and_those_of_a_second_in_1000():
    assert "bytes" in BINARY
    assert "Bps" in METRIC
