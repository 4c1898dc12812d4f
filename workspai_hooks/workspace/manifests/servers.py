"""Programs of one file that serve on a port of their own: `app.run(port=5001)`, `app.listen(3001)`.

A file says on which port it listens, which ports of this machine it calls. That several of
them are a system is said in `workspace/programs.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.evidence.text import in_comment, line_of
from workspai_hooks.workspace.files import is_read_at_run_time
from workspai_hooks.workspace.manifests.facts import Facts, Server
from workspai_hooks.workspace.manifests.helm import Charts

_DEEPEST = 6
_MAX_BYTES = 128 * 1024
_ENDINGS = (".py", ".js", ".mjs", ".cjs", ".ts", ".rb", ".go")
_ASIDE = regex(
    r"(?i)(?:^|/)(?:mocks?|fakes?|stubs?|demos?|snippets?|tutorials?|scripts|tools|assets|public|static|migrations)/"
    r"|(?:^|[/._-])(?:mock|fake|stub|demo|example|dev|debug|test|tests|sample)(?:[._-]|\d{0,3}\.\w{1,4}$)"
)
_PY = regex(
    r"(?m)^\s{0,8}(?:from|import)\s{1,4}(?:flask|fastapi|uvicorn|bottle|tornado|aiohttp|sanic|quart|waitress|starlette|"
    r"http\.server|wsgiref|cherrypy|hug|japronto)\b"
)
_PY_PORT = regex(
    r"\b(?:run|run_app|serve|run_simple|start_server)\((?:[^()]|\([^()]{0,120}\)){0,300}?\bport\s{0,4}=\s{0,4}([^\n]{1,120})"
    r"|\.listen\(\s{0,4}([^\n]{1,120})"
    r"|\b\w{0,20}(?:HTTPServer|make_server|TCPServer)\(\s{0,4}\(?\s{0,4}[\"'][\w.]{0,60}[\"']\s{0,4},\s{0,4}([^\n]{1,120})"
)
_JS = regex(
    r"\b(?:express|fastify|restify|koa|Koa|polka|hapi|Hapi|createServer|NestFactory|Hono|micro|ApolloServer)\b"
)
_JS_PORT = regex(r"\.listen\(\s{0,20}(?:\{\s{0,20}port\s{0,4}:\s{0,4})?([^;\n]{1,120})")
_RB = regex(r"(?m)^\s{0,8}require\s{1,4}[\"']sinatra")
_RB_PORT = regex(r"(?m)^\s{0,16}set\s{1,4}(?::port\s{0,4},|port:|:port\s{0,4}=>)\s{0,4}([^\n]{1,120})")
_GO = regex(r"(?m)^package main\b")
_GO_PORT = regex(
    r"\b(?:ListenAndServe(?:TLS)?|Run|Start|Listen)\(\s{0,4}((?:fmt\.Sprintf\([^()]{0,80}\)|[^()\n]){1,120})"
)
_LANGUAGES: tuple[tuple[tuple[str, ...], re.Pattern[str], re.Pattern[str]], ...] = (
    ((".py",), _PY, _PY_PORT),
    ((".js", ".mjs", ".cjs", ".ts"), _JS, _JS_PORT),
    ((".rb",), _RB, _RB_PORT),
    ((".go",), _GO, _GO_PORT),
)
_DIGITS = r"[\"'`]?(?:[\w.]{0,60}:)?(\d{4,5})[\"'`]?"
_VALUE = regex(
    rf"(?:\w{{1,20}}\(\s?)?{_DIGITS}[\s)}}]*$"
    rf"|(?:\w{{1,20}}\(\s?)?[\w.]{{0,40}}(?:environ|getenv|env|ENV|Getenv)\b[^\n]{{0,100}}?(?:\|\||\?\?|,|\bor\b)\s{{0,4}}{_DIGITS}[\s)}}]*$"
)
_NAME = regex(r"(?:\w{1,20}\(\s?)?([A-Za-z_]\w{0,60})\b[\s)}]*$")
_CALLS = regex(rb"://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]):(\d{4,5})\b")
_IMPORTS = regex(
    r"(?m)^\s{0,8}from\s{1,4}([\w.]{1,120})\s{1,4}import\s{1,4}(\w{1,80})|^\s{0,8}import\s{1,4}([\w.]{1,120})"
    r"|(?:require(?:_relative)?\s?\(?\s{0,4}|\bfrom\s{1,4}|\bimport\s{1,4}|\bimport\(\s{0,4})[\"'`](\.{0,2}/?[\w./-]{1,120})[\"'`]"
)
_ENDING = regex(r"\.(?:js|mjs|cjs|ts|rb|py)$")


_FUNCTIONS = regex(rb"\"version\"\s{0,8}:\s{0,8}\"2\.0\"")
_FUNCTIONS_PORT = 7071
"""Where `func start` listens unless it is told otherwise:
https://learn.microsoft.com/azure/azure-functions/functions-develop-local"""


