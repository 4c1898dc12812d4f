"""Imports that a Buf registry serves, from buf's cache on this disk: never from the network.

Layout of the cache: `v3/modules/<digest type>/<remote>/<owner>/<name>/<commit without dashes>/files/`
(bufbuild/buf, private/bufpkg/bufmodule/bufmodulestore/module_data_store.go).
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from workspai_hooks.contracts.protobuf.bufconfig import Dependency


def cache_folder() -> Path:
    """Where buf keeps its cache: as buf itself decides."""
    if named := os.environ.get("BUF_CACHE_DIR"):
        return Path(named)
    if named := os.environ.get("XDG_CACHE_HOME"):
        return Path(named, "buf")
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA", ""), "buf")
    return Path(os.environ.get("HOME", ""), ".cache", "buf")


def find(dependencies: Iterable[Dependency], name: str) -> tuple[str, Path] | None:
    """The cached file that `import "name"` means, with the module that serves it."""
    modules = cache_folder() / "v3" / "modules"
    for dependency in dependencies:
        if not dependency.commit:
            continue
        commit = dependency.commit.replace("-", "")
        for kind in ("b5", "b4", "shake256"):
            file = modules / kind / dependency.name / commit / "files" / name
            if not Path(os.path.normpath(file)).is_relative_to(modules):
                continue  # the repository says all of name, module and commit: they may lead anywhere
            try:
                if file.is_file():
                    return f"{dependency.name}/{commit}", file
            except (OSError, ValueError):
                continue
    return None
