"""Imports that are not in the repository: buf's cache in all of its layouts, packages beside us, remedies."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest
from conftest import Scratch
from google.protobuf import descriptor_pb2 as pb

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf import packaged, registry
from workspai_hooks.contracts.protobuf.bufconfig import Dependency
from workspai_hooks.contracts.protobuf.declared import schema_of
from workspai_hooks.contracts.protobuf.known import SOURCES
from workspai_hooks.contracts.protobuf.printed import printed
from workspai_hooks.inspection.request import Request
from workspai_hooks.inspection.run import inspect
from workspai_hooks.store import Store
from workspai_hooks.tools import buf as buf_tool
from workspai_hooks.tools.buf import resolve_buf

Make = Callable[[Mapping[str, str | bytes]], Scratch]
COMMIT = "0123456789abcdef0123456789abcdef"
MODULE = "buf.build/acme/money"
MONEY = 'syntax = "proto3";\npackage common.v1;\nmessage Money { int64 units = 1; }\n'
CART = (
    'syntax = "proto3";\npackage cart.v1;\nimport "common/v1/money.proto";\n'
    "message Cart { common.v1.Money total = 1; }\n"
)
NAME = "common/v1/money.proto"
LOCKS = {
    "v1": f"version: v1\ndeps: [{{remote: buf.build, owner: acme, repository: money, commit: {COMMIT}}}]\n",
    "v2": f"version: v2\ndeps:\n  - {{name: {MODULE}, commit: {COMMIT}, digest: 'b5:00'}}\n",
}
FILES = {"buf.yaml": f"version: v2\ndeps: [{MODULE}]\n", "buf.lock": LOCKS["v2"], "cart.proto": CART}


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def shake(data: bytes) -> str:
    return hashlib.shake_256(data).hexdigest(64)


def stored(files: Mapping[str, str]) -> dict[str, str | bytes]:
    """A module in the second layout: contents by their digest, a manifest that names them."""
    blobs = {shake(text.encode()): text.encode() for text in files.values()}
    manifest = "".join(f"shake256:{shake(text.encode())}  {name}\n" for name, text in files.items()).encode()
    blobs[shake(manifest)] = manifest
    place = f"v2/module/{MODULE}"
    return {
        f"{place}/commits/{COMMIT}": f"shake256:{shake(manifest)}",
        **{f"{place}/blobs/{digest[:2]}/{digest[2:]}": data for digest, data in blobs.items()},
    }


LAYOUTS: Mapping[str, Mapping[str, str | bytes]] = {
    "v1": {f"v1/module/data/{MODULE}/{COMMIT}/{NAME}": MONEY},
    "v2": stored({"LICENSE": "free", NAME: MONEY}),
    **{
        f"v3 {kind}": {
            f"v3/modules/{kind}/{MODULE}/{COMMIT}/module.yaml": "version: v1\n",
            f"v3/modules/{kind}/{MODULE}/{COMMIT}/files/{NAME}": MONEY,
        }
        for kind in ("b5", "b4", "shake256")
    },
}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    folder.mkdir()
    monkeypatch.setenv("BUF_CACHE_DIR", str(folder))
    return folder


def undecided(files: Mapping[str, str]) -> list[str]:
    found, problems = schema_of(Snapshot.of(files), resolve_buf())
    assert bool(found.messages) is not bool(problems)
    return [f"{one.what} {one.why}. {one.remedy}" for one in problems]


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_of_bufs_cache_is_read(cache: Path, layout: str, lock: str) -> None:
    write(cache, LAYOUTS[layout])
    assert undecided({**FILES, "buf.lock": LOCKS[lock]}) == []


def test_a_commit_may_be_written_with_dashes(cache: Path) -> None:
    write(cache, LAYOUTS["v3 b5"])
    dashed = "01234567-89ab-cdef-0123-456789abcdef"
    assert registry.find([Dependency(MODULE, dashed)], NAME) == (f"{MODULE}/{COMMIT}", MONEY.encode())


@pytest.mark.parametrize("variable", ["XDG_CACHE_HOME", "HOME"])
def test_the_cache_is_where_buf_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    for name in ("BUF_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, str(tmp_path))
    write(tmp_path / ("buf" if variable == "XDG_CACHE_HOME" else ".cache/buf"), LAYOUTS["v3 b5"])
    assert undecided(FILES) == []


def test_another_commit_than_the_pinned_one_does_not_serve(cache: Path) -> None:
    write(cache, {path.replace(COMMIT, "f" * 32): text for path, text in LAYOUTS["v3 b5"].items()})
    assert undecided(FILES) == [
        'cart.proto:3 import "common/v1/money.proto" is in neither the repository nor buf\'s cache. '
        f"fetch it once with `buf build` (it may be in {MODULE}), "
        "or vendor it: `buf export <module> -o third_party`"
    ]


def test_what_a_content_address_does_not_fit_is_not_used(cache: Path) -> None:
    files = dict(LAYOUTS["v2"])
    blob = next(path for path, data in files.items() if data == MONEY.encode())
    write(cache, files | {blob: MONEY.replace("units", "hours")})
    assert len(undecided(FILES)) == 1


@pytest.mark.parametrize("layout", ["v1", "v2", "v3 b5"])
def test_a_link_out_of_the_cache_is_not_followed(cache: Path, tmp_path: Path, layout: str) -> None:
    write(cache, LAYOUTS[layout])
    for path in [path for path in cache.rglob("*") if path.is_file() and path.read_bytes() == MONEY.encode()]:
        outside = tmp_path / "outside.proto"
        path.rename(outside)
        path.symlink_to(outside)
    assert len(undecided(FILES)) == 1


def test_neither_is_one_of_a_folder_and_a_cache_behind_a_link_is_a_cache(cache: Path, tmp_path: Path) -> None:
    write(tmp_path / "real", LAYOUTS["v3 b5"])
    cache.rmdir()
    cache.symlink_to(tmp_path / "real")
    assert undecided(FILES) == []
    folder = tmp_path / f"real/v3/modules/b5/{MODULE}/{COMMIT}/files/common"
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    assert len(undecided(FILES)) == 1


def test_hostile_caches_end_soon(cache: Path) -> None:
    place = cache / f"v3/modules/b5/{MODULE}/{COMMIT}/files/common/v1"
    place.mkdir(parents=True)
    os.mkfifo(place / "money.proto")
    assert len(undecided(FILES)) == 1
    (place / "money.proto").unlink()
    (place / "money.proto").mkdir()
    assert len(undecided(FILES)) == 1
    (place / "money.proto").rmdir()
    with (place / "money.proto").open("wb") as file:
        file.truncate(1 << 40)
    assert "more than a contract can have" in undecided(FILES)[0]


@pytest.mark.parametrize(
    ("module", "commit", "name"),
    [
        ("../../../etc/x", COMMIT, "passwd"),
        ("buf.build/a/..", COMMIT, NAME),
        (MODULE, "..", NAME),
        (MODULE, COMMIT, "../../../x.proto"),
        (MODULE, COMMIT, "/etc/passwd"),
        (MODULE, COMMIT, "a\0b.proto"),
        (MODULE, "*", NAME),
    ],
)
def test_names_that_lead_elsewhere_find_nothing(cache: Path, module: str, commit: str, name: str) -> None:
    write(cache, LAYOUTS["v3 b5"])
    assert registry.find([Dependency(module, commit)], name) is None


def test_what_was_kept_is_not_told_once_the_cache_is_filled(cache: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "index.sqlite")
    entries = Snapshot.of(FILES)
    snapshot = Snapshot(entries.name, entries.entries, entries.reader, store)
    assert len(schema_of(snapshot, resolve_buf())[1]) == 1
    write(cache, LAYOUTS["v3 b5"])
    assert schema_of(snapshot, resolve_buf())[1] == ()
    store.close()


HEALTH = """\
syntax = "proto3";
package grpc.health.v1;
import "google/protobuf/timestamp.proto";
message Check {
  string service = 1;
  enum Status { UNKNOWN = 0; SERVING = 1; }
  map<string, Status> by = 2;
  oneof how { int32 a = 3; Check b = 4; }
  optional bool set = 5;
  google.protobuf.Timestamp at = 6;
}
service Health { rpc Watch(stream Check) returns (stream Check); }
"""


def image_of(files: Mapping[str, str]) -> list[pb.FileDescriptorProto]:
    built = buf_tool.build(resolve_buf(), {path: text.encode() for path, text in files.items()})
    assert built.errors == ()
    return list(pb.FileDescriptorSet.FromString(built.image).file)


def stub(file: pb.FileDescriptorProto) -> str:
    """A stub as protoc makes it for Python; running it would fail."""
    return f"raise SystemExit(1)\nDESCRIPTOR = pool.AddSerializedFile({file.SerializeToString()!r})\n"


@pytest.fixture
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as packages are installed in, beside the real one."""
    folders = packaged.folders()
    monkeypatch.setattr(packaged, "folders", lambda: (*folders, tmp_path / "site"))
    return tmp_path / "site"


