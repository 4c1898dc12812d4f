"""Configuration that consul-template fills from the registry: who a proxy leads to is asked when it runs.

`{{range service "cart"}}` are the instances of one service; `{{range services}}` with a
`{{range service .Name}}` inside is a route to every service that registers. The functions are those of
consul-template and of Nomad's `template` blocks.
"""

from __future__ import annotations

import re

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.evidence.sightings import Clue, Role, Sightings
from workspai_hooks.workspace.evidence.text import in_comment, line_of

KIND = "route"
MARKS = (b"service", b"nomadService")
_FILE = regex(r"\.(?:ctmpl|tmpl|template|tpl|conf|cfg)$")
_ROUTES = regex(
    rb"ProxyPass|BalancerMember|\b(?:proxy|grpc|fastcgi|uwsgi)_pass\b|\bupstream\s|^\s{0,20}(?:backend|listen)\s|reverse_proxy"
    rb"|loadBalancer|socket_address",
    re.MULTILINE,
)
_ACTION = rb"\{\{-?\s{0,4}(?:range|with)\s{1,4}(?:[$\w, ]{1,40}:?=\s{0,4})?"
_ONE = regex(_ACTION + rb"(?:service|nomadService|connect)\s{1,4}\"([^\"\n]{1,120})\"")
_EACH = regex(_ACTION + rb"services\b")
_ITS = regex(_ACTION + rb"service\s{1,4}\(?(?:\.Name\b|\$[\w.]{1,40}|printf\b[^\n}]{1,80}\.Name)")


def wanted(path: str) -> bool:
    return _FILE.search(path) is not None


def read(data: bytes) -> Sightings:
    """The services that a proxy's template ranges over."""
    if not _ROUTES.search(data):
        return Sightings()
    found = [
        Clue(line_of(data, match.start()), KIND, f"lb://{_name(match[1])}", protocol="http")
        for match in _ONE.finditer(data)
        if not in_comment(data, match.start())
    ]
    every = _EACH.search(data)
    if every and _ITS.search(data, every.end()) and not in_comment(data, every.start()):
        found.append(Clue(line_of(data, every.start()), "template", "consul", Role.FRONTS))
    return Sightings(tuple(dict.fromkeys(found)))


def _name(written: bytes) -> str:
    """Of `release.cart@dc1~_agent|passing` the name alone: a tag stands before it, filters after it."""
    return re.split(r"[@~|]", written.decode("latin-1"))[0].rpartition(".")[2]
