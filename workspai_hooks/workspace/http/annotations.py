"""What annotations of the JVM say of requests and of names in JSON, in Java's and Kotlin's form alike.

Sources: Spring Cloud OpenFeign's and Spring's HTTP interfaces' reference, Feign's `RequestLine`, JAX-RS with
MicroProfile's `RegisterRestClient`, Micronaut's and Retrofit's declarative clients.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

import msgspec

N = TypeVar("N")

VERBS = {
    **{f"{verb.capitalize()}Mapping": verb for verb in ("GET", "POST", "PUT", "DELETE", "PATCH")},
    **{f"{verb.capitalize()}Exchange": verb for verb in ("GET", "POST", "PUT", "DELETE", "PATCH")},
    **{verb: verb for verb in ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD")},
    **{verb.capitalize(): verb for verb in ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD")},
}
"""Annotations that say which method a request has."""
GENERAL = frozenset({"RequestMapping", "HttpExchange", "RequestLine", "HTTP"})
"""Annotations that have the method among their values."""
CLIENTS = frozenset({"FeignClient", "HttpExchange", "RegisterRestClient", "Client", "RestClient"})
PATHS = ("value", "path", "url", "")
JSON_NAMES = {
    "JsonProperty": ("value", ""),
    "SerializedName": ("value", ""),
    "JsonbProperty": ("value", ""),
    "Json": ("name",),
    "SerialName": ("value", ""),
    "JsonAlias": ("value", ""),
    "Field": ("value", ""),
}
HIDDEN = frozenset({"JsonIgnore", "Transient", "JsonbTransient"})
BODIES = frozenset({"RequestBody", "Body"})
QUIET_PARAMETERS = frozenset(
    {
        *("PathVariable", "RequestParam", "RequestHeader", "Param", "PathParam", "QueryParam"),
        *("HeaderParam", "Path", "Query", "Header", "Headers", "HeaderMap", "QueryMap", "SpringQueryMap"),
        *("CookieValue", "QueryValue", "RestQuery", "RestPath", "RestHeader", "MatrixParam", "Url"),
        *("Context", "BeanParam", "NotBody", "PartMap", "Part", "FieldMap"),
    }
)
"""Parameters with one of these are no body."""
INJECTED = {"Value": ("value", ""), "ConfigProperty": ("name",), "Property": ("name",)}
"""Annotations that fill a field or a parameter from the configuration."""


class Annotation(msgspec.Struct, Generic[N], frozen=True):
    """One annotation: its name and the nodes of its values by name, `` for one without."""

    name: str
    values: Mapping[str, N]

    def first(self, *names: str) -> N | None:
        """The first of these values that it has."""
        return next((self.values[name] for name in names if name in self.values), None)


def verb_of(annotations: Sequence[Annotation[N]]) -> tuple[str, Annotation[N]] | None:
    """The method of the request that a method's annotations make it, and the annotation with its path."""
    for one in annotations:
        if one.name in VERBS:
            return VERBS[one.name], one
        if one.name in GENERAL:
            return "", one
    return None


def body_index(parameters: Sequence[Sequence[Annotation[N]]]) -> int:
    """Which parameter is the body: the one that says so, else the only one that is nothing else."""
    for index, found in enumerate(parameters):
        if any(one.name in BODIES for one in found):
            return index
    free = [
        index
        for index, found in enumerate(parameters)
        if not any(one.name in QUIET_PARAMETERS for one in found)
    ]
    return free[0] if len(free) == 1 else -1
