"""RT10 retry-layers."""

from __future__ import annotations

from resilience.scenes import bookshop, policies
from workspai_hooks.resilience.calls import Acting, Call
from workspai_hooks.resilience.checks import retry_layers
from workspai_hooks.resilience.model import Policy, Retry, Where
from workspai_hooks.source import Location


class Seen:
    def __init__(self, *calls: Call) -> None:
        self.calls = calls


def call(*tries: int) -> Call:
    acting = tuple(
        Acting(where, Policy("a.B/C", retry=Retry(many)), "x", Location("x.yaml", many))
        for where, many in zip(Where, tries, strict=False)
    )
    return Call("front", "cart", "a.B/C", "a.proto", "grpc", (), acting)


def test_the_client_and_its_sidecar_both_retry() -> None:
    (fault,) = retry_layers.find(Seen(call(3, 2)))  # type: ignore[arg-type]
    assert (fault.element, fault.change) == ("front -> cart", "6 tries")


def test_one_layer_alone() -> None:
    assert list(retry_layers.find(Seen(call(3, 1), call(1, 3)))) == []  # type: ignore[arg-type]


def test_the_bookshop_has_none() -> None:
    assert [one for one in policies(bookshop()).findings if one.rule == "RT10"] == []
