"""What Java's and Kotlin's trees for requests share: marks of annotations among the statements of a class."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tree_sitter import Node

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.http import annotations as known
from workspai_hooks.workspace.http.annotations import Annotation, verb_of
from workspai_hooks.workspace.http.trees import BASE, NAMED, REQUEST, call_of, joined, named_in_json
from workspai_hooks.workspace.use_sites.syntax import Do, Expr, Member, Name, Pos, Stmt, Text

_LINE = regex(r"\s*([A-Z]{3,7})\s+(\S*)")
_STRATEGY = regex(r"(?:Snake|Kebab|UpperCamel|LowerCase)\w*")

_PLACEHOLDER = regex(r"\$\{([\w.-]{1,120})(?::([^{}]{0,200}))?\}")

Lower = Callable[[Node], Expr]


def base_mark(found: Sequence[Annotation[Node]], lower: Lower, pos: Pos) -> list[Stmt]:
    """Where the methods of a declarative client send their requests."""
    by_name = {one.name: one for one in found}
    client = next((by_name[name] for name in known.CLIENTS if name in by_name), None)
    if client is None:
        return []
    url = client.first("url", "baseUri", "") if client.name != "HttpExchange" else None
    name = client.first("name", "value", "serviceId", "configKey", "")
    path = client.first("path") or (client.first(*known.PATHS) if client.name == "HttpExchange" else None)
    parts: list[Expr] = []
    if client.name == "FeignClient":
        written = None if "url" not in client.values else placed(lower(client.values["url"]))
        if written is not None and not (isinstance(written, Text) and not written.value):
            parts.append(written)
        elif name is not None:
            parts += [Text("lb://", pos), placed(lower(name))]
    elif client.name == "Client":
        node = url or name
        parts.append(Text("", pos) if node is None else _registered(placed(lower(node)), pos))
    elif url is not None:
        parts.append(placed(lower(url)))
    elif client.name == "RegisterRestClient" and "configKey" in client.values:
        key = lower(client.values["configKey"])
        if isinstance(key, Text):  # Quarkus and MicroProfile read the base from here
            parts.append(placed(Text(f"${{quarkus.rest-client.{key.value}.url}}", pos)))
    above = next((by_name[word] for word in ("RequestMapping", "Path") if word in by_name), None)
    for each in (path, None if above is None else above.first(*known.PATHS)):
        if each is not None:
            parts += [Text("/", pos), placed(lower(each))]
    return [Do(call_of(BASE, parts, pos))]


def _registered(value: Expr, pos: Pos) -> Expr:
    """Micronaut's `@Client("orders")` is a name that the registry knows, unless it is a path or a URL."""
    if isinstance(value, Text) and value.value and not value.value.startswith(("/", "http", "$")):
        return joined([Text("lb://", pos), value], pos)
    return value


def request_mark(
    found: Sequence[Annotation[Node]], name: str, body: int, lower: Lower, pos: Pos
) -> list[Stmt]:
    """The request that a method of a declarative client sends; `pos` is where the method's name stands."""
    asked = verb_of(found)
    if asked is None:
        return []
    verb, one = asked
    node = one.first(*known.PATHS)
    if node is None and one.name in known.VERBS:
        node = next((each.first(*known.PATHS) for each in found if each.name == "Path"), None)
    path: Expr = Text("", pos) if node is None else lower(node)
    if one.name in ("RequestLine", "HTTP") and isinstance(path, Text):
        line = _LINE.match(path.value)
        verb, path = (line[1], Text(line[2], pos)) if line else ("", path)
    if not verb and "method" in one.values:
        written = lower(one.values["method"])
        verb = getattr(written, "name", "") or getattr(written, "value", "") or getattr(written, "id", "")
    return [Do(call_of(REQUEST, [Text(name, pos), Text(verb, pos), Text(str(body), pos), placed(path)], pos))]


def name_marks(found: Sequence[Annotation[Node]], member: str, lower: Lower, pos: Pos) -> list[Stmt]:
    """What a field is called in JSON."""
    for one in found:
        if one.name in known.HIDDEN:
            return [named_in_json(member, "", pos)]
        if one.name in known.JSON_NAMES:
            node = one.first(*known.JSON_NAMES[one.name])
            written = None if node is None else lower(node)
            if isinstance(written, Text):
                return [named_in_json(member, written.value, pos)]
            if isinstance(written, Name | Member):  # a constant
                return [Do(call_of(NAMED, [Text(member, pos), written], pos))]
    return []


def strategy_marks(found: Sequence[Annotation[Node]], said: Callable[[Node], str], pos: Pos) -> list[Stmt]:
    """How a class names all of its fields: `@JsonNaming(SnakeCaseStrategy.class)`."""
    for one in found:
        node = one.first("value", "") if one.name in ("JsonNaming",) else None
        strategy = _STRATEGY.search(said(node)) if node is not None else None
        if strategy is not None:
            return [named_in_json("*", strategy[0], pos)]
    return []


def injected(found: Sequence[Annotation[Node]], lower: Lower, pos: Pos) -> Expr | None:
    """What the configuration fills in: `@Value("${orders.url}")`."""
    for one in found:
        if one.name in known.INJECTED:
            node = one.first(*known.INJECTED[one.name])
            written = None if node is None else lower(node)
            if isinstance(written, Text):
                text = written.value
                return placed(Text(text if "{" in text else f"${{{text}}}", pos))
    return None


def placed(written: Expr) -> Expr:
    """A text of an annotation with what the configuration fills in: `${orders.url:http://orders}/api`."""
    if not isinstance(written, Text) or "${" not in written.value:
        return written
    parts: list[Expr] = []
    last = 0
    for match in _PLACEHOLDER.finditer(written.value):
        if match.start() > last:
            parts.append(Text(written.value[last : match.start()], written.pos))
        default = [] if match[2] is None else [Text(match[2], written.pos)]
        parts.append(call_of("(env)", [Text(match[1], written.pos), *default], written.pos))
        last = match.end()
    if last < len(written.value):
        parts.append(Text(written.value[last:], written.pos))
    return parts[0] if len(parts) == 1 else joined(parts, written.pos)
