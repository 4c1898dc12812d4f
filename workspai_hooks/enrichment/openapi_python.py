"""Sidecars of Python clients by openapi-generator (its urllib3 library): a module beside the package.

The anchor is the package's `api_client.py`. Clients without `param_serialize` (before 7.1) and those of the
asyncio, httpx and tornado libraries get none.
"""

from __future__ import annotations

import keyword
import posixpath
import re
from collections.abc import Mapping

from workspai_hooks.enrichment.kind import Kind
from workspai_hooks.patterns import regex

_PACKAGE = regex(rb"^from ([A-Za-z_][A-Za-z0-9_.]*)\.configuration import Configuration\b", re.MULTILINE)
_SERIALIZES = regex(rb"^    def param_serialize\(", re.MULTILINE)
_CALLS = regex(rb"^    def call_api\(", re.MULTILINE)


def facts(path: str, content: bytes) -> Mapping[str, object] | None:
    """`package` is the client's, with dots, `module` the sidecar's."""
    if posixpath.basename(path) != "api_client.py" or not (
        _SERIALIZES.search(content) and _CALLS.search(content)
    ):
        return None
    found = _PACKAGE.search(content)
    package = found[1].decode() if found else ""
    parts = package.split(".")
    if not all(part.isidentifier() and not keyword.iskeyword(part) for part in parts):
        return None
    if parts[-1] != posixpath.basename(posixpath.dirname(path)):
        return None  # moved: where it is imported from now is not known
    return {"package": package, "module": f"{package}_resilience"}


def outputs(path: str, _: Mapping[str, object]) -> Mapping[str, str]:
    return {f"{posixpath.dirname(path)}_resilience.py": "openapi_python.py.j2"}


KIND = Kind("openapi-python", "openapi-generator", facts, outputs)
