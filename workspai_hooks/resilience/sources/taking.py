"""Takes values of policies out of one object or file: each with its line, each wrong one told.

What a convention can't mean is a fault (`policy-ignored`); what stands for a value that is filled in
elsewhere, or says nothing that can be read, is an open question with its line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workspai_hooks.contracts.helm.nodes import Node, Plain, Step
from workspai_hooks.contracts.helm.objects import Object
from workspai_hooks.disclosure import reference
from workspai_hooks.errors import Undecided
from workspai_hooks.patterns import regex
from workspai_hooks.resilience.layers import Layer
from workspai_hooks.resilience.model import Provenance
from workspai_hooks.resilience.reading import Fault, Read
from workspai_hooks.source import Location

IGNORED = "policy-ignored"
MOST_RETRIES = 1_000_000
_OPEN = regex(r".*(?:\{\{|\$\{|\$\(|<[%\w]).*", 16)  # re.DOTALL: text of templates of whatever tool
_DIGIT = regex(r"[0-9]")

Seconds = Callable[[object], float | None]
"""A convention's durations: what is written -> seconds, None where it is no duration there."""
Path = tuple[Step, ...]


class Taking:
    """Values of one object, or of one tree of a file. `convention` names who wants them."""

    def __init__(self, convention: str, what: Object | Node, title: str = "") -> None:
        self.convention = convention
        self.faults: list[Fault] = []
        self.undecided: list[Undecided] = []
        self.layers: list[Layer] = []
        self._what = what
        self._title = title or (what.title if isinstance(what, Object) else "")

    def read(self) -> Read:
        """All that was taken."""
        return Read((), tuple(self.layers), tuple(self.faults), tuple(dict.fromkeys(self.undecided)))

    def node(self, path: Path) -> Node | None:
        tree = self._what.node if isinstance(self._what, Object) else self._what
        return tree.at(*path)

    def value(self, path: Path) -> Plain:
        """What stands there; None where nothing does."""
        found = self.node(path)
        return found.plain() if found is not None else None

    def place(self, path: Path) -> Location:
        """The line of a path in the user's files."""
        return self._what.place(*path) if isinstance(self._what, Object) else self._what.nearest(*path)

    def seconds(self, path: Path, of: Seconds, form: str) -> float | None:
        """A duration in seconds; `form` tells how it is written there (`1.5s`)."""
        value = self.value(path)
        if value is None:
            return None
        found = of(value)
        if found is None:
            self.wrong(path, value, f"a duration as {form}")
        return found

    def whole(self, path: Path, lowest: int = 0, *, as_text: bool = False) -> int | None:
        """A whole number; with `as_text` it stands in an annotation."""
        value = self.value(path)
        if value is None:
            return None
        if as_text and isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= MOST_RETRIES:
            return value
        if isinstance(value, float) and value.is_integer() and lowest <= value <= MOST_RETRIES:
            return int(value)
        self.wrong(path, value, f"a whole number from {lowest} on")
        return None

    def wrong(self, path: Path, value: Plain, wanted: str) -> None:
        """A value that is not what the convention reads."""
        text = "" if isinstance(value, (dict, list)) else str(value)
        if isinstance(value, str) and (_OPEN.fullmatch(text) or not _DIGIT.search(text)):
            why = f"{self.convention} reads {wanted}; what stands there is filled in elsewhere, or is none"
            self.undecided.append(Undecided(str(self.place(path)), why, "write the value into the file"))
            return
        shown = reference(text) if text else "a list or mapping"
        self.fault(path, f"{self.convention} reads {wanted}, not {shown}", change=shown)

    def fault(self, path: Path, message: str, *, rule: str = IGNORED, change: str = "") -> None:
        """A fault at a path."""
        place = self.place(path)
        inside = ".".join(map(str, path))
        element = f"file:{place.path}#{self._title}:{inside}"
        name = f"{self._title}: " if self._title else ""
        self.faults.append(Fault(rule, element, f"{name}{inside}: {message}", place, change=change))

    def lines(self, values: Mapping[str, Path]) -> tuple[Provenance, ...]:
        """Where values of the model stand; those whose path is not there are left out."""
        return tuple(
            sorted(
                Provenance(value, self.place(path), self.convention)
                for value, path in values.items()
                if self.node(path) is not None
            )
        )
