"""Where the program starts: a commit that asks nothing ends here, everything else goes to cli.py.

Nothing but what Python itself has loaded by now is imported at the top of this module (`__future__`, too, is
a file that is looked for), so that `main` can take the repository's own folders off the way first.
"""

import os
import sys

TYPE_CHECKING = False  # as in typing
if TYPE_CHECKING:
    from workspai_hooks.again import Asked
    from workspai_hooks.tools.staged import Git

HOOKS = (
    ["check"],
    ["check", "--stage", "pre-commit"],
    ["check", "--stage", "pre-commit", "--only", "breaking"],
    ["stubs", "--stage", "pre-commit"],
)
"""What hooks run on a commit: nothing is asked where it stages no contract and uses nothing given up, or, of
stubs, where it stages nothing that has to do with one."""


def main() -> int:
    """The exit code."""
    _import_nothing_from_here()
    git = _git() if sys.argv[1:2] in (["check"], ["stubs"]) else None
    asks = _asks(git) if git is not None and sys.argv[1:] in HOOKS else None
    if asks is False:
        return 0
    asked = _asked(git) if git is not None and sys.argv[1] == "check" else None
    if asked is not None and (known := asked.recalled()) is not None:
        return _told(*known)
    from workspai_hooks.cli import main as run

    return run(asks=asks is True, asked=asked)


def _import_nothing_from_here() -> None:
    """Take folders that a repository could have filled off `sys.path`: the current one, as `python -m` puts
    it there, relative ones, and what is below the current one, as PYTHONPATH may say. The interpreter's own
    (of a virtual environment inside of the repository, too) stay, and what is looked at after the folder
    that this package is in.
    """
    try:
        here = os.path.realpath(os.getcwd())
    except OSError:  # it is gone
        return
    own = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    prefixes = [os.path.realpath(prefix) for prefix in (sys.prefix, sys.base_prefix, sys.exec_prefix)]
    kept = []
    for number, entry in enumerate(sys.path):
        path = os.path.realpath(entry)
        if path == own:
            kept += sys.path[number:]
            break
        inside = _is_in(path, here) or not os.path.isabs(entry)
        if not inside or any(_is_in(path, prefix) for prefix in prefixes):
            kept.append(entry)
    sys.path[:] = kept


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _git() -> "Git":
    from workspai_hooks.tools.staged import Git

    return Git()


def _asked(git: "Git") -> "Asked | None":
    """The question, where its report can be kept."""
    from workspai_hooks.again import Asked, flags_of

    flags = flags_of(sys.argv[1:])
    if flags is None:
        return None
    from workspai_hooks.asked import pushed

    return Asked(sys.argv[1:], pushed() if flags.get("--stage") == "pre-push" else None, git)


def _told(text: str, code: int) -> int:
    """Print a report that is known."""
    if sys.stdout is not None:
        try:
            sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:  # as cli.py
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 3
    return code


def _asks(git: "Git") -> bool | None:
    """Whether the commit under way asks anything; None where git does not say."""
    from workspai_hooks.changes.documents import may_be_contracts
    from workspai_hooks.contract_files import CONTRACT_SUFFIXES, is_read, is_source

    try:
        staged = git.staged()
    except OSError:
        return None
    if any(one.path.endswith(CONTRACT_SUFFIXES) for one in staged):
        return True
    has_contracts = git.may_list(CONTRACT_SUFFIXES)
    read = [one for one in staged if is_read(one.path) or (has_contracts and is_source(one.path))]
    git.along([*(("HEAD",) if has_contracts else ()), *(blob for one in read for blob in (one.old, one.new))])
    if sys.argv[1] == "stubs":
        from workspai_hooks.changes.generated import may_be_of_stubs

        return may_be_of_stubs(git, staged)
    if may_be_contracts(git, staged):
        return True
    if "--only" in sys.argv:
        return False
    from workspai_hooks.changes.policies import may_be_policies

    if may_be_policies(git, staged):
        return True
    if not has_contracts:
        return False
    from workspai_hooks.changes.glance import may_use_retired

    return may_use_retired(git, staged)
