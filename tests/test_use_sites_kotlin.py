"""Kotlin's use sites of a contract, followed through real sources; the schema is compiled by the real buf."""

from __future__ import annotations

import pytest

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf.declared import schema_of
from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.tools.buf import resolve_buf
from workspai_hooks.workspace.use_sites.found import Found
from workspai_hooks.workspace.use_sites.gather import find_everything
from workspai_hooks.workspace.use_sites.kotlin import lowering as kotlin

PROTO = """\
syntax = "proto3";
package shop.v1;
option java_package = "com.shop.v1";
option java_multiple_files = true;
enum Color { COLOR_UNSPECIFIED = 0; RED = 1; BLUE = 2; }
message Item {
  message Note { string text = 1; }
  string product_id = 1;
  int32 quantity = 2;
  Note note = 3;
  Color color = 4;
}
message Cart {
  string user_id = 1;
  repeated Item items = 2;
  map<string, Item> by_id = 3;
  oneof payment { string card = 4; int64 cash = 5; }
  optional string label = 6;
}
message Query { string user_id = 1; int32 limit = 2; }
service Carts {
  rpc Get(Query) returns (Cart);
  rpc Watch(Query) returns (stream Item);
  rpc Fill(stream Item) returns (Cart);
}
"""
PATH = "protos/cart.proto"
HEAD = "package com.app\nimport com.shop.v1.*\nimport com.shop.v1.ItemKt.note\n"


@pytest.fixture(scope="module")
def schema() -> Schema:
    known, undecided = schema_of(Snapshot.of({PATH: PROTO}), resolve_buf())
    assert not undecided
    return known


def found(schema: Schema, files: dict[str, str]) -> Found:
    return find_everything(Snapshot.of({PATH: PROTO, **files}), schema)


def sites(schema: Schema, source: str, **more: str) -> list[str]:
    """`line element` of fields, oneofs, enum values and rpcs in one file."""
    files = {f"svc/{name.replace('_', '.')}": text for name, text in more.items()}
    uses = found(schema, {"svc/App.kt": source, **files}).uses
    return [
        f"{use.line} {use.element.removeprefix('shop.v1.')}"
        for use in uses
        if use.path == "svc/App.kt" and use.kind not in ("type", "import", "registration")
    ]


def body(statements: str) -> str:
    """One function; its first statement stands on line 5."""
    return f"{HEAD}fun run(cart: Cart, item: Item?, any: Any?) {{\n{statements}\n}}\n"


@pytest.mark.parametrize(
    ("imports", "name"),
    [
        ("import com.shop.v1.Item", "Item"),
        ("import com.shop.v1.Item as Line", "Line"),
        ("import com.shop.v1.*", "Item"),
        ("import java.util.List", "com.shop.v1.Item"),
        ("import com.shop.v1.Item\ntypealias Alias = Item", "Alias"),
    ],
)
def test_every_way_to_name_a_type(schema: Schema, imports: str, name: str) -> None:
    uses = found(schema, {"svc/App.kt": f"{imports}\nfun f(item: {name}) =\n  item.quantity\n"}).uses
    assert [use.element for use in uses if use.kind == "field"] == ["shop.v1.Item.quantity"]


def test_builder_functions(schema: Schema) -> None:
    source = body("""\
val made = cart {
  userId = cart.userId
  items += item {
    quantity = 1
    note = note { text = "x" }
    color = Color.RED
  }
  items.addAll(listOf(item { productId = "p" }))
  byId["k"] = item { quantity = 2 }
  clearLabel()
}
made.copy { label = "l" }.toBuilder().setCard("c")
val java = Cart.newBuilder().apply {
  userId = "a"
  addItems(Item.newBuilder().setQuantity(1))
}.build()
""")
    assert sites(schema, source) == [
        "6 Cart.user_id",
        "6 Cart.user_id",
        "7 Cart.items",
        "8 Item.quantity",
        "9 Item.note",
        "9 Item.Note.text",
        "10 Item.color",
        "10 Color.RED",
        "12 Cart.items",
        "12 Item.product_id",
        "13 Cart.by_id",
        "13 Item.quantity",
        "14 Cart.label",
        "16 Cart.label",
        "16 Cart.card",
        "18 Cart.user_id",
        "19 Cart.items",
        "19 Item.quantity",
    ]


