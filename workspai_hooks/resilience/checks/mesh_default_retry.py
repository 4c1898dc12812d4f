"""RT03: a mesh that retries an unsafe operation by default, as nothing says otherwise.

Only where the mesh is there: a VirtualService for the operation's service, or a label that gives its pods a
sidecar. Unsafe is what is declared so, and POST and PATCH without a key; what nobody declared is RT04's.
Istio's default retries gRPC's UNAVAILABLE in all versions, a 503 over HTTP until 1.24 (istio#50506): where
the version decides, it is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.findings import Severity
from workspai_hooks.resilience.layers import Layer
from workspai_hooks.resilience.model import Idempotency
from workspai_hooks.resilience.operations import Operation
from workspai_hooks.resilience.reached import reached
from workspai_hooks.resilience.reading import Fault
from workspai_hooks.resilience.view import View

RULE = "mesh-default-retry"
_SHOWN = 3


def find(view: View) -> Iterator[Fault]:
    """One for each rule of the mesh, and protocol; all operations that it reaches are named in it."""
    if not any(one.by_default for one in view.layers):
        return
    found: dict[tuple[Layer, bool], list[Operation]] = {}
    for operation, layer in reached(view):
        if layer.by_default and _is_unsafe(view, operation):
            found.setdefault((layer, operation.is_grpc), []).append(operation)
    for (layer, is_grpc), operations in sorted(
        found.items(), key=lambda one: (one[0][0].location, one[0][1])
    ):
        yield _fault(view, layer, operations, is_grpc=is_grpc)


def _is_unsafe(view: View, operation: Operation) -> bool:
    policy = view.policy(operation)
    if policy.idempotency.may_retry or policy.key:
        return False
    if policy.idempotency is Idempotency.UNSAFE:
        return True
    return not operation.is_grpc and operation.request[0] in ("POST", "PATCH")


def _fault(view: View, layer: Layer, operations: list[Operation], *, is_grpc: bool) -> Fault:
    names = [view.element(one) for one in operations]
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    tries = layer.retry.tries_total if layer.retry else 1
    when = "when UNAVAILABLE" if is_grpc else "after a 503 before version 1.24"
    return Fault(
        RULE,
        names[0] if len(names) == 1 else f"file:{layer.location.path}#{layer.hosts[0]}",
        f"nothing here says how often {shown} may be tried: Istio does so {tries} times by default, {when}",
        layer.location,
        None if is_grpc else Severity.WARNING,
        related=tuple(sorted(one.location for one in operations))[:20],
        operations=tuple(sorted({one.name for one in operations})),
        change=f"{tries} tries",
    )
