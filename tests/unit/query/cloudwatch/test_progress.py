import io

import pytest
from rich.console import Console

from refapp.query.cloudwatch.progress import progress_bar
from refapp.query.cloudwatch.queries import QueryState

STATE = QueryState(status="Running", elapsed=1.0, matched=1234, scanned=98_765, bytes=12_300_000)


@pytest.fixture
def console():
    return Console(file=io.StringIO(), force_terminal=True, width=120, color_system=None)


def test_it_shows_how_far_the_query_is(console):
    with progress_bar(console) as progress:
        progress(STATE)
    shown = console.file.getvalue()
    assert "Running" in shown
    assert "98,765 records scanned (12.3 MB), 1,234 matched" in shown


def test_it_may_be_silent(console):
    with progress_bar(console, disable=True) as progress:
        progress(STATE)
    assert console.file.getvalue() == ""


def test_an_error_passes(console):
    with pytest.raises(KeyboardInterrupt), progress_bar(console):
        raise KeyboardInterrupt
