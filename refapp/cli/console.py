"""What all commands share: where they write, and the options that each of them has."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

OUT, ERR = Console(), Console(stderr=True)

Home = Annotated[
    Path | None,
    typer.Option("--home", envvar="REFAPP_HOME", help="Directory for all state of the platform.", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]

_SECONDS = {"s": 1, "m": 60, "h": 3600}


def parse_duration(text: str) -> float:
    """The seconds of a duration such as `90s`, `30m` or `2h`.

    Raises:
        BadParameter: it is none.
    """
    number, unit = (text[:-1], text[-1]) if text[-1:] in _SECONDS else (text, "s")
    try:
        seconds = float(number) * _SECONDS[unit]
    except ValueError:
        seconds = 0.0
    if not seconds > 0:
        raise typer.BadParameter(f"{text!r} is no duration; write 90s, 30m or 2h")
    return seconds


def fail(error: Exception) -> NoReturn:
    """Say in a few lines what a user can do something about, and end."""
    ERR.print(f"[red]error[/]: {escape(str(error))}", highlight=False, soft_wrap=True)
    sys.exit(1)


@contextmanager
def errors_told() -> Iterator[None]:
    """Say in a few lines what a user can do something about, and end."""
    from refapp.query.answers import BackendError  # noqa: PLC0415 - pandas takes half a second
    from refapp.query.metrics import ExpressionError, NoMetricsError  # noqa: PLC0415
    from refapp.query.resources import ResourcesError  # noqa: PLC0415

    try:
        yield
    except (BackendError, ExpressionError, NoMetricsError, ResourcesError) as error:
        fail(error)
