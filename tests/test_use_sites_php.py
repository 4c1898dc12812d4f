"""PHP's use sites of a contract; every line says what it uses."""
# ruff: noqa: E501 (each line of a source says at its end what it uses)

from __future__ import annotations

import pytest
from annotated import check, found, used

from workspai_hooks.contracts.protobuf.schema import File
from workspai_hooks.workspace.use_sites.php.lowering import lower
from workspai_hooks.workspace.use_sites.php.names import camel, class_of, constant_of

SERVICE = """\
<?php
namespace App\\Services;
use Shop\\Cart_api\\V1\\{Item, Cart as C, Color};
use Shop\\Cart_api\\V1\\CartsClient;
use Shop\\Cart_api\\V1\\Query;
use Shop\\Cart_api\\V1\\CartsInterface;
final class Svc extends Base implements CartsInterface {
    private CartsClient $client;
    /** @var Item[] */
    private array $items = [];
    private $other;
    public function __construct(private readonly CartsClient $c, ?Item $i = null) {
        $this->client = new CartsClient('a', ['credentials' => 1]);
        $this->other = new Item();
        $i?->getQuantity(); // @uses Item.quantity
    }
    public function Get(\\GRPC\\ContextInterface $ctx, Query $req): C { // @uses Carts/Get
        $q = (new Query())->setUserId($req->getUserId()); // @uses Query.user_id
        [$reply, $status] = $this->client->Get($q)->wait(); // @uses Carts/Get
        list($r2, ) = $this->c->Get(new Query(['user_id' => 'a']))->wait(); // @uses Carts/Get, Query.user_id
        $r2->getLabel(); // @uses Cart.label
        foreach ($reply->getItems() as $k => $it) { // @uses Cart.items
            $it?->getNote()->getText(); // @uses Item.note, Item.Note.text
        }
        foreach ($reply->getById() as $k => $it) { // @uses Cart.by_id
            $it->getSize() === Item\\Size::LARGE; // @uses Item.size, Item.Size.LARGE
        }
        $f = fn(Item $i) => $i->getQuantity(); // @uses Item.quantity
        array_map(fn($i) => $i->getQuantity(), iterator_to_array($reply->getItems())); // @uses Cart.items, Item.quantity
        $sum = array_reduce($this->items, fn($s, $i) => $s + $i->getQuantity(), 0); // @uses Item.quantity
        usort($this->items, fn($a, $b) => $a->getSize() <=> $b->getSize()); // @uses Item.size
        $m = (new Item())->setQuantity(1)->setProductId("x"); // @uses Item.quantity, Item.product_id
        $z = new Item(['quantity' => 1, 'note' => ['text' => 'a']]); // @uses Item.quantity, Item.note, Item.Note.text
        $z->setColor(Color::COLOR_2D); // @uses Item.color, Color.COLOR_2D
        $list = [];
        $list[] = $z;
        foreach ($list as $one) { echo "a {$one->getProductId()}"; } // @uses Item.product_id
        switch ($reply->getPayment()) { // @uses Cart.payment
            case 'card': break; // @uses Cart.card
            default:
        }
        if ($reply->hasLabel() && $reply->getTwoD2D()) { return $reply; } // @uses Cart.label, Cart.twoD_2d
        $this->other->setSize(1); // @uses Item.size
        $this->helper($reply)->getCart(); // @uses Cart.cart
        $call = $this->client->Watch($q); // @uses Carts/Watch
        foreach ($call->responses() as $item) { $item->getQuantity(); } // @uses Item.quantity
        $fill = $this->client->Fill(); // @uses Carts/Fill
        $fill->write(new Item(['product_id' => 'a'])); // @uses Item.product_id
        [$c2] = $fill->wait();
        $c2->getUserId(); // @uses Cart.user_id
        /** @var C $annotated */
        $annotated = $app->get('x');
        $annotated->getUserId(); // @uses Cart.user_id
        $this->first()->getQuantity(); // @uses Item.quantity
        $text = match (true) { $reply->hasLabel() => $reply->getLabel(), default => '' }; // @uses Cart.label
        while ($next = array_shift($this->items)) { $next->getColor(); } // @uses Item.color
        return $reply;
    }
    private function helper($cart) { return $cart; }
    /** @return Item */
    private function first() { return $this->items[0]; }
    public static function make(): C { return new C(); }
}
function run() { Svc::make()->getLabel(); helper2(new Item); } // @uses Cart.label
function helper2($x) { $x->getQuantity(); } // @uses Item.quantity
?>
<p><?= Svc::make()->getUserId() ?></p> <!-- @uses Cart.user_id -->
"""


def test_a_service_and_its_clients() -> None:
    result = check({"svc/src/Svc.php": SERVICE})
    assert [(one.line, one.service) for one in result.implementations] == [(7, "shop.cart_api.v1.Carts")]
    types = [(use.line, use.element) for use in result.uses if use.kind == "type"]
    assert (9, "shop.cart_api.v1.Item") not in types, "a comment is no use"
    assert (12, "shop.cart_api.v1.Item") in types


