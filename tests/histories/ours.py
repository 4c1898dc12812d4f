"""Our program as hooks and CI systems call it, and what it must leave as it was."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KEPT = (
    "PATH",
    "HOME",
    "TMPDIR",
    "LANG",
    "PYTHONPATH",
    "VIRTUAL_ENV",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_NOSYSTEM",
)
CACHE = "workspai-hooks"
"""The folder of our own in the git directory: all that a check may write."""


@dataclass(frozen=True)
class Answer:
    """`codes` are exit codes of all ways in which the same was asked; they have to be one."""

    codes: tuple[int, ...]
    report: dict[str, Any]
    problems: tuple[str, ...] = field(default=())

    @property
    def code(self) -> int:
        return self.codes[-1]


@contextmanager
def clean_environment(config: Path) -> Iterator[None]:
    """Neither a developer's git configuration, nor a hook's or a CI system's variables."""
    before = dict(os.environ)
    config.write_text(
        '[user]\n\tname = Test\n\temail = test@forge.example\n[protocol "file"]\n\tallow = always\n'
        "[gc]\n\tauto = 0\n[core]\n\tautocrlf = false\n[advice]\n\tdetachedHead = false\n"
        "[maintenance]\n\tauto = false\n"
    )
    os.environ.clear()
    os.environ.update({name: before[name] for name in KEPT if name in before})
    os.environ.update(
        {
            "GIT_CONFIG_GLOBAL": str(config),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_EDITOR": "true",
            "LC_ALL": "C.UTF-8",
        }
    )
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def by_command(cwd: Path, argv: Sequence[str], stdin: bytes, env: Mapping[str, str]) -> Answer:
    """The real command line: as JSON, and (of a commit) as the hook calls it."""
    problems: list[str] = []
    codes = []
    text = ""
    for given in _forms(argv):
        done = subprocess.run(
            [sys.executable, "-m", "workspai_hooks", *given],
            cwd=cwd,
            input=stdin,
            capture_output=True,
            env={**os.environ, **env},
            check=False,
            timeout=300,
        )
        codes.append(done.returncode)
        text = done.stdout.decode()
        problems += _complaints(done.stderr.decode())
    return _answer(codes, text, problems)


def in_process(cwd: Path, argv: Sequence[str], stdin: bytes, env: Mapping[str, str]) -> Answer:
    """The same entry point in this process, which saves the start-up."""
    from workspai_hooks.entry import main

    problems: list[str] = []
    codes = []
    output = io.StringIO()
    before, place, streams, arguments = (
        dict(os.environ),
        os.getcwd(),
        (sys.stdin, sys.stdout, sys.stderr),
        sys.argv,
    )
    try:
        os.environ.update(env)
        os.chdir(cwd)
        for given in _forms(argv):
            output, errors = io.StringIO(), io.StringIO()
            with tempfile.TemporaryFile("w+", encoding="utf-8") as opened:
                opened.write(stdin.decode())
                opened.seek(0)
                sys.argv, sys.stdin, sys.stdout, sys.stderr = (
                    ["workspai-hooks", *given],
                    opened,
                    output,
                    errors,
                )
                codes.append(main())
            problems += _complaints(errors.getvalue())
    finally:
        os.chdir(place)
        os.environ.clear()
        os.environ.update(before)
        sys.argv = arguments
        sys.stdin, sys.stdout, sys.stderr = streams
    return _answer(codes, output.getvalue(), problems)


def _forms(argv: Sequence[str]) -> list[list[str]]:
    """As a hook calls it on a commit, which may end before anything is loaded; and as JSON."""
    plain = list(argv)
    as_json = [*plain, "--format", "json"]
    return [plain, as_json] if plain == ["check", "--stage", "pre-commit"] else [as_json]


def recorded(folder: Path) -> Answer:
    """What a hook of ours, run by git itself, left in a folder (states.py writes it)."""
    problems = _complaints((folder / "stderr").read_text())
    if (folder / "before").read_bytes() != (folder / "after").read_bytes():
        problems.append("the index or the configuration is not as it was")
    codes = [int((folder / name).read_text()) for name in ("code-plain", "code")]
    return _answer(codes, (folder / "json").read_text(), problems)


def _complaints(stderr: str) -> list[str]:
    return [f"a traceback: {stderr[-2000:]}"] if "Traceback" in stderr else []


def _answer(codes: Sequence[int], text: str, problems: list[str]) -> Answer:
    try:
        report = json.loads(text)
    except ValueError:
        return Answer(tuple(codes), {}, (*problems, f"no JSON: {text[:200]}"))
    if len(set(codes)) != 1:
        problems.append(f"asked in several ways the exit code differs: {codes}")
    if codes[-1] != (told := _code_of(report)):
        problems.append(f"the exit code is {codes[-1]}, the report says {told}")
    for one in report.get("undecided", ()):
        if "itself failed" in one["what"]:
            problems.append(f"a fault of ours: {one['why']}")
    return Answer(tuple(codes), report, tuple(problems))


def _code_of(report: Mapping[str, Any]) -> int:
    """What the exit code has to be by the report alone. `introduced` says which findings count: at a commit
    only its own do, elsewhere none is a commit's."""
    if "error" in report:
        return 2
    if any(one["severity"] == "error" and counts(report, one) for one in report["findings"]):
        return 1
    return 3 if report["undecided"] else 0


def counts(report: Mapping[str, Any], finding: Mapping[str, Any]) -> bool:
    return bool(finding["introduced"] == "commit" or report["head"] != "index")


def state_of(*folders: Path) -> dict[str, str]:
    """Digest by path of all files below folders: work trees, index, configuration, references, objects'
    names."""
    found: dict[str, str] = {}
    for folder in folders:
        for place, names, files in os.walk(folder):
            if CACHE in names and (Path(place) / "HEAD").exists():
                names.remove(CACHE)
            if place.endswith("/objects"):  # by name: they are what they are called
                found |= {os.path.join(place, name): "" for name in names}
            for name in files:
                path = os.path.join(place, name)
                found[path] = "" if "/objects/" in path else _digest(path)
    return found


def _digest(path: str) -> str:
    if os.path.islink(path):
        return os.readlink(path)
    with open(path, "rb") as file:
        data = file.read()
    return f"{os.stat(path).st_mode:o} {hashlib.blake2b(data, digest_size=12).hexdigest()}"


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    return sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
