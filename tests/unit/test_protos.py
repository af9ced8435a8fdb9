import filecmp
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from refapp.pb.greeting.v3 import greeting_pb2

PROJECT = Path(__file__).parents[2]
PROTOS = PROJECT / "protos"
GENERATED = PROJECT / "refapp" / "pb"
BUF = Path(sys.executable).parent / "buf"


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


def buf(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    if not BUF.exists():
        pytest.fail(f"{BUF} is missing: it is part of the PyPI package buf-bin, which `make setup` installs")
    return run(BUF, *arguments)


def generate(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, PROTOS / "generate", *arguments)


def files(root: Path) -> set[Path]:
    return {path.relative_to(root) for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts}


def copy_with(tmp_path: Path, old: str, new: str) -> Path:
    """A copy of the protos in which one text is another."""
    shutil.copytree(PROTOS, tmp_path / "protos")
    proto = tmp_path / "protos" / "greeting" / "v3" / "greeting.proto"
    text = proto.read_text(encoding="utf-8")
    assert text.count(old) == 1
    proto.write_text(text.replace(old, new), encoding="utf-8")
    return tmp_path / "protos"


def test_the_generated_files_are_those_that_the_protos_give(tmp_path):
    result = generate(tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    fresh = tmp_path / "refapp" / "pb"
    assert files(GENERATED) == files(fresh), "stale: run `make protos`"
    differing = filecmp.cmpfiles(GENERATED, fresh, [str(path) for path in files(fresh)], shallow=False)[1:]
    assert differing == ([], []), "stale: run `make protos`"


def test_generating_removes_what_no_proto_gives_any_more(tmp_path):
    left = tmp_path / "refapp" / "pb" / "parting" / "v1" / "parting_pb2.py"
    left.parent.mkdir(parents=True)
    left.touch()
    assert generate(tmp_path).returncode == 0
    assert not left.exists()


def test_generating_names_a_tool_that_is_missing(tmp_path, monkeypatch):
    shutil.copytree(PROTOS, tmp_path / "protos")
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.symlink_to(sys.executable)
    monkeypatch.setenv("PATH", str(python.parent))
    result = run(python, tmp_path / "protos" / "generate")
    assert result.returncode == 1
    assert "buf not found" in result.stderr
    assert "buf-bin" in result.stderr
    assert not (tmp_path / "refapp").exists()


def test_generating_needs_no_activated_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", os.defpath)
    result = run(PROTOS / "generate", tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert (tmp_path / "refapp" / "pb" / "__init__.py").exists()


def test_the_protos_pass_lint_and_format():
    lint = buf("lint", PROTOS)
    assert lint.returncode == 0, lint.stdout + lint.stderr
    style = buf("format", "--diff", "--exit-code", PROTOS)
    assert style.returncode == 0, style.stdout


def test_lint_asks_for_a_comment_on_every_field(tmp_path):
    protos = copy_with(tmp_path, "  // The name of the pod that made the greeting.\n", "")
    result = buf("lint", protos)
    assert result.returncode != 0
    assert 'Field "hostname"' in result.stdout


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("  // The name of the pod that made the greeting.\n  string hostname = 5;\n", "", 'field "5"'),
        ("string created = 4;", "int64 created = 4;", 'changed type from "string" to "int64"'),
        ("string message = 3;", "string message = 6;", 'field "3"'),
        ("repeated Greeting greeting = 1;", "Greeting greeting = 1;", '"repeated" to'),
    ],
    ids=["field removed", "type changed", "number changed", "no longer repeated"],
)
def test_a_breaking_change_is_rejected(tmp_path, old, new, complaint):
    result = buf("breaking", copy_with(tmp_path, old, new), "--against", PROTOS)
    assert result.returncode != 0
    assert complaint in result.stdout


def test_an_added_field_breaks_nothing(tmp_path):
    field = "  string hostname = 5;\n"
    protos = copy_with(tmp_path, field, f"{field}  // The zone of the pod.\n  string zone = 6;\n")
    for result in (buf("breaking", protos, "--against", PROTOS), buf("lint", protos)):
        assert result.returncode == 0, result.stdout + result.stderr


def test_the_openapi_document_describes_the_api_as_the_gateway_answers_it():
    document = json.loads((GENERATED / "greeting" / "v3" / "greeting.swagger.json").read_text(encoding="utf-8"))
    assert document["info"]["title"] == "Greeting API"
    assert document["info"]["version"] == "v3"
    assert document["info"]["description"]
    operation = document["paths"]["/api/greeting"]["get"]
    assert {parameter["name"] for parameter in operation["parameters"]} == {
        f"greeting.{field.json_name}" for field in greeting_pb2.Greeting.DESCRIPTOR.fields
    }
    assert operation["responses"]["200"]["schema"] == {"$ref": "#/definitions/v3GreetingResponse"}
    assert operation["responses"]["default"]["schema"] == {"$ref": "#/definitions/rpcStatus"}
    assert set(document["definitions"]["rpcStatus"]["properties"]) == {"code", "message", "details"}


def test_the_generated_modules_know_their_place():
    assert greeting_pb2.Greeting.__module__ == "refapp.pb.greeting.v3.greeting_pb2"
    assert greeting_pb2.DESCRIPTOR.package == "greeting.v3"
