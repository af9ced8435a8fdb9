"""The command line: deploy, exercise and query the platform."""

import json
import math
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from refapp.cli import cloud, dashboards, faults, measured
from refapp.cli.console import ERR, OUT, Home, Json, fail, parse_duration
from refapp.deploy.autoscaling import Autoscaler, AutoscalerError
from refapp.deploy.errors import DeployError
from refapp.deploy.local.options import LAYERS, Options
from refapp.deploy.local.target import LocalTarget
from refapp.deploy.pods import Phase, Status

app = typer.Typer(
    name="refapp",
    help="Deploy, exercise and query the reference platform of Observing gRPC Microservices.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
_LEVEL_STYLES = {"debug": "dim", "trace": "dim", "warning": "yellow", "error": "red", "fatal": "bold red"}
_UNSHOWN_PORTS = {"app-metrics", "metrics", "mtls"}


@app.command()
def up(
    replicas: Annotated[
        list[str] | None, typer.Option("--replicas", metavar="WORKLOAD=N", help="Pods of a workload; repeatable.")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Public port; 0 for a free one.")] = 0,
    idle: Annotated[str, typer.Option(help="End the platform when nobody used it for so long: 90s, 30m, 2h.")] = "1h",
    log_level: Annotated[str, typer.Option(help="Level at which services log at first.")] = "info",
    fanout: Annotated[str, typer.Option(help="How a service calls its downstreams: concurrent or sequential.")] = (
        "concurrent"
    ),
    mesh: Annotated[bool, typer.Option(help="Give every workload a sidecar.")] = True,
    without: Annotated[
        list[str] | None, typer.Option(metavar="LAYER", help=f"Run the mesh without: {', '.join(LAYERS)}; repeatable.")
    ] = None,
    sampling: Annotated[float, typer.Option(help="Percentage of the requests that are traced.")] = 100.0,
    trace_messages: Annotated[
        str, typer.Option(help="Follow traces through the queue and into databases: parent or link.")
    ] = "",
    origin: Annotated[
        list[str] | None, typer.Option(help="Origin whose pages may call the API; repeatable.", show_default=False)
    ] = None,
    ui: Annotated[bool, typer.Option(help="Serve the user interface.")] = True,
    zipkin: Annotated[str, typer.Option(envvar="REFAPP_ZIPKIN", help="Zipkin to send spans to, not ours.")] = "",
    jaeger: Annotated[str, typer.Option(envvar="REFAPP_JAEGER", help="Jaeger to ask for traces, not ours.")] = "",
    otlp: Annotated[str, typer.Option(envvar="REFAPP_OTLP", help="OTLP/HTTP address for spans of messages.")] = "",
    time_scale: Annotated[
        float, typer.Option(help="How long a second of a cluster is, to alerts and autoscalers.")
    ] = Options.time_scale,
    monitoring: Annotated[bool, typer.Option(help="Have Prometheus and Alertmanager watch the platform.")] = True,
    scrape_interval: Annotated[float, typer.Option(help="Seconds from one scrape of metrics to the next.")] = (
        Options.scrape_interval
    ),
    slack: Annotated[
        str, typer.Option(envvar="REFAPP_SLACK", help="Incoming webhook that gets alerts, not our inbox.")
    ] = "",
    prometheus: Annotated[
        str, typer.Option(envvar="REFAPP_PROMETHEUS", help="Prometheus to ask for metrics, not ours.")
    ] = "",
    kiali: Annotated[str, typer.Option(envvar="REFAPP_KIALI", help="Kiali to ask for the graph, not ours.")] = "",
    cloudwatch: Annotated[bool, typer.Option(help="Send logs and measurements to CloudWatch.")] = True,
    aws: Annotated[str, typer.Option(envvar="REFAPP_AWS", help="Endpoint that stands for AWS, not ours.")] = "",
    log_size: Annotated[float, typer.Option(help="MiB at which the log of a container is rotated.")] = Options.log_size,
    log_files: Annotated[int, typer.Option(help="Files that are kept of the log of a container.")] = Options.log_files,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Start the platform, or attach to the one that is running, and wait until it works."""
    options = Options(
        replicas=dict(_replicas(text) for text in replicas or []),
        port=port,
        idle=parse_duration(idle),
        log_level=log_level,
        fanout=fanout,
        mesh=mesh,
        without=tuple(without or ()),
        sampling=sampling,
        trace_messages=trace_messages,
        origins=tuple(origin) if origin else Options.origins,
        ui=ui,
        zipkin=zipkin,
        jaeger=jaeger,
        otlp=otlp,
        time_scale=time_scale,
        monitoring=monitoring,
        scrape_interval=scrape_interval,
        slack=slack,
        prometheus=prometheus,
        kiali=kiali,
        cloudwatch=cloudwatch,
        aws=aws,
        log_size=log_size,
        log_files=log_files,
    )
    began = time.monotonic()
    with ERR.status("starting the platform") as spinner:
        status = LocalTarget(home).start(options, lambda status: spinner.update(_describe(status)))
    if as_json:
        _print_json(status.to_dict())
        return
    elapsed = time.monotonic() - began
    OUT.print(f"[green]ready[/] after {elapsed:.1f} s: {len(status.pods)} pods, up for {status.age:.0f} s")
    OUT.print(f"try   curl {status.urls['ingress']}/api/greeting", highlight=False, soft_wrap=True)
    if page := status.urls.get("ui"):
        OUT.print(f"open  {page}", highlight=False, soft_wrap=True)


@app.command()
def status(home: Home = None, as_json: Json = False) -> None:
    """Show the pods of the platform and the addresses to reach it."""
    now = LocalTarget(home).status(use=False)
    if as_json:
        _print_json(now.to_dict())
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("POD", no_wrap=True)
    for header in ("READY", "RESTARTS", "CPU", "MEMORY"):
        table.add_column(header, justify="right")
    table.add_column("PORTS")
    for pod in now.pods:
        ready = "[green]yes[/]" if pod.ready else "[red]no[/]"
        ports = " ".join(f"{name}:{port}" for name, port in pod.ports.items() if name not in _UNSHOWN_PORTS)
        ports += f" [yellow]{pod.reason}[/]" if pod.restarts else ""
        table.add_row(pod.name, ready, str(pod.restarts), f"{pod.cpu:.0f}m", f"{pod.memory / 1024**2:.0f}Mi", ports)
    OUT.print(table)
    memory = sum(pod.memory for pod in now.pods) / 1024**2
    OUT.print(f"\n{now.phase} for {now.age:.0f} s, {len(now.pods)} pods, {memory:.0f}Mi in all")
    for one in now.autoscalers:
        used = ", ".join(
            f"{name} {one.utilisation.get(name, math.nan):.0f} % of {one.targets[name]} %" for name in one.targets
        )
        OUT.print(f"{one.workload} is scaled between {one.minimum} and {one.maximum} pods: {one.current} now, {used}")
    for name, url in now.urls.items():
        OUT.print(f"{name:<18}{url}", highlight=False, soft_wrap=True)


@app.command()
def logs(
    of: Annotated[str | None, typer.Argument(metavar="[POD|WORKLOAD]", help="Whose logs; of all when absent.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with the lines that come.")] = False,
    level: Annotated[str | None, typer.Option(help="Only lines of this level and above.")] = None,
    since: Annotated[str | None, typer.Option(help="Only lines younger than this: 30s, 5m, 1h.")] = None,
    contains: Annotated[str | None, typer.Option(help="Only lines that contain this text.")] = None,
    container: Annotated[
        str | None,
        typer.Option(help="Only lines of this container, as istio-proxy; '*' for all. Without: not those of sidecars."),
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Show what the pods have logged, merged by time."""
    from refapp.query.logs import Logs  # noqa: PLC0415

    local = LocalTarget(home)
    selection: dict[str, Any] = {"level": level, "contains": contains, "container": container}
    if of:
        pods = local.logged_pods()
        if of not in {*pods, *pods.values()}:
            raise DeployError(
                f"no pod or workload named {of!r} has logged; there are {', '.join(sorted(pods)) or 'none'}"
            )
        selection["pod" if of in pods else "workload"] = of
    if since:
        selection["since"] = datetime.now(UTC) - timedelta(seconds=parse_duration(since))
    reader = Logs(local)
    try:
        lines = reader.follow(**selection) if follow else iter(reader.lines(**selection))
        for line in lines:
            if as_json:
                _print_json(
                    {
                        "time": line.time.isoformat(),
                        "level": line.level,
                        "workload": line.workload,
                        "pod": line.pod,
                        "msg": line.msg,
                        **line.fields,
                    },
                    indent=None,
                )
            else:
                _print_line(line)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


@app.command()
def load(
    users: Annotated[int | None, typer.Option(min=1, help="Users that send one request after the other.")] = None,
    rate: Annotated[float | None, typer.Option(help="Requests a second, whatever becomes of them.")] = None,
    duration: Annotated[str, typer.Option(help="How long: 10s, 2m.")] = "10s",
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Put the public REST address under load and report how it answered (15 users by default)."""
    from refapp.exercise import load as generator  # noqa: PLC0415

    url = LocalTarget(home).urls()["ingress"] + "/api/greeting"
    seconds = parse_duration(duration)
    columns = (BarColumn(), TextColumn("{task.fields[requests]} requests"), TimeElapsedColumn())
    with Progress(*columns, console=ERR, transient=True, disable=as_json) as bar:
        task = bar.add_task("load", total=seconds, requests=0)
        try:
            report = generator.run(
                url,
                users=users,
                rate=rate,
                duration=seconds,
                progress=lambda elapsed, requests: bar.update(task, completed=elapsed, requests=requests),
            )
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
    if as_json:
        _print_json(report.to_dict())
        return
    failed = f"[red]{report.failed} failed[/]" if report.failed else "none failed"
    OUT.print(f"{report.requests} requests in {report.duration:.1f} s, {report.rate:.0f}/s, {failed}", highlight=False)
    if report.latencies:
        quantiles = (f"p{q * 100:.0f} {report.quantile(q):.1f} ms" for q in (0.5, 0.9, 0.99))
        OUT.print(f"latency  {'   '.join(quantiles)}", highlight=False)
    for kind, count in report.errors.items():
        OUT.print(f"[red]{count} of {kind}[/]", highlight=False)


@app.command()
def scale(
    workload: Annotated[str, typer.Argument(help="The workload that is to have more pods, or fewer.")],
    replicas: Annotated[int, typer.Argument(help="How many.")],
    home: Home = None,
) -> None:
    """Give a workload so many pods; requests go on meanwhile."""
    with ERR.status(f"scaling {workload}"):
        LocalTarget(home).scale(workload, replicas)


@app.command()
def autoscale(
    workload: Annotated[str, typer.Argument(help="The workload that is to be scaled by the use of its pods.")],
    minimum: Annotated[int, typer.Option("--min", help="The fewest pods.")] = 2,
    maximum: Annotated[int, typer.Option("--max", help="The most pods.")] = 6,
    cpu: Annotated[int, typer.Option(help="Per cent of the CPU that its pods request; 0: it does not count.")] = 80,
    memory: Annotated[int, typer.Option(help="Per cent of the memory that they request; 0: it does not count.")] = 0,
    off: Annotated[bool, typer.Option("--off", help="Leave the workload at the pods that it has.")] = False,
    home: Home = None,
) -> None:
    """Have a workload scaled by itself, as a HorizontalPodAutoscaler does."""
    targets = {name: share for name, share in (("cpu", cpu), ("memory", memory)) if share}
    try:
        asked = None if off else Autoscaler(minimum=minimum, maximum=maximum, targets=targets)
    except AutoscalerError as error:
        raise typer.BadParameter(str(error)) from error
    LocalTarget(home).autoscale(workload, asked)


@app.command("log-level")
def log_level(
    workload: Annotated[str, typer.Argument(help="The workload whose pods are to change.")],
    level: Annotated[str, typer.Argument(help="trace, debug, info, warning, error, fatal or panic.")],
    home: Home = None,
) -> None:
    """Change the level at which a workload logs, without a restart."""
    from refapp.platform import attach  # noqa: PLC0415

    try:
        attach(home=home).set_log_level(workload, level)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


app.command()(faults.kill)
app.command()(faults.stress)
app.command()(faults.fault)
app.command()(measured.top)
app.command()(measured.query)
app.command()(cloud.insights)
app.command()(cloud.env)
app.add_typer(dashboards.app, name="dashboards")


@app.command()
def down(home: Home = None) -> None:
    """Stop the platform; its logs stay until the next one starts."""
    with ERR.status("stopping the platform"):
        LocalTarget(home).stop()


def main() -> None:
    """Run the command line; errors that a user can do something about are one line."""
    try:
        app()
    except DeployError as error:
        fail(error)
    except (KeyboardInterrupt, BrokenPipeError):
        sys.exit(130)


def _describe(status: Status) -> str:
    if status.phase in {Phase.STOPPING, Phase.FAILED}:
        return "waiting for a platform to end"
    waiting = [pod.workload for pod in status.pods if not pod.ready]
    ready = f"{len(status.pods) - len(waiting)} of {len(status.pods)} pods ready"
    return f"{ready}, waiting for {', '.join(waiting)}" if waiting else f"{ready}, waiting for the first request"


def _print_json(data: dict[str, Any], indent: int | None = 2) -> None:
    typer.echo(json.dumps(data, ensure_ascii=False, indent=indent, default=str))


def _print_line(line: Any) -> None:
    fields = " ".join(f"{key}={value}" for key, value in line.fields.items() if key not in {"function", "line"})
    style = _LEVEL_STYLES.get(line.level, "")
    level = f"[{style}]{line.level:<8}[/]" if style else f"{line.level:<8}"
    text = f"[dim]{line.time:%H:%M:%S}.{line.time.microsecond // 1000:03d}[/] {level}[cyan]{line.pod}[/] "
    OUT.print(f"{text}{escape(line.msg)} [dim]{escape(fields)}[/]", highlight=False, soft_wrap=True)


def _replicas(text: str) -> tuple[str, int]:
    name, _, count = text.partition("=")
    if not count.isdecimal():
        raise typer.BadParameter(f"{text!r} is not of the form WORKLOAD=N", param_hint="--replicas")
    return name, int(count)
