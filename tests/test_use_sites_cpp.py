"""C++'s use sites of a contract, followed through real sources; the schema is compiled by the real buf."""

from __future__ import annotations

import pytest

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf.declared import schema_of
from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.stubs.recognise import generated
from workspai_hooks.tools.buf import resolve_buf
from workspai_hooks.workspace.use_sites.cpp.lowering import lower
from workspai_hooks.workspace.use_sites.cpp.names import camel, field_name, namespace_of
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


@pytest.fixture(scope="module")
def schema() -> Schema:
    known, undecided = schema_of(Snapshot.of({PATH: PROTO}), resolve_buf())
    assert not undecided
    return known


def found(schema: Schema, files: dict[str, str]) -> Found:
    return find_everything(Snapshot.of({PATH: PROTO, **files}), schema)


def sites(schema: Schema, source: str, **more: str) -> list[str]:
    """`line element` of fields, oneofs, enum values and rpcs in one file."""
    files = {"svc/main.cc": source, **{f"svc/{name}.h": text for name, text in more.items()}}
    return [
        f"{use.line} {use.element.removeprefix('shop.cart_api.v1.')}"
        for use in found(schema, files).uses
        if use.path == "svc/main.cc" and use.kind not in ("type", "import", "registration")
    ]


INCLUDES = '#include "cart.grpc.pb.h"\nnamespace pb = shop::cart_api::v1;\n'


def body(statements: str) -> str:
    """A function; its first statement stands on line 4."""
    return f"{INCLUDES}void run(pb::Cart& cart, const pb::Item* item) {{\n{statements}\n}}\n"


def test_accessors(schema: Schema) -> None:
    source = body("""\
cart.set_user_id(item->product_id());
pb::Item* added = cart.add_items(); added->set_quantity(cart.items_size());
cart.mutable_items(0)->mutable_note()->set_text(cart.items(0).note().text());
if (cart.has_label()) cart.clear_label();
(*cart.mutable_by_id())["k"].set_quantity(1); cart.by_id().at("k").quantity();
auto copy = cart; copy.mutable_items()->Add()->set_quantity(2);
cart.set_allocated_gift(new pb::Item::Note()); auto* gift = cart.release_gift(); gift->text();
int number = pb::Item::kProductIdFieldNumber;
pb::Item_Size size = pb::Item::LARGE; auto other = pb::Item_Size_SMALL; auto n = pb::Item::Size_Name(size);
auto color = static_cast<int>(pb::Color::COLOR_DARK_RED) + pb::COLOR_2D;
std::cout << item->quantity() << " " << (*item).type() << std::endl;
""")
    assert sites(schema, source) == [
        "4 Cart.user_id",
        "4 Item.product_id",
        "5 Cart.items",
        "5 Item.quantity",
        "5 Cart.items",
        "6 Cart.items",
        "6 Item.note",
        "6 Item.Note.text",
        "6 Cart.items",
        "6 Item.note",
        "6 Item.Note.text",
        "7 Cart.label",
        "7 Cart.label",
        "8 Cart.by_id",
        "8 Item.quantity",
        "8 Cart.by_id",
        "8 Item.quantity",
        "9 Cart.items",
        "9 Item.quantity",
        "10 Cart.gift",
        "10 Cart.gift",
        "10 Item.Note.text",
        "11 Item.product_id",
        "12 Item.Size.LARGE",
        "12 Item.Size.SMALL",
        "13 Color.COLOR_DARK_RED",
        "13 Color.COLOR_2D",
        "14 Item.quantity",
        "14 Item.type",
    ]


def test_oneofs_and_switches(schema: Schema) -> None:
    source = body("""\
switch (cart.payment_case()) {
  case pb::Cart::kCard: use(cart.card()); break;
  case pb::Cart::PaymentCase::kGift: break;
  case pb::Cart::PAYMENT_NOT_SET: default: break;
}
cart.clear_payment();
""")
    assert sites(schema, source) == [
        "4 Cart.payment",
        "5 Cart.card",
        "5 Cart.card",
        "6 Cart.payment",
        "6 Cart.gift",
        "7 Cart.payment",
        "9 Cart.payment",
    ]


