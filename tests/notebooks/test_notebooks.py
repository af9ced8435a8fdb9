"""Each chapter alone, by papermill on a clean kernel, in whatever order the run's random seed gives."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import refapp

BOOK = Path(__file__).parents[2] / "book"
CHAPTERS = [BOOK / "intro.ipynb", *sorted(BOOK.glob("chapters/*.ipynb"))]


@pytest.fixture(scope="module")
def run_directory(tmp_path_factory):
    """The run directory of the chapters' platform."""
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def shared_platform(run_directory):
    """The chapters' platform, as a reader has it."""
    with refapp.up(home=run_directory, idle=600) as platform:
        yield platform


@pytest.mark.timeout(300)
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_chapter_runs_alone(chapter, shared_platform, run_directory, tmp_path):
    assert shared_platform.status().phase == "ready"
    papermill = [
        sys.executable,
        "-m",
        "papermill",
        "--no-progress-bar",
        "--cwd",
        chapter.parent,
        "-p",
        "target",
        "local",
    ]
    result = subprocess.run(
        [*papermill, chapter, tmp_path / chapter.name],
        env={**os.environ, "REFAPP_HOME": str(run_directory)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert shared_platform.status().phase == "ready"
