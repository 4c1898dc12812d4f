"""Which lines of Go sources use which elements of a contract."""

from __future__ import annotations

import pytest
from go_contract import GO_MOD, HEAD, STUB, check, contract, find, marked, used

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf.schema import Field, Kind, Message
from workspai_hooks.source import Location
from workspai_hooks.workspace.use_sites.found import Escape, Implementation, Mention
from workspai_hooks.workspace.use_sites.gather import find_everything
from workspai_hooks.workspace.use_sites.go.lowering import lower
from workspai_hooks.workspace.use_sites.go.names import camel, names_of
from workspai_hooks.workspace.use_sites.go.stubs import stub_of
from workspai_hooks.workspace.use_sites.naming import StubFile


def test_literals_getters_and_fields_with_elided_types() -> None:
    check(
        main="""
func make() *pb.Order {
	o := &pb.Order{
		OrderId: "1", // = Order.order_id
		Lines: []*pb.Line{ // = Order.lines
			{Sku: "a", Count: 1}, // = Line.sku, Line.count
			{
				Sku: "b", // = Line.sku
				Price: &pb.Price{Units: 3}, // = Line.price, Price.units
			},
		},
		Prices: map[string]*pb.Price{"x": {Currency: "EUR"}}, // = Order.prices, Price.currency
		Tags_2D: nil, // = Order.tags_2d
	}
	o.Lines = append(o.Lines, &pb.Line{}) // = Order.lines
	o.Lines[0].Count++ // = Order.lines, Line.count
	o.Note = nil // = Order.note
	var first, second = o.GetLines()[0], o.Prices["x"] // = Order.lines, Order.prices
	println(first.GetSku(), second.Units) // = Line.sku, Price.units
	return o
}
"""
    )


def test_messages_with_fields_of_one_name_do_not_mix() -> None:
    check(
        main="""
func f(q *pb.Query, l *pb.Line, r *pb.Receipt, o *pb.Order) {
	println(q.GetSku()) // = Query.sku
	println(l.GetSku()) // = Line.sku
	println(r.OrderId) // = Receipt.order_id
	println(o.OrderId) // = Order.order_id
	other.GetSku()
}

var other interface{ GetSku() string }
"""
    )


def test_chained_calls_count_on_the_line_of_the_name() -> None:
    found = check(
        main="""
func f(ctx context.Context, conn any) string {
	order, err := pb.NewDepotClient(conn).
		Find(ctx, &pb.Query{ // = Depot/Find
			Sku: "a", // = Query.sku
		})
	if err != nil {
		return ""
	}
	return order.
		GetGift(). // = Order.gift
		GetPrice(). // = Line.price
		Currency // = Price.currency
}
"""
    )
    assert [(call.element, call.line, call.column, call.symbol) for call in found.calls] == [
        ("depot.v1.Depot/Find", 11, 3, "Find")
    ]


def test_oneofs_wrappers_type_switches_and_assertions() -> None:
    check(
        main="""
func f(o *pb.Order, item any) {
	switch d := o.GetDelivery().(type) { // = Order.delivery
	case *pb.Order_Crate: // = Order.crate
		println(d.Crate.GetLabel().GetText()) // = Order.crate, Crate.label, Crate.Label.text
	case *pb.Order_PickupCode: // = Order.pickup_code
		println(d.PickupCode) // = Order.pickup_code
	}
	o.Delivery = &pb.Order_PickupCode{PickupCode: "x"} // = Order.delivery, Order.pickup_code
	if line, ok := item.(*pb.Line); ok {
		println(line.Sku) // = Line.sku
	}
	switch m := item.(type) {
	case *pb.Price:
		println(m.Units) // = Price.units
	case *pb.Line, *pb.Query:
		println(m.Sku)
	}
}
"""
    )


def test_enums_of_file_and_of_message() -> None:
    check(
        main="""
const old = pb.Grade_GRADE_OLD // = Grade.GRADE_OLD

func f(c *pb.Crate) bool {
	switch c.GetGrade() { // = Crate.grade
	case pb.Grade_GRADE_FRESH, old: // = Grade.GRADE_FRESH
		return c.Size == pb.Crate_SIZE_LARGE // = Crate.size, Crate.Size.SIZE_LARGE
	}
	return pb.Grade_name[1] == c.Grade.String() // = Crate.grade
}
"""
    )


