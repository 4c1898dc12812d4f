"""What the tables of generators are made of: one row a generator, told by the header that it writes."""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec

from workspai_hooks.patterns import regex


class Contract(StrEnum):
    """What a generated file was made of."""

    PROTOBUF = "protobuf"
    OPENAPI = "openapi"
    OTHER = "other"


class Marker(msgspec.Struct, frozen=True):
    """A generator's header.

    `suffixes`: how names of its files end; none: any file of source. A group `generator` in `header` gives
    the generator's name where one row stands for many. The first group of `version` that matched is its
    version. One of `words`, if any are given, stands in the head in lower case: a look for them costs a
    hundredth of a pattern's, and most files have none. `is_folded`: the header is looked for in lower case.
    """

    generator: str
    suffixes: tuple[str, ...]
    header: re.Pattern[bytes]
    version: re.Pattern[bytes] | None = None
    words: tuple[bytes, ...] = ()
    is_folded: bool = False


JVM = (".java", ".kt", ".scala")
SCRIPTS = (".ts", ".js", ".mjs", ".cjs", ".mts", ".cts", ".tsx", ".jsx")
C = (".h", ".c", ".hh", ".cc", ".hpp", ".cpp", ".cxx")

COMMENT = rb"^[ \t]*(?://+!?|#+!?|--+|/?\*+!?|%+|;+|<!--|\"{3}|\{-|\(\*+|REM|::)?[ \t]*"
"""The beginning of a line of a comment, or of a docstring."""

PREAMBLE = regex(
    rb"(?:\s+|\xef\xbb\xbf|//[^\n]*|#[^\n]*|/\*.*?(?:\*/|\Z)|--[^\n]*|;[^\n]*|%[^\n]*|<!--.*?(?:-->|\Z)|<\?php\b"
    rb"|<\?xml[^>]*\?>|\"\"\".*?(?:\"\"\"|\Z)|'''.*?(?:'''|\Z)|\{-.*?(?:-\}|\Z)|\(\*.*?(?:\*\)|\Z)"
    rb"|[\"']use strict[\"'];?|@file:[^\n]*)*",
    re.DOTALL,
)
"""Comments, docstrings and blanks that a file begins with."""
