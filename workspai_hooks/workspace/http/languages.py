"""The languages in which requests are followed: one table. A language's code is loaded when it is needed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module

import msgspec

from workspai_hooks.workspace.http.clients import Clients, HttpLibrary
from workspai_hooks.workspace.use_sites.infer import Dialect
from workspai_hooks.workspace.use_sites.languages import LANGUAGES, Language
from workspai_hooks.workspace.use_sites.naming import Library
from workspai_hooks.workspace.use_sites.syntax import Source
from workspai_hooks.workspace.use_sites.worker import Worker


class HttpLanguage(Language, frozen=True):
    """One language. `lowering` and `calls` are modules of this room, the latter with its class of clients;
    `requests` are bytes without one of which no file of a part sends a request (`Api` as the classes of
    generated clients that are not in the repository end)."""

    lowering: str = ""
    calls: str = ""
    requests: tuple[bytes, ...] = ()

    @property
    def worker(self) -> Worker:
        """The language's own code, with the trees of this room."""
        own = self._own.worker
        return msgspec.structs.replace(own, lower=_lower(self.lowering) if self.lowering else own.lower)

    @property
    def source(self) -> str:
        """The language as its trees say it."""
        return self._own.name

    @property
    def _own(self) -> Language:
        """The language of contracts whose dialect it has."""
        return next(one for one in LANGUAGES if one.place == self.place)

    @property
    def lowered_by(self) -> str:
        """The module that makes its trees."""
        own = self._own.worker.lower.__module__
        return f"{__package__}.{self.lowering}" if self.lowering else own

    @property
    def known_by(self) -> str:
        """The module that knows its clients."""
        return f"{__package__}.{self.calls.partition(':')[0]}"

    def clients(self, library: Library) -> Clients:
        """What its HTTP clients do."""
        made: Clients = getattr(import_module(self.known_by), self.calls.rpartition(":")[2])(library)
        return made


PREFIX = "http-"


@cache
def _lower(module: str) -> Callable[[bytes], Source]:
    lower: Callable[[bytes], Source] = import_module(f"{__package__}.{module}").lower
    return lower


def _named(name: str) -> Language:
    return next(one for one in LANGUAGES if one.name == name)


def with_clients(dialect: Dialect, language: HttpLanguage) -> tuple[Dialect, Clients]:
    """A dialect whose library knows the language's HTTP clients, and these."""
    clients = language.clients(dialect.library)
    return msgspec.structs.replace(dialect, library=HttpLibrary(dialect.library, clients)), clients


def _row(name: str, lowering: str, calls: str, requests: tuple[bytes, ...]) -> HttpLanguage:
    own = _named(name)
    return HttpLanguage(
        PREFIX + name, own.family, own.suffixes, own.place, own.marks, own.alone, lowering, calls, requests
    )


MARKUP = (".vue", ".svelte", ".html", ".htm")
"""Files with scripts inside."""
_ECMASCRIPT = (
    *(b"fetch", b"axios", b"HttpClient", b"HttpService", b"http", b"superagent", b"request", b"got"),
    *(b"ky", b"$.ajax", b"$.get", b"$.post", b"jQuery", b"openapi", b"Api("),
)


_JVM = (
    *(b"RestTemplate", b"RestClient", b"WebClient", b"FeignClient", b"HttpClient", b"okhttp", b"retrofit"),
    *(
        b"HttpExchange",
        b"WebTarget",
        b"ClientBuilder",
        b"RequestLine",
        b"RegisterRestClient",
        b"http.client.annotation",
        b"ApiClient",
        b"ktor",
        b"Api;",
        b"Api ",
        b"Api\n",
    ),
)
HTTP_LANGUAGES: tuple[HttpLanguage, ...] = (
    _row(
        "python",
        "lower_python",
        "calls_python:PythonClients",
        (b"requests", b"httpx", b"aiohttp", b"urllib", b"niquests", b"locust", b"Api("),
    ),
    _row("jinja", "", "calls_templates:JinjaClients", ()),
    _row("go", "lower_go", "calls_go:GoClients", (b"net/http", b"resty")),
    _row("go-template", "", "calls_templates:GoTemplateClients", ()),
    _row("java", "lower_java", "calls_jvm:JvmClients", _JVM),
    _row("kotlin", "lower_kotlin", "calls_jvm:JvmClients", _JVM),
    _row(
        "csharp",
        "lower_csharp",
        "calls_csharp:CSharpClients",
        (b"HttpClient", b"FromJsonAsync", b"Refit", b"RestSharp", b"Flurl", b"AsJsonAsync", b"Api "),
    ),
    _row("ecmascript", "lower_ecmascript", "calls_ecmascript:EcmaClients", _ECMASCRIPT),
    msgspec.structs.replace(
        _row("ecmascript", "lower_markup", "calls_ecmascript:EcmaClients", _ECMASCRIPT),
        name=PREFIX + "markup",
        suffixes=MARKUP,
        marks=(b"<script",),
    ),
)
