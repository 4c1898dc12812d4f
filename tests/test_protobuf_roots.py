"""Import roots of layouts nobody announced: what imports mean, what is compiled, what can't be."""

from __future__ import annotations

from pathlib import Path

import pytest

from workspai_hooks.changes.snapshot import Entry, Snapshot
from workspai_hooks.contracts.protobuf.declared import schema_of
from workspai_hooks.contracts.protobuf.scan import scan, with_imports
from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.tools.buf import resolve_buf


def schema(files: dict[str, str], links: dict[str, str] | None = None) -> tuple[Schema, list[str]]:
    found, undecided = schema_of(linked(files, links or {}), resolve_buf())
    return found, [f"{item.what} {item.why}" for item in undecided]


def linked(files: dict[str, str], links: dict[str, str]) -> Snapshot:
    plain = Snapshot.of({**files, **links})
    entries = {
        path: Entry("120000", entry.blob) if path in links else entry for path, entry in plain.entries.items()
    }
    return Snapshot(plain.name, entries, plain.reader)


def proto(package: str, body: str = "", *imports: str) -> str:
    lines = "".join(f'import "{name}";\n' for name in imports)
    return f'syntax = "proto3";\npackage {package};\n{lines}{body}\n'


COMMON = proto("common.v1", "message Money { int64 units = 1; }")
CART = proto("cart.v1", "message Cart { common.v1.Money total = 1; }", "common/v1/money.proto")
LAYOUTS = {
    "root": ({"common/v1/money.proto": COMMON, "cart/v1/cart.proto": CART}, "cart/v1/cart.proto"),
    "protos": (
        {"protos/common/v1/money.proto": COMMON, "protos/cart/v1/cart.proto": CART},
        "cart/v1/cart.proto",
    ),
    "two roots": ({"lib/pb/common/v1/money.proto": COMMON, "src/x/pb/cart.proto": CART}, "cart.proto"),
    "maven": (
        {
            "core/src/main/proto/common/v1/money.proto": COMMON,
            "cart/src/main/proto/cart/v1/cart.proto": CART,
        },
        "cart/v1/cart.proto",
    ),
    "third_party": (
        {"third_party/common/v1/money.proto": COMMON, "api/proto/cart/v1/cart.proto": CART},
        "cart/v1/cart.proto",
    ),
    "buf v1 workspace": (
        {
            "buf.work.yaml": "version: v1\ndirectories: [a, b]\n",
            "a/common/v1/money.proto": COMMON,
            "b/cart/v1/cart.proto": CART,
        },
        "cart/v1/cart.proto",
    ),
    "buf v2 modules": (
        {
            "buf.yaml": "version: v2\nmodules:\n  - path: a\n  - path: b/x\n",
            "a/common/v1/money.proto": COMMON,
            "b/x/carts/cart.proto": CART,
        },
        "carts/cart.proto",
    ),
    "buf v1beta1 roots": (
        {
            "p/buf.yaml": "version: v1beta1\nbuild:\n  roots: [one, two]\n",
            "p/one/common/v1/money.proto": COMMON,
            "p/two/cart.proto": CART,
        },
        "cart.proto",
    ),
    "odd names": (
        {"a b/ü/common/v1/money.proto": COMMON, "a b/ü/x%41 'y'/cart.proto": CART},
        "cart.proto",
    ),
    "hidden folder": ({".gen/common/v1/money.proto": COMMON, ".gen/cart.proto": CART}, "cart.proto"),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_layout(name: str) -> None:
    files, import_path = LAYOUTS[name]
    found, undecided = schema(files)
    assert undecided == []
    assert set(found.messages) == {"common.v1.Money", "cart.v1.Cart"}
    cart = found.messages["cart.v1.Cart"]
    assert cart.fields["total"].type == "common.v1.Money"
    assert found.files[cart.file].import_path == import_path
    assert cart.location.line == 4
    assert {file.path for file in found.files.values()} == {path for path in files if path.endswith(".proto")}


def test_the_nearest_copy_is_meant() -> None:
    other = COMMON.replace("units", "cents")
    files = {
        "a/common/v1/money.proto": COMMON,
        "b/common/v1/money.proto": other,
        "b/cart/cart.proto": CART,
        "a/shop/shop.proto": proto(
            "shop.v1", "message S { common.v1.Money m = 1; }", "common/v1/money.proto"
        ),
    }
    found, undecided = schema(files)
    assert undecided == []
    assert found.files["b/cart/cart.proto"].imports == ("b/common/v1/money.proto",)
    assert found.files["a/shop/shop.proto"].imports == ("a/common/v1/money.proto",)


def test_a_file_that_imports_its_own_name_means_another_ones() -> None:
    files = {
        "order/conf/conf.proto": proto("order.conf", "message All { .conf.Data d = 1; }", "conf/conf.proto"),
        "pkg/conf/conf.proto": proto("conf", "message Data { string address = 1; }"),
    }
    found, undecided = schema(files)
    assert undecided == []
    assert found.files["order/conf/conf.proto"].imports == ("pkg/conf/conf.proto",)


def test_one_file_imported_under_two_names() -> None:
    files = {
        "protos/money.proto": COMMON,
        "protos/a.proto": proto("a", "message A { common.v1.Money m = 1; }", "money.proto"),
        "b.proto": proto(
            "b", "message B { common.v1.Money m = 1; a.A a = 2; }", "protos/money.proto", "protos/a.proto"
        ),
    }
    found, undecided = schema(files)
    assert undecided == []
    assert {"a.A", "b.B", "common.v1.Money"} <= set(found.messages)


def test_an_import_root_above_the_repository() -> None:
    """As in a GOPATH: the repository stands in a folder that the import names."""
    importer = proto(
        "a", "message A { common.v1.Money m = 1; }", "github.com/org/repo/api/common/money.proto"
    )
    found, undecided = schema({"api/common/money.proto": COMMON, "api/a.proto": importer})
    assert undecided == []
    assert found.files["api/a.proto"].imports == ("api/common/money.proto",)


def test_googles_common_protos_come_with_us() -> None:
    body = (
        "message A { google.type.Money m = 1; }\n"
        'service S { rpc Get(A) returns (A) { option (google.api.http) = { get: "/a" }; } }'
    )
    names = ("google/api/annotations.proto", "google/type/money.proto")
    found, undecided = schema({"api/a.proto": proto("a", body, *names)})
    assert undecided == []
    assert found.messages["a.A"].fields["m"].type == "google.type.Money"


@pytest.mark.parametrize("name", ["google/../../x.proto", "google/api/no_such.proto"])
def test_nothing_else_comes_with_us(name: str) -> None:
    (question,) = schema({"a.proto": proto("a", "", name)})[1]
    assert question.startswith("a.proto:3")


def test_an_import_of_a_file_that_moved_is_to_be_mended() -> None:
    _, undecided = schema_of(
        linked({"v1/money.proto": COMMON, "a.proto": proto("a", "", "old/money.proto")}, {}), resolve_buf()
    )
    assert [(item.what, item.remedy) for item in undecided] == [
        ("a.proto:3", "mend the import, it may mean v1/money.proto; stage it and commit again")
    ]


def test_copies_with_the_same_import_path() -> None:
    files = {f"src/{name}/proto/demo.proto": proto("demo", "message D { int32 a = 1; }") for name in "abc"}
    files["src/a/proto/user.proto"] = proto("user", "message U { demo.D d = 1; }", "demo.proto")
    found, undecided = schema(files)
    assert undecided == []
    assert set(found.files) == set(files)
    assert found.messages["demo.D"].file == "src/a/proto/demo.proto"
    assert found.files["src/a/proto/user.proto"].imports == ("src/a/proto/demo.proto",)


def test_vendored_well_known_files() -> None:
    stamp = "message Timestamp { int64 seconds = 1; int32 nanos = 2; }"
    files = {
        "third_party/google/protobuf/timestamp.proto": proto("google.protobuf", stamp),
        "a.proto": proto(
            "a", "message A { google.protobuf.Timestamp t = 1; }", "google/protobuf/timestamp.proto"
        ),
    }
    found, undecided = schema(files)
    assert undecided == []
    assert {"a.A", "google.protobuf.Timestamp"} <= set(found.messages)


def test_a_missing_import_is_told_with_its_line() -> None:
    files = {
        "a.proto": proto("a", "", "acme/none.proto"),
        "b.proto": proto("b", "message B { int32 a = 1; }"),
        "c.proto": proto("c", "", "a.proto"),
    }
    found, undecided = schema(files)
    assert undecided == ['a.proto:3 import "acme/none.proto" is in neither the repository nor buf\'s cache']
    assert set(found.messages) == {"b.B"}


def test_dependencies_come_from_bufs_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUF_CACHE_DIR", str(tmp_path))
    files = {
        "buf.yaml": "version: v1\ndeps: [buf.build/acme/money]\n",
        "buf.lock": "deps: [{remote: buf.build, owner: acme, repository: money, commit: abc1}]\n",
        "cart/v1/cart.proto": CART,
    }
    found, undecided = schema(files)
    assert found.messages == {}
    assert undecided[0].startswith("cart/v1/cart.proto:3 ")
    cached = tmp_path / "v3/modules/b5/buf.build/acme/money/abc1/files"
    for path, text in {
        "common/v1/money.proto": proto("common.v1", "message Money { other.O o = 1; }", "other/o.proto"),
        "other/o.proto": proto("other", "message O {}"),
    }.items():
        (cached / path).parent.mkdir(parents=True, exist_ok=True)
        (cached / path).write_text(text)
    found, undecided = schema(files)
    assert undecided == []
    assert set(found.messages) == {"cart.v1.Cart"}


@pytest.mark.parametrize(
    "lock",
    [
        "{{remote: buf.build, owner: acme, repository: money, commit: ../../../../../../../{up}}}",
        "{{remote: '{outside}', owner: acme, repository: money, commit: abc1}}",
        "{{remote: buf.build, owner: ../../../../.., repository: '{up}', commit: .}}",
    ],
)
def test_a_lock_file_does_not_lead_out_of_bufs_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lock: str
) -> None:
    monkeypatch.setenv("BUF_CACHE_DIR", str(tmp_path / "cache"))
    outside = tmp_path / "other"
    for folder in (outside, outside / "acme/money/abc1"):
        (folder / "files/common/v1").mkdir(parents=True)
        (folder / "files/common/v1/money.proto").write_text(proto("common.v1", "message Money {}"))
    for kind in ("b5", "b4", "shake256"):
        (tmp_path / "cache/v3/modules" / kind / "buf.build/acme/money").mkdir(parents=True)
    row = lock.format(outside=outside, up="other")
    files = {
        "buf.yaml": "version: v1\ndeps: [buf.build/acme/money]\n",
        "buf.lock": f"deps: [{row}]\n",
        "cart/v1/cart.proto": CART,
    }
    found, undecided = schema(files)
    assert found.messages == {}
    assert undecided[0].startswith("cart/v1/cart.proto:3 ")


