"""Names that are parameters: of which function, at which place, and what calls of one file give for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

import msgspec

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.evidence.brackets import closing, split

MOST = 12
_MOST_TRIED = 400
_MODIFIERS = (
    r"(?:(?:public|private|protected|internal|static|async|final|override|export|suspend|virtual|sealed|readonly"
    r"|default|synchronized)\s{1,4}){0,5}"
)
_DECLARES = regex(
    r"\b(?:func|def|fn|fun|function)\s{1,4}(?:\([^()\n]{0,80}\)\s{0,4})?&?(\w{1,80})(?:<[^<>()\n]{0,60}>|\[[^\[\]()\n]{0,60}\])?\s{0,4}\("
    r"|\bclass\s{1,4}(\w{1,80})(?:<[^<>()\n]{0,60}>)?\s{0,4}(?:@?\w{1,20}\s{1,4}){0,3}\("
    r"|\b(?:const|let|var)\s{1,4}(\w{1,80})\s{0,4}(?::[^=\n]{1,60})?=\s{0,4}"
    r"(?:async\s{0,4})?(?:function\s{0,4}\w{0,40})?\("
    rf"|^[ \t]{{0,40}}{_MODIFIERS}(?:[\w.<>\[\]?,]{{1,80}}[ \t]{{1,4}})?"
    r"(\w{1,80})(?:<[^<>()\n]{0,60}>)?[ \t]{0,4}\(",
    re.MULTILINE,
)
_BODY = regex(
    r"\s{0,40}(?:throws\s[\w, .]{1,200})?(?::\s{0,8}(?:this|base)\s{0,4}\([^{};]{0,400}\)\s{0,40})?"
    r"(?:\{|=>|:|->|;?\s{0,4}\{|[\w*.&\[\]() ,:<>?|]{1,80}(?:\{|=>|:))"
)
_NO_FUNCTION = frozenset(
    [
        "if",
        "for",
        "while",
        "switch",
        "catch",
        "foreach",
        "using",
        "lock",
        "return",
        "throw",
        "new",
        "await",
        "yield",
        "elif",
        "except",
        "with",
        "synchronized",
        "when",
        "match",
        "unless",
        "until",
        "else",
        "do",
        "assert",
        "print",
        "super",
        "this",
        "base",
    ]
)
_CLASS = regex(
    r"^[ \t]{0,40}(?:[a-z]{1,12}[ \t]{1,4}){0,6}(?:class|struct|object|record)[ \t]{1,4}(\w{1,80})",
    re.MULTILINE,
)
_CONSTRUCTORS = frozenset({"constructor", "__init__", "initialize", "__construct", "init"})
_NAMED = regex(r"\s{0,40}[\"']?(\w{1,80})[\"']?\s{0,4}(?:=(?![=>])|:(?!:))\s{0,4}(?=\S)")
_VARIABLE = regex(r"(?:(?:this|self)\.)?\w{1,80}")
_PLAIN = str.maketrans("", "", "_$@")


REFERENCE = r"#\{(\w{1,80})\((\d[\d|.]{0,60}),([\w$]{1,80})\)\}"
"""How a text says *whatever is given for this parameter*: function, places in its overloads, name."""
Place = tuple[int, int]
"""At which place of how many."""


class Parameter(msgspec.Struct, frozen=True, order=True):
    """A parameter of a function or, where that is its constructor, of a class. `places`: one an overload."""

    function: str
    places: tuple[Place, ...]
    name: str

    @property
    def reference(self) -> str:
        return f"#{{{self.function}({'|'.join(f'{at}.{of}' for at, of in self.places)},{self.name})}}"


def referred(function: str, places: str, name: str) -> Parameter:
    """What the parts of a reference mean."""
    pairs = (one.split(".") for one in places.split("|"))
    return Parameter(function, tuple((int(pair[0]), int(pair[-1])) for pair in pairs), name)


def parameters(text: str, name: str) -> list[Parameter]:
    """The functions of a file that take a parameter of this name."""
    word = re.compile(rf"(?<![\w.]){re.escape(name)}(?!\w)")
    if not word.search(text):
        return []
    found: dict[str, set[Place]] = {}
    for match in islice(_DECLARES.finditer(text), _MOST_TRIED):
        end = closing(text, match.end() - 1)
        if end < 0 or not word.search(text, match.end(), end):
            continue
        function = next(group for group in match.groups() if group)
        if function in _NO_FUNCTION or (match[4] and not _BODY.match(text, end + 1)):
            continue
        place = _place(text[match.end() : end], word)
        if place is None:
            continue
        if function in _CONSTRUCTORS:
            function = _enclosing(text, match.start()) or function
        found.setdefault(function, set()).add(place)
        if len(found) >= MOST:
            break
    return [Parameter(function, tuple(sorted(places)), name) for function, places in found.items()]


def _place(listed: str, word: re.Pattern[str]) -> Place | None:
    """Where the list of parameters has the name; what callers don't write (`self`) is not counted."""
    written = [
        part.strip()
        for _, part in split(listed)
        if not re.match(r"\s*(?:(?:self|cls|&self|&mut self)\s*$|this\s)", part)
    ]
    for place, part in enumerate(written):
        named = part if part.startswith(("{", "[")) else re.split(r"=(?![>=])", part)[0]
        if word.search(named):
            return place, len(written)
    return None


