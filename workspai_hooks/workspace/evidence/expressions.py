"""What an expression of any language says as text: literals, lists of them, names, look-ups of settings.

A text may hold `${setting:default}` and `#{NAME}`, as in `sightings.py`. What can't be read says nothing.
Files are decoded as latin-1, so that an offset in the text is one in the file.
"""

from __future__ import annotations

import re
from functools import cached_property

import msgspec

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.evidence.brackets import MOST_TEXT, closing, split
from workspai_hooks.workspace.evidence.constants import value_of
from workspai_hooks.workspace.evidence.parameters import Parameter, given_to, parameters

_DEPTH = 4
_MOST_VALUES = 12
_MOST_PARTS = 4
"""So much of `server.cfg.kafka.topics.orders` is kept: a setting is looked for by its last parts."""
_LITERAL = regex(r"(?:[bru@]|rb|br)?(?:\"([^\"\\\n]{0,300})\"|'([^'\\\n]{0,300})'|`([^`\\\n$]{0,300})`)")
_TEMPLATE = regex(r"`([^`\\\n]{0,200}\$\{[^`\\\n]{1,200})`")
_PLACE = regex(r"\$\{([^{}\n]{1,120})\}")
_SYMBOL = regex(r":([a-z_]\w{0,80})")
_TYPE = regex(
    r"nameof\((?:\w{1,80}\.){0,6}(\w{1,80})\)|typeof\((?:\w{1,80}\.){0,6}(\w{1,80})\)\.(?:Full)?Name"
    r"|(?:\w{1,80}\.){0,6}([A-Z]\w{0,80})(?:\.class\.get(?:Simple|Canonical)?Name\(\)|\.__name__"
    r"|::class(?:\.java)?\.(?:simpleName|qualifiedName|name)|\.name)"
)
"""A type's name: `nameof(Paid)`, `Paid.class.getSimpleName()`, `Paid.__name__`, `Paid.name`."""
_NAME = regex(r"[$@&*]{0,2}[A-Za-z_]\w{0,80}(?:\s?(?:\.|::|->|\?\.)\s?[A-Za-z_$]\w{0,80}){0,6}")
_LIST = regex(
    r"(?:new\s+)?(?:&|vec!|~w)?(?:[\w.:<>]{0,40}(?:List|Set|Array|Arrays|Collections|Stream)(?:<[\w.]*>)?"
    r"(?:\.(?:of|asList|singleton|singletonList))?|\[\]\s*string|string\[\]|String\[\]|array|(?:list|set|array)Of|\[\])?"
    r"\s*(?:\(\s*\))?\s*(?=[\[({])"
)
_WRAPPED = regex(
    r"(?:[\w.:]{0,40}(?:String|StringPtr|Ptr|Name|Of|from|str|Topic|Queue|Utf8|fromString|PatternTopic|ChannelTopic|"
    r"Literal|valueOf|trim|RedisChannel))\((.{1,200})\)",
    re.DOTALL,
)
_TAIL = regex(
    r"\.(?:ToString|toString|String|name|value|getValue|as_str|to_string|to_owned|into|to_s|freeze|Name|id)"
    r"(?:\(\))?$|\.(?:value|Value)$"
)
_SETTING = regex(
    r"(?:[\w.$@>-]{0,60}(?:[cC]onfig\w*|[sS]ettings?|[sS]ection|viper|properties|[eE]nvironment|[eE]nv|conf|cfg|options))"
    r"(?:->|\.)?(?:get\w{0,20}|Get\w{0,20}|require|fetch)?(?:<[\w.]+>)?[(\[]\s*[\"']([\w.:-]{1,120})[\"']\s*"
    r"(?:,\s*[\"']([^\"'\n]{0,120})[\"']\s*)?[)\]][!]?",
)
_SECTION = regex(r"(?:\w{1,40}\.){0,3}_?\w{0,40}[sS]ection\w{0,20}\s?(?:\[|\.)")
"""A part of the configuration, that is asked for a name of its own: `section["Exchange"]`."""
_CALLED = regex(r"(?:self\.|this\.|await )?([A-Za-z_]\w{0,80})\(\)")
_ACCESSED = regex(
    r"(?:this\s?\.\s?)?([a-z]\w{0,40}(?:[pP]ropert\w{0,6}|[cC]onfig\w{0,10}|[sS]ettings?)|properties|props|config\w{0,10}"
    r"|settings?)((?:\s?\.\s?[a-z]\w{0,80}\s?\(\s?\)){1,4})"
)
"""Getters and record components of an object of settings: `properties.getAmqp().getOrdersQueue()`."""
_DECLARED = regex(r"([A-Za-z_]\w{0,60})\.(?:Name|queue)")
_DEFAULT = regex(r"\s*(?:\|\||\?\?|\?:|\bor\b)\s*")