def test_the_remedy_for_a_registry_names_its_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUF_CACHE_DIR", str(tmp_path))
    files = {"buf.yaml": "version: v2\ndeps: [buf.build/acme/money]\n", "cart.proto": CART}
    _, undecided = schema_of(Snapshot.of(files), resolve_buf())
    assert "buf.build/acme/money" in undecided[0].remedy
    assert "buf dep update" in undecided[0].remedy


def test_excluded_files_serve_as_imports_only() -> None:
    files = {
        "buf.yaml": "version: v1\nbuild:\n  excludes: [common]\n",
        "common/v1/money.proto": COMMON,
        "cart/v1/cart.proto": CART,
    }
    found, undecided = schema(files)
    assert undecided == []
    assert set(found.messages) == {"cart.v1.Cart"}


def test_links() -> None:
    files = {"real/common/v1/money.proto": COMMON, "svc/cart.proto": CART}
    found, undecided = schema(files, {"svc/common/v1/money.proto": "../../../real/common/v1/money.proto"})
    assert undecided == []
    assert found.files["svc/cart.proto"].imports == ("real/common/v1/money.proto",)
    _, undecided = schema(
        {"svc/cart.proto": CART}, {"svc/common/v1/money.proto": "../../../../../etc/passwd"}
    )
    assert len(undecided) == 1
    assert undecided[0].startswith("svc/cart.proto:3 ")


