"""Readers of configuration, of other repositories' facts, of the index, and of what tools answer."""

from __future__ import annotations

import contextlib
import io
import os
import sqlite3
import tempfile
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path

import msgspec

from hostile import seeds, strategies
from hostile.target import Target
from workspai_hooks import configuration
from workspai_hooks.approvals import file as approved
from workspai_hooks.approvals.described import in_descriptions
from workspai_hooks.approvals.inline import in_comments
from workspai_hooks.changes.pushes import pushed_by_git
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.errors import UndecidedError, UsageError
from workspai_hooks.findings import Approval
from workspai_hooks.kept.rows import DamagedError, unpacked
from workspai_hooks.remote.pack import _HEAD, _MAGIC, RefusedError, _digest, name_of
from workspai_hooks.remote.pack import decoded as decoded_pack
from workspai_hooks.remote.pack import encoded as encoded_pack
from workspai_hooks.source import Location
from workspai_hooks.store import Store, version
from workspai_hooks.tools import buf, entries, helm, oasdiff, staged
from workspai_hooks.workspace.elsewhere.known import Elsewhere
from workspai_hooks.workspace.elsewhere.layout import (
    Contract,
    Edge,
    FactsError,
    FactsFile,
    Held,
    Opaque,
    Package,
    Place,
    Repository,
    Service,
    Unfollowed,
    Unread,
    Use,
    decode,
    encode,
)
from workspai_hooks.workspace.elsewhere.listed import Listed
from workspai_hooks.workspace.elsewhere.merged import apart

CONFIGURED = partial(seeds.texts, "test_configuration", "test_facts")
_APPROVED = (
    b"""# Ours.

# why
- {rule: WSP101, element: "a.v1.A.x", change: "x \\u2192 y", reason: "b", owner: "@w", expires: 2027-01-31}
- rule: field-removed  # twice
  element: a
  reason: >
    of
    lines
  owner: me
  expires: '2027-01-31'
""",
    b"- {rule: WSP101, element: a}\n# b\n- {rule: WSP104, element: b, change: c}\n",
    b"""syntax = "proto3";
package a.v1;
// workspai: approve field-removed A.x --reason "b c" --owner @web --expires 2027-01-31
/* workspai: approve WSP104 A.y --reason x --owner y --expires 2027-01-31 */
""",
    b"""openapi: 3.0.3
x-workspai-approve: {rule: WSP101, element: GET /a, reason: b, owner: c, expires: 2027-01-31}
paths:
  /a:
    get:
      x-workspai-approve:
        - {rule: property-removed, element: response.200.a, reason: b, owner: c, expires: 2027-01-31}
""",
)


def _approved() -> Sequence[bytes]:
    return (*_APPROVED, *_APPROVED, *seeds.texts("test_approvals"))


FACTS = FactsFile(
    "workspai-hooks/facts/1",
    Repository("web", "github.com/shop/web", "a" * 40),
    [Service("web", ["www"], ["web:80"], ["@web"], ["a.v1.Carts/Get"], ["b.v1.B"]), Service("db")],
    [Edge(0, 1, "grpc", [Place("a.go", 1)])],
    [
        Package(
            "a.v1",
            ["a.go"],
            ["GetX", "stub"],
            {"a.v1.A.x": [Use(0, 0, 1, 1, 0, 1, 0)]},
            [Contract(["a.v1.A", "a.v1.A.x"], [Held(0, 0, 1)])],
            {"a.v1.A": [Unfollowed(0, 1)]},
        )
    ],
    [Opaque(0, "a_pb2.py", "a.proto")],
    [Unread("a.v1", "b.proto:1", "does not compile")],
)


def configured(data: bytes) -> None:
    configuration.read(data)


def approvals(data: bytes) -> None:
    """Both files; what `approve` writes anew says the same, and what was added."""
    for path in (approved.APPROVALS, approved.BASELINE):
        before = approved.read(data, path)
        more = Approval("WSP101", 'a.v1.A."x"', Location(path), "é", "why \n#", "@web", "2027-01-31")
        after = approved.read(approved.edited(data, path, add=[more]).encode(), path)
        assert {_said_by(one) for one in after} == {_said_by(one) for one in (*before, more)}
        approved.edited(data, path, drop=before)


