"""A server that speaks as much S3 as one object needs, well or badly: the client is the real one.

moto, which speaks all of it, brings boto3 and 300 MB; what is here was held against it once (docs/cache.md).
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BAD = (
    "hangs",
    "drips",
    "cut off",
    "garbage",
    "empty",
    "huge",
    "500",
    "403",
    "leads elsewhere",
    "says no size",
)
KEYS = {
    "AWS_ACCESS_KEY_ID": "reader",
    "AWS_SECRET_ACCESS_KEY": "secret of the reader",
    "AWS_REGION": "eu-west-1",
}
WHEN = "Sun, 29 Nov 2026 12:00:00 GMT"


class Bucket:
    """Objects by path, how the server behaves (one of `BAD`, or well), and what it was asked."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.behaves = "well"
        self.asked: list[tuple[str, str, int]] = []
        """Method, path, status."""
        self.over = threading.Event()
        """Who hangs or drips ends with the test."""
        self.port = 0

    @property
    def environment(self) -> dict[str, str]:
        """What a user sets."""
        endpoint = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}", "AWS_ALLOW_HTTP": "true"}
        return KEYS | endpoint | {"WORKSPAI_CACHE_URL": "s3://team/hooks"}


@contextmanager
def serving() -> Iterator[Bucket]:
    """A bucket, served on this machine."""
    bucket = Bucket()

    class Handler(_Handler):
        at = bucket

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    bucket.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield bucket
    finally:
        bucket.over.set()
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    at: Bucket

    def log_message(self, *_: Any) -> None:
        pass

    def do_PUT(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        if not self._is_let_in() or self.at.behaves in ("403", "500"):
            return self._answer(500 if self.at.behaves == "500" else 403)
        self.at.objects[self.path] = data
        return self._answer(200, tag=_tag(data))

    def do_GET(self) -> None:
        how = self.at.behaves
        if how == "hangs":
            self.at.asked.append(("GET", self.path, 0))
            self.at.over.wait(30)
            self.close_connection = True
        elif how in ("500", "403"):
            self._answer(int(how))
        elif how == "leads elsewhere":
            self._answer(302, more={"Location": "http://127.0.0.1:9/elsewhere"})
        elif not self._is_let_in():
            self._answer(403)
        elif self.path not in self.at.objects:
            self._answer(404)
        else:
            self._give(self.at.objects[self.path], how)

    def _give(self, data: bytes, how: str) -> None:
        if self.headers.get("If-None-Match") == _tag(data):
            return self._answer(304, tag=_tag(data))
        if how == "garbage":
            data = bytes(reversed(data))
        elif how == "empty":
            data = b""
        elif how == "huge":
            return self._answer(200, b"x", _tag(data), size=1 << 40)
        elif how == "cut off":
            return self._answer(200, data[: len(data) // 2], _tag(data), size=len(data))
        elif how == "says no size":
            return self._answer(200, data, _tag(data), size=None)
        elif how == "drips":
            self._answer(200, b"", _tag(data), size=len(data))
            for number in range(len(data)):
                self.wfile.write(data[number : number + 1])
                self.wfile.flush()
                if self.at.over.wait(0.2):
                    break
            self.close_connection = True
            return None
        return self._answer(200, data, _tag(data))

    def _answer(
        self,
        status: int,
        data: bytes = b"",
        tag: str = "",
        size: int | None = -1,
        more: dict[str, str] | None = None,
    ) -> None:
        self.at.asked.append((self.command, self.path, status))
        self.send_response(status)
        if size is not None:
            self.send_header("Content-Length", str(len(data) if size < 0 else size))
        if tag:
            self.send_header("ETag", tag)
            self.send_header("Last-Modified", WHEN)
        for name, value in (more or {}).items():
            self.send_header(name, value)
        self.close_connection = size is None or size > len(data)
        self.end_headers()
        self.wfile.write(data)

    def _is_let_in(self) -> bool:
        return f"Credential={KEYS['AWS_ACCESS_KEY_ID']}/" in self.headers.get("Authorization", "")


def _tag(data: bytes) -> str:
    return f'"{hashlib.md5(data).hexdigest()}"'
