"""Use sites of a contract in JavaScript and TypeScript; the schema is compiled by the real buf."""

from __future__ import annotations

import pytest

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf.declared import schema_of
from workspai_hooks.contracts.protobuf.schema import EnumType, Field, Kind, Schema
from workspai_hooks.source import Location
from workspai_hooks.tools.buf import resolve_buf
from workspai_hooks.workspace.use_sites.ecmascript import lowering
from workspai_hooks.workspace.use_sites.ecmascript.names import (
    field_names,
    rpc_names,
    type_names,
    value_names,
)
from workspai_hooks.workspace.use_sites.found import Found
from workspai_hooks.workspace.use_sites.gather import find_everything
from workspai_hooks.workspace.use_sites.syntax import Class, Function

PROTO = """\
syntax = "proto3";
package shop.v1;
enum Color { COLOR_UNSPECIFIED = 0; COLOR_DARK_RED = 1; }
message Item {
  enum Size { SMALL = 0; LARGE = 1; }
  string product_id = 1;
  int32 quantity = 2;
  Color color = 3;
  Size size = 4;
}
message Cart {
  string user_id = 1;
  repeated Item items = 2;
  map<string, Item> by_id = 3;
  oneof payment { string card = 4; int64 cash = 5; }
  string label = 6;
}
message Query { string user_id = 1; }
service Carts {
  rpc GetCart(Query) returns (Cart);
  rpc Watch(Query) returns (stream Item);
  rpc Fill(stream Item) returns (Cart);
}
"""
PATH = "protos/cart.proto"
NAMES = "Cart, CartsClient, CartsServer, CartsService, Color, Item, Item_Size, Query"
STUBS = f"import {{ {NAMES} }} from './gen/cart';\n"
LOADED = """\
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');
const pkg = grpc.loadPackageDefinition(loader.loadSync('cart.proto', { keepCase: true })).shop.v1;
"""


@pytest.fixture(scope="module")
def schema() -> Schema:
    known, undecided = schema_of(Snapshot.of({PATH: PROTO}), resolve_buf())
    assert not undecided
    return known


def found(schema: Schema, files: dict[str, str]) -> Found:
    return find_everything(Snapshot.of({PATH: PROTO, **files}), schema)


def sites(schema: Schema, files: dict[str, str], path: str) -> list[str]:
    """`line element` of fields, oneofs, enum values and rpcs in one file."""
    return [
        f"{use.line} {use.element.removeprefix('shop.v1.')}"
        for use in found(schema, files).uses
        if use.path == path and use.kind not in ("type", "import", "registration")
    ]


def typed(schema: Schema, source: str) -> list[str]:
    """Sites of a TypeScript file after its imports: its first line is line 1."""
    return [
        f"{int(site.split()[0]) - 1} {site.split()[1]}"
        for site in sites(schema, {"svc/app.tsx": STUBS + source}, "svc/app.tsx")
    ]


def loaded(schema: Schema, source: str, **more: str) -> list[str]:
    """Sites of a JavaScript file that loads the contract while it runs."""
    files = {"svc/app.js": LOADED + source, **{f"svc/{name}.js": text for name, text in more.items()}}
    return [f"{int(site.split()[0]) - 3} {site.split()[1]}" for site in sites(schema, files, "svc/app.js")]


# -- names


def test_names_of_all_generators() -> None:
    def names(name: str, json_name: str) -> frozenset[str]:
        return field_names(Field(name, 1, Kind.SCALAR, "string", Location("x", 1), json_name=json_name))

    assert {"product_id", "productId"} <= names("product_id", "productId")
    assert {"field2d", "field_2d", "field2D"} <= names("field_2d", "field2d")
    assert {"URLPath", "uRLPath"} <= names("URL_path", "URLPath")
    assert "constructor$" in names("constructor", "constructor")
    assert {"GetHTTPStatus", "getHTTPStatus", "getHttpStatus"} == rpc_names("GetHTTPStatus")
    assert {"get_snake", "getSnake"} <= rpc_names("get_snake")
    assert {"Item_Note_2", "Item_Note2"} <= type_names("a.b.Item.Note_2", "a.b")
    color = EnumType("a.Color", "", Location("x", 1), {"COLOR_RED": (1, Location("x", 1))})
    assert value_names(color, "COLOR_RED") == {"COLOR_RED", "RED"}


