"""Which tools this installation uses: version, where each came from, and what is wrong with it."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec.structs import asdict

from workspai_hooks import __version__
from workspai_hooks.errors import UndecidedError, UsageError
from workspai_hooks.kept.behind import URL
from workspai_hooks.remote.asked import asked
from workspai_hooks.remote.places import PULL_S, PlaceError, place_of
from workspai_hooks.tools import gotools
from workspai_hooks.tools.buf import resolve_buf
from workspai_hooks.tools.git import git_version
from workspai_hooks.tools.helm import resolve_helm
from workspai_hooks.tools.oasdiff import resolve_oasdiff


class Tool(msgspec.Struct, frozen=True):
    """One tool; `problem` says what is wrong and what to do, None where it can be used."""

    name: str
    version: str
    source: str
    path: str
    problem: str | None = None


def examine() -> list[Tool]:
    """All tools of a run, in the order in which a run needs them."""
    return [
        Tool("workspai-hooks", __version__, "this installation", str(Path(__file__).parent)),
        Tool("python", platform.python_version(), "this interpreter", sys.executable),
        _git(),
        _go_tool("buf", resolve_buf),
        _go_tool("oasdiff", resolve_oasdiff),
        _go_tool("helm", resolve_helm),
        *_shared_cache(),
    ]


def _git() -> Tool:
    try:
        version, path = git_version()
    except UndecidedError as error:
        return Tool("git", "", "", "", f"{error.undecided.why}; {error.undecided.remedy}")
    return Tool("git", version, "PATH", path)


def _go_tool(name: str, resolve: Callable[[], gotools.Tool]) -> Tool:
    try:
        found = resolve()
    except UndecidedError as error:
        return Tool(name, "", "", "", f"{error.undecided.why}; {error.undecided.remedy}")
    return Tool(name, found.version, found.origin, found.path)


def _shared_cache() -> list[Tool]:
    """The store that stands behind the index, where the user names one; it is not asked."""
    name = "shared cache"
    try:
        wanted = asked()
    except UsageError as error:
        return [Tool(name, "", "", "", str(error))]
    if wanted is None:
        return []
    try:
        place_of(wanted.url, PULL_S)
    except PlaceError as error:
        return [Tool(name, "", "", "", f"{wanted.address} {error}")]
    return [Tool(name, "", URL, wanted.address)]


def render(tools: list[Tool], *, as_json: bool) -> str:
    """One line a tool, or JSON: `{"tools": [{name, version, source, path, problem}]}`."""
    if as_json:
        return json.dumps({"tools": [asdict(tool) for tool in tools]}, indent=2) + "\n"
    width = max(len(tool.name) for tool in tools)
    return "".join(
        f"{tool.name:<{width}}  "
        + (f"PROBLEM  {tool.problem}" if tool.problem else f"{tool.version:<9} {tool.source}  {tool.path}")
        + "\n"
        for tool in tools
    )
