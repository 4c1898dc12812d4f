"""The sidecar of ts-proto's stub for grpc-js: `demo_resilience.ts` beside `demo.ts`."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import TypedDict

from workspai_hooks.enrichment.kind import Kind
from workspai_hooks.patterns import regex

Services = Mapping[str, "Service"]
_NAME_COLUMNS = 80 - len("    : {")
_CLIENTS = b"makeGenericClientConstructor"  # other outputs of ts-proto make no clients of grpc-js
_NAME = rb"[A-Za-z][\w$]*"
_DEFINITION = regex(
    rb"^export const (" + _NAME + rb") = \{[ \t]*\r?$"
    rb"|^[ \t]+(" + _NAME + rb"): \{\s+path:\s+[\"']/([A-Za-z_][\w.]*)/([A-Za-z_]\w*)[\"']",
    re.MULTILINE,
)
_SNAKE = regex(rb"^[ \t]+[A-Za-z][A-Za-z0-9]*_\w*\??: [^\n;]*;[ \t]*\r?$", re.MULTILINE)
_RELATIVE = regex(
    rb"^(?:import|\}) [^\n]*?from [\"']\.\.?/[^\n\"']*?(\.[jt]s)?[\"'];?[ \t]*\r?$", re.MULTILINE
)


class Service(TypedDict):
    """What a stub calls a service and its methods, by the contract's names of those."""

    name: str
    methods: dict[str, str]


def facts(path: str, content: bytes) -> Mapping[str, object] | None:
    """`module` is what the stub is imported by, `services` by full name what the stub calls each (`name`) and
    its methods (`methods`), `wide` whether a name is too long for a line, `camel` whether fields are called
    so (`requestId`)."""
    if path.endswith(".d.ts") or _CLIENTS not in content:
        return None
    services = _services(content)
    if not services:
        return None
    return {
        "module": module(path, content),
        "services": services,
        "wide": wide(services),
        "camel": _SNAKE.search(content) is None,
    }


def _services(content: bytes) -> Services:
    """Of definitions like `export const CartService = {⏎  getCart: {⏎    path: "/shop.Cart/GetCart"`."""
    found: dict[str, Service] = {}
    methods: dict[str, str] = {}
    name = ""
    for match in _DEFINITION.finditer(content):
        constant, method, service, rpc = ((part or b"").decode() for part in match.groups())
        if constant:
            name, methods = constant, {}
        elif name:
            found.setdefault(service, {"name": name, "methods": methods})
            methods[rpc] = method
    return found


def module(path: str, content: bytes, suffix: str = "") -> str:
    """How a file beside the stub imports it: with the suffix that the stub's own imports have. A stub that
    imports nothing does not tell; then it is `suffix`."""
    relative = _RELATIVE.search(content)
    found = (relative[1] or b"").decode() if relative else suffix
    return f"./{posixpath.splitext(posixpath.basename(path))[0]}{found}"


def wide(services: Services) -> bool:
    """Whether formatters would break a line that begins an object with one of the names."""
    names = [name for one in services.values() for name in (one["name"], *one["methods"].values())]
    return any(len(name) > _NAME_COLUMNS for name in names)


def outputs(path: str, facts: Mapping[str, object]) -> Mapping[str, str]:
    """The sidecar stands beside the stub."""
    return {f"{path.removesuffix('.ts')}_resilience.ts": "grpc_typescript.ts.j2"}


KIND = Kind("grpc-typescript", "ts-proto", facts, outputs)
