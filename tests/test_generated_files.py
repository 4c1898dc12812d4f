"""Files that are generated from tables of the code are fresh."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from workspai_hooks import configuration, entry, hooks, rules, versions

TOP = Path(__file__).parents[1]


def test_the_hooks_manifest() -> None:
    text = (TOP / ".pre-commit-hooks.yaml").read_text()
    assert text == hooks.manifest(), "python -m workspai_hooks.hooks > .pre-commit-hooks.yaml"


def test_hooks_run_always_alone_and_without_file_names() -> None:
    rows = yaml.safe_load(hooks.manifest())
    assert [row["id"] for row in rows] == ["workspai", "workspai-breaking", "workspai-stubs", "workspai-gate"]
    for row in rows:
        assert row["always_run"] is True
        assert row["pass_filenames"] is False
        assert row["require_serial"] is True
        assert not {"files", "types", "types_or", "exclude"} & row.keys()


def test_what_hooks_run_on_a_commit_takes_the_short_way_out() -> None:
    entries = [hook.entry.split()[1:] for hook in hooks.HOOKS if "pre-commit" in hook.stages]
    assert entries
    assert all(entry_point in entry.HOOKS for entry_point in entries)


def test_the_configuration_schema() -> None:
    text = (TOP / "docs/workspai.schema.json").read_text()
    assert json.loads(text) == configuration.schema(), (
        "python -m workspai_hooks.configuration > docs/workspai.schema.json"
    )


def test_the_rule_pages() -> None:
    assert (TOP / "docs/rules.md").read_text() == rules.render_markdown(), (
        "python -m workspai_hooks.rules > docs/rules.md"
    )


def test_the_versions_of_facts() -> None:
    assert versions.TARGET.read_text() == versions.text(), "python -m workspai_hooks.versions"
