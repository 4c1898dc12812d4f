"""Which files are contracts, or may be, by name; a change that touches none of them asks nothing."""

CONTRACT_SUFFIXES = (".proto",)
"""Contracts for certain."""

DOCUMENT_SUFFIXES = (".yaml", ".yml", ".json", ".tpl", "/Chart.lock")
"""OpenAPI descriptions, charts and manifests are among these: their content says which."""

PLUMBING = ("/grpc/health/", "/grpc/reflection/", "/google/", "/node_modules/")
"""Contracts of the runtime, not of a service: no edge follows from them."""


def is_plumbing(path: str) -> bool:
    """Whether a contract is one of the runtime's."""
    return any(part in f"/{path}" for part in PLUMBING)


def is_document(path: str) -> bool:
    """Whether a file may be an OpenAPI description or a part of one, or belong to a chart or to manifests."""
    return f"/{path}".endswith(DOCUMENT_SUFFIXES) or "/templates/" in f"/{path}"
