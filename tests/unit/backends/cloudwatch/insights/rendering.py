"""Queries of the second engine (see `evaluator`), written in the language."""
# ruff: noqa: C901, PLR0911 - a function here has a case for each kind of expression or command

import re


def render_query(commands):
    return " | ".join(map(render_command, commands))


def render_command(command):
    match command:
        case ("fields" | "display" as name, items):
            return f"{name} {render_items(items)}"
        case ("filter", condition):
            return f"filter {render(condition)}"
        case ("parse", subject, pattern, names):
            said = f"/{pattern[0]}/" if isinstance(pattern, tuple) else quoted(pattern)
            return f"parse {render(subject)} {said} as {', '.join(names)}"
        case ("sort", keys):
            return "sort " + ", ".join(f"{render(key)} {'desc' if descending else 'asc'}" for key, descending in keys)
        case ("limit", count):
            return f"limit {count}"
        case ("dedup", fields):
            return f"dedup {', '.join(map(render, fields))}"
        case ("unnest", expression, name):
            return f"unnest {render(expression)} into {name}"
        case ("stats", aggregates, keys):
            return f"stats {render_items(aggregates)}" + (f" by {render_items(keys)}" if keys else "")
    raise ValueError(command)


def render_items(items):
    return ", ".join(
        render_aggregate(expression) + (f" as {render(('field', alias))}" if alias else "")
        for expression, alias in items
    )


def render_aggregate(expression):
    match expression:
        case ("aggregate", name, arguments):
            return f"{name}({', '.join(map(render, arguments))})"
        case ("compute", operator, left, right):
            return f"({render_aggregate(left)} {operator} {render_aggregate(right)})"
        case _:
            return render(expression)


def render(expression):
    match expression:
        case ("number", value):
            return repr(value) if value >= 0 else f"(-{-value!r})"
        case ("text", value):
            return quoted(value)
        case ("field", name):
            return name if re.fullmatch(r"@?[a-z][a-zA-Z]*(\.[a-z0-9]+)*", name) else f"`{name}`"
        case ("period", count, unit):
            return f"{count}{unit}"
        case ("compute" | "compare", operator, left, right):
            return f"({render(left)} {operator} {render(right)})"
        case ("like", subject, part):
            return f"({render(subject)} like {quoted(part)})"
        case ("match", subject, pattern):
            return f"({render(subject)} like /{pattern}/)"
        case ("in", subject, values):
            return f"({render(subject)} in [{', '.join(map(render, values))}])"
        case ("not", operand):
            return f"(not {render(operand)})"
        case ("and" | "or" as operator, operands):
            return "(" + f" {operator} ".join(map(render, operands)) + ")"
        case ("member", of, path):
            return render(of) + "".join(f"[{step}]" if isinstance(step, int) else f".`{step}`" for step in path)
        case ("call", name, arguments):
            return f"{name}({', '.join(map(render, arguments))})"
    raise ValueError(expression)


def quoted(said):
    return '"' + said.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def column(item):
    expression, alias = item
    if alias is not None:
        return alias
    said = render_aggregate(expression)
    return expression[1] if expression[0] == "field" else said
