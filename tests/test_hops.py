"""The way to a break, hop by hop: evidence, and whether the element itself goes through."""

from __future__ import annotations

from conftest import Scratch

from workspai_hooks.exploration import what_if
from workspai_hooks.findings import Verdict


def test_a_hop_over_http_only_depends_on_what_fails(shop: Scratch) -> None:
    element = "bookshop.catalog.v1.Book.title"
    outlook = what_if(shop.root, [element], [])
    exposed = [one for one in outlook.verdicts[element] if one.verdict is Verdict.EXPOSED]
    assert [one.service for one in exposed] == ["loadgen", "shipping"]
    (hop,) = exposed[0].hops
    assert (hop.consumer, hop.provider, hop.passes_on) == ("loadgen", "storefront", False)
    assert hop.protocols == ("http",)
    assert hop.evidence
    assert all((shop.root / place.path).is_file() for place in hop.evidence)
