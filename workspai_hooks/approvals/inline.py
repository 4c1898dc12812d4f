"""Approvals beside what they are about: a comment in a .proto, `x-workspai-approve` in a description.

    // workspai: approve field-removed Book.title --reason "nobody reads it" --owner @web --expires 2027-01-31

The words are those of the verb. They cover breaks of their own file only.
"""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from workspai_hooks.approvals.file import rule_of
from workspai_hooks.contract_files import CONTRACT_SUFFIXES
from workspai_hooks.contracts.openapi.bounds import Unreadable
from workspai_hooks.contracts.openapi.library import read_text
from workspai_hooks.contracts.protobuf.scan import scan
from workspai_hooks.errors import UsageError
from workspai_hooks.findings import Approval
from workspai_hooks.patterns import regex
from workspai_hooks.source import Location

KEY = "x-workspai-approve"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_TOKEN = regex(rb"//[^\n]*|/\*.*?(?:\*/|\Z)|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'", re.DOTALL)
_APPROVE = regex(rb"workspai:[ \t]{0,20}approve\b([^\n]*)")
_KEYS = ("rule", "element", "reason", "owner", "expires")


def beside(contents: Mapping[str, bytes]) -> tuple[Approval, ...]:
    """What contracts approve themselves, by path; `UsageError` with the line where it can't be read."""
    found: list[Approval] = []
    for path, data in contents.items():
        found += _in_protobuf(path, data) if path.endswith(CONTRACT_SUFFIXES) else _in_description(path, data)
    return tuple(found)


def _in_protobuf(path: str, data: bytes) -> Iterator[Approval]:
    package = scan(data).package
    for token in _TOKEN.finditer(data):
        if token[0][:1] != b"/":
            continue
        for said in _APPROVE.finditer(token[0]):
            line = data.count(b"\n", 0, token.start() + said.start()) + 1
            words = said[1].decode(errors="replace").removesuffix("*/")
            yield _told(words, path, line, package)


def _told(text: str, path: str, line: int, package: str) -> Approval:
    place = f"{path}:{line}"
    try:
        given = _parser(place).parse_args(shlex.split(text))
    except ValueError as error:  # a quote that does not end
        raise UsageError(f"{place}: {error}") from error
    values = vars(given)
    element = values["element"]
    short = f"{package}.{element}" if package else element
    return _made(values, path, line, (element, short))


class _Words(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{self.prog}: workspai: approve: {message}")


def _parser(place: str) -> argparse.ArgumentParser:
    parser = _Words(prog=place, add_help=False, allow_abbrev=False)
    parser.add_argument("rule")
    parser.add_argument("element")
    for flag in ("reason", "owner", "expires"):
        parser.add_argument(f"--{flag}", required=True)
    return parser


def _made(values: Mapping[str, str], path: str, line: int, elements: tuple[str, ...]) -> Approval:
    place = f"{path}:{line}"
    return Approval(
        rule_of(values["rule"], place),
        elements[0],
        Location(path, line),
        reason=values["reason"],
        owner=values["owner"],
        expires=day(values["expires"], place),
        also=elements[1:],
        inline=True,
    )


def day(text: str, place: str) -> str:
    """An ISO date, or a `UsageError` that says where."""
    from datetime import date

    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise UsageError(f"{place}: expires is {text}; it must be a date as 2027-01-31") from error


def _in_description(path: str, data: bytes) -> Iterator[Approval]:
    """At the top an entry names its element; at a path or an operation it stands for all that is in it."""
    if KEY.encode() not in data:
        return
    try:
        document = read_text(data, strict=False)
    except Unreadable:  # the comparison tells it
        return
    line = data.count(b"\n", 0, data.index(KEY.encode())) + 1
    for within, value in _places(document):
        for row in value if isinstance(value, list) else [value]:
            yield _row(row, within, path, line)


def _places(document: object) -> Iterator[tuple[str, object]]:
    if not isinstance(document, dict):
        return
    if KEY in document:
        yield "", document[KEY]
    paths = document.get("paths")
    for name, item in paths.items() if isinstance(paths, dict) else ():
        if not isinstance(item, dict):
            continue
        for method, operation in item.items():
            if method in METHODS and isinstance(operation, dict):
                if KEY in item:
                    yield f"{method.upper()} {name}", item[KEY]
                if KEY in operation:
                    yield f"{method.upper()} {name}", operation[KEY]


def _row(row: object, within: str, path: str, line: int) -> Approval:
    place = f"{path}:{line}"
    if not isinstance(row, dict):
        raise UsageError(f"{place}: {KEY} must be a mapping with {', '.join(_KEYS)}, or a list of them")
    values: dict[str, Any] = {str(key): str(value) for key, value in row.items()}
    unknown = sorted(values.keys() - set(_KEYS))
    if unknown:
        raise UsageError(f"{place}: {KEY}: unknown key {unknown[0]}; known keys: {', '.join(_KEYS)}")
    wanted = _KEYS if not within else tuple(key for key in _KEYS if key != "element")
    missing = [key for key in wanted if not values.get(key)]
    if missing:
        raise UsageError(f"{place}: {KEY}: {', '.join(missing)} is missing")
    element = values.get("element", "")
    if not within or element.startswith(f"{within}#"):
        return _made(values, path, line, (element,))
    if element:
        return _made(values, path, line, (f"{within}#{element.lstrip('#')}",))
    return _made(values, path, line, (within, f"{within}#"))
