"""Folders that a package manager fills: a stub in one is of another repository's contract, and a file beside
it is gone after the next installation."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from workspai_hooks.patterns import regex

_ALWAYS = regex(r"(?:^|/)(?:node_modules|bower_components|site-packages)/")
_VENDOR = regex(r"((?:.+/)?vendor/)(?:modules\.txt|composer/installed\.json)")
"""What Go and Composer write into a `vendor` that is theirs; a folder of a service may be called so too."""


def installed_in(paths: Iterable[str]) -> Callable[[str], bool]:
    """Tells of a path whether a package manager put it there; `paths` are all of a snapshot."""
    lists = (_VENDOR.fullmatch(path) for path in paths if path.endswith((".txt", ".json")))
    folders = tuple(found[1] for found in lists if found)
    return lambda path: path.startswith(folders) or _ALWAYS.search(path) is not None
