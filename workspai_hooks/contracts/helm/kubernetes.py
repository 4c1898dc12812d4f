"""Which versions of Kubernetes a chart is for."""

from __future__ import annotations

from workspai_hooks.contracts.helm.semver import allows

LATEST = (1, 37)
"""The Kubernetes whose libraries the bundled helm is built with (k8s.io/client-go in tools/helm/go.mod)."""

_PATCHES = (0, 15, 99)
"""Constraints name a patch now and then: `<1.25.3` allows some of 1.25."""


def minors(constraint: str) -> tuple[int, ...]:
    """The minor versions of Kubernetes 1 that a `kubeVersion` allows, up to the latest."""
    return tuple(
        minor
        for minor in range(LATEST[1] + 1)
        if any(allows(constraint, (1, minor, patch)) for patch in _PATCHES)
    )


def newest(constraint: str) -> tuple[int, int]:
    """The newest that it allows; the latest where it allows none that is known."""
    found = minors(constraint)
    return (1, found[-1]) if found else LATEST


def installed(constraint: str) -> str:
    """The version that a chart is rendered for, as `--kube-version` takes it."""
    minor = newest(constraint)[1]
    patch = next((patch for patch in _PATCHES if allows(constraint, (1, minor, patch))), 0)
    return f"v1.{minor}.{patch}"
