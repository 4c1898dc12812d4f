"""The sidecar of a gRPC stub in Java: `CartServiceResilience.java` beside `CartServiceGrpc.java`.

Kotlin's stubs stand on the same generated class and the same channels, so that they have this one as well.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from workspai_hooks.enrichment.kind import Kind
from workspai_hooks.patterns import regex

_SUFFIX = "Grpc.java"
_NAME = rb"[A-Za-z_]\w*"
_PACKAGE = regex(rb"^package (" + _NAME + rb"(?:\." + _NAME + rb")*);", re.MULTILINE)
_SERVICE = regex(rb"\bString SERVICE_NAME = \"(" + _NAME + rb"(?:\." + _NAME + rb")*)\";")
_METHOD = regex(
    rb"^\s*fullMethodName = SERVICE_NAME \+ '/' \+ \"(" + _NAME + rb")\",|> (get\w+Method)\(\) \{",
    re.MULTILINE,
)


def facts(path: str, content: bytes) -> Mapping[str, object] | None:
    """`package` (empty: none), `grpc` the stub's class, `name` the sidecar's, `service` as the contract calls
    it, `methods` by their names there what gives their descriptors."""
    grpc = posixpath.basename(path).removesuffix(".java")
    service = _SERVICE.search(content)
    if not path.endswith(_SUFFIX) or not re.fullmatch(r"[A-Za-z_]\w*", grpc, re.ASCII) or service is None:
        return None
    package = _PACKAGE.search(content)
    methods: dict[str, str] = {}
    rpc = ""
    for found in _METHOD.finditer(content):
        if found[1]:
            rpc = found[1].decode()
        elif rpc:
            methods[rpc], rpc = found[2].decode(), ""
    return {
        "package": package[1].decode() if package else "",
        "grpc": grpc,
        "name": f"{grpc.removesuffix('Grpc')}Resilience",
        "service": service[1].decode(),
        "methods": methods,
    }


def outputs(path: str, facts: Mapping[str, object]) -> Mapping[str, str]:
    """The sidecar stands beside the stub."""
    return {f"{path.removesuffix(_SUFFIX)}Resilience.java": "grpc_java.java.j2"}


KIND = Kind("grpc-java", "grpc-java", facts, outputs, whole_config=True)
