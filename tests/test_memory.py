"""Contents are streamed: whoever looks at many files has few of them in memory. Counted in bytes that are
alive, not in what a system says of a process."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import pytest
from conftest import Scratch

from workspai_hooks.changes import snapshot as snapshots
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.openapi.outline import outlines
from workspai_hooks.environments.runtimes.known import known as runtimes
from workspai_hooks.resilience import gather as gathering
from workspai_hooks.resilience.deployed import marked
from workspai_hooks.resilience.reading import Read
from workspai_hooks.stubs.holders import find_holders
from workspai_hooks.stubs.inventory import find_others, find_stubs
from workspai_hooks.tools.git import Repository
from workspai_hooks.tools.held import Held
from workspai_hooks.workspace import evidence
from workspai_hooks.workspace.services import collect
from workspai_hooks.workspace.use_sites.headers import headers

BATCH = 64 * 1024
FILES, SIZE = 60, 6 * 1024
KINDS = ("a.go", "b.py", "c.yaml", "d.json", "e_pb2.py", "f.proto", "Dockerfile", "g.java")


class _Weighed(bytes):
    """Bytes that are counted as long as somebody has them."""

    alive = most = 0

    def __new__(cls, data: bytes) -> _Weighed:
        made = super().__new__(cls, data)
        _Weighed.alive += len(data)
        _Weighed.most = max(_Weighed.most, _Weighed.alive)
        return made

    def __del__(self) -> None:
        _Weighed.alive -= len(self)


@pytest.fixture(scope="module")
def large() -> Snapshot:
    """Many files of many kinds, each about as large; every read makes its content anew."""
    line = "# timeout retry gateway service networking.istio.io/v1\n"
    files = {
        f"part{number}/{name}": f"# {number} {name}\n{line * (SIZE // len(line))}"
        for number in range(FILES)
        for name in KINDS
    }
    plain = Snapshot.of(files)

    def read(blobs: Iterable[str]) -> Mapping[str, bytes | None]:
        return {blob: _Weighed(data) for blob, data in plain.reader(blobs).items() if data is not None}

    return replace(plain, reader=read)


def _policies(snapshot: Snapshot) -> object:
    """Without parsing what is read: the parser of YAML takes nothing but plain bytes."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(gathering, "_read", lambda *_: Read())
        return gathering._of_files(snapshot)


READERS: Mapping[str, Callable[[Snapshot], object]] = {
    "headers": headers,
    "marks of what is deployed": lambda one: marked(one, {b"networking.istio.io/"}),
    "policies of files": _policies,
    "evidence": lambda one: evidence.sighted(one, one.paths()),
    "manifests": collect,
    "stubs": lambda one: find_stubs(one, str),
    "generated sources": lambda one: find_others(one, str, ()),
    "holders": lambda one: find_holders(one, str),
    "descriptions": outlines,
    "runtimes": runtimes,
}


@pytest.mark.parametrize("reader", READERS)
def test_few_contents_are_in_memory(large: Snapshot, reader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "BATCH", BATCH)
    monkeypatch.setattr(evidence, "MOST_BYTES", BATCH)
    _Weighed.most = _Weighed.alive = 0
    READERS[reader](replace(large))
    assert 0 < _Weighed.most <= 8 * BATCH < FILES * len(KINDS) * SIZE // 5
    assert _Weighed.alive <= BATCH


@pytest.mark.parametrize("seed", range(5))
def test_batches_are_all_that_is_asked_for(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(seed)
    files = {f"{number}.txt": "x" * rng.choice((0, 10, 3_000, 40_000)) + f"{number}" for number in range(300)}
    snapshot = Snapshot.of(files)
    order = rng.sample(sorted(files), 250)
    monkeypatch.setattr(snapshots, "BATCH", BATCH)
    batches = list(snapshot.in_batches(order))
    assert [path for batch in batches for path in batch] == order
    assert dict(snapshot.contents(order)) == snapshot.read_many(order)
    sizes = [sum(map(len, batch.values())) for batch in batches]
    assert min(sizes[:-1]) >= BATCH
    assert max(sizes[1:]) <= 2 * BATCH + 2 * 40_004


def test_a_repository_holds_so_much_and_gives_all(scratch: Callable[[Mapping[str, bytes]], Scratch]) -> None:
    rng = random.Random(1)
    files = {f"{number}.txt": rng.randbytes(rng.randrange(1, 3_000)) for number in range(120)}
    with_little = Repository.open(scratch(files).root)
    with_little._contents = Held(20_000)
    blobs = {path: entry.blob for path, entry in with_little.index().items()}
    for _ in range(60):
        some = rng.sample(sorted(files), rng.randrange(1, 30))
        found = with_little.read(blobs[path] for path in some)
        assert {path: found[blobs[path]] for path in some} == {path: files[path] for path in some}
        assert with_little._contents.bytes <= 20_000
    with_little.close()


def test_what_can_not_be_read_again_stays() -> None:
    held = Held(10)
    held.add("kept", b"12345678", stays=True)
    held.add("lost", None)
    held.add("large", b"x" * 9)
    held.trim()
    assert "kept" in held
    assert "lost" in held
    assert "large" not in held
    assert held.bytes == 8
