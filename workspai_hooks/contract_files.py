"""Which files are contracts, or may be, by name; a change that touches none of them asks nothing."""

CONTRACT_SUFFIXES = (".proto",)
"""Contracts for certain."""

DOCUMENT_SUFFIXES = (
    ".yaml",
    ".yml",
    ".json",
    ".tpl",
    "/Chart.lock",
    "/Kustomization",
    ".yaml.gotmpl",
    ".yml.gotmpl",
)
"""OpenAPI descriptions, charts and manifests are among these: their content says which. Charts and
kustomizations are made of other files as well: changes/deployed.py."""

CHART = "Chart.yaml"
KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
HOMES = (CHART, *KUSTOMIZATIONS)
"""What a folder of theirs has: files of any name are read by it."""

APPROVAL_FILES = (".workspai/approvals.yaml", ".workspai/baseline.yaml")
"""Where intended breaks, and those of the past, are written down."""

LFS_MARK = b"version https://git-lfs.github.com/spec/v1\n"
"""What a blob begins with whose content Git LFS keeps."""

SOURCE_SUFFIXES = (
    *(".c", ".c++", ".cc", ".cjs", ".cpp", ".cs", ".cts", ".cxx", ".ex", ".exs", ".go", ".h", ".hh", ".hpp"),
    *(".hxx", ".inl", ".ipp", ".java", ".js", ".jsx", ".kt", ".kts", ".mjs", ".mts", ".php", ".phtml", ".py"),
    *(".pyi", ".rake", ".rb", ".rs", ".ru", ".ts", ".tsx", ".vue", ".svelte", ".inc", ".tcc"),
)
"""Sources of the languages that are followed, and of some that may be one day."""

SERVICE_CONFIG = "_grpc_service_config.json"
"""What gRPC service configs end in that stand beside contracts, as googleapis names its files."""

PLUMBING = ("/grpc/health/", "/grpc/reflection/", "/google/", "/node_modules/")
"""Contracts of the runtime, not of a service: no edge follows from them."""


def is_plumbing(path: str) -> bool:
    """Whether a contract is one of the runtime's."""
    return any(part in f"/{path}" for part in PLUMBING)


def is_document(path: str) -> bool:
    """Whether a file may be an OpenAPI description or a part of one, or belong to a chart or to manifests."""
    return f"/{path}".endswith(DOCUMENT_SUFFIXES) or "/templates/" in f"/{path}"
