"""The table is whole: every reader of ours has a row, or a reason why it has none."""

from __future__ import annotations

from hostile.readers import EXEMPT, entered, readers
from hostile.table import COUNT, TARGETS, share
from hostile.test_command_line import CASES


def test_every_module_that_reads_bytes_is_entered_by_a_row_or_says_why_not() -> None:
    reached, known = entered(TARGETS), set(readers())
    missing = known - reached - EXEMPT.keys()
    assert not missing, f"give them a row in tests/hostile: {sorted(missing)}"
    stale = {module for module in EXEMPT if module not in known or module in reached}
    assert not stale, f"they are read by a row, or gone: {sorted(stale)}"


def test_rows_have_names_of_their_own_and_valid_seeds() -> None:
    names = [one.name for one in TARGETS]
    assert sorted(names) == sorted(set(names))
    assert [one.name for one in TARGETS if not one.seeds()] == []


def test_a_run_of_the_tests_has_ten_thousand_inputs() -> None:
    assert sum(share(one, COUNT) for one in TARGETS) + CASES >= 10_000