# -- imports


@pytest.mark.parametrize(
    "line",
    [
        "import { Item } from './gen/cart';",
        "import { type Item as I } from './gen/cart.js'; type Item = I;",
        "import * as pb from '../svc/gen/cart'; type Item = pb.Item;",
        "import type { Item } from '@/gen/cart_pb';",
        "import { Item } from '@acme/contracts';",
        "import { Item } from './barrel';",
        "import { again } from './barrel'; type Item = again.Item;",
        "import pb = require('./gen/cart'); type Item = pb.Item;",
        "import { Line as Item } from './barrel';",
    ],
)
def test_every_way_to_name_a_type(schema: Schema, line: str) -> None:
    files = {
        "svc/app.ts": f"{line}\nexport const f = (x: Item) => x.productId;\n",
        "svc/barrel/index.ts": (
            "export * from './inner'; export * as again from '../gen/cart';\n"
            "export { Item as Line } from '../gen/cart';\n"
        ),
        "svc/barrel/inner.ts": "export { Item } from '../gen/cart';\n",
        "svc/tsconfig.json": '{ // aliases\n "compilerOptions": { "paths": { "@/*": ["./*"], }, } }',
        "packages/contracts/package.json": '{"name": "@acme/contracts", "main": "dist/index.js"}',
        "packages/contracts/src/index.ts": "export * from './gen/cart';\n",
    }
    assert sites(schema, files, "svc/app.ts") == ["2 Item.product_id"]


def test_committed_stubs_tell_their_contract_and_give_no_sites(schema: Schema) -> None:
    stub = (
        "// Code generated by protoc-gen-ts_proto. DO NOT EDIT.\n// source: cart.proto\n"
        "export interface Item { productId: string }\nexport const x = (i: Item) => i.productId;\n"
    )
    files = {
        "svc/api/generated.ts": stub,
        "svc/app.ts": "import { Item } from './api/generated';\nlet i: Item = { productId: 'x' };\n",
    }
    assert {use.path for use in found(schema, files).uses} == {"svc/app.ts"}
    assert sites(schema, files, "svc/app.ts") == ["2 Item.product_id"]


# -- typed code


def test_members_literals_and_destructuring(schema: Schema) -> None:
    source = """\
const f = (cart: Cart, id?: string) => cart.items[0]?.productId ?? cart['label'];
const made: Cart = { userId: 'x', items: [{ productId: 'p', quantity: 1 }], label };
const { userId: who, items: [first, ...others], byId = {}, ...rest } = made;
first.quantity; others[0].color; rest.label; byId['a'].size;
function g({ userId, items }: Cart, { quantity: n = 0 }: Item) {}
for (const { productId } of made.items) {}
const copy = { ...made, extra: 1 }; copy.label;
const cast = JSON.parse(text) as Item[]; cast.map((one) => one.quantity);
made.label = 'y';
if (first.color === Color.COLOR_DARK_RED || first.size === Item_Size.LARGE) {}
const whole = Cart.fromPartial({ label: 'z' });
const all = Object.values(made.byId).filter((i) => i.quantity > 1).map(({ color }) => color);
const sum = made.items.reduce((n, i) => n + i.quantity, 0);
const index: Record<string, Item> = {}; index['a'].size;
const known = new Map<string, Item>(); known.get('a')!.size;
"""
    assert typed(schema, source) == [
        *("1 Cart.items", "1 Item.product_id", "1 Cart.label"),
        *("2 Cart.user_id", "2 Cart.items", "2 Item.product_id", "2 Item.quantity", "2 Cart.label"),
        *("3 Cart.user_id", "3 Cart.items", "3 Cart.by_id"),
        *("4 Item.quantity", "4 Item.color", "4 Cart.label", "4 Item.size"),
        *("5 Cart.user_id", "5 Cart.items", "5 Item.quantity"),
        *("6 Item.product_id", "6 Cart.items"),
        *("7 Cart.label", "8 Item.quantity", "9 Cart.label"),
        *("10 Item.color", "10 Color.COLOR_DARK_RED", "10 Item.size", "10 Item.Size.LARGE"),
        "11 Cart.label",
        *("12 Cart.by_id", "12 Item.quantity", "12 Item.color"),
        *("13 Cart.items", "13 Item.quantity", "14 Item.size", "15 Item.size"),
    ]


