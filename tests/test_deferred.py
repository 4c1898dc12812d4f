"""Modules that only some runs need are not loaded by the others."""

from __future__ import annotations

import subprocess
import sys

from workspai_hooks.deferred import deferred


def test_a_deferred_module_is_the_module() -> None:
    colors = deferred("colorsys")
    assert colors.rgb_to_hsv(0, 0, 1) == __import__("colorsys").rgb_to_hsv(0, 0, 1)


def test_the_workspace_is_loaded_without_what_reads_its_files() -> None:
    code = (
        "import sys, workspai_hooks.workspace.workspace, workspai_hooks.configuration; "
        "print(sorted({'yaml', 'tomllib', 'tempfile', 'google.protobuf'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