def _said_by(one: Approval) -> str:
    return approved.line_of(one)


def inline_approvals(path: str, data: bytes) -> None:
    if path.endswith(".proto"):
        in_comments({path: data})
    else:
        in_descriptions(Snapshot.of({path: data}))


def user_configured(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "workspai").mkdir()
        (Path(folder) / "workspai" / "config.yaml").write_bytes(data)
        before = os.environ.get("XDG_CONFIG_HOME")
        os.environ["XDG_CONFIG_HOME"] = folder
        try:
            configuration.user_facts()
        finally:
            os.environ.pop("XDG_CONFIG_HOME")
            if before is not None:
                os.environ["XDG_CONFIG_HOME"] = before


def facts(data: bytes) -> None:
    snapshot = Snapshot.of({"facts.json": data, "more.json": encode(FACTS)})
    elsewhere = Elsewhere(snapshot, Path(), [Listed("facts.json"), Listed("more.json")])
    names = elsewhere.merged.names
    elsewhere.uses(["a.v1"], frozenset({"a.v1.A.x"}))
    elsewhere.undecided({"a.v1"})
    for name in names:
        number = elsewhere.number_of(name)
        if number is not None:
            elsewhere.repository_of(number)
            elsewhere.owners(number)
            elsewhere.serves(number)
    apart(decode(data))


_SCHEMA = {Store.key(f"k{number}"): f"value {number} " * (number * 9) for number in range(60)}


