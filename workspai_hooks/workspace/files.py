"""What kind of file a path is: code, test, generated, deployment."""

from __future__ import annotations

import re
from functools import cache

from workspai_hooks.patterns import regex

CODE = (
    *(".c", ".cc", ".clj", ".cpp", ".cs", ".cjs", ".cxx", ".dart", ".erl", ".ex", ".exs", ".fs", ".go"),
    *(".groovy", ".h", ".hpp", ".java", ".js", ".jsx", ".kt", ".kts", ".lua", ".mjs", ".php", ".pl", ".py"),
    *(".rb", ".rs", ".scala", ".swift", ".ts", ".tsx", ".vb", ".vue"),
)
_TEST = regex(
    r"(?:^|/)(?:tests?|testing|testdata|__tests__|__mocks__|mocks?|e2e|spec|specs|fixtures|cypress|"
    r"[\w.-]+[._-]tests?|src/(?:it|\w{1,30}Test\w{0,20})|[\w.-]+(?:Unit|Functional|Integration)?Tests)/"
    r"|_test\.\w+$|(?:^|/)test_[^/]+\.py$|\.(?:test|spec|cy|mock)\.\w+$|(?:^|/)conftest\.py$"
    r"|(?:Tests?|IT|Spec|TestCase)\.(?:java|kt|cs|fs|scala|groovy)$|_spec\.rb$"
)
_FOR_TESTS = regex(
    r"(?:^|/)(?:\.circleci|\.github|\.gitlab|e2e|e2e-?tests?|fixtures|integration-?tests?|test|test[_-]?data|testing|"
    r"test-?fixtures|tests|__fixtures__)/"
    r"|(?:^|/)(?:docker-)?compose[._-](?:[\w-]+[._-])?(?:ci|e2e|test|tests)\.ya?ml$"
)
CONFIGURATION = (
    *(
        ".bash",
        ".cfg",
        ".conf",
        ".config",
        ".cshtml",
        ".csproj",
        ".ctmpl",
        ".ejs",
        ".erb",
        ".gradle",
        ".graphql",
        ".hcl",
    ),
    *(
        ".htm",
        ".html",
        ".ini",
        ".json",
        ".properties",
        ".ps1",
        ".razor",
        ".sh",
        ".shtml",
        ".svelte",
        ".template",
        ".tmpl",
    ),
    *(".toml", ".tpl", ".xml", ".yaml", ".yml"),
)
_ASIDE = regex(
    r"(?:^|/)(?:node_modules|vendor|third_party|\.git|\.github|dist|target|docs?|examples?)/"
    r"|(?:^|/)(?:package-lock\.json|pnpm-lock\.yaml|tsconfig[\w.]*\.json|LICENSE|NOTICE|README|CODEOWNERS|"
    r"launchSettings\.json|Jenkinsfile|\.gitlab-ci[\w.-]*\.ya?ml|\.travis\.ya?ml|\.drone\.ya?ml|appveyor\.ya?ml|"
    r"(?:azure|bitbucket)-pipelines[\w.-]*\.ya?ml|cloudbuild[\w.-]*\.ya?ml|buildspec[\w.-]*\.ya?ml)$"
    r"|(?:^|/)\.(?:vscode|idea|devcontainer|circleci|gitlab|tekton|husky)/"
    r"|\.(?:min\.js|pb(?:\.\w{1,20})?\.go|pb\.(?:h|cc)|swagger\.json)$|_pb2(?:_grpc)?\.py$|_(?:grpc_)?pb\.(?:d\.)?(?:js|ts)$"
)
_PACKAGES = regex(r"(src/(?:main/)?(?:java|kotlin|scala|groovy)/).*/")


def is_code(path: str) -> bool:
    return path.endswith(CODE)


@cache  # of a run: every room asks of every path
def is_test(path: str) -> bool:
    return _TEST.search(path) is not None


def is_aside(path: str) -> bool:
    """Whether a file is somebody else's code, or shows how things are done."""
    return _ASIDE.search(path) is not None


def is_own(path: str) -> bool:
    """Whether a file is neither of tests, nor somebody else's, nor shows how things are done."""
    return not (is_test(path) or is_aside(path))


def is_for_tests(path: str) -> bool:
    """A manifest, or a folder with its slash, that tests or CI run and nobody deploys."""
    return _FOR_TESTS.search(path) is not None


def is_for_show(path: str) -> bool:
    """A manifest of an example or of a document."""
    return re.search(r"(?:^|/)(?:docs?|examples?|samples?)/", path) is not None


@cache
def is_read_at_run_time(path: str) -> bool:
    """Code, scripts and configuration: not tests, documents, locks, pictures, stubs or vendored code.

    Files without an ending count as scripts (`entrypoint`, `Dockerfile`, `Caddyfile`).
    """
    name = path.rpartition("/")[2]
    known = path.endswith(CODE) or path.endswith(CONFIGURATION) or "." not in name or "ockerfile" in name
    # A package may be called like a folder for examples.
    return known and not (is_test(path) or _ASIDE.search(_PACKAGES.sub(r"\1", path)))
