"""What the tests of all figures look at."""

import pytest
from matplotlib.text import Text


@pytest.fixture(scope="session")
def parts():
    """What is drawn in a figure, by gid, after it has been laid out."""

    def parts(figure):
        figure.draw_without_rendering()
        return {part.get_gid(): part for part in figure.findobj() if part.get_gid()}

    return parts


@pytest.fixture(scope="session")
def written():
    """The texts of a figure, by gid."""

    def written(figure):
        return {text.get_gid(): text.get_text() for text in figure.findobj(Text) if text.get_gid()}

    return written
