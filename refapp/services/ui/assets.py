"""The files of the built app, read once and served from memory.

A path is looked up among the files that were read, so none can lead outside their directory.
"""

import gzip
import hashlib
import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import NamedTuple, Self
from urllib.parse import unquote_to_bytes

from aiohttp import web

from refapp.services.hops import reason
from refapp.services.lifecycle import StartError

INDEX = "/index.html"
"""The page of the app, which finds out itself what to show at a path."""

IMMUTABLE = "public, max-age=31536000, immutable"
_REVALIDATED = "no-cache"
_TYPES = MappingProxyType(
    {
        ".css": "text/css; charset=utf-8",
        ".html": "text/html; charset=utf-8",
        ".ico": "image/x-icon",
        ".js": "text/javascript; charset=utf-8",
        ".json": "application/json",
        ".map": "application/json",
        ".png": "image/png",
        ".svg": "image/svg+xml",
        ".txt": "text/plain; charset=utf-8",
        ".webmanifest": "application/manifest+json",
        ".woff2": "font/woff2",
    }
)
_UNKNOWN_TYPE = "application/octet-stream"
_COMPRESSED = frozenset({".css", ".html", ".ico", ".js", ".json", ".map", ".svg", ".txt", ".webmanifest"})
_HASHED = re.compile(r"-[A-Z0-9]{8}\.[a-z0-9]+(?:\.map)?$")  # as esbuild, and so Angular, names files
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\\]")
_ENCODING = re.compile(r"\s*(?P<coding>[^\s;]+)\s*(?:;\s*[qQ]=(?P<q>[0-9.]+)\s*)?")


class Asset(NamedTuple):
    """A file as it is served; `packed` is the same by gzip, where that is shorter."""

    body: bytes
    packed: bytes | None
    digest: str
    content_type: str
    cache: str

    def answer(self, headers: Mapping[str, str]) -> web.Response:
        """The answer to a request with such headers: the file, or that it has not changed (RFC 9110, 13 and 12.5.3)."""
        packed = self.packed if _accepts_gzip(headers.get("Accept-Encoding", "")) else None
        tag = f'"{self.digest}-gzip"' if packed is not None else f'"{self.digest}"'
        told = {"ETag": tag, "Cache-Control": self.cache}
        if self.packed is not None:
            told["Vary"] = "Accept-Encoding"
        if tag in _tags(headers.get("If-None-Match", "")) or headers.get("If-None-Match", "").strip() == "*":
            return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=told)
        told["Content-Type"] = self.content_type
        if packed is not None:
            told["Content-Encoding"] = "gzip"
        return web.Response(body=self.body if packed is None else packed, headers=told)


class Assets:
    """The files by their paths, which begin with a slash."""

    def __init__(self, files: Mapping[str, Asset]) -> None:
        self._files = dict(files)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read all files below a directory; links that lead out of it are left out.

        Raises:
            StartError: it cannot be read, or has no `index.html`.
        """
        try:
            files = {f"/{path.relative_to(directory).as_posix()}": _asset(path) for path in _inside(directory)}
        except OSError as error:
            raise StartError(f"the app in {directory} cannot be read: {reason(error)}") from None
        if INDEX not in files:
            raise StartError(f"there is no app in {directory}: it has no index.html")
        return cls(files)

    def __len__(self) -> int:
        return len(self._files)

    def find(self, path: str) -> Asset | None:
        """The file at a decoded path, the index of a directory, or the page of the app at a path that names no file.

        `/docs/` is not the app's: what it has not got is not found.
        """
        if asset := self._files.get(f"{path}index.html" if path.endswith("/") else path):
            return asset
        own = not path.startswith(("/docs/", "/api/")) and path not in ("/docs", "/api")
        return self._files[INDEX] if own and "." not in PurePosixPath(path).name else None


def decoded(path: str) -> str | None:
    """A path of a request with its escapes resolved; None for one that no honest client sends.

    Such a path leads upwards, has control characters or backslashes, or is no UTF-8.
    """
    try:
        text = unquote_to_bytes(path).decode()
    except UnicodeDecodeError:
        return None
    if not text.startswith("/") or _FORBIDDEN.search(text) or not {".", ".."}.isdisjoint(text.split("/")):
        return None
    return text


def _inside(directory: Path) -> Iterator[Path]:
    root = directory.resolve(strict=True)
    for path in sorted(directory.rglob("*")):
        if path.is_file() and path.resolve().is_relative_to(root):
            yield path


def _asset(path: Path) -> Asset:
    body = path.read_bytes()
    packed = gzip.compress(body, mtime=0) if path.suffix in _COMPRESSED else None
    return Asset(
        body=body,
        packed=packed if packed is not None and len(packed) < len(body) else None,
        digest=hashlib.sha256(body).hexdigest()[:32],
        content_type=_TYPES.get(path.suffix, _UNKNOWN_TYPE),
        cache=IMMUTABLE if _HASHED.search(path.name) else _REVALIDATED,
    )


def _tags(header: str) -> frozenset[str]:
    """The tags of If-None-Match without the mark of weak ones, which counts for nothing there."""
    return frozenset(tag.strip().removeprefix("W/") for tag in header.split(","))


def _accepts_gzip(header: str) -> bool:
    weights: dict[str, float] = {}
    for part in header.split(","):
        if match := _ENCODING.fullmatch(part):
            weights[match["coding"].lower()] = _weight(match["q"])
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def _weight(text: str | None) -> float:
    try:
        return 1.0 if text is None else float(text)
    except ValueError:
        return 0.0
