"""RT09: retries of several hops multiply, so that a service that is down gets many times the load.

Warning above 10 tries at the end of a path for one request at its start, error above 27, which is three tries
on three hops (Site Reliability Engineering, chapter 22; Amazon Builders' Library, "Timeouts, retries, and
backoff with jitter").
"""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.findings import Hop, Severity
from workspai_hooks.resilience.calls import Call
from workspai_hooks.resilience.paths import Path
from workspai_hooks.resilience.reading import Fault, Fix
from workspai_hooks.resilience.view import View

RULE = "path-amplification"
WARN_ABOVE, FAIL_ABOVE = 10, 27


def find(view: View) -> Iterator[Fault]:
    """One for each service at the end of a worst path that no worse one goes on from."""
    cut = {path.services: path for path in map(_retrying, view.paths.worst.values())}
    over = [path for path in cut.values() if path.amplification > WARN_ABOVE]
    beginnings = {path.services[:size] for path in over for size in range(2, len(path.services))}
    for path in over:
        if path.services in beginnings:
            continue
        told = ", ".join(told_hop(one) for one in path.hops)
        yield Fault(
            RULE,
            path.name,
            f"one request becomes {path.amplification} at {path.hops[-1].provider} when it fails: {told}",
            next(one.retrying[0].location for one in path.hops if one.retrying),
            Severity.ERROR if path.amplification > FAIL_ABOVE else Severity.WARNING,
            related=tuple(layer.location for one in path.hops for layer in one.retrying)[1:],
            operations=tuple(one.operation for one in path.hops if one.operation),
            services=path.services,
            hops=hops_of(path),
            change=f"{path.amplification} tries",
            weight=path.amplification,
            fix=_fix(view, path),
        )


def _retrying(path: Path) -> Path:
    """A path up to its last hop that retries: what is called beyond it gets no more."""
    hops = path.hops
    while len(hops) > 1 and hops[-1].tries == 1:
        hops = hops[:-1]
    return Path(hops)


def _fix(view: View, path: Path) -> Fix | None:
    """Retries nearest to what fails alone: one try on all hops but the last that retries, and of its layers
    in the innermost alone. None where not all of the others can be written so."""
    layers = [layer for one in path.hops for layer in one.retrying]
    last = next(one for one in reversed(path.hops) if one.retrying).retrying[-1]
    fixes = [view.fixes.no_retry(one) for one in dict.fromkeys(layers) if one is not last]
    edits = {edit for fix in fixes if fix is not None for edit in fix.edits}
    if not fixes or None in fixes:
        return None
    return Fix(f"retry in one place alone, {last.location}", tuple(sorted(edits)))


def told_hop(call: Call) -> str:
    """`cart -> cache 3 x 2 tries`."""
    tries = " x ".join(str(one.tries) for one in call.retrying) or "1"
    return f"{call.consumer} -> {call.provider} {tries}"


def hops_of(path: Path) -> tuple[Hop, ...]:
    """A path as a report has it."""
    return tuple(
        Hop(
            one.consumer,
            one.provider,
            (one.protocol,),
            False,
            (*one.evidence, *(layer.location for layer in one.retrying)),
        )
        for one in path.hops
    )