def test_loops_lambdas_and_containers(schema: Schema) -> None:
    source = body("""\
for (const auto& each : cart.items()) use(each.quantity());
for (const auto& [key, value] : cart.by_id()) use(value.product_id());
for (int i = 0; i < cart.items_size(); ++i) { const auto& one = cart.items(i); use(one.quantity()); }
for (auto it = cart.by_id().begin(); it != cart.by_id().end(); ++it) use(it->second.quantity());
auto hit = std::find_if(cart.items().begin(), cart.items().end(), [](auto& i) { return i.quantity() > 1; });
use(hit->product_id());
std::vector<pb::Item> kept(cart.items().begin(), cart.items().end()); use(kept[0].quantity(), kept.back());
std::map<std::string, pb::Item> by; by["a"] = *item; auto at = by.find("a"); use(at->second.quantity());
auto best = std::make_unique<pb::Item>(*item); best->set_quantity(1); auto to = std::move(best); to->type();
std::optional<pb::Cart> maybe = cart; if (maybe) use(maybe->user_id(), maybe.value().label());
if (const pb::Item* p = best.get()) use(p->quantity()); else if (auto n = item->quantity(); n > 1) use(n);
std::function<int(const pb::Item&)> f = [&](const pb::Item& i) { return i.quantity(); };
auto made = [] { pb::Item i; return i; }(); use(made.type());
""")
    assert sites(schema, source) == [
        "4 Cart.items",
        "4 Item.quantity",
        "5 Cart.by_id",
        "5 Item.product_id",
        "6 Cart.items",
        "6 Cart.items",
        "6 Item.quantity",
        "7 Cart.by_id",
        "7 Cart.by_id",
        "7 Item.quantity",
        "8 Cart.items",
        "8 Cart.items",
        "8 Item.quantity",
        "9 Item.product_id",
        "10 Cart.items",
        "10 Cart.items",
        "10 Item.quantity",
        "11 Item.quantity",
        "12 Item.quantity",
        "12 Item.type",
        "13 Cart.user_id",
        "13 Cart.label",
        "14 Item.quantity",
        "14 Item.quantity",
        "15 Item.quantity",
        "16 Item.type",
    ]


def test_clients(schema: Schema) -> None:
    source = f"""\
{INCLUDES}\
class Client {{
 public:
  explicit Client(std::shared_ptr<grpc::Channel> channel) : stub_(pb::Carts::NewStub(channel)) {{}}
  void Run() {{
    grpc::ClientContext context; pb::Query query; pb::Cart cart;
    query.set_user_id("a");
    grpc::Status status = stub_->Get(&context, query, &cart);
    std::unique_ptr<grpc::ClientReader<pb::Item>> reader(stub_->Watch(&context, query));
    pb::Item item; while (reader->Read(&item)) use(item.quantity());
    auto writer = stub_->Fill(&context, &cart); writer->Write(item);
    auto rpc = stub_->AsyncGet(&context, query, &queue_); rpc->Finish(&cart, &status, tag);
    stub_->async()->Get(&context, &query, &cart, [&cart](grpc::Status s) {{ use(cart.user_id()); }});
  }}
 private:
  std::unique_ptr<pb::Carts::Stub> stub_;
}};
TEST(Client, Calls) {{ pb::MockCartsStub stub; EXPECT_CALL(stub, Get(_, _, _)).WillOnce(Return(ok)); }}
"""
    assert sites(schema, source) == [
        "8 Query.user_id",
        "9 Carts/Get",
        "10 Carts/Watch",
        "11 Item.quantity",
        "12 Carts/Fill",
        "13 Carts/Get",
        "14 Carts/Get",
        "14 Cart.user_id",
        "19 Carts/Get",
    ]


def test_servers(schema: Schema) -> None:
    header = f"""\
#pragma once
{INCLUDES}\
class Service final : public pb::Carts::Service {{
 public:
  grpc::Status Get(grpc::ServerContext* context, const pb::Query* request, pb::Cart* reply) override;
  pb::Item kept_;
}};
"""
    source = """\
#include "service.h"
grpc::Status Service::Get(grpc::ServerContext* context, const pb::Query* request, pb::Cart* reply) {
  kept_.set_quantity(1);
  reply->set_user_id(request->user_id());
  return grpc::Status::OK;
}
namespace {
class Callback : public pb::Carts::CallbackService {
  grpc::ServerUnaryReactor* Get(grpc::CallbackServerContext*, const pb::Query* q, pb::Cart* c) override {
    c->set_user_id(q->user_id()); return nullptr;
  }
  grpc::Status Fill(grpc::ServerContext* c, grpc::ServerReader<pb::Item>* r, pb::Cart* out) { return {}; }
};
}
int main() { pb::Carts::AsyncService async; async.RequestGet(&c, &q, &r, queue, queue, tag); }
"""
    assert sites(schema, source, service=header) == [
        "3 Item.quantity",
        "4 Cart.user_id",
        "4 Query.user_id",
        "9 Carts/Get",
        "10 Cart.user_id",
        "10 Query.user_id",
        "15 Carts/Get",
    ]
    everything = found(schema, {"svc/main.cc": source, "svc/service.h": header})
    assert [(one.path, one.line) for one in everything.implementations] == [
        ("svc/main.cc", 8),
        ("svc/service.h", 4),
    ]
    handlers = [(use.path, use.line) for use in everything.uses if use.kind == "handler"]
    assert handlers == [("svc/main.cc", 9), ("svc/service.h", 6)]


@pytest.mark.parametrize(
    ("using", "name"),
    [
        ("", "shop::cart_api::v1::Item"),
        ("", "::shop::cart_api::v1::Item"),
        ("using namespace shop::cart_api::v1;", "Item"),
        ("using namespace shop;", "cart_api::v1::Item"),
        ("using shop::cart_api::v1::Item;", "Item"),
        ("using I = shop::cart_api::v1::Item;", "I"),
        ("typedef shop::cart_api::v1::Item I;", "I"),
        ("namespace v = shop::cart_api;", "v::v1::Item"),
        ("template <typename T> using P = std::unique_ptr<T>;", "P<shop::cart_api::v1::Item>"),
    ],
)
def test_every_way_to_name_a_type(schema: Schema, using: str, name: str) -> None:
    source = f"#include <gen/cart.pb.h>\n{using}\nint f(const {name}& i) {{\n  return i->quantity();\n}}\n"
    assert sites(schema, source) == ["4 Item.quantity"]


