"""All states, by group, in the order of docs/states.md."""

from __future__ import annotations

from states import attributes, clones, commits, layouts, merges, paths, pushes, rewrites

GROUPS = (
    ("Commits", commits.STATES),
    ("Merges", merges.STATES),
    ("Picked, reverted, rebased", rewrites.STATES),
    ("Paths and kinds of change", paths.STATES),
    ("Attributes", attributes.STATES),
    ("Layouts and formats", layouts.STATES),
    ("Clones that have not everything", clones.STATES),
    ("Pushes", pushes.STATES),
)
STATES = tuple(state for _, states in GROUPS for state in states)
