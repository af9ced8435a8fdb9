"""Who calls whom, read from the spans of traces.

The rules are those of Zipkin's dependency linker (`zipkin2.internal.DependencyLinker`): a call that both sides recorded
counts once; one that a single side recorded counts when it names the other side; messages are counted to and from the
broker, when it is named.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

_CALLED = ("SERVER", "CONSUMER")


class Node(NamedTuple):
    """What linking has to know of a span; `trace` is any number that the spans of one trace share."""

    trace: int
    span_id: str
    parent_id: str
    kind: str
    service: str
    remote: str
    error: bool


class Link(NamedTuple):
    """Calls from one service to another, and how many of them failed."""

    parent: str
    child: str
    calls: int
    errors: int


def link(nodes: Iterable[Node]) -> list[Link]:
    """Count the calls between services, in the order of their names; spans of a trace have to follow each other."""
    calls: Counter[tuple[str, str]] = Counter()
    errors: Counter[tuple[str, str]] = Counter()
    for _, trace in groupby(nodes, attrgetter("trace")):
        for parent, child, error in _calls(list(trace)):
            if parent and child:
                calls[parent, child] += 1
                errors[parent, child] += error
    return [Link(parent, child, count, errors[parent, child]) for (parent, child), count in sorted(calls.items())]


def _calls(trace: list[Node]) -> Iterable[tuple[str, str, bool]]:
    callers = {node.span_id: node for node in trace if node.kind not in _CALLED}
    spans = {node.span_id: node for node in trace} | callers
    servers = [node for node in trace if node.kind == "SERVER"]
    # A caller whose server was recorded too is counted there: by the same id, or by the id of the parent.
    answered = {node.span_id for node in servers} | {node.parent_id for node in servers}
    for node in trace:
        if node.kind == "SERVER":
            caller = _caller(node, spans)
            error = node.error or bool(caller and caller.kind == "CLIENT" and caller.error)
            yield (caller.service if caller and caller.service else node.remote), node.service, error
        elif node.kind == "CONSUMER":
            yield node.remote, node.service, node.error
        elif node.kind == "PRODUCER" or (node.kind == "CLIENT" and node.span_id not in answered):
            yield node.service, node.remote, node.error


def _caller(node: Node, spans: dict[str, Node]) -> Node | None:
    """The nearest span above that is a side of a call; spans inside a service stand between."""
    above = spans.get(node.span_id)
    if above is not None and above is not node and above.kind == "CLIENT":
        return above
    seen = {node.span_id}
    parent_id = node.parent_id
    while parent_id not in seen and (above := spans.get(parent_id)):
        if above.kind or above.service != node.service:
            return above
        seen.add(parent_id)
        parent_id = above.parent_id
    return None
