"""What a language's HTTP clients do: everything that differs between languages is behind `Clients`.

One subclass a language, in `calls_<language>.py`: which calls send a request, what the libraries make of
texts and of responses; and, in `fields_<language>.py`, how members of classes are called in JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.http.bodies import JSON, item_of, pointer_of
from workspai_hooks.workspace.http.events import DYNAMIC
from workspai_hooks.workspace.http.texts import hole, is_text, joined, literal, piece, reference, text
from workspai_hooks.workspace.use_sites.naming import Library
from workspai_hooks.workspace.use_sites.syntax import Text
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    LibraryOf,
    ListOf,
    Method,
    ParameterOf,
    Value,
)

if TYPE_CHECKING:
    from workspai_hooks.workspace.http.invocation import Invocation
    from workspai_hooks.workspace.use_sites.infer.program import ClassDecl, FunctionDecl
    from workspai_hooks.workspace.use_sites.syntax import Expr

PICKED = "(get)"
"""A method of JSON that takes the name of a property."""
_BASE = regex(r"^([a-zA-Z][a-zA-Z0-9+.-]{0,20}://[^/?#]{1,200})(/[^?#]*)?")
COMPONENTS = (".vue", ".svelte")
"""Files whose scripts stand beside what shows their variables."""
VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options"})
_PLACE = regex(r"\{[^{}]{0,80}\}|%[-+#0 ]{0,3}[\d.*]{0,8}[sdvqifxXtgeup]")
_LOGS = regex(r"(?i)(?:^|[._])(?:log|logger|logging|console|slog|zap|winston|pino)(?:$|[._(])")


class Clients:
    """The defaults: nothing is a client."""

    text_types: frozenset[str] = frozenset()
    """Names of types that texts have; they say nothing, so that what is in them is kept."""
    list_methods: frozenset[str] = frozenset()
    """What JSON is asked for only where it is a list."""
    pages: tuple[str, ...] = ()
    """Endings of templates with code that is not followed."""
    getters: frozenset[str] = frozenset()
    """Methods of JSON that are handed the name of a property."""
    plain_methods: frozenset[str] = frozenset()
    """What JSON is asked for that is no property of it, and that gives nothing of interest."""
    harmless: frozenset[str] = frozenset()
    """Functions by their last names that look at a value and keep nothing of it."""

    def __init__(self, library: Library) -> None:
        self.library = library

    def call(self, it: Invocation) -> Value | None:
        """A call of a library: a request, or something that texts, responses or clients go through."""
        return None

    def guessed(self, it: Invocation) -> Value | None:
        """A call of something unknown that looks like a request."""
        return None

    def declared(self, it: Invocation, decl: FunctionDecl) -> Value | None:
        """A call of a method of the repository that an annotation makes a request."""
        return None

    def picked(self, it: Invocation) -> Value:
        """`data.get("total", 0)`: the property, or any where its name is not known."""

        owner = LibraryOf(JSON + it.path.removeprefix(PICKED), it.carried)
        key = it.node.args[0] if it.node.args else None
        if isinstance(key, Text):
            steps = (
                [step for step in key.value.split("/") if step] if key.value.startswith("/") else [key.value]
            )
            for step in steps:
                owner = it.engine.touch(owner, step, key.pos, it.scope)
            return owner
        if key is not None and not is_number(key):
            it.engine.leaves(owner, DYNAMIC, it.node.pos, it.scope)
        return item_of(owner)

    def function(self, path: str) -> Method | None:
        """What the arguments of a call of ours are: functions that are handed a builder."""
        return None

    def made(self, path: str, args: tuple[Value, ...], named: dict[str, Value]) -> Value | None:
        """A new object of a library's type that is more than its type."""
        return None

    def new_request(self, made: LibraryOf) -> tuple[Value, Value, Value] | None:
        """Method, URL and body where a new object is a request that will be sent."""
        return None

    def assigned(self, owner: Value, name: str, value: Value) -> tuple[str, Value] | None:
        """`owner.name = value` that tells the base of a client which is known by a name: name and base."""
        return None

    def changed(self, owner: Value, name: str, value: Value) -> Value | None:
        """What a client is from `owner.name = value` on."""
        return None

    def member(self, owner: LibraryOf, name: str) -> Value | None:
        """A member of a response, a client, or of a library's module."""
        return None

    def element(self, owner: LibraryOf, key: str) -> Value | None:
        """`owner["key"]` of a library's value: the environment, a configuration."""
        return None

    def is_store(self, owner: LibraryOf) -> bool:
        """Whether it is a library's configuration that code fills by keys."""
        return False

    def builtin(self, name: str) -> Value | None:
        """A name that is there without an import."""
        return None

    def type(self, path: str, args: tuple[Value, ...]) -> Value | None:
        """What an instance of a library's type is."""
        return None

    def keeps_types(self, path: str) -> bool:
        """Whether type arguments of a call of this function say what the response is."""
        return False

    def json_name(self, declared: ClassDecl, member: str) -> str | None:
        """What a member of a class is called in JSON; None where it is no property of it."""
        return member

    def field_of(self, declared: ClassDecl, member: str) -> tuple[str, bool]:
        """The field that a member of a class stands for, and whether it sets it: accessors of a language."""
        return member, False

    def is_dict(self, declared: ClassDecl) -> bool:
        """Whether instances of a class are dicts that are read by keys."""
        return False

    def is_required(self, declared: ClassDecl, member: str) -> bool:
        """Whether JSON without this member can't become an instance of a class."""
        return False

    def is_shown(self, declared: ClassDecl) -> bool:
        """Whether a template that is not followed shows the members of a class."""
        return False

    def getter(self, owner: LibraryOf, name: str) -> str | None:
        """The property that a method of JSON hands out: of a class that is not in the repository."""
        return None

    def of_json(self, owner: LibraryOf, name: str) -> Value | None:
        """A member of JSON that is no property."""
        if name in self.getters:
            return LibraryOf(PICKED + pointer_of(owner), owner.args)
        if name in self.list_methods:
            return self.library.member(ListOf(item_of(owner)), name)
        return Method() if name in self.plain_methods else None

    def of_text(self, owner: LibraryOf, name: str) -> Value:
        """A method of a text."""
        if name in _SAME:
            return Method(owner)
        if name in _JOINING:
            return Method(compute=lambda args: joined((owner, *(piece(one) for one in args))))
        if name in ("format", "formatted"):
            return LibraryOf("(format)", (owner,))
        if name in _TRIMMING:
            return Method(compute=lambda args: trimmed(owner, name, args))
        if name == "replace":
            return Method(compute=lambda args: _replaced(owner, args))
        return Method() if name in _PLAIN else Method(hole())

    def is_harmless(self, path: str) -> bool:
        """Whether a function of a library keeps nothing of what it is handed: logs, lengths, checks."""
        owner, _, name = path.rpartition(".")
        return name in self.harmless or bool(_LOGS.search(f"{owner}."))


