"""JavaScript and TypeScript: fetch, axios, Angular's and NestJS' clients, got, ky, superagent, jQuery."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.http.bodies import (
    CLIENT,
    RESPONSE,
    client,
    decoded,
    encoded,
    is_json,
)
from workspai_hooks.workspace.http.clients import (
    COMPONENTS,
    VERBS,
    Clients,
    environment,
    method_of,
    resolved,
    verb_of,
    with_base,
)
from workspai_hooks.workspace.http.names import hint
from workspai_hooks.workspace.http.texts import hole, is_text, piece, says_text, text
from workspai_hooks.workspace.use_sites.ecmascript.library import awaited
from workspai_hooks.workspace.use_sites.syntax import Generic, Member, Name
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    FunctionOf,
    LibraryOf,
    ListOf,
    Method,
    RecordOf,
    Value,
    alternatives,
)

if TYPE_CHECKING:
    from workspai_hooks.workspace.http.invocation import Invocation
    from workspai_hooks.workspace.use_sites.infer.program import ClassDecl

_FETCH = regex(
    r"^(?:(?:window|globalThis|self)\.)?fetch$|^(?:node-fetch|cross-fetch|isomorphic-fetch|undici|isomorphic-unfetch"
    r"|whatwg-fetch|unfetch|axios-fetch|@tauri-apps/plugin-http)(?:\.(?:default|fetch))?$|^\$fetch$|^ofetch(?:\.\$?o?fetch)?$"
)
_AXIOS = regex(
    r"^axios(?:\.default)?(?:\.(get|post|put|patch|delete|head|options|request|postForm|putForm))?$"
)
_MADE = regex(
    r"^(?:axios(?:\.default)?\.create|axios\.Axios|ky\.(?:create|extend)|got\.extend|ofetch\.\$?o?fetch\.create)$"
)
_ANGULAR = regex(
    r"^@angular/(?:common/)?http\.(?:HttpClient|Http)(?:\(\))?\.(get|post|put|patch|delete|head|options|request)$"
)
_NEST = regex(
    r"^@nestjs/(?:axios|common)\.HttpService(?:\(\))?\.(?:axiosRef\.)?(get|post|put|patch|delete|head|request)$"
)
_DIRECT = regex(
    r"^(?:got|ky|superagent|needle|request|request-promise|request-promise-native|phin|bent)"
    r"(?:\.(get|post|put|patch|delete|del|head|request))?$"
)
_JQUERY = regex(r"^(?:jQuery|jquery|\$)\.(get|post|getJSON|ajax)$")
_DESCRIBED = frozenset(
    {
        *("openapi-fetch.default", "openapi-fetch", "openapi-fetch.createClient"),
        *("openapi-react-query.default", "openapi-react-query"),
    }
)
"""What makes clients that are handed paths as the description has them."""
_CONFIGS = regex(r"(?:ConfigService|config)(?:\(\))?\.(?:get|getOrThrow)$")
_KEPT = regex(
    r"^\(client\)|^axios|^@angular|^@nestjs|^got|^ky|^superagent|^fetch|^\(response\)|^\$fetch|^ofetch"
    r"|^openapi-"
)
_BODIES = frozenset({"data", "body"})
_BASES = ("baseURL", "baseUrl", "prefixUrl", "prefix")


class EcmaClients(Clients):
    """fetch, axios and the like."""

    text_types = frozenset({"string", "String", "URL"})
    list_methods = frozenset(
        {
            *("map", "filter", "forEach", "find", "findIndex", "reduce", "reduce from", "some", "every"),
            *("flatMap", "slice", "sort", "concat", "flat", "entries", "push", "includes", "indexOf"),
            *("splice", "reverse", "at"),
        }
    )
    plain_methods = frozenset(
        {
            *("toString", "toFixed", "toUpperCase", "toLowerCase", "trim", "split", "replace"),
            *("toLocaleString", "startsWith", "endsWith", "hasOwnProperty", "padStart", "padEnd"),
            *("substring", "charAt"),
        }
    )
    harmless = frozenset(
        {
            *("log", "debug", "info", "warn", "error", "isArray", "parseInt", "parseFloat", "Number"),
            *("String", "Boolean", "isNaN", "expect", "encodeURIComponent", "useEffect", "setTimeout"),
            *("Date", "trace", "table"),
        }
    )

    def call(self, it: Invocation) -> Value | None:
        """A request, or what makes a client or a text."""
        path = it.path
        if path.startswith("("):
            return self._of_value(it)
        if path in _DESCRIBED:
            return LibraryOf(f"{CLIENT}described", client("", _base_of(it.arg(0))).args)
        if _FETCH.match(path):
            return _fetch(it, hole())
        if _MADE.match(path):
            return client("axios", _base_of(it.arg(0)))
        if found := _AXIOS.match(path):
            return _axios(it, found[1] or "", hole())
        if found := _ANGULAR.match(path):
            return _angular(it, found[1])
        if found := _NEST.match(path):
            return _axios(it, found[1], hole())
        if found := _DIRECT.match(path):
            return _direct(it, found[1] or "", hole())
        if found := _JQUERY.match(path):
            return _jquery(it, found[1])
        return _function(it)

    def _of_value(self, it: Invocation) -> Value | None:
        """A method of a client that was made with a base; `response.json<T>()`."""
        owner, _, name = it.path.rpartition(".")
        base = it.carried[0] if it.carried else hole()
        if owner == f"{CLIENT}axios" and name in (*VERBS, "request", "postForm"):
            return _axios(it, name, base)
        if it.path == f"{CLIENT}axios":
            return _axios(it, "", base)
        if owner == f"{CLIENT}described":
            return _described(it, name, base)
        if it.path == "(response).json" and len(it.carried) == 3:
            if it.types:
                return it.engine.decode(it.types[0], it.carried[2])
            return it.carried[2]
        return None

    def member(self, owner: LibraryOf, name: str) -> Value | None:
        """What a response holds; a promise of one is it."""
        if owner.path == RESPONSE:
            if name == "json":
                return LibraryOf("(response).json", owner.args)
            if name in ("text", "blob", "arrayBuffer", "buffer", "value"):
                return Method(owner.args[-1])
            if name in _BODIES:
                return owner.args[-1]
            if name in ("clone", "send", "set", "query", "auth", "retry", "timeout", "accept", "type"):
                return Method(owner)
            return awaited(owner, name) or PLAIN
        if owner.path.startswith(CLIENT) and name in ("defaults", "interceptors"):
            return PLAIN
        if owner.path == "JSON" and name in ("parse", "stringify"):
            return LibraryOf(f"JSON.{name}")
        if owner.path == "process" and name == "env":
            return LibraryOf("process.env")
        if owner.path == "process.env":
            return environment((text(name),))
        return None

    def of_json(self, owner: LibraryOf, name: str) -> Value | None:
        if name == "length":
            return PLAIN
        return awaited(owner, name) or super().of_json(owner, name)

    def element(self, owner: LibraryOf, key: str) -> Value | None:
        return environment((text(key),)) if owner.path == "process.env" else None

    def builtin(self, name: str) -> Value | None:
        if name in ("process", "URL", "$fetch", "$", "jQuery", "fetch", "axios"):
            return LibraryOf(name)
        if name in ("encodeURIComponent", "encodeURI", "String"):
            return Method(compute=lambda args: piece(args[0]) if args and is_text(args[0]) else hole())
        return None

    def keeps_types(self, path: str) -> bool:
        return _KEPT.match(path) is not None

    def is_shown(self, declared: ClassDecl) -> bool:
        """Angular's components, and classes inside of other components."""
        return declared.file.path.endswith((".component.ts", *COMPONENTS))

    def guessed(self, it: Invocation) -> Value | None:
        """`$http.get("/api/orders")`, `this.http.get(…)` where nothing tells what the client is."""

        fn = it.node.fn.base if isinstance(it.node.fn, Generic) else it.node.fn
        if isinstance(fn, Name) and fn.id in ("$http", "authFetch", "apiFetch", "fetchJson") and it.args:
            return _fetch(it, hole(), sure=fn.id == "$http")
        if not isinstance(fn, Member) or fn.name not in VERBS or not it.args:
            return None
        owner = hint(fn.obj).rpartition(".")[2].lower()
        url = it.engine.settle(it.args[0])
        if not owner.endswith(_CLIENT_NAMES) or not says_text(url):
            return None
        if any(isinstance(arg, Method) and arg.literal for arg in it.args):
            return None  # a route that is served
        return _axios(it, fn.name, hole(), sure=owner == "$http")


