"""Hostile files in a repository, hostile repositories, and what the program may make of them."""

from __future__ import annotations

import json
import os
import random
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import yaml

from hostile.bombs import MADE, bombs
from hostile.measuring import Ran
from hostile.mutations import mutated
from hostile.world import BREAK, FILES, World
from workspai_hooks.tools.buf import resolve_buf
from workspai_hooks.tools.helm import resolve_helm
from workspai_hooks.tools.oasdiff import resolve_oasdiff

SECONDS, MEMORY = 10.0, 1 << 30

CONTRACTS = (
    *("protos/a/v1/a.proto", "protos/a/v1/a.proto", "protos/a/v1/b.proto", "api/openapi.yaml"),
    *("api/openapi.yaml", "api/parts/order.yaml", "chart/Chart.yaml", "chart/values.yaml"),
    *("chart/templates/service.yaml", "k/web.yaml", "overlay/kustomization.yaml"),
)
"""Files that are a contract, or a part of one: staged alone."""
BESIDE = (
    *("protos/buf.yaml", ".workspai.yaml", ".workspai/approvals.yaml", "facts.json", "compose.yaml"),
    *("CODEOWNERS", "web/app.py", "web/src/total.ts", "web/package.json", "orders/main.go", "orders/go.mod"),
)
"""Files that are read when something breaks: staged with a break."""


class Case(msgspec.Struct, frozen=True):
    """What is staged: contents by path."""

    name: str
    files: Mapping[bytes, bytes]


class Seen(msgspec.Struct, frozen=True):
    """What became of a case; `faults` is why it is not as it should be."""

    case: str
    ran: Ran
    faults: tuple[str, ...]


