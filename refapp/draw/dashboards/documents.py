"""A dashboard's JSON as what can be drawn of it: sections of panels, their queries and their fields.

The document is Grafana's dashboard model, of any version of its schema:
https://grafana.com/docs/grafana/latest/visualizations/dashboards/build-dashboards/view-dashboard-json-model/
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from refapp.draw.dashboards.interpolation import Chosen
from refapp.draw.dashboards.legacy import modern
from refapp.draw.dashboards.letters import cleaned
from refapp.draw.dashboards.values import items, mapping, mappings, number, string, strings, whole

COLUMNS = 24
"""How wide a dashboard is, in the units of its grid."""

_SPAN = 2  # columns of the grid for each of the twelve that rows had
_PIXELS = 38  # of a row of the grid and the gap below it
_HEIGHT = 9.0
_TALLEST = 200
_OTHER_SOURCES = ("grafana", "dashboard", "mixed")
_TEMPLATED = re.compile(r"^(\$|\[\[)")


class DashboardError(ValueError):
    """What was given is no dashboard that can be drawn."""


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Where a panel is, in units of the grid: 24 columns, and rows of 30 pixels."""

    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True, kw_only=True)
class Target:
    """A query of a panel; `trouble` says why it cannot be asked here."""

    ref: str
    expr: str
    legend: str = ""
    instant: bool = False
    table: bool = False
    buckets: bool = False
    interval: str = ""
    factor: int = 1
    trouble: str = ""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A panel in its present form.

    `fields` and `overrides` are those of its field configuration. `scope` are the variables that only this panel has:
    the value that it is repeated for.
    """

    ident: int
    kind: str
    title: str
    description: str
    grid: Grid
    targets: tuple[Target, ...]
    fields: Mapping[str, Any]
    overrides: tuple[Mapping[str, Any], ...]
    options: Mapping[str, Any]
    transformations: tuple[Mapping[str, Any], ...]
    interval: str = ""
    points: int | None = None
    recent: str = ""
    shift: str = ""
    repeat: str = ""
    upright: bool = False
    per_row: int = 4
    library: bool = False
    scope: Mapping[str, Chosen] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Section:
    """The panels below a row, or those before the first one, which has no title."""

    title: str
    panels: tuple[Panel, ...]
    repeat: str = ""


@dataclass(frozen=True, kw_only=True)
class Document:
    """A dashboard; `variables` are its definitions of them, `constants` what an export asks for when it is imported."""

    title: str
    uid: str
    sections: tuple[Section, ...]
    variables: tuple[Mapping[str, Any], ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)

    @property
    def panels(self) -> tuple[Panel, ...]:
        """Those of all sections."""
        return tuple(panel for section in self.sections for panel in section.panels)


def document(given: object) -> Document:
    """The dashboard of a JSON object, also one wrapped by Grafana's HTTP API.

    Raises:
        DashboardError: it is no object, has no panels, or is of the schema with elements and layouts that Grafana 12
            introduced.
    """
    raw: dict[str, Any] = cleaned(_unwrapped(given))
    if "elements" in raw and "layout" in raw:
        raise DashboardError("this dashboard is of Grafana's schema v2; export it as the classic JSON model")
    if not isinstance(raw.get("panels"), list) and not isinstance(raw.get("rows"), list):
        raise DashboardError("this is no dashboard: a dashboard's JSON has 'panels', or 'rows' before Grafana 5")
    inputs = [one for one in mappings(raw.get("__inputs")) if one.get("type") == "constant"]
    return Document(
        title=string(raw.get("title"), "Untitled"),
        uid=string(raw.get("uid")),
        sections=_sections(raw),
        variables=tuple(mappings(mapping(raw.get("templating")).get("list"))),
        constants={string(one.get("name")): string(one.get("value")) for one in inputs},
    )


def _unwrapped(given: object) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise DashboardError(f"a dashboard is a JSON object, not {type(given).__name__}")
    for wrapper in ("dashboard", "spec"):
        inner = given.get(wrapper)
        if isinstance(inner, dict) and "panels" not in given:
            return inner
    return dict(given)


def _sections(raw: Mapping[str, Any]) -> tuple[Section, ...]:
    if not isinstance(raw.get("panels"), list) or (not raw["panels"] and raw.get("rows")):
        return tuple(_old_rows(raw))
    placed = [(_grid(panel, place), panel) for place, panel in enumerate(mappings(raw["panels"]))]
    found: list[Section] = []
    row: Mapping[str, Any] = {}
    under: list[Panel] = []
    for place, (_, panel) in enumerate(sorted(placed, key=lambda one: (one[0].y, one[0].x))):
        if panel.get("type") == "row":
            found.append(_section(row, under))
            # A row that is folded up keeps its panels to itself; a figure cannot be unfolded, so they are shown.
            row, under = panel, [_panel(one, number) for number, one in enumerate(mappings(panel.get("panels")))]
        else:
            under.append(_panel(panel, place))
    found.append(_section(row, under))
    return tuple(section for section in found if section.panels or section.title)


def _section(row: Mapping[str, Any], under: Iterable[Panel]) -> Section:
    return Section(title=string(row.get("title")), repeat=string(row.get("repeat")), panels=tuple(under))


def _old_rows(raw: Mapping[str, Any]) -> Iterator[Section]:
    """Before Grafana 5 a dashboard had rows of a height in pixels, and a panel spanned some of twelve columns."""
    for row in mappings(raw.get("rows")):
        pixels = number(str(row.get("height", "")).removesuffix("px"))
        height = max(math.ceil((pixels or 250) / _PIXELS), 2)
        titled = row.get("showTitle") or row.get("collapse") or row.get("repeat")
        panels = [_panel(one, place) for place, one in enumerate(_gridded(mappings(row.get("panels")), height))]
        if panels:
            title = string(row.get("title")) if titled else ""
            yield Section(title=title, repeat=string(row.get("repeat")), panels=tuple(panels))


def _gridded(panels: Iterable[dict[str, Any]], height: int) -> Iterator[dict[str, Any]]:
    x = y = 0
    for panel in panels:
        width = whole(panel.get("span"), low=1, high=12, default=12) * _SPAN
        if x + width > COLUMNS:
            x, y = 0, y + height
        yield {**panel, "gridPos": {"x": x, "y": y, "w": width, "h": height}}
        x += width


def _panel(raw: Mapping[str, Any], place: int) -> Panel:
    panel = modern(raw)
    config = mapping(panel.get("fieldConfig"))
    return Panel(
        ident=whole(panel.get("id"), low=0, high=2**31, default=place),
        kind=string(panel.get("type"), "without a type"),
        title=string(panel.get("title")),
        description=string(panel.get("description")),
        grid=_grid(panel, place),
        targets=tuple(_targets(panel)),
        fields=mapping(config.get("defaults")),
        overrides=tuple(mappings(config.get("overrides"))),
        options=mapping(panel.get("options")),
        transformations=tuple(one for one in mappings(panel.get("transformations")) if not one.get("disabled")),
        interval=string(panel.get("interval")),
        points=whole(panel.get("maxDataPoints"), low=2, high=10_000, default=0) or None,
        recent=string(panel.get("timeFrom")),
        shift=string(panel.get("timeShift")),
        repeat=string(panel.get("repeat")),
        upright=panel.get("repeatDirection") == "v",
        per_row=whole(panel.get("maxPerRow"), low=1, high=COLUMNS, default=4),
        library="libraryPanel" in panel and "targets" not in panel,
    )


def _grid(panel: Mapping[str, Any], place: int) -> Grid:
    """Where the panel says that it is; one that does not say it follows those before it."""
    given = mapping(panel.get("gridPos"))
    width = min(max(number(given.get("w")) or COLUMNS / 2, 1), COLUMNS)
    x = min(max(number(given.get("x")) or 0, 0), COLUMNS - width)
    y = number(given.get("y"))
    height = min(max(number(given.get("h")) or _HEIGHT, 1), _TALLEST)
    missing = 0 if panel.get("type") == "row" or given else place * _HEIGHT
    return Grid(x=x, y=missing if y is None else min(max(y, 0), 1e6), w=width, h=height)


def _targets(panel: Mapping[str, Any]) -> Iterator[Target]:
    for place, raw in enumerate(mappings(panel.get("targets"))):
        if raw.get("hide"):
            continue
        form = string(raw.get("format"))
        yield Target(
            ref=string(raw.get("refId")) or chr(ord("A") + place % 26),
            expr=string(raw.get("expr")),
            legend=string(raw.get("legendFormat")),
            instant=bool(raw.get("instant")) and not raw.get("range"),
            table=form == "table",
            buckets=form == "heatmap",
            interval=string(raw.get("interval")) or _step(raw),
            factor=whole(raw.get("intervalFactor"), low=1, high=1000, default=1),
            trouble=_trouble(raw, panel),
        )


def _step(raw: Mapping[str, Any]) -> str:
    step = number(raw.get("step"))
    return f"{step:g}s" if step and raw.get("interval") is None and "intervalFactor" not in raw else ""


def _trouble(target: Mapping[str, Any], panel: Mapping[str, Any]) -> str:
    source = _source(target.get("datasource")) or _source(panel.get("datasource"))
    if source in _OTHER_SOURCES and "expr" in target:
        source = ""
    if source and source != "prometheus" and "expr" not in target:
        return f"the data source {source}"
    if source in ("loki", "tempo", "elasticsearch", "cloudwatch", "influxdb", "graphite", "mysql", "postgres"):
        return f"the data source {source}"
    if "expr" in target and not string(target.get("expr")).strip():
        return "a query that is not empty"
    return "" if "expr" in target else "a query language other than PromQL"


def _source(given: object) -> str:
    """The kind of a data source; empty when it is not told, or a variable."""
    if isinstance(given, dict):
        kind = string(given.get("type"))
        return kind.removeprefix("grafana-").removesuffix("-datasource").removeprefix("__").removesuffix("__")
    name = string(given).strip("- ").lower()
    return "" if not name or _TEMPLATED.match(name) or "prom" in name else name if name in _OTHER_SOURCES else ""


def sections_of(found: Iterable[Section], wanted: object) -> tuple[Section, ...]:
    """The sections with only those panels whose title or id is wanted; all, when nothing is.

    Raises:
        DashboardError: there is no such panel; the message names those that there are.
    """
    sections = tuple(found)
    if wanted is None:
        return sections
    names = [wanted] if isinstance(wanted, str | int) else list(items(wanted) or strings(wanted))
    panels = [panel for section in sections for panel in section.panels]
    for name in names:
        if not any(name in (panel.title, panel.ident) for panel in panels):
            titles = ", ".join(repr(panel.title) for panel in panels if panel.title)
            raise DashboardError(f"no panel is called {name!r}; there are {titles}")
    kept = (
        (section, tuple(panel for panel in section.panels if panel.title in names or panel.ident in names))
        for section in sections
    )
    return tuple(
        Section(title=section.title, repeat=section.repeat, panels=panels) for section, panels in kept if panels
    )
