"""C#: HttpClient with its JSON extensions, typed and named clients, Refit, RestSharp, Flurl."""

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
    is_response,
)
from workspai_hooks.workspace.http.clients import (
    Clients,
    environment,
    formatted,
    resolved,
    verb_of,
    with_base,
)
from workspai_hooks.workspace.http.fields_csharp import field_of, json_name
from workspai_hooks.workspace.http.texts import hole, joined, literal, piece, reference, text
from workspai_hooks.workspace.http.trees import REQUEST as REQUEST_MARK
from workspai_hooks.workspace.http.trees import marks
from workspai_hooks.workspace.use_sites.infer.base import says_nothing
from workspai_hooks.workspace.use_sites.syntax import Text
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    InstanceOf,
    LibraryOf,
    Method,
    Value,
)

if TYPE_CHECKING:
    from workspai_hooks.workspace.http.invocation import Invocation
    from workspai_hooks.workspace.use_sites.infer.program import ClassDecl, FunctionDecl

REQUEST = "(request)"
PLAIN_CLIENT = f"{CLIENT}csharp"
NAMED_CLIENT = f"{CLIENT}named "
"""A client by the name or the class that it is configured for."""
_HTTP = regex(
    r"^(?:.*\.)?HttpClient(?:\(\))?\.(\w+?)(?:Async)?$|^\(client\)(?:csharp|named [^.()]*)\.(\w+?)(?:Async)?$"
)
_READS = regex(
    r"^(Get|Post|Put|Patch|Delete)(?:FromJson|AsJson|String|Stream|ByteArray|FromJsonAsAsyncEnumerable)?$"
)
_FACTORY = regex(r"(?:^|\.)(?:IHttpClientFactory|HttpClientFactory)(?:\(\))?\.CreateClient$")
_ENVIRONMENT = regex(r"Environment\.GetEnvironmentVariable$")
_SETTING = regex(
    r"(?:^|\.)(?:IConfiguration\w*|Configuration\w*|ConfigurationManager)(?:\(\))?\.(?:GetValue|GetSection)$"
)
_CONFIGURATION = regex(r"(?:^|\.)(?:IConfiguration\w*|Configuration)(?:\(\))?$|\.Configuration$")
_FLURL = regex(r"^\(flurl\)\.(Get|Post|Put|Patch|Delete)(\w*)$")
SECTION = "(section)"
"""A part of the configuration."""