def test_reading(schema: Schema) -> None:
    source = body("""\
cart.itemsList.filter { it.quantity > 1 }.map { i -> i.noteOrNull }.forEach { println(it?.text) }
for ((key, value) in cart.byIdMap) println(key + value.productId)
cart.byIdMap.forEach { (_, value) -> value.quantity }
cart.itemsList.associateBy { it.productId }["a"]?.color
cart.itemsList.groupBy { it.color }.mapValues { (_, v) -> v.sumOf { it.quantity } }
item?.let { it.note.text } ?: return
with(cart) { println(userId + itemsCount) }
cart.run { label }
cart.also { c -> println(c.hasLabel()) }.cash
println("${cart.getItems(0).productId} ${cart.itemsList.map(Item::getQuantity)}")
val (first, second) = Pair(cart, item!!)
second.quantity
val userId = "mine"
with(cart) { println(userId) }
""")
    assert sites(schema, source) == [
        "5 Cart.items",
        "5 Item.quantity",
        "5 Item.note",
        "5 Item.Note.text",
        "6 Cart.by_id",
        "6 Item.product_id",
        "7 Cart.by_id",
        "7 Item.quantity",
        "8 Cart.items",
        "8 Item.product_id",
        "8 Item.color",
        "9 Cart.items",
        "9 Item.color",
        "9 Item.quantity",
        "10 Item.note",
        "10 Item.Note.text",
        "11 Cart.user_id",
        "11 Cart.items",
        "12 Cart.label",
        "13 Cart.label",
        "13 Cart.cash",
        "14 Cart.items",
        "14 Item.product_id",
        "14 Cart.items",
        "14 Item.quantity",
        "16 Item.quantity",
    ]


def test_when_and_smart_casts(schema: Schema) -> None:
    source = body("""\
when (cart.paymentCase) {
  Cart.PaymentCase.CARD -> println(cart.card)
  else -> println(1)
}
val text = when (val c = item?.color) {
  Color.BLUE -> "b"
  else -> c?.name
}
when (any) { is Item -> any.quantity
  is Cart -> any.userId }
if (any is Item && any.quantity > 1) any.note else if (any is Cart) any.label
if (any !is Cart) return
any.itemsList
val got = if (text == "") any.getItems(0) else cart.getItems(1)
got.productId
val caught = try { any.getItems(2) } catch (e: Exception) { null }
caught?.quantity
""")
    assert sites(schema, source) == [
        "5 Cart.payment",
        "6 Cart.payment",
        "6 Cart.card",
        "6 Cart.card",
        "9 Item.color",
        "10 Color.BLUE",
        "13 Item.quantity",
        "14 Cart.user_id",
        "15 Item.note",
        "15 Cart.label",
        "17 Cart.items",
        "18 Cart.items",
        "18 Cart.items",
        "19 Item.product_id",
        "20 Cart.items",
        "21 Item.quantity",
    ]


def test_clients_and_servers(schema: Schema) -> None:
    source = f"""\
{HEAD}class App(private val stub: CartsGrpcKt.CartsCoroutineStub) : CartsGrpcKt.CartsCoroutineImplBase() {{
    private val cache = mutableMapOf<String, Item>()
    private lateinit var last: Item
    private val base by lazy {{ cart {{ userId = "b" }} }}

    override suspend fun get(request: Query): Cart = cart {{
        userId = request.userId
    }}

    override fun watch(request: Query): Flow<Item> = flow {{
        stub.watch(request).collect {{ emit(it.copy {{ quantity = 2 }}) }}
    }}

    override suspend fun fill(requests: Flow<Item>): Cart {{
        requests.collect {{ last = it; println(it.quantity) }}
        return base.copy {{ label = last.productId }}
    }}

    suspend fun calls(q: Query) {{
        retry {{ stub.get(q) }}.userId
        cache["b"]?.color
        val observer = object : StreamObserver<Cart> {{
            override fun onNext(value: Cart) {{ value.itemsList; last.note }}
        }}
        CartsGrpc.newStub(null).get(query {{ limit = 1 }}, observer)
    }}

    suspend fun <T> retry(times: Int = 3, block: suspend () -> T): T = block()

    companion object {{
        val EMPTY = item {{ quantity = 0 }}
    }}
}}

fun empty() = App.EMPTY.productId
"""
    assert sites(schema, source) == [
        "7 Cart.user_id",
        "9 Carts/Get",
        "10 Cart.user_id",
        "10 Query.user_id",
        "13 Carts/Watch",
        "14 Carts/Watch",
        "14 Item.quantity",
        "17 Carts/Fill",
        "18 Item.quantity",
        "19 Cart.label",
        "19 Item.product_id",
        "23 Carts/Get",
        "23 Cart.user_id",
        "24 Item.color",
        "26 Cart.items",
        "26 Item.note",
        "28 Carts/Get",
        "28 Query.limit",
        "34 Item.quantity",
        "38 Item.product_id",
    ]
    implemented = found(schema, {"svc/App.kt": source}).implementations
    assert [(one.line, one.service) for one in implemented] == [(4, "shop.v1.Carts")]


