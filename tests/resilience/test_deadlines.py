"""Deadlines in code, a language at a time: what is set, what is not, and what can't be told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.resilience.deadlines.looking import Deadlines
from workspai_hooks.resilience.deadlines.values import INHERITED, NONE, UNKNOWN, Answer, Deadline, settled
from workspai_hooks.source import Location
from workspai_hooks.store import Store
from workspai_hooks.workspace.workspace import survey

HERE = "CALL"
"""Stands before what is called; the mark itself is taken out."""
STORE = Store()
"""One for all that is asked here: an answer that is kept by less than it depends on is given to another."""


def deadline(name: str, text: str, *, rpc: bool = True, **others: str) -> Deadline:
    """The deadline at the mark in a file of a service."""
    before, _, after = text.partition(HERE)
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    path = f"cart/{name}"
    files = {path: before + after, "cart/Dockerfile": "FROM scratch\n"}
    files |= {f"cart/{other.replace('__', '.')}": inner for other, inner in others.items()}
    snapshot = replace(Snapshot.of(files), store=STORE)
    found = Deadlines(snapshot, survey(snapshot, Schema({}, {}, {}, {}), (), ()))
    place = Location(path, line, column)
    return found.of_rpc("cart", place) if rpc else found.of_request("cart", place)


GO = """package main
import ("context"; "net/http"; "time")
func (s *Server) Get(w http.ResponseWriter, r *http.Request) {
%s
}
func fetch(ctx context.Context, c Client) { c.CALLGetCart(ctx, &Ask{}) }
"""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("fetch(context.Background(), s.c)", NONE),
        ("fetch(r.Context(), s.c)", INHERITED),
        (
            "ctx, stop := context.WithTimeout(r.Context(), 2*time.Second)\nfetch(ctx, s.c)",
            Deadline(Answer.SET, 2.0),
        ),
        ("ctx := metadata.AppendToOutgoingContext(r.Context(), a, b)\nfetch(ctx, s.c)", INHERITED),
        ("fetch(context.Background(), s.c)\nctx, _ := context.WithDeadline(x, y)\nfetch(ctx, s.c)", UNKNOWN),
        ("fetch(s.ctx, s.c)", UNKNOWN),
        ("", INHERITED),
    ],
)
def test_go_follows_the_context(body: str, expected: Deadline) -> None:
    assert deadline("main.go", GO % body) == expected


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("300*time.Millisecond", 0.3), ("time.Second", 1.0), ("time.Second * 5", 5.0), ("s.limit", None)],
)
def test_go_reads_durations(value: str, seconds: float | None) -> None:
    body = f"ctx, stop := context.WithTimeout(r.Context(), {value})\ns.c.CALLGetCart(ctx, nil)"
    assert deadline("main.go", GO.replace("CALL", "") % body) == Deadline(Answer.SET, seconds)


def test_go_frameworks_and_interceptors_have_their_own() -> None:
    plain = GO % "fetch(context.Background(), s.c)"
    kratos = 'package main\nimport "github.com/go-kratos/kratos/v2/transport/grpc"\n'
    assert deadline("main.go", plain, client__go=kratos).seconds == 2.0
    assert deadline("main.go", plain, client__go=f"{kratos}var o = grpc.WithTimeout(t)\n") == UNKNOWN
    assert deadline("main.go", plain, client__go="x := timeout.UnaryClientInterceptor(y)") == UNKNOWN


PYTHON = "import requests\nimport grpc\ndef get(self):\n    return {}\n"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("self.stub.CALLGetCart(ask)", NONE),
        ("self.stub.CALLGetCart(ask, timeout=1.5)", Deadline(Answer.SET, 1.5, "timeout=")),
        ("self.stub.CALLGetCart(ask, timeout=LIMIT)", Deadline(Answer.SET, None, "timeout=")),
        ("self.stub.CALLGetCart(ask, timeout=None)", NONE),
        ("self.stub.CALLGetCart(ask, **options)", UNKNOWN),
        ("asyncio.wait_for(self.stub.CALLGetCart(ask), 3)", UNKNOWN),
    ],
)
def test_python(call: str, expected: Deadline) -> None:
    assert deadline("main.py", PYTHON.format(call)) == expected


def test_python_requests_waits_and_httpx_does_not() -> None:
    asked = "def get(u):\n    return {}.CALLget(u)\n"
    assert deadline("a.py", "import requests\n" + asked.format("requests"), rpc=False) == NONE
    assert deadline("a.py", "import httpx\n" + asked.format("httpx"), rpc=False).seconds == 5.0
    assert deadline("a.py", "import requests, x\n" + asked.format("x"), rpc=False) == NONE
    mounted = "class Timed(HTTPAdapter):\n    pass\n"
    assert (
        deadline("a.py", "import requests\n" + asked.format("requests"), rpc=False, b__py=mounted) == UNKNOWN
    )


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("client.CALLgetCart({id}, (error, cart) => done(cart))", NONE),
        ("client.CALLgetCart({id}, metadata, callback)", NONE),
        (
            "client.CALLgetCart({id}, {deadline: Date.now() + 500}, callback)",
            Deadline(Answer.SET, 0.5, "deadline"),
        ),
        ("client.CALLgetCart({id}, options, callback)", UNKNOWN),
        ("client.CALLgetCart({id}).pipe(timeout(5000))", UNKNOWN),
    ],
)
def test_ecmascript(call: str, expected: Deadline) -> None:
    assert deadline("main.js", f"function get(id) {{\n  {call}\n}}\n") == expected


def test_axios_waits_unless_it_is_told() -> None:
    asked = "import axios from 'axios'\nexport const get = (u) => axios.CALLget(u{})\n"
    assert deadline("a.ts", asked.format(""), rpc=False) == NONE
    assert deadline("a.ts", asked.format(", {timeout: 1000}"), rpc=False).seconds == 1.0
    made = "axios.defaults.timeout = 3000\n"
    assert deadline("a.ts", asked.format(""), rpc=False, b__ts=made) == UNKNOWN
    assert deadline("a.ts", "const get = (u) => CALLfetch(u)\n", rpc=False) == UNKNOWN


JAVA = "class A {{\n  Cart get() {{\n    return {};\n  }}\n}}\n"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("stub.CALLgetCart(ask)", INHERITED),
        (
            "stub.withDeadlineAfter(500, TimeUnit.MILLISECONDS).CALLgetCart(ask)",
            Deadline(Answer.SET, 0.5, "withDeadlineAfter"),
        ),
        ("stub.CALLgetCart(ask).get(3, TimeUnit.SECONDS)", UNKNOWN),
    ],
)
def test_java(call: str, expected: Deadline) -> None:
    assert deadline("A.java", JAVA.format(call)) == expected


def test_a_rest_template_waits_unless_something_around_it_ends() -> None:
    text = "import x.RestTemplate;\n" + JAVA.format("template.CALLgetForObject(u, Cart.class)")
    assert deadline("A.java", text, rpc=False) == NONE
    assert deadline("A.java", text, rpc=False, B__java="@HystrixCommand void b() {}") == UNKNOWN
    assert deadline("A.java", text, rpc=False, B__java="builder.setReadTimeout(x);") == UNKNOWN


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("client.CALLGetCartAsync(ask)", NONE),
        (
            "client.CALLGetCartAsync(ask, deadline: DateTime.UtcNow.AddSeconds(2))",
            Deadline(Answer.SET, 2.0, "deadline:"),
        ),
        ("client.CALLGetCartAsync(ask, headers, limit)", UNKNOWN),
    ],
)
def test_csharp(call: str, expected: Deadline) -> None:
    text = f"class A {{ async Task<Cart> Get() {{ return await {call}; }} }}"
    assert deadline("A.cs", text) == expected
    plain = text.replace(call, "client.CALLGetCartAsync(ask)")
    one = "services.AddHttpClient<B>().AddStandardResilienceHandler();"
    assert deadline("A.cs", plain, B__cs=one) == UNKNOWN
    everybody = "services.ConfigureHttpClientDefaults(http => { http.AddStandardResilienceHandler(); });"
    assert deadline("A.cs", plain, B__cs=everybody).seconds == 30.0


def test_http_client_has_one_and_other_languages_are_asked_for_words() -> None:
    text = 'class A { HttpClient http; Task Get() { return http.CALLGetAsync("x"); } }'
    assert deadline("A.cs", text, rpc=False).seconds == 100.0
    assert deadline("a.rb", "stub.CALLget_cart(ask)\n") == NONE
    assert deadline("a.rb", "stub.CALLget_cart(ask, deadline: x)\n") == UNKNOWN


def test_an_answer_that_was_kept_counts_as_one_that_was_made() -> None:
    place = Location("a.go", 1, 1)
    kept = Deadline(Answer.INHERITED)  # equal, and another object
    assert settled({place: kept}, served=False) == {place: NONE}
    assert settled({place: kept}, served=True) == {place: UNKNOWN}
