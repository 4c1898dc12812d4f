"""Ruby's and ERB's use sites of a contract; every line says what it uses."""
# ruff: noqa: E501 (each line of a source says at its end what it uses)

from __future__ import annotations

import pytest
from annotated import PATH, check, found, used

from workspai_hooks.workspace.use_sites.ruby.erb import code_in
from workspai_hooks.workspace.use_sites.ruby.lowering import lower
from workspai_hooks.workspace.use_sites.ruby.names import camel, rpc_method

SERVER = """\
require 'shop/cart_services_pb'
module Shop
  class CartServer < CartApi::V1::Carts::Service
    include CartApi::V1
    attr_reader :backend
    def initialize(backend)
      @backend = backend
      @stub = Carts::Stub.new("x", :this_channel_is_insecure)
    end
    def get(req, _call) # @uses Carts/Get
      cart = Cart.new(user_id: req.user_id, # @uses Cart.user_id, Query.user_id
        items: [Item.new(quantity: 1)], card: "x") # @uses Cart.items, Item.quantity, Cart.card
      cart.items << Item.new({product_id: "x"}) # @uses Cart.items, Item.product_id
      total = cart.items.sum(&:quantity) # @uses Cart.items, Item.quantity
      cart.items.each_with_index do |item, index| # @uses Cart.items
        item.quantity += index # @uses Item.quantity
        item[:quantity] = 2 # @uses Item.quantity
        puts item["product_id"] # @uses Item.product_id
      end
      cart.by_id["x"].note.text # @uses Cart.by_id, Item.note, Item.Note.text
      cart.by_id.each { |k, v| v.size } # @uses Cart.by_id, Item.size
      cart.by_id.values.map(&:color) # @uses Cart.by_id, Item.color
      cart.items.select { |i| i.quantity > 1 }.first&.product_id # @uses Cart.items, Item.quantity, Item.product_id
      case cart.payment # @uses Cart.payment
      when :card then 1 # @uses Cart.card
      when :cash, :gift then 2 # @uses Cart.cash, Cart.gift
      end
      return nil if cart.items.first.color == :COLOR_DARK_RED # @uses Cart.items, Item.color, Color.COLOR_DARK_RED
      cart.has_label? # @uses Cart.label
      cart.clear_label # @uses Cart.label
      i = Item.new(color: :COLOR_2D, # @uses Item.color, Color.COLOR_2D
        size: Item::Size::LARGE, # @uses Item.size, Item.Size.LARGE, Item.Size
        note: { text: "nested" }) # @uses Item.note, Item.Note.text
      case i
      in {quantity: q, note: {text: t}} then q # @uses Item.quantity, Item.note, Item.Note.text
      end
      x = if total > 1 then cart else nil end
      x.label # @uses Cart.label
      hash = cart.to_h
      hash[:cart] # @uses Cart.cart
      helper(cart)
      cart.public_send(:twoD_2d) # @uses Cart.twoD_2d
      cart
    end
    def watch(req, _call) # @uses Carts/Watch
      [Item.new(quantity: 3)].each # @uses Item.quantity
    end
    def fill(call) # @uses Carts/Fill
      call.each_remote_read { |item| item.quantity } # @uses Item.quantity
      Cart.new(label: "a") # @uses Cart.label
    end
    def chat(requests, _call) # @uses Carts/Chat
      requests.each { |r| r.product_id } # @uses Item.product_id
    end
    def fetch(id)
      @stub.get(Query.new(user_id: id)).items # @uses Carts/Get, Query.user_id, Cart.items
    end
    def ask
      fetch("a").first.quantity # @uses Item.quantity
      backend.get(Query.new).label # @uses Carts/Get, Cart.label
      stub.watch(Query.new) { |i| i.product_id } # @uses Carts/Watch, Item.product_id
      stub.watch(Query.new).each { |i| i.size } # @uses Carts/Watch, Item.size
    end
    private
    def helper(c) = c.user_id # @uses Cart.user_id
    def stub
      @memo ||= Carts::Service.rpc_stub_class.new("y")
    end
  end
end
Shop::CartServer.new(Shop::CartApi::V1::Carts::Stub.new("z"))
"""


def test_a_server_and_its_clients() -> None:
    result = check({"svc/server.rb": SERVER})
    assert [(one.line, one.service) for one in result.implementations] == [(3, "shop.cart_api.v1.Carts")]
    imports = [use.element for use in result.uses if use.kind == "import"]
    assert imports == [f"file:{PATH}"]


def test_sinatra_hands_locals_and_instance_variables_to_its_templates() -> None:
    files = {
        "svc/app.rb": """\
require "shop/cart_pb"
Pb = Shop::CartApi::V1
get "/a" do
  cart = Pb::Cart.decode(request.body.read)
  erb :mail, locals: { order: cart }
end
get "/b" do
  @cart = Pb::Cart.decode(request.body.read)
  erb :"carts/show"
end
""",
        "svc/views/mail.erb": """\
<h1>é <%= order.user_id %></h1> <%# @uses Cart.user_id %>
<% order.items.each do |item| %> <%# @uses Cart.items %>
  <td><%= item.quantity %><%== item.note.text -%></td> <%# @uses Item.quantity, Item.note, Item.Note.text %>
<% end %>
<%# order.cart %> <%% order.label %>
<%= label %> order.label
""",
        "svc/views/carts/show.html.erb": "<%= @cart.label %> <%# @uses Cart.label %>\n",
        "other/views/carts/show.html.erb": "<%= @cart.label %>\n",
    }
    check(files)
    assert {use.kind for use in found(files).uses if use.path.endswith(".erb")} == {"template"}


