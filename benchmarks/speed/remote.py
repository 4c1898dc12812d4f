"""The first index of a fresh clone: with a cache that machines share, without it, and with one that hangs."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from speed.measure import OURS, Bench, Figures, Row, Side, UnmeasuredError, compared, environment, git

GRAPH = (*OURS, "graph", "--format", "json")
SYSTEMS = ("dotnet__eShop", "flyteorg__flyte", "etcd-io__etcd")
CHANGED = "google/pubsub/v1/pubsub.proto"
_ALONE = {"AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "nothing", "AWS_ALLOW_HTTP": "true"}


def rows(bench: Bench) -> Iterator[Row]:
    packs = bench.folder / "packs"
    packs.mkdir()
    shared = {"WORKSPAI_CACHE_URL": packs.as_uri()}
    runs = max(3, bench.runs // 2)
    for name in SYSTEMS:
        root = _cloned(bench, name)
        _push(root, shared)
        warm, cold = _fresh(root, GRAPH, runs, shared, {})
        yield _row(f"first index of a fresh clone ({name.partition('__')[2]})", warm, cold)
    with closing(socket.socket()) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()  # and never accepts
        hangs = {"WORKSPAI_CACHE_URL": "s3://team/hooks"} | _ALONE
        hangs["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{silent.getsockname()[1]}"
        slow, cold = _fresh(root, GRAPH, runs, hangs, {})
    yield _row("the same with a store that hangs (etcd)", slow, cold)
    root = _cloned(bench, "googleapis")
    _push(root, shared)
    text = (root / CHANGED).read_text()
    (root / CHANGED).write_text(text.replace(" = 3;", " = 333;", 1))
    git(root, "add", CHANGED)
    warm, cold = _fresh(root, (*OURS, "check"), max(3, bench.runs // 5), shared, {})
    yield _row("first `check` of a fresh clone of googleapis, one message changed", warm, cold)


def _cloned(bench: Bench, name: str) -> Path:
    source = (bench.inputs or Path()) / name
    if bench.inputs is None or not source.exists():
        raise UnmeasuredError(f"{name} is not among the inputs")
    root = bench.folder / name
    git(bench.folder, "clone", "--quiet", "--shared", str(source.resolve()), str(root))
    return root


def _push(root: Path, shared: dict[str, str]) -> None:
    env = environment(shared | {"WORKSPAI_CACHE_WRITE": "1"})
    subprocess.run([*OURS, "cache", "--push"], cwd=root, env=env, check=True, capture_output=True)


def _fresh(
    root: Path, argv: tuple[str, ...], runs: int, *environments: dict[str, str]
) -> tuple[Figures, ...]:
    """The same command with each environment, always with no index."""

    def forget() -> None:
        shutil.rmtree(root / ".git" / "workspai-hooks", ignore_errors=True)

    return tuple(compared(runs, *(Side([argv], root, forget, env=env) for env in environments), warm=0))


def _row(work: str, ours: Figures, cold: Figures) -> Row:
    said = f"{ours.wall / cold.wall:.2f} × of the run without"
    return Row(work, ours.told(), cold.told(), said, "", None, len(ours.wall_s), "bare: ours without a store")
