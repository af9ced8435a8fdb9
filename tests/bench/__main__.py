"""Measures what the README states, and writes it there: `make bench`.

Nothing is asserted: a machine that does other things meanwhile gives other numbers. Each is the median of its
repeats, all of one run.
"""

import os
import platform as machine
import re
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import backend
import insights
import interface
import layers
import psutil
import shipping
import watching
import whole

README = Path(__file__).parents[2] / "README.md"


def main() -> None:
    """Measure, print, and write into the README."""
    with tempfile.TemporaryDirectory(prefix="bench") as home:
        text = "\n".join(
            [
                *_table(("what", "goal", "measured"), whole.rows(Path(home))),
                *_table(("metrics", "goal", "measured"), watching.rows(Path(home))),
                *_table(("user interface", "goal", "measured"), interface.rows(Path(home))),
                *_table(("trace backend", "goal", "measured"), backend.rows(Path(home))),
                *_table(("log events", "goal", "measured"), insights.rows(Path(home))),
                *_table(("log shipper", "goal", "measured"), shipping.rows(Path(home))),
                "What each layer costs a request, one user after the other:",
                "",
                *_table(layers.HEADER, layers.rows(Path(home))),
                "Medians of the rounds. A layer that costs less than the machine varies between them may seem to cost",
                "nothing, or less.",
                "",
                f"On {_this_machine()}, by `make bench`, which runs the load generator on the same machine.",
            ]
        )
    print(text)
    marked = re.compile(r"(<!-- bench:start -->\n).*?(<!-- bench:end -->)", re.DOTALL)
    README.write_text(marked.sub(lambda match: f"{match[1]}{text}\n{match[2]}", README.read_text()))


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [header, ["---"] * len(header), *rows]
    return [*(f"| {' | '.join(line)} |" for line in lines), ""]


def _this_machine() -> str:
    cpu = "unknown processor"
    if (info := Path("/proc/cpuinfo")).exists() and (match := re.search(r"model name\s*: (.*)", info.read_text())):
        cpu = match[1].strip()
    memory_gib = psutil.virtual_memory().total / 1024**3
    return (
        f"{os.cpu_count()} cores of a virtual machine ({cpu}), {memory_gib:.0f} GiB, {machine.system()} "
        f"{machine.release().split('-')[0]}, Python {machine.python_version()}"
    )


if __name__ == "__main__":
    main()
