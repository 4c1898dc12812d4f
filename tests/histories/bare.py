"""The bare tools: the very programs of this installation, so that versions agree; asked without our code."""

from __future__ import annotations

import shutil
import sys
from functools import cache
from pathlib import Path

import workspai_hooks

PACKAGE = Path(workspai_hooks.__file__).parent


@cache
def tool(name: str) -> str:
    """The path of buf, oasdiff or helm."""
    beside = Path(sys.executable).parent / name
    bundled = sorted((PACKAGE / "_bundled").glob(f"{name}-*"))
    found = str(bundled[-1]) if bundled else str(beside) if beside.exists() else shutil.which(name)
    assert found is not None, f"{name} is not installed"
    return found
