"""What tests of the Go tools share: the tool of this installation, and stand-ins that misbehave."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from workspai_hooks.errors import UndecidedError

T = TypeVar("T")


def real(resolve: Callable[[], T]) -> T:
    """The tool; skips where there is none and no Go to build it. With Go, a missing one is a fault."""
    try:
        return resolve()
    except UndecidedError as error:
        if shutil.which("go"):
            raise
        pytest.skip(f"{error.undecided.what} {error.undecided.why}, and there is no Go")


def script(folder: Path, body: str, name: str) -> Path:
    """An executable that is a few lines of shell."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path
