"""What tests of harmlessness share: every verb, and what a run of one starts, opens and connects to."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import pytest

VERBS: Mapping[str, tuple[str, ...]] = {
    "check": ("check",),
    "check in JSON": ("check", "--format", "json"),
    "pre-commit, breaking only": ("check", "--stage", "pre-commit", "--only", "breaking"),
    "pre-push": ("check", "--stage", "pre-push"),
    "ci": ("check", "--stage", "ci", "--format", "json"),
    "revisions": ("check", "--from", "main", "--to", "HEAD"),
    "impact": ("impact", "shop.v1.Order.note", "GET /orders"),
    "impact of a file": ("impact", "--path", "api/orders.yaml", "--format", "json"),
    "graph": ("graph",),
    "graph in JSON": ("graph", "--format", "json"),
    "graph as mermaid": ("graph", "--format", "mermaid"),
    "graph as dot": ("graph", "--format", "dot"),
    "graph as graphml": ("graph", "--format", "graphml"),
    "graph as html": ("graph", "--format", "html"),
    "facts export": ("facts", "export", "-"),
    "facts update": ("facts", "update"),
    "stubs": ("stubs", "--check"),
    "stubs in JSON": ("stubs", "--check", "--format", "json"),
    "stubs at a commit": ("stubs", "--check", "--stage", "pre-commit"),
    "resilience": ("resilience",),
    "resilience in JSON": ("resilience", "--format", "json"),
    "resilience as a patch": ("resilience", "--patch"),
    "explain": ("resilience", "--explain", "shop.v1.Orders/Get"),
    "approve --prune": ("approve", "--prune"),
    "cache": ("cache",),
    "cache in JSON": ("cache", "--format", "json"),
    "cache --clear": ("cache", "--clear"),
    "rules": ("rules", "--format", "json"),
    "doctor": ("doctor",),
    "demo": ("demo",),
}
"""Every verb, by what it does; those that can write a file are asked to print, or have nothing to write."""

OF_THE_WORK_TREE = frozenset(
    {"stubs", "stubs in JSON", "resilience", "resilience in JSON", "resilience as a patch", "explain"}
)
"""Verbs that look at files as they are on disk."""

_AUDIT = """
import os, sys
out = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
watched = ("open", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "ctypes.dlopen",
           "socket.", "os.listdir", "os.scandir")
def told(event, arguments):
    if event.startswith(watched):
        shown = repr([each if isinstance(each, (str, int, list)) else
                      os.fsdecode(each) if isinstance(each, bytes) else str(each) for each in arguments])
        os.write(out, (event + "\\t" + shown + "\\n").encode("utf-8", "replace"))
sys.argv[:] = ["workspai-hooks", *sys.argv[2:]]
sys.path.pop(0)
import workspai_hooks.entry
sys.addaudithook(told)
raise SystemExit(workspai_hooks.entry.main())
"""


class Run(msgspec.Struct, frozen=True):
    """What a run left, and what Python was asked for meanwhile: event and its arguments."""

    code: int
    output: str
    events: tuple[tuple[str, list[object]], ...] = ()

    def of(self, *events: str) -> list[list[object]]:
        """Arguments of the events whose name begins like this."""
        return [arguments for event, arguments in self.events if event.startswith(events)]

    def started(self) -> set[str]:
        """Programs by the path that they were started by, and the whole of what was run in a shell."""
        return {str(one[0]) for one in self.of("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn")}

    def opened(self) -> set[Path]:
        """Files and folders that were opened by name or listed."""
        asked = self.of("open", "os.listdir", "os.scandir")
        return {Path(os.path.abspath(str(one[0]))) for one in asked if isinstance(one[0], str)}


def audited(root: Path, *arguments: str, **environment: str) -> Run:
    """Run our command line in a folder, with Python telling what it is asked for (PEP 578)."""
    log = root.parent / "audit"
    log.unlink(missing_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", _AUDIT, str(log), *arguments],
        cwd=root,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    rows = (line.partition("\t") for line in log.read_text().splitlines())
    events = tuple((event, list(eval(shown))) for event, _, shown in rows)
    return Run(done.returncode, done.stdout + done.stderr, events)


needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


def traced(root: Path, calls: str, *arguments: str, **environment: str) -> Run:
    """The same with the kernel's word on all processes: `calls` as strace's `--trace` names them. An event is
    a call that did not fail, its arguments the texts in it."""
    log = root.parent / "strace"
    argv = ["strace", "-f", "-qq", "-s", "4096", "-e", f"trace={calls}", "-e", "signal=none", "-o", str(log)]
    done = subprocess.run(
        [*argv, sys.executable, "-m", "workspai_hooks", *arguments],
        cwd=root,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    if "ptrace" in done.stderr and "denied" in done.stderr.lower():
        pytest.skip("this machine lets nobody trace a process")
    assert "Traceback" not in done.stderr, done.stderr
    return Run(done.returncode, done.stdout + done.stderr, tuple(_calls(log.read_text(errors="replace"))))


def _calls(log: str) -> Iterator[tuple[str, list[object]]]:
    """`123 openat(AT_FDCWD, "x", O_RDONLY) = 3`; a call that another one interrupted is told in two lines."""
    begun: dict[str, str] = {}
    for line in log.splitlines():
        process, _, call = line.partition(" ")
        call = call.strip()
        if call.endswith("<unfinished ...>"):
            begun[process] = call.removesuffix("<unfinished ...>")
            continue
        if call.startswith("<..."):
            call = begun.pop(process, "") + call.partition("resumed>")[2]
        name, _, rest = call.partition("(")
        if name.isidentifier() and " = -1 " not in rest:
            texts = [json.loads(f'"{part}"') if "\\" not in part else part for part in rest.split('"')[1::2]]
            yield name, [*texts, rest]


def fingerprint(root: Path) -> dict[str, str]:
    """All that a repository is on disk, but for our own folder: path -> kind, mode and content."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if name.startswith(".git/workspai-hooks"):
            continue
        stat = path.lstat()
        if path.is_symlink():
            content = os.readlink(path)
        else:
            content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        found[name] = f"{stat.st_mode:o} {content} {stat.st_mtime_ns if not path.is_dir() else ''}"
    return found
