"""Rust's use sites of a contract, followed through real sources; the schema is compiled by the real buf."""

from __future__ import annotations

import pytest

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf.declared import schema_of
from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.stubs.recognise import generated
from workspai_hooks.tools.buf import resolve_buf
from workspai_hooks.workspace.use_sites.found import Found
from workspai_hooks.workspace.use_sites.gather import find_everything
from workspai_hooks.workspace.use_sites.rust.lowering import lower
from workspai_hooks.workspace.use_sites.rust.names import camel, snake, variant

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
  string type = 6;
}
message Cart {
  string user_id = 1;
  repeated Item items = 2;
  map<string, Item> by_id = 3;
  oneof payment { string card = 4; Item.Note gift = 5; }
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
PB = 'pub mod pb { tonic::include_proto!("shop.cart_api.v1"); }\n'
CARGO = '[package]\nname = "cart-svc"\n'


@pytest.fixture(scope="module")
def schema() -> Schema:
    known, undecided = schema_of(Snapshot.of({PATH: PROTO}), resolve_buf())
    assert not undecided
    return known


def found(schema: Schema, files: dict[str, str]) -> Found:
    return find_everything(Snapshot.of({PATH: PROTO, "svc/Cargo.toml": CARGO, **files}), schema)


def sites(schema: Schema, source: str, path: str = "svc/src/main.rs", **more: str) -> list[str]:
    """`line element` of fields, oneofs, enum values and rpcs in one file."""
    files = {path: source, **{f"svc/src/{name}.rs": text for name, text in more.items()}}
    return [
        f"{use.line} {use.element.removeprefix('shop.cart_api.v1.')}"
        for use in found(schema, files).uses
        if use.path == path and use.kind not in ("type", "import", "registration")
    ]


def body(statements: str) -> str:
    """A function; its first statement stands on line 4."""
    return f"use pb::{{cart, item, Cart, Item, Query}};\n{PB}async fn run(cart: Cart) {{\n{statements}\n}}\n"


def test_fields_literals_and_patterns(schema: Schema) -> None:
    source = body("""\
let mut made = Cart { user_id: "a".into(), items: vec![Item { quantity: 1, ..Default::default() }],
  ..Default::default() };
made.items.push(Item::default());
let Item { quantity, r#type: kind, note: Some(note), .. } = made.items[0].clone() else { return };
let text = note.text;
if let Some(Item { product_id, .. }) = made.by_id.get("k") { drop(product_id); }
let size = item::Size::try_from(made.items[0].size).unwrap_or(item::Size::Large);
made.items[0].set_color(pb::Color::DarkRed);
match pb::Color::try_from(1) { Ok(pb::Color::Color2d) => {}, _ => {} }
let label = made.label.as_deref().unwrap_or_default();
let total = { let first = made.items.first().unwrap(); first.quantity };
let pick = if total > 1 { &made.items[0] } else { made.items.last().unwrap() };
drop(pick.product_id.len());
for (key, item) in &made.by_id { drop((key, item.quantity)); }
let note = item::Note { text: String::new() };
""")
    assert sites(schema, source) == [
        "4 Cart.user_id",
        "4 Cart.items",
        "4 Item.quantity",
        "6 Cart.items",
        "7 Item.quantity",
        "7 Item.type",
        "7 Item.note",
        "7 Cart.items",
        "8 Item.Note.text",
        "9 Item.product_id",
        "9 Cart.by_id",
        "10 Cart.items",
        "10 Item.size",
        "10 Item.Size.LARGE",
        "11 Cart.items",
        "11 Item.color",
        "11 Color.COLOR_DARK_RED",
        "12 Color.COLOR_2D",
        "13 Cart.label",
        "14 Cart.items",
        "14 Item.quantity",
        "15 Cart.items",
        "15 Cart.items",
        "16 Item.product_id",
        "17 Cart.by_id",
        "17 Item.quantity",
        "18 Item.Note.text",
    ]


def test_oneofs(schema: Schema) -> None:
    source = body("""\
match cart.payment.as_ref() {
  Some(cart::Payment::Card(card)) => drop(card),
  Some(cart::Payment::Gift(note)) if note.text.is_empty() => {}
  _ => {}
}
let made = Cart { payment: Some(cart::Payment::Card("x".into())), ..Default::default() };
assert!(matches!(cart.payment, Some(cart::Payment::Gift(_))));
use pb::cart::Payment::Card;
""")
    assert sites(schema, source) == [
        "4 Cart.payment",
        "5 Cart.payment",
        "5 Cart.card",
        "6 Cart.payment",
        "6 Cart.gift",
        "6 Item.Note.text",
        "9 Cart.payment",
        "9 Cart.payment",
        "9 Cart.card",
        "10 Cart.payment",
        "10 Cart.payment",
        "10 Cart.gift",
    ]


def test_iterators_closures_and_macros(schema: Schema) -> None:
    source = body("""\
let sum: i32 = cart.items.iter().filter(|i| i.quantity > 1).map(|i| i.quantity).sum();
let ids: Vec<_> = cart.items.iter().map(|Item { product_id, .. }| product_id).collect();
let best = cart.items.iter().max_by_key(|i| i.quantity).cloned().unwrap();
println!("{} {}", best.product_id, cart.user_id);
tracing::info!(user = %cart.user_id, count = cart.items.len(), "{}", best.quantity);
let body = serde_json::json!({ "q": best.quantity, "nested": { "id": best.product_id } });
let (big, small): (Vec<Item>, Vec<Item>) = cart.items.iter().cloned().partition(|i| i.quantity > 9);
for (at, item) in cart.items.iter().enumerate() { drop((at, item.note.as_ref().map(|n| n.text.len()))); }
tokio::select! { _ = tick() => { drop(best.quantity); } }
let many = cart.items.iter().flat_map(|i| i.note.clone()).fold(0, |n, note| n + note.text.len());
assert_eq!(big[0].quantity, 1, "of {}", small[0].product_id);
""")
    assert sites(schema, source) == [
        "4 Cart.items",
        "4 Item.quantity",
        "4 Item.quantity",
        "5 Cart.items",
        "5 Item.product_id",
        "6 Cart.items",
        "6 Item.quantity",
        "7 Item.product_id",
        "7 Cart.user_id",
        "8 Cart.user_id",
        "8 Cart.items",
        "8 Item.quantity",
        "9 Item.quantity",
        "9 Item.product_id",
        "10 Cart.items",
        "10 Item.quantity",
        "11 Cart.items",
        "11 Item.note",
        "11 Item.Note.text",
        "12 Item.quantity",
        "13 Cart.items",
        "13 Item.note",
        "13 Item.Note.text",
        "14 Item.quantity",
        "14 Item.product_id",
    ]


def test_clients(schema: Schema) -> None:
    source = f"""\
use pb::carts_client::CartsClient; use pb::{{Cart, Item, Query}};
{PB}\
struct App {{ client: Arc<Mutex<CartsClient<Channel>>> }}
impl App {{
  fn new(client: CartsClient<Channel>) -> Self {{ Self {{ client: Arc::new(Mutex::new(client)) }} }}
  async fn load(&self, id: &str) -> Result<Cart, tonic::Status> {{
    let mut client = self.client.lock().await;
    let reply = client.get(Query {{ user_id: id.into() }}).await?.into_inner();
    let mut stream = client.watch(tonic::Request::new(Query {{ user_id: id.into() }})).await?.into_inner();
    while let Some(item) = stream.message().await? {{ drop(item.quantity); }}
    let out = client.fill(tokio_stream::iter(vec![Item {{ quantity: 1, ..Default::default() }}])).await?;
    drop(out.get_ref().user_id.len());
    Ok(reply)
  }}
}}
async fn main() {{
  let app = App::new(CartsClient::connect("http://x").await.unwrap());
  let (a, b) = tokio::try_join!(app.load("a"), app.load("b")).unwrap();
  drop(a.user_id);
  let joined = futures::future::join_all(vec![app.load("c")]).await;
  app.load("c").await.map(|c| c.user_id).unwrap_or_default();
}}
"""
    assert sites(schema, source) == [
        "8 Carts/Get",
        "8 Query.user_id",
        "9 Carts/Watch",
        "9 Query.user_id",
        "10 Item.quantity",
        "11 Carts/Fill",
        "11 Item.quantity",
        "12 Cart.user_id",
        "19 Cart.user_id",
        "21 Cart.user_id",
    ]


def test_servers(schema: Schema) -> None:
    source = f"""\
use tonic::{{Request, Response, Status, Streaming}};
{PB}\
#[derive(Default)] struct Service;
#[tonic::async_trait]
impl pb::carts_server::Carts for Service {{
  async fn get(&self, request: Request<pb::Query>) -> Result<Response<pb::Cart>, Status> {{
    Ok(Response::new(pb::Cart {{ user_id: request.into_inner().user_id, ..Default::default() }}))
  }}
  type WatchStream = ReceiverStream<Result<pb::Item, Status>>;
  async fn watch(&self, _: Request<pb::Query>) -> Result<Response<Self::WatchStream>, Status> {{ todo!() }}
  async fn fill(&self, request: Request<Streaming<pb::Item>>) -> Result<Response<pb::Cart>, Status> {{
    let mut stream = request.into_inner();
    while let Some(item) = stream.next().await {{ let item = item?; drop(item.quantity); }}
    Err(Status::internal("no"))
  }}
}}
async fn main() {{
  Server::builder().add_service(pb::carts_server::CartsServer::new(Service::default())).serve(a).await;
}}
"""
    assert sites(schema, source) == [
        "6 Carts/Get",
        "7 Cart.user_id",
        "7 Query.user_id",
        "9 Carts/Watch",
        "10 Carts/Watch",
        "11 Carts/Fill",
        "13 Item.quantity",
    ]
    implemented = found(schema, {"svc/src/main.rs": source}).implementations
    assert [(one.line, one.how) for one in implemented] == [(5, "derives"), (18, "registers")]


def test_own_types_and_conversions(schema: Schema) -> None:
    source = f"""\
use pb::{{Cart, Item}};
{PB}\
struct Line {{ quantity: i32, item: Item }}
impl From<Item> for Line {{
  fn from(item: Item) -> Self {{ Self {{ quantity: item.quantity, item }} }}
}}
enum Event {{ Added(Item), Gone {{ cart: Cart }}, None }}
trait Total {{ fn total(&self) -> i32; }}
impl Total for Item {{ fn total(&self) -> i32 {{ self.quantity }} }}
type Answer<T> = Result<T, tonic::Status>;
trait Store {{ fn load(&self, id: &str) -> Answer<Cart>; }}
struct App<S: Store> {{ store: S, other: Box<dyn Store + Send> }}
impl<S: Store> App<S> {{
  fn run(&self, event: Event, line: Line) -> Answer<i32> {{
    match event {{
      Event::Added(item) => drop(item.quantity),
      Event::Gone {{ cart }} => drop(cart.user_id),
      Event::None => {{}}
    }}
    let line: Line = line.item.clone().into();
    let made = Line::from(Item::default());
    drop((line.quantity, made.quantity, made.item.total(), line.item.product_id));
    drop(self.store.load("a")?.user_id);
    drop(self.other.load("a").unwrap().items);
    Ok(each(|cart| cart.items.len()))
  }}
}}
fn each<F>(f: F) -> i32 where F: Fn(Cart) -> usize {{ 1 }}
"""
    assert sites(schema, source) == [
        "5 Item.quantity",
        "9 Item.quantity",
        "16 Item.quantity",
        "17 Cart.user_id",
        "22 Item.product_id",
        "23 Cart.user_id",
        "24 Cart.items",
        "25 Cart.items",
    ]


USE = "fn f(item: {}) {{ drop(item.quantity); }}\n"


@pytest.mark.parametrize(
    ("main", "module", "name"),
    [
        (PB + "mod a;", "use crate::pb::Item;\n", "Item"),
        (PB + "mod a;", "use super::pb;\n", "pb::Item"),
        (PB + "mod a;", "use crate::pb::*;\n", "Item"),
        (PB + "mod a;", "use crate::pb::{self as p, Item as I};\n", "I"),
        (PB + "mod a;", "use crate::pb::{self as p, Item as I};\n", "p::Item"),
        ("mod b;\nmod a;", "use crate::b::Item;\n", "Item"),
        ("mod a;", 'include!(concat!(env!("OUT_DIR"), "/shop.cart_api.v1.rs"));\n', "Item"),
        (
            'mod g { include!(concat!(env!("OUT_DIR"), "/_all.rs")); } mod a;',
            "\n",
            "crate::g::shop::cart_api::v1::Item",
        ),
    ],
)
def test_every_way_to_name_a_type(schema: Schema, main: str, module: str, name: str) -> None:
    files = {
        "svc/src/main.rs": main,
        "svc/src/a.rs": module + USE.format(name),
        "svc/src/b.rs": PB + "pub use pb::Item;\n",
    }
    uses = found(schema, files).uses
    assert [(one.path, one.line) for one in uses if one.kind == "field"] == [("svc/src/a.rs", 2)]


def test_stubs_in_a_crate_of_their_own(schema: Schema) -> None:
    files = {
        "proto/Cargo.toml": '[package]\nname = "shop-proto"\n',
        "proto/src/lib.rs": 'pub mod cart { pub mod v1 { tonic::include_proto!("shop.cart_api.v1"); } }\n',
        "svc/src/main.rs": "use shop_proto::cart::v1 as pb;\n" + USE.format("pb::Item"),
        "svc/src/full.rs": USE.format("shop_proto::cart::v1::Item"),
    }
    uses = [(one.path, one.line) for one in found(schema, files).uses if one.kind == "field"]
    assert uses == [("svc/src/full.rs", 1), ("svc/src/main.rs", 2)]


def test_roots_of_any_name(schema: Schema) -> None:
    """Several binaries in one folder, each with a file of its own as the crate's root."""
    files = {
        "svc/src/cart/server.rs": f"{PB}mod data;\n",
        "svc/src/cart/data.rs": USE.format("crate::pb::Item"),
    }
    uses = found(schema, files).uses
    assert [(one.path, one.line) for one in uses if one.kind == "field"] == [("svc/src/cart/data.rs", 1)]


def test_committed_stubs(schema: Schema) -> None:
    stub = (
        "// This file is @generated by prost-build.\n"
        "#[derive(Clone, PartialEq, ::prost::Message)]\npub struct Item {\n"
        '    #[prost(int32, tag = "2")]\n    pub quantity: i32,\n}\n'
    )
    files = {
        "svc/src/main.rs": "mod gen;\nuse gen::pb::Item;\n" + USE.format("Item"),
        "svc/src/gen/mod.rs": '#[path = "shop.cart_api.v1.rs"]\npub mod pb;\n',
        "svc/src/gen/shop.cart_api.v1.rs": stub,
    }
    uses = found(schema, files).uses
    assert {one.path for one in uses} == {"svc/src/main.rs"}
    assert [one.line for one in uses if one.kind == "field"] == [3]
    told = generated(stub.encode(), "svc/src/gen/shop.cart_api.v1.rs")
    assert told is not None
    assert told.generator == "prost-build"


def test_a_name_alone_is_no_use(schema: Schema) -> None:
    source = f"""\
{PB}\
mod own {{ pub struct Item {{ pub quantity: i32 }} pub fn f(i: Item) -> i32 {{ i.quantity }} }}
struct Query {{ user_id: String }}
// cart.items
fn g(i: own::Item, q: Query, other: impl Other) {{ drop((i.quantity, q.user_id, "user_id", other.items())); }}
fn h(q: pb::Query) {{ let quantity = 1; let x = Shadow {{ quantity }}; drop(x.quantity); }}
"""
    assert sites(schema, source) == []


def test_inner_test_modules_are_test_code(schema: Schema) -> None:
    test = "mod tests {\n  use super::pb::Item;\n  fn t(i: Item) { drop(i.quantity); }\n}\n"
    source = f"{PB}#[cfg(test)]\n{test}"
    uses = [use for use in found(schema, {"svc/src/main.rs": source}).uses if use.kind == "field"]
    assert [(use.line, use.in_test) for use in uses] == [(5, True)]


def test_whole_messages_that_go_out_of_sight(schema: Schema) -> None:
    source = body(
        'serde_json::to_string(&cart);\ncart.encode_to_vec();\nprintln!("{cart:?}");\nlibrary::eat(cart);'
    )
    escapes = found(schema, {"svc/src/main.rs": source}).escapes
    assert [(one.line, one.message.rpartition(".")[2], one.how) for one in escapes] == [
        (4, "Cart", "json"),
        (5, "Cart", "bytes"),
        (6, "Cart", "text"),
        (7, "Cart", "library"),
    ]


@pytest.mark.parametrize(
    ("name", "snaked", "cameled"),
    [
        ("user_id", "user_id", "UserId"),
        ("HTTPRequest", "http_request", "HttpRequest"),
        ("userID2x", "user_id2x", "UserId2x"),
        ("_lead", "lead", "Lead"),
        ("trail_", "trail", "Trail"),
        ("OAuth2Token", "o_auth2_token", "OAuth2Token"),
        ("self", "self_", "Self_"),
        ("type", "type", "Type"),
    ],
)
def test_names_are_those_of_prost(name: str, snaked: str, cameled: str) -> None:
    assert (snake(name), camel(name)) == (snaked, cameled)


def test_variants_drop_the_name_of_their_enum() -> None:
    assert variant("Color", "COLOR_DARK_RED") == "DarkRed"
    assert variant("Color", "COLORFUL") == "Colorful"
    assert variant("Color", "COLOR_2D") == "Color2d"


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"fn f( {{{", b"mod a { use b::{c,; }", b"x!(" * 400])
def test_broken_sources_give_what_is_left(data: bytes) -> None:
    assert lower(data).language == "rust"