_CLIENT_NAMES = ("http", "axios", "client", "api", "fetcher", "instance", "httpservice", "request")


def _option(options: Value | None, *names: str) -> Value | None:
    for one in alternatives(options) if options is not None else ():
        if isinstance(one, RecordOf):
            for name in names:
                if (held := one.get(name)) is not None:
                    return held
    return None


def _base_of(options: Value | None) -> Value | None:
    """The base that options have; None for none."""
    base = _option(options, *_BASES)
    return None if base is None else piece(base, "base")


def _settled(it: Invocation, index: int) -> Value | None:
    value = it.arg(index)
    return None if value is None else it.engine.settle(value)


def _fetch(it: Invocation, base: Value, sure: bool = True) -> Value:
    """`fetch(url, {method, body})`."""
    options = _settled(it, 1)
    given = _option(options, "method")
    method = text("GET") if given is None and options in (None, PLAIN) else _method(options)
    body = _option(options, "body", "json")
    first = _settled(it, 0)
    url = it.text(0)
    if isinstance(first, RecordOf):  # `$http({method, url, data})`
        method, url = _method(first), piece(_option(first, "url") or UNKNOWN, "url")
        body = _option(first, "data", "body")
    sent = PLAIN if body is None else decoded(body)
    return it.request(method, with_base(base, url), sent, sure=sure, kind=it.types[0] if it.types else None)


