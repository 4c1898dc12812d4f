"""The values that types are followed with, and how they join."""

from __future__ import annotations

from workspai_hooks.workspace.use_sites.infer.knowledge import Knowledge
from workspai_hooks.workspace.use_sites.infer.types import substitute, unify, with_arguments
from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    Choice,
    InstanceOf,
    ListOf,
    MapOf,
    MessageOf,
    ParameterOf,
    RecordOf,
    TupleOf,
    TypeParameter,
    Value,
    join,
    messages_in,
    within,
)

CART, ITEM = MessageOf("shop.Cart"), MessageOf("shop.Item")


def test_plain_and_unknown_give_way_to_what_says_more() -> None:
    assert join([PLAIN, CART]) == CART
    assert join([UNKNOWN, CART, UNKNOWN]) == CART
    assert join([PLAIN, PLAIN]) == PLAIN
    assert join([PLAIN, UNKNOWN]) == UNKNOWN
    assert join([]) == UNKNOWN


def test_a_choice_is_the_same_in_any_order_and_never_nested() -> None:
    both = join([CART, ITEM])
    assert both == join([ITEM, CART]) == join([both, CART])
    assert isinstance(both, Choice)


def test_lists_and_records_become_one() -> None:
    assert join([ListOf(PLAIN), ListOf(CART)]) == ListOf(CART)
    left, right = RecordOf((("a", CART),)), RecordOf((("a", PLAIN), ("b", ITEM)))
    assert join([left, right]) == RecordOf((("a", CART), ("b", ITEM)))


def test_too_many_alternatives_say_nothing() -> None:
    assert join(MessageOf(f"m.M{number}") for number in range(7)) == UNKNOWN


def test_type_parameters_are_bound_by_what_stands_in_their_place() -> None:
    bound: dict[str, Value] = {}
    unify(MapOf(PLAIN, ListOf(TypeParameter("T"))), MapOf(PLAIN, ListOf(CART)), bound)
    assert bound == {"T": CART}
    assert substitute(InstanceOf("x", (TypeParameter("T"),)), bound) == InstanceOf("x", (CART,))


def test_a_result_that_repeats_a_parameter_is_that_calls_argument() -> None:
    payload = ParameterOf("f", 0)
    result = RecordOf((("user", PLAIN),), (payload,))
    called = with_arguments(result, "f", (RecordOf((("cart", CART),)),))
    assert called == RecordOf((("cart", CART), ("user", PLAIN)))
    assert with_arguments(result, "g", (CART,)) == result


def test_messages_are_found_in_containers() -> None:
    value = RecordOf((("a", ListOf(CART)), ("b", TupleOf((PLAIN, ITEM)))))
    assert set(messages_in(value)) == {"shop.Cart", "shop.Item"}


def test_what_is_learnt_only_grows_and_says_when_it_has_changed() -> None:
    knowledge = Knowledge()
    key = ("argument", "f", "0")
    reads: dict[tuple[str, str, str], Value | None] = {}
    with knowledge.listening(reads):
        assert knowledge.get(key) is None
        knowledge.learn(key, CART)
        assert knowledge.get(key) == CART
    assert reads == {key: None}
    assert knowledge.changed() == [key]
    knowledge.learn(key, CART)
    knowledge.learn(key, PLAIN)
    assert knowledge.changed() == []
    knowledge.learn(key, ITEM)
    assert knowledge.get(key) == join([CART, ITEM])
    assert not knowledge.is_still(key, reads[key])


def test_values_without_end_are_given_up() -> None:
    value: Value = CART
    for _ in range(9):
        value = TupleOf((value, value))
    assert not within(value)
    knowledge = Knowledge()
    knowledge.learn(("returns", "f", ""), value)
    assert knowledge.get(("returns", "f", "")) == UNKNOWN
