"""Applications of cloud templates: what a template leaves open is filled by the files that use it as a module."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import msgspec
from msgspec.structs import replace

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.manifests.facts import Blueprint, Declaration, ModuleCall, OpenApp, Variable

_MOST = 500
_DEEPEST = 4
_PLACE = regex(r"\$\{([\w.]{1,200}|\?)\}")
_ADDRESS = regex(r"(?i)(?:^|\.)\w{0,40}(?:fqdn|hostname|host|url|uri|endpoint)$")


class _Scope(msgspec.Struct, frozen=True):
    """One use of a template: what its names stand for. `depth` is how far it is from where one began."""

    template: Blueprint
    values: Mapping[str, str]
    lists: Mapping[str, tuple[Variable, ...]]
    known: Mapping[str, Blueprint]
    depth: int

    def deploys(self, symbol: str) -> str:
        """The name of the application that a symbol of the template stands for; empty where that is none."""
        app = next((one for one in self.template.apps if one.symbol == symbol), None)
        if app is not None:
            return _name(app, self)
        call = next((one for one in self.template.calls if one.symbol == symbol), None)
        inner = self.known.get(call.path) if call else None
        if call is None or inner is None or self.depth >= _DEEPEST:
            return ""
        below = _inner(inner, call, self)
        first = next((one.symbol for one in (*inner.apps, *inner.calls)), "")
        return below.deploys(first) if first else ""


def deployed(blueprints: Sequence[Blueprint]) -> tuple[Declaration, ...]:
    """The applications of all templates, each as often as it is used; one whose name nobody says is left out."""
    known = {one.path: one for one in blueprints}
    found: dict[Declaration, None] = {}
    for one in blueprints:
        for scope in islice(_scopes(one, known, 0), _MOST if one.apps else 0):
            for app in one.apps:
                if name := _name(app, scope):
                    found[_filled(app, name, scope)] = None
    return tuple(found)


def _scopes(one: Blueprint, known: Mapping[str, Blueprint], depth: int) -> Iterator[_Scope]:
    """Each use of a template: by the modules that name it, else by what it says itself."""
    callers = [(other, call) for other in known.values() for call in other.calls if call.path == one.path]
    if not callers or depth >= _DEEPEST:
        yield _Scope(one, one.values, one.lists, known, depth)
    for other, call in callers if depth < _DEEPEST else ():
        for outer in _scopes(other, known, depth + 1):
            yield _inner(one, call, outer)


def _inner(one: Blueprint, call: ModuleCall, outer: _Scope) -> _Scope:
    values = {name: _text(text, outer) for name, text in call.values.items()}
    lists = {name: tuple(_given(each, outer)) for name, each in call.lists.items()}
    named = {name: outer.lists[text[2:-1]] for name, text in call.values.items() if text[2:-1] in outer.lists}
    return _Scope(
        one, {**one.values, **values}, {**one.lists, **named, **lists}, outer.known, outer.depth + 1
    )


def _name(app: OpenApp, scope: _Scope) -> str:
    texts = (_text(name, scope) for name in app.names)
    return next((text for text in texts if re.fullmatch(r"[A-Za-z0-9][\w.-]*", text)), "")


def _filled(app: OpenApp, name: str, scope: _Scope) -> Declaration:
    texts = [_text(host, scope) for host in app.declaration.hosts]
    own = [*_given(app.declaration.variables, scope)]
    more = [variable for key in app.lists for variable in _given(scope.lists.get(key, ()), scope)]
    return replace(
        app.declaration,
        name=name,
        images=tuple(
            text for image in app.declaration.images if (text := _text(image, scope)) and "$" not in text
        ),
        hosts=tuple(text for text in texts if "$" not in text and text != name),
        variables=tuple(dict.fromkeys((*own, *more))),
    )


def _given(variables: Sequence[Variable], scope: _Scope) -> Iterator[Variable]:
    for one in variables:
        yield replace(one, name=_text(one.name, scope), value=_text(one.value or "", scope))


def _text(text: str, scope: _Scope) -> str:
    """With its places filled, as far as they are known; an output that is an address is its application."""
    for _ in range(_DEEPEST):
        filled = _PLACE.sub(lambda match: _meant(match[1], scope) or match[0], text)
        if filled == text:
            break
        text = filled[:1000]
    return text


def _meant(name: str, scope: _Scope) -> str:
    if name in scope.values:
        return scope.values[name]
    symbol, dot, rest = name.partition(".")
    return scope.deploys(symbol) if dot and _ADDRESS.search(rest) else ""
