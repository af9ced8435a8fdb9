import ast
import re
from pathlib import Path

import nbformat
import pytest
import yaml

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "book"
CHAPTERS = [BOOK / "intro.ipynb", *sorted(BOOK.glob("chapters/*.ipynb"))]
NOT_FIGURES = {"refapp.draw.style", "refapp.draw.tables"}


@pytest.fixture(params=CHAPTERS, ids=lambda path: path.stem)
def chapter(request):
    return nbformat.read(request.param, as_version=nbformat.NO_CONVERT)


def code_cells(chapter):
    return [cell for cell in chapter.cells if cell.cell_type == "code"]


def prose(chapter):
    return "\n\n".join(cell.source for cell in chapter.cells if cell.cell_type == "markdown")


def admonitions(chapter, title):
    """The options and the body of each admonition whose title starts so."""
    return re.findall(rf"^```+\{{admonition\}} {title}\b[^\n]*\n(.*?)^```+$", prose(chapter), re.MULTILINE | re.DOTALL)


def tagged(chapter, tag):
    return [cell for cell in code_cells(chapter) if tag in cell.metadata.get("tags", [])]


def test_file_is_a_notebook_of_format_4_5(chapter):
    nbformat.validate(chapter)
    assert (chapter.nbformat, chapter.nbformat_minor) == (4, 5)
    assert chapter.metadata.kernelspec.name == "python3"


def test_nothing_is_stored_of_an_execution(chapter):
    assert [cell.id for cell in code_cells(chapter) if cell.outputs or cell.execution_count] == []


def test_parameters(chapter):
    (cell,) = tagged(chapter, "parameters")
    assert any(
        isinstance(line, ast.Assign) and ast.unparse(line) == "target = 'local'" for line in ast.parse(cell.source).body
    )


def test_opening_has_label_title_aims_time_and_needs(chapter):
    opening = chapter.cells[0].source
    assert re.match(r"\(ch-[a-z-]+\)=\n# \S", opening)
    assert len(admonitions(chapter, "What you will learn")) == 1
    assert "{admonition} What you will learn" in opening
    assert re.search(r"^\| Time \| You need \|$", opening, re.MULTILINE)


def test_one_title_and_the_closing_sections(chapter):
    text = re.sub(r"^```.*?^```", "", prose(chapter), flags=re.MULTILINE | re.DOTALL)
    assert len(re.findall(r"^# ", text, re.MULTILINE)) == 1
    assert re.findall(r"^## (.+)$", text, re.MULTILINE)[-2:] == ["Summary", "Where next"]


def test_exercises_have_a_check_and_a_folded_solution(chapter):
    exercises, solutions = admonitions(chapter, "Exercise"), admonitions(chapter, "Solution")
    assert exercises
    assert len(exercises) == len(solutions) == len(tagged(chapter, "exercise"))
    assert all(":class: exercise" in exercise for exercise in exercises)
    assert all(re.search(r"^:class:.*\bdropdown\b", solution, re.MULTILINE) for solution in solutions)


def drawing_names(chapter):
    """What the chapter calls the modules and functions of refapp.draw that give figures, and pyplot."""
    names = set()
    for cell in code_cells(chapter):
        for node in ast.walk(ast.parse(re.sub(r"^[%!].*$", "", cell.source, flags=re.MULTILINE))):
            if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith("refapp.draw."):
                names |= {
                    alias.asname or alias.name
                    for alias in node.names
                    if not {node.module, f"{node.module}.{alias.name}"} & NOT_FIGURES
                }
            if isinstance(node, ast.Import):
                names |= {alias.asname for alias in node.names if alias.name == "matplotlib.pyplot"}
    return names


def figure_cells(chapter):
    names = drawing_names(chapter)
    for at, cell in enumerate(chapter.cells):
        if cell.cell_type == "code":
            nodes = ast.walk(ast.parse(re.sub(r"^[%!].*$", "", cell.source, flags=re.MULTILINE)))
            calls = {ast.unparse(node.func).split(".")[0] for node in nodes if isinstance(node, ast.Call)}
            if calls & names:
                yield at, cell


def test_figures_are_introduced_and_read(chapter):
    kinds = [cell.cell_type for cell in chapter.cells]
    alone = [cell.id for at, cell in figure_cells(chapter) if kinds[at - 1 : at + 2 : 2] != ["markdown", "markdown"]]
    assert alone == []


def test_figures_have_a_text_for_those_who_cannot_see_them(chapter):
    texts = {
        cell.id: cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "") for _, cell in figure_cells(chapter)
    }
    assert [name for name, text in texts.items() if len(text) < 20] == []


def entries(part):
    for entry in part:
        yield entry["file"]
        yield from entries(entry.get("sections", []))


def test_contents_list_every_page_there_is():
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text())
    listed = [contents["root"], *(name for part in contents["parts"] for name in entries(part["chapters"]))]
    pages = [*CHAPTERS, *BOOK.glob("reference/**/*.md")]
    assert sorted(listed) == sorted(str(page.relative_to(BOOK).with_suffix("")) for page in pages)


@pytest.mark.parametrize("name", ["_config.yml", "_toc.yml"])
def test_settings_at_the_top_are_those_of_the_book(name):
    assert (BOOK / name).is_symlink()
    assert (BOOK / name).resolve() == ROOT / name
