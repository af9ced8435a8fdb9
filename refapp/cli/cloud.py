"""Commands that ask CloudWatch, and that let others ask it."""

import shlex
from datetime import timedelta
from typing import Annotated

import typer
from rich.filesize import decimal

from refapp.cli.console import ERR, OUT, Home, Json, errors_told, parse_duration


def insights(
    query: Annotated[str, typer.Argument(help="A query of Logs Insights.")],
    group: Annotated[
        list[str] | None,
        typer.Option("--group", "-g", help="Log group, or its last word, such as application; repeatable."),
    ] = None,
    last: Annotated[str, typer.Option(help="Of events from so long ago on: 90s, 30m, 2h.")] = "1h",
    limit: Annotated[int | None, typer.Option(min=1, help="The most rows.", show_default=False)] = None,
    url: Annotated[bool, typer.Option("--url", help="Print the query's address in AWS's console instead.")] = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Ask CloudWatch Logs Insights."""
    from refapp.platform import attach  # noqa: PLC0415 - pandas takes half a second
    from refapp.query.cloudwatch import progress_bar  # noqa: PLC0415

    logs = attach(home=home).logs
    span = timedelta(seconds=parse_duration(last))
    with errors_told():
        if url:
            typer.echo(logs.url(query, group, last=span))
            return
        with progress_bar(ERR, disable=not ERR.is_terminal) as progress:
            frame = logs.query(query, group, last=span, limit=limit, progress=progress)
    if as_json:
        typer.echo(frame.to_json(orient="records", date_format="iso", indent=2))
        return
    shown = frame.drop(columns="@ptr", errors="ignore")
    OUT.print(shown.to_string(index=False) if len(shown) else "no results", highlight=False, soft_wrap=True)
    told = frame.attrs["statistics"]
    ERR.print(
        f"{int(told['recordsMatched']):,} of {int(told['recordsScanned']):,} records matched, "
        f"{decimal(int(told['bytesScanned']))} scanned, {frame.attrs['elapsed']:.2f} s",
        style="dim",
        highlight=False,
    )


def env(home: Home = None) -> None:
    """Print what a shell has to be told to use the platform as AWS: eval "$(refapp env)"."""
    from refapp.platform import attach  # noqa: PLC0415

    with errors_told():
        variables = attach(home=home).cloud.environment()
    for name, value in variables.items():
        typer.echo(f"export {name}={shlex.quote(value)}")
