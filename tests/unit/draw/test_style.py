import json
import subprocess
import sys

import matplotlib as mpl
import pytest

from refapp.draw import style

IN_A_NOTEBOOK = """
import json
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
from refapp.draw import style
style.use()
figure, _ = style.panels(1)
print(json.dumps(list(shell.display_formatter.format(figure)[0])))
"""


def luminance(colour):
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", ["BLUE", "VERMILION", "GREEN", "PURPLE", "GREY", "INK"])
def test_colours_stand_out_from_white(name):
    # Web Content Accessibility Guidelines 2.2, success criterion 1.4.11: at least 3 to 1
    assert 1.05 / (luminance(getattr(style, name)) + 0.05) >= 3


def test_use_sets_a_ground_that_does_not_depend_on_the_page():
    with mpl.rc_context():
        style.use()
        figure, _ = style.panels(1)
    assert figure.get_facecolor() == (1, 1, 1, 1)


def test_panels_are_rows_of_axes_in_a_figure_of_the_books_width():
    figure, rows = style.panels(3, rows=2, columns=3)
    assert [len(row) for row in rows] == [3, 3]
    assert tuple(figure.get_size_inches()) == (style.WIDTH, 3)


def test_notebooks_get_svg():
    done = subprocess.run([sys.executable, "-c", IN_A_NOTEBOOK], capture_output=True, text=True, check=True)
    assert "image/svg+xml" in json.loads(done.stdout.splitlines()[-1])
