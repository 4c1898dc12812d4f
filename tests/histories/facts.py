"""What an oracle finds: breaks in the terms of the bare tool that told them, and questions that it can't
answer."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class Fact:
    """A break. `key` is what makes it the same break in another comparison (a parent's); `rule` the tool's
    own name for it; `elements` are the names under which a finding may tell it. A finding that says that one
    of its `holders` is gone or renamed tells it as well.
    """

    kind: str
    rule: str
    key: str
    elements: frozenset[str] = field(compare=False)
    holders: frozenset[str] = field(compare=False, default=frozenset())
    whatever: frozenset[str] = field(compare=False, default=frozenset())
    """Names under which any finding tells it: a map's field stands for the message that is made of it."""

    @property
    def removes(self) -> bool:
        """Whether something is gone."""
        return "NO_DELETE" in self.rule or "removed" in self.rule or self.rule.endswith("-gone")

    @property
    def gone(self) -> frozenset[str]:
        """What is gone as a whole, with all that it holds."""
        if self.kind == "openapi" and not self.rule.startswith(
            ("api-removed", "api-path-removed", "description")
        ):
            return frozenset()
        return self.elements if self.removes else frozenset()


BOTH = "on both sides: "
"""Begins what is open for one reason in base and head: nobody is asked, and nothing is held against us."""


@dataclass(frozen=True)
class Verdict:
    """`required` has to be told as an error; `allowed` may be. `open`: what the tool can't read on the head's
    side, so that only an open question is right; `base_open` on the base's."""

    required: frozenset[Fact] = frozenset()
    allowed: frozenset[Fact] = frozenset()
    open: frozenset[str] = frozenset()
    base_open: frozenset[str] = frozenset()

    def __or__(self, other: Verdict) -> Verdict:
        return Verdict(
            self.required | other.required,
            self.allowed | other.allowed,
            self.open | other.open,
            self.base_open | other.base_open,
        )
