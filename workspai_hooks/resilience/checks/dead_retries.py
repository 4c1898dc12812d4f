"""RT12: tries that are configured and never happen, as the total timeout is over before.

With a timeout of a single try: the largest n with `Σ_{j<n} (t + b_j) < T` (shared/POLICY.md, measured with
real Envoys). Without one, tries that fail at once are counted, for the waits between them alone: a callee
that hangs is tried once then, which is what such a policy means.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from workspai_hooks.resilience.calls import Acting
from workspai_hooks.resilience.durations import told_seconds
from workspai_hooks.resilience.model import effective_tries
from workspai_hooks.resilience.reading import Fault
from workspai_hooks.resilience.view import View

RULE = "dead-retries"


def find(view: View) -> Iterator[Fault]:
    """One a place that configures it."""
    found: dict[tuple[str, int, int], tuple[Acting, list[str]]] = {}
    for layer, operation in view.acting:
        policy = layer.effective_policy
        if policy.retry is None or policy.timeout_s is None:
            continue
        known = replace(policy, per_try_s=policy.per_try_s or 0.0)
        tries = effective_tries(known)
        if tries < policy.retry.tries_total:
            key = (str(layer.location), tries, policy.retry.tries_total)
            found.setdefault(key, (layer, []))[1].append(operation)
    for (_, tries, configured), (layer, names) in sorted(found.items()):
        per_try = layer.policy.per_try_s
        hangs = " when the callee hangs" if per_try else ""
        single = f"tries of {told_seconds(per_try)}" if per_try else "the waits between tries"
        operations = tuple(sorted({one for one in names if one}))
        yield Fault(
            RULE,
            operations[0] if len(operations) == 1 else f"file:{layer.location.path}#{layer.convention}",
            f"{configured} tries are configured and at most {tries} happen{hangs}: {single} use up the "
            f"{told_seconds(layer.policy.timeout_s or 0)} of the whole call",
            layer.location,
            operations=operations,
            change=f"{tries} of {configured} tries",
            weight=configured - tries,
        )
