"""RT05: a retry of a whole service, or of all services, that covers operations nobody declared safe to retry.

AIP-4221: who adds an rpc gets the retry without having thought of it. Where each rpc that is covered is
declared safe, idempotent or keyed, a wildcard is what it should be.
"""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.resilience.grpc.acting import retrying
from workspai_hooks.resilience.reading import Fault
from workspai_hooks.resilience.said import Level, Said
from workspai_hooks.resilience.view import View

RULE = "retry-wildcard"
_NAMED = 3


def find(view: View) -> Iterator[Fault]:
    """One a name of a config that has no method."""
    covered: dict[Said, list[str]] = {}
    for one, said in retrying(view):
        if said.level is not Level.METHOD:
            policy = view.policy(one)
            if not policy.idempotency.may_retry and not policy.key:
                covered.setdefault(said, []).append(one.name)
    for said, names in covered.items():
        told = ", ".join(name.rpartition("/")[2] for name in names[:_NAMED])
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        who = f"all of {said.scope}" if said.scope else "every service"
        yield Fault(
            RULE,
            f"file:{said.location.path}#{said.scope or 'all services'}",
            f"retries {who}, with it {told}{more}, which nobody declared safe to try twice",
            said.location,
            operations=tuple(names),
        )
