"""Files that .gitattributes marks as generated: git's own rules, and what no longer counts."""

from __future__ import annotations

import random
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import test_http_verdicts
from conftest import Scratch
from gotool import real

from workspai_hooks.changes.attributes import MOST_RULES, marked
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.findings import Consumer
from workspai_hooks.inspection.request import Request
from workspai_hooks.inspection.run import inspect
from workspai_hooks.service_map import map_services
from workspai_hooks.tools.oasdiff import resolve_oasdiff
from workspai_hooks.workspace.mentions import find_mentions

Make = Callable[[Mapping[str, str | bytes]], Scratch]

MARK = "linguist-generated"
HEAD = "[attr]made linguist-generated -diff\n[attr]both made\n"


def ours(files: Mapping[str, str], paths: list[str]) -> set[str]:
    return set(marked({path: text.encode() for path, text in files.items()}, paths))


@pytest.mark.parametrize(
    ("lines", "path", "expected"),
    [
        (f"*.go {MARK}", "a/b.go", True),
        (f"*.go {MARK}=true", "b.go", True),
        (f"*.go {MARK}=false", "b.go", False),
        (f"*.go {MARK}\nb.go -{MARK}", "a/b.go", False),
        (f"*.go {MARK}\nb.go !{MARK}", "a/b.go", False),
        (f"b.go -{MARK}\n*.go {MARK}", "a/b.go", True),
        (f"gen/** {MARK}", "gen/a/b.go", True),
        (f"gen/* {MARK}", "gen/a/b.go", False),
        (f"gen/ {MARK}", "gen/b.go", False),
        (f"gen {MARK}", "gen/b.go", False),
        (f"**/gen/** {MARK}", "a/b/gen/c.go", True),
        (f"/b.go {MARK}", "a/b.go", False),
        (f"a/b.go {MARK}", "x/a/b.go", False),
        (f"**/a/b.go {MARK}", "x/a/b.go", True),
        (f'"a b.go" {MARK}', "a b.go", True),
        (f"# *.go {MARK}", "b.go", False),
        (f"!*.go {MARK}", "b.go", False),
        (f"{HEAD}*.go both", "b.go", True),
        (f"{HEAD}*.go both -made", "b.go", False),
        (f"{HEAD}*.go -both", "b.go", False),
        ("*.go binary\n*.go -diff export-ignore text=auto", "b.go", False),
        (f"*.[ch] {MARK}", "a.c", True),
        (f"*.[!ch] {MARK}", "a.c", False),
        (f"*.pb.go {MARK} text eol=lf", "x.pb.go", True),
        (f"\\*.go {MARK}", "a.go", False),
        (f"*.go\t{MARK}\r", "a.go", True),
    ],
)
def test_patterns(lines: str, path: str, expected: bool) -> None:
    assert (path in ours({".gitattributes": lines}, [path])) is expected


def test_a_deeper_file_wins_for_what_lies_below_it() -> None:
    files = {".gitattributes": f"*.go {MARK}\n", "own/.gitattributes": f"*.go -{MARK}\nx/*.go {MARK}\n"}
    paths = ["a.go", "own/b.go", "own/x/c.go", "own/x/y/d.go", "ownx/e.go"]
    assert ours(files, paths) == {"a.go", "own/x/c.go", "ownx/e.go"}


def test_macros_of_other_files_than_the_tops_are_none() -> None:
    assert ours({"a/.gitattributes": f"{HEAD}*.go made\n"}, ["a/b.go"]) == set()


SIGNS = ("a", "b", "*", "?", "[ab]", "[!a]", "[a-c]", "**", ".", "\\*", "[[:alpha:]]", "[]a]", "*.go", "b.go")
NAMES = ("a", "b", "c", "ab", "a.go", "b.go", "abc", "*", "]", "-")
SAID = (MARK, MARK, f"-{MARK}", f"!{MARK}", f"{MARK}=true", f"{MARK}=false", "made", "-made", "both", "text")


