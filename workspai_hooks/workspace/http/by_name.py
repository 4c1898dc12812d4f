"""Which operation a function of a generated client asks for: by its name, as generators make it of the
operation's id, or of method and path where it has none. No sources, no services.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.http.match import HOLE, operations_of, segments
from workspai_hooks.workspace.http.values import Operation

_AROUND = regex(
    r"(?:withhttpinfo|withresponse|withresponsespec|withoutpreloadcontent|withbody|withapplicationjsonbody"
    r"|withformdatabody|async|raw|call|suspense|query|mutation|queryoptions|executewithhttpinfo|detailed)$"
)
"""What generators put behind a name for another form of the same request."""
_CLASS = regex(
    r"(?:apiservice|apiclient|restclient|api|apis|client|service|resource|controller|clientservice)$"
)
_QUOTED = regex(
    rb"[\"'`](?:\{\+baseurl\}|\$\{[^{}\"'`\n]{0,60}\})?(/?[\w{}$:%~()/-]{2,200})(?:\?[^\"'`\n]{0,200})?[\"'`]"
)
MOST_TEXTS = 20_000
"""Quoted texts of a file that are looked at."""
_PUT_IN = regex(r"\$?\{[^{}]{0,80}\}|%[sdv]")


def operations_named(name: str, owner: str, operations: Iterable[Operation]) -> list[Operation]:
    """The operations that a function of this name, in a class of this name, can mean."""
    listed = list(operations)
    called = list(_forms(name))
    for form in called:  # the longest first
        found = [one for one in listed if form in _names(one, owner)]
        if found:
            own = [one for one in found if _is_of(owner, one)]
            return own or found
    return []


def paths_in(data: bytes, operations: Iterable[Operation]) -> frozenset[str]:
    """The paths of operations that a generated file names; none where most paths that it names are of
    another API."""
    listed = list(operations)
    written = {
        _PUT_IN.sub(HOLE, found[1].decode("latin-1"))
        for found in islice(_QUOTED.finditer(data), MOST_TEXTS)
        if b"/" in found[1]
    }
    known = {path: operations_of("", path, listed) for path in written if segments(path)}
    whole = [path for path in known if path.startswith("/")]
    if 2 * sum(bool(known[path]) for path in whole) < len(whole):
        return frozenset()
    return frozenset(match.operation.path for matches in known.values() for match in matches)


def _forms(name: str) -> Iterator[str]:
    """A function's name without what generators put around it."""
    plain = _plain(name)
    yield plain
    if plain.startswith("use") and name[3:4].isupper():
        plain = plain[3:]
        yield plain
    for _ in range(3):
        shorter = _AROUND.sub("", plain)
        if shorter == plain or not shorter:
            return
        plain = shorter
        yield plain


def _names(operation: Operation, owner: str) -> frozenset[str]:
    """What generators call an operation."""
    said = operation.operation_id
    if said:
        group, _, rest = said.partition("_")  # NSwag's `Orders_Get`
        inner = {_plain(rest)} if rest and _is_class(owner, group) else set()
        return frozenset({_plain(said), *inner})
    method = operation.method.lower()
    parts = [one for one in operation.path.split("/") if one]
    named = [_plain(one) for one in parts]
    by = [f"by{_plain(one)}" if "{" in one else _plain(one) for one in parts]
    return frozenset({"".join([*named, method]), "".join([method, *named]), "".join([method, *by])})


def _is_of(owner: str, operation: Operation) -> bool:
    return any(_is_class(owner, tag) for tag in operation.tags)


def _is_class(owner: str, tag: str) -> bool:
    """Whether a class is called after a tag."""
    return bool(owner) and _CLASS.sub("", _plain(owner)) in (_plain(tag), _CLASS.sub("", _plain(tag)))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