def test_written_types(schema: Schema) -> None:
    source = """\
type Short = Pick<Cart, 'userId' | 'label'>; const a = (x: Short) => x.label;
type Loose = Partial<Omit<Cart, 'items'>> | null; const b = (x: Loose) => x?.userId;
const c = (x: Cart['items'][number]) => x.quantity;
interface Rich extends Item { extra: number } const d = (x: Rich) => x.productId;
type Both = Item & { note: string }; const e = ({ color, note }: Both) => note;
type Maybe<T> = T | undefined; const g = (x: Maybe<Item>) => x!.size;
interface Page<T> { rows: T[] } const h = (x: Page<Item>) => x.rows.map((r) => r.quantity);
class Box { constructor(private readonly item: Item, public at = 0) {} get(): Item { return this.item; } }
const i = new Box(x).get().productId;
const j = { quantity: 1 } satisfies Partial<Item>;
type Made = ReturnType<typeof make>; function make(): Item { return read(); } const k = (x: Made) => x.color;
async function load<T>(url: string): Promise<T> { return (await fetch(url)).json(); }
load<Item>('/x').then(({ size }) => size); const l = await load<Cart>('/y'); l.label;
"""
    assert typed(schema, source) == [
        *("1 Cart.user_id", "1 Cart.label", "1 Cart.label"),
        *("2 Cart.user_id", "3 Cart.items", "3 Item.quantity", "4 Item.product_id", "5 Item.color"),
        *("6 Item.size", "7 Item.quantity", "9 Item.product_id", "10 Item.quantity", "11 Item.color"),
        *("13 Item.size", "13 Cart.label"),
    ]


def test_clients_and_servers_with_callbacks(schema: Schema) -> None:
    source = """\
const client = new CartsClient('carts:1', credentials);
client.getCart({ userId: 'x' }, (error, cart) => cart.label);
const get = (userId: string) =>
  new Promise((resolve, reject) => client.getCart({ userId }, (e, r) => (e ? reject(e) : resolve(r))));
get('x').then((cart) => cart.items);
client.watch({ userId: 'x' }).on('data', (item) => item.color).on('error', (e) => e.label);
client.fill((e, cart) => cart.label).write({ productId: 'x' });
const impl: CartsServer = {
  getCart(call, callback) { callback(null, { userId: call.request.userId }); },
  watch: (call) => call.write({ size: Item_Size.SMALL }),
};
server.addService(CartsService, impl);
"""
    assert typed(schema, source) == [
        *("2 Carts/GetCart", "2 Query.user_id", "2 Cart.label"),
        *("4 Carts/GetCart", "4 Query.user_id", "5 Cart.items"),
        *("6 Carts/Watch", "6 Query.user_id", "6 Item.color"),
        *("7 Carts/Fill", "7 Cart.label", "7 Item.product_id"),
        *("9 Carts/GetCart", "9 Cart.user_id", "9 Query.user_id"),
        *("10 Carts/Watch", "10 Item.size", "10 Item.Size.SMALL"),
    ]
    made = found(schema, {"svc/app.ts": STUBS + source}).implementations
    assert {(one.line, one.service) for one in made} == {(9, "shop.v1.Carts")}


