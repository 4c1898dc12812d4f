"""Readers of what stands aside of contracts: attributes, pointers of Git LFS, who installs charts, what a
chart packs, imports that are nowhere."""

from __future__ import annotations

import io
import tarfile
from functools import cache

from hostile import strategies
from hostile.target import Target
from workspai_hooks.changes import attributes, deployed
from workspai_hooks.contracts.helm.led_out import led_out
from workspai_hooks.contracts.protobuf import standin
from workspai_hooks.tools import lfs, staged

_ATTRIBUTES = (
    b"# generated\n*.pb.go linguist-generated=true\n/gen/** linguist-generated\n!x -text\n",
    b'[attr]made linguist-generated -diff\n"a b/*.go" made\nd/[!a-c]?*.py -linguist-generated eol=lf\n',
)
_POINTER = (
    b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"4d" * 32 + b"\nsize 12345\n",
    b"version https://hawser.github.com/spec/v1\next-0-x sha256:" + b"0a" * 32 + b"\nsize -1\n",
)
_INSTALLS = (
    b"helm upgrade --install shop ./charts/shop -f env/prod.yaml --set-file a.b=env/x.json\n",
    b"spec: {source: {path: charts/shop, helm: {valueFiles: [../../env/prod.yaml]}}}\n",
)
_SCHEMA = (
    b'{"$schema": "http://json-schema.org/draft-07/schema#", "items": {"a": {"$ref": "#/definitions/A"}}}',
    b'{"allOf": [{"$ref": "file:///etc/passwd"}, {"$ref": "http://127.0.0.1:1/x"}]}',
)
_OPTIONS = (
    b'import "validate/validate.proto";\npackage a;\nmessage A {\n  option (validate.disabled) = true;\n'
    b'  string b = 1 [(validate.rules).string = {min_len: 1, in: ["a", "]"]}, deprecated = true];\n}\n',
    b"message A { repeated B c = 2 [(.validate.rules).repeated.items = {message: {skip: true}}]; }\n",
)
_INDEX = (b"DIRC\0\0\0\2" + b"\0" * 60 + b"\0\6a/Chart.yaml\0\0\0", b"\0\5x.env\0" * 3)


@cache
def _packed() -> tuple[bytes, ...]:
    made = []
    for data in _SCHEMA:
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w:gz") as archive:
            for name in ("c/Chart.yaml", "c/values.schema.json"):
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
        made.append(out.getvalue())
    return tuple(made)


def _marked(data: bytes) -> None:
    files = {".gitattributes": data, "gen/.gitattributes": data}
    attributes.marked(files, ("a.pb.go", "gen/x/y.py", "a b/c.go", "d/xy.py"))


def _without_options(data: bytes) -> None:
    package = standin.package_for("validate/validate.proto", data, "a")
    text = standin.without_options(data, ["validate"] if package is None else [package])
    assert text.count(b"\n") == data.count(b"\n"), "a line moved"


TARGETS = (
    Target("attributes", _marked, lambda: _ATTRIBUTES, strategies.code),
    Target("git lfs: pointers", lambda data: lfs.pointer(data), lambda: _POINTER, strategies.code),
    Target(
        "who installs a chart",
        lambda data: deployed.may_install("deploy.sh", [data]) or deployed.may_install("a/b.yaml", [data]),
        lambda: _INSTALLS,
        strategies.code,
    ),
    Target("schemas of values", lambda data: led_out("values.schema.json", data), lambda: _SCHEMA),
    Target("packed charts", lambda data: led_out("charts/a.tgz", data), _packed, strategies.raw),
    Target("options of imports that are nowhere", _without_options, lambda: _OPTIONS, strategies.code),
    Target(
        "git: names in the index",
        lambda data: staged._named(data, ("Chart.yaml", ".env")),
        lambda: _INDEX,
        strategies.raw,
    ),
)
