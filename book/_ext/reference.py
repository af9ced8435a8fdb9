"""What the pages under reference/ need beyond autodoc.

The directive `command-line` holds what each command of a Typer app says of itself, at the time of the build. typer
brings its own copy of click, which sphinx-click does not know; so typer writes the Markdown.
"""

import subprocess
import sys
from enum import Enum
from importlib.util import find_spec

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


class CommandLine(SphinxDirective):
    """Takes the module of the app and the name of the command."""

    required_arguments = 2

    def run(self) -> list[nodes.Node]:
        module, name = self.arguments
        self.env.note_dependency(find_spec(module).origin)
        typer = [
            sys.executable,
            "-m",
            "typer",
            module,
            "utils",
            "docs",
            "--name",
            name,
        ]
        answer = subprocess.run(typer, capture_output=True, text=True)
        if answer.returncode:
            raise self.error(f"typer cannot describe {module}:\n{answer.stderr}")
        lines = answer.stdout.splitlines()
        first = next(
            number for number, line in enumerate(lines) if line.startswith("## ")
        )  # the page has a title
        parent = nodes.Element()
        self.state.nested_parse(
            StringList(lines[first:], module),
            self.content_offset,
            parent,
            match_titles=True,
        )
        return parent.children


def _no_signature_of_enums(_app, what, _name, value, _options, signature, returns):
    # Nobody calls Enum's functional interface, which autodoc would show.
    return (
        ("", None)
        if what == "class" and issubclass(value, Enum)
        else (signature, returns)
    )


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("command-line", CommandLine)
    app.connect("autodoc-process-signature", _no_signature_of_enums)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
