"""What a kind of sidecar is: which stubs get it, where it stands, which template makes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec


class Kind(msgspec.Struct, frozen=True):
    """One kind of sidecar.

    `generator` is the name in stubs/recognise.py. `facts` reads a stub, its path and bytes: what the
    template needs of it (names of packages, modules, classes); None where this file gets no sidecar, as
    it has no service. `outputs` gives the sidecar's paths for a stub's path and facts, each with the name of
    its template. `whole_config`: the plan's service config is the whole contract's, where a stub has a single
    service and a channel that has several of them takes one config.
    """

    name: str
    generator: str
    facts: Callable[[str, bytes], Mapping[str, object] | None]
    outputs: Callable[[str, Mapping[str, object]], Mapping[str, str]]
    whole_config: bool = False
