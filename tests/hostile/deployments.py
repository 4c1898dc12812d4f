"""Readers of deployment evidence: who there is and who talks to whom."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from http_annotated import AROUND, OPERATIONS

from hostile import seeds, strategies, systems
from hostile.kept import kept
from hostile.target import Target
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf.schema import EMPTY
from workspai_hooks.workspace.blueprints import deployed
from workspai_hooks.workspace.built import SYSTEMS
from workspai_hooks.workspace.built.values import System
from workspai_hooks.workspace.evidence import EXTRACTORS, sightings, thrift
from workspai_hooks.workspace.evidence.flat import flat
from workspai_hooks.workspace.evidence.sightings import Setting
from workspai_hooks.workspace.http.mentions import find_mentions
from workspai_hooks.workspace.http.uses import http_uses
from workspai_hooks.workspace.manifests.charts import charts_of
from workspai_hooks.workspace.manifests.helm import Charts, flattened, neutralised
from workspai_hooks.workspace.manifests.kinds import KINDS, Kind
from workspai_hooks.workspace.owners import parse, read_owners
from workspai_hooks.workspace.workspace import survey

PATHS = {
    "compose": "compose.yaml",
    "env file": "x/.env",
    "kubernetes": "k/x.yaml",
    "nomad": "x.nomad",
    "aspire": "x/AppHost/Program.cs",
    "dapr": "dapr.yaml",
    "bicep": "x.bicep",
    "arm": "azuredeploy.json",
    "azd": "azure.yaml",
    "tye": "tye.yaml",
    "dapr run": "x/run.sh",
    "skaffold": "skaffold.yaml",
    "docker commands": "x/run.sh",
    "dockerfile": "x/Dockerfile",
    "build": "x/pom.xml",
    "cmake": "x/CMakeLists.txt",
    "server": "x/server.js",
    "front": "x/nginx.conf",
    "application": "x/application.yml",
}
"""A path for each kind of evidence; a kind without one is read under its own name."""
MORE_PATHS = {
    "build": ("go.mod", "package.json", "x.csproj", "Cargo.toml", "main.go", "build.gradle"),
    "application": ("x/appsettings.json", "catalog-info.yaml", "x/application.properties"),
}
_YAML = frozenset({"compose", "kubernetes", "dapr", "azd", "tye", "skaffold", "application", "arm"})
EVIDENCE = partial(seeds.texts, "test_services", "test_evidence_*", "test_builders", "test_edges")


def manifest(kind: Kind, data: bytes) -> None:
    charts = Charts({"c": {"name": "c", "port": "80"}})
    for path in (PATHS.get(kind.name, kind.name), *MORE_PATHS.get(kind.name, ())):
        facts = kept(kind.read(path, data, charts))
        deployed(facts.blueprints)


def chart_values(data: bytes) -> None:
    kept(flattened(data), dict[str, str])
    neutralised(data, {"port": "80"})
    kept(flat(data), list[Setting])
    charts_of({"c/Chart.yaml": flattened(data), "c/values.yaml": flattened(data), "c/values-a.yaml": {}})


BUILT = (
    "main.go",
    "requirements.txt",
    "Dockerfile",
    "pom.xml",
    "package.json",
    "x.csproj",
    "a.py",
    "go.mod",
    "a.ts",
)


def built(system: System, data: bytes) -> None:
    read = kept(system.read(data), list[str])
    wanted = [name for name in BUILT if system.wanted(name)] or ["x"]
    linked = system.link(
        {f"a/{name}": read for name in wanted}, frozenset({"a/main.go", "a/b.py", "b/x.csproj"})
    )
    linked.parts_of("a/main.go")


def evidence(ending: str, data: bytes) -> None:
    kept(sightings(f"a/x{ending}", data))


def thrift_text(data: bytes) -> None:
    kept(thrift.contract(data))
    for ending in thrift.CODE:
        kept(thrift.lines(f"x{ending}", data, {"Cart": ["add"], "A": ["get"]}), tuple[thrift.Line, ...])
    thrift.is_generated(data)


def owners(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for sections in (True, False):
        found = parse(text, sections=sections)
        found.of_roots(["", "a/b", "services/cart", "a" * 300])


def workspace(path: str) -> Callable[[bytes], object]:
    """One hostile file in a small system: what all finders of edges and of requests make of it."""

    def read(data: bytes) -> object:
        known = survey(Snapshot.of({**AROUND, path: data}), EMPTY)
        _ = known.callers, known.foreign_stubs()
        return [known.edges, http_uses(known, "orders", OPERATIONS[:2])]

    return read


def system(data: bytes) -> None:
    """A hostile file in the place of the one that it is made from, in one of the systems of our tests."""
    files, path = systems.with_file(data)
    snapshot = Snapshot.of({**files, path: data})
    known = survey(snapshot, systems.schema_of_system(tuple(sorted(files.items()))))
    _ = known.callers, known.foreign_stubs()
    for service in known.services.all[:2]:
        http_uses(known, service.name, OPERATIONS)
    pages = {**dict.fromkeys(files, ("web",)), "web/a.rb": ("web",)}
    list(find_mentions(Snapshot.of({**files, "web/a.rb": data}), pages, OPERATIONS))


def code_owners(data: bytes) -> None:
    for place in (".github/CODEOWNERS", ".gitlab/CODEOWNERS", "a/catalog-info.yaml"):
        read_owners(Snapshot.of({place: data, "b/catalog-info.yaml": data})).of("a/b.go")


TARGETS = (
    *(
        Target(
            f"manifests: {kind.name}",
            partial(manifest, kind),
            EVIDENCE,
            strategies.documents if kind.name in _YAML else strategies.code,
        )
        for kind in KINDS
    ),
    Target("manifests: values of charts", chart_values, partial(EVIDENCE, having=": "), strategies.documents),
    Target(
        "manifests: openshift", partial(manifest, KINDS[2]), partial(seeds.texts, "test_evidence_openshift")
    ),
    *(Target(f"built: {system.name}", partial(built, system), EVIDENCE, weight=0.7) for system in SYSTEMS),
    *(
        Target(
            f"evidence: {one.name}",
            lambda data, one=one: kept(one.read(b" ".join(one.marks) + b"\n" + data)),
            partial(seeds.texts, "test_evidence*", "test_edges"),
            weight=0.5,
        )  # type: ignore[misc]
        for one in EXTRACTORS
    ),
    *(
        Target(f"evidence: *{ending}", partial(evidence, ending), EVIDENCE, weight=0.7)
        for ending in (".go", ".java", ".py", ".ts", ".cs", ".yml", ".html", ".rb", ".properties", ".json")
    ),
    Target("evidence: thrift", thrift_text, partial(seeds.texts, "test_evidence_thrift")),
    Target("systems", system, systems.contents, weight=4.0),
    Target("CODEOWNERS and catalogues", code_owners, EVIDENCE, weight=0.5),
    Target("CODEOWNERS", owners, partial(seeds.texts, "test_services", "test_facts", having="@")),
    *(
        Target(f"workspace: {path}", workspace(path), EVIDENCE, form, weight=0.4)
        for path, form in (
            ("compose.yaml", strategies.documents),
            ("web/nginx.conf", strategies.code),
            ("web/src/api.ts", strategies.code),
            ("web/staticwebapp.config.json", strategies.documents),
            ("k/all.yaml", strategies.documents),
        )
    ),
)
