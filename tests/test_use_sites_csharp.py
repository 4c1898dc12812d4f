"""C#'s use sites of a contract, followed through real sources; the schema is compiled by the real buf."""

from __future__ import annotations

import time

import pytest

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf.declared import schema_of
from workspai_hooks.contracts.protobuf.schema import File, Schema
from workspai_hooks.tools.buf import resolve_buf
from workspai_hooks.workspace.use_sites.csharp import lowering as csharp
from workspai_hooks.workspace.use_sites.csharp.names import (
    enum_value_name,
    namespace_of,
    pascal,
    property_name,
)
from workspai_hooks.workspace.use_sites.found import Found
from workspai_hooks.workspace.use_sites.gather import find_everything

PROTO = """\
syntax = "proto3";
package shop.cart_api.v1;
enum Color { COLOR_UNSPECIFIED = 0; COLOR_DARK_RED = 1; COLOR_2D = 2; }
message Item {
  enum Size { SMALL = 0; LARGE = 1; }
  message Note { string text = 1; }
  string product_id = 1;
  int32 quantity = 2;
  Note note = 3;
  Size size = 4;
  Color color = 5;
}
message Cart {
  string user_id = 1;
  repeated Item items = 2;
  map<string, Item> by_id = 3;
  oneof payment { string card = 4; int64 cash = 5; }
  optional string label = 6;
  string cart = 7;
}
message Query { string user_id = 1; }
service Carts {
  rpc Get(Query) returns (Cart);
  rpc Watch(Query) returns (stream Item);
  rpc Fill(stream Item) returns (Cart);
}
"""
PATH = "protos/cart.proto"


@pytest.fixture(scope="module")
def schema() -> Schema:
    known, undecided = schema_of(Snapshot.of({PATH: PROTO}), resolve_buf())
    assert not undecided
    return known


def found(schema: Schema, files: dict[str, str]) -> Found:
    return find_everything(Snapshot.of({PATH: PROTO, **files}), schema)


def sites(schema: Schema, source: str, **more: str) -> list[str]:
    """`line element` of fields, oneofs, enum values and rpcs in one file."""
    uses = found(
        schema, {"svc/App.cs": source, **{f"svc/{name}.cs": text for name, text in more.items()}}
    ).uses
    return [
        f"{use.line} {use.element.removeprefix('shop.cart_api.v1.')}"
        for use in uses
        if use.path == "svc/App.cs" and use.kind not in ("type", "import", "registration")
    ]


def body(statements: str) -> str:
    """A class with one method; its first statement stands on line 3."""
    return f"using Shop.CartApi.V1;\nclass App {{ void Run(Cart cart, object any) {{\n{statements}\n}} }}\n"


@pytest.mark.parametrize(
    ("using", "name"),
    [
        ("using Shop.CartApi.V1;", "Item"),
        ("using C = Shop.CartApi.V1.Item;", "C"),
        ("using V = Shop.CartApi.V1;", "V.Item"),
        ("using System;", "Shop.CartApi.V1.Item"),
        ("using System;", "global::Shop.CartApi.V1.Item"),
        ("namespace Shop.CartApi.V1.Server;", "Item"),
        ("namespace Shop.CartApi;", "V1.Item"),
    ],
)
def test_every_way_to_name_a_type(schema: Schema, using: str, name: str) -> None:
    source = f"{using}\nclass App {{ object o = new {name} {{\n  ProductId = 1 }}; }}\n"
    assert sites(schema, source) == ["3 Item.product_id"]


def test_global_usings_hold_in_their_project_only(schema: Schema) -> None:
    use = "class X { object o = new Item { ProductId = 1 }; }\n"
    files = {
        "a/a.csproj": "",
        "a/Usings.cs": "global using Shop.CartApi.V1;\n",
        "a/Use.cs": use,
        "b/b.csproj": "",
        "b/Use.cs": use,
    }
    assert {one.path for one in found(schema, files).uses} == {"a/Use.cs"}


