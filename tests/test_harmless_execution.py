"""Nothing of a repository is executed, and what is executed is told nothing that it does not need."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from conftest import Scratch
from harmless import audited
from traps import PROTO, Trapped, bait, lay

from workspai_hooks.tools import spawn
from workspai_hooks.tools.buf import resolve_buf
from workspai_hooks.tools.helm import resolve_helm
from workspai_hooks.tools.oasdiff import resolve_oasdiff

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the traps are POSIX scripts")


@pytest.fixture(scope="module")
def trapped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trapped]:
    made = lay(tmp_path_factory.mktemp("trapped"))
    yield made
    made.server.shutdown()


@pytest.mark.parametrize(
    "argv",
    [["git", "status"], ["git", "log", "-1"], ["git", "diff"], ["git", "fetch"], ["sh", "-c", "buf"]],
    ids=" ".join,
)
def test_the_traps_work(trapped: Trapped, argv: list[str]) -> None:
    """What others do in that repository: or nothing is shown by what we do not."""
    program = shutil.which(argv[0])
    assert program
    given = dict(trapped.environment)
    given["PATH"] = given["PATH"] if argv[0] == "sh" else os.environ["PATH"]
    subprocess.run(
        [program, *argv[1:]],
        cwd=trapped.made.root,
        env={**os.environ, **given},
        capture_output=True,
        check=False,
    )
    assert trapped.snapped.exists()
    trapped.snapped.unlink()


@pytest.mark.parametrize("key", ["commands", "plugins", "helm", "hooks", "run"])
def test_a_configuration_names_no_command(
    scratch: Callable[[Mapping[str, str]], Scratch],
    cli: Callable[..., subprocess.CompletedProcess[str]],
    key: str,
) -> None:
    made = scratch({"a.proto": PROTO})
    made.write({".workspai.yaml": f"{key}: [./bait]\n", "a.proto": PROTO.replace("int32", "int64")})
    bait(made.root / "bait", made.root.parent / "snapped")
    done = cli(made.root, "check")
    assert done.returncode == 2
    assert f"unknown key {key}" in done.stdout
    assert not (made.root.parent / "snapped").exists()


def test_programs_are_not_looked_for_in_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither by a relative entry of PATH, nor by one that leads below its top, by whatever way."""
    inside, outside, link = tmp_path / "repository/bin", tmp_path / "tools", tmp_path / "link"
    for folder in (inside, inside.parent / "node_modules/.bin", outside):
        bait(folder / "git", tmp_path / "snapped")
    link.symlink_to(inside)
    (tmp_path / "repository/.git").mkdir()
    (tmp_path / "repository/deep/er").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "repository/deep/er")
    for entry in (inside, link, "../../bin", "node_modules/.bin", ".", ""):
        monkeypatch.setenv("PATH", str(entry))
        assert spawn.located("git") is None
        monkeypatch.setenv("PATH", f"{entry}{os.pathsep}{outside}")
        assert spawn.located("git") == str(outside / "git")


HOSTILE = ("yaml", "msgspec", "rich", "jinja2", "tree_sitter", "subprocess", "json", "sqlite3", "typing")


@pytest.mark.parametrize("way", ["console script", "-m", "-P -m"])
def test_no_module_of_the_repository_is_imported(shop: Scratch, tmp_path: Path, way: str) -> None:
    """Files at the repository's top that are called like modules which we import.

    Of `python -m`, Python itself imports modules before us: of these, no program can help that.
    """
    marker = tmp_path / "imported"
    for name in HOSTILE:
        if way != "-m" or name not in sys.stdlib_module_names:
            (shop.root / f"{name}.py").write_text(f"open({str(marker)!r}, 'a').write({name!r})\n")
    script = Path(sys.executable).with_name("workspai-hooks")
    argv = {
        "console script": [str(script)],
        "-m": [sys.executable, "-m", "workspai_hooks"],
        "-P -m": [sys.executable, "-P", "-m", "workspai_hooks"],
    }[way]
    shop.replace("protos/bookshop/catalog/v1/catalog.proto", "  string title = 2;\n", "")
    done = subprocess.run([*argv, "check"], cwd=shop.root, capture_output=True, text=True, check=False)
    assert not marker.exists(), marker.read_text()
    assert done.returncode == 1, done.stderr


def test_what_python_path_leads_to_in_the_repository_is_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workspai_hooks.entry import _import_nothing_from_here

    repository = tmp_path / "repository"
    (repository / "src").mkdir(parents=True)
    (tmp_path / "link").symlink_to(repository / "src")
    before = list(sys.path)
    theirs = ["", ".", "src", str(repository), str(repository / "src"), str(tmp_path / "link")]
    monkeypatch.chdir(repository)
    monkeypatch.setattr(sys, "path", [*theirs, *before])
    _import_nothing_from_here()
    assert sys.path == [entry for entry in before if entry]


SECRETS = {
    name: f"token-of-{name}"
    for name in (
        *("GITHUB_TOKEN", "CI_JOB_TOKEN", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "NPM_TOKEN"),
        *("GOOGLE_APPLICATION_CREDENTIALS", "AZURE_CLIENT_SECRET", "DATABASE_URL", "SSH_AUTH_SOCK"),
        *("BUF_TOKEN", "PGPASSWORD", "HELM_REGISTRY_CONFIG", "DOCKER_CONFIG", "ACTIONS_RUNTIME_TOKEN"),
    )
}
GIVEN = {
    *("PATH", "HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "LC_ALL", "XDG_CONFIG_HOME", "NETRC"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy", "NO_PROXY"),
    *("no_proxy", "GOGC", "GOMEMLIMIT", "BUF_CACHE_DIR", "KUBECONFIG", "LD_LIBRARY_PATH", "SUDO_UID"),
    *("HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME", "HELM_PLUGINS", "HELM_NO_PLUGINS"),
    *("PWD", "_", "SHLVL", "OLDPWD"),  # of the shell that tells
}
"""What children are given. HOME, NETRC and KUBECONFIG of all but git lead nowhere."""


@pytest.mark.parametrize("name", ["git", "buf", "oasdiff", "helm"])
def test_a_child_gets_no_token(trapped: Trapped, tmp_path: Path, name: str) -> None:
    """A tool that tells its environment, and goes on as the real one."""
    find = {"buf": resolve_buf, "oasdiff": resolve_oasdiff, "helm": resolve_helm}
    real = find[name]().path if name in find else shutil.which(name)
    told = tmp_path / "environment"
    fake = tmp_path / "tools" / name
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\nenv >> {told}\nexec {real} "$@"\n')
    fake.chmod(0o755)
    where = {"PATH": f"{fake.parent}{os.pathsep}{os.environ['PATH']}"}
    where |= {f"WORKSPAI_{name.upper()}": str(fake)} if name in find else {}
    run = audited(trapped.made.root, "check", WORKSPAI_INDEX="off", **SECRETS, **where)
    assert run.code == 1
    said = told.read_text()
    assert "token-of-" not in said
    names = {line.partition("=")[0] for line in said.splitlines() if "=" in line}
    git = {one for one in names if one.startswith("GIT_")}
    assert names - git <= GIVEN
    assert name == "git" or not git
