"""Go: net/http and resty, encoding/json, and how URLs are put together."""

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
    method_of,
    trimmed,
    verb_of,
    with_base,
)
from workspai_hooks.workspace.http.fields_go import field_of, json_name
from workspai_hooks.workspace.http.names import hint
from workspai_hooks.workspace.http.texts import hole, is_text, joined, literal, piece, text
from workspai_hooks.workspace.use_sites.infer.base import says_nothing
from workspai_hooks.workspace.use_sites.syntax import Member, Name, New
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    LibraryOf,
    Method,
    ParameterOf,
    TupleOf,
    TypeOf,
    Value,
)

if TYPE_CHECKING:
    from workspai_hooks.workspace.http.invocation import Invocation
    from workspai_hooks.workspace.use_sites.infer.program import ClassDecl

REQUEST = "(request)"
DECODER = "(decoder)"
_SENDING = regex(r"^net/http\.(?:(?:Client|DefaultClient)(?:\(\))?\.)?(Get|Head|Post|PostForm)$")
_BUILDING = frozenset({"net/http.NewRequest", "net/http.NewRequestWithContext"})
_METHODS = regex(r"^net/http\.Method(\w+)$")
_RESTY = regex(r"^(?:github\.com/go-resty/resty(?:/v\d)?|resty\.dev/v\d)\.New(?:WithClient)?$")
_READING = frozenset(
    {
        *("io.ReadAll", "io/ioutil.ReadAll", "bytes.NewBuffer", "bytes.NewReader", "strings.NewReader"),
        *("io.NopCloser", "io/ioutil.NopCloser", "bufio.NewReader"),
        *("bytes.NewBufferString", "io.LimitReader"),
    }
)
_JSON = regex(
    r"^(?:encoding/json|github\.com/(?:json-iterator/go|goccy/go-json|bytedance/sonic|segmentio/encoding/json))"
    r"\.(?:ConfigCompatibleWithStandardLibrary\.)?(\w+)$"
)
_ENVIRONMENT = frozenset({"os.Getenv", "os.LookupEnv", "syscall.Getenv"})
_SETTINGS = regex(r"viper\.(?:New\(\)\.)?GetString$")
_WITH_ERROR = frozenset(
    {
        *("io.ReadAll", "io/ioutil.ReadAll", "net/url.Parse", "net/url.JoinPath"),
        *("os.LookupEnv", "net/url.ParseRequestURI"),
    }
)


