"""Text of a repository as it may be printed: nothing in it is obeyed, by a terminal or by a CI system."""

from __future__ import annotations

import re

from workspai_hooks.patterns import regex

# What a CI system obeys in a step's output: GitHub's workflow commands at the start of a line
# (actions/runner, ActionCommand.TryParseV2, which skips blanks) and, of old, anywhere in it (TryParse);
# Azure's logging commands anywhere (azure-pipelines-agent, Command.TryParse); TeamCity's service messages.
_AT_START = regex(r"^(\s*):(?=:)", re.MULTILINE)
_ANYWHERE = regex(r"#(?=#(?:\[|vso\[|teamcity\[))")
# Control characters beyond ASCII's (a terminal may obey C1), marks that turn text around, ends of lines:
# json.dumps escapes those of ASCII alone.
_UNSEEN = regex("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


def shown(text: str) -> str:
    """Text of one line: control characters, and marks that nobody sees, become visible escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def inert(text: str) -> str:
    """A whole page without a command to a CI system: a blank comes into it."""
    return _ANYWHERE.sub("# ", _AT_START.sub(r"\1: ", text))


def inert_json(text: str) -> str:
    """JSON's text, the same value, without what a terminal or a CI system would obey."""
    return _ANYWHERE.sub(r"\\u0023", _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text))
