"""The matrix of docs/states.md: every cell is what a run observes. WORKSPAI_STATES=write writes it anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from states import page
from states.conftest import WRITE
from states.managers import MANAGERS, Kit
from states.proof import State, prove
from states.table import STATES


@pytest.mark.parametrize("manager", MANAGERS)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_cell(
    state: State,
    manager: str,
    kits: Callable[[str], Kit],
    prepared: Path,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    if manager in state.without:
        pytest.skip(state.without[manager])
    if missing := state.missing():
        pytest.skip(missing)
    cell = prove(state, kits(manager), prepared, tmp_path)
    record_property("cell", [state.name, manager, cell.text, cell.environment])
    if not WRITE:
        assert page.cells()[state.name, manager] in (cell.text, page.NOT_RUN)


def test_the_page_has_all_states_and_no_others() -> None:
    told = page.PAGE.read_text(encoding="utf-8")
    assert told == page.render(page.cells(), page.environments()), page.HOW
