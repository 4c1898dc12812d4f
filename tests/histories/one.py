"""One seed: its history, its question, our answer, the truth, and what comes of holding one against the other."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from histories import bases, ours
from histories.judge import Judgement, judge
from histories.states import Asking, Case
from histories.story import Story
from histories.truth import Oracle, Truth


@dataclass(frozen=True)
class Outcome:
    """What one seed gave. `code` is our exit code, `breaks` how many breaks the oracle told of."""

    seed: int
    kind: str
    state: str
    layout: str
    how: str
    code: int
    breaks: int
    judgement: Judgement
    told: tuple[str, ...]


def run(seed: int, *, by_command: bool = False, keep: Path | None = None) -> Outcome:
    """Play a seed. `keep` is a folder that it is left in."""
    if keep is not None:
        keep.mkdir(parents=True)
        return _played(seed, keep, by_command)
    with tempfile.TemporaryDirectory(prefix="history-") as folder:
        return _played(seed, Path(folder), by_command)


def _played(seed: int, folder: Path, by_command: bool) -> Outcome:
    rng = Random(seed)
    with ours.clean_environment(folder / "gitconfig"):
        base = bases.choose(rng)
        story = Story(rng, base, folder / "repo")
        for _ in range(rng.randint(1, 5)):
            story.happen()
        asking = Asking(story, by_command)
        case = asking.case()
        truth = None if case.parted else Oracle(case, base.layout).truth()
        judgement = judge(case, truth)
        if not judgement.decidable and _asks_nothing(case):
            kept = tuple(one for one in judgement.faults if not one.startswith("exit 0"))
            judgement = replace(judgement, faults=kept)
    return Outcome(
        seed,
        case.kind,
        case.state,
        base.layout.name,
        asking.how if "by hook" not in case.state else "hook",
        case.answer.code,
        _count(truth),
        judgement,
        tuple(story.told),
    )


def _count(truth: Truth | None) -> int:
    return len(truth.failing) if truth is not None else 0


def _asks_nothing(case: Case) -> bool:
    """A commit that changes no document and no contract asks nothing, also without a base and where what HEAD
    has can't be read (fine print 12)."""
    if not case.at_commit or not case.heads:
        return False
    head = case.heads[0]
    said = head.repo.run("diff", "--name-only", "-z", head.tips[0], head.tree).decode("utf-8", "surrogateescape")
    paths = [path for path in said.split("\0") if path and not path.startswith("config/")]
    return not any(path.endswith((".proto", ".yaml", ".yml", ".json", ".tpl")) for path in paths)
