"""Configuration of a proxy that leads to ports of this machine: httpd, nginx, HAProxy or Caddy beside
programs that nobody puts into containers. That it is a service is said in `workspace/machine.py`.
"""

from __future__ import annotations

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.evidence import proxies
from workspai_hooks.workspace.manifests.facts import Facts, Front
from workspai_hooks.workspace.manifests.helm import Charts

_FILE = regex(
    r"\.(?:conf|nginx|vhost)$|(?:^|/)(?:Caddyfile|haproxy\.cfg)$|(?:^|/)sites-(?:enabled|available)/[\w.-]+$"
)
_PROGRAMS = (
    (b"ProxyPass", "httpd"),
    (b"BalancerMember", "httpd"),
    (b"_pass", "nginx"),
    (b"reverse_proxy", "caddy"),
    (b"backend", "haproxy"),
)
_LOCAL = regex(r"http://(?:localhost|127\.0\.0\.1):(\d{2,5})(?!\d)")
_MAX_BYTES = 256 * 1024


def wanted(path: str) -> bool:
    return _FILE.search(path) is not None


def read(path: str, data: bytes, charts: Charts) -> Facts:
    """The ports of this machine that a file's routes lead to, and the program that it is for."""
    program = next((name for mark, name in _PROGRAMS if mark in data), "")
    if not program or len(data) > _MAX_BYTES or b"\0" in data[:4096]:
        return Facts()
    routes = ((clue.line, _LOCAL.match(clue.text)) for clue in proxies.read(data).clues)
    local = sorted((line, int(match[1])) for line, match in routes if match)
    ports = tuple(sorted({port for _, port in local}))
    return Facts(fronts=(Front(Location(path, local[0][0]), program, ports),)) if ports else Facts()
