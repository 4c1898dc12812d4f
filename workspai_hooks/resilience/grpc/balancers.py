"""Load balancers by name, in release 1.85 of the runtimes."""

from __future__ import annotations

CORE = frozenset(("pick_first", "round_robin", "grpclb", "weighted_round_robin", "ring_hash_experimental"))
"""What C-core has and takes without a config of its own."""
CORE_NEEDING = frozenset(
    (
        "cds_experimental",
        "outlier_detection_experimental",
        "priority_experimental",
        "rls_experimental",
        "weighted_target_experimental",
        "xds_cluster_impl_experimental",
        "xds_cluster_manager_experimental",
        "xds_override_host_experimental",
        "xds_wrr_locality_experimental",
    )
)
"""What C-core has and takes with a config of its own only."""
GO = frozenset(("pick_first", "round_robin"))
"""What every program with grpc-go has; others come with an import, or are the program's own."""


def meant(name: str, known: frozenset[str]) -> str:
    """The known one of which `name` is another spelling (`RoundRobin`), or nothing."""
    plain = _plain(name)
    return next((one for one in sorted(known) if one != name and _plain(one) == plain), "")


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))
