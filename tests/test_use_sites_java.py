"""Java's use sites of a contract, followed through real sources; the schema is compiled by the real buf.

What is expected of the longer sources was compared with javac: each element removed, regenerated, compiled.
"""

from __future__ import annotations

import pytest

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf.declared import schema_of
from workspai_hooks.contracts.protobuf.schema import Field, File, Kind, Schema
from workspai_hooks.source import Location
from workspai_hooks.tools.buf import resolve_buf
from workspai_hooks.workspace.use_sites.found import Found
from workspai_hooks.workspace.use_sites.gather import find_everything
from workspai_hooks.workspace.use_sites.java import lowering as java
from workspai_hooks.workspace.use_sites.jvm.names import (
    camel,
    capitalized,
    kotlin_property,
    method,
    not_set,
    outer_classes,
    synthetic,
)

PROTO = """\
syntax = "proto3";
package shop.v1;
option java_package = "com.shop.v1";
option java_multiple_files = true;
enum Color { COLOR_UNSPECIFIED = 0; RED = 1; }
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
message Query { string user_id = 1; }
service Carts {
  rpc Get(Query) returns (Cart);
  rpc Watch(Query) returns (stream Item);
  rpc Fill(stream Item) returns (Cart);
}
"""
PATH = "protos/cart.proto"
HEAD = "package com.app;\nimport com.shop.v1.*;\nimport java.util.*;\nimport java.util.stream.*;\n"


@pytest.fixture(scope="module")
def schema() -> Schema:
    known, undecided = schema_of(Snapshot.of({PATH: PROTO}), resolve_buf())
    assert not undecided
    return known


def found(schema: Schema, files: dict[str, str]) -> Found:
    return find_everything(Snapshot.of({PATH: PROTO, **files}), schema)


def listed(result: Found, path: str = "svc/App.java") -> list[str]:
    """`line element` of fields, oneofs, enum values and rpcs in one file."""
    return [
        f"{use.line} {use.element.removeprefix('shop.v1.')}"
        for use in result.uses
        if use.path == path and use.kind not in ("type", "import", "registration")
    ]


def sites(schema: Schema, source: str, **more: str) -> list[str]:
    files = {f"svc/{name}.java": text for name, text in more.items()}
    return listed(found(schema, {"svc/App.java": source, **files}))


def body(statements: str) -> str:
    """A class with one method; its first statement stands on line 6."""
    return f"{HEAD}class App {{ void run(Cart cart, Item item, Object any) {{\n{statements}\n}} }}\n"


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("import com.shop.v1.Item;", "Item"),
        ("import com.shop.v1.*;", "Item"),
        ("package com.shop.v1;", "Item"),
        ("package com.app;", "com.shop.v1.Item"),
    ],
)
def test_every_way_to_name_a_type(schema: Schema, head: str, name: str) -> None:
    source = f"{head}\nclass App {{ Object o = {name}.newBuilder()\n  .setProductId(1); }}\n"
    assert sites(schema, source) == ["3 Item.product_id"]


@pytest.mark.parametrize(
    ("options", "head", "name"),
    [
        ("", "import cart.v9.CartApi.Item;", "Item"),
        ("", "import cart.v9.CartApi.*;", "Item"),
        ("", "import cart.v9.*;", "CartApi.Item"),
        ('option java_outer_classname = "Protos";', "import cart.v9.Protos.Item;", "Item"),
        ('option java_package = "io.x";', "import io.x.CartApi.Item;", "Item"),
    ],
)
def test_classes_around_types(options: str, head: str, name: str) -> None:
    proto = f'syntax = "proto3";\npackage cart.v9;\n{options}\nmessage Item {{ int32 quantity = 1; }}\n'
    source = f"{head}\nclass App {{ int f({name} item) {{\n return item.getQuantity(); }} }}\n"
    snapshot = Snapshot.of({"protos/cart_api.proto": proto, "svc/App.java": source})
    known, _ = schema_of(snapshot, resolve_buf())
    uses = [use for use in find_everything(snapshot, known).uses if use.kind == "field"]
    assert [(use.line, use.element, use.confidence) for use in uses] == [
        (3, "cart.v9.Item.quantity", "proven")
    ]


