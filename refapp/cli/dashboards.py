"""Commands for the dashboards of Grafana."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from refapp.cli.console import OUT, fail
from refapp.monitoring.dashboards import catalogue, provision
from refapp.monitoring.dashboards.model import Dashboard
from refapp.monitoring.dashboards.provision import FOLDER, Credentials, GrafanaError

app = typer.Typer(help="The dashboards of the platform, for a Grafana.", no_args_is_help=True)

Names = Annotated[
    list[str] | None, typer.Argument(metavar="[NAME]...", help="Titles or uids of dashboards; all when absent.")
]


@app.command("list")
def listed() -> None:
    """Show the dashboards there are."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for header in ("UID", "TITLE", "PANELS"):
        table.add_column(header, no_wrap=True, justify="right" if header == "PANELS" else "left")
    for one in catalogue.dashboards():
        table.add_row(one.uid, one.title, str(sum(len(row.panels) for row in one.rows)))
    OUT.print(table)


@app.command()
def show(name: Annotated[str, typer.Argument(help="The title or the uid of a dashboard.")]) -> None:
    """Print the JSON of a dashboard, as Grafana imports it."""
    (found,) = _chosen([name])
    typer.echo(provision.written(found.json()), nl=False)


@app.command()
def write(
    directory: Annotated[Path, typer.Argument(help="Grafana's provisioning directory.")],
    names: Names = None,
    prometheus: Annotated[
        str, typer.Option(envvar="REFAPP_PROMETHEUS", help="The Prometheus, as Grafana reaches it.")
    ] = "http://prometheus:9090",
) -> None:
    """Write the files that a Grafana reads when it starts: its data source, and the dashboards."""
    try:
        paths = provision.write(directory, prometheus, found=_chosen(names))
    except OSError as error:
        raise typer.BadParameter(f"{directory} cannot be written to: {error.strerror}") from error
    for path in paths:
        OUT.print(str(path), highlight=False, soft_wrap=True)


@app.command()
def push(
    url: Annotated[str, typer.Argument(help="Of a Grafana that runs, with the path that it is served below.")],
    names: Names = None,
    token: Annotated[
        str | None, typer.Option(envvar="REFAPP_GRAFANA_TOKEN", help="Token of a service account.", show_default=False)
    ] = None,
    user: Annotated[str | None, typer.Option(help="A user, instead of a token.", show_default=False)] = None,
    password: Annotated[
        str | None, typer.Option(envvar="REFAPP_GRAFANA_PASSWORD", help="The user's password.", show_default=False)
    ] = None,
    folder: Annotated[str, typer.Option(help="The folder for them; made when there is none.")] = FOLDER,
) -> None:
    """Put the dashboards into a Grafana; those that it has already are replaced."""
    try:
        who = Credentials(token=token, user=user, password=password)
        pushed = provision.push(url, who, _chosen(names), folder=folder)
    except GrafanaError as error:
        fail(error)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    for one in pushed:
        OUT.print(f"{one.title}  {one.url}", highlight=False, soft_wrap=True)


def _chosen(names: list[str] | None) -> list[Dashboard]:
    every = catalogue.dashboards()
    known = {name: one for one in every for name in (one.title, one.uid)}
    if unknown := [name for name in names or () if name not in known]:
        titles = ", ".join(one.title for one in every)
        raise typer.BadParameter(f"there is no dashboard {unknown[0]!r}; there are {titles}")
    return [known[name] for name in names] if names else list(every)
