"""Python's use sites of a contract, followed through real sources; the schema is compiled by the real buf."""

from __future__ import annotations

import pytest

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf.declared import schema_of
from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.tools.buf import resolve_buf
from workspai_hooks.workspace.use_sites.found import Found
from workspai_hooks.workspace.use_sites.gather import find_everything
from workspai_hooks.workspace.use_sites.naming import Layout, StubFile
from workspai_hooks.workspace.use_sites.python import lowering as python
from workspai_hooks.workspace.use_sites.python.relevance import imports, relevant

PROTO = """\
syntax = "proto3";
package shop.v1;
enum Color { COLOR_UNSPECIFIED = 0; COLOR_RED = 1; }
message Item {
  enum Size { SMALL = 0; LARGE = 1; }
  message Note { string text = 1; }
  string id = 1;
  int32 count = 2;
  Note note = 3;
  Size size = 4;
  Color color = 5;
}
message Cart {
  string owner = 1;
  repeated Item items = 2;
  map<string, Item> by_id = 3;
  oneof payment { string card = 4; int64 cash = 5; }
  string from = 6;
}
message Query { string owner = 1; }
service Carts {
  rpc Get(Query) returns (Cart);
  rpc Watch(Query) returns (stream Item);
  rpc Fill(stream Item) returns (Cart);
}
"""


@pytest.fixture(scope="module")
def schema() -> Schema:
    known, undecided = schema_of(Snapshot.of({"proto/shop/v1/cart-api.proto": PROTO}), resolve_buf())
    assert not undecided
    return known


def found(schema: Schema, files: dict[str, str]) -> Found:
    return find_everything(Snapshot.of({"proto/shop/v1/cart-api.proto": PROTO, **files}), schema)


def sites(schema: Schema, source: str, **more: str) -> list[str]:
    """`line element` of fields, oneofs, enum values and rpcs in one file."""
    files = {"svc/app.py": source, **{f"svc/{name}.py": text for name, text in more.items()}}
    uses = found(schema, files).uses
    return [
        f"{use.line} {use.element.removeprefix('shop.v1.')}"
        for use in uses
        if use.path == "svc/app.py" and use.kind not in ("type", "import", "registration")
    ]


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("import cart_api_pb2", "cart_api_pb2"),
        ("import cart_api_pb2 as pb", "pb"),
        ("from shop.v1 import cart_api_pb2", "cart_api_pb2"),
        ("from shop.v1 import cart_api_pb2 as pb", "pb"),
        ("from genproto.shop.v1 import cart_api_pb2", "cart_api_pb2"),
        ("from . import cart_api_pb2", "cart_api_pb2"),
        ("import shop.v1.cart_api_pb2", "shop.v1.cart_api_pb2"),
        ("import shop.v1.cart_api_pb2 as pb", "pb"),
    ],
)
def test_every_way_to_import_a_stub_that_only_a_build_makes(
    schema: Schema, statement: str, name: str
) -> None:
    assert sites(schema, f"{statement}\n{name}.Item(\n    id='a')\n") == ["3 Item.id"]


def test_names_out_of_a_stub(schema: Schema) -> None:
    source = "from shop.v1.cart_api_pb2 import Item as Thing, COLOR_RED\nThing(color=COLOR_RED).count\n"
    assert sites(schema, source) == ["2 Item.color", "2 Color.COLOR_RED", "2 Item.count"]


def test_another_contract_of_the_same_file_name_is_a_library(schema: Schema) -> None:
    assert sites(schema, "from google.rpc import cart_api_pb2\ncart_api_pb2.Item(id='a')\n") == []


