"""A process that keeps facts beyond the limit and checks all that it reads; killed at any moment by crowd.py.

python writer.py INDEX SEED
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from workspai_hooks.kept.limit import LEAST
from workspai_hooks.store import Store


def fact(number: int) -> str:
    rng = random.Random(number)
    return rng.randbytes(rng.choice((10, 300, 5000, 60_000))).hex()


def main(path: Path, seed: int) -> int:
    rng = random.Random(seed)
    for _ in range(4):
        store = Store(path, LEAST)
        asked = {Store.key(number): number for number in rng.sample(range(2000), 300)}
        for key, value in store.recall("schema", asked, str).items():
            if value != fact(asked[key]):
                print(f"another fact than was kept: {asked[key]}")
                return 1
        store.remember("schema", {key: fact(number) for key, number in [*asked.items()][:60]})
        store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
