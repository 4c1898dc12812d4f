"""Sidecars of gRPC stubs in Go: `demo_grpc_resilience.go` with what one contract says of its methods, and
`grpc_resilience.go`, one for a package, which acts on it.

Several contracts can be generated into one Go package, where names are shared: the second file is the same
text whichever contract it is made for, so that `WithResilience` is there once and speaks for all of them.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Mapping

from workspai_hooks.enrichment.kind import Kind
from workspai_hooks.enrichment.rendering import template_text
from workspai_hooks.patterns import regex

PACKAGE_FILE = "grpc_resilience.go"
_PACKAGE_TEMPLATE = "grpc_go_package.go.j2"
# protoc-gen-go wrote services itself until 1.4 of github.com/golang/protobuf (plugins=grpc).
_GENERATORS = ("protoc-gen-go-grpc", "protoc-gen-go")
_PACKAGE = regex(rb"^package (\w+)[ \t]*$", re.MULTILINE)
_IMPORT = regex(rb"^\t(?:(\w+) )?\"([\w.~/-]+)\"[ \t]*$", re.MULTILINE)
_CLIENT = regex(
    rb"^func New(\w+Client)\(cc \*?grpc\.ClientConn(?:Interface)?\) \w+ \{\s+return &(\w+)\{", re.MULTILINE
)
_UNARY = regex(
    rb"^func \(c \*(\w+)\) (\w+)\(ctx context\.Context, in \*([\w.]+), opts \.\.\.grpc\.CallOption\) "
    rb"\(\*[\w.]+, error\) \{.{0,400}?Invoke\(ctx, (?:\"(/[\w.]+/\w+)\"|(\w+)),",
    re.MULTILINE | re.DOTALL,
)
_CONSTANT = regex(rb"^\t(\w+_FullMethodName)[ \t]+= \"(/[\w.]+/\w+)\"[ \t]*$", re.MULTILINE)


def facts(path: str, content: bytes) -> Mapping[str, object] | None:
    """`package` is the clause's name; `methods` tells of each unary method's path: `constant`, which
    holds it (empty in stubs of protoc-gen-go-grpc before 1.3), `rpc`, the client's method, `request`, the
    type of its request, and `import`, where that is from (empty: this package)."""
    package, clients = _PACKAGE.search(content), {found[2]: found[1] for found in _CLIENT.finditer(content)}
    if package is None or not clients:
        return None
    constants = {found[1]: found[2] for found in _CONSTANT.finditer(content)}
    imports = _imports(content)
    methods: dict[str, dict[str, str]] = {}
    for found in _UNARY.finditer(content):
        client, (rpc, request, literal, constant) = clients.get(found[1]), found.groups()[1:]
        route = literal or constants.get(constant)
        prefix = request.rpartition(b".")[0].decode()
        if client is None or route is None or (prefix and prefix not in imports):
            continue
        methods[route.decode()] = {
            "constant": (constant or b"").decode(),
            "rpc": f"{client.decode()}.{rpc.decode()}",
            "request": request.decode(),
            "import": imports.get(prefix, ""),
        }
    return {"package": package[1].decode(), "methods": dict(sorted(methods.items()))}


def _imports(content: bytes) -> dict[str, str]:
    """The imports of a stub as they are written, by the name that they go by."""
    head = content[: content.find(b"\n)")]
    found = ((one[1] or one[2].rpartition(b"/")[2], one) for one in _IMPORT.finditer(head))
    return {name.decode(): one[0].decode().strip() for name, one in found}


def package_facts(path: str, content: bytes) -> Mapping[str, object] | None:
    """`digest` is that of our template: nothing else goes into the file but the package's name."""
    read = facts(path, content)
    if read is None:
        return None
    digest = hashlib.sha256(template_text(_PACKAGE_TEMPLATE).encode()).hexdigest()[:12]
    return {"package": read["package"], "digest": digest}


def outputs(path: str, facts: Mapping[str, object]) -> Mapping[str, str]:
    """Beside the stub, and not `*.pb.go`: clean-ups glob for that."""
    stem = path.removesuffix(".pb.go").removesuffix("_grpc")
    return {f"{stem}_grpc_resilience.go": "grpc_go.go.j2"}


def package_outputs(path: str, facts: Mapping[str, object]) -> Mapping[str, str]:
    """One file for all stubs of a folder."""
    return {posixpath.join(posixpath.dirname(path), PACKAGE_FILE): _PACKAGE_TEMPLATE}


KINDS = tuple(
    kind
    for generator in _GENERATORS
    for kind in (
        Kind("grpc-go", generator, facts, outputs),
        Kind("grpc-go-package", generator, package_facts, package_outputs),
    )
)
