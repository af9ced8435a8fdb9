"""The events of a log stream as AWS's console lists them: when, what, and one of them opened."""

from collections.abc import Collection

import pandas as pd
from matplotlib.figure import Figure

from refapp.draw.cloudwatch.messages import written_out
from refapp.draw.cloudwatch.table import OPENED, Column, Table
from refapp.draw.cloudwatch.tiles import Head
from refapp.draw.dashboards.picture import Page
from refapp.draw.texts import counted


def stream(events: pd.DataFrame, *, rows: int = 15, opened: Collection[int] = (0,), group: str = "") -> Figure:
    """The last events of a stream, the newest below, with the whole message of some; times are UTC.

    Gids: `title`, `facts`; `events head 0` is the head of a column, `events cell ROW COLUMN` a cell, and
    `events line ROW NUMBER` a line of an opened message.

    Args:
        events: columns timestamp, stream and message, as `CloudWatchLogs.events` or `.filter` gives them.
        rows: how many are listed at most.
        opened: the rows that are opened, counted from 0; -1 is the last.
        group: the log group, for the head.

    Raises:
        ValueError: there are no events.
    """
    if events.empty:
        raise ValueError("there is nothing to draw: no events")
    shown = events.iloc[-rows:]
    places = {place % len(shown) for place in opened if -len(shown) <= place < len(shown)}
    messages = [str(message) for message in shown["message"]]
    streams = events["stream"].unique()
    columns = [
        Column(name="Timestamp", texts=[_time(moment) for moment in shown["timestamp"]]),
        Column(name="Message", texts=messages, mono=True),
    ]
    if len(streams) > 1:
        columns.insert(1, Column(name="Stream", texts=[str(name) for name in shown["stream"]]))
    table = Table(columns=columns, opened={place: written_out(messages[place], OPENED) for place in sorted(places)})
    more = f", the last {len(shown):,} of them" if len(shown) < len(events) else ""
    whose = str(streams[0]) if len(streams) == 1 else f"{len(streams):,} streams"
    head = Head("Log events", (group, whose, counted(len(events), "event") + more))
    page = Page(head.height + table.height + 0.05)
    head.draw(page)
    table.draw(page, head.height, "events")
    return page.figure


def _time(moment: pd.Timestamp) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03}"
