"""Which modules read bytes that nobody vouches for, and which of them the table's rows enter."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

from hostile.target import Target

PACKAGE = Path(__file__).parents[2] / "workspai_hooks"

_FINDER = "searches files of a system of several services for words: its own tests have such systems"

EXEMPT: Mapping[str, str] = {
    "breaking/openapi/asking.py": "hands bytes to oasdiff",
    "changes/policies.py": "looks for words in lines that differ",
    "changes/worktree.py": "gives bytes the id that git gives them",
    "enrich.py": "compares bytes with what it would write",
    "stubs/contracts.py": "looks for words, so that fewer contracts are compiled",
    "resilience/operations.py": "takes bytes as keys of the index alone",
    "resilience/rpcs.py": "takes bytes as keys of the index alone",
    "resilience/gather.py": "hands bytes to sources of policies (rows of their own)",
    "resilience/patches.py": "splits bytes into lines; what comes of it, git reads",
    "tables.py": "takes bytes as keys of the index alone, whose rows store.py checks",
    "workspace/ledger.py": "takes bytes as keys of the index alone, whose rows store.py checks",
    "tools/held.py": "hands back what it was given (tests/test_memory.py)",
    "tools/writing.py": "writes bytes of ours",
    "changes/given_up.py": "asks retired_words.py (a row); needs a repository: at the command line",
    "contracts/helm/rendering.py": "writes files for helm; what helm answers, nodes.py reads (a row)",
    "contracts/protobuf/asked.py": "hands bytes to buf, whose answers tools/buf.py reads (a row)",
    "contracts/protobuf/tree.py": "keeps the bytes of an import that it is given; scan.py reads them (a row)",
    "facts.py": "writes what was fetched; what that is, layout.py reads (a row)",
    "impact/retired.py": "asks retired_words.py (a row) and buf; needs a repository: at the command line",
    "tools/answers.py": "hands back what its digest proves (tests/test_start_up.py)",
    "remote/pull.py": "puts rows into the index, which pack.py and kept/rows.py read (rows)",
    "remote/places.py": "hands bytes on; what they are, pack.py reads (a row)",
    "tools/web.py": "hands bytes on; a redirect is refused (tests/test_facts.py)",
    "workspace/edges/calls.py": _FINDER,
    "workspace/edges/captured.py": _FINDER,
    "workspace/edges/lent.py": _FINDER,
    "workspace/edges/scanned.py": _FINDER,
    "workspace/edges/shown.py": _FINDER,
    "workspace/http/by_name.py": _FINDER,
    "workspace/http/targets.py": _FINDER,
    "workspace/use_sites/received_types.py": _FINDER,
    "workspace/use_sites/served_json.py": _FINDER,
    "workspace/http/languages.py": "a table with words of bytes; it reads nothing",
}
"""Readers without a row, and why; one that a row enters after all is a fault."""


HANDS_ON = frozenset({"tools/process.py", "tools/spawn.py"})
"""They hand bytes to children and back, whatever these are; what comes back, the tools' rows read."""


@cache
def readers() -> dict[str, list[str]]:
    """Modules with a function that takes bytes, and the names of these functions."""
    found: dict[str, list[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        names = [
            node.name
            for node in ast.walk(ast.parse(path.read_bytes()))
            if isinstance(node, ast.FunctionDef) and _takes_bytes(node)
        ]
        module = path.relative_to(PACKAGE).as_posix()
        if names and module not in HANDS_ON:
            found[module] = names
    return found


def _takes_bytes(node: ast.FunctionDef) -> bool:
    arguments = (*node.args.args, *node.args.kwonlyargs)
    return any(one.annotation is not None and "bytes" in ast.unparse(one.annotation) for one in arguments)


def entered(targets: Iterable[Target]) -> set[str]:
    """Modules of ours in which a function that takes bytes runs when the rows read their seeds."""
    names = readers()
    files = {str(PACKAGE / module): module for module in names}
    seen: set[str] = set()

    def watch(frame: FrameType, event: str, _: Any) -> None:
        module = files.get(frame.f_code.co_filename) if event == "call" else None
        if module is not None and frame.f_code.co_name in names[module]:
            seen.add(module)

    sys.setprofile(watch)
    try:
        for target in targets:
            for seed in target.seeds():
                try:
                    target.read(seed)
                except target.refuses:
                    continue
    finally:
        sys.setprofile(None)
    return seen
