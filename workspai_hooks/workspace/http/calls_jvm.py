"""Java and Kotlin: Spring's RestTemplate, RestClient and WebClient, Feign and other declarative clients, the
JDK's client, OkHttp, and Jackson, Gson and their like.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.http import jaxrs
from workspai_hooks.workspace.http.bodies import (
    CLIENT,
    RESPONSE,
    client,
    encoded,
    is_json,
    item_of,
)
from workspai_hooks.workspace.http.bodies import decoded as unwrapped
from workspai_hooks.workspace.http.chains_jvm import (
    BUILDER,
    CHAIN,
    JDK,
    ONE,
    RETRIEVED,
    SENT,
    URI,
    body_of_chain,
    built,
    by_template,
    jdk_step,
    kind_of,
    sent_by,
    uri_argument,
    uri_step,
)
from workspai_hooks.workspace.http.clients import (
    VERBS,
    Clients,
    method_of,
    verb_of,
    with_base,
)
from workspai_hooks.workspace.http.fields_jvm import field_of, json_name
from workspai_hooks.workspace.http.functions_jvm import function
from workspai_hooks.workspace.http.texts import OPERATION, hole, joined, piece, text
from workspai_hooks.workspace.http.trees import BASE, REQUEST, marks
from workspai_hooks.workspace.use_sites.infer.base import says_nothing
from workspai_hooks.workspace.use_sites.syntax import Text
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    LibraryOf,
    ListOf,
    Method,
    TypeOf,
    Value,
)

if TYPE_CHECKING:
    from workspai_hooks.workspace.http.invocation import Invocation
    from workspai_hooks.workspace.use_sites.infer.program import ClassDecl, FunctionDecl

HOLDERS = frozenset(
    {
        *("Mono", "ResponseEntity", "HttpEntity", "RequestEntity", "Optional", "CompletableFuture"),
        *("CompletionStage", "Uni", "Single", "Maybe", "Call", "Response", "Deferred", "Future"),
        *("HttpResponse", "EntityModel", "Resource"),
    }
)
_APACHE = {f"Http{verb.capitalize()}": verb for verb in ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD")}
_TEMPLATE = regex(
    r"\bRestTemplate(?:\(\))?\.(getForObject|getForEntity|postForObject|postForEntity|postForLocation|exchange|put"
    r"|delete|patchForObject|headForHeaders|optionsForAllow)$"
)
_TEMPLATE_NAMES = frozenset(
    {
        *("getForObject", "getForEntity", "postForObject", "postForEntity", "exchange", "patchForObject"),
    }
)
_SPRING = regex(r"\b(?:WebClient|RestClient)(?:\(\))?\.(\w+)$")
_BUILDER = regex(r"\b(?:WebClient|RestClient)\.Builder(?:\(\))?\.(\w+)$")
_URI = regex(
    r"\b(?:UriComponentsBuilder|ServletUriComponentsBuilder|UriBuilder|HttpUrl)\."
    r"(fromHttpUrl|fromUriString|fromPath|fromUri|newInstance|get|parse|fromOriginHeader)$"
)
_GETTER = regex(r"(?:get|is)([A-Z])(\w*)$")
_BODIES = frozenset(
    {
        *("bodyToMono", "bodyToFlux", "body", "toEntity", "toEntityList", "awaitBody"),
        *("awaitBodyOrNull", "toBodilessEntity"),
    }
)
_KOTLIN = frozenset(
    {
        *("body", "receive", "awaitBody", "awaitBodyOrNull", "bodyToMono", "bodyToFlux", "getForObject"),
        *("getForEntity", "postForObject", "exchange", "bodyAsText"),
    }
)


class JvmClients(Clients):
    """Spring's, Feign's, the JDK's and OkHttp's clients."""

    text_types = frozenset({"String", "CharSequence", "URI", "URL", "HttpUrl", "Uri"})
    getters = frozenset(
        {
            *("get", "path", "findValue", "at", "required", "requiredAt", "optString", "getString"),
            *("getInt", "getLong", "getDouble", "getBoolean", "getJSONObject", "getJSONArray"),
            *("optJSONObject", "optJSONArray", "opt", "getAsJsonObject", "getAsJsonArray"),
            *("getAsJsonPrimitive", "getOrDefault", "optInt", "read", "getValue"),
        }
    )
    list_methods = frozenset(
        {
            *("forEach", "stream", "iterator", "map", "filter", "elements", "first", "firstOrNull"),
            *("forEachIndexed", "mapNotNull", "any", "all", "none", "spliterator", "withIndex", "sortedBy"),
            *("associateBy", "groupBy"),
        }
    )
    plain_methods = frozenset(
        {
            *("asText", "asInt", "asDouble", "asLong", "asBoolean", "textValue", "intValue", "doubleValue"),
            *("isNull", "toString", "isMissingNode", "has", "containsKey", "isArray", "isObject"),
            *("getAsString", "getAsInt", "getAsDouble", "getAsLong", "getAsBoolean", "longValue"),
            *("booleanValue", "decimalValue", "isEmpty", "size", "length", "content", "jsonPrimitive"),
            *("asString", "hasNonNull", "hashCode", "equals"),
        }
    )
    harmless = frozenset(
        {
            *("println", "print", "printf", "isNull", "nonNull", "requireNonNull", "assertThat"),
            *("assertEquals", "hash", "info", "debug", "warn", "error", "trace", "isEmpty", "size"),
            *("equals", "hashCode", "notNull", "isTrue"),
        }
    )

    def call(self, it: Invocation) -> Value | None:
        """A request, or what makes a client, a URI, or objects of JSON."""
        path = it.path
        if path.startswith("("):
            return self._of_value(it)
        if found := _TEMPLATE.search(path):
            return by_template(it, found[1], hole())
        if found := _BUILDER.search(path):
            return built(it, found[1])
        if found := _SPRING.search(path):
            return self._spring(it, found[1])
        if found := _URI.search(path):
            return LibraryOf(URI, (it.text(0) if it.args else text(""),))
        if path.endswith("HttpRequest.newBuilder"):
            return LibraryOf(JDK, (text("GET"), it.text(0) if it.args else hole(), hole()))
        if path.endswith(("RestTemplateBuilder.build", "RestTemplateBuilder().build")):
            return client("template")
        if path.endswith((".rootUri", ".uriTemplateHandler")) and "RestTemplateBuilder" in path:
            return LibraryOf(f"{CLIENT}template", (it.text(0),))
        return jaxrs.begun(it) or function(it)

    def made(self, path: str, args: tuple[Value, ...], named: dict[str, Value]) -> Value | None:
        name = path.rpartition(".")[2]
        if name in ("HttpEntity", "RequestEntity") and args:
            return encoded(args[0])
        if name in ("URI", "URL") and args:
            return piece(args[0])
        if name in ("RestTemplate", "TestRestTemplate"):
            return client("template")
        if name in _APACHE:
            return LibraryOf(SENT, (text(_APACHE[name]), piece(args[0]) if args else hole(), PLAIN))
        if name in ("StringEntity", "InputStreamReader", "BufferedReader", "Scanner", "String") and args:
            return unwrapped(args[0]) if name != "StringEntity" else encoded(args[0])
        if name == "Builder" and "Request" in path:
            return LibraryOf(JDK, (text("GET"), hole(), hole()))
        if name in ("JSONObject", "JSONArray", "JsonObject") and args and is_json(args[0]):
            return args[0]
        if name == "DefaultUriBuilderFactory" and args:
            return piece(args[0])
        return None

    def new_request(self, made: LibraryOf) -> tuple[Value, Value, Value] | None:
        return (made.args[0], made.args[1], PLAIN) if made.path == SENT else None

    def function(self, path: str) -> Method | None:
        """`uri(builder -> builder.path("/orders").build())`."""
        if path == f"{CHAIN}.uri":
            return Method(parameters=(Method(parameters=(LibraryOf(URI, (text(""),)),)),))
        return None

    def _spring(self, it: Invocation, name: str) -> Value | None:
        """What begins a chain: `WebClient.create(base)`, `webClient.get()`."""
        if name == "create":
            return LibraryOf(CHAIN, (it.text(0) if it.args else hole(), hole(), hole(), hole()))
        if name in ("builder", "mutate"):
            return LibraryOf(BUILDER, (hole(),))
        if name in VERBS or name == "method":
            method = method_of(it.arg(0)) if name == "method" else verb_of(name)
            return LibraryOf(CHAIN, (hole(), method, hole(), hole()))
        return None

    def _of_value(self, it: Invocation) -> Value | None:
        owner, _, name = it.path.rpartition(".")
        if it.path == "(response).body" and len(it.carried) == 3:
            it.engine.take_body(it.carried[2])
            kind = kind_of(it)
            if kind is None or says_nothing(kind):
                return it.carried[2]
            return it.engine.decode(kind, it.carried[2])
        if owner == jaxrs.TARGET:
            return jaxrs.step(it, name)
        if owner == BUILDER:
            return built(it, name)
        if owner == CHAIN:
            return self._chained(it, name)
        if owner == JDK:
            return jdk_step(it, name)
        if owner == f"{CLIENT}template":
            return by_template(it, name, it.carried[0]) if _TEMPLATE.search(f"RestTemplate.{name}") else None
        if owner == URI:
            return uri_step(it, name)
        if owner == SENT and name == "setEntity" and it.args:
            method, url = it.carried[:2]
            it.engine.send(method, url, sent_by(it, 0), it.node, it.scope)
        return None

    def _chained(self, it: Invocation, name: str) -> Value:
        """`client.get().uri("/orders/{id}", id).retrieve().bodyToMono(Order.class)`: base, method, URL and
        body are carried along."""
        base, method, url, sent = it.carried[:4]
        if name in VERBS or name == "method":
            method = method_of(it.arg(0)) if name == "method" else verb_of(name)
        elif name == "uri":
            url = with_base(base, uri_argument(it))
            it.request(method, url)
        elif name in ("retrieve", "toEntity"):
            sent = RETRIEVED
        if name in ("bodyValue", "body", "syncBody") and it.args and sent != RETRIEVED:
            it.engine.send(method, url, sent_by(it, 0), it.node, it.scope)
        elif name in _BODIES:
            return body_of_chain(it, name, method, url)
        elif name in ("exchangeToMono", "exchangeToFlux", "exchange", "awaitExchange") and it.args:
            given = LibraryOf(CHAIN, (base, method, url, RETRIEVED))
            it.engine.suited(it.args[0], Method(parameters=(given, given)), it.scope)
            first = it.args[0]
            return first.result if isinstance(first, Method) else UNKNOWN
        return LibraryOf(CHAIN, (base, method, url, sent))

    def member(self, owner: LibraryOf, name: str) -> Value | None:
        """What holders, responses and builders have."""
        if owner.path == ONE:
            inner = owner.args[0]
            if (
                name in ("getBody", "body", "block", "getData", "data", "getContent", "content")
                and owner.args
            ):
                return Method(inner) if name != "data" else inner
            return self.library.member(ListOf(inner), name)
        if owner.path == RESPONSE:
            body = owner.args[-1]
            if name in (
                "getStatusLine",
                "getStatusCode",
                "statusCode",
                "code",
                "isSuccessful",
                "close",
                "status",
            ):
                return Method()
            if name in (
                "body",
                "getBody",
                "getContent",
                "bodyAsText",
                "string",
                "readEntity",
                "getEntity",
                "text",
            ):
                return LibraryOf("(response).body", owner.args)
            return self.library.member(ListOf(body), name)
        return None

    def getter(self, owner: LibraryOf, name: str) -> str | None:
        """A model that a build generates has accessors."""
        url = owner.args[1]
        if not isinstance(url, LibraryOf) or not url.path.startswith(OPERATION):
            return None
        found = _GETTER.match(name)
        return f"{found[1].lower()}{found[2]}" if found is not None else None

    def of_json(self, owner: LibraryOf, name: str) -> Value | None:
        if name in ("values", "fields", "entrySet", "properties"):
            return Method(ListOf(item_of(owner)))
        if name in ("string", "jsonObject", "jsonArray", "getAsJsonObject()", "asArray", "asObject", "get()"):
            return Method(owner)
        if name in ("fieldNames", "keySet", "keys"):
            return Method(ListOf(PLAIN))
        return super().of_json(owner, name) or Method()

    def type(self, path: str, args: tuple[Value, ...]) -> Value | None:
        word = path.rpartition(".")[2]
        if word in HOLDERS and len(args) == 1:
            return LibraryOf(ONE, args)
        if word in ("Map", "HashMap", "LinkedHashMap", "JsonNode", "JSONObject", "ObjectNode", "JsonObject"):
            return UNKNOWN if not args or all(says_nothing(one) for one in args) else None
        if word == "ParameterizedTypeReference" or word == "TypeReference" or word == "TypeToken":
            return TypeOf(args[0]) if args else None
        return None

    def builtin(self, name: str) -> Value | None:
        if name in ("System", "java", "javax", "jakarta", "kotlin", "reactor"):  # `java.util.List<Order>`
            return LibraryOf(name)
        return (
            TypeOf(UNKNOWN)
            if name in ("JsonNode", "JSONObject", "ObjectNode", "JsonObject", "JsonElement")
            else None
        )

    def declared(self, it: Invocation, decl: FunctionDecl) -> Value | None:
        """A method of a declarative client."""
        owner = decl.owner
        if owner is None or decl.node.body:
            return None
        mark = next((each for each in marks(owner.nodes, REQUEST) if each.args[0].pos == decl.node.pos), None)
        base = next(marks(owner.nodes, BASE), None)
        if mark is None or len(mark.args) != 4:
            return None
        engine = it.engine
        scope = engine.class_body(owner)
        path = piece(engine.evaluate(mark.args[3], scope))
        start = (
            joined([piece(engine.evaluate(one, scope)) for one in base.args]) if base is not None else hole()
        )
        verb = mark.args[1].value if isinstance(mark.args[1], Text) else ""
        index = int(mark.args[2].value) if isinstance(mark.args[2], Text) else -1
        sent = engine.settle(it.args[index]) if 0 <= index < len(it.args) else PLAIN
        _, written = engine.signature(decl)
        kind = None if written is None or written == PLAIN else written
        response = it.request(text(verb) if verb else hole("method"), with_base(start, path), sent, kind=kind)
        return PLAIN if kind is None else response.args[-1]

    def guessed(self, it: Invocation) -> Value | None:
        """RestTemplate's methods have names of their own."""
        if it.name in _TEMPLATE_NAMES and it.args:
            return by_template(it, it.name, hole(), sure=False)
        return None

    def of_text(self, owner: LibraryOf, name: str) -> Value:
        if name in (
            "toString",
            "toASCIIString",
            "encode",
            "toUri",
            "toURL",
            "toHttpUrl",
            "newBuilder",
            "build",
        ):
            return Method(owner)
        return super().of_text(owner, name)

    def keeps_types(self, path: str) -> bool:
        return path.rpartition(".")[2] in _KOTLIN and (
            path.startswith("(") or "RestTemplate" in path or "ktor" in path
        )

    def json_name(self, declared: ClassDecl, member: str) -> str | None:
        return json_name(declared, member)

    def field_of(self, declared: ClassDecl, member: str) -> tuple[str, bool]:
        return field_of(declared, member)