class GoClients(Clients):
    """net/http, resty."""

    text_types = frozenset({"string", "Request", "Response", "byte", "Reader", "ReadCloser", "URL", "any"})
    plain_methods = frozenset({"Close"})
    harmless = frozenset(
        {
            *("len", "Println", "Printf", "Print", "Errorf", "Fprintf", "Fprintln", "Close", "Sprintf"),
            *("Sprint", "Info", "Debug", "Warn", "Error", "Fatal", "Infof", "Debugf", "Warnf"),
            *("Fatalf", "Equal"),
        }
    )

    def call(self, it: Invocation) -> Value | None:
        """A request, or what makes one, decodes its answer or puts a URL together."""
        path = it.path
        if path.startswith("("):
            return self._of_value(it)
        if found := _SENDING.match(path):
            sent = it.args[2] if found[1] == "Post" and len(it.args) > 2 else PLAIN
            response = it.request(verb_of(found[1]), it.text(0), decoded(it.engine.settle(sent)))
            return TupleOf((response, PLAIN))
        if path in _BUILDING:
            at = 1 if path.endswith("Context") else 0
            sent = it.args[at + 2] if len(it.args) > at + 2 else PLAIN
            method = method_of(it.arg(at))
            url = it.text(at + 1)
            it.request(method, url, decoded(it.engine.settle(sent)))
            return TupleOf((LibraryOf(REQUEST, (method, url)), PLAIN))
        if it.name == "Do" or path.endswith(".RoundTrip"):
            return self._sent(it)
        if _RESTY.match(path):
            return client("resty")
        if path in _READING:
            first = it.engine.settle(it.args[0]) if it.args else UNKNOWN
            if isinstance(it.args[0] if it.args else None, ParameterOf):
                first = it.args[0]
            return TupleOf((first, PLAIN)) if path in _WITH_ERROR else first
        if found := _JSON.match(path):
            return self._json(it, found[1])
        return _text(it)

    def _json(self, it: Invocation, name: str) -> Value | None:
        first = it.args[0] if it.args else UNKNOWN
        if name == "NewDecoder":
            return LibraryOf(DECODER, (first if _carries(first) else hole(),))
        if name == "Unmarshal" and len(it.args) > 1:
            return self._decode(it, first, 1)
        if name in ("Marshal", "MarshalIndent"):
            return TupleOf((encoded(it.engine.settle(first)), PLAIN))
        return None

    def _decode(self, it: Invocation, source: Value, at: int) -> Value:
        """`json.Unmarshal(data, &order)`: what is decoded into, or what it is from now on."""
        target = it.args[at] if at < len(it.args) else UNKNOWN
        if says_nothing(target) and not isinstance(target, ParameterOf):
            node = it.node.args[at] if at < len(it.node.args) else None
            if node is not None and _carries(source):
                it.engine.update(node, source, it.scope)
        else:
            it.engine.decode(target, source)
            node = it.node.args[at] if at < len(it.node.args) else None
            if isinstance(node, Name | Member):
                it.engine.fill(node, target, source, it.scope)
        return PLAIN

    def _of_value(self, it: Invocation) -> Value | None:
        owner, _, name = it.path.rpartition(".")
        if it.path == f"{DECODER}.Decode":
            return self._decode(it, it.carried[0], 0)
        if owner in (DECODER, REQUEST):
            return LibraryOf(owner, it.carried) if name in ("WithContext", "Clone") else PLAIN
        if owner == f"{CLIENT}resty":
            return self._resty(it, name)
        return self._sent(it) if name == "Do" else None

    def _resty(self, it: Invocation, name: str) -> Value | None:
        """`client.R().SetResult(&order).Get("/orders/1")`: what was set is carried along by position."""
        base, result, sent = (*it.carried, UNKNOWN, UNKNOWN)[:3]
        if name in ("SetBaseURL", "SetHostURL"):
            base = it.text(0)
        elif name == "SetResult" and it.args:
            result = it.args[0].value if isinstance(it.args[0], TypeOf) else it.args[0]
        elif name == "SetBody" and it.args:
            sent = it.engine.settle(it.args[0])
        elif name in ("Get", "Post", "Put", "Patch", "Delete", "Head", "Execute"):
            at = 1 if name == "Execute" else 0
            method = method_of(it.arg(0)) if at else verb_of(name)
            kind = None if result in (UNKNOWN, hole()) else result
            url = with_base(base, it.text(at))
            response = it.request(method, url, PLAIN if sent == hole() else sent)
            if kind is not None:  # it is read though the call's own result may be dropped
                it.engine.decode(kind, response.args[-1])
            return TupleOf((response, PLAIN))
        return LibraryOf(
            f"{CLIENT}resty", (base, *(hole() if one == UNKNOWN else one for one in (result, sent)))
        )

    def _sent(self, it: Invocation) -> Value | None:
        """`client.Do(req)`."""
        for arg in it.args:
            given = it.engine.settle(arg)
            if isinstance(given, LibraryOf) and given.path == REQUEST:
                return TupleOf((it.response(given.args[0], given.args[1]), PLAIN))
            if isinstance(arg, ParameterOf) and it.path.startswith("net/http"):
                return TupleOf((LibraryOf("(sent)", (arg,)), PLAIN))
        return None

    def member(self, owner: LibraryOf, name: str) -> Value | None:
        """What a response holds, the names of methods, members of URLs."""
        if owner.path == RESPONSE:
            if name in ("Body", "RawBody"):
                return owner.args[-1]
            return Method(owner.args[-1]) if name in ("Result", "Bytes") else PLAIN
        if found := _METHODS.match(f"{owner.path}.{name}"):
            return text(found[1].upper())
        if owner.path == REQUEST:
            return PLAIN if name in ("Header", "URL", "Body", "Host") else None
        return None

    def of_json(self, owner: LibraryOf, name: str) -> Value | None:
        return super().of_json(owner, name)

    def guessed(self, it: Invocation) -> Value | None:
        """`c.Do(req)` of an interface."""
        return self._sent(it) if it.name in ("Do", "RoundTrip") else None

    def of_text(self, owner: LibraryOf, name: str) -> Value:
        if name == "JoinPath":
            return Method(compute=lambda args: _slashed((owner, *args)))
        if name in ("Query", "Encode"):
            return Method()
        return owner if name in ("RawQuery", "Host", "Path") else super().of_text(owner, name)

    def json_name(self, declared: ClassDecl, member: str) -> str | None:
        return json_name(declared, member)

    def field_of(self, declared: ClassDecl, member: str) -> tuple[str, bool]:
        return field_of(declared, member)