def importing(name: str, type_: str) -> dict[str, str]:
    return {"a.proto": f'syntax = "proto3";\npackage a;\nimport "{name}";\nmessage A {{ {type_} x = 1; }}\n'}


def test_a_stub_of_an_installed_package_serves(beside: Path, cache: Path) -> None:
    files = importing("grpc/health/v1/health.proto", "grpc.health.v1.Check.Status")
    assert "or let the hook have grpcio-health-checking (additional_dependencies)" in undecided(files)[0]
    described = next(one for one in image_of({"h.proto": HEALTH}) if one.name == "h.proto")
    described.name = "grpc/health/v1/health.proto"
    write(beside, {"grpc_health/v1/health_pb2.py": stub(described)})
    assert undecided(files) == []


def test_so_do_its_contracts_and_what_they_import(beside: Path, cache: Path) -> None:
    first = 'syntax = "proto3";\npackage ibc.a;\nimport "ibc/b/b.proto";\nimport "top.proto";\n'
    first += "message A { ibc.b.B b = 1; Top top = 2; }\n"
    write(
        beside,
        {
            "cosmospy_protobuf/ibc/a/a.proto": first,
            "cosmospy_protobuf/top.proto": 'syntax = "proto3";\nmessage Top {}\n',
            "cosmospy_protobuf/ibc/b/b.proto": 'syntax = "proto3";\npackage ibc.b;\nmessage B {}\n',
        },
    )
    assert undecided(importing("ibc/a/a.proto", "ibc.a.A")) == []


