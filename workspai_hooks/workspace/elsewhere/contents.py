"""Where the facts files that a configuration lists are, and by which key the index knows what they say.

A path is read from the snapshot, never from the work tree, and no link is followed; a path of the user's own
configuration is read from the disk; what a URL gave is in `kept`, by its hash. Nothing here fetches.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from stat import S_ISREG

import msgspec

from workspai_hooks.changes.snapshot import REGULAR, Snapshot
from workspai_hooks.disclosure import address
from workspai_hooks.errors import Undecided
from workspai_hooks.store import Store
from workspai_hooks.workspace.elsewhere.layout import MAX_BYTES
from workspai_hooks.workspace.elsewhere.listed import Listed

SUFFIX = ".json"
SHOWN = 5
"""More files than this that are not here are counted, not named."""

UPDATE = "workspai-hooks facts update"


class Content(msgspec.Struct, frozen=True):
    """A facts file that is here. `read` gives None where it is not what its key says."""

    what: str
    name: str
    key: bytes
    read: Callable[[], bytes | None]


class Contents(msgspec.Struct, frozen=True):
    """The files that are here, in the order of the configuration, and what is not."""

    here: tuple[Content, ...]
    missing: tuple[Undecided, ...]


def contents(snapshot: Snapshot, kept: Path, listed: Sequence[Listed]) -> Contents:
    """Everything that is listed; `kept` is the folder of what was fetched."""
    names = (
        {path.name for path in kept.iterdir()} if any(one.url for one in listed) and kept.is_dir() else set()
    )
    here: list[Content] = []
    missing: list[Undecided] = []
    absent: list[str] = []
    for one in dict.fromkeys(listed):
        if one.url:
            if one.sha256 in names:
                here.append(_fetched(one, kept))
            elif one.sha256:
                absent.append(address(one.url))
            else:
                what = f"facts of {address(one.url)}"
                missing.append(Undecided(what, "no sha256 is pinned", f"{UPDATE} --pin tells it"))
            continue
        found = list(_on_disk(one) if one.home else _in_snapshot(one, snapshot))
        here += found
        if not found:
            why = "no facts file is there" + ("" if one.home else ": links and ignored files do not count")
            missing.append(Undecided(f"facts at {one.path}", why, "export it there, or take it off the list"))
    return Contents(tuple(here), (*missing, *_not_here(absent)))


def _not_here(urls: Sequence[str]) -> Iterator[Undecided]:
    for url in urls[:SHOWN]:
        why = "is not here: its repository's consumers are not known"
        yield Undecided(f"facts of {url}", why, UPDATE)
    if len(urls) > SHOWN:
        yield Undecided(f"facts of {len(urls) - SHOWN} more URLs", "are not here either", UPDATE)


def _fetched(one: Listed, kept: Path) -> Content:
    def read() -> bytes | None:
        data = _bytes(kept / one.sha256)
        return data if data is not None and hashlib.sha256(data).hexdigest() == one.sha256 else None

    return Content(address(one.url), one.name, Store.key("sha256", one.sha256), read)


def _in_snapshot(one: Listed, snapshot: Snapshot) -> Iterator[Content]:
    path = one.path.strip("/").removeprefix("./")
    entry = snapshot.entries.get(path)
    if entry is not None:
        files = [path] if entry.mode in REGULAR else []
    else:
        files = [file for file in snapshot.paths(SUFFIX) if path in (".", "") or file.startswith(f"{path}/")]
    for file in files:
        yield Content(
            file,
            one.name if file == path else "",
            Store.key("blob", snapshot.entries[file].blob),
            lambda file=file: snapshot.read_many([file]).get(file),  # type: ignore[misc]
        )


def _on_disk(one: Listed) -> Iterator[Content]:
    """A file or folder of the user's own choice: known by what the file system says of it."""
    root = Path(one.home, one.path).expanduser()
    for file in sorted(root.glob(f"*{SUFFIX}")) if root.is_dir() else [root]:
        try:
            stat = file.stat()
        except OSError:
            continue
        if S_ISREG(stat.st_mode):
            seen = (str(file), stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)
            name = one.name if file == root else ""
            yield Content(str(file), name, Store.key("disk", *seen), lambda file=file: _bytes(file))  # type: ignore[misc]


def _bytes(path: Path) -> bytes | None:
    """A regular file's content, up to one byte more than a facts file may have."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError:
        return None