def test_streams_of_all_kinds() -> None:
    check(
        main="""
func f(ctx context.Context, client pb.DepotClient) {
	orders, _ := client.Watch(ctx, &pb.Query{}) // = Depot/Watch
	for {
		order, err := orders.Recv()
		if err != nil {
			break
		}
		println(order.OrderId) // = Order.order_id
	}
	lines, _ := client.Collect(ctx) // = Depot/Collect
	lines.Send(&pb.Line{Sku: "x"}) // = Line.sku
	receipt, _ := lines.CloseAndRecv()
	println(receipt.GetTotal().GetUnits()) // = Receipt.total, Price.units
	prices, _ := client.Haggle(ctx) // = Depot/Haggle
	offer, _ := prices.Recv()
	prices.Send(&pb.Price{Units: offer.Units - 1}) // = Price.units
}
"""
    )


def test_a_server_is_an_implementation_and_its_handlers_are_no_sites() -> None:
    found = check(
        main="""
type server struct {
	pb.UnimplementedDepotServer
	known map[string]*pb.Order
}

func (s *server) Find(ctx context.Context, q *pb.Query) (*pb.Order, error) {
	return s.known[q.Sku], nil // = Query.sku
}

func (s *server) Watch(q *pb.Query, out pb.Depot_WatchServer) error { // = Depot/Watch
	for _, o := range s.known {
		if o.GetGift().GetSku() == q.GetSku() { // = Order.gift, Line.sku, Query.sku
			out.Send(o)
		}
	}
	return nil
}

func main() {
	pb.RegisterDepotServer(nil, &server{})
	s := server{}
	o, _ := s.Find(context.Background(), nil)
	println(o.OrderId) // = Order.order_id
}
"""
    )
    assert found.implementations == (
        Implementation("main.go", 10, 5, "depot.v1.Depot", "derives"),
        Implementation("main.go", 28, 2, "depot.v1.Depot", "registers"),
    )
    handlers = [use.kind for use in found.uses if use.element == "depot.v1.Depot/Watch"]
    assert handlers == ["handler"]


def test_values_go_through_structs_closures_channels_and_results() -> None:
    check(
        main="""
type view struct {
	*pb.Line
	Total *pb.Price
}

type basket []*pb.Line

func (b basket) first() *pb.Line { return b[0] }

func split(o *pb.Order) (lines basket, gift *pb.Line, err error) {
	lines, gift = o.Lines, o.Gift // = Order.lines, Order.gift
	return
}

func f(o *pb.Order) {
	lines, gift, _ := split(o)
	println(lines.first().Sku, gift.Sku) // = Line.sku
	for _, l := range lines {
		println(l.Count) // = Line.count
	}
	v := view{gift, &pb.Price{}}
	println(v.Sku, v.Line.Count, v.Total.Units) // = Line.sku, Line.count, Price.units
	w := view{Line: gift, Total: gift.GetPrice()} // = Line.price
	println(w.GetSku()) // = Line.sku
	ch := make(chan *pb.Line, 1)
	go func() { ch <- gift }()
	println((<-ch).Sku) // = Line.sku
	for l := range ch {
		println(l.Count) // = Line.count
	}
	select {
	case l, ok := <-ch:
		println(l.Sku, ok) // = Line.sku
	default:
	}
	price := func(l *pb.Line) (*pb.Price, error) { return l.Price, nil } // = Line.price
	p, _ := price(gift)
	println(p.Units) // = Price.units
	get := gift.GetCount // = Line.count
	println(get())
	anonymous := struct{ L *pb.Line }{gift}
	println(anonymous.L.Sku) // = Line.sku
	byID := map[string][]*pb.Line{}
	if ls, ok := byID["x"]; ok {
		println(ls[0].Sku) // = Line.sku
	}
}
"""
    )


def test_a_named_type_with_methods_keeps_the_fields_of_what_it_is_made_of() -> None:
    check(
        main="""
type line pb.Line

func (l *line) set(p *pb.Price) { l.Price = p } // = Line.price

type anything struct{ held any }

type holder struct{ anything }

func f(l *line, h *holder, a *pb.Line) {
	l.Sku = "x" // = Line.sku
	println(l.Sku, (*pb.Line)(l).Count) // = Line.sku, Line.count
	h.held = a
	switch held := h.held.(type) {
	default:
		println(held.(*pb.Line).Sku) // = Line.sku
	}
}
"""
    )