class CSharpClients(Clients):
    """HttpClient and what is built on it."""

    text_types = frozenset(
        {
            *("string", "String", "Uri", "HttpResponseMessage", "HttpContent", "Stream"),
            *("HttpRequestMessage", "JsonElement", "JsonNode", "JObject", "JToken"),
            *("JsonDocument", "JArray"),
        }
    )
    pages = (".razor", ".cshtml")
    getters = frozenset({"GetProperty", "Value", "SelectToken", "TryGetProperty", "GetValue", "TryGetValue"})
    list_methods = frozenset(
        {
            *("Select", "Where", "First", "FirstOrDefault", "ToList", "Any", "All", "ForEach"),
            *("SelectMany", "Count"),
        }
    )
    plain_methods = frozenset(
        {
            *("GetString", "GetInt32", "GetDecimal", "GetDouble", "GetBoolean", "GetDateTime", "GetGuid"),
            *("GetInt64", "ToString", "GetArrayLength", "ValueKind", "Equals", "GetHashCode"),
        }
    )
    harmless = frozenset(
        {
            *("WriteLine", "Write", "LogInformation", "LogError", "LogWarning", "LogDebug", "ThrowIfNull"),
            *("Equal", "IsNullOrEmpty", "EnsureSuccessStatusCode", "NotNull", "Equals"),
            *("ReferenceEquals", "LogTrace"),
        }
    )

    def call(self, it: Invocation) -> Value | None:
        """A request, or what makes a client, a text, or objects of JSON."""
        path = it.path
        if found := _HTTP.match(path):
            return self._http(it, found[1] or found[2])
        if _FACTORY.search(path):
            name = literal(it.text(0)) if it.args else None
            return client("csharp") if name is None else LibraryOf(NAMED_CLIENT + _key(name), (hole(),))
        if it.name == "AddHttpClient" or it.name == "AddRefitClient":
            return self._registered(it)
        if it.name == "ConfigureHttpClient" and path.startswith(NAMED_CLIENT):
            return LibraryOf(path.rpartition(".")[0], it.carried)
        if path.endswith("RestService.For") and it.types:
            first = it.engine.settle(it.args[0]) if it.args else UNKNOWN
            has_base = isinstance(first, LibraryOf) and first.path == PLAIN_CLIENT
            base = first.args[0] if isinstance(first, LibraryOf) and has_base else it.text(0)
            self._learn(it, it.types[0], base)
            return it.types[0]
        if found := _FLURL.match(path):
            return self._flurl(it, found[1])
        return self._function(it)

    def function(self, path: str) -> Method | None:
        if path.startswith(NAMED_CLIENT) and path.endswith(".ConfigureHttpClient"):
            return Method(parameters=(Method(parameters=(LibraryOf(path.rpartition(".")[0]),) * 2),))
        return None

    def _http(self, it: Invocation, name: str) -> Value | None:
        """`client.GetFromJsonAsync<Order>(url)`, `client.PostAsync(url, content)`, `SendAsync(request)`."""
        if name == "Send":
            request = it.engine.settle(it.args[0]) if it.args else UNKNOWN
            if isinstance(request, LibraryOf) and request.path == REQUEST:
                return it.response(request.args[0], request.args[1])
            return None
        found = _READS.match(name)
        if found is None:
            return None
        url = resolved(self._base(it), it.text(0))
        sent: Value = PLAIN
        if found[1] in ("Post", "Put", "Patch") and len(it.args) > 1:
            sent = decoded(it.engine.settle(it.args[1]))
        kind = it.types[0] if it.types and "FromJson" in name else None
        response = it.request(verb_of(found[1]), url, sent, kind=kind)
        whole = "FromJson" in name or name in ("GetString", "GetStream", "GetByteArray")
        return response.args[-1] if whole else response

    def _base(self, it: Invocation) -> Value:
        """What stands before the URLs of a client: its own, or what it is configured with elsewhere."""
        if it.path.startswith(NAMED_CLIENT):
            known = it.engine.knowledge.get(
                ("base", it.path.removeprefix(NAMED_CLIENT).rpartition(".")[0], "")
            )
            return hole("base") if known is None else piece(known, "base")
        if it.carried and it.carried[0] != hole():
            return it.carried[0]
        owner = it.scope.lookup("this")
        known = (
            it.engine.knowledge.get(("base", _key(owner.key), "")) if isinstance(owner, InstanceOf) else None
        )
        return hole() if known is None else piece(known, "base")

    def _registered(self, it: Invocation) -> Value:
        """`services.AddHttpClient<OrdersClient>(c => c.BaseAddress = …)`, or by a name."""
        kinds = [one for one in it.types if isinstance(one, InstanceOf)]
        name = literal(it.text(0)) if it.args else None
        key = kinds[-1].key if kinds else _key(name or "")
        made = LibraryOf(NAMED_CLIENT + _key(key), (hole(),))
        for arg in it.args:
            if isinstance(arg, Method):
                self._configure(it, made)
        return made

    def _configure(self, it: Invocation, made: LibraryOf) -> None:
        """Look at the function again, with the client that it is handed."""
        for node in it.node.args:
            if type(node).__name__ == "Lambda":
                it.engine.evaluate(node, it.scope, Method(parameters=(made, made)))

    def _learn(self, it: Invocation, kind: Value, base: Value) -> None:
        if isinstance(kind, InstanceOf):
            it.engine.knowledge.learn(("base", _key(kind.key), ""), base)

    def assigned(self, owner: Value, name: str, value: Value) -> tuple[str, Value] | None:
        """`client.BaseAddress = new Uri(…)`: what is learnt of whom."""
        if name == "BaseAddress" and isinstance(owner, LibraryOf) and owner.path.startswith(NAMED_CLIENT):
            return owner.path.removeprefix(NAMED_CLIENT), piece(value, "base")
        return None

    def changed(self, owner: Value, name: str, value: Value) -> Value | None:
        """The same where the client is at hand: what it is from now on."""
        if name != "BaseAddress" or not isinstance(owner, LibraryOf) or owner.path.startswith(NAMED_CLIENT):
            return None
        return (
            client("csharp", value) if owner.path.endswith(("HttpClient", "HttpClient()", "csharp")) else None
        )

    def made(self, path: str, args: tuple[Value, ...], named: dict[str, Value]) -> Value | None:
        name = path.rpartition(".")[2]
        if not name and len(args) == 1 and "://" in (literal(args[0]) or ""):
            return args[0]  # `client.BaseAddress = new("http://orders")`
        if name == "HttpClient":
            base = named.get("BaseAddress")
            return client("csharp", base)
        if name == "Uri":
            return (
                resolved(piece(args[0]), piece(args[1]))
                if len(args) > 1
                else piece(args[0])
                if args
                else None
            )
        if name in ("StringContent", "ByteArrayContent", "StreamContent", "ObjectContent") and args:
            return encoded(decoded(args[0]))
        if name == "HttpRequestMessage":
            method = args[0] if args else named.get("Method", hole("method"))
            url = args[1] if len(args) > 1 else named.get("RequestUri", hole())
            return LibraryOf(REQUEST, (piece(method), piece(url), named.get("Content", PLAIN)))
        if name == "RestRequest" and args:
            return LibraryOf(
                REQUEST, (piece(args[1]) if len(args) > 1 else text("GET"), piece(args[0]), PLAIN)
            )
        return None

    def new_request(self, it: LibraryOf) -> tuple[Value, Value, Value] | None:
        """Method, URL and body where an object is a request that will be sent."""
        if it.path == REQUEST and len(it.args) == 3:
            return it.args[0], it.args[1], decoded(it.args[2])
        return None

    def member(self, owner: LibraryOf, name: str) -> Value | None:
        """What a response holds."""
        if owner.path == RESPONSE:
            if name == "Content":
                return owner
            if name in ("ReadAsStringAsync", "ReadAsStreamAsync", "ReadAsByteArrayAsync", "ReadAsString"):
                return Method(owner.args[-1])
            if name in ("Data", "Result"):
                return owner.args[-1] if name == "Data" else owner
            if name in ("ReadFromJsonAsync", "ReadAsAsync", "ReadFromJson"):
                return LibraryOf("(response).read", owner.args)
            return (
                Method(owner)
                if name in ("EnsureSuccessStatusCode", "ConfigureAwait", "GetAwaiter")
                else PLAIN
            )
        if owner.path.endswith("HttpMethod"):
            return text(name.upper())
        if owner.path.startswith(SECTION) and name == "Value":
            return reference(owner.path.removeprefix(SECTION))
        return None

    def of_json(self, owner: LibraryOf, name: str) -> Value | None:
        if name in ("RootElement", "Result"):
            return owner
        if name in (
            "EnumerateArray",
            "AsArray",
            "AsObject",
            "ConfigureAwait",
            "Deserialize",
            "ToObject",
            "Clone",
        ):
            return Method(owner)
        return super().of_json(owner, name)

    def element(self, owner: LibraryOf, key: str) -> Value | None:
        if owner.path.startswith(SECTION):
            return reference(f"{owner.path.removeprefix(SECTION)}.{_setting(key)}")
        if _CONFIGURATION.search(owner.path):
            return reference(_setting(key))
        return None

    def builtin(self, name: str) -> Value | None:
        if name in ("HttpClient", "IHttpClientFactory", "Environment", "HttpMethod", "IConfiguration", "Uri"):
            return LibraryOf(name) if name != "Uri" else LibraryOf("Uri")
        return None

    def keeps_types(self, path: str) -> bool:
        name = path.rpartition(".")[2]
        return (
            name in ("AddHttpClient", "AddRefitClient", "For", "GetValue")
            or "HttpClient" in path
            or path.startswith("(")
        )

    def _flurl(self, it: Invocation, verb: str) -> Value:
        sent = decoded(it.engine.settle(it.args[0])) if it.args and verb != "Get" else PLAIN
        kind = it.types[0] if it.types else None
        response = it.request(verb_of(verb), it.carried[0], sent, kind=kind)
        return response.args[-1] if "Json" in it.name and verb == "Get" else response

    def of_text(self, owner: LibraryOf, name: str) -> Value:
        if name in ("AppendPathSegment", "AppendPathSegments"):
            return Method(
                compute=lambda args: joined(
                    (owner, *(part for one in args for part in (text("/"), piece(one))))
                )
            )
        if name in (
            "SetQueryParam",
            "SetQueryParams",
            "WithHeader",
            "WithOAuthBearerToken",
            "ToString",
            "Uri",
        ):
            return Method(owner)
        if name.startswith(("Get", "Post", "Put", "Patch", "Delete")) and name.endswith("Async"):
            return LibraryOf(f"(flurl).{name}", (owner,))
        if name in ("AbsoluteUri", "OriginalString", "AbsolutePath"):
            return owner
        return super().of_text(owner, name)

    def declared(self, it: Invocation, decl: FunctionDecl) -> Value | None:
        """A method of one of Refit's interfaces."""
        owner = decl.owner
        mark = None
        if owner is not None and not decl.node.body:
            found = marks(owner.nodes, REQUEST_MARK)
            mark = next((each for each in found if each.args[0].pos == decl.node.pos), None)
        if owner is None or mark is None or len(mark.args) != 4:
            return None
        engine = it.engine
        path = piece(engine.evaluate(mark.args[3], engine.class_body(owner)))
        known = engine.knowledge.get(("base", _key(owner.key), ""))
        verb = mark.args[1].value if isinstance(mark.args[1], Text) else ""
        index = int(mark.args[2].value) if isinstance(mark.args[2], Text) else -1
        sent = engine.settle(it.args[index]) if 0 <= index < len(it.args) else PLAIN
        _, written = engine.signature(decl)
        kind = None if written is None or written == PLAIN else written
        base = hole() if known is None else piece(known, "base")
        response = it.request(text(verb), with_base(base, path), sent, kind=kind)
        return PLAIN if kind is None else response.args[-1]

    def guessed(self, it: Invocation) -> Value | None:
        """The JSON extensions have names of their own."""
        name = it.name.removesuffix("Async")
        if name in ("GetFromJson", "PostAsJson", "PutAsJson", "PatchAsJson") and it.args:
            url = it.text(0)
            sent = it.engine.settle(it.args[1]) if len(it.args) > 1 and name != "GetFromJson" else PLAIN
            response = it.request(verb_of(name), url, decoded(sent), sure=False)
            return response.args[-1] if name == "GetFromJson" else response
        return None

    def _function(self, it: Invocation) -> Value | None:
        """Functions that texts and bodies go through."""
        path, name = it.path, it.name.removesuffix("Async")
        first = it.engine.settle(it.args[0]) if it.args else UNKNOWN
        if path == "(response).read":
            if it.types:
                return it.engine.decode(it.types[0], it.carried[2])
            return it.carried[2]
        if path.startswith(SECTION) and name in ("GetValue", "GetSection"):
            inner = f"{path.rpartition('.')[0].removeprefix(SECTION)}.{_setting(literal(first) or '')}"
            return LibraryOf(SECTION + inner) if name == "GetSection" else reference(inner)
        if _ENVIRONMENT.search(path):
            return environment((first,))
        if _SETTING.search(path):
            name_of = _setting(literal(first) or "")
            return LibraryOf(SECTION + name_of) if path.endswith("GetSection") else reference(name_of)
        if path.endswith(("string.Format", "String.Format")):
            return formatted(tuple([it.text(index) for index in range(len(it.args))]))
        if path.endswith(("string.Concat", "String.Concat")):
            return joined([it.text(index) for index in range(len(it.args))])
        if name == "AddQueryString" and it.args:
            return it.text(0)
        if name in ("Serialize", "SerializeObject", "Create", "SerializeToUtf8Bytes") and it.args:
            return encoded(first) if "Json" in path else None
        if name in ("Parse", "ParseAsync", "DeserializeObject", "Deserialize", "FromObject") and _whole(
            first
        ):
            kind = next((one for one in it.types if not says_nothing(one)), None)
            if kind is None:
                return first
            return it.engine.decode(kind, first)
        if path == "Uri" and it.args:
            return piece(first)
        return None

    def is_shown(self, declared: ClassDecl) -> bool:
        """What stands behind a Razor page."""
        return declared.file.path.endswith((".cshtml.cs", ".razor.cs"))

    def json_name(self, declared: ClassDecl, member: str) -> str | None:
        return json_name(declared, member)

    def field_of(self, declared: ClassDecl, member: str) -> tuple[str, bool]:
        return field_of(declared, member)


def _whole(value: Value) -> bool:
    return is_json(value) or is_response(value)


def _setting(key: str) -> str:
    """`Orders:Url`, and the same as a variable of the environment, as `Orders.Url`."""
    return key.replace(":", ".").replace("__", ".")


def _key(name: str) -> str:
    """A name as a part of a path."""
    return name.replace(".", "|").replace("(", "").replace(")", "")