def test_messages(schema: Schema) -> None:
    source = body("""\
var made = new Cart {
  UserId = "a",
  Items = { new Item { Quantity = 1 }, new() { Quantity = 2 } },
  ById = { ["k"] = new Item { ProductId = "p" } },
};
cart.Items.Add(new Item());
if (cart.HasLabel) cart.ClearLabel();
cart.Cart_ += "x";
var n = Cart.UserIdFieldNumber;
Item.Types.Size size = Item.Types.Size.Large;
var c = Color.DarkRed; var d = Color._2D;
Console.WriteLine(nameof(Cart.UserId));
var copy = Cart.Parser.ParseFrom(bytes).Clone();
copy.UserId = copy?.Items[0]?.Note!.Text ?? "";
if (cart.ById.TryGetValue("k", out var item)) item.Quantity++;
foreach (var pair in cart.ById) { var v = pair.Value.ProductId; }
foreach (var (key, value) in cart.ById) { value.ProductId = key; }
var typed = (Item)any; typed.Quantity = 1;
(any as Item).Quantity = 2;
""")
    assert sites(schema, source) == [
        "4 Cart.user_id",
        "5 Cart.items",
        "5 Item.quantity",
        "5 Item.quantity",
        "6 Cart.by_id",
        "6 Item.product_id",
        "8 Cart.items",
        "9 Cart.label",
        "9 Cart.label",
        "10 Cart.cart",
        "11 Cart.user_id",
        "12 Item.Size.LARGE",
        "13 Color.COLOR_DARK_RED",
        "13 Color.COLOR_2D",
        "14 Cart.user_id",
        "16 Cart.user_id",
        "16 Cart.items",
        "16 Item.note",
        "16 Item.Note.text",
        "17 Cart.by_id",
        "17 Item.quantity",
        "18 Cart.by_id",
        "18 Item.product_id",
        "19 Cart.by_id",
        "19 Item.product_id",
        "20 Item.quantity",
        "21 Item.quantity",
    ]


def test_oneofs_and_patterns(schema: Schema) -> None:
    source = body("""\
switch (cart.PaymentCase) {
  case Cart.PaymentOneofCase.Card: break;
  case Cart.PaymentOneofCase.None: break;
}
if (any is Item { Quantity: > 0, Note.Text: "x" } item) item.ProductId = "";
if (any is Item other && other.Quantity > 1) { }
if (cart is { Items: [var first, ..] }) first.Quantity = 1;
var s = any switch { Item { ProductId: "a" } i => i.Quantity, Cart k => k.Items.Count, _ => 0 };
cart.ClearPayment();
""")
    assert sites(schema, source) == [
        "3 Cart.payment",
        "4 Cart.payment",
        "4 Cart.card",
        "5 Cart.payment",
        "7 Item.quantity",
        "7 Item.note",
        "7 Item.Note.text",
        "7 Item.product_id",
        "8 Item.quantity",
        "9 Cart.items",
        "9 Item.quantity",
        "10 Item.product_id",
        "10 Item.quantity",
        "10 Cart.items",
        "11 Cart.payment",
    ]


def test_linq(schema: Schema) -> None:
    source = body("""\
var ids = cart.Items.Where(i => i.Quantity > 0).Select(i => i.Note).First().Text;
var map = cart.Items.ToDictionary(i => i.ProductId); map["a"].Quantity = 1;
var groups = cart.Items.GroupBy(i => i.ProductId).SelectMany(g => g.ToList()).Sum(x => x.Quantity);
var query = from i in cart.Items let note = i.Note where note.Text != "" select new { i.ProductId, N = i };
foreach (var row in query) { row.N.Quantity = 1; }
var all = any.OfType<Item>().Single(); all.Quantity = 3;
var one = new List<Item> { new() { Quantity = 4 } }.Find(x => x.Quantity == 4);
""")
    assert sites(schema, source) == [
        "3 Cart.items",
        "3 Item.quantity",
        "3 Item.note",
        "3 Item.Note.text",
        "4 Cart.items",
        "4 Item.product_id",
        "4 Item.quantity",
        "5 Cart.items",
        "5 Item.product_id",
        "5 Item.quantity",
        "6 Cart.items",
        "6 Item.note",
        "6 Item.Note.text",
        "6 Item.product_id",
        "7 Item.quantity",
        "8 Item.quantity",
        "9 Item.quantity",
        "9 Item.quantity",
    ]


