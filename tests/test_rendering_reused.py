"""What is rendered from the index is what helm renders anew: generated charts, edited at random, one index
for all of them."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.helm import installations as installing
from workspai_hooks.contracts.helm import rendering
from workspai_hooks.contracts.helm.charts import read_chart
from workspai_hooks.contracts.helm.rendering import Rendered, render
from workspai_hooks.contracts.helm.side import Side
from workspai_hooks.errors import UndecidedError
from workspai_hooks.store import Store
from workspai_hooks.tools.helm import Helm, resolve_helm

EDITS = 4
TEMPLATE = """apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-%s, namespace: {{ .Release.Namespace }}}
data:
  own: {{ .Values.own | quote }}
  shared: {{ .Values.global.shared | quote }}
  file: {{ .Files.Get "files/a.txt" | quote }}
  several: {{ (.Files.Glob "files/*").AsConfig | quote }}
  kubernetes: {{ .Capabilities.KubeVersion.Major | quote }}
  knows: {{ .Capabilities.APIVersions.Has "apps/v1" | quote }}
  there: {{ lookup "v1" "Secret" "default" "a" | toJson | quote }}
  library: {{ include "library.words" . | quote }}
"""
CHART = "apiVersion: v2\nname: {name}\nversion: 1.0.{version}\n"
LIBRARY = '{{{{- define "library.words" -}}}}words {0} {{{{ .Chart.Name }}}}{{{{- end -}}}}\n'


def made(rng: random.Random) -> dict[str, str]:
    """A chart with a chart and a library inside, values of two environments, a file that templates read."""
    inside = "dependencies:\n- {name: db, version: 1.x, condition: db.on}\n- {name: library, version: 1.x}\n"
    files = {
        "shop/Chart.yaml": CHART.format(name="shop", version=0) + inside,
        "shop/values.yaml": "own: 1\nglobal: {shared: a}\ndb: {on: true, own: 2}\n",
        "shop/values-prod.yaml": "own: 3\ndb: {own: 4}\n",
        "shop/templates/a.yaml": TEMPLATE % "a",
        "shop/files/a.txt": "text",
        "shop/charts/db/Chart.yaml": CHART.format(name="db", version=0),
        "shop/charts/db/values.yaml": "own: 5\n",
        "shop/charts/db/templates/b.yaml": TEMPLATE % "b",
        "shop/charts/library/Chart.yaml": CHART.format(name="library", version=0) + "type: library\n",
        "shop/charts/library/templates/_words.tpl": LIBRARY.format(0),
        "deploy/values/staging.yaml": "own: 6\n",
        "deploy/install.sh": "helm upgrade --install web ../shop -f values/staging.yaml --set db.own=7\n",
        "README.md": "a shop\n",
    }
    return edited(rng, files)


def edited(rng: random.Random, files: dict[str, str]) -> dict[str, str]:
    """One file otherwise: what templates read, what says what they get, or what nobody looks at."""
    number = rng.randrange(4)
    changes = {
        "shop/values.yaml": f"own: {number}\nglobal: {{shared: {number}}}\ndb: {{on: {number % 2 == 0}}}\n",
        "shop/values-prod.yaml": f"own: {number}\n",
        "shop/templates/a.yaml": (TEMPLATE % "a") + f"  number: {number!r}\n",
        "shop/templates/z.yaml": (TEMPLATE % "z") if number % 2 else "",
        "shop/files/a.txt": f"text {number}",
        "shop/files/b.txt": f"more {number}",
        "shop/charts/db/values.yaml": f"own: {number}\n",
        "shop/charts/db/templates/b.yaml": (TEMPLATE % "b") + f"  number: {number!r}\n",
        "shop/charts/db/files/a.txt": f"of db {number}",
        "shop/charts/library/templates/_words.tpl": LIBRARY.format(number),
        "shop/values.schema.json": f'{{"properties": {{"own": {{"maximum": {number}}}}}}}',
        "shop/.helmignore": "files/b.txt\n" if number % 2 else "",
        "deploy/values/staging.yaml": f"own: {number}\n",
        "deploy/install.sh": f"helm upgrade -i web{number} ../shop -f values/staging.yaml -n n{number}\n",
        "README.md": f"a shop {number}\n",
    }
    path = rng.choice(sorted(changes))
    return {**files, path: changes[path]}


def rendered(helm: Helm, files: dict[str, str], store: Store) -> Rendered:
    side = Side(replace(Snapshot.of(files), store=store))
    chart = read_chart(side, "shop")
    assert chart is not None
    return render(helm, side, chart, installing.of_chart(side, chart, installing.find(side)))


@pytest.fixture(scope="module")
def helm() -> Helm:
    try:
        return resolve_helm()
    except UndecidedError:
        pytest.skip("helm is not there")


@pytest.mark.parametrize("seed", range(2))
def test_what_is_kept_is_what_is_rendered_anew(helm: Helm, seed: int) -> None:
    rng = random.Random(seed)
    store = Store()
    files = made(rng)
    told = set()
    for _ in range(EDITS):
        found, anew = rendered(helm, files, store), rendered(helm, files, Store())
        assert found == anew
        assert len(found.renderings) >= 3
        told.add(str([one.documents or one.faults for one in found.renderings]))
        files = edited(rng, files)
    assert len(told) > 1


def test_what_a_chart_does_not_read_renders_nothing(helm: Helm, monkeypatch: pytest.MonkeyPatch) -> None:
    store, files = Store(), made(random.Random(1))
    before = rendered(helm, files, store)
    asked: list[int] = []
    real = rendering.template
    monkeypatch.setattr(rendering, "template", lambda *a, **b: (asked.append(1), real(*a, **b))[1])
    assert rendered(helm, files | {"README.md": "other\n", "deploy/notes.yaml": "a: b\n"}, store) == before
    assert asked == []
    rendered(helm, files | {"deploy/values/staging.yaml": "own: 100\n"}, store)
    assert asked == [1]  # of one environment alone
    rendered(helm, files | {"shop/values-prod.yaml": "own: 100\n"}, store)
    assert len(asked) == 1 + len(before.renderings)  # a template may read it: it is a file of the chart
