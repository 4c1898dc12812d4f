"""A question without a change: what if an element went away. A kind of contract a file; what_if.py asks."""

from workspai_hooks.exploration.what_if import what_if

__all__ = ["what_if"]
