"""Jinja templates: what they read of the messages that Python hands them."""

from __future__ import annotations

import pytest

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf.declared import schema_of
from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.tools.buf import resolve_buf
from workspai_hooks.workspace.use_sites.found import Found
from workspai_hooks.workspace.use_sites.gather import find_everything
from workspai_hooks.workspace.use_sites.jinja import lowering as jinja

PROTO = """\
syntax = "proto3";
package mail;
message Item { string id = 1; int32 count = 2; Price price = 3; }
message Price { string code = 1; int64 units = 2; }
message Order { string number = 1; repeated Item items = 2; map<string, Price> fees = 3; }
"""
PATH = "proto/mail.proto"
HANDS_ORDER = """\
import mail_pb2
from jinja2 import Environment, FileSystemLoader
env = Environment(loader=FileSystemLoader("templates"))
template = env.get_template("page.html")
def show(order: mail_pb2.Order):
    return template.render(order=order)
"""


@pytest.fixture(scope="module")
def schema() -> Schema:
    known, undecided = schema_of(Snapshot.of({PATH: PROTO}), resolve_buf())
    assert not undecided
    return known


def found(schema: Schema, files: dict[str, str]) -> Found:
    return find_everything(Snapshot.of({PATH: PROTO, **files}), schema)


def sites(schema: Schema, files: dict[str, str], path: str = "svc/templates/page.html") -> list[str]:
    """`line element` of one template."""
    return [
        f"{use.line} {use.element.removeprefix('mail.')}"
        for use in found(schema, files).uses
        if use.path == path and use.kind == "template"
    ]


def page(schema: Schema, text: str) -> list[str]:
    return sites(schema, {"svc/app.py": HANDS_ORDER, "svc/templates/page.html": text})


def test_attributes_loops_and_subscripts(schema: Schema) -> None:
    text = """\
<h1>{{ order.number }} {{ order['number'] }} number</h1>
{% for item in order.items %}
  {{ loop.index }} {{ item.price.units // 100 }}{{ item.count if item.id else "" }}
  {% set price = item.price %}{{ "%s" | format(price.code) }}
{% else %}{{ item.id }}{% endfor %}
{% for name, fee in order.fees.items() %}{{ fee.units }}{% endfor %}
{{ order.fees["x"].code }}
{% if order.items | length > 1 %}{{ order.items[0].id }}{% endif %}
"""
    assert page(schema, text) == [
        "1 Order.number",
        "1 Order.number",
        "2 Order.items",
        "3 Item.price",
        "3 Price.units",
        "3 Item.count",
        "3 Item.id",
        "4 Item.price",
        "4 Price.code",
        "6 Order.fees",
        "6 Price.units",
        "7 Order.fees",
        "7 Price.code",
        "8 Order.items",
        "8 Order.items",
        "8 Item.id",
    ]


def test_columns_are_found_in_the_line(schema: Schema) -> None:
    files = {"svc/app.py": HANDS_ORDER, "svc/templates/page.html": "<p>{{ order.items[0].price.code }}</p>\n"}
    uses = [use for use in found(schema, files).uses if use.kind == "template"]
    assert [(use.column, use.symbol) for use in uses] == [(13, "items"), (22, "price"), (28, "code")]


def test_filters_that_name_attributes(schema: Schema) -> None:
    text = """\
{{ order.items | map(attribute="price.units") | sum }}
{{ order.items | selectattr("count") | map(attribute="id") | join(", ") }}
{% for group in order.items | groupby("id") %}{{ group.list }}{% endfor %}
{% for id, items in order.items | groupby("id") %}{{ items[0].count }}{% endfor %}
{{ (order.items | sort(attribute="count") | first).id }}
{{ order | attr("number") }}{{ order.number | default("none") | upper }}
"""
    assert page(schema, text) == [
        "1 Order.items",
        "1 Item.price",
        "1 Price.units",
        "2 Order.items",
        "2 Item.count",
        "2 Item.id",
        "3 Order.items",
        "3 Item.id",
        "4 Order.items",
        "4 Item.id",
        "4 Item.count",
        "5 Order.items",
        "5 Item.count",
        "5 Item.id",
        "6 Order.number",
        "6 Order.number",
    ]


