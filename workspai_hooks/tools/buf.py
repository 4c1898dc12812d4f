"""buf: where it is, and the two questions it is asked (build an image, compare two images).

It is run so that it can reach nothing but the folder it is given: no HOME, an empty cache,
no registry token, and proxies that lead nowhere.
"""

from __future__ import annotations

import io
import json
import os
import sys
import sysconfig
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from threading import Lock

import msgspec
from msgspec.structs import replace

from workspai_hooks.errors import UndecidedError
from workspai_hooks.tools import gotools, process
from workspai_hooks.tools.scratch import Scratch, isolated

INSTALL = "install it with `pip install buf-bin`, or name an executable in WORKSPAI_BUF"
RETRY = gotools.RETRY.format("buf")

KIND = gotools.Kind("buf", "WORKSPAI_BUF", ("--version",), (1, 55, 0), INSTALL)
"""Older ones write to the repository when a hook runs them (bufbuild/buf#2463, #3752), and lack rules."""

CATEGORIES = ("FILE", "PACKAGE", "WIRE_JSON", "WIRE")
_CONFIG = json.dumps({"version": "v2", "breaking": {"use": list(CATEGORIES)}})
OUTPUT_BYTES, _IMAGE_PER_BYTE = 64 << 20, 8
"""An image has the places of all that it declares: twice the text's bytes and more."""
_TIMEOUT_S = 60.0
ALONE_BYTES = 16 << 20
"""Who reads more than that has no other of its kind beside it: it may take a GB."""
_VIOLATIONS = 100
_EXECUTABLE = "buf.exe" if os.name == "nt" else "buf"


class Buf(gotools.Tool, frozen=True, order=True):
    """The buf of a run."""


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
    found = gotools.resolve(KIND, _bundled)
    return Buf(found.path, found.version, found.origin)


def build(buf: Buf, files: Mapping[str, bytes]) -> Built:
    """Compile .proto files, by their paths below the one import root.

    They are handed over as an archive: to lay them out on a disk takes longer than to compile them.
    """
    argv = [buf.path, "build", "-#format=tar", "-o", "-#format=binpb", "--error-format", "json"]
    with Scratch() as folder:
        archive = _archive({"buf.yaml": b"version: v2\n", **files})
        done = _run([*argv, "--timeout", "0"], folder, len(archive), archive)
    if done.code == 0:
        return Built(done.stdout)
    if done.code == _VIOLATIONS:
        errors = read_rows(done.stderr)
        if errors:
            return Built(b"", errors)
    raise gotools.failed("buf build", done, RETRY)


def breaking(buf: Buf, head: bytes, base: bytes) -> tuple[Row, ...]:
    """What `head` breaks of `base` (images) in all four categories; files marked as imports are left out."""
    with Scratch() as folder:
        (folder / "head.binpb").write_bytes(head)
        (folder / "base.binpb").write_bytes(base)
        argv = [buf.path, "breaking", "head.binpb", "--against", "base.binpb", "--config", _CONFIG]
        argv += ["--exclude-imports", "--error-format", "json", "--timeout", "0"]
        done = _run(argv, folder, len(head) + len(base))
    if done.code == 0:
        return ()
    if done.code == _VIOLATIONS:
        rows = read_rows(done.stdout)
        if rows:
            return rows
    raise gotools.failed("buf breaking", done, RETRY)


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
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            shown = line[:120].decode(errors="replace")
            raise UndecidedError("buf", f"answered with something that is no row: {shown}", RETRY) from error
    return tuple(sorted(rows))


def _archive(files: Mapping[str, bytes]) -> bytes:
    import tarfile  # a run that compiles nothing does not pay for it

    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, data in sorted(files.items()):
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return written.getvalue()


_MEMORY_PER_BYTE = 32
"""On top of what other tools get: descriptors of 63 MB of contracts (googleapis) take 1.5 GB, and with little
more than that buf collects garbage a third of its time."""


_alone = Lock()


def _run(argv: list[str], cwd: Path, size: int, stdin: bytes = b"") -> process.Completed:
    with _alone if size > ALONE_BYTES else nullcontext():
        return _within_limits(argv, cwd, size, stdin)


def _within_limits(argv: list[str], cwd: Path, size: int, stdin: bytes) -> process.Completed:
    limits = process.Limits.of(size, OUTPUT_BYTES + _IMAGE_PER_BYTE * size)
    limits = replace(limits, memory_bytes=limits.memory_bytes + _MEMORY_PER_BYTE * size)
    env = isolated(cwd, limits.collected_bytes) | {"BUF_CACHE_DIR": str(cwd / ".cache")}
    return process.run(argv, cwd=cwd, env=env, timeout_s=_TIMEOUT_S, stdin=stdin, limits=limits, remedy=RETRY)


def _bundled() -> gotools.Tool | None:
    """The executable of the buf-bin package that is installed beside this interpreter (or for this user)."""
    for scheme in (None, sysconfig.get_preferred_scheme("user")):
        scripts = sysconfig.get_path("scripts", scheme) if scheme else sysconfig.get_path("scripts")
        candidate = Path(scripts, _EXECUTABLE)
        if candidate.is_file():
            version = _distribution_version(scheme)
            if version:
                return gotools.Tool(str(candidate), version, "bundled")
            return gotools.checked(KIND, str(candidate), "bundled")
    return _bundled_by_metadata()


def _distribution_version(scheme: str | None) -> str | None:
    """The version of buf-bin by the name of its metadata folder: importlib.metadata would cost 30 ms."""
    for kind in ("purelib", "platlib"):
        packages = sysconfig.get_path(kind, scheme) if scheme else sysconfig.get_path(kind)
        for found in sorted(Path(packages).glob("buf_bin-*.dist-info")):
            return found.name.removeprefix("buf_bin-").removesuffix(".dist-info")
    return None


def _bundled_by_metadata() -> gotools.Tool | None:
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
            return gotools.Tool(str(located.resolve()), distribution.version, "bundled")
    return None
