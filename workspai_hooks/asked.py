"""What a run was given beside the repository: how its text will look, what git says on standard input, and
the machine that it runs on. On the path of many commits, so that it loads next to nothing.
"""

from __future__ import annotations

import os
import sys
import time

from workspai_hooks.tools.answers import FOLDER
from workspai_hooks.tools.spawn import located

TYPE_CHECKING = False  # as in typing, which takes longer to load than all of this
if TYPE_CHECKING:
    from collections.abc import Iterator

READ_BY_A_MANAGER = ("PRE_COMMIT", "PRE_COMMIT_TO_REF", "PRE_COMMIT_LOCAL_BRANCH")
"""What pre-commit and prek set for their hooks, having read what git says on standard input."""
STDIN_PATIENCE_S = 5.0
"""So long a pre-push hook waits for git's lines."""
_BUNDLED = {"buf": "buf_bin-", "oasdiff": "oasdiff-", "helm": "helm-"}
"""Tools, and what something begins with that is beside us where one is bundled: a package, or a program."""
_LOOKS = ("NO_COLOR", "FORCE_COLOR", "TERM", "COLORTERM", "TTY_COMPATIBLE", "TTY_INTERACTIVE")
"""What rich looks at beside the width."""
_WIDTH = 110
_PACKAGE = os.path.dirname(os.path.realpath(__file__))
_BUNDLE = os.path.join(_PACKAGE, "_bundled")


def width() -> int:
    """Columns of text, as `shutil.get_terminal_size` finds them."""
    try:
        columns = int(os.environ["COLUMNS"])
    except (KeyError, ValueError):
        columns = 0
    if columns <= 0:
        try:
            columns = os.get_terminal_size(sys.__stdout__.fileno()).columns if sys.__stdout__ else 0
        except (AttributeError, ValueError, OSError):
            columns = 0
    return max(60, min(160, columns or _WIDTH))


def colored() -> bool:
    """Whether who reads it sees colors."""
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    return is_terminal and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def pushed() -> str | None:
    """Git's own lines on a pre-push hook's standard input; None where git says nothing (pre-commit passes
    none on). They can be read once."""
    if sys.stdin is None or sys.stdin.isatty() or any(name in os.environ for name in READ_BY_A_MANAGER):
        return None
    if os.name == "posix":
        import select

        # Git writes when it has started the hook; a CI system may leave a pipe open that nobody writes to.
        if not select.select([sys.stdin], [], [], STDIN_PATIENCE_S)[0]:
            return None
    lines = os.fsdecode(sys.stdin.buffer.read())  # a ref's name is bytes
    return lines if lines.strip() or _is_gits_pipe() else None


def _is_gits_pipe() -> bool:
    """Whether standard input is a pipe and git has started us: an empty one says that nothing is pushed."""
    import stat

    return "GIT_PREFIX" in os.environ and stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode)


def machine(common_dir: str) -> Iterator[str]:
    """All that a report may depend on beside the repository and the question, as texts that differ where it
    does: our code, libraries and tools, the user's settings, what was fetched, and the day (approvals
    expire, in UTC). ValueError where the user's settings name files that may change, or a tool is a script:
    which program that starts nobody sees.
    """
    yield sys.version
    yield f"{time.gmtime().tm_year}-{time.gmtime().tm_yday}"
    installed = list(_installed())
    yield from installed
    yield from _own()
    for name in _BUNDLED:
        named = os.environ.get(f"WORKSPAI_{name.upper()}", "")
        if named or not any(one.startswith(_BUNDLED[name]) for one in (*installed, *_names(_BUNDLE))):
            yield _tool(name, named)
    yield from sorted(f"{k}={v}" for k, v in os.environ.items() if k.startswith("WORKSPAI_") or k in _LOOKS)
    yield _user()
    yield from _names(os.path.join(common_dir, FOLDER, "facts"))
    yield from _buf_cache()


def _tool(name: str, named: str) -> str:
    """What is started as a tool where none is bundled, as tools/gotools.py finds it."""
    path = (named if os.path.isabs(named) else located(named) or named) if named else located(name)
    if not path:
        return ""
    target = os.path.realpath(path)
    try:
        with open(target, "rb") as file:
            is_script = file.read(2) == b"#!"
    except OSError:
        return path
    if is_script or name not in os.path.basename(target).lower():  # a version manager's
        raise ValueError(f"{path} starts another program")
    return f"{path} {_file(target)}"


def _installed() -> Iterator[str]:
    """Names and versions of all that is installed beside us."""
    for folder in sys.path:
        yield from (name for name in _names(folder) if name.endswith((".dist-info", ".egg-info")))


def _own() -> Iterator[str]:
    """Tools that are bundled; in a checkout, where the code changes without a version, each file of it."""
    yield from _names(_BUNDLE)
    if os.path.exists(os.path.join(os.path.dirname(_PACKAGE), "pyproject.toml")):
        for folder, folders, files in os.walk(_PACKAGE):
            folders[:] = sorted(name for name in folders if name not in ("__pycache__", "_bundled"))
            yield from (_file(os.path.join(folder, name)) for name in sorted(files))


def _user() -> str:
    """The user's own configuration (configuration.py, user_configuration)."""
    if os.name == "nt":
        home = os.environ.get("APPDATA") or os.path.expanduser("~/AppData/Roaming")
    else:
        home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    try:
        with open(os.path.join(home, "workspai", "config.yaml"), "rb") as file:
            data = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    if b"facts" in data or b"\\" in data:  # a key may be written in escapes
        raise ValueError("it names files that change")
    return data.decode("utf-8", "surrogateescape")


def _buf_cache() -> Iterator[str]:
    """The modules that buf's cache holds (contracts/protobuf/registry.py, kept_commits)."""
    if named := os.environ.get("BUF_CACHE_DIR"):
        top = named
    elif named := os.environ.get("XDG_CACHE_HOME"):
        top = os.path.join(named, "buf")
    elif os.name == "nt":
        top = os.path.join(os.environ.get("LOCALAPPDATA", ""), "buf")
    else:
        top = os.path.join(os.environ.get("HOME", ""), ".cache", "buf")
    for way, depth in (("v3/modules", 5), ("v2/module", 5), ("v1/module/data", 4)):
        yield from _below(os.path.join(top, *way.split("/")), depth)


def _below(folder: str, depth: int) -> Iterator[str]:
    for name in _names(folder):
        path = os.path.join(folder, name)
        yield path
        if depth > 1:
            yield from _below(path, depth - 1)


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder or "."))
    except OSError:
        return []


def _file(path: str) -> str:
    """A file as its system knows it."""
    try:
        found = os.stat(path)
    except OSError:
        return path
    return f"{path} {found.st_size} {found.st_mtime_ns}"