def _method(options: Value | None) -> Value:
    """The method of options; GET where they have none, and nothing is spread into them."""
    given = _option(options, "method", "type")
    if given is not None:
        return method_of(given)
    whole = all(isinstance(one, RecordOf) and not one.merged for one in alternatives(options or UNKNOWN))
    return text("GET") if whole else hole("method")


def _axios(it: Invocation, name: str, base: Value, sure: bool = True) -> Value:
    """`axios.get(url, config)`, `axios.post(url, data)`, `axios({url, method, data})`."""
    kind = it.types[0] if it.types else None
    first = _settled(it, 0)
    if name in ("", "request") and isinstance(first, RecordOf):
        own = _option(first, "baseURL")
        url = with_base(base if own is None else piece(own), piece(_option(first, "url") or UNKNOWN, "url"))
        body = decoded(_option(first, "data") or PLAIN)
        return it.request(_method(first), url, body, sure=sure, kind=kind)
    method = verb_of(name) if name not in ("", "request") else _method(_settled(it, 1))
    has_body = name.lower().startswith(("post", "put", "patch"))
    sent = _settled(it, 1) if has_body else None
    options = _settled(it, 2 if has_body else 1)
    own = _option(options, "baseURL")
    url = with_base(base if own is None else piece(own), it.text(0))
    return it.request(method, url, decoded(sent or PLAIN), sure=sure, kind=kind)


def _described(it: Invocation, name: str, base: Value) -> Value | None:
    """openapi-fetch's `client.GET("/orders/{id}", {params, body})`, openapi-react-query's
    `api.useQuery("get", "/orders/{id}")`."""
    hook = name in ("useQuery", "useSuspenseQuery", "useMutation", "queryOptions", "useInfiniteQuery")
    if not hook and name.lower() not in VERBS:
        return None
    method = method_of(it.arg(0)) if hook else text(name.upper())
    sent = _option(_settled(it, 2 if hook else 1), "body")
    return it.request(method, with_base(base, it.text(1 if hook else 0)), decoded(sent or PLAIN))


