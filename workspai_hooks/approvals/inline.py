"""Approvals in comments of .proto files, with the words of the verb:

// workspai: approve field-removed Book.title --reason "nobody reads it" --owner @web --expires 2027-01-31
"""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import NoReturn

from workspai_hooks.approvals.file import day, rule_of
from workspai_hooks.contracts.protobuf.scan import scan
from workspai_hooks.errors import UsageError
from workspai_hooks.findings import Approval
from workspai_hooks.patterns import regex
from workspai_hooks.source import Location

_TOKEN = regex(rb"//[^\n]*|/\*.*?(?:\*/|\Z)|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'", re.DOTALL)
_APPROVE = regex(rb"workspai:[ \t]{0,20}approve\b([^\n]*)")


def in_comments(contents: Mapping[str, bytes]) -> tuple[Approval, ...]:
    """What .proto files approve themselves, by path; `UsageError` with the line where it can't be read."""
    return tuple(one for path, data in contents.items() for one in _in_protobuf(path, data))


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
    element = given.element
    return Approval(
        rule_of(given.rule, place),
        element,
        Location(path, line),
        reason=given.reason,
        owner=given.owner,
        expires=day(given.expires, place),
        also=(f"{package}.{element}",) if package else (),
        file=path,
    )


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
