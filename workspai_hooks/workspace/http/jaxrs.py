"""JAX-RS' client: `client.target(base).path("orders").request().get(Order.class)`, and the same with `rx()`,
`async()`, `buildGet().invoke()`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.http.bodies import CLIENT, encoded
from workspai_hooks.workspace.http.chains_jvm import ONE, kind_of, sent_by, uri_argument
from workspai_hooks.workspace.http.clients import VERBS, method_of, verb_of, with_base
from workspai_hooks.workspace.http.texts import hole, joined, text
from workspai_hooks.workspace.use_sites.values import PLAIN, LibraryOf, Value

if TYPE_CHECKING:
    from workspai_hooks.workspace.http.invocation import Invocation

TARGET = f"{CLIENT}target"
"""A WebTarget, or the invocation that is made of it: its URL, the method and the body so far, and whether
the answer comes later."""
LATER = text("later")
_BEGINS = regex(r"\b(?:ClientBuilder|Client|ResteasyClient|JerseyClient)[\w.()]{0,200}\.target$")
_ENTITY = regex(r"\bEntity\.(?:json|entity|text|xml|form)$")


def begun(it: Invocation) -> Value | None:
    """What makes a target, or what is sent."""
    if _BEGINS.search(it.path):
        return LibraryOf(TARGET, (uri_argument(it), hole("method"), hole()))
    if _ENTITY.search(it.path) and it.args:
        return encoded(it.engine.settle(it.args[0]))
    return None


def step(it: Invocation, name: str) -> Value:
    """One step of the chain."""
    url, method, sent, later = (*it.carried, hole(), hole(), hole(), hole())[:4]
    plain = name.removeprefix("build").lower()
    if name in ("path", "segment"):
        for index in range(len(it.args)):
            url = joined((with_base(url, text("/")), it.text(index)))
    elif name in ("resolveTemplate", "queryParam", "matrixParam"):
        pass
    elif name.startswith("build") and (plain in VERBS or not plain):
        method = method_of(it.arg(0)) if not plain else verb_of(plain)
        sent = sent_by(it, 0 if plain else 1)
    elif name in ("rx", "async"):
        later = LATER
    elif name in ("method", "invoke", "submit") or name in VERBS:
        if name == "method":
            method = method_of(it.arg(0))
        elif name in VERBS:
            method = verb_of(name)
            sent = sent_by(it, 0) if name in ("post", "put", "patch") else hole()
        body = PLAIN if sent == hole() else sent
        response = it.request(method, url, body, kind=kind_of(it))
        if kind_of(it) is None:
            return response
        return LibraryOf(ONE, (response.args[-1],)) if later == LATER else response.args[-1]
    return LibraryOf(TARGET, (url, method, sent, later))
