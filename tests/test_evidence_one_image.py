"""Sub-commands of one image, outboxes, paths on a proxy, members of settings, routes that are not here."""

from __future__ import annotations

import pytest
from test_edges import edges, pairs
from test_services import GO, found

from workspai_hooks.workspace.edges import RpcUse

MAIN = (
    'package main\n\nimport (\n\t"shop/internal/cart"\n\t"shop/internal/web"\n)\n\nfunc main() {\n'
    '\tswitch os.Args[1] {\n\tcase "cart":\n\t\tcart.Run()\n\tcase "web":\n\t\tweb.Run()\n\t}\n}\n'
)
SUBCOMMANDS = {
    "compose.yaml": (
        "services:\n  web: {build: ., command: shop web}\n  cart:\n    build: .\n"
        "    entrypoint: [shop, cart, --port=1]\n"
    ),
    "Dockerfile": "FROM golang\nRUN go install ./cmd/...\n",
    "go.mod": "module shop\n",
    "cmd/shop/main.go": MAIN,
    "internal/cart/cart.go": "package cart\n\nfunc Run() {}\n",
    "internal/web/web.go": "package web\n\nfunc Run() {}\n",
}
CALLS = (
    RpcUse("shop.Cart", "Get", "internal/web/web.go", 3, "calls"),
    RpcUse("shop.Cart", "Get", "internal/cart/cart.go", 3, "implements"),
)


def test_sub_commands_of_one_image_are_services_with_their_own_code() -> None:
    assert {name: one.roots for name, one in found(SUBCOMMANDS).items()} == {
        "cart": ("internal/cart",),
        "web": ("internal/web",),
    }
    called = edges(SUBCOMMANDS, *CALLS)
    assert [(one.consumer, one.provider, one.protocol) for one in called.all] == [("web", "cart", "grpc")]
    assert called.undecided == ()


@pytest.mark.parametrize(
    ("web", "cart"),
    [
        ("gunicorn shop.wsgi", "celery -A shop worker"),
        ("shop web", "shop worker"),
        ("shop web", ""),
    ],
)
def test_a_process_and_its_worker_stay_one_service(web: str, cart: str) -> None:
    compose = f"services:\n  web: {{build: ., command: {web!r}}}\n  cart: {{build: ., command: {cart!r}}}\n"
    assert len(found(SUBCOMMANDS | {"compose.yaml": compose})) == 1


def test_sub_commands_without_code_of_their_own_stay_one_service() -> None:
    files = {path: text for path, text in SUBCOMMANDS.items() if not path.startswith("internal/")}
    assert len(found(files)) == 1


RELAYED = (
    "services:\n  cart:\n    build: cart\n    environment:\n      POSTGRES_HOST: cart-db\n"
    "      ADDED_TOPIC: cart.item.added\n  mail:\n    build: mail\n    environment:\n"
    "      MAIL_QUEUE: mail-q\n      SHOP_EXCHANGE: shop\n      MAIL_KEYS: 'cart.item.*'\n"
    "  stock:\n    build: stock\n    environment:\n"
    "      MAIL_QUEUE: stock-q\n      SHOP_EXCHANGE: shop\n      MAIL_KEYS: 'stock.#'\n"
    "  cart-db: {image: 'postgres:16'}\n  other-db: {image: 'postgres:16'}\n"
    "  relay:\n    image: example.org/outbox-relay\n    environment:\n"
    "      RELAY_DATABASE_HOSTNAME: cart-db\n      RELAY_AMQP_EXCHANGE: shop\n"
)
CONSUMER = (
    "import amqp from 'amqplib'\nimport { MAIL_QUEUE, SHOP_EXCHANGE, MAIL_KEYS } from './env'\n"
    "await channel.bindQueue(MAIL_QUEUE, SHOP_EXCHANGE, MAIL_KEYS)\nawait channel.consume(MAIL_QUEUE, on)\n"
)
CONSUMER_ENV = "".join(
    f"export const {name} = readEnvOrDie('{name}')\n" for name in ("MAIL_QUEUE", "SHOP_EXCHANGE", "MAIL_KEYS")
)
NODE = '{"name": "x", "scripts": {"start": "node ."}}'


