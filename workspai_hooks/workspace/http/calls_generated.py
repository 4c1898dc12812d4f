"""Calls of generated clients: a function of theirs is a request to the operation that it is called after.

What a function is written to give is what the body is read as, without what generators wrap around it.
Where nothing is written (typescript-axios) it gives a response. Kiota's builders carry the path of theirs.
"""

from __future__ import annotations

from itertools import zip_longest
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.http.bodies import json_of, response_of
from workspai_hooks.workspace.http.clients import VERBS
from workspai_hooks.workspace.http.texts import hole, is_text, joined, operation, text
from workspai_hooks.workspace.use_sites.infer.base import says_nothing
from workspai_hooks.workspace.use_sites.syntax import Text
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    InstanceOf,
    LibraryOf,
    ListOf,
    RecordOf,
    TupleOf,
    Value,
    alternatives,
    join,
)
from workspai_hooks.workspace.use_sites.walking import nodes_in

if TYPE_CHECKING:
    from workspai_hooks.workspace.http.follow import Requests
    from workspai_hooks.workspace.http.invocation import Invocation
    from workspai_hooks.workspace.use_sites.infer.program import ClassDecl, FunctionDecl

_CLIENT = regex(
    r"(?i)(?:api|apis|clients?|service|interface|resource|sdk|requestbuilder|withresponses|invoker"
    r"|controller)\d{0,3}$"
)
"""Classes whose methods are operations."""
_REQUEST = regex(r"^Api(\w+)Request$")
"""What openapi-generator's clients for Go gather a request in, until `Execute`."""
_ABSENT = regex(r"(?:^|[./])(\w{1,80}A(?:pi|PI))(?:\(\))?\.(\w{1,120})$")
_WRAPPER = regex(r"^I?(?:Api|Swagger|Http|File|Axios)?Response(?:Of\w+)?$")
"""A body with its status and headers."""
_HELD = ("data", "body")
"""What the language's library knows of a response."""
_GATHERED = frozenset({"requestParameters", "params", "requestOptions"})
"""How generators call the object that all parameters are gathered in."""
_SENT = frozenset({"sync", "asyncio", "sync_detailed", "asyncio_detailed"})
"""The functions of openapi-python-client, which has a module for each operation."""
_KIOTA = regex(r"^\{\+baseurl\}((?:/[^/?{}]{0,100}(?:\{[^{}?]{0,80}\})?){1,20})")


def called(it: Invocation, decl: FunctionDecl) -> Value | None:
    """A call of a function of a generated client; None for what is no operation."""
    url, method = _operation(it, decl)
    if url is None:
        return None
    engine = it.engine
    owner = decl.owner
    if owner is not None and _REQUEST.match(owner.name) and decl.node.name != "Execute":
        engine.send(method, url, _body(it, decl), it.node, it.scope)
        return None
    written = engine.signature(decl)[1]
    first = written.items[0] if isinstance(written, TupleOf) and written.items else written
    if isinstance(first, InstanceOf) and _leads_on(engine, first):
        return None
    response = it.request(method, url, _body(it, decl))
    return PLAIN if engine.is_dropped(it.node, it.scope) else _given(engine, written, response)


def of_library(it: Invocation) -> Value | None:
    """A call of a client that a build generates, so that its files are not in the repository: of a class
    that ends with `Api`."""
    found = _ABSENT.search(it.path)
    if found is None or it.path.startswith("("):
        return None
    response = it.request(hole("method"), operation(found[2], found[1], ""), _absent_body(it))
    if it.engine.is_dropped(it.node, it.scope):
        return PLAIN
    if it.scope.file.dialect.structural:
        return _either(response)  # axios gives a response, fetch the body
    whole = "httpinfo" in found[2].lower().replace("_", "")
    return response if whole else response.args[-1]


def _absent_body(it: Invocation) -> Value:
    """What is sent: objects; of those whose class is not there either, nothing is known."""
    values = [it.engine.settle(value) for value in (*it.args, *it.named.values())]
    sent = [
        one
        for value in values
        for one in alternatives(value)
        if isinstance(one, RecordOf | InstanceOf | ListOf)
        or (isinstance(one, LibraryOf) and not is_text(one))
    ]
    return join(sent) if sent else PLAIN


