"""Go: a deadline comes with the context (`context.WithTimeout`) or stands in the `http.Client`.

A context that the function was handed is followed to the functions of the service that call it. One that
comes with a request has what the caller set, which is no deadline of this service's own.
"""

from __future__ import annotations

from tree_sitter import Node

from workspai_hooks.patterns import regex
from workspai_hooks.resilience.deadlines.site import Site, SourceFile
from workspai_hooks.resilience.deadlines.values import INHERITED, NONE, UNKNOWN, Answer, Deadline, set_to

_INTERCEPTED = regex(
    r"timeout\.UnaryClientInterceptor|UnaryInvoker[\s\S]{0,3000}context\.With(?:Timeout|Deadline)"
)
_FRAMEWORKS = (
    (regex(r"go-kratos/kratos/v2/transport/(?:grpc|http)"), 2.0, "Kratos' client"),
    (regex(r"zeromicro/go-zero/zrpc"), 2.0, "go-zero's client"),
    (regex(r"go-micro\.dev/v\d/client|(?:asim|micro)/go-micro"), 5.0, "go-micro's client"),
)
"""Clients with a deadline of their own where nobody says anything: `transport/grpc/client.go` and
`transport/http/client.go` of kratos, `zrpc/config.go` of go-zero, `client/client.go` of go-micro."""
_LIMITED = regex(r"context\.With(?:Timeout|Deadline)(?:Cause)?\(")
_SERVED = regex(r"http\.TimeoutHandler\(|middleware\.Timeout\(|timeout\.New\(")
_EMPTY = regex(r"context\.(?:Background|TODO)\(\)")
_MADE = regex(r"context\.(?:Background|TODO)\(\)|[\w.]{1,80}\.Context\(\)")
_AMOUNT = regex(
    r"(?:(\d{1,9}(?:\.\d{1,9})?)\s*\*\s*)?time\.(Minute|Second|Millisecond)(?:\s*\*\s*(\d{1,9}))?\s*\)?$"
)
_UNITS = {"Minute": 60.0, "Second": 1.0, "Millisecond": 1e-3}
_CLIENT_TIMEOUT = regex(r"\bTimeout\s*[:=]|\.SetTimeout\(|WithTimeout\(|ResponseHeaderTimeout")
_NET_HTTP = regex(r'"net/http"')
_DEEPEST, _MOST_STEPS = 4, 60
_GIVES = ("short_var_declaration", "assignment_statement")
_OPEN = {Answer.NONE, Answer.INHERITED}


def of_rpc(site: Site) -> Deadline:
    """The context is a stub's first argument."""
    for framework, seconds, how in _FRAMEWORKS:
        if site.anywhere(framework):
            return UNKNOWN if site.anywhere(_CLIENT_TIMEOUT) else set_to(seconds, how)
    if site.anywhere(_INTERCEPTED):
        return UNKNOWN
    return _of_context(site, site.file, site.call, 0) if site.arguments else UNKNOWN


def of_request(site: Site) -> Deadline:
    """Go's default client waits for ever, or as long as the request's context; anything that looks like a
    timeout in the service may be one of the client."""
    found = NONE
    if site.called.endswith("WithContext") or site.target.startswith("otelhttp."):
        found = _of_context(site, site.file, site.call, 0)
    elif _LIMITED.search(site.function):
        return UNKNOWN
    if found.answer not in _OPEN or not site.anywhere(_NET_HTTP):
        return found if found.answer not in _OPEN else UNKNOWN
    return UNKNOWN if site.anywhere(_CLIENT_TIMEOUT) else found


def _of_context(site: Site, file: SourceFile, call: Node, depth: int, index: int = 0) -> Deadline:
    arguments = file.arguments(call)
    site.steps += 1
    if index >= len(arguments) or site.steps > _MOST_STEPS:
        return UNKNOWN
    return _of_value(site, file, file.nodes.text(arguments[index]), call, depth)


def _of_value(site: Site, file: SourceFile, text: str, before: Node, depth: int) -> Deadline:
    """The deadline of a context as it is written, at a place in a function."""
    function = file.function(before)
    for _ in range(20):
        if _LIMITED.search(text):
            return set_to(_seconds(text))
        if _EMPTY.fullmatch(text):
            return NONE
        if not text.isidentifier():
            inner = _wrapped(text)
            if inner:
                text = inner
                continue
            served = text.endswith("Context()") and not site.anywhere(_SERVED)
            return INHERITED if served else UNKNOWN
        made = _made(file, function, text, before)
        if made is None:
            break
        text, before = made
    else:
        return UNKNOWN
    return _handed(site, file, function, text, depth)


def _wrapped(text: str) -> str:
    """The context that another one is made of: `metadata.NewOutgoingContext(ctx, md)`."""
    start, end = text.find("("), text.rfind(")")
    first = text[start + 1 : end].split(",")[0].strip() if 0 < start < end else ""
    return first if first.isidentifier() or _MADE.fullmatch(first) else ""


def _made(file: SourceFile, function: Node | None, name: str, before: Node) -> tuple[str, Node] | None:
    """What a variable was last given before a place, and where."""
    found: Node | None = None
    for node in file.below(function, _GIVES) if function is not None else ():
        if node.end_byte <= before.start_byte and (found is None or node.start_byte > found.start_byte):
            left = file.nodes.text(node.child_by_field_name("left")).split(",")[0].strip()
            found = node if left == name else found
    if found is None:
        return None
    return file.nodes.text(found.child_by_field_name("right")), found


def _handed(site: Site, file: SourceFile, function: Node | None, name: str, depth: int) -> Deadline:
    """The deadline of a parameter: what those that call the function hand it."""
    if function is None or function.type == "func_literal":
        return UNKNOWN
    parameters = _parameters(file, function)
    if name not in parameters:
        return UNKNOWN
    own = file.nodes.text(function.child_by_field_name("name"))
    if depth >= _DEEPEST:
        return UNKNOWN
    callers = [
        (source, call)
        for source in site.sources(f"{own}(")
        for call in source.calls(own)
        if source.function(call) != function
    ]
    if len(callers) > _MOST_STEPS:
        return UNKNOWN
    answers = [_of_context(site, source, call, depth + 1, parameters.index(name)) for source, call in callers]
    if not answers:
        return INHERITED
    kinds = {one.answer for one in answers}
    if kinds <= _OPEN:
        return NONE if kinds == {Answer.NONE} else INHERITED
    return answers[0] if len(answers) == 1 else UNKNOWN


def _parameters(file: SourceFile, function: Node) -> list[str]:
    found = function.child_by_field_name("parameters")
    return [
        file.nodes.text(name)
        for one in (found.named_children if found is not None else ())
        for name in one.children_by_field_name("name")
    ]


def _seconds(text: str) -> float | None:
    found = _AMOUNT.search(text.strip())
    if found is None:
        return None
    return float(found[1] or 1) * _UNITS[found[2]] * float(found[3] or 1)
