"""What a language does with its files: everything that differs between languages is behind this value."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import msgspec

from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.workspace.use_sites.infer import Dialect
from workspai_hooks.workspace.use_sites.naming import Layout
from workspai_hooks.workspace.use_sites.syntax import Source
from workspai_hooks.workspace.use_sites.vocabulary import Vocabulary, can_matter


class Worker(msgspec.Struct, frozen=True):
    """One language at work. `lower` makes a tree of a file's bytes."""

    lower: Callable[[bytes], Source]
    dialect: Callable[[Schema, Layout, Mapping[str, Source]], Dialect]
    relays: Callable[[str, bytes], bool] = lambda path, data: False
    """Whether a file hands on names or values of other files, so that it matters without a word of a
    contract.
    """

    heads: Callable[[bytes], tuple[str, ...]] | None = None
    """What is taken from a file, whatever the contracts are, to tell together with the others whether it can
    matter (Go's imports)."""
    looks: Callable[[bytes, Vocabulary], tuple[str, ...]] | None = None
    """The same where words of the contracts count."""
    chooses: Callable[[Mapping[str, tuple[str, ...]], Schema, Layout], Collection[str]] | None = None
    """Which files can matter by what was taken from each; without it, those that have a word."""

    def glance(self, path: str, data: bytes, words: Vocabulary) -> tuple[str, ...]:
        """What a file's text tells of whether it can matter, before it is parsed."""
        if self.heads is not None:
            return self.heads(data)
        if self.looks is not None:
            return self.looks(data, words)
        return ("matters",) if can_matter(data, words.all) or self.relays(path, data) else ()

    def select(
        self, glances: Mapping[str, tuple[str, ...]], schema: Schema, layout: Layout
    ) -> Collection[str]:
        """The files that can matter, by what was seen of each."""
        if self.chooses is not None:
            return sorted(self.chooses(glances, schema, layout))
        return [path for path, seen in glances.items() if seen]
