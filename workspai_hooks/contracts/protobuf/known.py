"""Imports that public repositories share, and where each of them can be had.

What a file only lends to options of others is marked: nothing of it takes part in a comparison (standin.py).
"""

from __future__ import annotations

import msgspec


class Source(msgspec.Struct, frozen=True):
    """Who serves imports that begin with `prefix`: a module of the Buf registry, a distribution of PyPI (each
    empty where there is none). `folder` is where the distribution keeps them, if not where their names say.
    """

    prefix: str
    module: str = ""
    distribution: str = ""
    folder: str = ""


_COSMOS, _COSMOS_FOLDER = "cosmospy-protobuf", "cosmospy_protobuf/"
_XDS = "xds-protos"

SOURCES: tuple[Source, ...] = (
    Source("amino/", "buf.build/cosmos/cosmos-sdk"),
    Source("authzed/api/", "buf.build/authzed/api"),
    Source("buf/validate/", "buf.build/bufbuild/protovalidate"),
    Source("cel/expr/", "buf.build/google/cel-spec", _XDS),
    Source("cosmos/", "buf.build/cosmos/cosmos-sdk", _COSMOS, _COSMOS_FOLDER + "cosmos/"),
    Source("cosmos_proto/", "buf.build/cosmos/cosmos-proto", _COSMOS, _COSMOS_FOLDER + "cosmos_proto/"),
    Source("cosmwasm/", "buf.build/cosmwasm/wasmd"),
    Source("envoy/", "buf.build/envoyproxy/envoy", _XDS),
    Source("gnostic/", "buf.build/gnostic/gnostic"),
    Source("gogoproto/", "buf.build/gogo/protobuf", _COSMOS, _COSMOS_FOLDER + "gogoproto/"),
    Source("google/iam/v1/", "buf.build/googleapis/googleapis", "grpc-google-iam-v1"),
    Source("google/", "buf.build/googleapis/googleapis"),
    Source("grpc/channelz/", "buf.build/grpc/grpc", "grpcio-channelz", "grpc_channelz/"),
    Source("grpc/health/", "buf.build/grpc/grpc", "grpcio-health-checking", "grpc_health/"),
    Source("grpc/reflection/", "buf.build/grpc/grpc", "grpcio-reflection", "grpc_reflection/"),
    Source("grpc/", "buf.build/grpc/grpc"),
    Source("ibc/", "buf.build/cosmos/ibc", _COSMOS, _COSMOS_FOLDER + "ibc/"),
    Source("io/prometheus/client/", "buf.build/prometheus/client-model"),
    Source("nanopb.proto", "", "nanopb", "nanopb/generator/proto/nanopb.proto"),
    Source("opencensus/proto/", "", _XDS),
    Source("openapiv3/", "buf.build/gnostic/gnostic"),
    Source("opentelemetry/proto/", "buf.build/opentelemetry/opentelemetry", "opentelemetry-proto"),
    Source("protoc-gen-openapiv2/", "buf.build/grpc-ecosystem/grpc-gateway", "protoc-gen-openapiv2"),
    Source("tendermint/", "buf.build/cosmos/cosmos-sdk", _COSMOS, _COSMOS_FOLDER + "tendermint/"),
    Source("udpa/", "buf.build/cncf/xds", _XDS),
    Source("validate/", "buf.build/envoyproxy/protoc-gen-validate", _XDS),
    Source("xds/", "buf.build/cncf/xds", _XDS),
)
"""The first one that fits counts. Looked up in November 2026; where no package is named, none is known."""

_ENVOY = ("migrate", "security", "sensitive", "status", "versioning")
OPTIONS: dict[str, tuple[str, ...]] = {
    "amino/amino.proto": ("amino",),
    "buf/validate/validate.proto": ("buf.validate",),
    "cosmos/app/v1alpha1/module.proto": ("cosmos.app.v1alpha1",),
    "cosmos/msg/v1/msg.proto": ("cosmos.msg.v1",),
    "cosmos/orm/v1/orm.proto": ("cosmos.orm.v1",),
    "cosmos/query/v1/query.proto": ("cosmos.query.v1",),
    "cosmos_proto/cosmos.proto": ("cosmos_proto",),
    "gnostic/openapiv3/annotations.proto": ("gnostic.openapi.v3", "openapi.v3"),
    "gnostic/openapi/v3/annotations.proto": ("gnostic.openapi.v3", "openapi.v3"),
    "gogoproto/gogo.proto": ("gogoproto",),
    "openapiv3/annotations.proto": ("gnostic.openapi.v3", "openapi.v3"),
    "protoc-gen-gorm/options/gorm.proto": ("gorm",),
    "protoc-gen-openapiv2/options/annotations.proto": ("grpc.gateway.protoc_gen_openapiv2.options",),
    "protoc-gen-openapiv2/options/openapiv2.proto": ("grpc.gateway.protoc_gen_openapiv2.options",),
    "protoc-gen-swagger/options/annotations.proto": ("grpc.gateway.protoc_gen_swagger.options",),
    "scalapb/scalapb.proto": ("scalapb",),
    "tagger/tagger.proto": ("tagger",),
    "validate/validate.proto": ("validate",),
    **{f"udpa/annotations/{name}.proto": ("udpa.annotations",) for name in _ENVOY},
    **{f"xds/annotations/v3/{name}.proto": ("xds.annotations.v3",) for name in _ENVOY},
}
"""Files that extend the options of protobuf (and declare what these hold): name -> packages that it declares
itself in, of which one counts."""


def canonical(name: str) -> str:
    """A name of `OPTIONS` without the host and repository of a GOPATH before it; any other as it is."""
    host, _, rest = name.partition("/")
    if name in OPTIONS or "." not in host:
        return name
    parts = rest.split("/")
    tails = ("/".join(parts[start:]) for start in range(1, len(parts)))
    return next((tail for tail in tails if tail in OPTIONS), name)


def source_of(name: str) -> Source | None:
    """Who probably serves an import."""
    return next((one for one in SOURCES if name.startswith(one.prefix)), None)