def _operation(it: Invocation, decl: FunctionDecl) -> tuple[Value | None, Value]:
    """What a function asks for, as a URL and a method."""
    name, owner = decl.node.name, decl.owner
    if owner is None:
        if name in _SENT:
            folder, stem = basename(dirname(decl.file.path)), basename(decl.file.path).partition(".")[0]
            return operation(stem, folder, decl.file.path), hole("method")
        return operation(name, "", decl.file.path), hole("method")
    request = _REQUEST.match(owner.name)
    if request is not None:
        return operation(request[1], "", decl.file.path), hole("method")
    if not _CLIENT.search(owner.name) or name.startswith("__"):
        return None, PLAIN
    path = _kiota_path(owner)
    if path:
        verb = name.lower().removesuffix("async")
        known = verb in VERBS
        return (joined((hole("base"), text(path))) if known else None), text(verb.upper())
    return operation(name, owner.name, decl.file.path), hole("method")


def _kiota_path(owner: ClassDecl) -> str:
    """The template of a builder's URL."""
    for node in nodes_in(tuple(owner.nodes)):
        found = _KIOTA.match(node.value) if isinstance(node, Text) else None
        if found is not None:
            return found[1]
    return ""


def _leads_on(engine: Requests, value: InstanceOf) -> bool:
    """Whether a function gives no answer but a client, or what `Execute` sends (Go's `GetOrder(ctx)`)."""
    declared = engine.program.classes.get(value.key)
    if declared is None or _WRAPPER.match(declared.name):
        return False
    return _CLIENT.search(declared.name) is not None or _REQUEST.match(declared.name) is not None


def _body(it: Invocation, decl: FunctionDecl) -> Value:
    """What of the arguments is sent: objects, and those in the object that all parameters are gathered in."""
    engine = it.engine
    found: list[Value] = []
    order = [parameter.name for parameter in decl.node.parameters]
    if decl.owner is not None and decl.file.dialect.explicit_self:
        order = order[1:]
    for name, value in (*zip_longest(order[: len(it.args)], it.args, fillvalue=""), *it.named.items()):
        for one in alternatives(engine.settle(value) if not isinstance(value, str) else PLAIN):
            match one:
                case RecordOf(entries) if name in _GATHERED or {"body", "path", "query"} & {*dict(entries)}:
                    found += [held for key, held in entries if _is_sent(engine, key, held)]
                case InstanceOf(key) if name in _GATHERED:
                    found += _objects_in(engine, key, one)
                case RecordOf() | InstanceOf() | ListOf():
                    found.append(one)
                case _:
                    pass
    return join(found) if found else PLAIN


def _is_sent(engine: Requests, key: str, value: Value) -> bool:
    return key not in ("path", "query", "headers", "params", "client") and isinstance(
        engine.settle(value), RecordOf | InstanceOf | ListOf
    )


def _objects_in(engine: Requests, key: str, gathered: InstanceOf) -> list[Value]:
    """What an object that all parameters are gathered in has beside texts and numbers."""
    declared = engine.program.classes.get(key)
    if declared is None:
        return [gathered]
    held = [engine.field_value(declared, member, gathered) for member in declared.variables]
    return [one for one in held if isinstance(one, InstanceOf | ListOf)]


def _given(engine: Requests, written: Value | None, response: LibraryOf) -> Value:
    """What a call gives: the body as what is written, the response where nothing is."""
    method, url = response.args[:2]
    match written:
        case None:
            return _either(response)
        case TupleOf(items) if items:
            return TupleOf((_given(engine, items[0], response), *items[1:]))
        case RecordOf(entries) if held := next((one for name, one in entries if name in _HELD), None):
            return response_of(method, url, _given(engine, held, response))
        case InstanceOf(key) if (held := _body_of_answer(engine, written)) is not None:
            return response_of(method, url, _given(engine, held, response))
        case InstanceOf(key, args) if args and _is_wrapper(engine, key):
            return InstanceOf(key, (_given(engine, args[0], response), *args[1:]))
        case LibraryOf(path, args) if args and _WRAPPER.match(path.rpartition(".")[2]):
            return response_of(method, url, _given(engine, args[0], response))
        case _ if says_nothing(written):
            return _either(response)
        case _ if written == PLAIN:
            return PLAIN
        case _:
            return engine.decode(written, json_of(method, url))


def _body_of_answer(engine: Requests, written: InstanceOf) -> Value | None:
    """The body in `{ response: IncomingMessage; body: Order }`."""
    declared = engine.program.classes.get(written.key)
    if declared is None or declared.name or "response" not in declared.variables:
        return None
    name = next((one for one in _HELD if one in declared.variables), None)
    return None if name is None else engine.field_value(declared, name, written)


def _either(response: LibraryOf) -> Value:
    """Nobody says whether it is a response or the body."""
    return join((response, response.args[-1]))


def _is_wrapper(engine: Requests, key: str) -> bool:
    declared = engine.program.classes.get(key)
    return declared is not None and _WRAPPER.match(declared.name) is not None
