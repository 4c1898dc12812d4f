"""What tests share: scratch git repositories, the bundled shop in one of them, and our command line."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from forked import completed
from git import Repo

CHECKOUT = Path(__file__).parents[1]
FIXTURES = CHECKOUT / "fixtures"
SHOP = FIXTURES / "shop"


LONGEST = (
    "states/test_matrix.py",
    "stubs/test_grpc_java.py",
    "hostile/test_parsers.py",
    "stubs/test_connect_es.py",
    "test_histories.py",
    "stubs/test_sidecar_http_java.py",
    "hostile/test_command_line.py",
    "stubs/test_sidecar_http_typescript.py",
    "test_killed.py",
    "test_crowd.py",
    "stubs/test_grpc_typescript.py",
    "test_hook_managers.py",
    "stubs/test_stubs_verb.py",
    "test_bundle.py",
    "stubs/test_sidecar_http_httpx.py",
    "test_ci_systems.py",
    "stubs/test_grpc_go.py",
    "test_approvals.py",
    "stubs/test_sidecar_http_python.py",
    "remote/test_remote.py",
    "test_facts.py",
    "stubs/test_grpc_python.py",
    "test_index.py",
    "stubs/test_sidecar_http_go.py",
)
"""Files that take longest, tests that wait beside tests that compute. They are begun first: a long file that
is begun last leaves the other workers idle (each file stays on one worker, `--dist loadfile`)."""

ON_CLOCKS = (
    "resilience/test_gateways.py",
    "resilience/test_real_chains.py",
    "stubs/test_connect_es.py",
    "stubs/test_emit.py",
    "stubs/test_grpc_*.py",
    "stubs/test_sidecar_http_*.py",
)
"""Files in which real proxies, clients and servers keep deadlines of some 100 ms. On a machine that does not
let them run for as long, they answer otherwise and are right to: such a test fails when it fails thrice."""


def pytest_configure(config: pytest.Config) -> None:
    config.option.loadscopereorder = False  # pytest-xdist would begin with the files that have most tests


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {CHECKOUT / "tests" / name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))
    for item in items:
        if any(item.path.match(str(CHECKOUT / "tests" / name)) for name in ON_CLOCKS):
            item.add_marker(pytest.mark.flaky(reruns=2, reruns_delay=1))


class Scratch:
    """A git repository in a temporary folder. `repo` is GitPython's; `repo.git.X(…)` runs `git X`."""

    def __init__(self, repo: Repo) -> None:
        self.repo = repo
        self.root = Path(repo.working_dir)

    @staticmethod
    def init(root: Path, branch: str = "main") -> Scratch:
        root.mkdir(parents=True, exist_ok=True)
        return Scratch(Repo.init(root, initial_branch=branch))

    def write(self, files: Mapping[str, str | bytes]) -> Scratch:
        """Write and stage."""
        for path, content in files.items():
            file = self.root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        self.repo.git.add("--", *files)
        return self

    def replace(self, path: str, old: str, new: str) -> Scratch:
        """Replace a text that stands in the file exactly once, and stage."""
        text = (self.root / path).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
        return self.write({path: text.replace(old, new)})

    def apply(self, edit: Mapping[str, list[list[str]]]) -> Scratch:
        """Stage an edit of fixtures/edits.json."""
        for path, old, new in edit.get("replace", []):
            self.replace(path, old, new)
        for path in edit.get("delete", []):
            self.repo.git.rm("--quiet", "--", path)
        for old, new in edit.get("move", []):
            self.repo.git.mv("--", old, new)
        return self

    def commit(self, message: str = "change") -> str:
        """Commit what is staged; the commit's id."""
        self.repo.git.commit("--quiet", "--no-verify", "--allow-empty", "-m", message)
        return str(self.repo.head.commit.hexsha)

    def branch(self, name: str) -> Scratch:
        """Make a branch here and go to it."""
        self.repo.git.switch("--quiet", "--create", name)
        return self


@pytest.fixture(autouse=True, scope="session")
def git_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Neither the developer's git configuration nor variables of a hook or of CI, where the suite may run."""
    own = ("GIT_", "PRE_COMMIT", "GITHUB_", "GITLAB_", "CI_", "BITBUCKET_", "TF_", "BUILD", "SYSTEM_")
    own += ("JENKINS_", "CHANGE_", "BRANCH_", "TAG_")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(own) or name == "CI"]:
            patch.delenv(name)
        config = tmp_path_factory.mktemp("git") / "config"
        config.write_text(
            "[user]\nname = Test\nemail = test@bookshop.example\n[init]\ndefaultBranch = main\n"
            '[protocol "file"]\nallow = always\n[gc]\nauto = 0\n'
        )
        patch.setenv("GIT_CONFIG_GLOBAL", str(config))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        yield


@pytest.fixture
def scratch(tmp_path: Path) -> Callable[[Mapping[str, str | bytes]], Scratch]:
    """Make a repository of these files: committed on main, standing on the branch `topic`."""

    def make(files: Mapping[str, str | bytes]) -> Scratch:
        made = Scratch.init(tmp_path / "scratch").write(files)
        made.commit("base")
        return made.branch("topic")

    return make


@pytest.fixture(scope="session")
def committed_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("shop") / "shop"
    shutil.copytree(SHOP, root, ignore=shutil.ignore_patterns("__pycache__", "truth.json"))
    made = Scratch.init(root)
    made.repo.git.add("--all")
    made.commit("The shop")
    made.branch("topic")
    return root


@pytest.fixture
def shop(committed_shop: Path, tmp_path: Path) -> Scratch:
    """The bundled shop, committed on main, standing on the branch `topic`."""
    root = tmp_path / "shop"
    shutil.copytree(committed_shop, root, symlinks=True)
    return Scratch(Repo(root))


@pytest.fixture(scope="session")
def cli() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run our command in a folder: `cli(root, "check", "--format", "json")`; forked.py says how."""

    def run(
        cwd: Path, *arguments: str, stdin: str | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return completed(arguments, cwd, environment, stdin)

    return run


@pytest.fixture
def published(tmp_path: Path) -> Callable[[], Scratch]:
    """This checkout as a repository that a hook manager clones: what is tracked or could be."""

    def publish() -> Scratch:
        made = Scratch.init(tmp_path / "workspai-hooks")
        listed = Repo(CHECKOUT).git.ls_files("--cached", "--others", "--exclude-standard").splitlines()
        for path in sorted(set(listed)):
            if (CHECKOUT / path).is_file():
                (made.root / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(CHECKOUT / path, made.root / path)
        made.repo.git.add("--all")
        made.commit("release")
        return made

    return publish