def relayed(compose: str = RELAYED, leaves: str = "insertEvent(client, ADDED_TOPIC, item)") -> set[str]:
    files = {"compose.yaml": compose}
    for name in ("cart", "mail", "stock"):
        files |= {f"{name}/Dockerfile": "FROM node\n", f"{name}/package.json": NODE}
        if name != "cart":
            files |= {f"{name}/src/consumer.ts": CONSUMER, f"{name}/src/env.ts": CONSUMER_ENV}
    files["cart/src/env.ts"] = "export const ADDED_TOPIC = readEnvOrDie('ADDED_TOPIC')\n"
    files["cart/src/outboxPublisher.ts"] = (
        f"import {{ ADDED_TOPIC }} from './env'\nexport const added = () => {leaves}\n"
    )
    return {f"{one[0]} {one[1]} {one[2]}" for one in pairs(files) if one[2].startswith("amqp:")}


def test_what_a_service_leaves_in_its_outbox_is_published_by_it() -> None:
    assert relayed() == {"mail cart amqp:shop"}


@pytest.mark.parametrize(
    ("compose", "leaves"),
    [
        (RELAYED.replace("HOSTNAME: cart-db", "HOSTNAME: other-db"), "insertEvent(client, ADDED_TOPIC, 1)"),
        (
            RELAYED.replace("outbox-relay", "backup").replace("relay:", "backup:"),
            "insertEvent(c, ADDED_TOPIC)",
        ),
        (RELAYED, "null // insertEvent(client, ADDED_TOPIC, item)"),
        (RELAYED, "log(ADDED_TOPIC)"),
    ],
)
def test_what_no_relay_hands_on_is_not_published(compose: str, leaves: str) -> None:
    assert relayed(compose, leaves) == set()


def routed(arguments: str, code: str, rule: str = "PathPrefix(`/api/cart`)") -> list[tuple[str, ...]]:
    compose = (
        f"services:\n  web:\n    build:\n      context: web\n      args:\n        {arguments}\n    labels:\n"
        '      - "traefik.http.routers.web.rule=PathPrefix(`/`)"\n  cart:\n    build: cart\n    labels:\n'
        f'      - "traefik.http.routers.cart.rule={rule}"\n  stock:\n    build: stock\n    labels:\n'
        "      traefik.http.routers.stock.rule: PathPrefix(`/api/cart-stock`)\n"
        "  edge:\n    image: traefik:3\n    ports: ['9000:80']\n"
    )
    return [
        one
        for one in pairs(
            {
                "compose.yaml": compose,
                "web/Dockerfile": "FROM node\nARG CART_URL\n",
                "web/package.json": NODE,
                "web/src/env.ts": code,
                "cart/Dockerfile": "FROM golang\n",
                "cart/main.go": GO,
                "stock/Dockerfile": "FROM golang\n",
                "stock/main.go": GO,
            }
        )
        if one[1] != "edge"
    ]


READ = "export const url = process.env.CART_URL\n"
TO_CART = [("web", "cart", "http", "proven")]


@pytest.mark.parametrize("value", ["/api/cart", "/api/cart/items", "http://localhost:9000/api/cart"])
def test_a_path_on_the_proxy_is_the_service_whose_label_routes_it(value: str) -> None:
    assert routed(f"CART_URL: {value}", READ) == TO_CART


def test_an_address_of_the_proxy_in_code_is_followed_by_its_path() -> None:
    code = "export const cart = axios.create({ baseURL: 'http://edge/api/cart' })\n"
    assert routed("OTHER: x", code, "Host(`a.example`) && PathPrefix(`/api/cart/`)") == TO_CART


@pytest.mark.parametrize("value", ["/api/carts", "/api", "/", "http://localhost:8000/api/cart", "api/cart"])
def test_other_paths_and_other_hosts_lead_nowhere(value: str) -> None:
    assert routed(f"CART_URL: {value}", READ) == []


RABBIT = (
    "import org.springframework.amqp.core.*; class C { P properties;\n"
    "@Bean TopicExchange ex() { return new TopicExchange(properties.getShopExchange()); }\n"
    "@Bean Queue q() { return QueueBuilder.durable(properties.addedQueue()).build(); }\n"
    "@Bean Binding b() { return BindingBuilder.bind(q()).to(ex()).with(properties.addedKey()); } }\n"
)
SENDS = (
    "import org.springframework.amqp.rabbit.core.RabbitTemplate; class S { P properties;\n"
    "void a() { rabbitTemplate.convertAndSend(properties.shopExchange(), properties.addedKey(), e); } }\n"
)
LISTENS = 'class L { @RabbitListener(queues = "${mail.added-queue}") void on(E e) {} }\n'