_SAME = frozenset(
    {
        *("strip", "trim", "toString", "ToString", "String", "encode", "decode", "asString", "valueOf"),
        *("intern", "getUri", "getHomePageUrl", "stripTrailing", "stripLeading", "toLowerCase", "lower"),
        *("casefold", "str", "href", "unicode_string"),
    }
)
_JOINING = frozenset({"concat", "plus", "resolve"})
_TRIMMING = frozenset(
    {
        *("rstrip", "lstrip", "removesuffix", "removeprefix", "TrimEnd", "TrimStart", "Trim"),
        *("removeSuffix", "removePrefix", "trimEnd", "trimStart"),
    }
)
_PLAIN = frozenset(
    {
        *("startswith", "endswith", "startsWith", "endsWith", "StartsWith", "EndsWith", "length", "Length"),
        *("equals", "isEmpty", "isBlank", "contains", "includes", "indexOf", "find", "hashCode"),
        *("isdigit", "compareTo"),
    }
)


def formatted(args: tuple[Value, ...], named: dict[str, Value] | None = None) -> Value:
    """`"%s/orders/%d" % …`, `fmt.Sprintf(…)`, `String.format(…)`, `"{}/orders".format(…)`."""
    template = literal(args[0]) if args else None
    if template is None:
        return piece(args[0]) if args else hole()
    rest = list(args[1:])
    parts: list[Value] = []
    last = 0
    for place in _PLACE.finditer(template.replace("%%", "%25")[:2000]):
        parts.append(text(template[last : place.start()]))
        parts.append(_inserted(place[0], rest, named or {}))
        last = place.end()
    parts.append(text(template[last:]))
    return joined(parts)


def _inserted(place: str, rest: list[Value], named: dict[str, Value]) -> Value:
    name = place[1:-1].partition(":")[0].partition("!")[0] if place.startswith("{") else ""
    if name in named:
        return piece(named[name], name)
    if name.isdigit():
        return piece(rest[int(name)], name) if int(name) < len(rest) else hole(name)
    return piece(rest.pop(0), name) if rest else hole(name)


