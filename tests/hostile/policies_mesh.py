"""Readers of policies of meshes, gateways and proxies."""

from __future__ import annotations

from functools import partial

from hostile import seeds, strategies
from hostile.target import Target
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.helm.nodes import YamlError
from workspai_hooks.contracts.helm.nodes import read as read_yaml
from workspai_hooks.contracts.helm.objects import Build, objects_of
from workspai_hooks.contracts.helm.side import Side
from workspai_hooks.resilience.deployed import builds_of, scoped
from workspai_hooks.resilience.reading import joined
from workspai_hooks.resilience.sources import envoy
from workspai_hooks.resilience.sources.table import OBJECTS


def objects(data: bytes) -> None:
    """What every source reads of the objects of a file."""
    try:
        trees = read_yaml("k/a.yaml", data).documents
    except YamlError:
        return
    build = Build("a", tuple(one for tree in trees for one in objects_of(tree)))
    for source in OBJECTS:
        source.read(build)


def deployed(data: bytes) -> None:
    """The same by the way that a file of a repository takes."""
    side = Side(Snapshot.of({"k/a.yaml": data}))
    builds = builds_of(side, {b"apiVersion"})
    assert not builds.all
    list(scoped(side, builds, lambda build: joined(source.read(build) for source in OBJECTS)))


_OBJECTS = partial(seeds.texts, "resilience/test_gateways", "resilience/test_istio", having="apiVersion")
_ENVOYS = partial(seeds.texts, "resilience/test_envoy_files", having="resources")

TARGETS = (
    Target("policies: objects", objects, _OBJECTS, strategies.documents, (), weight=0.5),
    Target("policies: deployed", deployed, _OBJECTS, strategies.documents, (), weight=0.2),
    Target(
        "policies: envoy", partial(envoy.read, "a/envoy.yaml"), _ENVOYS, strategies.documents, (), weight=0.5
    ),
)
