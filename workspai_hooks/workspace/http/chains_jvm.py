"""Requests of the JVM that are put together step by step: chains of Spring's clients, RestTemplate's
calls, the JDK's and OkHttp's builders, builders of URIs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workspai_hooks.workspace.http.bodies import CLIENT, decoded, item_of
from workspai_hooks.workspace.http.clients import method_of, verb_of, with_base
from workspai_hooks.workspace.http.texts import hole, is_text, joined, piece, says_text, text
from workspai_hooks.workspace.use_sites.infer.base import says_nothing
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    InstanceOf,
    LibraryOf,
    ListOf,
    Method,
    ParameterOf,
    TypeOf,
    Value,
    alternatives,
)

if TYPE_CHECKING:
    from workspai_hooks.workspace.http.invocation import Invocation

ONE = "(one)"
"""A holder of one value, which is the body where it is what a request gives: `Mono<Order>`."""
RETRIEVED = LibraryOf("(retrieved)")
"""In a chain: the request is sent, what follows reads its response."""
URI = "(uri)"
"""A builder of a URI with what it has so far."""
CHAIN = f"{CLIENT}spring"
BUILDER = f"{CLIENT}builder"
SENT = "(request)"
"""A request of Apache's client: method and URL."""
JDK = f"{CLIENT}jdk"


def kind_of(it: Invocation) -> Value | None:
    """The type that the body is read as: `Order.class`, a type reference, a type argument."""
    if it.types:
        return it.types[0]
    for arg in it.args:
        value = it.engine.settle(arg)
        if isinstance(arg, ParameterOf) and isinstance(alternatives(value)[0], TypeOf):
            return arg  # callers tell
        if isinstance(value, TypeOf):
            return value.value
        if isinstance(value, InstanceOf):  # `new ParameterizedTypeReference<List<Order>>() {}`
            declared = it.engine.program.classes.get(value.key)
            for base in (
                declared.bases() if declared is not None and declared.name.startswith("(class") else ()
            ):
                known = it.engine.base_value(declared, base, value) if declared is not None else UNKNOWN
                if isinstance(known, TypeOf):
                    return known.value
    return None


def sent_by(it: Invocation, index: int) -> Value:
    value = it.engine.settle(it.args[index]) if index < len(it.args) else PLAIN
    inner = decoded(value)
    return inner.args[0] if isinstance(inner, LibraryOf) and inner.path == ONE else inner


def by_template(it: Invocation, name: str, base: Value, sure: bool = True) -> Value | None:
    """RestTemplate: `getForObject(url, Order.class, id)`, `exchange(url, HttpMethod.GET, entity, type)`."""
    url = with_base(base, uri_argument(it))
    kind = kind_of(it)
    if name == "exchange":
        method, sent = _http_method(it), sent_by(it, 2)
        if (
            isinstance(it.arg(0), LibraryOf)
            and it.arg(0) is not None
            and not is_text(it.args[0])
            and len(it.args) < 3
        ):
            method = hole("method")
    elif name.startswith(("post", "patch", "put")):
        method, sent = verb_of(name), sent_by(it, 1)
    else:
        method, sent = verb_of(name), PLAIN
    response = it.request(method, url, sent, sure=sure, kind=kind)
    body = response.args[-1]
    if name in ("put", "delete", "postForLocation", "headForHeaders", "optionsForAllow"):
        return PLAIN
    return body if name in ("getForObject", "postForObject", "patchForObject") else LibraryOf(ONE, (body,))


def _http_method(it: Invocation) -> Value:
    """`HttpMethod.GET`."""
    for value, node in zip(it.args, it.node.args, strict=False):
        if isinstance(value, LibraryOf) and "HttpMethod." in value.path:
            return text(value.path.rpartition(".")[2])
        if getattr(getattr(node, "obj", None), "id", "") == "HttpMethod":
            return text(getattr(node, "name", ""))
    return hole("method")


def uri_argument(it: Invocation) -> Value:
    first = it.engine.settle(it.args[0]) if it.args else hole()
    if isinstance(first, Method):
        first = it.engine.settle(first.result)
    if isinstance(first, LibraryOf) and first.path == URI:
        return first.args[0]
    return piece(first) if says_text(first) else it.text(0)


def body_of_chain(it: Invocation, name: str, method: Value, url: Value) -> Value:
    """What the body of a chain is read as."""
    from workspai_hooks.workspace.http.bodies import json_of

    kind = kind_of(it)
    source = json_of(method, url)
    listed = name in ("bodyToFlux", "toEntityList")
    value: Value = source if kind is None or says_nothing(kind) or kind == PLAIN else kind
    if value is not source:
        value = it.engine.decode(value, item_of(source) if listed else source)
    elif listed:
        value = item_of(source)
    if name == "bodyToFlux":
        return ListOf(value)
    if name in ("body", "awaitBody", "awaitBodyOrNull"):
        return value
    return LibraryOf(ONE, (ListOf(value) if listed else value,))


def built(it: Invocation, name: str) -> Value:
    """`WebClient.builder().baseUrl(base).build()`."""
    if name in ("baseUrl", "rootUri") and it.args:
        return LibraryOf(BUILDER, (it.text(0),))
    if name == "build":
        return LibraryOf(CHAIN, (_base(it), hole(), hole(), hole()))
    return LibraryOf(BUILDER, (_base(it),))


def _base(it: Invocation) -> Value:
    return it.carried[0] if it.carried else hole()


def uri_step(it: Invocation, name: str) -> Value:
    """`UriComponentsBuilder.fromPath("/orders").pathSegment(id).toUriString()`."""
    so_far = it.carried[0]
    args = [it.text(index) for index in range(len(it.args))]
    if name == "path" and args:
        return LibraryOf(URI, (joined((so_far, args[0])),))
    if name in ("pathSegment", "addPathSegment", "addPathSegments"):
        for each in args:
            so_far = joined((so_far, text("/"), each))
        return LibraryOf(URI, (so_far,))
    if name in ("host", "scheme", "port"):
        return LibraryOf(URI, (_with_host(so_far, name, args),))
    if name in ("toUriString", "toUri", "toString", "encode", "buildAndExpand", "build", "expand", "toURL"):
        return so_far if name != "encode" else LibraryOf(URI, (so_far,))
    return LibraryOf(URI, (so_far,))


def _with_host(so_far: Value, name: str, args: list[Value]) -> Value:
    if not args:
        return so_far
    if name == "scheme":
        return joined((args[0], text("://")))
    return joined((so_far, args[0])) if name == "host" else joined((so_far, text(":"), args[0]))


def jdk_step(it: Invocation, name: str) -> Value:
    """`HttpRequest.newBuilder().uri(u).POST(publisher).build()`, OkHttp's `Request.Builder().url(u)`."""
    method, url, place = it.carried[:3]
    if name in ("uri", "url") and it.args:
        url = uri_argument(it)
    elif name.upper() in ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"):
        method = text(name.upper())
        if it.args:
            it.engine.send(method, url, sent_by(it, 0), it.node, it.scope)
    elif name == "method":
        method = method_of(it.arg(0))
    elif name == "build":
        return it.request(method, url)
    return LibraryOf(JDK, (method, url, place))
