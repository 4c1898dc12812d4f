"""What an installation brings: oasdiff and helm, built by pip from a git URL, with and without Go."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from conftest import CHECKOUT, Scratch
from git import Repo

TOOLS = ("helm", "oasdiff")
pytestmark = pytest.mark.skipif(not shutil.which("go"), reason="builds Go programs; there is no Go")


def run(*argv: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        argv,
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
        check=False,
    )


@pytest.fixture
def wheel(published: Callable[[], Scratch], tmp_path: Path) -> Callable[..., ZipFile | str]:
    """Build a wheel as `pip install git+URL` does; the wheel, or what pip said where there is none."""

    def build(**environment: str) -> ZipFile | str:
        ours = published()
        url = f"git+{ours.root.as_uri()}@{ours.repo.head.commit.hexsha}"
        into = tmp_path / "wheels"
        argv = (
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "-v",
            "--no-deps",
            "--no-cache-dir",
            "-w",
            str(into),
            url,
        )
        done = run(*argv, **environment)
        assert ours.repo.git.status("--porcelain", "--ignored") == ""
        if done.returncode:
            return done.stdout
        (made,) = into.iterdir()
        return ZipFile(made)

    return build


def bundled(made: ZipFile) -> list[str]:
    """The tools in a wheel, by name; each is an executable."""
    found = [info for info in made.infolist() if info.filename.startswith("workspai_hooks/_bundled/")]
    assert all(info.external_attr >> 16 & stat.S_IXUSR for info in found)
    return sorted(Path(info.filename).name.partition("-")[0] for info in found)


def doctor(environment: Path, home: Path) -> dict[str, dict[str, str]]:
    """What `doctor` of an installation says, where nothing but git can be found beside it."""
    only_git = home / "only-git"
    only_git.mkdir()
    (only_git / "git").symlink_to(str(shutil.which("git")))
    done = run(str(environment / "bin" / "workspai-hooks"), "doctor", "--format", "json", PATH=str(only_git))
    return {tool["name"]: tool for tool in json.loads(done.stdout)["tools"]}


def test_a_wheel_brings_both_tools_and_nothing_for_the_users_path(
    wheel: Callable[..., ZipFile | str], tmp_path: Path
) -> None:
    made = wheel()
    assert isinstance(made, ZipFile), made
    assert bundled(made) == list(TOOLS)
    name = Path(str(made.filename)).name
    assert name.split("-", 2)[2].startswith("py3-none-")
    assert not name.endswith("-any.whl")
    assert not [each for each in made.namelist() if "/scripts/" in each]

    fresh = tmp_path / "fresh"
    venv.create(fresh, with_pip=True)
    done = run(str(fresh / "bin" / "pip"), "install", "--no-deps", "--no-index", str(made.filename))
    assert done.returncode == 0, done.stdout
    # what it depends on comes from the environment of the tests, instead of from a registry
    (packages,) = (fresh / "lib").glob("python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    shown = doctor(fresh, tmp_path)
    for tool in TOOLS:
        assert shown[tool]["source"] == "bundled", shown[tool]
        assert shown[tool]["path"].startswith(str(packages))
        assert run(shown[tool]["path"], "--help").returncode == 0


def test_the_bundle_can_be_trimmed_to_nothing(
    wheel: Callable[..., ZipFile | str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is compiled then, no Go is asked for, and the wheel is for every platform."""
    made = wheel(WORKSPAI_BUNDLE="", GOPROXY="off", PATH=without_go(monkeypatch))
    assert isinstance(made, ZipFile), made
    assert bundled(made) == []
    assert str(made.filename).endswith("py3-none-any.whl")


def without_go(monkeypatch: pytest.MonkeyPatch) -> str:
    """PATH less the folders that hold a `go`."""
    folders = os.environ["PATH"].split(os.pathsep)
    path = os.pathsep.join(folder for folder in folders if not Path(folder, "go").exists())
    assert shutil.which("git", path=path), "git is in one folder with go"
    return path


def test_a_machine_without_go_builds_with_a_packaged_one(
    wheel: Callable[..., ZipFile | str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = wheel(WORKSPAI_BUNDLE="oasdiff", PATH=without_go(monkeypatch))
    assert isinstance(made, ZipFile), made
    assert bundled(made) == ["oasdiff"]


def test_a_tool_that_can_not_be_built_fails_the_installation_and_says_what_helps(
    wheel: Callable[..., ZipFile | str], tmp_path: Path
) -> None:
    said = wheel(GOPROXY="off", GOMODCACHE=str(tmp_path / "modules"))
    assert isinstance(said, str)
    for words in (
        "oasdiff 1.",
        "could not be built",
        "module lookup disabled by GOPROXY=off",
        "GOPROXY, here off",
        "WORKSPAI_BUNDLE=helm",
        "exit code 3",
        "WORKSPAI_OASDIFF",
    ):
        assert words in said


def test_a_tool_that_is_not_known_is_refused(wheel: Callable[..., ZipFile | str]) -> None:
    said = wheel(WORKSPAI_BUNDLE="oasdiff,hlem")
    assert isinstance(said, str)
    assert "WORKSPAI_BUNDLE names hlem; there is oasdiff, helm" in said


def test_the_tools_of_this_checkout_are_ignored_by_git() -> None:
    assert Repo(CHECKOUT).ignored("workspai_hooks/_bundled/helm-3.22.0")


@pytest.fixture
def installer(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[tuple[str, ...], Path, dict[str, str]]:
    """How uv and pipx install a program, where it lies then, and variables that keep it in our folder."""
    name = str(request.param)
    if not shutil.which(name):
        pytest.skip(f"there is no {name}")
    home = tmp_path / "programs"
    places = {
        "uv": (("uv", "tool", "install"), "UV_TOOL_DIR", "UV_TOOL_BIN_DIR", home / "workspai-hooks"),
        "pipx": (("pipx", "install"), "PIPX_HOME", "PIPX_BIN_DIR", home / "venvs" / "workspai-hooks"),
    }
    argv, programs, binaries, place = places[name]
    return argv, place, {programs: str(home), binaries: str(tmp_path / "bin")}


@pytest.mark.parametrize("installer", ["uv", "pipx"], indirect=True)
def test_uv_and_pipx_install_it_and_put_one_program_on_the_path(
    installer: tuple[tuple[str, ...], Path, dict[str, str]],
    published: Callable[[], Scratch],
    tmp_path: Path,
) -> None:
    argv, place, environment = installer
    done = run(*argv, f"git+{published().root.as_uri()}", **environment)
    assert done.returncode == 0, done.stdout
    assert [path.name for path in (tmp_path / "bin").iterdir()] == ["workspai-hooks"]
    shown = doctor(place, tmp_path)
    assert {shown[tool]["source"] for tool in TOOLS} == {"bundled"}
