"""Reverse proxies: nginx, HAProxy, Caddy, Traefik's TOML. A route is followed to the servers behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.evidence.sightings import Clue, Sightings
from workspai_hooks.workspace.evidence.text import in_comment, line_of

KIND = "route"
MARKS = (
    b"_pass",
    b"use_backend",
    b"default_backend",
    b"reverse_proxy",
    b"php_fastcgi",
    b"ProxyPass",
    b"\nlisten",
    b"[backends.",
    b"[http.services.",
    b"[[http.services.",
)
_WANTED = regex(
    r"\.(?:conf|cfg|template|tmpl|tpl|j2|nginx|ya?ml|sh|erb|vhost|toml)$|(?:^|/)(?:Caddyfile|nginx|haproxy|default)[\w.-]*$"
    r"|(?:^|/)(?:sites-(?:enabled|available)|conf\.d)/",
    re.IGNORECASE,
)
_PASS = regex(r"\b(proxy|grpc|fastcgi|uwsgi|scgi|http_proxy)_pass\s+(?:(\w+)://)?([^;\s\"']{1,200})\s*;")
_SET = regex(r"\bset\s+\$(\w{1,60})\s+[\"']?(?:\w+://)?([^;\s\"']{1,200})[\"']?\s*;")
_MAP = regex(r"\bmap\s+\S{1,120}\s+\$(\w{1,60})\s*\{([^{}]{0,4000})\}")
_MAPPED = regex(r"^[ \t]*\S{1,200}[ \t]+[\"']?(?:\w+://)?([\w.${}:-]{1,200})[\"']?\s*;", re.MULTILINE)
_UPSTREAM = regex(r"\bupstream\s+([\w.$-]{1,100})\s*\{([^{}]{0,4000})\}")
_SERVER = regex(r"^[ \t]*server\s+([^;\s]{1,200})", re.MULTILINE)
_SECTION = regex(r"^(backend|listen|frontend|global|defaults)\b[ \t]*([\w.-]*)", re.MULTILINE)
_USED = regex(r"^[ \t]*(?:use_backend|default_backend)\s+([\w.-]+)", re.MULTILINE)
_BACKEND_SERVER = regex(
    r"^[ \t]*(?:server|server-template)\s+[\w.-]+(?:\s+[\d-]+)?\s+([\w.${}-]+(?::[\w${}]+)?)", re.MULTILINE
)
_CADDY = regex(r"^[ \t]*(?:reverse_proxy|php_fastcgi|proxy|to)[ \t]+([^\n{#]{1,300})", re.MULTILINE)
_APACHE = regex(
    r"^[ \t]*(?:ProxyPass(?:Match)?[ \t]+\S+|BalancerMember)[ \t]+\"?(https?|ajp|wss?|h2c?|fcgi)://([^\s\"/]{1,200})",
    re.MULTILINE,
)
_TRAEFIK = regex(
    r"^[ \t]*\[{1,2}(?:backends|http\.services)\.([\w-]{1,80})[^\n]*"
    r"|^[ \t]*(url|service|backend)[ \t]*=[ \t]*[\"'](?:(https?|h2c)://)?([^\s\"'/]{1,200})|^[ \t]*\[[^\n]*",
    re.MULTILINE,
)
"""Of Traefik 1 and 2: a table of servers, an address, whom a front end or a router uses, any other table."""
_PROTOCOLS = {"grpc": "grpc", "fastcgi": "fastcgi", "uwsgi": "http", "scgi": "http"}


def wanted(path: str) -> bool:
    return _WANTED.search(path) is not None


def read(data: bytes) -> Sightings:
    """Where a proxy's routes lead."""
    text = data.decode("latin-1")
    found = []
    for at, target, protocol in (
        *_nginx(text),
        *_haproxy(text),
        *_caddy(text),
        *_apache(text),
        *_traefik(text),
    ):
        if not in_comment(data, at) and re.match(r"[A-Za-z$]|127\.", target):
            found.append(Clue(line_of(data, at), KIND, f"http://{_shell(target)}", protocol=protocol))
    return Sightings(tuple(dict.fromkeys(found)))


def _shell(target: str) -> str:
    """`$CART_HOST` as `${CART_HOST}`, with the port and path that it may have."""
    target = re.sub(r"\$\{([A-Za-z_]\w*):-", r"${\1:", target)
    target = re.sub(r"\{(?:\$|env\.)([A-Za-z_]\w*)\}", r"${\1}", target)
    return re.sub(r"\$([A-Z][A-Z0-9_]*)", r"${\1}", target)


Routes = Iterator[tuple[int, str, str]]


def _nginx(text: str) -> Routes:
    upstreams = {match[1]: (match.start(2), match[2]) for match in _UPSTREAM.finditer(text)}
    given: dict[str, list[str]] = {}
    for match in _SET.finditer(text):
        given.setdefault(match[1], []).append(match[2])
    for match in _MAP.finditer(text):
        given.setdefault(match[1], []).extend(one[1] for one in _MAPPED.finditer(match[2]))
    for match in _PASS.finditer(text):
        protocol = _PROTOCOLS.get(match[1], "http")
        variable = re.match(r"\$(\w+)(.*)", match[3])
        targets = [f"{one}{variable[2]}" for one in given.get(variable[1], [])] if variable else []
        for target in targets or [match[3]]:
            host = re.split(r"[:/]", target)[0]
            yield from _behind(match.start(), target, upstreams.get(host), protocol)


def _behind(at: int, target: str, upstream: tuple[int, str] | None, protocol: str) -> Routes:
    """The servers of an upstream at their own lines; without one the target is the server."""
    if upstream is None:
        if not target.startswith(("unix:", "/")):
            yield at, target, protocol
        return
    start, block = upstream
    for server in _SERVER.finditer(block):
        yield start + server.start(1), server[1], protocol


def _haproxy(text: str) -> Routes:
    used = {match[1] for match in _USED.finditer(text)}
    sections = [*_SECTION.finditer(text)]
    ends = [*(match.start() for match in sections[1:]), len(text)]
    for section, end in zip(sections, ends, strict=False):
        if section[1] == "listen" or (section[1] == "backend" and section[2] in used):
            for server in _BACKEND_SERVER.finditer(text, section.end(), end):
                yield server.start(1), server[1], ""


def _caddy(text: str) -> Routes:
    if (
        "reverse_proxy" not in text
        and "php_fastcgi" not in text
        and not re.search(r"^[ \t]*proxy /", text, re.M)
    ):
        return
    for match in _CADDY.finditer(text):
        for word in re.finditer(r"\S+", match[1]):
            target = re.sub(r"^(?:https?|h2c)://", "", word[0])
            if re.match(r"(?:[A-Za-z][\w.-]*|\{\$\w+\})(?::[\d${}\w]+)?/?$", target) and not target.endswith(
                ".sock"
            ):
                yield match.start(1) + word.start(), target, "http"


def _apache(text: str) -> Routes:
    for match in _APACHE.finditer(text):
        yield match.start(1), match[2], "http"


def _traefik(text: str) -> Routes:
    """The servers that a front end or a router uses."""
    if "backends." not in text and "http.services." not in text:
        return
    holder, used, servers = "", set(), []
    for match in _TRAEFIK.finditer(text):
        if match[2] == "url" and holder and match[3]:
            servers.append((holder, match.start(2), match[4]))
        elif match[2] in ("service", "backend"):
            used.add(match[4].partition("@")[0])
        elif not match[2]:
            holder = match[1] or ""
    yield from ((at, target, "http") for name, at, target in servers if name in used)
