"""Addresses that code puts together: `"http://" + host + ":8080"`, templates, formats, builders."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.evidence.brackets import split
from workspai_hooks.workspace.evidence.constants import assigned, value_of
from workspai_hooks.workspace.evidence.context import only_names
from workspai_hooks.workspace.evidence.parameters import parameters
from workspai_hooks.workspace.evidence.sightings import Clue, Sightings
from workspai_hooks.workspace.evidence.text import in_comment, line_of

KIND = "composed"
_OPTION_MARKS = (b"Transport.TCP", b"http.request(", b"https.request(", b"http.get(")
MARKS = (
    b"://",
    b".host(",
    b"forAddress(",
    b"HttpHost(",
    b"HTTPConnection(",
    b"TSocket(",
    b"location.protocol",
    *_OPTION_MARKS,
)
MOST = 300
MOST_WAYS = 8
_SCHEME = r"(https?|wss?|grpcs?|lb)://"
_OPEN = regex(r"://[$#{%\"'`]")
"""An address that goes on behind its scheme with something else than a host: hardly a file has one."""
_TEMPLATE = regex(_SCHEME + r"(?=[$#{%])([^\"'`\s<>]{1,200})([\"'`]?)")
_JOINED = regex(r"[\"'`]" + _SCHEME + r"[\"'`]\s{0,20}(?:\+|\.|<>|\.\.|,)\s{0,20}([^;\n]{1,200})")
_SAME_SCHEME = regex(
    r"\blocation\.protocol(?:\}//(?=\$\{)([^\"'`\s<>]{1,200})[\"'`]|\s{0,20}\+\s{0,20}[\"'`]//[\"'`]\s{0,20}\+\s{0,20}([^;\n]{1,200}))"
)
"""A page takes the scheme, as a rule the host as well, that it came by itself."""
_PLACE = regex(
    r"\$\{([^{}]{1,120})\}|#\{([^{}]{1,120})\}|\{\$?([^{}\"']{0,80})\}|(%[sdvqi]|%\d?\$?s)|\$(\w{1,60})"
)
_ARGUMENTS = regex(r"\s*(?:,|%|\.format\(|\.formatted\()\s*\(?([^;\n]{1,200})")
_KEYWORD = regex(r"\s*(\w+)\s*=(?!=)\s*")
_STEP = regex(
    r"\s*(?:([\"'`])([^\"'`]{0,200})\1|((?:process\.env|import\.meta\.env)\.\w+|[$\w.>:-]*\w(?:\([^()]{0,80}\))?))"
    r"\s*(\+|<>|\.\.|\.(?=\s)|,)?"
)
_PAIR = regex(
    r"\b(forAddress|HttpHost|HTTPS?Connection|TSocket)\(\s*([\"'][\w.-]{1,80}[\"']|[\w.]{1,80})\s*,\s*(\d{2,5}|[\w.]{1,60})"
)
_BUILT = regex(r"\.host\(\s*(\"[\w.-]{1,80}\"|[\w.]{1,80})\s*\)(?:\s*\.port\(\s*(\d{2,5}|[\w.]{1,60})\s*\))?")
_OPTIONS = regex(r"(?:\bTransport\.TCP\b[^{}]{0,120}|\bhttps?\.(?:request|get)\(\s{0,20})\{([^{}]{1,400})\}")
_HOST_OPTION = regex(r"\bhost(?:name)?\s{0,4}:\s{0,4}([^,\n]{1,160})")
_PORT_OPTION = regex(r"\bport\s{0,4}:\s{0,4}([^,\n]{1,80})")
_PAGE = regex(r"(?:window|document|self|globalThis)?\.?location\.(?:hostname|host)")
_HOST_TYPE = regex(r"\bnew\s{1,4}Host(?:[nN]ame)?\(\s{0,8}\"([a-z][\w.-]{1,80})\"\s{0,8}\)")
"""A type of the code's own for hosts, in a file that puts a scheme before one: `new Hostname("cart")`."""
_SCHEMES = {"forAddress": "grpc", "TSocket": "thrift"}
_KEPT = regex(r"\$?(?:(?:this|self)(?:\.|->))?_?([a-z]\w{1,60})")
_HOST = regex(r"[^/:]+(?::[^/]*)?(?=/|$)")


def wanted(path: str) -> bool:
    return path.endswith(
        (
            *(".java", ".kt", ".groovy", ".scala", ".cs", ".fs", ".py", ".js", ".jsx", ".mjs", ".cjs", ".ts"),
            *(
                ".tsx",
                ".vue",
                ".svelte",
                ".go",
                ".php",
                ".rb",
                ".rs",
                ".ex",
                ".exs",
                ".cc",
                ".cpp",
                ".cxx",
                ".h",
            ),
            *(".hpp", ".dart", ".swift", ".html"),
        )
    )


def read(data: bytes) -> Sightings:
    """The addresses of one file. A name that it gives no text to is left to the service's constants."""
    text = data.decode("latin-1")  # one byte is one character, so that offsets are the file's
    expressions = sorted(_expressions(text))[:MOST]
    if not expressions:
        return Sightings()
    known: dict[str, list[str]] = {}
    for name, value, _ in assigned(text):
        if value not in known.setdefault(name.lstrip("$"), []):
            known[name.lstrip("$")].append(value)
    clues = []
    for at, scheme, pieces in expressions:
        if not in_comment(data, at) and not only_names(data, at):
            for rest in _ways(pieces, known, text):
                clues.append(Clue(line_of(data, at), KIND, f"{scheme}://{rest}"))
    typed = [match for match in _HOST_TYPE.finditer(text) if not in_comment(data, match.start())]
    clues += [
        Clue(line_of(data, one.start()), KIND, f"{expressions[0][1]}://{one[1]}") for one in typed[:MOST]
    ]
    return Sightings(tuple(clues))


