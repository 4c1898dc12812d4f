"""Evidence of who talks to whom in code and configuration: one extractor a file, in the table below.

An extractor reads one file's bytes and knows nothing else, so that what it finds can be kept by blob id.
What its finds mean (which service an address is, who reads a topic) is said by `workspace/edges/`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from workspai_hooks.workspace.evidence import literals, registry
from workspai_hooks.workspace.evidence.sightings import Sightings, joined


@dataclass(frozen=True, slots=True)
class Extractor:
    """One kind of evidence. `wanted`: in which files by their path; `marks`: a file without any of these
    words is not read; `version` grows when `read` finds something else in the same bytes.
    """

    name: str
    version: int
    wanted: Callable[[str], bool]
    read: Callable[[bytes], Sightings]
    marks: tuple[bytes, ...] = ()


EXTRACTORS: tuple[Extractor, ...] = (
    Extractor("literals", 1, lambda path: True, literals.read, literals.MARKS),
    Extractor("registry", 1, registry.wanted, registry.read),
)


def sightings(path: str, data: bytes) -> Sightings:
    """What all extractors find in a file."""
    return joined(
        one.read(data)
        for one in EXTRACTORS
        if one.wanted(path) and (not one.marks or any(mark in data for mark in one.marks))
    )
