"""Elixir's, EEx's and HEEx's use sites of a contract; every line says what it uses."""
# ruff: noqa: E501 (each line of a source says at its end what it uses)

from __future__ import annotations

import pytest
from annotated import check, found, used

from workspai_hooks.workspace.use_sites.elixir.lowering import lower
from workspai_hooks.workspace.use_sites.elixir.names import camelize, underscore
from workspai_hooks.workspace.use_sites.elixir.tags import code_in

SERVER = """\
defmodule Shop.Server do
  use GRPC.Server, service: Shop.CartApi.V1.Carts.Service
  alias Shop.CartApi.V1.{Item, Cart, Query}
  alias Shop.CartApi.V1, as: Pb
  require Logger
  @default %Item{quantity: 1} # @uses Item.quantity

  def get(%Query{user_id: id}, _stream) do # @uses Carts/Get, Query.user_id
    cart = %Cart{user_id: id, # @uses Cart.user_id
      items: [%Item{quantity: 1, color: :COLOR_DARK_RED}], # @uses Cart.items, Item.quantity, Item.color, Color.COLOR_DARK_RED
      payment: {:card, "x"}} # @uses Cart.payment, Cart.card
    cart = %{cart | label: "a"} # @uses Cart.label
    other = %Pb.Cart{cart | cart: "x"} # @uses Cart.cart
    total = Enum.reduce(other.items, 0, fn item, acc -> acc + item.quantity end) # @uses Cart.items, Item.quantity
    Enum.map(cart.items, & &1.product_id) # @uses Cart.items, Item.product_id
    Enum.map(cart.items, &(&1.quantity * 2)) # @uses Cart.items, Item.quantity
    cart.items # @uses Cart.items
    |> Enum.filter(fn %{quantity: q} -> q > 1 end) # @uses Item.quantity
    |> Enum.map(&price/1)
    for %Item{product_id: p, note: note} <- cart.items, do: {p, note.text} # @uses Cart.items, Item.product_id, Item.note, Item.Note.text
    case cart.payment do # @uses Cart.payment
      {:card, number} -> number # @uses Cart.card
      {:gift, gift} -> gift.quantity # @uses Cart.gift, Item.quantity
      nil -> nil
    end
    case hd(cart.items).color do # @uses Cart.items, Item.color
      :COLOR_2D -> 1 # @uses Color.COLOR_2D
      _ -> 2
    end
    if cart.by_id["a"].quantity > 1, do: total, else: 0 # @uses Cart.by_id, Item.quantity
    for {_key, item} <- cart.by_id do # @uses Cart.by_id
      item.size # @uses Item.size
    end
    Map.get(cart, :user_id) # @uses Cart.user_id
    get_in(cart, [:by_id]) # @uses Cart.by_id
    update_in(cart.label, &String.upcase/1) # @uses Cart.label
    Logger.info("cart #{cart.user_id}") # @uses Cart.user_id
    @default.quantity # @uses Item.quantity
    Cart.new(user_id: "a") # @uses Cart.user_id
    Cart.new(%{user_id: "a"}) # @uses Cart.user_id
    struct(Item, quantity: 2) # @uses Item.quantity
    cart
  end

  def watch(req, stream) do # @uses Carts/Watch
    Enum.each(1..2, fn _ -> GRPC.Server.send_reply(stream, %Item{quantity: 2}) end) # @uses Item.quantity
    req.user_id # @uses Query.user_id
  end

  def fill(items, _stream) do # @uses Carts/Fill
    Enum.each(items, fn i -> i.quantity end) # @uses Item.quantity
  end

  defp price(item), do: item.quantity # @uses Item.quantity
  def note(%{note: %{text: t}}), do: t # @uses Item.note, Item.Note.text
  def note(nil), do: nil

  @spec typed(Item.t(), [Cart.t()]) :: integer
  def typed(i, cs), do: i.quantity + hd(cs).cart # @uses Item.quantity, Cart.cart
end
"""
CLIENT = """\
defmodule Shop.Client do
  alias Shop.CartApi.V1.Carts.Stub
  alias Shop.CartApi.V1.{Item, Query}

  def ask(channel, id) do
    with {:ok, cart} <- Stub.get(channel, %Query{user_id: id}), # @uses Carts/Get, Query.user_id
         [first | _] <- cart.items do # @uses Cart.items
      first.quantity # @uses Item.quantity
    end
    {:ok, reply} = channel |> Stub.get(Query.new(user_id: id)) # @uses Carts/Get, Query.user_id
    reply.label # @uses Cart.label
    {:ok, stream} = Stub.watch(channel, %Query{}) # @uses Carts/Watch
    Enum.each(stream, fn {:ok, item} -> item.product_id end) # @uses Item.product_id
    upload = Stub.fill(channel) # @uses Carts/Fill
    GRPC.Stub.send_request(upload, %Item{quantity: 9}) # @uses Item.quantity
    {:ok, done} = GRPC.Stub.recv(upload)
    done.user_id # @uses Cart.user_id
    Shop.Server.note(first(done))
    chosen = if true do done else nil end
    chosen.label # @uses Cart.label
    fetched(channel) |> Map.get(:cart) # @uses Cart.cart
  end

  defp first(cart), do: List.first(cart.items) # @uses Cart.items

  defp fetched(channel) do
    case Stub.get(channel, %Query{}) do # @uses Carts/Get
      {:ok, %Shop.CartApi.V1.Cart{items: items} = cart} -> # @uses Cart.items
        Enum.sum(Enum.map(items, fn i -> i.quantity end)) # @uses Item.quantity
        cart
      {:error, _} -> nil
    end
  end
end
"""


