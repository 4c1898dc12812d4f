"""Follows values through the sources of a repository, in any language that is lowered to the neutral tree."""

from workspai_hooks.workspace.use_sites.infer.analysis import find_uses
from workspai_hooks.workspace.use_sites.infer.program import Dialect

__all__ = ["Dialect", "find_uses"]
