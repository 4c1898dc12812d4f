"""The sidecar of a gRPC stub in Python: `demo_pb2_grpc_resilience.py` beside `demo_pb2_grpc.py`."""

from __future__ import annotations

import keyword
import posixpath
import re
from collections.abc import Iterator, Mapping

import msgspec

from workspai_hooks.enrichment.kind import Kind
from workspai_hooks.patterns import regex

_STUB = "_pb2_grpc.py"
_IMPORT = regex(
    rb"^(?:from[ \t]+([.\w]+)[ \t]+)?import[ \t]+([.\w]+_pb2)(?:[ \t]+as[ \t]+(\w+))?[ \t]*$", re.MULTILINE
)
_METHOD = regex(
    rb"\bself\.\w+[ \t]*=[ \t]*channel\.unary_unary\(\s*['\"](/[\w.]+/\w+)['\"],"
    rb"\s*request_serializer[ \t]*=[ \t]*([\w.]+)\.SerializeToString\b"
)
_CLASS = regex(rb"^class \w+Servicer\b", re.MULTILINE)


class _Module(msgspec.Struct, frozen=True):
    """An import of a `_pb2` module: `package` is as written behind `from`, empty for a plain import; `name`
    as written behind `import`, `alias` is what the stub calls it."""

    package: str
    name: str
    alias: str

    @property
    def statement(self) -> str:
        begins = f"from {self.package} import {self.name}" if self.package else f"import {self.name}"
        return begins if self.alias == self.name else f"{begins} as {self.alias}"


def facts(path: str, content: bytes) -> Mapping[str, object] | None:
    """`module` is the stub's own name, `package` where to import it from as the stub imports its messages
    (empty: a plain import; None: the stub does not tell), `requests` for each unary method's path the class
    of its request and the statement that imports it."""
    stem = posixpath.basename(path).removesuffix(".py")
    if not path.endswith(_STUB) or not _is_name(stem) or _CLASS.search(content) is None:
        return None
    modules = list(_modules(content))
    return {
        "module": stem,
        "package": _package(posixpath.dirname(path), stem.removesuffix("_grpc"), modules),
        "requests": dict(sorted(_requests(content, modules))),
    }


def _modules(content: bytes) -> Iterator[_Module]:
    for found in _IMPORT.finditer(content):
        package, name, alias = ((part or b"").decode("utf-8", "replace") for part in found.groups())
        if all(_is_name(part) for part in f"{package.lstrip('.')}.{name}.{alias}".split(".") if part):
            yield _Module(package, name, alias or name)


def _package(folder: str, messages: str, modules: list[_Module]) -> str | None:
    """Where the stub's own module is imported from. Its messages stand beside it; it does not import them
    where the contract has none, or has only methods that take and give messages of other contracts."""
    for module in modules:
        if module.name.rpartition(".")[2] == messages:
            return module.package or module.name.rpartition(".")[0]
    within = folder.split("/")
    for module in modules:
        if module.package.startswith("."):
            return "."
        first = (module.package or module.name).partition(".")[0]
        if first == "google":
            continue  # an installed package: says nothing of where this one is
        if not module.package and "." not in module.name:
            return ""
        if first in within:
            at = len(within) - 1 - within[::-1].index(first)
            return ".".join(within[at:])
    return None


def _requests(content: bytes, modules: list[_Module]) -> Iterator[tuple[str, dict[str, str]]]:
    statements = {module.alias: module.statement for module in modules}
    for found in _METHOD.finditer(content):
        rpc, request = found[1].decode(), found[2].decode("utf-8", "replace")
        statement = statements.get(request.partition(".")[0])
        if statement is not None and all(map(_is_name, request.split("."))):
            yield rpc, {"type": request, "import": statement}


def _is_name(text: str) -> bool:
    return text.isidentifier() and text.isascii() and not keyword.iskeyword(text)


def outputs(path: str, facts: Mapping[str, object]) -> Mapping[str, str]:
    """The sidecar stands beside the stub."""
    return {f"{path.removesuffix('.py')}_resilience.py": "grpc_python.py.j2"}


KIND = Kind("grpc-python", "grpc-python", facts, outputs)
