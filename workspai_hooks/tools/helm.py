"""helm: where it is, and the one question it is asked (what does this chart render to with these values).

It reaches no cluster, no chart repository and none of the user's set-up: no kubeconfig, no plugins, no
registry login. Templates of the chart run inside of it, without files, processes or a network of their own.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from workspai_hooks.patterns import regex
from workspai_hooks.tools import gotools, process
from workspai_hooks.tools.scratch import Scratch, isolated

INSTALL = gotools.INSTALL.format("WORKSPAI_HELM")
RETRY = gotools.RETRY.format("helm")

KIND = gotools.Kind("helm", "WORKSPAI_HELM", ("version", "--short"), (3, 18, 0), INSTALL, (4, 0, 0))
"""Between them only words differ: tests/test_helm.py was run with 3.18.4 and with the pinned one."""

OUTPUT_BYTES = 64 << 20
"""A chart of 400 Deployments prints 0.8 MB."""

_TIMEOUT_S = 60.0
_FAILED = 1
_HINT = "Use --debug flag to render out invalid YAML"
_SOURCE = regex(r"^---\n# Source: (.+)\n", 8)  # re.MULTILINE
_TEMPLATE = regex(r"template: ([^\s():]+):(\d+):(\d+)")
_AT = regex(r"error at \(([^\s():]+):(\d+)(?::(\d+))?\)")
_RENDERED = regex(r"YAML parse error on ([^\s:]+)")
_READ = regex(r"(?:cannot load|failed to parse) ([^\s:]+):(?:.* line (\d+):)?")
_UNMET = "values don't meet the specifications of the schema"


class Helm(gotools.Tool, frozen=True, order=True):
    """The helm of a run."""


class Document(msgspec.Struct, frozen=True, order=True):
    """One rendered object; `source` is its template, the chart first: `shop/charts/db/templates/x.yaml`."""

    source: str
    text: str


class Fault(msgspec.Struct, frozen=True, order=True):
    """Why a chart does not render, in helm's words; where those name a file: it, its line, its column.

    `path` is a template from the chart's name on (`shop/templates/x.yaml`), or another file by its name
    (`values.yaml`). Lines and columns count from 1 and are 0 where they are not said: the line of a `YAML
    parse error` is one of the rendered text, and stays in the words.
    """

    message: str
    path: str = ""
    line: int = 0
    column: int = 0


class Rendered(msgspec.Struct, frozen=True):
    """All objects of a chart in helm's order, or the faults that prevented it."""

    documents: tuple[Document, ...]
    faults: tuple[Fault, ...] = ()


def resolve_helm() -> Helm:
    """The helm to use: the environment's, the bundled one, the one on PATH."""
    found = gotools.resolve(KIND)
    return Helm(found.path, found.version, found.origin)


def template(
    helm: Helm,
    chart: Path,
    values: Sequence[Path] = (),
    *,
    release: str = "release",
    namespace: str = "default",
    kube_version: str | None = None,
    api_versions: Sequence[str] = (),
) -> Rendered:
    """Render the chart in the folder `chart`, with its own values and then those of the files `values`.

    Hooks and CRDs are rendered, tests are not: they are never deployed. Dependencies are those in
    `charts/`, no other is fetched. `kube_version` is what `.Capabilities` tells templates, helm's own
    default where None.
    """
    argv = [helm.path, "template", "--include-crds", "--skip-tests", f"--namespace={namespace}"]
    argv += [f"--values={_quoted(str(path.absolute()))}" for path in values]
    argv += [f"--kube-version={kube_version}"] if kube_version else []
    argv += [f"--api-versions={_quoted(each)}" for each in api_versions]
    with Scratch() as folder:
        limits = process.Limits.of(sum(map(_size, (chart, *values))), OUTPUT_BYTES)
        env = isolated(folder, limits.collected_bytes) | _nothing_of_the_user(folder)
        done = process.run(
            [*argv, "--", release, str(chart.absolute())],
            cwd=folder,
            env=env,
            timeout_s=_TIMEOUT_S,
            limits=limits,
            remedy=RETRY,
        )
    said = done.stderr.decode(errors="replace")
    if done.code == 0:
        return Rendered(read_documents(done.stdout.decode(errors="replace")))
    if done.code == _FAILED and "Error: " in said:
        return Rendered((), read_faults(said, chart, values))
    raise gotools.failed("helm template", done, RETRY)


def read_documents(output: str) -> tuple[Document, ...]:
    """helm's output, an object a document."""
    starts = list(_SOURCE.finditer(output))
    ends = [*(match.start() for match in starts[1:]), len(output)]
    return tuple(
        Document(match[1], output[match.end() : end]) for match, end in zip(starts, ends, strict=False)
    )


def read_faults(said: str, chart: Path, values: Sequence[Path]) -> tuple[Fault, ...]:
    """What helm says at its end: one fault, or one for each value that the chart's schema does not allow."""
    for path in (chart, *values):
        said = said.replace(str(path.absolute()), path.name)
    text = said.partition("Error: ")[2].replace(_HINT, "").strip()
    if text.startswith(_UNMET):
        return tuple(_unmet(text))
    return (Fault(text, *_place(text)),)


def _unmet(text: str) -> list[Fault]:
    """`<chart>:` and below it `- at '/replicas': got string, want integer`, or why it can't be told."""
    chart, found = "", []
    for line in text.splitlines()[1:]:
        if line.endswith(":") and " " not in line:
            chart = line
        elif line.strip():
            found.append(Fault(f"{chart} {line.removeprefix('- ')}", "values.schema.json"))
    return found or [Fault(text)]


def _place(text: str) -> tuple[str, int, int]:
    """Path, line and column that helm's words name: of templates that include each other, the innermost."""
    for pattern in (_TEMPLATE, _AT, _RENDERED, _READ):
        found = list(pattern.finditer(text))
        if found:
            path, line, column, *_ = *found[-1].groups(), None, None
            return str(path), int(line or 0), int(column or 0)
    return "", 0, 0


def _size(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def _quoted(text: str) -> str:
    """As a field of CSV: helm splits what it is given at commas."""
    return '"' + text.replace('"', '""') + '"'


def _nothing_of_the_user(folder: Path) -> dict[str, str]:
    home = folder / ".helm"
    return {
        "HELM_CACHE_HOME": str(home / "cache"),
        "HELM_CONFIG_HOME": str(home / "config"),
        "HELM_DATA_HOME": str(home / "data"),
        "HELM_PLUGINS": str(home / "plugins"),
        "HELM_NO_PLUGINS": "1",
        "KUBECONFIG": os.devnull,
    }
