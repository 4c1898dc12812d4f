"""The table: every reader of ours, a row each. A new reader is a row in one of these rooms."""

from __future__ import annotations

from hostile import (
    answers,
    aside,
    contracts,
    deployments,
    environments,
    policies,
    policies_apps,
    policies_mesh,
    sources,
    stubs,
)
from hostile.target import Target

TARGETS: tuple[Target, ...] = (
    *answers.TARGETS,
    *aside.TARGETS,
    *contracts.TARGETS,
    *deployments.TARGETS,
    *environments.TARGETS,
    *policies.TARGETS,
    *policies_apps.TARGETS,
    *policies_mesh.TARGETS,
    *sources.TARGETS,
    *stubs.TARGETS,
)


COUNT = 9_900
"""Inputs in a run of the tests, over all rows; those at the command line make them 10,000."""


def share(target: Target, count: int) -> int:
    """How many of `count` inputs a target gets."""
    return max(1, -(-int(count * target.weight * 1000) // int(sum(one.weight for one in TARGETS) * 1000)))
