"""Random git histories: our verdicts against bare buf, oasdiff and helm on the exported trees.

A sample; benchmarks/histories.py plays a thousand. tests/histories/ says how.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from gotool import real
from histories.judge import judge
from histories.one import play, run, shown

from workspai_hooks.tools.helm import resolve_helm
from workspai_hooks.tools.oasdiff import resolve_oasdiff

SEEDS = range(40)
BROKEN = 5
"""A seed whose question has breaks of several kinds."""


@pytest.fixture(autouse=True, scope="module")
def _tools() -> None:
    real(resolve_oasdiff)
    real(resolve_helm)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_history_is_judged_as_bare_tools_judge_it(seed: int) -> None:
    outcome = run(seed, by_command=seed % 10 == 0)
    assert outcome.judgement.is_right, "\n".join(shown(outcome))


def test_a_seed_gives_the_same_history_again(tmp_path: Path) -> None:
    once, again = (play(BROKEN, tmp_path / name) for name in ("once", "again"))
    assert once.told == again.told
    assert once.case.heads[0].tree == again.case.heads[0].tree


def test_what_we_would_not_tell_is_a_wrong_green_and_what_we_would_make_up_a_wrong_red(
    tmp_path: Path,
) -> None:
    """The judge itself: a report with findings taken away, and the same report where nothing is broken."""
    played = play(BROKEN, tmp_path / "played")
    assert played.truth is not None
    assert played.truth.failing
    assert judge(played.case, played.truth).is_right
    answer = played.case.answer
    played.case.answer = replace(answer, codes=(0,), report={**answer.report, "findings": []})
    assert judge(played.case, played.truth).missed
    played.case.answer = answer
    nothing = replace(played.truth, failing=frozenset(), allowed=frozenset())
    assert judge(played.case, nothing).invented