def test_messages_and_builders(schema: Schema) -> None:
    source = body("""\
Cart.Builder b = Cart.newBuilder().setUserId("a")
    .addItems(Item.newBuilder().setQuantity(1).setNote(Item.Note.newBuilder().setText("t")))
    .addAllItems(List.of(item)).putById("k", item).clearLabel();
b.getItemsBuilder(0).setQuantity(2).clearNote();
for (var entry : b.build().getByIdMap().entrySet()) entry.getValue().getProductId();
int n = Item.QUANTITY_FIELD_NUMBER + cart.getItemsCount() + cart.getItems(0).getColorValue();
if (cart.hasLabel()) cart.toBuilder().setLabel(cart.getLabelBytes().toString());
Cart.parseFrom(new byte[0]).getUserId();
((Item) any).getQuantity();
""")
    assert sites(schema, source) == [
        "6 Cart.user_id",
        "7 Cart.items",
        "7 Item.quantity",
        "7 Item.note",
        "7 Item.Note.text",
        "8 Cart.items",
        "8 Cart.by_id",
        "8 Cart.label",
        "9 Cart.items",
        "9 Item.quantity",
        "9 Item.note",
        "10 Cart.by_id",
        "10 Item.product_id",
        "11 Item.quantity",
        "11 Cart.items",
        "11 Cart.items",
        "11 Item.color",
        "12 Cart.label",
        "12 Cart.label",
        "12 Cart.label",
        "13 Cart.user_id",
        "14 Item.quantity",
    ]


def test_enums_oneofs_and_patterns(schema: Schema) -> None:
    source = body("""\
switch (item.getColor()) { case RED: break; default: item.getNote(); }
String s = switch (cart.getPaymentCase()) {
  case CARD -> cart.getCard();
  case PAYMENT_NOT_SET -> { String x = cart.getUserId(); yield x; }
  default -> "";
};
if (cart.getPaymentCase() == Cart.PaymentCase.CASH) { }
if (any instanceof Item i && i.getQuantity() > 0) i.getNote();
else if (any instanceof Cart i) i.getUserId();
if (!(any instanceof Cart c)) return;
c.getItemsCount();
""")
    assert sites(schema, source) == [
        "6 Item.color",
        "6 Color.RED",
        "6 Item.note",
        "7 Cart.payment",
        "8 Cart.card",
        "8 Cart.card",
        "9 Cart.payment",
        "9 Cart.user_id",
        "12 Cart.payment",
        "12 Cart.payment",
        "12 Cart.cash",
        "13 Item.quantity",
        "13 Item.note",
        "14 Cart.user_id",
        "16 Cart.items",
    ]


def test_streams_and_holders(schema: Schema) -> None:
    source = body("""\
var byId = cart.getItemsList().stream().collect(Collectors.toMap(i -> i.getProductId(), i -> i));
byId.get("a").getQuantity();
Map<Color, List<Item>> groups = cart.getItemsList().stream().collect(Collectors.groupingBy(Item::getColor));
groups.forEach((color, items) -> items.forEach(i -> i.getQuantity()));
cart.getItemsList().stream().sorted(Comparator.comparing(i -> i.getProductId()))
    .map(Item::getNote).map(n -> n.getText()).forEach(System.out::println);
Optional<Item> first = cart.getItemsList().stream().filter(i -> i.hasNote()).findFirst();
first.map(Item::getNote).ifPresent(n -> n.getText());
java.util.function.Function<Item, String> f = i -> i.getProductId();
Map.of("a", item).get("a").getColor();
""")
    assert sites(schema, source) == [
        "6 Cart.items",
        "6 Item.product_id",
        "7 Item.quantity",
        "8 Cart.items",
        "8 Item.color",
        "9 Item.quantity",
        "10 Cart.items",
        "10 Item.product_id",
        "11 Item.note",
        "11 Item.Note.text",
        "12 Cart.items",
        "12 Item.note",
        "13 Item.note",
        "13 Item.Note.text",
        "14 Item.product_id",
        "15 Item.color",
    ]