def test_macros_includes_and_inheritance(schema: Schema) -> None:
    files = {
        "svc/app.py": HANDS_ORDER,
        "svc/templates/page.html": (
            '{% extends "base.html" %}{% from "macros.html" import money %}{% import "macros.html" as m %}\n'
            "{% macro row(item, bold=false) %}{{ item.count }}{% endmacro %}\n"
            "{% block body %}{% for item in order.items %}{{ row(item, bold=true) }}{{ money(item.price) }}\n"
            '{{ m.line(price=item.price) }}{% include "part.html" %}{% endfor %}{% endblock %}\n'
        ),
        "svc/templates/base.html": "{{ order.number }}{% block body %}{% endblock %}\n",
        "svc/templates/part.html": "{{ item.id }}\n",
        "svc/templates/macros.html": (
            "{% macro money(price) %}{{ price.units }}{% endmacro %}\n"
            "{% macro line(price) %}{{ price.code }}{% endmacro %}\n"
        ),
    }
    assert sites(schema, files) == [
        "2 Item.count",
        "3 Order.items",
        "3 Item.price",
        "4 Item.price",
    ]
    assert sites(schema, files, "svc/templates/base.html") == ["1 Order.number"]
    assert sites(schema, files, "svc/templates/part.html") == ["1 Item.id"]
    assert sites(schema, files, "svc/templates/macros.html") == ["1 Price.units", "2 Price.code"]


@pytest.mark.parametrize(
    "code",
    [
        'from flask import render_template\nrender_template("page.html", order=order)',
        'import flask\nflask.render_template("mail/page.html", **{"order": order})',
        'from starlette.templating import Jinja2Templates\nt = Jinja2Templates(directory="templates")\n'
        't.TemplateResponse("page.html", {"request": None, "order": order})',
        'from starlette.templating import Jinja2Templates\nt = Jinja2Templates(directory="templates")\n'
        't.TemplateResponse(None, "page.html", {"order": order})',
        'from fastapi.templating import Jinja2Templates\nt = Jinja2Templates(directory="templates")\n'
        't.TemplateResponse(request=None, name="page.html", context={"order": order})',
        'import jinja2\njinja2.Environment().get_template("page.html").render({"order": order})',
        'import jinja2\nNAME = "page.html"\nctx = {}\nctx["order"] = order\n'
        "jinja2.Environment().get_template(NAME).render(**ctx)",
    ],
)
def test_every_way_to_hand_a_template_its_data(schema: Schema, code: str) -> None:
    app = f"import mail_pb2\norder = mail_pb2.Order()\n{code}\n"
    assert sites(schema, {"svc/app.py": app, "svc/templates/page.html": "{{ order.number }}\n"}) == [
        "1 Order.number"
    ]


def test_the_nearest_template_of_a_name(schema: Schema) -> None:
    files = {
        "one/app.py": HANDS_ORDER,
        "one/templates/page.html": "{{ order.number }}\n",
        "two/templates/page.html": "{{ order.number }}\n",
    }
    assert [use.path for use in found(schema, files).uses if use.kind == "template"] == [
        "one/templates/page.html"
    ]


def test_a_template_that_cant_be_read_takes_the_message_out_of_sight(schema: Schema) -> None:
    files = {"svc/app.py": HANDS_ORDER, "svc/templates/page.html": "{{ order.number }}{% if %}\n"}
    assert [(one.line, one.message, one.how) for one in found(schema, files).escapes] == [
        (6, "mail.Order", "text")
    ]


def test_tags_of_other_engines_are_passed_over(schema: Schema) -> None:
    text = '{% load static %}{% url "x" a=1 %}\n{{ order.number }}{% csrf_token %}\n'
    assert page(schema, text) == ["2 Order.number"]


def test_nothing_is_read_of_what_is_not_handed_over(schema: Schema) -> None:
    assert page(schema, "{{ other.number }}{% set order = none %}{{ order.number }}\n") == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe" + "{{ a.b }}".encode("utf-16-le"),
        b"{{ caf\xe9.b }}",
        b"{{ ",
        b"{{" + b"(" * 3000 + b"a" + b")" * 3000 + b"}}",
        b"{% if a %}" * 2000,
        b"{{ a" + b".b" * 5000 + b" }}",
        b"".join(b"{%% tag%d %%}" % number for number in range(100)),
        b"{{ range .Items }}{{ $x := . }}{{ end }}",
    ],
)
def test_bad_input_is_lowered_all_the_same(data: bytes) -> None:
    assert jinja.lower(data).language == "jinja"
