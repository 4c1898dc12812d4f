"""What facts files of other repositories cost a commit that breaks a contract.

    python benchmarks/facts.py [--files 2000] [--uses 300]

Makes so many facts files of 20 services, each with so many lines that use one of 200 packages, in a scratch
repository, and breaks a field that every fortieth of them knows of. `first` takes all apart, `again` has
them in the index; `without` is the same commit when nothing is listed. The best of five.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import tempfile
import time
from pathlib import Path

from workspai_hooks.inspection import Request, inspect
from workspai_hooks.workspace.elsewhere.layout import (
    SCHEMA,
    Contract,
    Edge,
    FactsFile,
    Held,
    Package,
    Place,
    Repository,
    Service,
    Use,
    encode,
)

SERVICES, PACKAGES, KNOWN = 20, 200, 5
FIELDS = "".join(f"  string field_{number} = {number + 1};\n" for number in range(10))
PROTO = (
    'syntax = "proto3";\npackage org.p7.v1;\n'
    + "".join(f"message Message{number} {{\n{FIELDS}}}\n" for number in range(10))
    + "service Api { rpc Get0(Message0) returns (Message1); }\n"
)


def facts(number: int, uses: int, dice: random.Random) -> bytes:
    """One repository's file."""
    known = sorted({number % PACKAGES, *dice.sample(range(PACKAGES), KNOWN - 1)})
    services = [
        Service(
            f"service-{at:02}",
            owners=[f"@team-{number}"],
            calls=[f"org.p{known[at % len(known)]}.v1.Api/Get{rpc}" for rpc in range(3)],
            serves=[f"own.r{number}.v1.S{at}"],
        )
        for at in range(SERVICES)
    ]
    edges = [Edge(at, (at * 7 + 3) % SERVICES, "grpc", [Place("main.go", 12)]) for at in range(SERVICES)]
    packages = [_package(one, SERVICES * uses // len(known), dice) for one in known]
    origin = Repository(f"repository-{number:05}", f"forge.example/org/repository-{number:05}", "0" * 40)
    return encode(FactsFile(SCHEMA, origin, services, edges, packages))


def _package(number: int, count: int, dice: random.Random) -> Package:
    paths = [f"services/service-{at // 3:02}/src/file{at % 3}.go" for at in range(SERVICES * 3)]
    words = [f"GetField{at}" for at in range(100)] + ["field", "stub"]
    uses: dict[str, list[Use]] = {}
    for at in range(count):
        element = f"org.p{number}.v1.Message{at % 10}.field_{dice.randrange(10)}"
        place = (dice.randrange(len(paths)), dice.randrange(1, 900), 9)
        uses.setdefault(element, []).append(
            Use(dice.randrange(SERVICES), *place, dice.randrange(100), 100, 0)
        )
    held = Contract(sorted(uses), [Held(at, at, 101) for at in range(0, SERVICES, 4)])
    return Package(f"org.p{number}.v1", paths, words, dict(sorted(uses.items())), [held])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--uses", type=int, default=300, help="lines of each service")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root, dice = Path(folder), random.Random(1)
        (root / "facts").mkdir()
        for number in range(wanted.files):
            (root / f"facts/{number:05}.json").write_bytes(facts(number, wanted.uses, dice))
        size = sum(path.stat().st_size for path in (root / "facts").iterdir())
        print(f"{wanted.files} files, {size / 1e6:.0f} MB, {wanted.files * SERVICES * wanted.uses} uses")
        _commit(root)
        for listed in ("", "facts: [{path: facts}]\n"):
            (root / ".workspai.yaml").write_text(f"default_branch: main\n{listed}")
            _git(root, "add", "--all")
            first, *again = [_timed(root) for _ in range(6)]
            if listed:
                print(f"first    impact {first[0]:7.0f} ms")
            best, consumers = min(again)
            print(f"{'again' if listed else 'without':8} impact {best:7.0f} ms, {consumers} consumers")


def _commit(root: Path) -> None:
    (root / "a.proto").write_text(PROTO)
    _git(root, "init", "--quiet", "--initial-branch", "main", ".")
    _git(root, "add", "--all")
    _git(root, "-c", "user.name=b", "-c", "user.email=b@b.example", "commit", "--quiet", "-m", "base")
    _git(root, "switch", "--quiet", "--create", "topic")
    old = "message Message3 {\n  string field_0 = 1;\n"
    (root / "a.proto").write_text(PROTO.replace(old, "message Message3 {\n"))


def _git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=root, check=True)


def _timed(root: Path) -> tuple[float, int]:
    """Milliseconds of the stage that asks the facts, and how many consumers it found."""
    start = time.perf_counter()
    report = inspect(Request(root, "pre-commit"))
    spent = (report.timings_ms or {}).get("impact", (time.perf_counter() - start) * 1000)
    return spent, sum(len(finding.consumers) for finding in report.findings)


if __name__ == "__main__":
    main()
