"""Which of buf's rows the repository's own configuration counts as breaks."""

from __future__ import annotations

from collections.abc import Iterable

from workspai_hooks.breaking.upstream import CATEGORIES, expand
from workspai_hooks.contracts.protobuf.bufconfig import BreakingPolicy, within
from workspai_hooks.patterns import regex

EVERYTHING = BreakingPolicy()
_UNSTABLE = regex(r"v[1-9]\d*(?:test.*|(?:p[1-9]\d*)?(?:alpha|beta)(?:[1-9]\d*)?)")


def counts(policy: BreakingPolicy, rule: str, paths: Iterable[str], packages: Iterable[str]) -> bool:
    """Whether a row of `rule` about files at `paths` (head's and base's) in `packages` is a break.

    Without a configured `use` all four categories count.
    """
    if rule not in _rules(policy):
        return False
    if policy.ignore_unstable_packages and any(map(is_unstable, packages)):
        return False
    ignored = [*policy.ignore]
    for name, places in policy.ignore_only.items():
        if rule in expand([name]):
            ignored.extend(places)
    return not any(within(path, place) for path in paths for place in ignored)


def is_unstable(package: str) -> bool:
    """Whether the last part of a package names an alpha, beta or test version."""
    first, _, last = package.rpartition(".")
    return bool(first) and _UNSTABLE.fullmatch(last) is not None


def _rules(policy: BreakingPolicy) -> frozenset[str]:
    # A list of which no name is known (buf refuses it) hides nothing.
    return (expand(policy.use) or frozenset(CATEGORIES)) - expand(policy.without)