def test_protobuf_es_and_connect(schema: Schema) -> None:
    source = """\
import { create, toJson } from '@bufbuild/protobuf';
import { createClient } from '@connectrpc/connect';
import { CartSchema, Carts, Color } from './gen/shop/v1/cart_pb.js';
const client = createClient(Carts, transport);
const cart = await client.getCart({ userId: 'x' });
for await (const item of client.watch({ userId: 'y' })) item.color === Color.DARK_RED;
const made = create(CartSchema, { items: [{ quantity: 1 }], payment: { case: 'card', value: 'x' } });
switch (made.payment.case) { case 'cash': break; }
toJson(CartSchema, cart);
export default (router: ConnectRouter) => router.service(Carts, {
  async getCart(request) { return { label: request.userId }; },
});
"""
    assert sites(schema, {"web/a.ts": source}, "web/a.ts") == [
        *("5 Carts/GetCart", "5 Query.user_id"),
        *("6 Carts/Watch", "6 Query.user_id", "6 Item.color", "6 Color.COLOR_DARK_RED"),
        *("7 Cart.items", "7 Item.quantity", "7 Cart.payment", "7 Cart.card"),
        *("8 Cart.payment", "8 Cart.cash"),
        *("11 Carts/GetCart", "11 Cart.label", "11 Query.user_id"),
    ]
    escapes = found(schema, {"web/a.ts": source}).escapes
    assert [(escape.line, escape.message, escape.how) for escape in escapes] == [(9, "shop.v1.Cart", "json")]


def test_google_protobuf(schema: Schema) -> None:
    source = """\
const { CartsClient } = require('./gen/cart_grpc_web_pb');
const pb = require('./gen/cart_pb');
const query = new pb.Query().setUserId('x');
new CartsClient('http://x').getCart(query, {}, (error, cart) => {
  cart.getItemsList().forEach((item) => item.setColor(pb.Color.COLOR_DARK_RED));
  cart.getByIdMap().get('x').getProductId();
  cart.toObject().itemsList.map((item) => item.quantity);
  if (cart.hasCard() || cart.getPaymentCase() === pb.Cart.PaymentCase.CASH) return;
});
"""
    assert sites(schema, {"web/a.js": source}, "web/a.js") == [
        *("3 Query.user_id", "4 Carts/GetCart"),
        *("5 Cart.items", "5 Item.color", "5 Color.COLOR_DARK_RED", "6 Cart.by_id", "6 Item.product_id"),
        *(
            "7 Cart.items",
            "7 Item.quantity",
            "8 Cart.card",
            "8 Cart.payment",
            "8 Cart.payment",
            "8 Cart.cash",
        ),
    ]


def test_protobuf_ts_and_nest(schema: Schema) -> None:
    source = """\
import { CartsClient } from './gen/cart.client';
import { Cart, CartsController, Query } from './gen/cart';
const { response } = await new CartsClient(transport).getCart({ userId: 'x' });
response.label;
export class A implements CartsController {
  constructor(private grpc: ClientGrpc) { this.carts = grpc.getService<CartsClient>('Carts'); }
  getCart(query: Query) { return this.carts.getCart(query).pipe(map((cart) => cart.items)); }
}
export class B {
  @GrpcMethod('Carts', 'GetCart')
  find(query: Query): Cart { return { label: query.userId } as Cart; }
}
"""
    assert sites(schema, {"web/a.ts": source}, "web/a.ts") == [
        *("3 Carts/GetCart", "3 Query.user_id", "4 Cart.label"),
        *("7 Carts/GetCart", "7 Carts/GetCart", "7 Cart.items"),
        *("10 Carts/GetCart", "11 Cart.label", "11 Query.user_id"),
    ]
    made = found(schema, {"web/a.ts": source}).implementations
    assert [(one.line, one.service) for one in made] == [(5, "shop.v1.Carts"), (10, "shop.v1.Carts")]


# -- contracts that are loaded while the program runs