def test_a_server_and_its_clients() -> None:
    result = check({"shop/mix.exs": "", "shop/lib/server.ex": SERVER, "shop/lib/client.ex": CLIENT})
    assert [(one.line, one.service) for one in result.implementations] == [(2, "shop.cart_api.v1.Carts")]


def test_templates_of_controllers_components_and_mails() -> None:
    files = {
        "lib/cart_controller.ex": """\
defmodule Web.CartController do
  def show(conn, _params) do
    {:ok, cart} = Shop.CartApi.V1.Carts.Stub.get(ch(), %Shop.CartApi.V1.Query{}) # @uses Carts/Get
    conn |> assign(:seen, cart) |> render(:show, cart: cart)
  end
  def mail(cart = %Shop.CartApi.V1.Cart{}) do
    EEx.eval_file("lib/mail.eex", order: cart)
  end
end
""",
        "lib/cart_html/show.html.heex": """\
<h1><%= @cart.user_id %></h1> <%# @uses Cart.user_id %>
<%= for item <- @cart.items do %> <%# @uses Cart.items %>
  <td>{item.quantity}</td> <%# @uses Item.quantity %>
<% end %>
<p :for={item <- @seen.items} id={item.product_id}>x</p> <%# @uses Cart.items, Item.product_id %>
<%= if @cart.label do %><%# @uses Cart.label %>
  <b class={@cart.cart}>x</b> <%# @uses Cart.cart %>
<% else %>
  {@cart.label} <%# @uses Cart.label %>
<% end %>
<%# @cart.label %><!-- {@cart.label} -->
<script>if (a) { @cart.user_id }</script>
""",
        "lib/mail.eex": "Dear <%= order.user_id %> <%# @uses Cart.user_id %>\n",
        "lib/live.ex": """\
defmodule Web.Live do
  def mount(_params, _session, socket) do
    {:ok, cart} = Shop.CartApi.V1.Carts.Stub.get(ch(), %Shop.CartApi.V1.Query{}) # @uses Carts/Get
    {:ok, assign(socket, :cart, cart)}
  end
  def render(assigns) do
    ~H\"\"\"
    <p :for={item <- @cart.items}>{item.quantity}</p> <%!-- @uses Cart.items, Item.quantity --%>
    <%= @cart.label %> <%!-- @uses Cart.label --%>
    \"\"\"
  end
end
""",
    }
    check(files)


