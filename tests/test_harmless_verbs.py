"""Every verb, in a repository full of traps: what it starts, asks, opens and changes."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import CHECKOUT
from harmless import OF_THE_WORK_TREE, VERBS, audited, fingerprint, needs_strace, traced
from traps import OUTSIDE, Trapped, lay

import workspai_hooks
from workspai_hooks.tools.buf import resolve_buf
from workspai_hooks.tools.helm import resolve_helm
from workspai_hooks.tools.oasdiff import resolve_oasdiff

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the traps are POSIX scripts")


@pytest.fixture(scope="module")
def trapped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trapped]:
    made = lay(tmp_path_factory.mktemp("trapped"))
    yield made
    made.server.shutdown()


def tools() -> set[str]:
    """The four programs that are started, by their paths."""
    git = shutil.which("git")
    assert git
    return {git, resolve_buf().path, resolve_oasdiff().path, resolve_helm().path}


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_starts_no_other_program_asks_no_network_reads_nothing_else_and_writes_nothing(
    trapped: Trapped, verb: str
) -> None:
    """By Python's own word (PEP 578) on this process, by traps that would tell of its children."""
    root = trapped.made.root
    before = fingerprint(root)
    run = audited(root, *VERBS[verb], **trapped.environment)
    assert run.code in (0, 1, 3), run.output
    assert not trapped.snapped.exists(), trapped.snapped.read_text()
    assert run.started() <= tools()
    assert trapped.server.calls == 0
    # urllib3, where something else has brought it along, tries on its import whether IPv6 can be bound.
    probed = [one for one in run.of("socket.bind") if one[1:] == ["('::1', 0)"]]
    assert [one for one in run.of("socket.") if one not in probed and one[1:] != [10, 1, 0]] == []
    looks = verb in OF_THE_WORK_TREE
    assert {path for path in run.opened() if not _may_open(path, root, work_tree=looks)} == set()
    assert OUTSIDE.lower() not in run.output.lower()
    assert fingerprint(root) == before


def _may_open(path: Path, root: Path, *, work_tree: bool = False) -> bool:
    """The git directory, never the work tree unless the verb is one of those that look at it, and then by
    no link; Python, its packages and ours; temporary folders of ours; the user's own configuration, and buf's
    cache; what the system has for every program."""
    if path.is_relative_to(root):
        return path.is_relative_to(root / ".git") or (
            work_tree and path.resolve() == root.resolve() / path.relative_to(root)
        )
    home = Path.home()
    own = (sys.prefix, sys.base_prefix, CHECKOUT, Path(workspai_hooks.__file__).parent)
    users = (home / ".config/workspai", home / ".cache/buf")
    system = ("/etc", "/dev", "/usr/lib", "/usr/local/lib", "/usr/share", "/proc", "/sys")
    if any(path.is_relative_to(one) for one in (*own, *users, *system)):
        return True
    temporary = Path(tempfile.gettempdir())
    inside = path.relative_to(temporary).parts if path.is_relative_to(temporary) else ("?",)
    return not inside or inside[0].startswith("workspai-") or (len(inside) == 1 and not path.exists())


def test_no_verb_is_left_out() -> None:
    from workspai_hooks.cli import _parser

    (verbs,) = (action.choices for action in _parser()._actions if isinstance(action.choices, dict))
    assert {arguments[0] for arguments in VERBS.values()} == set(verbs)


def test_in_that_repository_every_tool_is_asked(trapped: Trapped) -> None:
    """Or the tests above show nothing of buf, oasdiff and helm."""
    run = audited(trapped.made.root, "check", WORKSPAI_INDEX="off", **trapped.environment)
    assert run.started() == tools()
    assert run.code == 1
    for element in ("shop.v1.Order.total", "GET /orders", "Service/orders"):
        assert element in run.output
    assert trapped.server.calls == 0


@needs_strace
def test_the_kernel_saw_no_other_program_no_connection_and_no_file_outside(trapped: Trapped) -> None:
    """Of all processes, those that git, buf, oasdiff and helm start or are among them."""
    root = trapped.made.root
    calls = "execve,execveat,connect,open,openat,openat2"
    run = traced(root, calls, "check", "--format", "json", WORKSPAI_INDEX="off", **trapped.environment)
    programs = {os.path.realpath(str(one[0])) for one in run.of("execve")}
    assert programs == {os.path.realpath(each) for each in (*tools(), sys.executable)}
    assert [one for one in run.of("connect") if "AF_UNIX" not in str(one[-1])] == []
    opened = {
        str(one[0])
        for one in run.of("open")
        if len(one) > 1 and (str(one[0]).startswith("/") or "AT_FDCWD" in str(one[-1]))
    }
    assert any(path.endswith(".git/index") for path in opened)
    outside = str(trapped.outside)
    assert [path for path in opened if outside in path or "/../outside" in path] == []
    work_tree = {name for name in os.listdir(root) if name not in (".git", ".gitconfig")}
    assert {path for path in opened if path.split("/")[0] in work_tree} == set()
    assert not trapped.snapped.exists()
    assert trapped.server.calls == 0
