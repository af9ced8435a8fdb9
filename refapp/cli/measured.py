"""Commands that ask what was measured: the use of pods and nodes, and any expression of PromQL."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table

from refapp.cli.console import OUT, Home, Json, errors_told, parse_duration


class Kind(StrEnum):
    """What `refapp top` lists."""

    PODS = "pods"
    NODES = "nodes"


class Order(StrEnum):
    """By what `refapp top` sorts."""

    NAME = "name"
    CPU = "cpu"
    MEMORY = "memory"


def top(
    kind: Annotated[Kind, typer.Argument(help="Of what.")] = Kind.PODS,
    containers: Annotated[bool, typer.Option("--containers", help="Each container of the pods.")] = False,
    sort_by: Annotated[Order, typer.Option(help="What decides on the order; the most comes first.")] = Order.NAME,
    namespace: Annotated[str, typer.Option("--namespace", "-n", help="The namespace of the pods.")] = "dev",
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Show what pods or nodes use of CPU and memory, as `kubectl top` does."""
    from refapp.platform import attach  # noqa: PLC0415 - pandas takes half a second
    from refapp.query.resources import format_cpu, format_memory  # noqa: PLC0415

    resources = attach(home=home).resources
    with errors_told():
        frame = resources.nodes() if kind is Kind.NODES else resources.pods(containers, namespace=namespace)
    if sort_by is not Order.NAME:
        frame = frame.sort_values(sort_by, ascending=False)
    if as_json:
        typer.echo(frame.to_json(orient="records", indent=2))
        return
    texts = frame.assign(cpu=frame["cpu"].map(format_cpu), memory=frame["memory"].map(format_memory))
    for share in {"cpu_percent", "memory_percent"} & set(texts):
        texts[share] = texts[share].map("{:.0f}%".format)
    headers = {"pod": "POD", "name": "NAME", "cpu": "CPU(cores)", "cpu_percent": "CPU%"}
    headers |= {"memory": "MEMORY(bytes)", "memory_percent": "MEMORY%"}
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in texts:
        table.add_column(headers[str(column)], no_wrap=True)
    for row in texts.itertuples(index=False):
        table.add_row(*map(str, row))
    OUT.print(table)


def query(
    expression: Annotated[str, typer.Argument(help="An expression of PromQL.")],
    last: Annotated[str, typer.Option(help="Over so long, and not at the moment: 90s, 30m, 2h.")] = "",
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Ask Prometheus."""
    from refapp.platform import attach  # noqa: PLC0415

    metrics = attach(home=home).metrics
    span = timedelta(seconds=parse_duration(last)) if last else None
    with errors_told():
        frame = metrics.range(expression, last=span) if span else metrics.instant(expression)
    if as_json:
        typer.echo(frame.to_json(orient="split" if last else "records", date_format="iso", indent=2))
    else:
        OUT.print(frame.to_string(index=bool(last)) if len(frame) else "no data", highlight=False, soft_wrap=True)
