"""Sidecars of openapi-python-client's clients: `client_resilience.py` beside `client.py`. It stands in the
package, as only a relative import reaches it wherever the package is; the generator leaves it alone.

The anchor is the package's `__init__.py`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from workspai_hooks.enrichment.kind import Kind
from workspai_hooks.patterns import regex

_DOCSTRING = regex(rb"\A\s*\"\"\" ?A client library for accessing ")
_IMPORT = regex(rb"^from \.client import AuthenticatedClient, Client$", re.MULTILINE)


def facts(path: str, content: bytes) -> Mapping[str, object] | None:
    """Nothing but that it is one."""
    if posixpath.basename(path) != "__init__.py":
        return None
    return {} if _DOCSTRING.search(content) and _IMPORT.search(content) else None


def outputs(path: str, _: Mapping[str, object]) -> Mapping[str, str]:
    return {posixpath.join(posixpath.dirname(path), "client_resilience.py"): "openapi_httpx.py.j2"}


KIND = Kind("openapi-httpx", "openapi-python-client", facts, outputs)
