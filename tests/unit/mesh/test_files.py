import json
import stat

import pytest

from refapp.mesh.files import PRIVATE, replace, replace_json, replace_resources


def test_a_file_is_replaced_by_another(tmp_path):
    path = tmp_path / "made" / "file"
    replace(path, b"old")
    before = path.stat().st_ino
    replace(path, b"new", mode=PRIVATE)
    assert path.read_bytes() == b"new"
    assert path.stat().st_ino != before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_failure_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    path = tmp_path / "file"
    replace(path, b"old")

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        replace(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_resources_are_json(tmp_path):
    version = replace_resources(tmp_path / "file", {"name": "a"}, {"name": "b"})
    written = json.loads((tmp_path / "file").read_text())
    assert written == {"version_info": version, "resources": [{"name": "a"}, {"name": "b"}]}
    assert replace_resources(tmp_path / "file", {"name": "a"}, {"name": "b"}) != version
    replace_json(tmp_path / "file", {})
    assert json.loads((tmp_path / "file").read_text()) == {}
