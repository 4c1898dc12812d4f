"""Every source of policies, a row a convention: who wants to be a source adds a row and a module.

A source never raises for what a file holds: what it can't read is an `Undecided` that names the line, what a
runtime would refuse or ignore a `Fault`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from workspai_hooks.contracts.helm.objects import Build
from workspai_hooks.contracts.openapi.description import Description
from workspai_hooks.resilience.reading import Read
from workspai_hooks.resilience.sources import (
    application_settings,
    arazzo,
    dotnet,
    envoy,
    envoy_gateway,
    gateway_api,
    ingress_nginx,
    istio,
    kong,
    linkerd,
    microprofile,
    openapi,
    policy_overridden,
    resilience4j,
    retries_csharp,
    retries_ecmascript,
    retries_jvm,
    retries_python,
    service_config,
    service_config_go,
    service_config_python,
    service_config_values,
    spring_clients,
    spring_gateway,
    traefik,
)


class FileSource(msgspec.Struct, frozen=True):
    """A convention that stands in files of its own. `wanted` looks at a path, `marks` are bytes of which one
    must stand in the file, none: all are read; `read` gets both. What it gives depends on nothing else, so
    that it is kept in the index; places in it name the path that it was given."""

    name: str
    wanted: Callable[[str], bool]
    marks: tuple[bytes, ...]
    read: Callable[[str, bytes], Read]


class DescriptionSource(msgspec.Struct, frozen=True):
    """A convention inside of OpenAPI descriptions."""

    name: str
    read: Callable[[Description], Read]


class ObjectSource(msgspec.Struct, frozen=True):
    """A convention of objects of Kubernetes. `marks`: it is only asked where one of them stands in a file
    that is deployed; `read` gets all objects of one way to install something."""

    name: str
    marks: tuple[bytes, ...]
    read: Callable[[Build], Read]


FILES: Sequence[FileSource] = (
    FileSource("gRPC service config", service_config.wanted, (), service_config.read),
    FileSource(
        "gRPC service config in Go",
        service_config_go.wanted,
        service_config_go.MARKS,
        service_config_go.read,
    ),
    FileSource(
        "gRPC service config in Python",
        service_config_python.wanted,
        service_config_python.MARKS,
        service_config_python.read,
    ),
    FileSource(
        "gRPC service config in values",
        service_config_values.wanted,
        service_config_values.MARKS,
        service_config_values.read,
    ),
    FileSource("Envoy", envoy.wanted, envoy.MARKS, envoy.read),
    FileSource("Arazzo", arazzo.wanted, arazzo.MARKS, arazzo.read),
    FileSource("resilience4j", application_settings.wanted, resilience4j.MARKS, resilience4j.read),
    FileSource("Spring clients", application_settings.wanted, spring_clients.MARKS, spring_clients.read),
    FileSource("Spring gateway", application_settings.wanted, spring_gateway.MARKS, spring_gateway.read),
    FileSource("MicroProfile", application_settings.wanted, microprofile.MARKS, microprofile.read),
    FileSource("HttpClient resilience", dotnet.wanted, dotnet.MARKS, dotnet.read),
    FileSource("Python retries", retries_python.wanted, retries_python.MARKS, retries_python.read),
    FileSource(
        "ECMAScript retries", retries_ecmascript.wanted, retries_ecmascript.MARKS, retries_ecmascript.read
    ),
    FileSource("JVM retries", retries_jvm.wanted, retries_jvm.MARKS, retries_jvm.read),
    FileSource("C# retries", retries_csharp.wanted, retries_csharp.MARKS, retries_csharp.read),
)
DESCRIPTIONS: Sequence[DescriptionSource] = (DescriptionSource("OpenAPI", openapi.read),)
OBJECTS: Sequence[ObjectSource] = (
    ObjectSource("Istio", istio.MARKS, istio.read),
    ObjectSource("Gateway API", gateway_api.MARKS, gateway_api.read),
    ObjectSource("Envoy Gateway", envoy_gateway.MARKS, envoy_gateway.read),
    ObjectSource("Linkerd", linkerd.MARKS, linkerd.read),
    ObjectSource("ingress-nginx", ingress_nginx.MARKS, ingress_nginx.read),
    ObjectSource("Kong", kong.MARKS, kong.read),
    ObjectSource("Traefik", traefik.MARKS, traefik.read),
    ObjectSource("overridden", policy_overridden.MARKS, policy_overridden.read),
)