def test_generics_of_the_repository_and_of_the_library() -> None:
    check(
        main="""
type box[T any] struct{ value T }

func (b *box[E]) get() E { return b.value }

func mapped[T, U any](xs []T, f func(T) U) []U {
	var out []U
	for _, x := range xs {
		out = append(out, f(x))
	}
	return out
}

func first[T any](xs []T) T { return xs[0] }

func f(o *pb.Order) {
	b := &box[*pb.Line]{value: o.Gift} // = Order.gift
	println(b.get().Sku, b.value.Count) // = Line.sku, Line.count
	prices := mapped(o.Lines, func(l *pb.Line) *pb.Price { return l.Price }) // = Order.lines, Line.price
	println(first(prices).Units) // = Price.units
	println(first[*pb.Line](nil).Sku) // = Line.sku
}
"""
    )


def test_packages_of_the_repository_are_followed_by_module_path() -> None:
    files = {
        "internal/store/store.go": """package store

import "example.com/depot/gen/depotpb"

type Store struct{ Last *depotpb.Order }

var Default = &Store{}

func (s *Store) Lines() []*depotpb.Line { return s.Last.Lines } // = Order.lines
""",
        "cmd/app/main.go": """package main

import "example.com/depot/internal/store"

func main() {
	for _, l := range store.Default.Lines() {
		println(l.GetSku()) // = Line.sku
	}
	s := store.Store{}
	println(s.Last.OrderId) // = Order.order_id
}
""",
        "cmd/app/main_test.go": """package main_test

import . "example.com/depot/gen/depotpb"

var line = Line{Sku: "x"} // = Line.sku
""",
        "cmd/app/helper.go": """package main

import "example.com/depot/internal/store"

func second() string { return store.Default.Lines()[1].Sku } // = Line.sku
""",
    }
    found = find(files)
    assert used(found) == marked(files)
    assert {use.path for use in found.uses if use.in_test} == {"cmd/app/main_test.go"}


@pytest.mark.parametrize(
    ("imported", "confidence"),
    [
        ("example.com/depot/gen/depotpb", "proven"),
        ("buf.build/gen/go/acme/depot/protocolbuffers/go/depot/v1", "proven"),
        ("example.com/app/gen/depot/v1", "proven"),
        ("example.org/generated/depot/v1", "likely"),
        ("example.org/fork/gen/depotpb", "likely"),
    ],
)
def test_stubs_that_are_not_committed(imported: str, confidence: str) -> None:
    text = f'package main\n\nimport depot "{imported}"\n\nvar l = depot.Line{{Sku: "x"}}\n'
    files = {"app/go.mod": "module example.com/app\n", "app/main.go": text}
    found = find_everything(Snapshot.of(files), contract())
    assert [(use.element, use.line, use.confidence) for use in found.uses] == [
        ("depot.v1.Line", 5, confidence),
        ("depot.v1.Line.sku", 5, confidence),
    ]


def test_a_library_of_the_same_names_is_no_stub() -> None:
    text = 'package main\n\nimport pb "example.org/other/api"\n\nvar l = pb.Line{Sku: "x"}\n'
    assert find_everything(Snapshot.of({"main.go": text}), contract()).uses == ()


def test_connect_clients_handlers_and_envelopes() -> None:
    files = {
        "gen/depotpb/depotpbconnect/depot.connect.go": (
            "// Code generated by protoc-gen-connect-go. DO NOT EDIT.\n//\n"
            "// Source: depot/v1/depot.proto\n\npackage depotpbconnect\n"
        ),
        "main.go": """package main

import (
	"context"

	"connectrpc.com/connect"
	"example.com/depot/gen/depotpb"
	"example.com/depot/gen/depotpb/depotpbconnect"
)

type server struct{}

type asked = connect.Request[depotpb.Query]

func (server) Find(ctx context.Context, r *asked) (*connect.Response[depotpb.Order], error) {
	println(r.Msg.Sku) // = Query.sku
	answer := connect.NewResponse(&depotpb.Order{OrderId: r.Msg.GetSku()}) // = Order.order_id, Query.sku
	return answer, nil
}

func main() {
	depotpbconnect.NewDepotHandler(server{})
	client := depotpbconnect.NewDepotClient(nil, "")
	query := connect.NewRequest(&depotpb.Query{Limit: 1}) // = Query.limit
	r, _ := client.Find(context.Background(), query) // = Depot/Find
	println(r.Msg.GetGift().GetSku()) // = Order.gift, Line.sku
	s, _ := client.Watch(context.Background(), nil) // = Depot/Watch
	for s.Receive() {
		println(s.Msg().OrderId) // = Order.order_id
	}
}
""",
    }
    found = find(files)
    assert used(found) == marked(files)
    assert [(one.service, one.how) for one in found.implementations] == [("depot.v1.Depot", "registers")]


