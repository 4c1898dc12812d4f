"""Methods that nobody calls: what stands in one is no use, though it compiles.

Only where that is sure without types. The name of the method occurs nowhere else in the service's own files,
tests and comments apart: no call, no reference, no text. Nothing calls it from outside of these: it has no
annotation, overrides nothing, its class takes over nothing that is not in these files, and no other program
is built with them. What a framework may read as a property (`getX`) is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.edges.scene import Scene
from workspai_hooks.workspace.evidence.text import in_comment
from workspai_hooks.workspace.files import is_test
from workspai_hooks.workspace.services import Service

_JVM = (".java", ".kt")
_METHOD = regex(
    r"(?m)^[ \t]{1,40}"
    r"((?:(?:public|protected|private|internal|static|final|synchronized|suspend)[ \t]{1,4}){0,4})"
    r"(?!(?:return|new|throw|else|await)\b)"
    r"(?:fun[ \t]{1,4}|[\w.]{1,80}(?:<[^;{}()=\n]{0,120}>)?(?:\[\])?[ \t]{1,4})"
    r"([a-z]\w{2,80})[ \t]{0,4}\([^{};]{0,600}?\)[^;{}=\n]{0,200}\{"
)
_NO_FUNCTION = frozenset({"catch", "for", "switch", "synchronized", "try", "when", "while"})
_CALLED_BY_NAME = regex(r"(?:get|set|is|main|run|handle|on|init)(?:[A-Z]|$)")
"""Properties, and what frameworks look for by its name alone."""
_CLASS = regex(r"\bclass\s{1,8}\w{1,80}([^{}]{0,400})\{")
_ABOVE = regex(r"[A-Z]\w{1,80}")
_COMMENT = regex(r"//[^\n]*|/\*(?:[^*]|\*(?!/)){0,4000}\*/")


class _Method(msgspec.Struct, frozen=True):
    """A method around a line: its name, and the types that its file's classes extend and implement."""

    name: str
    above: tuple[str, ...]


def is_uncalled(scene: Scene, service: Service, path: str, line: int) -> bool:
    """Whether a line of a service's file stands in a method that nobody calls."""
    tree = scene.tree(service)
    if not path.endswith(_JVM) or not tree.whole:
        return False

    def look() -> bool:
        method = _around(tree.files.get(path, b""), line)
        return method is not None and _is_unknown(method, path, tree.files)

    return tree.once(("uncalled", path, line), bool, look) and scene.services.builders_of(path) == (service,)


def _around(data: bytes, line: int) -> _Method | None:
    """The method that a line stands in, where nothing but its name leads to it."""
    text = data.decode("latin-1")
    at = 0
    for _ in range(line - 1):
        at = text.find("\n", at) + 1
    found = None
    for match in _METHOD.finditer(text, 0, at):
        found = match
    if found is None or found[2] in _NO_FUNCTION or _CALLED_BY_NAME.match(found[2]):
        return None
    inside = _COMMENT.sub("", text[found.end() : at])
    start = max(text.rfind(char, 0, found.start()) for char in ";{}") + 1
    before = _COMMENT.sub("", text[start : found.start()])
    if inside.count("{") < inside.count("}") or "@" in before or "override" in found[0]:
        return None
    above = tuple(name for match in _CLASS.finditer(text) for name in _ABOVE.findall(match[1]))
    return _Method(found[2], above)


def _is_unknown(method: _Method, path: str, files: Mapping[str, bytes]) -> bool:
    """Whether no file says a method's name again, and all that its class takes over is in these files."""
    word = re.compile(rb"(?<!\w)" + method.name.encode() + rb"(?!\w)")
    said = 0
    for other, data in files.items():
        if not is_test(other):
            said += sum(1 for match in word.finditer(data) if not in_comment(data, match.start()))
        if said > 1:
            return False
    code = [data for other, data in files.items() if other.endswith(_JVM)]
    return all(
        any(re.search(rb"\b(?:class|interface)\s+" + name.encode() + rb"\b", data) for data in code)
        for name in method.above
    )
