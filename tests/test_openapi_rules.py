"""Every rule of the pinned oasdiff has its row in our table, and every rule of ours what belongs to it."""

from __future__ import annotations

import json
import subprocess

import pytest
from openapi_side import tool

from workspai_hooks import rules
from workspai_hooks.breaking.openapi.pinned import SURFACES, judged, table
from workspai_hooks.errors import UndecidedError
from workspai_hooks.findings import Severity
from workspai_hooks.tools.oasdiff import Place, Row

OURS = {"operation-renamed", "description-removed", "server-removed"}
"""Rules that no row of oasdiff gives: it misses these breaks."""
LEVELS = {"error": 3, "warning": 2, "info": 1}


def row(id: str, level: int) -> Row:
    return Row("/a", "GET", id, "…", level, "", "paths", Place(), Place())


def test_the_table_covers_exactly_the_pinned_oasdiffs_rules() -> None:
    listed = subprocess.run(
        [tool().path, "checks", "changelog", "--format", "json"], check=True, capture_output=True, timeout=60
    )
    theirs = {each["id"]: LEVELS[each["level"]] for each in json.loads(listed.stdout)}
    assert {id: pinned.level for id, pinned in table().items()} == theirs
    assert len(theirs) == 778


def test_every_row_names_a_rule_and_a_severity_or_is_no_break() -> None:
    for id, pinned in table().items():
        assert bool(pinned.rule) == bool(pinned.severity), id
        if pinned.rule:
            assert rules.BY_NAME[pinned.rule].contract == "openapi"
            assert pinned.severity in list(Severity)


def test_what_oasdiff_calls_an_error_or_a_warning_is_a_break() -> None:
    assert not [id for id, pinned in table().items() if pinned.level > 1 and not pinned.rule]


def test_what_oasdiff_calls_information_and_we_do_not() -> None:
    """Each of them takes something away that a client may use."""
    assert sorted(id for id, pinned in table().items() if pinned.level == 1 and pinned.rule) == [
        "api-operation-id-removed",
        "api-path-removed-with-deprecation",
        "api-removed-with-deprecation",
        "optional-response-header-removed",
        "request-parameter-removed-with-deprecation",
        "request-property-removed-with-deprecation",
        "response-non-success-status-removed",
        "response-optional-property-removed",
        "response-required-property-removed-with-deprecation",
    ]


def test_every_rule_of_ours_has_rows_and_surfaces() -> None:
    ours = {rule.name for rule in rules.RULES if rule.contract == "openapi"}
    assert ours == set(SURFACES)
    assert ours - OURS == {pinned.rule for pinned in table().values() if pinned.rule}
    assert all(SURFACES.values())


def test_a_row_that_oasdiff_lowers_is_lowered_with_us() -> None:
    assert judged(row("response-property-type-changed", 3)) == ("type-changed", Severity.ERROR)
    assert judged(row("response-property-type-changed", 2)) == ("type-changed", Severity.WARNING)
    assert judged(row("request-property-type-changed", 1)) is None
    assert judged(row("response-optional-property-removed", 1)) == ("property-removed", Severity.WARNING)
    assert judged(row("endpoint-added", 1)) is None


def test_a_row_that_nobody_knows_is_undecided() -> None:
    with pytest.raises(UndecidedError, match="response-colour-changed"):
        judged(row("response-colour-changed", 3))
