import re

import pandas as pd
import pytest

from refapp.draw.tables import table

FRAME = pd.DataFrame({"name": ["a", "b"], "size": [1234.5678, 2.0]}, index=[41, 42])


def test_table_shows_the_columns_and_not_the_index():
    html = table(FRAME, digits=1).to_html()
    assert re.findall(r"<t[hd] [^>]*>([^<]*)<", html) == ["name", "size", "a", "1,234.6", "b", "2.0"]


def test_texts_are_set_to_the_left_and_numbers_are_not():
    html = table(FRAME).to_html()
    (rule,) = re.findall(r"#\S+ \.(col\d) \{\s*text-align: left;", html)
    assert rule == "col0"


@pytest.mark.parametrize(
    ("text", "unbroken"), [("service-a-69d7469cbf-ts4t7", True), ("a sentence of some length " * 2, False)]
)
def test_names_are_not_broken_at_their_hyphens(text, unbroken):
    html = table(pd.DataFrame({"text": ["a", text]})).to_html()
    assert ("white-space: nowrap" in html) == unbroken


def test_notebooks_know_it_for_a_data_frame():
    assert 'class="dataframe"' in table(FRAME).to_html()
