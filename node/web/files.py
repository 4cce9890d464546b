"""The files that pages need, read once at start: style, scripts, pictures, service worker, manifest, robots.

Rules:
- A file under `/static/<digest>/` never changes, so browsers keep it for a year; the digest covers all of them, and a
  new version of the program gets a new address. There is no build step: the stylesheet is its parts in order of names.
- Everything is served from memory, compressed beforehand.
"""

import gzip
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources

from aiohttp import web

YEAR_S = 31_536_000
# Small files don't shrink enough to pay for a browser's unpacking.
COMPRESS_BYTES_MIN = 600

_TYPES = {
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "webmanifest": "application/manifest+json",
    "txt": "text/plain",
}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file as it is sent.

    Attributes:
        content: the bytes.
        compressed: the same in gzip, or None where that doesn't pay.
        content_type: its media type.
    """

    content: bytes
    compressed: bytes | None
    content_type: str

    @classmethod
    def of(cls, name: str, content: bytes) -> "StaticFile":
        """Prepare a file; its type follows from the end of its name."""
        compressed = gzip.compress(content, 9, mtime=0) if len(content) >= COMPRESS_BYTES_MIN else None
        return cls(content, compressed, _TYPES[name.rpartition(".")[2]])

    def response(self, request: web.Request, *, cache: str) -> web.Response:
        """Answer a request with this file.

        Args:
            request: decides about compression.
            cache: the value of Cache-Control.
        """
        headers = {"Cache-Control": cache, "Vary": "Accept-Encoding"}
        body = self.content
        if self.compressed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
            body = self.compressed
            headers["Content-Encoding"] = "gzip"
        return web.Response(body=body, content_type=self.content_type, charset="utf-8", headers=headers)


class StaticFiles:
    """All files of `static/`, by name, with the digest that stands in their address."""

    def __init__(self) -> None:
        sources = {
            item.name: item.read_bytes()
            for item in resources.files("node.web").joinpath("static").iterdir()
            if item.name.rpartition(".")[2] in _TYPES
        }
        parts = sorted(name for name in sources if name.endswith(".css"))
        style = b"\n".join(sources.pop(name) for name in parts)
        self._files = {name: StaticFile.of(name, content) for name, content in sources.items()}
        self._files["style.css"] = StaticFile.of("style.css", style)
        whole = sha256()
        for name in sorted(self._files):
            whole.update(name.encode() + b"\0" + self._files[name].content)
        self.digest = whole.hexdigest()[:12]

    def path(self, name: str) -> str:
        """Give the address of a file.

        Raises:
            KeyError: when there is no such file, which is a fault of the template that asked.
        """
        if name not in self._files:
            raise KeyError(f"static/{name} is missing")
        return f"/static/{self.digest}/{name}"

    def get(self, name: str) -> StaticFile | None:
        """Find a file by name."""
        return self._files.get(name)

    def names(self) -> list[str]:
        """List the files, for the service worker and the tests."""
        return sorted(self._files)


STATIC: web.AppKey[StaticFiles] = web.AppKey("static", StaticFiles)


async def static_file(request: web.Request) -> web.Response:
    """Serve `/static/{digest}/{name}`; an old digest gets today's file, kept for a minute only."""
    files = request.app[STATIC]
    found = files.get(request.match_info["name"])
    if found is None:
        raise web.HTTPNotFound
    is_current = request.match_info["digest"] == files.digest
    cache = f"public, max-age={YEAR_S}, immutable" if is_current else "public, max-age=60"
    return found.response(request, cache=cache)
