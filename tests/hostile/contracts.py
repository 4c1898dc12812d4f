"""Readers of contracts: protobuf, OpenAPI, charts and manifests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from functools import cache, partial
from typing import Any

from hostile import seeds, strategies
from hostile.kept import kept
from hostile.target import Target
from workspai_hooks.breaking.helm.comparison import compare as compare_deployed
from workspai_hooks.breaking.narrowed import narrowed
from workspai_hooks.changes import retired_words
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.helm import documents, nodes, reads, semver
from workspai_hooks.contracts.helm.charts import inputs, own_files, parts, read_chart, takers
from workspai_hooks.contracts.helm.installations import find as find_installations
from workspai_hooks.contracts.helm.installations import of_chart, setters
from workspai_hooks.contracts.helm.kustomize.build import build as build_kustomization
from workspai_hooks.contracts.helm.references import references_of
from workspai_hooks.contracts.helm.routes import entries, listeners
from workspai_hooks.contracts.helm.side import Side
from workspai_hooks.contracts.helm.template_lines import TemplateText
from workspai_hooks.contracts.helm.values import assignments, leaves, merged, nested
from workspai_hooks.contracts.openapi import narrow, validity, yaml_blocks, yaml_text
from workspai_hooks.contracts.openapi.bounds import Unreadable
from workspai_hooks.contracts.openapi.description import Description
from workspai_hooks.contracts.openapi.difference import differing
from workspai_hooks.contracts.openapi.json_text import JsonLines
from workspai_hooks.contracts.openapi.library import Library, has_twice, read_text
from workspai_hooks.contracts.openapi.named import Names, operation_names
from workspai_hooks.contracts.openapi.narrow import Narrowed
from workspai_hooks.contracts.openapi.outline import outline, outlines, reaching
from workspai_hooks.contracts.openapi.pieces import Pieces
from workspai_hooks.contracts.openapi.places import Place
from workspai_hooks.contracts.openapi.reduced import named_alternatives, reduce
from workspai_hooks.contracts.protobuf import bufconfig, describe, images, pieces, serialized
from workspai_hooks.contracts.protobuf.embedded import descriptor
from workspai_hooks.contracts.protobuf.mentioned import names_in
from workspai_hooks.contracts.protobuf.scan import scan, with_imports
from workspai_hooks.contracts.protobuf.tree import Blobs, Tree
from workspai_hooks.errors import UndecidedError
from workspai_hooks.resilience import shapes
from workspai_hooks.source import Location
from workspai_hooks.stubs import holders
from workspai_hooks.stubs.descriptors import elements_of
from workspai_hooks.stubs.methods import methods
from workspai_hooks.stubs.openapi import Candidate, differences, match
from workspai_hooks.stubs.openapi_clients import Client, carried_text, find_clients
from workspai_hooks.stubs.openapi_declared import declared, of_text
from workspai_hooks.tools.buf import Buf, build, resolve_buf

PROTOS = partial(seeds.files, ".proto")
OPENAPI = partial(seeds.texts, "test_openapi*", "openapi_*", "test_breaking_openapi", having="paths")
OPENAPI_JSON = cache(lambda: tuple(map(as_json, OPENAPI())))
DEPLOYED = partial(seeds.texts, "deployed", "test_*helm*", having="apiVersion")
KUSTOMIZED = partial(seeds.texts, "test_kustomize")
VALUES = partial(seeds.texts, "test_breaking_helm_charts", "test_helm*", "test_deployed_verdicts")


def as_json(text: bytes) -> bytes:
    """A description as JSON; what is none, as it is."""
    try:
        return json.dumps(read_text(text), indent=2).encode()
    except (Unreadable, UnicodeEncodeError):
        return text


def protobuf(data: bytes) -> None:
    with_imports(data, scan(data), {"a": "b", "google/protobuf/any.proto": "c"})
    names_in(data)
    Tree(Snapshot.of({"a/b.proto": data, "c.proto": data[:500]}), Blobs()).unreadable("a/b.proto")
    kept(holders.declared_names(data), frozenset[str])
    retired_words.retired_in(data)
    retired_words.declared_in(data)
    said = retired_words.Spoken(retired_words.added_lines([data[:200]], [("a.go", data)]))
    said.of(["quantity", "is_a"])


def buf_configuration(data: bytes) -> None:
    for name in ("buf.yaml", "buf.work.yaml", "buf.lock"):
        modules, _ = bufconfig.read_modules(Snapshot.of({name: data, f"a/{name}": data, "a/b.proto": ""}))
        bufconfig.module_of(modules, "a/b.proto")
        any(module.holds("a/b.proto") for module in modules)


def image(data: bytes) -> None:
    names = [serialized.name_of(file) for file in serialized.files_of(data)]
    images._too_deep(data)
    serialized.as_imports(data, names[:1])
    serialized.renamed(data, {"a/b.proto": "c.proto"})
    pieces._pieces(data)
    fewer = serialized.image_of(list(serialized.files_of(data))[1:])
    narrowed(data, fewer, names, names[1:])
    describe.describe(data, [serialized.repository_path(name) for name in names], lambda path: path)


@cache
def IMAGES() -> tuple[bytes, ...]:
    buf: Buf = resolve_buf()
    return tuple(build(buf, {"a.proto": data}).image for data in PROTOS() if b"\nimport" not in data)


def stub(path: str, data: bytes) -> None:
    file = descriptor(data, path)
    if file is not None:
        kept(elements_of(file), frozenset[str])
    kept(methods(data), frozenset[str])
    snapshot = Snapshot.of({path: data, "protos/a.proto": "message A {}"})
    found = holders.find_holders(snapshot, lambda _: "service")
    found.foreign()
    found.of({"A", "b.A.c", "b.S/R", "file:protos/a.proto", "package:b"})


def openapi_client(path: str, data: bytes) -> None:
    snapshot = Snapshot.of({path: data, "gen/.openapi-generator/FILES": "a.py", "api.yaml": OPENAPI()[0]})
    contract = declared(Description(Library(snapshot), "api.yaml"))
    for client in find_clients(snapshot, lambda _: "service"):
        kept(client)
        candidate = Candidate("api.yaml", "blob", contract)
        match(client, [candidate], lambda _: None)
        differences(contract, client)
        kept([carried_text(client, data)], list[bytes])


def openapi_carried(data: bytes) -> None:
    one, other = of_text(data), of_text(OPENAPI()[0])
    client = Client("gen", "service", "openapi-generator")
    differences(one, client, other)
    differences(other, client, one)
    match(client, [Candidate("a", "b", other)], lambda _: None, one)


def openapi_text(data: bytes) -> None:
    kept(outline(data))
    kept(operation_names(data), Names)
    has_twice(data)
    pointers = [("paths",), ("paths", "/a", "get"), ("a", "0"), ("components", "schemas", "Order", "total")]
    find = JsonLines(data).find
    for pointer in pointers:
        find(pointer)
    yaml_text.yaml_lines(data, pointers)
    yaml_blocks.lines_of(data, pointers, lambda _: None)
    for strict in (True, False):
        kept([read_text(data, strict=strict)], list[Any])


def openapi_cut(data: bytes) -> None:
    """Cut against another text, and against itself with another value somewhere."""
    for base, head in (
        (OPENAPI_JSON()[0], data),
        (data, OPENAPI_JSON()[0]),
        (data, data.replace(b"1", b"[2]", 1)),
    ):
        pieces = kept(narrow.pieces_or_none(base), Pieces)
        found = kept(narrow.cut(base, head, pieces), Narrowed)
        spans = dict(found.base_changed), dict(found.head_changed)
        for pointer in spans[0].keys() & spans[1].keys():
            shapes.is_shape(pointer, base[slice(*spans[0][pointer])], head[slice(*spans[1][pointer])])
        for text, left, names in (
            (base, found.base, found.base_names),
            (head, found.head, found.head_names),
        ):
            with suppress(Unreadable):
                narrow.value_of(text, left, names)
            find = JsonLines(text, dict(left)).find
            for pointer, _ in left:
                find((*pointer, "a"))


def _description(data: bytes, base: bytes) -> None:
    paths = {"api.yaml": data, "other.yaml": base}
    before, after = (Library(Snapshot.of({**paths, "api.yaml": one}), strict=True) for one in (base, data))
    known = outlines(after.snapshot)
    reaching(known, ["api.yaml"])
    head = Description(after, "api.yaml")
    old = Description(before, "api.yaml")
    some = differing(old, head)
    reduced = reduce(old, head)
    named_alternatives(old, head, some)
    for operation in some.head:
        reduced.head_bundle.unfollowed(operation)
        head.value(operation)
    after.locate([*(one.place for one in head.operations), Place("api.yaml", ("info", "title"))])


def openapi(data: bytes) -> None:
    _description(data, OPENAPI()[0])
    _description(OPENAPI()[0], data)


def openapi_validity(data: bytes) -> None:
    library = Library(Snapshot.of({"api.yaml": data}))
    validity.invalid_as_new(Description(library, "api.yaml"), whole=True)


def yaml_tree(data: bytes) -> None:
    for part in documents.split(data):
        documents.looks_like_manifest(part.text)
        nodes.read("a.yaml", documents.without_actions(part.text), part.line)
    for tree in nodes.read("a.yaml", data).documents:
        tree.plain()
        list(leaves(tree))
        merged([tree, tree])
        nested([])


def manifests(data: bytes) -> None:
    files = {"k/a.yaml": data, "k/b.yaml": DEPLOYED()[0]}
    side = Side(Snapshot.of(files))
    for one in side.objects("k/a.yaml"):
        list(references_of(one))
        list(entries(one))
        list(listeners(one))
    for before in (DEPLOYED()[1], DEPLOYED()[0]):
        both = Snapshot.of({**files, "k/a.yaml": before}), Snapshot.of(files)
        compare_deployed(*both, ["k/a.yaml"])
        compare_deployed(*reversed(both), ["k/a.yaml"])


_RENDERS = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: {{ .Values.port }}}]}\n"


def chart(name: str, data: bytes) -> None:
    """A chart as it is read, without what helm renders."""
    files: Mapping[str, str | bytes] = {
        "c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 0.1.0\n",
        "c/values.yaml": "port: 80\n",
        "c/templates/s.yaml": _RENDERS,
        "apps/application.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\n",
        f"c/{name}": data,
    }
    side = Side(Snapshot.of(files))
    known = find_installations(side)
    takers(side)
    for folder in side.charts:
        one = read_chart(side, folder)
        if one is None:
            continue
        list(parts(side, one))
        own_files(side, one)
        inputs(side, one)
        semver.parse(one.version)
        semver.allows(one.kube_version, (1, 30, 0))
        reads.defined(side, one)
        told = reads.reads_of(side, one, widely=True)
        told.may_read(("port",))
        for installation in (*of_chart(side, one, known), *setters(side, one, known)):
            list(installation.layers(side))
            nested(installation.settings)


def template(data: bytes) -> None:
    text = TemplateText(data.decode("utf-8", "replace"))
    for part in documents.split(_RENDERS.replace("{{ .Values.port }}", "80").encode()):
        for node in nodes.read("x.yaml", part.text).documents:
            for line in (text.line(node, ("spec", "ports", 0, "port"), {"": "", "port": "80"}), 1, 10**6):
                text.expression(line)
    chart("templates/t.yaml", data)


def settings(data: bytes) -> None:
    for strings in (True, False):
        nested(assignments(data.decode("utf-8", "replace"), Location("x", 1, 1), strings=strings))


def installation(name: str, data: bytes) -> None:
    side = Side(
        Snapshot.of({"c/Chart.yaml": "name: c\nversion: 1.0.0\n", "c/values.yaml": "a: 1", name: data})
    )
    for one in find_installations(side):
        list(one.layers(side))


def kustomization(data: bytes) -> None:
    files = {
        "base/kustomization.yaml": "resources: [a.yaml]\n",
        "base/a.yaml": DEPLOYED()[0],
        "o/kustomization.yaml": data,
        "o/patch.yaml": data,
        "o/a.yaml": DEPLOYED()[1],
    }
    side = Side(Snapshot.of(files))
    for folder in side.kustomizations:
        build_kustomization(side, folder)
    plain = "resources: [../base, a.yaml]\npatches: [{path: patch.yaml}]\n"
    for part in ("patch.yaml", "a.yaml"):
        patched = {**files, "o/kustomization.yaml": plain, "o/patch.yaml": "", f"o/{part}": data}
        build_kustomization(Side(Snapshot.of(patched)), "o")


TARGETS = (
    Target("protobuf: text", protobuf, PROTOS),
    Target(
        "protobuf: buf's configuration",
        buf_configuration,
        partial(seeds.texts, "test_protobuf_roots", "test_breaking_policy"),
        strategies.documents,
    ),
    Target("protobuf: images", image, IMAGES, strategies.descriptors, (UndecidedError,)),
    *(
        Target(f"stubs: {ending}", partial(stub, f"a/x{ending}"), partial(seeds.files, ending.lstrip("_")))
        for ending in (".pb.go", "_pb2.py")
    ),
    *(
        Target(
            f"stubs: {ending}",
            partial(stub, f"a/x{ending}"),
            partial(seeds.texts, "test_stubs", "test_use_sites_*", having=having),
            weight=0.5,
        )
        for ending, having in (
            (".java", "protocol buffer"),
            (".cs", "protocol buffer"),
            (".ts", "enerated"),
            (".rb", "enerated"),
            (".php", "enerated"),
        )
    ),
    *(
        Target(
            f"stubs: {ending}",
            partial(stub, f"a/x{ending}"),
            partial(seeds.texts, "stubs/test_embedded"),
            weight=0.5,
        )
        for ending in (".pb.cc", ".rs", ".scala")
    ),
    *(
        Target(
            f"stubs: clients in {ending}",
            partial(openapi_client, f"gen/a.{ending}"),
            partial(seeds.texts, "stubs/test_openapi_skew", "test_http_*", having=having),
            weight=0.5,
        )
        for ending, having in (("py", "def "), ("ts", "export "), ("go", "package "), ("java", "class "))
    ),
    Target(
        "openapi: carried by a client",
        openapi_carried,
        OPENAPI,
        strategies.documents,
        (UndecidedError,),
        weight=0.5,
    ),
    Target("openapi: text", openapi_text, OPENAPI, strategies.documents, (Unreadable,)),
    Target("openapi: pieces", openapi_cut, OPENAPI_JSON, strategies.documents, ()),
    Target("openapi: descriptions", openapi, OPENAPI, strategies.documents, (UndecidedError,)),
    Target(
        "openapi: validity", openapi_validity, OPENAPI, strategies.documents, (UndecidedError,), weight=0.5
    ),
    Target("deployed: YAML", yaml_tree, DEPLOYED, strategies.documents, (nodes.YamlError,)),
    Target("deployed: manifests", manifests, DEPLOYED, strategies.documents),
    *(
        Target(f"chart: {name}", partial(chart, name), VALUES, strategies.documents, weight=0.7)
        for name in (
            "Chart.yaml",
            "requirements.yaml",
            "values.yaml",
            "values.schema.json",
            "ci/test-values.yaml",
        )
    ),
    Target("chart: templates", template, partial(seeds.files, ".tpl", "admin.yaml", "orders.yaml")),
    Target("chart: --set", settings, partial(seeds.texts, "test_helm_reading", having="=")),
    *(
        Target(f"installations: {name}", partial(installation, name), VALUES, form, weight=0.7)
        for name, form in (
            ("application.yaml", strategies.documents),
            ("helmfile.yaml", strategies.documents),
            ("skaffold.yaml", strategies.documents),
            ("deploy.sh", strategies.code),
        )
    ),
    Target("deployed: kustomizations", kustomization, KUSTOMIZED, strategies.documents),
)
