"""The only place that writes into a user's work tree: whole files, each in one step, never through a link."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from workspai_hooks.errors import UsageError


def content(top: Path, path: str) -> bytes | None:
    """A file of the work tree; None where there is none. `UsageError` where a link leads to it, or it can't
    be read."""
    place = _place(top, path)
    try:
        return place.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error


def write(top: Path, path: str, data: bytes) -> None:
    """All of a file or nothing of it; its mode is kept, and a new one gets what the user's umask says."""
    place = _place(top, path)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("wb", dir=place.parent, prefix=f".{place.name[:100]}.", delete=False) as file:
            try:
                file.write(data)
                os.fchmod(file.fileno(), _mode(place))
                file.close()
                os.replace(file.name, place)
            except BaseException:
                os.unlink(file.name)
                raise
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error


def remove(top: Path, path: str) -> None:
    """Remove a file; one that is gone already is no error."""
    place = _place(top, path)
    try:
        place.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error


def unwritable(top: Path, path: str) -> str:
    """Why a file could not be written, as far as one can tell before; empty where nothing speaks against
    it."""
    try:
        place = _place(top, path)
    except UsageError as error:
        return str(error).removeprefix(f"{path}: ")
    folder = place.parent
    while not folder.exists() and folder != top:
        folder = folder.parent
    if not folder.is_dir() or place.is_dir():
        return f"there is a {'folder' if place.is_dir() else 'file'} in its way"
    return "" if os.access(folder, os.W_OK | os.X_OK) else "its folder is read-only"


def _place(top: Path, path: str) -> Path:
    place = top / path
    for part in (place, *place.parents):
        if part == top:
            return place
        if part.is_symlink():
            raise UsageError(f"{path}: is, or stands behind, a symbolic link; put a file there")
    raise UsageError(f"{path}: is outside of the repository")


def _mode(place: Path) -> int:
    """The file's own mode, or what a new file gets."""
    try:
        return place.stat().st_mode & 0o777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