def test_modules_inside_of_blocks_and_streams_of_the_library() -> None:
    check(
        {
            "lib/a.ex": """\
defmodule A do
  describe "x" do
    defmodule Inner do
      use GRPC.Server, service: Shop.CartApi.V1.Carts.Service
      def get(input, materializer) do # @uses Carts/Get
        GRPC.Stream.unary(input, materializer: materializer)
        |> GRPC.Stream.map(fn query -> query.user_id end) # @uses Query.user_id
        |> GRPC.Stream.run()
      end
    end
    test "y", %{channel: channel} do
      assert {:ok, reply, _headers} = Shop.CartApi.V1.Carts.Stub.get(channel, %Shop.CartApi.V1.Query{}) # @uses Carts/Get
      assert reply.label == "a" # @uses Cart.label
    end
  end
end
"""
        }
    )


def test_what_is_no_use() -> None:
    check(
        {
            "mix.exs": "",
            "lib/other.ex": """\
defmodule Other.Item do
  defstruct [:quantity, product_id: nil]
  # item.quantity
  def sum(%Other.Item{quantity: q} = item), do: q + item.quantity
  def new(quantity), do: %Other.Item{quantity: quantity}
end
defmodule Other.Use do
  alias Other.Item
  @doc "item.quantity"
  def run do
    item = Item.new(1)
    item.quantity
    %{quantity: 1}.quantity
    [quantity: 1][:quantity]
    Item.sum(item)
  end
end
""",
        }
    )


def test_prefixed_modules_need_their_package() -> None:
    files = {
        "lib/a.ex": """\
defmodule A do
  def a, do: %MyApp.Protos.Shop.CartApi.V1.Item{quantity: 1} # @uses Item.quantity
  def b, do: %MyApp.Item{quantity: 1}
end
"""
    }
    check(files)


def test_whole_messages_that_leave_sight_and_unknown_receivers() -> None:
    result = found(
        {
            "lib/a.ex": """\
defmodule A do
  alias Shop.CartApi.V1.Cart
  def run(cart = %Cart{}) do
    Jason.encode!(cart)
    Cart.encode(cart)
    Protobuf.JSON.encode!(cart)
    cart[key]
  end
  def other(x), do: x.by_id
end
"""
        }
    )
    assert [(one.line, one.how) for one in result.escapes] == [
        (4, "json"),
        (5, "bytes"),
        (6, "json"),
        (7, "reflection"),
    ]
    assert [(one.line, one.name) for one in result.mentions] == [(9, "by_id")]


def test_generated_modules_give_no_sites_and_tests_are_marked() -> None:
    generated = 'defmodule X do\n  use Protobuf, protoc_gen_elixir_version: "0.12.0"\n  %Shop.CartApi.V1.Item{size: 1}\nend\n'
    test = "defmodule T do\n  def t, do: %Shop.CartApi.V1.Item{quantity: 1}\nend\n"
    uses = found({"lib/a.pb.ex": generated, "lib/b.ex": generated, "test/a_test.exs": test}).uses
    assert {(use.path, use.in_test) for use in uses} == {("test/a_test.exs", True)}


def test_names() -> None:
    assert [camelize(word) for word in ("cart_api", "v1beta1", "Foo_Bar", "_x_2d")] == [
        "CartApi",
        "V1beta1",
        "Foo_Bar",
        "X2d",
    ]
    assert [underscore(word) for word in ("GetCart", "HTTPGet", "get_x")] == ["get_cart", "http_get", "get_x"]


def test_templates_keep_places() -> None:
    assert code_in("é<%= a %>\n<b c={d}>{e}<%# f %>") == "     a  ;\n      d;  e;        "


@pytest.mark.parametrize(
    "source", ["defmodule", "def a(", "%{" * 3000, "a |> " * 5000, "\x00\xff", "fn -> " * 2000]
)
def test_broken_sources_cost_nothing_else(source: str) -> None:
    assert lower(source.encode("latin-1")).language == "elixir"
    assert used({"lib/a.ex": f"x = %Shop.CartApi.V1.Item{{quantity: 1}}\n{source}"}) is not None