def _carries(value: Value) -> bool:
    return isinstance(value, ParameterOf) or is_json(value) or is_response(value)


def _text(it: Invocation) -> Value | None:
    """Functions that texts go through."""
    path = it.path
    if path in ("fmt.Sprintf", "fmt.Sprint"):
        first = literal(it.engine.settle(it.args[0])) if it.args else None
        return (
            formatted(tuple([it.text(index) for index in range(len(it.args))])) if first is not None else None
        )
    if path in _ENVIRONMENT:
        found = environment(tuple([it.engine.settle(one) for one in it.args]))
        return TupleOf((found, PLAIN)) if path in _WITH_ERROR else found
    if _SETTINGS.search(path):
        return environment(tuple([it.engine.settle(one) for one in it.args]))
    if path in ("net/url.JoinPath", "path.Join"):
        slashed = _slashed(tuple([it.text(index) for index in range(len(it.args))]))
        return TupleOf((slashed, PLAIN)) if path in _WITH_ERROR else slashed
    if path in ("net/url.Parse", "net/url.ParseRequestURI"):
        return TupleOf((it.text(0), PLAIN))
    if path in ("strings.TrimSuffix", "strings.TrimRight", "strings.TrimPrefix", "strings.TrimSpace"):
        value = it.engine.settle(it.args[0]) if it.args else UNKNOWN
        side = "rstrip" if path.endswith(("Suffix", "Right")) else "lstrip"
        return (
            trimmed(value, side, tuple([it.engine.settle(one) for one in it.args[1:]]))
            if is_text(value)
            else None
        )
    if path in ("net/url.PathEscape", "net/url.QueryEscape", "strconv.Itoa", "strconv.FormatInt"):
        return hole(literal(it.text(0)) or "") if it.args else None
    if path == "strings.Join":
        return _strings_joined(it)
    return None


def _slashed(args: tuple[Value, ...]) -> Value:
    """Parts of a path, with a slash between them."""
    url = args[0] if args else hole()
    for part in args[1:]:
        url = (
            with_base(url, piece(part))
            if literal(part) is not None
            else joined((url, text("/"), piece(part)))
        )
    return url


def _strings_joined(it: Invocation) -> Value | None:
    """`strings.Join([]string{base, "orders", id}, "/")`."""

    listed = it.node.args[0] if it.node.args else None
    between = it.text(1)
    if not isinstance(listed, New):
        return hole()
    parts: list[Value] = []
    for number, item in enumerate(listed.items):
        parts += [between] * (number > 0) + [piece(it.engine.evaluate(item, it.scope), hint(item))]
    return joined(parts)
