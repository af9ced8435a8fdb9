import re

import pytest

from refapp.backends.settings import GROUP_PART, log_name, seconds, switch
from refapp.services.settings import SettingsError


@pytest.mark.parametrize(("text", "expected"), [("1", 1.0), ("0.25", 0.25), ("1e3", 1000.0)])
def test_seconds(text, expected):
    assert seconds("FLUSH", text) == expected


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "soon", ""])
def test_no_seconds(text):
    with pytest.raises(SettingsError, match=re.escape(f"FLUSH is {text!r}: it must be a number of seconds")):
        seconds("FLUSH", text)


@pytest.mark.parametrize(("text", "expected"), [("on", True), ("OFF", False), ("Off", False)])
def test_switch(text, expected):
    assert switch("LABELS", text) is expected


@pytest.mark.parametrize("text", ["yes", "1", ""])
def test_no_switch(text):
    with pytest.raises(SettingsError, match=re.escape(f"LABELS is {text!r}: it must be on or off")):
        switch("LABELS", text)


def test_names_of_groups():
    assert log_name("CLUSTER", "istio-observe/demo_1.#", GROUP_PART) == "istio-observe/demo_1.#"
    for text in ("", "a b", "é", "a" * 401):
        with pytest.raises(SettingsError, match=r"CLUSTER is .*: a log group or stream cannot be named so"):
            log_name("CLUSTER", text, GROUP_PART)
