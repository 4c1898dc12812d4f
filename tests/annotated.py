"""Sources whose lines say at their ends which elements they use (`@uses Cart.items, Item.color`).

Elements are fields, oneofs, enum values, rpcs and (where asked for) types, without their package.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf.declared import schema_of
from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.tools.buf import resolve_buf
from workspai_hooks.workspace.use_sites.found import Found
from workspai_hooks.workspace.use_sites.gather import find_everything

PACKAGE = "shop.cart_api.v1."
PATH = "protos/shop/cart.proto"
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
  oneof payment { string card = 4; int64 cash = 5; Item gift = 8; }
  optional string label = 6;
  string cart = 7;
  string twoD_2d = 9;
}
message Query { string user_id = 1; string product_id = 2; }
service Carts {
  rpc Get(Query) returns (Cart);
  rpc Watch(Query) returns (stream Item);
  rpc Fill(stream Item) returns (Cart);
  rpc Chat(stream Item) returns (stream Cart);
}
"""
SAYS = re.compile(r"@uses ([\w./, ]+?)\s*(?:(?:--)?%>|-->|\*/|\?>|$)")
QUIET = ("type", "import", "registration")


@functools.cache
def schema(proto: str = PROTO) -> Schema:
    """The contract, compiled by the real buf."""
    known, undecided = schema_of(Snapshot.of({PATH: proto}), resolve_buf())
    assert not undecided
    return known


def found(files: Mapping[str, str], proto: str = PROTO) -> Found:
    """What is found in these files."""
    return find_everything(Snapshot.of({PATH: proto, **files}), schema(proto))


def said(files: Mapping[str, str]) -> set[str]:
    """`path:line element` as the sources say themselves."""
    return {
        f"{path}:{number} {element.strip()}"
        for path, text in files.items()
        for number, line in enumerate(text.splitlines(), 1)
        for says in SAYS.findall(line)
        for element in says.split(",")
    }


def used(files: Mapping[str, str], kinds: tuple[str, ...] = QUIET) -> set[str]:
    """`path:line element` as it is found, without types, imports and registrations."""
    return {
        f"{use.path}:{use.line} {use.element.removeprefix(PACKAGE)}"
        for use in found(files).uses
        if use.kind not in kinds
    }


def check(files: Mapping[str, str]) -> Found:
    """Every line uses what it says, and nothing else."""
    got, want = used(files), said(files)
    assert got == want, f"missing {sorted(want - got)}, extra {sorted(got - want)}"
    return found(files)
