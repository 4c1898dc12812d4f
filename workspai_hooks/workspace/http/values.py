"""The values of this room: what is asked about HTTP operations, what sources say of calls, what comes of
both.

*Facts* (`Fact`) say what one line does with what one request gives or takes, in the terms of the source: the
method and the pieces of the URL as far as they are known. *Uses* (`HttpUse`) are facts that were matched with
the operations of a provider.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Operation(msgspec.Struct, frozen=True, order=True):
    """One operation of a described API.

    `method` in capitals; `path` as the description has it, `/orders/{id}`; `base_paths` the paths of its
    servers without host, `/api/v1` (Swagger's `basePath`), or none. `properties` by pointer: the
    response's as `response.200.total`, `response.200.items[].price`, `response.200[].total` where the body
    is a list, `response.200.rates.*` for what stands under any key; the request's as `request.total`.
    `schemas`: the names of the schemas that a body is, by the pointer of the place, so that models of
    generated clients are known.
    """

    method: str
    path: str
    operation_id: str = ""
    base_paths: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    schemas: tuple[tuple[str, str], ...] = ()

    @property
    def element(self) -> str:
        """As it is addressed on the command line."""
        return f"{self.method} {self.path}"


class Kind(StrEnum):
    """What a line does."""

    CALLS = "calls"
    """It sends the request."""
    READS = "reads"
    """It reads a property of the response."""
    WRITES = "writes"
    """It sets a property of the request."""
    UNKNOWN = "unknown"
    """The response, or a part of it, goes where it can't be followed."""


class Part(msgspec.Struct, frozen=True, order=True, array_like=True):
    """A piece of a URL. `kind`: `text` as it stands; `ref` what a variable of the environment or a
    setting holds, with what it is where nothing sets it; `hole` anything else, by the name that the
    source has for it. In place of a URL: `operation` is what a function of a generated client asks for, by
    its name, `default` its class, before `file`, the file that declares it (empty: it is not there).
    """

    kind: str
    text: str
    default: str | None = None


class Place(msgspec.Struct, frozen=True, order=True, array_like=True):
    """Where something stands, lines and columns from 1."""

    path: str
    line: int
    column: int
    in_test: bool = False


class Fact(msgspec.Struct, frozen=True, order=True):
    """What one line does with one request.

    `method` is empty where it is not known. `request`: the pointer is into what is sent. `pointer` leads
    from the body to the property: `total`, `items[].price`, empty for the whole. `sure`: types and values
    were followed all the way.
    """

    kind: Kind
    place: Place
    method: str
    url: tuple[Part, ...]
    pointer: str = ""
    symbol: str = ""
    sure: bool = True
    why: str = ""
    request: bool = False


class HttpUse(msgspec.Struct, frozen=True, order=True):
    """A line of a consumer that uses an operation of a provider.

    `element` is `GET /orders/{id}`, or with the property `GET /orders/{id}#response.200.total`. `confidence`
    is `proven` (the request is known to go to the provider, and its path to this operation) or `likely`. An
    `unknown` speaks for everything below its element, and `why` tells a person what happens there.
    """

    consumer: str
    element: str
    kind: Kind
    path: str
    line: int
    column: int
    symbol: str = ""
    confidence: str = "proven"
    in_test: bool = False
    why: str = ""
