"""What an environment is for, by the words that its files and folders are called with."""

from __future__ import annotations

import re
from itertools import pairwise

from workspai_hooks.environments.values import Stage

_WORDS = {
    Stage.PRODUCTION: "prod production prd live",
    Stage.STAGING: "staging stage stg uat preprod preproduction preview qa acceptance acc",
    Stage.LOCAL: "dev develop development local localhost localdev kind minikube k3d k3s override tilt debug",
}
_STAGES = {word: stage for stage, words in _WORDS.items() for word in words.split()}
_ASIDE = frozenset(
    """
    bench benchmark benchmarks ci doc docs e2e example examples fixtures integration it lab labs load loadtest
    perf performance sample samples test testing tests tutorial tutorials workshop
    """.split()  # noqa: SIM905
)
_HOLDERS = frozenset("overlays overlay environments environment envs env clusters cluster stages".split())  # noqa: SIM905
_SPLIT = re.compile(r"[-_.]+")


ASIDE = "aside"
"""What tests, CI and examples run."""


def stage_of(path: str) -> str:
    """The stage that a path tells, `aside`, or empty. What stands nearest to the file's name wins.

    A folder counts by its whole name (`prod`, not `prod-tools`), one inside of `overlays`, `environments` and
    the like by each of its words; a file by each word of its name.
    """
    *folders, name = path.lower().split("/")
    if found := _of_words(_SPLIT.split(name)):
        return found
    for number in range(len(folders) - 1, -1, -1):
        segment = folders[number]
        inside = number > 0 and folders[number - 1] in _HOLDERS
        if found := _of_words(_SPLIT.split(segment) if inside else [segment]):
            return found
    return ""


def stage_of_words(text: str) -> str:
    """The stage that the words of a name tell: of a release, a namespace."""
    return _of_words(_SPLIT.split(text.lower()))


def _of_words(words: list[str]) -> str:
    if any(left == "pre" and right in ("prod", "production") for left, right in pairwise(words)):
        return Stage.STAGING
    for word in reversed(words):
        if word in _STAGES:
            return _STAGES[word]
        if word in _ASIDE:
            return ASIDE
    return ""