def wanted(path: str) -> bool:
    return _is_functions(path) or (
        path.endswith(_ENDINGS)
        and path.count("/") < _DEEPEST
        and not _ASIDE.search(path)
        and not path.endswith((".d.ts", ".min.js"))
        and is_read_at_run_time(path)
    )


def _is_functions(path: str) -> bool:
    """The file that an application of Azure Functions has in its folder."""
    return path.rpartition("/")[2] == "host.json"


def read(path: str, data: bytes, charts: Charts) -> Facts:
    """The server that a file starts, where it names the port."""
    if len(data) > _MAX_BYTES or b"\0" in data[:4096]:
        return Facts()
    if _is_functions(path):
        place = Location(path)
        return Facts(servers=(Server(place, _FUNCTIONS_PORT),) if _FUNCTIONS.search(data) else ())
    text = data.decode("latin-1")
    for endings, framework, starts in _LANGUAGES:
        if path.endswith(endings) and framework.search(text):
            ports = {port: line for line, port in _ports(data, text, starts)}
            if len(ports) == 1:
                ((port, line),) = ports.items()
                return Facts(servers=(Server(Location(path, line), port, _called(data)),))
    return Facts()


def _ports(data: bytes, text: str, starts: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    for match in starts.finditer(text):
        written = next(group for group in match.groups() if group)
        if not in_comment(data, match.start()) and (port := _value(_balanced(written), text)):
            yield line_of(data, match.start()), port


def _balanced(written: str) -> str:
    """An argument up to the comma or the bracket that ends it."""
    depth = 0
    for at, char in enumerate(written):
        depth += {"(": 1, ")": -1, "{": 1, "}": -1}.get(char, 0)
        if depth < 0 or (char == "," and depth == 0):
            return written[:at]
    return written


def _value(written: str, text: str) -> int:
    """The port that an expression is, also by default; a name is what the file says of it, else 0."""
    if found := _VALUE.match(written.strip()):
        return int(found[1] or found[2])
    named = _NAME.match(written.strip())
    if not named:
        return 0
    given = {
        int(value[1] or value[2])
        for one in re.finditer(
            rf"(?<![\w.]){named[1]}\s{{0,4}}(?::\s?\w{{1,20}}\s{{0,4}}|\w{{0,10}}\s{{0,4}})?:?=\s{{0,4}}([^;\n=]{{1,120}})",
            text,
        )
        if (value := _VALUE.match(one[1].strip()))
    }
    return given.pop() if len(given) == 1 else 0


def _called(data: bytes) -> tuple[int, ...]:
    found = {int(one[1]) for one in _CALLS.finditer(data) if not in_comment(data, one.start())}
    return tuple(sorted(found))


def imported(text: str) -> set[str]:
    """The last names of what a file takes in: `cart` of `from shop.cart import x` and `./cart.js`."""
    found = set()
    for match in _IMPORTS.finditer(text):
        for group in match.groups():
            if group:
                name = _ENDING.sub("", group).rstrip("/")
                found.add(name.rpartition("/")[2] if "/" in name else name.rpartition(".")[2])
    return found
