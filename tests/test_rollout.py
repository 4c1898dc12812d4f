"""Who moves first: the steps of each kind of break, and which lines write."""

from __future__ import annotations

import pytest
from conftest import Scratch

from workspai_hooks import rules
from workspai_hooks.exploration import what_if
from workspai_hooks.findings import Consumer, Finding, Severity, Site, Step, Verdict
from workspai_hooks.impact.plans import (
    CALL_REMOVAL,
    CALL_REPLACEMENT,
    PLANS,
    REMOVAL,
    REPLACEMENT,
    REQUIREMENT,
    VALUE_REMOVAL,
    VALUE_REPLACEMENT,
    Phase,
    Who,
)
from workspai_hooks.impact.plans_deployed import DEPLOYED
from workspai_hooks.impact.rollout import rollout
from workspai_hooks.inspection import Request, inspect
from workspai_hooks.source import Location
from workspai_hooks.workspace.use_sites.writing import names_a_setter


def consumer(name: str, *uses: str, role: str = "consumer", verdict: Verdict = Verdict.BREAKS) -> Consumer:
    """`uses`: r or w, each a line; `test` reads in a test."""
    sites = tuple(
        Site(
            Location(f"{name}/tests/x.py" if use == "test" else f"{name}/x.py", n),
            "x",
            "head",
            writes=use == "w",
        )
        for n, use in enumerate(uses, 1)
    )
    return Consumer(name, role, verdict, sites=sites)


def finding(rule: str, *consumers: Consumer, element: str = "shop.Cart.total") -> Finding:
    known = rules.BY_NAME[rule]
    place = Location("shop.proto", 3)
    return Finding(known.id, Severity.ERROR, "protobuf", element, "…", place, consumers=consumers)


READER, WRITER, BOTH = consumer("reader", "r"), consumer("writer", "w", "test"), consumer("both", "r", "w")
SERVER, CALLER = consumer("server", "r", role="provider"), consumer("caller", "r")


def who(steps: tuple[Step, ...]) -> list[tuple[str, ...]]:
    return [step.services for step in steps]


def test_readers_go_before_writers_when_a_field_goes() -> None:
    steps = rollout([finding("field-removed", READER, WRITER, BOTH)])
    assert who(steps) == [(), ("both", "reader"), ("both", "writer"), ()]
    assert [step.why.partition(" shop")[0] for step in steps] == [
        "keep",
        "stop reading",
        "stop writing",
        "remove",
    ]
    assert "reserve" in steps[-1].why


def test_writers_go_before_readers_when_an_enum_value_goes() -> None:
    steps = rollout([finding("enum-value-removed", READER, WRITER)])
    assert who(steps) == [(), ("writer",), ("reader",), ()]
    assert "stored" in steps[2].why


def test_writers_write_both_before_readers_read_the_new_one() -> None:
    steps = rollout([finding("field-type-changed", READER, WRITER)])
    assert who(steps) == [(), ("writer",), ("reader",), ("writer",), ()]


def test_writers_go_before_a_requirement() -> None:
    assert who(rollout([finding("required-field-added", READER, WRITER)])) == [(), ("writer",), ()]


def test_callers_go_before_servers_when_an_rpc_goes() -> None:
    assert who(rollout([finding("rpc-removed", SERVER, CALLER, element="shop.Carts/Get")])) == [
        (),
        ("caller",),
        ("server",),
        (),
    ]


def test_servers_go_before_callers_when_an_rpc_is_replaced() -> None:
    assert who(rollout([finding("rpc-renamed", SERVER, CALLER, element="shop.Carts/Get")])) == [
        (),
        ("server",),
        ("caller",),
        ("server",),
        (),
    ]


def test_who_can_not_be_followed_is_looked_at_first() -> None:
    steps = rollout([finding("field-removed", READER, consumer("odd", verdict=Verdict.UNKNOWN))])
    assert who(steps) == [(), ("odd",), ("reader",), ()]
    assert "by hand" in steps[1].why


def test_several_breaks_share_their_steps() -> None:
    steps = rollout(
        [
            finding("field-removed", READER, WRITER),
            finding("field-removed", CALLER, element="shop.Cart.note"),
            finding("enum-value-removed", WRITER, element="shop.State.OPEN"),
        ]
    )
    assert who(steps) == [(), ("writer",), ("caller", "reader"), ("writer",), ()]
    assert "shop.Cart.total, shop.Cart.note, shop.State.OPEN" in steps[0].why
    assert "shop.State.OPEN" not in steps[2].why