def test_clients(schema: Schema) -> None:
    source = f"""\
{HEAD}class App {{
  @GrpcClient("carts") private CartsGrpc.CartsBlockingStub stub;
  private final CartsGrpc.CartsStub async = CartsGrpc.newStub(null).withWaitForReady();
  void run(Query query) {{
    stub.withDeadlineAfter(1, null).get(query).getUserId();
    Iterator<Item> items = stub.watch(query);
    items.next().getQuantity();
    CartsGrpc.newFutureStub(null).get(query).get().getLabel();
    async.get(query, new io.grpc.stub.StreamObserver<>() {{
      @Override public void onNext(Cart got) {{ got.getItemsList(); query.getUserId(); }}
    }});
    async.fill(null).onNext(Item.newBuilder().setQuantity(1).build());
    Mockito.when(stub.get(any())).thenReturn(null);
    Mockito.verify(stub).watch(argThat(q -> true));
  }}
}}
"""
    assert sites(schema, source) == [
        "9 Carts/Get",
        "9 Cart.user_id",
        "10 Carts/Watch",
        "11 Item.quantity",
        "12 Carts/Get",
        "12 Cart.label",
        "13 Carts/Get",
        "14 Cart.items",
        "14 Query.user_id",
        "16 Carts/Fill",
        "16 Item.quantity",
        "17 Carts/Get",
        "18 Carts/Watch",
    ]


def test_servers_and_inner_classes(schema: Schema) -> None:
    source = f"""\
{HEAD}import io.grpc.stub.StreamObserver;
class App extends CartsGrpc.CartsImplBase {{
  private Item last;
  @Override
  public void get(Query request, StreamObserver<Cart> observer) {{
    observer.onNext(Cart.newBuilder().setUserId(request.getUserId()).build());
  }}
  @Override public StreamObserver<Item> fill(StreamObserver<Cart> observer) {{
    return new StreamObserver<Item>() {{
      @Override public void onNext(Item item) {{ last = item; item.getQuantity(); }}
      @Override public void onCompleted() {{ last.getNote(); }}
    }};
  }}
  void other(Query query) {{ byte[] watch = null; query.getUserId(); }}
  class Inner {{ int go() {{ return last.getQuantity() + App.this.last.getColorValue(); }} }}
}}
"""
    assert sites(schema, source) == [
        "9 Carts/Get",
        "10 Cart.user_id",
        "10 Query.user_id",
        "12 Carts/Fill",
        "14 Item.quantity",
        "15 Item.note",
        "18 Query.user_id",
        "19 Item.quantity",
        "19 Item.color",
    ]
    implemented = found(schema, {"svc/App.java": source}).implementations
    assert [(one.line, one.service, one.how) for one in implemented] == [(6, "shop.v1.Carts", "derives")]


def test_overloads_records_generics_and_interfaces_of_the_repository(schema: Schema) -> None:
    row = f"{HEAD}public record Row(Item item, int n) {{ static Row of(Item item) {{ return null; }} }}\n"
    source = f"""\
{HEAD}class App {{
  interface Visitor {{ void visit(Item item); }}
  Item.Note convert(Cart cart) {{ return null; }}
  Item convert(Query query) {{ return null; }}
  <T> T first(List<T> all) {{ return all.get(0); }}
  void take(Visitor visitor) {{ }}
  void run(Cart cart, Query query, List<Row> rows) {{
    convert(cart).getText();
    convert(query).getQuantity();
    first(cart.getItemsList()).getProductId();
    take(i -> i.getQuantity());
    rows.get(0).item().getQuantity();
    cart.getItemsList().stream().map(Row::of).map(Row::item).map(Item::getColor);
    cart.getItemsList().forEach(this::show);
  }}
  void show(Item item) {{ }}
}}
"""
    assert sites(schema, source, Row=row) == [
        "12 Item.Note.text",
        "13 Item.quantity",
        "14 Cart.items",
        "14 Item.product_id",
        "15 Item.quantity",
        "16 Item.quantity",
        "17 Cart.items",
        "17 Item.color",
        "18 Cart.items",
    ]


def test_a_name_alone_is_no_use(schema: Schema) -> None:
    source = f"""\
{HEAD}class App {{
  static class Item {{ int getQuantity() {{ return 1; }} }}
  int run(Item item, Outside other) {{ // item.getNote()
    other.each(one -> one.getUserId());
    return item.getQuantity() + "getLabel".length();
  }}
}}
"""
    result = found(schema, {"svc/App.java": source})
    assert listed(result) == []
    assert [one.name for one in result.mentions] == ["getUserId"]


