"""Readers of generated stubs for sidecars, of skew, and of policies."""

from __future__ import annotations

from functools import partial

from google.protobuf import descriptor_pb2 as pb
from google.protobuf.message import DecodeError

from hostile import contracts, seeds, strategies
from hostile.target import Target
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.openapi.description import Description
from workspai_hooks.contracts.openapi.library import Library
from workspai_hooks.contracts.protobuf import serialized
from workspai_hooks.enrichment.kinds import KINDS
from workspai_hooks.enrichment.operations import http_refusals, operations_in
from workspai_hooks.enrichment.plans import Offered, breaker_of, messages_in, plan_of, refusals, services_in
from workspai_hooks.enrichment.rendering import render
from workspai_hooks.enrichment.sidecars import is_ours
from workspai_hooks.errors import UndecidedError, UsageError
from workspai_hooks.resilience.sources.openapi import from_openapi
from workspai_hooks.resilience.sources.protobuf import from_protobuf
from workspai_hooks.resilience.sources.service_config import from_service_config
from workspai_hooks.stubs.inventory import find_stubs
from workspai_hooks.stubs.skew import differences

PATHS = (
    "a/x_pb2_grpc.py",
    "a/x_pb2.py",
    "a/x_grpc.pb.go",
    "a/x.pb.go",
    "a/x.ts",
    "a/x_pb.ts",
    "a/x_pb.js",
    "a/XGrpc.java",
    "a/client/api_client.py",
    "a/client/client.py",
    "a/runtime.ts",
    "a/base.ts",
    "a/client.go",
    "a/ApiClient.java",
)


def enriched(path: str, data: bytes) -> None:
    """What every kind reads of a stub, and the sidecar that comes of it with nothing else in it."""
    find_stubs(Snapshot.of({path: data}), lambda _: "service")
    is_ours(data)
    for kind in KINDS:
        facts = kind.facts(path, data)
        if facts is not None:
            for template in kind.outputs(path, facts).values():
                render(template, plan_of(kind, path, Offered("a/x.proto"), (), facts))


def skew(data: bytes) -> None:
    files = []
    for one in serialized.files_of(data):
        try:
            files.append(pb.FileDescriptorProto.FromString(one))
        except DecodeError:
            continue
    for file in files:
        for other in (pb.FileDescriptorProto(), *files[:3]):
            differences(file, other)
        places = list(from_protobuf("a.proto", file))
        refusals(services_in("a.proto", file, places), messages_in(files))
        breaker_of("a.proto", places)


def openapi_policies(data: bytes) -> None:
    description = Description(Library(Snapshot.of({"a.yaml": data})), "a.yaml")
    http_refusals(operations_in(description, from_openapi(description)))


def service_config(data: bytes) -> None:
    list(from_service_config("a_grpc_service_config.json", data))


def _configs() -> tuple[bytes, ...]:
    return (
        b'{"methodConfig": [{"name": [{"service": "a.B", "method": "C"}, {}], "timeout": "1.5s", '
        b'"retryPolicy": {"maxAttempts": 4, "initialBackoff": "0.1s", "maxBackoff": "1s", '
        b'"backoffMultiplier": 2, '
        b'"retryableStatusCodes": ["UNAVAILABLE"]}}]}',
        b'{"loadBalancingConfig": [{"round_robin": {}}], "methodConfig": []}',
    )


TARGETS = (
    *(
        Target(f"sidecars: {path}", partial(enriched, path), _stubs, weight=0.3)
        for path in PATHS
        for _stubs in (partial(seeds.files, path.rpartition(".")[2]),)
    ),
    Target("skew", skew, contracts.IMAGES, strategies.descriptors, (UndecidedError,), weight=0.5),
    Target(
        "policies: openapi",
        openapi_policies,
        contracts.OPENAPI,
        strategies.documents,
        (UndecidedError,),
        weight=0.5,
    ),
    Target(
        "policies: service config", service_config, _configs, strategies.documents, (UsageError,), weight=0.5
    ),
)
