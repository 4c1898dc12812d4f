"""One entry of `facts:` in a configuration: a facts file of another repository, or a folder of them."""

from __future__ import annotations

import msgspec


class Listed(msgspec.Struct, frozen=True, order=True):
    """A `path`, or a `url` with the hash of what it must give. `name` is what the repository is called here.

    `home` is the folder of the user's own configuration, where the entry stands in that: only from there a
    path may lead out of the repository.
    """

    path: str = ""
    url: str = ""
    sha256: str = ""
    name: str = ""
    home: str = ""
