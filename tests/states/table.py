"""All states, by group, in the order of docs/states.md."""

from __future__ import annotations

from states import commits

GROUPS = (("Commits", commits.STATES),)
STATES = tuple(state for _, states in GROUPS for state in states)