def test_link_loops_end() -> None:
    _, undecided = schema({"a.proto": COMMON}, {"b.proto": "c.proto", "c.proto": "b.proto", "d": "d/d"})
    assert undecided == []


def test_broken_configuration_is_told() -> None:
    found, undecided = schema({"buf.yaml": "version: [", "a.proto": COMMON})
    assert set(found.messages) == {"common.v1.Money"}
    assert [item.split()[0] for item in undecided] == ["buf.yaml"]


@pytest.mark.parametrize(
    "text", ["version: v2\nmodules: 3\n", "[]", "3", "version: v2\nmodules: [[], 3, {path: 7}]\n"]
)
def test_strange_configuration_does_no_harm(text: str) -> None:
    found, _ = schema({"buf.yaml": text, "a.proto": COMMON, "buf.work.yaml": "directories: {a: b}"})
    assert len(found.messages) <= 1


def test_scan_reads_statements_only() -> None:
    text = b"""// import "a.proto";
/* package no; import "b.proto"; message C { */
syntax = "proto3"; package /* x */ real . pkg ;
import public 'c.proto'; import // why
  "d.proto";
option (x) = { message: "import \\"e.proto\\";" };
message M { string s = 1; message N {} enum E { A = 0; } }
extend google.protobuf.FieldOptions { string tag = 50001; // no = 3
}
service S { rpc R(M) returns (M); }
"""
    found = scan(text)
    assert found.package == "real.pkg"
    assert [(item.name, item.line, item.public) for item in found.imports] == [
        ("c.proto", 4, True),
        ("d.proto", 4, False),
    ]
    assert {"real.pkg.M", "real.pkg.S", "real.pkg.tag"} <= found.symbols
    assert "real.pkg.N" not in found.symbols
    rewritten = with_imports(text, found, {"d.proto": "x/long/d.proto"})
    assert rewritten.count(b"\n") == text.count(b"\n")
    assert [item.name for item in scan(rewritten).imports] == ["c.proto", "x/long/d.proto"]


@pytest.mark.parametrize(
    "text", [b"", b"/*", b'"', b"import", b"message {" * 1000, b"\xff\xfe" * 100, b"}}}}", b"package ;"]
)
def test_scan_never_fails(text: bytes) -> None:
    assert scan(text).imports == ()
