"""A real HTTP server on loopback that misbehaves as each request asks, and keeps what came of each call.

A request names its call by the last segment of its path and what is to happen by `?behaviour=`:

    ok            200
    status:N      N each time                      flaky:K:N     N the first K times, then 200
    after:K:N:W   N with `Retry-After: W` the first K times, then 200; W is seconds, or `date+S`: S from now
    hang          no answer                        reset         the connection ends without an answer
    drip:S        the head at once, then a body that takes S seconds
    slow:S        200 after S seconds
"""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

HANG_S = 20.0


class Try(NamedTuple):
    """What the server saw: `at` in seconds since 1970, `key` the Idempotency-Key or ""."""

    at: float
    method: str
    path: str
    key: str
    body: bytes


class Server(ThreadingHTTPServer):
    """`with Server() as server: … server.tries["call"]`; `url` has no slash at its end."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.tries: dict[str, list[Try]] = defaultdict(list)
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Server:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are what is tested."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def _serve(self) -> None:
        url = urlsplit(self.path)
        call = url.path.rsplit("/", 1)[-1]
        behaviour = parse_qs(url.query).get("behaviour", ["ok"])[0]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        key = self.headers.get("Idempotency-Key", "")
        with self.server.lock:
            tries = self.server.tries[call]
            tries.append(Try(time.time(), self.command, url.path, key, body))
            number = len(tries)
        name, *words = behaviour.split(":")
        getattr(self, f"_{name}")(number, *words)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve

    def _ok(self, _: int) -> None:
        self._answer(200)

    def _status(self, _: int, status: str) -> None:
        self._answer(int(status))

    def _flaky(self, number: int, times: str, status: str) -> None:
        self._answer(int(status) if number <= int(times) else 200)

    def _after(self, number: int, times: str, status: str, wait: str) -> None:
        if wait.startswith("date+"):
            wait = formatdate(time.time() + float(wait[5:]), usegmt=True)
        failing = number <= int(times)
        self._answer(int(status) if failing else 200, {"Retry-After": wait} if failing else {})

    def _hang(self, _: int) -> None:
        self.server.stopping.wait(HANG_S)
        self.close_connection = True

    def _reset(self, _: int) -> None:
        self.close_connection = True

    def _slow(self, _: int, seconds: str) -> None:
        self.server.stopping.wait(float(seconds))
        self._answer(200)

    def _drip(self, _: int, seconds: str) -> None:
        parts = [b'{"text":"', *[b"x"] * 8, b'"}']
        self.send_response(200)
        self.send_header("Content-Type", self._type())
        self.send_header("Content-Length", str(sum(map(len, parts))))
        self.end_headers()
        for part in parts:
            self.wfile.write(part)
            self.server.stopping.wait(float(seconds) / len(parts))

    def _answer(self, status: int, headers: dict[str, str] | None = None) -> None:
        body = json.dumps({"text": "done"}).encode()
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Type": self._type()}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _type(self) -> str:
        return "application/octet-stream" if "/files/" in self.path else "application/json"

    def log_message(self, *_: object) -> None:
        """Nothing to standard error."""
