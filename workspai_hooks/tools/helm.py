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

INSTALL = "install workspai-hooks again without WORKSPAI_BUNDLE, or name an executable in WORKSPAI_HELM"
RETRY = gotools.RETRY.format("helm")

KIND = gotools.Kind("helm", "WORKSPAI_HELM", ("version", "--short"), (3, 18, 0), INSTALL, (4, 0, 0))

LIMITS = process.Limits(memory_bytes=4 << 30, output_bytes=64 << 20)
"""A chart of a few hundred objects takes 0.1 GB and prints 1 MB; one that grows past this is a bomb."""

_TIMEOUT_S = 60.0
_FAILED = 1
_HINT = "Use --debug flag to render out invalid YAML"
_SOURCE = regex(r"^---\n# Source: (.+)\n", 8)  # re.MULTILINE
_AT = regex(r"(?:error(?: at| on)? \(?|template: )([^\s():]+)(?::(\d+))?(?::(\d+))?")
_UNMET = "values don't meet the specifications of the schema"


class Helm(gotools.Tool, frozen=True, order=True):
    """The helm of a run."""


class Document(msgspec.Struct, frozen=True, order=True):
    """One rendered object. `source` is its template, the chart's name first: `shop/charts/db/templates/x.yaml`."""

    source: str
    text: str


class Fault(msgspec.Struct, frozen=True, order=True):
    """Why a chart does not render, in helm's words; where those name a template: it, its line, its column.

    They count from 1, 0 where they are not said. A line of a `YAML parse error` is one of the rendered
    text, and stays in the words.
    """

    message: str
    path: str = ""
    line: int = 0
    column: int = 0


class Rendered(msgspec.Struct, frozen=True):
    """All objects of a chart in the order in which helm applies them, or the faults that prevented it."""

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
        env = isolated(folder) | _nothing_of_the_user(folder)
        done = process.run(
            [*argv, "--", release, str(chart.absolute())],
            cwd=folder,
            env=env,
            timeout_s=_TIMEOUT_S,
            limits=LIMITS,
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
    ends = [match.start() for match in starts[1:]] + [len(output)]
    return tuple(
        Document(match[1], output[match.end() : end]) for match, end in zip(starts, ends, strict=True)
    )


def read_faults(said: str, chart: Path, values: Sequence[Path]) -> tuple[Fault, ...]:
    """What helm says at its end: one fault, or one for each value that the chart's schema does not allow."""
    for path in (chart, *values):
        said = said.replace(str(path.absolute()), path.name)
    text = said.partition("Error: ")[2].replace(_HINT, "").strip()
    if text.startswith(_UNMET):
        return tuple(_unmet(text))
    at = _AT.match(text)
    if not at:
        return (Fault(text),)
    return (Fault(text, at[1], int(at[2] or 0), int(at[3] or 0)),)


def _unmet(text: str) -> list[Fault]:
    """`<chart>:` and below it `- at '/replicas': got string, want integer`."""
    chart, found = "", []
    for line in text.splitlines()[1:]:
        if line.startswith("- "):
            found.append(Fault(f"{chart}: {line.removeprefix('- ')}", "values.schema.json"))
        elif line.endswith(":"):
            chart = line.removesuffix(":")
    return found or [Fault(text)]


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