def test_extensions_data_classes_and_java_beside(schema: Schema) -> None:
    java = "package com.app;\nclass Store { public com.shop.v1.Cart load() { return null; } }\n"
    source = f"""\
{HEAD}data class Row(val item: Item, val rest: List<Item> = listOf()) {{
    val total: Int get() = item.quantity + rest.sumOf {{ it.quantity }}
}}
fun Item.short() = productId.take(3) + this.quantity
val Item.best: Item.Note
    get() = note
fun Cart.toRows() = itemsList.map {{ Row(it) }}
fun run(store: Store, handle: Item.() -> Int) {{
    val (item, rest) = store.load().toRows().first()
    item.color
    rest[0].best.text
    val asked: (Item) -> Int = {{ it.quantity }}
    handle(item)
    run2 {{ quantity }}
}}
fun run2(handle: Item.() -> Int) {{}}
"""
    assert sites(schema, source, Store_java=java) == [
        "5 Item.quantity",
        "5 Item.quantity",
        "7 Item.product_id",
        "7 Item.quantity",
        "9 Item.note",
        "10 Cart.items",
        "13 Item.color",
        "14 Item.Note.text",
        "15 Item.quantity",
        "17 Item.quantity",
    ]


def test_a_name_alone_is_no_use(schema: Schema) -> None:
    source = """\
package com.app
import com.shop.v1.Query
class Item(val quantity: Int)
fun run(item: Item, query: Query) = item.quantity // item.note
fun other(given: (Any) -> Unit) { given.each { it.userId } }
"""
    result = found(schema, {"svc/App.kt": source})
    assert [use.element for use in result.uses if use.kind == "field"] == []
    assert [one.name for one in result.mentions] == ["userId"]


def test_an_import_of_an_extension_needs_its_field(schema: Schema) -> None:
    source = "import com.shop.v1.Item\nimport com.shop.v1.noteOrNull\nfun f(i: Item) = i.noteOrNull\n"
    uses = found(schema, {"svc/App.kt": source}).uses
    assert [(use.line, use.kind) for use in uses if use.element == "shop.v1.Item.note"] == [
        (2, "import"),
        (3, "field"),
    ]


def test_generated_stubs_give_nothing(schema: Schema) -> None:
    head = "/**\n * Holder for Kotlin coroutine-based client and server APIs for shop.v1.Carts.\n */\n"
    assert found(schema, {"svc/CartsGrpcKt.kt": HEAD + head + "fun f(c: Cart) = c.userId\n"}) == Found()


def test_a_function_called_like_a_builder(schema: Schema) -> None:
    """In the package of the generated code, `item { … }` is not the function that takes a number."""
    source = """\
package com.shop.v1
fun item(n: Int): Item = item {
  quantity = n
}
fun two() = item(2).productId
"""
    assert sites(schema, source) == ["3 Item.quantity", "5 Item.product_id"]


def test_classes_on_one_line(schema: Schema) -> None:
    """The grammar does not know them; the lowering helps it."""
    source = (
        f"{HEAD}class A {{ fun f(c: Cart) = c.userId }}\nobject B {{ val x = 1 }}\nfun g(c: Cart) = c.label\n"
    )
    assert sites(schema, source) == ["4 Cart.user_id", "6 Cart.label"]


def test_broken_and_deep_sources_never_raise() -> None:
    deep = "fun f() = " + "(" * 5000 + "1" + ")" * 5000
    chain = "fun f() { " + "if (a) { } else " * 2000 + "{ } }"
    for text in ("class {", "}}}}", "fun f( { when (x) { is", "import", deep, chain, "\0\xff", "val x by"):
        assert kotlin.lower(text.encode("latin-1")).language == "kotlin"
