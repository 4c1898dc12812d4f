"""The program: what a run was asked, and its answer. The questions are a file each; run.py asks them."""

from workspai_hooks.inspection.request import Request
from workspai_hooks.inspection.run import inspect

__all__ = ["Request", "inspect"]
