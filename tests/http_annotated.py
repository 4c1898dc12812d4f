"""Consumers of HTTP whose lines say at their ends what they do.

`@http GET /orders/{id}` calls, `… total, state` reads the answer's properties, `… > sku` sets the request's,
`… ?` can't be followed (`… ? items[]` below that, `… >?` what is sent). Several are separated by `;`, and `~`
before one says that it is only likely. `@below …` says it of the next line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.workspace.http.uses import http_uses
from workspai_hooks.workspace.http.values import HttpUse, Kind, Operation
from workspai_hooks.workspace.workspace import survey

SAYS = re.compile(r"@(http|below) (.+?)\s*(?:\*/\}?|-->|%>|#\}|$)")
COMPOSE = """\
services:
  orders:
    build: ./orders
    ports: ["8080:8080"]
  users:
    build: ./users
  web:
    build: ./web
    environment:
      ORDERS_URL: http://orders:8080
      ORDERS_ADDR: orders:8080
      VITE_ORDERS: http://orders:8080
      orders.url: http://orders:8080
      Orders__Url: http://orders:8080
      USERS_URL: http://users:8080
"""
ORDER = (
    "id",
    "total",
    "state",
    "placed_at",
    "customer",
    "customer.name",
    "items",
    "items[].price",
    "items[].sku",
)
OPERATIONS = (
    Operation(
        "GET", "/orders", "listOrders", (), ("orders",), tuple(f"response.200[].{name}" for name in ORDER)
    ),
    Operation(
        "GET", "/orders/{id}", "getOrder", (), ("orders",), tuple(f"response.200.{name}" for name in ORDER)
    ),
    Operation(
        "GET", "/orders/stats", "getStats", (), ("orders",), ("response.200.count", "response.200.per_day.*")
    ),
    Operation(
        "POST",
        "/orders",
        "placeOrder",
        (),
        ("orders",),
        (
            *("request.sku", "request.note", "request.lines", "request.lines[].qty"),
            *("response.201.id", "response.201.total", "response.400.message"),
        ),
    ),
    Operation("PUT", "/orders/{id}", "changeOrder", (), ("orders",), ("request.state", "response.200.state")),
    Operation("DELETE", "/orders/{id}", "cancelOrder", (), ("orders",)),
)
AROUND = {
    "compose.yaml": COMPOSE,
    "orders/Dockerfile": "FROM scratch\n",
    "orders/main.go": "package main\n",
    "users/Dockerfile": "FROM scratch\n",
    "users/main.go": "package main\n",
    "web/Dockerfile": "FROM scratch\n",
}


def uses_in(
    files: Mapping[str, str], provider: str = "orders", operations: Iterable[Operation] = OPERATIONS
) -> tuple[HttpUse, ...]:
    """What the consumers in these files do with the provider's operations."""
    workspace = survey(Snapshot.of(files), Schema({}, {}, {}, {}))
    return http_uses(workspace, provider, operations)


def told(use: HttpUse) -> str:
    """A use as a line says it."""
    operation, _, pointer = use.element.partition("#")
    rest = re.sub(r"^(?:response|request)(?:\.(?:\d\d\d|default)(?=[.\[]|$))?\.?", "", pointer)
    if use.kind is Kind.UNKNOWN:
        sign = ">?" if pointer.startswith("request") else "?"
        said = f"{operation} {sign} {rest}".strip()
    elif use.kind is Kind.WRITES:
        said = f"{operation} > {rest}"
    else:
        said = f"{operation} {rest}".strip()
    return said if use.confidence == "proven" else f"~ {said}"


ONE = re.compile(r"(~ )?(\S+ \S+)( >\?| \?| >)?(?: (.*))?")


def each_of(written: str) -> Iterator[str]:
    """`GET /orders total, state` as `GET /orders total` and `GET /orders state`."""
    for part in written.split(";"):
        one = ONE.fullmatch(" ".join(part.split()))
        assert one is not None, part
        likely, operation, sign, pointers = one.groups(default="")
        for pointer in pointers.split(","):
            yield f"{likely}{operation}{sign} {pointer.strip()}".strip()


def said(files: Mapping[str, str]) -> set[str]:
    """`path:line what` as the sources say themselves."""
    return {
        f"{path}:{number + (word == 'below')} {each}"
        for path, text in files.items()
        for number, line in enumerate(text.splitlines(), 1)
        for word, says in SAYS.findall(line)
        for each in each_of(says)
    }


def check(files: Mapping[str, str], around: Mapping[str, str] = AROUND) -> tuple[HttpUse, ...]:
    """Every line does what it says, and nothing else is found."""
    uses = uses_in({**around, **files})
    got = {f"{use.path}:{use.line} {told(use)}" for use in uses}
    want = said(files)
    assert got == want, f"missing {sorted(want - got)}, extra {sorted(got - want)}"
    return uses