def cases(count: int, salt: int = 0) -> Iterator[Case]:
    """Always the same: mutations of each file in turn, and what was made by hand."""
    rng = random.Random(salt)
    every = [bytes(_data(path)) for path in FILES]
    paths = [*CONTRACTS, *BESIDE]
    grave = list(_grave())
    for number in range(count):
        if number % 4 == 3 and grave:
            yield grave[(number // 4 + salt * 17) % len(grave)]
            continue
        path = paths[number % len(paths)]
        seed = _data(path)
        data = rng.choice(bombs(seed)) if rng.random() < 0.25 else mutated(rng, [seed, seed, seed, *every])
        yield _case(f"{number} {path}", path, data)


def _case(name: str, path: str, data: bytes) -> Case:
    broken = {} if path in CONTRACTS else {one.encode(): text.encode() for one, text in BREAK.items()}
    return Case(name, {**broken, path.encode(): data})


def _data(path: str) -> bytes:
    content = FILES[path]
    return content if isinstance(content, bytes) else content.encode()


def _grave() -> Iterator[Case]:
    """What is too large, too deep or without end, and names that nobody gives a file."""
    proto, document, part = "protos/a/v1/a.proto", "api/openapi.yaml", "api/parts/order.yaml"
    head = b'syntax = "proto3";\npackage a.v1;\n'
    for name, path, data in (
        ("20 MB of a comment", proto, head + b"//" + b"x" * 20_000_000 + b"\nmessage A { string x = 1; }\n"),
        ("40 MB", proto, head + b"\n" * 40_000_000),
        ("nested messages", proto, head + b"message A { " * 5_000 + b"}" * 5_000),
        (
            "many fields",
            proto,
            head + b"message A {" + b"".join(b"string a%d = %d;" % (n, n) for n in range(1, 15_000)) + b"}",
        ),
        ("many imports", proto, head + b"".join(b'import "a/%d.proto";\n' % n for n in range(3_000))),
        ("imports itself", proto, head + b'import "a/v1/a.proto";\nmessage A {}\n'),
        (
            "options without end",
            proto,
            head + b"message A { string x = 1 [" + b"deprecated = true, " * 20_000 + b"]; }",
        ),
        (
            "30 MB of JSON",
            document,
            b'{"openapi": "3.0.3", "paths": {}, "x-a": "' + b"a" * 30_000_000 + b'"}',
        ),
        ("a bomb of aliases", document, b"openapi: 3.0.3\npaths: {}\n" + MADE["alias bomb"]()),
        ("references in a circle", document, MADE["references in a circle"]()),
        ("references out", document, MADE["references out"]()),
        ("a part that is a circle", part, b"Change: {$ref: '#/Change'}\n"),
        ("a part that includes itself", part, b"Change: {allOf: [{$ref: '#/Change'}, {$ref: '#/Change'}]}\n"),
        ("allOf of each other", document, _all_of(18)),
        (
            "20,000 operations",
            document,
            b"openapi: 3.0.3\ninfo: {title: a, version: '1'}\npaths:\n"
            + b"".join(b"  /a%d: {get: {responses: {'200': {description: a}}}}\n" % n for n in range(6_000)),
        ),
        (
            "templates without end",
            "chart/templates/service.yaml",
            b'{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}',
        ),
        (
            "a range without end",
            "chart/templates/service.yaml",
            b"{{ range until 1000000000 }}a: b\n{{ end }}",
        ),
        (
            "a text that doubles",
            "chart/templates/service.yaml",
            b'{{ $a := "xxxxxxxxxx" }}{{ range until 40 }}{{ $a = print $a $a }}{{ end }}{{ $a }}',
        ),
        (
            "loops in loops",
            "chart/templates/service.yaml",
            b"{{ range until 99999 }}{{ range until 99999 }}{{ end }}{{ end }}",
        ),
        ("values of aliases", "chart/values.yaml", MADE["alias bomb"]()),
        (
            "patterns of a schema",
            "chart/values.schema.json",
            b'{"properties": {"name": {"pattern": "^(a+)+$"}}, "$ref": "#"}',
        ),
        ("a schema from elsewhere", "chart/values.schema.json", b'{"$ref": "file:///etc/passwd"}'),
        (
            "a chart in itself",
            "chart/Chart.yaml",
            b"apiVersion: v2\nname: orders\nversion: 0.1.0\ndependencies: [{name: orders, repository: 'file://.'}]\n",
        ),
        ("a kustomization in a circle", "overlay/kustomization.yaml", b"resources: [../overlay, .]\n"),
        (
            "a kustomization from elsewhere",
            "overlay/kustomization.yaml",
            b"resources: [https://127.0.0.1:9/a, ../../../etc]\n",
        ),
        (
            "objects by the thousand",
            "k/web.yaml",
            b"---\n".join(
                b"apiVersion: v1\nkind: Service\nmetadata: {name: a%d}\nspec: {ports: [{port: 80}]}\n" % n
                for n in range(2_000)
            ),
        ),
        (
            "a list of lists",
            "k/web.yaml",
            b"apiVersion: v1\nkind: List\nitems:\n" + b"- " * 90 + b"{kind: Service}\n",
        ),
        ("facts that nest", "facts.json", b'{"schema": "workspai-hooks/facts/1", "a": ' + b"[" * 100_000),
        ("facts of 20 MB", "facts.json", b'{"schema": "' + b"a" * 20_000_000 + b'"}'),
        (
            "a bundle of 20 MB",
            "web/src/total.ts",
            b'fetch("http://orders:80");' + b"function a(){return 1}" * 900_000,
        ),
        ("expressions that nest", "web/app.py", b"x = " + b"(" * 30_000 + b")" * 30_000),
        ("a chain without end", "web/app.py", b"from a.v1 import a_pb2\nx = a_pb2.A()" + b".b" * 20_000),
        ("additions without end", "web/src/total.ts", b"const a = " + b'"a" + ' * 20_000 + b'"b"; fetch(a);'),
        (
            "branches without end",
            "orders/main.go",
            b"package main\nfunc main() {" + b"if x {" * 5_000 + b"}" * 5_001,
        ),
        ("patterns of owners", "CODEOWNERS", b"".join(b"*" * 19 + b"a%d @b\n" % n for n in range(2_000))),
    ):
        yield _case(name, path, data)
    for name in (
        b"protos/\xff\xfe.proto",
        b"protos/-rf.proto",
        b"protos/$(id).proto",
        b"protos/a\nb.proto",
        b"protos/\xe2\x80\xaegnp.proto",
        b"protos/'\"`.proto",
        b":(exclude)*.proto",
        b"protos/ .proto",
        b"protos/\x1b[31m.proto",
        b"protos/%buf/x.proto",
        b"protos/" + b"n" * 240 + b".proto",
        b"protos/*.proto",
    ):
        data = head + b"message Odd%d { string x = 1; }\nmessage Bad { Missing m = 1; }\n" % len(name)
        yield Case(f"a name: {name[:40]!r}", {name: data})


def _all_of(levels: int) -> bytes:
    rows = [
        "openapi: 3.0.3",
        "info: {title: a, version: '1'}",
        "paths:",
        "  /a: {get: {responses: {'200': {description: a,",
    ]
    rows += [
        "    content: {application/json: {schema: {$ref: '#/components/schemas/A0'}}}}}}}",
        "components:",
        "  schemas:",
    ]
    for n in range(levels):
        inner = f"{{$ref: '#/components/schemas/A{n + 1}'}}"
        rows.append(f"    A{n}: {{allOf: [{inner}, {inner}], properties: {{p{n}: {{type: string}}}}}}")
    rows.append(f"    A{levels}: {{type: object}}")
    return "\n".join(rows).encode()


def look(world: World, case: Case) -> Seen:
    """Stage a case, run the program, and say what is not as it should be."""
    world.reset()
    world.stage(case.files)
    before = world.state()
    ran = world.check()
    faults = list(_bounds(ran))
    after = world.state()
    faults += [
        f"touched {path}"
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    ]
    faults += [f"left {name} among temporary files" for name in world.left_over()]
    faults += _answer(world, case, ran)
    return Seen(case.name, ran, tuple(faults))


def _bounds(ran: Ran) -> Iterator[str]:
    if min(ran.seconds, ran.cpu) > SECONDS:
        yield f"took {ran.seconds:.1f} s, {ran.cpu:.1f} s of processor time"
    if ran.seconds > 3 * SECONDS:
        yield f"took {ran.seconds:.1f} s by the clock"
    if ran.memory > MEMORY:
        yield f"took {ran.memory >> 20} MB"
    if "Traceback" in ran.stderr:
        yield f"a traceback: {ran.stderr[-1500:]}"
    if ran.code not in (0, 1, 2, 3):
        yield f"ended with code {ran.code}"


def _answer(world: World, case: Case, ran: Ran) -> Iterator[str]:
    try:
        report: dict[str, Any] = json.loads(ran.stdout)
    except ValueError:
        yield f"printed no report: {ran.stdout[:300]!r} {ran.stderr[-600:]}"
        return
    undecided, findings = report["undecided"], report["findings"]
    if any(not question[part] for question in undecided for part in ("what", "why", "remedy")):
        yield f"an open question without an answer: {undecided}"
    if any("itself failed" in question["what"] for question in undecided):
        yield f"failed itself: {undecided}"
    if ran.code == 0 and undecided:
        yield f"green, and undecided: {undecided}"
    if ran.code == 3 and not undecided:
        yield "undecided without a question"
    if ran.code == 1 and not findings:
        yield "failed without a finding"
    if ran.code == 2 and not any(path.startswith(b".workspai") for path in case.files):
        yield f"called it wrong usage: {report.get('error')}"
    if ran.code == 0:
        yield from _green(world, case, bool(findings))


def _green(world: World, case: Case, told: bool) -> Iterator[str]:
    """Why a green answer is wrong, by the word of the tools themselves."""
    paths = {path.decode("utf-8", "replace") for path in case.files}
    if any(path.startswith(b"protos/") or path.endswith(b".proto") for path in case.files):
        if any(path not in CONTRACTS for path in paths) and not any(
            path.endswith(".proto") for path in paths - set(FILES)
        ):
            yield "green in spite of a break beside it"
        yield from _by_buf(world, told)
    if any(path.startswith("api/") for path in paths):
        yield from _by_oasdiff(world)
    if any(path.startswith("chart/") for path in paths):
        yield from _by_helm(world)
    for path, data in case.files.items():
        if path in (b"k/web.yaml", b"overlay/kustomization.yaml") and b"{{" not in data and b"{%" not in data:
            try:
                for _ in yaml.parse(data, Loader=yaml.CSafeLoader):
                    pass
            except (yaml.YAMLError, UnicodeDecodeError) as error:
                yield f"green, and no YAML: {error}"


def _tool(argv: Sequence[str], folder: str) -> subprocess.CompletedProcess[bytes]:
    env = {"PATH": os.environ["PATH"], "HOME": folder, "BUF_CACHE_DIR": f"{folder}/.cache"}
    return subprocess.run(argv, cwd=folder, env=env, capture_output=True, check=False, timeout=60)


def _by_buf(world: World, told: bool) -> Iterator[str]:
    buf = resolve_buf().path
    with world.exported("") as head, world.exported(world.base) as base:
        images = []
        for side in (head, base):
            Path(side, "protos/buf.yaml").write_text("version: v1\n")
            done = _tool([buf, "build", "protos", "-o", "image.binpb"], side)
            if done.returncode:
                yield f"green, and buf says: {done.stderr[:300]!r}"
                return
            images.append(f"{side}/image.binpb")
        use = json.dumps({"version": "v2", "breaking": {"use": ["FILE", "WIRE"]}})
        done = _tool([buf, "breaking", images[0], "--against", images[1], "--config", use], head)
        if done.returncode and not told:
            yield f"green without a finding, and buf says: {done.stdout[:300]!r}"


def _by_oasdiff(world: World) -> Iterator[str]:
    tool = resolve_oasdiff().path
    with world.exported("") as head, world.exported(world.base) as base:
        done = _tool([tool, "changelog", f"{base}/api/openapi.yaml", f"{head}/api/openapi.yaml"], head)
    if done.returncode >= 100:
        yield f"green, and oasdiff says: {done.stderr[:300]!r}"


def _by_helm(world: World) -> Iterator[str]:
    with world.exported("") as head:
        done = _tool([resolve_helm().path, "template", "x", "chart"], head)
    if done.returncode:
        yield f"green, and helm says: {done.stderr[:300]!r}"


class Spoiled(msgspec.Struct, frozen=True):
    """Something in the git directory that is not as it was left; `codes` are those that may come."""

    name: str
    spoil: Callable[[World], None]
    codes: tuple[int, ...] = (1,)
    arguments: tuple[str, ...] = ()
    stdin: bytes = b""


def _written(path: str, data: bytes) -> Callable[[World], None]:
    def spoil(world: World) -> None:
        file = world.root / ".git" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.exists():
            file.chmod(0o644)
        file.write_bytes(data)

    return spoil


def _made(path: str, make: Callable[[Path], None]) -> Callable[[World], None]:
    def spoil(world: World) -> None:
        file = world.root / ".git" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        make(file)

    return spoil


def _object(revision: str, change: Callable[[bytes], bytes]) -> Callable[[World], None]:
    def spoil(world: World) -> None:
        name = world.git("rev-parse", revision).decode().strip()
        file = world.root / ".git/objects" / name[:2] / name[2:]
        file.chmod(0o644)
        file.write_bytes(change(file.read_bytes()))

    return spoil


def spoiled() -> Iterator[Spoiled]:
    """Indexes that are none, repositories that are broken, lines that git does not hand over."""
    index, no_answer = "workspai-hooks/index.sqlite", (1, 3)
    for name, data in (
        ("empty", b""),
        ("garbage", b"no database" * 500),
        ("a cut database", b"SQLite format 3\0" + b"\xff" * 5000),
        ("large garbage", b"\0" * 30_000_000),
    ):
        yield Spoiled(f"an index of ours: {name}", _written(index, data))
    yield Spoiled("an index of ours that is a folder", _made(index, Path.mkdir))
    yield Spoiled("an index of ours that is a pipe", _made(index, os.mkfifo))
    yield Spoiled(
        "an index of ours that leads elsewhere", _made(index, lambda at: at.symlink_to("../../../home/x"))
    )
    yield Spoiled("our folder is a file", _written("workspai-hooks", b""))
    yield Spoiled(
        "our folder leads elsewhere", _made("workspai-hooks", lambda at: at.symlink_to("../../home"))
    )
    yield Spoiled("the index is garbage", _written("index", b"DIRC" + b"\xff" * 400), (3,))
    yield Spoiled("the index is cut off", _made("index", lambda at: os.truncate(at, 90)), no_answer)
    yield Spoiled("HEAD is garbage", _written("HEAD", b"\xff\0garbage\n"), (3,))
    yield Spoiled("HEAD leads to itself", _written("HEAD", b"ref: HEAD\n"), (3,))
    yield Spoiled("the configuration is garbage", _written("config", b"[core\n\0"), (3,))
    yield Spoiled("refs are garbage", _written("packed-refs", b"\xff\xfe garbage\n"), no_answer)
    yield Spoiled("what is merged is garbage", _written("MERGE_HEAD", b"\xff\xfe\n"), (0, *no_answer))
    yield Spoiled("what is merged is no commit", _written("MERGE_HEAD", b"0" * 40 + b"\n"), no_answer)
    yield Spoiled(
        "a contract's object is cut off", _object(":protos/a/v1/a.proto", lambda data: data[:20]), (3,)
    )
    yield Spoiled(
        "a contract's object is garbage", _object(":protos/a/v1/a.proto", lambda _: b"\0" * 99), (3,)
    )
    yield Spoiled("a consumer's object is garbage", _object(":web/app.py", lambda _: b"\0" * 99), no_answer)
    yield Spoiled("the base's tree is garbage", _object("main^{tree}", lambda _: b"\0" * 99), (3,))
    yield Spoiled("the base's commit is cut off", _object("main", lambda data: data[:9]), (3,))
    push = ("--stage", "pre-push")
    for name, data, codes in (
        ("bytes", b"\xff\xfe\0\n" * 50, (2,)),
        ("too many words", b"a b c d e\n", (2,)),
        (
            "a commit that is not here",
            b"refs/heads/a " + b"1" * 40 + b" refs/heads/a " + b"0" * 40 + b"\n",
            (2, 3),
        ),
        ("flags", b"refs/heads/a --output=/tmp/x refs/heads/a --help\n", (2, 3)),
        ("a name of bytes", b"refs/heads/\xff HEAD refs/heads/\xff " + b"0" * 40 + b"\n", (0,)),
    ):
        yield Spoiled(f"what is pushed: {name}", lambda _: None, codes, push, data)


def stands(world: World, case: Spoiled) -> tuple[Ran, list[str]]:
    """Spoil a repository, run the program, and say what is not as it should be."""
    case.spoil(world)
    before = world.state()
    ran = world.check(*case.arguments, stdin=case.stdin)
    after = world.state()
    faults = list(_bounds(ran))
    faults += [
        f"touched {path}" for path in before.keys() | after.keys() if before.get(path) != after.get(path)
    ]
    faults += [f"left {name} among temporary files" for name in world.left_over()]
    try:
        questions = json.loads(ran.stdout)["undecided"]
    except ValueError:
        return ran, [*faults, f"printed no report: {ran.stdout[:300]!r}"]
    if any("itself failed" in question["what"] for question in questions):
        faults.append(f"failed itself: {questions}")
    return ran, faults
