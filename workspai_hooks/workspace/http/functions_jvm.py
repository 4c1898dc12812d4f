"""Functions of the JVM's libraries that texts and bodies go through: formats, URIs, mappers of JSON, circuit
breakers, registries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.http.bodies import encoded, is_json, is_response
from workspai_hooks.workspace.http.chains_jvm import ONE, SENT, kind_of
from workspai_hooks.workspace.http.clients import environment, formatted
from workspai_hooks.workspace.http.texts import hole, is_text, joined, text
from workspai_hooks.workspace.use_sites.infer.base import says_nothing
from workspai_hooks.workspace.use_sites.values import PLAIN, UNKNOWN, LibraryOf, ListOf, Method, Value

if TYPE_CHECKING:
    from workspai_hooks.workspace.http.invocation import Invocation

_REGISTRY = regex(
    r"\b(?:DiscoveryClient|ReactiveDiscoveryClient|LoadBalancerClient|EurekaClient|PeerAwareInstanceRegistry)"
    r"(?:\(\))?\.(?:getInstances|choose|getNextServerFromEureka)$"
)
_THROUGH = frozenset({"run", "executeSupplier", "decorateSupplier", "executeCallable", "transformDeferred"})
"""Circuit breakers and the like give what the function that they are handed gives."""
_TEXTS = regex(r"\b(?:URI\.create|URI|URL|String\.valueOf|URI\(\)|Uri\.of|UriBuilder\.of)$")
_READING = frozenset(
    {"readTree", "parseString", "parseToJsonElement", "parse", "JSONObject", "JSONArray", "JsonPath"}
)
_DECODING = frozenset(
    {
        *("readValue", "convertValue", "treeToValue", "fromJson", "decodeFromString"),
        *("parseObject", "fromJsonElement"),
    }
)
_ENCODING = frozenset({"writeValueAsString", "toJson", "writeValueAsBytes", "encodeToString", "toJSONString"})
_ENVIRONMENT = regex(
    r"\b(?:System\.getenv|System\.getProperty"
    r"|(?:Environment|ConfigurableEnvironment)(?:\(\))?\.(?:getProperty|getRequiredProperty))$"
)
_SENDING = frozenset({"send", "sendAsync", "execute", "newCall", "enqueue", "executeAsync"})


def _is_body(value: Value) -> bool:
    return is_json(value) or is_response(value)


def function(it: Invocation) -> Value | None:
    """A call of a function of a library: None for what nothing goes through."""
    path, name = it.path, it.name
    first = it.engine.settle(it.args[0]) if it.args else UNKNOWN
    if path.endswith(("String.format", "MessageFormat.format", "String.join")):
        return (
            formatted(tuple([it.text(index) for index in range(len(it.args))]))
            if "format" in path
            else hole()
        )
    if _TEXTS.search(path) and is_text(first):
        return first
    if _REGISTRY.search(path):
        named = joined((text("lb://"), it.text(0)))
        return ListOf(named) if path.endswith("getInstances") else named
    if name in _THROUGH and it.args and "reaker" in path:
        return first.result if isinstance(first, Method) else first
    if _ENVIRONMENT.search(path):
        return environment(tuple([it.engine.settle(one) for one in it.args]))
    if name in _SENDING and is_response(first):
        it.engine.drop(first.args[-1] if is_json(first.args[-1]) else PLAIN, it.node, it.scope)
        return first
    if name in _SENDING and isinstance(first, LibraryOf) and first.path == SENT:
        return it.response(first.args[0], first.args[1])
    if path.endswith(("EntityUtils.toString", "IOUtils.toString", "StreamUtils.copyToString")) and _is_body(
        first
    ):
        return first.args[-1] if is_response(first) else first
    if name in _ENCODING and it.args:
        return encoded(it.engine.settle(it.args[-1]) if name == "toJson" else first)
    if (
        name in ("ofString", "ofByteArray", "create", "toRequestBody", "just", "fromValue")
        and isinstance(first, LibraryOf)
        and first.path in ("(encoded)",)
    ):
        return first
    if name in _READING and is_json(first):
        return first
    if (
        name in ("ok", "status", "accepted", "created")
        and path.rpartition(".")[0].endswith("ResponseEntity")
        and it.args
    ):
        it.engine.leaves(first, "answered with as it is", it.node.pos, it.scope)
        return LibraryOf(ONE, (first,))
    if name in _DECODING and (is_json(first) or is_response(first)):
        kind = kind_of(it)
        if kind is not None and not says_nothing(kind):
            return it.engine.decode(kind, first)
        return first
    return None