@pytest.mark.parametrize(("key", "meets"), [("cart.added", True), ("cart.removed", False)])
def test_getters_of_a_class_of_settings_are_the_settings(key: str, meets: bool) -> None:
    own = "src/main/resources/application.properties"
    files = {
        "compose.yaml": "services:\n  cart: {build: cart}\n  mail: {build: mail}\n",
        f"cart/{own}": f"cart.shop-exchange=shop\ncart.added-key={key}\n",
        f"mail/{own}": "mail.shop-exchange=shop\nmail.added-key=cart.added\nmail.added-queue=added\n",
        "cart/src/main/java/S.java": SENDS,
        "mail/src/main/java/C.java": RABBIT,
        "mail/src/main/java/L.java": LISTENS,
        "cart/Dockerfile": "FROM openjdk\n",
        "mail/Dockerfile": "FROM openjdk\n",
    }
    assert pairs(files) == ([("mail", "cart", "amqp:shop", "proven")] if meets else [])


def zuul(repository: str, **more: str) -> dict[str, str]:
    """A gateway before two services, whose configuration server reads a repository."""
    eureka = "implementation 'spring-cloud-starter-netflix-eureka-client'\n"
    files = {"config/src/App.java": "@EnableConfigServer @SpringBootApplication class App {}\n"}
    files["config/src/main/resources/application.yml"] = (
        f"spring: {{cloud: {{config: {{server: {{git: {{uri: '{repository}'}}}}}}}}}}\n"
    )
    for name in ("gate", "cart", "mail"):
        zuul = "@EnableZuulProxy " if name == "gate" else ""
        files[f"{name}/src/App.java"] = f"{zuul}@SpringBootApplication class App {{}}\n"
        files[f"{name}/build.gradle"] = eureka
        files[f"{name}/src/main/resources/bootstrap.yml"] = (
            f"spring: {{application: {{name: {name}}}, cloud: {{config: {{uri: 'http://config:8888'}}}}}}\n"
        )
    files |= {f"{name}/Dockerfile": "FROM openjdk\n" for name in ("config", "gate", "cart", "mail")}
    compose = "".join(f"  {name}: {{build: {name}}}\n" for name in ("config", "gate", "cart", "mail"))
    files["compose.yaml"] = f"services:\n{compose}"
    return files | {path.replace("__", "/"): text for path, text in more.items()}


DOCUMENTS = {"gate/src/Docs.java": 'class Docs { String cart = "/cart/v2/api-docs"; }\n'}
REMOTE = "https://git.example/shop/config"
GIVEN = {
    "conf__gate.yml": "ribbon.ReadTimeout: 5000\n",
    "gate__src__main__resources__bootstrap.yml": "spring:\n  application:\n    name: gate\n"
    "  cloud:\n    config:\n      uri: http://config:8888\n",
}


def test_a_gateway_with_routes_elsewhere_fronts_what_its_code_lists_and_the_rest_is_told() -> None:
    graph = edges(zuul(REMOTE) | DOCUMENTS)
    assert [(one.consumer, one.provider) for one in graph.all] == [("gate", "cart")]
    assert any("what else gate routes to" in one.what for one in graph.undecided)


@pytest.mark.parametrize("files", [zuul("file:///config", **GIVEN) | DOCUMENTS, zuul(REMOTE)])
def test_else_a_gateway_fronts_everything_that_registers(files: dict[str, str]) -> None:
    graph = edges(files)
    assert {(one.consumer, one.provider) for one in graph.all} == {("gate", "cart"), ("gate", "mail")}
    assert graph.undecided == ()


AMQP = 'package main\n\nimport amqp "github.com/rabbitmq/amqp091-go"\n\nfunc main() {\n'
GOLEVELUP = "import { AmqpConnection } from '@golevelup/nestjs-rabbitmq'\n"
CLIENT = "import { Connection } from 'rabbitmq-client'\n"
MANAGER = "import amqp from 'amqp-connection-manager'\n"