def trimmed(owner: Value, name: str, args: tuple[Value, ...]) -> Value:
    """A text without what stands at one of its ends; a slash at the end of a base says nothing anyway."""
    said = literal(owner)
    cut = literal(args[0]) if args else " "
    if said is None or cut is None:
        return owner
    if name.lower().startswith(("r", "trimend")) and name not in ("removeprefix", "removePrefix"):
        return text(said.removesuffix(cut))
    return text(said.removeprefix(cut))


def _replaced(owner: Value, args: tuple[Value, ...]) -> Value:
    """`"/orders/{id}".replace("{id}", id)`."""
    said, old = literal(owner), literal(args[0]) if args else None
    if said is None or old is None or len(args) < 2 or not old:
        return owner
    parts: list[Value] = []
    for number, part in enumerate(said.split(old)[:8]):
        parts += [piece(args[1])] * (number > 0) + [text(part)]
    return joined(parts)


def with_base(base: Value, url: Value) -> Value:
    """A URL as a client makes it of what it is handed: whole ones stay as they are, and so do all where the
    client has no base (a hole without a name)."""
    if base == hole():
        return url
    said = _beginning(url)
    if said is not None and "://" in said[:12]:
        return url
    if isinstance(url, LibraryOf) and said is None and is_text(url) and _is_whole(url):
        return url
    end, start = literal(base), said
    if end is not None and end.endswith("/") and start is not None and start.startswith("/"):
        base = text(end[:-1])
    elif start is not None and start and not start.startswith(("/", "?")) and not (end or "").endswith("/"):
        return joined((base, text("/"), url))
    return joined((base, url))


def resolved(base: Value, url: Value) -> Value:
    """A URL as RFC 3986 resolves it, like .NET's clients, `new URL()` and `urljoin` do: what begins with a
    slash replaces the path of the base, anything else what stands behind the base's last slash."""
    said, known = _beginning(url), literal(base)
    found = _BASE.match(known) if known is not None and said else None
    if found is None or said is None or "://" in said[:12]:
        return with_base(base, url)
    path = "" if said.startswith("/") else (found[2] or "").rpartition("/")[0]
    return with_base(text(f"{found[1]}{path}"), url)


def _is_whole(url: LibraryOf) -> bool:
    """What begins with a variable of the environment is a URL of its own."""
    first = url.args[0] if url.path == "(joined)" and url.args else url
    return isinstance(first, LibraryOf) and first.path.startswith("(ref)")


def _beginning(url: Value) -> str | None:
    first = url.args[0] if isinstance(url, LibraryOf) and url.path == "(joined)" and url.args else url
    return literal(first)


def environment(args: tuple[Value, ...]) -> Value:
    """A look-up of the environment by its name, with a default."""
    name = literal(args[0]) if args else None
    if name is None:
        return hole()
    default = literal(args[1]) if len(args) > 1 else None
    return reference(name, default)


class HttpLibrary:
    """A language's library, with what its HTTP clients add to it."""

    def __init__(self, base: Library, clients: Clients) -> None:
        self._base = base
        self._clients = clients

    def builtin(self, name: str) -> Value | None:
        known = self._clients.builtin(name)
        if known is None and name in self._clients.text_types:
            return LibraryOf(name)
        return self._base.builtin(name) if known is None else known

    def function(self, path: str) -> Method | None:
        return self._clients.function(path) if path.startswith("(") else self._base.function(path)

    def type(self, path: str, args: tuple[Value, ...]) -> Value | None:
        if path.rpartition(".")[2] in self._clients.text_types and not args:
            return UNKNOWN
        known = self._clients.type(path, args)
        return self._base.type(path, args) if known is None else known

    def member(self, value: Value, name: str) -> Value | None:
        return self._base.member(value, name)


def verb_of(name: str) -> Value:
    """A method by the name of the function that sends it: `get`, `GetAsync`, `getForObject`."""
    for verb in VERBS:
        if name.lower().startswith(verb):
            return text(verb.upper())
    return hole("method")


def method_of(value: Value | None) -> Value:
    """A method that is written as a text, in any case."""
    if isinstance(value, ParameterOf):
        return value
    said = None if value is None else literal(value)
    return hole("method") if said is None else text(said.upper())


def is_number(key: Expr) -> bool:
    """Whether a key is a number as it stands; some languages' trees have nothing for one."""
    return getattr(key, "parts", None) == () or getattr(key, "id", "").isdigit()


def body_or(value: Value | None) -> Value:
    return PLAIN if value is None else value
