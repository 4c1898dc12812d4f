"""Which files are contracts, by name; a change that touches none of them asks nothing."""

CONTRACT_SUFFIXES = (".proto",)

PLUMBING = ("/grpc/health/", "/grpc/reflection/", "/google/", "/node_modules/")
"""Contracts of the runtime, not of a service: no edge follows from them."""


def is_plumbing(path: str) -> bool:
    """Whether a contract is one of the runtime's."""
    return any(part in f"/{path}" for part in PLUMBING)