def _angular(it: Invocation, name: str) -> Value:
    """Angular's client gives the body itself."""
    kind = it.types[0] if it.types else None
    at = 1 if name == "request" else 0
    method = method_of(it.arg(0)) if at else verb_of(name)
    sent = _settled(it, at + 1) if name in ("post", "put", "patch") else None
    response = it.request(method, it.text(at), decoded(sent or PLAIN), kind=kind)
    observed = _option(_settled(it, at + (2 if sent is not None else 1)), "observe")
    return response if observed is not None else response.args[-1]


def _direct(it: Invocation, name: str, base: Value) -> Value:
    """got, ky, superagent, request: options after the URL, or with it in them; a callback may be last."""
    first, options = _settled(it, 0), _settled(it, 1)
    url = it.text(0)
    if isinstance(first, RecordOf):
        options, url = first, piece(_option(first, "url", "uri") or UNKNOWN, "url")
        url = with_base(piece(_option(first, *_BASES) or hole()), url)
    method = verb_of("delete" if name == "del" else name) if name in (*VERBS, "del") else _method(options)
    if name in ("", "request") and not isinstance(options, RecordOf):
        method = text("GET")
    sent = _option(options, "json", "body", "form", "data")
    response = it.request(method, with_base(base, url), PLAIN if sent is None else decoded(sent))
    if it.args and isinstance(it.engine.settle(it.args[-1]), Method | FunctionOf):
        it.engine.take_body(response)
        given = Method(parameters=(PLAIN, response, response.args[-1]))
        it.engine.suited(it.args[-1], given, it.scope)
    return response


def _jquery(it: Invocation, name: str) -> Value:
    """`$.getJSON(url, f)`, `$.ajax({url, success: f})`: functions get the body."""
    first = _settled(it, 0)
    options = first if isinstance(first, RecordOf) else _settled(it, 1)
    url = piece(_option(first, "url") or UNKNOWN, "url") if isinstance(first, RecordOf) else it.text(0)
    method = verb_of(name) if name in ("get", "post", "getJSON") else _method(options)
    sent = _option(options, "data") if name == "ajax" else None
    response = it.request(method, url, decoded(sent or PLAIN))
    body = response.args[-1]
    taken = Method(parameters=(body,))
    it.engine.take_body(response)
    for arg in (*it.args[1:], *(held for held in (_option(first, "success"),) if held is not None)):
        it.engine.suited(arg, taken, it.scope)
    return _promised(body)


def _promised(body: Value) -> Value:
    return body


def _function(it: Invocation) -> Value | None:
    """Functions that texts and bodies go through."""
    path = it.path
    if path == "JSON.parse":
        first = _settled(it, 0)
        return first if first is not None and is_json(first) else UNKNOWN
    if path in ("JSON.stringify", "qs.stringify", "querystring.stringify"):
        first = _settled(it, 0)
        return None if first is None else encoded(first)
    if path in ("URL", "url.URL", "url.resolve"):
        return _whole_url(it)
    if _CONFIGS.search(path):
        return environment(tuple([it.engine.settle(one) for one in it.args]))
    if path == "Object.keys":
        return ListOf(PLAIN)
    if path in ("path.join", "url-join", "path.posix.join"):
        return _slashed(it)
    return None


def _whole_url(it: Invocation) -> Value:
    if it.path == "url.resolve":
        return resolved(it.text(0), it.text(1))
    return it.text(0) if len(it.args) < 2 else resolved(it.text(1), it.text(0))


def _slashed(it: Invocation) -> Value:
    url = it.text(0)
    for index in range(1, len(it.args)):
        url = with_base(url, it.text(index))
    return url
