"""What one file of an OpenAPI client says of its description, read from the code that generators write.

Operations are a method and a path that follow each other in turns, as in every generator's clients: a file in
which they don't is not read (`operations` None), so that nothing is told of it.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator

import msgspec

from workspai_hooks.patterns import regex

MAX_BYTES = 16 * 1024 * 1024
MAX_FOUND = 20_000

_QUOTED_PATH = (
    rb"\"((?:\{\}|\$\{[\w.]{1,80}\}|%s)?/[^\"\s\n]{0,2000})\"|'((?:\$\{[\w.]{1,80}\})?/[^'\s\n]{0,2000})'"
)
_PATH = regex(_QUOTED_PATH)
_PATH_OF_SCRIPT = regex(_QUOTED_PATH + rb"|`((?:\$\{[^`{}\n]{1,200}\})?/[^`\n]{0,2000})`")
_SCRIPTS = (".ts", ".tsx", ".mts", ".js", ".mjs")
"""Elsewhere prose has paths between backquotes."""
_METHOD = regex(
    rb"[\"'`](GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS)[\"'`]"
    rb"|\b(?:http\.Method|(?:Http|Request|HTTP)?[mM]ethod(?:\.|::)_?)"
    rb"(GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS|Get|Post|Put|Delete|Patch|Head|Options)\b"
    rb"|[(\s]:(GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS)\b|\bmethod[\"']?\s{0,9}[:=]\s{0,9}[\"'](get|post|put|delete|patch|head|options)[\"']"
    rb"|\b(?:client|\?\? client|axios|http)\)?\.(get|post|put|delete|patch)(?=[<(])"
)
_COMMENT = regex(
    rb"^[ \t]*/\*[\s\S]*?(?:\*/|\Z)|^[ \t]*(?://|\*|#(?!\[)|--)[^\n]*|\"{3}[\s\S]*?(?:\"{3}|\Z)", re.M
)
"""Comments that begin a line, and docstrings: they tell of paths."""
_PARAMETER = regex(rb"\$\{(?:[^{}]|\{[^{}]{0,200}\}){0,400}\}|\{[^{}]{0,400}\}|%[sv]")
_JOINED = regex(rb"\" \+ pathParam\d{1,4} \+ \"")
_JOINED_LAST = regex(rb"\" \+ pathParam\d{1,4}$", re.M)
"""oapi-codegen's since 2.6: `"/orders/" + pathParam0 + "/lines"`."""
_SUPPORT = regex(r"(?:^|/)(?:\w*ApiClient|\w*Implementations|\w*Configuration|runtime|base|common)\.\w+$")
"""Files that bring the requests of all operations on their way, and name none."""
_SPEC = regex(rb"\bvar swaggerSpec = \[\]string\{((?:\s*\"[A-Za-z0-9+/=]*\",?)+)")
_QUOTED = regex(rb"\"([A-Za-z0-9+/=]*)\"")

_BRACED = b"\n}"
_MODELS = {
    ".py": (
        regex(rb"^class (\w{1,200})\(BaseModel\):", re.M),
        b"",
        regex(rb"^    __properties(?:: ClassVar\[List\[str\]\])? = \[([^\]\n]{0,20000})\]", re.M),
    ),
    ".go": (
        regex(rb"^type (\w{1,200}) struct \{$", re.M),
        _BRACED,
        regex(rb"`[^`\n]{0,100}json:\"([^\",\n]{1,200})"),
    ),
    ".java": (
        regex(rb"^public class (\w{1,200})\b", re.M),
        b"",
        regex(rb"\b(?:JSON_PROPERTY|SERIALIZED_NAME)_\w{1,200} = \"([^\"\n]{1,200})\""),
    ),
    ".kt": (
        regex(rb"^data class (\w{1,200}) \($", re.M),
        b"\n)",
        regex(
            rb"@(?:\w{1,20}:)?(?:Json\(name = |SerializedName\(|SerialName\(value = |JsonProperty\()"
            rb"\"([^\"\n]{1,200})\""
        ),
    ),
    ".ts": (
        regex(rb"^export (?:interface|type) (\w{1,200}) (?:= )?\{$", re.M),
        _BRACED,
        regex(rb"^(?:    |  |\t)(?:readonly )?[\"']?([\w.$-]{1,200})[\"']?\??: ", re.M),
    ),
}
"""By suffix: how a model begins, how it ends (at the next one at the latest), the names of fields in JSON."""
_FETCH = (
    regex(rb"^export function (\w{1,200})FromJSONTyped\(", re.M),
    _BRACED,
    regex(rb"\bjson\['([^'\n]{1,200})'\]"),
)
_IN_QUOTES = regex(rb"[\"']([^\"'\n]{1,200})[\"']")
_ATTRS = regex(rb"^class (\w{1,200}):\n", re.M)
_POPPED = regex(rb"\b(?:_?d|field_dict)(?:\.pop\(|\[)[\"']([^\"'\n]{1,200})[\"']")