def test_messages(schema: Schema) -> None:
    source = """\
import cart_api_pb2 as pb
cart = pb.Cart(
    owner="a",
    items=[pb.Item(id="b")],
)
cart.items.add(count=1)
cart.items.append(pb.Item())
cart.by_id["x"].id = "y"
if cart.HasField("card"):
    cart.ClearField("cash")
which = cart.WhichOneof("payment")
if which == "cash" or which in ("card",):
    pass
getattr(cart, "from")
setattr(cart, "owner", "z")
for item in cart.items:
    print(item.note.text, item.size == pb.Item.LARGE)
counts = [i.count for i in sorted(cart.items, key=str) if i.id]
left = list(set(cart.items))[0].id
for key, value in cart.by_id.items():
    value.note.CopyFrom(pb.Item.Note(text="t"))
pb.Color.Value("COLOR_RED")
copy = pb.Cart.FromString(b"")
copy.owner += "!"
"""
    assert sites(schema, source) == [
        "3 Cart.owner",
        "4 Cart.items",
        "4 Item.id",
        "6 Cart.items",
        "6 Item.count",
        "7 Cart.items",
        "8 Cart.by_id",
        "8 Item.id",
        "9 Cart.card",
        "10 Cart.cash",
        "11 Cart.payment",
        "12 Cart.cash",
        "12 Cart.card",
        "14 Cart.from",
        "15 Cart.owner",
        "16 Cart.items",
        "17 Item.note",
        "17 Item.Note.text",
        "17 Item.size",
        "17 Item.Size.LARGE",
        "18 Item.count",
        "18 Cart.items",
        "18 Item.id",
        "19 Cart.items",
        "19 Item.id",
        "20 Cart.by_id",
        "21 Item.note",
        "21 Item.Note.text",
        "22 Color.COLOR_RED",
        "24 Cart.owner",
    ]


def test_types_come_through_functions_classes_and_modules(schema: Schema) -> None:
    helper = """\
from shop.v1 import cart_api_pb2_grpc
class Store:
    def __init__(self, stub: cart_api_pb2_grpc.CartsStub):
        self.stub = stub
        self.last = None
    @property
    def cart(self):
        return self.last
    def load(self, query):
        self.last = self.stub.Get(query)
        return self.last
def first(things):
    return things[0] if things else None
"""
    source = """\
import grpc
from dataclasses import dataclass
from typing import Optional
from shop.v1 import cart_api_pb2, cart_api_pb2_grpc
from helper import Store, first
@dataclass
class Line:
    item: Optional["cart_api_pb2.Item"]
def show(cart, extra):
    return cart.owner, extra.owner
def main(lines: list[Line]):
    store = Store(cart_api_pb2_grpc.CartsStub(grpc.insecure_channel("a:1")))
    cart = store.load(cart_api_pb2.Query(owner="a"))
    show(cart, extra=store.cart)
    print(first(cart.items).id, [line.item.count for line in lines])
    for item in store.stub.Watch(cart_api_pb2.Query()):
        item.color
    store.stub.Get.future(cart_api_pb2.Query()).result().owner
    reply, call = store.stub.Get.with_call(cart_api_pb2.Query())
    reply.owner
    owner = call.owner
"""
    assert sites(schema, source, helper=helper) == [
        "10 Cart.owner",
        "10 Cart.owner",
        "13 Query.owner",
        "15 Cart.items",
        "15 Item.id",
        "15 Item.count",
        "16 Carts/Watch",
        "17 Item.color",
        "18 Carts/Get",
        "18 Cart.owner",
        "19 Carts/Get",
        "20 Cart.owner",
    ]


def test_servicers(schema: Schema) -> None:
    source = """\
import cart_api_pb2, cart_api_pb2_grpc
class Base(cart_api_pb2_grpc.CartsServicer):
    def Check(self, request, context):
        return request.owner
class Carts(Base):
    def Get(self, request, context):
        return cart_api_pb2.Cart(owner=request.owner)
    async def Watch(self, request, context):
        yield cart_api_pb2.Item(id=request.owner)
    def Fill(self, request_iterator, context):
        for item in request_iterator:
            item.count
class Unrelated:
    def Get(self, request, context):
        return request.owner
def serve(server):
    cart_api_pb2_grpc.add_CartsServicer_to_server(Carts(), server)
"""
    assert sites(schema, source) == [
        "6 Carts/Get",
        "7 Cart.owner",
        "7 Query.owner",
        "8 Carts/Watch",
        "9 Item.id",
        "9 Query.owner",
        "10 Carts/Fill",
        "12 Item.count",
    ]
    implemented = found(schema, {"svc/app.py": source}).implementations
    assert [(one.line, one.service, one.how) for one in implemented] == [
        (2, "shop.v1.Carts", "derives"),
        (17, "shop.v1.Carts", "registers"),
    ]


