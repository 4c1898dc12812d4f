"""Paths of operations in languages whose requests are not followed: enough to say *unknown*."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.patterns import regex
from workspai_hooks.workspace.evidence import MAX_BYTES
from workspai_hooks.workspace.evidence.text import in_comment
from workspai_hooks.workspace.files import is_code, is_test
from workspai_hooks.workspace.http.match import HOLE, operations_of, segments
from workspai_hooks.workspace.http.values import HttpUse, Kind, Operation
from workspai_hooks.workspace.use_sites.headers import is_third_party

PAGES = (".astro", ".erb", ".ejs", ".hbs", ".razor", ".cshtml", ".sh", ".bash")
"""Files beside code in which requests are written, among links."""
_REQUESTS = regex(
    rb"fetch|axios|ajax|\$http|XMLHttpRequest|\$\.(?:get|post|getJSON)|hx-|HttpClient|FromJson|AsJson|\bcurl\b|\bwget\b"
)
_ASKS = regex(rb"(?i)(?:get|post|put|patch|delete|request|fetch|url|uri|path)\w{0,20}[\s(=:,>]{1,8}[\"'`]$")
"""Before a word that would be a path with a slash in front: `->get('orders')`."""
_NEAR = 200
MOST = 50
"""Lines of one file."""
_PUT_IN = regex(r"\$?\{\{?[^{}]{0,80}\}?\}|#\{[^{}]{0,80}\}|\$[A-Za-z_]\w{0,40}|%[sd]|<%=[^%]{0,80}%>")
_END = regex(rb"[\"'`\s<>)\\]")
WHY = "a request in a language that is not followed names its path"


def find_mentions(
    snapshot: Snapshot, paths: Mapping[str, tuple[str, ...]], operations: Sequence[Operation]
) -> Iterator[HttpUse]:
    """Lines that name the path of an operation, in files of languages that are not followed.

    `paths`: the files of consumers, with the consumers that they belong to.
    """
    firsts = sorted({literal for operation in operations if (literal := _first(operation))})
    wanted = [path for path in paths if _is_unfollowed(path) and path not in snapshot.generated]
    if not firsts or not wanted:
        return
    words = b"|".join(re.escape(one) for one in firsts)
    pattern = re.compile(rb"(?:(?<=[\"'`}\w)])/|(?<=[\"'`]))(?:" + words + rb")(?![\w-])")
    for path, data in snapshot.contents(sorted(wanted)):
        if len(data) > MAX_BYTES or b"\0" in data[:4096]:
            continue
        for line, column, operation in _in(data, pattern, operations, path.endswith(PAGES)):
            for consumer in paths[path]:
                yield HttpUse(
                    consumer, operation.element, Kind.UNKNOWN, path, line, column, "", "likely", False, WHY
                )


def _is_unfollowed(path: str) -> bool:
    from workspai_hooks.workspace.http.languages import HTTP_LANGUAGES

    followed = tuple(suffix for one in HTTP_LANGUAGES if one.requests for suffix in one.suffixes)
    if path.endswith(followed) or is_test(path) or is_third_party(path):
        return False
    return is_code(path) or path.endswith(PAGES)


def _first(operation: Operation) -> bytes:
    """The first literal segment of a path."""
    return next((one.encode() for one in segments(operation.path) if HOLE not in one), b"")


def _in(
    data: bytes, pattern: re.Pattern[bytes], operations: Sequence[Operation], page: bool
) -> Iterator[tuple[int, int, Operation]]:
    found = 0
    for hit in islice(pattern.finditer(data), 40 * MOST):
        end = _END.search(data, hit.end(), hit.end() + 300)
        written = data[hit.start() : end.start() if end is not None else hit.end() + 300].decode("latin-1")
        path = _PUT_IN.sub(HOLE, written if written.startswith("/") else f"/{written}")
        if path.endswith("/"):
            path += HOLE
        matches = operations_of("", path, operations)
        if not matches or in_comment(data, hit.start()):
            continue
        if "/" not in written and not _ASKS.search(data, max(0, hit.start() - 40), hit.start()):
            continue
        if page and not _REQUESTS.search(data, max(0, hit.start() - _NEAR), hit.start()):
            continue
        line = data.count(b"\n", 0, hit.start()) + 1
        column = hit.start() - data.rfind(b"\n", 0, hit.start())
        yield from ((line, column, match.operation) for match in matches)
        found += 1
        if found >= MOST:
            return
