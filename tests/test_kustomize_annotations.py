"""Patches of annotations that are not there yet, as a real kustomize (5.6) carries them out."""

from __future__ import annotations

import pytest

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.helm.kustomize.build import build
from workspai_hooks.contracts.helm.side import Side

ACCOUNT = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: a\n"
PATCH = """resources: [sa.yaml]
patches:
- target: {kind: ServiceAccount}
  patch: |-
    - op: OP
      path: PATH
      value: v
"""


def built(op: str, path: str) -> tuple[str, list[str]]:
    text = PATCH.replace("OP", op).replace("PATH", path)
    made = build(Side(Snapshot.of({"k/sa.yaml": ACCOUNT, "k/kustomization.yaml": text})), "k")
    return made.build.objects[0].annotation("x"), [one.why for one in made.problems]


@pytest.mark.parametrize("op", ["add", "replace"])
def test_an_annotation_is_added(op: str) -> None:
    assert built(op, "/metadata/annotations/x") == ("v", [])


def test_a_label_is_not() -> None:
    assert len(built("add", "/metadata/labels/x")[1]) == 1
