"""The only place that reaches a network, for `facts update` alone: one https URL, to a bounded size.

TLS is verified, a redirect stays on https, no credentials are sent. Proxies and certificates are those of the
environment (`HTTPS_PROXY`, `SSL_CERT_FILE`), as everywhere.
"""

from __future__ import annotations

import time
from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    UnknownHandler,
)

from workspai_hooks import __version__
from workspai_hooks.disclosure import address

MAX_REDIRECTS = 5
PATIENCE_S = 20.0
"""So long a server may be silent."""
TOTAL_S = 120.0
_CHUNK = 1 << 16


class WebError(Exception):
    """Why a URL gave nothing that can be used."""


class _StaysSecure(HTTPRedirectHandler):
    max_redirections = MAX_REDIRECTS

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        if urlsplit(newurl).scheme != "https":
            raise WebError(f"leads to {address(newurl)[:200]}, which is not https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch(url: str, max_bytes: int) -> bytes:
    """What a URL gives; `WebError` where that is nothing, too much, too slow or not safe."""
    if urlsplit(url).scheme != "https":
        raise WebError("is not https")
    request = Request(url, headers={"User-Agent": f"workspai-hooks/{__version__}"})
    until = time.monotonic() + TOTAL_S
    data = bytearray()
    try:
        with _opener().open(request, timeout=PATIENCE_S) as answer:
            while chunk := answer.read(_CHUNK):
                data += chunk
                if len(data) > max_bytes:
                    raise WebError(f"gives more than {max_bytes >> 20} MiB")
                if time.monotonic() > until:
                    raise WebError(f"was not done within {TOTAL_S:g} s")
    except HTTPError as error:
        raise WebError(f"gave nothing: {error.code} {error.reason}") from error
    except URLError as error:
        raise WebError(f"gave nothing: {error.reason}") from error
    except (OSError, HTTPException, ValueError) as error:
        raise WebError(f"gave nothing: {error}") from error
    return bytes(data)


def _opener() -> OpenerDirector:
    """One that speaks nothing but https."""
    opener = OpenerDirector()
    for handler in (
        ProxyHandler(),
        UnknownHandler(),
        HTTPSHandler(),
        HTTPDefaultErrorHandler(),
        _StaysSecure(),
        HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener
