"""One call of something of a library, as the clients of a language are asked about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from workspai_hooks.workspace.http.bodies import json_of, response_of
from workspai_hooks.workspace.http.names import hint, symbol_of
from workspai_hooks.workspace.http.texts import hole, piece
from workspai_hooks.workspace.use_sites.syntax import Call
from workspai_hooks.workspace.use_sites.values import PLAIN, LibraryOf, TypeOf, Value

if TYPE_CHECKING:
    from workspai_hooks.workspace.http.follow import Requests
    from workspai_hooks.workspace.use_sites.infer.scope import Scope


class Invocation(msgspec.Struct, frozen=True):
    """One call of something of a library, as the clients of a language are asked about it."""

    engine: Requests
    callee: Value
    args: tuple[Value, ...]
    named: dict[str, Value]
    node: Call
    scope: Scope

    @property
    def path(self) -> str:
        """What is called."""
        return self.callee.path if isinstance(self.callee, LibraryOf) else ""

    @property
    def carried(self) -> tuple[Value, ...]:
        """What the callee carries along: method and URL of a response, the base of a client."""
        args = self.callee.args if isinstance(self.callee, LibraryOf) else ()
        return tuple([one for one in args if not isinstance(one, TypeOf)])

    @property
    def types(self) -> tuple[Value, ...]:
        """The written type arguments."""
        args = self.callee.args if isinstance(self.callee, LibraryOf) else ()
        return tuple([one.value for one in args if isinstance(one, TypeOf)])

    @property
    def name(self) -> str:
        """The last name of the callee as it is written."""
        return symbol_of(self.node)

    def arg(self, index: int, name: str = "") -> Value | None:
        """An argument by its position or its name."""
        if name and name in self.named:
            return self.named[name]
        return self.args[index] if index < len(self.args) else None

    def text(self, index: int, name: str = "") -> Value:
        """An argument as a text; a hole where it is none."""
        value = self.arg(index, name)
        nodes = self.node.args
        called = hint(nodes[index]) if index < len(nodes) else name
        return hole(called) if value is None else piece(value, called)

    def response(self, method: Value, url: Value) -> LibraryOf:
        """It sends a request that is noted where it was made; gives the response."""
        self.engine.drop(json_of(method, url), self.node, self.scope)
        return response_of(method, url)

    def request(
        self, method: Value, url: Value, body: Value = PLAIN, *, sure: bool = True, kind: Value | None = None
    ) -> LibraryOf:
        """It sends a request; gives the response."""
        return self.engine.request(method, url, body, self.node, self.scope, sure, kind)