Pieces = tuple[tuple[bool, str], ...]
"""Parts of an address in their order: whether it stands there (else it is an expression), its text."""


def _expressions(text: str) -> Iterator[tuple[int, str, Pieces]]:
    if _OPEN.search(text):
        for match in _TEMPLATE.finditer(text):
            arguments = _ARGUMENTS.match(text, match.end()) if match[3] else None
            yield match.start(), match[1], _template(match[2], arguments[1] if arguments else "")
        for match in _JOINED.finditer(text):
            yield match.start(), match[1], _steps(match[2])
    if "location.protocol" in text:
        for match in _SAME_SCHEME.finditer(text):
            yield match.start(), "http", _template(match[1], "") if match[1] else _steps(match[2])
    if any(word in text for word in ("forAddress(", "HttpHost(", "Connection(", "TSocket(")):
        for match in _PAIR.finditer(text):
            pieces = ((False, match[2]), (True, ":"), (False, match[3]))
            yield match.start(), _SCHEMES.get(match[1], "http"), pieces
    if any(word in text for word in ("Transport.TCP", ".request(", ".get(")):
        yield from _options(text)
    if "UriComponentsBuilder" in text or "UriBuilder" in text or "HttpUrl" in text:
        for match in _BUILT.finditer(text):
            port = ((True, ":"), (False, match[2])) if match[2] else ()
            yield match.start(), "http", ((False, match[1]), *port)


def _options(text: str) -> Iterator[tuple[int, str, Pieces]]:
    for match in _OPTIONS.finditer(text):
        if host := _HOST_OPTION.search(match[1]):
            given = _PORT_OPTION.search(match[1])
            pieces = ((False, host[1]), (True, ":"), (False, given[1] if given else ""))
            yield match.start(1) + host.start(), "tcp" if match[0].startswith("T") else "http", pieces


def _template(written: str, arguments: str) -> Pieces:
    positional, named = _arguments(arguments)
    given = iter(positional)
    pieces: list[tuple[bool, str]] = []
    last = 0
    for place in _PLACE.finditer(written):
        pieces.append((True, written[last : place.start()]))
        name = next((one for one in (place[1], place[2], place[3], place[5]) if one), "")
        if name.isdigit():
            expression = positional[int(name)] if int(name) < len(positional) else ""
        else:
            expression = named.get(name, name) or next(given, "")
        pieces.append((False, expression))
        last = place.end()
    return (*pieces, (True, written[last:]))


def _arguments(written: str) -> tuple[list[str], dict[str, str]]:
    """What a format is given, in its order and by name (`.format(host=HOST)`)."""
    positional: list[str] = []
    named: dict[str, str] = {}
    for _, argument in split(_to_the_end(written)):
        if keyword := _KEYWORD.match(argument):
            named[keyword[1]] = argument[keyword.end() :].strip()
        else:
            positional.append(argument.strip())
    return positional, named


def _to_the_end(written: str) -> str:
    """The arguments up to the bracket that closes their call."""
    depth = 0
    for at, character in enumerate(written):
        depth += (character in "([{") - (character in ")]}")
        if depth < 0:
            return written[:at]
    return written


def _steps(written: str) -> Pieces:
    pieces: list[tuple[bool, str]] = []
    at = 0
    while match := _STEP.match(written, at):
        pieces.append((True, match[2]) if match[1] else (False, match[3]))
        at = match.end()
        if not match[4] or match[4] == ",":
            break
    return tuple(pieces)


def _ways(pieces: Pieces, known: Mapping[str, Sequence[str]], text: str) -> list[str]:
    """What the pieces can be together; ends where something is not known, and is nothing without a host."""
    ways = [""]
    for stands, piece in pieces:
        if not stands and "/" in ways[0]:
            break  # only the path is open
        said = [piece] if stands else _values(piece, known)
        if not stands and ways == [""]:
            said = [*said, *_given(piece, text)]  # who calls says the host; a port that he says is left open
        open_port = ways[0].endswith(":") and not stands and said[:1] == [f"#{{{piece.strip()}}}"]
        if not said or open_port:
            ways = [way.rstrip(":") if way.endswith(":") else way if "/" in way else "" for way in ways]
            break
        ways = [way + one for way in ways for one in said][:MOST_WAYS]
    return list(dict.fromkeys(way for way in ways if _HOST.match(way)))


def _given(expression: str, text: str) -> list[str]:
    """What callers give for a name that is a parameter, also of the constructor that keeps it."""
    name = _KEPT.fullmatch(expression.strip())
    return [one.reference for one in parameters(text, name[1])] if name else []


def _values(expression: str, known: Mapping[str, Sequence[str]]) -> list[str]:
    """What a name stands for: a text of this file, the environment, the page's own host, a constant."""
    expression = expression.strip().removeprefix("$")
    if expression.isdigit():
        return [expression]
    if _PAGE.fullmatch(expression):
        return ["localhost"]
    if (value := value_of(expression)) is not None:
        return [value]
    name = re.sub(r"\(.*\)$|[!?]$", "", re.split(r"->|::|\.", expression)[-1]).lstrip("@$")
    if name in known:
        return list(known[name])
    return [f"#{{{name}}}"] if re.fullmatch(r"[A-Z][A-Z0-9_]{2,60}", name) else []
