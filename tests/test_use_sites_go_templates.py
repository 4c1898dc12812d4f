"""Which lines of Go templates, and of the scripts in them, use which elements of a contract."""

from __future__ import annotations

import pytest
from go_contract import HEAD, find, marked, used

from workspai_hooks.workspace.use_sites.go.template import lower

RENDERS = """package main

import (
	"html/template"
	"net/http"

	pb "example.com/depot/gen/depotpb"
)

var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"price": price,
	"gift":  func(o *pb.Order) *pb.Line { return o.Gift }, // = Order.gift
}).ParseGlob("templates/*.html"))

type row struct {
	Line  *pb.Line
	Label string
}

func price(l *pb.Line) *pb.Price { return l.Price } // = Line.price

func (r row) Worth() *pb.Price { return r.Line.Price } // = Line.price

func common(r *http.Request, payload map[string]any) map[string]any {
	data := map[string]any{"user": r.Host}
	for key, value := range payload {
		data[key] = value
	}
	return data
}

func home(w http.ResponseWriter, r *http.Request, o *pb.Order) {
	rows := make([]row, len(o.Lines)) // = Order.lines
	data := common(r, map[string]any{"order": o, "rows": rows})
	data["prices"] = o.Prices // = Order.prices
	pages.ExecuteTemplate(w, "home", data)
}

func show(w http.ResponseWriter, page string, data any) {
	if err := pages.ExecuteTemplate(w, page, data); err != nil {
		panic(err)
	}
}

func wrapped(w http.ResponseWriter, page string, data any) {
	show(w, page, map[string]any{"inner": data})
}

func pair(w http.ResponseWriter, o *pb.Order) {
	show(w, "left", o)
	show(w, "right", o.Gift) // = Order.gift
	wrapped(w, "deep", o)
}

func single(w http.ResponseWriter, l *pb.Line) {
	t, _ := template.New("line.html").ParseFiles("templates/line.html")
	t.Execute(w, l)
}
"""


def test_data_is_followed_into_templates_and_from_one_to_another() -> None:
    files = {
        "web/main.go": RENDERS,
        "web/templates/home.html": """{{ define "home" }}
{{ template "header" . }}
<p class="{{ with $.user }}{{ . }}{{ end }}">{{.order.OrderId}}</p> {{/* = Order.order_id */}}
{{ range $i, $row := .rows }}
  {{ if eq $i 1 }}{{ .Label }}{{ else if .Line.Sku }}x{{ end }} {{/* = Line.sku */}}
  {{ $row.Line.Count }} {{ .Worth.Units }} {{/* = Line.count, Price.units */}}
  {{ with .Line.GetPrice }} {{/* = Line.price */}}
    {{ .Currency }} {{ $.order.Note }} {{/* = Price.currency, Order.note */}}
  {{ end }}
{{ else }}
  {{ (index .order.Lines 0).Sku | printf "%s" }} {{/* = Order.lines, Line.sku */}}
{{ end }}
{{ range $sku, $p := .prices }}{{ $sku }}{{ $p.Units }}{{ end }} {{/* = Price.units */}}
{{ (price .order.Gift).Units }} {{ (gift .order).Sku }} {{/* = Order.gift, Price.units, Line.sku */}}
{{ template "footer" (dict "line" .order.Gift) }} {{/* = Order.gift */}}
{{- /* .order.Lines in a comment */ -}}
{{ block "aside" .order }}{{ .OrderId }}{{ end }} {{/* = Order.order_id */}}
{{ end }}
""",
        "web/templates/parts.html": """
{{ define "header" }}{{ len .order.Lines }}{{ end }} {{/* = Order.lines */}}
{{ define "footer" }}{{ .line.Sku }}{{ .other.Sku }}{{ end }} {{/* = Line.sku */}}
{{ define "left" }}{{ .OrderId }}{{ .Sku }}{{ end }} {{/* = Order.order_id */}}
{{ define "right" }}{{ .OrderId }}{{ .Sku }}{{ end }} {{/* = Line.sku */}}
{{ define "deep" }}{{ .inner.OrderId }}{{ end }} {{/* = Order.order_id */}}
{{ define "nobody" }}{{ .line.Sku }}{{ end }}
""",
        "web/templates/line.html": "<b>\n{{- .Sku }} {{/* = Line.sku */}}\n</b>\n",
        "other/templates/parts.html": '{{ define "header" }}{{ .order.OrderId }}{{ end }}\n',
    }
    found = find(files)
    assert used(found) == marked(files)
    assert {use.kind for use in found.uses if use.path.endswith(".html")} == {"template"}


def test_a_template_that_is_not_there_is_an_escape() -> None:
    found = find({"web/main.go": RENDERS})
    assert {(one.message, one.how, one.symbol) for one in found.escapes} == {
        ("depot.v1.Order", "text", "home"),
        ("depot.v1.Price", "text", "home"),
        ("depot.v1.Line", "text", "line.html"),
        ("depot.v1.Order", "text", "left"),
        ("depot.v1.Line", "text", "right"),
        ("depot.v1.Order", "text", "deep"),
    }


SERVES = (
    HEAD.replace('"context"', '"encoding/json"\n\t"net/http"')
    + """
func serve(mux *http.ServeMux, o *pb.Order) {
	mux.HandleFunc(base+"/api/order/{id}", func(w http.ResponseWriter, r *http.Request) {})
	mux.HandleFunc("GET /api/line/{id}", line)
}

func line(w http.ResponseWriter, r *http.Request) {
	var l pb.Line
	json.NewEncoder(w).Encode(&l)
}
"""
)


def test_a_script_that_fetches_what_a_handler_serves_as_json() -> None:
    page = """<script>
async function show(id) {
  const answer = await fetch("/api/line/" + id, {method: "GET"});
  const line = await answer.json();
  title.innerText = line["sku"] + line.count;
  cost.innerText = line.price.units;
  fetch(`/api/line/${id}`).then(r => r.json()).then(other => { use(other.sku); });
}
const line = {sku: 1};
console.log(line.sku);
</script>
"""
    found = find(
        {"go.mod": "module example.com/depot\n", "web/main.go": SERVES, "web/static/page.html": page}
    )
    assert [
        (use.line, use.column, use.element, use.confidence) for use in found.uses if use.kind == "json"
    ] == [
        (5, 27, "depot.v1.Line.sku", "likely"),
        (5, 40, "depot.v1.Line.count", "likely"),
        (6, 25, "depot.v1.Line.price", "likely"),
        (6, 31, "depot.v1.Price.units", "likely"),
        (7, 74, "depot.v1.Line.sku", "likely"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{{",
        b"{{ end }}{{ else }}",
        b"{{ if }}{{ range }}{{ with }}",
        b"{{ template }}{{ define }}{{ block 3 }}",
        b"{{ (((( }}",
        b"{{ " + b"(" * 3000 + b" }}",
        b"{{ if .x }}" * 3000,
        b"{{ $x := | | }}",
        b"\xff\xfe{{ .x }}",
        b'{{ "unterminated }}\n{{ .y }}',
        b"{{ " * 100_000,
        b"{{/* " * 100_000,
        b"{{ .a }}" * 5_000,
    ],
)
def test_broken_templates_give_what_can_be_read(text: bytes) -> None:
    assert lower(text).language == "go-template"