def test_handlers_are_found_through_the_registration(schema: Schema) -> None:
    source = """\
const { getCart } = require('./handlers');
const handlers = { GetCart: getCart, watch: function ({ request: { user_id } }) { return user_id; } };
server.addService(pkg.Carts.service, handlers);
"""
    handlers = """\
const repo = require('./repo');
async function getCart(call, callback) {
  const cart = await repo.find(call.request.user_id);
  cart.label = 'x';
  callback(null, cart);
}
module.exports = { getCart };
"""
    repo = """\
exports.find = async (id) => ({ user_id: id, items: rows.map(toItem) });
const toItem = (row) => ({ product_id: row.pid, color: 'COLOR_DARK_RED' });
const other = { product_id: 1, label: 2 };
other.label;
"""
    files = {"svc/app.js": LOADED + source, "svc/handlers.js": handlers, "svc/repo.js": repo}
    assert sites(schema, files, "svc/app.js") == ["5 Carts/GetCart", "5 Carts/Watch", "5 Query.user_id"]
    assert sites(schema, files, "svc/handlers.js") == ["3 Query.user_id", "4 Cart.label"]
    assert sites(schema, files, "svc/repo.js") == [
        *("1 Cart.user_id", "1 Cart.items", "2 Item.product_id", "2 Item.color", "2 Color.COLOR_DARK_RED"),
    ]


def test_libraries_of_the_browser_are_not_looked_into(schema: Schema) -> None:
    body = STUBS + "export const name = (cart: Cart) => cart.label;\n"
    places = ("web/wwwroot/lib/a.ts", "bower_components/a.ts", "web/a.min.js", "web/wwwroot/js/a.ts")
    used = {path: sites(schema, {path: body}, path) for path in places}
    assert {path for path, found in used.items() if found} == {"web/wwwroot/js/a.ts"}


def test_clients_of_loaded_contracts(schema: Schema) -> None:
    source = """\
const client = new pkg.Carts('carts:1', credentials);
const query = { user_id: 'x' };
client.GetCart(query, (error, cart) => show(cart));
function show(cart) { for (const { product_id } of cart.items) print(product_id); }
const get = promisify(client.getCart).bind(client);
const { promisify } = require('util');
(async () => { const cart = await get({ user_id: 'y' }); return cart.label; })();
query.user_id;
"""
    assert loaded(schema, source) == [
        *("2 Query.user_id", "3 Carts/GetCart", "4 Item.product_id", "4 Cart.items"),
        *("5 Carts/GetCart", "7 Query.user_id", "7 Cart.label", "8 Query.user_id"),
    ]


def test_classes_that_hold_what_was_loaded(schema: Schema) -> None:
    source = """\
class Server {
  constructor() { this.packages = { carts: this.load() }; }
  static handle(call, callback) { callback(null, { label: call.request.user_id }); }
  load() { return pkg; }
  start() { server.addService(this.packages.carts.Carts.service, { getCart: Server.handle.bind(this) }); }
}
module.exports = Server;
"""
    assert loaded(schema, source) == ["3 Cart.label", "3 Query.user_id", "5 Carts/GetCart"]


# -- React


def test_components_hooks_and_contexts(schema: Schema) -> None:
    api = """\
import { Cart, Item } from './gen/cart';
export const fetchCart = async (id: string): Promise<Cart> => (await fetch(`/api/${id}`)).json();
"""
    app = """\
import React, { createContext, useContext, useEffect, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { fetchCart } from './api';
import type { Item } from './gen/cart';
const Shown = createContext(null);
const Row: React.FC<{ item: Item }> = ({ item: { productId } }) => <td>{productId}</td>;
const Line = ({ item }) => <b>{item.quantity}</b>;
const Deep = () => <i>{useContext(Shown).size}</i>;
export default function App() {
  const [cart, setCart] = useState(null);
  useEffect(() => { fetchCart('x').then(setCart); }, []);
  const { data } = useQuery({ queryKey: ['x'], queryFn: () => fetchCart('y') });
  return <ul onClick={(e) => e.label}>
    {cart.items.map((item) => <Row key={item.color} item={item} />)}
    {data.items.map((item) => <Shown.Provider value={item}><Line item={item} /></Shown.Provider>)}
  </ul>;
}
"""
    assert sites(schema, {"web/api.ts": api, "web/app.tsx": app}, "web/app.tsx") == [
        *("6 Item.product_id", "7 Item.quantity", "8 Item.size"),
        *("14 Cart.items", "14 Item.color", "15 Cart.items"),
    ]