def test_streams_of_asyncio(schema: Schema) -> None:
    source = """\
import cart_api_pb2 as pb
import cart_api_pb2_grpc
async def run(channel):
    stub = cart_api_pb2_grpc.CartsStub(channel)
    call = stub.Fill()
    await call.write(pb.Item(id="a"))
    (await call).owner
    async for item in stub.Watch(pb.Query()):
        item.id
"""
    assert sites(schema, source) == [
        "5 Carts/Fill",
        "6 Item.id",
        "7 Cart.owner",
        "8 Carts/Watch",
        "9 Item.id",
    ]


def test_a_name_alone_is_no_use(schema: Schema) -> None:
    source = """\
import cart_api_pb2
class Owner:
    def __init__(self, owner, count):
        self.owner = owner
        self.count = count
def show(options):
    return Owner(1, 2).owner, {"id": 1}["id"], options.count
"""
    result = found(schema, {"svc/app.py": source})
    assert [use.kind for use in result.uses] == ["import"]
    assert [(one.line, one.name) for one in result.mentions] == [(7, "count")]


def test_variables_change_their_type(schema: Schema) -> None:
    source = """\
import cart_api_pb2 as pb
def run(flag):
    value = pb.Query()
    value.owner
    value = pb.Cart()
    value.owner
    if flag:
        value = pb.Query()
    value.owner
    previous = None
    for item in pb.Cart().items:
        if previous:
            previous.id
        previous = item
"""
    assert sites(schema, source) == [
        "4 Query.owner",
        "6 Cart.owner",
        "9 Cart.owner",
        "9 Query.owner",
        "11 Cart.items",
        "13 Item.id",
    ]


def test_whole_messages_that_go_out_of_sight(schema: Schema) -> None:
    source = """\
import json
from google.protobuf import json_format
from google.protobuf.json_format import MessageToDict
import cart_api_pb2 as pb
cart = pb.Cart()
MessageToDict(cart)
json_format.Parse("{}", pb.Query()).owner
cart.SerializeToString()
def read(name, fields):
    getattr(cart, name)
"""
    result = found(schema, {"svc/app.py": source})
    assert [(one.line, one.message, one.how) for one in result.escapes] == [
        (6, "shop.v1.Cart", "json"),
        (7, "shop.v1.Query", "json"),
        (8, "shop.v1.Cart", "bytes"),
        (10, "shop.v1.Cart", "reflection"),
    ]
    assert [use.element for use in result.uses if use.line == 7 and use.kind == "field"] == [
        "shop.v1.Query.owner"
    ]


def test_match_statements_and_walruses(schema: Schema) -> None:
    source = """\
import cart_api_pb2 as pb
def run(cart: pb.Cart | None, anything):
    match cart.WhichOneof("payment"):
        case "card":
            return cart.card
    match anything:
        case pb.Item(count=1) as item:
            item.id
    if (first := cart.items[0]) and [n.text for i in cart.items if (n := i.note)]:
        first.id
"""
    assert sites(schema, source) == [
        "3 Cart.payment",
        "4 Cart.card",
        "5 Cart.card",
        "7 Item.count",
        "8 Item.id",
        "9 Cart.items",
        "9 Item.Note.text",
        "9 Cart.items",
        "9 Item.note",
        "10 Item.id",
    ]


def test_annotations(schema: Schema) -> None:
    source = """\
from collections.abc import Callable
from typing import Dict, List, Optional, Tuple, TypeVar, Union
import cart_api_pb2 as pb
from other_pb2 import List as Listed
Either = TypeVar("Either", pb.Cart, pb.Query)
def a(rows: List[Tuple[str, Optional[pb.Item]]], ends: tuple[pb.Cart, ...], by: Dict[str, "pb.Item"]):
    for _, item in rows:
        item.id
    ends[0].owner
    by.get("x").count
def b(one: Union[pb.Item, None], f: Callable[[int], pb.Query], *rest: pb.Item, **named: pb.Cart):
    one.id, f(1).owner, rest[0].count, named["x"].card
def c(either: Either, listed: Listed):
    either.owner
    listed[0].id
"""
    assert sites(schema, source) == [
        "8 Item.id",
        "9 Cart.owner",
        "10 Item.count",
        "12 Item.id",
        "12 Query.owner",
        "12 Item.count",
        "12 Cart.card",
        "14 Cart.owner",
        "14 Query.owner",
    ]


