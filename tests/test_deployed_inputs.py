"""Breaks that come by a file of any name, or outside of the chart that reads it: found at the commit."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Callable, Mapping

import pytest
from conftest import Scratch
from gotool import real

from workspai_hooks.changes.changeset import changed_documents
from workspai_hooks.changes.deployed import HINTS, INSTALLERS
from workspai_hooks.changes.documents import may_be_contracts
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.helm.installations import FINDERS
from workspai_hooks.inspection.request import Request
from workspai_hooks.inspection.run import inspect
from workspai_hooks.tools.git import Repository
from workspai_hooks.tools.helm import resolve_helm
from workspai_hooks.tools.staged import Git

Make = Callable[[Mapping[str, str | bytes]], Scratch]
Cli = Callable[..., "subprocess.CompletedProcess[str]"]


def service(name: str, port: str) -> str:
    return (
        f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec:\n  selector: {{app: shop}}\n"
        f"  ports:\n    - port: {port}\n"
    )


def packed(port: int) -> bytes:
    """A chart as `helm package` packs it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for path, text in {
            "db/Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.0.0\n",
            "db/templates/service.yaml": service("db", str(port)),
        }.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return out.getvalue()


POD = """\
apiVersion: v1
kind: Pod
metadata: {name: shop}
spec:
  containers:
    - name: shop
      image: shop
      env:
        - name: LEVEL
          valueFrom: {configMapKeyRef: {name: levels, key: LEVEL}}
        - name: COLOUR
          valueFrom: {configMapKeyRef: {name: colours, key: COLOUR}}
        - name: SIZE
          valueFrom: {configMapKeyRef: {name: sizes, key: SIZE}}
        - name: TOKEN
          valueFrom: {secretKeyRef: {name: tokens, key: token.txt}}
"""
KUSTOMIZATION = """\
resources: [pod.yaml, service.yaml]
configMapGenerator:
  - {name: levels, envs: [level.properties]}
  - {name: sizes, envs: [size.env]}
  - {name: colours, env: ../../shared/colour.env}
secretGenerator:
  - {name: tokens, files: [token.txt=secret/token]}
patches:
  - {path: ../patches/port.json, target: {kind: Service, name: web}}
"""
ARGO = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop}
spec:
  source:
    path: charts/shop
    helm:
      valueFiles: [../../env/argo.yaml]
      fileParameters: [{name: argo, path: ../../env/argo-port}]
"""
HELMFILE = """\
releases:
  - name: shop
    chart: ../charts/shop
    namespace: {{ .Environment.Name }}
    values: [values.yaml.gotmpl]
    set: [{name: byFile, file: port}]
"""
SKAFFOLD = """\
apiVersion: skaffold/v4beta1
kind: Config
deploy:
  helm:
    releases:
      - {name: shop, chartPath: charts/shop, setFiles: {skaffold: env/skaffold}}
"""
MAKEFILE = "deploy:\n\thelm upgrade shop charts/shop --set make=1080\n"
SCRIPT = "helm upgrade shop charts/shop -f env/script.conf --set set=1080\n"
WORKFLOW = """\
jobs:
  deploy:
    steps:
      - run: |
          helm upgrade shop charts/shop -f env/ci.yaml
