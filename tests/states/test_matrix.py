"""The matrix of docs/states.md: every cell is what a run observes.

A run proves every state under git itself, every sixth one under another manager, in turns, and every
manager in each kind of environment. The program is really started in the latter, elsewhere it is forked from
one that is loaded (forked.py). WORKSPAI_STATES=all proves all cells, each with a real start,
WORKSPAI_STATES=write writes the page from them.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from states import page
from states.conftest import ALL, WRITE
from states.managers import MANAGERS, Kit, committed, hooks_path, program, snippets
from states.proof import State, prove
from states.table import STATES

KINDS = frozenset(
    {
        "normal commit",
        "partial staging",
        "commit -a",
        "linked worktree, commit -a",
        "inside a submodule",
        "clean merge",
        "cherry-pick",
        "push of another branch",
        "several refs, the second breaks",
        "deleted ref",
    }
)
"""States that differ in what git hands to a hook, and in what managers make of it."""


def chosen() -> list[tuple[State, str]]:
    """The cells of this run."""
    turns = 6 * len(MANAGERS[1:])
    return [
        (state, manager)
        for number, state in enumerate(STATES)
        for manager in MANAGERS
        if manager not in state.without
        and (ALL or manager in ("git", *MANAGERS[number % turns :][:1]) or state.name in KINDS)
    ]


@pytest.mark.parametrize(
    ("state", "manager"), [pytest.param(*one, id=f"{one[0].name}-{one[1]}") for one in chosen()]
)
def test_cell(
    state: State,
    manager: str,
    kits: Callable[[str], Kit],
    prepared: Path,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    if missing := state.missing():
        pytest.skip(missing)
    cell = prove(state, kits(manager), prepared, tmp_path, starts=ALL or state.name in KINDS)
    record_property("cell", [state.name, manager, cell.text, cell.environment])
    if not WRITE:
        told = page.cells()[state.name, manager]
        assert told == cell.text or (told == page.NOT_RUN and state.is_rare), page.HOW


def test_the_page_has_all_states_and_no_others() -> None:
    told = page.PAGE.read_text(encoding="utf-8")
    assert told == page.render(page.cells(), page.environments()), page.HOW


def test_every_cell_of_the_page_was_proven() -> None:
    cells = page.cells()
    gaps = [
        (state.name, manager)
        for state in STATES
        for manager in MANAGERS
        if cells[state.name, manager] == page.NOT_RUN and not state.is_rare
    ]
    assert not gaps, page.HOW
    assert len(STATES) >= 40


def test_states_have_names_and_descriptions_of_their_own() -> None:
    assert len({state.name for state in STATES}) == len(STATES)
    assert len({state.what for state in STATES}) == len(STATES)
    assert all(state.what.endswith((".", "`")) and " | " not in state.what for state in STATES)
    assert {state.name for state in STATES} >= KINDS


@pytest.mark.parametrize("manager", ["pre-commit", "lefthook"])
def test_a_manager_that_refuses_core_hooks_path(manager: str, tmp_path: Path) -> None:
    """Its cell of that state is n/a."""
    assert manager in next(state for state in STATES if state.name == "core.hooksPath").without
    for command in (["git", "init", "--quiet"], hooks_path()):
        subprocess.run(command, cwd=tmp_path, check=True)
    for path, text in committed().items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    done = subprocess.run(
        [program(manager), "install"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "core.hooksPath" in done.stdout + done.stderr


@pytest.mark.parametrize("section", ["git itself", "pre-commit and prek", "lefthook", "husky"])
def test_every_way_to_install_is_told_by_its_snippets(section: str) -> None:
    assert any("workspai" in text for text in snippets(section))
