"""A line that shows how far a query of Logs Insights is."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.filesize import decimal
from rich.progress import Progress as Bar
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

from refapp.query.cloudwatch.queries import Progress, QueryState

_COLUMNS = "{task.fields[scanned]} records scanned ({task.fields[bytes]}), {task.fields[matched]} matched"


@contextmanager
def progress_bar(console: Console | None = None, *, disable: bool = False) -> Iterator[Progress]:
    """Show, while the block runs, the state of the query to which this is given as its `progress`.

    It cannot know how much there is to do: CloudWatch does not tell. With `disable` nothing is shown.
    """
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn(_COLUMNS), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True, disable=disable) as bar:
        task = bar.add_task("Scheduled", total=None, scanned="0", matched="0", bytes=decimal(0))

        def update(state: QueryState) -> None:
            bar.update(
                task,
                description=state.status,
                scanned=f"{state.scanned:,}",
                matched=f"{state.matched:,}",
                bytes=decimal(state.bytes),
            )

        yield update
