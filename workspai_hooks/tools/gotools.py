"""Go programs that come with an installation: where one is, is it recent enough, how its failure is told."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from workspai_hooks.errors import UndecidedError
from workspai_hooks.patterns import regex
from workspai_hooks.tools import process
from workspai_hooks.tools.scratch import Scratch, isolated

BUNDLE = Path(__file__).parents[1] / "_bundled"
"""Inside the package, not among the scripts of its environment: pipx and `uv tool` would put those on PATH,
where a `helm` of ours would stand before the user's own. Made by hatch_build.py; a program is named
`oasdiff-1.35.0`."""

INSTALL = (
    "install workspai-hooks again without WORKSPAI_BUNDLE in the environment (with pip: --force-reinstall "
    "--no-cache-dir), or name an executable in {}"
)
RETRY = "run the same command again; if it stays, `workspai-hooks doctor` shows which {} is used"

_SUFFIX = ".exe" if os.name == "nt" else ""
_KILLED = 9
_VERSION = regex(r"(\d+)\.(\d+)\.(\d+)")


class Tool(msgspec.Struct, frozen=True, order=True):
    """An executable; `origin` says how it was found: the name of a variable, `bundled` or `PATH`."""

    path: str
    version: str
    origin: str


class Kind(msgspec.Struct, frozen=True):
    """A tool to look for; `asks` makes it print its version: `minimum` or newer, and older than `below`."""

    name: str
    variable: str
    asks: tuple[str, ...]
    minimum: tuple[int, int, int]
    install: str
    below: tuple[int, int, int] | None = None


def resolve(kind: Kind, bundled: Callable[[], Tool | None] | None = None) -> Tool:
    """The one that its variable names, the bundled one, the one on PATH; none, or one unfit, is undecided."""
    named = os.environ.get(kind.variable)
    if named:
        return checked(kind, _absolute(named), kind.variable)
    found = bundled() if bundled else in_bundle(kind)
    if found:
        return found
    on_path = process.located(kind.name)
    if on_path:
        return checked(kind, on_path, "PATH")
    raise UndecidedError(
        kind.name, "was not found: not bundled, not on PATH outside of this repository", kind.install
    )


def in_bundle(kind: Kind) -> Tool | None:
    """Its version is in its name: asking the program itself would cost 10 to 40 ms a run."""
    for path in sorted(BUNDLE.glob(f"{kind.name}-*{_SUFFIX}"), reverse=True):
        return Tool(str(path), path.name.removeprefix(f"{kind.name}-").removesuffix(_SUFFIX), "bundled")
    return None


def checked(kind: Kind, path: str, origin: str) -> Tool:
    """A program that is not ours, asked for its version."""
    with Scratch() as folder:
        argv = [path, *kind.asks]
        done = process.run(argv, cwd=folder, env=isolated(folder), timeout_s=10, remedy=kind.install)
    match = _VERSION.search(done.stdout.decode(errors="replace"))
    if done.code != 0 or not match:
        raise UndecidedError(kind.name, f"{path} ({origin}) does not tell its version", kind.install)
    version = tuple(map(int, match.groups()))
    if version < kind.minimum or (kind.below and version >= kind.below):
        wanted = f"{_dotted(kind.minimum)} or newer" + (
            f", before {_dotted(kind.below)}," if kind.below else ""
        )
        raise UndecidedError(kind.name, f"{path} ({origin}) is {match[0]}, {wanted} is needed", kind.install)
    return Tool(path, match[0], origin)


def failed(what: str, done: process.Completed, remedy: str) -> UndecidedError:
    """A run that gave no answer, in the first words that the tool said."""
    how = f"ended by signal {-done.code}" if done.code < 0 else f"ended with exit code {done.code}"
    if done.code == -_KILLED:  # by the limits that it was given, or by a system that has no memory left
        how, remedy = f"{how}: it took more processor time or memory than it may", process.SMALLER
    said = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
    return UndecidedError(what, f"{how}{': ' + said[0][:300] if said else ' and said nothing'}", remedy)


def _dotted(version: tuple[int, int, int]) -> str:
    return ".".join(map(str, version))


def _absolute(named: str) -> str:
    return named if os.path.isabs(named) else process.located(named) or os.path.abspath(named)