class Model(msgspec.Struct, frozen=True, order=True):
    """A model that a client declares, and its fields as they are called in JSON."""

    name: str
    fields: tuple[str, ...]


class Code(msgspec.Struct, frozen=True):
    """What one file says. `operations` are like `GET /orders/{}`; None: it has some that can't be read.
    `description` is the whole contract, where the file carries it."""

    operations: tuple[str, ...] | None = ()
    models: tuple[Model, ...] = ()
    description: bytes = b""


def read(path: str, data: bytes) -> Code:
    """What a file of a client says."""
    if len(data) > MAX_BYTES:
        return Code(None)
    return Code(
        () if _SUPPORT.search(path) else _operations(path, _COMMENT.sub(b"", data)),
        tuple(sorted(_models(path, data))),
        _embedded(data),
    )


def normalized(path: str) -> str:
    """A path without the names of its parameters, as `operations` have it."""
    return _PARAMETER.sub(b"{}", path.encode()).decode("utf-8", "replace")


def _operations(path: str, data: bytes) -> tuple[str, ...] | None:
    found: list[tuple[int, str, str]] = []
    if path.endswith(".go"):
        data = _JOINED_LAST.sub(b'%s"', _JOINED.sub(b"%s", data))
    paths = _PATH_OF_SCRIPT if path.endswith(_SCRIPTS) else _PATH
    for match in paths.finditer(data):
        text = next(one for one in match.groups() if one).partition(b"?")[0]
        route = _PARAMETER.sub(b"{}", text)
        route = route.removeprefix(b"{}") if route.startswith(b"{}/") else route.removeprefix(b"%s")
        if len(route) > 1 and not route.startswith(b"//"):
            found.append((match.start(), "path", route.decode("utf-8", "replace")))
    if not found:
        return ()
    for match in _METHOD.finditer(data):
        found.append((match.start(), "method", next(one for one in match.groups() if one).decode().upper()))
    turns = [(kind, text) for _, kind, text in sorted(found)[: 2 * MAX_FOUND]]
    kinds = [kind for kind, _ in turns]
    if "method" not in kinds:
        return ()
    even, odd = kinds[::2], kinds[1::2]
    if len(even) != len(odd) or len({*even}) != 1 or len({*odd}) != 1 or even[0] == odd[0]:
        return None
    pairs = zip(turns[::2], turns[1::2], strict=True)
    said = ((one, other) if one[0] == "method" else (other, one) for one, other in pairs)
    return tuple(sorted({f"{method[1]} {path[1]}" for method, path in said}))


def _models(path: str, data: bytes) -> Iterator[Model]:
    suffix = path[path.rfind(".") :]
    if suffix == ".py" and (named := _ATTRS.search(data)) and b"def from_dict(" in data:
        yield _model(named[1], _POPPED.findall(data, named.end()))
        return
    if suffix == ".ts" and b"FromJSON" in data and b"FromJSONTyped(" not in data:
        return  # of typescript-fetch: interfaces there are arguments of operations
    row = _FETCH if suffix == ".ts" and b"FromJSONTyped(" in data else _MODELS.get(suffix)
    if row is None:
        return
    begins, ends, field = row
    heads = list(begins.finditer(data))
    for at, head in enumerate(heads):
        body = data[head.end() : heads[at + 1].start() if at + 1 < len(heads) else len(data)]
        fields = field.findall(body.partition(ends)[0] if ends else body)
        if suffix == ".py":
            fields = _IN_QUOTES.findall(fields[0]) if fields else []
        if fields:
            yield _model(head[1], fields)


def _model(name: bytes, fields: list[bytes]) -> Model:
    names = {one.decode("utf-8", "replace") for one in fields[:MAX_FOUND]} - {"-"}
    return Model(name.decode(), tuple(sorted(names)))


def _embedded(data: bytes) -> bytes:
    """oapi-codegen's description: packed, in Base64, on many lines."""
    start = _SPEC.search(data) if b"swaggerSpec" in data else None
    if start is None:
        return b""
    try:
        raw = base64.b64decode(b"".join(_QUOTED.findall(start[1])))
        return zlib.decompressobj(wbits=31 if raw[:2] == b"\x1f\x8b" else -15).decompress(raw, MAX_BYTES)
    except (binascii.Error, ValueError, zlib.error):
        return b""