def test_functions_that_make_what_a_type_argument_says(schema: Schema) -> None:
    app = """\
import { useMemo } from 'react';
import type { Item } from './gen/cart';
export const useTotal = (n: number) => useMemo<Item>(() => {
  const quantity = n;
  return {
    quantity: quantity * 2,
    productId: 'x',
  };
}, [n]);
export const useOther = (n: number) => useMemo<{ quantity: number }>(() => ({ quantity: n }), [n]);
"""
    assert sites(schema, {"web/app.tsx": app}, "web/app.tsx") == ["6 Item.quantity", "7 Item.product_id"]


def test_literals_that_become_an_interface_which_extends_a_message(schema: Schema) -> None:
    app = """\
import type { NextApiHandler } from 'next';
import { useQuery } from '@tanstack/react-query';
import type { Cart, Query } from './gen/cart';
interface Shown extends Cart { note: string }
interface Other { userId: string }
const fetchCart = async (): Promise<Shown> => (await fetch('/api')).json();
const fetchOther = async (): Promise<Other> => (await fetch('/other')).json();
export const App = () => {
  const { data: cart = { userId: '', items: [], note: '' } } = useQuery({ queryFn: () => fetchCart() });
  const { data: other = { userId: '' } } = useQuery({ queryFn: () => fetchOther() });
  return [cart.note, other.userId];
};
export const handler: NextApiHandler<Shown | Query> = async (req, res) => {
  const note = 'x';
  return res.status(200).json({ label: note, note });
};
"""
    assert sites(schema, {"web/app.tsx": app}, "web/app.tsx") == [
        *("9 Cart.user_id", "9 Cart.items", "15 Cart.label"),
    ]


def test_literals_that_are_put_under_a_computed_key(schema: Schema) -> None:
    source = """\
export const fill = (cart: Cart, key: string) => {
  cart.byId[key] = { productId: 'x' };
  cart.items[0] = { quantity: 1 };
};
export const made = (key: string): Cart => {
  const cart = {};
  cart.byId = {};
  cart.byId[key] = { size: 1 };
  return cart;
};
export const other = (held: Record<string, { quantity: number }>, key: string) => {
  held[key] = { quantity: 1 };
};
"""
    assert sites(schema, {"web/app.ts": STUBS + source}, "web/app.ts") == [
        *("3 Cart.by_id", "3 Item.product_id", "4 Cart.items", "4 Item.quantity"),
        *("8 Cart.by_id", "9 Cart.by_id", "9 Item.size"),
    ]


def test_handlers_given_to_the_server_of_the_package_grpc(schema: Schema) -> None:
    source = """\
function getCart(call, callback) { callback(null, { label: call.request.user_id }); }
server.addProtoService(pkg.Carts.service, { getCart: getCart });
"""
    assert loaded(schema, source) == ["1 Cart.label", "1 Query.user_id", "2 Carts/GetCart"]


# -- traps, escapes, confidence


def test_what_has_a_field_s_name_but_is_something_else(schema: Schema) -> None:
    source = """\
class Cart { label = ''; items: Item[] = []; }
interface Item { productId: string; quantity: number }
const cart = new Cart(); cart.label; cart.items.map((i) => i.quantity);
const local: Item = { productId: 'x', quantity: 1 };
const options = { label: 'x', quantity: 2 }; options.label; // cart.label
document.querySelector('x').label;
"""
    files = {"web/a.ts": source, "web/b.ts": STUBS + "export const q = (x: Query) => x.userId;\n"}
    assert sites(schema, files, "web/a.ts") == []
    assert sites(schema, files, "web/b.ts") == ["2 Query.user_id"]