def test_classes_of_other_files_and_names_of_one_namespace() -> None:
    check(
        {
            "composer.json": "{}",
            "src/Repo.php": """\
<?php
namespace App;
use Shop\\Cart_api\\V1 as Pb;
class Repo {
    private ?Pb\\Item $item = null;
    public function item(): Pb\\Item { return $this->item ??= new Pb\\Item(); }
    public function all() { return [$this->item()]; }
}
""",
            "src/Use.php": """\
<?php
namespace App\\Http;
use App\\Repo;
class Handler {
    public function __construct(private Repo $repo) {}
    public function __invoke($request) {
        $this->repo->item()->getQuantity(); // @uses Item.quantity
        foreach ($this->repo->all() as $item) { $item->getSize(); } // @uses Item.size
        (new \\Shop\\Cart_api\\V1\\Cart)->getCart(); // @uses Cart.cart
    }
}
""",
        }
    )


def test_global_variables() -> None:
    check(
        {
            "run.php": """\
<?php
$client = new Shop\\Cart_api\\V1\\CartsClient('x', []);
$item = new Shop\\Cart_api\\V1\\Item();
function run() {
    global $client, $other;
    list($cart, $status) = $client->Get(new Shop\\Cart_api\\V1\\Query())->wait(); // @uses Carts/Get
    show($cart);
    $item->getQuantity();
}
function show($cart) { print sprintf("%s", $cart->getLabel()); } // @uses Cart.label
run();
"""
        }
    )


def test_what_is_no_use() -> None:
    check(
        {
            "svc/a.php": """\
<?php
namespace Other;
// $item->getQuantity();
class Item {
    private int $quantity = 0;
    public function getQuantity(): int { return $this->quantity; }
    public function setProductId($x) { return $this; }
}
function f(Item $item) {
    $item->getQuantity();
    (new Item(['quantity' => 1]))->setProductId('a')->getQuantity();
    $array = ['quantity' => 1];
    return $array['quantity'] . 'getQuantity';
}
"""
        }
    )


def test_whole_messages_that_leave_sight_and_unknown_receivers() -> None:
    result = found(
        {
            "svc/a.php": """\
<?php
use Shop\\Cart_api\\V1\\Cart;
function f(Cart $cart, $any) {
    $cart->serializeToJsonString();
    $cart->serializeToString();
    json_encode($cart);
    $any->getById();
}
"""
        }
    )
    assert [(one.line, one.how) for one in result.escapes] == [(4, "json"), (5, "bytes"), (6, "json")]
    assert [(one.line, one.name) for one in result.mentions] == [(7, "getById")]


def test_php_namespace_decides_and_generated_code_gives_no_sites() -> None:
    proto = (
        'syntax = "proto3";\npackage a.b;\noption php_namespace = "Deep\\\\Pkg";\n'
        'option php_class_prefix = "Px";\nmessage Thing { string title = 1; }\n'
    )
    generated = "<?php\n# Generated by the protocol buffer compiler.  DO NOT EDIT!\n"
    files = {
        "svc/a.php": "<?php\n(new \\Deep\\Pkg\\PxThing())->getTitle();\n(new \\A\\B\\Thing())->getTitle();\n",
        "svc/b.php": f"{generated}(new \\Deep\\Pkg\\PxThing())->getTitle();\n",
    }
    uses = found(files, proto).uses
    assert [(use.path, use.line) for use in uses if use.kind == "field"] == [("svc/a.php", 2)]


def test_names_are_protocs_own() -> None:
    words = ("product_id", "_leading", "trail_", "twoD_2d", "URL", "a__b", "foo1bar")
    assert [camel(word) for word in words] == [
        "ProductId",
        "Leading",
        "Trail",
        "TwoD2D",
        "URL",
        "AB",
        "Foo1Bar",
    ]
    file = File("a.proto", "a.proto", "shop.cart_api", (), {})
    assert class_of(file, "shop.cart_api.Item.Note") == "Shop\\Cart_api\\Item\\Note"
    assert class_of(file, "shop.cart_api.Empty") == "Shop\\Cart_api\\PBEmpty"
    assert [constant_of(word) for word in ("CLASS", "RED")] == ["PBCLASS", "RED"]


@pytest.mark.parametrize(
    "source", ["class", "function a(", "[" * 3000, "$a->b" * 5000, "\x00\xff", "if (" * 2000, "$x = " * 2000]
)
def test_broken_sources_cost_nothing_else(source: str) -> None:
    assert lower(f"<?php {source}".encode("latin-1")).language == "php"
    good = "<?php\n(new \\Shop\\Cart_api\\V1\\Item())->getQuantity();\n"
    assert used({"svc/a.php": f"{good}{source}"}) is not None