def test_the_opaque_api_and_builders() -> None:
    check(
        main="""
func f(o *pb.Order) {
	l := pb.Line_builder{Sku: "x"}.Build() // = Line.sku
	l.SetCount(1) // = Line.count
	if o.HasNote() { // = Order.note
		o.ClearNote() // = Order.note
	}
	switch o.WhichDelivery() { // = Order.delivery
	case pb.Order_Crate_case: // = Order.crate
	}
}
"""
    )


def test_generated_and_third_party_files_give_no_sites() -> None:
    body = 'package main\n\nimport pb "example.com/depot/gen/depotpb"\n\nvar l = pb.Line{Sku: "x"}\n'
    files = {
        "mock.go": "// Code generated by MockGen. DO NOT EDIT.\n\n" + body,
        "vendor/example.org/x/x.go": body,
    }
    assert find(files).uses == ()


def test_escapes_name_the_message_and_the_way() -> None:
    found = find(
        {
            "main.go": """package main

import (
	"encoding/json"
	"fmt"

	pb "example.com/depot/gen/depotpb"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"example.org/cache"
)

func write(v any) { json.Marshal(v) }

func f(o *pb.Order) *pb.Receipt {
	fmt.Println(o)
	write(o)
	protojson.Marshal(o.Gift)
	proto.Marshal(o)
	o.ProtoReflect()
	cache.Put("x", o.Lines)
	return &pb.Receipt{Total: o.Gift.Price}
}
"""
        }
    )
    assert found.escapes == (
        Escape("main.go", 13, 21, "depot.v1.Order", "json", "Marshal"),
        Escape("main.go", 18, 2, "depot.v1.Line", "json", "Marshal"),
        Escape("main.go", 19, 2, "depot.v1.Order", "bytes", "Marshal"),
        Escape("main.go", 20, 2, "depot.v1.Order", "reflection", "ProtoReflect"),
        Escape("main.go", 21, 2, "depot.v1.Line", "library", "example.org/cache.Put"),
        Escape("main.go", 22, 35, "depot.v1.Price", "forwarded", "Total"),
    )


def test_an_accessor_on_something_unknown_is_a_mention() -> None:
    text = HEAD + "func f(o *pb.Order) {\n\tx := lib(o)\n\tx.GetSku()\n\tx.Close()\n}\n"
    text = text.replace('"context"', '"example.org/lib"').replace("lib(o)", "lib.Wrap(o)")
    assert find({"main.go": text}).mentions == (
        Mention("main.go", 10, 4, "GetSku", ("depot.v1.Line.sku", "depot.v1.Query.sku")),
    )


def test_helper_methods_beside_the_stub() -> None:
    files = {
        "gen/depotpb/helpers.go": """package depotpb

func (l *Line) Worth() int64 { return l.Price.Units } // = Line.price, Price.units

func NewLine() *Line { return &Line{Sku: "new"} } // = Line.sku
""",
        "main.go": HEAD
        + """
func f() {
	println(pb.NewLine().Worth(), pb.NewLine().Count) // = Line.count
}
""",
    }
    assert used(find(files)) == marked(files)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("product_id", "ProductId"),
        ("_hidden", "XHidden"),
        ("street_1", "Street_1"),
        ("tags_2d", "Tags_2D"),
        ("HTTPStatus", "HTTPStatus"),
        ("a__b", "A_B"),
        ("Outer.Inner", "Outer_Inner"),
        ("outer.inner", "OuterInner"),
    ],
)
def test_names_are_camel_cased_as_by_protoc_gen_go(name: str, expected: str) -> None:
    assert camel(name) == expected