def test_two_messages_with_a_field_of_one_name(schema: Schema) -> None:
    assert typed(schema, "const f = (q: Query, c: Cart) => q.userId === c.userId;\n") == [
        "1 Query.user_id",
        "1 Cart.user_id",
    ]


def test_whole_messages_that_leave_sight(schema: Schema) -> None:
    source = """\
export default (cart: Cart, res: any, key: string) => {
  JSON.stringify(cart); res.status(200).json(cart); Object.keys(cart); cart[key]; Cart.encode(cart).finish();
  lodash.merge(cart, {});
};
"""
    escapes = found(schema, {"web/a.ts": "import lodash from 'lodash';\n" + STUBS + source}).escapes
    assert sorted({(one.line, one.how) for one in escapes}) == [
        *((4, "bytes"), (4, "json"), (4, "reflection"), (5, "library")),
    ]


def test_accessors_of_unknown_values_are_mentions(schema: Schema) -> None:
    result = found(schema, {"web/a.ts": STUBS + "export const f = (x: any) => x.productId;\n"})
    assert [(one.line, one.name) for one in result.mentions] == [(2, "productId")]


def test_what_a_literal_is_by_where_it_goes_is_likely(schema: Schema) -> None:
    source = "const made = { label: 'x' };\nnew CartsService();\nsend(made);\nfunction send(c: Cart) {}\n"
    uses = found(schema, {"web/a.ts": STUBS + source}).uses
    assert [(one.line, one.confidence) for one in uses if one.element == "shop.v1.Cart.label"] == [
        (2, "likely")
    ]


def test_a_literal_that_stands_in_for_a_message(schema: Schema) -> None:
    source = "const f = ({ items: [one = { quantity: 0 }] }: Cart) => one.color;\n"
    uses = found(schema, {"web/a.ts": STUBS + source}).uses
    assert [(one.element, one.confidence) for one in uses if one.kind == "field"] == [
        ("shop.v1.Cart.items", "proven"),
        ("shop.v1.Item.quantity", "likely"),
        ("shop.v1.Item.color", "proven"),
    ]


def test_test_code_is_marked(schema: Schema) -> None:
    uses = found(schema, {"web/a.test.ts": STUBS + "const x = (c: Cart) => c.label;\n"}).uses
    assert {use.in_test for use in uses} == {True}


# -- bad input


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"\xff\xfe\x00",
        b"const x = {",
        b"import { from '",
        b"export default class {",
        b"<<<<<<< HEAD\nconst a = 1;\n=======\n",
        b"(" * 5000,
        b"a." * 20000,
        b"const x = [" * 3000,
        b"<a>" * 2000,
        b"const " + b"[" * 3000 + b"a" + b"]" * 3000 + b" = b;",
        b"const " + b"{a: " * 3000 + b"b" + b"}" * 3000 + b" = c;",
        b"type A = "
        + b"(" * 3000
        + b"'x'"
        + b")" * 3000
        + b"; type B = Pick<A, "
        + b"'a' | " * 3000
        + b"'b'>;",
        b"if (a) " * 3000,
        b"class A { m() { " * 2000,
        b"a => " * 3000 + b"1",
        b"export =",
        b"`${`${`",
        b"\0" * 100,
    ],
)
def test_broken_sources_are_lowered(source: bytes) -> None:
    assert lowering.lower(source).language == "ecmascript"


def test_bundles_are_passed_over() -> None:
    assert lowering.lower(b"var a=1;" * 4000).body == ()


def test_casts_without_jsx_and_elements_with_it() -> None:
    cast = lowering.lower(b"const x = <Item>y; function f<T>(a: T) { return <any>a; }\n")
    assert [type(one) for one in cast.body[1:]] == [Function]
    element = lowering.lower(b"class A { render() { return <b>{x}</b>; } }\n")
    assert [type(one) for one in element.body] == [Class]