def made_up(rnd: random.Random) -> dict[str, str]:
    """Some .gitattributes files."""

    def pattern() -> str:
        parts = ["".join(rnd.choices(SIGNS, k=rnd.randint(1, 3))) for _ in range(rnd.randint(1, 4))]
        return rnd.choice(["", "", "/", "**/"]) + "/".join(parts) + rnd.choice(["", "", "", "/**", "/"])

    def lines(count: int) -> str:
        said = (" ".join(rnd.choices(SAID, k=rnd.randint(1, 2))) for _ in range(count))
        return "".join(f"{pattern()} {each}\n" for each in said)

    files = {".gitattributes": rnd.choice([HEAD, ""]) + lines(rnd.randint(1, 4))}
    return files | {
        f"{folder}/.gitattributes": lines(2) for folder in rnd.sample(["a", "b", "a/b"], rnd.randint(0, 2))
    }


def by_git(scratch: Scratch, files: Mapping[str, str], paths: list[str]) -> set[str]:
    rows = []
    for path, text in files.items():
        made = subprocess.run(
            ["git", "hash-object", "-w", "--stdin"],
            cwd=scratch.root,
            input=text.encode(),
            capture_output=True,
            check=True,
        )
        rows.append(f"100644 {made.stdout.decode().strip()}\t{path}\n")
    scratch.repo.git.read_tree("--empty")
    for argv, stdin in (
        (["update-index", "--index-info"], "".join(rows)),
        (["check-attr", "--cached", "-z", "--stdin", MARK], "\0".join(paths) + "\0"),
    ):
        said = subprocess.run(
            ["git", *argv], cwd=scratch.root, input=stdin.encode(), capture_output=True, check=True
        ).stdout.decode()
    fields = said.split("\0")
    told = zip(fields[::3], fields[2::3], strict=False)
    return {path for path, value in told if value not in ("unspecified", "unset", "false")}


def test_git_says_the_same(tmp_path: Path) -> None:
    scratch = Scratch.init(tmp_path / "r")
    rnd = random.Random(6)
    found = 0
    for _ in range(40):
        files = made_up(rnd)
        paths = sorted({"/".join(rnd.choices(NAMES, k=rnd.randint(1, 4))) for _ in range(60)})
        expected = by_git(scratch, files, paths)
        assert ours(files, paths) == expected, files
        found += len(expected)
    assert found > 100


@pytest.mark.parametrize(
    "pattern",
    [
        "*a" * 500,
        "**/a/" * 200 + "b",
        "a*" * 500 + "b",
        "[" * 1000,
        "[a-" * 300,
        "*" * 2000,
        "**/" * 600,
        "?" * 1000,
        "[[:alpha:]" * 100,
        "\\" * 999,
    ],
)
def test_no_pattern_takes_long(pattern: str) -> None:
    started = time.process_time()
    ours({".gitattributes": f"{pattern} {MARK}\n" * 5}, ["a/" * 500 + "c", "a" * 4000, "x/" + "ab" * 2000])
    assert time.process_time() - started < 2


def test_too_many_lines_mark_nothing() -> None:
    files = {".gitattributes": f"*.go {MARK}\n" * (MOST_RULES + 1)}
    assert ours(files, ["a.go"]) == set()


def test_a_repository_without_the_word_pays_nothing() -> None:
    read: list[str] = []
    made = Snapshot.of({".gitattributes": "* text=auto\n", "a.go": "package a\n"})
    watched = Snapshot(
        made.name, made.entries, lambda blobs: (read.extend(blobs), made.reader(blobs))[1], made.store
    )
    assert watched.generated == frozenset()
    assert read == [made.entries[".gitattributes"].blob]


EDIT = ("protos/bookshop/catalog/v1/catalog.proto", "  string title = 2;\n", "")


