"""Python: requests, httpx, aiohttp and urllib, and what JSON becomes by way of the usual libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.http.bodies import (
    CLIENT,
    ENCODED,
    RESPONSE,
    client,
    decoded,
    encoded,
    is_json,
    is_response,
    item_of,
)
from workspai_hooks.workspace.http.clients import (
    VERBS,
    Clients,
    body_or,
    environment,
    method_of,
    resolved,
    verb_of,
    with_base,
)
from workspai_hooks.workspace.http.fields_python import is_dict, is_required, json_name
from workspai_hooks.workspace.http.names import hint
from workspai_hooks.workspace.http.texts import hole, is_text, literal, text
from workspai_hooks.workspace.use_sites.syntax import Member
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    FunctionOf,
    LibraryOf,
    ListOf,
    Method,
    TupleOf,
    TypeOf,
    Value,
)

if TYPE_CHECKING:
    from workspai_hooks.workspace.http.invocation import Invocation
    from workspai_hooks.workspace.use_sites.infer.program import ClassDecl

_MODULES = regex(r"^(?:requests(?:\.api)?|httpx|requests_cache|niquests)\.(\w+)$")
_MADE = regex(
    r"^(?:requests(?:\.sessions)?\.(?:Session|session)|httpx\.(?:Client|AsyncClient)|aiohttp\.ClientSession"
    r"|aiohttp\.client\.ClientSession|requests_cache\.CachedSession|requests_toolbelt\.sessions\.BaseUrlSession)$"
)
_LOCUST = regex(r"^locust\.[\w.()]*\bclient\.(\w+)$")
_ENVIRONMENT = frozenset({"os.environ.get", "os.getenv", "os.environ.pop", "environ.get", "decouple.config"})
_DECODING = frozenset(
    {
        *("model_validate", "parse_obj", "from_dict", "model_validate_json", "parse_raw", "construct"),
        *("from_json", "model_construct", "validate_python", "validate_json", "loads", "load"),
        *("schema_load", "structure"),
    }
)
_LATER = frozenset(
    {
        *("submit", "run_in_executor", "to_thread", "run_sync", "run_in_threadpool", "apply_async"),
    }
)
"""They call the function that they are handed, in another thread or process."""
_SENT = ("json", "data", "content", "params")


class PythonClients(Clients):
    """requests, httpx, aiohttp, urllib."""

    text_types = frozenset({"str", "AnyStr", "HttpUrl", "AnyUrl", "AnyHttpUrl", "URL"})
    getters = frozenset({"get", "pop", "setdefault", "__getitem__"})
    list_methods = frozenset({"append", "extend", "sort", "reverse", "insert", "index", "count", "copy"})
    plain_methods = frozenset(
        {"strip", "lower", "upper", "split", "startswith", "endswith", "encode", "decode"}
    )
    harmless = frozenset(
        {
            *("print", "len", "isinstance", "str", "repr", "bool", "type", "any", "all", "sum", "debug"),
            *("info", "warning", "error", "exception", "critical", "raise_for_status", "min", "max"),
            *("id", "range"),
        }
    )

    def call(self, it: Invocation) -> Value | None:
        """A request, or what makes a client, reads the environment, decodes JSON."""
        path = it.path
        if path.startswith("("):
            return self._of_value(it)
        if _MADE.match(path):
            return client("python", it.arg(99, "base_url"))
        if found := _MODULES.match(path):
            return _request(it, found[1], None)
        if path.endswith(".config.get") and it.args:
            key = literal(it.text(0)) or ""
            known = it.engine.knowledge.get(("setting", key, ""))
            return hole(key) if known is None else known
        if found := _LOCUST.search(path):
            return _request(it, found[1], hole("host"))
        if path in _ENVIRONMENT:
            return environment((*it.args[:2], *([it.named["default"]] if "default" in it.named else [])))
        if path.endswith(("urllib.request.urlopen", "urllib.request.Request", "urllib2.urlopen")):
            return _urllib(it)
        if path in ("urllib.parse.urljoin", "urlparse.urljoin", "requests.compat.urljoin"):
            return resolved(it.text(0), it.text(1))
        if path in ("json.loads", "orjson.loads", "ujson.loads", "json.load", "simplejson.loads"):
            return it.engine.settle(it.args[0]) if it.args else None
        if path in ("json.dumps", "orjson.dumps", "ujson.dumps", "fastapi.encoders.jsonable_encoder"):
            return encoded(it.engine.settle(it.args[0])) if it.args else None
        if path in ("flask.jsonify", "quart.jsonify") and it.args:
            return encoded(it.engine.settle(it.args[0]))
        if it.name in _LATER:
            return _run(it)
        if path in ("dataclasses.asdict", "attr.asdict", "attrs.asdict"):
            return encoded(it.engine.settle(it.args[0])) if it.args else None
        return self._decoding(it)

    def _decoding(self, it: Invocation) -> Value | None:
        """`Order.model_validate(data)`, `TypeAdapter(list[Order]).validate_python(data)`."""
        if it.name not in _DECODING or not it.args:
            return None
        whole = it.engine.settle(it.args[0])
        if not (is_json(whole) or is_response(whole)):
            return None

        owner = it.engine.evaluate(it.node.fn.obj, it.scope) if isinstance(it.node.fn, Member) else UNKNOWN
        match owner:
            case TypeOf(kind) | LibraryOf("(adapter)", (kind,)):
                return it.engine.decode(kind, whole)
            case _:
                return None

    def _of_value(self, it: Invocation) -> Value | None:
        """A method of a client, a response, JSON or an adapter."""
        owner, _, name = it.path.rpartition(".")
        if owner == f"{CLIENT}python":
            return _request(it, name, it.carried[0])
        return None

    def of_json(self, owner: LibraryOf, name: str) -> Value | None:
        if name in ("items", "values", "keys"):
            item = item_of(owner)
            given: dict[str, Value] = {"items": TupleOf((PLAIN, item)), "values": item, "keys": PLAIN}
            return Method(ListOf(given[name]))
        if name in ("result", "__enter__", "copy", "data", "get_data"):
            return Method(owner) if name != "data" else owner
        return super().of_json(owner, name) or UNKNOWN  # a dictionary's properties are no attributes

    def member(self, owner: LibraryOf, name: str) -> Value | None:
        """A member of a response; `os.environ` and settings by the names of variables."""
        if owner.path == ENCODED:
            return owner if name == "data" else Method(owner)
        if owner.path == RESPONSE:
            body = owner.args[-1]
            if name in ("json", "read", "get_json", "aread"):
                return Method(body)
            if name in ("text", "content", "body", "data"):
                return body if owner.args else None
            if name == "result":
                return Method(owner)
            return owner if name in ("__enter__", "__aenter__", "response") else Method()
        return None

    def element(self, owner: LibraryOf, key: str) -> Value | None:
        if owner.path.endswith("environ"):
            return environment((text(key),))
        return hole(key) if self.is_store(owner) else None

    def is_store(self, owner: LibraryOf) -> bool:
        return owner.path.endswith((".config", "()config"))

    def type(self, path: str, args: tuple[Value, ...]) -> Value | None:
        if path.endswith("TypeAdapter") and args:
            return LibraryOf("(adapter)", args)
        return None

    def of_text(self, owner: LibraryOf, name: str) -> Value:
        if name == "join":
            return Method(compute=lambda args: _joined_by(owner, args))
        return super().of_text(owner, name)

    def guessed(self, it: Invocation) -> Value | None:
        """`self.session.get("/orders/1")` where nothing tells what the session is."""
        if it.name in _LATER:
            return _run(it)
        if it.name not in VERBS or not it.args or it.path:
            return None

        url = it.text(0)
        owner = hint(it.node.fn.obj).rpartition(".")[2].lower() if isinstance(it.node.fn, Member) else ""
        if not _is_client(owner) or not is_text(url):
            return None
        return it.request(verb_of(it.name), with_base(hole(), url), _body(it), sure=False)

    def json_name(self, declared: ClassDecl, member: str) -> str | None:
        return json_name(declared, member)

    def is_dict(self, declared: ClassDecl) -> bool:
        return is_dict(declared)

    def is_required(self, declared: ClassDecl, member: str) -> bool:
        return is_required(declared, member)


_CLIENT_NAMES = ("client", "session", "http", "requests", "httpx")


def _is_client(name: str) -> bool:
    return name.endswith(_CLIENT_NAMES)


def _request(it: Invocation, name: str, base: Value | None) -> Value | None:
    """`requests.get(url)`, `session.request("GET", url)`, `client.stream("GET", url)`."""
    if name in ("request", "stream", "Request", "build_request"):
        method, at = method_of(it.arg(0, "method")), 1
    elif name in VERBS:
        method, at = verb_of(name), 0
    elif name == "ws_connect":
        return None
    else:
        return None
    url = it.text(at, "url")
    return it.request(method, url if base is None else with_base(base, url), _body(it))


def _run(it: Invocation) -> Value | None:
    """`executor.submit(f, x)`: a future is what it gives."""
    for index, arg in enumerate(it.args):
        given = it.engine.settle(arg)
        if isinstance(given, FunctionOf):
            return it.engine.call_function(given, it.args[index + 1 :])
        if isinstance(given, Method):
            return given.result
    return None


def _body(it: Invocation) -> Value:
    for name in _SENT[:3]:
        if name in it.named:
            return decoded(it.engine.settle(it.named[name]))
    return body_or(it.engine.settle(it.args[1]) if len(it.args) > 1 and it.name != "get" else None)


def _urllib(it: Invocation) -> Value | None:
    """`urlopen(url)`, `urlopen(Request(url, method="POST"))`."""
    first = it.engine.settle(it.args[0]) if it.args else UNKNOWN
    if isinstance(first, LibraryOf) and first.path == RESPONSE:
        return first
    sent = it.named.get("data") or (it.args[1] if len(it.args) > 1 else None)
    method = (
        method_of(it.named["method"]) if "method" in it.named else text("GET" if sent is None else "POST")
    )
    return it.request(method, it.text(0, "url"), body_or(sent))


def _joined_by(owner: Value, args: tuple[Value, ...]) -> Value:
    """`"/".join([BASE, "orders", id])`: the list has become one of choices, so that its order is lost."""
    return hole()