def test_what_a_package_lacks_is_asked_for_at_the_file_that_led_there(beside: Path, cache: Path) -> None:
    write(beside, {"cosmospy_protobuf/ibc/a/a.proto": 'syntax = "proto3";\nimport "ibc/b/b.proto";\n'})
    told = undecided(importing("ibc/a/a.proto", "ibc.a.A"))[0]
    assert told.startswith('a.proto:3 import "ibc/b/b.proto" is in neither')


def test_a_dash_of_a_folder_is_an_underscore_of_a_module(beside: Path, cache: Path) -> None:
    described = next(iter(image_of({"x.proto": 'syntax = "proto3";\npackage x.y;\nmessage M {}\n'})))
    write(beside, {"protoc_gen_openapiv2/options/y_z_pb2.py": stub(described)})
    assert undecided(importing("protoc-gen-openapiv2/options/y-z.proto", "x.y.M")) == []


def test_what_nobody_is_known_to_serve_is_not_taken_from_packages(beside: Path, cache: Path) -> None:
    """The repository itself may be installed in the same place, in an older version."""
    write(beside, {"acme/v1/x.proto": 'syntax = "proto3";\npackage acme.v1;\nmessage X {}\n'})
    assert len(undecided(importing("acme/v1/x.proto", "acme.v1.X"))) == 1


@pytest.mark.parametrize("text", ["AddSerializedFile(b'\\x0a')", "x = 1", "AddSerializedFile(", "\0"])
def test_a_stub_that_is_none_serves_nothing(beside: Path, cache: Path, text: str) -> None:
    write(beside, {"grpc_health/v1/health_pb2.py": text})
    assert len(undecided(importing("grpc/health/v1/health.proto", "grpc.health.v1.Check"))) == 1


EVERYTHING = """\
syntax = "proto2";
package p;
import public "q.proto";
import "google/protobuf/descriptor.proto";
message M {
  required string a = 1;
  repeated q.E e = 2 [packed = true];
  optional group Old = 3 { optional int32 x = 1; }
  map<int32, M.In> ins = 4;
  oneof one { bytes b = 5; group Also = 6 { optional In in = 1; } }
  message In { extensions 5, 10 to max; enum Two { option allow_alias = true; X = 1; Y = 1; } }
  extend In { optional group Late = 12 { optional sint64 s = 1; } }
}
message Set { option message_set_wire_format = true; extensions 4 to max; }
extend google.protobuf.FieldOptions { optional M m = 50000; repeated fixed32 n = 50001; }
service S { rpc A(M) returns (stream q.N); rpc B(stream M) returns (M); }
"""
OTHER = """\
syntax = "proto3";
package q;
enum E { Z = 0; N1 = -1; }
message N { optional double d = 1; float f = 2; }
"""
EDITION = """\
edition = "2023";
package ed;
option features.field_presence = IMPLICIT;
enum Closed { option features.enum_type = CLOSED; ONE = 1; }
message M {
  string a = 1;
  int32 b = 2 [features.field_presence = EXPLICIT];
  M c = 3 [features.message_encoding = DELIMITED];
}
"""


