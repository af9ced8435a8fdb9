"""What a panel makes of the frames of its queries before it shows them.

https://grafana.com/docs/grafana/latest/panels-visualizations/query-transform-data/transform-data/
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np

from refapp.draw.dashboards import joins
from refapp.draw.dashboards.frames import Column, Frame, Kind, numbers, texts
from refapp.draw.dashboards.reductions import reduce, title
from refapp.draw.dashboards.values import mapping, mappings, number, string, strings

Frames: TypeAlias = list[Frame]
Transformation: TypeAlias = Callable[[Frames, Mapping[str, Any]], Frames]


_GROUP = re.compile(r"\$(\d{1,3})")


class UnsupportedTransformationError(ValueError):
    """A transformation, or one of its options, is not done here."""


def transform(frames: Sequence[Frame], wanted: Sequence[Mapping[str, Any]]) -> Frames:
    """The frames after all transformations, one after the other.

    Raises:
        UnsupportedTransformationError: one is not known; the message names it.
        ValueError: one asks for a calculation that there is not.
    """
    found = list(frames)
    for one in wanted:
        ident = string(one.get("id"))
        change = _TRANSFORMATIONS.get(ident)
        if change is None:
            raise UnsupportedTransformationError(f"the transformation {ident}")
        chosen = _filtered(one, found)
        found = [*change(chosen, mapping(one.get("options"))), *(frame for frame in found if frame not in chosen)]
    return found


def _filtered(wanted: Mapping[str, Any], frames: Frames) -> Frames:
    """Those that the transformation is for: all, or those of some queries."""
    matcher = mapping(wanted.get("filter"))
    if string(matcher.get("id")) != "byRefId":
        return frames
    return [frame for frame in frames if re.fullmatch(string(matcher.get("options")) or ".*", frame.ref)]


def _organize(frames: Frames, options: Mapping[str, Any]) -> Frames:
    excluded, indexes = mapping(options.get("excludeByName")), mapping(options.get("indexByName"))
    renamed = mapping(options.get("renameByName"))
    included = mapping(options.get("includeByName"))

    def organized(frame: Frame) -> Frame:
        kept = [column for column in frame.columns if not excluded.get(column.called)]
        if included:
            kept = [column for column in kept if included.get(column.called, False)]
        kept.sort(key=lambda column: number(indexes.get(column.called, len(indexes))) or 0)
        named = (replace(column, title=string(renamed.get(column.called)) or column.title) for column in kept)
        return replace(frame, columns=tuple(named))

    return [organized(frame) for frame in frames]


def _filter_names(frames: Frames, options: Mapping[str, Any]) -> Frames:
    include, exclude = mapping(options.get("include")), mapping(options.get("exclude"))

    def kept(column: Column) -> bool:
        if exclude and _named(column, exclude):
            return False
        return not include or _named(column, include)

    found = (replace(frame, columns=tuple(filter(kept, frame.columns))) for frame in frames)
    return [frame for frame in found if frame.columns]


def _named(column: Column, wanted: Mapping[str, Any]) -> bool:
    pattern = string(wanted.get("pattern"))
    listed = column.called in strings(wanted.get("names"))
    return listed or bool(pattern and _compile(pattern).search(column.called))


def _filter_queries(frames: Frames, options: Mapping[str, Any]) -> Frames:
    pattern = string(options.get("include")) or ".*"
    return [frame for frame in frames if _compile(pattern).fullmatch(frame.ref)]


def _rename(frames: Frames, options: Mapping[str, Any]) -> Frames:
    pattern = _compile(string(options.get("regex")) or "(.*)")
    form = string(options.get("renamePattern"), "$1")

    def named(match: re.Match[str]) -> str:
        """As in JavaScript, the number of a group that there is not stands for itself."""
        there = range(1, pattern.groups + 1)
        return _GROUP.sub(lambda one: match[int(one[1])] or "" if int(one[1]) in there else one[0], form)

    def renamed(column: Column) -> Column:
        if column.kind is Kind.TIME:
            return column
        return replace(column, title=pattern.sub(named, column.called, count=1))

    return [replace(frame, columns=tuple(map(renamed, frame.columns))) for frame in frames]


def _reduce(frames: Frames, options: Mapping[str, Any]) -> Frames:
    """A row for each series and a column for each calculation; or one row, of the first calculation of each column."""
    reducers = strings(options.get("reducers")) or ["max"]
    if string(options.get("mode"), "seriesToRows") == "reduceFields":
        return [_one_row(frame, reducers[0]) for frame in frames]
    columns = [column for frame in frames for column in frame.of(Kind.NUMBER)]
    reduced = [numbers(title(name), [_or_nan(reduce(column.values, name)) for column in columns]) for name in reducers]
    ref = frames[0].ref if frames else "A"
    return [Frame(columns=(texts("Field", [column.called for column in columns]), *reduced), ref=ref)]


def _one_row(frame: Frame, name: str) -> Frame:
    columns = (
        replace(column, values=np.array([_or_nan(reduce(column.values, name))])) for column in frame.of(Kind.NUMBER)
    )
    return replace(frame, columns=tuple(columns))


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value


def _sort_by(frames: Frames, options: Mapping[str, Any]) -> Frames:
    for one in reversed(mappings(options.get("sort"))):
        frames = [_sorted(frame, one) for frame in frames]
    return frames


def _sorted(frame: Frame, by: Mapping[str, Any]) -> Frame:
    wanted = by.get("field", by.get("column"))
    if isinstance(wanted, int):
        column = frame.columns[wanted] if -len(frame.columns) <= wanted < len(frame.columns) else None
    else:
        column = frame.column(string(wanted))
    if column is None:
        return frame
    rows = order(column)
    return frame.take(rows[::-1] if by.get("desc") else rows)


def order(column: Column) -> Any:
    """The rows from the smallest to the largest; those without a value come first."""
    if column.kind is Kind.TEXT:
        return np.argsort(np.array([value or "" for value in column.values], dtype=str), kind="stable")
    return np.argsort(np.where(np.isnan(column.values), -np.inf, column.values), kind="stable")


def _limit(frames: Frames, options: Mapping[str, Any]) -> Frames:
    count = number(options.get("limitField", 10))
    return [frame.take(np.arange(len(frame))[: int(count)]) if count is not None else frame for frame in frames]


def _labels_to_fields(frames: Frames, options: Mapping[str, Any]) -> Frames:
    """The labels of a series become columns; the value may be called by one of them."""
    if string(options.get("mode"), "columns") != "columns":
        raise UnsupportedTransformationError("labelsToFields with labels as rows")
    named = string(options.get("valueLabel"))
    kept = strings(options.get("keepLabels"))
    return [_labelled(frame, named, kept) for frame in frames]


def _labelled(frame: Frame, named: str, kept: Sequence[str]) -> Frame:
    columns: list[Column] = []
    for column in frame.columns:
        wanted = {key: value for key, value in column.labels.items() if not kept or key in kept}
        others = ((key, value) for key, value in wanted.items() if key not in (named, "__name__"))
        columns.extend(texts(key, [value] * len(column)) for key, value in others)
        columns.append(replace(column, labels={}, title=column.labels.get(named, column.title)))
    times = [column for column in columns if column.kind is Kind.TIME]
    return replace(frame, columns=(*times, *(column for column in columns if column.kind is not Kind.TIME)))


def _series_to_rows(frames: Frames, _: Mapping[str, Any]) -> Frames:
    """All points of all series below each other, with a column that tells whose they are."""
    whole = [frame for frame in frames if frame.time is not None and frame.of(Kind.NUMBER)]
    if not whole:
        return []
    when = np.concatenate([frame.time.values for frame in whole if frame.time])
    values = np.concatenate([frame.of(Kind.NUMBER)[0].values for frame in whole])
    metrics = [frame.of(Kind.NUMBER)[0].called for frame in whole for _ in range(len(frame))]
    time = Column(name="Time", kind=Kind.TIME, values=when)
    found = Frame(columns=(time, texts("Metric", metrics), numbers("Value", values)), ref=whole[0].ref)
    return [found.take(np.argsort(-when, kind="stable"))]


def _concatenate(frames: Frames, _: Mapping[str, Any]) -> Frames:
    """All columns side by side, the shorter ones filled up."""
    longest = max((len(frame) for frame in frames), default=0)
    columns = tuple(joins.padded(column, longest) for frame in frames for column in frame.columns)
    return [Frame(columns=columns, ref=frames[0].ref)] if frames else []


def _convert(frames: Frames, options: Mapping[str, Any]) -> Frames:
    listed = mappings(options.get("conversions"))
    wanted = {string(one.get("targetField")): string(one.get("destinationType")) for one in listed}
    return [
        replace(frame, columns=tuple(_converted(column, wanted.get(column.called, "")) for column in frame.columns))
        for frame in frames
    ]


def _converted(column: Column, kind: str) -> Column:
    if kind == "number" and column.kind is Kind.TEXT:
        return numbers(column.name, [_or_nan(number(value)) for value in column.values], title=column.title)
    if kind == "string" and column.kind is not Kind.TEXT:
        return texts(column.name, [f"{value:g}" for value in column.values], title=column.title)
    return column


def _group(frames: Frames, options: Mapping[str, Any]) -> Frames:
    fields = {name: mapping(one) for name, one in mapping(options.get("fields")).items()}
    by = [name for name, one in fields.items() if one.get("operation") == "groupby"]
    wanted = {
        name: strings(one.get("aggregations")) for name, one in fields.items() if one.get("operation") == "aggregate"
    }
    return [joins.grouped(frame, by, wanted) for frame in frames] if by else frames


def _compile(pattern: str) -> re.Pattern[str]:
    if len(pattern) > 1 and pattern.startswith("/") and pattern.endswith("/"):
        pattern = pattern[1:-1]
    try:
        return re.compile(pattern)
    except re.error as error:
        raise UnsupportedTransformationError(f"the expression {pattern!r}: {error}") from None


def _unchanged(frames: Frames, _: Mapping[str, Any]) -> Frames:
    return frames


def _join(frames: Frames, options: Mapping[str, Any]) -> Frames:
    return joins.by_field(frames, string(options.get("byField")), string(options.get("mode"), "outer"))


def _merge(frames: Frames, _: Mapping[str, Any]) -> Frames:
    return joins.merged(frames)


_TRANSFORMATIONS: Mapping[str, Transformation] = MappingProxyType(
    {
        "concatenate": _concatenate,
        "convertFieldType": _convert,
        "filterByRefId": _filter_queries,
        "filterFieldsByName": _filter_names,
        "groupBy": _group,
        "joinByField": _join,
        "labelsToFields": _labels_to_fields,
        "limit": _limit,
        "merge": _merge,
        "noop": _unchanged,
        "organize": _organize,
        "reduce": _reduce,
        "renameByRegex": _rename,
        "seriesToColumns": _join,
        "seriesToRows": _series_to_rows,
        "sortBy": _sort_by,
    }
)
KNOWN = frozenset(_TRANSFORMATIONS)
