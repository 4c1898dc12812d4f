"""What is built into what: one build system a file. A new one is a module and a line in the table below."""

from __future__ import annotations

from workspai_hooks.workspace.built.containers import CONTAINERS
from workspai_hooks.workspace.built.dotnet import DOTNET
from workspai_hooks.workspace.built.ecmascript import ECMASCRIPT
from workspai_hooks.workspace.built.go import GO
from workspai_hooks.workspace.built.jvm import JVM
from workspai_hooks.workspace.built.path_dependencies import PATH_DEPENDENCIES
from workspai_hooks.workspace.built.python import PYTHON
from workspai_hooks.workspace.built.values import System

SYSTEMS: tuple[System, ...] = (GO, DOTNET, JVM, ECMASCRIPT, PYTHON, PATH_DEPENDENCIES, CONTAINERS)
