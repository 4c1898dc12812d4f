"""One message, and one gRPC service config, changed in googleapis/googleapis (`--inputs` has `googleapis`).

"Cold" is an empty tool cache and a warm index: before each run the index is put back as it was after a
change of another package. Bare on the whole: `buf breaking --against .git#branch=main` but for `preview/`,
which declares names a second time (buf compiles none of it together); it takes as long for each edit and is
asked of the first one alone. The bare pair: `buf build --path FOLDER` of both sides, materialised before and
untimed, at once, then `buf breaking` of the two images. Memory is of all processes of a run together (what
they share counts once).
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from speed.measure import (
    OURS,
    Bench,
    Row,
    Side,
    Step,
    UnmeasuredError,
    at_most,
    compared,
    faster,
    git,
)
from speed.peak import memory, peak_of_all

BUF = str(Path(sys.executable).parent / "buf")
HOOK = [*OURS, "check", "--stage", "pre-commit"]
ELSEWHERE = ("google/type/money.proto", r"(?m)^  int32 nanos = 3;\n")
EDITS = {
    "a leaf (pubsub)": ("google/pubsub/v1/pubsub.proto", r"  bool enforce_in_transit = 2 \[[^\]]*\];\n"),
    "what 548 files import (rpc.Status)": (
        "google/rpc/status.proto",
        r"  repeated google\.protobuf\.Any details = 3;\n",
    ),
    "what is an option's value (api.HttpRule)": (
        "google/api/http.proto",
        r"  string response_body = 12;\n",
    ),
}
FASTER, PAIR = 40, 3
ELSEWHERE_CONFIG = "google/cloud/tasks/v2/cloudtasks_grpc_service_config.json"
CONFIG = "google/pubsub/v1/pubsub_grpc_service_config.json"
CONFIG_S = 0.3


def rows(bench: Bench) -> Iterator[Row]:
    clone = bench.inputs / "googleapis" if bench.inputs else None
    if clone is None or not clone.exists():
        raise UnmeasuredError("no googleapis among --inputs")
    root = bench.folder / "googleapis"
    git(bench.folder, "clone", "--quiet", "--shared", str(clone.resolve()), str(root))
    git(root, "checkout", "--quiet", "-b", "topic")
    _edited(root, *ELSEWHERE)
    (first,) = compared(1, Side([HOOK], root), warm=0)
    yield Row("the first index, with a change of one message", first.told(), "–", "", "", None, 1)
    cold = _put_back(root, bench.folder / "index")
    broken = frozenset({0, 1, 100})
    for name, (path, pattern) in EDITS.items():
        _edited(root, path, pattern)
        ours = Side([HOOK], root, cold)
        if name == next(iter(EDITS)):
            whole = [BUF, "breaking", ".", "--against", ".git#branch=main", "--exclude-path", "preview"]
            mine, theirs = compared(bench.runs, ours, Side([whole], root, codes=broken), warm=0)
            yield faster(f"{name}: cold, against the whole", mine, theirs, FASTER)
        pair = Side(_pair(root, bench.folder, path), bench.folder, codes=broken, together=True)
        mine, theirs = compared(bench.runs, ours, pair)
        yield at_most(f"{name}: cold, against its folder alone", mine, theirs, PAIR, what="the pair")
    yield from _config(bench, root)
    yield from _memory(root)


def _config(bench: Bench, root: Path) -> Iterator[Row]:
    """The contracts are known: a first check of a config, of another package, has compiled them."""
    for path in (ELSEWHERE_CONFIG, CONFIG):
        git(root, "reset", "--quiet", "--hard", "main")
        text = (root / path).read_text()
        (root / path).write_text(re.sub(r'"UNAVAILABLE"', '"unavailable"', text, count=1))
        git(root, "add", "--all")
        if path == ELSEWHERE_CONFIG:
            compared(1, Side([HOOK], root), warm=0)
            cold = _put_back(root, bench.folder / "index-of-configs")
    (mine,) = compared(bench.runs, Side([HOOK], root, cold))
    met = mine.wall <= CONFIG_S
    yield Row(
        "one service config changed",
        mine.told(),
        "–",
        f"{mine.wall:.2f} s",
        f"≤ {CONFIG_S} s",
        met,
        bench.runs,
    )


def _memory(root: Path) -> Iterator[Row]:
    """Of first runs: nothing is known. `resilience` compiles every contract that has a service."""
    for what, argv in (("with a change of one message", HOOK), ("`resilience`", [*OURS, "resilience"])):
        _edited(root, *ELSEWHERE)
        shutil.rmtree(root / ".git" / "workspai-hooks", ignore_errors=True)
        yield memory(f"memory of a first run, {what}", peak_of_all(argv, root))


def _put_back(root: Path, kept: Path) -> Step:
    """Keep all that earlier runs left; what puts it back. No run answers from the one before."""
    index = root / ".git" / "workspai-hooks"
    shutil.copytree(index, kept)

    def put() -> None:
        shutil.rmtree(index, ignore_errors=True)
        shutil.copytree(kept, index)

    return put


def _edited(root: Path, path: str, pattern: str) -> None:
    """One edit, staged, and nothing else."""
    git(root, "reset", "--quiet", "--hard", "main")
    text = (root / path).read_text()
    edited = re.sub(pattern, "", text, count=1)
    assert edited != text, f"{path} is another one now"
    (root / path).write_text(edited)
    git(root, "add", "--all")


def _pair(root: Path, folder: Path, path: str) -> list[list[str]]:
    """Bare buf on both sides, laid out below `folder`: all files, of which one folder is compiled."""
    for side, revision in (("base", "main"), ("head", git(root, "write-tree"))):
        place = folder / side
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        archive = folder / f"{side}.tar"
        git(root, "archive", "--output", str(archive), revision)
        shutil.unpack_archive(archive, place)
    part = Path(path).parent
    return [
        *(
            [BUF, "build", side, "--path", f"{side}/{part}", "-o", f"{side}.binpb"]
            for side in ("base", "head")
        ),
        [BUF, "breaking", "head.binpb", "--against", "base.binpb"],
    ]