def types(files: Iterable[pb.FileDescriptorProto]) -> list[str]:
    """The files as text, without what is not printed."""
    told = []
    for file in files:
        for nested in file.message_type:
            nested.nested_type.sort(key=lambda one: one.name)
            nested.field.sort(key=lambda one: one.number)
        told.append(str(file))
    return told


def test_a_printed_descriptor_declares_the_same() -> None:
    files = {"p.proto": EVERYTHING, "q.proto": OTHER, "ed.proto": EDITION}
    first = [one for one in image_of(files) if one.name in files]
    for file in first:
        file.ClearField("source_code_info")
    again = image_of({one.name: (printed(one) or b"").decode() for one in first})
    second = [one for one in again if one.name in files]
    for file in (*first, *second):
        file.ClearField("source_code_info")
        for message in file.message_type:
            for field in message.field:
                if not field.options.HasField("features"):
                    field.ClearField("options")
    assert types(second) == types(first)


def test_a_descriptor_without_end_is_not_printed() -> None:
    file = pb.FileDescriptorProto(name="a.proto")
    message = file.message_type.add(name="M")
    for _ in range(90):
        message = message.nested_type.add(name="M")
    assert printed(file) is None


def test_a_remedy_names_the_module_and_the_command(cache: Path) -> None:
    files = importing("envoy/type/v3/percent.proto", "envoy.type.v3.Percent")
    assert undecided(files) == [
        'a.proto:3 import "envoy/type/v3/percent.proto" is in neither the repository nor buf\'s cache. '
        "`buf export buf.build/envoyproxy/envoy -o third_party` writes it into the repository: stage it and "
        "commit again, or let the hook have xds-protos (additional_dependencies)"
    ]
    files["buf.yaml"] = "version: v2\ndeps: [buf.build/envoyproxy/envoy]\n"
    assert "`buf dep update && buf build` (it is in buf.build/envoyproxy/envoy)" in undecided(files)[0]


def test_a_submodule_is_named(cache: Path) -> None:
    files = {
        ".gitmodules": '[submodule "money"]\n\tpath = third_party/money\n\turl = ../money\n',
        "cart.proto": CART,
    }
    assert "or copy it from third_party/money (submodules are not looked into)" in undecided(files)[0]


def test_a_compile_error_says_when_a_package_served_what_a_commit_was_pinned_for(cache: Path) -> None:
    files = {
        "buf.yaml": "version: v2\ndeps: [buf.build/googleapis/googleapis]\n",
        "buf.lock": f"version: v2\ndeps: [{{name: buf.build/googleapis/googleapis, commit: {COMMIT}}}]\n",
        **importing("google/type/money.proto", "google.type.NewerThanThePackage"),
    }
    told = undecided(files)[0]
    assert "google/type/money.proto was read from a package, not from the commit in buf.lock" in told
    assert told.endswith("or run `buf build` once")


@pytest.mark.parametrize(
    "folder", ["third_party", "vendor/example.com/acme", "proto_vendor", "bazel/third_party"]
)
def test_a_vendored_copy_serves(scratch: Make, cache: Path, folder: str) -> None:
    repository = scratch({"api/cart.proto": CART, f"{folder}/{NAME}": MONEY})
    repository.replace("api/cart.proto", "total = 1", "total = 2")
    report = inspect(Request(repository.root, "pre-commit"))
    assert report.undecided == ()
    assert report.exit_code == 1


def test_the_table_of_sources_is_in_order() -> None:
    prefixes = [one.prefix for one in SOURCES]
    hidden = [(a, b) for i, a in enumerate(prefixes) for b in prefixes[i + 1 :] if b.startswith(a)]
    assert hidden == []
    assert len(set(prefixes)) == len(prefixes)
    assert all(one.module or one.distribution for one in SOURCES)


def test_nothing_is_asked_of_a_network(cache: Path, scratch: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    real = subprocess.Popen

    def spying(argv: list[str], *args: object, **kwargs: object) -> object:
        started.append(argv)
        return real(argv, *args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", spying)
    repository = scratch(FILES)
    repository.replace("cart.proto", "total = 1", "total = 2")
    assert inspect(Request(repository.root, "pre-commit")).exit_code == 3
    assert {Path(argv[0]).name for argv in started} <= {"git", "buf"}
    assert not any(word in argv for argv in started for word in ("export", "dep", "mod", "fetch"))