def test_inside_the_namespace_of_the_contract(schema: Schema) -> None:
    source = """\
#include "cart.pb.h"
namespace shop::cart_api::v1 { namespace own { class Store { public: Cart Load(); }; } }
namespace shop { namespace cart_api {
int f(v1::own::Store& store) { return store.Load().items_size(); }
} }
namespace shop::cart_api::v1::own {
Cart Store::Load() { Cart c; c.user_id(); return c; }
}
"""
    assert sites(schema, source) == ["4 Cart.items", "7 Cart.user_id"]


def test_function_templates_take_what_callers_hand_in(schema: Schema) -> None:
    source = f"""\
{INCLUDES}\
namespace detail {{
template <typename Request>
void fill(Request& request, const std::string& user) {{ request.set_user_id(user); }}
}}
void run(pb::Query& query) {{ detail::fill(query, "a"); }}
"""
    assert sites(schema, source) == ["5 Query.user_id"]


def test_imports_of_stubs_use_their_contract(schema: Schema) -> None:
    source = '#include "cart.pb.h"\n#include "other.pb.h"\nusing shop::cart_api::v1::Item;\n'
    uses = found(schema, {"svc/main.cc": source}).uses
    assert [(use.line, use.element) for use in uses] == [
        (1, f"file:{PATH}"),
        (3, "shop.cart_api.v1.Item"),
    ]


def test_a_name_alone_is_no_use(schema: Schema) -> None:
    source = f"""\
{INCLUDES}\
namespace own {{ struct Item {{ int quantity() const; pb::Item inner; }}; }}
class Query {{ public: std::string user_id() const {{ return user_id_; }} std::string user_id_; }};
// item.quantity()
int f(const own::Item& item, Query q, Unknown u) {{ q.user_id(); return item.quantity(); }}
template <typename T> int g(const T& t) {{ return t.size(); }}
"""
    assert sites(schema, source) == []
    alone = "struct Item { int quantity(); };\nint f(Item i) { return i.quantity(); }\n"
    assert sites(schema, alone) == []


def test_services_that_use_one_name_twice_are_apart(schema: Schema) -> None:
    one = f"{INCLUDES}class App {{ pb::Item x_; int f() {{ return x_.quantity(); }} }};\n"
    two = f"{INCLUDES}class App {{ pb::Query x_; int f() {{ return x_.user_id().size(); }} }};\n"
    uses = found(schema, {"a/main.cc": one, "b/main.cc": two}).uses
    fields = [(use.path, use.element.rpartition(".")[2]) for use in uses if use.kind == "field"]
    assert fields == [("a/main.cc", "quantity"), ("b/main.cc", "user_id")]


def test_whole_messages_that_go_out_of_sight(schema: Schema) -> None:
    source = body("""\
std::string out; google::protobuf::util::MessageToJsonString(cart, &out);
cart.SerializeToString(&out);
LOG(INFO) << cart.DebugString();
library::eat(cart);
""")
    escapes = found(schema, {"svc/main.cc": source}).escapes
    assert [(one.line, one.message.rpartition(".")[2], one.how) for one in escapes][:3] == [
        (4, "Cart", "json"),
        (5, "Cart", "bytes"),
        (6, "Cart", "text"),
    ]


def test_generated_code_gives_no_sites(schema: Schema) -> None:
    stub = "// Generated by the protocol buffer compiler.  DO NOT EDIT!\n// source: cart.proto\n" + body(
        "cart.card();"
    )
    told = generated(stub.encode(), "svc/gen/cart.pb.cc")
    assert told is not None
    assert (told.generator, told.source) == ("protoc-cpp", "cart.proto")
    assert found(schema, {"svc/gen/cart.pb.cc": stub, "svc/gen/cart.pb.h": stub}).uses == ()


@pytest.mark.parametrize(
    ("name", "field", "cameled"),
    [
        ("user_id", "user_id", "UserId"),
        ("HTTPCode", "httpcode", "HTTPCode"),
        ("user_id2_x", "user_id2_x", "UserId2X"),
        ("class", "class_", "Class"),
        ("trail_", "trail_", "Trail"),
        ("a1b", "a1b", "A1B"),
    ],
)
def test_names_are_those_of_protoc(name: str, field: str, cameled: str) -> None:
    assert (field_name(name), camel(name)) == (field, cameled)


def test_namespaces() -> None:
    assert namespace_of("shop.new.v1") == "shop::new_::v1"


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe\x00", b"class X { void f( {{{", b"#if 0\nint", b"((" * 4000]
)
def test_broken_sources_give_what_is_left(data: bytes) -> None:
    assert lower(data).language == "cpp"