def consumers(shop: Scratch, attributes: Mapping[str, str]) -> dict[str, Consumer]:
    """Who is hit by a removed field, with these .gitattributes on both sides."""
    if attributes:
        shop.write(attributes).commit("attributes")
        shop.repo.git.branch("--force", "main")
    report = inspect(Request(shop.replace(*EDIT).root, "pre-commit"))
    (finding,) = (one for one in report.findings if one.severity == "error")
    return {one.service: one for one in finding.consumers}


def test_a_file_that_is_marked_gives_no_sites(shop: Scratch) -> None:
    hit = consumers(shop, {".gitattributes": f"services/orders/*.go {MARK}\n*.proto {MARK}\n"})
    assert hit["orders"].verdict in ("regenerates", "exposed")
    assert hit["orders"].sites == ()
    assert hit["storefront"].verdict == "breaks"  # and the contract is one, marked or not


def test_what_is_unmarked_again_gives_them(shop: Scratch) -> None:
    hit = consumers(
        shop,
        {
            ".gitattributes": f"services/** {MARK}\n",
            "services/orders/.gitattributes": f"*.go -{MARK}\n",
        },
    )
    assert hit["orders"].verdict == "breaks"
    assert hit["admin"].sites == ()


def test_a_stub_stays_one_whatever_is_unmarked(shop: Scratch) -> None:
    hit = consumers(shop, {".gitattributes": f"*.pb.go -{MARK} diff\n"})
    assert hit["orders"].verdict == "breaks"
    assert not any(site.location.path.endswith(".pb.go") for site in hit["orders"].sites)


def test_other_attributes_change_nothing(shop: Scratch) -> None:
    plain = "*.go binary -diff export-ignore\n*.proto -diff export-ignore -text\n* text=auto eol=lf\n"
    assert consumers(shop, {".gitattributes": plain})["orders"].verdict == "breaks"


def test_marked_code_gives_no_edges(scratch_compose: Scratch) -> None:
    def edges() -> set[tuple[str, str]]:
        report = map_services(scratch_compose.root)
        return {(one.consumer, one.provider) for one in report.edges}

    assert edges() == {("web", "orders")}
    scratch_compose.write({".gitattributes": f"web/app.py {MARK}\n"}).commit("marked")
    assert edges() == set()


@pytest.fixture
def scratch_compose(tmp_path: Path) -> Scratch:
    made = Scratch.init(tmp_path / "shop").write(
        {
            "compose.yaml": "services:\n  web: {build: web}\n  orders: {build: orders, ports: ['8080']}\n",
            "web/Dockerfile": "FROM python\n",
            "web/app.py": 'import requests\nrequests.get("http://orders:8080/orders/1")\n',
            "orders/Dockerfile": "FROM python\n",
            "orders/app.py": "x = 1\n",
        }
    )
    made.commit("base")
    return made


def test_marked_code_of_a_language_that_is_not_followed_mentions_nothing() -> None:
    files = {"a.swift": "order.lineItems\n", "b.swift": "order.lineItems\n"}
    snapshot = Snapshot.of({**files, ".gitattributes": f"a.* {MARK}\n"})
    assert set(find_mentions(snapshot, files, ["pkg.Order.line_items"])) == {"b.swift"}


def test_a_request_in_a_file_that_is_marked_is_none_of_its_own(scratch: Make) -> None:
    real(resolve_oasdiff)
    description = test_http_verdicts.DESCRIPTION
    for lines, verdict in (("", "breaks"), (f"mail/*.py {MARK}\n", None)):
        made = scratch({**test_http_verdicts.FILES, ".gitattributes": lines})
        gone = description.replace("        note: {type: string}\n", "")
        report = inspect(Request(made.write({"orders/openapi.yaml": gone}).root, "pre-commit"))
        hit = {one.service: one.verdict.value for finding in report.findings for one in finding.consumers}
        assert hit.get("mail") == verdict, lines
        shutil.rmtree(made.root)
