"""How a break of what is deployed can be rolled out: the plans of charts, manifests and kustomizations.

Sources: Kubernetes, "Connecting Applications with Services" and the deprecation policy (what is served beside
what); Helm, "Chart Best Practices: Values" and "Charts: the version field". See docs/rollout.md.
"""

from __future__ import annotations

from workspai_hooks.impact.plans import LOOK, Phase, Who

_FIRST = 100
"""Ranks after those of contracts: what is deployed follows what is built."""


def _phases(*rows: tuple[Who, str]) -> tuple[Phase, ...]:
    return tuple(Phase(_FIRST + rank, who, why) for rank, (who, why) in enumerate(rows))


(
    KEEP,
    BESIDE,
    READ_BOTH,
    CALL_NEW,
    STOP,
    SET_NEW,
    REPLACE,
    RAISE,
    DROP,
) = _phases(
    (Who.OWNERS, "keep {names} deployed for now"),
    (Who.OWNERS, "deploy the new form beside {names}, and keep that"),
    (Who.OWNERS, "read what takes the place of {names} and, where it is not set, {names}; release the chart"),
    (Who.CALLERS, "ask for the new form in place of {names}: both answer by now"),
    (Who.ALL, "stop using {names}: it is still there"),
    (Who.ALL, "set the new values in place of {names}: the chart takes both by now"),
    (Who.OWNERS, "make the object of {names} under another name; or delete it by hand before the upgrade"),
    (Who.OWNERS, "raise the clusters first, then what {names} asks of them"),
    (Who.OWNERS, "remove {names} from charts and manifests"),
)

REMOVAL = (LOOK, KEEP, STOP, DROP)
REPLACEMENT = (LOOK, BESIDE, CALL_NEW, DROP)
VALUES = (READ_BOTH, SET_NEW, DROP)
ANEW = (REPLACE,)
CLUSTERS = (RAISE,)

DEPLOYED: dict[str, tuple[Phase, ...]] = {
    "values-key-removed": VALUES,
    "values-key-renamed": VALUES,
    "values-key-retyped": VALUES,
    "values-schema-tightened": VALUES,
    "values-refused": VALUES,
    "chart-template-removed": REMOVAL,
    "chart-removed": REMOVAL,
    "kubernetes-version-tightened": CLUSTERS,
    "service-port-removed": REMOVAL,
    "service-port-changed": REPLACEMENT,
    "service-port-renamed": REPLACEMENT,
    "service-port-protocol-changed": REPLACEMENT,
    "service-target-missing": REPLACEMENT,
    "service-type-narrowed": REMOVAL,
    "service-selects-nothing": REMOVAL,
    "selector-matches-nothing": REMOVAL,
    "service-node-port-changed": REPLACEMENT,
    "service-external-name-changed": REPLACEMENT,
    "selector-changed": ANEW,
    "immutable-field-changed": ANEW,
    "selector-misses-own-pods": ANEW,
    "route-host-removed": REMOVAL,
    "route-path-removed": REMOVAL,
    "gateway-listener-removed": REMOVAL,
    "config-key-removed": REMOVAL,
    "config-key-renamed": REPLACEMENT,
    "reference-missing": REPLACEMENT,
    "object-removed": REMOVAL,
    "object-renamed": REPLACEMENT,
    "object-namespace-changed": REPLACEMENT,
    "object-kind-changed": ANEW,
    "api-version-removed": CLUSTERS,
    "crd-version-removed": REMOVAL,
    "crd-schema-tightened": REPLACEMENT,
}
"""By the name of the rule; what only weakens a service needs no order."""
