"""A dashboard as one figure, one of its panels alone, and the expressions of all of them."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

from matplotlib.figure import Figure

from refapp.draw.dashboards.colours import SeriesColours
from refapp.draw.dashboards.documents import COLUMNS, DashboardError, Document, Grid, Panel, document, sections_of
from refapp.draw.dashboards.framing import SECTION, Framed, Head, section
from refapp.draw.dashboards.gallery import picture_of
from refapp.draw.dashboards.interpolation import Chosen, interpolate, plain, shown
from refapp.draw.dashboards.intervals import intervals
from refapp.draw.dashboards.layout import GAP, Box, arrange
from refapp.draw.dashboards.picture import Content, Page
from refapp.draw.dashboards.queries import Window, expression_of, run, window_of
from refapp.draw.dashboards.repeats import repeated
from refapp.draw.dashboards.source import Asker, Source
from refapp.draw.dashboards.variables import Choices, Wanted, choose, without_source
from refapp.draw.style import WIDTH
from refapp.monitoring.dashboards import catalogue

Given: TypeAlias = Mapping[str, Any] | str | Path
"""A dashboard: its JSON, the path of a file with it, or the name of one of the platform's own."""

LAST = timedelta(minutes=15)
SCRAPE = timedelta(seconds=2)
_AT_ONCE = 4  # panels that are asked for
_NARROWEST = 3.0  # inches that a panel is drawn on
_ALONE = 10  # rows of the grid that a panel has at least when it is explored


@dataclass(frozen=True)
class Expression:
    """An expression of a panel with all variables replaced, and the panel's description."""

    dashboard: str
    panel: str
    expression: str
    description: str = ""


def dashboard(
    given: Given,
    source: Source,
    variables: Wanted | None = None,
    last: timedelta = LAST,
    panels: str | int | Sequence[str | int] | None = None,
    *,
    until: datetime | None = None,
    scrape: timedelta = SCRAPE,
) -> Figure:
    """A dashboard as Grafana shows it, as wide as the book and as high as it needs.

    Rows that are folded up are shown unfolded. Where panels would be too narrow to be read they follow each other. What
    is not drawn here, or could not be asked, is said in the panel. Times are UTC.

    Args:
        given: its JSON, of any version of the schema but Grafana's v2; the path of a file with it; or the name of one
            of the platform's own dashboards.
        source: a Prometheus, such as `refapp.query.metrics.PanelSource`.
        variables: values by the names of the dashboard's variables; `All` stands for all, several are a list.
        last: how long the time is that is shown.
        panels: titles or ids of the panels to draw; all without.
        until: its end; now without.
        scrape: how often series are scraped, which `$__rate_interval` follows from.

    Raises:
        DashboardError: it is no dashboard, or has no such panel or variable; the message names those that there are.
    """
    read = _read(given)
    asker, window = Asker(source), _window(last, until, scrape)
    choices = _choices(read, asker, window, variables)
    chosen = _known(read, choices, window)
    colours = SeriesColours()
    sections = repeated(sections_of(read.sections, panels), chosen)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        asked = pool.map(lambda one: _content(one, asker, chosen, window), (p for one in sections for p in one.panels))
        laid = [(one.title, [_framed(next(asked), colours) for _ in one.panels]) for one in sections]
    span = f"{_clock(window.start)} to {_clock(window.end, date=False)} UTC"
    head = Head(title=read.title, variables=choices.shown(), span=span, notes=choices.notes)
    return _drawn(head, laid, colours)


def panel(
    given: Given,
    source: Source,
    which: str | int,
    query: str | Mapping[str, str] | None = None,
    variables: Wanted | None = None,
    last: timedelta = LAST,
    *,
    until: datetime | None = None,
    scrape: timedelta = SCRAPE,
) -> Figure:
    """One panel over the whole width, with its expressions; as Grafana's *Explore* shows it.

    Args:
        given: as for `dashboard`.
        source: as for `dashboard`.
        which: its title or its id; the first one, where several have the same.
        query: asked instead of the panel's first query; or queries by their letters, for those to be changed.
        variables: as for `dashboard`.
        last: as for `dashboard`.
        until: as for `dashboard`.
        scrape: as for `dashboard`.

    Raises:
        DashboardError: as for `dashboard`; or the panel has no such query.
    """
    read = _read(given)
    asker, window = Asker(source), _window(last, until, scrape)
    chosen = _known(read, _choices(read, asker, window, variables), window)
    found = sections_of(read.sections, [which])[0].panels[0]
    changed = _changed(found, query)
    grid = Grid(x=0, y=0, w=COLUMNS, h=max(changed.grid.h, _ALONE))
    alone = replace(changed, grid=grid, repeat="")
    remarks = [interpolate(alone.description, {**chosen, **alone.scope}, shown)]
    for target in alone.targets:
        expression, spans = expression_of(target, alone, chosen, window_of(alone, window), WIDTH)
        remarks.append(f"{target.ref}: {expression}   (step {spans.step:g} s)" if not target.instant else expression)
    content = _content(alone, asker, chosen, window)
    framed = _framed(content, SeriesColours(), tuple(filter(None, remarks)))
    return _drawn(None, [("", [framed])], SeriesColours())


