"""Finding oasdiff and helm: environment, bundle, PATH; and what becomes of one that can't be used."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from gotool import real, script

from workspai_hooks.doctor import examine
from workspai_hooks.errors import UndecidedError
from workspai_hooks.tools import gotools, helm, oasdiff, process

KINDS = {"oasdiff": (oasdiff.KIND, oasdiff.resolve_oasdiff), "helm": (helm.KIND, helm.resolve_helm)}
FIT = {"oasdiff": "oasdiff version 1.36.2", "helm": "v3.20.1+gabcdef"}


@pytest.fixture(params=KINDS)
def name(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A tool that no variable names."""
    monkeypatch.delenv(KINDS[request.param][0].variable, raising=False)
    return str(request.param)


@pytest.fixture
def no_bundle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(gotools, "BUNDLE", tmp_path / "none")


def pinned(name: str) -> str:
    """The version that tools/<name>/go.mod requires."""
    lines = (Path(__file__).parents[1] / "tools" / name / "go.mod").read_text().splitlines()
    (tool,) = (line.split()[1] for line in lines if line.startswith("tool "))
    required = [line.split() for line in lines if line.startswith("\t")]
    (version,) = (version for module, version, *_ in required if f"{tool}/".startswith(f"{module}/"))
    return version.removeprefix("v")


def test_the_bundled_one_is_the_pinned_one(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind, resolve = KINDS[name]
    monkeypatch.setenv("PATH", "/nowhere")
    found = real(resolve)
    assert (found.origin, found.version) == ("bundled", pinned(name))
    assert gotools.checked(kind, found.path, "bundled").version == found.version


def test_the_environment_wins(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kind, resolve = KINDS[name]
    named = script(tmp_path, f"echo {FIT[name]}", "mine")
    monkeypatch.setenv(kind.variable, str(named))
    found = resolve()
    assert (found.path, found.origin) == (str(named), kind.variable)
    assert found.version in FIT[name]


@pytest.mark.usefixtures("no_bundle")
def test_path_comes_last(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kind, resolve = KINDS[name]
    script(tmp_path, f"echo {FIT[name]}", kind.name)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert resolve().origin == "PATH"


@pytest.mark.usefixtures("no_bundle")
def test_a_missing_one_is_an_error_with_a_remedy(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind, resolve = KINDS[name]
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UndecidedError) as caught:
        resolve()
    assert "WORKSPAI_BUNDLE" in caught.value.undecided.remedy
    assert kind.variable in caught.value.undecided.remedy
    (shown,) = (tool for tool in examine() if tool.name == name)
    assert kind.variable in (shown.problem or "")
    monkeypatch.setenv(kind.variable, f"/nowhere/{name}")
    with pytest.raises(UndecidedError):
        resolve()


@pytest.mark.parametrize("body", ["echo 0.9.0", "echo v4.3.1", "echo main", "exit 3", "kill -9 $$"])
def test_one_that_is_old_strange_or_broken_is_refused(
    name: str, body: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A next major version is strange: its rows, flags and words are not known."""
    kind, resolve = KINDS[name]
    monkeypatch.setenv(kind.variable, str(script(tmp_path, body, "mine")))
    with pytest.raises(UndecidedError) as caught:
        resolve()
    assert kind.variable in caught.value.undecided.why


def test_doctor_shows_both_with_version_and_place() -> None:
    real(oasdiff.resolve_oasdiff)
    shown = {tool.name: tool for tool in examine()}
    for name in KINDS:
        assert shown[name].problem is None
        assert shown[name].version
        assert Path(shown[name].path).is_file()


LIMITS = process.Limits(memory_bytes=1 << 30, cpu_s=20, output_bytes=1 << 20)


def limited(path: Path, folder: Path) -> process.Completed:
    return process.run(
        [str(path)], cwd=folder, env=process.environment(), timeout_s=20, limits=LIMITS, remedy="none"
    )


def test_what_it_prints_is_bounded(tmp_path: Path) -> None:
    with pytest.raises(UndecidedError, match="printed more than 1 MiB"):
        limited(script(tmp_path, "exec yes", "flood"), tmp_path)
    done = limited(script(tmp_path, "head -c 1048576 /dev/zero; echo told >&2; exit 7", "brink"), tmp_path)
    assert (done.code, len(done.stdout), done.stderr) == (7, 1 << 20, b"told\n")


@pytest.mark.parametrize("body", ["exec sleep 20", "sleep 20; true", "exec >&- 2>&-; sleep 20"])
def test_its_time_is_bounded(tmp_path: Path, body: str) -> None:
    """Also where a child of its own is at work, or where it has closed its streams."""
    begun = time.monotonic()
    with pytest.raises(UndecidedError, match=r"no answer within 0\.2 s"):
        process.run(
            [str(script(tmp_path, body, "slow"))],
            cwd=tmp_path,
            env=process.environment(),
            timeout_s=0.2,
            limits=LIMITS,
            remedy="none",
        )
    assert time.monotonic() - begun < 5


def test_nothing_of_the_user_reaches_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in (
        "OASDIFF_CONFIG",
        "HELM_PLUGINS",
        "KUBECONFIG",
        "BUF_TOKEN",
        "GIT_DIR",
        "AWS_SECRET_KEY",
    ):
        monkeypatch.setenv(variable, "/secret")
    from workspai_hooks.tools.scratch import isolated

    env = isolated(tmp_path)
    assert "/secret" not in env.values()
    assert env["HOME"].startswith(str(tmp_path))
    assert env["https_proxy"] == "http://127.0.0.1:9"
