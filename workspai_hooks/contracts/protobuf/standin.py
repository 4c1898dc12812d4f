"""Stand-ins for imports that lend nothing but options (validate/validate.proto, gogoproto/gogo.proto, …).

Such a file is often in a registry only. What it declares is used inside of `option` statements and `[…]`
alone, which no rule of buf and none of ours looks at: without them and with an empty file of the same package
in its place, a contract means the same. That nothing else of it is used, the compiler proves: the empty file
declares no type, so that a field of one does not compile (and the import is missing as before). The package
keeps the scopes in which names are looked up as they are; in a package below it a name could mean one of its
types, so that there is no stand-in there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workspai_hooks.contracts.protobuf.known import OPTIONS, canonical
from workspai_hooks.patterns import regex

_TOKEN = regex(
    rb"""//[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/|\Z)"""
    rb"""|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|[\w.]+|[^\s\w]"""
)
_VISIBLE = regex(rb"[^\r\n]")
_OPENS, _CLOSES = frozenset((b"{", b"[", b"(")), frozenset((b"}", b"]", b")"))

_MOST_BYTES = 1024 * 1024
"""Of a file that options are taken out of: its tokens are held at once."""

Token = tuple[bytes, int, int]


def package_for(name: str, text: bytes, package: str) -> str | None:
    """The package of the stand-in for `import "name"` in a file with this text that declares `package`; None
    where there can be none."""
    known = OPTIONS.get(canonical(name), ())
    if len(text) > _MOST_BYTES or any(f"{package}.".startswith(f"{one}.") for one in known):
        return None
    used = (one for one in known if b"(" + one.encode() + b"." in text or b"(." + one.encode() in text)
    return next(used, known[0] if known else None)


def text_of(package: str) -> bytes:
    """The stand-in."""
    return f'syntax = "proto3";\npackage {package};\n'.encode()


def without_options(text: bytes, packages: Iterable[str]) -> bytes:
    """A .proto file without the options that extensions of these packages are; what is left stands where it
    stood. Text that is no protobuf loses what looks like one, and compiles neither way."""
    names = tuple(f"{one}.".encode() for one in sorted(packages))
    if not any(name in text for name in names):
        return text
    out = bytearray(text)
    for start, end in _spans(list(_tokens(text)), names):
        out[start:end] = _VISIBLE.sub(b" ", text[start:end])
    return bytes(out)


def _tokens(text: bytes) -> Iterator[Token]:
    for found in _TOKEN.finditer(text):
        if not found[0].startswith((b"//", b"/*")):
            yield found[0], found.start(), found.end()


def _spans(tokens: list[Token], names: tuple[bytes, ...]) -> Iterator[tuple[int, int]]:
    """Where such options stand: whole statements, and parts of `[…]` with a comma that goes with each."""
    at, begins = 0, True
    while at < len(tokens):
        word = tokens[at][0]
        if begins and word == b"option":
            end = _end(tokens, at + 1, (b";",))
            if _is_one(tokens, at + 1, names):
                yield tokens[at][1], tokens[min(end, len(tokens) - 1)][2]
            at = end
        elif word == b"[":
            end = _end(tokens, at + 1, (b"]",))
            yield from _in_brackets(tokens, at, end, names)
            at = end
        begins = at < len(tokens) and tokens[at][0] in (b";", b"{", b"}")
        at += 1


def _end(tokens: list[Token], at: int, marks: tuple[bytes, ...]) -> int:
    """The next of `marks` that stands in no brackets opened since; the last token's place where none does."""
    depth = 0
    for place in range(at, len(tokens)):
        word = tokens[place][0]
        if depth == 0 and word in marks:
            return place
        depth += (word in _OPENS) - (word in _CLOSES)
    return len(tokens)


def _is_one(tokens: list[Token], at: int, names: tuple[bytes, ...]) -> bool:
    """Whether an option's name begins here that is in brackets and one of these packages'."""
    opened = at + 1 < len(tokens) and tokens[at][0] == b"("
    return opened and tokens[at + 1][0].removeprefix(b".").startswith(names)


def _in_brackets(
    tokens: list[Token], opened: int, closed: int, names: tuple[bytes, ...]
) -> Iterator[tuple[int, int]]:
    parts: list[tuple[int, int]] = []
    at = opened + 1
    while at < closed:
        end = min(_end(tokens, at, (b",",)), closed)
        parts.append((at, end))
        at = end + 1
    gone = [_is_one(tokens, start, names) for start, _ in parts]
    if not any(gone):
        return
    if all(gone):
        yield tokens[opened][1], tokens[min(closed, len(tokens) - 1)][2]
        return
    kept = [index for index, lost in enumerate(gone) if not lost]
    for index, (start, end) in enumerate(parts):
        if gone[index] and index > kept[-1]:
            yield tokens[start - 1][1], tokens[end - 1][2]  # with the comma before it
        elif gone[index]:
            yield tokens[start][1], tokens[end][2]