@cache
def _index() -> tuple[bytes, ...]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kept" / "index.sqlite"
        store = Store(path)
        store.remember("schema", _SCHEMA)
        store.close()
        ours = path.read_bytes()
        foreign = Path(folder) / "foreign.sqlite"
        with contextlib.closing(sqlite3.connect(foreign)) as connection, connection:
            connection.execute("CREATE TABLE facts (kind, key, data)")
            connection.execute("CREATE VIEW v AS SELECT * FROM facts")
            connection.execute("PRAGMA user_version = 3")
        return ours, ours[: len(ours) // 2], foreign.read_bytes()


def index(data: bytes) -> None:
    """Whatever stands in the file: what is recalled is what was remembered, and the next run can keep."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()):
        path = Path(folder) / "kept" / "index.sqlite"
        path.parent.mkdir()
        path.write_bytes(data)
        store = Store(path)
        for key, value in store.recall("schema", _SCHEMA, str).items():
            assert value == _SCHEMA[key], "a fact that nobody kept"
        store.remember("schema", {b"new": "fact"})
        store.close()
        assert Store(path).recall("schema", [b"new"], str) in ({b"new": "fact"}, {})
        beside = {one.name for one in Path(folder).rglob("*")}
        assert beside <= {"kept", "index.sqlite", "index.sqlite-wal", "index.sqlite-shm"}, beside


PACK = name_of("forge.example/books/letters")
_PACKED = encoded_pack(
    PACK, [(f"schema {version('schema')}", key, value.encode()) for key, value in _SCHEMA.items()], b""
)


def pack_of_others(data: bytes) -> None:
    """As it is, and as one who can write the store would pass it off."""
    body = data.removeprefix(_PACKED[:_HEAD])
    for whole in (data, _MAGIC + b"\0" + _digest(PACK, body, b"") + body):
        with contextlib.suppress(RefusedError):
            for row in decoded_pack(PACK, whole, b""):
                with contextlib.suppress(DamagedError):
                    unpacked(*row)


def pushed(data: bytes) -> None:
    pushed_by_git(data.decode("utf-8", "surrogateescape"))


def glanced(data: bytes) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        git = staged.Git(env={"GIT_INDEX_FILE": file.name})
        git.may_list((".proto",))
        git.may_have_links()


def git_raw(data: bytes) -> None:
    list(entries.differences(data))


def git_glance(data: bytes) -> None:
    staged._rows(os.fsdecode(data))


def helm_said(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    helm.read_documents(text)
    helm.read_faults(f"Error: {text}", Path("/tmp/chart"), [])


def _said(*rows: object) -> Sequence[bytes]:
    return tuple(msgspec.json.encode(row) for row in rows)


_BUF = _said(
    {"path": "a.proto", "start_line": 1, "start_column": 2, "type": "FIELD_NO_DELETE", "message": "gone"},
    {"path": "a.proto", "type": "COMPILE", "message": "x"},
)
_OASDIFF = _said(
    [{"id": "a", "text": "b", "level": 3, "operation": "GET", "path": "/a", "section": "paths"}],
    [{"id": "a", "text": "b", "level": 1, "baseSource": {"file": "a", "line": 1, "column": 1}}],
    [{"id": "a", "text": "b", "level": 1, "sharedSchema": {"name": "A", "properties": ["x"], "count": 2}}],
)
_ZERO, _ID = "0" * 40, "a1" * 20
_RAW = (
    f":000000 100644 {_ZERO} {_ID} A\0a.proto\0:100644 100644 {_ID} {_ID} M\0b c.proto\0".encode(),
    f":100644 000000 {_ID} {_ZERO} D\0x\0:000000 000000 {_ZERO} {_ZERO} U\0y\0".encode(),
)
_PUSHED = (
    f"refs/heads/a {_ID} refs/heads/a {_ZERO}\n".encode(),
    f"(delete) {_ZERO} refs/heads/b {_ID}\nrefs/tags/v1 {_ID} refs/tags/v1 {_ID}\n".encode(),
)
_DIRC = (b"DIRC\0\0\0\2\0\0\0\1" + b"\0" * 60 + b"\0\7a.proto\0\0", b"DIRC\0\0\0\4" + b"\xff" * 80)
_HELM = (
    b"---\n# Source: c/templates/s.yaml\napiVersion: v1\nkind: Service\nmetadata: {name: a}\n",
    b"template: c/templates/s.yaml:3:14: executing at <.Values.x>: nil pointer",
    b"values don't meet the specifications of the schema(s) in the following:\nc:\n- at '/a': got string",
    b"YAML parse error on c/templates/s.yaml: error converting YAML to JSON: yaml: line 5: did not find",
)

TARGETS = (
    Target("configuration: .workspai.yaml", configured, CONFIGURED, strategies.documents, (UsageError,)),
    Target("configuration: the user's", user_configured, CONFIGURED, strategies.documents, (UsageError,)),
    Target("approvals: files", approvals, _approved, strategies.documents, (UsageError,)),
    *(
        Target(f"approvals: {path}", partial(inline_approvals, path), _approved, form, (UsageError,))
        for path, form in (("a.proto", strategies.code), ("api.yaml", strategies.documents))
    ),
    Target(
        "facts of others",
        facts,
        lambda: (encode(FACTS), *seeds.texts("test_facts", having="{")),
        strategies.documents,
        (FactsError,),
    ),
    Target("the index", index, _index, strategies.raw),
    Target("packs of others", pack_of_others, lambda: (_PACKED, _PACKED[_HEAD:]), strategies.raw),
    Target("git: pushed refs", pushed, lambda: _PUSHED, refuses=(UsageError,)),
    Target("git: the index at a glance", glanced, lambda: _DIRC, strategies.raw),
    Target("git: raw differences", git_raw, lambda: _RAW, strategies.raw, (UndecidedError,)),
    Target("git: raw differences at a glance", git_glance, lambda: _RAW, strategies.raw, (OSError,)),
    Target(
        "buf: rows", lambda data: buf.read_rows(data), lambda: _BUF, strategies.documents, (UndecidedError,)
    ),
    Target(
        "oasdiff: rows",
        lambda data: oasdiff.read_rows(data, Path("/a/b"), Path("/a/c")),
        lambda: _OASDIFF,
        strategies.documents,
        (UndecidedError,),
    ),
    Target("helm: what it says", helm_said, lambda: _HELM),
)