def test_clients(schema: Schema) -> None:
    source = """\
using static Shop.CartApi.V1.Carts;
using Shop.CartApi.V1;
public record Line(Item Item, int N);
public class App(Carts.CartsClient client) {
  private readonly CartsClient _own = new CartsClient(null);
  public Cart Cart { get; set; }
  async Task<Cart> Load() => await client.GetAsync(new Query { UserId = "a" });
  async Task Run(IEnumerable<Line> lines) {
    var cart = await Load();
    cart.UserId = _own.Get(new() { UserId = "b" }).UserId;
    this.Cart = cart;
    Cart.UserId = (await client.GetAsync(new Query()).ResponseAsync).UserId;
    using var call = client.Watch(new Query());
    await foreach (var item in call.ResponseStream.ReadAllAsync()) item.Quantity++;
    while (await call.ResponseStream.MoveNext()) Use(call.ResponseStream.Current.Quantity);
    using var fill = client.Fill();
    await fill.RequestStream.WriteAsync(new Item { Quantity = 1 });
    var filled = await fill; filled.UserId = "";
    foreach (var line in lines) Use(line.Item.Quantity);
  }
}
"""
    assert sites(schema, source) == [
        "7 Carts/Get",
        "7 Query.user_id",
        "10 Cart.user_id",
        "10 Carts/Get",
        "10 Query.user_id",
        "10 Cart.user_id",
        "12 Cart.user_id",
        "12 Carts/Get",
        "12 Cart.user_id",
        "13 Carts/Watch",
        "14 Item.quantity",
        "15 Item.quantity",
        "16 Carts/Fill",
        "17 Item.quantity",
        "18 Cart.user_id",
        "19 Item.quantity",
    ]


def test_servers(schema: Schema) -> None:
    source = """\
using Shop.CartApi.V1;
namespace Shop.Server;
public abstract class Base : Carts.CartsBase { }
public class Service : Base {
  public override async Task<Cart> Get(
      Query request, ServerCallContext context) => new Cart { UserId = request.UserId };
  public override Task Watch(Query request, IServerStreamWriter<Item> stream, ServerCallContext context) {
    return stream.WriteAsync(new() { Quantity = 1 });
  }
  public override async Task<Cart> Fill(IAsyncStreamReader<Item> stream, ServerCallContext context) {
    await foreach (var item in stream.ReadAllAsync()) { item.Quantity++; }
    return null;
  }
  public Cart Other(Query request) => null;
}
"""
    assert sites(schema, source) == [
        "5 Carts/Get",
        "6 Cart.user_id",
        "6 Query.user_id",
        "7 Carts/Watch",
        "8 Item.quantity",
        "10 Carts/Fill",
        "11 Item.quantity",
    ]
    implemented = found(schema, {"svc/App.cs": source}).implementations
    assert [(one.line, one.service, one.how) for one in implemented] == [
        (3, "shop.cart_api.v1.Carts", "derives")
    ]


def test_members_that_are_called_like_their_type(schema: Schema) -> None:
    source = """\
using Shop.CartApi.V1;
class App {
  private static Query Query = new Query { UserId = "a" };
  Color Color { get; set; }
  Query Next() { Query = new Query(); Query.UserId = "b"; Color = Color.DarkRed; return Query; }
}
"""
    assert sites(schema, source) == [
        "3 Query.user_id",
        "5 Query.user_id",
        "5 Color.COLOR_DARK_RED",
    ]


def test_hand_written_parts_of_generated_classes(schema: Schema) -> None:
    part = """\
namespace Shop.CartApi.V1;
public partial class Item {
  public bool IsMany => Quantity > 1;
  public Cart Boxed() => new Cart();
}
"""
    assert sites(schema, part) == ["3 Item.quantity"]
    use = body("cart.Items[0].Boxed().UserId = cart.Items[0].ProductId;")
    assert sites(schema, use, Part=part) == [
        "3 Cart.items",
        "3 Cart.user_id",
        "3 Cart.items",
        "3 Item.product_id",
    ]


