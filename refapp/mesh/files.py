"""Files that are replaced as a whole: Envoy reloads a file when another is renamed into its place."""

import json
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PUBLIC = 0o644
PRIVATE = 0o600


def replace(path: Path, content: bytes, *, mode: int = PUBLIC) -> None:
    """Put `content` into place by a rename: a reader sees the old file or the new one, never a part.

    Directories on the way are made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def replace_json(path: Path, content: Mapping[str, Any], *, mode: int = PUBLIC) -> None:
    """Put `content` into place as JSON, which is YAML to Envoy too."""
    replace(path, json.dumps(content, indent=1).encode(), mode=mode)


def replace_resources(path: Path, *resources: Mapping[str, Any], mode: int = PUBLIC) -> str:
    """Put xDS resources into place, in the form in which Envoy reads them from a file.

    Returns:
        Their version, which Envoy's administration tells once it has taken them up.
    """
    version = str(time.time_ns())
    replace_json(path, {"version_info": version, "resources": resources}, mode=mode)
    return version