def test_stubs_behind_factories_and_base_classes(schema: Schema) -> None:
    source = """\
import cart_api_pb2 as pb, cart_api_pb2_grpc as rpc
def stub_property(stub_class):
    def get(self):
        return stub_class(self.channel)
    return property(get)
class Base:
    carts = stub_property(rpc.CartsStub)
    def __init__(self, stub):
        self._stub = stub
class Client(Base):
    def __init__(self, channel):
        super().__init__(rpc.CartsStub(channel))
    def run(self):
        self.carts.Get(pb.Query())
        self._stub.Watch(pb.Query())
"""
    assert sites(schema, source) == ["14 Carts/Get", "15 Carts/Watch"]


def test_reexports_and_modules_that_import_each_other(schema: Schema) -> None:
    one = "from shop.v1.cart_api_pb2 import *\nfrom two import nothing\n"
    two = "from one import nothing\n"
    assert sites(schema, "import one\none.Item(id='a')\none.nothing\n", one=one, two=two) == ["2 Item.id"]


def test_stubs_in_the_repository_give_no_sites(schema: Schema) -> None:
    stub = (
        "# Generated by the protocol buffer compiler.  DO NOT EDIT!\n"
        "# source: shop/v1/cart-api.proto\nimport cart_api_pb2 as x\nx.Item(id='a')\n"
    )
    files = {"svc/renamed/cart_api_pb2.py": stub, "svc/app.py": "from renamed import cart_api_pb2\n"}
    uses = found(schema, files).uses
    assert [(use.path, use.element) for use in uses] == [("svc/app.py", "file:proto/shop/v1/cart-api.proto")]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe" + "x = 1".encode("utf-16-le"),
        b"caf\xe9 = 1\n",
        b"def f(:\n  x = (1\nclass\n\x00",
        b"<<<<<<< ours\nx.id\n=======\n>>>>>>> theirs\n",
        b"(" * 5000,
        b"x = " + b"a + " * 5000 + b"a\n",
        b"x" + b".a()" * 3000,
        b"[" * 300 + b"x.id" + b"]" * 300,
        b"if a:\n" + b"elif b: pass\n" * 2000,
    ],
)
def test_bad_input_is_lowered_all_the_same(data: bytes) -> None:
    assert python.lower(data).language == "python"


def test_a_syntax_error_costs_a_statement_only(schema: Schema) -> None:
    source = "import cart_api_pb2 as pb\ndef broken(:\n    pass\npb.Item(id='a')\n"
    assert sites(schema, source) == ["4 Item.id"]


def test_columns_are_characters(schema: Schema) -> None:
    source = "import cart_api_pb2 as pb\nx = 'äöü'; pb.Item().id\n"
    uses = [use for use in found(schema, {"svc/app.py": source}).uses if use.kind == "field"]
    assert [(use.line, use.column, use.symbol) for use in uses] == [(2, 22, "id")]


def test_who_imports_the_stubs_of_other_contracts_alone_is_not_followed(schema: Schema) -> None:
    """A contract is one of thousands: their stubs are here, and say whose they are. A stub that is not here,
    or is named in another way than by an import, may be one of its own."""
    stubs = {
        "gen/other_pb2.py": StubFile("protoc-python", "shop/v1/other.proto"),
        "gen/cart_api_pb2.py": StubFile("protoc-python", "shop/v1/cart-api.proto"),
    }
    files = {
        "other.py": "from gen import other_pb2\nprint(other_pb2.Other().total)\n",
        "own.py": "from gen import cart_api_pb2 as pb\n",
        "above.py": "import own\n",
        "made.py": "from made import unseen_pb2\n",
        "named.py": "import importlib\nimportlib.import_module('gen.cart_api_pb2')\n",
        "gen/other_pb2.py": "import x\nx.build(DESCRIPTOR, 'gen.other_pb2')\n",
    }
    seen = {path: imports(text.encode()) for path, text in files.items()}
    layout = Layout(frozenset({*stubs, *files}), stubs=stubs)
    assert relevant(seen, schema, layout) == {"own.py", "above.py", "made.py", "named.py"}