class File(msgspec.Struct, frozen=True, dict=True):
    """One file's text, to look up what its names stand for."""

    text: str

    def values(self, expression: str, depth: int = 0) -> list[str]:
        """The texts that an expression can stand for."""
        key = (expression, depth)
        if key not in self._values:
            self._values[key] = self._read(expression, depth)
        return list(self._values[key])

    @cached_property
    def _values(self) -> dict[tuple[str, int], list[str]]:
        """What was read already: names stand for names, and one is met on many ways."""
        return {}

    def _read(self, expression: str, depth: int) -> list[str]:
        expression = expression.strip().removesuffix("!!").strip()
        if not expression or depth > _DEPTH or len(expression) > MOST_TEXT:
            return []
        if literal := _LITERAL.fullmatch(expression):
            said = next(group for group in literal.groups() if group is not None)
            return [said] if said else []
        if symbol := _SYMBOL.fullmatch(expression):
            return [symbol[1]]
        if kind := _TYPE.fullmatch(expression):
            return [next(group for group in kind.groups() if group)]
        if template := _TEMPLATE.fullmatch(expression):
            return self._filled(template[1], depth)
        if (looked_up := _looked_up(expression)) is not None:
            return [looked_up]
        if (inner := _elements(expression)) is not None:
            found = [one for _, each in split(inner) for one in self.values(each, depth + 1)]
            return list(dict.fromkeys(found))[:_MOST_VALUES]
        if wrapped := _WRAPPED.fullmatch(expression):
            return self.values(wrapped[1], depth + 1)
        if (match := _DECLARED.fullmatch(expression)) and (queues := self._queues(match[1], depth)):
            return queues
        if (cut := _TAIL.sub("", expression)) != expression and _NAME.fullmatch(cut):
            return self._named(cut, depth)
        if "+" in expression or "<>" in expression:
            return self._concatenated(expression, depth)
        if accessed := _ACCESSED.fullmatch(expression):
            return [f"#{{{accessed[1]}.{'.'.join(_members(accessed[2]))}}}"]
        if called := _CALLED.fullmatch(expression):
            return self._returned(called[1], depth)
        return self._named(expression, depth) if _NAME.fullmatch(expression) else []

    def _filled(self, written: str, depth: int) -> list[str]:
        """A template of ECMAScript, `/queue/${config.orders}`, with what stands for its places."""
        ways = [""]
        last = 0
        for place in _PLACE.finditer(written):
            before = written[last : place.start()]
            ways = [way + before + one for way in ways for one in self.values(place[1], depth + 1)]
            ways, last = ways[:_MOST_VALUES], place.end()
        return [way + written[last:] for way in ways]

    def _queues(self, name: str, depth: int) -> list[str]:
        """What the queue is called that a variable holds: `q, err := ch.QueueDeclare("orders", …)`."""
        declared = re.compile(
            rf"(?<![\w.]){name}\s*(?:,\s*\w+\s*)?:?=\s*(?:await\s+)?[\w.]{{1,80}}\."
            r"(?:QueueDeclare(?:Passive)?|assertQueue)\(\s*(?://[^\n]*\n\s*)?([^,()\n]{1,120})"
        )
        found = [one for match in declared.finditer(self.text) for one in self.values(match[1], depth + 1)]
        return list(dict.fromkeys(found))[:_MOST_VALUES]

    def _returned(self, name: str, depth: int) -> list[str]:
        """What a function of this file without arguments returns."""
        start = re.search(rf"\b(?:func|def|function|fn|String|string)\s+{name}\s*\(\)", self.text)
        if start is None:
            return []
        body = self.text[start.end() : start.end() + 400]
        end = re.search(r"\n(?=\}|def |func )", body)
        texts = re.findall(r"\breturn\s+([^\n;]{2,200})", body[: end.start() if end else None])
        return [value for text in texts for value in self.values(text, depth + 1)]

    def _concatenated(self, expression: str, depth: int) -> list[str]:
        ways = [""]
        for _, part in split(expression.replace("<>", "+"), "+"):
            ways = [way + one for way in ways for one in self.values(part, depth + 1)][:_MOST_VALUES]
        return ways

    def _named(self, name: str, depth: int) -> list[str]:
        name = re.sub(r"\s", "", name).lstrip("$@&*")
        parts = [part for part in re.split(r"->|::|\?\.|\.", name) if part]
        own = len(parts) == 1 or parts[0] in ("this", "self", "cls", "static")
        last = parts[-1]
        found = self._assigned(last, depth) if own or last.upper() == last or parts[0][:1].isupper() else []
        if found:
            return found
        held = parts[1:] if parts[0] in ("this", "self", "cls", "static") else parts
        if len(held) > 1:
            return [f"#{{{'.'.join(held[-_MOST_PARTS:])}}}"]
        if last[:1].isupper():
            return [f"#{{{last}}}"]
        return self._given(last, depth) if own else []

    def _given(self, name: str, depth: int) -> list[str]:
        """What callers give for a parameter of this name: those of this file, and a reference to others'."""
        if depth >= _DEPTH:
            return []
        found: list[str] = []
        for one in parameters(self.text, name):
            for given in self.given_to(one):
                found += self.values(given, depth + 2)
            found.append(one.reference)
        return list(dict.fromkeys(found))[:_MOST_VALUES]

    def given_to(self, one: Parameter) -> tuple[str, ...]:
        """The expressions that the calls of this file give for a parameter."""
        if one not in self._given_to:
            self._given_to[one] = tuple(given_to(self.text, one))
        return self._given_to[one]

    @cached_property
    def _given_to(self) -> dict[Parameter, tuple[str, ...]]:
        return {}

    def _assigned(self, name: str, depth: int) -> list[str]:
        """What this file gives to a name: an assignment, a constant, an injected setting."""
        found: list[str] = []
        word = re.escape(name)
        injected = re.compile(
            rf"@(?:Value|ConfigProperty)\(\s*(?:name\s*=\s*)?\"([^\"\n]{{1,200}})\"[^()\n]{{0,80}}\)\s*"
            rf"(?:[\w<>\[\]]{{1,40}}\s+){{0,5}}{word}\b"
        )
        for match in injected.finditer(self.text):
            found.append(match[1] if "{" in match[1] else f"${{{match[1]}}}")
        assigned = re.compile(
            rf"(?<![\w.$@]){'(?:this.|self.|@)?'}\$?{word}(?:\s*:\s*[\w<>\[\]|?&' ]{{1,40}}|\s+string)?"
            rf"\s*(?::=|=(?![=>~])|=>)\s*([^;\n]{{1,300}})"
        )
        if "defmodule" in self.text:
            attribute = re.compile(
                rf"^[ \t]*@{word}[ \t]+(\"[^\"\n]{{1,200}}\"|System\.\w+\([^()\n]{{1,200}}\))", re.M
            )
            found += [
                text for match in attribute.finditer(self.text) for text in self.values(match[1], depth + 1)
            ]
        for match in assigned.finditer(self.text):
            found += self.values(_whole(self.text, match), depth + 1)
            if len(found) >= _MOST_VALUES:
                break
        return list(dict.fromkeys(one for one in found if one != f"#{{{name}}}"))[:_MOST_VALUES]


