"""Applications of cloud templates: what a template leaves open is filled by those that use it as a module."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import msgspec
from msgspec.structs import replace

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.manifests.facts import Blueprint, Declaration, ModuleCall, OpenApp, Variable
from workspai_hooks.workspace.names import GENERIC, plain

_MOST_USES = 500
_MOST_FILLED = 5_000
"""So many uses of templates are filled in all: modules may name each other in circles."""
_DEEPEST = 8
_ROUNDS = 4
_PLACE = regex(r"\$\{([\w.]{1,200}|\?)\}")
_ADDRESS = regex(r"(?i)(?:^|\.)\w{0,40}(?:fqdn|hostname|host|url|uri|endpoint)$")
_NAME = regex(r"[A-Za-z0-9][\w.-]*")


class _Scope(msgspec.Struct, frozen=True):
    """One use of a template: what its names stand for. `depth` is how far it is from where one began."""

    template: Blueprint
    values: Mapping[str, str]
    lists: Mapping[str, tuple[Variable, ...]]
    depth: int


def deployed(blueprints: Sequence[Blueprint]) -> tuple[Declaration, ...]:
    """The applications of all templates, each as often as it is used; without a name there is none."""
    return _Templates(blueprints).deployed()


class _Templates:
    def __init__(self, blueprints: Sequence[Blueprint]) -> None:
        self._known = {one.path: one for one in blueprints}
        self._left = _MOST_FILLED

    def deployed(self) -> tuple[Declaration, ...]:
        found: list[Declaration] = []
        for one in self._known.values():
            for scope in islice(self._scopes(one, 0), _MOST_USES if one.apps else 0):
                for app in one.apps:
                    if (name := self._name(app, scope)) and (
                        each := self._filled(app, name, scope)
                    ) not in found:
                        found.append(each)
        return tuple(found)

    def _scopes(self, one: Blueprint, depth: int) -> Iterator[_Scope]:
        """Each use of a template: by the modules that name it, else by what it says itself."""
        callers = [
            (other, call) for other in self._known.values() for call in other.calls if call.path == one.path
        ]
        if not callers or depth >= _DEEPEST:
            yield _Scope(one, one.values, one.lists, depth)
        for other, call in callers if depth < _DEEPEST else ():
            for outer in self._scopes(other, depth + 1):
                yield self._inner(one, call, outer)

    def _inner(self, one: Blueprint, call: ModuleCall, outer: _Scope) -> _Scope:
        """A module as a file uses it."""
        self._left -= 1
        if self._left < 0:
            return _Scope(one, one.values, one.lists, _DEEPEST)
        values = {name: self._text(text, outer) for name, text in call.values.items()}
        lists = {name: tuple(self._given(each, outer)) for name, each in call.lists.items()}
        named = {name: outer.lists.get(text[2:-1]) for name, text in call.values.items()}
        handed = {name: each for name, each in named.items() if each}
        return _Scope(one, {**one.values, **values}, {**one.lists, **handed, **lists}, outer.depth + 1)

    def _deploys(self, symbol: str, scope: _Scope) -> str:
        """The name of the application that a symbol of a template stands for; empty where that is none."""
        self._left -= 1
        if scope.depth >= _DEEPEST or self._left < 0:
            return ""
        app = next((one for one in scope.template.apps if one.symbol == symbol), None)
        if app is not None:
            return self._name(app, replace(scope, depth=scope.depth + 1))
        call = next((one for one in scope.template.calls if one.symbol == symbol), None)
        inner = self._known.get(call.path) if call else None
        if call is None or inner is None:
            return ""
        symbols = [*(one.symbol for one in inner.apps), *(one.symbol for one in inner.calls)]
        first = next(iter(symbols), "")
        return self._deploys(first, self._inner(inner, call, scope)) if first else ""

    def _name(self, app: OpenApp, scope: _Scope) -> str:
        texts = (self._text(name, scope) for name in app.names)
        return next((text for text in texts if _NAME.fullmatch(text) and plain(text) not in GENERIC), "")

    def _filled(self, app: OpenApp, name: str, scope: _Scope) -> Declaration:
        images = [self._text(image, scope) for image in app.declaration.images]
        hosts = {self._text(host, scope) for host in app.declaration.hosts} - {"", name}
        port = self._text(app.port, scope)
        own = [*self._given(app.declaration.variables, scope)]
        more = [variable for key in app.lists for variable in self._given(scope.lists.get(key, ()), scope)]
        return replace(
            app.declaration,
            name=name,
            images=tuple(text for text in images if text and "$" not in text),
            hosts=tuple(text for text in sorted(hosts) if "$" not in text and plain(text) not in GENERIC),
            ports=(int(port),) if re.fullmatch(r"\d{2,5}", port) else (),
            variables=tuple(dict.fromkeys((*own, *more))),
        )

    def _given(self, variables: Sequence[Variable], scope: _Scope) -> Iterator[Variable]:
        for one in variables:
            yield replace(one, name=self._text(one.name, scope), value=self._text(one.value or "", scope))

    def _text(self, text: str, scope: _Scope) -> str:
        """With its places filled where that is known; an output that is an address is the application."""
        for _ in range(_ROUNDS):
            filled = _PLACE.sub(lambda match: self._meant(match[1], scope) or match[0], text)[:1000]
            if filled == text:
                break
            text = filled
        return text

    def _meant(self, name: str, scope: _Scope) -> str:
        if name in scope.values:
            return scope.values[name]
        symbol, dot, rest = name.partition(".")
        return self._deploys(symbol, scope) if dot and _ADDRESS.search(rest) else ""