def test_rails_controllers_partials_and_erb_without_a_framework() -> None:
    files = {
        "Gemfile": "",
        "app/controllers/carts_controller.rb": """\
class CartsController
  def show
    @cart = client.get(Shop::CartApi::V1::Query.new) # @uses Carts/Get
    render "carts/show"
  end
  def mail
    cart = client.get(Shop::CartApi::V1::Query.new) # @uses Carts/Get
    ERB.new(File.read(File.join(__dir__, "mail.txt.erb")), trim_mode: "-").result(binding)
  end
  def client = Shop::CartApi::V1::Carts::Stub.new("x")
end
""",
        "app/views/carts/show.html.erb": """\
<%= render partial: "item", collection: @cart.items %> <%# @uses Cart.items %>
<%= render "foot", label: @cart.label %> <%# @uses Cart.label %>
""",
        "app/views/carts/_item.html.erb": "<%= item.quantity %> <%# @uses Item.quantity %>\n",
        "app/views/carts/_foot.html.erb": "<%= label.quantity %>\n",
        "app/controllers/mail.txt.erb": "<%= cart.user_id %> <%# @uses Cart.user_id %>\n",
    }
    check(files)


def test_what_is_no_use() -> None:
    check(
        {
            "svc/a.rb": """\
# cart.quantity
module Other
  class Item
    attr_accessor :quantity
    def initialize(quantity:) = @quantity = quantity
  end
  Item.new(quantity: 1).quantity
  Row = Struct.new(:product_id, :quantity) do
    def label = product_id
  end
  Row.new("a", 1).quantity
end
"item.quantity"
{ quantity: 1 }[:quantity]
Query = Struct.new(:user_id)
Query.new("a").user_id
"""
        }
    )


def test_types_follow_through_classes_structs_and_constants() -> None:
    check(
        {
            "a/lib/model.rb": """\
module Model
  Message = Shop::CartApi::V1::Item
  Row = Struct.new(:item, :note, keyword_init: true)
  DEFAULT = Message.new(quantity: 1) # @uses Item.quantity
  class Base
    attr_accessor :item
    def first = item.quantity # @uses Item.quantity
  end
end
""",
            "a/main.rb": """\
class Job < Model::Base
  include Model
  def run
    self.item = Message.new
    Row.new(item: item).item.product_id # @uses Item.product_id
    DEFAULT.size # @uses Item.size
    wrap = OpenStruct.new(held: item)
    wrap.held.color # @uses Item.color
    build { |i| i }.note # @uses Item.note
  end
  def build
    Message.new
  end
end
""",
            "a/Gemfile": "",
        }
    )


def test_whole_messages_that_leave_sight() -> None:
    escapes = found(
        {
            "svc/a.rb": """\
cart = Shop::CartApi::V1::Cart.new
JSON.generate(cart.to_h)
Shop::CartApi::V1::Cart.encode(cart)
cart.to_json
{ cart: cart }.to_json
cart.each { |k, v| k }
cart[key]
"""
        }
    ).escapes
    assert [(one.line, one.how) for one in escapes] == [
        (2, "json"),
        (3, "bytes"),
        (4, "json"),
        (5, "json"),
        (6, "reflection"),
        (7, "reflection"),
    ]


def test_unknown_receivers_are_mentions_and_tests_are_marked() -> None:
    source = "require 'shop/cart_pb'\nX = Shop::CartApi::V1::Item\ndef a(x) = x.quantity\n"
    result = found({"svc/a.rb": source, "svc/spec/a_spec.rb": "Shop::CartApi::V1::Item.new(quantity: 1)\n"})
    assert [(one.path, one.line, one.name) for one in result.mentions] == [("svc/a.rb", 3, "quantity")]
    assert [use.in_test for use in result.uses if use.element.endswith("quantity")] == [True]


def test_ruby_package_decides_the_module_and_generated_code_gives_no_sites() -> None:
    proto = 'syntax = "proto3";\npackage a.b;\noption ruby_package = "Deep::Pkg";\nmessage Thing { string title = 1; }\n'
    files = {
        "svc/a.rb": "Deep::Pkg::Thing.new(title: 1)\nA::B::Thing.new(title: 1)\n",
        "svc/a_pb.rb": "# Generated by the protocol buffer compiler.  DO NOT EDIT!\nDeep::Pkg::Thing.new(title: 1)\n",
    }
    assert [(use.path, use.line) for use in found(files, proto).uses if use.kind == "field"] == [
        ("svc/a.rb", 1)
    ]


@pytest.mark.parametrize(
    ("word", "method"), [("GetCart", "get_cart"), ("HTTPGet2D", "http_get2_d"), ("get_x", "get_x")]
)
def test_methods_of_rpcs(word: str, method: str) -> None:
    assert rpc_method(word) == method


def test_modules_of_packages() -> None:
    assert [camel(word) for word in ("cart_api", "v1beta1", "Foo_bar", "x")] == [
        "CartApi",
        "V1beta1",
        "FooBar",
        "X",
    ]


def test_templates_keep_places() -> None:
    text = "é<%= a %>\n<%- b -%><%# c %>"
    assert code_in(text) == "     a  ;\n    b   ;        "


@pytest.mark.parametrize(
    "source", ["class", "def a(", "<%", "x = [" * 3000, "a.b" * 5000, "\x00\xff", "if " * 2000]
)
def test_broken_sources_cost_nothing_else(source: str) -> None:
    assert lower(source.encode("latin-1")).language == "ruby"
    assert used({"svc/a.rb": f"Shop::CartApi::V1::Item.new(quantity: 1)\n{source}"}) is not None