def _enclosing(text: str, at: int) -> str:
    """The class that the last header before opens."""
    found = ""
    for match in islice(_CLASS.finditer(text, 0, at), _MOST_TRIED):
        found = match[1]
    return found


def given_to(text: str, one: Parameter) -> Iterator[str]:
    """The expressions that a file's calls give for a parameter: by its name, else by its place."""
    if not one.function:
        return
    called = re.compile(rf"(?<!\w){re.escape(one.function)}(?:<[^<>()\n]{{0,60}}>)?\s?\(")
    for match in islice(called.finditer(text), _MOST_TRIED):
        before = text[max(0, match.start() - 24) : match.start()]
        if re.search(r"\b(?:func|def|fn|fun|function|class|const|let|var)\s+(?:\([^()]*\)\s*)?&?$", before):
            continue
        end = closing(text, match.end() - 1)
        if end < 0:
            continue
        written = [part.strip() for _, part in split(text[match.end() : end])]
        yield from _chosen(written, one)


def _chosen(written: list[str], one: Parameter) -> list[str]:
    """By its name, as keyword, member of an object or a variable that is called so; else by its place."""
    wanted = _plain(one.name)
    for part in written:
        members = [each for _, each in split(part[1:-1])] if part[:1] == "{" and part[-1:] == "}" else [part]
        for member in members:
            named = _NAMED.match(member)
            if named and _plain(named[1]) == wanted:
                return [member[named.end() :]]
            if part is not member and _plain(member) == wanted:
                return [member.strip()]
    for part in written:
        if _VARIABLE.fullmatch(part) and _plain(part.rpartition(".")[2]) == wanted:
            return [part]
    fitting = [place for place, count in one.places if count == len(written)]
    return [written[place] for place in fitting or (at for at, _ in one.places) if place < len(written)]


def _plain(name: str) -> str:
    plain = name.strip().translate(_PLAIN).lower()
    return plain.removesuffix("name") or plain


def enclosing_functions(text: str, at: int) -> list[str]:
    """The functions whose header stands before an offset, and whose body goes on there, innermost last."""
    found: list[tuple[str, int]] = []
    for match in islice(_DECLARES.finditer(text, 0, at), _MOST_TRIED):
        function = next(group for group in match.groups() if group)
        end = closing(text, match.end() - 1)
        if match[2] or function in _NO_FUNCTION or not 0 <= end < at:
            continue
        if match[4] and not _BODY.match(text, end + 1):
            continue
        found.append((function, end))
    return [_enclosing(text, at) if name in _CONSTRUCTORS else name for name, _ in found[-1:]]