def test_names_that_clash_get_an_underscore() -> None:
    here = Location("x.proto")
    names = ("string", "get_id", "id", "reset")
    fields = {name: Field(name, at, Kind.SCALAR, "string", here) for at, name in enumerate(names, 1)}
    found = names_of(Message("Crate", "x.proto", here, fields, {}), "Crate", frozenset())
    assert dict(found.fields) == {"string": "String_", "get_id": "GetId", "id": "Id_", "reset": "Reset_"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (STUB, StubFile("protoc-gen-go", "depot/v1/depot.proto", "", "depotpb")),
        (
            '// Code generated by protoc-gen-go. DO NOT EDIT.\n\npackage a\n\nconst file_a_rawDesc = "" +\n'
            '\t"\\n" +\n\t"\\aa.proto\\x12\\x04a.v1"\n',
            StubFile("protoc-gen-go", "a.proto", "a.v1", "a"),
        ),
        (
            "// Code generated by protoc-gen-gogo. DO NOT EDIT.\n// source: a.proto\n\npackage a\n\n"
            "var file_a_rawDesc = []byte{\n\t0x0a, 0x07, 0x61, 0x2e, 0x70, 0x72, 0x6f, 0x74, 0x6f, 0x12,\n"
            "\t0x01, 0x70,\n}\n",
            StubFile("protoc-gen-gogo", "a.proto", "p", "a"),
        ),
        (
            "// Code generated by protoc-gen-go-grpc. DO NOT EDIT.\n\npackage a\n\n"
            'const D_Find_FullMethodName = "/depot.v1.Depot/Find"\n',
            StubFile("protoc-gen-go-grpc", "", "depot.v1", "a"),
        ),
        ("// Code generated by hand, edit it.\n\npackage a\n", None),
    ],
)
def test_stubs_say_what_they_were_made_of(text: str, expected: StubFile | None) -> None:
    assert stub_of(text.encode()) == expected


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"package",
        b"package a\nfunc (",
        b"package a\nvar x = []T{{{{\n",
        b"package a\nfunc f() { if x := ; { y.z. } switch }",
        b"\xff\xfe\x00",
        b"package a\nvar x = " + b"(" * 5000 + b"1" + b")" * 5000,
        b"package a\nvar x = " + b"a+" * 20000 + b"1",
        b"package a\nfunc f() " + b"{ if x " * 3000,
    ],
)
def test_broken_or_hostile_source_gives_a_partial_tree(text: bytes) -> None:
    assert lower(text).language == "go"


def test_types_in_a_circle_end() -> None:
    check(
        main="""
type a = b
type b = a
type c struct{ d }
type d struct{ c }
type node struct { next *node; line *pb.Line }

func loop() map[string]any {
	data := map[string]any{}
	data["self"] = data
	data["again"] = loop()
	return data
}

func f(x a, y c, n node) {
	println(x.Sku, y.Sku, loop()["self"])
	println(n.next.next.next.line.Sku) // = Line.sku
}

var v = w
var w = v
"""
    )


def test_endless_chains_and_nesting_end() -> None:
    chain = "".join(f"var v{at} = v{at + 1}\n" for at in range(1000))
    nested = "(" * 100 + "l.Sku" + ")" * 100
    calls = "f(" * 100 + "nil" + ")" * 100
    blocks = "if true {" * 100 + f"println({nested}); {calls}" + "}" * 100
    text = f"{HEAD}{chain}var v1000 *pb.Line\n\nfunc f(l *pb.Line) *pb.Line {{\n{blocks}\nreturn nil\n}}\n"
    text += "func g() { println(v0.Sku) }\n"
    found = find({"main.go": text})
    assert "depot.v1.Line.sku" in {use.element for use in found.uses}


def test_a_repository_without_go_mod() -> None:
    files = {
        "lib/store/store.go": HEAD.replace("package main", "package store") + "\nvar Line *pb.Line\n",
        "cmd/main.go": 'package main\n\nimport "example.com/depot/lib/store"\n\nvar sku = store.Line.Sku\n',
    }
    found = find_everything(Snapshot.of(files), contract())
    assert ("cmd/main.go", 5, "Line.sku") in used(found)


def test_go_mod_is_not_needed_for_a_single_folder() -> None:
    assert GO_MOD.startswith("module")
    text = HEAD + 'var l = pb.Line{Sku: "x"}\n'
    found = find_everything(Snapshot.of({"main.go": text}), contract())
    assert [use.line for use in found.uses if use.element == "depot.v1.Line.sku"] == [8]
