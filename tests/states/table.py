"""All states, by group, in the order of docs/states.md."""

from __future__ import annotations

from states import commits, layouts, merges, rewrites

GROUPS = (
    ("Commits", commits.STATES),
    ("Merges", merges.STATES),
    ("Picked, reverted, rebased", rewrites.STATES),
    ("Layouts and formats", layouts.STATES),
)
STATES = tuple(state for _, states in GROUPS for state in states)
