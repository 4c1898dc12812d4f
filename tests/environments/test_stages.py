from __future__ import annotations

import pytest

from workspai_hooks.environments.images import image_of
from workspai_hooks.environments.stages import ASIDE, stage_of
from workspai_hooks.environments.versions import Change, difference, version_of


@pytest.mark.parametrize(
    ("path", "stage"),
    [
        ("chart/values-prod.yaml", "production"),
        ("chart/values.yaml", ""),
        ("chart/production.values.yaml", "production"),
        ("docker-compose.override.yml", "local"),
        ("k8s/overlays/prod/kustomization.yaml", "production"),
        ("k8s/overlays/eu-prod/kustomization.yaml", "production"),
        ("envs/pre-prod/values.yaml", "staging"),
        ("deploy/production/values-dev.yaml", "local"),
        ("deploy/prod-tools/values.yaml", ""),
        ("src/product/values.yaml", ""),
        ("ci/values.yaml", ASIDE),
        ("chart/ci/test-values.yaml", ASIDE),
        ("staging/compose.yaml", "staging"),
    ],
)
def test_what_a_path_tells(path: str, stage: str) -> None:
    assert stage_of(path) == stage


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        ("7", (7,)),
        ("7.2.4-alpine3.18", (7, 2, 4)),
        ("v1.30.1", (1, 30, 1)),
        ("15.4.0-debian-11-r45", (15, 4, 0)),
        ("2022-latest", (2022,)),
        ("latest", None),
        ("alpine", None),
        ("2.13-2.8.1", None),
        ("20230901", None),
        ("7e3f2a1", None),
        ("", None),
    ],
)
def test_what_a_tag_tells(tag: str, version: tuple[int, ...] | None) -> None:
    assert version_of(tag) == version


def test_versions_agree_as_far_as_both_go() -> None:
    assert difference((15,), (15, 3)) is None
    assert difference((15, 2), (15, 3)) is Change.MINOR
    assert difference((1, 2, 3, 4), (1, 2, 3, 5)) is Change.PATCH
    assert difference((13,), (15, 3)) is Change.MAJOR


def test_names_of_images() -> None:
    image = image_of("registry.local:5000/team/redis:7.2@sha256:0f")
    assert (image.registry, image.path, image.tag, image.store) == (
        "registry.local:5000",
        "team/redis",
        "7.2",
        "redis",
    )
    assert image_of("redis").tag == ""
    assert image_of("localhost/redis:7").path == "redis"
