"""One-change commits in repositories of 1,000, 10,000 and 100,000 files: the hook, and what git itself takes
for `git diff --cached`. `BENCH_FILES` takes other numbers (`1000,10000`).

![Seconds of processors by files of the repository](growth.svg)"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import plot

from speed.commit import HOOK
from speed.measure import Bench, Figures, Row, Side, compared, environment, git

SIZES = tuple(map(int, os.environ.get("BENCH_FILES", "1000,10000,100000").split(",")))
PICTURE = Path(__file__).parents[2] / "docs" / "growth.svg"
SERVICES = 8
CONTRACT = "protos/shop/v1/cart.proto"
PROTO = """\
syntax = "proto3";
package shop.v1;
message Cart { string id = 1; string owner = 2; string old = 3 [deprecated = true]; }
message Ask { string id = 1; }
service Carts { rpc Get(Ask) returns (Cart); }
"""
MAIN = """\
import os
import grpc
from shop.v1 import cart_pb2, cart_pb2_grpc
stub = cart_pb2_grpc.CartsStub(grpc.insecure_channel(os.environ["CARTS"]))
def load(key):
    cart = stub.Get(cart_pb2.Ask(id=key))
    return cart.owner
"""
KINDS = (
    ("go", "package p\n\nfunc F{i}(a int) int {{\n\treturn a + {i}\n}}\n"),
    ("py", "def f{i}(a):\n    return a + {i}\n"),
    ("ts", "export function f{i}(a: number) {{\n  return a + {i};\n}}\n"),
    ("md", "# text {i}\n"),
    ("json", '{{"name": "x{i}"}}\n'),
)
CHANGES = {
    "a source": ("services/s0/pkg0/f0.go", "return a + 0", "return a + 1", 0),
    "a clean change of a contract": (
        CONTRACT,
        "Ask { string id = 1; ",
        "Ask { string id = 1; string by = 2; ",
        0,
    ),
    "a break": (CONTRACT, "string owner = 2; ", "", 1),
}


def rows(bench: Bench) -> Iterator[Row]:
    lines: dict[str, list[tuple[int, float]]] = {}
    for files in SIZES:
        root = bench.folder / str(files)
        root.mkdir()
        _made(root, files)
        for name, (path, old, new, code) in CHANGES.items():
            _staged(root, path, old, new)
            first = Side([HOOK], root, codes=frozenset({code}))
            compared(1, first, warm=0)
            forget = Side([HOOK], root, lambda root=root: _forget(root), codes=frozenset({code}))
            bare, ours = compared(bench.runs, Side([["git", "diff", "--cached"]], root), forget)
            lines.setdefault(name, []).append((files, ours.cpu))
            lines.setdefault("git diff --cached", [])
            if name == "a source":
                lines["git diff --cached"].append((files, bare.cpu))
            yield _row(files, name, ours, bare)
        shutil.rmtree(root)
    if len(SIZES) > 1:
        title = "Seconds of processors for one-change commits, by files of the repository"
        PICTURE.write_text(plot.lines(title, lines), encoding="utf-8")


def _row(files: int, name: str, ours: Figures, bare: Figures) -> Row:
    work = f"{files:,} files: {name}, asked for the first time against a base that is known"
    return Row(work, ours.told(), bare.told(), f"{ours.cpu:.3f} s of processors", "", None, len(ours.wall_s))


def _forget(root: Path) -> None:
    shutil.rmtree(root / ".git/workspai-hooks/reports", ignore_errors=True)


def _made(root: Path, files: int) -> None:
    """A repository without a work tree's files: git and the hook look at the index alone."""
    git(root, "init", "--quiet", "--initial-branch", "main")
    content = {CONTRACT: PROTO}
    for number in range(SERVICES):
        content[f"services/s{number}/Dockerfile"] = "FROM python:3.13\nCOPY . .\nCMD python main.py\n"
        content[f"services/s{number}/main.py"] = MAIN
    for number in range(files - len(content)):
        ending, text = KINDS[number % len(KINDS)]
        folder = f"services/s{number % SERVICES}/pkg{number // 400}"
        content[f"{folder}/f{number}.{ending}"] = text.format(i=number)
    stream = [
        b"commit refs/heads/main\ncommitter bench <bench@example.test> 1700000000 +0000\ndata 4\nbase\n"
    ]
    for path, text in content.items():
        data = text.encode()
        stream.append(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(data), data))
    argv = ["git", "fast-import", "--quiet"]
    subprocess.run(argv, cwd=root, input=b"".join(stream), check=True, env=environment())
    git(root, "update-ref", "refs/remotes/origin/main", "main")
    git(root, "update-ref", "refs/heads/topic", "main")
    git(root, "symbolic-ref", "HEAD", "refs/heads/topic")


def _staged(root: Path, path: str, old: str, new: str) -> None:
    git(root, "read-tree", "HEAD")
    text = subprocess.run(
        ["git", "show", f":{path}"], cwd=root, check=True, capture_output=True, text=True, env=environment()
    ).stdout
    assert old in text
    place = root / "changed"
    place.write_text(text.replace(old, new))
    blob = git(root, "hash-object", "-w", place.name)
    place.unlink()
    git(root, "update-index", "--cacheinfo", f"100644,{blob},{path}")
