"""Regular expressions that are compiled when they are first used.

A run uses few of the several hundred that its modules hold, and compiling all of them costs more than
everything else that loading these modules does (75 of 190 ms, measured on the way to the service map).
"""

from __future__ import annotations

TYPE_CHECKING = False  # as in typing, which takes longer to load than many a commit has to wait
if TYPE_CHECKING:
    import re
    from collections.abc import Iterable
    from typing import AnyStr


DOTALL = 16
"""As in `re`, which is loaded with the first pattern that is asked."""


class _Lazy:
    """Stands for a pattern. The first look at an attribute compiles it and keeps the methods beside."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self.pattern = text
        self._flags = flags

    def __getattr__(self, name: str) -> object:
        import re

        compiled = re.compile(self.pattern, self._flags)
        for each in ("search", "match", "fullmatch", "finditer", "findall", "sub", "subn", "split"):
            setattr(self, each, getattr(compiled, each))
        return getattr(compiled, name)


def regex(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """What `re.compile` gives, made when it is first asked; a mistake in it is told then."""
    return _Lazy(text, flags)  # type: ignore[return-value]


def starting(words: Iterable[str], behind: str = r"\w") -> str:
    """One of the words (patterns that begin with a letter) as part of a pattern, where nothing of `behind`
    stands before it. The test comes after the first letter: a search can skip to a letter, not to a test.
    """
    return f"(?:{'|'.join(f'{one[0]}(?<!{behind}{one[0]}){one[1:]}' for one in words)})"
