"""Modules that are loaded when something of them is first used: start-up is on the path of every commit."""

from __future__ import annotations


class _Deferred:
    """Stands for a module. What is asked of it once is kept beside."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> object:
        from importlib import import_module

        value = getattr(import_module(self._name), attribute)
        setattr(self, attribute, value)
        return value


def deferred(name: str) -> _Deferred:
    """A module, for a file that uses it in few of its runs. `if TYPE_CHECKING: import name` beside it tells
    the type checker."""
    return _Deferred(name)
