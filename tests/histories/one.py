"""One seed: its history, its question, our answer, the truth, and what comes of holding one against the
other."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from histories import bases, ours
from histories.judge import Judgement, judge
from histories.states import Asking, Case
from histories.story import Story
from histories.truth import Oracle, Truth

CONTRACTS = (".proto", ".yaml", ".yml", ".json", ".tpl")
NO_CONTRACTS = "config/"
"""Where made repositories keep YAML and JSON that is no contract."""


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


@dataclass(frozen=True)
class Played:
    """A question that was asked, and its truth: None where the state leaves nothing to decide."""

    case: Case
    truth: Truth | None
    layout: str
    how: str
    told: tuple[str, ...]


def run(seed: int, *, by_command: bool = False, keep: Path | None = None) -> Outcome:
    """Play a seed and judge. `keep` is a folder that it is left in."""
    if keep is not None:
        return judged(seed, play(seed, keep, by_command=by_command))
    with tempfile.TemporaryDirectory(prefix="history-") as folder:
        return judged(seed, play(seed, Path(folder), by_command=by_command))


def play(seed: int, folder: Path, *, by_command: bool = False) -> Played:
    """The same seed gives the same history, whatever the machine."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = Random(seed)
    with ours.clean_environment(folder / "gitconfig"):
        base = bases.choose(rng)
        story = Story(rng, base, folder / "repo")
        for _ in range(rng.randint(1, 5)):
            story.happen()
        asking = Asking(story, by_command)
        case = asking.case()
        truth = None if case.parted else Oracle(case, base.layout).truth()
        case.asks_nothing = _asks_nothing(case)
    how = "hook" if "by hook" in case.state else asking.how
    return Played(case, truth, base.layout.name, how, tuple(story.told))


def judged(seed: int, played: Played) -> Outcome:
    case, truth = played.case, played.truth
    judgement = judge(case, truth)
    if not judgement.decidable and case.asks_nothing:
        kept = tuple(one for one in judgement.faults if not one.startswith("exit 0"))
        judgement = replace(judgement, faults=kept)
    breaks = len(truth.failing) if truth is not None else 0
    code = case.answer.code
    return Outcome(
        seed, case.kind, case.state, played.layout, played.how, code, breaks, judgement, played.told
    )


def shown(one: Outcome) -> Iterable[str]:
    """What a person needs to look into it."""
    yield f"seed {one.seed}: {one.layout}, {one.kind}, {one.state}, by {one.how}, exit {one.code}"
    for name in ("missed", "invented", "undecided", "faults"):
        yield from (f"    {name}: {text}" for text in getattr(one.judgement, name))
    yield from (f"        {line}" for line in one.told)


def _asks_nothing(case: Case) -> bool:
    """A commit that changes no document and no contract asks nothing, also without a base and where what HEAD
    has can't be read (fine print 12)."""
    if not case.at_commit or not case.heads:
        return False
    head = case.heads[0]
    said = head.repo.run("diff", "--name-only", "-z", head.tips[0], head.tree).decode(
        "utf-8", "surrogateescape"
    )
    paths = [path for path in said.split("\0") if path and not path.startswith(NO_CONTRACTS)]
    return not any(path.endswith(CONTRACTS) for path in paths)
