"""buf: where it is, and the two questions it is asked (build an image, compare two images).

It is run so that it can reach nothing but the folder it is given: no HOME, an empty cache,
no registry token, and proxies that lead nowhere.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import sysconfig
from pathlib import Path

import msgspec

from workspai_hooks.errors import UndecidedError
from workspai_hooks.patterns import regex
from workspai_hooks.tools import process

MINIMUM = (1, 55, 0)
"""Older ones write to the repository when a hook runs them (bufbuild/buf#2463, #3752), and lack rules."""

INSTALL = "install it with `pip install buf-bin`, or name an executable in WORKSPAI_BUF"
RETRY = "run the same command again; if it stays, `workspai-hooks doctor` shows which buf is used"

CATEGORIES = ("FILE", "PACKAGE", "WIRE_JSON", "WIRE")
_CONFIG = json.dumps({"version": "v2", "breaking": {"use": list(CATEGORIES)}})
_TIMEOUT_S = 60.0
_VIOLATIONS = 100
_VERSION = regex(r"(\d+)\.(\d+)\.(\d+)")
_EXECUTABLE = "buf.exe" if os.name == "nt" else "buf"


class Buf(msgspec.Struct, frozen=True, order=True):
    """An executable; `origin` says how it was found: `WORKSPAI_BUF`, `bundled` or `PATH`."""

    path: str
    version: str
    origin: str


class Row(msgspec.Struct, frozen=True, order=True):
    """One line of buf's answer. `path` is as buf names it, empty where a file is gone; all count from 1."""

    path: str
    line: int
    column: int
    rule: str
    message: str


class Built(msgspec.Struct, frozen=True):
    """An image, or the compile errors that prevented it (rows of the rule `COMPILE`)."""

    image: bytes
    errors: tuple[Row, ...] = ()


def resolve_buf() -> Buf:
    """The buf to use: the environment's, the bundled one, the one on PATH."""
    named = os.environ.get("WORKSPAI_BUF")
    if named:
        return _recent_enough(_absolute(named), "WORKSPAI_BUF")
    bundled = _bundled()
    if bundled:
        return bundled
    on_path = shutil.which("buf")
    if on_path:
        return _recent_enough(on_path, "PATH")
    raise UndecidedError("buf", "was not found: not bundled, not on PATH", INSTALL)


def build(buf: Buf, directory: Path) -> Built:
    """Compile all .proto files below `directory`, which is their import root."""
    argv = [buf.path, "build", ".", "-o", "-#format=binpb", "--error-format", "json", "--timeout", "0"]
    done = _run(argv, directory)
    if done.code == 0:
        return Built(done.stdout)
    if done.code == _VIOLATIONS:
        errors = read_rows(done.stderr)
        if errors:
            return Built(b"", errors)
    raise _crashed("buf build", done)


def breaking(buf: Buf, head: bytes, base: bytes) -> tuple[Row, ...]:
    """What `head` breaks of `base` (images) in all four categories; files marked as imports are left out."""
    with Scratch() as folder:
        (folder / "head.binpb").write_bytes(head)
        (folder / "base.binpb").write_bytes(base)
        argv = [buf.path, "breaking", "head.binpb", "--against", "base.binpb", "--config", _CONFIG]
        done = _run([*argv, "--exclude-imports", "--error-format", "json", "--timeout", "0"], folder)
    if done.code == 0:
        return ()
    if done.code == _VIOLATIONS:
        rows = read_rows(done.stdout)
        if rows:
            return rows
    raise _crashed("buf breaking", done)


def read_rows(output: bytes) -> tuple[Row, ...]:
    """buf's JSON lines, sorted; anything else among them is an `UndecidedError`."""
    rows = set()
    for line in output.splitlines():
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            rows.add(
                Row(
                    str(row.get("path", "")),
                    int(row.get("start_line", 1)),
                    int(row.get("start_column", 1)),
                    str(row["type"]),
                    str(row["message"]),
                )
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            shown = line[:120].decode(errors="replace")
            raise UndecidedError("buf", f"answered with something that is no row: {shown}", RETRY) from error
    return tuple(sorted(rows))


class Scratch:
    """A private folder that is removed at the end of the block; no room for one is an `UndecidedError`."""

    def __enter__(self) -> Path:
        import tempfile

        try:
            self._folder = tempfile.TemporaryDirectory(prefix="workspai-", ignore_cleanup_errors=True)
        except OSError as error:
            why = f"no temporary folder could be made: {error.strerror}"
            raise UndecidedError("buf", why, "make TMPDIR name a folder that can be written") from error
        return Path(self._folder.name)

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()


def _run(argv: list[str], cwd: Path) -> process.Completed:
    return process.run(argv, cwd=cwd, env=_environment(cwd), timeout_s=_TIMEOUT_S, remedy=RETRY)


def _environment(private: Path) -> dict[str, str]:
    """Nothing of the user's buf set-up, and no way to a network."""
    env = {name: value for name, value in process.environment().items() if not name.startswith("BUF_")}
    nowhere = "http://127.0.0.1:9"
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        env[name] = env[name.lower()] = nowhere
    env["NO_PROXY"] = env["no_proxy"] = ""
    cache = str(private / ".cache")
    env.update(BUF_CACHE_DIR=cache, HOME=cache, NETRC=os.devnull)
    # It lives for some milliseconds: collecting garbage costs a third of them. The limit bounds memory.
    env.update(GOGC="off", GOMEMLIMIT="1GiB")
    return env


def _crashed(what: str, done: process.Completed) -> UndecidedError:
    how = f"ended by signal {-done.code}" if done.code < 0 else f"ended with exit code {done.code}"
    said = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
    return UndecidedError(what, f"{how}{': ' + said[0][:300] if said else ' and said nothing'}", RETRY)


def _absolute(named: str) -> str:
    return named if os.path.isabs(named) else shutil.which(named) or os.path.abspath(named)


def _bundled() -> Buf | None:
    """The executable of the buf-bin package that is installed beside this interpreter (or for this user)."""
    for scheme in (None, sysconfig.get_preferred_scheme("user")):
        scripts = sysconfig.get_path("scripts", scheme) if scheme else sysconfig.get_path("scripts")
        candidate = Path(scripts, _EXECUTABLE)
        if candidate.is_file():
            version = _distribution_version(scheme)
            return (
                Buf(str(candidate), version, "bundled")
                if version
                else _recent_enough(str(candidate), "bundled")
            )
    return _bundled_by_metadata()


def _distribution_version(scheme: str | None) -> str | None:
    """The version of buf-bin by the name of its metadata folder: importlib.metadata would cost 30 ms."""
    for kind in ("purelib", "platlib"):
        packages = sysconfig.get_path(kind, scheme) if scheme else sysconfig.get_path(kind)
        for found in sorted(Path(packages).glob("buf_bin-*.dist-info")):
            return found.name.removeprefix("buf_bin-").removesuffix(".dist-info")
    return None


def _bundled_by_metadata() -> Buf | None:
    """`pip install --target` puts scripts where no scheme looks; the package's own file list names them."""
    if not any(Path(entry).glob("buf_bin-*.dist-info") for entry in sys.path if entry):
        return None
    from importlib import metadata

    try:
        distribution = metadata.distribution("buf-bin")
    except metadata.PackageNotFoundError:
        return None
    for file in distribution.files or ():
        located = Path(str(file.locate()))
        if file.name == _EXECUTABLE and located.is_file():
            return Buf(str(located.resolve()), distribution.version, "bundled")
    return None


def _recent_enough(path: str, origin: str) -> Buf:
    with Scratch() as folder:
        done = process.run(
            [path, "--version"], cwd=folder, env=_environment(folder), timeout_s=10, remedy=INSTALL
        )
    match = _VERSION.search(done.stdout.decode(errors="replace"))
    if done.code != 0 or not match:
        raise UndecidedError("buf", f"{path} ({origin}) does not tell its version", INSTALL)
    if tuple(map(int, match.groups())) < MINIMUM:
        wanted = ".".join(map(str, MINIMUM))
        raise UndecidedError("buf", f"{path} ({origin}) is {match[0]}, {wanted} or newer is needed", INSTALL)
    return Buf(path, match[0], origin)