def test_extension_methods_interfaces_and_inheritance(schema: Schema) -> None:
    helper = """\
using Shop.CartApi.V1;
namespace Shop.Help;
public static class Extensions { public static Item Best(this Cart cart) => cart.Items[0]; }
public interface IStore { Task<Cart> LoadAsync(string id); Cart Last { get; } }
public abstract class Store : IStore {
  protected Item kept;
  public Cart Last => null;
  public abstract Task<Cart> LoadAsync(string id);
}
"""
    source = """\
using Shop.Help;
using Shop.CartApi.V1;
class App : Store {
  IStore store;
  async Task Run() {
    (await store.LoadAsync("a")).Best().Quantity = store.Last.Items.Count;
    kept.ProductId = base.Last.UserId + this.Last.UserId;
    void Local(Cart c) { c.UserId = ""; }
    Func<Cart, string> f = c => c.UserId;
  }
}
"""
    assert sites(schema, source, Help=helper) == [
        "6 Item.quantity",
        "6 Cart.items",
        "7 Item.product_id",
        "7 Cart.user_id",
        "7 Cart.user_id",
        "8 Cart.user_id",
        "9 Cart.user_id",
    ]


def test_mocks_and_services_by_type_argument(schema: Schema) -> None:
    source = body("""\
var mock = new Mock<Carts.CartsClient>();
mock.Setup(m => m.GetAsync(It.IsAny<Query>(), null)).Returns(x);
mock.Object.Get(new Query());
services.GetRequiredService<Carts.CartsClient>().Get(new() { UserId = "a" });
var channel = Channel.CreateUnbounded<Item>();
await foreach (var item in channel.Reader.ReadAllAsync()) { item.Quantity = 1; }
""")
    assert sites(schema, source) == [
        "4 Carts/Get",
        "5 Carts/Get",
        "6 Carts/Get",
        "6 Query.user_id",
        "8 Item.quantity",
    ]


def test_statements_outside_classes_are_of_their_file(schema: Schema) -> None:
    one = "using Shop.CartApi.V1;\nvar x = new Item();\nx.Quantity = 1;\n"
    two = "using Shop.CartApi.V1;\nvar x = new Query();\nx.UserId = F(x).UserId;\nQuery F(Query q) => q;\n"
    assert sites(schema, one, Two=two) == ["3 Item.quantity"]
    assert sites(schema, two, One=one) == ["3 Query.user_id", "3 Query.user_id"]


def test_a_name_alone_is_no_use(schema: Schema) -> None:
    source = """\
using Shop.CartApi.V1;
class Item { public int Quantity; }
class App { int Run(Item item, Unknown other) { Query q = null; return item.Quantity + other.UserId; } }
"""
    result = found(schema, {"svc/App.cs": source})
    assert [use.element for use in result.uses] == ["shop.cart_api.v1.Query"]


def test_whole_messages_that_go_out_of_sight(schema: Schema) -> None:
    source = body("JsonFormatter.Default.Format(cart);\ncart.ToByteArray();\nCart.Parser.ParseJson(text);")
    escapes = found(schema, {"svc/App.cs": source}).escapes
    assert [(one.line, one.message, one.how) for one in escapes] == [
        (3, "shop.cart_api.v1.Cart", "json"),
        (4, "shop.cart_api.v1.Cart", "bytes"),
        (5, "shop.cart_api.v1.Cart", "json"),
    ]


def test_generated_code_gives_no_sites(schema: Schema) -> None:
    stub = "// <auto-generated>\n//     Generated by the protocol buffer compiler.  DO NOT EDIT!\n" + body(
        "cart.UserId = 1;"
    )
    assert sites(schema, stub) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [("user_id", "UserId"), ("a_1b", "A1B"), ("x2y", "X2Y"), ("URL_path", "URLPath"), ("_1st", "_1St")],
)
def test_property_names(name: str, expected: str) -> None:
    assert property_name(name, "Message") == expected