def expressions(
    given: Given,
    variables: Wanted | None = None,
    source: Source | None = None,
    last: timedelta = LAST,
    *,
    until: datetime | None = None,
    scrape: timedelta = SCRAPE,
) -> list[Expression]:
    """All expressions of a dashboard, in the order of its panels, with all variables replaced.

    Args:
        given: as for `dashboard`.
        variables: as for `dashboard`.
        source: asked for the values of variables; without it those that ask a Prometheus are `.*`.
        last: as for `dashboard`.
        until: as for `dashboard`.
        scrape: as for `dashboard`.

    Raises:
        DashboardError: as for `dashboard`.
    """
    read, window = _read(given), _window(last, until, scrape)
    if source is None:
        choices = without_source(read.variables, variables)
    else:
        choices = _choices(read, Asker(source), window, variables)
    chosen = _known(read, choices, window)
    return list(_expressions(read, chosen, window))


def _expressions(read: Document, chosen: Mapping[str, Chosen], window: Window) -> Iterator[Expression]:
    for one in repeated(read.sections, chosen):
        for own in one.panels:
            known = {**chosen, **own.scope}
            for target in own.targets:
                if not target.trouble:
                    asked, _ = expression_of(target, own, chosen, window_of(own, window), WIDTH)
                    yield Expression(read.title, interpolate(own.title, known, shown), asked, own.description)


def _read(given: Given) -> Document:
    if isinstance(given, Mapping):
        return document(dict(given))
    if isinstance(given, str) and given in catalogue.names():
        return document(catalogue.by_name(given))
    path = Path(given)
    if not path.is_file():
        raise DashboardError(f"no dashboard is called {str(given)!r}; there are {', '.join(catalogue.names())}")
    try:
        return document(json.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        raise DashboardError(f"{path}: {error}") from error


def _window(last: timedelta, until: datetime | None, scrape: timedelta) -> Window:
    end = (until or datetime.now(UTC)).timestamp()
    return Window(start=end - last.total_seconds(), end=end, scrape=scrape.total_seconds())


def _choices(read: Document, asker: Asker, window: Window, wanted: Wanted | None) -> Choices:
    spans = intervals(window.span, round(WIDTH * 100), scrape=window.scrape)
    return choose(read.variables, asker.lookup(window.end), wanted, spans.variables())


def _known(read: Document, choices: Choices, window: Window) -> dict[str, Chosen]:
    """The variables, and those that every dashboard has."""
    everywhere = {
        "__dashboard": read.title,
        "__from": f"{window.start * 1000:.0f}",
        "__to": f"{window.end * 1000:.0f}",
        "__org": "1",
        **read.constants,
    }
    return {**plain(everywhere), **choices.chosen}


def _content(own: Panel, asker: Asker, chosen: Mapping[str, Chosen], window: Window) -> Content:
    data = run(own, asker, chosen, window, max(own.grid.w / COLUMNS * WIDTH, _NARROWEST))
    return Content(panel=own, data=data, chosen=chosen)


def _framed(content: Content, colours: SeriesColours, remarks: tuple[str, ...] = ()) -> Framed:
    return Framed(content, picture_of(content, colours), remarks)


def _changed(own: Panel, query: str | Mapping[str, str] | None) -> Panel:
    """The panel with other queries."""
    if query is None:
        return own
    letters = [target.ref for target in own.targets]
    if not letters:
        raise DashboardError(f"the panel {own.title!r} has no query that could be changed")
    wanted = {letters[0]: query} if isinstance(query, str) else dict(query)
    if unknown := [letter for letter in wanted if letter not in letters]:
        raise DashboardError(f"the panel {own.title!r} has no query {unknown[0]!r}; there are {', '.join(letters)}")
    targets = (
        replace(one, expr=wanted[one.ref], trouble="") if one.ref in wanted else one
        for one in (own.targets[:1] if isinstance(query, str) else own.targets)
    )
    return replace(own, targets=tuple(targets))


def _drawn(head: Head | None, laid: Iterable[tuple[str, Sequence[Framed]]], colours: SeriesColours) -> Figure:
    y = head.height if head else 0.0
    headings: list[tuple[str, float]] = []
    placed: list[tuple[Framed, Box]] = []
    for title, panels in laid:
        if title:
            headings.append((title, y))
            y += SECTION
        boxes, y = arrange([one.claim for one in panels], y)
        placed.extend(zip(panels, boxes, strict=True))
    page = Page(max(y - GAP, 0.4) + 0.02, colours)
    if head:
        head.draw(page)
    for number, (title, at) in enumerate(headings):
        section(page, title, at, f"row {number}")
    for number, (framed, box) in enumerate(placed):
        framed.draw(page, box, f"panel {number}")
    return page.figure


def _clock(moment: float, *, date: bool = True) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S" if date else "%H:%M:%S")
