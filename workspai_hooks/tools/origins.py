"""What a remote's URL says of where a repository lives, whichever way a clone reaches it."""

from __future__ import annotations

import re

from workspai_hooks.patterns import regex

_REMOTE = regex(
    r"(?:[a-z][a-z0-9+]*://(?:[^/@]*@)?(?P<host>[^/:@]+)(?::\d+)?/|(?:[^/@:]+@)?(?P<scp>[^/:@\\]{2,}):)(?P<path>.+)"
)


def parted(origin: str) -> tuple[str, str]:
    """Host (empty: a path on a disk) and path, without credentials, port, scheme and `.git`."""
    remote = _REMOTE.fullmatch(origin)
    path = (remote["path"] if remote else origin).strip("/").removesuffix(".git").rstrip("/")
    if remote is None or origin.startswith("file:"):
        return "", path
    return (remote["host"] or remote["scp"]).lower(), path


def last_name(path: str) -> str:
    """The last name of a path of any system."""
    return re.split(r"[/\\]", path)[-1]


def told(origin: str) -> str:
    """`host/path`, equal for https and ssh; of a path on a disk, the path; empty without an origin."""
    return "/".join(parted(origin)) if origin else ""