def test_nobody_is_waited_for_where_nobody_breaks() -> None:
    regenerates = consumer("idle", verdict=Verdict.REGENERATES)
    assert rollout([finding("field-removed", regenerates)]) == ()
    assert rollout([]) == ()


@pytest.mark.parametrize(
    ("element", "hint"),
    [
        ("shop.cart.v1.Cart.total", "or leave shop.cart.v1 as it is and release the change as shop.cart.v2"),
        ("v3.Cart.total", "or leave v3 as it is and release the change as v4"),
        ("package:shop.v9", "shop.v10"),
        ("shop.v1beta1.Cart.total", ""),
        ("shop.Cart.v1", ""),
    ],
)
def test_a_versioned_package_has_another_way(element: str, hint: str) -> None:
    why = rollout([finding("field-removed", READER, element=element)])[0].why
    assert hint in why
    assert ("or leave" in why) == bool(hint)


def test_every_rule_that_breaks_has_a_plan() -> None:
    breaking = {
        rule.name
        for rule in rules.RULES
        if (rule.id.startswith("WSP1") and rule.id < "WSP19") or rule.contract == "openapi"
    }
    assert breaking == PLANS.keys()


def test_every_rule_of_what_is_deployed_that_breaks_has_a_plan() -> None:
    weakens = {"WSP471", "WSP472", "WSP473", "WSP474", "WSP481"}
    breaking = {rule.name for rule in rules.RULES if rule.contract == "helm" and rule.id not in weakens}
    assert breaking == DEPLOYED.keys()
    assert all(
        [phase.rank for phase in plan] == sorted(phase.rank for phase in plan) for plan in DEPLOYED.values()
    )


@pytest.mark.parametrize(
    ("plan", "first", "then"),
    [
        (REMOVAL, Who.READERS, Who.WRITERS),
        (REPLACEMENT, Who.WRITERS, Who.READERS),
        (REQUIREMENT, Who.WRITERS, Who.OWNERS),
        (VALUE_REMOVAL, Who.WRITERS, Who.READERS),
        (VALUE_REPLACEMENT, Who.READERS, Who.WRITERS),
        (CALL_REMOVAL, Who.CALLERS, Who.SERVERS),
        (CALL_REPLACEMENT, Who.SERVERS, Who.CALLERS),
    ],
)
def test_plans_are_in_the_order_of_time(plan: tuple[Phase, ...], first: Who, then: Who) -> None:
    movers = [phase.who for phase in plan if phase.who is not Who.UNKNOWN][1:]
    assert movers.index(first) < movers.index(then)
    assert [phase.rank for phase in plan] == sorted(phase.rank for phase in plan)


def test_names_of_setters() -> None:
    for symbol in ("setTotal", "set_total", "clearTotal", "mutable_total", "addAllTotal", "SetTotalBytes"):
        assert names_a_setter(symbol, "shop.Cart.total"), symbol
    for symbol in ("getTotal", "total", "hasTotal", "Total", "TotalFieldNumber"):
        assert not names_a_setter(symbol, "shop.Cart.total"), symbol
    assert not names_a_setter("set_total", "shop.Cart.set_total")


@pytest.mark.parametrize(
    ("element", "writes", "reads"),
    [
        ("bookshop.orders.v1.Order.Line.title", {"orders"}, {"mailer"}),
        ("bookshop.catalog.v1.Book.title", set(), {"catalog", "orders", "storefront"}),
    ],
)
def test_lines_of_the_shop_that_write(element: str, writes: set[str], reads: set[str], shop: Scratch) -> None:
    verdicts = what_if(shop.root, [element], []).verdicts[element]
    deployed = [(c.service, site) for c in verdicts for site in c.sites if "test" not in site.location.path]
    assert {service for service, site in deployed if site.writes} == writes
    assert reads <= {service for service, site in deployed if not site.writes}


def test_the_shop_is_told_in_which_order(shop: Scratch) -> None:
    shop.replace("protos/bookshop/orders/v1/orders.proto", "    string title = 2;\n", "")
    said = inspect(Request(shop.root))
    assert said.bump == {"bookshop.orders.v1": "major"}
    assert said.rollout[0].services == ()
    assert "bookshop.orders.v2" in said.rollout[0].why
    steps = {step.why.partition(" bookshop")[0]: step.services for step in said.rollout}
    assert "mailer" in steps["stop reading"]
    assert steps["stop writing"] == ("orders",)
