"""A run time of a language in some version, and the line that says so."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from workspai_hooks.environments.versions import Version
from workspai_hooks.patterns import regex
from workspai_hooks.source import Location


class Says(StrEnum):
    """What a line does: it starts an image, demands at least a version, or installs one for a developer."""

    IMAGE = "image"
    DEMAND = "demand"
    PIN = "pin"


class Runtime(msgspec.Struct, frozen=True, order=True):
    """`version` is what the line says, as far as it goes; `written` how it says it. Of a demand that is a
    range, `version` is empty and `written` the range. `last`: of an image's last stage; `taken`: the files
    and folders that the stage takes in, as written. `use` tells apart what builds (`sdk`) and what runs
    (`runtime`), where that is two images."""

    language: str
    says: Says
    version: Version
    location: Location
    written: str = ""
    last: bool = True
    use: str = ""
    taken: tuple[str, ...] = ()

    @property
    def takes_sources(self) -> bool:
        """Whether the stage takes in what is demanded of: Go reads a demand out of go.mod, which then has to
        be there; of others a program is enough."""
        if self.language == "go":
            return any(_GO_MOD.search(text) for text in self.taken)
        return bool(self.taken)


_GO_MOD = regex(r"(?:^|/)(?:go\.mod|go\.\*|\*|\.{0,2}|[\w-]{1,80})$|\$")
"""`go.mod`, `go.*`, a folder, or what a variable names."""

LEVELS: Mapping[str, int] = {"dotnet": 1, "go": 2, "java": 1, "node": 1, "php": 2, "python": 2, "ruby": 2}
"""Language -> how many numbers of its version name a release that may behave differently.

https://devguide.python.org/versions/, https://go.dev/doc/devel/release,
https://github.com/nodejs/release#release-phases, https://openjdk.org/jeps/322,
https://dotnet.microsoft.com/platform/support/policy, https://www.ruby-lang.org/en/downloads/branches/,
https://www.php.net/supported-versions.php
"""

NAMES: Mapping[str, str] = {
    "dotnet": ".NET",
    "go": "Go",
    "java": "Java",
    "node": "Node.js",
    "php": "PHP",
    "python": "Python",
    "ruby": "Ruby",
}


def release(language: str, version: Version) -> Version:
    """The release of a version, `(3, 11)` of Python 3.11.4; shorter where the line says less."""
    return version[: LEVELS[language]]


def differ(language: str, left: Version, right: Version) -> bool:
    """Whether two versions are of different releases, as far as both go."""
    size = min(LEVELS[language], len(left), len(right))
    return left[:size] != right[:size]
