"""Serves style, scripts and pictures under one address that changes whenever any of them does.

Every file is read at start; a path that was not read then does not exist, so there is nothing to traverse.
"""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.types import Receive, Scope, Send

CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".mp3": "audio/mpeg",
}
COMPRESSED = frozenset({".css", ".js", ".svg"})
FOR_EVER = b"public, max-age=31536000, immutable"
NOT_KEPT = b"no-cache"


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One file as it is sent: plain, and compressed where that helps."""

    content_type: str
    plain: bytes
    gzipped: bytes | None


class Assets:
    """An ASGI application that answers GET and HEAD for the files it was given."""

    def __init__(self, files: Mapping[str, Asset], *, at: str) -> None:
        """``files`` by path below the digest; ``at`` is where the application is mounted."""
        self._files, self._at = dict(files), at
        self.digest = _digest(files)

    @classmethod
    def read(cls, folders: Mapping[str, Path], *, at: str) -> "Assets":
        """Every servable file of ``folders``; ``static`` stands at the top, the others under their names."""
        files: dict[str, Asset] = {}
        for name, folder in folders.items():
            prefix = "" if name == "static" else f"{name}/"
            for path in sorted(folder.rglob("*")):
                if path.is_file() and path.suffix in CONTENT_TYPES:
                    files[prefix + path.relative_to(folder).as_posix()] = _asset(path)
        return cls(files, at=at)

    def url(self, path: str) -> str:
        """The address of ``path``; raises ``KeyError`` for a file that is not there."""
        if path not in self._files:
            raise KeyError(path)
        return f"{self._at}/{self.digest}/{path}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: 200, 404 or 405.  A foreign digest gets today's file, to be asked for again."""
        del receive
        assert scope["type"] == "http"
        digest, _, path = scope["path"].removeprefix(scope.get("root_path", "")).lstrip("/").partition("/")
        asset = self._files.get(path)
        if scope["method"] not in ("GET", "HEAD"):
            await _answer(send, 405, [(b"allow", b"GET, HEAD")], b"")
        elif asset is None:
            await _answer(send, 404, [(b"content-type", b"text/plain; charset=utf-8")], b"Not found.")
        else:
            body, headers = _negotiated(asset, scope)
            headers.append((b"cache-control", FOR_EVER if digest == self.digest else NOT_KEPT))
            await _answer(send, 200, headers, body, with_body=scope["method"] == "GET")


def _asset(path: Path) -> Asset:
    plain = path.read_bytes()
    gzipped = gzip.compress(plain, mtime=0) if path.suffix in COMPRESSED else None
    return Asset(content_type=CONTENT_TYPES[path.suffix], plain=plain, gzipped=gzipped)


def _digest(files: Mapping[str, Asset]) -> str:
    whole = hashlib.sha256()
    for path, asset in sorted(files.items()):
        whole.update(path.encode() + b"\0" + hashlib.sha256(asset.plain).digest())
    return whole.hexdigest()[:16]


def _negotiated(asset: Asset, scope: Scope) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    accepted = next((value for name, value in scope["headers"] if name == b"accept-encoding"), b"")
    headers = [(b"content-type", asset.content_type.encode()), (b"vary", b"accept-encoding")]
    if asset.gzipped is not None and b"gzip" in accepted:
        return asset.gzipped, [*headers, (b"content-encoding", b"gzip")]
    return asset.plain, headers


async def _answer(
    send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes, *, with_body: bool = True
) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body if with_body else b""})