"""
BASE: Mapping[str, str | bytes] = {
    "charts/shop/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "charts/shop/values.yaml": "".join(
        f"{name}: 1000\n" for name in ("argo", "byFile", "ci", "make", "script", "set", "skaffold", "tmpl")
    ),
    "charts/shop/templates/values.yaml": "".join(
        "---\n" + service(name.lower(), f"{{{{ .Values.{name} }}}}")
        for name in ("argo", "byFile", "ci", "make", "script", "set", "skaffold", "tmpl")
    ),
    "charts/shop/templates/file.yaml": service("file", '{{ .Files.Get "files/port" | trim }}'),
    "charts/shop/templates/linked.yaml": service("linked", '{{ .Files.Get "files/linked/port.py" | trim }}'),
    "charts/shop/templates/extra.yaml": service("extra", "80"),
    "charts/shop/files/port": "80\n",
    "charts/shop/.helmignore": "*.md\n",
    "charts/shop/charts/db-1.0.0.tgz": packed(5432),
    "shared/ports/port.py": "80\n",
    "shared/colour.env": "COLOUR=red\n",
    "shared/sizes": "SIZE=1\n",
    "k8s/web/Kustomization": KUSTOMIZATION,
    "k8s/web/pod.yaml": POD,
    "k8s/web/service.yaml": service("web", "80"),
    "k8s/web/level.properties": "# levels\nLEVEL=info\n",
    "k8s/web/secret/token": "x",
    "k8s/patches/port.json": '[{"op": "replace", "path": "/spec/ports/0/port", "value": 8080}]',
    "argo.yaml": ARGO,
    "deploy/helmfile.yaml.gotmpl": HELMFILE,
    "deploy/values.yaml.gotmpl": "tmpl: 1080\nset: {{ .Values.port }}\n",
    "deploy/port": "1080",
    "skaffold.yaml": SKAFFOLD,
    "env/skaffold": "1080",
    "env/argo.yaml": "script: 1080\n",
    "env/argo-port": "1080",
    "env/ci.yaml": "ci: 1080\n",
    "env/script.conf": "script: 1080\n",
    "Makefile": MAKEFILE,
    "scripts/deploy.sh": SCRIPT,
    ".github/workflows/deploy.yml": WORKFLOW,
    "src/main.py": "x = 1\n",
    "README.md": "# The shop\n",
    "assets/logo.svg": "<svg/>",
}
LINK = "charts/shop/files/linked"
LINKS = {LINK: "../../../shared/ports", "k8s/web/size.env": "../../shared/sizes"}


@pytest.fixture
def deployed(scratch: Make) -> Scratch:
    made = scratch({"a.txt": ""})
    made.repo.git.switch("--quiet", "main")
    for path, target in LINKS.items():
        (made.root / path).parent.mkdir(parents=True, exist_ok=True)
        (made.root / path).symlink_to(target)
    made.repo.git.add(*LINKS)
    made.write(BASE).commit("deployed")
    made.repo.git.switch("--quiet", "--force-create", "topic")
    return made


BREAKS: tuple[tuple[str, str | bytes, str], ...] = (
    ("charts/shop/files/port", "81\n", "Service/file:port/80"),
    ("charts/shop/.helmignore", "*.md\nextra.yaml\n", "Service/extra"),
    ("charts/shop/charts/db-1.0.0.tgz", packed(5433), "Service/db:port/5432"),
    ("shared/ports/port.py", "81\n", "Service/linked:port/80"),
    ("k8s/web/level.properties", "# levels\n", "ConfigMap/levels:key/LEVEL"),
    ("shared/sizes", "# none\n", "ConfigMap/sizes:key/SIZE"),
    ("shared/colour.env", "SHADE=dark\n", "ConfigMap/colours:key/COLOUR"),
    ("k8s/web/Kustomization", KUSTOMIZATION.replace(", service.yaml", ""), "Service/web"),
    ("k8s/patches/port.json", "[]", "Service/web:port/8080"),
    ("env/argo.yaml", "script: 1081\n", "Service/script:port/1080"),
    ("env/argo-port", "1081", "Service/argo:port/1080"),
    ("deploy/helmfile.yaml.gotmpl", HELMFILE.replace("file: port", "value: 1"), "Service/byfile:port/1080"),
    ("deploy/values.yaml.gotmpl", "tmpl: 1081\nset: {{ .Values.other }}\n", "Service/tmpl:port/1080"),
    ("deploy/port", "1081", "Service/byfile:port/1080"),
    ("env/skaffold", "1081", "Service/skaffold:port/1080"),
    ("env/ci.yaml", "ci: 1081\n", "Service/ci:port/1080"),
    ("env/script.conf", "script: 1081\n", "Service/script:port/1080"),
    ("Makefile", MAKEFILE.replace("1080", "1081"), "Service/make:port/1080"),
    ("scripts/deploy.sh", SCRIPT.replace("1080", "1081"), "Service/set:port/1080"),
    (".github/workflows/deploy.yml", WORKFLOW.replace("ci.yaml", "none.yaml"), "Service/ci:port/1080"),
)  # fmt: skip


@pytest.mark.parametrize(("path", "content", "element"), BREAKS, ids=[one[0] for one in BREAKS])
def test_a_break_by_this_file_alone_is_red_at_the_commit(
    deployed: Scratch, path: str, content: str | bytes, element: str
) -> None:
    real(resolve_helm)
    report = inspect(Request(deployed.write({path: content}).root, "pre-commit"))
    errors = {one.element for one in report.findings if one.severity == "error"}
    assert (report.exit_code, errors) == (1, {element})


def test_the_command_lets_none_of_them_through(deployed: Scratch, cli: Cli) -> None:
    real(resolve_helm)
    deployed.write({"charts/shop/charts/db-1.0.0.tgz": packed(5433), "shared/colour.env": "SHADE=dark\n"})
    done = cli(deployed.root, "check", "--stage", "pre-commit")
    assert done.returncode == 1
    assert "Service/db: port 5432 became 5433" in done.stdout
    assert "ConfigMap/colours: key COLOUR was removed" in done.stdout


def test_a_file_that_a_generator_reads_and_that_is_gone_is_undecided(deployed: Scratch) -> None:
    deployed.repo.git.rm("--quiet", "k8s/web/secret/token")
    report = inspect(Request(deployed.root, "pre-commit"))
    assert report.exit_code == 3
    assert [one.what for one in report.undecided] == ["k8s/web/Kustomization:7"]


@pytest.mark.parametrize("path", ["src/main.py", "README.md", "assets/logo.svg", "src/new.go"])
def test_other_files_break_nothing(deployed: Scratch, path: str) -> None:
    deployed.write({path: "changed\n"})
    assert inspect(Request(deployed.root, "pre-commit")).exit_code == 0


@pytest.mark.parametrize("path", ["src/main.py", "README.md", "src/new.go", "k8s/web/README.md"])
def test_sources_and_documentation_outside_of_charts_are_not_looked_into(
    deployed: Scratch, path: str
) -> None:
    deployed.write({path: "changed\n"})
    git = Git(deployed.root)
    assert not may_be_contracts(git, git.staged())


@pytest.mark.parametrize("version", ["2", "4"])
def test_whatever_a_comparison_takes_the_commit_is_looked_into_for(deployed: Scratch, version: str) -> None:
    """For each file of the repository, by any form of the index, with and without links in it."""
    deployed.repo.git.update_index("--index-version", version)
    repository = Repository.open(deployed.root)
    for path in (*BASE, LINK, "charts/shop/new.txt", "new/values", "new.mk", "a.txt"):
        if path != LINK:
            deployed.write({path: b"helm upgrade shop charts/shop\n"})
        else:
            deployed.repo.git.rm("--quiet", "--cached", path)
        git = Git(deployed.root)
        head, index = Snapshot.of_commit(repository, "HEAD"), Snapshot.of_index(repository)
        if changed_documents(head, index):
            assert may_be_contracts(git, git.staged()), path
        deployed.repo.git.reset("--quiet", "--hard")
    repository.close()


def test_whoever_reads_installations_is_told_of_all_of_them() -> None:
    assert {hint for hints, _ in FINDERS for hint in hints} == set(HINTS)
    assert {".yaml", ".yml", ".gotmpl", ".sh", "Makefile"} <= set(INSTALLERS)
