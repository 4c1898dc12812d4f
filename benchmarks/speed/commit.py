"""A commit without a contract: whole hook processes over Python's own start and one `git diff --cached`, and
whole runs of prek with our hook over runs with a Python hook that does nothing (`python -c pass`)."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from speed.measure import Bench, Figures, Row, Side, UnmeasuredError, at_most, compared, environment, git

CHECKOUT = Path(__file__).parents[2]
HOOK = (str(Path(sys.executable).with_name("workspai-hooks")), "check", "--stage", "pre-commit")
LIMIT = 2.5
PREK_MS = 30.0
PROTO = """\
syntax = "proto3";
package a.v1;
message M { string x = 1; string y = 2 [deprecated = true]; }
"""
CONTRACTS = {"protos/a.proto": PROTO}
CHARTS = {
    "deploy/Chart.yaml": "apiVersion: v2\nname: app\nversion: 0.1.0\n",
    "deploy/values.yaml": "a: 1\n",
    "deploy/templates/d.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
}
PLAIN = {f"pkg/d{number % 20}/f{number}.go": f"package d\nfunc F{number}() {{}}\n" for number in range(200)}
EDITS = {
    "README.md": ("# a\n", "more\n"),
    "app/main.go": ("package main\n", "func g() int {\n\treturn 2\n}\n"),
    "app/main.py": ("import os\n", "def g(a):\n    return a + 1\n"),
    "web/a.ts": ("export const a = 1;\n", "export const b = 2;\n"),
    "settings.yaml": ("name: a\n", "more: 2\n"),
    "conf/app.toml": ("[a]\nb = 1\n", "c = 2\n"),
    "package.json": ('{"version": "1.0.0"}\n', "\n"),
    "logo.png": ("a", "b"),
}
REPOSITORIES = {"no contracts": {}, "contracts": CONTRACTS, "charts": CHARTS, "both": {**CONTRACTS, **CHARTS}}


def made(root: Path, files: dict[str, str]) -> None:
    """A repository of these files, committed."""
    git(root, "init", "--quiet", "--initial-branch", "main")
    for path, text in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "base")


def rows(bench: Bench) -> Iterator[Row]:
    for name, more in REPOSITORIES.items():
        root = bench.folder / name.replace(" ", "-")
        root.mkdir()
        made(root, {**{path: text for path, (text, _) in EDITS.items()}, **PLAIN, **more})
        taken = {path: _edited(bench, root, path) for path in EDITS}
        worst = max(taken, key=lambda path: taken[path][1].wall / taken[path][0].wall)
        bare, ours = taken[worst]
        told = ", ".join(f"{path} {mine.wall / base.wall:.2f}" for path, (base, mine) in taken.items())
        work = f"a commit without a contract, in a repository with {name}: the slowest kind, `{worst}`"
        yield at_most(work, ours, bare, LIMIT, what="Python's start + `git diff --cached`", detail=told)
    yield _under_prek(bench, bench.folder / "both")


def _edited(bench: Bench, root: Path, path: str) -> tuple[Figures, Figures]:
    git(root, "reset", "--quiet", "--hard")
    with (root / path).open("a") as file:
        file.write(EDITS[path][1])
    git(root, "add", "--all")
    steps = [[sys.executable, "-c", "pass"], ["git", "diff", "--cached"]]
    bare, ours = compared(bench.runs, Side(steps, root), Side([HOOK], root, codes=frozenset({0})), warm=2)
    return bare, ours


def _under_prek(bench: Bench, root: Path) -> Row:
    """The hook as users get it: installed by prek from this repository's manifest at HEAD."""
    prek = shutil.which("prek", path=str(Path(sys.executable).parent))
    if prek is None:
        raise UnmeasuredError("prek is not installed beside this Python")
    git(root, "reset", "--quiet", "--hard")
    head = git(CHECKOUT, "rev-parse", "HEAD")
    nothing = "- repo: local\n  hooks:\n  - {id: nothing, name: nothing, language: python, "
    nothing += "entry: python -c pass, always_run: true, pass_filenames: false}\n"
    ours = f"- repo: {CHECKOUT}\n  rev: {head}\n  hooks: [{{id: workspai}}]\n"
    (root / "none.yaml").write_text(f"repos:\n{nothing}")
    (root / "ours.yaml").write_text(f"repos:\n{ours}")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "prek")
    with (root / "app/main.go").open("a") as file:
        file.write(EDITS["app/main.go"][1])
    git(root, "add", "--all")
    with tempfile.TemporaryDirectory() as home:
        env = {"PREK_HOME": home}
        for name in ("none.yaml", "ours.yaml"):  # what is installed once is not counted
            argv = [prek, "run", "--config", name]
            done = subprocess.run(argv, cwd=root, env=environment(env), capture_output=True, text=True)
            if done.returncode != 0:
                raise UnmeasuredError(f"prek: {done.stdout[-300:]}{done.stderr[-300:]}")
        sides = [
            Side([[prek, "run", "--config", name]], root, env=env) for name in ("none.yaml", "ours.yaml")
        ]
        without, with_ours = compared(bench.runs, *sides, warm=2)
    more = (with_ours.wall - without.wall) * 1000
    work = "the same under prek, `app/main.go`: a whole `prek run` over one with a hook that does nothing"
    goal = f"≤ {PREK_MS:g} ms more"
    found = f"{more:.1f} ms more"
    return Row(work, with_ours.told(), without.told(), found, goal, more <= PREK_MS, bench.runs)