def _members(chain: str) -> list[str]:
    """What getters and record components read: `.getAmqp().ordersQueue()` is `amqp`, `ordersQueue`."""
    names = re.findall(r"[A-Za-z_]\w*", chain)
    plain = [re.sub(r"^(?:get|is)(?=[A-Z])", "", name) for name in names]
    return [name[:1].lower() + name[1:] for name in plain]


def _whole(text: str, match: re.Match[str]) -> str:
    """The assigned expression; to its closing bracket where it opens one that the line does not close."""
    written = match[1].split(" //")[0].rstrip().rstrip(",")
    opening = re.search(r"[\[({]", written)
    if opening and written.count("(") + written.count("[") + written.count("{") > sum(
        map(written.count, ")]}")
    ):
        end = closing(text, match.start(1) + opening.start())
        return text[match.start(1) : end + 1] if end >= 0 else ""
    return written


def _elements(expression: str) -> str | None:
    """What stands between the brackets of a list of any language."""
    opened = _LIST.match(expression)
    if opened is None or opened.end() >= len(expression):
        return None
    end = closing(expression, opened.end())
    named = expression[: opened.end()].strip()
    if end < 0 or expression[end + 1 :].strip(" ,!") or (expression[opened.end()] == "(" and not named):
        return None
    return expression[opened.end() + 1 : end]


def _looked_up(expression: str) -> str | None:
    """A look-up of the environment or a setting, with its default."""
    if (value := value_of(expression)) is not None and "${" in value:
        return value
    said, default = expression, ""
    if cut := _DEFAULT.search(expression):
        said, default = expression[: cut.start()], expression[cut.end() :].strip()
    if match := _SETTING.fullmatch(said.strip()):
        name = match[1].replace(":", ".").replace("__", ".")
        if _SECTION.match(said.strip()) and "." not in name:
            name = f".{name}"
        fallback = match[2] or (default.strip("\"'`") if _LITERAL.fullmatch(default) else "")
        return f"${{{name}:{fallback}}}" if fallback else f"${{{name}}}"
    return None
