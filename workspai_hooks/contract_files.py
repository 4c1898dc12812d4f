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

TEMPLATE_SUFFIXES = (
    *(".ejs", ".eex", ".eml", ".erb", ".ftl", ".gohtml", ".gotmpl", ".gotxt", ".heex", ".hbs", ".htm"),
    *(".html", ".j2", ".jinja", ".jinja2", ".leex", ".md", ".mustache", ".rhtml", ".tmpl", ".tpl", ".twig"),
    *(".txt", ".xml"),
)
"""Files of any kind that count only where they have something to fill in."""

SETTING_SUFFIXES = (".json", ".yaml", ".yml", ".properties", ".toml", ".conf", ".env", ".tpl")
"""Files that may set a timeout, a retry, or what environments differ in."""

SERVICE_CONFIG = "_grpc_service_config.json"
"""What gRPC service configs end in that stand beside contracts, as googleapis names its files."""

PLUMBING = ("/grpc/health/", "/grpc/reflection/", "/google/", "/node_modules/")
"""Contracts of the runtime, not of a service: no edge follows from them."""


def is_plumbing(path: str) -> bool:
    """Whether a contract is one of the runtime's."""
    return any(part in f"/{path}" for part in PLUMBING)


def is_source(path: str) -> bool:
    """Whether a path can use a contract, by its name."""
    return path.endswith(SOURCE_SUFFIXES) or path.endswith(TEMPLATE_SUFFIXES)


def is_document(path: str) -> bool:
    """Whether a file may be an OpenAPI description or a part of one, or belong to a chart or to manifests."""
    return f"/{path}".endswith(DOCUMENT_SUFFIXES) or "/templates/" in f"/{path}"


def is_read(path: str) -> bool:
    """Whether a commit's own glance looks into a file of that name, in any repository."""
    return path.endswith((*SETTING_SUFFIXES, *SOURCE_SUFFIXES)) or is_document(path)
