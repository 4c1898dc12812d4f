"""The table of our hooks, from which `.pre-commit-hooks.yaml` is generated. docs/hooks.md installs them."""

from __future__ import annotations

import msgspec


class Hook(msgspec.Struct, frozen=True):
    """A hook as hook managers see it: what it runs and in which of git's stages."""

    id: str
    name: str
    description: str
    entry: str
    stages: tuple[str, ...]


COMMIT_STAGES = ("pre-commit", "pre-merge-commit", "manual")

HOOKS = (
    Hook(
        "workspai",
        "workspai: who breaks",
        "Everything that a commit asks, in one process: contract breaks and the services that they hit, "
        "timeouts and retries that it makes worse, environments that it lets drift apart.",
        "workspai-hooks check --stage pre-commit",
        COMMIT_STAGES,
    ),
    Hook(
        "workspai-breaking",
        "workspai: breaking changes",
        "Only breaking contract changes and their consumers.",
        "workspai-hooks check --stage pre-commit --only breaking",
        COMMIT_STAGES,
    ),
    Hook(
        "workspai-stubs",
        "workspai: stubs",
        "Skew of generated stubs that a commit touches, and sidecars with deadlines, retries and breakers.",
        "workspai-hooks stubs --stage pre-commit",
        COMMIT_STAGES,
    ),
    Hook(
        "workspai-gate",
        "workspai: gate before a push",
        "What is pushed against the merge base with the default branch: the whole branch, not one commit.",
        "workspai-hooks check --stage pre-push",
        ("pre-push",),
    ),
)

MANIFEST_HEADER = """\
# Generated from workspai_hooks/hooks.py by: python -m workspai_hooks.hooks
# always_run, no file names, serial: a `files:` filter is skipped when a commit only deletes or renames,
# and many file names start several processes side by side.
"""


def manifest() -> str:
    """The text of `.pre-commit-hooks.yaml`."""
    rows = []
    for hook in HOOKS:
        rows.append(
            f"- id: {hook.id}\n"
            f"  name: '{hook.name}'\n"
            f"  description: '{hook.description}'\n"
            f"  entry: {hook.entry}\n"
            "  language: python\n"
            "  always_run: true\n"
            "  pass_filenames: false\n"
            "  require_serial: true\n"
            f"  stages: [{', '.join(hook.stages)}]\n"
            "  minimum_pre_commit_version: 3.2.0\n"
        )
    return MANIFEST_HEADER + "\n".join(rows)


if __name__ == "__main__":
    print(manifest(), end="")
