"""Readers of policies in applications' settings and code, and of deadlines in code."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

from resilience import (
    test_application_settings,
    test_arazzo,
    test_retry_after_missing,
    test_retry_backoff,
    test_retry_uncapped,
)

from hostile import strategies
from hostile.target import Target
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.openapi.description import Description
from workspai_hooks.contracts.openapi.library import Library
from workspai_hooks.contracts.openapi.places import Place
from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.errors import UndecidedError
from workspai_hooks.resilience.deadlines.looking import Deadlines
from workspai_hooks.resilience.reading import Read
from workspai_hooks.resilience.response_header import Header, edits
from workspai_hooks.resilience.sources import (
    arazzo,
    dotnet,
    microprofile,
    resilience4j,
    retries_csharp,
    retries_ecmascript,
    retries_jvm,
    retries_python,
    spring_clients,
    spring_gateway,
)
from workspai_hooks.source import Location
from workspai_hooks.workspace.workspace import Workspace, survey

_SETTINGS = (
    test_arazzo.ARAZZO,
    *(
        value
        for name, value in vars(test_application_settings).items()
        if isinstance(value, bytes) and name.isupper()
    ),
)
_CODE = (
    *(
        text.encode()
        for module in (test_retry_backoff, test_retry_uncapped)
        for name in ("PYTHON", "ECMASCRIPT")
        for text, _ in getattr(module, name)
    ),
    b"using Polly;\nclass A { void Get() { var p = Policy.Handle<E>().RetryForever(); "
    b"var o = new RetryStrategyOptions { MaxRetryAttempts = int.MaxValue }; } }",
    b"import org.springframework.retry.annotation.*;\nclass A { @Retryable(maxAttempts = 3) void get() {} }",
    b'package main\nimport "context"\nfunc get(ctx context.Context) { ctx, stop := context.WithTimeout(ctx, '
    b"2*time.Second)\nc.Get(ctx, nil) }\nfunc put(c Client) { get(context.Background()) }\n",
)


def _seeds(found: tuple[bytes, ...]) -> Callable[[], tuple[bytes, ...]]:
    return lambda: found


def settings(data: bytes) -> None:
    """All conventions of settings, in both forms of them."""
    for path in ("a/application.yml", "a/application.properties"):
        for read in (resilience4j.read, spring_clients.read, spring_gateway.read, microprofile.read):
            read(path, data)
    dotnet.read("a/appsettings.json", data)
    arazzo.read("a/buy.yaml", data)


def retries(data: bytes) -> None:
    reads: tuple[tuple[str, Callable[[str, bytes], Read]], ...] = (
        ("a.py", retries_python.read),
        ("a.ts", retries_ecmascript.read),
        ("A.java", retries_jvm.read),
        ("A.cs", retries_csharp.read),
    )
    for path, read in reads:
        read(path, data)


@cache
def _workspace() -> Workspace:
    """One service, to which the file belongs."""
    return survey(Snapshot.of({"a/Dockerfile": "FROM scratch\n"}), Schema({}, {}, {}, {}), (), ())


def deadlines(suffix: str, data: bytes) -> None:
    path = f"a/b{suffix}"
    snapshot = Snapshot.of({path: data})
    found = Deadlines(snapshot, _workspace())
    for line, text in enumerate(data.split(b"\n")[:20], 1):
        place = Location(path, line, max(1, text.find(b"(")))
        found.of_rpc("a", place)
        found.of_request("a", place)


def response_header(data: bytes) -> None:
    library = Library(Snapshot.of({"a.yaml": data}))
    description = Description(library, "a.yaml")
    places = [one.place.child("responses", "429") for one in description.operations]
    places.append(Place("a.yaml", ("components", "responses", "Slow")))
    edits(library, places, Header("Retry-After", "integer"), swagger=description.is_swagger)


TARGETS = (
    Target(
        "policies: settings",
        settings,
        _seeds((*_SETTINGS, test_arazzo.ARAZZO)),
        strategies.documents,
        weight=0.5,
    ),
    Target("policies: retries in code", retries, _seeds(_CODE), strategies.code, weight=0.5),
    *(
        Target(f"deadlines: {suffix}", partial(deadlines, suffix), _seeds(_CODE), strategies.code, weight=0.2)
        for suffix in (".go", ".py", ".ts", ".java", ".kt", ".cs", ".rb")
    ),
    Target(
        "policies: a header of a response",
        response_header,
        _seeds((test_retry_after_missing.BLOCK.encode(), test_retry_after_missing.FLOW.encode())),
        strategies.documents,
        (UndecidedError,),
        weight=0.4,
    ),
)