@pytest.mark.parametrize(
    ("name", "writes", "reads", "meets"),
    [
        (
            "main.go",
            AMQP + 'q, err := ch.QueueDeclare("orders", false)\nch.Publish("", q.Name, false, false, m)\n}\n',
            AMQP + 'q, _ := ch.QueueDeclare(\n\t"orders", true)\nch.Consume(q.Name, "", true)\n}\n',
            "amqp:orders",
        ),
        (
            "main.go",
            AMQP + 'q, err := ch.QueueDeclare("orders", false)\nch.Publish("", q.Name, false, false, m)\n}\n',
            AMQP + 'q, _ := ch.QueueDeclare("others", true)\nch.Consume(q.Name, "", true)\n}\n',
            "",
        ),
        (
            "main.go",
            AMQP
            + 'q, err := ch.QueueDeclare( // made, if it is not there\n\t"orders", // its name\n\tfalse)\n'
            'ch.Publish(\n\t"", // exchange\n\tq.Name, // key (of the queue)\n\tfalse, false, m)\n}\n',
            AMQP + 'ch.Consume(\n\t// the queue\n\t"orders", // its name\n\t"", true)\n}\n',
            "amqp:orders",
        ),
        (
            "src/a.ts",
            GOLEVELUP + "this.amqpConnection.publish('shop', 'order.paid', m)\n",
            GOLEVELUP
            + "@RabbitSubscribe({ exchange: 'shop', routingKey: 'order.*', queue: 'mails' })\non() {}\n",
            "amqp:shop",
        ),
        (
            "src/a.ts",
            GOLEVELUP + "this.amqpConnection.publish('shop', 'order.paid', m)\n",
            GOLEVELUP
            + "@RabbitSubscribe({ exchange: 'shop', routingKey: 'item.*', queue: 'mails' })\non() {}\n",
            "",
        ),
        (
            "src/a.ts",
            CLIENT + "await pub.send({ exchange: 'shop', routingKey: 'a.b' }, m)\n",
            CLIENT + "rabbit.createConsumer({ queue: 'mails', queueBindings: [{ exchange: 'shop', "
            "routingKey: 'a.*' }] }, on)\n",
            "amqp:shop",
        ),
        (
            "src/a.ts",
            MANAGER + "await this.channelWrapper.sendToQueue('orders', m)\n",
            MANAGER + "await this.channelWrapper.consume('orders', on)\n",
            "amqp:orders",
        ),
    ],
)
def test_clients_of_rabbitmq(name: str, writes: str, reads: str, meets: str) -> None:
    files = {"compose.yaml": "services:\n  cart: {build: cart}\n  mail: {build: mail}\n"}
    for service, text in (("cart", writes), ("mail", reads)):
        files |= {f"{service}/Dockerfile": "FROM scratch\n", f"{service}/{name}": text}
        files[f"{service}/package.json" if name.endswith("ts") else f"{service}/go.mod"] = NODE
    assert pairs(files) == ([("mail", "cart", meets, "proven")] if meets else [])


CALLS_MAIL = {
    "cart/src/Mails.java": '@FeignClient("mail") interface Mails {}\n',
    "compose.yaml": zuul(REMOTE)["compose.yaml"].replace(
        "{build: gate}", "{build: gate, ports: ['9443:8765']}"
    ),
}


def test_what_others_call_is_only_declared_where_the_routes_are_elsewhere() -> None:
    for repository in (REMOTE, "file:///${PWD}/../config", "/config"):
        graph = edges(zuul(repository) | CALLS_MAIL)
        tiers = {(one.consumer, one.provider): one.tier.value for one in graph.all}
        assert tiers == {
            ("gate", "cart"): "proven",
            ("gate", "mail"): "declared",
            ("cart", "mail"): "proven",
        }


@pytest.mark.parametrize(
    ("script", "leads"),
    [
        (": ${port=9443}\ncurl https://$host:$port/api/items/1\n", False),
        ("PORT=9443\ncurl http://localhost:${PORT}/api/mail/1\n", True),
        ("curl http://localhost:9443/mail/1\n", True),
    ],
)
def test_requests_through_a_gateway_show_where_it_leads(script: str, leads: bool) -> None:
    graph = edges(zuul(REMOTE) | CALLS_MAIL | {"try.sh": script})
    found = {(one.consumer, one.provider): one.tier.value for one in graph.all}
    assert found["gate", "cart"] == "proven"
    assert found.get(("gate", "mail")) == ("proven" if leads else None)
    assert any("what else gate routes to" in one.what for one in graph.undecided)


@pytest.mark.parametrize(
    "script", ["curl http://localhost:8080/api/items\n", "curl http://localhost:9443/actuator/health\n"]
)
def test_other_requests_show_nothing(script: str) -> None:
    graph = edges(zuul(REMOTE) | CALLS_MAIL | {"try.sh": script})
    assert ("gate", "mail", "declared") in {(one.consumer, one.provider, one.tier.value) for one in graph.all}