def test_names_that_are_taken_get_an_underscore() -> None:
    assert (property_name("cart", "Cart"), property_name("types", "Cart")) == ("Cart_", "Types_")


@pytest.mark.parametrize(
    ("enum", "value", "expected"),
    [
        ("Color", "COLOR_DARK_RED", "DarkRed"),
        ("DarkColor", "DARK_COLOR_RED", "Red"),
        ("Color", "RED", "Red"),
        ("Color", "COLOR", "Color"),
        ("Color", "COLOR_2D", "_2D"),
        ("Color", "camelCase", "CamelCase"),
    ],
)
def test_enum_value_names(enum: str, value: str, expected: str) -> None:
    assert enum_value_name(enum, value) == expected


def test_namespaces() -> None:
    file = File("a.proto", "a.proto", "shop.cart_api.v1", (), {})
    assert namespace_of(file) == "Shop.CartApi.V1"
    assert namespace_of(File("a.proto", "a.proto", "a", (), {"csharp_namespace": "X.Y"})) == "X.Y"
    assert pascal("hipster_shop") == "HipsterShop"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xef\xbb\xbfclass A { }",
        b"\xff\xfe" + "class A { }".encode("utf-16-le"),
        b"class A { void F() { x = caf\xe9.y; } }",
        b"class { void ( { x?.[ } \x00",
        b"<<<<<<< ours\nclass A { }\n=======\n>>>>>>> theirs\n",
        b"class A { object F() => " + b"(" * 5000,
        b"class A { object F() => a" + b".B()" * 3000 + b"; }",
        b"class A { void F() { " + b"if (a) { } else " * 2000 + b"{ } } }",
        b"class A { object F() => " + b"a + " * 5000 + b"a; }",
        b"namespace A { " * 500,
    ],
)
def test_bad_input_is_lowered_all_the_same(data: bytes) -> None:
    assert csharp.lower(data).language == "csharp"


def test_a_base_class_from_outside_hides_no_type(schema: Schema) -> None:
    code = """\
using Shop.CartApi.V1;
class Consumer : BackgroundService
{
    void Handle(byte[] bytes) { var cart = Cart.Parser.ParseFrom(bytes); Log(cart.UserId); }
}
"""
    uses = found(schema, {"app/Consumer.cs": code}).uses
    assert [(use.element, use.line) for use in uses if use.kind == "field"] == [
        ("shop.cart_api.v1.Cart.user_id", 4)
    ]


def test_a_namespace_of_another_project_hides_no_type(schema: Schema) -> None:
    code = """\
using Shop.CartApi.V1;
namespace Agg.Services;
class Client
{
    private readonly Carts.CartsClient _carts;
    async Task Ask() { await _carts.GetAsync(new Query { UserId = "x" }); }
}
"""
    files = {
        "agg/Agg.csproj": "<Project/>",
        "agg/Client.cs": code,
        "carts/Carts.csproj": "<Project/>",
        "carts/Query.cs": "namespace Carts.API.Model; class Item { public Query Query { get; set; } }",
    }
    calls = [use for use in found(schema, files).uses if use.kind == "call"]
    assert [(use.element, use.line) for use in calls] == [("shop.cart_api.v1.Carts/Get", 6)]


def test_types_of_one_name_with_other_parameters_are_no_bases_of_each_other(schema: Schema) -> None:
    """They took 8 levels of all bases, once for each class: minutes in a system of 1,400 files."""
    text = (
        "using Shop.CartApi.V1;\n"
        "interface Asked : Asked<A>, Asked<B>, Asked<C>, Asked<D>, Asked<E>, Asked<F>, Asked<G> {}\n"
        "class Service : Carts.CartsBase, Asked { public string Id; void Use() { Id = null; } }\n"
    )
    begun = time.process_time()
    uses = found(schema, {"src/Service.cs": text})
    assert [one.service for one in uses.implementations] == ["shop.cart_api.v1.Carts"]
    assert time.process_time() - begun < 2
