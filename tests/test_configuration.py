"""`.workspai.yaml`: what it says, and what is wrong with it, with the line."""

from __future__ import annotations

import pytest

from workspai_hooks.configuration import Settings, read
from workspai_hooks.errors import UsageError
from workspai_hooks.findings import Severity
from workspai_hooks.workspace.services import EdgeOverride, ServiceOverride


def test_everything_that_can_be_said() -> None:
    text = b"""
default_branch: develop
fail_on: warning
services:
  - name: checkout
    roots: [apps/checkout]
    aliases: [checkout-svc]
    owners: ["@shop/checkout"]
edges:
  - {from: checkout, to: payments, protocol: http}
  - {from: checkout, to: stock}
contracts:
  - {package: shop.v1, closed: true}
  - {package: shop.v2, closed: false}
"""
    assert read(text) == Settings(
        default_branch="develop",
        fail_on=Severity.WARNING,
        services=(ServiceOverride("checkout", ("apps/checkout",), ("checkout-svc",), ("@shop/checkout",)),),
        edges=(EdgeOverride("checkout", "payments", "http"), EdgeOverride("checkout", "stock", "grpc")),
        closed=frozenset({"shop.v1"}),
    )


@pytest.mark.parametrize("text", [b"", b"# nothing\n", b"---\n", b"~\n"])
def test_all_of_it_is_optional(text: bytes) -> None:
    assert read(text) == Settings()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            b"fail_on: error\ndefault_brunch: x\n",
            ":2: unknown key default_brunch; did you mean default_branch?",
        ),
        (b"zzz: 1\n", ":1: unknown key zzz; known keys: default_branch"),
        (b"services:\n  - nam: x\n", ":2: unknown key nam; did you mean name?"),
        (b"services:\n  - roots: [a]\n", ":2: an entry of services: name is missing"),
        (b"services: x\n", ":1: services must be a list"),
        (b"default_branch: [a]\n", ":1: default_branch must be text"),
        (b"default_branch:\n", ":1: default_branch must be text"),
        (b"fail_on: fatal\n", ":1: fail_on must be one of error, warning, note"),
        (b"contracts: [{package: a, closed: maybe}]\n", ":1: closed must be true or false"),
        (b"fail_on: error\nfail_on: note\n", ":2: fail_on is given twice"),
        (b"a: [\n", "did not find expected node content"),
        (b"- a\n", ":1: the file must be a mapping of keys to values"),
        (b"? [a]\n: b\n", ":1: a key must be a plain word"),
        (b"default_branch: &x main\nfail_on: *x\n", ":2: aliases (*name) are not used here"),
        (b"[" * 100_000, "nested too deeply"),
        (b"a: \xff\xfe\n", "is not UTF-8"),
        (b"a" * (1 << 20) + b": b", "larger than 1 MiB"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: bytes, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(text)
    assert str(caught.value).startswith(".workspai.yaml")
    assert message in str(caught.value)
