"""docs/states.md: the matrix as the run observed it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from conftest import CHECKOUT

from states.managers import MANAGERS
from states.proof import NO_QUESTION
from states.table import GROUPS, STATES

PAGE = CHECKOUT / "docs" / "states.md"
HOW = "WORKSPAI_STATES=write python -m pytest -n auto tests/states"
NOT_RUN, NONE = "not run", "n/a"

Cells = Mapping[tuple[str, str], str]
HEAD = f"""\
# Every state of git under every hook manager

Written by the test run that proves it (`{HOW}`);
every run of the tests compares what it observes with this page. The managers are installed as
[hooks.md](hooks.md) says, from the snippets on that page.

A cell has two exit codes of `workspai-hooks`: **for a change that breaks / for one that does not**. Where
it helps to catch a wrong answer, something stands beside the change that must not count: the opposite in
the work tree, in the index, in another branch. Each cell is proven:

- the verdict is that of the content: in a twin of the scratch folder the same git command without hooks
  (`--no-verify`) lands the broken contract exactly where the verdict is 1, and the report of a break names
  the element and the consumer's line;
- git ends as the verdict says: it refuses on 1 and on 3, it goes on with 0;
- around our command the SHA-256 of every file is the same before and after: index, configuration, refs,
  logs, objects, work trees, of the repository and of all others beside it, remotes among them (our own
  cache excepted, and objects where the user allows to fetch);
- a command that is refused leaves refs, configuration, index entries and work trees as they were; one that
  passes leaves what its twin left.

What else a cell says:

- `0, gate 1`: the hook runs and passes, since the commit under way introduces nothing; the gate before the
  push stops it (run, in the same state).
- `gate 1`: git or the manager runs no hook of ours here; the gate before the push answers (run as well).
- `CI 1`: no hook sees it; `workspai-hooks check --stage ci` in a clone of what was pushed answers (run as
  well). `0, CI 1`: the gate was shown another ref.
- `3, then 1`: can't be decided, so it is stopped; the remedy that is printed was followed, and then the
  answer is this.
- `{NO_QUESTION}`: nothing is pushed that could break, and the manager does not ask.
- `3`: the same, and what is to be compared only the user can say.
- `–`: there is no such change in this state.
- `{NONE}`: there is no such state under this manager, the note says why.
- `{NOT_RUN}`: the machine that wrote this page could not make the state.
"""


def render(cells: Cells, environments: Mapping[str, str]) -> str:
    """The page. `environments` says by state what git handed to its plain hook."""
    proven = sum(
        cells.get((state.name, manager)) not in (None, NOT_RUN, NONE)
        for state in STATES
        for manager in MANAGERS
    )
    parts = [HEAD, f"\n{len(STATES)} states, {proven} cells proven.\n"]
    notes: list[str] = []
    for title, states in GROUPS:
        parts.append(f"\n## {title}\n\n| state | {' | '.join(MANAGERS)} | git hands over |\n|{'---|' * 7}\n")
        for state in states:
            row = []
            for manager in MANAGERS:
                text = cells.get((state.name, manager), NOT_RUN)
                if manager in state.without:
                    text = NONE
                    reason = state.without[manager]
                    if reason not in notes:
                        notes.append(reason)
                    text += f" ({notes.index(reason) + 1})"
                row.append(text)
            hands = environments.get(state.name) or "–"
            parts.append(f"| **{state.name}**: {state.what} | {' | '.join(row)} | {hands} |\n")
    if notes:
        parts.append("\n" + "".join(f"{number}. {reason}\n" for number, reason in enumerate(notes, 1)))
    return "".join(parts)


def _rows() -> Iterable[tuple[str, Sequence[str]]]:
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("| **"):
            what, *fields = line[2:-2].split(" | ")
            yield what.split("**")[1], fields


def cells() -> Cells:
    """What the page says by state and manager."""
    return {
        (name, manager): text.partition(" (")[0] if text.startswith(NONE) else text
        for name, fields in _rows()
        for manager, text in zip(MANAGERS, fields, strict=False)
    }


def environments() -> Mapping[str, str]:
    """What the page says that git hands over, by state."""
    return {name: fields[len(MANAGERS)] for name, fields in _rows()}


def write(observed: Iterable[Sequence[str]]) -> None:
    """Write the page from what a run observed; cells that it did not look at stay as they are."""
    known = dict(cells()) if PAGE.exists() else {}
    hands = dict(environments()) if PAGE.exists() else {}
    for name, manager, text, environment in observed:
        known[name, manager] = text
        if manager == "git":
            hands[name] = environment or "–"
    PAGE.write_text(render(known, hands), encoding="utf-8")