def test_an_import_hides_a_class_of_the_package(schema: Schema) -> None:
    own = "package com.app;\npublic class Item { public int getQuantity() { return 1; } }\n"
    using = (
        "package com.app;\nimport com.shop.v1.Item;\nclass App { int f(Item i) { return i.getQuantity(); } }"
    )
    assert sites(schema, using, Item=own) == ["3 Item.quantity"]
    assert sites(schema, using.replace("import com.shop.v1.Item;", ""), Item=own) == []


def test_whole_messages_that_go_out_of_sight(schema: Schema) -> None:
    source = body("""\
com.google.protobuf.util.JsonFormat.printer().omittingInsignificantWhitespace().print(cart);
cart.toByteArray();
new com.google.gson.Gson().toJson(item);
cart.getAllFields();
logger.info("cart {}", cart);
""")
    escapes = found(schema, {"svc/App.java": source}).escapes
    assert [(one.line, one.message.removeprefix("shop.v1."), one.how) for one in escapes] == [
        (6, "Cart", "json"),
        (7, "Cart", "bytes"),
        (8, "Item", "json"),
        (9, "Cart", "reflection"),
    ]


def test_tests_are_marked_and_generated_code_gives_nothing(schema: Schema) -> None:
    use = body("cart.getUserId();")
    stub = "// Generated by the protocol buffer compiler.  DO NOT EDIT!\n" + use
    grpc = "// no header\n" + use.replace("class", '@Generated(value = "by gRPC proto compiler")\nclass')
    files = {"svc/src/test/java/AppTest.java": use, "svc/gen/App.java": stub, "svc/gen/Grpc.java": grpc}
    uses = found(schema, files).uses
    assert {(each.path, each.in_test) for each in uses} == {("svc/src/test/java/AppTest.java", True)}


def field(name: str, number: int, repeated: bool = False) -> Field:
    return Field(name, number, Kind.SCALAR, "string", Location("a.proto", 1, 1), repeated)


def test_names_as_protoc_spells_them() -> None:
    """Taken from what protoc 31.1 and protoc-gen-grpc-java 1.73 make."""
    fields = [
        field("class", 1),
        field("user_id2_x", 2),
        field("_lead", 3),
        field("trail_", 4),
        field("URLPath", 5),
        field("a1b", 6),
        field("foo", 8, True),
        field("foo_count", 9),
        field("bar", 10, True),
        field("bar_list", 11),
        field("serialized_size", 22),
    ]
    words = capitalized(fields)
    assert list(words.values()) == [
        *("Class_", "UserId2X", "Lead", "Trail", "URLPath", "A1B", "Foo8", "FooCount9", "Bar10", "BarList11"),
        "SerializedSize_",
    ]
    assert [kotlin_property(name, word) for name, word in words.items()] == [
        *("class_", "userId2X", "Lead", "trail", "uRLPath", "a1B", "foo8", "fooCount9", "bar10", "barList11"),
        "serializedSize_",
    ]
    getters = ("getURLPath", "getAName", "getUserId", "getXY", "getX", "getIpV4")
    assert [synthetic(one) for one in getters] == ["urlPath", "aName", "userId", "xy", "x", "ipV4"]
    assert [method(rpc) for rpc in ("Get_It", "Import", "fooBAR")] == ["getIt", "import_", "fooBAR"]
    assert not_set("pay_method") == "PAYMETHOD_NOT_SET"
    assert camel("Nested_thing", False) == "nestedThing"
    assert outer_classes(File("p/awk_names.proto", "awk_names.proto", "", (), {}), ["AwkNames"]) == (
        "AwkNamesOuterClass",
        "AwkNamesProto",
    )


def test_broken_and_deep_sources_never_raise() -> None:
    deep = "class A { int f() { return " + "(" * 5000 + "1" + ")" * 5000 + "; } }"
    chain = "class A { void f() { " + "if (a) { } else " * 3000 + "{ } } }"
    for text in (
        "class {",
        "}}}}",
        "class A { void f( { switch (x) { case",
        "import ;",
        deep,
        chain,
        "\0\xff",
    ):
        assert java.lower(text.encode("latin-1")).language == "java"
