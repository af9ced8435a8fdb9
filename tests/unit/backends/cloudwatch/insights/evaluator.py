"""A second engine for the properties: slow, over dictionaries, and as plain as the rules can be written down.

A query is a list of commands: tuples, which `rendering` writes in the language.
"""
# ruff: noqa: C901, PLR0911 - a function here has a case for each kind of command or aggregate

import json
import math
import re
import statistics
from collections import defaultdict

from insights_evaluation import Structure, Time, compute, evaluate, fields_of, holds, number, text
from insights_rendering import column


def answer(events, commands, limit=10_000):
    """The rows that a query answers with, as texts by their names, and how many events match."""
    # The store numbers the events of one stream after those of another.
    in_order = sorted(events, key=lambda event: event.stream)
    rows = [as_row(place, event) for place, event in enumerate(in_order)]
    rows.sort(key=lambda row: (row["@timestamp"].ms, row[""]), reverse=True)
    shown, display, matched = {}, None, None
    for command in commands:
        if command[0] in ("limit", "dedup", "stats", "unnest") and matched is None:
            matched = len(rows)
        match command:
            case ("fields", items):
                define(rows, items)
                shown |= dict.fromkeys(column(item) for item in items)
            case ("display", items):
                define(rows, items)
                display = [column(item) for item in items]
            case ("filter", condition):
                rows = [row for row in rows if holds(evaluate(condition, row))]
            case ("parse", subject, pattern, names):
                for row in rows:
                    parse(row, subject, pattern, names)
            case ("sort", keys):
                rows = ordered(
                    rows, [(lambda row, key=key: evaluate(key, row), descending) for key, descending in keys]
                )
            case ("limit", count):
                rows = rows[:count]
            case ("dedup", fields):
                rows = deduplicated(rows, fields)
            case ("unnest", expression, name):
                rows = [row | {name: element} for row in rows for element in elements(evaluate(expression, row))]
            case ("stats", aggregates, keys):
                rows = grouped(rows, aggregates, keys)
                shown, display = dict.fromkeys(column(item) for item in (*keys, *aggregates)), None
    names = display or list(shown) or ["@timestamp", "@message"]
    found = [{name: show(row.get(name)) for name in names if show(row.get(name)) is not None} for row in rows[:limit]]
    return found, len(rows) if matched is None else matched


def as_row(place, event):
    own = {"": place, "@timestamp": Time(event.timestamp), "@message": event.message, "@logStream": event.stream}
    return fields_of(event.message) | own


def define(rows, items):
    for row in rows:
        for item in items:
            row[column(item)] = evaluate(item[0], row)


def parse(row, subject, pattern, names):
    said = text(evaluate(subject, row))
    if isinstance(pattern, str):
        parts = pattern.split("*")
        regex = "(.*?)".join(map(re.escape, parts))
        regex = regex.removesuffix("(.*?)") + "(.*)" if parts[-1] == "" else regex
        match = re.search(regex, said, re.DOTALL) if said is not None else None
    else:
        match = re.search(pattern[0], said, re.ASCII) if said is not None else None
    for place, name in enumerate(names, 1):
        row[name] = match[place] or "" if match else None


def ordered(rows, keys):
    """Rows by functions and directions, the first one first; rows are in order already where these are equal."""
    for key, descending in reversed(keys):
        there = [row for row in rows if text(key(row)) is not None]
        missing = [row for row in rows if text(key(row)) is None]
        rows = sorted(there, key=lambda row, key=key: natural(key(row)), reverse=descending)
        if descending:  # `reverse` keeps equals in their order
            rows = sorted(there, key=lambda row, key=key: natural(key(row)), reverse=True)
        rows += missing
    return rows


def natural(value):
    """What sorts as a value does; not for what is missing."""
    parsed = number(value)
    if parsed is not None:
        return (1, parsed, [], text(value))
    chunks = [
        ("0" + f"{len(chunk):09}" + chunk) if chunk[0] in "0123456789" else chunk
        for chunk in re.findall("[0-9]+|[^0-9]+", text(value))
    ]
    return (0, 0.0, chunks, text(value))


def deduplicated(rows, fields):
    seen, kept = set(), []
    for row in rows:
        values = tuple(text(evaluate(field, row)) for field in fields)
        if None in values or values not in seen:
            kept.append(row)
        seen.add(values)
    return kept


def elements(value):
    if value is None:
        return []
    if isinstance(value, Structure) and isinstance(value.json, list):
        return [Structure(element) for element in value.json]
    return [value]


def grouped(rows, aggregates, keys):
    groups = defaultdict(list)
    for row in rows:
        groups[tuple(text(evaluate(expression, row)) for expression, _ in keys)].append(row)
    if not keys:
        groups = {(): rows}
    made = []
    for members in groups.values():
        known = {column(key): evaluate(key[0], members[0]) for key in keys}
        known = {name: None if text(value) is None else value for name, value in known.items()}
        made.append(known | {column(item): with_aggregates(item[0], members, known) for item in aggregates})
    names = map(column, keys)
    order = [(lambda row, name=name: row[name], False) for name in names]
    if not any(is_time(expression) for expression, _ in keys):
        order.insert(0, (lambda row: row[column(aggregates[0])], True))
    return ordered(made, order)


def is_time(expression):
    return expression == ("field", "@timestamp") or expression[:2] in (("call", "bin"), ("call", "dateFloor"))


def aggregate(name, arguments, rows):
    if not arguments:
        return float(len(rows))
    found = [evaluate(arguments[0], row) for row in rows]
    there = [value for value in found if value is not None]
    numbers = [number(value) for value in there if number(value) is not None]
    match name:
        case "count":
            return float(len(there))
        case "count_distinct":
            return float(len({text(value) for value in there} - {None}))
        case "sum":
            return math.fsum(numbers) if numbers else None
        case "avg":
            return math.fsum(numbers) / len(numbers) if numbers else None
        case "stddev":
            return statistics.stdev(numbers) if len(numbers) > 1 else None
        case "pct":
            return percentile(sorted(numbers), arguments[1][1] / 100) if numbers else None
        case "min" | "sortsFirst" | "max" | "sortsLast":
            said = [value for value in there if text(value) is not None]
            chosen = (min if name in ("min", "sortsFirst") else max)(said, key=natural, default=None)
            return number(chosen) if isinstance(chosen, str | Structure) and number(chosen) is not None else chosen
        case "earliest" | "latest":
            by_time = sorted(
                (row for row in rows if evaluate(arguments[0], row) is not None),
                key=lambda row: (row["@timestamp"].ms, row[""]),
            )
            return evaluate(arguments[0], by_time[0 if name == "earliest" else -1]) if by_time else None
    raise ValueError(name)


def percentile(values, share):
    place = share * (len(values) - 1)
    low = math.floor(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def with_aggregates(expression, rows, keys):
    match expression:
        case ("aggregate", name, arguments):
            return aggregate(name, arguments, rows)
        case ("compute", operator, left, right):
            return compute(operator, *(number(with_aggregates(side, rows, keys)) for side in (left, right)))
        case ("field", name):
            return keys[name]
        case ("number", value):
            return float(value)
    raise ValueError(expression)


def show(value):
    if isinstance(value, Structure) and isinstance(value.json, dict | list):
        return json.dumps(value.json, separators=(",", ":"), ensure_ascii=False)
    return text(value)
