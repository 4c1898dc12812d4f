"""Imports that a Buf registry serves, from buf's cache on this disk: never from the network.

Layouts of the cache, the newest first (bufbuild/buf: private/buf/bufcli/cache.go names all of them):

- `v3/modules/<digest type>/<remote>/<owner>/<name>/<commit without dashes>/files/<path>`
  (private/bufpkg/bufmodule/bufmodulestore/module_data_store.go)
- `v2/module/<remote>/<owner>/<name>/`: `commits/<commit>` holds the digest of a manifest, whose lines are
  `shake256:<hex>  <path>`, and `blobs/<two signs>/<the rest>` the content of each digest
- `v1/module/data/<remote>/<owner>/<name>/<commit>/<path>`
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from workspai_hooks.patterns import regex

if TYPE_CHECKING:  # what is kept is asked for without loading YAML
    from workspai_hooks.contracts.protobuf.bufconfig import Dependency

_DIGEST = regex(r"shake256:([0-9a-f]{128})")
_NAME = regex(r"[\w.-]{1,200}/[\w.-]{1,200}/[\w.-]{1,200}")
_COMMIT = regex(r"[0-9a-f]{1,64}")
_SHAKE_BYTES = 64
_MOST_BYTES = 16 * 1024 * 1024


def cache_folder() -> Path:
    """Where buf keeps its cache: as buf itself decides."""
    if named := os.environ.get("BUF_CACHE_DIR"):
        return Path(named)
    if named := os.environ.get("XDG_CACHE_HOME"):
        return Path(named, "buf")
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA", ""), "buf")
    return Path(os.environ.get("HOME", ""), ".cache", "buf")


def find(dependencies: Iterable[Dependency], name: str) -> tuple[str, bytes] | None:
    """The cached content that `import "name"` means, with the module and commit that serve it.

    Content that is larger than a contract can be is cut off above that.
    """
    if name.startswith("/") or ".." in name.split("/") or "\0" in name:
        return None
    folder = cache_folder()
    for dependency in dependencies:
        commit = dependency.commit.replace("-", "")
        if _COMMIT.fullmatch(commit) and _NAME.fullmatch(dependency.name) and ".." not in dependency.name:
            data = _kept(folder, dependency.name, commit, name)
            if data is not None:
                return f"{dependency.name}/{commit}", data
    return None


def kept_commits() -> list[str]:
    """What the cache has, to tell whether it is as it was: the folders of commits."""
    places = ("v3/modules/*/*/*/*/*", "v2/module/*/*/*/commits/*", "v1/module/data/*/*/*/*")
    try:
        return sorted(str(one) for place in places for one in cache_folder().glob(place))
    except OSError:
        return []


def _kept(cache: Path, module: str, commit: str, name: str) -> bytes | None:
    for kind in ("b5", "b4", "shake256"):
        place = cache / "v3" / "modules" / kind / module / commit / "files"
        if (data := _content(place, name)) is not None:
            return data
    data = _addressed(cache / "v2" / "module" / module, commit, name)
    return _content(cache / "v1" / "module" / "data" / module / commit, name) if data is None else data


def _addressed(folder: Path, commit: str, name: str) -> bytes | None:
    """A file of a store that is addressed by contents."""
    told = _DIGEST.match((_content(folder, f"commits/{commit}") or b"").decode("ascii", "replace"))
    manifest = _blob(folder, told[1]) if told else None
    for line in (manifest or b"").decode("utf-8", "replace").splitlines():
        digest, _, path = line.partition("  ")
        if path == name and (found := _DIGEST.fullmatch(digest)):
            return _blob(folder, found[1])
    return None


def _blob(folder: Path, digest: str) -> bytes | None:
    data = _content(folder, f"blobs/{digest[:2]}/{digest[2:]}")
    if data is None or hashlib.shake_256(data).hexdigest(_SHAKE_BYTES) != digest:
        return None
    return data


def _content(folder: Path, name: str) -> bytes | None:
    """A regular file below a folder; None for none, and for one that a link leads out to (buf keeps none)."""
    try:
        file = (folder / name).resolve(strict=True)
        if not file.is_file() or not file.is_relative_to(folder.resolve()):
            return None
        with file.open("rb") as opened:
            return opened.read(_MOST_BYTES + 1)
    except (OSError, ValueError, RuntimeError):
        return None
