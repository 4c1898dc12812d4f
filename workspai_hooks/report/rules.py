"""Documentation of the rules, from the rule table."""

from __future__ import annotations

import json

from msgspec.structs import asdict

from workspai_hooks.rules import RULES, find, render_rule


def render(wanted: str | None, *, as_json: bool) -> str | None:
    """All rules, or the one with an id or name; None where there is none."""
    chosen = RULES if wanted is None else (known,) if (known := find(wanted)) else None
    if chosen is None:
        return None
    if as_json:
        return json.dumps({"rules": [asdict(one) for one in chosen]}, indent=2, ensure_ascii=False) + "\n"
    if wanted is None:
        return "".join(f"{one.id:<8} {one.severity.value:<8} {one.name}\n" for one in chosen)
    return "\n".join(render_rule(one) for one in chosen)
